/* SPDX-License-Identifier: MIT */
/* restore_parts: what the files of restore share. Private to restore. */
#ifndef SK_COMMANDS_RESTORE_PARTS_H
#define SK_COMMANDS_RESTORE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "store/session.h"
#include "life/match.h"
#include "commands/restore.h"
#include "commands/sweep_parts.h"

struct sk_restoring {
	struct sk_sweep *sweep;
	struct sk_session *session;      /* the sweep's */
	struct sk_listing first, second; /* two lists that follow one another */
	struct sk_listing either;        /* what either of them shows */
	struct sk_text gap; /* what can't be known, where a person accepts that; else empty */
	size_t n_unsure;    /* rows without an id that are unknown in the end */
	size_t n_taken_over;
};

/* restore_when.c */

/* Fails with 75 while any other process holds a run's byte, and names the pids. */
int sk_restore_check_runs(struct sk_session *session, struct sk_error *err);

/* Fails with 75 when it is too early at that moment, which is the server's; says until when. */
int sk_restore_check_time(struct sk_session *session, int64_t now, struct sk_error *err);

/* restore_lists.c */

/*
 * Reads both lists, a minute apart, and joins them. 75 where they don't show what was sent since the copy
 * was made, unless that is accepted. Writes nothing but the lists' numbers.
 */
int sk_restore_read(struct sk_restoring *restoring, struct sk_error *err);

void sk_restoring_fini(struct sk_restoring *restoring);

/* restore_rows.c */

/* In one commit: open rows without an id become unknown; what isn't sent again by itself is marked. */
int sk_restore_doubt(struct sk_restoring *restoring, struct sk_error *err);

/* Takes over what no row has, and makes the pair whole: in one commit, the last one. */
int sk_restore_take_over(struct sk_restoring *restoring, struct sk_error *err);

#endif
