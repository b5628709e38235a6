/* SPDX-License-Identifier: MIT */
/*
 * life: how a writeback lives (sikka-life(7), Transitions), as one pure function from (state,
 * happening) to (state, action). It reads no clock, no database and no network; ledger applies what
 * it says. What isn't in the page's tables is refused: the caller decided on the past, or has a
 * bug.
 */
#ifndef SK_LIFE_LIFE_H
#define SK_LIFE_LIFE_H

#include <stdint.h>

#include "store/codes.h"
#include "store/events.h"
#include "store/writebacks.h"

#define SK_LIFE_ATTEMPTS 4              /* sendings of one row within a run */
#define SK_LIFE_FORGETS (6 * SK_DAY)    /* the server keeps requests so long */
#define SK_LIFE_TRAVEL (15 * SK_MINUTE) /* nothing we sent arrives, no list lags, longer */
#define SK_LIFE_LOOK SK_MINUTE          /* between two looks, two lists */
#define SK_LIFE_LATE (2 * SK_DAY)       /* so long a request may turn up after not_received */
#define SK_LIFE_GONE 3      /* looks that don't know an id; then only the list can tell */
#define SK_LIFE_SEEN_GONE 2 /* looks after a withdrawal that found it gone; then it surely is */

enum sk_happening {
	SK_CLAIMED,          /* its own run sends it now */
	SK_RUN_DIED,         /* the run's lock is free */
	SK_RUN_GAVE_UP,      /* its own run ends, or can't get a key, before sending it */
	SK_TAKEN_OVER,       /* a run was handed the same request while its own run is dead */
	SK_PERSON_WITHDRAWS, /* --withdraw */
	SK_AGE_WITHDRAWS,    /* --stuck-after */
	SK_ACCEPTED,         /* the answer holds an id */
	SK_ACCEPTED_NO_ID,
	SK_NOT_SENT,        /* surely not a byte left */
	SK_REFUSED_PASSING, /* 429 of the minute, 503 with API2002, key trouble after renewal */
	SK_REFUSED,
	SK_UNCLEAR,
	SK_FOUND,               /* a strict match in the server's list */
	SK_LIST_LACKS_IT,       /* a whole list that proves something held nothing of its kind */
	SK_LIST_LACKS_IT_STILL, /* … and so did one a minute or more before */
	SK_SAYS_PENDING,
	SK_SAYS_COMPLETED,
	SK_SAYS_FAILED,
	SK_SAYS_ENDED, /* ended, and nobody can say how */
	SK_SAYS_NOTHING,
	SK_NOT_KNOWN,          /* the server doesn't know the id: one more such look */
	SK_GONE,               /* three such looks, and the listing lacks it too */
	SK_WITHDRAWN_THERE,    /* API4006 */
	SK_LOOK_FOUND_IT_GONE, /* after a withdrawal: neither list nor status have it */
	SK_NOT_LOOKED_AT,      /* withdrawn, and not looked at within 6 days */
	SK_RESOLVED_PENDING,   /* a person says so */
	SK_RESOLVED_COMPLETED,
	SK_RESOLVED_FAILED,
	SK_RETRIED, /* --retry, its key is free */
	SK_RETRY_KEY_TAKEN,
	SK_DOUBLE_SEEN, /* a strict match turned up for a row that is no longer waiting for it */
	SK_DOUBLE_WITHDRAWN,
	SK_DOUBLE_STANDS,  /* it was carried out, or can't be withdrawn: a person acts */
	SK_RESTORED,       /* the state file is an older copy: what became of it isn't known */
	SK_RESTORED_FOUND, /* taken over from the server's list after a restore */
	SK_HAPPENINGS
};

/* Why a failed row failed, as far as its further life depends on it. */
enum sk_failure {
	SK_FAILURE_FINAL,
	SK_FAILURE_MAY_RETRY,
	SK_FAILURE_NOT_RECEIVED,
	SK_FAILURE_STUCK
};
/* Who wanted a withdrawal: the column withdraw_reason. */
enum sk_intent { SK_INTENT_NONE, SK_INTENT_PERSON, SK_INTENT_STUCK };

/* What the function looks at. */
struct sk_life {
	enum sk_state state;
	int has_id;
	int attempts_in_run;
	enum sk_failure failure;
	enum sk_intent intent; /* a withdrawal was intended */
	int once_not_received; /* not_received_at is set */
	int has_double;        /* doubled_id is set: the server had a request for it after all */
	int key_is_free;       /* no other row holds its key */
	int looks;             /* begun a quarter after a withdrawal or later, that found it gone */
	int64_t age;           /* since submitted_at */
	int64_t since_withdrawal; /* until what happens now was asked for; below 0: before it */
};

/* What to do besides taking the new state. */
enum sk_action {
	SK_DO_STAMP_SUBMITTED = 1 << 0, /* submitted_at, attempts + 1, attempts_in_run + 1 */
	SK_DO_TAKE_ID = 1 << 1,
	SK_DO_STAMP_UNKNOWN = 1 << 2,
	SK_DO_STAMP_NOT_RECEIVED = 1 << 3,
	SK_DO_STAMP_ABSENT = 1 << 4,
	SK_DO_TAKE_RESULT = 1 << 5,     /* the server's texts, created_id, appointment_sr_no */
	SK_DO_NOTE_WITHDRAWAL = 1 << 6, /* withdraw_at, withdraw_reason */
	SK_DO_STAMP_WITHDRAWN = 1 << 7,
	SK_DO_COUNT_LOOK = 1 << 8,
	SK_DO_COUNT_GONE = 1 << 9,
	SK_DO_HOLD_KEY = 1 << 10, /* the key counts again */
	SK_DO_FREE_KEY = 1 << 11,
	SK_DO_TAKE_RUN = 1 << 12,       /* the row belongs to the run of the fact */
	SK_DO_RESTART = 1 << 13,        /* attempts_in_run = 0, retries + 1, old end cleared */
	SK_DO_WITHDRAW_AGAIN = 1 << 14, /* the caller sends the DELETE once more */
	SK_DO_NOTE_DOUBLE = 1 << 15,
	SK_DO_STAMP_DOUBLE = 1 << 16,
	SK_DO_STAMP_END = 1 << 17 /* completed_at */
};

struct sk_step {
	int allowed; /* 0: not in the table; nothing may be written */
	enum sk_state to;
	unsigned actions;
	enum sk_code code; /* for failed: ours; NONE: the fact's error_code */
	enum sk_event_kind event;
};

struct sk_step sk_life_next(const struct sk_life *life, enum sk_happening happening);

const char *sk_happening_name(enum sk_happening happening);
const char *sk_intent_name(enum sk_intent intent); /* "person" …; NULL for NONE */
enum sk_intent sk_intent_of(const struct sk_writeback *row);

/* What life looks at in a row, now; asked_at: when what happens now was asked for. */
struct sk_life sk_life_of(const struct sk_writeback *row, int key_is_free, int64_t asked_at,
    int64_t now);

#endif
