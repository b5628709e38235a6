/* SPDX-License-Identifier: MIT */
/* send_parts: what the files of send share. Inside send. */
#ifndef SK_COMMANDS_SEND_PARTS_H
#define SK_COMMANDS_SEND_PARTS_H

#include "http/http.h"
#include "commands/send.h"

enum sk_stage { SK_WAITING, SK_ON_WIRE, SK_ANSWERED };

/* One row on its way. */
struct sk_sending {
	struct sk_sending *next;
	struct sk_writeback row;
	char *body;
	struct sk_origin place;
	enum sk_stage stage;
	int64_t not_before; /* monotonic */
	char *key;          /* the request key that it was sent with */
	char *refused_key;  /* the one that the server refused */
	struct sk_http_answer answer;
};

struct sk_sender {
	struct sk_wire *wire;
	sk_sent_fn *told;
	void *arg;
	struct sk_sending *first, **last;
	size_t n_waiting, n_on_wire, n_answered;
	int unreachable; /* attempts in a row of which not a byte left */
	struct sk_error trouble;
};

/* Takes it out of the list and frees it. */
void sk_sender_drop(struct sk_sender *sender, struct sk_sending *sending);

/* An sk_http_done_fn: the answer waits until sk_sender_record_answers. arg is the sk_sending. */
void sk_sender_note_answer(void *arg, struct sk_http_answer *answer);

/* All answers that are here, in one commit; told afterwards. arg is the sender. */
void sk_sender_record_answers(void *arg);

#endif
