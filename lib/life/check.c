/* SPDX-License-Identifier: MIT */
/*
 * life: checks a set of rows, by a call for each or by the server's list. Rows that couldn't be
 * checked stay as they are; the first reason is returned.
 */
#include "life/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/lists.h"
#include "life/check_list.h"
#include "life/check_ways.h"
#include "life/holds.h"
#include "life/ledger.h"
#include "life/list_turn.h"
#include "life/settle.h"
#include "life/watch.h"
#include "life/withdraw.h"

/* What rows need of the list. */
enum need {
	NEED_NONE, /* each can be asked for by its id */
	NEED_ANY,  /* a list, whoever reads it */
	NEED_OWN   /* one that is compared with these rows */
};

static bool
needs_settling(const struct sk_writeback *row)
{
	return row->writeback_id == NULL;
}

/* The status doesn't know its id. Only the list can confirm that the request is gone. */
static bool
may_be_gone(const struct sk_writeback *row)
{
	return row->gone_looks >= SK_LIFE_GONE && row->result == SK_PENDING;
}

static enum need
need_of(const struct sk_check *check, const struct sk_writeback *rows, size_t n)
{
	bool needs_any = false;

	for (size_t i = 0; i < n; i++) {
		if (may_be_gone(&rows[i]) || (check->lacks_status && !needs_settling(&rows[i])))
			return NEED_OWN;
		needs_any = needs_any || needs_settling(&rows[i]);
	}
	if (n > 0 && !check->by_status && sk_check_ways_prefer_list(check, rows, n))
		return NEED_OWN;
	return needs_any ? NEED_ANY : NEED_NONE;
}

static int64_t
oldest(const struct sk_writeback *rows, size_t n)
{
	int64_t from = sk_time_now();

	for (size_t i = 0; i < n; i++)
		if (rows[i].submitted_at != 0 && rows[i].submitted_at < from)
			from = rows[i].submitted_at;
	return from;
}

static bool
is_to_be_asked(const struct sk_writeback *row, size_t at, const void *arg)
{
	(void)at;
	(void)arg;
	return !needs_settling(row);
}

static int
ask_all(struct sk_check *check, struct sk_writeback *rows, size_t n, struct sk_error *err)
{
	int *still_pending = sk_mem_zero(n + 1, sizeof(*still_pending));
	int result = sk_check_status(check, rows, n, still_pending, err);

	for (size_t i = 0; i < n && !sk_stop_asked(); i++)
		if (still_pending[i] && sk_withdraw_again(check->pool, &rows[i], err) != 0)
			result = -1;
	free(still_pending);
	return result;
}

/* arg: an enum sk_listed_as for each row. */
static bool
is_left_to_be_asked(const struct sk_writeback *row, size_t at, const void *arg)
{
	const enum sk_listed_as *as = arg;

	(void)row;
	return as[at] == SK_LISTED_ASK;
}

/*
 * Reads the list and settles by it. The three settlements are a transaction each, and their order
 * matters.
 *
 * First the unknown rows: sk_settle_unknown gives the entries that are theirs an owner. Next the
 * rows that were once declared not received: an entry without an owner may be such a row's late
 * request, and is then noted as its double, which the next sweep withdraws while it is pending. In
 * the other order an entry without an owner may still be the only request of an unknown row, and
 * must not be withdrawn. What sk_settle_unknown has to leave open, because the numbers don't agree,
 * stays without an owner; so sk_settle_late itself leaves each entry alone that may belong to an
 * unknown or a submitting row. Last the rows that have an id, for which nothing has to be guessed.
 *
 * Other processes may write between two of these transactions. So the first two read their rows and
 * the owners of the entries anew, the third records through the ledger, which refuses a row that
 * has changed, and whatever concludes from an absence asks again whether the list is still the
 * latest. If the process dies in between, each row is as the last commit says, and the next list
 * settles the rest.
 *
 * Only after that is anything sent, and no transaction is open meanwhile: a DELETE for what is
 * withdrawn here and pending at the server, and status calls, which change nothing there.
 */
static int
settle_by_list(struct sk_check *check, struct sk_listing *list, struct sk_writeback *rows, size_t n,
    enum sk_listed_as *as, struct sk_error *err)
{
	if (sk_settle_resolved(check, list, err) != 0 || sk_settle_unknown(check, list, err) != 0 ||
	    sk_settle_late(check, list, err) != 0 ||
	    sk_settle_known(check, list, rows, n, as, err) != 0 ||
	    sk_holds_judge(check->session, list, err) != 0)
		return -1;
	if (sk_check_list_note(check->session, list, err) != 0)
		return -1;
	return sk_watch_list(check->session, list, err);
}

/*
 * From which moment on a list has to cover what was sent, for the sake of these rows and, where only a list
 * can look at rows that have an id, of all of those.
 */
