/* SPDX-License-Identifier: MIT */
/* pair: state file and lock file become a pair, or are met as none (sikka-life(7), Older copies). */
#ifndef SK_STORE_PAIR_H
#define SK_STORE_PAIR_H

#include <stdint.h>

#include "base/error.h"

struct sk_session;

/*
 * After a look: makes the one event of this copy; gives a file of an earlier version its twin. Does
 * nothing otherwise.
 */
int sk_pair_meet(struct sk_session *session, struct sk_error *err);

/* In the caller's transaction: it is no copy any more, since what lists had shown is explained. */
int sk_pair_forget_met(struct sk_session *session, struct sk_error *err);

/* When the first command met this copy here; 0: none has, or it is none. 0 or -1. */
int sk_pair_met_at(struct sk_session *session, int64_t *moment, struct sk_error *err);

/*
 * What the file knows from before *end is the copy's: the moment when the first command met it. One that
 * isn't recognized as an older copy may have been put back with its machine: that was before it booted, if
 * it has booted within the last 5 days. 0 or -1.
 */
int sk_pair_end_of_copy(struct sk_session *session, int64_t now, int64_t *end,
    struct sk_error *err);

/*
 * A person says that a state file is an older copy that isn't recognized as one: the lock file counts one
 * further. So from now on it is recognized, by every command, until sk_pair_make_whole. Its own section.
 */
int sk_pair_part(struct sk_session *session, struct sk_error *err);

/*
 * A departure, or a meeting, that lies ahead of that moment counts as one of that moment from now on, in
 * both files. 0 or -1.
 */
int sk_pair_mend_departure(struct sk_session *session, int64_t now, struct sk_error *err);

/*
 * A person has said what it is: the state file and the lock file become a pair again, which counts on
 * from the larger count. In the transaction of a section (store/section); what ends the section writes
 * the lock file. A crash before leaves an older copy, or a whole pair.
 */
int sk_pair_make_whole(struct sk_session *session, struct sk_error *err);

#endif
