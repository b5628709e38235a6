/* SPDX-License-Identifier: MIT */
/* status_parts: what the files of status share. Inside status. */
#ifndef SK_COMMANDS_STATUS_PARTS_H
#define SK_COMMANDS_STATUS_PARTS_H

#include <stddef.h>

#include "commands/status.h"

/* A text that grows; bytes is NULL at first, and the caller's. */
struct sk_status_draft {
	char *bytes;
	size_t used, room;
};

void sk_status_add(struct sk_status_draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A copy that a terminal may be shown, whoever wrote the text: control characters as \x1b. */
char *sk_status_shown(const char *text);

/* The q-quantile (0 … 1) of what completed within the last day, seconds. Only if there are any. */
double sk_status_seconds(const struct sk_ended *ended, double q);

#endif
