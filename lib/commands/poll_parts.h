/* SPDX-License-Identifier: MIT */
/* poll_parts: what the files of poll share. Private to poll. */
#ifndef SK_COMMANDS_POLL_PARTS_H
#define SK_COMMANDS_POLL_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/writebacks.h"
#include "commands/poll.h"
#include "commands/poll_feed.h"
#include "commands/poll_input.h"
#include "commands/poll_list.h"
#include "commands/poll_watch.h"

struct sk_poll {
	struct sk_pool *pool;
	struct sk_poll_options options;
	struct sk_watches watches;
	struct sk_poll_lists lists;
	struct sk_feed feed;
	struct sk_poll_input *input; /* NULL: there is none, or it has ended */
	enum sk_exit exit;
	int64_t end;   /* monotonic; 0: none */
	size_t n_over; /* how many requests aren't watched any more */
	int64_t discovered_at;
	int64_t beaten_at;       /* monotonic */
	bool is_troubled;        /* since then */
	struct sk_error trouble; /* the first error that may pass by itself */
	struct sk_error fatal;
};

/* An error that ends the command is noted as one; any other one may pass by itself. */
void sk_poll_note_trouble(struct sk_poll *poll, const struct sk_error *err);

/* The state file may have been replaced since this command began: then nothing more is written to it. */
bool sk_poll_is_copy(struct sk_poll *poll);

#define SK_POLL_MOST 5000 /* rows in one check */

/* Asks for the outcome of watched rows, n of them but at most SK_POLL_MOST, and tells what became of them. */
void sk_poll_look_at(struct sk_poll *poll, const int64_t *ids, size_t n, bool by_status,
    bool is_last);

/* During a check: a row whose state has changed. */
void sk_poll_tell_known(void *arg, const struct sk_writeback *row);

/* Writes the row's record; asked may be NULL. 0; -1 it couldn't be written. */
int sk_poll_tell_row(struct sk_poll *poll, const struct sk_writeback *row,
    const struct sk_asked *asked);

/* A watched row: tells its news, and doesn't watch it any more if that was its end. */
void sk_poll_take_stock(struct sk_poll *poll, struct sk_watch *watch,
    const struct sk_writeback *row, int is_last);

/* After a check: reads a watched row as it is in the journal now, whoever has written it, and tells its news. */
void sk_poll_take_stock_of(struct sk_poll *poll, int64_t id, int is_last, int64_t not_before);

/* What was told is struck out of what is to be told; is_last: nothing more is told. */
void sk_poll_settle(struct sk_poll *poll, bool is_last);

/* Tells the changes that this process, and those that have ended, have recorded, and nobody has told. */
void sk_poll_tell_left(struct sk_poll *poll);

#endif
