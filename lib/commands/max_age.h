/* SPDX-License-Identifier: MIT */
/*
 * max_age: how long ago a task may have succeeded last, before somebody should hear of it. A task is
 * expected at a usual distance (the one of the crontab in sikka(7)), and is late after three times that.
 */
#ifndef SK_COMMANDS_MAX_AGE_H
#define SK_COMMANDS_MAX_AGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/pulse.h"

struct sk_max_age {
	int64_t most[SK_TASKS]; /* ms; 0: the task isn't judged */
	bool is_named
	    [SK_TASKS]; /* by --max-age, or expected: then it is also late when it never succeeded */
};

/* The usual ages. */
void sk_max_age_begin(struct sk_max_age *ages);

/* From now on those that are judged are also late when they never succeeded. */
void sk_max_age_expect(struct sk_max_age *ages);

/* Takes "TASK=AGE", the value of --max-age. 0, or -1 with 64. */
int sk_max_age_take(struct sk_max_age *ages, const char *value, struct sk_error *err);

/* Whether a task is late that succeeded then (0: never). */
bool sk_max_age_is_over(const struct sk_max_age *ages, enum sk_task task, int64_t succeeded_at,
    int64_t now);

#endif
