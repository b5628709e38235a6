/* SPDX-License-Identifier: MIT */
/* status_parts: what the files of status share. Private to status. */
#ifndef SK_COMMANDS_STATUS_PARTS_H
#define SK_COMMANDS_STATUS_PARTS_H

#include <jansson.h>
#include <stddef.h>

#include "base/text.h"
#include "commands/status.h"

/* The q-quantile (0 … 1), in seconds, of what completed within the last day. There must be some. */
double sk_status_seconds(const struct sk_ended *ended, double q);

/* The figures of what sikka rests on: all of them; and in words those that break their bound. */
json_t *sk_status_measures_json(const struct sk_status *status);
void sk_status_measures_words(const struct sk_status *status, struct sk_text *words);
void sk_status_measures_metrics(const struct sk_status *status, struct sk_text *draft);

/* Prints all that has happened to the row. */
int sk_status_tell_history(struct sk_session *session, const struct sk_writeback *row,
    struct sk_error *err);

#endif
