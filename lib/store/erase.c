/* SPDX-License-Identifier: MIT */
/* store: the rows that hold something of one patient, and how they are cleared. */
#include "store/erase.h"

#include <stdlib.h>

#include "store/statements.h"

int
sk_store_erase_find(struct sk_store *store, const char *office_id, const char *patient_id,
    int64_t **ids, size_t *n, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_PERSON, err);
	sk_query_text(&query, 1, office_id);
	sk_query_text(&query, 2, patient_id);
	return sk_query_collect(&query, ids, n);
}

int
sk_store_erase(struct sk_store *store, const int64_t *ids, size_t n, int64_t now,
    struct sk_error *err)
{
	char *list = sk_sql_numbers(ids, n);
	struct sk_query query;
	int result;

	sk_query_write(&query, store, SK_SQL_ERASE, err);
	sk_query_text(&query, 1, list);
	sk_query_time(&query, 2, now);
	result = sk_query_run(&query, NULL);
	free(list);
	return result;
}
