/* SPDX-License-Identifier: MIT */
/*
 * store_limits: the table behind rate, in a small SQLite file of its own (<db>.limits). It isn't
 * durable, as its content means nothing a minute later; a broken file is made anew.
 */
#ifndef SK_STORE_LIMITS_H
#define SK_STORE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct sk_limits;

#define SK_LIMITS_SLOTS 13

/* The window of one bucket. Moments and durations in ms. */
struct sk_window {
	int64_t limit;        /* requests in a window; 0: not known yet */
	int64_t used;         /* counted by us, or reported by the server */
	int64_t in_flight;    /* reserved and not settled */
	int64_t reset_at;     /* the window's end; once past, the next request begins a new one */
	int64_t told_at;      /* the server's last report about it; 0: we only guess */
	int64_t closed_until; /* after a 429 */
	int64_t daily_until;  /* after API2011, API2012 */

	/*
	 * For a server that doesn't tell where its window begins: when the latest requests were
	 * answered, in slots of 5 s, the present one first; it began at slot_at. And those that are
	 * on their way: taken since flying_at, and in the two minutes before that.
	 */
	int64_t silent; /* 1: its last answer told nothing of the limit */
	int64_t slot_at;
	int64_t slots[SK_LIMITS_SLOTS];
	int64_t flying_at;
	int64_t flying;
	int64_t flying_before;
};

/*
 * A file whose content is broken or not ours is emptied first, but never one that is merely busy
 * (75). 73 it can't be opened, 74 the disk is full or fails, 77 it belongs to another user or others
 * can use it.
 */
int sk_limits_open(const char *db, struct sk_limits **limits, struct sk_error *err);
void sk_limits_free(struct sk_limits *limits);

/*
 * begin … get … put … commit is one write transaction; a bucket without a row reads as zeros. After
 * an error call rollback. The error is 75 when the file is merely busy.
 */
int sk_limits_begin(struct sk_limits *limits, struct sk_error *err);
int sk_limits_get(struct sk_limits *limits, const char *bucket, struct sk_window *window,
    struct sk_error *err);
int sk_limits_put(struct sk_limits *limits, const char *bucket, const struct sk_window *window,
    struct sk_error *err);
/* Closes every bucket, also those without a row. */
int sk_limits_close_all(struct sk_limits *limits, int64_t until, struct sk_error *err);
int sk_limits_commit(struct sk_limits *limits, struct sk_error *err);
void sk_limits_rollback(struct sk_limits *limits);

/* A bucket as it stands in the file. */
struct sk_limits_row {
	char *bucket; /* SK_LIMITS_EVERY: only its closed_until counts, for all of them */
	struct sk_window window;
};
#define SK_LIMITS_EVERY "*"

/*
 * All of them, by name. Only reads, and needs no lock: a file that is missing, broken or another user's has
 * none.
 */
void sk_limits_rows(const char *db, struct sk_limits_row **rows, size_t *n);
void sk_limits_rows_free(struct sk_limits_row *rows, size_t n);

#endif