static int
days_of(const struct sk_check *check, const struct sk_writeback *rows, size_t n, int64_t *from,
    struct sk_error *err)
{
	int64_t since = 0;

	*from = oldest(rows, n);
	if (check->since != 0 && check->since < *from)
		*from = check->since;
	if (check->lacks_status &&
	    sk_store_lists_looks_since(check->session->store, sk_time_now() - SK_LIFE_FORGETS,
		&since, err) != 0)
		return -1;
	if (since != 0 && since < *from)
		*from = since;
	return 0;
}

/* Rows for which a list wasn't read, and what it has left to do for each. */
struct others {
	struct sk_writeback *rows;
	size_t n;
	enum sk_listed_as *as;
};

static int
compare_numbers(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Adds the rows of the filter that have an id and aren't among the n numbers, which are in order. */
static int
add_others(struct others *others, struct sk_store *store, const struct sk_filter *filter,
    const int64_t *numbers, size_t n, struct sk_error *err)
{
	struct sk_writeback *rows;
	size_t n_rows;

	if (sk_store_writebacks(store, filter, &rows, &n_rows, err) != 0)
		return -1;
	others->rows = sk_mem_resize(others->rows, others->n + n_rows + 1, sizeof(*rows));
	for (size_t i = 0; i < n_rows; i++) {
		if (rows[i].writeback_id != NULL &&
		    bsearch(&rows[i].id, numbers, n, sizeof(*numbers), compare_numbers) == NULL)
			others->rows[others->n++] = rows[i];
		else
			sk_writeback_fini(&rows[i]);
	}
	free(rows);
	return 0;
}

/*
 * Without writeback_status only a list can look at a row that has an id, and looks count where their lists
 * follow one another. So each list looks at all such rows, not only at those for which it was read: where
 * two processes, or two checks of one, read lists in turn, no two lists of either would follow one another.
 */
static int
settle_others(struct sk_check *check, const struct sk_listing *list,
    const struct sk_writeback *rows, size_t n, struct others *others, struct sk_error *err)
{
	const struct sk_filter open = {.states = SK_MASK(SK_PENDING) | SK_MASK(SK_UNKNOWN)};
	const struct sk_filter looks = {.looks_due_since = list->begun_at - SK_LIFE_FORGETS};
	struct sk_store *store = check->session->store;
	int64_t *numbers;
	int result = -1;

	if (!check->lacks_status)
		return 0;
	numbers = sk_mem_zero(n + 1, sizeof(*numbers));
	for (size_t i = 0; i < n; i++)
		numbers[i] = rows[i].id;
	qsort(numbers, n, sizeof(*numbers), compare_numbers);
	if (add_others(others, store, &open, numbers, n, err) == 0 &&
	    add_others(others, store, &looks, numbers, n, err) == 0) {
		others->as = sk_mem_zero(others->n + 1, sizeof(*others->as));
		result = sk_settle_known(check, list, others->rows, others->n, others->as, err);
	}
	free(numbers);
	return result;
}

static void
free_others(struct others *others)
{
	sk_writebacks_free(others->rows, others->n);
	free(others->as);
}

/* What is withdrawn here, and pending at the server, is withdrawn there once more. */
static int
withdraw_again(struct sk_check *check, struct sk_writeback *rows, size_t n,
    const enum sk_listed_as *as, struct sk_error *err)
{
	int result = 0;

	for (size_t i = 0; i < n && !sk_stop_asked(); i++)
		if (as[i] == SK_LISTED_WITHDRAW_AGAIN &&
		    sk_withdraw_again(check->pool, &rows[i], err) != 0)
			result = -1;
	return result;
}

/*
 * Reads the list, in the turn that the caller has, ends the turn, and settles by the list. 0 list is the
 * caller's; -1.
 *
 * The turn ends before the settling: a process that is stopped with a list in its hand must not keep the
 * others from reading one. But a list that begins while this one settles makes it prove no absence; where
 * each list was overtaken in this way by the next one, no row would ever be absent. So whoever takes the
 * turn next waits a while for the settling (life/list_turn).
 */
static int
read_and_settle(struct sk_check *check, struct sk_listing *list, struct sk_writeback *rows,
    size_t n, enum sk_listed_as *as, struct sk_error *err)
{
	struct others others = {0};
	int64_t from;
	int result;

	if (days_of(check, rows, n, &from, err) != 0 ||
	    sk_check_list_read_in_turn(check->pool, from, list, err) != 0) {
		sk_list_turn_end(check->session);
		return -1;
	}
	sk_list_turn_settle(check->session);
	if (check->listed != NULL)
		check->listed(check->arg, list);
	result = settle_by_list(check, list, rows, n, as, err);
	if (result == 0)
		result = settle_others(check, list, rows, n, &others, err);
	sk_list_turn_settled(check->session);
	if (result == 0)
		result = withdraw_again(check, others.rows, others.n, others.as, err);
	free_others(&others);
	if (result != 0)
		sk_listing_fini(list);
	return result;
}

/* What the list has left open about rows that it was compared with. */
static int
ask_what_is_left(struct sk_check *check, const struct sk_listing *list, struct sk_writeback *rows,
    size_t n, enum sk_listed_as *as, struct sk_error *err)
{
	int result = withdraw_again(check, rows, n, as, err);
	size_t to_ask;

	to_ask = sk_writebacks_partition(rows, n, is_left_to_be_asked, as);
	if (to_ask == 0)
		return result;
	if (ask_all(check, rows, to_ask, err) != 0)
		result = -1;
	/* The plan lacks the call after all: the list is all that can be read. */
	if (check->lacks_status && sk_settle_known(check, list, rows, to_ask, as, err) != 0)
		result = -1;
	return result;
}

bool
sk_check_is_refusal(const struct sk_error *err)
{
	return err->code == SK_EXIT_FAILED || err->code == SK_EXIT_PROTOCOL ||
	    err->code == SK_EXIT_NOT_AUTHORIZED;
}

/* In the turn that the caller has, which ends here. Rows that have an id. */
static int
look_by_list(struct sk_check *check, struct sk_writeback *rows, size_t n, struct sk_error *err)
{
	enum sk_listed_as *as = sk_mem_zero(n + 1, sizeof(*as));
	struct sk_listing list;
	int result = read_and_settle(check, &list, rows, n, as, err);

	if (result == 0) {
		result = ask_what_is_left(check, &list, rows, n, as, err);
		sk_listing_fini(&list);
	} else if (sk_check_is_refusal(err) && !check->lacks_status) {
		ask_all(check, rows, n, err);
	}
	free(as);
	return result;
}

int
sk_check_read_list(struct sk_check *check, struct sk_error *err)
{
	enum sk_listed_as none;
	struct sk_listing list;
	enum sk_list_turn turn = sk_list_turn_take(check->pool, err);

	if (turn != SK_TURN_OURS)
		return turn;
	check->lacks_status = sk_check_status_is_lacking(check->session);
	if (read_and_settle(check, &list, NULL, 0, &none, err) != 0)
		return -1;
	sk_listing_fini(&list);
	return 1;
}

/*
 * A list gets its turn before rows are asked for, and while that takes long: with a tight limit it may take
 * hours. One that can't be read is no reason to leave the rows alone.
 */
static void
keep_turn(struct sk_check *check)
{
	struct sk_error err = {0};

	if (sk_list_turn_is_due(check->session->store) && sk_check_read_list(check, &err) < 0)
		sk_out_verbose("%s", err.text);
}

/* Waits for the turn, and reads a list of our own. */
static int
look_by_own_list(struct sk_check *check, struct sk_writeback *rows, size_t n, struct sk_error *err)
{
	if (sk_list_turn_await(check->pool, err) != 0)
		return -1;
	return look_by_list(check, rows, n, err);
}

/* Puts those that have an id first, and says how many they are. */
static size_t
begin(struct sk_check *check, struct sk_writeback *rows, size_t n)
{
	check->meanwhile = keep_turn;
	check->lacks_status = sk_check_status_is_lacking(check->session);
	return sk_writebacks_partition(rows, n, is_to_be_asked, NULL);
}

int
sk_check_by_list(struct sk_check *check, struct sk_writeback *rows, size_t n, struct sk_error *err)
{
	struct sk_session *session = check->session;
	size_t with_id = begin(check, rows, n);
	int64_t before = sk_list_turn_read_at(session->store);

	if (sk_list_turn_await(check->pool, err) != 0)
		return -1;
	/* The list that was waited for has settled what there was. */
	if (with_id == 0 && sk_list_turn_read_at(session->store) != before) {
		sk_list_turn_end(session);
		return 0;
	}
	return look_by_list(check, rows, with_id, err);
}

int
sk_check(struct sk_check *check, struct sk_writeback *rows, size_t n, struct sk_error *err)
{
	size_t with_id = begin(check, rows, n);
	enum need need = need_of(check, rows, n);

	if (need == NEED_OWN)
		return look_by_own_list(check, rows, with_id, err);
	if (need == NEED_NONE)
		keep_turn(check);
	else
		switch (sk_list_turn_take(check->pool, err)) {
		case SK_TURN_OURS:
			return look_by_list(check, rows, with_id, err);
		case SK_TURN_ERROR:
			return -1;
		case SK_TURN_ANOTHERS:
			sk_out_verbose("another process is reading the list of writebacks");
			break;
		}
	if (with_id == 0)
		return 0;
	if (ask_all(check, rows, with_id, err) != 0)
		return -1;
	return check->lacks_status ? look_by_own_list(check, rows, with_id, err) : 0;
}
