/* SPDX-License-Identifier: MIT */
/*
 * poll_feed: the records that a poller writes, and what it still has to tell of. A change that it has
 * recorded counts as told when its record is in stdout; until then the next poller without ids would
 * write it (store/untold). Private to poll.
 */
#ifndef SK_COMMANDS_POLL_FEED_H
#define SK_COMMANDS_POLL_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/session.h"
#include "store/writebacks.h"
#include "life/ledger.h"

struct sk_feed {
	struct sk_session *session;
	bool with_body;
	bool is_late; /* others write the records, maybe not before the last one */
	int64_t
	    *told; /* rows whose records were handed to stdout since they were last struck out */
	size_t n_told;
	size_t room;
};

/* 0 the record is in stdout, or will be when that is settled; -1 it isn't: err, or nobody reads stdout. */
int sk_feed_tell(struct sk_feed *feed, const struct sk_writeback *row, const struct sk_asked *asked,
    struct sk_error *err);

/* The row has been told of, as it is. */
void sk_feed_note(struct sk_feed *feed, int64_t row);

/* A change that another process has recorded can't be told: it is left to the next poller. 0 or -1. */
int sk_feed_leave(struct sk_feed *feed, int64_t row, struct sk_error *err);

/*
 * What is in stdout for good is struck out; is_last: no record follows, so that a table and an array are
 * written, too. 0 or -1.
 */
int sk_feed_settle(struct sk_feed *feed, bool is_last, struct sk_error *err);

/*
 * The rows that are to be told of: what this process and earlier ones have left. *rows is the caller's.
 */
int sk_feed_left(struct sk_feed *feed, int64_t **rows, size_t *n, struct sk_error *err);

void sk_feed_fini(struct sk_feed *feed);

#endif
