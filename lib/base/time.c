/* SPDX-License-Identifier: MIT */
/*
 * time: reads clocks, writes and reads moments and durations. A text that isn't exactly in the
 * expected form is refused; nothing is guessed.
 */
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#define LONGEST (3650 * SK_DAY)

/* The moments whose year has four digits: 0000-01-01 to the last millisecond of 9999. */
#define FIRST_MOMENT INT64_C(-62167219200000)
#define LAST_MOMENT INT64_C(253402300799999)

static int64_t
read_clock(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) != 0)
		return 0;
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The server's time less sk_time_boot(), as far as this process knows. */
static struct {
	bool is_set;
	int64_t offset;
} server;

void
sk_time_set_server(int64_t offset)
{
	server.offset = offset;
	server.is_set = true;
}

int64_t
sk_time_at(int64_t boot)
{
	return server.is_set ? boot + server.offset : boot + (sk_time_machine() - sk_time_boot());
}

int64_t
sk_time_now(void)
{
	return server.is_set ? sk_time_boot() + server.offset : sk_time_machine();
}

int64_t
sk_time_machine(void)
{
	return read_clock(CLOCK_REALTIME);
}

void
sk_time_nap(int64_t milliseconds)
{
	const struct timespec nap = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};

	nanosleep(&nap, NULL);
}

int64_t
sk_time_monotonic(void)
{
#ifdef CLOCK_UPTIME_RAW
	/* The CLOCK_MONOTONIC of macOS goes on while the machine sleeps. */
	return read_clock(CLOCK_UPTIME_RAW);
#else
	return read_clock(CLOCK_MONOTONIC);
#endif
}

int64_t
sk_time_boot(void)
{
#ifdef CLOCK_BOOTTIME
	return read_clock(CLOCK_BOOTTIME);
#else
	return read_clock(CLOCK_MONOTONIC);
#endif
}

/*
 * Writes value in n digits, with leading zeros. Not by printf, whose output has no fixed length for
 * the compiler.
 */
