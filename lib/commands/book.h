/* SPDX-License-Identifier: MIT */
/*
 * book: requests from a stream of JSON to their outcome. Reads, checks, journals as many as are at
 * hand in one commit, sends them (send), and tells each one's record. A bad line is told and
 * doesn't stop the others.
 */
#ifndef SK_COMMANDS_BOOK_H
#define SK_COMMANDS_BOOK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/out.h"
#include "calls/wire.h"
#include "commands/request.h"

/* wait: -1 not, 0 until all have ended, else ms. */
struct sk_book_options {
	struct sk_request_options request;
	int64_t wait;
	int dry_run;
	int several; /* inputs: messages name them */
};

struct sk_book;

/* wire is NULL for a dry run. 71, 74, 75. */
struct sk_book *sk_book_new(struct sk_session *session, struct sk_wire *wire,
    const struct sk_book_options *options, sk_tell_fn *tell, void *arg);
void sk_book_free(struct sk_book *book);

/* Reads one input to its end, sending meanwhile. name: for messages; borrowed for as long as the
 * book lives. */
int sk_book_read(struct sk_book *book, int fd, const char *name, struct sk_error *err);

/* Sends what is left, waits as the options say. Returns the command's exit code. */
int sk_book_finish(struct sk_book *book, struct sk_error *err);

#endif
