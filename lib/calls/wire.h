/* SPDX-License-Identifier: MIT */
/*
 * wire: calls to the server that are waited for: a reservation under the limits, one request, the
 * answer read; reads and withdrawals up to 4 times with full jitter, heeding Retry-After and the
 * reset header, within a budget that keeps an outage from doubling the traffic.
 */
#ifndef SK_CALLS_WIRE_H
#define SK_CALLS_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "http/http.h"
#include "store/session.h"
#include "api/api.h"
#include "calls/rate.h"

#define SK_WIRE_TRIES 4 /* of a call, the first included */

struct sk_wire {
	struct sk_session *session; /* borrowed */
	struct sk_http *http;
	struct sk_rate *rate;
	int64_t budget; /* retries left, in tenths */
	/* Called after each turn while somebody waits: records answers of requests sent meanwhile.
	 */
	void (*between)(void *arg);
	void *between_arg;
};

/* Checks that the application is configured (78), opens http and the limits. */
int sk_wire_open(struct sk_wire *wire, struct sk_session *session, struct sk_error *err);
void sk_wire_close(struct sk_wire *wire);

/* A call. Signed with request_key, or, when that is NULL, with App-Id and App-Key. */
struct sk_call {
	const char *method;
	const char *path; /* "/appointments" */
	const struct sk_api_parameter *parameters;
	size_t n_parameters;
	const char *office_id; /* whose limit it counts against; NULL: the application's */
	const char *request_key;
	const char *refresh_key; /* DELETE /refresh_key: its header beside App-Id and App-Key */
	enum sk_rate_use use;
	int64_t *data_in_progress; /* may be NULL: set to 1 when Data-Insert says so */
};

/*
 * Performs it. 0: reply is an answer that stands (any class that a repetition doesn't change),
 * to be freed by the caller with sk_api_reply_fini. -1: no such answer (69, 75, 76), or stopped
 * (75).
 */
int sk_wire_call(struct sk_wire *wire, const struct sk_call *call, struct sk_api_reply *reply,
    struct sk_error *err);

/*
 * The parts of it, for who has several calls on the wire at once (side). A call's bucket of the
 * limits; its request, whose url is the caller's to free; what its answer's headers say of the
 * data; the answer read and counted (-1: 71, reply is to be freed all the same); whether the same
 * read may well go another way in a moment; err from an answer that didn't.
 */
const char *sk_wire_bucket(const struct sk_call *call);
char *sk_wire_request(const struct sk_wire *wire, const struct sk_call *call,
    struct sk_http_request *request);
void sk_wire_note(const struct sk_call *call, const struct sk_http_answer *answer);
int sk_wire_settle(struct sk_wire *wire, const char *bucket, const struct sk_http_answer *answer,
    struct sk_api_reply *reply, struct sk_error *err);
int sk_wire_passes(const struct sk_http_answer *answer, const struct sk_api_reply *reply);
int sk_wire_fail(const struct sk_wire *wire, const struct sk_http_answer *answer,
    const struct sk_api_reply *reply, const char *what, struct sk_error *err);

/*
 * A write to /request_key: one attempt after the other while surely nothing was sent or the refusal
 * passes. 0 with the answer read; facts (its times and headers) and reply are the caller's.
 */
int sk_wire_grant(struct sk_wire *wire, const char *body, struct sk_api_reply *reply,
    struct sk_http_answer *facts, struct sk_error *err);

/* One turn of the loop, then between(). Returns 1 when fd is readable. */
int sk_wire_turn(struct sk_wire *wire, int64_t timeout, int fd);

/* Sleeps, turning. -1 (75) when stopped meanwhile. */
int sk_wire_sleep(struct sk_wire *wire, int64_t duration, struct sk_error *err);

/* Before the next of several things: 1, or 0 when a signal asked to stop, and err says so (75). */
int sk_wire_goes_on(struct sk_error *err);

/* Reserves, waiting for the window if need be. 0; -1 stopped (75) or a daily limit (75). */
int sk_wire_reserve(struct sk_wire *wire, const char *bucket, enum sk_rate_use use,
    struct sk_error *err);

/* The pause before attempt (from 1): full jitter, at least what the answer asks for. ms. */
int64_t sk_wire_pause(const struct sk_http_answer *answer, int attempt);

/* Takes one retry out of the budget: 1, or 0 when it is spent. */
int sk_wire_may_retry(struct sk_wire *wire);

/* Puts something back into the budget, when the server has answered. */
void sk_wire_note_answer(struct sk_wire *wire, const struct sk_http_answer *answer);

#endif
