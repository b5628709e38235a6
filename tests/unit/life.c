/* SPDX-License-Identifier: MIT */
/*
 * The whole table of a writeback's life: every state, in each of its kinds, times every happening.
 * What is expected was written by hand from the rules (sikka-life(7), Transitions; life-page
 * compares that page with the function); what isn't expected is refused. Then the table of
 * transitions in the state file, which must hold what life does and nothing else.
 */
#include "life/life.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/store.h"
#include "store/statements.h"
#include "folder.h"
#include "tap.h"
#include "base/time.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* --- the states and their kinds -------------------------------------------------------------- */

enum kind {
	QUEUED,
	QUEUED_AGAIN, /* declared not received, then queued again */
	SUBMITTING,
	SUBMITTING_LAST, /* for the fourth time in its run */
	UNKNOWN,
	UNKNOWN_AGAIN,
	UNKNOWN_ID,
	PENDING,
	PENDING_AGAIN,
	PENDING_PERSON, /* a person wants it withdrawn */
	PENDING_STUCK,
	PENDING_OLD, /* as PENDING_PERSON, and older than the server remembers */
	COMPLETED,
	COMPLETED_AGAIN,
	FAILED_FINAL,
	FAILED_MAY_RETRY,
	FAILED_MAY_RETRY_AGAIN,
	FAILED_DOUBLED, /* as that, and its first request turned up at the server */
	NOT_RECEIVED,
	NOT_RECEIVED_TAKEN, /* its key is another's */
	STUCK,
	STUCK_SEEN_GONE, /* one look found it gone, and the 15 minutes are over */
	WITHDRAWN,
	WITHDRAWN_EARLY,  /* one look found it gone, and the 15 minutes aren't over */
	WITHDRAWN_UNSEEN, /* no look yet, and the 15 minutes are over */
	WITHDRAWN_SEEN_GONE,
	WITHDRAWN_FORGOTTEN, /* for six days nobody has seen what became of it */
	STUCK_FORGOTTEN,
	WITHDRAWN_QUEUED, /* it never left */
	RESOLVED_COMPLETED,
	RESOLVED_COMPLETED_ID,
	RESOLVED_FAILED,
	RESOLVED_FAILED_ID,
	RESOLVED_WITHDRAWN,
	RESOLVED_WITHDRAWN_ID,
	KINDS
};