static char *
put_digits(char *at, int value, int n)
{
	for (int i = n - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + n;
}

/* Fills the UTC calendar of a moment; returns the milliseconds within its second. */
static int
break_down(int64_t moment, struct tm *calendar)
{
	int64_t seconds;
	int within;
	time_t when;

	if (moment < FIRST_MOMENT)
		moment = FIRST_MOMENT;
	if (moment > LAST_MOMENT)
		moment = LAST_MOMENT;
	seconds = moment / 1000;
	within = (int)(moment % 1000);
	if (within < 0) {
		within += 1000;
		seconds--;
	}
	when = (time_t)seconds;
	memset(calendar, 0, sizeof(*calendar));
	gmtime_r(&when, calendar);
	return within;
}

static char *
put_day(char *at, const struct tm *calendar)
{
	at = put_digits(at, calendar->tm_year + 1900, 4);
	*at++ = '-';
	at = put_digits(at, calendar->tm_mon + 1, 2);
	*at++ = '-';
	return put_digits(at, calendar->tm_mday, 2);
}

char *
sk_time_format(int64_t moment, char text[SK_TIME_TEXT])
{
	struct tm calendar;
	char *at;
	int within;

	if (moment == 0) {
		text[0] = '\0';
		return text;
	}
	within = break_down(moment, &calendar);
	at = put_day(text, &calendar);
	*at++ = 'T';
	at = put_digits(at, calendar.tm_hour, 2);
	*at++ = ':';
	at = put_digits(at, calendar.tm_min, 2);
	*at++ = ':';
	at = put_digits(at, calendar.tm_sec, 2);
	*at++ = '.';
	at = put_digits(at, within, 3);
	*at++ = 'Z';
	*at = '\0';
	return text;
}

char *
sk_time_day(int64_t moment, char text[SK_TIME_DAY])
{
	struct tm calendar;

	break_down(moment, &calendar);
	*put_day(text, &calendar) = '\0';
	return text;
}

/* Reads exactly n digits and moves *at behind them; otherwise -1, and *at is unchanged. */
static int
take_digits(const char **at, int n, int *value)
{
	int sum = 0;

	for (int i = 0; i < n; i++) {
		char c = (*at)[i];

		if (c < '0' || c > '9')
			return -1;
		sum = sum * 10 + (c - '0');
	}
	*at += n;
	*value = sum;
	return 0;
}

static int
take_char(const char **at, char c)
{
	if (**at != c)
		return -1;
	(*at)++;
	return 0;
}

/* Reads "15:30:00". */
static int
take_clock(const char **at, struct tm *calendar)
{
	if (take_digits(at, 2, &calendar->tm_hour) != 0 || take_char(at, ':') != 0 ||
	    take_digits(at, 2, &calendar->tm_min) != 0 || take_char(at, ':') != 0)
		return -1;
	return take_digits(at, 2, &calendar->tm_sec);
}

/*
 * Returns -1 for a day or an hour that doesn't exist: timegm would silently turn it into a later
 * one.
 */
static int
put_together(const struct tm *calendar, int64_t *moment)
{
	struct tm counted = *calendar;
	time_t when;

	if (calendar->tm_hour > 23 || calendar->tm_min > 59 || calendar->tm_sec > 59)
		return -1;
	when = timegm(&counted);
	if (counted.tm_year != calendar->tm_year || counted.tm_mon != calendar->tm_mon ||
	    counted.tm_mday != calendar->tm_mday)
		return -1;
	*moment = (int64_t)when * 1000;
	return 0;
}

int
sk_time_parse(const char *text, int64_t *moment)
{
	struct tm calendar;
	int64_t whole;
	int year, month, within = 0;

	memset(&calendar, 0, sizeof(calendar));
	if (take_digits(&text, 4, &year) != 0 || take_char(&text, '-') != 0 ||
	    take_digits(&text, 2, &month) != 0 || take_char(&text, '-') != 0 ||
	    take_digits(&text, 2, &calendar.tm_mday) != 0 || take_char(&text, 'T') != 0 ||
	    take_clock(&text, &calendar) != 0)
		return -1;
	if (*text == '.') {
		text++;
		if (take_digits(&text, 3, &within) != 0)
			return -1;
	}
	if (strcmp(text, "Z") != 0)
		return -1;
	calendar.tm_year = year - 1900;
	calendar.tm_mon = month - 1;
	if (put_together(&calendar, &whole) != 0)
		return -1;
	*moment = whole + within;
	return 0;
}

int
sk_time_duration(const char *text, int64_t *duration)
{
	int64_t unit = SK_SECOND, count = 0;

	if (*text < '0' || *text > '9')
		return -1;
	for (; *text >= '0' && *text <= '9'; text++) {
		count = count * 10 + (*text - '0');
		if (count > LONGEST / SK_SECOND)
			return -1;
	}
	if (*text != '\0') {
		switch (*text++) {
		case 's':
			break;
		case 'm':
			unit = SK_MINUTE;
			break;
		case 'h':
			unit = SK_HOUR;
			break;
		case 'd':
			unit = SK_DAY;
			break;
		default:
			return -1;
		}
	}
	if (*text != '\0' || count > LONGEST / unit)
		return -1;
	*duration = count * unit;
	return 0;
}

static int
take_month(const char **at, int *month)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++) {
		if (strncasecmp(*at, names + 3 * i, 3) == 0) {
			*at += 3;
			*month = i;
			return 0;
		}
	}
	return -1;
}

/*
 * Reads the part behind the weekday, in the forms with GMT: "06 Nov 1994 08:49:37 GMT", "06-Nov-94
 * 08:49:37 GMT".
 */
static int
take_dated(const char **at, struct tm *calendar)
{
	char between;
	int year;

	if (take_digits(at, 2, &calendar->tm_mday) != 0)
		return -1;
	between = **at;
	if ((between != ' ' && between != '-') || take_char(at, between) != 0 ||
	    take_month(at, &calendar->tm_mon) != 0 || take_char(at, between) != 0)
		return -1;
	if (take_digits(at, 4, &year) != 0) {
		char today[SK_TIME_DAY];
		const char *digits = sk_time_day(sk_time_now(), today);
		int this_year = 0;

		if (take_digits(at, 2, &year) != 0 || take_digits(&digits, 4, &this_year) != 0)
			return -1;
		/* RFC 9110: a year that seems more than 50 years ahead was in the last century. */
		year += this_year / 100 * 100;
		if (year > this_year + 50)
			year -= 100;
	}
	calendar->tm_year = year - 1900;
	if (take_char(at, ' ') != 0 || take_clock(at, calendar) != 0 || take_char(at, ' ') != 0)
		return -1;
	if (strncmp(*at, "GMT", 3) != 0 && strncmp(*at, "UTC", 3) != 0)
		return -1;
	*at += 3;
	return 0;
}

