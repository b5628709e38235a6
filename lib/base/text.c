/* SPDX-License-Identifier: MIT */
/*
 * text: texts that grow, comparing texts that may be missing, and the only code that reads UTF-8.
 * Bytes that aren't UTF-8 are no error: each counts as one character, and is shown as \x1b is.
 */
#include "base/text.h"

#include <locale.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"

/* --- texts that grow -------------------------------------------------------------------------- */

void
sk_text_add_bytes(struct sk_text *text, const char *bytes, size_t n)
{
	text->bytes = sk_mem_grow(text->bytes, text->used + n + 1, &text->room, 1);
	if (n > 0)
		memcpy(text->bytes + text->used, bytes, n);
	text->used += n;
	text->bytes[text->used] = '\0';
}

void
sk_text_add(struct sk_text *text, const char *more)
{
	sk_text_add_bytes(text, more, strlen(more));
}

void
sk_text_add_format(struct sk_text *text, const char *format, ...)
{
	va_list args;
	char *more;

	va_start(args, format);
	more = sk_mem_vprintf(format, args);
	va_end(args);
	sk_text_add(text, more);
	free(more);
}

size_t
sk_text_add_shown(struct sk_text *text, const char *more)
{
	static const char hex[] = "0123456789abcdef";
	size_t left = strlen(more), width = 0;

	while (left > 0) {
		size_t length = sk_utf8_length(more, left);
		size_t n = length > 0 ? length : 1;

		if (length > 0 && !sk_utf8_is_hidden(more, length)) {
			sk_text_add_bytes(text, more, length);
			width += sk_utf8_width(more, length);
		} else {
			for (size_t i = 0; i < n; i++) {
				unsigned char c = (unsigned char)more[i];
				char escaped[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};

				sk_text_add_bytes(text, escaped, sizeof(escaped));
			}
			width += 4 * n;
		}
		more += n;
		left -= n;
	}
	return width;
}

void
sk_text_cut(struct sk_text *text, size_t n)
{
	if (n >= text->used)
		return;
	text->used = n;
	text->bytes[n] = '\0';
}

const char *
sk_text_bytes(const struct sk_text *text)
{
	return text->bytes != NULL ? text->bytes : "";
}

char *
sk_text_take(struct sk_text *text)
{
	char *bytes = text->bytes != NULL ? text->bytes : sk_mem_copy("");

	memset(text, 0, sizeof(*text));
	return bytes;
}

void
sk_text_fini(struct sk_text *text)
{
	free(text->bytes);
	memset(text, 0, sizeof(*text));
}

char *
sk_text_shown(const char *text)
{
	struct sk_text shown = {0};

	sk_text_add_shown(&shown, text);
	return sk_text_take(&shown);
}

/* --- texts that may be missing ---------------------------------------------------------------- */

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
sk_text_unescape(char *text)
{
	bool was_escaped = false;
	char *to = text;

	for (const char *at = text; *at != '\0'; at++) {
		int high = *at == '%' ? hex_value(at[1]) : -1;
		int low = high >= 0 ? hex_value(at[2]) : -1;

		if (low < 0 || high + low == 0) {
			*to++ = *at;
			continue;
		}
		*to++ = (char)(high * 16 + low);
		at += 2;
		was_escaped = true;
	}
	*to = '\0';
	return was_escaped;
}

bool
sk_text_equal(const char *a, const char *b)
{
	return a == b || sk_text_both_equal(a, b);
}

bool
sk_text_both_equal(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* --- UTF-8 ------------------------------------------------------------------------------------ */

static bool
is_continuation(char byte)
{
	return ((unsigned char)byte & 0xC0) == 0x80;
}

size_t
sk_utf8_length(const char *bytes, size_t n)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t length;

	if (n == 0)
		return 0;
	if (at[0] < 0x80)
		return 1;
	length = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
	if (at[0] < 0xC2 || at[0] > 0xF4 || length > n)
		return 0;
	for (size_t i = 1; i < length; i++)
		if (!is_continuation(bytes[i]))
			return 0;
	/* Overlong forms, surrogates, and numbers beyond Unicode. */
	if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] > 0x9F) ||
	    (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F))
		return 0;
	return length;
}

bool
sk_utf8_is_control(const char *character, size_t length)
{
	const unsigned char *at = (const unsigned char *)character;

	if (length == 1)
		return at[0] < 0x20 || at[0] == 0x7F;
	/* U+0080 … U+009F: terminals obey these control characters, too. */
	return length == 2 && at[0] == 0xC2 && at[1] < 0xA0;
}

static uint32_t
code_point(const char *character, size_t length)
{
	const unsigned char *at = (const unsigned char *)character;
	uint32_t code = length == 1 ? at[0] : at[0] & (0x7FU >> length);

	for (size_t i = 1; i < length; i++)
		code = code << 6 | (at[i] & 0x3FU);
	return code;
}

bool
sk_utf8_is_hidden(const char *character, size_t length)
{
	/* From Unicode's category Cf what has no width or a direction, and what ends lines. */
	static const struct {
		uint32_t first, last;
	} hidden[] = {{0xAD, 0xAD}, {0x61C, 0x61C}, {0x180E, 0x180E}, {0x200B, 0x200F},
	    {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
	    {0xE0000, 0xE007F}};
	uint32_t code = code_point(character, length);

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return sk_utf8_is_control(character, length);
}

/* What wcwidth(3) knows depends on the locale. Without one of UTF-8 each character counts as one column. */
static locale_t
widths(void)
{
	static locale_t known;
	static bool was_tried;

	if (!was_tried)
		known = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	was_tried = true;
	return known;
}

size_t
sk_utf8_width(const char *character, size_t length)
{
	locale_t locale, before;
	int width;

	if (length == 1 || (locale = widths()) == (locale_t)0)
		return 1;
	before = uselocale(locale);
	width = wcwidth((wchar_t)code_point(character, length));
	uselocale(before);
	return width < 0 ? 1 : (size_t)width;
}

size_t
sk_text_width(const char *shown)
{
	size_t width = 0, left = strlen(shown);

	while (left > 0) {
		size_t n = sk_utf8_length(shown, left);

		width += n > 0 ? sk_utf8_width(shown, n) : 1;
		n = n > 0 ? n : 1;
		shown += n;
		left -= n;
	}
	return width;
}

size_t
sk_utf8_count(const char *text)
{
	size_t left = strlen(text), count = 0;

	while (left > 0) {
		size_t length = sk_utf8_length(text, left);

		length = length > 0 ? length : 1;
		text += length;
		left -= length;
		count++;
	}
	return count;
}

size_t
sk_utf8_fitting(const char *text, size_t n, size_t most)
{
	size_t left = strlen(text), used = 0;

	while (left > used) {
		size_t length = sk_utf8_length(text + used, left - used);
		size_t width = length > 0 ? sk_utf8_width(text + used, length) : 1;

		length = length > 0 ? length : 1;
		if (used + length > n || width > most)
			break;
		most -= width;
		used += length;
	}
	return used;
}

size_t
sk_utf8_piece(const char *rest, size_t width, size_t *skipped)
{
	size_t n = sk_utf8_fitting(rest, SIZE_MAX, width), blank;

	*skipped = 0;
	if (n == 0 && *rest != '\0')
		n = sk_utf8_length(rest, strlen(rest));
	if (rest[n] == '\0')
		return n;
	blank = n;
	while (blank > 0 && rest[blank] != ' ')
		blank--;
	if (blank == 0)
		return n;
	*skipped = strspn(rest + blank, " ");
	return blank;
}
