/* SPDX-License-Identifier: MIT */
/*
 * life: what a list shows of rows that a person resolved without an id. Comparing goes on before the
 * transaction, of which there is one: if it fails, nothing of it is written, and the next list decides anew.
 */
#include "life/settle.h"

#include <stdlib.h>

#include "base/mem.h"
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

/*
 * Which entry is which row's: of those that nobody owns, the oldest strict match is the first row's; -1 there
 * is none. The caller frees.
 */
static long *
find_entries(const struct sk_listing *list, const struct sk_writeback *rows, size_t n)
{
	long *entries = sk_mem_zero(n + 1, sizeof(*entries));
	struct sk_alike alike;

	for (size_t i = 0; i < n; i++)
		entries[i] = -1;
	sk_alike_make(&alike, rows, n, list->listed, list->n, sk_match_is_unowned, list);
	for (size_t i = 0; i < alike.n; i++) {
		const struct sk_alike_group *group = &alike.groups[i];

		for (size_t j = 0; j < group->n_rows && j < group->n_entries; j++)
			if (!group->is_unsure)
				entries[group->rows[j]] = (long)group->entries[j];
	}
	sk_alike_fini(&alike);
	return entries;
}

struct submitting {
	struct sk_writeback *rows;
	size_t n;
};

/* In the transaction: an entry that a row has got since it was compared is that row's. */
static int
settle_row(struct sk_session *session, struct sk_listing *list, struct sk_writeback *row,
    long entry, const struct submitting *submitting, struct sk_error *err)
{
	struct sk_fact fact = {.what = SK_SAYS_NOTHING, .at = list->begun_at};
	int64_t owner;
	int owned = entry < 0
	    ? 1
	    : sk_store_writeback_owner(session->store, list->listed[entry].id, &owner, err);

	if (owned < 0)
		return -1;
	if (owned == 0) {
		/* It is nobody else's to take, also where its row can't take it yet. */
		list->owned[entry] = SK_OWNED_BY_RESOLVED;
		if (!is_awaited(submitting->rows, submitting->n, &list->listed[entry])) {
			fact.what = SK_FOUND;
			fact.writeback_id = list->listed[entry].id;
			fact.note = "it turned up after it was resolved";
		}
	}
	return sk_ledger_record(session->store, row, &fact, NULL, err) == SK_RECORD_ERROR ? -1 : 0;
}

static int
settle_rows(struct sk_session *session, struct sk_listing *list, struct sk_writeback *rows,
    size_t n, const long *entries, struct sk_error *err)
{
	const struct sk_filter on_their_way = {.states = SK_MASK(SK_SUBMITTING)};
	struct submitting submitting;
	int result = 0;

	if (sk_store_writebacks(session->store, &on_their_way, &submitting.rows, &submitting.n,
		err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++)
		result = settle_row(session, list, &rows[i], entries[i], &submitting, err);
	sk_writebacks_free(submitting.rows, submitting.n);
	return result;
}

static bool
lacks_id(const struct sk_writeback *row, size_t at, const void *arg)
{
	(void)at;
	(void)arg;
	return row->writeback_id == NULL;
}

/* Compared before the transaction: where the list is long, that takes a while. */
static int
compare_and_settle(struct sk_session *session, struct sk_listing *list, struct sk_writeback *rows,
    size_t n, struct sk_error *err)
{
	long *entries;
	int result;

	if (sk_check_list_mark_owned(session, list, err) != 0)
		return -1;
	entries = find_entries(list, rows, n);
	result = sk_store_begin(session->store, err);
	if (result == 0) {
		result = settle_rows(session, list, rows, n, entries, err);
		if (result == 0)
			result = sk_store_commit(session->store, err);
		else
			sk_store_rollback(session->store);
	}
	free(entries);
	return result;
}

int
sk_settle_resolved(const struct sk_check *check, struct sk_listing *list, struct sk_error *err)
{
	struct sk_session *session = check->session;
	const struct sk_filter resolved = {.states = SK_ENDED,
	    .resolved_since = list->begun_at - SK_LIFE_LATE};
	struct sk_writeback *rows;
	size_t n, n_wanted;
	int result = 0;

	if (sk_store_writebacks(session->store, &resolved, &rows, &n, err) != 0)
		return -1;
	n_wanted = sk_writebacks_partition(rows, n, lacks_id, NULL);
	if (n_wanted > 0)
		result = compare_and_settle(session, list, rows, n_wanted, err);
	sk_writebacks_free(rows, n);
	return result;
}
