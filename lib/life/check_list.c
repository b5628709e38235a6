/* SPDX-License-Identifier: MIT */
/*
 * life: reads the server's list (/writebacks), numbered and one at a time among all processes. Of its
 * parts one that isn't whole makes the list torn: it then proves nothing about what it lacks.
 */
#include "life/check_list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "store/event.h"
#include "store/lists.h"
#include "store/not_ours.h"
#include "store/offices.h"
#include "store/served.h"
#include "life/check_ways.h"
#include "life/days.h"
#include "life/life.h"
#include "life/list_part.h"
#include "life/list_turn.h"

#define UNDATED_AGAIN (30 * SK_DAY) /* it is told again */
#define UNOWNED_KEPT (8 * SK_DAY)   /* longer than any list shows them */
#define OFF SK_DAY                  /* by which a list's time may be corrected: the days' reserve */

/* Moves the entries of a part behind those of the earlier ones. */
static void
add_part(struct sk_listing *list, struct sk_list_part *part)
{
	list->listed =
	    sk_mem_grow(list->listed, list->n + part->n + 1, &list->room, sizeof(*list->listed));
	if (part->n > 0)
		memcpy(&list->listed[list->n], part->listed, part->n * sizeof(*part->listed));
	list->n += part->n;
	part->n = 0;
	list->whole = list->whole && part->whole;
	list->is_undated = list->is_undated || part->is_undated;
	list->n_pages += part->n_pages;
	list->took += part->took;
}

/* Keeps an entry of the list at that place, or drops it. */
static void
keep_or_drop(struct sk_listing *list, size_t from, size_t *to, bool is_kept)
{
	if (is_kept)
		list->listed[(*to)++] = list->listed[from];
	else
		sk_api_listed_fini(&list->listed[from]);
}

/* Before which entry the portion ends that begins with this one: they are read under one lock. */
static size_t
portion_end(const struct sk_listing *list, size_t from)
{
	return list->n - from > SK_STORE_PORTION ? from + SK_STORE_PORTION : list->n;
}

/* Of another host's office what was sent from here before is followed, as long as it may change. 1, 0, -1. */
static int
is_worth_keeping(struct sk_session *session, const struct sk_api_listed *listed,
    struct sk_error *err)
{
	struct sk_office office = {0};
	int64_t row;
	int found;

	if (listed->office_id == NULL || sk_served_has(session, listed->office_id))
		return 1;
	found = sk_store_writeback_owner(session->store, listed->id, &row, err);
	if (found == 0)
		found = sk_store_office_get(session->store, listed->office_id, &office, err);
	sk_office_fini(&office);
	return found;
}

/* Of the entries from from on, before to. After an error all are kept. */
static int
drop_some(struct sk_session *session, struct sk_listing *list, size_t from, size_t to,
    size_t *n_kept, struct sk_error *err)
{
	int result = sk_store_lock_for_reading(session->store, err);

	for (size_t i = from; i < to; i++) {
		int is_kept = result == 0 ? is_worth_keeping(session, &list->listed[i], err) : 1;

		if (is_kept < 0)
			result = -1;
		keep_or_drop(list, i, n_kept, is_kept != 0);
	}
	sk_store_unlock(session->store);
	return result;
}

/* What other hosts of a fleet have sent for their offices is in their state files. */
static int
drop_others(struct sk_session *session, struct sk_listing *list, struct sk_error *err)
{
	size_t n_kept = 0;
	int result = 0;

	for (size_t from = 0, to; from < list->n; from = to) {
		to = portion_end(list, from);
		if (drop_some(session, list, from, to, &n_kept, err) != 0)
			result = -1;
	}
	list->n = n_kept;
	return result;
}

/* Which entries a later one repeats. The caller frees. */
static bool *
find_repeated(const struct sk_listing *list)
{
	struct sk_listing_index *index = sk_listing_index_new(list);
	bool *is_repeated = sk_mem_zero(list->n + 1, sizeof(*is_repeated));

	for (size_t i = 1; i < index->n; i++)
		if (strcmp(index->sorted[i - 1]->id, index->sorted[i]->id) == 0)
			is_repeated[index->sorted[i - 1] - list->listed] = true;
	sk_listing_index_free(index);
	return is_repeated;
}

/* An id that stands in the list twice is one entry, as the later one shows it. */
static void
drop_repeated(struct sk_listing *list)
{
	bool *is_repeated = find_repeated(list);
	size_t n_kept = 0;

	for (size_t i = 0; i < list->n; i++)
		keep_or_drop(list, i, &n_kept, !is_repeated[i]);
	list->n = n_kept;
	free(is_repeated);
}

