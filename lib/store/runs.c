/* SPDX-License-Identifier: MIT */
/*
 * runs: the rows of the table runs. A process gets its row with the first event that it makes, in
 * the same transaction, so that a process that changes nothing writes nothing.
 */
#include "store/runs.h"

#include "base/out.h"
#include "base/time.h"
#include "base/who.h"
#include "store/statements.h"

static const char *
text_or_null(const char *text)
{
	return *text != '\0' ? text : NULL;
}

static int
add_run(struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;
	struct sk_who who;

	sk_who_read(&who);
	sk_query_write(&query, store, SK_SQL_RUN_ADD, err);
	sk_query_text(&query, 1, sk_out_command());
	sk_query_time(&query, 2, sk_time_now());
	sk_query_text(&query, 3, text_or_null(who.user));
	sk_query_number(&query, 4, who.uid);
	sk_query_text(&query, 5, text_or_null(who.host));
	sk_query_number(&query, 6, who.pid);
	sk_query_text(&query, 7, text_or_null(who.parent));
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	store->run = sqlite3_last_insert_rowid(store->db);
	store->run_is_kept = false;
	return 0;
}

int
sk_store_run(struct sk_store *store, int64_t *run, struct sk_error *err)
{
	int own;

	if (store->run == 0) {
		if (sk_own_begin(store, &own, err) != 0 ||
		    sk_own_end(store, own, add_run(store, err), err) != 0)
			return -1;
	}
	*run = store->run;
	return 0;
}

int
sk_store_run_end(struct sk_store *store, int64_t run, int64_t now, struct sk_error *err)
{
	struct sk_query query;
	int own, result;

	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_RUN_END, err);
	sk_query_number(&query, 1, run);
	sk_query_time(&query, 2, now);
	result = sk_query_run(&query, NULL);
	return sk_own_end(store, own, result, err);
}

int
sk_store_runs_open(struct sk_store *store, int64_t **runs, size_t *n, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_RUNS_OPEN, err);
	return sk_query_collect(&query, runs, n);
}

int
sk_store_run_has_sent(struct sk_store *store, int64_t run, int64_t since, struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_RUN_HAS_SENT, err);
	sk_query_number(&query, 1, run);
	sk_query_time(&query, 2, since);
	found = sk_query_step(&query);
	return sk_query_close(&query) == 0 ? found : -1;
}
