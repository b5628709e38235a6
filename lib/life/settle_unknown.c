/* SPDX-License-Identifier: MIT */
/*
 * life: settles the unknown rows by a list. Comparing goes on outside of any transaction; each commit
 * makes sure that what it rests on is still true, and what isn't is compared anew.
 */
#include "life/settle.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "store/event.h"
#include "life/check_list.h"
#include "life/ledger.h"

/* What has changed while it was compared is compared again, so many times in all. */
#define ROUNDS 3

/* The unknown rows, and the submitting rows, which they are compared with. */
static int
read_rows(struct sk_session *session, struct sk_writeback **rows, size_t *n, struct sk_error *err)
{
	const struct sk_filter filter = {.states = SK_MASK(SK_UNKNOWN) | SK_MASK(SK_SUBMITTING)};

	return sk_store_writebacks(session->store, &filter, rows, n, err);
}

/* The verdicts of the list on the unknown rows. */
static int
compare_rows(struct sk_session *session, struct sk_listing *list, struct sk_writeback **rows,
    struct sk_match **matches, size_t *n, struct sk_error *err)
{
	struct sk_witness witness = {0};
	char *id = NULL;

	*rows = NULL;
	*matches = NULL;
	*n = 0;
	if (read_rows(session, rows, n, err) != 0)
		return -1;
	if (sk_check_list_mark_owned(session, list, err) != 0 ||
	    sk_store_writebacks_latest_accepted(session->store, list->begun_at - SK_LIFE_LISTED,
		&id, &witness.submitted_at, err) < 0) {
		sk_writebacks_free(*rows, *n);
		return -1;
	}
	witness.id = id;
	*matches = sk_mem_zero(*n + 1, sizeof(**matches));
	sk_match_rows(*rows, *n, list, &witness, *matches);
	free(id);
	return 0;
}

/* Whether a list that lacks an unknown row completes the proof that the row was never received. */
static bool
proves_absence(const struct sk_writeback *row, const struct sk_listing *list)
{
	return row->absent_at != 0 && sk_ledger_list_follows(row, list->number) &&
	    list->begun_at - row->absent_at >= SK_LIFE_LOOK;
}

/* What the match means for the row. False: nothing. */
static bool
fact_of(const struct sk_listing *list, bool is_latest, const struct sk_writeback *row,
    const struct sk_match *match, struct sk_fact *fact)
{
	*fact = (struct sk_fact){.at = list->begun_at};
	switch (match->verdict) {
	case SK_MATCH_ADOPT:
		fact->what = SK_FOUND;
		fact->writeback_id = list->listed[match->entry].id;
		return true;
	case SK_MATCH_LACKS:
		fact->list = list->number;
		fact->what = proves_absence(row, list) ? SK_LIST_LACKS_IT_STILL : SK_LIST_LACKS_IT;
		return is_latest;
	default:
		/*
		 * Two lists that lack the row prove something only when no list between them shows
		 * an entry of its kind: so the first one is forgotten here.
		 */
		fact->what = SK_SAYS_NOTHING;
		return row->absent_at != 0 && match->shows_kind;
	}
}

/* A row, in the order of groups. */
struct place {
	size_t group, row;
};

/* A list, compared with the rows as they were when they were read. */
struct settling {
	const struct sk_check *check;
	struct sk_listing *list;
	struct sk_writeback *rows; /* n of them, by id */
	struct sk_match *matches;
	bool *is_past;    /* the row has changed since */
	bool *did_change; /* its new state is recorded */
	size_t n;
	struct place *order; /* the rows about which there is something to record, group by group */
	size_t n_order;
};

static int
compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	if (left->group != right->group)
		return left->group < right->group ? -1 : 1;
	return (left->row > right->row) - (left->row < right->row);
}

/* How many rows from that place on are of one group. */
static size_t
group_at(const struct settling *settling, size_t at)
{
	size_t end = at;

	while (end < settling->n_order && settling->order[end].group == settling->order[at].group)
		end++;
	return end - at;
}

static bool
is_verdict(const struct sk_listing *list, const struct sk_writeback *row,
    const struct sk_match *match)
{
	struct sk_fact ignored;

	return sk_match_is_settling(row) && fact_of(list, true, row, match, &ignored);
}

/* Leaves out the groups about which there is nothing to record. */
static void
keep_verdicts(struct settling *settling)
{
	size_t kept = 0;

	for (size_t at = 0, n; at < settling->n_order; at += n) {
		bool is_kept = false;

		n = group_at(settling, at);
		for (size_t i = at; i < at + n; i++)
			is_kept |=
			    is_verdict(settling->list, &settling->rows[settling->order[i].row],
				&settling->matches[settling->order[i].row]);
		for (size_t i = at; i < at + n && is_kept; i++)
			settling->order[kept++] = settling->order[i];
	}
	settling->n_order = kept;
}

