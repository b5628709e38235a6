/* SPDX-License-Identifier: MIT */
/* What a list makes of a hold. */
#include "life/hold_rule.h"

#include "tap.h"
#include "base/time.h"

#define T0 (1000 * SK_HOUR)

static struct sk_hold
gap(void)
{
	return (struct sk_hold){.why = SK_HOLD_GAP, .after_list = 10, .lists_wanted = 2};
}

/* A list with that number, begun so many seconds after T0. */
static void
take(struct sk_hold *hold, int64_t number, int64_t seconds, int is_whole, size_t n_strange)
{
	const struct sk_listing list = {.number = number,
	    .begun_at = T0 + seconds * SK_SECOND,
	    .whole = is_whole};

	sk_hold_take_list(hold, &list, n_strange);
}

static void
test_two_lists(void)
{
	struct sk_hold hold = gap();

	ok(sk_hold_holds(&hold) && sk_hold_due_at(&hold) == 0,
	    "it holds, and a list is due at once");
	take(&hold, 11, 0, 1, 0);
	ok(sk_hold_holds(&hold), "after one list it holds");
	is_int(sk_hold_due_at(&hold), T0 + SK_MINUTE, "the next one is due a minute later");
	take(&hold, 12, 59, 1, 0);
	ok(sk_hold_holds(&hold), "one within a minute doesn't end it");
	is_int(sk_hold_due_at(&hold), T0 + SK_MINUTE, "nor puts it off");
	take(&hold, 13, 60, 1, 0);
	ok(sk_hold_is_over(&hold), "one a minute after the first does");
}

static void
test_what_doesnt_count(void)
{
	struct sk_hold hold = gap();

	take(&hold, 10, 0, 1, 0);
	is_int(hold.lists_clean, 0, "a list that had begun before");
	take(&hold, 11, 0, 1, 0);
	take(&hold, 13, 60, 1, 0);
	ok(sk_hold_holds(&hold), "one that doesn't follow");
	is_int(hold.first_clean_at, T0 + 60 * SK_SECOND, "begins the count");
	take(&hold, 14, 120, 0, 0);
	is_int(hold.lists_clean, 1, "one that isn't whole");
	is_int(sk_hold_due_at(&hold), T0 + 180 * SK_SECOND, "which isn't repeated within a minute");
	take(&hold, 15, 30, 1, 0);
	is_int(hold.first_clean_at, T0 + 30 * SK_SECOND, "a clock that was put back begins anew");
}

static void
test_strange_entries(void)
{
	struct sk_hold hold = gap();

	take(&hold, 11, 0, 0, 1);
	ok(hold.shown_at == 0, "what isn't whole shows nothing");
	take(&hold, 12, 60, 1, 1);
	is_int(hold.shown_at, T0 + 60 * SK_SECOND, "an entry that is unexplained does");
	take(&hold, 13, 120, 1, 2);
	is_int(hold.shown_at, T0 + 60 * SK_SECOND, "since then");
	take(&hold, 14, 180, 1, 0);
	ok(hold.shown_at == 0 && sk_hold_holds(&hold), "once it is explained the count begins");
	take(&hold, 15, 240, 1, 0);
	ok(sk_hold_is_over(&hold), "and ends it");
}

static void
test_begun(void)
{
	struct sk_hold hold = {.why = SK_HOLD_BEGUN, .lists_wanted = 1};

	take(&hold, 1, 0, 1, 0);
	ok(!sk_hold_holds(&hold) && !sk_hold_is_over(&hold), "what was begun sends after one list");
	take(&hold, 4, 600, 1, 0);
	ok(sk_hold_is_over(&hold), "any second one ends it");
	hold.lists_clean = 1;
	take(&hold, 5, 700, 1, 1);
	ok(sk_hold_holds(&hold), "and may show an older copy");
}

int
main(void)
{
	test_two_lists();
	test_what_doesnt_count();
	test_strange_entries();
	test_begun();
	return done_testing();
}
