/* SPDX-License-Identifier: MIT */
/* portions: changes many rows without keeping other commands from writing. */
#include "commands/portions.h"

#include <stdlib.h>

#include "base/progress.h"
#include "base/stop.h"
#include "store/store.h"

static int
change(struct sk_portions *portions, struct sk_store *store, const int64_t *ids, size_t n,
    size_t *changed, struct sk_error *err)
{
	if (portions->prepare != NULL && portions->prepare(portions->arg, ids, n, err) != 0)
		return -1;
	if (sk_store_begin(store, err) != 0)
		return -1;
	if (portions->change(portions->arg, ids, n, changed, err) == 0)
		return sk_store_commit(store, err);
	sk_store_rollback(store);
	return -1;
}

/* 1 there may be more; 0 there was none; -1. */
static int
run_portion(struct sk_portions *portions, struct sk_store *store, struct sk_error *err)
{
	int64_t *ids;
	size_t n, changed = 0;
	int result = 0;

	if (portions->find(portions->arg, SK_STORE_PORTION, &ids, &n, err) != 0)
		return -1;
	if (n > 0)
		result = change(portions, store, ids, n, &changed, err) == 0 ? 1 : -1;
	free(ids);
	portions->n += result == 1 ? changed : 0;
	return result;
}

int
sk_portions_run(struct sk_portions *portions, struct sk_session *session, struct sk_error *err)
{
	int result = 0;

	sk_progress_begin("requests", "%s", portions->doing);
	while (!sk_stop_asked() && (result = run_portion(portions, session->store, err)) == 1) {
		sk_progress_count(portions->n, 0);
		/* A rehearsal writes to memory, and nobody waits for it. */
		if (!session->rehearses)
			sk_store_let_others_write();
	}
	sk_progress_end();
	return result < 0 ? -1 : 0;
}
