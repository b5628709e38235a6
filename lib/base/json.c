/* SPDX-License-Identifier: MIT */
/*
 * json: what jansson lacks: lenient reading of members, texts of scalars, the canonical form. A
 * parse error is reported without the text around it, which may be a patient's.
 */
#include "base/json.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json_write.h"
#include "base/mem.h"

/* 2^53: up to here a double is a whole number for sure */
#define EXACT_INTEGERS 9007199254740992.0

static const char blanks[] = " \t\r\n";

const char *
sk_json_fault_words(const json_error_t *fault, int *n)
{
	const char *said = json_error_code(fault) == json_error_null_character
	    ? "\\u0000 isn't allowed in a text"
	    : fault->text;
	const char *near = strstr(said, " near ");

	*n = near != NULL ? (int)(near - said) : (int)strlen(said);
	return said;
}

static void
put_reason(char why[SK_JSON_WHY], const json_error_t *fault)
{
	int n;
	const char *said = sk_json_fault_words(fault, &n);

	if (fault->line > 1)
		snprintf(why, 120, "%.*s (line %d, column %d)", n > 80 ? 80 : n, said, fault->line,
		    fault->column);
	else
		snprintf(why, 120, "%.*s (column %d)", n > 80 ? 80 : n, said, fault->column);
}

json_t *
sk_json_parse(const char *text, size_t n, char why[SK_JSON_WHY])
{
	json_error_t fault;
	json_t *value = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &fault);

	if (value == NULL && why != NULL)
		put_reason(why, &fault);
	return value;
}

const char *
sk_json_string(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL && text[0] != '\0' ? text : NULL;
}

static char *
real_text(double number)
{
	char text[SK_JSON_REAL];

	if (number >= -EXACT_INTEGERS && number <= EXACT_INTEGERS &&
	    (double)(long long)number == number)
		return sk_mem_printf("%lld", (long long)number);
	sk_json_write_real(text, number);
	return sk_mem_copy(text);
}

char *
sk_json_text(const json_t *value)
{
	if (value == NULL)
		return NULL;
	switch (json_typeof(value)) {
	case JSON_STRING:
		return sk_mem_copy(json_string_value(value));
	case JSON_INTEGER:
		return sk_mem_printf("%lld", (long long)json_integer_value(value));
	case JSON_REAL:
		return real_text(json_real_value(value));
	case JSON_TRUE:
		return sk_mem_copy("true");
	case JSON_FALSE:
		return sk_mem_copy("false");
	default:
		return NULL;
	}
}

char *
sk_json_member_text(const json_t *object, const char *name)
{
	char *text = sk_json_text(json_object_get(object, name));

	if (text != NULL && text[0] == '\0') {
		free(text);
		return NULL;
	}
	return text;
}

static bool
is_word(const char *text, size_t n, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strlen(*words) == n && strncasecmp(*words, text, n) == 0)
			return true;
	}
	return false;
}

int
sk_json_truth(const json_t *value)
{
	static const char *const yes[] = {"true", "1", "yes", "y", "t", "on", NULL};
	static const char *const no[] = {"false", "0", "no", "n", "f", "off", NULL};
	char *text = sk_json_text(value);
	const char *word;
	size_t n;
	int truth = -1;

	if (text == NULL)
		return -1;
	word = text + strspn(text, blanks);
	n = strcspn(word, blanks);
	if (word[n + strspn(word + n, blanks)] == '\0') {
		if (is_word(word, n, yes))
			truth = 1;
		else if (is_word(word, n, no))
			truth = 0;
	}
	free(text);
	return truth;
}

/*
 * Whether the text behind the digits leaves the number what it is. A unit and ".0" do; a fraction,
 * an exponent, a thousands separator or a date don't.
 */
static bool
is_harmless_tail(const char *tail)
{
	if (*tail == '.') {
		tail++;
		if (*tail != '0')
			return false;
		tail += strspn(tail, "0");
	}
	if (*tail == '\0' || strchr(blanks, *tail) != NULL || *tail == '(')
		return true;
	if (*tail == 'e' || *tail == 'E')
		return (tail[1] < '0' || tail[1] > '9') && tail[1] != '+' && tail[1] != '-';
	return (*tail >= 'a' && *tail <= 'z') || (*tail >= 'A' && *tail <= 'Z');
}

static int
parse_number(const char *text, int64_t *number)
{
	uint64_t sum = 0, most;
	int negative;

	text += strspn(text, blanks);
	negative = *text == '-';
	if (negative)
		text++;
	most = (uint64_t)INT64_MAX;
	if (*text < '0' || *text > '9')
		return -1;
	for (; *text >= '0' && *text <= '9'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (sum > (most - digit) / 10)
			return -1;
		sum = sum * 10 + digit;
	}
	if (!is_harmless_tail(text))
		return -1;
	*number = negative ? -(int64_t)sum : (int64_t)sum;
	return 0;
}

int
sk_json_number(const json_t *value, int64_t *number)
{
	char *text;
	int result;

	if (value == NULL || json_is_boolean(value))
		return -1;
	text = sk_json_text(value);
	if (text == NULL)
		return -1;
	result = parse_number(text, number);
	free(text);
	return result;
}

/* A copy in which each number and each boolean has become its text. */
static json_t *
plain_copy(const json_t *value)
{
	json_t *copy, *element;
	const char *name;
	char *text;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		copy = json_object();
		/* jansson's iterators take a pointer without const, but change nothing. */
		json_object_foreach((json_t *)(uintptr_t)value, name, element)
		    json_object_set_new_nocheck(copy, name, plain_copy(element));
		return copy;
	case JSON_ARRAY:
		copy = json_array();
		json_array_foreach(value, i, element)
		    json_array_append_new(copy, plain_copy(element));
		return copy;
	case JSON_NULL:
		return json_null();
	default:
		text = sk_json_text(value);
		copy = json_string_nocheck(text);
		free(text);
		return copy;
	}
}

char *
sk_json_canonical(const json_t *object, const char *const *leave_out)
{
	json_t *plain;
	char *text;

	if (object == NULL)
		return sk_mem_copy("null");
	plain = plain_copy(object);
	for (; leave_out != NULL && *leave_out != NULL; leave_out++)
		json_object_del(plain, *leave_out);
	text = json_dumps(plain, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	json_decref(plain);
	return text;
}

/* Some answers hold text that isn't UTF-8: then each byte outside ASCII becomes a question mark. */
static json_t *
ascii_string(const char *text)
{
	char *copy = sk_mem_copy(text);
	json_t *value;
	char *at;

	for (at = copy; *at != '\0'; at++) {
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	}
	value = json_string(copy);
	free(copy);
	return value;
}

void
sk_json_set(json_t *object, const char *name, const char *text)
{
	json_t *value = text != NULL ? json_string(text) : json_null();

	if (value == NULL)
		value = ascii_string(text);
	json_object_set_new(object, name, value);
}
