/* SPDX-License-Identifier: MIT */
/*
 * copy: whether the state file is what its twin in the lock file saw last, or an older copy
 * (sikka-life(7), Older copies). On an older copy everything only reads, until a person says what it
 * is: nothing is sent, withdrawn, declared, taken over, freed, purged or delivered.
 *
 * Whoever only asks reads the lock file first, then the state file. The other way round, a commit in
 * between would look like a state file that is behind.
 */
#ifndef SK_STORE_COPY_H
#define SK_STORE_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/twin.h"
#include "store/store.h"

struct sk_session;

enum sk_copy {
	SK_COPY_NONE,   /* it is what its twin saw last */
	SK_COPY_BEHIND, /* it counts behind its twin */
	SK_COPY_FORKED, /* it counts the same, and another commit was counted */
	SK_COPY_STRANGE, /* the lock file is another's; or it was begun beside one that has counted */
	SK_COPY_ALONE,   /* it has no twin, whether it has rows or not */
	SK_COPY_SHOWN    /* a list has shown requests that it doesn't have (store/holds) */
};

/* Pure. here: what the state file has; highest: the highest row number that it has given. */
enum sk_copy sk_copy_judge(const struct sk_twin *twin, const struct sk_store_twin *here,
    int64_t highest);

/* Looks now, and sets session->copy. A missing state file is no copy. 0 or -1. */
int sk_copy_look(struct sk_session *session, struct sk_error *err);

/* Fails with 75 when it is an older copy, looked at now. */
int sk_copy_guard(struct sk_session *session, struct sk_error *err);

/* The same when it was one as it was looked at last. */
int sk_copy_refuse(const struct sk_session *session, struct sk_error *err);

/* For commands that go on: warns when it was one as it was looked at last. */
void sk_copy_warn(const struct sk_session *session);

/* In the same transaction, after a judgement: a list may have shown that it is one. */
int sk_copy_look_at_holds(struct sk_session *session, struct sk_error *err);

/* Compares the state file with a twin that was read before it; sets session->copy. */
int sk_copy_compare(struct sk_session *session, const struct sk_twin *twin,
    struct sk_store_twin *here, struct sk_error *err);

/* How it was recognized, for people. */
const char *sk_copy_words(enum sk_copy copy);

#endif
