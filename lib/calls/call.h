/* SPDX-License-Identifier: MIT */
/*
 * call: one request to the server, as the engine (calls/pool) sees it: what is asked, whose key signs
 * it, which limit it counts against, whether it may be repeated, and who gets the answer.
 *
 * A call belongs to whoever fills it in: it has to stay where it is, with everything that it points
 * to, from sk_pool_add until its owner's ended() gets it back (or sk_pool_remove took it out). What
 * came of it is in result, which the pool fills in and sk_call_fini frees.
 */
#ifndef SK_CALLS_CALL_H
#define SK_CALLS_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "http/http.h"
#include "api/api.h"

/*
 * What a call is decides how it is treated (one table in calls/pool_choose.c and one in
 * calls/pool_answers.c). In the order in which they leave: renewals first, since others wait for
 * them.
 */
enum sk_call_kind {
	SK_CALL_RENEWAL, /* POST /request_key: credentials in the body; one attempt while in doubt */
	SK_CALL_SUBMISSION, /* a write of an office: one attempt while in doubt */
	SK_CALL_WITHDRAWAL, /* a DELETE: may be repeated */
	SK_CALL_READ,       /* may be repeated, also when it has a body */
	SK_CALL_POLL,       /* a read that leaves a quarter of the limit to others */
	SK_CALL_KINDS
};

/* What came of a call. */
struct sk_call_result {
	/*
	 * Why there is no answer that stands, or 0. 69 the server can't be reached, 71, 75 stopped by
	 * a signal, the limit of the day, the journal is busy, 77 the office has no key. A submission
	 * that left and got no clear answer has no error: answer says what is known.
	 */
	struct sk_error error;
	int has_left;                  /* an attempt was made: answer is filled */
	struct sk_http_answer answer;  /* of the last attempt */
	struct sk_api_reply reply;     /* the answer, read; not for submissions */
	struct sk_api_submission said; /* the same for submissions */
};

struct sk_call {
	enum sk_call_kind kind;
	const char *method; /* "GET" */
	const char *path;   /* "/appointments" */
	const struct sk_api_parameter *parameters;
	size_t n_parameters;
	const char *body; /* JSON, or NULL */
	/*
	 * Whose limit it counts against, and whose request key signs it. NULL: the limit of the
	 * application, signed with App-Id and App-Key (a renewal: by what its body holds).
	 */
	const char *office_id;
	const char *request_key; /* signs it instead of the key that the office has now */
	const char *refresh_key; /* DELETE /refresh_key: its header beside App-Id and App-Key */
	/* The answer may be had in smaller ones: one that is too much isn't asked for again. */
	bool can_be_smaller;
	size_t expected; /* bytes that the answer may have, as far as is known; 0: few */
	const struct sk_call_owner *owner;
	void *arg; /* for the owner */
	struct sk_call_result *result;

	/* In record(): 1, the engine would repeat it; the owner of a submission may set it to 0. */
	int again;
	/* In leaving(): the owner sets it to 1 when this call may not leave after all. */
	int crossed_out;

	/* The pool's own. */
	struct sk_pool *pool;
	struct sk_pool_office *office;
	struct sk_call *next;
	int stage; /* 0: outside of the pool */
	int attempts;
	int keys_refused;
	bool is_troubled;   /* not_before is so because an attempt failed, and no limit */
	int is_counted;     /* among the submissions whose outcome would be unknown */
	int64_t not_before; /* monotonic */
	int64_t chosen_at;  /* sk_time_boot() before leaving(): a stale submission isn't sent */
	char *key;          /* the request key of the last attempt */
};

/*
 * Who has calls in the pool. Each function gets all of its calls that are concerned in one turn, at
 * once; each may be NULL. None may turn the pool.
 */
struct sk_call_owner {
	/*
	 * Asked before a limit is reserved, without waiting: whether calls of this owner may leave in
	 * this turn. false: they stay where they are. retry_in: when to ask again, ms. After true it isn't
	 * asked again in this turn, and leave() follows.
	 */
	bool (*may_enter)(void *owner_arg, int64_t *retry_in);
	const char *kept_out; /* what false means, for people */
	/*
	 * After the commit and before these calls leave: writes what else must be written before. -1 with
	 * err: none of them leaves, and the owner has undone what leaving() wrote.
	 */
	int (*committed)(void *owner_arg, struct sk_call **calls, size_t n, struct sk_error *err);
	/* Ends what may_enter() began, whether calls of this owner leave or not; before they are sent. */
	void (*leave)(void *owner_arg);
	/*
	 * Where it is set, a call that has ended comes here, at once, and neither to record() nor to
	 * ended(). Before the turn's transaction: for who writes in it by other means (renewal).
	 */
	void (*judged)(void *owner_arg, struct sk_call *call);
	/*
	 * In the turn's transaction: writes what must be in the journal before these calls leave, and
	 * fills in what the request is made of. -1 with err: none of them leaves.
	 */
	int (*leaving)(void *owner_arg, struct sk_call **calls, size_t n, struct sk_error *err);
	/* In the turn's transaction: writes what came of these calls. */
	int (*record)(void *owner_arg, struct sk_call **calls, size_t n, struct sk_error *err);
	/*
	 * After the transaction: these calls have ended and are the owner's again; it may add further
	 * ones. unrecorded: NULL, or why what came of them couldn't be recorded. Calls that were
	 * crossed out come here as well.
	 */
	void (*ended)(void *owner_arg, struct sk_call **calls, size_t n,
	    const struct sk_error *unrecorded);
	void *owner_arg;
};

/*
 * Whether the answer was too large or took too long, so that a smaller one may come: 413, 504, a body that
 * broke off (as we do beyond 64 MiB), or a time-out after sending.
 */
bool sk_call_is_too_much(const struct sk_http_answer *answer);

/* Whether the pool has given it back; also before it was ever added. */
bool sk_call_has_ended(const struct sk_call *call);

/* Frees result, wipes the key. The call may be added again afterwards. */
void sk_call_fini(struct sk_call *call);

/* Fills err from a call that has no error but whose reply isn't what the caller needs. -1. */
int sk_call_fail(const struct sk_call *call, struct sk_error *err);

#endif
