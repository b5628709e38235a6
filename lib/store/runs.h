/* SPDX-License-Identifier: MIT */
/*
 * runs: the processes that have changed something (table runs): which command, by whom, on which
 * host. Every event names the run that made it. A run's number is never used again.
 */
#ifndef SK_STORE_RUNS_H
#define SK_STORE_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/*
 * The number of this process's run. The first time, its row is written: in the open transaction; if
 * none is open, in one of its own. A run whose transaction was rolled back is written anew when it
 * is needed again.
 */
int sk_store_run(struct sk_store *store, int64_t *run, struct sk_error *err);

/* Notes when a run ended. In the open transaction; if none is open, in one of its own. */
int sk_store_run_end(struct sk_store *store, int64_t run, int64_t now, struct sk_error *err);

/*
 * The runs to which queued and submitting rows belong, each once (0 is among them when such a row
 * has none).
 */
int sk_store_runs_open(struct sk_store *store, int64_t **runs, size_t *n, struct sk_error *err);

/* Whether the run has sent a row since that moment, whatever came of it: 1, 0, -1. */
int sk_store_run_has_sent(struct sk_store *store, int64_t run, int64_t since, struct sk_error *err);

#endif
