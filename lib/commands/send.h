/* SPDX-License-Identifier: MIT */
/*
 * send: from queued to an answer (sikka-life(7), Sending). Rows that this run has journaled become
 * calls of the pool. A row is claimed in the transaction that comes before its call leaves, sent once,
 * and its answer is recorded, many in one commit, before the next one is waited for.
 *
 * What waits is the journal, not memory: of a waiting row its number is kept, and its body is read when
 * it is claimed. Only a body with card fields, which the journal doesn't hold, waits in memory.
 */
#ifndef SK_COMMANDS_SEND_H
#define SK_COMMANDS_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/writebacks.h"
#include "calls/pool.h"
#include "life/ledger.h"

struct sk_sender;

/*
 * Called once for each row when its sending has an outcome (pending, unknown, failed). exit: what the
 * outcome means for the command's exit code: 0, 1, 2, or why nothing was sent (69, 75, 77).
 */
typedef void sk_sent_fn(void *arg, const struct sk_writeback *row, struct sk_origin origin,
    enum sk_exit exit);

struct sk_sender *sk_sender_new(struct sk_pool *pool, sk_sent_fn *told, void *arg);

/* None of its rows may be on the wire any more: see sk_sender_drain. NULL is nothing. */
void sk_sender_free(struct sk_sender *sender);

/*
 * row: queued, of this run; what it holds stays the caller's. secret_body (moves in, may be NULL): the
 * body of a row whose journaled body lacks card fields. origin: its file is borrowed for as long as the row
 * is on its way.
 */
void sk_sender_add(struct sk_sender *sender, const struct sk_writeback *row, char *secret_body,
    struct sk_origin origin);

/* Rows that have no outcome yet; and bodies that wait in memory. */
size_t sk_sender_open(const struct sk_sender *sender);
size_t sk_sender_bodies(const struct sk_sender *sender);

/*
 * Rows whose office has a hold (life/holds, store/pauses) wait outside of the pool. This looks, once a second, whether
 * they may go on, and reads the lists that end a hold; says once until when they wait. Only from the top of
 * a command; sk_sender_drain does so itself. 0; -1: nothing of it may be sent (75: an older copy).
 */
int sk_sender_mind_holds(struct sk_sender *sender, struct sk_error *err);

/*
 * Whether more rows may be added. As long as they may, what a person has paused waits; at first, and once they
 * may not, it ends as not sent (75): a pause lasts for hours, and nobody waits so long for the end of a command.
 */
void sk_sender_more_may_come(struct sk_sender *sender, bool may_come);

/* How long a turn may take at most, ms, so that this is done in time. */
int64_t sk_sender_patience(const struct sk_sender *sender);

/*
 * Waiting rows end as not sent, with that text and exit code; what is on the wire is waited for and
 * recorded. Turns the pool until no row is open.
 */
void sk_sender_give_up(struct sk_sender *sender, const char *why, enum sk_exit exit);
void sk_sender_drain(struct sk_sender *sender);

/* The first error of recording, if any: err is filled and -1 returned. */
int sk_sender_trouble(const struct sk_sender *sender, struct sk_error *err);

#endif
