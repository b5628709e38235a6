/* SPDX-License-Identifier: MIT */
/*
 * life: reads the server's list (/writebacks), numbered and one at a time among all processes. A
 * list that isn't whole, or shows an entry without an id or twice, is marked: it then proves
 * nothing about what it lacks.
 */
#include "life/check_list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "store/event.h"
#include "calls/pages.h"
#include "life/life.h"

#define PAGE 5000
#define LOCK_WAIT (90 * SK_SECOND)
#define DATES 7 /* that one list may span, with its first and its last */
#define LISTS_BEGUN "lists_begun"
#define UNDATED_AGAIN (30 * SK_DAY) /* it is told again */

static int
take_lock(struct sk_pool *pool, struct sk_error *err)
{
	int64_t end = sk_time_monotonic() + LOCK_WAIT;

	for (;;) {
		int taken = sk_lock_try(sk_pool_session(pool)->lock, SK_LOCK_LIST, 0, err);

		if (taken != 0)
			return taken;
		if (sk_time_monotonic() > end)
			return sk_error_set(err, SK_EXIT_TRY_LATER,
			    "another process has been reading the list of writebacks for too long");
		if (sk_pool_sleep(pool, 100 + sk_time_jitter(100), err) != 0)
			return -1;
	}
}

static int
collect(void *arg, json_t *record, struct sk_error *err)
{
	(void)err;
	json_array_append(arg, record);
	return 0;
}

