/* SPDX-License-Identifier: MIT */
/*
 * text: texts that grow, texts that may be missing, and the characters of UTF-8. All counting,
 * cutting and escaping of characters is done here.
 */
#ifndef SK_BASE_TEXT_H
#define SK_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A text that grows. With all members zero it is empty; bytes is NULL until something is added, and
 * ends with a NUL from then on.
 */
struct sk_text {
	char *bytes;
	size_t used, room;
};

void sk_text_add(struct sk_text *text, const char *more);
void sk_text_add_bytes(struct sk_text *text, const char *bytes, size_t n);
void sk_text_add_format(struct sk_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Adds more in a form that is safe on a terminal, whoever wrote it: bytes of control characters, of
 * characters that aren't seen (sk_utf8_is_hidden), and those that aren't UTF-8 as \x1b. Returns its
 * width in columns.
 */
size_t sk_text_add_shown(struct sk_text *text, const char *more);

/* How many columns of a terminal a text takes that is printed as it stands. */
size_t sk_text_width(const char *text);

/* Cuts the text to its first n bytes. The memory is kept. */
void sk_text_cut(struct sk_text *text, size_t n);

/* The bytes, valid until something is added; never NULL. */
const char *sk_text_bytes(const struct sk_text *text);

/* Moves the bytes out to the caller; never NULL. text is empty again. */
char *sk_text_take(struct sk_text *text);

void sk_text_fini(struct sk_text *text);

/* A copy in the form of sk_text_add_shown. The caller frees. */
char *sk_text_shown(const char *text);

/*
 * Decodes percent-escapes in place, once. Returns whether there were any. What is no escape stays as it is, and so
 * does that of a NUL.
 */
bool sk_text_unescape(char *text);

/* Whether two texts are equal. Two missing texts (NULL) are equal. */
bool sk_text_equal(const char *a, const char *b);
/* The same, but a missing text is equal to no other. */
bool sk_text_both_equal(const char *a, const char *b);

/*
 * The length of the character with which the n bytes begin; 0 when they don't begin with a whole
 * character. Overlong forms, surrogates and numbers beyond U+10FFFF are no characters.
 */
size_t sk_utf8_length(const char *bytes, size_t n);

/* Whether the character, of length bytes, is a control character: U+0000 … 1F, U+007F … 9F. */
bool sk_utf8_is_control(const char *character, size_t length);

/*
 * Whether the character, of length bytes, is one that isn't seen, and changes how others are seen or read: a
 * control character, one without width, or one that sets the direction of writing.
 */
bool sk_utf8_is_hidden(const char *character, size_t length);

/* How many columns of a terminal the character takes: 0 where it is drawn over the one before it, 1, or 2. */
size_t sk_utf8_width(const char *character, size_t length);

/* How many characters there are. A byte that belongs to no character counts as one. */
size_t sk_utf8_count(const char *text);

/* The length of the longest beginning of whole characters: at most n bytes, and most columns. */
size_t sk_utf8_fitting(const char *text, size_t n, size_t most);

/*
 * How many bytes of a text go into a line of that width, which is at least 1: whole words where that can be had,
 * and at least a character. *skipped: how many blanks behind them belong to no line.
 */
size_t sk_utf8_piece(const char *rest, size_t width, size_t *skipped);

#endif
