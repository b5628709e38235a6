/* SPDX-License-Identifier: MIT */
/*
 * wall: reads days and times of day in their usual forms, and compares them. What isn't of such a form
 * is unclear; nothing here fails.
 */
#include "base/wall.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/time.h"

#define MOST_NUMBERS 3 /* of a day */
#define HALF_A_DAY (12 * 60)
#define CENTURY 2000 /* of a year in two digits */

/* Digits in a row. */
struct number {
	long value;
	int n; /* digits */
};

static struct number
take_number(const char **at)
{
	struct number number = {0, 0};

	while (isdigit((unsigned char)**at) && number.n < 9) {
		number.value = number.value * 10 + (**at - '0');
		number.n++;
		(*at)++;
	}
	return number;
}

static const char *
skip_blanks(const char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

/*
 * Where the time begins in a text that may hold a day as well: at the number before the first colon, or
 * behind a T between digits. NULL: there is none.
 */
static const char *
time_in(const char *text)
{
	const char *colon = strchr(text, ':'), *at;

	if (colon != NULL) {
		for (at = colon; at > text && isdigit((unsigned char)at[-1]); at--)
			;
		return at < colon ? at : NULL;
	}
	for (at = text; *at != '\0'; at++)
		if ((*at == 'T' || *at == 't') && at > text && isdigit((unsigned char)at[-1]) &&
		    isdigit((unsigned char)at[1]))
			return at + 1;
	return NULL;
}

/* --- days -------------------------------------------------------------------------------------- */

/* The numbers of a day, and the month where it is a word. */
struct parts {
	struct number numbers[MOST_NUMBERS];
	int n;
	int month; /* 0: it is a number */
};

/* Adds a day to the readings where there is one of that date. */
static size_t
add_day(long year, long month, long day, int64_t days[SK_WALL_DAYS], size_t n)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	long from_march = month > 2 ? month - 3 : month + 9, shifted = month > 2 ? year : year - 1;
	int64_t found;

	if (year < 1000 || year > 2999 || month < 1 || month > 12 || day < 1 ||
	    day > lengths[month - 1] + (month == 2 && is_leap))
		return n;
	/* Years that begin in March have their leap day at the end. 719468: from 0000-03-01 to 1970. */
	found = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 +
	    (153 * from_march + 2) / 5 + day - 1 - 719468;
	for (size_t i = 0; i < n; i++)
		if (days[i] == found)
			return n;
	days[n] = found;
	return n + 1;
}

static long
year_of(const struct number *number)
{
	return number->n <= 2 ? CENTURY + number->value : number->value;
}

/* The month that a word names by its first letters, three or more; 0: none. */
static int
month_of(const char *word, size_t n)
{
	static const char *const months[] = {"january", "february", "march", "april", "may", "june",
	    "july", "august", "september", "october", "november", "december"};

	for (int i = 0; i < 12 && n >= 3; i++)
		if (n <= strlen(months[i]) && strncasecmp(word, months[i], n) == 0)
			return i + 1;
	return 0;
}

/* A word that says nothing of which day it is: a day of the week, or the end of "3rd". */
static bool
is_filler(const char *word, size_t n)
{
	static const char *const fillers[] = {"sunday", "monday", "tuesday", "wednesday",
	    "thursday", "friday", "saturday"};

	if (n == 2 &&
	    (strncasecmp(word, "st", 2) == 0 || strncasecmp(word, "nd", 2) == 0 ||
		strncasecmp(word, "rd", 2) == 0 || strncasecmp(word, "th", 2) == 0 ||
		strncasecmp(word, "of", 2) == 0))
		return true;
	for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++)
		if (n >= 2 && n <= strlen(fillers[i]) && strncasecmp(word, fillers[i], n) == 0)
			return true;
	return false;
}

static bool
take_word(const char **at, struct parts *parts)
{
	const char *word = *at;
	size_t n = 0;
	int month;

	while (isalpha((unsigned char)word[n]))
		n++;
	*at += n;
	month = month_of(word, n);
	if (month == 0 || parts->month != 0)
		return month == 0 && is_filler(word, n);
	parts->month = month;
	return true;
}

