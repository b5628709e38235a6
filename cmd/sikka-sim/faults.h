/* SPDX-License-Identifier: MIT */
/*
 * Scripted trouble: rules of the form "METHOD PATH[@OCCURRENCES]=ACTION". Each rule counts the
 * requests on its own route; the first rule that has its occurrence applies. A rule that tears
 * lists counts whole lists, not their pages.
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
	FAULT_FETCHED,
	FAULT_LACKS,
	FAULT_SKIPS,
	FAULT_LOSES,
	FAULT_TOTAL,
	FAULT_GROWS,
	FAULT_REPEATS,
	FAULT_ENDLESS,
	FAULT_SHORT,
	FAULT_EDIT,
	FAULT_REDIRECT,
	FAULT_DATE,
	FAULT_NO_DATE,
};

struct fault {
	char *method, *path; /* patterns */
	long first, last;    /* occurrences */
	long seen;
	enum fault_kind kind;
	bool of_lists;  /* counts the first pages only, and applies to the others, too */
	int64_t number; /* status, ms, bytes, an id or a count; -1: not given, where that may be */
	long hits;      /* how many requests met it */
	char *rule;     /* as it was given */
	char *text;     /* an API code, a URL, what is edited, or the action's name; never NULL */
};

/* Returns NULL when the rule was added, otherwise what is wrong with it: the caller frees that. */
char *faults_add(struct sim *sim, const char *rule);
bool faults_has(const struct request *rq, enum fault_kind kind);
/* The number of the request's fault if it is of this kind, otherwise 0. */
int64_t faults_number(const struct request *rq, enum fault_kind kind);
void faults_clear(struct sim *sim);
/* The rules in their order: {"rule": …, "seen": …, "hits": …}; the caller owns the array. */
json_t *faults_list(const struct sim *sim);
/*
 * Counts the request for every rule. The rule that applies is copied to *out, whose text and rule the
 * caller frees.
 */
bool faults_match(struct sim *sim, const struct request *rq, struct fault *out);
/* Answers for a fault that prevents the request from being carried out. */
void faults_answer(const struct sim *sim, const struct fault *fault, struct answer *an);
/*
 * Replaces a text in the answer's body by another one, as the fault says: an odd answer. It is a refusal
 * (501) when the body lacks that text, so that no test passes for want of its fault.
 */
void faults_edit(const struct fault *fault, struct answer *an);
bool fault_is_done(enum fault_kind kind); /* whether the request is carried out all the same */

#endif
