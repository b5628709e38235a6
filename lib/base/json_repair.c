/* SPDX-License-Identifier: MIT */
/*
 * json_repair: a reader of JSON that puts up with what can be put up with. What it can't read is told by
 * its place, never by its text: that may be a patient's.
 */
#include "base/json_repair.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* --- what was repaired ------------------------------------------------------------------------- */

void
sk_json_repaired(struct sk_json_repairs *repairs, enum sk_oddity kind, size_t at)
{
	if (repairs->n == 0)
		repairs->at = at;
	repairs->n++;
	repairs->kinds |= 1u << kind;
}

void
sk_json_repairs_add(struct sk_json_repairs *sum, const struct sk_json_repairs *more)
{
	if (sum->n == 0)
		sum->at = more->at;
	sum->n += more->n;
	sum->kinds |= more->kinds;
}

char *
sk_json_repairs_text(const struct sk_json_repairs *repairs)
{
	static const char *const names[SK_ODDITIES] = {
	    [SK_ODD_MARK] = "a byte order mark",
	    [SK_ODD_BYTES] = "bytes that aren't UTF-8",
	    [SK_ODD_HALF] = "half of a surrogate pair",
	    [SK_ODD_NUL] = "a NUL",
	    [SK_ODD_CONTROL] = "control characters",
	    [SK_ODD_ESCAPE] = "a backslash that escapes nothing",
	    [SK_ODD_NUMBER] = "a number that can't be one",
	    [SK_ODD_DEPTH] = "values that are nested too deep",
	    [SK_ODD_TWICE] = "a member that stands twice",
	};
	struct sk_text text = {0};

	for (int i = 0; i < SK_ODDITIES; i++)
		if (repairs->kinds & 1u << i)
			sk_text_add_format(&text, "%s%s", text.used > 0 ? ", " : "", names[i]);
	return sk_text_take(&text);
}

/* --- structure --------------------------------------------------------------------------------- */

/* The place behind the string's closing quote; n when it isn't closed. */
static size_t
end_of_string(const char *text, size_t at, size_t n)
{
	for (at++; at < n && text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at < n ? at + 1 : n;
}

size_t
sk_json_end(const char *text, size_t from, size_t n, bool *is_odd)
{
	size_t open = 0;

	for (size_t at = from; at < n;) {
		char c = text[at];

		if (c == '"') {
			at = end_of_string(text, at, n);
			continue;
		}
		if (open == 0 && (c == ',' || c == ':' || c == '}' || c == ']'))
			return at;
		if (c == '{' || c == '[')
			*is_odd |= ++open > SK_JSON_DEPTH;
		else if (c == '}' || c == ']')
			open--;
		else if (c == '-' && at > from && (text[at - 1] | 0x20) == 'e')
			*is_odd = true;
		at++;
	}
	return n;
}

/* --- reading ----------------------------------------------------------------------------------- */

struct reader {
	const char *text;
	size_t at, end;
	size_t depth;
	bool last_counts;
	struct sk_json_repairs *repairs;
	const char *trouble;
};

static json_t *read_value(struct reader *in);

/* NULL, with what is wrong at this place. */
static void *
fail(struct reader *in, const char *trouble)
{
	if (in->trouble == NULL)
		in->trouble = trouble;
	return NULL;
}

/* The next byte that isn't blank; '\0' at the end. A NUL between values is passed over. */
static char
peek(struct reader *in)
{
	for (; in->at < in->end; in->at++) {
		if (in->text[in->at] == '\0')
			sk_json_repaired(in->repairs, SK_ODD_NUL, in->at);
		else if (strchr(" \t\r\n", in->text[in->at]) == NULL)
			return in->text[in->at];
	}
	return '\0';
}

static bool
pass(struct reader *in, char wanted)
{
	if (peek(in) != wanted)
		return false;
	in->at++;
	return true;
}

static void
replace(struct reader *in, struct sk_text *to, enum sk_oddity kind)
{
	sk_json_repaired(in->repairs, kind, in->at);
	sk_text_add(to, replacement);
}

/* Four hexadecimal digits; -1: they aren't. */
static long
hex4(const struct reader *in, size_t at)
{
	char digits[5] = "";

	if (at + 4 > in->end ||
	    strspn(memcpy(digits, in->text + at, 4), "0123456789abcdefABCDEF") != 4)
		return -1;
	return strtol(digits, NULL, 16);
}

static void
add_character(struct sk_text *to, unsigned long c)
{
	char bytes[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = n; i-- > 1; c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3F));
	bytes[0] = (char)(first[n] | c);
	sk_text_add_bytes(to, bytes, n);
}

