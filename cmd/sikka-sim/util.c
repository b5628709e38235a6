/* SPDX-License-Identifier: MIT */
/*
 * Memory, growing text, time, random numbers, JSON members. When memory runs out the simulator
 * ends.
 */
#ifndef _GNU_SOURCE /* vasprintf, strcasestr, POLLRDHUP */
#define _GNU_SOURCE
#endif
#include "util.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static void *
must(void *p)
{
	static const char say[] = "sikka-sim: out of memory\n";

	if (p == NULL) {
		if (write(STDERR_FILENO, say, sizeof(say) - 1) < 0)
			_exit(EX_OSERR);
		_exit(EX_OSERR);
	}
	return p;
}

static void *
allocate(size_t size)
{
	return must(malloc(size ? size : 1));
}

void
x_json(void)
{
	json_set_alloc_funcs(allocate, free);
}

void *
x_new(size_t size)
{
	return must(calloc(1, size ? size : 1));
}

void *
x_grow(void *old, size_t size)
{
	return must(realloc(old, size ? size : 1));
}

char *
x_dup(const char *s)
{
	return must(strdup(s));
}

char *
x_printf(const char *format, ...)
{
	va_list ap;
	char *s = NULL;

	va_start(ap, format);
	if (vasprintf(&s, format, ap) < 0)
		s = NULL;
	va_end(ap);
	return must(s);
}

void
text_add(struct text *t, const char *s, size_t length)
{
	if (t->length + length + 1 > t->room) {
		t->room = (t->length + length + 1) * 2;
		t->s = x_grow(t->s, t->room);
	}
	if (length > 0)
		memcpy(t->s + t->length, s, length);
	t->length += length;
	t->s[t->length] = '\0';
}

void
text_addf(struct text *t, const char *format, ...)
{
	va_list ap;
	char *s = NULL;
	int n;

	va_start(ap, format);
	n = vasprintf(&s, format, ap);
	va_end(ap);
	must(n < 0 ? NULL : s);
	text_add(t, s, (size_t)n);
	free(s);
}

void
text_add_escaped(struct text *t, const char *s)
{
	for (; *s != '\0'; s++)
		if (isalnum((unsigned char)*s) || strchr("-._~", *s))
			text_add(t, s, 1);
		else
			text_addf(t, "%%%02X", (unsigned char)*s);
}

/* splitmix64: three lines, no state but a counter; good enough for delays and invented keys. */
uint64_t
random_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void
random_hex(uint64_t *state, char out[33])
{
	uint64_t high = random_next(state), low = random_next(state);

	snprintf(out, 33, "%016llx%016llx", (unsigned long long)high, (unsigned long long)low);
}

static void
broken_down(int64_t ms, struct tm *tm)
{
	time_t t = (time_t)(ms / 1000);

	memset(tm, 0, sizeof(*tm));
	gmtime_r(&t, tm);
}

void
time_text(char out[TIME_TEXT], int64_t ms, char separator)
{
	struct tm tm;

	broken_down(ms, &tm);
	strftime(out, TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	out[10] = separator;
}

void
time_http(char out[TIME_TEXT], int64_t ms)
{
	struct tm tm;

	broken_down(ms, &tm);
	strftime(out, TIME_TEXT, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

bool
day_parse(const char *s, int64_t *days)
{
	struct tm tm = {0}, back;
	time_t t;

	if (strlen(s) != 10 || s[4] != '-' || s[7] != '-' || strncmp(s, "0000", 4) == 0)
		return false;
	for (int i = 0; i < 10; i++)
		if (i != 4 && i != 7 && !isdigit((unsigned char)s[i]))
			return false;
	tm.tm_year = atoi(s) - 1900;
	tm.tm_mon = atoi(s + 5) - 1;
	tm.tm_mday = atoi(s + 8);
	t = timegm(&tm);
	/*
	 * timegm turns the 30th of February into a day in March: if the day comes back changed, it
	 * doesn't exist.
	 */
	gmtime_r(&t, &back);
	if (back.tm_mon != atoi(s + 5) - 1 || back.tm_mday != atoi(s + 8) ||
	    back.tm_year != atoi(s) - 1900)
		return false;
	*days = (int64_t)t / 86400;
	return true;
}

void
day_text(char out[TIME_TEXT], int64_t days)
{
	time_text(out, days * 86400 * 1000, 'T');
	out[10] = '\0';
}

bool
number_parse(const char *s, long low, long high, long *out)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	n = strtol(s, &end, 10);
	if (errno != 0 || *end != '\0' || n < low || n > high)
		return false;
	*out = n;
	return true;
}

bool
seconds_parse(const char *s, int64_t *ms)
{
	char *end;
	double d;

	if (!isdigit((unsigned char)*s) && *s != '.')
		return false;
	d = strtod(s, &end);
	if (*end != '\0' || end == s || !(d >= 0 && d < 1e10))
		return false;
	*ms = (int64_t)(d * 1000 + 0.5);
	return true;
}

bool
seconds_signed(const char *s, int64_t *ms)
{
	bool negative = *s == '-';

	if (!seconds_parse(s + (negative || *s == '+'), ms))
		return false;
	if (negative)
		*ms = -*ms;
	return true;
}

bool
zone_parse(const char *s, int64_t *ms)
{
	int hours, minutes;

	if (strlen(s) != 6 || (*s != '+' && *s != '-') || s[3] != ':' ||
	    strspn(s + 1, "0123456789") != 2 || strspn(s + 4, "0123456789") != 2)
		return false;
	hours = atoi(s + 1);
	minutes = atoi(s + 4);
	if (hours > 14 || minutes > 59)
		return false;
	*ms = (int64_t)(hours * 60 + minutes) * 60000;
	if (*s == '-')
		*ms = -*ms;
	return true;
}

bool
list_has(const char *list, const char *name)
{
	size_t n = strlen(name), width;

	for (const char *p = list; p != NULL && *p != '\0'; p += width + (p[width] == ',')) {
		width = strcspn(p, ",");
		if (width == n && strncasecmp(p, name, n) == 0)
			return true;
	}
	return false;
}

const char *
json_text(const json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));

	return s != NULL ? s : "";
}

void
json_put(json_t *object, const char *name, const char *value)
{
	/*
	 * A header or a URL may hold bytes that aren't UTF-8: then the text is replaced by a
	 * question mark.
	 */
	if (json_object_set_new(object, name, json_string(value)) != 0)
		json_object_set_new(object, name, json_string("?"));
}

void
json_putf(json_t *object, const char *name, const char *format, ...)
{
	va_list ap;
	char *s = NULL;

	va_start(ap, format);
	if (vasprintf(&s, format, ap) < 0)
		s = NULL;
	va_end(ap);
	json_put(object, name, must(s));
	free(s);
}

void
json_count(json_t *object, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(object, name));

	json_object_set_new(object, name, json_integer(n + 1));
}
