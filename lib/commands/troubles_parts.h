/* SPDX-License-Identifier: MIT */
/* troubles_parts: what the files of troubles share. Private to troubles. */
#ifndef SK_COMMANDS_TROUBLES_PARTS_H
#define SK_COMMANDS_TROUBLES_PARTS_H

#include <stdint.h>

#include "commands/max_age.h"
#include "commands/status.h"
#include "commands/troubles.h"

/* Adds one behind those that are as bad as it. what and mend are taken; mend may be NULL. */
void sk_troubles_add(struct sk_troubles *troubles, enum sk_trouble_kind kind, int64_t since,
    char *what, char *mend);

/* The same, of a message that another part of the library has put together: what mends it follows its first "; ". */
void sk_troubles_add_message(struct sk_troubles *troubles, enum sk_trouble_kind kind, int64_t since,
    const char *text);

/* Each of these adds what is wrong with its part of the state. */
void sk_troubles_judge_application(const struct sk_status *status, struct sk_troubles *troubles);
void sk_troubles_judge_requests(const struct sk_status *status, struct sk_troubles *troubles);
void sk_troubles_judge_offices(const struct sk_status *status, struct sk_troubles *troubles);
void sk_troubles_judge_tasks(const struct sk_status *status, const struct sk_max_age *ages,
    struct sk_troubles *troubles);
void sk_troubles_judge_outbox(const struct sk_status *status, struct sk_troubles *troubles);

#endif