static const struct {
	const char *name;
	struct sk_life life;
} KIND[KINDS] = {
    [QUEUED] = {"queued", {.state = SK_QUEUED}},
    [QUEUED_AGAIN] = {"queued again", {.state = SK_QUEUED, .once_not_received = 1}},
    [SUBMITTING] = {"submitting", {.state = SK_SUBMITTING, .attempts_in_run = 3}},
    [SUBMITTING_LAST] = {"submitting, fourth", {.state = SK_SUBMITTING, .attempts_in_run = 4}},
    [UNKNOWN] = {"unknown", {.state = SK_UNKNOWN}},
    [UNKNOWN_AGAIN] = {"unknown again", {.state = SK_UNKNOWN, .once_not_received = 1}},
    [UNKNOWN_ID] = {"unknown with id", {.state = SK_UNKNOWN, .has_id = 1}},
    [PENDING] = {"pending", {.state = SK_PENDING, .has_id = 1}},
    [PENDING_AGAIN] = {"pending again", {.state = SK_PENDING, .has_id = 1, .once_not_received = 1}},
    [PENDING_PERSON] = {"pending, to be withdrawn",
	{.state = SK_PENDING, .has_id = 1, .intent = SK_INTENT_PERSON, .age = SK_HOUR}},
    [PENDING_STUCK] = {"pending, stuck",
	{.state = SK_PENDING, .has_id = 1, .intent = SK_INTENT_STUCK, .age = SK_LIFE_FORGETS - 1}},
    [PENDING_OLD] = {"pending, to be withdrawn, old",
	{.state = SK_PENDING, .has_id = 1, .intent = SK_INTENT_PERSON, .age = SK_LIFE_FORGETS}},
    [COMPLETED] = {"completed", {.state = SK_COMPLETED, .has_id = 1}},
    [COMPLETED_AGAIN] = {"completed again",
	{.state = SK_COMPLETED, .has_id = 1, .once_not_received = 1}},
    [FAILED_FINAL] = {"failed", {.state = SK_FAILED, .failure = SK_FAILURE_FINAL}},
    [FAILED_MAY_RETRY] = {"failed, may be retried",
	{.state = SK_FAILED, .failure = SK_FAILURE_MAY_RETRY}},
    [FAILED_MAY_RETRY_AGAIN] = {"failed again, may be retried",
	{.state = SK_FAILED, .failure = SK_FAILURE_MAY_RETRY, .once_not_received = 1}},
    [FAILED_DOUBLED] = {"failed again, doubled",
	{.state = SK_FAILED,
	    .failure = SK_FAILURE_MAY_RETRY,
	    .once_not_received = 1,
	    .has_double = 1}},
    [NOT_RECEIVED] = {"not received",
	{.state = SK_FAILED, .failure = SK_FAILURE_NOT_RECEIVED, .once_not_received = 1}},
    [NOT_RECEIVED_TAKEN] = {"not received, key taken",
	{.state = SK_FAILED, .failure = SK_FAILURE_NOT_RECEIVED, .once_not_received = 1}},
    [STUCK] = {"stuck", {.state = SK_FAILED, .has_id = 1, .failure = SK_FAILURE_STUCK}},
    [STUCK_SEEN_GONE] = {"stuck, seen gone",
	{.state = SK_FAILED,
	    .has_id = 1,
	    .failure = SK_FAILURE_STUCK,
	    .looks = 1,
	    .since_withdrawal = 35 * SK_MINUTE}},
    [WITHDRAWN] = {"withdrawn",
	{.state = SK_WITHDRAWN, .has_id = 1, .since_withdrawal = SK_MINUTE}},
    [WITHDRAWN_EARLY] = {"withdrawn, seen gone early",
	{.state = SK_WITHDRAWN, .has_id = 1, .looks = 1, .since_withdrawal = 15 * SK_MINUTE - 1}},
    [WITHDRAWN_UNSEEN] = {"withdrawn, not seen",
	{.state = SK_WITHDRAWN, .has_id = 1, .since_withdrawal = SK_HOUR}},
    [WITHDRAWN_SEEN_GONE] = {"withdrawn, seen gone",
	{.state = SK_WITHDRAWN, .has_id = 1, .looks = 1, .since_withdrawal = 35 * SK_MINUTE}},
    [WITHDRAWN_FORGOTTEN] = {"withdrawn, not seen for six days",
	{.state = SK_WITHDRAWN, .has_id = 1, .looks = 1, .since_withdrawal = SK_LIFE_FORGETS}},
    [STUCK_FORGOTTEN] = {"stuck, not seen for six days",
	{.state = SK_FAILED,
	    .has_id = 1,
	    .failure = SK_FAILURE_STUCK,
	    .since_withdrawal = SK_LIFE_FORGETS}},
    [WITHDRAWN_QUEUED] = {"withdrawn while queued", {.state = SK_WITHDRAWN}},
    [RESOLVED_COMPLETED] = {"resolved as completed", {.state = SK_COMPLETED, .is_resolved = 1}},
    [RESOLVED_COMPLETED_ID] = {"resolved as completed, with id",
	{.state = SK_COMPLETED, .has_id = 1, .is_resolved = 1}},
    [RESOLVED_FAILED] = {"resolved as failed", {.state = SK_FAILED, .is_resolved = 1}},
    [RESOLVED_FAILED_ID] = {"resolved as failed, with id",
	{.state = SK_FAILED, .has_id = 1, .is_resolved = 1}},
    [RESOLVED_WITHDRAWN] = {"resolved as withdrawn", {.state = SK_WITHDRAWN, .is_resolved = 1}},
    [RESOLVED_WITHDRAWN_ID] = {"resolved as withdrawn, with id",
	{.state = SK_WITHDRAWN, .has_id = 1, .is_resolved = 1}},
};

/* --- the table ------------------------------------------------------------------------------- */

#define KEYS (SK_DO_HOLD_KEY | SK_DO_FREE_KEY)
/* These actions are compared for every allowed pair: each must be there, or must not be there. */
#define WATCHED                                                                             \
	(KEYS | SK_DO_STAMP_SUBMITTED | SK_DO_TAKE_ID | SK_DO_STAMP_UNKNOWN |               \
	    SK_DO_STAMP_NOT_RECEIVED | SK_DO_STAMP_ABSENT | SK_DO_NOTE_WITHDRAWAL |         \
	    SK_DO_STAMP_WITHDRAWN | SK_DO_COUNT_LOOK | SK_DO_COUNT_GONE | SK_DO_TAKE_RUN |  \
	    SK_DO_RESTART | SK_DO_WITHDRAW_AGAIN | SK_DO_NOTE_DOUBLE | SK_DO_STAMP_DOUBLE | \
	    SK_DO_STAMP_END | SK_DO_STAMP_RESOLVED)
#define ENDS SK_DO_STAMP_END
#define FAILS (SK_DO_STAMP_END | SK_DO_FREE_KEY)
#define RETRIES (SK_DO_RESTART | SK_DO_TAKE_RUN | SK_DO_HOLD_KEY)
#define WITHDRAWS (SK_DO_STAMP_WITHDRAWN | SK_DO_STAMP_END)
/* Seen still pending after a withdrawal: withdrawn again, and its time and looks begin anew. */
#define AGAIN (SK_DO_WITHDRAW_AGAIN | SK_DO_STAMP_WITHDRAWN)

