/* SPDX-License-Identifier: MIT */
/*
 * lines: a text for people in lines of which none is wider than so many columns, with colours where they are
 * wanted. Whatever is added comes out in the form of sk_text_add_shown, so it may be anybody's text.
 */
#ifndef SK_BASE_LINES_H
#define SK_BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum sk_colour {
	SK_PLAIN,
	SK_BOLD,
	SK_GREEN,
	SK_YELLOW,
	SK_RED,
	SK_BOLD_YELLOW,
	SK_BOLD_RED,
	SK_COLOURS
};

struct sk_line {
	struct sk_text text;
	size_t width;
};

/* With all members zero but columns it is empty, and without colours. */
struct sk_lines {
	struct sk_line *list;
	size_t n, room;
	size_t columns;
	bool with_colour;
};

void sk_lines_fini(struct sk_lines *lines);

/* Begins a new line. */
void sk_lines_new(struct sk_lines *lines);

/* Adds text to the last line. What doesn't fit into the line is left out. */
void sk_lines_add(struct sk_lines *lines, enum sk_colour colour, const char *text);
void sk_lines_add_format(struct sk_lines *lines, enum sk_colour colour, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds blanks to the last line until it is so wide. */
void sk_lines_fill(struct sk_lines *lines, size_t width);

/* The same as add, but what doesn't fit goes on in new lines, which begin with so many blanks. */
void sk_lines_wrap(struct sk_lines *lines, enum sk_colour colour, size_t indent, const char *text);

/* Moves the lines of more behind those of lines; more is empty then. */
void sk_lines_append(struct sk_lines *lines, struct sk_lines *more);

/* Puts the lines of right beside those of left, from that column on; right is empty then. */
void sk_lines_beside(struct sk_lines *left, struct sk_lines *right, size_t column);

/* Keeps the first n lines. */
void sk_lines_cut(struct sk_lines *lines, size_t n);

/* All lines, each with its end; the caller frees. end: what stands before each newline. */
char *sk_lines_text(const struct sk_lines *lines, const char *end);

#endif