/* Reads asctime's form behind the weekday: "Nov 6 08:49:37 1994". */
static int
take_asctime(const char **at, struct tm *calendar)
{
	int year;

	if (take_month(at, &calendar->tm_mon) != 0 || take_char(at, ' ') != 0)
		return -1;
	if (**at == ' ') {
		(*at)++;
		if (take_digits(at, 1, &calendar->tm_mday) != 0)
			return -1;
	} else if (take_digits(at, 2, &calendar->tm_mday) != 0) {
		return -1;
	}
	if (take_char(at, ' ') != 0 || take_clock(at, calendar) != 0 || take_char(at, ' ') != 0 ||
	    take_digits(at, 4, &year) != 0)
		return -1;
	calendar->tm_year = year - 1900;
	return 0;
}

int
sk_time_http_date(const char *text, int64_t *moment)
{
	struct tm calendar;
	size_t weekday;
	int result;

	memset(&calendar, 0, sizeof(calendar));
	text += strspn(text, " \t");
	weekday = strspn(text, "ADFHIMNORSTUWEadehinorstuwyf");
	if (weekday < 3)
		return -1;
	text += weekday;
	if (*text == ',') {
		text++;
		result = take_char(&text, ' ') != 0 ? -1 : take_dated(&text, &calendar);
	} else {
		result = take_char(&text, ' ') != 0 ? -1 : take_asctime(&text, &calendar);
	}
	if (result != 0 || text[strspn(text, " \t\r\n")] != '\0')
		return -1;
	if (calendar.tm_sec == 60) /* a leap second, which our milliseconds can't express */
		calendar.tm_sec = 59;
	return put_together(&calendar, moment);
}

/* Rounds down: no duration is shown longer than it was, and a limit shown as passed has passed. */
static void
put_tenths(int64_t duration, int64_t unit, const char *name, char text[SK_TIME_WORDS])
{
	int64_t tenths = duration / (unit / 10);

	if (tenths % 10 == 0 || tenths >= 1000)
		snprintf(text, SK_TIME_WORDS, "%lld %s", (long long)(tenths / 10), name);
	else
		snprintf(text, SK_TIME_WORDS, "%lld.%d %s", (long long)(tenths / 10),
		    (int)(tenths % 10), name);
}

char *
sk_time_words(int64_t duration, char text[SK_TIME_WORDS])
{
	if (duration < 0)
		duration = 0;
	if (duration < 2 * SK_MINUTE)
		snprintf(text, SK_TIME_WORDS, "%lld s", (long long)(duration / SK_SECOND));
	else if (duration < 2 * SK_HOUR)
		snprintf(text, SK_TIME_WORDS, "%lld min", (long long)(duration / SK_MINUTE));
	else if (duration < 2 * SK_DAY)
		put_tenths(duration, SK_HOUR, "h", text);
	else
		put_tenths(duration, SK_DAY, "d", text);
	return text;
}

static uint64_t
random_bits(void)
{
	uint64_t bits;

	if (getentropy(&bits, sizeof(bits)) == 0)
		return bits;
	/*
	 * getrandom can fail on an old kernel or in a sandbox. Jitter only needs processes to
	 * differ; it needn't be unguessable.
	 */
	bits = (uint64_t)sk_time_machine() ^ (uint64_t)sk_time_monotonic() << 20 ^
	    (uint64_t)getpid() << 40;
	return bits * UINT64_C(0x9E3779B97F4A7C15);
}

/* The same bits for the same seed, and others for the next one (the last steps of splitmix64). */
static uint64_t
scattered(uint64_t seed)
{
	seed = (seed ^ seed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	seed = (seed ^ seed >> 27) * UINT64_C(0x94D049BB133111EB);
	return seed ^ seed >> 31;
}

int64_t
sk_time_jitter_of(int64_t id, int64_t since, int64_t most)
{
	if (most <= 0)
		return 0;
	return (int64_t)(scattered(scattered((uint64_t)id + 1) + (uint64_t)since) %
	    ((uint64_t)most + 1));
}

int64_t
sk_time_jitter(int64_t most)
{
	uint64_t range, limit, bits;

	if (most <= 0)
		return 0;
	range = (uint64_t)most + 1;
	/* Numbers above the last whole multiple of range would make small results more likely. */
	limit = UINT64_MAX - UINT64_MAX % range;
	do {
		bits = random_bits();
	} while (bits >= limit);
	return (int64_t)(bits % range);
}
