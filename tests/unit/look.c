/* SPDX-License-Identifier: MIT */
/* When the list of all writebacks is the cheaper way to check. */
#include "life/check_ways.h"
#include "life/ways.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tap.h"
#include "base/time.h"

#define MOST 12000
#define NOW INT64_C(1770478200000)
#define FREE             \
	{                \
		150, 150 \
	} /* a window of 200, of which polls leave a quarter */

static struct sk_writeback *rows;

static void
fill(size_t n, int64_t age, int looks)
{
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct sk_writeback){.result = SK_PENDING,
		    .submitted_at = NOW - age,
		    .check_count = looks};
}

/* All of one office, with windows that are free, and nothing known of last time. */
static bool
prefers_rows(size_t n)
{
	struct sk_ways_office office = {.window = {INT64_MAX, INT64_MAX}};
	const struct sk_ways ways = {.offices = &office, .n = 1, .application = FREE};

	for (size_t i = 0; i < n; i++) {
		office.rows++;
		office.ended += sk_check_ways_chance(&rows[i], NOW);
	}
	return sk_ways_prefers_list(&ways);
}

static int
prefers(size_t n, int64_t age, int looks)
{
	fill(n, age, looks);
	return prefers_rows(n);
}

/* The smallest n for which the list is preferred; MOST: none. */
static size_t
boundary(int64_t age, int looks)
{
	size_t n = 0;

	while (n < MOST && !prefers(n, age, looks))
		n++;
	return n;
}

static void
test_few_and_many(void)
{
	ok(!prefers(0, SK_HOUR, 9), "none: no list");
	ok(!prefers(1, SK_HOUR, 9), "one: its status");
	ok(!prefers(5, SK_HOUR, 9), "five: theirs");
	ok(prefers(1000, SK_HOUR, 9),
	    "a thousand old ones, still pending at the last look: the list");
	ok(prefers(MOST, SK_DAY, 9), "more than two pages of them: the list");
	ok(prefers(1000, 5 * SK_SECOND, 1), "a thousand that can't have ended yet: the list");
	/* Their status would be asked for all the same: the list would only be an addition. */
	ok(!prefers(1000, 2 * SK_MINUTE, 1), "a thousand that have surely ended: their status");
}

static void
test_boundaries(void)
{
	static const struct {
		int64_t age;
		int looks;
		const char *what;
	} cases[] = {
	    {10 * SK_SECOND, 1, "too young to have ended"},
	    {40 * SK_SECOND, 2, "as likely ended as not"},
	    {5 * SK_MINUTE, 3, "past their time"},
	    {2 * SK_HOUR, 9, "old"},
	};
	size_t ends[4];

	for (size_t i = 0; i < 4; i++) {
		int steady = 1;

		ends[i] = boundary(cases[i].age, cases[i].looks);
		for (size_t n = ends[i]; n < ends[i] + 200 && n < MOST; n++)
			steady &= prefers(n, cases[i].age, cases[i].looks);
		printf("# %s: the list from %zu rows on\n", cases[i].what, ends[i]);
		ok(ends[i] > 1 && ends[i] < 100 && steady,
		    "%s: status below a number, the list from it on", cases[i].what);
	}
	ok(ends[3] < ends[2] && ends[2] < ends[1],
	    "the likelier they have ended, the later the list pays");
	ok(ends[0] <= ends[3], "and what can't have ended is the list's first");
}

static void
test_mixed(void)
{
	size_t old = boundary(2 * SK_HOUR, 9);

	fill(old + 30, 2 * SK_HOUR, 9);
	for (size_t i = old + 1; i < old + 30; i++)
		rows[i] = (struct sk_writeback){.result = SK_PENDING,
		    .submitted_at = NOW - 2 * SK_MINUTE,
		    .check_count = 1};
	ok(prefers_rows(old + 30), "some that have ended don't change what pays for the old ones");
	fill(3, 2 * SK_HOUR, 9);
	for (size_t i = 3; i < 500; i++)
		rows[i] = (struct sk_writeback){.result = SK_PENDING,
		    .submitted_at = NOW - 2 * SK_MINUTE,
		    .check_count = 1};
	ok(!prefers_rows(500), "nor do a few old ones among many that have");
}

/* Who waits pays for the time that a list takes. */
static void
test_waiting(void)
{
	struct sk_ways_office office = {.rows = 200,
	    .ended = 5000,
	    .window = {INT64_MAX, INT64_MAX}};
	struct sk_ways ways = {.offices = &office,
	    .n = 1,
	    .application = FREE,
	    .pages = 1,
	    .page_took = SK_WAYS_PAGE_TAKES};

	ok(sk_ways_prefers_list(&ways), "fifty of 200 have ended, nobody waits: the list");
	ways.is_waited_for = true;
	ok(!sk_ways_prefers_list(&ways), "somebody waits, and it takes 5 s: statuses");
	ways.page_took = 50;
	ok(sk_ways_prefers_list(&ways), "it takes 50 ms: the list");
	ways.pages = 0;
	ok(!sk_ways_prefers_list(&ways), "nobody knows how long it takes: statuses");
	office.rows = 20000, office.ended = 100 * office.rows;
	ways.pages = ways.page_took = INT64_MAX;
	ok(!sk_ways_prefers_list(&ways), "more than anything that can be: statuses");
}

