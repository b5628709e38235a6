/* SPDX-License-Identifier: MIT */
/* max_age: the usual ages of tasks, and those that the caller names. */
#include "commands/max_age.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/options.h"
#include "base/time.h"

#define TIMES 3 /* so many usual distances without a success */

static const int64_t usual[SK_TASKS] = {
    [SK_TASK_AUTHORIZE] = SK_DAY,
    [SK_TASK_REFRESH] = SK_HOUR,
    [SK_TASK_POLL] = SK_MINUTE,
    [SK_TASK_SWEEP] = 5 * SK_MINUTE,
    [SK_TASK_NOTIFY] = 0, /* succeeds whenever nothing waits: the events that wait are judged */
    [SK_TASK_BACKUP] = SK_DAY,
};

void
sk_max_age_begin(struct sk_max_age *ages)
{
	memset(ages, 0, sizeof(*ages));
	for (int task = 0; task < SK_TASKS; task++)
		ages->most[task] = TIMES * usual[task];
}

void
sk_max_age_expect(struct sk_max_age *ages)
{
	for (int task = 0; task < SK_TASKS; task++)
		ages->is_named[task] = ages->most[task] != 0;
}

static int
no_such_task(const char *name, struct sk_error *err)
{
	struct sk_near near = {.word = name};
	char hint[SK_NEAREST_HINT];

	for (int task = 0; task < SK_TASKS; task++)
		sk_near_add(&near, sk_task_name((enum sk_task)task),
		    strlen(sk_task_name((enum sk_task)task)));
	return sk_error_set(err, SK_EXIT_USAGE,
	    "--max-age: there is no task '%s'%s; the tasks are authorize, refresh, poll, sweep, "
	    "notify and backup",
	    name, sk_nearest_hint(near.name, hint));
}

int
sk_max_age_take(struct sk_max_age *ages, const char *value, struct sk_error *err)
{
	const char *equals = strchr(value, '=');
	enum sk_task task;
	char *name;
	int result;

	if (equals == NULL)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--max-age: '%s' isn't TASK=AGE, such as sweep=1h", value);
	name = sk_mem_copy_bytes(value, (size_t)(equals - value));
	task = sk_task_find(name);
	if (task == SK_TASKS) {
		result = no_such_task(name, err);
	} else {
		result = sk_options_age("--max-age", equals + 1, SK_SECOND, &ages->most[task], err);
		ages->is_named[task] = true;
	}
	free(name);
	return result;
}

bool
sk_max_age_is_over(const struct sk_max_age *ages, enum sk_task task, int64_t succeeded_at,
    int64_t now)
{
	if (ages->most[task] == 0)
		return false;
	if (succeeded_at == 0)
		return ages->is_named[task];
	return now - succeeded_at > ages->most[task];
}
