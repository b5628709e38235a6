/* SPDX-License-Identifier: MIT */
/* status_parts: what the files of status share. Private to status. */
#ifndef SK_COMMANDS_STATUS_PARTS_H
#define SK_COMMANDS_STATUS_PARTS_H

#include <stddef.h>

#include "commands/status.h"

/* The q-quantile (0 … 1), in seconds, of what completed within the last day. There must be some. */
double sk_status_seconds(const struct sk_ended *ended, double q);

#endif
