/* SPDX-License-Identifier: MIT */
/* get_parts: what the files of get share. Private to get. */
#ifndef SK_COMMANDS_GET_PARTS_H
#define SK_COMMANDS_GET_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "store/offices.h"
#include "store/session.h"
#include "api/api.h"
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

/* How far the list of an office has come. */
struct sk_get_rest {
	const char *office_id; /* NULL: the only one that is read */
	const struct sk_api_pages *pages;
	bool by_events; /* it is read whole or not at all */
	int64_t n;      /* records that were written */
	int64_t limit;  /* --limit, or 0 */
};

/* Adds to the error by which options the rest can be read: the records of earlier pages are written already. */
void sk_get_add_remedy(const struct sk_get_rest *rest, struct sk_error *why);

/* Several offices that a signal kept from being read whole. Begins as 0. */
struct sk_get_stopped {
	size_t n;
	struct sk_text unread, begun; /* the options that read the rest */
};

void sk_get_note_stopped(struct sk_get_stopped *stopped, const struct sk_get_rest *rest);

/* In one line, if there are any; n: how many were to be read. Frees what was noted. */
void sk_get_tell_stopped(struct sk_get_stopped *stopped, size_t n, struct sk_error *err);

#endif
