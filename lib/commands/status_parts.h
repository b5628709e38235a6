/* SPDX-License-Identifier: MIT */
/* status_parts: what the files of status share. Private to status. */
#ifndef SK_COMMANDS_STATUS_PARTS_H
#define SK_COMMANDS_STATUS_PARTS_H

#include <jansson.h>
#include <stddef.h>

#include "base/lines.h"
#include "base/text.h"
#include "commands/status.h"

/* The q-quantile (0 … 1), in seconds, of what completed within the last day. There must be some. */
double sk_status_seconds(const struct sk_ended *ended, double q);

/* How long the office's key serves, in words, and the colour in which to say it. */
#define SK_STATUS_KEY_WORDS 40
enum sk_colour sk_status_key_words(const struct sk_status_office *office, int64_t now,
    char words[SK_STATUS_KEY_WORDS]);

/* The status in words, and the colour in which to say it. */
const char *sk_status_office_words(enum sk_office_status status, enum sk_colour *colour);

/* How many columns the widest office_id takes; at least 6. */
size_t sk_status_widest_office(const struct sk_status *status);

/* The figures of what sikka rests on: all of them; and in words those that break their bound. */
json_t *sk_status_measures_json(const struct sk_status *status);
void sk_status_measures_words(const struct sk_status *status, struct sk_text *words);
void sk_status_measures_metrics(const struct sk_status *status, struct sk_text *draft);

/* Prints all that has happened to the row. */
int sk_status_tell_history(struct sk_session *session, const struct sk_writeback *row,
    struct sk_error *err);

#endif