static const struct expected {
	enum kind kind;
	enum sk_happening what;
	enum sk_state to;
	unsigned actions;
	const char *error_code; /* ours; NULL the server's, or none */
	const char *event;
} EXPECTED[] = {
#define RESOLVED(kind)                                                                         \
	{kind, SK_RESOLVED_PENDING, SK_PENDING, SK_DO_TAKE_ID, NULL, "resolved"},              \
	    {kind, SK_RESOLVED_COMPLETED, SK_COMPLETED, ENDS | SK_DO_STAMP_RESOLVED, NULL,     \
		"resolved"},                                                                   \
	    {kind, SK_RESOLVED_FAILED, SK_FAILED, FAILS | SK_DO_STAMP_RESOLVED, "resolved",    \
		"resolved"},                                                                   \
	{                                                                                      \
		kind, SK_RESOLVED_WITHDRAWN, SK_WITHDRAWN, FAILS | SK_DO_STAMP_RESOLVED, NULL, \
		    "resolved"                                                                 \
	}
    {QUEUED, SK_CLAIMED, SK_SUBMITTING, SK_DO_STAMP_SUBMITTED, NULL, "submitting"},
    {QUEUED, SK_RUN_DIED, SK_FAILED, FAILS, "not_sent", "not_sent"},
    {QUEUED, SK_RUN_GAVE_UP, SK_FAILED, FAILS, NULL, "not_sent"},
    {QUEUED, SK_TAKEN_OVER, SK_QUEUED, SK_DO_TAKE_RUN, NULL, NULL},
    {QUEUED, SK_PERSON_WITHDRAWS, SK_WITHDRAWN, FAILS, NULL, "withdrawn"},
    {QUEUED, SK_RESTORED, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "unknown"},
    {QUEUED, SK_RESTORED_FOUND, SK_PENDING, SK_DO_TAKE_ID, NULL, "found"},
    {QUEUED, SK_PERSON_ADOPTS, SK_PENDING, SK_DO_TAKE_ID, NULL, "adopted"},

    {QUEUED_AGAIN, SK_CLAIMED, SK_SUBMITTING, SK_DO_STAMP_SUBMITTED, NULL, "submitting"},
    {QUEUED_AGAIN, SK_RUN_DIED, SK_FAILED, FAILS, "not_sent", "not_sent"},
    {QUEUED_AGAIN, SK_RUN_GAVE_UP, SK_FAILED, FAILS, NULL, "not_sent"},
    {QUEUED_AGAIN, SK_TAKEN_OVER, SK_QUEUED, SK_DO_TAKE_RUN, NULL, NULL},
    {QUEUED_AGAIN, SK_PERSON_WITHDRAWS, SK_WITHDRAWN, FAILS, NULL, "withdrawn"},
    {QUEUED_AGAIN, SK_RESTORED, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "unknown"},
    {QUEUED_AGAIN, SK_RESTORED_FOUND, SK_PENDING, SK_DO_TAKE_ID, NULL, "found"},
    {QUEUED_AGAIN, SK_PERSON_ADOPTS, SK_PENDING, SK_DO_TAKE_ID, NULL, "adopted"},
    {QUEUED_AGAIN, SK_FOUND, SK_PENDING, SK_DO_TAKE_ID, NULL, "found"},

    {SUBMITTING, SK_ACCEPTED, SK_PENDING, SK_DO_TAKE_ID, NULL, "pending"},
    {SUBMITTING, SK_NOT_SENT, SK_QUEUED, 0, NULL, NULL},
    {SUBMITTING, SK_REFUSED_PASSING, SK_QUEUED, 0, NULL, NULL},
    {SUBMITTING, SK_REFUSED, SK_FAILED, FAILS, NULL, "failed"},
    {SUBMITTING, SK_UNCLEAR, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "unknown"},
    {SUBMITTING, SK_ACCEPTED_NO_ID, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "unknown"},
    {SUBMITTING, SK_ID_TAKEN, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "id_taken"},
    {SUBMITTING, SK_RUN_DIED, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "unknown"},
    {SUBMITTING, SK_RESTORED, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "unknown"},

    {SUBMITTING_LAST, SK_ACCEPTED, SK_PENDING, SK_DO_TAKE_ID, NULL, "pending"},
    {SUBMITTING_LAST, SK_NOT_SENT, SK_FAILED, FAILS, "not_sent", "not_sent"},
    {SUBMITTING_LAST, SK_REFUSED_PASSING, SK_FAILED, FAILS, NULL, "not_sent"},
    {SUBMITTING_LAST, SK_REFUSED, SK_FAILED, FAILS, NULL, "failed"},
    {SUBMITTING_LAST, SK_UNCLEAR, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "unknown"},
    {SUBMITTING_LAST, SK_ACCEPTED_NO_ID, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "unknown"},
    {SUBMITTING_LAST, SK_ID_TAKEN, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "id_taken"},
    {SUBMITTING_LAST, SK_RUN_DIED, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "unknown"},
    {SUBMITTING_LAST, SK_RESTORED, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "unknown"},

    {UNKNOWN, SK_FOUND, SK_PENDING, SK_DO_TAKE_ID, NULL, "found"},
    {UNKNOWN, SK_LIST_LACKS_IT, SK_UNKNOWN, SK_DO_STAMP_ABSENT, NULL, NULL},
    {UNKNOWN, SK_SAYS_NOTHING, SK_UNKNOWN, 0, NULL, NULL},
    {UNKNOWN, SK_LIST_LACKS_IT_STILL, SK_FAILED, FAILS | SK_DO_STAMP_NOT_RECEIVED, "not_received",
	"not_received"},
    RESOLVED(UNKNOWN),

    {UNKNOWN_AGAIN, SK_FOUND, SK_PENDING, SK_DO_TAKE_ID, NULL, "found"},
    {UNKNOWN_AGAIN, SK_LIST_LACKS_IT, SK_UNKNOWN, SK_DO_STAMP_ABSENT, NULL, NULL},
    {UNKNOWN_AGAIN, SK_SAYS_NOTHING, SK_UNKNOWN, 0, NULL, NULL},
    {UNKNOWN_AGAIN, SK_LIST_LACKS_IT_STILL, SK_FAILED, FAILS | SK_DO_STAMP_NOT_RECEIVED,
	"not_received", "not_received"},
    RESOLVED(UNKNOWN_AGAIN),

    /* a row that ever had an id is never absent */
    {UNKNOWN_ID, SK_SAYS_PENDING, SK_PENDING, 0, NULL, "pending"},
    {UNKNOWN_ID, SK_SAYS_COMPLETED, SK_COMPLETED, ENDS, NULL, "completed"},
    {UNKNOWN_ID, SK_SAYS_FAILED, SK_FAILED, FAILS, NULL, "failed"},
    {UNKNOWN_ID, SK_SAYS_NOTHING, SK_UNKNOWN, 0, NULL, NULL},
    {UNKNOWN_ID, SK_SAYS_ENDED, SK_UNKNOWN, 0, NULL, NULL},
    {UNKNOWN_ID, SK_NOT_KNOWN, SK_UNKNOWN, 0, NULL, NULL},
    RESOLVED(UNKNOWN_ID),

#define ANY_PENDING(kind)                                                                  \
	{kind, SK_SAYS_PENDING, SK_PENDING, 0, NULL, NULL},                                \
	    {kind, SK_SAYS_NOTHING, SK_PENDING, 0, NULL, NULL},                            \
	    {kind, SK_SAYS_COMPLETED, SK_COMPLETED, ENDS, NULL, "completed"},              \
	    {kind, SK_SAYS_FAILED, SK_FAILED, FAILS, NULL, "failed"},                      \
	    {kind, SK_SAYS_ENDED, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "ended_unclear"}, \
	    {kind, SK_NOT_KNOWN, SK_PENDING, SK_DO_COUNT_GONE, NULL, NULL},                \
	{                                                                                  \
		kind, SK_PERSON_WITHDRAWS, SK_PENDING, SK_DO_NOTE_WITHDRAWAL, NULL,        \
		    "withdraw_intended"                                                    \
	}
#define AGE_WITHDRAWS(kind)                                                      \
	{                                                                        \
		kind, SK_AGE_WITHDRAWS, SK_PENDING, SK_DO_NOTE_WITHDRAWAL, NULL, \
		    "withdraw_intended"                                          \
	}
    ANY_PENDING(PENDING),
    ANY_PENDING(PENDING_AGAIN),
    ANY_PENDING(PENDING_PERSON),
    ANY_PENDING(PENDING_STUCK),
    ANY_PENDING(PENDING_OLD),
    AGE_WITHDRAWS(PENDING),
    AGE_WITHDRAWS(PENDING_AGAIN),
    AGE_WITHDRAWS(PENDING_STUCK),
    /* what a person wanted to withdraw ends as withdrawn */
    {PENDING_PERSON, SK_AGE_WITHDRAWS, SK_PENDING, 0, NULL, NULL},
    {PENDING_OLD, SK_AGE_WITHDRAWS, SK_PENDING, 0, NULL, NULL},
    {PENDING, SK_GONE, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "lost"},
    {PENDING_AGAIN, SK_GONE, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "lost"},
    {PENDING_PERSON, SK_GONE, SK_WITHDRAWN, WITHDRAWS, NULL, "withdrawn"},
    {PENDING_STUCK, SK_GONE, SK_FAILED, WITHDRAWS, "stuck", "stuck"},
    {PENDING_OLD, SK_GONE, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN, NULL, "lost"},
    /* the key stays held: what was withdrawn may have been fetched before */
    {PENDING_PERSON, SK_WITHDRAWN_THERE, SK_WITHDRAWN, WITHDRAWS, NULL, "withdrawn"},
    {PENDING_STUCK, SK_WITHDRAWN_THERE, SK_FAILED, WITHDRAWS, "stuck", "stuck"},
    {PENDING_OLD, SK_WITHDRAWN_THERE, SK_WITHDRAWN, WITHDRAWS, NULL, "withdrawn"},

    {FAILED_MAY_RETRY, SK_RETRIED, SK_QUEUED, RETRIES, NULL, "retried"},
    {FAILED_MAY_RETRY, SK_PERSON_RETRIES, SK_QUEUED, RETRIES, NULL, "retried"},
    {FAILED_MAY_RETRY, SK_RETRY_KEY_TAKEN, SK_FAILED, FAILS, "superseded", "superseded"},
    {FAILED_MAY_RETRY_AGAIN, SK_RETRIED, SK_QUEUED, RETRIES, NULL, "retried"},
    {FAILED_MAY_RETRY_AGAIN, SK_PERSON_RETRIES, SK_QUEUED, RETRIES, NULL, "retried"},
    {FAILED_MAY_RETRY_AGAIN, SK_RETRY_KEY_TAKEN, SK_FAILED, FAILS, "superseded", "superseded"},
    {FAILED_DOUBLED, SK_RETRY_KEY_TAKEN, SK_FAILED, FAILS, "superseded", "superseded"},
    {NOT_RECEIVED, SK_RETRIED, SK_QUEUED, RETRIES, NULL, "retried"},
    {NOT_RECEIVED, SK_PERSON_RETRIES, SK_QUEUED, RETRIES, NULL, "retried"},
    {NOT_RECEIVED, SK_RETRY_KEY_TAKEN, SK_FAILED, FAILS, "superseded", "superseded"},
    {NOT_RECEIVED, SK_FOUND, SK_PENDING, SK_DO_TAKE_ID | SK_DO_HOLD_KEY, NULL, "found"},
    {NOT_RECEIVED_TAKEN, SK_RETRIED, SK_QUEUED, RETRIES, NULL, "retried"},
    {NOT_RECEIVED_TAKEN, SK_PERSON_RETRIES, SK_QUEUED, RETRIES, NULL, "retried"},
    {NOT_RECEIVED_TAKEN, SK_RETRY_KEY_TAKEN, SK_FAILED, FAILS, "superseded", "superseded"},

#define AFTER_WITHDRAWAL(kind, state, look)                                                    \
	{kind, SK_SAYS_COMPLETED, SK_COMPLETED, ENDS | SK_DO_HOLD_KEY, NULL, "contradiction"}, \
	    {kind, SK_SAYS_FAILED, SK_FAILED, FAILS, NULL, "contradiction"},                   \
	    {kind, SK_SAYS_PENDING, state, AGAIN, NULL, NULL},                                 \
	    {kind, SK_SAYS_NOTHING, state, 0, NULL, NULL},                                     \
	    {kind, SK_SAYS_ENDED, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN | SK_DO_HOLD_KEY, NULL,      \
		"contradiction"},                                                              \
	    {kind, SK_WITHDRAWN_THERE, state, 0, NULL, NULL},                                  \
	    {kind, SK_LOOK_FOUND_IT_GONE, state, look, NULL, NULL},                            \
	    {kind, SK_NOT_KNOWN, state, look, NULL, NULL},                                     \
	{                                                                                      \
		kind, SK_NOT_LOOKED_AT, state, 0, NULL, "not_looked_at"                        \
	}
    AFTER_WITHDRAWAL(STUCK, SK_FAILED, 0),
    AFTER_WITHDRAWAL(STUCK_SEEN_GONE, SK_FAILED, SK_DO_COUNT_LOOK | SK_DO_FREE_KEY),
    AFTER_WITHDRAWAL(WITHDRAWN, SK_WITHDRAWN, 0),
    AFTER_WITHDRAWAL(WITHDRAWN_EARLY, SK_WITHDRAWN, 0),
    AFTER_WITHDRAWAL(WITHDRAWN_UNSEEN, SK_WITHDRAWN, SK_DO_COUNT_LOOK),
    AFTER_WITHDRAWAL(WITHDRAWN_SEEN_GONE, SK_WITHDRAWN, SK_DO_COUNT_LOOK | SK_DO_FREE_KEY),
    AFTER_WITHDRAWAL(WITHDRAWN_FORGOTTEN, SK_WITHDRAWN, SK_DO_COUNT_LOOK | SK_DO_FREE_KEY),
    AFTER_WITHDRAWAL(STUCK_FORGOTTEN, SK_FAILED, SK_DO_COUNT_LOOK),
    RESOLVED(WITHDRAWN_FORGOTTEN),
    RESOLVED(STUCK_FORGOTTEN),

/* Nothing is sent and nothing is withdrawn for it, whatever a look shows. */
#define AFTER_RESOLUTION(kind, state)                      \
	{kind, SK_SAYS_PENDING, state, 0, NULL, NULL},     \
	    {kind, SK_SAYS_NOTHING, state, 0, NULL, NULL}, \
	{                                                  \
		kind, SK_NOT_KNOWN, state, 0, NULL, NULL   \
	}
#define LOOK SK_DO_COUNT_LOOK
#define ALL_RIGHT(kind)                                                              \
	AFTER_RESOLUTION(kind, SK_COMPLETED),                                        \
	    {kind, SK_SAYS_COMPLETED, SK_COMPLETED, LOOK, NULL, NULL},               \
	    {kind, SK_SAYS_ENDED, SK_COMPLETED, LOOK, NULL, NULL},                   \
	{                                                                            \
		kind, SK_SAYS_FAILED, SK_FAILED, FAILS | LOOK, NULL, "contradiction" \
	}
#define CONTRADICTED(kind, state)                                                            \
	AFTER_RESOLUTION(kind, state),                                                       \
	    {kind, SK_SAYS_COMPLETED, SK_COMPLETED, ENDS | SK_DO_HOLD_KEY | LOOK, NULL,      \
		"contradiction"},                                                            \
	{                                                                                    \
		kind, SK_SAYS_ENDED, SK_UNKNOWN, SK_DO_STAMP_UNKNOWN | SK_DO_HOLD_KEY, NULL, \
		    "contradiction"                                                          \
	}
    ALL_RIGHT(RESOLVED_COMPLETED),
    ALL_RIGHT(RESOLVED_COMPLETED_ID),
    CONTRADICTED(RESOLVED_FAILED, SK_FAILED),
    CONTRADICTED(RESOLVED_FAILED_ID, SK_FAILED),
    CONTRADICTED(RESOLVED_WITHDRAWN, SK_WITHDRAWN),
    CONTRADICTED(RESOLVED_WITHDRAWN_ID, SK_WITHDRAWN),
    {RESOLVED_FAILED, SK_SAYS_FAILED, SK_FAILED, LOOK, NULL, NULL},
    /* but a person may name it */
    {RESOLVED_FAILED, SK_PERSON_RETRIES, SK_QUEUED, RETRIES | SK_DO_STAMP_NOT_RECEIVED, NULL,
	"retried"},
    {RESOLVED_FAILED, SK_RETRY_KEY_TAKEN, SK_FAILED, FAILS, "superseded", "superseded"},
    {RESOLVED_FAILED_ID, SK_SAYS_FAILED, SK_FAILED, LOOK, NULL, NULL},
    {RESOLVED_WITHDRAWN, SK_SAYS_FAILED, SK_FAILED, FAILS | LOOK, NULL, "contradiction"},
    {RESOLVED_WITHDRAWN_ID, SK_SAYS_FAILED, SK_FAILED, FAILS | LOOK, NULL, "contradiction"},
    {RESOLVED_COMPLETED, SK_FOUND, SK_COMPLETED, SK_DO_TAKE_ID, NULL, "found"},
    {RESOLVED_FAILED, SK_FOUND, SK_FAILED, SK_DO_TAKE_ID, NULL, "contradiction"},
    {RESOLVED_WITHDRAWN, SK_FOUND, SK_WITHDRAWN, SK_DO_TAKE_ID, NULL, "contradiction"},
};

