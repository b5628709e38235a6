/* SPDX-License-Identifier: MIT */
/*
 * portions: a change of many rows of the journal in portions, each in a transaction of its own, with a pause between them:
 * so other commands that want to write wait for one portion at most, and not for the whole. Whoever is killed in between
 * has done the portions before: the next run finds the rest.
 */
#ifndef SK_COMMANDS_PORTIONS_H
#define SK_COMMANDS_PORTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/session.h"

struct sk_portions {
	const char *doing; /* "archiving": what the line of progress says */
	/* The next rows, at most so many, in no transaction; *n 0: none is left. The array becomes the portions'. */
	int (*find)(void *arg, size_t most, int64_t **ids, size_t *n, struct sk_error *err);
	/* NULL, or what has to be done before these rows are changed, in no transaction. */
	int (*prepare)(void *arg, const int64_t *ids, size_t n, struct sk_error *err);
	/*
	 * Changes them, in the portion's transaction, as far as they are still as they were found. *changed: how many of
	 * them those are. It may be none: another command may have done the same meanwhile.
	 */
	int (*change)(void *arg, const int64_t *ids, size_t n, size_t *changed,
	    struct sk_error *err);
	void *arg; /* the caller's, for these three */
	size_t n;  /* how many rows the portions so far have changed */
};

/* Until find finds no row, or a signal asks to stop. 0, or -1; n is right in any case. */
int sk_portions_run(struct sk_portions *portions, struct sk_session *session, struct sk_error *err);

#endif