/* At the u of \uXXXX, whose digits are there. */
static void
read_unicode(struct reader *in, struct sk_text *to, long c)
{
	long low = -1;

	if (c >= 0xD800 && c <= 0xDBFF && in->at + 6 < in->end && in->text[in->at + 5] == '\\' &&
	    in->text[in->at + 6] == 'u')
		low = hex4(in, in->at + 7);
	if (low >= 0xDC00 && low <= 0xDFFF) {
		add_character(to,
		    0x10000 + ((unsigned long)(c - 0xD800) << 10) + (unsigned long)(low - 0xDC00));
		in->at += 11;
		return;
	}
	if (c >= 0xD800 && c <= 0xDFFF)
		replace(in, to, SK_ODD_HALF);
	else if (c == 0)
		replace(in, to, SK_ODD_NUL);
	else
		add_character(to, (unsigned long)c);
	in->at += 5;
}

/* Behind a backslash. */
static void
read_escape(struct reader *in, struct sk_text *to)
{
	static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	char c = in->at < in->end ? in->text[in->at] : '\0';
	const char *name = c != '\0' ? strchr(names, c) : NULL;
	long unicode = c == 'u' ? hex4(in, in->at + 1) : -1;

	if (name != NULL) {
		sk_text_add_bytes(to, &meant[name - names], 1);
		in->at++;
	} else if (unicode >= 0) {
		read_unicode(in, to, unicode);
	} else {
		/* A path of Windows', or the like: the backslash stands for itself. */
		sk_json_repaired(in->repairs, SK_ODD_ESCAPE, in->at);
		sk_text_add(to, "\\");
	}
}

/* One character that isn't escaped. */
static void
read_character(struct reader *in, struct sk_text *to)
{
	const char *from = in->text + in->at;
	size_t length = sk_utf8_length(from, in->end - in->at);

	if (*from == '\0') {
		replace(in, to, SK_ODD_NUL);
	} else if (length == 0) {
		replace(in, to, SK_ODD_BYTES);
	} else {
		if ((unsigned char)*from < 0x20)
			sk_json_repaired(in->repairs, SK_ODD_CONTROL, in->at);
		sk_text_add_bytes(to, from, length);
	}
	in->at += length > 0 ? length : 1;
}

/* At the quote. false: it has no end. */
static bool
read_text(struct reader *in, struct sk_text *to)
{
	in->at++;
	while (in->at < in->end && in->text[in->at] != '"') {
		if (in->text[in->at] != '\\') {
			read_character(in, to);
			continue;
		}
		in->at++;
		read_escape(in, to);
	}
	if (in->at == in->end)
		return fail(in, "a text that isn't closed") != NULL;
	in->at++;
	return true;
}

static json_t *
read_string(struct reader *in)
{
	struct sk_text text = {0};
	json_t *string = NULL;

	if (read_text(in, &text))
		string = json_stringn_nocheck(sk_text_bytes(&text), text.used);
	sk_text_fini(&text);
	return string;
}

/* Whether a real has become 0 that wasn't. */
static bool
has_vanished(const json_t *value, const char *word)
{
	return json_is_real(value) && json_real_value(value) == 0 &&
	    strcspn(word, "123456789") < strcspn(word, "eE");
}

