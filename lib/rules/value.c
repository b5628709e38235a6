/* SPDX-License-Identifier: MIT */
/*
 * rules: pure functions over single values: formats, lengths, lists, amounts, charts.
 */
#include "rules/value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/time.h"
#include "base/wall.h"
#include "rules/pms.h"

#define MOST_TEETH 32
#define SITES_OF_A_TOOTH 6
#define LEAST_PHONE_DIGITS 7

static const struct {
	const char *name;
	const char *wanted;
} formats[] = {
    [SK_VALUE_TEXT] = {"text", "a text"},
    [SK_VALUE_DATE] = {"date", "yyyy-mm-dd, a real calendar day"},
    [SK_VALUE_PAST_DATE] = {"past-date", "yyyy-mm-dd, a real calendar day, not after today"},
    [SK_VALUE_TIME] = {"time", "HH:MM, 00:00 to 23:59"},
    [SK_VALUE_INTEGER] = {"integer", "a whole number, digits only"},
    [SK_VALUE_BOOLEAN] = {"boolean", "true or false"},
    [SK_VALUE_AMOUNTS] = {"amount-list",
	"a decimal number such as 12.50, or several with | between"},
    [SK_VALUE_AMOUNTS_OR_BLANK] = {"amount-list-or-blank",
	"a decimal number such as 12.50, or several with | between, or blanks"},
    [SK_VALUE_LIST] = {"pipe-list", "one or several values with | between"},
    [SK_VALUE_EMAIL] = {"email", "an address with one @, a dot behind it, and no blanks"},
    [SK_VALUE_PHONE] = {"phone", "at least 7 digits, and only blanks and + - ( ) . x besides"},
    [SK_VALUE_DIGITS] = {"digits", "digits only"},
    [SK_VALUE_BASE64] = {"base64", "base64, padded and without line breaks"},
    [SK_VALUE_TOOTH_NUMBERS] = {"tooth-numbers", "1 to 32, several with $ between"},
    [SK_VALUE_TEETH] = {"teeth", "a value for each tooth of tooth_number, with $ between"},
    [SK_VALUE_SITES] = {"per-tooth",
	"six values with | between for each tooth of tooth_number, $ between teeth"},
};

#define N_FORMATS (sizeof(formats) / sizeof(formats[0]))

const char *
sk_value_wanted(enum sk_value_format format)
{
	return formats[format].wanted;
}

enum sk_value_format
sk_value_format_of(const char *name)
{
	for (size_t i = 0; i < N_FORMATS; i++) {
		if (strcmp(formats[i].name, name) == 0)
			return (enum sk_value_format)i;
	}
	return SK_VALUE_TEXT;
}

/* --- texts ------------------------------------------------------------------------------------ */

size_t
sk_value_digits(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text >= '0' && *text <= '9';
	return n;
}

bool
sk_value_has_digits(const char *text, size_t n)
{
	const char *extension = strrchr(text, '-');
	size_t behind = extension != NULL ? sk_value_digits(extension) : 0;
	size_t all = sk_value_digits(text);

	return all == n || all - behind == n;
}

bool
sk_value_is_blank(const char *text, size_t length)
{
	return strspn(text, " \t\r\n") >= length;
}

bool
sk_value_has_control(const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		size_t n = sk_utf8_length(text, left);

		n = n > 0 ? n : 1;
		if (sk_utf8_is_control(text, n))
			return true;
		text += n;
		left -= n;
	}
	return false;
}

static bool
are_all(const char *text, size_t length, const char *of)
{
	return length > 0 && strspn(text, of) >= length;
}

/* --- lists ------------------------------------------------------------------------------------ */

size_t
sk_value_count(const char *text, char separator)
{
	size_t n = 1;

	for (; *text != '\0'; text++)
		n += *text == separator;
	return n;
}

