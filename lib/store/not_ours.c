/* SPDX-License-Identifier: MIT */
/*
 * store: the rows of the table not_ours, each written in the transaction that decides on it. An error
 * is the caller's to undo.
 */
#include "store/not_ours.h"

#include "base/time.h"
#include "store/runs.h"
#include "store/statements.h"

#define KEPT (8 * SK_DAY) /* no list shows what is older */

int
sk_store_not_ours_add(struct sk_store *store, const struct sk_not_ours *entry, int64_t now,
    struct sk_error *err)
{
	struct sk_query query;
	int64_t run;

	if (sk_store_run(store, &run, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_NOT_OURS_FORGET, err);
	sk_query_time(&query, 1, now - KEPT);
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_NOT_OURS_ADD, err);
	sk_query_text(&query, 1, entry->writeback_id);
	sk_query_text(&query, 2, entry->office_id);
	sk_query_text(&query, 3, entry->content_key);
	sk_query_time(&query, 4, now);
	sk_query_number(&query, 5, run);
	return sk_query_run(&query, NULL);
}

int
sk_store_not_ours_remove(struct sk_store *store, const char *writeback_id, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_NOT_OURS_REMOVE, err);
	sk_query_text(&query, 1, writeback_id);
	return sk_query_run(&query, NULL);
}

int
sk_store_not_ours_has(struct sk_store *store, const char *writeback_id, struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_NOT_OURS_HAS, err);
	sk_query_text(&query, 1, writeback_id);
	found = sk_query_step(&query);
	return sk_query_close(&query) != 0 ? -1 : found;
}

int
sk_store_not_ours_any(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_NOT_OURS_ANY, err);
	found = sk_query_step(&query);
	return sk_query_close(&query) != 0 ? -1 : found;
}

int
sk_store_not_ours_equal(struct sk_store *store, const char *content_key, char **writeback_id,
    struct sk_error *err)
{
	struct sk_query query;
	int found;

	*writeback_id = NULL;
	if (content_key == NULL)
		return 0;
	sk_query_open(&query, store, SK_SQL_NOT_OURS_EQUAL, err);
	sk_query_text(&query, 1, content_key);
	found = sk_query_step(&query);
	if (found)
		*writeback_id = sk_query_column_text(&query, 0);
	return sk_query_close(&query) != 0 ? -1 : found;
}
