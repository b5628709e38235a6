/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tap.h"
#include "base/time.h"

#define SATURDAY INT64_C(1770478200000) /* 2026-02-07T15:30:00Z */

static void
test_format(void)
{
	char text[SK_TIME_TEXT], day[SK_TIME_DAY];

	is_str(sk_time_format(0, text), "", "moment 0 is none");
	is_str(sk_time_format(SATURDAY, text), "2026-02-07T15:30:00.000Z", "a moment");
	is_str(sk_time_format(SATURDAY + 7, text), "2026-02-07T15:30:00.007Z", "milliseconds");
	is_str(sk_time_format(-1, text), "1969-12-31T23:59:59.999Z", "before 1970");
	is_str(sk_time_format(INT64_MAX, text), "9999-12-31T23:59:59.999Z", "the largest number");
	is_str(sk_time_format(INT64_MIN, text), "0000-01-01T00:00:00.000Z", "the smallest number");
	is_str(sk_time_day(SATURDAY, day), "2026-02-07", "a day");
	is_str(sk_time_day(SATURDAY + 9 * SK_HOUR, day), "2026-02-08", "the day after");
}

static void
refuses(const char *text)
{
	int64_t moment = 77;

	ok(sk_time_parse(text, &moment) == -1 && moment == 77, "no moment: '%s'", text);
}

static void
test_parse(void)
{
	int64_t moment = 0;

	is_int(sk_time_parse("2026-02-07T15:30:00.000Z", &moment), 0, "parses its own form");
	is_int(moment, SATURDAY, "to the same moment");
	is_int(sk_time_parse("2026-02-07T15:30:00Z", &moment), 0, "without milliseconds");
	is_int(moment, SATURDAY, "the same again");
	is_int(sk_time_parse("2024-02-29T00:00:00.001Z", &moment), 0, "29 February of a leap year");
	is_int(moment, INT64_C(1709164800001), "is right");
	refuses("");
	refuses("2026-02-07");
	refuses("2026-02-07T15:30:00");
	refuses("2026-02-07T15:30:00.000");
	refuses("2026-02-07 15:30:00Z");
	refuses("2026-02-07T15:30:00.00Z");
	refuses("2026-02-07T15:30:00.0000Z");
	refuses("2026-02-07T15:30:00+00:00");
	refuses("2026-02-07T15:30:00.000Z ");
	refuses(" 2026-02-07T15:30:00.000Z");
	refuses("2026-02-30T15:30:00.000Z");
	refuses("2025-02-29T15:30:00.000Z");
	refuses("2026-13-01T15:30:00.000Z");
	refuses("2026-00-01T15:30:00.000Z");
	refuses("2026-01-00T15:30:00.000Z");
	refuses("2026-01-01T24:00:00.000Z");
	refuses("2026-01-01T23:60:00.000Z");
	refuses("2026-01-01T23:59:60.000Z");
	refuses("2026-1-1T1:1:1Z");
	refuses("-026-01-01T00:00:00Z");
}

static void
test_round_trip(void)
{
	int64_t step = INT64_C(86399123), moment, back;
	char text[SK_TIME_TEXT];
	int wrong = 0;

	for (moment = -40 * 365 * SK_DAY; moment < 140 * 365 * SK_DAY; moment += step) {
		if (moment == 0)
			continue;
		if (sk_time_parse(sk_time_format(moment, text), &back) != 0 || back != moment)
			wrong++;
	}
	is_int(wrong, 0, "every day from 1930 to 2110 there and back");
	setenv("TZ", "America/New_York", 1);
	is_str(sk_time_format(SATURDAY, text), "2026-02-07T15:30:00.000Z", "whatever TZ says");
}

static void
test_duration(void)
{
	static const struct {
		const char *text;
		int64_t duration;
	} good[] = {
	    {"0", 0},
	    {"90", 90 * SK_SECOND},
	    {"90s", 90 * SK_SECOND},
	    {"15m", 15 * SK_MINUTE},
	    {"6h", 6 * SK_HOUR},
	    {"30d", 30 * SK_DAY},
	    {"007", 7 * SK_SECOND},
	    {"3650d", 3650 * SK_DAY},
	};
	static const char *const bad[] = {"", " ", "-1", "+1", "1.5h", "1 h", "h", "1hh", "1w",
	    "1h30m", "1H", "3651d", "1e3", " 1", "1 ", "0x10", "99999999999999999999",
	    "18446744073709551617s"};
	char name[80];
	size_t i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		int64_t duration = -1;

		snprintf(name, sizeof name, "duration '%s'", good[i].text);
		ok(sk_time_duration(good[i].text, &duration) == 0, "%s is one", name);
		is_int(duration, good[i].duration, name);
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		int64_t duration = 5;

		ok(sk_time_duration(bad[i], &duration) == -1 && duration == 5, "no duration: '%s'",
		    bad[i]);
	}
}

