/* SPDX-License-Identifier: MIT */
/*
 * poll: the rows that a poller follows, by id, and the reading of records from its input. A bad
 * line of the input is reported and counts as 65.
 */
#include "commands/poll_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/sorted.h"
#include "base/time.h"
#include "life/life.h"
#include "life/schedule.h"

#define SAMPLES 200
#define TIMES_LAST \
	(5 * SK_MINUTE) /* how long an office's own times are used before they are read again */
#define UNKNOWN_WAIT (20 * SK_MINUTE) /* after this time lists have shown whatever they can */

void
sk_watches_init(struct sk_watches *watches, struct sk_store *store, int64_t every)
{
	memset(watches, 0, sizeof(*watches));
	watches->store = store;
	watches->every = every;
}

static void
free_watch(struct sk_watch *watch)
{
	free(watch->asked);
	free(watch->writeback_id);
}

void
sk_watches_fini(struct sk_watches *watches)
{
	for (size_t i = 0; i < watches->n_times; i++) {
		free(watches->times[i]->office_id);
		free(watches->times[i]->durations);
		free(watches->times[i]);
	}
	free(watches->times);
	for (size_t i = 0; i < watches->n; i++)
		free_watch(&watches->watch[i]);
	for (size_t i = 0; i < watches->n_files; i++)
		free(watches->files[i]);
	free(watches->files);
	free(watches->watch);
	memset(watches, 0, sizeof(*watches));
}

static bool is_overdue(struct sk_watches *watches, const struct sk_writeback *row);

static int
compare_id(const void *id, const void *watch)
{
	int64_t key = *(const int64_t *)id, other = ((const struct sk_watch *)watch)->id;

	return (key > other) - (key < other);
}

/* The index of id, or the index where it would be inserted. */
static size_t
place_of(const struct sk_watches *watches, int64_t id)
{
	return sk_sorted_place(&id, watches->watch, watches->n, sizeof(*watches->watch),
	    compare_id);
}

struct sk_watch *
sk_watches_find(const struct sk_watches *watches, int64_t id)
{
	size_t place = place_of(watches, id);

	return place < watches->n && watches->watch[place].id == id ? &watches->watch[place] : NULL;
}

/* The name as it stays, whatever becomes of the record that it was read from. */
static const char *
keep_file(struct sk_watches *watches, const char *file)
{
	if (file == NULL)
		return NULL;
	for (size_t i = watches->n_files; i-- > 0;)
		if (strcmp(watches->files[i], file) == 0)
			return watches->files[i];
	watches->files = sk_mem_grow(watches->files, watches->n_files + 1, &watches->files_room,
	    sizeof(*watches->files));
	return watches->files[watches->n_files++] = sk_mem_copy(file);
}

static void
add_asked(struct sk_watches *watches, struct sk_watch *watch, const struct sk_asked *asked)
{
	struct sk_asked *added;

	watch->asked = sk_mem_grow(watch->asked, watch->n_asked + 1, &watch->asked_room,
	    sizeof(*watch->asked));
	added = &watch->asked[watch->n_asked++];
	*added = asked != NULL ? *asked : (struct sk_asked){0};
	added->origin.file = keep_file(watches, added->origin.file);
}

static struct sk_watch *
insert(struct sk_watches *watches, int64_t id)
{
	size_t place = place_of(watches, id);
	struct sk_watch *watch;

	watches->watch =
	    sk_mem_grow(watches->watch, watches->n + 1, &watches->room, sizeof(*watches->watch));
	watch = &watches->watch[place];
	memmove(watch + 1, watch, (watches->n - place) * sizeof(*watch));
	watches->n++;
	*watch = (struct sk_watch){.id = id};
	return watch;
}

/* A new one. Where it isn't wanted if it is over, it is left out then. */
static void
add_new(struct sk_watches *watches, int64_t id, const struct sk_asked *asked, int64_t due,
    bool also_over)
{
	struct sk_writeback row = {0};
	struct sk_error ignored = {0};
	bool is_read = sk_store_writeback_get(watches->store, id, &row, &ignored) == 1;
	bool is_over = is_read && sk_watch_is_over(&row);
	struct sk_watch *watch;

	if (also_over || !is_over) {
		watch = insert(watches, id);
		add_asked(watches, watch, asked);
		/* If the row can't be read now, it is due at once, and printed then. */
		if (is_read)
			watch->told = row.result;
		if (is_read && due < 0 && !is_over && !is_overdue(watches, &row))
			sk_watches_schedule(watches, watch, &row);
	}
	sk_writeback_fini(&row);
}

void
sk_watches_add(struct sk_watches *watches, int64_t id, const struct sk_asked *asked, int64_t due)
{
	struct sk_watch *watch = sk_watches_find(watches, id);

	if (watch != NULL)
		add_asked(watches, watch, asked);
	else
		add_new(watches, id, asked, due, true);
}

void
sk_watches_add_living(struct sk_watches *watches, int64_t id, int64_t due)
{
	if (sk_watches_find(watches, id) == NULL)
		add_new(watches, id, NULL, due, false);
}

void
sk_watches_drop(struct sk_watches *watches, struct sk_watch *watch)
{
	size_t place = (size_t)(watch - watches->watch);

	free_watch(watch);
	memmove(watch, watch + 1, (watches->n - place - 1) * sizeof(*watch));
	watches->n--;
}

static int
compare_offices(const void *office_id, const void *times)
{
	return strcmp(office_id, (*(struct sk_office_times *const *)times)->office_id);
}

