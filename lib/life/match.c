/* SPDX-License-Identifier: MIT */
/*
 * life: compares the entries of a list with our unknown rows. In doubt nothing is taken over and
 * nothing counts as absent: the row stays unknown, and a person sees the candidates.
 */
#include "life/match.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "rules/rules.h"
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
	json_decref(list->records);
	free(list->listed);
	free(list->owned);
	memset(list, 0, sizeof(*list));
}

bool
sk_match_is_kind(const struct sk_writeback *row, const struct sk_api_listed *listed)
{
	return sk_text_equal(row->office_id, listed->office_id) &&
	    sk_api_listed_is_call(listed, row->method, row->endpoint);
}

bool
sk_match_is_strict(const struct sk_writeback *row, const struct sk_api_listed *listed)
{
	json_t *body;
	char *path_id;
	int holds;

	if (!sk_match_is_kind(row, listed) || (row->request_body == NULL && row->purged_at != 0))
		return false;
	body = row->request_body != NULL ? sk_writeback_body(row) : json_object();
	path_id = sk_rules_path_id(row->endpoint);
	holds =
	    body != NULL && sk_api_listed_holds(listed, body, path_id, sk_rules_secret_fields());
	free(path_id);
	json_decref(body);
	return holds;
}

/*
 * Whether the entry may be of the row's kind: one that doesn't name its office, method or api may
 * be of any.
 */
static bool
may_be_kind(const struct sk_writeback *row, const struct sk_api_listed *listed)
{
	if (listed->office_id != NULL && !sk_text_equal(listed->office_id, row->office_id))
		return false;
	if (listed->method != NULL && strcasecmp(listed->method, row->method) != 0)
		return false;
	if (sk_api_listed_is_call(listed, row->method, row->endpoint))
		return true;
	return listed->api_name == NULL ? strstr(listed->echo, "apiname=") == NULL
					: listed->method == NULL;
}

bool
sk_match_shows_kind(const struct sk_writeback *row, const struct sk_listing *list)
{
	for (size_t j = 0; j < list->n; j++)
		if (!list->owned[j] && may_be_kind(row, &list->listed[j]))
			return true;
	return false;
}

static bool
are_identical(const struct sk_writeback *a, const struct sk_writeback *b)
{
	return sk_text_equal(a->office_id, b->office_id) && sk_text_equal(a->method, b->method) &&
	    sk_text_equal(a->endpoint, b->endpoint) &&
	    sk_text_equal(a->request_body, b->request_body);
}

static bool
is_settling(const struct sk_writeback *row)
{
	return row->result == SK_UNKNOWN && row->writeback_id == NULL;
}

/*
 * How many rows are identical to rows[i] and wait to be settled; -1 when one of them is being
 * submitted.
 */
static long
count_identical(const struct sk_writeback *rows, size_t n, size_t i)
{
	long count = 0;

	for (size_t j = 0; j < n; j++) {
		if (!are_identical(&rows[i], &rows[j]))
			continue;
		if (rows[j].result == SK_SUBMITTING)
			return -1;
		count += is_settling(&rows[j]);
	}
	return count;
}

/* The entries that may be rows[i]'s request. */
static size_t
find_candidates(const struct sk_writeback *row, const struct sk_listing *list, const int *taken,
    size_t *entries)
{
	size_t n = 0;

	for (size_t j = 0; j < list->n; j++)
		if (!list->owned[j] && !taken[j] && sk_match_is_strict(row, &list->listed[j]))
			entries[n++] = j;
	return n;
}

static bool
is_older(const struct sk_listing *list, size_t a, size_t b)
{
	long long left = strtoll(list->listed[a].id, NULL, 10),
		  right = strtoll(list->listed[b].id, NULL, 10);

	return left != right ? left < right : a < b;
}

static void
sort_by_age(const struct sk_listing *list, size_t *entries, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j > 0 && is_older(list, entries[j], entries[j - 1]); j--) {
			size_t swap = entries[j];

			entries[j] = entries[j - 1];
			entries[j - 1] = swap;
		}
}

/*
 * Whether one of the entries may also be the request of another row, which has more or fewer fields
 * than rows[i]. Taking it over here could leave the other row without its request: it would be
 * found absent and be sent again.
 */
