/* SPDX-License-Identifier: MIT */
/* store: what lists of the server's are read for, and what they show that is no row's. */
#include "store/lists.h"

#include "store/statements.h"

/* Runs an opened query for one moment. */
static int
read_moment(struct sk_query *query, int64_t *moment)
{
	int64_t found = 0;

	if (sk_query_step(query))
		found = sk_query_column_time(query, 0);
	if (sk_query_close(query) != 0)
		return -1;
	*moment = found;
	return 0;
}

int
sk_store_lists_awaited_since(struct sk_store *store, int64_t since, int gone_looks,
    int64_t *submitted_at, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_LISTS_AWAITED, err);
	sk_query_time(&query, 1, since);
	sk_query_number(&query, 2, gone_looks);
	return read_moment(&query, submitted_at);
}

int
sk_store_lists_looked_for(struct sk_store *store, int64_t after, int64_t until,
    int64_t *submitted_at, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_LISTS_LOOKED_FOR, err);
	sk_query_time(&query, 1, after);
	sk_query_time(&query, 2, until);
	return read_moment(&query, submitted_at);
}

int
sk_store_lists_looks_since(struct sk_store *store, int64_t since, int64_t *submitted_at,
    struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_LISTS_LOOKS, err);
	sk_query_time(&query, 1, since);
	return read_moment(&query, submitted_at);
}

int
sk_store_unowned_note(struct sk_store *store, const struct sk_unowned *entry, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_UNOWNED_NOTE, err);
	sk_query_text(&query, 1, entry->writeback_id);
	sk_query_text(&query, 2, entry->office_id);
	sk_query_text(&query, 3, entry->method);
	sk_query_text(&query, 4, entry->api);
	sk_query_number(&query, 5, entry->first_list);
	sk_query_time(&query, 6, entry->first_seen_at);
	return sk_query_run(&query, NULL);
}

int
sk_store_unowned_seen(struct sk_store *store, const char *writeback_id, int64_t list,
    struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_UNOWNED_SEEN, err);
	sk_query_text(&query, 1, writeback_id);
	sk_query_number(&query, 2, list);
	found = sk_query_step(&query);
	return sk_query_close(&query) == 0 ? found : -1;
}

int
sk_store_unowned_purge(struct sk_store *store, int64_t before, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_UNOWNED_DROP_OWNED, err);
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_UNOWNED_PURGE, err);
	sk_query_time(&query, 1, before);
	return sk_query_run(&query, NULL);
}
