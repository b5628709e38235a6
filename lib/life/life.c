/* SPDX-License-Identifier: MIT */
/*
 * life: the table of a writeback's life as one pure function. Whatever isn't in the table is
 * refused, and then nothing is written.
 */
#include "life/life.h"

#include <stdbool.h>
#include <string.h>

#include "base/time.h"
#include "api/codes.h"

static const char *const happening_names[SK_HAPPENINGS] = {
    [SK_CLAIMED] = "claimed",
    [SK_RUN_DIED] = "run died",
    [SK_RUN_GAVE_UP] = "run gave up",
    [SK_TAKEN_OVER] = "taken over",
    [SK_PERSON_WITHDRAWS] = "a person withdraws",
    [SK_AGE_WITHDRAWS] = "age withdraws",
    [SK_ACCEPTED] = "accepted",
    [SK_ACCEPTED_NO_ID] = "accepted without an id",
    [SK_ID_TAKEN] = "accepted with the id of another request",
    [SK_NOT_SENT] = "not sent",
    [SK_REFUSED_PASSING] = "refused for a passing reason",
    [SK_REFUSED] = "refused",
    [SK_UNCLEAR] = "unclear",
    [SK_FOUND] = "found",
    [SK_LIST_LACKS_IT] = "the list lacks it",
    [SK_LIST_LACKS_IT_STILL] = "the list lacks it still",
    [SK_SAYS_PENDING] = "says pending",
    [SK_SAYS_COMPLETED] = "says completed",
    [SK_SAYS_FAILED] = "says failed",
    [SK_SAYS_ENDED] = "says ended",
    [SK_SAYS_NOTHING] = "says nothing",
    [SK_NOT_KNOWN] = "not known",
    [SK_GONE] = "gone",
    [SK_WITHDRAWN_THERE] = "withdrawn there",
    [SK_LOOK_FOUND_IT_GONE] = "a look found it gone",
    [SK_NOT_LOOKED_AT] = "not looked at",
    [SK_RESOLVED_PENDING] = "resolved as pending",
    [SK_RESOLVED_COMPLETED] = "resolved as completed",
    [SK_RESOLVED_FAILED] = "resolved as failed",
    [SK_RESOLVED_WITHDRAWN] = "resolved as withdrawn",
    [SK_RETRIED] = "retried",
    [SK_PERSON_RETRIES] = "retried by a person",
    [SK_RETRY_KEY_TAKEN] = "retry finds its key taken",
    [SK_DOUBLE_SEEN] = "a double was seen",
    [SK_DOUBLE_WITHDRAWN] = "the double was withdrawn",
    [SK_DOUBLE_STANDS] = "the double can't be withdrawn",
    [SK_RESTORED] = "an older state file was restored",
    [SK_RESTORED_FOUND] = "found after a restore",
    [SK_PERSON_ADOPTS] = "a person says that it is ours",
};

const char *
sk_happening_name(enum sk_happening happening)
{
	return happening_names[happening];
}

static const struct sk_step refused = {0, SK_NONE, 0, SK_CODE_NONE, SK_EVENT_NONE};

static struct sk_step
step(enum sk_state to, unsigned actions, enum sk_event_kind event)
{
	return (struct sk_step){1, to, actions, SK_CODE_NONE, event};
}

static struct sk_step
fail(enum sk_code code, unsigned actions, enum sk_event_kind event)
{
	return (
	    struct sk_step){1, SK_FAILED, actions | SK_DO_STAMP_END | SK_DO_FREE_KEY, code, event};
}

static struct sk_step
from_queued(const struct sk_life *life, enum sk_happening happening)
{
	switch (happening) {
	case SK_CLAIMED:
		return step(SK_SUBMITTING, SK_DO_STAMP_SUBMITTED, SK_EVENT_SUBMITTING);
	case SK_RUN_DIED:
		return fail(SK_CODE_NOT_SENT, 0, SK_EVENT_NOT_SENT);
	case SK_RUN_GAVE_UP:
		return fail(SK_CODE_NONE, SK_DO_TAKE_RESULT, SK_EVENT_NOT_SENT);
	case SK_TAKEN_OVER:
		return step(SK_QUEUED, SK_DO_TAKE_RUN, SK_EVENT_NONE);
	case SK_PERSON_WITHDRAWS:
		return step(SK_WITHDRAWN, SK_DO_STAMP_END | SK_DO_FREE_KEY, SK_EVENT_WITHDRAWN);
	case SK_FOUND:
		/*
		 * The row was declared not received and queued again, and now its first request has
		 * turned up: nothing is sent.
		 */
		if (!life->once_not_received)
			return refused;
		return step(SK_PENDING, SK_DO_TAKE_ID, SK_EVENT_FOUND);
	case SK_RESTORED:
		return step(SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, SK_EVENT_UNKNOWN);
	case SK_RESTORED_FOUND:
		return step(SK_PENDING, SK_DO_TAKE_ID, SK_EVENT_FOUND);
	case SK_PERSON_ADOPTS:
		return step(SK_PENDING, SK_DO_TAKE_ID, SK_EVENT_ADOPTED);
	default:
		return refused;
	}
}

