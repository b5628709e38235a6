/* SPDX-License-Identifier: MIT */
/* store: rows that are taken out of the journal, and what stays of them. */
#include "store/archive.h"

#include <stdlib.h>

#include "store/ends.h"
#include "store/statements.h"

/* A statement about rows that may be taken out. ids: only these; NULL: all. */
static void
open_cut(struct sk_query *query, struct sk_store *store, enum sk_sql which,
    const struct sk_archive_cut *cut, const char *ids, struct sk_error *err)
{
	sk_query_open(query, store, which, err);
	sk_query_time(query, 1, cut->ended_before);
	sk_query_number(query, 2, cut->last_event);
	sk_query_text(query, 3, ids);
}

int
sk_store_archive_next(struct sk_store *store, const struct sk_archive_cut *cut, size_t most,
    int64_t **ids, size_t *n, struct sk_error *err)
{
	struct sk_query query;

	open_cut(&query, store, SK_SQL_ARCHIVABLE, cut, NULL, err);
	sk_query_number(&query, 4, (int64_t)most);
	return sk_query_collect(&query, ids, n);
}

int
sk_store_archive_count(struct sk_store *store, const struct sk_archive_cut *cut, int64_t *n,
    struct sk_error *err)
{
	struct sk_query query;

	*n = 0;
	open_cut(&query, store, SK_SQL_ARCHIVABLE_COUNT, cut, NULL, err);
	if (sk_query_step(&query))
		*n = sk_query_column_number(&query, 0);
	return sk_query_close(&query);
}

/* What stays is written before its rows are deleted, and events after that: a trigger keeps those of rows. */
static int
take(struct sk_store *store, const char *ids, struct sk_error *err)
{
	static const enum sk_sql steps[] = {SK_SQL_ARCHIVE_KEYS, SK_SQL_ARCHIVE_ROWS,
	    SK_SQL_ARCHIVE_EVENTS};
	struct sk_query query;

	if (sk_ends_leave(store, ids, err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		sk_query_write(&query, store, steps[i], err);
		sk_query_text(&query, 1, ids);
		if (sk_query_run(&query, NULL) != 0)
			return -1;
	}
	return 0;
}

int
sk_store_archive_take(struct sk_store *store, const struct sk_archive_cut *cut, const int64_t *ids,
    size_t n, size_t *taken, struct sk_error *err)
{
	char *written = sk_sql_numbers(ids, n), *still;
	int64_t *unchanged = NULL;
	struct sk_query query;
	int result;

	open_cut(&query, store, SK_SQL_ARCHIVABLE, cut, written, err);
	sk_query_number(&query, 4, (int64_t)n);
	result = sk_query_collect(&query, &unchanged, taken);
	free(written);
	if (result != 0)
		return -1;
	still = sk_sql_numbers(unchanged, *taken);
	result = take(store, still, err);
	free(still);
	free(unchanged);
	return result;
}

static void
read_archived(struct sk_query *query, struct sk_writeback *row)
{
	*row = (struct sk_writeback){.id = sk_query_column_number(query, 0),
	    .key = sk_query_column_text(query, 1),
	    .office_id = sk_query_column_text(query, 2),
	    .practice_id = sk_query_column_text(query, 3),
	    .operation = sk_query_column_text(query, 4),
	    .method = sk_query_column_text(query, 5),
	    .endpoint = sk_query_column_text(query, 6),
	    .has_secret = (int)sk_query_column_number(query, 7),
	    .result = sk_state_find(sk_query_column_look(query, 8)),
	    .error_code = sk_query_column_text(query, 9),
	    .writeback_id = sk_query_column_text(query, 10),
	    .created_id = sk_query_column_text(query, 11),
	    .appointment_sr_no = sk_query_column_text(query, 12),
	    .completed_at = sk_query_column_time(query, 13),
	    .purged_at = sk_query_column_time(query, 13),
	    .holds_key = 1};
}

int
sk_store_archive_recall(struct sk_store *store, int64_t id, struct sk_writeback *row,
    struct sk_error *err)
{
	struct sk_query query;
	struct sk_writeback read = {0};
	int found = sk_store_writeback_get(store, id, row, err);

	if (found != 0)
		return found;
	sk_query_open(&query, store, SK_SQL_ARCHIVED, err);
	sk_query_number(&query, 1, id);
	found = sk_query_step(&query);
	if (found)
		read_archived(&query, &read);
	if (sk_query_close(&query) != 0) {
		sk_writeback_fini(&read);
		return -1;
	}
	if (found)
		*row = read;
	return found;
}
