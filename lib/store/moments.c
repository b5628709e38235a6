/* SPDX-License-Identifier: MIT */
/*
 * store: mends moments that lie ahead of the clock, and those that lie too far behind it. Events aren't
 * mended, since they never change; one that lies ahead doesn't count as made (events.c).
 */
#include "store/moments.h"

#include "base/time.h"
#include "store/statements.h"

static int
are_there(struct sk_store *store, int64_t now, struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_MOMENTS_AHEAD, err);
	sk_query_time(&query, 1, now + SK_MOMENTS_TOLERANCE);
	sk_query_number(&query, 2, now + SK_MOMENTS_TOLERANCE);
	found = sk_query_step(&query) && sk_query_column_number(&query, 0) != 0;
	return sk_query_close(&query) == 0 ? found : -1;
}

/* Columns hold moments as text, facts as numbers. */
static int
mend(struct sk_store *store, int64_t now, struct sk_error *err)
{
	static const enum sk_sql columns[] = {SK_SQL_MOMENTS_MEND_ROWS, SK_SQL_MOMENTS_MEND_OFFICES,
	    SK_SQL_MOMENTS_MEND_PRACTICES, SK_SQL_MOMENTS_MEND_FORGOTTEN, SK_SQL_MOMENTS_MEND_BEATS,
	    SK_SQL_MOMENTS_MEND_HOLDS, SK_SQL_MOMENTS_MEND_CHOICES, SK_SQL_MOMENTS_MEND_MEASURES,
	    SK_SQL_MOMENTS_MEND_REFRESHES, SK_SQL_MOMENTS_MEND_COMMANDS,
	    SK_SQL_MOMENTS_MEND_NOT_LISTED, SK_SQL_MOMENTS_MEND_UNOWNED,
	    SK_SQL_MOMENTS_MEND_NOT_OURS, SK_SQL_MOMENTS_MEND_REFUSALS};
	struct sk_query query;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		sk_query_write(&query, store, columns[i], err);
		sk_query_time(&query, 1, now + SK_MOMENTS_TOLERANCE);
		sk_query_time(&query, 2, now);
		if (sk_query_run(&query, NULL) != 0)
			return -1;
	}
	sk_query_write(&query, store, SK_SQL_MOMENTS_MEND_FACTS, err);
	sk_query_number(&query, 1, now + SK_MOMENTS_TOLERANCE);
	sk_query_number(&query, 2, now);
	return sk_query_run(&query, NULL);
}

int
sk_store_moments_mend(struct sk_store *store, int64_t now, bool *mended, struct sk_error *err)
{
	int found = are_there(store, now, err), own;

	*mended = false;
	if (found <= 0)
		return found;
	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	if (sk_own_end(store, own, mend(store, now, err), err) != 0)
		return -1;
	*mended = true;
	return 0;
}

int
sk_store_moments_delay(struct sk_store *store, int64_t now, struct sk_error *err)
{
	static const enum sk_sql both[] = {SK_SQL_MOMENTS_DELAY_UNKNOWN,
	    SK_SQL_MOMENTS_DELAY_LOOKS};
	struct sk_query query;

	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		sk_query_write(&query, store, both[i], err);
		sk_query_time(&query, 1, now);
		if (sk_query_run(&query, NULL) != 0)
			return -1;
	}
	return 0;
}