/* Sent again by the same run, up to four times; then the row fails and may be retried. */
static struct sk_step
once_more(const struct sk_life *life, enum sk_code code)
{
	if (life->attempts_in_run < SK_LIFE_ATTEMPTS)
		return step(SK_QUEUED, 0, SK_EVENT_NONE);
	return fail(code, SK_DO_TAKE_RESULT, SK_EVENT_NOT_SENT);
}

static struct sk_step
from_submitting(const struct sk_life *life, enum sk_happening happening)
{
	switch (happening) {
	case SK_ACCEPTED:
		return step(SK_PENDING, SK_DO_TAKE_ID, SK_EVENT_PENDING);
	case SK_ID_TAKEN:
		return step(SK_UNKNOWN, SK_DO_STAMP_UNKNOWN | SK_DO_TAKE_RESULT, SK_EVENT_ID_TAKEN);
	case SK_NOT_SENT:
		return once_more(life, SK_CODE_NOT_SENT);
	case SK_REFUSED_PASSING:
		return once_more(life, SK_CODE_NONE);
	case SK_REFUSED:
		return fail(SK_CODE_NONE, SK_DO_TAKE_RESULT, SK_EVENT_FAILED);
	case SK_UNCLEAR:
	case SK_ACCEPTED_NO_ID:
	case SK_RUN_DIED:
	case SK_RESTORED:
		return step(SK_UNKNOWN, SK_DO_STAMP_UNKNOWN | SK_DO_TAKE_RESULT, SK_EVENT_UNKNOWN);
	default:
		return refused;
	}
}

static struct sk_step
unknown_with_id(enum sk_happening happening)
{
	switch (happening) {
	case SK_SAYS_PENDING:
		return step(SK_PENDING, 0, SK_EVENT_PENDING);
	case SK_SAYS_COMPLETED:
		return step(SK_COMPLETED, SK_DO_TAKE_RESULT | SK_DO_STAMP_END, SK_EVENT_COMPLETED);
	case SK_SAYS_FAILED:
		return fail(SK_CODE_NONE, SK_DO_TAKE_RESULT, SK_EVENT_FAILED);
	case SK_SAYS_NOTHING:
	case SK_SAYS_ENDED:
	case SK_NOT_KNOWN:
		return step(SK_UNKNOWN, 0, SK_EVENT_NONE);
	default:
		return refused;
	}
}

static struct sk_step
unknown_without_id(enum sk_happening happening)
{
	switch (happening) {
	case SK_FOUND:
		return step(SK_PENDING, SK_DO_TAKE_ID, SK_EVENT_FOUND);
	case SK_LIST_LACKS_IT:
		return step(SK_UNKNOWN, SK_DO_STAMP_ABSENT, SK_EVENT_NONE);
	case SK_SAYS_NOTHING:
		return step(SK_UNKNOWN, 0, SK_EVENT_NONE);
	case SK_LIST_LACKS_IT_STILL:
		return fail(SK_CODE_NOT_RECEIVED, SK_DO_STAMP_NOT_RECEIVED, SK_EVENT_NOT_RECEIVED);
	default:
		return refused;
	}
}

/* A person decides. Otherwise nothing would. */
static struct sk_step
resolved(enum sk_happening happening)
{
	switch (happening) {
	case SK_RESOLVED_PENDING:
		return step(SK_PENDING, SK_DO_TAKE_ID, SK_EVENT_RESOLVED);
	case SK_RESOLVED_COMPLETED:
		return step(SK_COMPLETED,
		    SK_DO_TAKE_RESULT | SK_DO_STAMP_END | SK_DO_STAMP_RESOLVED, SK_EVENT_RESOLVED);
	case SK_RESOLVED_FAILED:
		return fail(SK_CODE_RESOLVED, SK_DO_TAKE_RESULT | SK_DO_STAMP_RESOLVED,
		    SK_EVENT_RESOLVED);
	case SK_RESOLVED_WITHDRAWN:
		return step(SK_WITHDRAWN,
		    SK_DO_TAKE_RESULT | SK_DO_STAMP_END | SK_DO_FREE_KEY | SK_DO_STAMP_RESOLVED,
		    SK_EVENT_RESOLVED);
	default:
		return refused;
	}
}

