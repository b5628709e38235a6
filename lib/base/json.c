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

static void write_canonical(struct sk_text *text, const json_t *value, const char *const *without);

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
is_among(const char *name, const char *const *names)
{
	for (; names != NULL && *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/* The members in the order of their names. */
static void
write_sorted(struct sk_text *text, const json_t *value, const char *const *without)
{
	/* jansson's iterators take a pointer without const, but change nothing. */
	json_t *object = (json_t *)(uintptr_t)value, *member;
	const char **names = sk_mem_alloc((json_object_size(object) + 1) * sizeof(*names));
	const char *name;
	size_t n = 0;

	json_object_foreach(object, name, member) if (!is_among(name, without)) names[n++] = name;
	qsort(names, n, sizeof(*names), compare_names);
	sk_text_add_bytes(text, "{", 1);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			sk_text_add_bytes(text, ",", 1);
		sk_json_write_text(text, names[i]);
		sk_text_add_bytes(text, ":", 1);
		write_canonical(text, json_object_get(object, names[i]), NULL);
	}
	sk_text_add_bytes(text, "}", 1);
	free(names);
}

/* Each number and each boolean as its text. */
static void
write_canonical(struct sk_text *text, const json_t *value, const char *const *without)
{
	char *plain;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		write_sorted(text, value, without);
		break;
	case JSON_ARRAY:
		sk_text_add_bytes(text, "[", 1);
		for (i = 0; i < json_array_size(value); i++) {
			if (i > 0)
				sk_text_add_bytes(text, ",", 1);
			write_canonical(text, json_array_get(value, i), NULL);
		}
		sk_text_add_bytes(text, "]", 1);
		break;
	case JSON_STRING:
	case JSON_NULL:
		sk_json_write(text, value);
		break;
	default:
		plain = sk_json_text(value);
		sk_json_write_text(text, plain);
		free(plain);
	}
}

char *
sk_json_canonical(const json_t *object, const char *const *leave_out)
{
	struct sk_text text = {0};

	if (object == NULL)
		return sk_mem_copy("null");
	write_canonical(&text, object, leave_out);
	return sk_text_take(&text);
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
