/* SPDX-License-Identifier: MIT */
/*
 * twin: what the lock file remembers of the state file beside it (sikka-life(7), Older copies). The
 * state file holds the same pair, count and mark; a state file that says something else is an older
 * copy.
 *
 * The record has a checksum and stands twice, in sectors that are written in turn. The newer whole
 * one counts: when the power fails while one is written, the other is as it was.
 */
#ifndef SK_BASE_TWIN_H
#define SK_BASE_TWIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/lock.h"

struct sk_twin {
	bool is_there;       /* false: no whole record, and the members below are 0 */
	int64_t pair;        /* a random number of the two files, never 0 */
	int64_t count;       /* of the commits after which something might leave */
	int64_t mark;        /* random, of the latest of these: two histories may count alike */
	int64_t list;        /* the number of the latest list of writebacks that was begun */
	int64_t row;         /* the highest row number that was ever journaled */
	int64_t departed_at; /* when a write left last; 0: none has */
	int64_t written;     /* how often the record was written; only inside of twin.c */
	/*
	 * The highest row number, as versions before 6 note and read it; 0 where no row was journaled.
	 * -1: there is no such number. sk_twin_write raises it together with row.
	 */
	int64_t earlier_row;
};

/* 0, or -1. Whoever doesn't hold the section may get the record that is about to be replaced. */
int sk_twin_read(const struct sk_lock *lock, struct sk_twin *twin, struct sk_error *err);

/*
 * Writes and syncs it: only with the section held, and twin as it was read since, with what has
 * changed. 0; -1 (74), and then the record that was there still counts.
 */
int sk_twin_write(struct sk_lock *lock, struct sk_twin *twin, struct sk_error *err);

/* A random number that isn't 0, for a pair or a mark. 0, or -1 (71). */
int sk_twin_random(int64_t *number, struct sk_error *err);

#endif
