/* SPDX-License-Identifier: MIT */
/*
 * book: requests from a stream of JSON to their outcome. It reads and checks them, journals all
 * that are at hand in one commit, sends them (send), and prints the record of each. A bad line is
 * reported and doesn't stop the others.
 */
#ifndef SK_COMMANDS_BOOK_H
#define SK_COMMANDS_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "calls/pool.h"
#include "commands/request.h"

/* wait: as in struct sk_poll_options. */
struct sk_book_options {
	struct sk_request_options request;
	int64_t wait;
	bool check_choices; /* the lists of values that requests are checked against are read */
	int in_order;       /* records are written in the order of the input */
	int several;        /* there are several inputs, so messages name them */
};

struct sk_book;

/* pool is NULL where the session rehearses. Fails with 71, 74, 75. */
struct sk_book *sk_book_new(struct sk_session *session, struct sk_pool *pool,
    const struct sk_book_options *options);
void sk_book_free(struct sk_book *book);

/*
 * Reads one input to its end and sends meanwhile. name is for messages and records ("-": standard
 * input), and borrowed as long as the book exists.
 */
int sk_book_read(struct sk_book *book, int fd, const char *name, struct sk_error *err);

/* Sends what is left and waits as the options say. Returns the command's exit code. */
enum sk_exit sk_book_finish(struct sk_book *book, struct sk_error *err);

#endif
