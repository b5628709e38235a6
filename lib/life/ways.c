/* SPDX-License-Identifier: MIT */
/*
 * life: compares the two ways of asking. Pure arithmetic, in thousandths of a request.
 */
#include "life/ways.h"

#include "base/time.h"

#define REQUEST 1000         /* of an empty window */
#define SECOND (2 * REQUEST) /* what a second costs: a page takes 5, and has to save 10 statuses */
#define WAIT (60 * SECOND)   /* for the next window */
#define SIDE_BY_SIDE 4       /* statuses of an office */
#define MOST_TOOK (10 * SK_MINUTE)
#define MOST_PAGES 1000000
#define MOST_REQUESTS 1000000
#define PAGE 5000 /* entries: rows that are due fill pages, whatever the last list had */

/* A time that is too short says more of the few entries that were asked for than of the server. */
static int64_t
time_of(int64_t took, int64_t usual)
{
	if (took > MOST_TOOK)
		return MOST_TOOK;
	return took > usual ? took : usual;
}

/* The server may tell any limit: one that is never reached is as good as one that is much too large. */
static int64_t
at_most(int64_t requests)
{
	return requests < MOST_REQUESTS ? requests : MOST_REQUESTS;
}

/* What so many hundredths of a request cost in this window. */
static int64_t
requests_cost(int64_t hundredths, const struct sk_rate_left *window)
{
	int64_t left = window->left > 0 ? at_most(window->left) : 1;
	int64_t of = window->of > left ? at_most(window->of) : left;

	return hundredths * (REQUEST / 100) * of / left;
}

/* What it costs that they have to wait for the windows that follow this one. */
static int64_t
wait_cost(int64_t hundredths, const struct sk_rate_left *window)
{
	int64_t of = window->of > 0 ? 100 * at_most(window->of) : 100;
	int64_t over = hundredths - 100 * at_most(window->left);

	return over > 0 ? (over + of - 1) / of * WAIT : 0;
}

/* Of all rows, or of those that are likely to have ended. Offices wait at the same time. */
static int64_t
statuses_cost(const struct sk_ways *ways, bool all)
{
	int64_t took = time_of(ways->status_took, SK_WAYS_STATUS_TAKES);
	int64_t cost = 0, longest = 0, asked = 0;

	for (size_t i = 0; i < ways->n; i++) {
		const struct sk_ways_office *office = &ways->offices[i];
		int64_t hundredths = all ? 100 * office->rows : office->ended;
		int64_t wait = wait_cost(hundredths, &office->window);

		cost += requests_cost(hundredths, &office->window);
		longest = wait > longest ? wait : longest;
		asked += hundredths;
	}
	return cost + longest + asked * took / SIDE_BY_SIDE * SECOND / (100 * SK_SECOND);
}

static int64_t
rows_of(const struct sk_ways *ways)
{
	int64_t rows = 0;

	for (size_t i = 0; i < ways->n; i++)
		rows += ways->offices[i].rows;
	return rows;
}

static int64_t
pages_of(const struct sk_ways *ways)
{
	int64_t pages = 1 + rows_of(ways) / PAGE;

	if (ways->pages > pages)
		pages = ways->pages < MOST_PAGES ? ways->pages : MOST_PAGES;
	return pages;
}

/* A row that has ended is known when the whole list has been read; a second for one row costs a request. */
static int64_t
lateness_cost(const struct sk_ways *ways)
{
	int64_t took = ways->pages > 0 ? time_of(ways->page_took, 0) : SK_WAYS_PAGE_TAKES;
	int64_t ended = 0;

	if (!ways->is_waited_for)
		return 0;
	for (size_t i = 0; i < ways->n; i++)
		ended += ways->offices[i].ended;
	return at_most(ended / 100) * took * pages_of(ways) * (REQUEST / SK_SECOND);
}

int64_t
sk_ways_list_cost(const struct sk_ways *ways)
{
	int64_t took = time_of(ways->page_took, SK_WAYS_PAGE_TAKES);
	int64_t pages = pages_of(ways);

	return requests_cost(100 * pages, &ways->application) +
	    wait_cost(100 * pages, &ways->application) + pages * took * SECOND / SK_SECOND;
}

bool
sk_ways_prefers_list(const struct sk_ways *ways)
{
	return sk_ways_list_cost(ways) + lateness_cost(ways) + statuses_cost(ways, false) <
	    statuses_cost(ways, true);
}