/* Adds copies of the other one's entries. One that couldn't be read has none. */
static void
add_entries(struct sk_listing *list, const struct sk_listing *other)
{
	list->listed =
	    sk_mem_grow(list->listed, list->n + other->n + 1, &list->room, sizeof(*list->listed));
	for (size_t i = 0; i < other->n; i++)
		sk_api_keep_listed(&other->listed[i], &list->listed[list->n++]);
}

void
sk_check_list_join(const struct sk_listing *first, const struct sk_listing *second,
    struct sk_listing *either)
{
	add_entries(either, first);
	add_entries(either, second);
	drop_repeated(either);
	either->owned = sk_mem_zero(either->n + 1, sizeof(*either->owned));
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
 * When it began is told by the server's clock as it is known now: its first answer may be the first one to
 * this process. Where that makes a difference of a day, other days were asked for than should have been.
 */
static void
take_time(struct sk_listing *list, int64_t begun)
{
	int64_t at = sk_time_at(begun), off = at - list->begun_at;

	if (off > OFF || off < -OFF)
		list->whole = 0;
	list->begun_at = at;
}

/* All parts, one after the other: together they are one list. */
static int
read_parts(struct sk_pool *pool, struct sk_listing *list, struct sk_error *err)
{
	int64_t begun = sk_time_boot();

	list->whole = 1;
	for (size_t i = 0; i < list->n_days; i++) {
		struct sk_list_part part;

		if (sk_list_part_read(pool, &list->days[i], &part, err) != 0)
			return -1;
		add_part(list, &part);
		sk_list_part_fini(&part);
	}
	drop_repeated(list);
	if (sk_pool_session(pool)->config.share.of > 0 &&
	    drop_others(sk_pool_session(pool), list, err) != 0)
		return -1;
	list->owned = sk_mem_zero(list->n + 1, sizeof(*list->owned));
	take_time(list, begun);
	return 0;
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

	if (sk_store_writeback_outline(session->store, row, &owner, err) != 1)
		return -1;
	if (owner.unclaimed || !sk_alike_may_be_kind(&owner, &list->listed[entry]) ||
	    (owner.submitted_at != 0 && list->begun_at - owner.submitted_at >= SK_LIFE_FORGETS))
		owned = SK_OWNED_IN_DOUBT;
	else if (owner.resolved_at != 0)
		owned = SK_OWNED_BY_RESOLVED;
	sk_writeback_fini(&owner);
	return owned;
}

/* The entries from from on, before to. */
static int
mark_owned(struct sk_session *session, struct sk_listing *list, size_t from, size_t to,
    struct sk_error *err)
{
	for (size_t i = from; i < to; i++) {
		int64_t row;
		int owned;

		if (list->owned[i] != SK_OWNED_BY_NOBODY)
			continue;
		owned = sk_store_writeback_owner(session->store, list->listed[i].id, &row, err);
		if (owned == 0)
			owned = sk_store_not_ours_has(session->store, list->listed[i].id, err);
		else if (owned == 1)
			owned = ownership_by(session, row, list, i, err);
		if (owned < 0)
			return -1;
		list->owned[i] = owned;
	}
	return 0;
}

int
sk_check_list_mark_owned(struct sk_session *session, struct sk_listing *list, struct sk_error *err)
{
	int result = 0;

	for (size_t from = 0, to; from < list->n && result == 0; from = to) {
		to = portion_end(list, from);
		if (sk_store_lock_for_reading(session->store, err) != 0)
			return -1;
		result = mark_owned(session, list, from, to, err);
		sk_store_unlock(session->store);
	}
	return result;
}

static int
note_unowned(struct sk_session *session, struct sk_listing *list, struct sk_error *err)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct sk_api_listed *listed = &list->listed[i];
		const struct sk_unowned entry = {.writeback_id = listed->id,
		    .office_id = listed->office_id,
		    .method = listed->method,
		    .api = listed->api_name,
		    .first_list = list->number,
		    .first_seen_at = list->begun_at};

		if (list->owned[i] == SK_OWNED_BY_NOBODY &&
		    sk_store_unowned_note(session->store, &entry, err) != 0)
			return -1;
	}
	return sk_store_unowned_purge(session->store, list->begun_at - UNOWNED_KEPT, err);
}

