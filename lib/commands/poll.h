/* SPDX-License-Identifier: MIT */
/*
 * poll: follows writebacks to their end: one pass (for cron), waiting for a set of them, or going
 * on for ever. It claims the rows that it checks, so that several pollers share the work.
 */
#ifndef SK_COMMANDS_POLL_H
#define SK_COMMANDS_POLL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "calls/pool.h"
#include "life/ledger.h"

#define SK_POLL_ONE_PASS INT64_C(-1) /* as a wait: none */
#define SK_POLL_TO_THE_END INT64_MAX

struct sk_poll_options {
	int64_t wait;  /* until all have ended, but at most so many ms; 0: all are looked at once */
	int follow;    /* go on with new rows */
	int64_t every; /* ms instead of the schedule; 0: the schedule */
	int64_t last;  /* --for: stop following after so many ms; 0: never */
	int all;       /* print each row that was checked, changed or not */
	int with_body;
	int only_named; /* only rows that sk_poll_watch adds, also when there is none */
	int input;      /* fd of records to follow; -1: none */
	/* Prints the record of a row, instead of what is printed without it. asked may be NULL. */
	void (*tell)(void *arg, const struct sk_writeback *row, const struct sk_asked *asked,
	    struct sk_error *err);
	void *arg;
};

struct sk_poll;

struct sk_poll *sk_poll_new(struct sk_pool *pool, const struct sk_poll_options *options);
void sk_poll_free(struct sk_poll *poll);

/*
 * Adds a row to watch, or one more record of it. asked: what the record answers, copied; NULL: nothing that was
 * read. Without any (and without input) all pending and unknown rows are followed.
 */
void sk_poll_watch(struct sk_poll *poll, int64_t id, const struct sk_asked *asked);

/* Returns the exit code; err is set where there is something to report. */
enum sk_exit sk_poll_run(struct sk_poll *poll, struct sk_error *err);

/* After it, when nothing more is printed: what is in stdout counts as told. err: why it can't be. */
void sk_poll_end(struct sk_poll *poll, struct sk_error *err);

/* Prints the rows that are still followed, as they are now: nothing is waited for any more. */
void sk_poll_tell_rest(struct sk_poll *poll);

/* After it: whether all that was asked could be, and was written. */
bool sk_poll_went_well(const struct sk_poll *poll);

#endif
