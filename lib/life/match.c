/* SPDX-License-Identifier: MIT */
/*
 * life: compares the entries of a list with our unknown rows. In doubt nothing is taken over and
 * nothing counts as absent: the row stays unknown, and a person sees the candidates.
 */
#include "life/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sorted.h"
#include "base/text.h"
#include "base/time.h"
#include "life/kinds.h"
#include "life/life.h"

long
sk_listing_find(const struct sk_listing *list, const char *writeback_id)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->listed[i].id, writeback_id) == 0)
			return (long)i;
	return -1;
}

void
sk_listing_fini(struct sk_listing *list)
{
	for (size_t i = 0; i < list->n; i++)
		sk_api_listed_fini(&list->listed[i]);
	free(list->listed);
	free(list->owned);
	memset(list, 0, sizeof(*list));
}

static int
compare_entries(const void *a, const void *b)
{
	const struct sk_api_listed *left = *(const struct sk_api_listed *const *)a,
				   *right = *(const struct sk_api_listed *const *)b;
	int order = strcmp(left->id, right->id);

	return order != 0 ? order : (left > right) - (left < right);
}

struct sk_listing_index *
sk_listing_index_new(const struct sk_listing *list)
{
	struct sk_listing_index *index = sk_mem_zero(1, sizeof(*index));

	index->n = list->n;
	index->sorted = sk_mem_zero(list->n + 1, sizeof(*index->sorted));
	for (size_t i = 0; i < list->n; i++)
		index->sorted[i] = &list->listed[i];
	qsort(index->sorted, index->n, sizeof(*index->sorted), compare_entries);
	return index;
}

static int
compare_id(const void *id, const void *entry)
{
	return strcmp(id, (*(const struct sk_api_listed *const *)entry)->id);
}

const struct sk_api_listed *
sk_listing_index_find(const struct sk_listing_index *index, const char *writeback_id)
{
	size_t place = sk_sorted_place(writeback_id, index->sorted, index->n,
	    sizeof(*index->sorted), compare_id);

	if (place == index->n || strcmp(index->sorted[place]->id, writeback_id) != 0)
		return NULL;
	return index->sorted[place];
}

void
sk_listing_index_free(struct sk_listing_index *index)
{
	free(index->sorted);
	free(index);
}

bool
sk_match_is_kind(const struct sk_writeback *row, const struct sk_api_listed *listed)
{
	return sk_alike_is_kind(row, listed);
}

bool
sk_match_is_unowned(const void *list, size_t entry)
{
	return ((const struct sk_listing *)list)->owned[entry] == SK_OWNED_BY_NOBODY;
}

static bool
is_wanted(const void *arg, size_t entry)
{
	(void)arg, (void)entry;
	return true;
}

bool
sk_match_is_strict(const struct sk_writeback *row, const struct sk_api_listed *listed)
{
	struct sk_alike alike;
	bool is_strict;

	sk_alike_make(&alike, row, 1, listed, 1, is_wanted, NULL);
	is_strict = alike.n > 0 && alike.groups[0].n_entries > 0 && !alike.groups[0].is_unsure;
	sk_alike_fini(&alike);
	return is_strict;
}

void
sk_matches_free(struct sk_match *matches, size_t n)
{
	for (size_t i = 0; matches != NULL && i < n; i++)
		sk_echoed_fini(&matches[i].content);
	free(matches);
}

static bool
are_identical(const struct sk_writeback *a, const struct sk_writeback *b)
{
	return sk_text_equal(a->office_id, b->office_id) && sk_text_equal(a->method, b->method) &&
	    sk_text_equal(a->endpoint, b->endpoint) &&
	    sk_text_equal(a->request_body, b->request_body);
}

bool
sk_match_is_settling(const struct sk_writeback *row)
{
	return row->result == SK_UNKNOWN && !sk_life_had_id(row);
}