static struct sk_office_times *
place_of_office(struct sk_watches *watches, const char *office_id)
{
	struct sk_office_times **found, *times;
	size_t at = watches->n_times;

	found = watches->n_times == 0 ? NULL
				      : bsearch(office_id, watches->times, watches->n_times,
					    sizeof(struct sk_office_times *), compare_offices);
	if (found != NULL)
		return *found;
	times = sk_mem_zero(1, sizeof(*times));
	times->office_id = sk_mem_copy(office_id);
	watches->times = sk_mem_grow(watches->times, watches->n_times + 1, &watches->times_room,
	    sizeof(struct sk_office_times *));
	for (; at > 0 && strcmp(watches->times[at - 1]->office_id, office_id) > 0; at--)
		watches->times[at] = watches->times[at - 1];
	watches->times[at] = times;
	watches->n_times++;
	return times;
}

/* Read anew every now and then: who follows for days learns as well. */
static const struct sk_office_times *
learn(struct sk_watches *watches, struct sk_office_times *times)
{
	int64_t now = sk_time_monotonic(), *durations;
	struct sk_error ignored = {0};
	size_t n;

	if (times->read_at != 0 && now - times->read_at < TIMES_LAST)
		return times;
	if (sk_store_writebacks_durations(watches->store, times->office_id, SAMPLES, &durations, &n,
		&ignored) != 0)
		return times;
	free(times->durations);
	times->durations = durations;
	times->n = n;
	times->read_at = now;
	return times;
}

/* When its age began. */
static int64_t
begin_of(const struct sk_writeback *row)
{
	return row->submitted_at != 0 ? row->submitted_at : row->queued_at;
}

/* How long from now until the next check of a row that isn't pending, when it was checked just now. */
static int64_t
pause_for(const struct sk_writeback *row)
{
	if (row->result == SK_QUEUED || row->result == SK_SUBMITTING)
		return 2 * SK_SECOND;
	return sk_time_now() - row->unknown_at < SK_MINUTE ? 20 * SK_SECOND : SK_LIFE_LOOK;
}

/* Whether nobody has looked at a pending row when a check was due. */
static bool
is_overdue(struct sk_watches *watches, const struct sk_writeback *row)
{
	int64_t checked = row->last_checked_at != 0 ? row->last_checked_at - begin_of(row) : 0;
	const struct sk_office_times *times;

	if (watches->every > 0 || row->result != SK_PENDING)
		return false;
	times = learn(watches, place_of_office(watches, row->office_id));
	return sk_schedule_next(checked > 0 ? checked : 0, times->durations, times->n) <=
	    sk_time_now() - begin_of(row);
}

/*
 * What a list needs to know of a row that is pending, and nothing of any other one. A row whose status doesn't know its
 * id is asked for until three answers in a row say so: of what a list shows in between nothing would be recorded.
 */
static void
note_pending(struct sk_watches *watches, struct sk_watch *watch, const struct sk_writeback *row)
{
	bool is_pending = row->result == SK_PENDING && row->writeback_id != NULL,
	     may_be_listed = is_pending && row->gone_looks == 0;

	watch->waits_for_list = false;
	watch->submitted_at = is_pending ? begin_of(row) : 0;
	watch->office = is_pending ? place_of_office(watches, row->office_id) : NULL;
	if (may_be_listed && watch->writeback_id != NULL &&
	    strcmp(watch->writeback_id, row->writeback_id) == 0)
		return;
	free(watch->writeback_id);
	watch->writeback_id = may_be_listed ? sk_mem_copy(row->writeback_id) : NULL;
	watch->is_unlisted = false;
}

void
sk_watches_schedule(struct sk_watches *watches, struct sk_watch *watch,
    const struct sk_writeback *row)
{
	note_pending(watches, watch, row);
	if (watches->every > 0)
		watch->due = sk_time_monotonic() + watches->every;
	else if (watch->office == NULL)
		watch->due = sk_time_monotonic() + pause_for(row);
	else
		sk_watches_put_off(watches, watch, 0);
}

void
sk_watches_put_off(struct sk_watches *watches, struct sk_watch *watch, int64_t ago)
{
	const struct sk_office_times *times = learn(watches, watch->office);
	int64_t begun = sk_time_monotonic() - (sk_time_now() - watch->submitted_at);
	int64_t age = sk_time_now() - ago - watch->submitted_at;

	if (watches->every > 0)
		return;
	watch->since = begun + sk_schedule_since(age, times->durations, times->n);
	watch->due = begun + sk_schedule_next(age, times->durations, times->n);
}

static bool
is_one_of(const struct sk_watch *watch, enum sk_watches_which which, int64_t now)
{
	if (which == SK_WATCHES_ALL)
		return true;
	return watch->due <= now && !watch->waits_for_list &&
	    watch->is_unlisted == (which == SK_WATCHES_DUE_UNLISTED);
}

size_t
sk_watches_due(const struct sk_watches *watches, enum sk_watches_which which, size_t most,
    int64_t **ids)
{
	int64_t now = sk_time_monotonic();
	size_t n = 0;

	*ids = sk_mem_zero(watches->n + 1, sizeof(**ids));
	for (size_t i = 0; i < watches->n && (n < most || which == SK_WATCHES_ALL); i++)
		if (is_one_of(&watches->watch[i], which, now))
			(*ids)[n++] = watches->watch[i].id;
	if (n == 0) {
		free(*ids);
		*ids = NULL;
	}
	return n;
}

int64_t
sk_watches_next(const struct sk_watches *watches, int64_t latest)
{
	for (size_t i = 0; i < watches->n; i++)
		if (watches->watch[i].due < latest && !watches->watch[i].waits_for_list)
			latest = watches->watch[i].due;
	return latest;
}

bool
sk_watch_is_over(const struct sk_writeback *row)
{
	if (SK_MASK(row->result) & SK_ENDED)
		return true;
	return row->result == SK_UNKNOWN &&
	    (row->writeback_id != NULL || sk_time_now() - row->unknown_at > UNKNOWN_WAIT);
}
