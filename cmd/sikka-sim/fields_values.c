/* SPDX-License-Identifier: MIT */
/*
 * Checks single values: their form, length, words, numbers, teeth. Pure functions.
 */
#include "fields.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- parts ------------------------------------------------------------------------------------ */

static const char digits[] = "0123456789";

struct part {
	const char *s;
	size_t n;
};

/*
 * The next part of a value; false after the last. *next is the value at first. An empty value has
 * one empty part.
 */
static bool
next_part(const char **next, char separator, struct part *part)
{
	const char *end;

	if (*next == NULL)
		return false;
	end = strchr(*next, separator);
	part->s = *next;
	part->n = end != NULL ? (size_t)(end - *next) : strlen(*next);
	*next = end != NULL ? end + 1 : NULL;
	return true;
}

size_t
value_count(const char *value, char separator)
{
	struct part part;
	size_t n = 0;

	while (next_part(&value, separator, &part))
		n++;
	return n;
}

static bool
is_one_of(struct part part, const char *words)
{
	char *word = x_printf("%.*s", (int)part.n, part.s);
	bool yes = list_has(words, word);

	free(word);
	return yes;
}

static bool
begins_with_one_of(struct part part, const char *words)
{
	struct part word;

	while (next_part(&words, ',', &word))
		if (part.n >= word.n && strncasecmp(part.s, word.s, word.n) == 0)
			return true;
	return false;
}

static bool
is_whole(struct part part)
{
	return part.n > 0 && strspn(part.s, digits) >= part.n;
}

/* Whether the part is a whole number within one of the ranges "low-high,low-high". */
static bool
in_ranges(struct part part, const char *ranges)
{
	struct part range;
	long n;

	if (!is_whole(part))
		return false;
	n = strtol(part.s, NULL, 10);
	while (next_part(&ranges, ',', &range)) {
		char *dash;
		long low = strtol(range.s, &dash, 10);

		if (n >= low && n <= strtol(dash + 1, NULL, 10))
			return true;
	}
	return false;
}

/* --- forms ------------------------------------------------------------------------------------ */

static bool
is_time(const char *s)
{
	return strlen(s) == 5 && s[2] == ':' && isdigit((unsigned char)s[0]) &&
	    isdigit((unsigned char)s[1]) && isdigit((unsigned char)s[3]) &&
	    isdigit((unsigned char)s[4]) && strncmp(s, "24", 2) < 0 && s[3] < '6';
}

/* One @, a dot somewhere after it, no blanks. */
static bool
is_email(const char *s)
{
	const char *at = strchr(s, '@');

	return at != NULL && strchr(at + 1, '@') == NULL && strchr(at, '.') != NULL &&
	    s[strcspn(s, " \t\r\n\v\f")] == '\0';
}

static size_t
digits_in(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += isdigit((unsigned char)*s) != 0;
	return n;
}

static bool
has_digits(const char *s, size_t n)
{
	const char *extension = strrchr(s, '-');
	size_t all = digits_in(s);

	return all == n || (extension != NULL && all - digits_in(extension) == n);
}

static bool
is_phone(const char *s)
{
	return s[strspn(s, "0123456789 \t+-().x")] == '\0' && digits_in(s) >= 7;
}

static bool
is_base64(const char *s)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	size_t n = strspn(s, alphabet), padding = strspn(s + n, "=");

	return s[n + padding] == '\0' && padding <= 2 && (n + padding) % 4 == 0 && n > 0;
}

static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < ' ' || c == 0x7f)
			return false;
		/* U+0080 to U+009F are control characters, too. */
		if (c == 0xc2 && (unsigned char)s[1] < 0xa0)
			return false;
	}
	return true;
}

/*
 * Excludes what the server refuses in a path, and what wouldn't arrive: a segment of dots alone is
 * resolved on the way, and control characters aren't sent.
 */
static bool
is_path_segment(const char *s)
{
	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f || strchr(":#?/\\%+=", *p) != NULL)
			return false;
	return strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}

