/* SPDX-License-Identifier: MIT */
/*
 * json_repair: reads JSON of others that jansson refuses. jansson gives up a whole text because of one
 * character; here the values that can be read are read, and the others are repaired. This is slow, so it
 * is used only after jansson has refused a text (api/records).
 *
 * Only values are repaired. Where a value begins and ends is never guessed. Each repair is counted, so
 * that the caller can tell a person.
 */
#ifndef SK_BASE_JSON_REPAIR_H
#define SK_BASE_JSON_REPAIR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What can be repaired, and what becomes of it. */
enum sk_oddity {
	SK_ODD_MARK,    /* a byte order mark before the value: nothing */
	SK_ODD_BYTES,   /* a byte that isn't UTF-8: U+FFFD */
	SK_ODD_HALF,    /* half of a surrogate pair: U+FFFD */
	SK_ODD_NUL,     /* \u0000, or the byte 0: U+FFFD; between values nothing */
	SK_ODD_CONTROL, /* a control character that isn't escaped: itself */
	SK_ODD_ESCAPE,  /* a backslash before what can't be escaped: itself */
	SK_ODD_NUMBER, /* what no double and no 64 bits hold: its digits as a text; NaN, Infinity: null */
	SK_ODD_DEPTH, /* what is nested more than SK_JSON_DEPTH deep: null */
	SK_ODD_TWICE, /* a member that stands twice in an object */
	SK_ODDITIES
};

/* So that other tools can read what is written here: some stop at 256. */
#define SK_JSON_DEPTH 250

struct sk_json_repairs {
	size_t n;       /* how many values, or marks, were repaired */
	unsigned kinds; /* bits 1 << enum sk_oddity */
	size_t at;      /* the first one's place */
};

/*
 * Reads the n bytes from begin on, which are one value, perhaps between blanks. NULL, with *trouble (a
 * text) and *at, when they can't be read. Places count from text on. The caller owns the value.
 *
 * Of a member that stands twice with different values the last one counts if last_counts; else nobody can
 * say what it says, and it becomes an array of both: no text, no number and not null.
 */
struct sk_json_source {
	const char *text;
	size_t begin, end;
	bool last_counts;
};

json_t *sk_json_repair(const struct sk_json_source *source, struct sk_json_repairs *repairs,
    const char **trouble, size_t *at);

/* Notes one repair. */
void sk_json_repaired(struct sk_json_repairs *repairs, enum sk_oddity kind, size_t at);

/* Adds what was repaired later. */
void sk_json_repairs_add(struct sk_json_repairs *sum, const struct sk_json_repairs *more);

/* "half of a surrogate pair, bytes that aren't UTF-8". The caller frees. */
char *sk_json_repairs_text(const struct sk_json_repairs *repairs);

/*
 * Where the value that begins at `from` ends, by its brackets and quotes alone: the place of the comma,
 * colon or closing bracket behind it, or n. *is_odd becomes true where jansson may read it without complaint,
 * and it wants repair all the same: when it is nested too deep, or has numbers that may be nearly 0.
 */
size_t sk_json_end(const char *text, size_t from, size_t n, bool *is_odd);

#endif
