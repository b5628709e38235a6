/* SPDX-License-Identifier: MIT */
/*
 * store: the values of fields that practices allow, as they were read from the server (table
 * choices).
 */
#include "store/choices.h"

#include <stdlib.h>

#include "base/time.h"
#include "store/moments.h"
#include "store/statements.h"

/* Ends the query, which has its office already, if it wants one. */
static int
take(struct sk_query *query, const char *source, int64_t since, struct sk_kept_choices *kept)
{
	kept->items = NULL;
	sk_query_text(query, 2, source);
	sk_query_time(query, 3, since);
	sk_query_time(query, 4, sk_time_now() + SK_MOMENTS_TOLERANCE);
	if (sk_query_step(query)) {
		kept->items = sk_query_column_text(query, 0);
		kept->read_at = sk_query_column_time(query, 1);
	}
	if (sk_query_close(query) == 0)
		return kept->items != NULL;
	free(kept->items);
	kept->items = NULL;
	return -1;
}

int
sk_store_choices_get(struct sk_store *store, const char *office_id, const char *source,
    int64_t since, struct sk_kept_choices *kept, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_CHOICES_GET, err);
	sk_query_text(&query, 1, office_id);
	return take(&query, source, since, kept);
}

int
sk_store_choices_get_latest(struct sk_store *store, const char *source, int64_t since,
    struct sk_kept_choices *kept, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_CHOICES_GET_LATEST, err);
	return take(&query, source, since, kept);
}

int
sk_store_choices_put(struct sk_store *store, const char *office_id, const char *source,
    const char *items, int64_t now, struct sk_error *err)
{
	struct sk_query query;
	int own;

	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_CHOICES_PUT, err);
	sk_query_text(&query, 1, office_id);
	sk_query_text(&query, 2, source);
	sk_query_text(&query, 3, items);
	sk_query_time(&query, 4, now);
	return sk_own_end(store, own, sk_query_run(&query, NULL), err);
}

int
sk_store_choices_purge(struct sk_store *store, int64_t before, struct sk_error *err)
{
	struct sk_query query;
	int own;

	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_CHOICES_PURGE, err);
	sk_query_time(&query, 1, before);
	return sk_own_end(store, own, sk_query_run(&query, NULL), err);
}