int
sk_check_list_note(struct sk_session *session, struct sk_listing *list, struct sk_error *err)
{
	if (sk_store_begin(session->store, err) != 0)
		return -1;
	if (sk_check_list_mark_owned(session, list, err) == 0 &&
	    note_unowned(session, list, err) == 0 &&
	    sk_list_turn_note_read(session->store, list->begun_at, err) == 0 &&
	    sk_check_ways_note_list(session->store, list, err) == 0)
		return sk_store_commit(session->store, err);
	sk_store_rollback(session->store);
	return -1;
}

int
sk_check_list_is_latest(struct sk_session *session, const struct sk_listing *list,
    struct sk_error *err)
{
	int64_t last = 0;

	if (sk_store_fact_get(session->store, SK_LISTS_BEGUN, &last, err) != 0)
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

	if (sk_store_fact_get(session->store, SK_LISTS_BEGUN, &number, err) != 0)
		return -1;
	if (session->section.twin.list > number)
		number = session->section.twin.list;
	list->number = number + 1;
	sk_section_note_list(session, list->number);
	return sk_store_fact_set(session->store, SK_LISTS_BEGUN, list->number, err);
}

/*
 * When the list begins, and which days it covers: from that moment on or, if that is earlier, since the
 * oldest row was sent that waits for a list or is looked for.
 */
static int
choose_days(struct sk_session *session, int64_t from, struct sk_listing *list, struct sk_error *err)
{
	int64_t since = 0;

	list->begun_at = sk_time_now();
	if (sk_list_turn_since(session->store, list->begun_at, &since, err) != 0)
		return -1;
	if (since != 0 && since < from)
		from = since;
	list->n_days = sk_days_of_list(from, list->begun_at, list->days, &list->from);
	return 0;
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
 * The list's days are chosen here as well, in the same transaction: lists follow one another for
 * each row that only a list can settle, so each list has to cover the oldest of them.
 */
int
sk_check_list_begin(struct sk_session *session, int64_t from, struct sk_listing *list,
    struct sk_error *err)
{
	if (sk_section_begin(session, err) != 0)
		return -1;
	/* What a list shows counts only for holds that were noted before it began. */
	if (sk_pulse_note_gap(&session->pulse, session->store, err) != 0 ||
	    take_number(session, list, err) != 0 || choose_days(session, from, list, err) != 0 ||
	    sk_list_turn_note_begun(session->store, list->begun_at, err) != 0)
		return sk_section_end(session, -1, err);
	return sk_section_end(session, 0, err);
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
	result = sk_store_fact_set(session->store, SK_LISTS_BEGUN, list->number - 1, &ignored);
	sk_section_end(session, result, &ignored);
}

int
sk_check_list_read_in_turn(struct sk_pool *pool, int64_t from, struct sk_listing *list,
    struct sk_error *err)
{
	struct sk_session *session = sk_pool_session(pool);
	int result;

	memset(list, 0, sizeof(*list));
	result = sk_check_list_begin(session, from, list, err);
	if (result == 0 && read_parts(pool, list, err) != 0) {
		take_back(session, list);
		result = -1;
	}
	if (result == 0 && list->is_undated)
		result = tell_undated(session, err);
	if (result != 0)
		sk_listing_fini(list);
	return result;
}

int
sk_check_list_read(struct sk_pool *pool, int64_t from, struct sk_listing *list,
    struct sk_error *err)
{
	int result;

	if (sk_list_turn_await(pool, err) != 0)
		return -1;
	result = sk_check_list_read_in_turn(pool, from, list, err);
	sk_list_turn_end(sk_pool_session(pool));
	return result;
}

/* What sk_check_list_begin would do, without a number taken. */
static int
foresee(struct sk_session *session, int64_t from, struct sk_listing *list, struct sk_error *err)
{
	int64_t last = 0;

	if (sk_store_fact_get(session->store, SK_LISTS_BEGUN, &last, err) != 0)
		return -1;
	list->number = last + 1;
	return choose_days(session, from, list, err);
}

int
sk_check_list_show(struct sk_pool *pool, int64_t from, struct sk_listing *list,
    struct sk_error *err)
{
	int result;

	memset(list, 0, sizeof(*list));
	if (sk_list_turn_await(pool, err) != 0)
		return -1;
	result = foresee(sk_pool_session(pool), from, list, err);
	if (result == 0)
		result = read_parts(pool, list, err);
	sk_list_turn_end(sk_pool_session(pool));
	if (result != 0)
		sk_listing_fini(list);
	return result;
}