static struct sk_step
from_unknown(const struct sk_life *life, enum sk_happening happening)
{
	struct sk_step decided = resolved(happening);

	if (decided.allowed)
		return decided;
	return life->has_id ? unknown_with_id(happening) : unknown_without_id(happening);
}

/*
 * Withdrawn where a person wanted it, failed where the row was stuck. The key is still held: only
 * later looks free it.
 */
static struct sk_step
withdrawn(const struct sk_life *life)
{
	unsigned actions = SK_DO_STAMP_WITHDRAWN | SK_DO_STAMP_END;

	if (life->intent == SK_INTENT_STUCK)
		return (struct sk_step){1, SK_FAILED, actions, SK_CODE_STUCK, SK_EVENT_STUCK};
	return step(SK_WITHDRAWN, actions, SK_EVENT_WITHDRAWN);
}

static struct sk_step
gone(const struct sk_life *life)
{
	if (life->intent != SK_INTENT_NONE && life->age < SK_LIFE_FORGETS)
		return withdrawn(life);
	return step(SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, SK_EVENT_LOST);
}

static struct sk_step
from_pending(const struct sk_life *life, enum sk_happening happening)
{
	switch (happening) {
	case SK_SAYS_PENDING:
	case SK_SAYS_NOTHING:
		return step(SK_PENDING, 0, SK_EVENT_NONE);
	case SK_SAYS_COMPLETED:
		return step(SK_COMPLETED, SK_DO_TAKE_RESULT | SK_DO_STAMP_END, SK_EVENT_COMPLETED);
	case SK_SAYS_FAILED:
		return fail(SK_CODE_NONE, SK_DO_TAKE_RESULT, SK_EVENT_FAILED);
	case SK_SAYS_ENDED:
		return step(SK_UNKNOWN, SK_DO_STAMP_UNKNOWN | SK_DO_TAKE_RESULT,
		    SK_EVENT_ENDED_UNCLEAR);
	case SK_NOT_KNOWN:
		return step(SK_PENDING, SK_DO_COUNT_GONE, SK_EVENT_NONE);
	case SK_GONE:
		return gone(life);
	case SK_AGE_WITHDRAWS:
		/* What a person wanted to withdraw ends as withdrawn, not as stuck. */
		if (life->intent == SK_INTENT_PERSON)
			return step(SK_PENDING, 0, SK_EVENT_NONE);
		return step(SK_PENDING, SK_DO_NOTE_WITHDRAWAL, SK_EVENT_WITHDRAW_INTENDED);
	case SK_PERSON_WITHDRAWS:
		return step(SK_PENDING, SK_DO_NOTE_WITHDRAWAL, SK_EVENT_WITHDRAW_INTENDED);
	case SK_WITHDRAWN_THERE:
		return life->intent == SK_INTENT_NONE ? refused : withdrawn(life);
	default:
		return refused;
	}
}

/*
 * A look found it gone. Before that time has passed it proves nothing: the practice may still be
 * carrying out what it has fetched, and a list may not show it yet.
 */
static struct sk_step
looked(const struct sk_life *life, int64_t counts_after)
{
	struct sk_step still;

	if (life->since_withdrawal < counts_after)
		return step(life->state, 0, SK_EVENT_NONE);
	still = step(life->state, SK_DO_COUNT_LOOK, SK_EVENT_NONE);
	if (life->looks + 1 >= SK_LIFE_SEEN_GONE)
		still.actions |= SK_DO_FREE_KEY;
	return still;
}

/*
 * After API4006 the practice's server may still carry the request out, if it has fetched it before.
 */