static struct sk_life
life_of(enum kind kind)
{
	struct sk_life life = KIND[kind].life;

	life.key_is_free = kind != NOT_RECEIVED_TAKEN;
	return life;
}

/* Any row that was declared not received once: a second request is noted, then withdrawn, or it
 * stands. */
static const struct expected *
expected_double(enum kind kind, enum sk_happening what)
{
	static struct expected expected;

	if (!KIND[kind].life.once_not_received ||
	    (what != SK_DOUBLE_SEEN && what != SK_DOUBLE_WITHDRAWN && what != SK_DOUBLE_STANDS))
		return NULL;
	expected = (struct expected){kind, what, KIND[kind].life.state,
	    what == SK_DOUBLE_SEEN ? SK_DO_NOTE_DOUBLE : SK_DO_STAMP_DOUBLE, NULL,
	    what != SK_DOUBLE_WITHDRAWN ? "doubled" : NULL};
	return &expected;
}

static const struct expected *
expected_of(enum kind kind, enum sk_happening what)
{
	for (size_t i = 0; i < COUNT(EXPECTED); i++)
		if (EXPECTED[i].kind == kind && EXPECTED[i].what == what)
			return &EXPECTED[i];
	return expected_double(kind, what);
}

static int
is_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
test_pair(enum kind kind, enum sk_happening what)
{
	const struct expected *expected = expected_of(kind, what);
	struct sk_life life = life_of(kind);
	struct sk_step step = sk_life_next(&life, what);

	if (expected == NULL) {
		ok(!step.allowed && step.actions == 0, "%s, %s: refused", KIND[kind].name,
		    sk_happening_name(what));
		return;
	}
	if (!ok(step.allowed && step.to == expected->to &&
		    (step.actions & WATCHED) == expected->actions &&
		    is_text(sk_code_name(step.code), expected->error_code) &&
		    is_text(sk_event_kind_name(step.event), expected->event),
		"%s, %s: %s", KIND[kind].name, sk_happening_name(what),
		sk_state_name(expected->to)))
		printf("# found: %s %s, actions %#x (%#x), %s, %s\n",
		    step.allowed ? "to" : "refused", sk_state_name(step.to), step.actions & WATCHED,
		    expected->actions, step.code != SK_CODE_NONE ? sk_code_name(step.code) : "-",
		    step.event != SK_EVENT_NONE ? sk_event_kind_name(step.event) : "-");
}

