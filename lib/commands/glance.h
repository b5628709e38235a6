/* SPDX-License-Identifier: MIT */
/*
 * glance: the state on one screen, for a person: what there is, and last what is wrong, the oldest first, each
 * with the command that mends it. It shows the same figures as the overview of status and the same verdicts as
 * --check, but no more of them than fit: what is wrong goes before what is well. No patient's data.
 */
#ifndef SK_COMMANDS_GLANCE_H
#define SK_COMMANDS_GLANCE_H

#include <stdint.h>

#include "base/error.h"
#include "base/options.h"
#include "store/session.h"
#include "commands/max_age.h"

/*
 * Shows it once, a line less than the screen has, so that the prompt fits below. The session is opened for reading.
 * 0, or -1.
 */
int sk_glance(struct sk_session *session, const struct sk_max_age *ages, struct sk_error *err);

/*
 * Shows it again and again, every so many ms, until a signal asks to stop. 0, or -1: stdout is no terminal (64), or
 * the state couldn't be read the first time. Later the screen says so, and it goes on.
 */
int sk_glance_watch(const struct sk_common *common, const struct sk_max_age *ages, int64_t every,
    struct sk_error *err);

#endif