#define OFFICE(n, n_ended, has_left)                                                \
	{                                                                           \
		.rows = (n), .ended = 100 * (n_ended), .window = {(has_left), 150 } \
	}

/* Rows of up to two offices, what the windows have left, and how long it took last time. */
static const struct {
	struct sk_ways_office offices[2];
	struct sk_rate_left application;
	int64_t pages, page_took, status_took;
	bool list;
	const char *what;
} cases[] = {
    /* clang-format off */
    {{OFFICE(8, 0, 150)}, FREE, 1, 0, 0, false, "eight, where both windows are free: statuses"},
    {{OFFICE(40, 0, 150)}, FREE, 1, 0, 0, true, "forty: the list"},
    {{OFFICE(40, 40, 150)}, FREE, 1, 0, 0, false, "forty that have ended: statuses"},
    {{OFFICE(8, 0, 40)}, FREE, 1, 0, 0, true, "eight, where the office has left a quarter: the list"},
    {{OFFICE(8, 0, 4)}, FREE, 1, 0, 0, true, "eight, where it has left four: the list"},
    {{OFFICE(1, 0, 0)}, FREE, 1, 0, 0, true, "a single one, where it has left nothing: the list"},
    {{OFFICE(1, 1, 0)}, FREE, 1, 0, 0, false, "but not if the status has to follow"},
    {{OFFICE(1, 0, 0)}, {0, 150}, 1, 0, 0, false, "a single one, where both have left nothing: its status"},
    {{OFFICE(40, 0, 0)}, {0, 150}, 1, 0, 0, true, "forty, where both have left nothing: the list"},
    {{OFFICE(40, 0, 150)}, {3, 150}, 1, 0, 0, false, "forty, where the application has left three: statuses"},
    {{OFFICE(40, 0, 150)}, {0, 150}, 1, 0, 0, false, "forty, where it has left nothing: statuses"},
    {{OFFICE(40, 0, 150)}, {20, 150}, 1, 0, 0, true, "forty, where it has left twenty: the list"},
    {{OFFICE(145, 0, 150)}, {0, 150}, 1, 0, 0, false, "as many as the office has room for: statuses"},
    {{OFFICE(600, 0, 150)}, {0, 150}, 1, 0, 0, true, "as many as four of its windows have: the list waits less"},
    {{OFFICE(6, 0, 150), OFFICE(6, 0, 150)}, FREE, 1, 0, 0, true, "six each of two offices: the list"},
    {{OFFICE(5, 0, 150), OFFICE(3, 0, 20)}, FREE, 1, 0, 0, true, "it is enough that one of them is scarce"},
    {{OFFICE(20, 0, 150)}, FREE, 1, 5000, 50, true, "twenty, with the usual times: the list"},
    {{OFFICE(20, 0, 150)}, FREE, 1, 15000, 50, false, "where a page took 15 s: statuses"},
    {{OFFICE(20, 0, 150)}, FREE, 1, 15000, 2000, true, "and a status 2 s: the list"},
    {{OFFICE(8, 0, 150)}, FREE, 1, 5000, 2000, true, "eight, where a status took 2 s: the list"},
    {{OFFICE(3, 0, 150)}, FREE, 1, 1, 1, false, "a quick answer doesn't make the list cheaper than usual"},
    {{OFFICE(40, 0, 150)}, FREE, 6, 5000, 50, false, "forty, where the last list had six pages: statuses"},
    {{OFFICE(100, 0, 150)}, FREE, 6, 5000, 50, true, "a hundred: the list"},
    {{OFFICE(40, 0, 150)}, FREE, INT64_MAX, INT64_MAX, INT64_MAX, false, "no figure is too large"},
    /* clang-format on */
};

static void
test_cases(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sk_ways ways = {.offices = cases[i].offices,
		    .n = 2,
		    .application = cases[i].application,
		    .pages = cases[i].pages,
		    .page_took = cases[i].page_took,
		    .status_took = cases[i].status_took};

		ok(sk_ways_prefers_list(&ways) == cases[i].list, "%s", cases[i].what);
	}
}

/* The less a window has left, the more its way costs: there is one boundary, and no way back. */
static void
test_scarcity(void)
{
	int changes = 0;

	for (int64_t left = 150, was = -1; left >= 0; left--) {
		const struct sk_ways_office office = OFFICE(8, 0, left);
		const struct sk_ways ways = {.offices = &office, .n = 1, .application = FREE};

		changes += was >= 0 && sk_ways_prefers_list(&ways) != was;
		was = sk_ways_prefers_list(&ways);
	}
	is_int(changes, 1, "the office's window: statuses down to a number, the list below it");
	changes = 0;
	for (int64_t left = 150, was = -1; left >= 0; left--) {
		const struct sk_ways_office office = OFFICE(40, 0, 150);
		const struct sk_ways ways = {.offices = &office,
		    .n = 1,
		    .application = {left, 150}};

		changes += was >= 0 && sk_ways_prefers_list(&ways) != was;
		was = sk_ways_prefers_list(&ways);
	}
	is_int(changes, 1,
	    "the application's window: the list down to a number, statuses below it");
}

int
main(void)
{
	sk_mem_init();
	rows = sk_mem_zero(MOST + 1, sizeof(*rows));
	test_few_and_many();
	test_boundaries();
	test_mixed();
	test_waiting();
	test_cases();
	test_scarcity();
	free(rows);
	return done_testing();
}
