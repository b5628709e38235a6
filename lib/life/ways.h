/* SPDX-License-Identifier: MIT */
/*
 * ways: which of the two ways of asking costs less (sikka-life(7), Checking): a status for each row, or
 * the list and then a status for each row that has ended. Pure.
 *
 * A cost is counted in requests. One costs more, the less its window has left for polls; and time costs, both
 * what the answers took last time and what has to wait for another window.
 */
#ifndef SK_LIFE_WAYS_H
#define SK_LIFE_WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calls/rate.h"

/* The rows of an office that are due. Statuses count in its window. */
struct sk_ways_office {
	int64_t rows;
	int64_t ended; /* how many of them are likely to have ended, in hundredths of a row */
	struct sk_rate_left window;
};

struct sk_ways {
	const struct sk_ways_office *offices;
	size_t n;
	struct sk_rate_left application; /* pages of the list count here */
	int64_t pages;                   /* that the last list had; 0: not known */
	int64_t page_took;   /* ms, each of them; less than the usual time counts as that */
	int64_t status_took; /* ms, a status last time; the same */
	bool is_waited_for;  /* somebody waits: a row that has ended is to be known soon */
};

bool sk_ways_prefers_list(const struct sk_ways *ways);

/* What the list costs, in thousandths of a request, without the statuses of what has ended. */
int64_t sk_ways_list_cost(const struct sk_ways *ways);

/* What a page and a status take usually, ms. */
#define SK_WAYS_PAGE_TAKES 5000
#define SK_WAYS_STATUS_TAKES 50

#endif