static void
test_table(void)
{
	for (int kind = 0; kind < KINDS; kind++)
		for (int what = 0; what < SK_HAPPENINGS; what++)
			test_pair((enum kind)kind, (enum sk_happening)what);
}

/* Rules that hold for all pairs. */
static void
test_rules(void)
{
	int held = 1, coded = 1, quiet = 1, named = 1;

	for (int what = 0; what < SK_HAPPENINGS; what++) {
		const char *name = sk_happening_name((enum sk_happening)what);

		named &= name != NULL && *name != '\0';
		for (int kind = 0; kind < KINDS; kind++) {
			struct sk_life life = life_of((enum kind)kind);
			struct sk_step step = sk_life_next(&life, (enum sk_happening)what);

			if (!step.allowed)
				continue;
			held &= (step.actions & KEYS) != KEYS;
			coded &= step.code == SK_CODE_NONE || step.to == SK_FAILED;
			/* only one pair leads to sending */
			quiet &= step.to != SK_SUBMITTING ||
			    (life.state == SK_QUEUED && what == SK_CLAIMED);
			quiet &= step.to != SK_QUEUED || life.state == SK_QUEUED ||
			    life.state == SK_SUBMITTING || what == SK_RETRIED ||
			    what == SK_PERSON_RETRIES;
		}
	}
	ok(held, "no step both holds and frees the key");
	ok(coded, "only failed has a code of ours");
	ok(quiet, "only a claim leads to submitting, only a retry from an end to queued");
	ok(named, "each happening has a name");
}