static bool
are_contested(const struct sk_writeback *rows, size_t n, size_t i, const struct sk_listing *list,
    const size_t *entries, size_t n_entries)
{
	for (size_t j = 0; j < n; j++) {
		if (rows[j].writeback_id != NULL || are_identical(&rows[i], &rows[j]))
			continue;
		for (size_t e = 0; e < n_entries; e++)
			if (sk_match_is_strict(&rows[j], &list->listed[entries[e]]))
				return true;
	}
	return false;
}

/*
 * The oldest row of the group gets the oldest entry, the next row the next one. The rows are
 * identical, so it makes no difference at the practice which gets which; the order only has to be
 * the same each time.
 */
static void
adopt_group(const struct sk_writeback *rows, size_t n, size_t first, const size_t *entries,
    int *taken, struct sk_match *matches)
{
	size_t next = 0;

	for (size_t j = first; j < n; j++) {
		if (!is_settling(&rows[j]) || !are_identical(&rows[first], &rows[j]))
			continue;
		matches[j].verdict = SK_MATCH_ADOPT;
		matches[j].entry = entries[next];
		taken[entries[next++]] = 1;
	}
}

static bool
shows_a_witness(const struct sk_listing *list, char *const *witnesses, size_t n)
{
	if (n == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (sk_listing_find(list, witnesses[i]) >= 0)
			return true;
	return false;
}

static bool
list_lacks(const struct sk_writeback *row, const struct sk_listing *list, char *const *witnesses,
    size_t n_witnesses)
{
	if (!list->whole || list->is_undated || list->begun_at < row->unknown_at + SK_LIFE_LISTED ||
	    list->begun_at - row->submitted_at >= SK_LIFE_FORGETS || row->submitted_at < list->from)
		return false;
	return !sk_match_shows_kind(row, list) && shows_a_witness(list, witnesses, n_witnesses);
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
 * be sent again, on the strength of a guess. More entries than rows: one of them is somebody
 * else's, or the late request of an earlier row. Taking that one over would report another
 * request's end as this row's, and leave the row's own request without an owner, to be taken for a
 * double and withdrawn.
 *
 * While an identical row is being submitted, its request may or may not be in the list already, and
 * the number says nothing: count_identical returns -1, which agrees with no number. An entry that a
 * row with other fields may have sent (are_contested) decides nothing either. In all these cases
 * the verdict is AMBIGUOUS: the row stays unknown, and sikka-sweep -n shows the candidates to a
 * person.
 *
 * Whether the list lacks a row is asked only when it shows no candidate, and then by office, method
 * and api alone (list_lacks): an entry of the row's kind without an owner may be its request,
 * spelled in a way that we don't know.
 */
void
sk_match_rows(const struct sk_writeback *rows, size_t n, const struct sk_listing *list,
    char *const *const *witnesses, const size_t *n_witnesses, struct sk_match *matches)
{
	int *taken = sk_mem_zero(list->n + 1, sizeof(*taken));
	size_t *entries = sk_mem_zero(list->n + 1, sizeof(*entries));

	memset(matches, 0, n * sizeof(*matches));
	for (size_t i = 0; i < n; i++) {
		long identical;
		size_t candidates;

		if (!is_settling(&rows[i]) || matches[i].verdict != SK_MATCH_NOTHING)
			continue;
		candidates = find_candidates(&rows[i], list, taken, entries);
		identical = count_identical(rows, n, i);
		if (candidates > 0) {
			matches[i].verdict = SK_MATCH_AMBIGUOUS;
			sort_by_age(list, entries, candidates);
			matches[i].entry = entries[0];
			if (identical == (long)candidates &&
			    !are_contested(rows, n, i, list, entries, candidates))
				adopt_group(rows, n, i, entries, taken, matches);
			continue;
		}
		if (identical > 0 &&
		    list_lacks(&rows[i], list, witnesses != NULL ? witnesses[i] : NULL,
			n_witnesses != NULL ? n_witnesses[i] : 0))
			matches[i].verdict = SK_MATCH_LACKS;
	}
	free(entries);
	free(taken);
}