bool
sk_value_next(const char **at, char separator, const char **part, size_t *length)
{
	const char *end;

	if (*at == NULL)
		return false;
	end = strchr(*at, separator);
	*part = *at;
	*length = end != NULL ? (size_t)(end - *at) : strlen(*at);
	*at = end != NULL ? end + 1 : NULL;
	return true;
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* The number that n digits are; -1 when one of them isn't a digit. */
static int
digits(const char *text, size_t n)
{
	int number = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

/* A number with more digits than a long has is above every minimum. */
bool
sk_value_is_at_least(const char *text, long min)
{
	return strtol(text, NULL, 10) >= min;
}

/* Reads [-]digits[.digits]. */
int
sk_value_sign(const char *amount, size_t length)
{
	const char *at = amount, *end = amount + length;
	int is_negative = length > 0 && *at == '-', is_zero = 1, seen = 0;

	at += is_negative;
	for (; at < end; at++) {
		if (*at == '.' && seen == 1) {
			seen = 2;
			continue;
		}
		if (*at < '0' || *at > '9')
			return 2;
		is_zero &= *at == '0';
		seen = seen >= 2 ? 3 : 1;
	}
	if (seen != 1 && seen != 3)
		return 2;
	if (is_zero)
		return 0;
	return is_negative ? -1 : 1;
}

bool
sk_value_is_whole(const char *amount, size_t length)
{
	return sk_value_sign(amount, length) != 2 && memchr(amount, '.', length) == NULL;
}

static bool
are_amounts(const char *text, int or_blank)
{
	const char *part;
	size_t length;

	while (sk_value_next(&text, '|', &part, &length)) {
		if (sk_value_sign(part, length) == 2 &&
		    !(or_blank && sk_value_is_blank(part, length)))
			return false;
	}
	return true;
}

/* --- formats ---------------------------------------------------------------------------------- */

static bool
is_date(const char *text)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day, leap;

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
		return false;
	year = digits(text, 4);
	month = digits(text + 5, 2);
	day = digits(text + 8, 2);
	if (year < 1 || month < 1 || month > 12 || day < 1)
		return false;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return day <= days[month - 1] + (month == 2 && leap);
}

/* A practice where days begin first may already have a date that is still tomorrow elsewhere. */
bool
sk_value_is_past(const char *date, int64_t now)
{
	char today[SK_TIME_DAY];

	return strcmp(date, sk_time_day(now + SK_TIME_EASTERNMOST, today)) <= 0;
}

bool
sk_value_is_over(const char *date, const char *time, int64_t now, struct sk_zone zone)
{
	const struct sk_wall start = {date, time != NULL ? time : "23:59"};
	int64_t moment = sk_wall_moment(&start);

	return moment != 0 && sk_zone_latest(zone, moment) < now;
}

static bool
is_time(const char *text)
{
	int hour, minute;

	if (strlen(text) != 5 || text[2] != ':')
		return false;
	hour = digits(text, 2);
	minute = digits(text + 3, 2);
	return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
}

static bool
is_email(const char *text)
{
	const char *at = strchr(text, '@');

	return at != NULL && strchr(at + 1, '@') == NULL && strchr(at, '.') != NULL &&
	    text[strcspn(text, " \t\r\n")] == '\0';
}

static bool
is_phone(const char *text)
{
	return text[strspn(text, "0123456789 \t+-().x")] == '\0' &&
	    sk_value_digits(text) >= LEAST_PHONE_DIGITS;
}

static bool
is_base64(const char *text)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = strspn(text, alphabet), padding = strspn(text + n, "=");

	return text[n + padding] == '\0' && padding <= 2 && (n + padding) % 4 == 0 && n > 0;
}

static bool
are_tooth_numbers(const char *text)
{
	const char *part;
	size_t length;

	while (sk_value_next(&text, '$', &part, &length)) {
		int number = length <= 4 ? digits(part, length) : -1;

		if (number < 1 || number > MOST_TEETH)
			return false;
	}
	return true;
}

