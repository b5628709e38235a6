/* SPDX-License-Identifier: MIT */
/*
 * section: what only one process does at a time, under one byte of the lock file (sikka-life(7),
 * Sections): handing requests in, claiming them, noting the intention to withdraw. In this order:
 *
 *	the byte is taken, without waiting, before BEGIN and before a limit is reserved
 *	both paths still name the files that are open, and the twin is read
 *	BEGIN; within it the state file is compared with its twin: an older copy sends nothing
 *	the count is raised; COMMIT
 *	the lock file gets the same count, written and synced
 *	the byte is released; then something may leave, or be told
 *
 * A crash after the commit leaves a state file that is ahead of its twin, which is no alarm. A file
 * that is behind has lost a commit after which something may have left.
 */
#ifndef SK_STORE_SECTION_H
#define SK_STORE_SECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/patience.h"
#include "base/twin.h"
#include "store/store.h"

struct sk_session;

/* Of a session; its own. */
struct sk_section {
	bool is_in;                 /* this process has the byte */
	bool has_raised;            /* and the lock file is to be written */
	bool has_told;              /* that somebody keeps it waiting */
	int64_t not_before;         /* monotonic: when it may be asked for again */
	struct sk_patience byte;    /* somebody else has it */
	struct sk_patience journal; /* somebody else writes to the state file */
	struct sk_twin twin;        /* as the lock file has it, or is to have it */
};

/* Why the count is raised. */
enum sk_section_why { SK_SECTION_KEEPS, SK_SECTION_DEPARTS };

/*
 * Takes the byte: 1; 0 another process has it, ask again in *retry_in ms; -1 (75) it was asked for in
 * vain for 30 seconds, or a path names another file by now. After 10 seconds it says once whom it waits for.
 */
int sk_section_try(struct sk_session *session, int64_t *retry_in, struct sk_error *err);

/*
 * With the byte, in the open transaction: fails with 75 when the state file is an older copy, else
 * raises the count. SK_SECTION_DEPARTS: a write leaves after it.
 */
int sk_section_raise(struct sk_session *session, enum sk_section_why why, struct sk_error *err);

/* After the commit: the lock file gets what was raised. -1: nothing may leave. */
int sk_section_write(struct sk_session *session, struct sk_error *err);

/* Releases the byte, if this process has it. */
void sk_section_leave(struct sk_session *session);

/*
 * For a transaction of its own, at the top of a command: the byte, then BEGIN, for which 50 ms are
 * waited. sk_section_try_begin: 1 begun; 0 not now, and the byte is free again; -1. sk_section_begin
 * waits, 30 seconds at most (75), or until a signal asks to stop (75).
 */
int sk_section_try_begin(struct sk_session *session, int64_t *retry_in, struct sk_error *err);
int sk_section_begin(struct sk_session *session, struct sk_error *err);

/*
 * Ends it. result 0: commits and writes the lock file, else rolls back. Leaves the section. Returns
 * result, or -1.
 */
int sk_section_end(struct sk_session *session, int result, struct sk_error *err);

/*
 * In a section: the number of a list goes to the lock file at its end, together with what was raised. A
 * number is taken back only by who took it, while nobody else reads a list.
 */
void sk_section_note_list(struct sk_session *session, int64_t number);

#endif