static struct sk_step
after_withdrawal(const struct sk_life *life, enum sk_happening happening)
{
	switch (happening) {
	case SK_SAYS_COMPLETED:
		return step(SK_COMPLETED, SK_DO_TAKE_RESULT | SK_DO_STAMP_END | SK_DO_HOLD_KEY,
		    SK_EVENT_CONTRADICTION);
	case SK_SAYS_FAILED:
		return fail(SK_CODE_NONE, SK_DO_TAKE_RESULT, SK_EVENT_CONTRADICTION);
	case SK_SAYS_PENDING:
		/*
		 * Earlier looks that found it gone were wrong: the looks, and the time until they
		 * count, begin anew.
		 */
		return step(life->state, SK_DO_WITHDRAW_AGAIN | SK_DO_STAMP_WITHDRAWN,
		    SK_EVENT_NONE);
	case SK_SAYS_ENDED:
		/* It wasn't gone, and only a person can say how it ended. */
		return step(SK_UNKNOWN, SK_DO_STAMP_UNKNOWN | SK_DO_TAKE_RESULT | SK_DO_HOLD_KEY,
		    SK_EVENT_CONTRADICTION);
	case SK_SAYS_NOTHING:
	case SK_WITHDRAWN_THERE:
		return step(life->state, 0, SK_EVENT_NONE);
	case SK_LOOK_FOUND_IT_GONE:
		return looked(life, SK_LIFE_LISTED);
	case SK_NOT_KNOWN:
		return looked(life, SK_LIFE_TRAVEL);
	case SK_NOT_LOOKED_AT:
		return step(life->state, 0, SK_EVENT_NOT_LOOKED_AT);
	default:
		/* After six days the server has forgotten it, and no look can find it gone. */
		if (life->since_withdrawal < SK_LIFE_FORGETS || life->looks >= SK_LIFE_SEEN_GONE)
			return refused;
		return resolved(happening);
	}
}

/*
 * A person had said that it failed, and names it to be sent again. The first request may still turn up, as
 * with one that was not received.
 */
static struct sk_step
resolved_again(const struct sk_life *life, enum sk_happening happening)
{
	if (life->state != SK_FAILED || life->has_id || life->has_double)
		return refused;
	if (happening == SK_RETRY_KEY_TAKEN)
		return fail(SK_CODE_SUPERSEDED, 0, SK_EVENT_SUPERSEDED);
	return step(SK_QUEUED,
	    SK_DO_STAMP_NOT_RECEIVED | SK_DO_RESTART | SK_DO_TAKE_RUN | SK_DO_HOLD_KEY,
	    SK_EVENT_RETRIED);
}

/*
 * What turns out about a row that a person resolved. By itself nothing is sent or withdrawn for it.
 */
static struct sk_step
after_resolution(const struct sk_life *life, enum sk_happening happening)
{
	bool is_completed = life->state == SK_COMPLETED, is_failed = life->state == SK_FAILED;

	switch (happening) {
	case SK_FOUND:
		if (life->has_id)
			return refused;
		return step(life->state, SK_DO_TAKE_ID,
		    is_completed ? SK_EVENT_FOUND : SK_EVENT_CONTRADICTION);
	case SK_SAYS_COMPLETED:
		if (is_completed)
			return step(SK_COMPLETED, SK_DO_TAKE_RESULT | SK_DO_COUNT_LOOK,
			    SK_EVENT_NONE);
		return step(SK_COMPLETED,
		    SK_DO_TAKE_RESULT | SK_DO_COUNT_LOOK | SK_DO_STAMP_END | SK_DO_HOLD_KEY,
		    SK_EVENT_CONTRADICTION);
	case SK_SAYS_FAILED:
		if (is_failed)
			return step(SK_FAILED, SK_DO_TAKE_RESULT | SK_DO_COUNT_LOOK, SK_EVENT_NONE);
		return fail(SK_CODE_NONE, SK_DO_TAKE_RESULT | SK_DO_COUNT_LOOK,
		    SK_EVENT_CONTRADICTION);
	case SK_SAYS_ENDED:
		if (is_completed)
			return step(SK_COMPLETED, SK_DO_COUNT_LOOK, SK_EVENT_NONE);
		return step(SK_UNKNOWN, SK_DO_STAMP_UNKNOWN | SK_DO_TAKE_RESULT | SK_DO_HOLD_KEY,
		    SK_EVENT_CONTRADICTION);
	case SK_SAYS_PENDING:
	case SK_SAYS_NOTHING:
	case SK_NOT_KNOWN:
		return step(life->state, 0, SK_EVENT_NONE);
	case SK_PERSON_RETRIES:
	case SK_RETRY_KEY_TAKEN:
		return resolved_again(life, happening);
	default:
		return refused;
	}
}

static struct sk_step
from_failed(const struct sk_life *life, enum sk_happening happening)
{
	switch (happening) {
	case SK_RETRIED:
	case SK_PERSON_RETRIES:
		if (life->failure != SK_FAILURE_MAY_RETRY &&
		    life->failure != SK_FAILURE_NOT_RECEIVED)
			return refused;
		/*
		 * The second request may have been carried out even if it was withdrawn: a person
		 * decides.
		 */
		if (life->has_double)
			return refused;
		return step(SK_QUEUED, SK_DO_RESTART | SK_DO_TAKE_RUN | SK_DO_HOLD_KEY,
		    SK_EVENT_RETRIED);
	case SK_RETRY_KEY_TAKEN:
		if (life->failure != SK_FAILURE_MAY_RETRY &&
		    life->failure != SK_FAILURE_NOT_RECEIVED)
			return refused;
		return fail(SK_CODE_SUPERSEDED, 0, SK_EVENT_SUPERSEDED);
	case SK_FOUND:
		if (life->failure != SK_FAILURE_NOT_RECEIVED || !life->key_is_free)
			return refused;
		return step(SK_PENDING, SK_DO_TAKE_ID | SK_DO_HOLD_KEY, SK_EVENT_FOUND);
	default:
		return refused;
	}
}

