/* SPDX-License-Identifier: MIT */
/* lines: a line is kept with its width, since the sequences of colours take no column. */
#include "base/lines.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char *const colours[SK_COLOURS] = {
    [SK_PLAIN] = "",
    [SK_BOLD] = "\033[1m",
    [SK_GREEN] = "\033[32m",
    [SK_YELLOW] = "\033[33m",
    [SK_RED] = "\033[31m",
    [SK_BOLD_YELLOW] = "\033[1;33m",
    [SK_BOLD_RED] = "\033[1;31m",
};

void
sk_lines_fini(struct sk_lines *lines)
{
	sk_lines_cut(lines, 0);
	free(lines->list);
	memset(lines, 0, sizeof(*lines));
}

void
sk_lines_new(struct sk_lines *lines)
{
	lines->list = sk_mem_grow(lines->list, lines->n + 1, &lines->room, sizeof(*lines->list));
	memset(&lines->list[lines->n++], 0, sizeof(*lines->list));
}

static struct sk_line *
last_of(struct sk_lines *lines)
{
	if (lines->n == 0)
		sk_lines_new(lines);
	return &lines->list[lines->n - 1];
}

static size_t
room_of(struct sk_lines *lines)
{
	size_t width = last_of(lines)->width;

	return width < lines->columns ? lines->columns - width : 0;
}

/* n bytes of a text that is safe to show, and fits. */
static void
put(struct sk_lines *lines, enum sk_colour colour, const char *bytes, size_t n)
{
	struct sk_line *line = last_of(lines);
	bool with_colour = lines->with_colour && colour != SK_PLAIN;
	char *piece = sk_mem_copy_bytes(bytes, n);

	if (n > 0) {
		sk_text_add(&line->text, with_colour ? colours[colour] : "");
		sk_text_add(&line->text, piece);
		sk_text_add(&line->text, with_colour ? "\033[0m" : "");
		line->width += sk_text_width(piece);
	}
	free(piece);
}

void
sk_lines_add(struct sk_lines *lines, enum sk_colour colour, const char *text)
{
	char *shown = sk_text_shown(text);

	put(lines, colour, shown, sk_utf8_fitting(shown, SIZE_MAX, room_of(lines)));
	free(shown);
}

void
sk_lines_add_format(struct sk_lines *lines, enum sk_colour colour, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = sk_mem_vprintf(format, args);
	va_end(args);
	sk_lines_add(lines, colour, text);
	free(text);
}

void
sk_lines_fill(struct sk_lines *lines, size_t width)
{
	struct sk_line *line = last_of(lines);

	for (; line->width < width && line->width < lines->columns; line->width++)
		sk_text_add(&line->text, " ");
}

void
sk_lines_wrap(struct sk_lines *lines, enum sk_colour colour, size_t indent, const char *text)
{
	char *shown = sk_text_shown(text);
	const char *rest = shown;

	for (;;) {
		size_t room = room_of(lines), skipped;
		size_t n = room > 0 ? sk_utf8_piece(rest, room, &skipped) : 0;

		if (room == 0)
			skipped = strspn(rest, " ");
		put(lines, colour, rest, n);
		rest += n + skipped;
		if (*rest == '\0')
			break;
		sk_lines_new(lines);
		sk_lines_fill(lines, indent < lines->columns / 2 ? indent : 0);
	}
	free(shown);
}

void
sk_lines_append(struct sk_lines *lines, struct sk_lines *more)
{
	for (size_t i = 0; i < more->n; i++) {
		sk_lines_new(lines);
		*last_of(lines) = more->list[i];
	}
	more->n = 0;
}

void
sk_lines_beside(struct sk_lines *left, struct sk_lines *right, size_t column)
{
	for (size_t i = 0; i < right->n; i++) {
		struct sk_line *line;

		if (i == left->n)
			sk_lines_new(left);
		line = &left->list[i];
		if (right->list[i].width > 0) {
			for (; line->width < column; line->width++)
				sk_text_add(&line->text, " ");
			sk_text_add(&line->text, sk_text_bytes(&right->list[i].text));
			line->width += right->list[i].width;
		}
	}
	sk_lines_cut(right, 0);
}

void
sk_lines_cut(struct sk_lines *lines, size_t n)
{
	while (lines->n > n)
		sk_text_fini(&lines->list[--lines->n].text);
}

char *
sk_lines_text(const struct sk_lines *lines, const char *end)
{
	struct sk_text text = {0};

	for (size_t i = 0; i < lines->n; i++) {
		sk_text_add(&text, sk_text_bytes(&lines->list[i].text));
		sk_text_add(&text, end);
		sk_text_add(&text, "\n");
	}
	return sk_text_take(&text);
}
