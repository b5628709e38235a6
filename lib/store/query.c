/* SPDX-License-Identifier: MIT */
/*
 * store: reads of many writebacks: by filter, as counts, durations and the outbox. A state file
 * that is missing (a NULL store) has no rows.
 */
#include "store/writebacks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/statements.h"

static char *
states_list(unsigned states)
{
	const char *names[SK_STATES];
	size_t n = 0;

	for (int i = SK_QUEUED; i < SK_STATES; i++)
		if (states & SK_MASK(i))
			names[n++] = sk_state_name((enum sk_state)i);
	return sk_sql_texts(names, n);
}

/* Whether each state in the mask is also in those. */
static bool
within(unsigned states, unsigned those)
{
	return states != 0 && (states & ~those) == 0;
}

/* Chooses the statement whose index leaves the fewest rows to look at. */
static enum sk_sql
driver(const struct sk_filter *filter)
{
	if (filter->n_ids > 0)
		return SK_SQL_FIND_IDS;
	if (filter->writeback_id != NULL)
		return SK_SQL_FIND_WRITEBACK_ID;
	if (filter->run != NULL)
		return SK_SQL_FIND_RUN;
	if (filter->with_doubled)
		return SK_SQL_FIND_DOUBLED;
	if (filter->resolved_since != 0)
		return SK_SQL_FIND_RESOLVED;
	if (filter->looks_due_since != 0)
		return SK_SQL_FIND_LOOKS;
	if (filter->with_not_received)
		return SK_SQL_FIND_NOT_RECEIVED;
	if (within(filter->states, SK_OPEN_STATES))
		return SK_SQL_FIND_LIVING;
	if (filter->unpurged && filter->ended_before != 0)
		return SK_SQL_FIND_UNPURGED;
	if (filter->n_offices > 0)
		return SK_SQL_FIND_OFFICES;
	if (filter->queued_since != 0)
		return SK_SQL_FIND_SINCE;
	if (within(filter->states, SK_MASK(SK_FAILED) | SK_MASK(SK_WITHDRAWN)))
		return SK_SQL_FIND_UNDONE;
	return SK_SQL_FIND_ALL;
}

/* The small statement that tells whether there may be a row; SK_SQL_COUNT: there is none. */
static enum sk_sql
any_of(enum sk_sql find)
{
	switch (find) {
	case SK_SQL_FIND_LIVING:
		return SK_SQL_ANY_LIVING;
	case SK_SQL_FIND_NOT_RECEIVED:
		return SK_SQL_ANY_NOT_RECEIVED;
	case SK_SQL_FIND_LOOKS:
		return SK_SQL_ANY_LOOKS;
	case SK_SQL_FIND_RESOLVED:
		return SK_SQL_ANY_RESOLVED;
	case SK_SQL_FIND_DOUBLED:
		return SK_SQL_ANY_DOUBLED;
	default:
		return SK_SQL_COUNT;
	}
}

/*
 * Whether there is surely no such row: 1, 0, -1. Mostly there is none, and the statement that reads whole rows takes
 * ten times as long to prepare as to run. Once that is prepared, nothing is asked before it.
 */
static int
is_none(struct sk_store *store, enum sk_sql find, const struct sk_filter *filter,
    struct sk_error *err)
{
	enum sk_sql any = any_of(find);
	struct sk_query query;
	bool found;

	if (store == NULL || any == SK_SQL_COUNT || store->statements[find] != NULL)
		return 0;
	sk_query_open(&query, store, any, err);
	if (any == SK_SQL_ANY_LOOKS)
		sk_query_time(&query, 8, filter->looks_due_since);
	if (any == SK_SQL_ANY_RESOLVED)
		sk_query_time(&query, 12, filter->resolved_since);
	found = sk_query_step(&query);
	return sk_query_close(&query) != 0 ? -1 : !found;
}

static void
flag(struct sk_query *query, int slot, int is_set)
{
	sk_query_number_or_null(query, slot, is_set ? 1 : 0);
}

