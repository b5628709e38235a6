/* SPDX-License-Identifier: MIT */
/*
 * restored: statements over the whole journal, for a state file that was restored. Each of them gives the
 * same when it is run once more.
 */
#include "store/restored.h"

#include "store/statements.h"

int
sk_store_latest_before(struct sk_store *store, int64_t before, int64_t *latest,
    struct sk_error *err)
{
	struct sk_query query;

	*latest = 0;
	sk_query_open(&query, store, SK_SQL_LATEST_BEFORE, err);
	sk_query_time(&query, 1, before);
	if (sk_query_step(&query))
		*latest = sk_query_column_time(&query, 0);
	return sk_query_close(&query);
}

int
sk_store_restored_mark(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_RESTORED_MARK, err);
	return sk_query_run(&query, NULL);
}

int
sk_store_restored_forget_lists(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_RESTORED_FORGET_LISTS, err);
	return sk_query_run(&query, NULL);
}