static void
test_http_date(void)
{
	static const char *const good[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
	    "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
	    "Sun, 06 Nov 1994 08:49:37 GMT\r\n"};
	static const char *const bad[] = {"", "0", "Sun, 06 Nov 1994 08:49:37",
	    "Sun, 06 Nov 1994 08:49:37 EST", "Sun, 31 Feb 1994 08:49:37 GMT",
	    "Sun, 06 Nov 1994 25:49:37 GMT", "Sun 06 Nov 1994 08:49:37 GMT",
	    "06 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
	    "Sun, 06 Nov 1994 08:49:37 GMTX", "Sun Nov", "Sun,"};
	int64_t moment;
	size_t i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		moment = 0;
		ok(sk_time_http_date(good[i], &moment) == 0 && moment == INT64_C(784111777000),
		    "form %zu of an HTTP date", i + 1);
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		is_int(sk_time_http_date(bad[i], &moment), -1, "no HTTP date");
	is_int(sk_time_http_date("Sat, 31 Dec 2016 23:59:60 GMT", &moment), 0, "a leap second");
	is_int(moment, INT64_C(1483228799000), "is the second before");
	is_int(sk_time_http_date("Saturday, 07-Feb-26 15:30:00 GMT", &moment), 0, "two digits");
	is_int(moment, SATURDAY, "are this century's");
}

static void
test_words(void)
{
	char text[SK_TIME_WORDS];

	is_str(sk_time_words(0, text), "0 s", "nothing");
	is_str(sk_time_words(45 * SK_SECOND + 999, text), "45 s", "seconds");
	is_str(sk_time_words(12 * SK_MINUTE, text), "12 min", "minutes");
	is_str(sk_time_words(210 * SK_MINUTE, text), "3.5 h", "hours");
	is_str(sk_time_words(3 * SK_HOUR, text), "3 h", "whole hours");
	is_str(sk_time_words(2 * SK_DAY, text), "2 d", "days");
	is_str(sk_time_words(400 * SK_DAY + SK_HOUR * 12, text), "400 d", "many days");
	is_str(sk_time_words(-5, text), "0 s", "never negative");
	ok(strlen(sk_time_words(INT64_MAX, text)) < SK_TIME_WORDS, "the largest fits");
}

static void
test_jitter(void)
{
	int i, low = 0, high = 0, outside = 0;

	for (i = 0; i < 10000; i++) {
		int64_t jitter = sk_time_jitter(9);

		outside += jitter < 0 || jitter > 9;
		low += jitter == 0;
		high += jitter == 9;
	}
	is_int(outside, 0, "jitter stays within its bounds");
	ok(low > 700 && low < 1300 && high > 700 && high < 1300, "and reaches both evenly");
	is_int(sk_time_jitter(0), 0, "none of nothing");
	is_int(sk_time_jitter(-5), 0, "none of less");
	ok(sk_time_jitter(INT64_MAX) >= 0, "the largest");
}

static void
test_jitter_of(void)
{
	int low = 0, high = 0, outside = 0, differ = 0;

	for (int64_t i = 0; i < 10000; i++) {
		int64_t jitter = sk_time_jitter_of(i, 1770000000000, 9);

		outside += jitter < 0 || jitter > 9;
		low += jitter == 0;
		high += jitter == 9;
		differ += jitter != sk_time_jitter_of(i, 1770000000000, 9);
	}
	is_int(differ, 0, "the same numbers give the same jitter");
	is_int(outside, 0, "which stays within its bounds");
	ok(low > 700 && low < 1300 && high > 700 && high < 1300, "and reaches both evenly");
	is_int(sk_time_jitter_of(1, 2, 0), 0, "none of nothing");
	is_int(sk_time_jitter_of(1, 2, -5), 0, "none of less");
	ok(sk_time_jitter_of(INT64_MAX, INT64_MIN, INT64_MAX) >= 0, "the largest");
}

int
main(void)
{
	int64_t before = sk_time_monotonic();

	test_format();
	test_parse();
	test_round_trip();
	test_duration();
	test_http_date();
	test_words();
	test_jitter();
	test_jitter_of();
	ok(sk_time_monotonic() >= before, "the monotonic clock goes on");
	ok(sk_time_boot() >= before, "the boot clock isn't behind it");
	ok(sk_time_now() > SATURDAY - 365 * SK_DAY, "the wall clock shows our times");
	return done_testing();
}
