/* SPDX-License-Identifier: MIT */
/*
 * life: how a writeback lives (sikka-life(7), Transitions), as one pure function from (state,
 * happening) to (state, action). It reads no clock, no database and no network; ledger applies what
 * it says. What isn't in the page's tables is refused: the caller decided on the past, or has a
 * bug.
 */
#ifndef SK_LIFE_LIFE_H
#define SK_LIFE_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/codes.h"
#include "store/events.h"
#include "store/writebacks.h"

#define SK_LIFE_ATTEMPTS 4              /* how often one run sends a row */
#define SK_LIFE_PROVES (5 * SK_DAY)     /* of what is older a list proves nothing */
#define SK_LIFE_FORGETS (6 * SK_DAY)    /* the server keeps requests that long */
#define SK_LIFE_TRAVEL (15 * SK_MINUTE) /* no request arrives, or is carried out, later */
/*
 * A list shows what is so old: SK_LIFE_TRAVEL until it has arrived, as much again until it is listed,
 * and a reserve.
 */
#define SK_LIFE_LISTED (35 * SK_MINUTE)
#define SK_LIFE_LOOK SK_MINUTE /* least time between two looks, two lists */
/* A request may turn up so long after not_received, or after a person resolved it. */
#define SK_LIFE_LATE (2 * SK_DAY)
#define SK_LIFE_GONE 3      /* looks that don't know an id, before the list decides */
#define SK_LIFE_SEEN_GONE 2 /* looks after a withdrawal that found it gone; then it surely is */

enum sk_happening {
	SK_CLAIMED,          /* its own run sends it now */
	SK_RUN_DIED,         /* the run's lock is free */
	SK_RUN_GAVE_UP,      /* its own run ends, or gets no key, before sending it */
	SK_TAKEN_OVER,       /* a run got the same request and its own run is dead */
	SK_PERSON_WITHDRAWS, /* --withdraw */
	SK_AGE_WITHDRAWS,    /* --stuck-after */
	SK_ACCEPTED,         /* the answer has an id */
	SK_ACCEPTED_NO_ID,
	SK_ID_TAKEN,        /* accepted, with an id that another row has or had */
	SK_NOT_SENT,        /* surely no byte left */
	SK_REFUSED_PASSING, /* 429 of the minute, 503 with API2002, key trouble after renewal */
	SK_REFUSED,
	SK_UNCLEAR,
	SK_FOUND,               /* a strict match in the server's list */
	SK_LIST_LACKS_IT,       /* a whole list that proves something has none of its kind */
	SK_LIST_LACKS_IT_STILL, /* and neither had the list before it, a minute ago or more */
	SK_SAYS_PENDING,
	SK_SAYS_COMPLETED,
	SK_SAYS_FAILED,
	SK_SAYS_ENDED, /* ended, but nobody can say how */
	SK_SAYS_NOTHING,
	SK_NOT_KNOWN,          /* the server doesn't know the id, once more */
	SK_GONE,               /* three times unknown, and the list lacks it, too */
	SK_WITHDRAWN_THERE,    /* API4006 */
	SK_LOOK_FOUND_IT_GONE, /* after a withdrawal: neither list nor status has it */
	SK_NOT_LOOKED_AT,      /* withdrawn, and not seen gone within 6 days */
	SK_RESOLVED_PENDING,   /* a person decides so */
	SK_RESOLVED_COMPLETED,
	SK_RESOLVED_FAILED,
	SK_RESOLVED_WITHDRAWN,
	SK_RETRIED,        /* --retry, and its key is free */
	SK_PERSON_RETRIES, /* the same, and a person named it */
	SK_RETRY_KEY_TAKEN,
	SK_DOUBLE_SEEN, /* a strict match turned up for a row that has gone another way */
	SK_DOUBLE_WITHDRAWN,
	SK_DOUBLE_STANDS,  /* it was carried out, or can't be withdrawn: a person acts */
	SK_RESTORED,       /* the state file is an older copy: what became of the row isn't known */
	SK_RESTORED_FOUND, /* taken over from the server's list after a restore */
	SK_PERSON_ADOPTS,  /* taken over from it because a person says that it is ours: --adopt */
	SK_HAPPENINGS
};

/* Why a row failed, as far as it matters for what may follow. */
enum sk_failure {
	SK_FAILURE_FINAL,
	SK_FAILURE_MAY_RETRY,
	SK_FAILURE_NOT_RECEIVED,
	SK_FAILURE_STUCK
};
/* Who wanted a withdrawal: the column withdraw_reason. */
enum sk_intent { SK_INTENT_NONE, SK_INTENT_PERSON, SK_INTENT_STUCK };

/* What the function looks at in a row. */
struct sk_life {
	enum sk_state state;
	int has_id; /* or had one that is another row's: then it is never absent */
	int attempts_in_run;
	enum sk_failure failure;
	enum sk_intent intent; /* a withdrawal was intended, and by whom */
	int once_not_received; /* not_received_at is set */
	int is_resolved;       /* resolved_at is set: a person said how it ended */
	int has_double;        /* doubled_id is set: the server had a second request for the row */
	int key_is_free;       /* no other row holds its key */
	int looks;             /* looks that found it gone, late enough after the withdrawal */
	int64_t age;           /* since submitted_at */
	int64_t since_withdrawal; /* when the news was asked for; below 0: before the withdrawal */
};

/* What to do besides changing the state. */
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
	SK_DO_HOLD_KEY = 1 << 10, /* the row holds its key again */
	SK_DO_FREE_KEY = 1 << 11,
	SK_DO_TAKE_RUN = 1 << 12,       /* the row gets the run of the fact */
	SK_DO_RESTART = 1 << 13,        /* attempts_in_run = 0, retries + 1, no end */
	SK_DO_WITHDRAW_AGAIN = 1 << 14, /* the caller sends the DELETE once more */
	SK_DO_NOTE_DOUBLE = 1 << 15,
	SK_DO_STAMP_DOUBLE = 1 << 16,
	SK_DO_STAMP_END = 1 << 17, /* completed_at */
	SK_DO_STAMP_RESOLVED = 1 << 18
};

struct sk_step {
	int allowed; /* 0: this can't happen in the state; nothing may be written */
	enum sk_state to;
	unsigned actions;
	enum sk_code code; /* for failed rows: our own; NONE: the fact's */
	enum sk_event_kind event;
};

struct sk_step sk_life_next(const struct sk_life *life, enum sk_happening happening);

const char *sk_happening_name(enum sk_happening happening);
const char *sk_intent_name(enum sk_intent intent); /* "person" …; NULL for NONE */
enum sk_intent sk_intent_of(const struct sk_writeback *row);

/* Whether the row has an id, or got one that is another row's: then it is never absent. */
bool sk_life_had_id(const struct sk_writeback *row);

/* What life looks at in a row, at now. asked_at: when the news was asked for. */
struct sk_life sk_life_of(const struct sk_writeback *row, int key_is_free, int64_t asked_at,
    int64_t now);

#endif