/*
 * The row was declared not received, then went another way, and now its first request has turned
 * up.
 */
static struct sk_step
doubled(const struct sk_life *life, enum sk_happening happening)
{
	if (!life->once_not_received)
		return refused;
	if (happening == SK_DOUBLE_WITHDRAWN)
		return step(life->state, SK_DO_STAMP_DOUBLE, SK_EVENT_NONE);
	if (happening == SK_DOUBLE_STANDS)
		return step(life->state, SK_DO_STAMP_DOUBLE, SK_EVENT_DOUBLED);
	return step(life->state, SK_DO_NOTE_DOUBLE, SK_EVENT_DOUBLED);
}

struct sk_step
sk_life_next(const struct sk_life *life, enum sk_happening happening)
{
	if (happening == SK_DOUBLE_SEEN || happening == SK_DOUBLE_WITHDRAWN ||
	    happening == SK_DOUBLE_STANDS)
		return doubled(life, happening);
	if (life->is_resolved && (SK_MASK(life->state) & SK_ENDED) != 0)
		return after_resolution(life, happening);
	switch (life->state) {
	case SK_QUEUED:
		return from_queued(life, happening);
	case SK_SUBMITTING:
		return from_submitting(life, happening);
	case SK_UNKNOWN:
		return from_unknown(life, happening);
	case SK_PENDING:
		return from_pending(life, happening);
	case SK_WITHDRAWN:
		return life->has_id ? after_withdrawal(life, happening) : refused;
	case SK_FAILED:
		if (life->failure == SK_FAILURE_STUCK)
			return after_withdrawal(life, happening);
		return from_failed(life, happening);
	default:
		return refused;
	}
}

static enum sk_failure
failure_of(const struct sk_writeback *row)
{
	enum sk_code code = sk_code_find(row->error_code);

	if (row->result != SK_FAILED)
		return SK_FAILURE_FINAL;
	if (code == SK_CODE_STUCK)
		return SK_FAILURE_STUCK;
	if (code == SK_CODE_NOT_RECEIVED)
		return SK_FAILURE_NOT_RECEIVED;
	/* A row with an id was accepted: then the practice's system refused it, for a reason. */
	if (row->writeback_id == NULL &&
	    (sk_code_is_passing(code) || sk_api_code_is_passing(row->error_code)))
		return SK_FAILURE_MAY_RETRY;
	return SK_FAILURE_FINAL;
}

static const char *const intents[] = {
    [SK_INTENT_PERSON] = "person",
    [SK_INTENT_STUCK] = "stuck",
};

const char *
sk_intent_name(enum sk_intent intent)
{
	return intents[intent];
}

enum sk_intent
sk_intent_of(const struct sk_writeback *row)
{
	if (row->withdraw_reason == NULL)
		return SK_INTENT_NONE;
	return strcmp(row->withdraw_reason, intents[SK_INTENT_STUCK]) == 0 ? SK_INTENT_STUCK
									   : SK_INTENT_PERSON;
}

bool
sk_life_had_id(const struct sk_writeback *row)
{
	return row->writeback_id != NULL ||
	    (row->result == SK_UNKNOWN && sk_code_find(row->error_code) == SK_CODE_ID_TAKEN);
}

struct sk_life
sk_life_of(const struct sk_writeback *row, int key_is_free, int64_t asked_at, int64_t now)
{
	return (struct sk_life){
	    .state = row->result,
	    .has_id = sk_life_had_id(row),
	    .attempts_in_run = row->attempts_in_run,
	    .failure = failure_of(row),
	    .intent = sk_intent_of(row),
	    .once_not_received = row->not_received_at != 0,
	    .is_resolved = row->resolved_at != 0,
	    .has_double = row->doubled_id != NULL,
	    .key_is_free = key_is_free,
	    .looks = row->looks,
	    .age = now - (row->submitted_at ? row->submitted_at : row->queued_at),
	    .since_withdrawal = row->withdrawn_at ? asked_at - row->withdrawn_at : 0,
	};
}
