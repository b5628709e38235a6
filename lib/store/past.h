/* SPDX-License-Identifier: MIT */
/*
 * past: what has happened to a request, and which processes have changed something: events beside the runs that
 * made them.
 */
#ifndef SK_STORE_PAST_H
#define SK_STORE_PAST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* A process. What isn't known (of an older version's) is NULL or 0. */
struct sk_run {
	int64_t run;
	char *command;
	int64_t started_at;
	int64_t ended_at; /* 0: it hasn't noted its end */
	char *user;
	char *uid;
	char *host;
	char *pid;
	char *parent;
};

/* One thing that has happened to a request. */
struct sk_happened {
	int64_t id; /* the event's */
	int64_t at;
	char *kind;
	char *text;
	struct sk_run run; /* that made the event */
};

/* All that has happened to a row, in that order. The array is the caller's: sk_happened_free. */
int sk_store_happened(struct sk_store *store, int64_t row, struct sk_happened **list, size_t *n,
    struct sk_error *err);
void sk_happened_free(struct sk_happened *list, size_t n);

/* A process, and how much it has changed. */
struct sk_run_changes {
	struct sk_run run;
	int64_t changes;   /* its events */
	int64_t requests;  /* how many requests these are about */
	int64_t latest_at; /* the latest of them; 0: there are none */
};

/*
 * The runs that began, or changed something, at or after since (0: all), by number. Of n_offices offices (0: of
 * all, and what concerns none): only runs that changed something of them, and only these changes count. The
 * array is the caller's: sk_runs_free.
 */
int sk_store_runs(struct sk_store *store, const char *const *offices, size_t n_offices,
    int64_t since, struct sk_run_changes **list, size_t *n, struct sk_error *err);
void sk_runs_free(struct sk_run_changes *list, size_t n);

#endif
