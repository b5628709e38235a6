/* SPDX-License-Identifier: MIT */
/*
 * restore: sikka-sweep --after-restore, for a state file that is an older copy (sikka-life(7), What a
 * person may say). Requests that it doesn't know are taken over from two of the server's lists; open rows without
 * an id become unknown. Only after that may anything be sent again.
 */
#ifndef SK_COMMANDS_RESTORE_H
#define SK_COMMANDS_RESTORE_H

#include "base/error.h"
#include "commands/sweep_parts.h"

/*
 * A person has said that an older copy was put back, whether that is recognized or not: a file may have
 * been put back together with its lock file. 0. -1 with 75: it is too early, another command runs, or the
 * lists don't show everything; no row has changed. Unless another command runs, the file is recognized as an
 * older copy from now on, until this is done. The pool has to be open.
 */
int sk_restore(struct sk_sweep *sweep, struct sk_error *err);

#endif
