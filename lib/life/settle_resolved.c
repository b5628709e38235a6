/* SPDX-License-Identifier: MIT */
/*
 * life: what a list shows of rows that a person resolved without an id. They are few. One transaction;
 * if it fails, nothing of it is written, and the next list decides anew.
 */
#include "life/settle.h"

#include <stdlib.h>

#include "base/time.h"
#include "life/check_list.h"
#include "life/ledger.h"

/* Whether a row that waits for its answer may have sent the entry: then its answer will tell. */
static bool
is_awaited(const struct sk_writeback *submitting, size_t n, const struct sk_api_listed *listed)
{
	for (size_t i = 0; i < n; i++)
		if (sk_match_is_strict(&submitting[i], listed))
			return true;
	return false;
}

/* Of those that nobody owns, the oldest one that is a strict match of the row; -1 there is none. */
static long
find_oldest(const struct sk_listing *list, const struct sk_writeback *row)
{
	long found = -1;

	for (size_t i = 0; i < list->n; i++)
		if (list->owned[i] == SK_OWNED_BY_NOBODY &&
		    sk_match_is_strict(row, &list->listed[i]) &&
		    (found < 0 ||
			strtoll(list->listed[i].id, NULL, 10) <
			    strtoll(list->listed[found].id, NULL, 10)))
			found = (long)i;
	return found;
}

static int
settle_row(struct sk_session *session, struct sk_listing *list, struct sk_writeback *row,
    const struct sk_writeback *submitting, size_t n_submitting, struct sk_error *err)
{
	struct sk_fact fact = {.what = SK_SAYS_NOTHING, .at = list->begun_at};
	long entry = find_oldest(list, row);

	if (entry >= 0) {
		/* It is nobody else's to take, also where its row can't take it yet. */
		list->owned[entry] = SK_OWNED_BY_RESOLVED;
		if (!is_awaited(submitting, n_submitting, &list->listed[entry])) {
			fact.what = SK_FOUND;
			fact.writeback_id = list->listed[entry].id;
			fact.note = "it turned up after it was resolved";
		}
	}
	return sk_ledger_record(session->store, row, &fact, NULL, err) == SK_RECORD_ERROR ? -1 : 0;
}

static int
settle_rows(struct sk_session *session, struct sk_listing *list, struct sk_writeback *rows,
    size_t n, struct sk_error *err)
{
	const struct sk_filter on_their_way = {.states = SK_MASK(SK_SUBMITTING)};
	struct sk_writeback *submitting;
	size_t n_submitting;
	int result = 0;

	if (sk_check_list_mark_owned(session, list, err) != 0 ||
	    sk_store_writebacks(session->store, &on_their_way, &submitting, &n_submitting, err) !=
		0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++)
		if (rows[i].writeback_id == NULL)
			result = settle_row(session, list, &rows[i], submitting, n_submitting, err);
	sk_writebacks_free(submitting, n_submitting);
	return result;
}

int
sk_settle_resolved(const struct sk_check *check, struct sk_listing *list, struct sk_error *err)
{
	struct sk_session *session = check->session;
	const struct sk_filter resolved = {.states = SK_ENDED,
	    .resolved_since = list->begun_at - SK_LIFE_LATE};
	struct sk_writeback *rows;
	size_t n;
	int result = 0;

	if (sk_store_writebacks(session->store, &resolved, &rows, &n, err) != 0)
		return -1;
	if (n > 0)
		result = sk_store_begin(session->store, err);
	if (n > 0 && result == 0) {
		result = settle_rows(session, list, rows, n, err);
		if (result == 0)
			result = sk_store_commit(session->store, err);
		else
			sk_store_rollback(session->store);
	}
	sk_writebacks_free(rows, n);
	return result;
}
