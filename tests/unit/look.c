/* SPDX-License-Identifier: MIT */
/* When the list of all writebacks is the cheaper way to check. */
#include "life/check.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tap.h"
#include "base/time.h"

#define MOST 12000
#define NOW INT64_C(1770478200000)

static struct sk_writeback *rows;

static void
fill(size_t n, int64_t age, int looks)
{
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct sk_writeback){.result = SK_PENDING,
		    .submitted_at = NOW - age,
		    .check_count = looks};
}

static int
prefers(size_t n, int64_t age, int looks)
{
	fill(n, age, looks);
	return sk_check_prefers_list(rows, n, NOW);
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
	ok(sk_check_prefers_list(rows, old + 30, NOW),
	    "some that have ended don't change what pays for the old ones");
	fill(3, 2 * SK_HOUR, 9);
	for (size_t i = 3; i < 500; i++)
		rows[i] = (struct sk_writeback){.result = SK_PENDING,
		    .submitted_at = NOW - 2 * SK_MINUTE,
		    .check_count = 1};
	ok(!sk_check_prefers_list(rows, 500, NOW), "nor do a few old ones among many that have");
}

int
main(void)
{
	sk_mem_init();
	rows = sk_mem_zero(MOST + 1, sizeof(*rows));
	test_few_and_many();
	test_boundaries();
	test_mixed();
	free(rows);
	return done_testing();
}
