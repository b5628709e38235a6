/* SPDX-License-Identifier: MIT */
#include "calls/side.h"

#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/secret.h"
#include "base/time.h"
#include "calls/request_key.h"

enum stage { TO_ASK, ON_WIRE, ANSWERED, ENDED };

struct side {
	struct sk_wire *wire;
	struct sk_side_reader *readers;
	size_t n, n_on_wire;
	sk_side_fn *answered;
	void *arg;
	int stopped;
};

/* Tells the caller, and does as it says. */
static void
hand_over(struct side *side, struct sk_side_reader *reader, struct sk_api_reply *reply,
    struct sk_error *why)
{
	enum sk_side_next next = side->stopped
	    ? SK_SIDE_ENDED
	    : side->answered(side->arg, (size_t)(reader - side->readers), reply, why);

	reader->stage = next == SK_SIDE_GO_ON ? TO_ASK : ENDED;
	reader->attempts = 0;
	if (next == SK_SIDE_STOP)
		side->stopped = 1;
}

/* A key that served may be refused again a day later. */
static void
forget_refused_key(struct sk_side_reader *reader)
{
	sk_secret_free(reader->refused_key);
	reader->refused_key = NULL;
}

/* Whether the answer is no end: the same call is to be made again, and not before when. */
static int
goes_again(struct side *side, struct sk_side_reader *reader, const struct sk_api_reply *reply)
{
	int64_t pause;

	if (reply->class == SK_API_REAUTHENTICATE && reader->call.office_id != NULL &&
	    reader->refused_key == NULL) {
		reader->refused_key = reader->key;
		reader->key = NULL;
		reader->attempts = 0;
		return 1;
	}
	if (!sk_wire_passes(&reader->answer, reply) || reader->attempts >= SK_WIRE_TRIES ||
	    !sk_wire_may_retry(side->wire))
		return 0;
	pause = sk_wire_pause(&reader->answer, reader->attempts);
	sk_out_verbose("%s %s: %s; again in %lld ms", reader->call.method, reader->call.path,
	    reply->text, (long long)pause);
	reader->not_before = sk_time_monotonic() + pause;
	return 1;
}

static void
take_answer(struct side *side, struct sk_side_reader *reader)
{
	struct sk_api_reply reply;
	struct sk_error why = {0};
	int result;

	side->n_on_wire--;
	reader->stage = TO_ASK;
	result = sk_wire_settle(side->wire, sk_wire_bucket(&reader->call), &reader->answer, &reply,
	    &why);
	sk_wire_note(&reader->call, &reader->answer);
	if (result != 0) {
		hand_over(side, reader, NULL, &why);
	} else if (goes_again(side, reader, &reply)) {
		;
	} else if (reader->answer.outcome != SK_HTTP_ANSWERED ||
	    sk_wire_passes(&reader->answer, &reply)) {
		sk_wire_fail(side->wire, &reader->answer, &reply, reader->call.path, &why);
		hand_over(side, reader, NULL, &why);
	} else {
		if (reply.class != SK_API_REAUTHENTICATE)
			forget_refused_key(reader);
		hand_over(side, reader, &reply, &why);
	}
	sk_http_answer_fini(&reader->answer);
	sk_api_reply_fini(&reply);
}

static void
note_answer(void *arg, struct sk_http_answer *answer)
{
	struct sk_side_reader *reader = arg;

	sk_http_answer_take(answer, &reader->answer);
	reader->stage = ANSWERED;
}

static int
start(struct side *side, struct sk_side_reader *reader, struct sk_error *why)
{
	struct sk_call call = reader->call;
	struct sk_http_request request;
	char *url;
	int result;

	call.request_key = reader->key;
	url = sk_wire_request(side->wire, &call, &request);
	result = sk_http_start(side->wire->http, &request, note_answer, reader, why);
	free(url);
	if (result != 0) {
		sk_rate_return(side->wire->rate, sk_wire_bucket(&call));
		return -1;
	}
	reader->stage = ON_WIRE;
	reader->attempts++;
	side->n_on_wire++;
	return 0;
}

/* *wait becomes less where it can't be asked yet. A key is got before a call is reserved for it. */
static void
ask(struct side *side, struct sk_side_reader *reader, int64_t *wait)
{
	struct sk_error why = {0};
	int64_t left = reader->not_before - sk_time_monotonic();

	sk_wire_goes_on(&why);
	if (why.code == 0 && left <= 0 && reader->call.office_id != NULL && reader->key == NULL)
		sk_request_key_usable(side->wire, reader->call.office_id, reader->refused_key,
		    &reader->key, &why);
	if (why.code == 0 && left <= 0)
		left = sk_rate_reserve(side->wire->rate, sk_wire_bucket(&reader->call),
		    reader->call.use, &why);
	if (why.code == 0 && left > 0) {
		*wait = left < *wait ? left : *wait;
		return;
	}
	if (why.code != 0 || start(side, reader, &why) != 0)
		hand_over(side, reader, NULL, &why);
}

/* Who is first is asked first, again and again: so few offices are on the way at a time. */
static int64_t
ask_what_can_be(struct side *side)
{
	int64_t wait = SK_MINUTE;

	for (size_t i = 0; i < side->n && sk_http_room(side->wire->http) > 0; i++) {
		if (side->readers[i].stage == TO_ASK && side->stopped)
			side->readers[i].stage = ENDED;
		if (side->readers[i].stage == TO_ASK)
			ask(side, &side->readers[i], &wait);
	}
	return wait;
}

static int
is_any(const struct side *side, enum stage stage)
{
	for (size_t i = 0; i < side->n; i++)
		if (side->readers[i].stage == (int)stage)
			return 1;
	return 0;
}

void
sk_side(struct sk_wire *wire, struct sk_side_reader *readers, size_t n, sk_side_fn *answered,
    void *arg)
{
	struct side side = {.wire = wire,
	    .readers = readers,
	    .n = n,
	    .answered = answered,
	    .arg = arg};

	while (is_any(&side, TO_ASK) || is_any(&side, ON_WIRE) || is_any(&side, ANSWERED)) {
		int64_t wait;

		for (size_t i = 0; i < n; i++)
			if (readers[i].stage == ANSWERED)
				take_answer(&side, &readers[i]);
		wait = ask_what_can_be(&side);
		/* while a key was renewed, others were answered */
		if (!is_any(&side, ANSWERED) && (side.n_on_wire > 0 || wait < SK_MINUTE))
			sk_wire_turn(wire, wait, -1);
	}
	for (size_t i = 0; i < n; i++) {
		sk_secret_free(readers[i].key);
		forget_refused_key(&readers[i]);
	}
}
