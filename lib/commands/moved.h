/* SPDX-License-Identifier: MIT */
/* moved: sikka-sweep --moved (sikka-life(7), What a person may say). */
#ifndef SK_COMMANDS_MOVED_H
#define SK_COMMANDS_MOVED_H

#include "base/error.h"
#include "commands/sweep_parts.h"

/*
 * A person says that the state file was moved here, and that nothing was sent since. Refused (75) where
 * it counts behind its own twin, since then something was; and, unless unchecked, where the server's list
 * has an entry that no row has. The pool has to be open.
 */
int sk_moved(struct sk_sweep *sweep, struct sk_error *err);

#endif
