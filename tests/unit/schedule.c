/* SPDX-License-Identifier: MIT */
/* When to look at a pending writeback. */
#include "life/schedule.h"

#include "tap.h"
#include "base/time.h"

#define FEW 19

static void
test_first_looks(void)
{
	static const int64_t ages[] = {24, 32, 39, 45, 50, 54, 57, 60};
	int64_t age = 0;
	char what[40];

	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		age = sk_schedule_next(age, NULL, 0);
		snprintf(what, sizeof(what), "look %zu at %lld s", i + 1, (long long)ages[i]);
		is_int(age, ages[i] * SK_SECOND, what);
	}
	is_int(sk_schedule_next(5 * SK_SECOND, NULL, 0), 24 * SK_SECOND, "from 5 s on, at 24");
	is_int(sk_schedule_next(26 * SK_SECOND, NULL, 0), 34 * SK_SECOND,
	    "after a look that came late, as much later");
	is_int(sk_schedule_next(59 * SK_SECOND, NULL, 0), 62 * SK_SECOND,
	    "no two of them are closer than 3 s");
}

static void
test_late_looks(void)
{
	int64_t age = SK_MINUTE, gap = 0, last = 4 * SK_SECOND;
	int grows = 1, gently = 1, within = 1;

	while (age < 20 * SK_MINUTE) {
		gap = sk_schedule_next(age, NULL, 0) - age;
		grows &= gap >= last || age == SK_MINUTE;
		gently &= gap <= last * 3 / 2;
		within &= gap <= 30 * SK_SECOND;
		last = gap;
		age += gap;
	}
	ok(grows, "gaps grow");
	ok(gently, "each by no more than half");
	ok(within, "up to 30 s");
	is_int(gap, 30 * SK_SECOND, "which they reach");
	is_int(sk_schedule_next(2 * SK_HOUR, NULL, 0), 2 * SK_HOUR + 2 * SK_MINUTE,
	    "2 hours old: every 2 minutes");
	is_int(sk_schedule_next(SK_DAY, NULL, 0), SK_DAY + 5 * SK_MINUTE,
	    "a day old: every 5 minutes");
	is_int(sk_schedule_next(30 * SK_DAY, NULL, 0), 30 * SK_DAY + 5 * SK_MINUTE,
	    "a month old: too");
}

/* Whatever the age and the office's times, the next look is later,
 * and not by more than 5 minutes. */
static void
test_always_later(void)
{
	int64_t durations[40], worst = SK_DAY;
	int later = 1, soon = 1;

	for (int shape = 0; shape < 4; shape++) {
		for (int i = 0; i < 40; i++)
			durations[i] = shape == 0 ? 0
			    : shape == 1          ? 20 * SK_SECOND
						  : i * (shape == 2 ? 2 : 7) * SK_SECOND;
		for (size_t n = 0; n <= 40; n += 10) {
			for (int64_t age = 0; age < SK_HOUR; age += 333) {
				int64_t gap = sk_schedule_next(age, durations, n) - age;

				later &= gap > 0;
				soon &= gap <= 5 * SK_MINUTE;
				worst = gap < worst ? gap : worst;
			}
		}
	}
	ok(later, "always later than its age");
	ok(soon, "by 5 minutes at most");
	ok(worst >= SK_SECOND, "and by a second at least");
	ok(sk_schedule_next(-5 * SK_SECOND, NULL, 0) > 0, "also when the clock was set back");
}

static void
test_own_times(void)
{
	int64_t durations[200];

	for (int i = 0; i < 200; i++)
		durations[i] = 100 * SK_SECOND + i * SK_SECOND;
	is_int(sk_schedule_next(0, durations, FEW), 24 * SK_SECOND,
	    "19 of the office's times aren't enough");
	ok(sk_schedule_next(0, durations, 20) >= 100 * SK_SECOND,
	    "20 are: none is sooner than its quickest");
	ok(sk_schedule_next(0, durations, 200) >= 115 * SK_SECOND, "nor before some had ended");
	ok(sk_schedule_next(125 * SK_SECOND, durations, 200) <= 152 * SK_SECOND,
	    "and then when more of them had");
	ok(sk_schedule_next(299 * SK_SECOND, durations, 200) > 299 * SK_SECOND,
	    "past the last of them, on and on");
	for (int i = 0; i < 200; i++)
		durations[i] = i < FEW ? 3 * SK_SECOND : SK_MINUTE;
	is_int(sk_schedule_next(0, durations, FEW), 3 * SK_SECOND,
	    "few times that are short: a look at the longest of them");
	is_int(sk_schedule_next(3 * SK_SECOND, durations, FEW), 24 * SK_SECOND,
	    "and then as if they weren't known");
}

/* One of an office's practices may have been off for a night when some of its times were learned. */
static void
test_outlier(void)
{
	int64_t durations[40], age = 0;
	int looks = 0;

	for (int i = 0; i < 40; i++)
		durations[i] = i < 38 ? 4 * SK_SECOND : 8 * SK_HOUR;
	is_int(sk_schedule_since(0, durations, 40), 4 * SK_SECOND,
	    "the end is expected from 4 s on");
	for (; age < 10 * SK_MINUTE; looks++)
		age = sk_schedule_next(age, durations, 40);
	ok(looks >= 20,
	    "what isn't carried out as fast as usual is looked at all the same: %d looks", looks);
	is_int(sk_schedule_since(0, NULL, 0), 15 * SK_SECOND,
	    "where nothing is known, from 15 s on");
	is_int(sk_schedule_since(40 * SK_SECOND, NULL, 0), 40 * SK_SECOND, "or from now on");
}

/* Ends uniformly distributed in 15..60 s, one a millisecond-step: what the schedule costs and
 * gives. */
static void
simulate(const int64_t *durations, size_t n, const char *what)
{
	int64_t delay = 0, looks = 0, worst = 0, most = 0, ends = 0;

	for (int64_t end = 15 * SK_SECOND; end <= 60 * SK_SECOND; end += 50, ends++) {
		int64_t age = 0, own = 0;

		while (age < end) {
			age = sk_schedule_next(age, durations, n);
			own++;
		}
		delay += age - end;
		looks += own;
		worst = age - end > worst ? age - end : worst;
		most = own > most ? own : most;
	}
	printf("# %s: mean delay %.2f s, worst %.2f s; looks: mean %.2f, most %lld\n", what,
	    (double)delay / (double)ends / 1000, (double)worst / 1000, (double)looks / (double)ends,
	    (long long)most);
	ok(delay < 3500 * ends, "%s: mean delay below 3.5 s", what);
	ok(looks * 10 <= 37 * ends, "%s: at most 3.7 looks in the mean", what);
	ok(most <= 9, "%s: at most 9 looks", what);
}

static void
test_costs(void)
{
	int64_t durations[200];

	for (int i = 0; i < 200; i++)
		durations[i] = 15 * SK_SECOND + i * 45 * SK_SECOND / 199;
	simulate(NULL, 0, "ordinary times");
	simulate(durations, 200, "the office's own times");
}

int
main(void)
{
	test_first_looks();
	test_late_looks();
	test_always_later();
	test_own_times();
	test_outlier();
	test_costs();
	return done_testing();
}
