/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON, member by member. What jansson holds is UTF-8. Other texts may come from a header or a URL: rows_put()
 * checks them.
 */
#ifndef _GNU_SOURCE /* vasprintf */
#define _GNU_SOURCE
#endif
#include "rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
stands_for_itself(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\';
}

static void
add_string(struct text *t, const char *s, size_t length)
{
	text_add(t, "\"", 1);
	for (size_t i = 0, n; i < length; i += n) {
		n = 0;
		while (i + n < length && stands_for_itself((unsigned char)s[i + n]))
			n++;
		text_add(t, s + i, n);
		if (i + n == length)
			break;
		if (s[i + n] == '"' || s[i + n] == '\\')
			text_addf(t, "\\%c", s[i + n]);
		else
			text_addf(t, "\\u%04X", (unsigned)(unsigned char)s[i + n]);
		n++;
	}
	text_add(t, "\"", 1);
}

static void
add_name(struct rows *rows, const char *name)
{
	if (rows->text.s[rows->text.length - 1] != '{')
		text_add(&rows->text, ",", 1);
	add_string(&rows->text, name, strlen(name));
	text_add(&rows->text, ":", 1);
}

static void
add_value(struct text *t, const json_t *value)
{
	char *s;

	if (json_is_string(value)) {
		add_string(t, json_string_value(value), json_string_length(value));
		return;
	}
	s = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	text_addf(t, "%s", s != NULL ? s : "null");
	free(s);
}

/* An item begins: what separates it from the one before. */
static void
begin(struct rows *rows)
{
	if (rows->count > 0)
		text_add(&rows->text, ",", 1);
}

static void
end(struct rows *rows)
{
	if (rows->count == rows->room) {
		rows->room = rows->room > 0 ? rows->room * 2 : 64;
		rows->ends = x_grow(rows->ends, rows->room * sizeof(*rows->ends));
	}
	rows->ends[rows->count++] = rows->text.length;
}

void
rows_open(struct rows *rows)
{
	begin(rows);
	text_add(&rows->text, "{", 1);
}

void
rows_member(struct rows *rows, const char *name, const json_t *value)
{
	add_name(rows, name);
	add_value(&rows->text, value);
}

static bool
is_ascii(const char *s)
{
	while (*s != '\0' && (unsigned char)*s < 0x80)
		s++;
	return *s == '\0';
}

/* As jansson judges it. Most texts are ASCII and need no copy of theirs for that. */
static bool
is_utf8(const char *s)
{
	json_t *copy = is_ascii(s) ? json_true() : json_string(s);
	bool yes = copy != NULL;

	json_decref(copy);
	return yes;
}

void
rows_put(struct rows *rows, const char *name, const char *value)
{
	add_name(rows, name);
	if (!is_utf8(value))
		value = "?"; /* as json_put() does it */
	add_string(&rows->text, value, strlen(value));
}

void
rows_putf(struct rows *rows, const char *name, const char *format, ...)
{
	va_list ap;
	char *s = NULL;

	va_start(ap, format);
	if (vasprintf(&s, format, ap) < 0)
		s = x_dup("");
	va_end(ap);
	rows_put(rows, name, s);
	free(s);
}

void
rows_close(struct rows *rows)
{
	text_add(&rows->text, "}", 1);
	end(rows);
}

void
rows_take(struct rows *rows, json_t *array)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item)
	{
		begin(rows);
		add_value(&rows->text, item);
		end(rows);
	}
	json_decref(array);
}

void
rows_drop(struct rows *rows, int64_t n)
{
	if (n <= 0 || rows->count == 0)
		return;
	rows->count -= (size_t)n < rows->count ? (size_t)n : rows->count;
	rows->text.length = rows->count > 0 ? rows->ends[rows->count - 1] : 0;
	rows->text.s[rows->text.length] = '\0';
}

void
rows_free(struct rows *rows)
{
	free(rows->text.s);
	free(rows->ends);
	*rows = (struct rows){0};
}
