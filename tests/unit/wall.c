/* SPDX-License-Identifier: MIT */
/* Days and times of day as other programs write them. */
#include "base/wall.h"

#include "tap.h"
#include "base/time.h"

#define SAME SK_WALL_SAME
#define OTHER SK_WALL_OTHER
#define UNCLEAR SK_WALL_UNCLEAR

static const char *const names[] = {"another", "the same", "unclear"};

/* Beside 2031-03-03, or 2031-03-04, and 09:00 as we send them. */
static void
compares(const char *day, const char *date, const char *time, enum sk_wall_same wanted)
{
	const struct sk_wall ours = {day, "09:00"}, theirs = {date, time};
	enum sk_wall_same found = sk_wall_compare(&ours, &theirs);

	ok(found == wanted, "%s %s beside '%s' '%s': %s (%s)", day, "09:00",
	    date != NULL ? date : "(none)", time != NULL ? time : "(none)", names[wanted],
	    names[found]);
}

static void
test_days(void)
{
	static const char *const same[] = {"2031-03-03", "2031-3-3", "2031/03/03", "20310303",
	    "03/03/2031", "3/3/2031", "03-03-2031", "03.03.2031", "3 Mar 2031", "03-MAR-2031",
	    "Mar 3, 2031", "March 3 2031", "Mon, 3 Mar 2031", "Monday, March 3rd, 2031",
	    " 2031-03-03 ", "03032031", "2031-03-03T00:00:00", "2031-03-03 12:00 AM"};
	static const char *const other[] = {"2031-03-04", "04/04/2031", "4 Mar 2031", "20310304",
	    "2031-03-04T09:00:00", "03/03/2032", "13/04/2031", "03/05/2031"};
	static const char *const unclear[] = {"", "soon", "2031-02-30", "3.3.", "46084", "03/03/31",
	    "1930176000000", "2031-03-03x", "2031-03-03-03", "Marz 3 2031", "0/0/2031"};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		compares("2031-03-03", same[i], "09:00", SAME);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		compares("2031-03-03", other[i], "09:00", OTHER);
	for (size_t i = 0; i < sizeof(unclear) / sizeof(unclear[0]); i++)
		compares("2031-03-03", unclear[i], "09:00", UNCLEAR);
	compares("2031-03-03", NULL, "09:00", UNCLEAR);
	compares("2031-03-04", "03/04/2031", "09:00", UNCLEAR);
	compares("2031-03-04", "04/03/2031", "09:00", UNCLEAR);
	compares("2031-03-04", "03/04/31", "09:00", UNCLEAR);
	compares("2031-03-14", "14/03/2031", "09:00", SAME);
	compares("2031-03-14", "03/14/2031", "09:00", SAME);
	compares("2028-02-29", "Feb 29 2028", "09:00", SAME);
	compares("2031-03-04", "03/04/2031", "10:00", OTHER);
}

static void
test_times(void)
{
	static const char *const same[] = {"09:00", "9:00 AM", "9:00am", "9:00 a.m.", "09:00 A",
	    "0900", "900 AM", " 09:00", "09:00:00", "09:00:00.000", "9 AM", "09.00", "09h00",
	    "090000", "2031-03-03T09:00:00", "1899-12-30 09:00:00", "09:00-05:00", "09:00 -0500"};
	static const char *const other[] = {"09:30", "9:00 PM", "2100", "21:00", "12:00 AM", "0930",
	    "9:30", "2031-03-03T10:00:00"};
	static const char *const unclear[] = {"", "morning", "9:00", "900", "25:00", "09:60",
	    "09:00Z", "09:00 UTC", "09:00+00:00", "9", "32400", "09:00 xm", "1234567"};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		compares("2031-03-03", "2031-03-03", same[i], SAME);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		compares("2031-03-03", "2031-03-03", other[i], OTHER);
	for (size_t i = 0; i < sizeof(unclear) / sizeof(unclear[0]); i++)
		compares("2031-03-03", "2031-03-03", unclear[i], UNCLEAR);
}

static void
test_one_text(void)
{
	const struct sk_wall noon = {"2031-03-03", "12:00"}, said = {"2031-03-03", "12:00 PM"},
			     midnight = {"2031-03-03", "00:00"},
			     twelve = {"2031-03-03", "12:00 am"};

	compares("2031-03-03", "2031-03-03T09:00:00", NULL, SAME);
	compares("2031-03-03", "03/03/2031 9:00 AM", NULL, SAME);
	compares("2031-03-03", NULL, "2031-03-03 09:00", SAME);
	compares("2031-03-03", NULL, "20310303T0900", SAME);
	compares("2031-03-03", "2031-03-03T10:00:00", NULL, OTHER);
	compares("2031-03-03", "2031-03-03", NULL, UNCLEAR);
	compares("2031-03-03", "2031-03-04", NULL, OTHER);
	compares("2031-03-03", NULL, NULL, UNCLEAR);
	is_int(sk_wall_compare(&noon, &said), SAME, "12:00 PM is noon");
	is_int(sk_wall_compare(&midnight, &twelve), SAME, "12:00 AM is midnight");
}

static void
test_moments(void)
{
	static const struct {
		const char *date, *time, *moment;
	} cases[] = {
	    {"2031-03-03", "09:00", "2031-03-03T09:00:00Z"},
	    {"1970-01-01", "00:01", "1970-01-01T00:01:00Z"},
	    {"2000-02-29", "23:59", "2000-02-29T23:59:00Z"},
	    {"2100-03-01", "00:00", "2100-03-01T00:00:00Z"},
	    {"3 Mar 2031", "9:00 PM", "2031-03-03T21:00:00Z"},
	    {"2031-03-03", "9:00", "2031-03-03T09:00:00Z"},
	};
	const struct sk_wall unclear = {"03/04/2031", "09:00"}, none = {"2031-03-03", NULL};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sk_wall wall = {cases[i].date, cases[i].time};
		int64_t moment = 0;

		sk_time_parse(cases[i].moment, &moment);
		is_int(sk_wall_moment(&wall), moment, cases[i].moment);
	}
	is_int(sk_wall_moment(&unclear), 0, "of two days none is taken");
	is_int(sk_wall_moment(&none), 0, "nor is a time made up");
}

int
main(void)
{
	test_days();
	test_times();
	test_one_text();
	test_moments();
	return done_testing();
}
