/* SPDX-License-Identifier: MIT */
/*
 * ends: the kept numbers of requests that have ended. What a row counts for is always reckoned from the row itself, by one
 * statement: before the row changes that is taken away, and afterwards what it has become is added. So the numbers are right
 * whatever changes in the row.
 */
#include "store/ends.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/statements.h"

enum part { HERE = 0, PAST = 1 }; /* the column is_past */

/* Adds what the rows with these numbers, a JSON array, count for. sign -1: takes it away. */
static int
add(struct sk_store *store, const char *ids, enum part part, int sign, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_ENDS_ADD, err);
	sk_query_text(&query, 1, ids);
	sk_query_number(&query, 2, part);
	sk_query_number(&query, 3, sign);
	return sk_query_run(&query, NULL);
}

static bool
has_ended(enum sk_state state)
{
	return (SK_MASK(state) & SK_ENDED) != 0;
}

/* sign 1: takes away what the row counts for; if its state changes, that end is counted as past. -1: undoes this. */
static int
shift(struct sk_store *store, const struct sk_end_change *change, int sign, struct sk_error *err)
{
	char *ids = sk_sql_numbers(&change->id, 1);
	int result = add(store, ids, HERE, -sign, err);

	if (result == 0 && change->now != change->was)
		result = add(store, ids, PAST, sign, err);
	free(ids);
	return result;
}

int
sk_ends_before(struct sk_store *store, const struct sk_end_change *change, struct sk_error *err)
{
	return has_ended(change->was) ? shift(store, change, 1, err) : 0;
}

int
sk_ends_after(struct sk_store *store, const struct sk_end_change *change, bool is_changed,
    struct sk_error *err)
{
	char *ids;
	int result;

	if (!is_changed)
		return has_ended(change->was) ? shift(store, change, -1, err) : 0;
	if (!has_ended(change->now))
		return 0;
	ids = sk_sql_numbers(&change->id, 1);
	result = add(store, ids, HERE, 1, err);
	free(ids);
	return result;
}

int
sk_ends_leave(struct sk_store *store, const char *ids, struct sk_error *err)
{
	if (add(store, ids, HERE, -1, err) != 0)
		return -1;
	return add(store, ids, PAST, 1, err);
}

int
sk_store_ends_match(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;
	int differ;

	sk_query_open(&query, store, SK_SQL_ENDS_DIFFER, err);
	differ = sk_query_step(&query);
	return sk_query_close(&query) != 0 ? -1 : !differ;
}

static int
count_anew(struct sk_store *store, struct sk_error *err)
{
	static const enum sk_sql steps[] = {SK_SQL_ENDS_FORGET, SK_SQL_ENDS_COUNT_ANEW};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct sk_query query;

		sk_query_write(&query, store, steps[i], err);
		if (sk_query_run(&query, NULL) != 0)
			return -1;
	}
	return 0;
}

int
sk_store_ends_mend(struct sk_store *store, struct sk_error *err)
{
	int match = sk_store_ends_match(store, err), own;

	if (match != 0)
		return match < 0 ? -1 : 0;
	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	return sk_own_end(store, own, count_anew(store, err), err) == 0 ? 1 : -1;
}

void
sk_tallies_free(struct sk_tally *tallies, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(tallies[i].office_id);
	free(tallies);
}

int
sk_store_ends(struct sk_store *store, struct sk_tally **tallies, size_t *n, struct sk_error *err)
{
	static const enum sk_state states[] = {SK_COMPLETED, SK_FAILED, SK_WITHDRAWN};
	struct sk_query query;
	struct sk_tally *list = NULL;
	size_t count = 0, room = 0;

	sk_query_open(&query, store, SK_SQL_ENDS_EVER, err);
	while (sk_query_step(&query)) {
		list = sk_mem_grow(list, count + 3, &room, sizeof(*list));
		for (int i = 0; i < 3; i++) {
			struct sk_tally *tally = &list[count++];

			tally->office_id = sk_query_column_text(&query, 0);
			tally->state = states[i];
			tally->count = sk_query_column_number(&query, i + 1);
		}
	}
	if (sk_query_close(&query) != 0) {
		sk_tallies_free(list, count);
		return -1;
	}
	*tallies = list;
	*n = count;
	return 0;
}

int
sk_store_ends_straight(struct sk_store *store, const char *const *offices, size_t n_offices,
    int64_t *count, int64_t *sum, struct sk_error *err)
{
	char *wanted = n_offices > 0 ? sk_sql_texts(offices, n_offices) : NULL;
	struct sk_query query;
	int result;

	*count = *sum = 0;
	sk_query_open(&query, store, SK_SQL_ENDS_STRAIGHT, err);
	sk_query_text(&query, 1, wanted);
	if (sk_query_step(&query)) {
		*count = sk_query_column_number(&query, 0);
		*sum = sk_query_column_number(&query, 1);
	}
	result = sk_query_close(&query);
	free(wanted);
	return result;
}
