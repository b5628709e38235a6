/* SPDX-License-Identifier: MIT */
/*
 * poll_input: the records on a poller's input, as they arrive. A record of an open request names a
 * row to follow; any other record is passed on unchanged. Private to poll.
 */
#ifndef SK_COMMANDS_POLL_INPUT_H
#define SK_COMMANDS_POLL_INPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "life/ledger.h"

struct sk_poll_input;

struct sk_input_record {
	int64_t watch;         /* the number of the row to follow; 0: none */
	struct sk_asked asked; /* then: what its record answers; its file is borrowed from value */
	json_t *value;     /* the caller's, may be NULL; without watch it is passed on unchanged */
	enum sk_exit exit; /* its part in the exit code */
};

struct sk_poll_input *sk_poll_input_new(int fd);
void sk_poll_input_free(struct sk_poll_input *input);
int sk_poll_input_fd(const struct sk_poll_input *input);

/* Reads the bytes that are there. 0; -1 the input can't be read (66), or is what is written to (64). */
int sk_poll_input_fill(struct sk_poll_input *input, struct sk_error *err);

/* true and the next record; false when there is none yet, or the input has ended (at_end). */
bool sk_poll_input_next(struct sk_poll_input *input, struct sk_input_record *record);
bool sk_poll_input_at_end(const struct sk_poll_input *input);

#endif
