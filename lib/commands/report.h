/* SPDX-License-Identifier: MIT */
/*
 * report: the state as one page of HTML, for a browser or for paper. It loads nothing and has no scripts; its pictures
 * are SVG in the page itself. It has no patient's data: of what the server and the practices say it shows error codes
 * only, since their words may name a patient.
 *
 * The time that it takes grows with how much is open and ended within the last 30 days, its memory with the number of
 * offices, and its size with neither beyond 500 offices: more aren't shown, and the page says how many these are.
 */
#ifndef SK_COMMANDS_REPORT_H
#define SK_COMMANDS_REPORT_H

#include "base/error.h"
#include "base/options.h"
#include "store/session.h"
#include "commands/max_age.h"

/*
 * Writes the page to stdout; the session is opened by it, and is the caller's to close. 0, or -1: the state couldn't be
 * read, which the page says if there is one, or the page couldn't be written.
 */
int sk_report(struct sk_session *session, const struct sk_common *common,
    const struct sk_max_age *ages, struct sk_error *err);

#endif