/* What one call of sk_match_rows works on. */
struct matching {
	const struct sk_writeback *rows;
	const struct sk_listing *list;
	const struct sk_witness *witness;
	bool shows_witness;
	struct sk_match *matches;
};

/* Whether the row takes no part: it has an id, and is asked for by that. */
static bool
has_id(const struct sk_writeback *row)
{
	return row->writeback_id != NULL;
}

/*
 * How many rows of the group wait to be settled; -1 when one of them is being submitted, or isn't
 * identical to the others, so that no entry can be told to be theirs.
 */
static long
count_identical(const struct matching *matching, const struct sk_alike_group *group)
{
	const struct sk_writeback *first = NULL;
	long count = 0;

	for (size_t i = 0; i < group->n_rows; i++) {
		const struct sk_writeback *row = &matching->rows[group->rows[i]];

		if (has_id(row))
			continue;
		if (first == NULL)
			first = row;
		if (!sk_match_is_settling(row) || !are_identical(first, row))
			return -1;
		count++;
	}
	return group->is_unsure ? -1 : count;
}

/*
 * The oldest row of the group gets the oldest entry, the next row the next one. The rows are
 * identical, so it makes no difference at the practice which gets which; the order only has to be
 * the same each time.
 */
static void
match_entries(const struct matching *matching, const struct sk_alike_group *group)
{
	long identical = count_identical(matching, group);
	bool are_adopted = identical == (long)group->n_entries || identical == 1;
	size_t next = 0;

	for (size_t i = 0; i < group->n_rows; i++) {
		struct sk_match *match = &matching->matches[group->rows[i]];

		if (!sk_match_is_settling(&matching->rows[group->rows[i]]))
			continue;
		match->verdict = are_adopted ? SK_MATCH_ADOPT : SK_MATCH_AMBIGUOUS;
		match->entry = group->entries[next];
		next += are_adopted;
	}
}

/* Whether a row of the group may be on its way, or has an id that nobody knows. */
static bool
is_one_open(const struct matching *matching, const struct sk_alike_group *group)
{
	for (size_t i = 0; i < group->n_rows; i++) {
		const struct sk_writeback *row = &matching->rows[group->rows[i]];

		if (!has_id(row) && !sk_match_is_settling(row))
			return true;
	}
	return false;
}

static bool
list_lacks(const struct matching *matching, const struct sk_writeback *row)
{
	const struct sk_listing *list = matching->list;

	if (!list->whole || list->is_undated || list->begun_at < row->unknown_at + SK_LIFE_LISTED ||
	    list->begun_at - row->submitted_at >= SK_LIFE_PROVES || row->submitted_at < list->from)
		return false;
	return matching->shows_witness || matching->witness->submitted_at <= row->submitted_at;
}

/*
 * Whether an entry equals the row that a row has which a person resolved. That one took it because it
 * came first; so nobody knows whose it is.
 */
static bool
is_with_resolved(const struct matching *matching, const struct sk_writeback *row)
{
	const struct sk_listing *list = matching->list;

	for (size_t j = 0; j < list->n; j++)
		if (list->owned[j] == SK_OWNED_BY_RESOLVED &&
		    sk_match_is_strict(row, &list->listed[j]))
			return true;
	return false;
}

static void
match_absence(const struct matching *matching, const struct sk_alike_group *group)
{
	if (is_one_open(matching, group))
		return;
	for (size_t i = 0; i < group->n_rows; i++) {
		const struct sk_writeback *row = &matching->rows[group->rows[i]];
		struct sk_match *match = &matching->matches[group->rows[i]];

		if (sk_match_is_settling(row) && !match->shows_kind && list_lacks(matching, row) &&
		    !is_with_resolved(matching, row))
			match->verdict = SK_MATCH_LACKS;
	}
}

