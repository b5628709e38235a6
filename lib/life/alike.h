/* SPDX-License-Identifier: MIT */
/*
 * alike: rows of ours and entries of the server's list, grouped by what they hold: office, method, api
 * and content. Within a group the list can't tell one from another; what lies in different groups has
 * nothing to do with each other. Pure, and not quadratic: it sorts.
 */
#ifndef SK_LIFE_ALIKE_H
#define SK_LIFE_ALIKE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/writebacks.h"
#include "api/writeback.h"

/* What a row holds, as the list would echo it. */
struct sk_echoed {
	char *text;     /* never NULL */
	bool is_unsure; /* it can't be compared: no entry is surely this row's */
};
struct sk_echoed sk_echoed_of(const struct sk_writeback *row);
void sk_echoed_fini(struct sk_echoed *content);

/* Whether two rows would be listed in the same words: same office, method, api and content. */
bool sk_alike_rows(const struct sk_writeback *a, const struct sk_echoed *content_a,
    const struct sk_writeback *b, const struct sk_echoed *content_b);

/* Whether an entry is of the row's kind: same office, method and api. */
bool sk_alike_is_kind(const struct sk_writeback *row, const struct sk_api_listed *listed);

/*
 * Whether it may be: an entry that doesn't name its office, method or api may be of any kind.
 */
bool sk_alike_may_be_kind(const struct sk_writeback *row, const struct sk_api_listed *listed);

/* The entries that a caller doesn't want to see are left out. */
typedef bool sk_alike_wants(const void *arg, size_t entry);

struct sk_alike_group {
	const size_t *rows;    /* their indexes, ascending */
	size_t n_rows;         /* at least one */
	const size_t *entries; /* their indexes, the oldest first */
	size_t n_entries;
	bool is_unsure; /* a row of the group can't be compared with an echo */
};

struct sk_alike {
	struct sk_alike_group *groups;
	size_t n;
	struct sk_echoed *contents; /* of row i */
	size_t n_rows;
	size_t *indexes;
};

void sk_alike_make(struct sk_alike *alike, const struct sk_writeback *rows, size_t n_rows,
    const struct sk_api_listed *listed, size_t n_listed, sk_alike_wants *wants, const void *arg);
void sk_alike_fini(struct sk_alike *alike);

#endif
