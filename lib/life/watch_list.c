/* SPDX-License-Identifier: MIT */
/*
 * life: measures how late requests are listed, and lists that are torn one after another. What can be
 * seen lies between two figures: the lower one is taken. The upper one grows with the time between two
 * lists, and would be an alarm without a cause.
 */
#include "life/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/absences.h"
#include "store/measures.h"
#include "life/check_list.h"
#include "life/life.h"

#define REACH SK_DAY /* a request that was sent earlier isn't watched any more */

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The list's ids, in order; the array is the caller's. */
static const char **
ids_of(const struct sk_listing *list)
{
	const char **ids = sk_mem_zero(list->n + 1, sizeof(*ids));

	for (size_t i = 0; i < list->n; i++)
		ids[i] = list->listed[i].id;
	if (list->n > 0)
		qsort(ids, list->n, sizeof(*ids), compare_ids);
	return ids;
}

static bool
is_shown(const struct sk_absence *absence, const char *const *ids, size_t n)
{
	return n > 0 && bsearch(&absence->writeback_id, ids, n, sizeof(*ids), compare_ids) != NULL;
}

/* One more list lacks it. watched_at: when the last whole list before this one was begun. */
static void
count_list(struct sk_absence *absence, const struct sk_listing *list, int64_t watched_at)
{
	bool follows = absence->lists > 0 && absence->list == list->number - 1;

	if (absence->lists == 0)
		absence->was_shown = watched_at - absence->submitted_at >= SK_LIFE_LOOK;
	absence->before_at = follows ? absence->last_at : 0;
	absence->lists = follows ? absence->lists + 1 : 1;
	absence->list = list->number;
	absence->last_at = list->begun_at;
}

/*
 * How late a request was listed that lists have lacked before: the last of them was begun so long
 * after it was sent. One list in a row may be torn. So where that would break the bound, two lists
 * that follow one another must have lacked it, and the first of them counts. -1: nothing is known.
 */
static int64_t
lateness(const struct sk_absence *absence)
{
	int64_t late = absence->last_at - absence->submitted_at;

	if (late <= SK_LIFE_TRAVEL)
		return late;
	return absence->before_at != 0 ? absence->before_at - absence->submitted_at : -1;
}

/* The list shows a request that the last one lacked. */
static int
measure_shown(struct sk_store *store, const struct sk_absence *absence, struct sk_error *err)
{
	struct sk_measured measured = {.what = SK_MEASURE_TORN_LISTS,
	    .value = absence->lists,
	    .row = absence->row,
	    .writeback_id = absence->writeback_id};

	if (!absence->was_shown) {
		int64_t late = lateness(absence);

		if (late < 0)
			return 0;
		measured.what = SK_MEASURE_LISTED_LATE;
		measured.value = late / SK_SECOND;
	}
	return sk_store_measure_note(store, &measured, err);
}

static int
watch_one(struct sk_store *store, const struct sk_listing *list, struct sk_absence *absence,
    bool shown, int64_t watched_at, struct sk_error *err)
{
	if (shown) {
		/* One that a clock ahead has left says nothing. */
		if (absence->last_at <= list->begun_at && measure_shown(store, absence, err) != 0)
			return -1;
		absence->lists = 0;
	} else {
		count_list(absence, list, watched_at);
	}
	return sk_store_absence_put(store, absence, err);
}

static bool
has_news(const struct sk_listing *list, const struct sk_absence *absence, bool shown)
{
	if (shown)
		return absence->lists > 0;
	return list->whole && absence->list < list->number;
}

/* In the caller's transaction, or before it: then *n_news only is counted. */
static int
watch_all(struct sk_store *store, const struct sk_listing *list, int64_t watched_at, size_t *n_news,
    struct sk_error *err)
{
	int64_t after = list->begun_at - REACH > list->from ? list->begun_at - REACH : list->from;
	bool writes = sk_store_in_transaction(store);
	struct sk_absence *absences;
	const char **ids;
	size_t n;
	int result = 0;

	*n_news = 0;
	if (sk_store_absences(store, after, list->begun_at - SK_LIFE_LOOK, &absences, &n, err) != 0)
		return -1;
	ids = ids_of(list);
	for (size_t i = 0; i < n && result == 0; i++) {
		bool shown = is_shown(&absences[i], ids, list->n);

		if (!has_news(list, &absences[i], shown))
			continue;
		++*n_news;
		if (writes)
			result = watch_one(store, list, &absences[i], shown, watched_at, err);
	}
	free(ids);
	sk_absences_free(absences, n);
	return result;
}

static int
write_news(struct sk_session *session, const struct sk_listing *list, int64_t watched_at,
    struct sk_error *err)
{
	struct sk_store *store = session->store;
	size_t ignored;
	int result;

	if (sk_store_begin(store, err) != 0)
		return -1;
	result = sk_check_list_is_latest(session, list, err);
	if (result == 1)
		result = watch_all(store, list, watched_at, &ignored, err) != 0 ||
			sk_store_absences_trim(store, list->begun_at - REACH, err) != 0
		    ? -1
		    : 0;
	if (result < 0) {
		sk_store_rollback(store);
		return -1;
	}
	return sk_store_commit(store, err);
}

int
sk_watch_list(struct sk_session *session, const struct sk_listing *list, struct sk_error *err)
{
	struct sk_pulse *pulse = &session->pulse;
	int64_t watched_at = 0;
	size_t n_news;

	if (list->is_undated)
		return 0;
	if (sk_store_fact_get(session->store, SK_PULSE_LIST_WATCHED, &watched_at, err) != 0)
		return -1;
	if (pulse->list_watched_at > watched_at)
		watched_at = pulse->list_watched_at;
	if (watch_all(session->store, list, watched_at, &n_news, err) != 0 ||
	    (n_news > 0 && write_news(session, list, watched_at, err) != 0))
		return -1;
	if (list->whole && list->begun_at > watched_at)
		pulse->list_watched_at = list->begun_at;
	return 0;
}
