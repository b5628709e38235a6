/* SPDX-License-Identifier: MIT */
/* troubles: regular work that isn't done, and events that aren't delivered. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "commands/troubles_parts.h"

#define UNDELIVERED_MOST SK_HOUR

/* Without an open request there is nothing to poll or to sweep. */
static bool
is_wanted(const struct sk_status *status, enum sk_task task)
{
	if (task != SK_TASK_POLL && task != SK_TASK_SWEEP)
		return true;
	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		if (status->living[state].count > 0)
			return true;
	return false;
}

bool
sk_troubles_task_is_late(const struct sk_status *status, const struct sk_max_age *ages,
    enum sk_task task)
{
	return is_wanted(status, task) &&
	    sk_max_age_is_over(ages, task, status->succeeded_at[task], status->now);
}

void
sk_troubles_judge_tasks(const struct sk_status *status, const struct sk_max_age *ages,
    struct sk_troubles *troubles)
{
	static const char *const commands[SK_TASKS] = {
	    [SK_TASK_AUTHORIZE] = "sikka-authorize",
	    [SK_TASK_REFRESH] = "sikka-token refresh",
	    [SK_TASK_POLL] = "sikka-poll",
	    [SK_TASK_SWEEP] = "sikka-sweep",
	    [SK_TASK_NOTIFY] = "sikka-sweep --notify COMMAND",
	    [SK_TASK_BACKUP] = "sikka-sweep --backup FILE",
	};
	char age[SK_TIME_WORDS], most[SK_TIME_WORDS];

	for (int i = 0; i < SK_TASKS; i++) {
		enum sk_task task = (enum sk_task)i;
		int64_t at = status->succeeded_at[task];
		char *since;

		if (!sk_troubles_task_is_late(status, ages, task))
			continue;
		since = at == 0 ? sk_mem_copy("ever")
				: sk_mem_printf("for %s", sk_time_words(status->now - at, age));
		sk_troubles_add(troubles, SK_TROUBLE_TASK_LATE, at,
		    sk_mem_printf("no good %s %s (at most %s)", sk_task_name(task), since,
			sk_time_words(ages->most[task], most)),
		    sk_mem_printf("look whether cron runs it, and run: %s", commands[task]));
		free(since);
	}
}

/* If nobody ever tried to deliver an event, nobody uses the outbox. */
void
sk_troubles_judge_outbox(const struct sk_status *status, struct sk_troubles *troubles)
{
	const struct sk_outbox *outbox = &status->outbox;
	char age[SK_TIME_WORDS];

	if (outbox->set_aside > 0)
		sk_troubles_add(troubles, SK_TROUBLE_SET_ASIDE, outbox->set_aside_since,
		    sk_mem_printf("%lld event%s set aside, which couldn't be delivered",
			(long long)outbox->set_aside, outbox->set_aside == 1 ? "" : "s"),
		    sk_mem_copy("mend the command, then run: sikka-sweep --redeliver --notify "
				"COMMAND; what needn't be told: sikka-sweep --ack ID"));
	if (outbox->is_used && outbox->undelivered > 0 &&
	    outbox->oldest < status->now - UNDELIVERED_MOST)
		sk_troubles_add(troubles, SK_TROUBLE_UNDELIVERED, outbox->oldest,
		    sk_mem_printf("%lld event%s undelivered, the oldest for %s",
			(long long)outbox->undelivered, outbox->undelivered == 1 ? "" : "s",
			sk_time_words(status->now - outbox->oldest, age)),
		    sk_mem_copy("run: sikka-sweep --notify COMMAND"));
}
