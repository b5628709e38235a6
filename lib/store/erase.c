/* SPDX-License-Identifier: MIT */
/* store: the rows that hold something of patients, and how they are cleared. */
#include "store/erase.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/statements.h"

static void
bind_purge(struct sk_query *query, const struct sk_purge *purge)
{
	sk_query_time(query, 1, purge->ended_before);
	sk_query_time(query, 3, purge->looked_for_since);
	sk_query_time(query, 4, purge->held_since);
}

void
sk_purge_place_fini(struct sk_purge_place *place)
{
	free(place->ended_at);
	*place = (struct sk_purge_place){0};
}

/* Adds those of the next rows, at most so many, that can be purged. How many were looked at, or -1. */
static int
look_on(struct sk_store *store, struct sk_purge_place *place, size_t most, int64_t *ids, size_t *n,
    struct sk_error *err)
{
	struct sk_purge_place next = {.purge = place->purge};
	struct sk_query query;
	int seen = 0;

	sk_query_open(&query, store, SK_SQL_PURGEABLE, err);
	bind_purge(&query, place->purge);
	sk_query_number(&query, 2, (int64_t)most);
	sk_query_text(&query, 5, place->ended_at != NULL ? place->ended_at : "");
	sk_query_number(&query, 6, place->id);
	for (; sk_query_step(&query); seen++) {
		free(next.ended_at);
		next.id = sk_query_column_number(&query, 0);
		next.ended_at = sk_query_column_text(&query, 1);
		if (sk_query_column_number(&query, 2) != 0)
			ids[(*n)++] = next.id;
	}
	if (sk_query_close(&query) != 0) {
		sk_purge_place_fini(&next);
		return -1;
	}
	if (seen > 0) {
		free(place->ended_at);
		*place = next;
	}
	return seen;
}

/* Looks on until half a portion is found: where few rows can be purged, a full one would take long to find. */
int
sk_store_purge_next(struct sk_store *store, struct sk_purge_place *place, size_t most,
    int64_t **ids, size_t *n, struct sk_error *err)
{
	int64_t *list = sk_mem_zero(most, sizeof(*list));
	size_t count = 0;
	int seen;

	do
		seen = look_on(store, place, most - count, list, &count, err);
	while (seen > 0 && count < most / 2);
	if (seen < 0) {
		free(list);
		return -1;
	}
	*ids = list;
	*n = count;
	return 0;
}

int
sk_store_purge(struct sk_store *store, const struct sk_purge *purge, const int64_t *ids, size_t n,
    int64_t *purged, struct sk_error *err)
{
	char *list = sk_sql_numbers(ids, n);
	struct sk_query query;
	int result;

	sk_query_write(&query, store, SK_SQL_PURGE, err);
	bind_purge(&query, purge);
	sk_query_time(&query, 2, purge->now);
	sk_query_text(&query, 5, list);
	result = sk_query_run(&query, purged);
	free(list);
	return result;
}

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
sk_store_erase_leads(struct sk_store *store, const char *patient_id, const struct sk_row_ids *rows,
    const struct sk_row_ids *left, struct sk_row_ids *leads, struct sk_error *err)
{
	char *list = sk_sql_numbers(rows->ids, rows->n),
	     *others = sk_sql_numbers(left->ids, left->n);
	struct sk_query query;
	int result;

	sk_query_open(&query, store, SK_SQL_PERSON_LEADS, err);
	sk_query_text(&query, 1, list);
	sk_query_text(&query, 2, patient_id);
	sk_query_text(&query, 3, others);
	result = sk_query_collect(&query, &leads->ids, &leads->n);
	free(list);
	free(others);
	return result;
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