static int
read_rows(struct sk_store *store, const struct sk_filter *filter, struct sk_writeback **rows,
    size_t *n, struct sk_error *err)
{
	char *states = filter->states != 0 ? states_list(filter->states) : NULL;
	char *offices =
	    filter->n_offices > 0 ? sk_sql_texts(filter->offices, filter->n_offices) : NULL;
	char *ids = filter->n_ids > 0 ? sk_sql_numbers(filter->ids, filter->n_ids) : NULL;
	struct sk_writeback *list = NULL;
	size_t count = 0, room = 0;
	struct sk_query query;
	int result;

	sk_query_open(&query, store, driver(filter), err);
	sk_query_text(&query, 1, states);
	sk_query_text(&query, 2, offices);
	sk_query_text(&query, 3, ids);
	sk_query_time(&query, 4, filter->queued_since);
	sk_query_time(&query, 5, filter->ended_before);
	sk_query_time(&query, 6, filter->checked_before);
	flag(&query, 7, filter->with_not_received);
	sk_query_time(&query, 8, filter->looks_due_since);
	flag(&query, 9, filter->with_doubled);
	flag(&query, 10, filter->unpurged);
	sk_query_time(&query, 12, filter->resolved_since);
	sk_query_number(&query, 11, filter->most > 0 ? filter->most : -1);
	if (filter->run != NULL)
		sk_query_number_or_null(&query, 13, *filter->run);
	sk_query_text(&query, 14, filter->key);
	sk_query_text(&query, 15, filter->writeback_id);
	sk_query_text(&query, 16, filter->appointment);
	sk_query_text(&query, 17, filter->patient);
	sk_query_text(&query, 18, filter->error_code);
	while (sk_query_step(&query)) {
		list = sk_mem_grow(list, count + 1, &room, sizeof(*list));
		sk_writeback_read(&query, &list[count++]);
	}
	result = sk_query_close(&query);
	free(ids);
	free(offices);
	free(states);
	if (result != 0) {
		sk_writebacks_free(list, count);
		return -1;
	}
	*rows = list;
	*n = count;
	return 0;
}

int
sk_store_writebacks(struct sk_store *store, const struct sk_filter *filter,
    struct sk_writeback **rows, size_t *n, struct sk_error *err)
{
	int none = is_none(store, driver(filter), filter, err);

	if (none < 0)
		return -1;
	if (!none)
		return read_rows(store, filter, rows, n, err);
	*rows = NULL;
	*n = 0;
	return 0;
}

int
sk_store_writebacks_open(struct sk_store *store, const char *const *offices, size_t n_offices,
    int64_t **ids, size_t *n, struct sk_error *err)
{
	char *wanted = n_offices > 0 ? sk_sql_texts(offices, n_offices) : NULL;
	struct sk_query query;
	int result;

	sk_query_open(&query, store, SK_SQL_OPEN_IDS, err);
	sk_query_text(&query, 1, wanted);
	result = sk_query_collect(&query, ids, n);
	free(wanted);
	return result;
}

int
sk_store_writebacks_highest(struct sk_store *store, int64_t *id, struct sk_error *err)
{
	struct sk_query query;
	int64_t highest = 0;

	sk_query_open(&query, store, SK_SQL_HIGHEST, err);
	if (sk_query_step(&query))
		highest = sk_query_column_number(&query, 0);
	if (sk_query_close(&query) != 0)
		return -1;
	*id = highest;
	return 0;
}

int
sk_store_writebacks_overtaken(struct sk_store *store, const struct sk_writeback *row,
    struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_OVERTAKEN, err);
	sk_query_number(&query, 1, row->id);
	sk_query_text(&query, 2, row->office_id);
	sk_query_text(&query, 3, row->endpoint);
	found = sk_query_step(&query);
	return sk_query_close(&query) != 0 ? -1 : found;
}

int
sk_store_writebacks_sent_equal(struct sk_store *store, const struct sk_writeback *row,
    struct sk_error *err)
{
	struct sk_query query;
	int found;

	if (row->content_key == NULL)
		return 0;
	sk_query_open(&query, store, SK_SQL_SENT_EQUAL, err);
	sk_query_number(&query, 1, row->id);
	sk_query_text(&query, 2, row->office_id);
	sk_query_text(&query, 3, row->content_key);
	sk_query_time(&query, 4, row->queued_at);
	found = sk_query_step(&query);
	return sk_query_close(&query) != 0 ? -1 : found;
}

int
sk_store_writebacks_latest_accepted(struct sk_store *store, int64_t sent_until, char **writeback_id,
    int64_t *submitted_at, struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_LATEST_ACCEPTED, err);
	sk_query_time(&query, 1, sent_until);
	found = sk_query_step(&query);
	if (found) {
		*writeback_id = sk_query_column_text(&query, 0);
		*submitted_at = sk_query_column_time(&query, 1);
	}
	return sk_query_close(&query) != 0 ? -1 : found;
}

int
sk_store_writebacks_unsettled(struct sk_store *store, struct sk_mark **marks, size_t *n,
    struct sk_error *err)
{
	struct sk_query query;
	struct sk_mark *list = NULL;
	size_t count = 0, room = 0;

