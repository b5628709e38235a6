/* SPDX-License-Identifier: MIT */
/*
 * hand_over: an office goes from one host of a fleet to another, with its keys, requests and events (sikka-fleet(7)):
 * sikka-sweep --export-office on the one, --import-office on the other.
 */
#ifndef SK_COMMANDS_HAND_OVER_H
#define SK_COMMANDS_HAND_OVER_H

#include <stdbool.h>

#include "base/error.h"
#include "base/options.h"
#include "store/session.h"

/* What a command line asks for. */
struct sk_hand_over_asked {
	const char *exported; /* an office; NULL: none */
	const char *imported; /* a file, or "-"; NULL: none */
	bool unchecked;
	int n_options; /* of all kinds, these included */
};

bool sk_hand_over_is_asked(const struct sk_hand_over_asked *asked);

/* Before the state file is opened: 0; -1 with 64 or 65 where the command line can't be meant. */
int sk_hand_over_check(const struct sk_hand_over_asked *asked, const struct sk_common *common,
    struct sk_error *err);

/*
 * Export writes the office to stdout, when none of its requests may change any more (else 75), and forgets it here.
 * From the commit on, before the first byte is written, nothing is sent for it from here. If writing fails it is run
 * again: it writes the same, without the keys, for which sikka-authorize asks anew over there. A regular file gets the
 * mode 0600 before that.
 *
 * Import takes over each office of the file, one commit an office. What was taken over already is left alone. 65: the
 * office is known here, or of another host's share, or the file isn't whole.
 */
int sk_hand_over_run(struct sk_session *session, const struct sk_hand_over_asked *asked,
    struct sk_error *err);

#endif
