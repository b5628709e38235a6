/* SPDX-License-Identifier: MIT */
/* get_parts: what the files of get share. Private to get. */
#ifndef SK_COMMANDS_GET_PARTS_H
#define SK_COMMANDS_GET_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/offices.h"
#include "store/session.h"
#include "commands/get.h"

/*
 * Reads --changed-since, and adds the parameter for reading by days. 0; -1 with 64.
 */
int sk_get_read_since(struct sk_get_options *options, struct sk_error *err);

/*
 * How many minutes practice_events has to look back for that, with a margin; 0: it is read by days. To
 * be asked when the server's time is known, as far as it can be.
 */
int64_t sk_get_events_minutes(const struct sk_get_options *options);

/* Tells people how it is asked; minutes as above. Nothing without --changed-since. */
void sk_get_tell_since(const struct sk_get_options *options, int64_t minutes);

/* Whether the office isn't read although nobody has said so, and why. A held one is left out on purpose. */
bool sk_get_is_skipped(const struct sk_office *office, struct sk_error *why);

/*
 * The offices of this host that nobody named and that can't be read, though they should be. In *why, when there are
 * any: which ones, and what to do.
 */
void sk_get_look_for_skipped(const struct sk_session *session, const struct sk_office *offices,
    size_t n, struct sk_error *why);

#endif