/* --- what life looks at in a row ------------------------------------------------------------- */

static void
test_life_of(void)
{
	static const struct {
		const char *code;
		int has_id;
		enum sk_failure failure;
	} failures[] = {
	    {"not_sent", 0, SK_FAILURE_MAY_RETRY},
	    {"limited", 0, SK_FAILURE_MAY_RETRY},
	    {"API2002", 0, SK_FAILURE_MAY_RETRY},
	    {"API2011", 0, SK_FAILURE_MAY_RETRY},
	    {"API2012", 0, SK_FAILURE_MAY_RETRY},
	    {"not_sent", 1, SK_FAILURE_FINAL},
	    {"not_received", 0, SK_FAILURE_NOT_RECEIVED},
	    {"stuck", 1, SK_FAILURE_STUCK},
	    {"pms_refused", 1, SK_FAILURE_FINAL},
	    {"resolved", 0, SK_FAILURE_FINAL},
	    {"resolved", 1, SK_FAILURE_FINAL},
	    {"superseded", 0, SK_FAILURE_FINAL},
	    {"unclear", 0, SK_FAILURE_FINAL},
	    {"API2019", 0, SK_FAILURE_FINAL},
	    {"refused", 0, SK_FAILURE_FINAL},
	    {NULL, 0, SK_FAILURE_FINAL},
	};
	struct sk_writeback row = {.result = SK_FAILED, .queued_at = 1000};
	struct sk_life life;

	for (size_t i = 0; i < COUNT(failures); i++) {
		char code[16] = "", id[] = "7";

		if (failures[i].code != NULL)
			snprintf(code, sizeof(code), "%s", failures[i].code);
		row.error_code = failures[i].code != NULL ? code : NULL;
		row.writeback_id = failures[i].has_id ? id : NULL;
		life = sk_life_of(&row, 1, 2000, 2000);
		ok(life.failure == failures[i].failure && life.has_id == failures[i].has_id,
		    "failed %s%s", failures[i].code != NULL ? failures[i].code : "(no code)",
		    failures[i].has_id ? ", with an id" : "");
	}
	is_int(life.age, 1000, "the age of what was never sent is since it was queued");
	row.submitted_at = 1500;
	row.withdrawn_at = 1900;
	row.not_received_at = 1;
	row.looks = 3;
	row.attempts_in_run = 2;
	row.doubled_id = (char[]){"8"};
	life = sk_life_of(&row, 0, 2000, 2000);
	is_int(life.age, 500, "else since it was submitted");
	is_int(life.since_withdrawal, 100, "the time since the withdrawal");
	ok(life.once_not_received && life.looks == 3 && life.attempts_in_run == 2 &&
		!life.key_is_free && life.has_double,
	    "the rest as it stands in the row");
	is_int(life.intent, SK_INTENT_NONE, "no intent");
	row.withdraw_reason = (char[]){"person"};
	is_int(sk_life_of(&row, 0, 2000, 2000).intent, SK_INTENT_PERSON, "a person's");
	row.withdraw_reason = (char[]){"stuck"};
	is_int(sk_life_of(&row, 0, 2000, 2000).intent, SK_INTENT_STUCK, "because it is stuck");
}