/* An entry that isn't surely a row's of ours shows the kinds that it may be of. */
static void
show_kinds(const struct sk_kinds *kinds, const struct sk_api_listed *listed, bool *shown)
{
	/* One that names no office may be of any. */
	bool is_of_one = listed->office_id != NULL;
	size_t at = is_of_one ? sk_kinds_of_office(kinds, listed->office_id) : 0;

	while (at < kinds->n) {
		if (!shown[at])
			shown[at] = sk_alike_may_be_kind(kinds->kinds[at].row, listed);
		at = is_of_one ? kinds->kinds[at].next : at + 1;
	}
}

/* Where there are many rows, an office has few kinds: so each entry is held against those of its office. */
static void
look_for_kinds(const struct matching *matching, size_t n)
{
	const struct sk_listing *list = matching->list;
	struct sk_kinds kinds;
	bool *shown;

	sk_kinds_make(&kinds, matching->rows, n);
	shown = sk_mem_zero(kinds.n + 1, sizeof(*shown));
	for (size_t j = 0; j < list->n; j++)
		if (list->owned[j] == SK_OWNED_BY_NOBODY || list->owned[j] == SK_OWNED_IN_DOUBT)
			show_kinds(&kinds, &list->listed[j], shown);
	for (size_t i = 0; i < n; i++)
		matching->matches[i].shows_kind = shown[kinds.of_rows[i]];
	free(shown);
	sk_kinds_fini(&kinds);
}

/*
 * Settles groups of identical rows, never one row of a group.
 *
 * Several rows may be the same request: it was handed in twice with --again, or again after its key
 * was free. Their entries look the same, so no comparison can tell which entry is whose, and the
 * only evidence is their number. As many entries without an owner as identical unknown rows: then
 * they are the group's, and the oldest row gets the oldest entry. Fewer entries than rows: some
 * row's request isn't in the list, and nobody can say whose. If one row took the entry over, the
 * others would be left with lists that show none of their kind, would be declared not received, and
 * be sent again, on the strength of a guess. More entries than several rows: one of them is
 * somebody else's, or the late request of an earlier row, and nobody can say which. More entries than
 * a single row: a proxy has repeated the POST, or an earlier row's request is late. The row gets the
 * oldest, and a person is told of the others (settle_late.c); neither is withdrawn by itself.
 *
 * While an identical row is being submitted, its request may or may not be in the list already, and
 * the number says nothing: count_identical returns -1, which agrees with no number. Neither does it
 * where the rows of a group aren't identical, because they differ in what an echo doesn't show, or
 * where an echo can't be told from that of another request. In all these cases
 * the verdict is AMBIGUOUS: the row stays unknown, and sikka-sweep -n shows the candidates to a
 * person.
 *
 * Whether the list lacks a row is asked only when it shows no candidate, and then by office, method
 * and api alone (list_lacks): an entry of the row's kind without an owner may be its request,
 * spelled in a way that we don't know.
 */
void
sk_match_rows(const struct sk_writeback *rows, size_t n, const struct sk_listing *list,
    const struct sk_witness *witness, struct sk_match *matches)
{
	struct matching matching = {.rows = rows,
	    .list = list,
	    .witness = witness,
	    .shows_witness = witness->id == NULL || sk_listing_find(list, witness->id) >= 0,
	    .matches = matches};
	struct sk_alike alike;

	memset(matches, 0, n * sizeof(*matches));
	look_for_kinds(&matching, n);
	sk_alike_make(&alike, rows, n, list->listed, list->n, sk_match_is_unowned, list);
	for (size_t i = 0; i < alike.n; i++) {
		const struct sk_alike_group *group = &alike.groups[i];

		for (size_t j = 0; j < group->n_rows; j++)
			matches[group->rows[j]].group = i;
		if (group->n_entries > 0)
			match_entries(&matching, group);
		else
			match_absence(&matching, group);
	}
	for (size_t i = 0; i < n; i++) {
		matches[i].content = alike.contents[i];
		alike.contents[i].text = NULL;
	}
	sk_alike_fini(&alike);
}
