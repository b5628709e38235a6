/* SPDX-License-Identifier: MIT */
/*
 * match: which request of the server's list is which unknown row of ours, and what a list proves
 * (sikka-life(7), Settling). Pure: rows, listed requests and moments in, verdicts out.
 */
#ifndef SK_LIFE_MATCH_H
#define SK_LIFE_MATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/writebacks.h"
#include "api/writeback.h"

/* The server's list (/writebacks), as it was read. */
struct sk_listing {
	json_t *records; /* listed borrows from this */
	struct sk_api_listed *listed;
	int *owned; /* 1: a row of ours has this id; see sk_check_list_mark_owned */
	size_t n;
	int64_t begun_at; /* when its first page was asked for */
	int64_t number;   /* lists are numbered as they begin, whoever reads them */
	int64_t from;     /* the first moment that it covers */
	int whole;        /* total_count is the same on all pages, and right */
	int is_undated;   /* an answer had no Date: it proves no absence */
};

enum sk_verdict {
	SK_MATCH_NOTHING, /* the list says nothing about the row */
	SK_MATCH_ADOPT,   /* listed[entry] is this row's */
	SK_MATCH_LACKS,   /* the list proves that the server doesn't have it */
	/* candidates, but not one for each row, or maybe others' */
	SK_MATCH_AMBIGUOUS
};

struct sk_match {
	enum sk_verdict verdict;
	size_t entry;
};

/*
 * rows: all unknown rows without an id, and all submitting ones (which are only compared with), by
 * id. witnesses[i] (may be NULL): n_witnesses[i] ids that the server gave to accepted requests of
 * that office that were sent later than row i; a list that shows none of them proves nothing about
 * row i.
 */
void sk_match_rows(const struct sk_writeback *rows, size_t n, const struct sk_listing *list,
    char *const *const *witnesses, const size_t *n_witnesses, struct sk_match *matches);

/*
 * Whether a listed request may be the row's: office, method and api are the same, and the echo has
 * what we sent.
 */
bool sk_match_is_strict(const struct sk_writeback *row, const struct sk_api_listed *listed);

/* Whether a listed request is of the row's kind: same office, method and api. */
bool sk_match_is_kind(const struct sk_writeback *row, const struct sk_api_listed *listed);

/*
 * Whether the list shows an entry of the row's kind that nobody owns, or one that doesn't name its
 * kind.
 */
bool sk_match_shows_kind(const struct sk_writeback *row, const struct sk_listing *list);

/* The index of the entry with that id, or -1. */
long sk_listing_find(const struct sk_listing *list, const char *writeback_id);

void sk_listing_fini(struct sk_listing *list);

#endif