/* --- the transitions ------------------------------------------------------------------------- */

/* All transitions of sikka-life(7), Transitions. */
static const unsigned WAYS[SK_STATES] = {
    /* to unknown: only after a restore, when what the older file has as queued may have been sent
       since */
    [SK_QUEUED] = SK_MASK(SK_SUBMITTING) | SK_MASK(SK_FAILED) | SK_MASK(SK_WITHDRAWN) |
	SK_MASK(SK_PENDING) | SK_MASK(SK_UNKNOWN),
    [SK_SUBMITTING] =
	SK_MASK(SK_PENDING) | SK_MASK(SK_QUEUED) | SK_MASK(SK_FAILED) | SK_MASK(SK_UNKNOWN),
    [SK_UNKNOWN] =
	SK_MASK(SK_PENDING) | SK_MASK(SK_FAILED) | SK_MASK(SK_COMPLETED) | SK_MASK(SK_WITHDRAWN),
    [SK_PENDING] =
	SK_MASK(SK_COMPLETED) | SK_MASK(SK_FAILED) | SK_MASK(SK_UNKNOWN) | SK_MASK(SK_WITHDRAWN),
    /* to unknown: it has ended there, and nobody can say how */
    [SK_WITHDRAWN] =
	SK_MASK(SK_COMPLETED) | SK_MASK(SK_FAILED) | SK_MASK(SK_UNKNOWN) | SK_MASK(SK_PENDING),
    /* a person said so, and it has failed */
    [SK_COMPLETED] = SK_MASK(SK_FAILED),
    [SK_FAILED] = SK_MASK(SK_COMPLETED) | SK_MASK(SK_PENDING) | SK_MASK(SK_QUEUED) |
	SK_MASK(SK_UNKNOWN) | SK_MASK(SK_WITHDRAWN),
};