static int
read_pages(struct sk_pool *pool, struct sk_listing *list, struct sk_error *err)
{
	char first[SK_TIME_DAY], last[SK_TIME_DAY];
	const struct sk_api_parameter days[] = {{"startdate", first}, {"enddate", last}};
	struct sk_pages pages = {.kind = SK_CALL_POLL,
	    .path = "/writebacks",
	    .parameters = days,
	    .n_parameters = 2,
	    .page_size = PAGE,
	    .record = collect,
	    .arg = list->records};
	int result;

	/*
	 * The server's dates have no zone: so one day more on either side. The window has 7 days in
	 * all.
	 */
	sk_time_day(list->from, first);
	sk_time_day(list->begun_at + SK_DAY, last);
	result = sk_pages_read(pool, &pages, err);
	list->is_undated = pages.is_undated;
	sk_pages_fini(&pages);
	if (result != 0)
		return -1;
	/* An empty list is answered in its own way: 204, without counts that could be compared. */
	list->whole = sk_api_pages_whole(&pages.list) ||
	    (pages.list.ended && !pages.list.torn && pages.list.seen == 0);
	sk_out_verbose("read %zu writebacks from the list since %s%s",
	    json_array_size(list->records), first,
	    list->whole ? "" : "; it changed while it was read and proves nothing");
	return 0;
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A list that moved while it was read may show one entry twice, and then it lacks another. */
static bool
has_repeated_ids(const struct sk_listing *list)
{
	const char **ids = sk_mem_zero(list->n + 1, sizeof(*ids));
	bool repeated = false;

	for (size_t i = 0; i < list->n; i++)
		ids[i] = list->listed[i].id;
	qsort(ids, list->n, sizeof(*ids), compare_ids);
	for (size_t i = 1; i < list->n; i++)
		repeated |= strcmp(ids[i - 1], ids[i]) == 0;
	free(ids);
	return repeated;
}

/*
 * Parses the entries. One without an id makes the list incomplete, since it could be any row's
 * request.
 */
static void
read_entries(struct sk_listing *list)
{
	size_t n = json_array_size(list->records);

	list->listed = sk_mem_zero(n + 1, sizeof(*list->listed));
	list->owned = sk_mem_zero(n + 1, sizeof(*list->owned));
	for (size_t i = 0; i < n; i++) {
		const json_t *record = json_array_get(list->records, i);

		if (sk_api_read_listed(record, &list->listed[list->n]) == 0)
			list->n++;
		else
			list->whole = 0; /* it could be any row's request */
	}
	if (has_repeated_ids(list))
		list->whole = 0;
}

/*
 * An entry may have the id of a row and be another request: the server has given the id once more, or
 * its count began anew. And what was taken over from a list may be any row's, as long as no request
 * has turned out to be its.
 */
static int
ownership_by(struct sk_session *session, int64_t row, const struct sk_listing *list, size_t entry,
    struct sk_error *err)
{
	struct sk_writeback owner = {0};
	int owned = SK_OWNED;

	if (sk_store_writeback_get(session->store, row, &owner, err) != 1)
		return -1;
	if (owner.unclaimed || !sk_alike_may_be_kind(&owner, &list->listed[entry]) ||
	    (owner.submitted_at != 0 && list->begun_at - owner.submitted_at >= SK_LIFE_FORGETS))
		owned = SK_OWNED_IN_DOUBT;
	sk_writeback_fini(&owner);
	return owned;
}

int
sk_check_list_mark_owned(struct sk_session *session, struct sk_listing *list, struct sk_error *err)
{
	for (size_t i = 0; i < list->n; i++) {
		int64_t row;
		int owned;

		if (list->owned[i] != SK_OWNED_BY_NOBODY)
			continue;
		owned = sk_store_writeback_owner(session->store, list->listed[i].id, &row, err);
		if (owned == 1)
			owned = ownership_by(session, row, list, i, err);
		if (owned < 0)
			return -1;
		list->owned[i] = owned;
	}
	return 0;
}

int
sk_check_list_is_latest(struct sk_session *session, const struct sk_listing *list,
    struct sk_error *err)
{
	int64_t last = 0;

	if (sk_store_fact_get(session->store, LISTS_BEGUN, &last, err) != 0)
		return -1;
	return last == list->number;
}

/*
 * In a section: one more than the larger of the state file's and its twin's number. A copy of the state
 * file that was put back has an older number; a list that begins after that mustn't follow one that the
 * lost file has counted already.
 */
static int
take_number(struct sk_session *session, struct sk_listing *list, struct sk_error *err)
{
	int64_t number = 0;

	if (sk_store_fact_get(session->store, LISTS_BEGUN, &number, err) != 0)
		return -1;
	if (session->section.twin.list > number)
		number = session->section.twin.list;
	list->number = number + 1;
	sk_section_note_list(session, list->number);
	return sk_store_fact_set(session->store, LISTS_BEGUN, list->number, err);
}

/*
 * Lists are numbered, and the number is taken here, in a commit before the first page is asked for.
 *
 * One list in a row may be torn: while its pages are read, entries move from one page to the next
 * and one is missed. So a row is declared not received only when two lists lack it that follow one
 * another, with no other list between them. What if the numbers were given at the end, when a list
 * is settled? Process A reads list 1, which is torn and lacks the row. Process B reads a list that
 * shows the row, and dies (or is stopped) before it writes what it saw. A reads another torn list.
 * It would get number 2, and the row would count as absent and be sent a second time. As the number
 * is taken first, and for good, B's list keeps number 2 although nothing came of it, and A's second
 * list is number 3: it doesn't follow list 1, so counting begins anew.
 *
 * The same number decides who may write: sk_check_list_is_latest asks inside the settling
 * transaction whether a later list has begun, because that one may have seen more.
 *
 * The list's days are widened here as well, in the same transaction: lists follow one another for
 * each row that only a list can settle, so each list has to cover the oldest of them.
 */
int
sk_check_list_begin(struct sk_session *session, int64_t from, struct sk_listing *list,
    struct sk_error *err)
{
	struct sk_store *store = session->store;
	int64_t oldest = 0, earliest;

	if (sk_section_begin(session, err) != 0)
		return -1;
	if (take_number(session, list, err) != 0 ||
	    /* no list proves anything about a row that is older */
	    sk_store_writebacks_oldest_unsettled(store, sk_time_now() - SK_LIFE_FORGETS, &oldest,
		err) != 0)
		return sk_section_end(session, -1, err);
	if (sk_section_end(session, 0, err) != 0)
		return -1;
	list->begun_at = sk_time_now();
	if (oldest != 0 && oldest < from)
		from = oldest;
	/* The list ends with tomorrow's date. */
	earliest = list->begun_at + SK_DAY - (DATES - 1) * SK_DAY;
	list->from = from - SK_DAY > earliest ? from - SK_DAY : earliest;
	return 0;
}

/*
 * A list that couldn't be read settles nothing, so its number goes to the next one. Nobody else can
 * have taken a number meanwhile: we hold the lock of lists.
 */
static void
take_back(struct sk_session *session, const struct sk_listing *list)
{
	struct sk_error ignored = {0};
	int result;

	if (sk_section_begin(session, &ignored) != 0)
		return;
	sk_section_note_list(session, list->number - 1);
	result = sk_store_fact_set(session->store, LISTS_BEGUN, list->number - 1, &ignored);
	sk_section_end(session, result, &ignored);
}

/*
 * How long a row has been unknown is a matter of the server's clock. Where it doesn't tell the time,
 * rows stay unknown for as long as nobody decides about them: a person should know why.
 */
static int
tell_undated(struct sk_session *session, struct sk_error *err)
{
	const struct sk_event_once event = {.kind = SK_EVENT_NO_DATE,
	    .within = UNDATED_AGAIN,
	    .text = "the server's answers have no Date, so the list proves no absence: what is "
		    "unknown and isn't listed stays unknown until sikka-sweep --resolve decides "
		    "about it"};

	return sk_event_make_once(session->store, &event, err);
}

/*
 * When it began is told by the server's clock as it is known now: this may be the first answer to
 * this process.
 */
static int
take_time(struct sk_session *session, struct sk_listing *list, int64_t begun, struct sk_error *err)
{
	list->begun_at = sk_time_at(begun);
	return list->is_undated ? tell_undated(session, err) : 0;
}

int
sk_check_list_read(struct sk_pool *pool, int64_t from, struct sk_listing *list,
    struct sk_error *err)
{
	int64_t begun;
	int result;

	memset(list, 0, sizeof(*list));
	if (take_lock(pool, err) != 1)
		return -1;
	list->records = json_array();
	result = sk_check_list_begin(sk_pool_session(pool), from, list, err);
	begun = sk_time_boot();
	if (result == 0 && read_pages(pool, list, err) != 0) {
		take_back(sk_pool_session(pool), list);
		result = -1;
	}
	if (result == 0)
		result = take_time(sk_pool_session(pool), list, begun, err);
	sk_lock_release(sk_pool_session(pool)->lock, SK_LOCK_LIST, 0);
	if (result == 0)
		read_entries(list);
	else
		sk_listing_fini(list);
	return result;
}
