/* SPDX-License-Identifier: MIT */
/* store: the rows that an equal request meets. */
#include "store/holders.h"

#include "store/statements.h"

/* Takes the row number that an open query finds: 1 found, 0 none, -1 error. */
static int
take_number(struct sk_query *query, int64_t *id)
{
	int64_t number = 0;
	int found = sk_query_step(query);

	if (found)
		number = sk_query_column_number(query, 0);
	if (sk_query_close(query) != 0)
		return -1;
	if (found)
		*id = number;
	return found;
}

int
sk_store_key_holder(struct sk_store *store, const char *key, int64_t *id, struct sk_error *err)
{
	struct sk_query query;

	if (key == NULL)
		return 0;
	sk_query_open(&query, store, SK_SQL_KEY_HOLDER, err);
	sk_query_text(&query, 1, key);
	return take_number(&query, id);
}

int
sk_store_content_holder(struct sk_store *store, const char *content_key, int64_t *id,
    struct sk_error *err)
{
	struct sk_query query;

	if (content_key == NULL)
		return 0;
	sk_query_open(&query, store, SK_SQL_CONTENT_HOLDER, err);
	sk_query_text(&query, 1, content_key);
	return take_number(&query, id);
}

int
sk_store_has_unclaimed(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	struct sk_query query;
	int64_t one;

	sk_query_open(&query, store, SK_SQL_UNCLAIMED_ANY, err);
	sk_query_text(&query, 1, office_id);
	return take_number(&query, &one);
}

static int
find_unclaimed(struct sk_store *store, enum sk_sql sql, const char *office_id,
    const char *content_key, int64_t *id, struct sk_error *err)
{
	struct sk_query query;

	if (content_key == NULL)
		return 0;
	sk_query_open(&query, store, sql, err);
	sk_query_text(&query, 1, office_id);
	sk_query_text(&query, 2, content_key);
	return take_number(&query, id);
}

int
sk_store_unclaimed(struct sk_store *store, const char *office_id, const char *content_key,
    int64_t *id, struct sk_error *err)
{
	return find_unclaimed(store, SK_SQL_UNCLAIMED, office_id, content_key, id, err);
}

int
sk_store_unclaimed_undone(struct sk_store *store, const char *office_id, const char *content_key,
    int64_t *id, struct sk_error *err)
{
	return find_unclaimed(store, SK_SQL_UNCLAIMED_UNDONE, office_id, content_key, id, err);
}

int
sk_store_unclaimed_dark(struct sk_store *store, const char *office_id, const char *method,
    bool all_of_them, int64_t **ids, size_t *n, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_UNCLAIMED_DARK, err);
	sk_query_text(&query, 1, office_id);
	sk_query_text(&query, 2, method);
	sk_query_number(&query, 3, all_of_them);
	return sk_query_collect(&query, ids, n);
}