/* The states that life leads to from each state, over all kinds and happenings. */
static void
collect_ways(unsigned ways[SK_STATES])
{
	memset(ways, 0, SK_STATES * sizeof(*ways));
	for (int kind = 0; kind < KINDS; kind++) {
		for (int what = 0; what < SK_HAPPENINGS; what++) {
			struct sk_life life = life_of((enum kind)kind);
			struct sk_step step = sk_life_next(&life, (enum sk_happening)what);

			if (step.allowed && step.to != life.state)
				ways[life.state] |= SK_MASK(step.to);
		}
	}
}

/* The transitions in the state file. */
static int
read_ways(unsigned ways[SK_STATES])
{
	char folder[] = "/tmp/unit-life-XXXXXX", *path;
	struct sk_store *store = NULL;
	struct sk_error err = {0};
	sqlite3_stmt *statement = NULL;
	int n = 0;

	memset(ways, 0, SK_STATES * sizeof(*ways));
	if (mkdtemp(folder) == NULL)
		return -1;
	path = sk_mem_printf("%s/sikka.db", folder);
	if (sk_store_create(path, 1, &store, &err) != 0)
		printf("# %s\n", err.text);
	else if (sqlite3_prepare_v2(store->db, "SELECT from_state, to_state FROM transitions", -1,
		     &statement, NULL) == SQLITE_OK)
		while (sqlite3_step(statement) == SQLITE_ROW) {
			enum sk_state from =
			    sk_state_find((const char *)sqlite3_column_text(statement, 0));
			enum sk_state to =
			    sk_state_find((const char *)sqlite3_column_text(statement, 1));

			if (from != SK_NONE && to != SK_NONE)
				ways[from] |= SK_MASK(to);
			n++;
		}
	sqlite3_finalize(statement);
	sk_store_free(store);
	free(path);
	remove_folder(folder);
	return n;
}

static void
test_transitions(void)
{
	unsigned lives[SK_STATES], stands[SK_STATES];

	collect_ways(lives);
	ok(read_ways(stands) > 0, "the state file has a table of transitions");
	for (int from = SK_QUEUED; from < SK_STATES; from++) {
		for (int to = SK_QUEUED; to < SK_STATES; to++) {
			int wanted = (WAYS[from] & SK_MASK(to)) != 0,
			    may = (stands[from] & SK_MASK(to)) != 0;
			const char *a = sk_state_name((enum sk_state)from),
				   *b = sk_state_name((enum sk_state)to);

			if (from == to)
				continue;
			ok(((lives[from] & SK_MASK(to)) != 0) == wanted, "life %s from %s to %s",
			    wanted ? "leads" : "doesn't lead", a, b);
			ok(may == wanted, "the state file %s %s to %s",
			    wanted ? "allows" : "refuses", a, b);
		}
	}
}

/* Every state can be reached from queued, and from every one but completed there is a way on. */
static void
test_reachable(void)
{
	unsigned ways[SK_STATES], reached = SK_MASK(SK_QUEUED), before;

	collect_ways(ways);
	do {
		before = reached;
		for (int from = SK_QUEUED; from < SK_STATES; from++)
			if (reached & SK_MASK(from))
				reached |= ways[from];
	} while (reached != before);
	for (int state = SK_QUEUED; state < SK_STATES; state++)
		ok((reached & SK_MASK(state)) != 0, "%s can be reached",
		    sk_state_name((enum sk_state)state));
	is_int(ways[SK_COMPLETED], SK_MASK(SK_FAILED),
	    "completed is the end, but where only a person said so");
}

int
main(void)
{
	sk_mem_init();
	test_table();
	test_rules();
	test_life_of();
	test_transitions();
	test_reachable();
	return done_testing();
}
