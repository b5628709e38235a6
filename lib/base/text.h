/* SPDX-License-Identifier: MIT */
/*
 * text: texts that grow, texts that may be missing, and the characters of UTF-8. Whoever counts,
 * cuts or escapes characters does it with these.
 */
#ifndef SK_BASE_TEXT_H
#define SK_BASE_TEXT_H

#include <stddef.h>

/*
 * A text that grows. All zero is the empty one; bytes is NULL until something is added, and from
 * then on has a NUL behind its last byte.
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
 * Adds more as a terminal may be shown it, whoever wrote it: control characters and what isn't
 * UTF-8 as \x1b. Returns how many columns it takes; a wide character counts as one.
 */
size_t sk_text_add_shown(struct sk_text *text, const char *more);

/* Forgets what comes after the first n bytes. The room stays. */
void sk_text_cut(struct sk_text *text, size_t n);

/* The bytes, as long as nothing is added; never NULL. */
const char *sk_text_bytes(const struct sk_text *text);

/* The bytes, now the caller's, and never NULL; text is empty again. */
char *sk_text_take(struct sk_text *text);

void sk_text_fini(struct sk_text *text);

/* A copy of text as sk_text_add_shown makes it. The caller's. */
char *sk_text_shown(const char *text);

/* Whether two texts are the same. A missing one (NULL) is the same as a missing one … */
int sk_text_equal(const char *a, const char *b);
/* … or as nothing at all. */
int sk_text_both_equal(const char *a, const char *b);

/*
 * How many bytes the character has that n bytes begin with; 0 when they begin with none, or with
 * one that isn't whole. Overlong forms, surrogates and what is beyond U+10FFFF are none.
 */
size_t sk_utf8_length(const char *bytes, size_t n);

/* Whether the character of so many bytes is a control character: U+0000 … 1F, U+007F … 9F. */
int sk_utf8_is_control(const char *character, size_t length);

/* How many characters there are. A byte that is in none counts as one. */
size_t sk_utf8_count(const char *text);

/* How many bytes the first characters have, of n bytes at most, and of most characters at most. */
size_t sk_utf8_fitting(const char *text, size_t n, size_t most);

#endif
