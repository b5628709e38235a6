/* SPDX-License-Identifier: MIT */
/*
 * What an answer's Date says of the server's time, and what is kept of it for the next process.
 */
#include "base/clock.h"

#include "base/boot.h"
#include "tap.h"

/* The machine has run for an hour, and its clock shows this time. */
#define BOOT SK_HOUR
#define MACHINE INT64_C(1770478200000)

static struct sk_clock
begun(void)
{
	struct sk_clock clock;

	sk_clock_begin(&clock, NULL, BOOT, MACHINE);
	return clock;
}

/* The server's clock goes ahead of this machine's by so much; now is after the beginning. */
static enum sk_clock_saw
see(struct sk_clock *clock, int64_t now, int64_t ahead)
{
	int64_t seconds = (MACHINE + now + ahead) / SK_SECOND * SK_SECOND;

	return sk_clock_see(clock, BOOT + now - 100, BOOT + now + 100, seconds);
}

static int64_t
is_ahead_by(const struct sk_clock *clock)
{
	return clock->offset - (MACHINE - BOOT);
}

static void
test_small_differences(void)
{
	struct sk_clock clock = begun();

	ok(!clock.is_known && !clock.has_answer, "before an answer it is a guess");
	is_int(is_ahead_by(&clock), 0, "this machine's time");
	is_int(see(&clock, 700, 0), SK_CLOCK_AGREES, "a Date that may be the same time");
	is_int(is_ahead_by(&clock), 0, "moves nothing: it has lost up to a second");
	ok(clock.is_known && clock.has_answer, "now it is known");
	is_int(see(&clock, SK_SECOND, 30 * SK_SECOND), SK_CLOCK_CORRECTED,
	    "30 s: believed at once");
	ok(is_ahead_by(&clock) > 29 * SK_SECOND && is_ahead_by(&clock) < 31 * SK_SECOND,
	    "as the middle of what it may be (%lld)", (long long)is_ahead_by(&clock));
	is_int(see(&clock, 2 * SK_SECOND, -SK_MINUTE), SK_CLOCK_CORRECTED, "and backward, too");
	is_int(sk_clock_see(&clock, BOOT, BOOT + SK_HOUR, MACHINE + 30 * SK_MINUTE),
	    SK_CLOCK_AGREES, "what was on its way for an hour says little");
}

/* The machine has slept meanwhile, or the process was stopped. The Date may be of any moment in between. */
static void
test_slow_answers(void)
{
	static const int64_t slept[] = {3 * SK_MINUTE, SK_HOUR};

	for (size_t i = 0; i < sizeof(slept) / sizeof(slept[0]); i++) {
		struct sk_clock clock = begun();

		is_int(sk_clock_see(&clock, BOOT, BOOT + slept[i], MACHINE - 2 * SK_SECOND),
		    SK_CLOCK_CORRECTED, "a slow answer, made too early by a second");
		ok(is_ahead_by(&clock) >= -3 * SK_SECOND && is_ahead_by(&clock) < 0,
		    "moves no further than it must (%lld)", (long long)is_ahead_by(&clock));
		clock = begun();
		is_int(sk_clock_see(&clock, BOOT, BOOT + slept[i], MACHINE + slept[i] + SK_SECOND),
		    SK_CLOCK_CORRECTED, "and too late by a second");
		ok(is_ahead_by(&clock) <= 3 * SK_SECOND && is_ahead_by(&clock) > 0,
		    "it is the same (%lld)", (long long)is_ahead_by(&clock));
	}
}

static void
test_jumps(void)
{
	struct sk_clock clock = begun();

	see(&clock, 0, 0);
	is_int(see(&clock, SK_SECOND, SK_DAY), SK_CLOCK_DOUBTED, "a day: one answer is none");
	is_int(is_ahead_by(&clock), 0, "it moves nothing");
	is_int(see(&clock, 59 * SK_SECOND, SK_DAY), SK_CLOCK_DOUBTED, "nor a second one too soon");
	is_int(see(&clock, 62 * SK_SECOND, SK_DAY), SK_CLOCK_CORRECTED, "but one a minute later");
	ok(is_ahead_by(&clock) > SK_DAY - SK_SECOND && is_ahead_by(&clock) < SK_DAY + SK_SECOND,
	    "the clock has moved by a day");
	is_int(clock.jump, 0, "and nothing is doubted any more");
	is_int(see(&clock, 63 * SK_SECOND, 0), SK_CLOCK_DOUBTED, "back is as far");
	is_int(see(&clock, 64 * SK_SECOND + SK_MINUTE, 0), SK_CLOCK_CORRECTED, "and as slow");
	is_int(see(&clock, 3 * SK_MINUTE, SK_CLOCK_JUMP + SK_SECOND), SK_CLOCK_DOUBTED,
	    "over two minutes are a jump");
	is_int(see(&clock, 3 * SK_MINUTE, SK_CLOCK_JUMP - SK_SECOND), SK_CLOCK_CORRECTED,
	    "less are none");
}

