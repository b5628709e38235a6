/* SPDX-License-Identifier: MIT */
/* portions: changes many rows without keeping other commands from writing. */
#include "commands/portions.h"

#include <stdlib.h>

#include "base/progress.h"
#include "base/stop.h"
#include "base/time.h"

/* Longer than the sleep of a process that waits for the write lock (store.c, on_busy): so each of them gets it in between. */
#define PAUSE 30

static int
change(struct sk_portions *portions, struct sk_store *store, const int64_t *ids, size_t n,
    size_t *done, struct sk_error *err)
{
	if (portions->prepare != NULL && portions->prepare(portions->arg, ids, n, err) != 0)
		return -1;
	if (sk_store_begin(store, err) != 0)
		return -1;
	if (portions->change(portions->arg, ids, n, done, err) == 0)
		return sk_store_commit(store, err);
	sk_store_rollback(store);
	return -1;
}

/* *done: 0, there are no more. */
static int
run_portion(struct sk_portions *portions, struct sk_store *store, size_t *done,
    struct sk_error *err)
{
	int64_t *ids;
	size_t n;
	int result = 0;

	*done = 0;
	if (portions->find(portions->arg, SK_PORTION, &ids, &n, err) != 0)
		return -1;
	if (n > 0)
		result = change(portions, store, ids, n, done, err);
	free(ids);
	return result;
}

int
sk_portions_run(struct sk_portions *portions, struct sk_session *session, struct sk_error *err)
{
	size_t done = 1;
	int result = 0;

	sk_progress_begin("requests", "%s", portions->doing);
	while (result == 0 && done > 0 && !sk_stop_asked()) {
		/* A rehearsal writes to memory, and nobody waits for it. */
		if (portions->n > 0 && !session->rehearses)
			sk_time_nap(PAUSE);
		result = run_portion(portions, session->store, &done, err);
		portions->n += result == 0 ? done : 0;
		sk_progress_count(portions->n, 0);
	}
	sk_progress_end();
	return result;
}
