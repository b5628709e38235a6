/* SPDX-License-Identifier: MIT */
/*
 * untold: the table of that name, and the locks that say which tellers live. If what was told can't be
 * struck out, it is told once more: better twice than never.
 */
#include "store/untold.h"

#include <stdlib.h>

#include "base/twin.h"
#include "store/statements.h"

int
sk_untold_begin(struct sk_session *session, struct sk_error *err)
{
	int64_t number;
	int taken = 0;

	if (session->store == NULL || session->store->teller != 0)
		return 0;
	while (taken == 0) {
		if (sk_twin_random(&number, err) != 0)
			return -1;
		number &= SK_LOCK_LAST;
		if (number != 0)
			taken = sk_lock_try(session->lock, SK_LOCK_TELLER, number, err);
	}
	if (taken < 0)
		return -1;
	session->store->teller = number;
	return 0;
}

void
sk_untold_end(struct sk_session *session)
{
	if (session->store == NULL || session->store->teller == 0)
		return;
	sk_lock_release(session->lock, SK_LOCK_TELLER, session->store->teller);
	session->store->teller = 0;
}

int
sk_store_untold_add(struct sk_store *store, int64_t row, struct sk_error *err)
{
	struct sk_query query;
	int own, result;

	if (store->teller == 0)
		return 0;
	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_UNTOLD_ADD, err);
	sk_query_number(&query, 1, row);
	sk_query_number(&query, 2, store->teller);
	result = sk_query_run(&query, NULL);
	return sk_own_end(store, own, result, err);
}

/* The numbers of all tellers that have ended, and have left something: the caller's. */
static int
find_ended(struct sk_session *session, int64_t **tellers, size_t *n, struct sk_error *err)
{
	struct sk_query query;
	size_t n_ended = 0;

	sk_query_open(&query, session->store, SK_SQL_UNTOLD_TELLERS, err);
	sk_query_number(&query, 1, session->store->teller);
	if (sk_query_collect(&query, tellers, n) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++) {
		int held = sk_lock_is_held(session->lock, SK_LOCK_TELLER, (*tellers)[i], err);

		if (held < 0) {
			free(*tellers);
			return -1;
		}
		if (held == 0)
			(*tellers)[n_ended++] = (*tellers)[i];
	}
	*n = n_ended;
	return 0;
}

static char *
offices_of(const struct sk_session *session)
{
	const struct sk_common *common = session->common;

	return common->n_offices > 0 ? sk_sql_texts(common->offices, common->n_offices) : NULL;
}

static int
take_all(struct sk_session *session, const int64_t *tellers, size_t n, struct sk_error *err)
{
	char *offices = offices_of(session);
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++) {
		struct sk_query query;

		sk_query_write(&query, session->store, SK_SQL_UNTOLD_TAKE, err);
		sk_query_text(&query, 1, offices);
		sk_query_number(&query, 2, tellers[i]);
		sk_query_number(&query, 3, session->store->teller);
		result = sk_query_run(&query, NULL);
	}
	free(offices);
	return result;
}

int
sk_untold_take_over(struct sk_session *session, struct sk_error *err)
{
	int64_t *tellers;
	size_t n;
	int own, result = 0;

	if (session->store == NULL || session->store->teller == 0)
		return 0;
	if (find_ended(session, &tellers, &n, err) != 0)
		return -1;
	if (n > 0) {
		result = sk_own_begin(session->store, &own, err);
		if (result == 0)
			result = sk_own_end(session->store, own, take_all(session, tellers, n, err),
			    err);
	}
	free(tellers);
	return result;
}

int
sk_untold_rows(struct sk_session *session, int64_t **rows, size_t *n, struct sk_error *err)
{
	char *offices = offices_of(session);
	struct sk_query query;
	int result;

	sk_query_open(&query, session->store, SK_SQL_UNTOLD_ROWS, err);
	sk_query_text(&query, 1, offices);
	sk_query_number(&query, 2, session->store->teller);
	result = sk_query_collect(&query, rows, n);
	free(offices);
	return result;
}

/* Whether there is anything to strike out: most records are of rows that didn't change. 1, 0, -1. */
static int
has_any(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_UNTOLD_ANY, err);
	sk_query_number(&query, 1, store->teller);
	found = sk_query_step(&query);
	return sk_query_close(&query) == 0 ? found : -1;
}

int
sk_untold_strike(struct sk_session *session, const int64_t *rows, size_t n, struct sk_error *err)
{
	struct sk_store *store = session->store;
	int any = store != NULL && store->teller != 0 && n > 0 ? has_any(store, err) : 0;
	int own, result = 0;

	if (any <= 0)
		return any;
	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++) {
		struct sk_query query;

		sk_query_write(&query, store, SK_SQL_UNTOLD_STRIKE, err);
		sk_query_number(&query, 1, rows[i]);
		sk_query_number(&query, 2, store->teller);
		result = sk_query_run(&query, NULL);
	}
	return sk_own_end(store, own, result, err);
}
