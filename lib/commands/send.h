/* SPDX-License-Identifier: MIT */
/*
 * send: from queued to an answer (sikka-life(7), Sending). Takes rows that this run has journaled,
 * claims those that leave now in one commit, sends each once, and records the answers, many in one
 * commit, before the next one is waited for.
 */
#ifndef SK_COMMANDS_SEND_H
#define SK_COMMANDS_SEND_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/writebacks.h"
#include "calls/wire.h"

struct sk_sender;

/* Where a row comes from, for messages. input: the file's name where there are several, else NULL;
 * borrowed for as long as the row is on its way. */
struct sk_origin {
	const char *input;
	size_t line; /* 0: from no input */
};

/*
 * Told once for each row when its sending has an outcome (pending, unknown, failed). exit: what the
 * outcome means for the command's exit code: 0, 1, 2, or why nothing was sent (69, 75, 77).
 */
typedef void sk_sent_fn(void *arg, const struct sk_writeback *row, struct sk_origin place,
    int exit);

/* wire's between() becomes the sender's, so that answers are recorded while somebody else waits. */
struct sk_sender *sk_sender_new(struct sk_wire *wire, sk_sent_fn *told, void *arg);
void sk_sender_free(struct sk_sender *sender);

/* row (queued, of this run) and body (may be NULL) move in; *row becomes empty. */
void sk_sender_add(struct sk_sender *sender, struct sk_writeback *row, char *body,
    struct sk_origin place);

/* Rows that have no outcome yet: waiting or on the wire. */
size_t sk_sender_living(const struct sk_sender *sender);
size_t sk_sender_waiting(const struct sk_sender *sender);

/*
 * Sends what can be sent now. Returns ms after which to call again (0: at once); -1 when the
 * journal can't be written: then nothing more is sent, and what is on the wire is still recorded if
 * possible.
 */
int64_t sk_sender_dispatch(struct sk_sender *sender, struct sk_error *err);

/* Ends all waiting rows (of one office, or NULL all) as not sent, with that text and exit code. */
int sk_sender_give_up(struct sk_sender *sender, const char *office_id, const char *why, int exit,
    struct sk_error *err);

/* The first error of recording, if any: err is filled and -1 returned. */
int sk_sender_trouble(struct sk_sender *sender, struct sk_error *err);

#endif