	sk_query_open(&query, store, SK_SQL_UNSETTLED, err);
	while (sk_query_step(&query)) {
		list = sk_mem_grow(list, count + 1, &room, sizeof(*list));
		list[count++] = (struct sk_mark){.id = sk_query_column_number(&query, 0),
		    .result = sk_state_find(sk_query_column_look(&query, 1)),
		    .attempts = (int)sk_query_column_number(&query, 2),
		    .run = sk_query_column_number(&query, 3)};
	}
	if (sk_query_close(&query) != 0) {
		free(list);
		return -1;
	}
	*marks = list;
	*n = count;
	return 0;
}

static int
compare_numbers(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int
sk_store_writebacks_durations(struct sk_store *store, const char *office_id, size_t most,
    int64_t **durations, size_t *n, struct sk_error *err)
{
	struct sk_query query;
	int64_t *list = NULL;
	size_t count = 0, room = 0;

	sk_query_open(&query, store, SK_SQL_DURATIONS, err);
	sk_query_text(&query, 1, office_id);
	sk_query_number(&query, 2, most > INT64_MAX ? INT64_MAX : (int64_t)most);
	while (sk_query_step(&query)) {
		list = sk_mem_grow(list, count + 1, &room, sizeof(*list));
		/* The seconds of both times are cut off: it may have been nearly one more. */
		list[count++] = sk_query_column_number(&query, 0) + SK_SECOND;
	}
	if (sk_query_close(&query) != 0) {
		free(list);
		return -1;
	}
	if (count > 1)
		qsort(list, count, sizeof(*list), compare_numbers);
	*durations = list;
	*n = count;
	return 0;
}

int
sk_store_writebacks_living(struct sk_store *store, const int64_t ages[SK_AGES], int64_t now,
    struct sk_open_tally **living, size_t *n, struct sk_error *err)
{
	struct sk_query query;
	struct sk_open_tally *list = NULL, *one;
	size_t count = 0, room = 0;

	sk_query_open(&query, store, SK_SQL_LIVING, err);
	for (int i = 0; i < SK_AGES; i++)
		sk_query_time(&query, i + 1, now - ages[i]);
	while (sk_query_step(&query)) {
		list = sk_mem_grow(list, count + 1, &room, sizeof(*list));
		one = &list[count++];
		one->office_id = sk_query_column_text(&query, 0);
		one->state = sk_state_find(sk_query_column_look(&query, 1));
		one->count = sk_query_column_number(&query, 2);
		one->oldest = sk_query_column_time(&query, 3);
		for (int i = 0; i < SK_AGES; i++) {
			one->younger[i] = sk_query_column_number(&query, 4 + i);
			one->oldest_younger[i] = sk_query_column_time(&query, 4 + SK_AGES + i);
		}
	}
	if (sk_query_close(&query) != 0) {
		sk_open_tallies_free(list, count);
		return -1;
	}
	*living = list;
	*n = count;
	return 0;
}

void
sk_open_tallies_free(struct sk_open_tally *living, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(living[i].office_id);
	free(living);
}

int
sk_store_writebacks_ended(struct sk_store *store, const char *const *offices, size_t n_offices,
    int64_t since, struct sk_ended *ended, struct sk_error *err)
{
	char *wanted = n_offices > 0 ? sk_sql_texts(offices, n_offices) : NULL;
	struct sk_ended read = {{0}, NULL, 0};
	struct sk_query query;
	size_t room = 0;
	int64_t took;
	int result;

	sk_query_open(&query, store, SK_SQL_ENDED_SINCE, err);
	sk_query_text(&query, 1, wanted);
	sk_query_time(&query, 2, since);
	while (sk_query_step(&query)) {
		read.count[sk_state_find(sk_query_column_look(&query, 0))]++;
		took = sk_query_column_number(&query, 1);
		if (took == 0)
			continue;
		read.durations = sk_mem_grow(read.durations, read.n_durations + 1, &room,
		    sizeof(*read.durations));
		read.durations[read.n_durations++] = took;
	}
	result = sk_query_close(&query);
	free(wanted);
	if (result != 0) {
		free(read.durations);
		return -1;
	}
	if (read.n_durations > 1)
		qsort(read.durations, read.n_durations, sizeof(*read.durations), compare_numbers);
	*ended = read;
	return 0;
}

int
sk_store_writebacks_refused_offices(struct sk_store *store, const char *code, int64_t since,
    sk_store_refused_fn *take, void *arg, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_REFUSED_OFFICES, err);
	sk_query_text(&query, 1, code);
	sk_query_time(&query, 2, since);
	while (sk_query_step(&query))
		take(arg, sk_query_column_look(&query, 0), sk_query_column_time(&query, 1));
	return sk_query_close(&query);
}
