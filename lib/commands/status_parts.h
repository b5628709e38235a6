/* SPDX-License-Identifier: MIT */
/* status_parts: what the files of status share. Inside status. */
#ifndef SK_COMMANDS_STATUS_PARTS_H
#define SK_COMMANDS_STATUS_PARTS_H

#include <stddef.h>

#include "commands/status.h"

/* The q-quantile (0 … 1) of what completed within the last day, seconds. Only if there are any. */
double sk_status_seconds(const struct sk_ended *ended, double q);

#endif