/* In UTF-8 each character has exactly one byte that doesn't begin with the bits 10. */
static long
characters(const char *s)
{
	long n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* --- amounts ---------------------------------------------------------------------------------- */

static bool
is_amount(struct part part)
{
	size_t i = part.n > 0 && *part.s == '-', whole = strspn(part.s + i, digits);

	i += whole;
	if (i < part.n && part.s[i] == '.') {
		size_t cents = strspn(part.s + i + 1, digits);

		i += 1 + cents;
		if (cents == 0)
			return false;
	}
	return whole > 0 && i == part.n;
}

/* -1, 0 or 1, of an amount */
static int
sign(struct part part)
{
	bool something = false;

	for (size_t i = 0; i < part.n; i++)
		something |= part.s[i] >= '1' && part.s[i] <= '9';
	return !something ? 0 : *part.s == '-' ? -1 : 1;
}

/* What is no amount is the matter of another check. */
static bool
amounts_pass(enum what what, const char *value)
{
	struct part part;
	bool above = false;

	while (next_part(&value, '|', &part)) {
		int s = is_amount(part) ? sign(part) : 2;

		above |= s == 1;
		if ((what == NONE_BELOW_ZERO && s < 0) || (what == NONE_ZERO && s == 0) ||
		    (what == ALL_ZERO && (s == -1 || s == 1)) ||
		    (what == ALL_WHOLE && memchr(part.s, '.', part.n)))
			return false;
	}
	return what != SOME_ABOVE_ZERO || above;
}

bool
value_has_negative(const char *value)
{
	return !amounts_pass(NONE_BELOW_ZERO, value);
}

static bool
are_amounts(const char *value, bool blanks)
{
	struct part part;

	while (next_part(&value, '|', &part))
		if (!is_amount(part) && !(blanks && part.n == 0))
			return false;
	return true;
}

/* --- teeth ------------------------------------------------------------------------------------ */

static bool
are_teeth(const char *value)
{
	struct part part;

	while (next_part(&value, '$', &part))
		if (!in_ranges(part, "1-32"))
			return false;
	return true;
}

static bool
tooth_passes(const struct check *check, struct part tooth)
{
	char *text;
	const char *next;
	struct part one;
	size_t n = 0;
	bool pass = true;

	if (check->what == TOOTH_NUMBERS)
		return check->text == NULL || tooth.n == 0 || in_ranges(tooth, check->text);
	if (check->what == TOOTH_WORDS)
		return is_one_of(tooth, check->text);
	text = x_printf("%.*s", (int)tooth.n, tooth.s);
	for (next = text; next_part(&next, '|', &one); n++) {
		if (one.n == 0 || check->text == NULL)
			continue;
		pass = pass &&
		    (check->what == SIX_NUMBERS ? in_ranges(one, check->text)
						: begins_with_one_of(one, check->text));
	}
	free(text);
	return pass && n == 6;
}

static bool
teeth_pass(const struct check *check, const char *value, const char *teeth)
{
	struct part tooth;

	if (*teeth != '\0' && value_count(value, '$') != value_count(teeth, '$'))
		return false;
	while (next_part(&value, '$', &tooth))
		if (!tooth_passes(check, tooth))
			return false;
	return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

static bool
form_passes(const struct check *check, const char *value, int64_t today)
{
	struct part all = {value, strlen(value)};
	int64_t day;

	switch (check->what) {
	case IS_DATE:
		return day_parse(value, &day);
	case IS_PAST_DATE:
		return day_parse(value, &day) && day <= today;
	case IS_TIME:
		return is_time(value);
	case IS_WHOLE: /* if too large for a long, strtol gives the largest */
		return is_whole(all) && strtol(value, NULL, 10) >= check->n;
	case IS_DIGITS:
		return is_whole(all);
	case IS_BOOLEAN:
		return is_one_of(all, "true,false");
	case IS_AMOUNTS:
		return are_amounts(value, false);
	case IS_AMOUNTS_AND_BLANKS:
		return are_amounts(value, true);
	case IS_EMAIL:
		return is_email(value);
	case IS_PHONE:
		return is_phone(value);
	case IS_BASE64:
		return is_base64(value);
	case IS_PLAIN:
		return is_plain(value);
	case IS_PATH_SEGMENT:
		return is_path_segment(value);
	default:
		return true; /* any text counts as a list of texts */
	}
}

bool
value_passes(const struct check *check, const char *value, int64_t today, const char *teeth)
{
	switch (check->what) {
	case UP_TO:
		return characters(value) <= check->n;
	case FROM:
		return characters(value) >= check->n;
	case WITH_DIGITS:
		return has_digits(value, (size_t)check->n);
	case NOTHING:
		return value[strspn(value, " |$")] == '\0';
	case ONE_OF:
		return list_has(check->text, value);
	case NOT:
		return strcasecmp(value, check->text) != 0;
	case COUNT:
		return (long)value_count(value, '|') == check->n;
	case SOME_ABOVE_ZERO:
	case NONE_BELOW_ZERO:
	case NONE_ZERO:
	case ALL_ZERO:
	case ALL_WHOLE:
		return amounts_pass(check->what, value);
	case IS_TEETH:
		return are_teeth(value);
	case TOOTH_NUMBERS:
	case TOOTH_WORDS:
	case SIX_NUMBERS:
	case SIX_BEGINNINGS:
		return teeth_pass(check, value, teeth);
	default:
		return form_passes(check, value, today);
	}
}
