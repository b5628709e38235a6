/* SPDX-License-Identifier: MIT */
/* troubles: requests that have been open for too long. */
#include "base/mem.h"
#include "commands/troubles_parts.h"

#define SWEEP "run: sikka-sweep; what remains: sikka-sweep -n"

static int64_t
older(const struct sk_status_living *living, int age)
{
	int64_t count = 0;

	for (int i = age + 1; i < SK_AGE_BUCKETS; i++)
		count += living->by_age[i];
	return count;
}

static void
add_requests(struct sk_troubles *troubles, enum sk_trouble_kind kind, int64_t count, int64_t oldest,
    const char *what)
{
	const char *mend = kind == SK_TROUBLE_PENDING_LONG
	    ? "run: sikka-sweep, which tells the likely cause; which they are: sikka-status "
	      "--writebacks --state pending"
	    : SWEEP;

	if (count > 0)
		sk_troubles_add(troubles, kind, oldest,
		    sk_mem_printf("%lld request%s %s", (long long)count, count == 1 ? "" : "s",
			what),
		    sk_mem_copy(mend));
}

/*
 * A row that has been submitting for so long has lost its process and counts as unknown here: the
 * next command turns it over.
 */
void
sk_troubles_judge_requests(const struct sk_status *status, struct sk_troubles *troubles)
{
	const struct sk_status_living *unknown = &status->living[SK_UNKNOWN];
	const struct sk_status_living *submitting = &status->living[SK_SUBMITTING];
	const struct sk_status_living *pending = &status->living[SK_PENDING];
	int64_t old = older(unknown, SK_AGE_1H), left = older(submitting, SK_AGE_1H);

	add_requests(troubles, SK_TROUBLE_UNKNOWN_LONG, old, unknown->oldest,
	    "unknown for over 1 h");
	add_requests(troubles, SK_TROUBLE_SUBMITTING_LONG, left, submitting->oldest,
	    "submitting for over 1 h");
	add_requests(troubles, SK_TROUBLE_UNKNOWN, unknown->count - old,
	    unknown->oldest_under[SK_AGE_1H], "unknown");
	add_requests(troubles, SK_TROUBLE_SUBMITTING, older(submitting, SK_AGE_10M) - left,
	    submitting->oldest_under[SK_AGE_1H], "submitting for over 10 min");
	add_requests(troubles, SK_TROUBLE_PENDING_LONG, older(pending, SK_AGE_6H), pending->oldest,
	    "pending for over 6 h");
}
