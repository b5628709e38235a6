/* SPDX-License-Identifier: MIT */
/*
 * match: which request of the server's list is which unknown row of ours, and what a list proves
 * (sikka-life(7), Settling). Pure: rows, listed requests and moments in, verdicts out.
 */
#ifndef SK_LIFE_MATCH_H
#define SK_LIFE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/writebacks.h"
#include "api/writeback.h"
#include "life/alike.h"
#include "life/days.h"

/* Whose an entry is. */
enum sk_ownership {
	SK_OWNED_BY_NOBODY,
	SK_OWNED, /* a row of ours has its id, or a person said that it is another's */
	/* a row of ours has its id that a person resolved: it may be an equal row's all the same */
	SK_OWNED_BY_RESOLVED,
	SK_OWNED_IN_DOUBT /* the same, but it can't be that row's: nobody's to take, and maybe anybody's */
};

/* The server's list (/writebacks), as it was read. */
struct sk_listing {
	struct sk_api_listed *listed;
	int *owned; /* enum sk_ownership; see sk_check_list_mark_owned */
	size_t n, room;
	int64_t begun_at; /* when its first page was asked for */
	int64_t number;   /* lists are numbered as they begin, whoever reads them */
	struct sk_days days[SK_DAYS_PARTS]; /* that were asked for, in so many parts */
	size_t n_days;
	int64_t from;   /* the first moment that it covers, whatever the server's zone is */
	int whole;      /* all of its parts are: else it proves nothing about what it lacks */
	int is_undated; /* an answer had no Date: it proves no absence */
	int64_t n_pages, took; /* ms, all of them together */
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
	size_t entry;             /* the match; ambiguous: the oldest candidate */
	size_t group;             /* rows with the same number could be taken for one another */
	bool shows_kind;          /* the list shows one of the row's kind that may be the row's */
	struct sk_echoed content; /* the row's */
};
void sk_matches_free(struct sk_match *matches, size_t n);

/* A request of ours that a list has to show, if it is to prove anything; id NULL: there is none. */
struct sk_witness {
	const char *id;
	int64_t submitted_at; /* it is asked of rows that were submitted before */
};

/*
 * rows: all unknown rows without an id, by id, and those that they are compared with: submitting ones,
 * and unknown ones that got the id of another row. matches: n of them, to be freed.
 */
void sk_match_rows(const struct sk_writeback *rows, size_t n, const struct sk_listing *list,
    const struct sk_witness *witness, struct sk_match *matches);

/* Whether a row waits for a list to say what became of it. */
bool sk_match_is_settling(const struct sk_writeback *row);

/*
 * Whether a listed request may be the row's: office, method and api are the same, and the echo has
 * what we sent, and nothing more.
 */
bool sk_match_is_strict(const struct sk_writeback *row, const struct sk_api_listed *listed);

/* Whether a listed request is of the row's kind: same office, method and api. */
bool sk_match_is_kind(const struct sk_writeback *row, const struct sk_api_listed *listed);

/* Whether nobody owns the entry, so that it can be adopted. For sk_alike_make; arg: the list. */
bool sk_match_is_unowned(const void *list, size_t entry);

/* The index of the entry with that id, or -1. */
long sk_listing_find(const struct sk_listing *list, const char *writeback_id);

void sk_listing_fini(struct sk_listing *list);

/* The entries of a list by their ids, and those with the same id in the order of the list. */
struct sk_listing_index {
	const struct sk_api_listed **sorted;
	size_t n;
};

/* As long as the list stays as it is. The caller frees. */
struct sk_listing_index *sk_listing_index_new(const struct sk_listing *list);

/* The first entry with that id, or NULL. */
const struct sk_api_listed *sk_listing_index_find(const struct sk_listing_index *index,
    const char *writeback_id);

void sk_listing_index_free(struct sk_listing_index *index);

#endif