bool
sk_value_is(enum sk_value_format format, const char *text)
{
	switch (format) {
	case SK_VALUE_DATE:
		return is_date(text);
	case SK_VALUE_PAST_DATE:
		return is_date(text) && sk_value_is_past(text, sk_time_now());
	case SK_VALUE_TIME:
		return is_time(text);
	case SK_VALUE_BOOLEAN:
		return strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0;
	case SK_VALUE_AMOUNTS:
	case SK_VALUE_AMOUNTS_OR_BLANK:
		return are_amounts(text, format == SK_VALUE_AMOUNTS_OR_BLANK);
	case SK_VALUE_EMAIL:
		return is_email(text);
	case SK_VALUE_PHONE:
		return is_phone(text);
	case SK_VALUE_INTEGER:
	case SK_VALUE_DIGITS:
		return are_all(text, strlen(text), "0123456789");
	case SK_VALUE_BASE64:
		return is_base64(text);
	case SK_VALUE_TOOTH_NUMBERS:
		return are_tooth_numbers(text);
	case SK_VALUE_TEXT:
	case SK_VALUE_LIST:
	case SK_VALUE_TEETH:
	case SK_VALUE_SITES:
		break;
	}
	return true;
}

/* --- charts ----------------------------------------------------------------------------------- */

bool
sk_value_has_shape(enum sk_value_format format, const char *text, size_t teeth)
{
	const char *part;
	size_t length, i, sites;

	if (teeth != 0 && sk_value_count(text, '$') != teeth)
		return false;
	while (format == SK_VALUE_SITES && sk_value_next(&text, '$', &part, &length)) {
		for (i = 0, sites = 1; i < length; i++)
			sites += part[i] == '|';
		if (sites != SITES_OF_A_TOOTH)
			return false;
	}
	return true;
}

/* Whether the item is a range like "0-19". */
static bool
is_range(const char *item, size_t length, int *low, int *high)
{
	const char *hyphen = memchr(item, '-', length);

	if (hyphen == NULL)
		return false;
	*low = digits(item, (size_t)(hyphen - item));
	*high = digits(hyphen + 1, length - 1 - (size_t)(hyphen - item));
	return *low >= 0 && *high >= 0;
}

static bool
is_one_of(const char *part, size_t length, const char *parts)
{
	const char *item;
	size_t n;

	while (sk_pms_list_next(&parts, &item, &n)) {
		int low, high, number = length > 0 && length < 9 ? digits(part, length) : -1;

		if (is_range(item, n, &low, &high)) {
			if (number >= low && number <= high)
				return true;
		} else if (item[n - 1] == '*') {
			if (length >= n - 1 && strncasecmp(part, item, n - 1) == 0)
				return true;
		} else if (length == n && strncasecmp(part, item, n) == 0) {
			return true;
		}
	}
	return false;
}

/*
 * A site may be blank, and so may a number. A word may not, since one of the words means "nothing".
 */
static bool
may_be_blank(enum sk_value_format format, const char *parts)
{
	return format == SK_VALUE_SITES || (parts[0] >= '0' && parts[0] <= '9');
}

bool
sk_value_is_chart(enum sk_value_format format, const char *text, const char *parts)
{
	const char *tooth, *part;
	size_t length, from;

	while (parts != NULL && sk_value_next(&text, '$', &tooth, &length)) {
		for (size_t i = from = 0; i <= length; i++) {
			if (i < length && (format == SK_VALUE_TEETH || tooth[i] != '|'))
				continue;
			part = tooth + from;
			if (sk_value_is_blank(part, i - from)) {
				if (!may_be_blank(format, parts))
					return false;
			} else if (!is_one_of(part, i - from, parts)) {
				return false;
			}
			from = i + 1;
		}
	}
	return true;
}

char *
sk_value_parts_spoken(const char *parts)
{
	struct sk_text text = {0};
	const char *item;
	size_t length;
	int low, high;

	while (sk_pms_list_next(&parts, &item, &length)) {
		if (text.used > 0)
			sk_text_add(&text, ", ");
		if (is_range(item, length, &low, &high) && low == high)
			sk_text_add_format(&text, "%d", low);
		else if (is_range(item, length, &low, &high))
			sk_text_add_format(&text, "%d to %d", low, high);
		else if (item[length - 1] == '*')
			sk_text_add_format(&text, "%.*s…", (int)length - 1, item);
		else
			sk_text_add_bytes(&text, item, length);
	}
	return sk_text_take(&text);
}
