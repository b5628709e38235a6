/* SPDX-License-Identifier: MIT */
/*
 * kinds: the kinds of many rows: office, method and api. An office has few of them, so a row or an entry is compared
 * with those of its office alone, however many offices there are. Pure.
 */
#ifndef SK_LIFE_KINDS_H
#define SK_LIFE_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "store/writebacks.h"

#define SK_KINDS_END ((size_t)-1)

struct sk_kind {
	const struct sk_writeback *row; /* the first of this kind */
	size_t next;                    /* another kind of the same office, or SK_KINDS_END */
};

struct sk_kinds {
	struct sk_kind *kinds; /* in the order of their first rows */
	size_t n;
	size_t *of_rows; /* the kind of row i */
	struct sk_kinds_office {
		const char *id; /* may be NULL */
		size_t first;   /* of its kinds */
	} * offices;            /* sorted by id */
	size_t n_offices;
};

/* Whether two rows are of one kind: same office, method and api. */
bool sk_kinds_are_same(const struct sk_writeback *a, const struct sk_writeback *b);

/* The rows are borrowed. */
void sk_kinds_make(struct sk_kinds *kinds, const struct sk_writeback *rows, size_t n_rows);
void sk_kinds_fini(struct sk_kinds *kinds);

/* The first kind of an office, from which next leads to its others; SK_KINDS_END: no row is of that office. */
size_t sk_kinds_of_office(const struct sk_kinds *kinds, const char *office_id);

#endif