static json_t *
value_of_word(struct reader *in, const char *word)
{
	static const char *const nothings[] = {"NaN", "Infinity", "Inf", "-NaN", "-Infinity",
	    "-Inf"};
	json_t *value = json_loads(word, JSON_DECODE_ANY, NULL);

	if (value != NULL && !has_vanished(value, word))
		return value;
	json_decref(value);
	for (size_t i = 0; i < sizeof(nothings) / sizeof(nothings[0]); i++) {
		if (strcasecmp(word, nothings[i]) != 0)
			continue;
		sk_json_repaired(in->repairs, SK_ODD_NUMBER, in->at);
		return json_null();
	}
	if (strpbrk(word, "0123456789") == NULL || word[strspn(word, "+-.0123456789eE")] != '\0')
		return fail(in, "neither a number nor true, false or null");
	sk_json_repaired(in->repairs, SK_ODD_NUMBER, in->at);
	return json_string(word);
}

static json_t *
read_word(struct reader *in)
{
	const char *from = in->text + in->at;
	size_t n = 0;
	char *word;
	json_t *value;

	while (
	    in->at + n < in->end && from[n] != '\0' && strchr(" \t\r\n,:{}[]\"", from[n]) == NULL)
		n++;
	if (n == 0)
		return fail(in, "no value where one is expected");
	word = sk_mem_copy_bytes(from, n);
	value = value_of_word(in, word);
	free(word);
	if (value != NULL)
		in->at += n;
	return value;
}

/* Puts a member in. Takes the value. */
static void
put_member(struct reader *in, json_t *object, const char *name, json_t *value)
{
	json_t *before = json_object_get(object, name);

	if (before != NULL) {
		sk_json_repaired(in->repairs, SK_ODD_TWICE, in->at);
		if (!in->last_counts && !json_equal(before, value)) {
			json_t *both = json_array();

			json_array_append(both, before);
			json_array_append_new(both, value);
			value = both;
		}
	}
	json_object_set_new_nocheck(object, name, value);
}

static bool
read_member(struct reader *in, json_t *object)
{
	struct sk_text name = {0};
	json_t *value = NULL;

	if (peek(in) != '"')
		return fail(in, "no name where one is expected") != NULL;
	if (read_text(in, &name)) {
		if (pass(in, ':'))
			value = read_value(in);
		else
			fail(in, "no colon where one is expected");
	}
	if (value != NULL)
		put_member(in, object, sk_text_bytes(&name), value);
	sk_text_fini(&name);
	return value != NULL;
}

static bool
read_element(struct reader *in, json_t *array)
{
	json_t *value = read_value(in);

	return value != NULL && json_array_append_new(array, value) == 0;
}

/* Of an object or an array, at its bracket. */
static json_t *
read_container(struct reader *in, json_t *container, char last)
{
	bool (*read_next)(struct reader *, json_t *) = last == '}' ? read_member : read_element;

	in->at++;
	if (pass(in, last))
		return container;
	while (read_next(in, container)) {
		if (pass(in, last))
			return container;
		if (!pass(in, ',')) {
			fail(in, "no comma where one is expected");
			break;
		}
	}
	json_decref(container);
	return NULL;
}

/* At the bracket of what is too deep. */
static json_t *
pass_over(struct reader *in)
{
	bool is_odd = false;

	sk_json_repaired(in->repairs, SK_ODD_DEPTH, in->at);
	in->at = sk_json_end(in->text, in->at, in->end, &is_odd);
	return json_null();
}

static json_t *
read_value(struct reader *in)
{
	char c = peek(in);
	json_t *value;

	if (c == '"')
		return read_string(in);
	if (c != '{' && c != '[')
		return read_word(in);
	if (in->depth == SK_JSON_DEPTH)
		return pass_over(in);
	in->depth++;
	value = c == '{' ? read_container(in, json_object(), '}')
			 : read_container(in, json_array(), ']');
	in->depth--;
	return value;
}

json_t *
sk_json_repair(const struct sk_json_source *source, struct sk_json_repairs *repairs,
    const char **trouble, size_t *at)
{
	struct reader in = {.text = source->text,
	    .at = source->begin,
	    .end = source->end,
	    .last_counts = source->last_counts,
	    .repairs = repairs};
	json_t *value = read_value(&in);

	if (value != NULL) {
		peek(&in);
		if (in.at == in.end)
			return value;
		fail(&in, "more than one value where one is expected");
		json_decref(value);
	}
	*trouble = in.trouble;
	*at = in.at;
	return NULL;
}
