/* SPDX-License-Identifier: MIT */
/* patience: two moments. Who waits asks again within milliseconds, so 5 seconds are a break. */
#include "base/patience.h"

#include "base/time.h"

#define BREAK (5 * SK_SECOND)

int64_t
sk_patience_refused(struct sk_patience *patience)
{
	int64_t now = sk_time_monotonic();

	if (patience->since == 0 || now - patience->asked > BREAK)
		patience->since = now;
	patience->asked = now;
	return now - patience->since;
}

void
sk_patience_end(struct sk_patience *patience)
{
	patience->since = 0;
}