static int
open_settling(struct settling *settling, struct sk_error *err)
{
	if (compare_rows(settling->check->session, settling->list, &settling->rows,
		&settling->matches, &settling->n, err) != 0)
		return -1;
	settling->order = sk_mem_zero(settling->n + 1, sizeof(*settling->order));
	settling->is_past = sk_mem_zero(settling->n + 1, sizeof(*settling->is_past));
	settling->did_change = sk_mem_zero(settling->n + 1, sizeof(*settling->did_change));
	for (size_t i = 0; i < settling->n; i++)
		settling->order[i] = (struct place){settling->matches[i].group, i};
	settling->n_order = settling->n;
	qsort(settling->order, settling->n, sizeof(*settling->order), compare_places);
	keep_verdicts(settling);
	return 0;
}

static void
close_settling(struct settling *settling)
{
	free(settling->order);
	free(settling->is_past);
	free(settling->did_change);
	sk_matches_free(settling->matches, settling->n);
	sk_writebacks_free(settling->rows, settling->n);
}

/* A row has come that wasn't there when it was compared: what it may be taken for is past. */
static int
note_newcomer(struct settling *settling, int64_t id, size_t from, size_t to, struct sk_error *err)
{
	struct sk_writeback row = {0};
	struct sk_echoed content;

	if (sk_store_writeback_get(settling->check->session->store, id, &row, err) != 1)
		return -1;
	content = sk_echoed_of(&row);
	for (size_t i = from; i < to; i++) {
		size_t at = settling->order[i].row;

		settling->is_past[at] |= sk_alike_rows(&row, &content, &settling->rows[at],
		    &settling->matches[at].content);
	}
	sk_echoed_fini(&content);
	sk_writeback_fini(&row);
	return 0;
}

static bool
is_as_it_was(const struct sk_writeback *row, const struct sk_mark *mark)
{
	return mark->result == row->result && mark->attempts == row->attempts &&
	    mark->run == row->run;
}

/*
 * In the transaction: which of the rows from..to-1 of the order have changed since they were compared,
 * or have got company that they could be taken for.
 */
static int
note_changes(struct settling *settling, size_t from, size_t to, struct sk_error *err)
{
	struct sk_mark *marks;
	size_t n_marks, i = 0, j = 0;
	int result = 0;

	if (sk_store_writebacks_unsettled(settling->check->session->store, &marks, &n_marks, err) !=
	    0)
		return -1;
	while (result == 0 && (i < settling->n || j < n_marks)) {
		if (j == n_marks || (i < settling->n && settling->rows[i].id < marks[j].id)) {
			/* One with an id isn't among the marks, and nothing is decided on it. */
			settling->is_past[i] |= settling->rows[i].writeback_id == NULL;
			i++;
		} else if (i == settling->n || settling->rows[i].id > marks[j].id) {
			result = note_newcomer(settling, marks[j++].id, from, to, err);
		} else {
			settling->is_past[i] |= !is_as_it_was(&settling->rows[i], &marks[j++]);
			i++;
		}
	}
	free(marks);
	return result;
}

/* Whether nothing that the group's verdict rests on has changed: 1, 0, -1 error. */
static int
still_holds(struct settling *settling, size_t at, size_t n, struct sk_error *err)
{
	struct sk_store *store = settling->check->session->store;

	for (size_t i = at; i < at + n; i++) {
		const struct sk_match *match = &settling->matches[settling->order[i].row];
		int64_t owner;
		int owned = 0;

		if (settling->is_past[settling->order[i].row])
			return 0;
		if (match->verdict == SK_MATCH_ADOPT)
			owned = sk_store_writeback_owner(store,
			    settling->list->listed[match->entry].id, &owner, err);
		if (owned != 0)
			return owned < 0 ? -1 : 0;
	}
	return 1;
}

/* Records the verdicts on the rows of a group: 0, -1 error. */
static int
record_group(struct settling *settling, size_t at, size_t n, bool is_latest, struct sk_error *err)
{
	for (size_t i = at; i < at + n; i++) {
		size_t row = settling->order[i].row;
		enum sk_state was = settling->rows[row].result;
		struct sk_fact fact;

		if (!sk_match_is_settling(&settling->rows[row]) ||
		    !fact_of(settling->list, is_latest, &settling->rows[row],
			&settling->matches[row], &fact))
			continue;
		if (sk_ledger_record(settling->check->session->store, &settling->rows[row], &fact,
			NULL, err) == SK_RECORD_ERROR)
			return -1;
		settling->did_change[row] = settling->rows[row].result != was;
	}
	return 0;
}

/* Within the transaction; *n_past counts the groups that have to be compared anew. */
static int
decide_some(struct settling *settling, size_t from, size_t to, size_t *n_past, struct sk_error *err)
{
	struct sk_session *session = settling->check->session;
	int is_latest = sk_check_list_is_latest(session, settling->list, err), result = -1;

	if (is_latest >= 0)
		result = note_changes(settling, from, to, err);
	for (size_t at = from, n; at < to && result == 0; at += n) {
		int holds;

		n = group_at(settling, at);
		holds = still_holds(settling, at, n, err);
		if (holds == 1)
			result = record_group(settling, at, n, is_latest, err);
		else if (holds == 0)
			++*n_past;
		else
			result = -1;
	}
	return result;
}

