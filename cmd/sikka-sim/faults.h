/* SPDX-License-Identifier: MIT */
/*
 * Scripted trouble: rules of the form "METHOD PATH[@OCCURRENCES]=ACTION". Each rule counts the
 * requests on its own route; the first rule that has its occurrence applies.
 */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "answer.h"

enum fault_kind {
	FAULT_NONE,
	FAULT_STATUS,
	FAULT_LIMITED,
	FAULT_LIMITED_DAILY,
	FAULT_DROP_BEFORE,
	FAULT_DROP_AFTER,
	FAULT_HANG,
	FAULT_HANG_AFTER,
	FAULT_LATE,
	FAULT_SLOW,
	FAULT_HOLD,
	FAULT_CUT,
	FAULT_RESET,
	FAULT_HTML,
	FAULT_HTML_AFTER,
	FAULT_GARBAGE,
	FAULT_EMPTY,
	FAULT_NO_ID,
	FAULT_ID,
	FAULT_TWICE,
	FAULT_TWICE_SECOND,
	FAULT_TWICE_LOST,
	FAULT_ACCEPT,
	FAULT_LAG,
	FAULT_LISTED,
	FAULT_REDIRECT,
	FAULT_DATE,
	FAULT_NO_DATE,
};

struct fault {
	char *method, *path; /* patterns */
	long first, last;    /* occurrences */
	long seen;
	enum fault_kind kind;
	int64_t number; /* status, seconds, ms, bytes or id; -1: not given, where that may be */
	char *text;     /* an API code, a URL or the action's name; never NULL */
};

/* Returns NULL when the rule was added, otherwise what is wrong with it (static). */
const char *faults_add(struct sim *sim, const char *rule);
/* Tells the handlers of the request what the fault wants of them. */
void faults_instruct(const struct fault *fault, struct request *rq);
void faults_clear(struct sim *sim);
/*
 * Counts the request for every rule. The rule that applies is copied to *out, whose text the caller
 * frees.
 */
bool faults_match(struct sim *sim, const struct request *rq, struct fault *out);
/* Answers for a fault that prevents the request from being carried out. */
void faults_answer(const struct sim *sim, const struct fault *fault, struct answer *an);
bool fault_is_done(enum fault_kind kind); /* whether the request is carried out all the same */

#endif
