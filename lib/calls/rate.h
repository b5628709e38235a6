/* SPDX-License-Identifier: MIT */
/*
 * rate: the vendor's limits (sikka-api(7), Limits), shared by all processes through <db>.limits.
 *
 * One bucket per office and one for the calls of the application mirror the server's fixed window.
 * Reserve before sending, settle with the answer's headers, which overrule our count. A 429 closes
 * the window until its reset; one that comes before our count expected it closes it for all
 * buckets. A reset of more than an hour is read as a minute. Writes may use nearly all of a window,
 * reads less, polls leave a quarter.
 *
 * Without headers nobody knows where the server's window begins. Then no span of a minute holds more
 * requests than a window may, wherever it begins.
 */
#ifndef SK_CALLS_RATE_H
#define SK_CALLS_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "http/http.h"
#include "store/limits.h"

#define SK_RATE_APP "" /* the bucket of the calls with App-Id and App-Key */

struct sk_rate;

enum sk_rate_use { SK_RATE_WRITE, SK_RATE_READ, SK_RATE_POLL, SK_RATE_USES };

/* For how many more requests of a use a window has room now, of how many in all. */
struct sk_rate_left {
	int64_t left, of;
};

/*
 * Opens, and creates, <db>.limits. 73 it can't be opened, 77 it belongs to another user or others can
 * use it: without it processes that run at the same time could go beyond the limit together.
 */
int sk_rate_new(const char *db, struct sk_rate **rate, struct sk_error *err);
void sk_rate_free(struct sk_rate *rate);

/*
 * Takes one request out of the bucket's window. 0 taken; > 0: none left, try again in so many ms;
 * -1 error (75 at a daily limit, when use isn't SK_RATE_WRITE; the next may try an hour later). A
 * wait may be shorter than until the window's end, where answers on their way may say more.
 *
 * When the file can't be written any more (a full disk: 74), writes end with that error. Reads and
 * polls go on, and so does everything while the file is merely busy: this process then counts for
 * itself for a minute at a time, which is told once.
 */
int64_t sk_rate_reserve(struct sk_rate *rate, const char *bucket, enum sk_rate_use use,
    struct sk_error *err);

/* Gives a reservation back that was never used. */
void sk_rate_return(struct sk_rate *rate, const char *bucket);

/* After each reserved request; daily: the answer named a daily limit (API2011, API2012). */
void sk_rate_settle(struct sk_rate *rate, const char *bucket, const struct sk_http_answer *answer,
    int daily);

/* What sk_rate_left says of a bucket's window. Takes nothing. */
struct sk_rate_left sk_rate_look(struct sk_rate *rate, const char *bucket, enum sk_rate_use use);

/*
 * Between these two, what is reserved, given back and settled is one transaction on the file. Nothing
 * may be waited for in between, since other processes wait meanwhile. sk_rate_end_turn returns false
 * when the file couldn't be written: what was reserved is then known to this process only, and no
 * write may leave.
 */
void sk_rate_begin_turn(struct sk_rate *rate);
bool sk_rate_end_turn(struct sk_rate *rate);

/* How full the window of a bucket is now. */
struct sk_rate_bucket {
	char *name;
	int64_t used, of;     /* requests of all uses, counted as sk_rate_left does for writes */
	int64_t closed_until; /* after a 429; 0: it isn't closed */
	int64_t daily_until;  /* until then reads and polls end with 75; 0: the day's calls last */
};

/*
 * Of each bucket that something was sent for, by name: SK_RATE_APP, which is first, and the offices. Changes nothing.
 * db: a path without links (base/place).
 */
void sk_rate_buckets(const char *db, struct sk_rate_bucket **buckets, size_t *n);
void sk_rate_buckets_free(struct sk_rate_bucket *buckets, size_t n);

/* The arithmetic beneath, without a clock or a file. */

/* Whether a moment of ours lies ahead; one too far ahead is from before a clock was set. */
bool sk_rate_is_ahead(int64_t moment, int64_t now);

/* 0: one more may go; else the time until asking again makes sense. Knows no daily limit. */
int64_t sk_rate_room(const struct sk_window *window, int64_t now, enum sk_rate_use use);

/* 0 left where sk_rate_room wouldn't be 0, and at a daily limit. */
struct sk_rate_left sk_rate_left(const struct sk_window *window, int64_t now, enum sk_rate_use use);

/* Counts one in, after sk_rate_room said 0: begins a new window when the old one is over. */
void sk_rate_take(struct sk_window *window, int64_t now);

/* Counts an answer. Returns the moment until which all buckets are to be closed, or 0. */
int64_t sk_rate_count(struct sk_window *window, int64_t now, const struct sk_http_answer *answer,
    int daily);

#endif
