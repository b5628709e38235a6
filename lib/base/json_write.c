/* SPDX-License-Identifier: MIT */
/* json_write: walks over a value and writes its text. Nothing here can fail. */
#include "base/json_write.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * With 15 digits a double is the text that it was read from, if that had no more; %g leaves out zeros at the
 * end. Only numbers near 0 have fewer digits than that.
 */
void
sk_json_write_real(char text[SK_JSON_REAL], double number)
{
	for (int digits = fabs(number) < DBL_MIN ? 1 : DBL_DIG; digits <= 17; digits++) {
		snprintf(text, SK_JSON_REAL, "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			return;
	}
}

/* 45 as a real stays one, 45.0; of 1e+05 the plus and the zero aren't needed. */
static void
write_real(struct sk_text *text, double number)
{
	char digits[SK_JSON_REAL];
	const char *exponent;

	sk_json_write_real(digits, number);
	exponent = strchr(digits, 'e');
	if (exponent == NULL) {
		sk_text_add(text, digits);
		if (strchr(digits, '.') == NULL)
			sk_text_add(text, ".0");
		return;
	}
	sk_text_add_bytes(text, digits, (size_t)(exponent - digits) + 1);
	exponent++;
	if (*exponent == '-')
		sk_text_add(text, "-");
	exponent++;
	sk_text_add(text, exponent + strspn(exponent, "0"));
}

static void
write_escaped(struct sk_text *text, unsigned char c)
{
	static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char escape[2] = {'\\', '\0'};

	for (size_t i = 0; i + 1 < sizeof(names); i += 2) {
		if ((unsigned char)names[i] != c)
			continue;
		escape[1] = names[i + 1];
		sk_text_add_bytes(text, escape, 2);
		return;
	}
	sk_text_add_format(text, "\\u%04X", (unsigned)c);
}

static void
write_string(struct sk_text *text, const char *string, size_t n)
{
	size_t from = 0;

	sk_text_add_bytes(text, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)string[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		sk_text_add_bytes(text, string + from, i - from);
		write_escaped(text, c);
		from = i + 1;
	}
	sk_text_add_bytes(text, string + from, n - from);
	sk_text_add_bytes(text, "\"", 1);
}

void
sk_json_write_text(struct sk_text *text, const char *string)
{
	write_string(text, string, strlen(string));
}

static void
write_object(struct sk_text *text, const json_t *value)
{
	/* jansson's iterators take a pointer without const, but change nothing. */
	json_t *object = (json_t *)(uintptr_t)value;
	const char *name, *comma = "{";
	json_t *member;

	json_object_foreach(object, name, member)
	{
		sk_text_add_bytes(text, comma, 1);
		comma = ",";
		sk_json_write_text(text, name);
		sk_text_add_bytes(text, ":", 1);
		sk_json_write(text, member);
	}
	sk_text_add(text, *comma == '{' ? "{}" : "}");
}

static void
write_array(struct sk_text *text, const json_t *value)
{
	const json_t *element;
	size_t i;

	sk_text_add_bytes(text, "[", 1);
	json_array_foreach(value, i, element)
	{
		if (i > 0)
			sk_text_add_bytes(text, ",", 1);
		sk_json_write(text, element);
	}
	sk_text_add_bytes(text, "]", 1);
}

void
sk_json_write(struct sk_text *text, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		write_object(text, value);
		break;
	case JSON_ARRAY:
		write_array(text, value);
		break;
	case JSON_STRING:
		write_string(text, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		sk_text_add_format(text, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_REAL:
		write_real(text, json_real_value(value));
		break;
	case JSON_TRUE:
		sk_text_add(text, "true");
		break;
	case JSON_FALSE:
		sk_text_add(text, "false");
		break;
	default:
		sk_text_add(text, "null");
	}
}

char *
sk_json_dump(const json_t *value)
{
	struct sk_text text = {0};

	sk_json_write(&text, value);
	return sk_text_take(&text);
}