/* Splits [at, end) into numbers and words. false: there is something else in it. */
static bool
split(const char *at, const char *end, struct parts *parts)
{
	memset(parts, 0, sizeof(*parts));
	while (at < end) {
		if (isdigit((unsigned char)*at)) {
			if (parts->n == MOST_NUMBERS)
				return false;
			parts->numbers[parts->n++] = take_number(&at);
		} else if (isalpha((unsigned char)*at)) {
			if (!take_word(&at, parts))
				return false;
		} else if (isspace((unsigned char)*at) || strchr(",./-'", *at) != NULL) {
			at++;
		} else {
			return false;
		}
	}
	return true;
}

/* "20310303": with the year first or last. */
static size_t
read_run(long run, int64_t days[SK_WALL_DAYS])
{
	size_t n = add_day(run / 10000, run / 100 % 100, run % 100, days, 0);

	if (n > 0)
		return n;
	n = add_day(run % 10000, run / 1000000, run / 10000 % 100, days, n);
	return add_day(run % 10000, run / 10000 % 100, run / 1000000, days, n);
}

size_t
sk_wall_days(const char *text, int64_t days[SK_WALL_DAYS])
{
	const char *end = text != NULL ? time_in(text) : NULL;
	const struct number *at;
	struct parts parts;
	size_t n;

	if (text == NULL)
		return 0;
	if (end == NULL)
		end = text + strlen(text);
	else if (end > text && (end[-1] == 'T' || end[-1] == 't'))
		end--;
	if (!split(text, end, &parts))
		return 0;
	at = parts.numbers;
	if (parts.month != 0 && parts.n == 2)
		return at[0].n > 2 ? add_day(at[0].value, parts.month, at[1].value, days, 0)
				   : add_day(year_of(&at[1]), parts.month, at[0].value, days, 0);
	if (parts.month == 0 && parts.n == 1 && at[0].n == 8)
		return read_run(at[0].value, days);
	if (parts.month != 0 || parts.n != 3)
		return 0;
	if (at[0].n > 2)
		return add_day(at[0].value, at[1].value, at[2].value, days, 0);
	n = add_day(year_of(&at[2]), at[0].value, at[1].value, days, 0);
	n = add_day(year_of(&at[2]), at[1].value, at[0].value, days, n);
	return at[2].n > 2 ? n : add_day(year_of(&at[0]), at[1].value, at[2].value, days, n);
}

/* --- times of day ------------------------------------------------------------------------------ */

struct clock {
	long hour;
	long minute;
	bool is_short;   /* its hour has one digit: a clock of twelve hours may write so */
	bool has_minute; /* or an hour alone */
};

/* "0900", "900", "090000"; five digits may also be seconds since midnight */
static bool
read_clock_run(const struct number *run, struct clock *clock)
{
	long value = run->n > 4 ? run->value / 100 : run->value;

	*clock = (struct clock){value / 100, value % 100, run->n % 2 != 0, true};
	return run->n <= 4 || run->n == 6;
}

/* "09:00:00.000", "9.00", "9h00", "9" */
static bool
take_clock(const char **at, struct clock *clock)
{
	struct number number = take_number(at);

	if (number.n >= 3)
		return read_clock_run(&number, clock);
	*clock = (struct clock){number.value, 0, number.n == 1, false};
	for (int i = 0; i < 3 && **at != '\0' && strchr(":.hH", **at) != NULL; i++) {
		struct number next;

		if (!isdigit((unsigned char)(*at)[1]))
			break;
		(*at)++;
		next = take_number(at);
		if (i == 0)
			clock->minute = next.value;
		clock->has_minute = true;
	}
	return number.n > 0;
}

/* "AM", "p.m.", "a": 'a' or 'p'; 0: there is none, and *at stays. */
static char
take_half(const char **at)
{
	const char *from = skip_blanks(*at);
	char half = (char)tolower((unsigned char)*from);

	if (half != 'a' && half != 'p')
		return 0;
	from++;
	from += *from == '.';
	from += *from == 'm' || *from == 'M';
	from += *from == '.';
	if (isalnum((unsigned char)*from))
		return 0;
	*at = from;
	return half;
}

