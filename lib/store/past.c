/* SPDX-License-Identifier: MIT */
/* past: reads events and the runs that made them together. */
#include "store/past.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/statements.h"

#define RUN_COLUMNS 9 /* with which a statement begins */

static void
read_run(struct sk_query *query, struct sk_run *run)
{
	run->run = sk_query_column_number(query, 0);
	run->command = sk_query_column_text(query, 1);
	run->started_at = sk_query_column_time(query, 2);
	run->ended_at = sk_query_column_time(query, 3);
	run->user = sk_query_column_text(query, 4);
	run->uid = sk_query_column_text(query, 5);
	run->host = sk_query_column_text(query, 6);
	run->pid = sk_query_column_text(query, 7);
	run->parent = sk_query_column_text(query, 8);
}

static void
free_run(struct sk_run *run)
{
	free(run->command);
	free(run->user);
	free(run->uid);
	free(run->host);
	free(run->pid);
	free(run->parent);
}

void
sk_happened_free(struct sk_happened *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free_run(&list[i].run);
		free(list[i].kind);
		free(list[i].text);
	}
	free(list);
}

int
sk_store_happened(struct sk_store *store, int64_t row, struct sk_happened **list, size_t *n,
    struct sk_error *err)
{
	struct sk_happened *read = NULL, *one;
	size_t count = 0, room = 0;
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_EVENTS_OF_ROW, err);
	sk_query_number(&query, 1, row);
	while (sk_query_step(&query)) {
		read = sk_mem_grow(read, count + 1, &room, sizeof(*read));
		one = &read[count++];
		read_run(&query, &one->run);
		one->id = sk_query_column_number(&query, RUN_COLUMNS);
		one->at = sk_query_column_time(&query, RUN_COLUMNS + 1);
		one->kind = sk_query_column_text(&query, RUN_COLUMNS + 2);
		one->text = sk_query_column_text(&query, RUN_COLUMNS + 3);
	}
	if (sk_query_close(&query) != 0) {
		sk_happened_free(read, count);
		return -1;
	}
	*list = read;
	*n = count;
	return 0;
}

void
sk_runs_free(struct sk_run_changes *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free_run(&list[i].run);
	free(list);
}

int
sk_store_runs(struct sk_store *store, const char *const *offices, size_t n_offices, int64_t since,
    struct sk_run_changes **list, size_t *n, struct sk_error *err)
{
	char *wanted = n_offices > 0 ? sk_sql_texts(offices, n_offices) : NULL;
	struct sk_run_changes *read = NULL, *one;
	size_t count = 0, room = 0;
	struct sk_query query;
	int result;

	sk_query_open(&query, store, SK_SQL_RUNS_CHANGES, err);
	sk_query_text(&query, 1, wanted);
	sk_query_time(&query, 2, since);
	while (sk_query_step(&query)) {
		read = sk_mem_grow(read, count + 1, &room, sizeof(*read));
		one = &read[count++];
		read_run(&query, &one->run);
		one->changes = sk_query_column_number(&query, RUN_COLUMNS);
		one->requests = sk_query_column_number(&query, RUN_COLUMNS + 1);
		one->latest_at = sk_query_column_time(&query, RUN_COLUMNS + 2);
	}
	result = sk_query_close(&query);
	free(wanted);
	if (result != 0) {
		sk_runs_free(read, count);
		return -1;
	}
	*list = read;
	*n = count;
	return 0;
}