/* Of what is so old no list proves anything any more, so a person has to decide. */
static int
tell_unprovable(const struct settling *settling, struct sk_error *err)
{
	for (size_t i = 0; i < settling->n; i++) {
		const struct sk_writeback *row = &settling->rows[i];
		const struct sk_event_once event = {.kind = SK_EVENT_UNPROVABLE,
		    .office_id = row->office_id,
		    .row = row->id,
		    .within = sk_time_now(),
		    .text = "no list of the server can tell any more whether it has this request: "
			    "look in the practice's own system, then sikka-sweep --resolve"};

		if (row->result != SK_UNKNOWN || row->writeback_id != NULL ||
		    settling->list->begun_at - row->submitted_at < SK_LIFE_PROVES)
			continue;
		if (sk_event_make_once(settling->check->session->store, &event, err) != 0)
			return -1;
	}
	return 0;
}

static void
warn_ambiguous(const struct settling *settling)
{
	for (size_t i = 0; i < settling->n; i++) {
		char *where;

		if (settling->matches[i].verdict != SK_MATCH_AMBIGUOUS)
			continue;
		where = sk_mem_printf("request %lld may be writeback %s",
		    (long long)settling->rows[i].id,
		    settling->list->listed[settling->matches[i].entry].id);
		sk_out_warn_repeated("request", where,
		    ", but this isn't certain, because several requests or writebacks are alike; "
		    "sikka-sweep -n shows the candidates, sikka-sweep --resolve settles the "
		    "request");
		free(where);
	}
}

static void
tell(const struct settling *settling, size_t from, size_t to)
{
	const struct sk_check *check = settling->check;

	for (size_t i = from; i < to && check->changed != NULL; i++)
		if (settling->did_change[settling->order[i].row])
			check->changed(check->arg, &settling->rows[settling->order[i].row]);
}

/* What was adopted has an owner from now on. */
static void
note_owned(struct settling *settling, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		size_t row = settling->order[i].row;

		if (settling->did_change[row] && settling->matches[row].verdict == SK_MATCH_ADOPT)
			settling->list->owned[settling->matches[row].entry] = SK_OWNED;
	}
}

/* Settles the rows from..to-1 of the order in one transaction. */
static int
settle_some(struct settling *settling, size_t from, size_t to, size_t *n_past, struct sk_error *err)
{
	struct sk_store *store = settling->check->session->store;

	if (sk_store_begin(store, err) != 0)
		return -1;
	if (decide_some(settling, from, to, n_past, err) != 0) {
		sk_store_rollback(store);
		return -1;
	}
	if (sk_store_commit(store, err) != 0)
		return -1;
	note_owned(settling, from, to);
	tell(settling, from, to);
	return 0;
}

/*
 * One round over all groups, a commit for as many as make SK_SETTLE_ROWS rows. Groups of rows that could be taken for one
 * another are never split.
 */
static int
settle_all(struct settling *settling, size_t *n_past, struct sk_error *err)
{
	size_t from = 0, to = 0;

	while (to < settling->n_order) {
		size_t n = group_at(settling, to);

		if (to > from && to - from + n > SK_SETTLE_ROWS) {
			if (settle_some(settling, from, to, n_past, err) != 0)
				return -1;
			from = to;
			sk_store_let_others_write();
		}
		to += n;
	}
	return to > from ? settle_some(settling, from, to, n_past, err) : 0;
}

/*
 * The rows are read and compared with the list outside of any transaction: with thousands of both
 * that takes a while, and no other command could write meanwhile. So what was decided is true for the
 * moment of reading only.
 *
 * match compares numbers: as many entries as identical unknown rows. Suppose that a verdict were just
 * written later. In between another run may have claimed a row with the same body, whose request may
 * then be one of the entries; or the answer for such a row may have come and named one of them. We
 * would adopt an entry that isn't the row's: the row would follow another one's request, and that row
 * would find no entry, count as not received, and be sent again.
 *
 * So each commit asks once more for all that a verdict rests on: whether each row of the group is as
 * it was (state, attempts and run), whether a row has come that the list couldn't tell from them,
 * whether somebody owns the entries by now, and whether the list is still the latest. A group for
 * which that isn't so is left out, and compared anew. BEGIN IMMEDIATE lets only one process write at a
 * time, so nothing changes while that is asked. Only the list itself is older; what it can't know is
 * covered by the rules on lists that lag (35 minutes) and on lists that are torn (two that follow one
 * another): sikka-life(7), Settling.
 */
int
sk_settle_unknown(const struct sk_check *check, struct sk_listing *list, struct sk_error *err)
{
	size_t n_past = 1;
	int result = 0;

	for (int round = 0; round < ROUNDS && n_past > 0 && result == 0; round++) {
		struct settling settling = {.check = check, .list = list};

		n_past = 0;
		if (open_settling(&settling, err) != 0)
			return -1;
		result = settle_all(&settling, &n_past, err);
		if (result == 0 && n_past == 0) {
			warn_ambiguous(&settling);
			result = tell_unprovable(&settling, err);
		}
		close_settling(&settling);
	}
	return result;
}