/*
 * What follows a time. A time that has an offset is the practice's as it is written; one that is UTC may
 * be so by name only.
 */
static bool
has_clear_end(const char *at)
{
	at = skip_blanks(at);
	if (*at == '\0')
		return true;
	if (*at != '+' && *at != '-')
		return false;
	at++;
	return at[strspn(at, "0123456789:")] == '\0' && strpbrk(at, "123456789") != NULL;
}

size_t
sk_wall_times(const char *text, int minutes[SK_WALL_TIMES])
{
	const char *at = text != NULL ? time_in(text) : NULL;
	struct clock clock;
	char half;

	if (text == NULL)
		return 0;
	at = skip_blanks(at != NULL ? at : text);
	if (!take_clock(&at, &clock) || clock.hour > 23 || clock.minute > 59)
		return 0;
	half = take_half(&at);
	if (!has_clear_end(at) || (half == 0 && !clock.has_minute))
		return 0;
	if (half != 0 && clock.hour == 12)
		clock.hour = 0;
	minutes[0] = (int)(clock.hour * 60 + clock.minute);
	if (half == 'p' && clock.hour < 12)
		minutes[0] += HALF_A_DAY;
	minutes[1] = minutes[0] + HALF_A_DAY;
	return half == 0 && clock.is_short ? 2 : 1;
}

/* --- both -------------------------------------------------------------------------------------- */

/* The readings of a day and a time. */
struct readings {
	int64_t days[SK_WALL_DAYS];
	size_t n_days;
	int minutes[SK_WALL_TIMES];
	size_t n_times;
};

/* Each of them in its own text or, where that one is missing, in the other one. */
static void
read_both(const struct sk_wall *wall, struct readings *readings)
{
	const char *date = wall->date != NULL ? wall->date : wall->time;
	const char *time = wall->time;

	if (time == NULL && wall->date != NULL)
		time = time_in(wall->date);
	readings->n_days = sk_wall_days(date, readings->days);
	readings->n_times = sk_wall_times(time, readings->minutes);
}

/* What two sets of readings say, of which n_equal pairs are equal. */
static enum sk_wall_same
judge(size_t n_a, size_t n_b, size_t n_equal)
{
	if (n_a == 0 || n_b == 0)
		return SK_WALL_UNCLEAR;
	if (n_equal == 0)
		return SK_WALL_OTHER;
	return n_a == 1 && n_b == 1 ? SK_WALL_SAME : SK_WALL_UNCLEAR;
}

enum sk_wall_same
sk_wall_compare(const struct sk_wall *a, const struct sk_wall *b)
{
	struct readings one, other;
	size_t equal_days = 0, equal_times = 0;
	enum sk_wall_same day, time;

	read_both(a, &one);
	read_both(b, &other);
	for (size_t i = 0; i < one.n_days; i++)
		for (size_t k = 0; k < other.n_days; k++)
			equal_days += one.days[i] == other.days[k];
	for (size_t i = 0; i < one.n_times; i++)
		for (size_t k = 0; k < other.n_times; k++)
			equal_times += one.minutes[i] == other.minutes[k];
	day = judge(one.n_days, other.n_days, equal_days);
	time = judge(one.n_times, other.n_times, equal_times);
	if (day == SK_WALL_OTHER || time == SK_WALL_OTHER)
		return SK_WALL_OTHER;
	return day == SK_WALL_SAME && time == SK_WALL_SAME ? SK_WALL_SAME : SK_WALL_UNCLEAR;
}

int64_t
sk_wall_moment(const struct sk_wall *wall)
{
	struct readings readings;

	read_both(wall, &readings);
	if (readings.n_days != 1 || readings.n_times == 0)
		return 0;
	return readings.days[0] * SK_DAY + readings.minutes[0] * SK_MINUTE;
}
