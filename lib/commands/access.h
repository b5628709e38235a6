/* SPDX-License-Identifier: MIT */
/* access: which locations of the offices are on, and so are charged, by the server's list. Nothing is switched. */
#ifndef SK_COMMANDS_ACCESS_H
#define SK_COMMANDS_ACCESS_H

#include "base/error.h"
#include "calls/pool.h"

extern const struct sk_column SK_ACCESS_COLUMNS[]; /* for --format table */

/*
 * Prints a record for each location of the offices that -O names, known here or not, or of all that are known
 * and haven't withdrawn. An office that can't be asked doesn't keep the others from being told. Returns the exit
 * code; err is the first error.
 */
enum sk_exit sk_access(struct sk_pool *pool, struct sk_error *err);

#endif
