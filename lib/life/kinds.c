/* SPDX-License-Identifier: MIT */
/* kinds: of each row, found among those of its office, which is found by halving. */
#include "life/kinds.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/sorted.h"
#include "base/text.h"
#include "api/writeback.h"

bool
sk_kinds_are_same(const struct sk_writeback *a, const struct sk_writeback *b)
{
	return sk_text_equal(a->office_id, b->office_id) && strcasecmp(a->method, b->method) == 0 &&
	    sk_api_is_same_kind(a->endpoint, b->endpoint);
}

static int
compare_ids(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int
compare_offices(const void *left, const void *right)
{
	const struct sk_kinds_office *a = left, *b = right;

	return compare_ids(a->id, b->id);
}

static int
compare_office(const void *office_id, const void *office)
{
	return compare_ids(office_id, ((const struct sk_kinds_office *)office)->id);
}

/* n_offices: behind all of them. */
static size_t
place_of_office(const struct sk_kinds *kinds, const char *office_id)
{
	return sk_sorted_place(office_id, kinds->offices, kinds->n_offices, sizeof(*kinds->offices),
	    compare_office);
}

static void
take_offices(struct sk_kinds *kinds, const struct sk_writeback *rows, size_t n_rows)
{
	struct sk_kinds_office *offices = sk_mem_zero(n_rows + 1, sizeof(*offices));
	size_t n = 0;

	for (size_t i = 0; i < n_rows; i++)
		offices[i] =
		    (struct sk_kinds_office){.id = rows[i].office_id, .first = SK_KINDS_END};
	if (n_rows > 0)
		qsort(offices, n_rows, sizeof(*offices), compare_offices);
	for (size_t i = 0; i < n_rows; i++)
		if (n == 0 || compare_offices(&offices[i], &offices[n - 1]) != 0)
			offices[n++] = offices[i];
	kinds->offices = offices;
	kinds->n_offices = n;
}

static size_t
kind_of(struct sk_kinds *kinds, const struct sk_writeback *row)
{
	/* take_offices has taken each row's. */
	struct sk_kinds_office *office = &kinds->offices[place_of_office(kinds, row->office_id)];
	size_t at = office->first;

	while (at != SK_KINDS_END && !sk_kinds_are_same(kinds->kinds[at].row, row))
		at = kinds->kinds[at].next;
	if (at != SK_KINDS_END)
		return at;
	kinds->kinds[kinds->n] = (struct sk_kind){.row = row, .next = office->first};
	office->first = kinds->n;
	return kinds->n++;
}

void
sk_kinds_make(struct sk_kinds *kinds, const struct sk_writeback *rows, size_t n_rows)
{
	memset(kinds, 0, sizeof(*kinds));
	take_offices(kinds, rows, n_rows);
	kinds->kinds = sk_mem_zero(n_rows + 1, sizeof(*kinds->kinds));
	kinds->of_rows = sk_mem_zero(n_rows + 1, sizeof(*kinds->of_rows));
	for (size_t i = 0; i < n_rows; i++)
		kinds->of_rows[i] = kind_of(kinds, &rows[i]);
}

void
sk_kinds_fini(struct sk_kinds *kinds)
{
	free(kinds->kinds);
	free(kinds->of_rows);
	free(kinds->offices);
	memset(kinds, 0, sizeof(*kinds));
}

size_t
sk_kinds_of_office(const struct sk_kinds *kinds, const char *office_id)
{
	size_t at = place_of_office(kinds, office_id);

	if (at == kinds->n_offices || compare_ids(office_id, kinds->offices[at].id) != 0)
		return SK_KINDS_END;
	return kinds->offices[at].first;
}