static void
test_wrong_dates(void)
{
	struct sk_clock clock = begun();

	see(&clock, 0, 0);
	see(&clock, SK_SECOND, SK_DAY);
	is_int(see(&clock, 2 * SK_SECOND, 0), SK_CLOCK_AGREES, "an answer with the known time");
	is_int(see(&clock, 2 * SK_MINUTE, SK_DAY), SK_CLOCK_DOUBTED,
	    "between two wrong ones: each is the first");
	is_int(see(&clock, 4 * SK_MINUTE, 2 * SK_DAY), SK_CLOCK_DOUBTED, "another jump, too");
	is_int(see(&clock, 4 * SK_MINUTE + SK_SECOND, SK_DAY), SK_CLOCK_DOUBTED,
	    "and the first one after it");
	is_int(is_ahead_by(&clock), 0, "nothing has moved");
}

static void
test_first(void)
{
	struct sk_clock clock = begun();

	is_int(see(&clock, 0, 3 * SK_DAY), SK_CLOCK_DOUBTED, "usually the first answer is doubted");
	clock = begun();
	clock.takes_first = true;
	is_int(see(&clock, 0, 3 * SK_DAY), SK_CLOCK_CORRECTED, "in a new file it isn't");
	is_int(see(&clock, SK_SECOND, 0), SK_CLOCK_DOUBTED, "the second one is");
}

/* What the next process finds; so much later. */
static struct sk_clock
handed_on(const struct sk_clock *clock, int64_t later, int same_boot, int64_t machine_set)
{
	struct sk_clock_kept kept;
	struct sk_clock next;

	sk_clock_keep(clock, BOOT, MACHINE, &kept);
	kept.is_of_this_boot = same_boot;
	sk_clock_begin(&next, &kept, same_boot ? BOOT + later : later,
	    MACHINE + later + machine_set);
	return next;
}

static void
test_next_process(void)
{
	struct sk_clock clock = begun(), next;

	clock.takes_first = true;
	see(&clock, 0, 3 * SK_DAY);
	next = handed_on(&clock, SK_HOUR, 1, -SK_DAY);
	ok(next.is_known, "the same boot: the time is known");
	is_int(next.offset, clock.offset, "whatever was done to this machine's clock");
	ok(!next.has_answer, "but not by an answer to this process");

	next = handed_on(&clock, SK_HOUR, 0, 0);
	ok(!next.is_known, "another boot: a guess");
	is_int(next.offset + SK_HOUR, MACHINE + is_ahead_by(&clock),
	    "the earlier of what this machine's clock may mean, but not before what was known");
	next = handed_on(&clock, SK_HOUR, 0, 4 * SK_DAY);
	is_int(next.offset + SK_HOUR, MACHINE + SK_HOUR + 4 * SK_DAY,
	    "a clock that was set is believed rather than the difference that it had");
	next = handed_on(&clock, SK_HOUR, 0, -365 * SK_DAY);
	is_int(next.offset + SK_HOUR, MACHINE + is_ahead_by(&clock),
	    "not before what was known: a machine may start in the past");

	see(&clock, SK_SECOND, 0);
	next = handed_on(&clock, SK_MINUTE, 1, 0);
	is_int(see(&next, 50 * SK_SECOND, 0), SK_CLOCK_DOUBTED, "a doubt is handed on");
	is_int(see(&next, 62 * SK_SECOND, 0), SK_CLOCK_CORRECTED,
	    "so the next process believes it");
	next = handed_on(&clock, SK_MINUTE, 1, 0);
	see(&next, 50 * SK_SECOND, 3 * SK_DAY);
	is_int(next.jump, 0, "or ends it");
	next = begun();
	next = handed_on(&next, SK_HOUR, 1, 0);
	ok(!next.is_known, "a guess that was kept is still one");
}

/* Each process under another boot, beside a clock that is three days behind. */
static void
test_many_boots(void)
{
	struct sk_clock clock = begun();

	see(&clock, 0, 3 * SK_DAY);
	is_int(clock.offset + BOOT, MACHINE, "doubted");
	clock = handed_on(&clock, SK_HOUR, 0, 0);
	is_int(sk_clock_see(&clock, SK_HOUR, SK_HOUR, MACHINE + SK_HOUR + 3 * SK_DAY),
	    SK_CLOCK_CORRECTED, "and believed, since it is the same difference to that clock");

	clock = begun();
	clock.takes_first = true;
	see(&clock, 0, -3 * SK_DAY);
	clock = handed_on(&clock, SK_HOUR, 0, 0);
	is_int(clock.offset + SK_HOUR, MACHINE + SK_HOUR - 3 * SK_DAY + SK_SECOND / 2,
	    "a clock that is ahead is mended");
}

static void
test_process_clock(void)
{
	int64_t machine = sk_time_machine(), boot = sk_time_boot();
	char one[SK_BOOT_ID], two[SK_BOOT_ID];

	ok(sk_time_now() - machine < SK_SECOND,
	    "a process without a server shows this machine's time");
	ok(sk_time_at(boot) - machine < SK_SECOND, "and knows when something was");
	sk_time_set_server(MACHINE);
	ok(sk_time_now() - (boot + MACHINE) < SK_SECOND && sk_time_now() >= boot + MACHINE,
	    "then the server's");
	is_int(sk_time_at(boot), boot + MACHINE, "also of what was before");
	ok(sk_time_machine() - machine < SK_SECOND, "this machine's stays");
	is_str(sk_boot_id(one), sk_boot_id(two), "the boot has one name");
	ok(one[0] != '\0', "%s", one);
}

int
main(void)
{
	test_small_differences();
	test_slow_answers();
	test_jumps();
	test_wrong_dates();
	test_first();
	test_next_process();
	test_many_boots();
	test_process_clock();
	return done_testing();
}
