/* SPDX-License-Identifier: MIT */
#include "life/match.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
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

int
sk_match_is_kind(const struct sk_writeback *row, const struct sk_api_listed *listed)
{
	return sk_text_equal(row->office_id, listed->office_id) &&
	    sk_api_listed_is_call(listed, row->method, row->endpoint);
}

int
sk_match_is_strict(const struct sk_writeback *row, const struct sk_api_listed *listed)
{
	json_t *body;
	char *path_id;
	int holds;

	if (!sk_match_is_kind(row, listed) || (row->request_body == NULL && row->purged_at != 0))
		return 0;
	body = row->request_body != NULL
	    ? sk_json_parse(row->request_body, strlen(row->request_body), NULL)
	    : json_object();
	path_id = sk_rules_path_id(row->endpoint);
	holds =
	    body != NULL && sk_api_listed_holds(listed, body, path_id, sk_rules_secret_fields());
	free(path_id);
	json_decref(body);
	return holds;
}

/* What doesn't say its office, method or api may be of any kind. */
static int
may_be_kind(const struct sk_writeback *row, const struct sk_api_listed *listed)
{
	if (listed->office_id != NULL && !sk_text_equal(listed->office_id, row->office_id))
		return 0;
	if (listed->method != NULL && strcasecmp(listed->method, row->method) != 0)
		return 0;
	if (sk_api_listed_is_call(listed, row->method, row->endpoint))
		return 1;
	return listed->api_name == NULL ? strstr(listed->echo, "apiname=") == NULL
					: listed->method == NULL;
}

int
sk_match_shows_kind(const struct sk_writeback *row, const struct sk_listing *list)
{
	for (size_t j = 0; j < list->n; j++)
		if (!list->owned[j] && may_be_kind(row, &list->listed[j]))
			return 1;
	return 0;
}

static int
are_identical(const struct sk_writeback *a, const struct sk_writeback *b)
{
	return sk_text_equal(a->office_id, b->office_id) && sk_text_equal(a->method, b->method) &&
	    sk_text_equal(a->endpoint, b->endpoint) &&
	    sk_text_equal(a->request_body, b->request_body);
}

static int
is_settling(const struct sk_writeback *row)
{
	return row->result == SK_UNKNOWN && row->writeback_id == NULL;
}

/* How many rows identical to rows[i] wait for settlement; -1 when one is being submitted. */
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

/* The entries that may be rows[i]'s, oldest first: ids rise with time, and so do lists. */
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

static int
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
 * Whether one of the entries may be another row's, which says more or less than rows[i]: adopting
 * it here would leave that row without its request, to be found absent and sent again.
 */
static int
are_contested(const struct sk_writeback *rows, size_t n, size_t i, const struct sk_listing *list,
    const size_t *entries, size_t n_entries)
{
	for (size_t j = 0; j < n; j++) {
		if (rows[j].writeback_id != NULL || are_identical(&rows[i], &rows[j]))
			continue;
		for (size_t e = 0; e < n_entries; e++)
			if (sk_match_is_strict(&rows[j], &list->listed[entries[e]]))
				return 1;
	}
	return 0;
}

/* The oldest row gets the oldest entry, and so on. */
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

static int
shows_a_witness(const struct sk_listing *list, char *const *witnesses, size_t n)
{
	if (n == 0)
		return 1;
	for (size_t i = 0; i < n; i++)
		if (sk_listing_find(list, witnesses[i]) >= 0)
			return 1;
	return 0;
}

static int
list_lacks(const struct sk_writeback *row, const struct sk_listing *list, char *const *witnesses,
    size_t n_witnesses)
{
	if (!list->whole || list->begun_at < row->unknown_at + SK_LIFE_TRAVEL ||
	    list->begun_at - row->submitted_at >= SK_LIFE_FORGETS || row->submitted_at < list->from)
		return 0;
	return !sk_match_shows_kind(row, list) && shows_a_witness(list, witnesses, n_witnesses);
}

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
