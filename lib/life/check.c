/* SPDX-License-Identifier: MIT */
/*
 * life: checks a set of rows, by a call for each or by the server's list. Rows that couldn't be
 * checked stay as they are; the first reason is returned.
 */
#include "life/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/stop.h"
#include "base/time.h"
#include "life/check_list.h"
#include "life/ledger.h"
#include "life/settle.h"
#include "life/withdraw.h"

#define LIST_PAGE 5000
/*
 * The price of a page in status calls. A page is one request, but takes the server 5 s, where a
 * status takes 50 ms: the list has to save several calls.
 */
#define LIST_COST 10

/*
 * How likely the row has ended since its last check, in hundredths. Completion comes 15 to 60 s
 * after submission.
 */
static int64_t
chance_of_end(const struct sk_writeback *row, int64_t now)
{
	int64_t age = now - row->submitted_at;

	if (age < 15 * SK_SECOND)
		return 0;
	if (age < SK_MINUTE)
		return 50;
	/*
	 * A row that was still pending at its last check, later than that, tends to stay so: its
	 * practice is switched off.
	 */
	return row->check_count <= 1 ? 100 : age < 10 * SK_MINUTE ? 25 : 2;
}

bool
sk_check_prefers_list(const struct sk_writeback *rows, size_t n, int64_t now)
{
	int64_t asking = 0, listing;

	for (size_t i = 0; i < n; i++)
		asking += chance_of_end(&rows[i], now);
	listing = 100 * (LIST_COST + (int64_t)n / LIST_PAGE) + asking;
	return listing < 100 * (int64_t)n;
}

static bool
needs_settling(const struct sk_writeback *row)
{
	return row->writeback_id == NULL;
}

static bool
needs_list(const struct sk_writeback *rows, size_t n, int lacking)
{
	for (size_t i = 0; i < n; i++) {
		if (needs_settling(&rows[i]))
			return true;
		/*
		 * The status doesn't know the id. Only the list can confirm that the request is
		 * gone.
		 */
		if (rows[i].gone_looks >= SK_LIFE_GONE && rows[i].result == SK_PENDING)
			return true;
	}
	return n > 0 && (lacking || sk_check_prefers_list(rows, n, sk_time_now()));
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
look_by_list(struct sk_check *check, struct sk_writeback *rows, size_t n, int64_t from,
    struct sk_error *err)
{
	enum sk_listed_as *as = sk_mem_zero(n + 1, sizeof(*as));
	struct sk_listing list;
	size_t to_ask;
	int result = -1;

	if (sk_check_list_read(check->pool, from, &list, err) != 0) {
		free(as);
		return -1;
	}
	if (sk_settle_unknown(check, &list, err) != 0 || sk_settle_late(check, &list, err) != 0 ||
	    sk_settle_known(check, &list, rows, n, as, err) != 0)
		goto out;
	result = 0;
	for (size_t i = 0; i < n && !sk_stop_asked(); i++)
		if (as[i] == SK_LISTED_WITHDRAW_AGAIN &&
		    sk_withdraw_again(check->pool, &rows[i], err) != 0)
			result = -1;
	to_ask = sk_writebacks_partition(rows, n, is_left_to_be_asked, as);
	if (to_ask > 0) {
		if (ask_all(check, rows, to_ask, err) != 0)
			result = -1;
		/* The plan lacks the call after all: the list is all that can be read. */
		if (check->lacks_status &&
		    sk_settle_known(check, &list, rows, to_ask, as, err) != 0)
			result = -1;
	}
out:
	sk_listing_fini(&list);
	free(as);
	return result;
}

int
sk_check(struct sk_check *check, struct sk_writeback *rows, size_t n, int must_list,
    struct sk_error *err)
{
	int64_t from = oldest(rows, n);
	int listing;
	size_t with_id;

	check->lacks_status = sk_check_status_is_lacking(check->session);
	listing = must_list || needs_list(rows, n, check->lacks_status);
	with_id = sk_writebacks_partition(rows, n, is_to_be_asked, NULL);
	if (listing)
		return look_by_list(check, rows, with_id, from, err);
	if (n == 0)
		return 0;
	if (ask_all(check, rows, n, err) != 0)
		return -1;
	return check->lacks_status ? look_by_list(check, rows, n, from, err) : 0;
}
