/* SPDX-License-Identifier: MIT */
/*
 * side: reads side by side, one at a time of each reader, such as the pages of several offices'
 * lists. Each gets what sk_request_key_call gives to one alone: the limits, the office's key (renewed
 * once when the server refuses it), up to four tries with full jitter.
 *
 * A reader's answer is worked off before the reader's next call leaves, so that what is in memory
 * is at most an answer of each that has one on the wire (eight).
 */
#ifndef SK_CALLS_SIDE_H
#define SK_CALLS_SIDE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "http/http.h"
#include "api/api.h"
#include "calls/wire.h"

/* What call points to is the caller's; the rest is side's own and begins as zeros. */
struct sk_side_reader {
	struct sk_call call; /* office_id NULL: signed by the application; request_key isn't used */
	int stage;
	int attempts;
	int64_t not_before; /* monotonic */
	char *key;
	char *refused_key;
	struct sk_http_answer answer;
};

/* What becomes of a reader, and of all. */
enum sk_side_next {
	SK_SIDE_GO_ON, /* once more, with its call as it stands now */
	SK_SIDE_ENDED,
	SK_SIDE_STOP /* nothing more is asked for anybody */
};

/*
 * The answer to reader i, any class that a repetition doesn't change; or reply is NULL, and why
 * says why there is none (as sk_request_key_call; 75 when a signal asked to stop). reply lasts until it
 * returns.
 */
typedef enum sk_side_next sk_side_fn(void *arg, size_t i, struct sk_api_reply *reply,
    struct sk_error *why);

/* Until all readers have ended. What is on the wire is waited for, also when a signal came. */
void sk_side(struct sk_wire *wire, struct sk_side_reader *readers, size_t n, sk_side_fn *answered,
    void *arg);

#endif
