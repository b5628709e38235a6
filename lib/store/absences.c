/* SPDX-License-Identifier: MIT */
/*
 * store: the table not_listed, read beside the accepted requests of the journal.
 */
#include "store/absences.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/statements.h"

void
sk_absences_free(struct sk_absence *absences, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(absences[i].writeback_id);
	free(absences);
}

int
sk_store_absences(struct sk_store *store, int64_t after, int64_t until,
    struct sk_absence **absences, size_t *n, struct sk_error *err)
{
	struct sk_absence *list = NULL, *one;
	size_t count = 0, room = 0;
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_ABSENCES, err);
	sk_query_time(&query, 1, after);
	sk_query_time(&query, 2, until);
	while (sk_query_step(&query)) {
		list = sk_mem_grow(list, count + 1, &room, sizeof(*list));
		one = &list[count++];
		one->row = sk_query_column_number(&query, 0);
		one->writeback_id = sk_query_column_text(&query, 1);
		one->submitted_at = sk_query_column_time(&query, 2);
		one->lists = sk_query_column_number(&query, 3);
		one->list = sk_query_column_number(&query, 4);
		one->before_at = sk_query_column_time(&query, 5);
		one->last_at = sk_query_column_time(&query, 6);
		one->was_shown = sk_query_column_number(&query, 7) != 0;
	}
	if (sk_query_close(&query) != 0) {
		sk_absences_free(list, count);
		return -1;
	}
	*absences = list;
	*n = count;
	return 0;
}

int
sk_store_absence_put(struct sk_store *store, const struct sk_absence *absence, struct sk_error *err)
{
	struct sk_query query;

	if (absence->lists == 0) {
		sk_query_write(&query, store, SK_SQL_ABSENCE_FORGET, err);
		sk_query_number(&query, 1, absence->row);
		return sk_query_run(&query, NULL);
	}
	sk_query_write(&query, store, SK_SQL_ABSENCE_PUT, err);
	sk_query_number(&query, 1, absence->row);
	sk_query_number(&query, 2, absence->lists);
	sk_query_number(&query, 3, absence->list);
	sk_query_time(&query, 4, absence->before_at);
	sk_query_time(&query, 5, absence->last_at);
	sk_query_number(&query, 6, absence->was_shown ? 1 : 0);
	return sk_query_run(&query, NULL);
}

int
sk_store_absences_trim(struct sk_store *store, int64_t before, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_ABSENCES_TRIM, err);
	sk_query_time(&query, 1, before);
	return sk_query_run(&query, NULL);
}
