/* SPDX-License-Identifier: MIT */
/*
 * list_part: reads the pages of some days. A part that moved while it was read is read again; one that does
 * so each time is torn, and proves nothing about what it lacks.
 */
#include "life/list_part.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "calls/pages.h"

#define PAGE 5000
#define MOST_BYTES ((size_t)256 << 20) /* of a part */
#define TRIES 3                        /* of a part that moves while it is read */

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A part that moved while it was read may show one entry twice, and then it lacks another. */
static bool
has_repeated_ids(const struct sk_api_listed *listed, size_t n)
{
	const char **ids = sk_mem_zero(n + 1, sizeof(*ids));
	bool repeated = false;

	for (size_t i = 0; i < n; i++)
		ids[i] = listed[i].id;
	qsort(ids, n, sizeof(*ids), compare_ids);
	for (size_t i = 1; i < n; i++)
		repeated |= strcmp(ids[i - 1], ids[i]) == 0;
	free(ids);
	return repeated;
}

/* An empty list is answered in its own way: 204, without counts that could be compared. */
static bool
is_empty(const struct sk_api_pages *pages)
{
	return pages->ended && !pages->torn && pages->seen == 0 && pages->total <= 0;
}

/* 0 for what is no number. */
static int64_t
number_of(const struct sk_api_listed *listed)
{
	char *end;
	long long number = strtoll(listed->id, &end, 10);

	return *end == '\0' && number > 0 ? number : 0;
}

/*
 * Whether all that is new may be new entries behind the first page: as many as the count has grown by have
 * ids above all of the first page's. What was inserted before an entry that was read already shows that
 * entry once more, which is looked for elsewhere.
 */
static bool
has_grown_only_behind(const struct sk_api_pages *pages, const struct sk_api_listed *listed,
    size_t n)
{
	int64_t highest = 0, n_above = 0;
	size_t n_first = (size_t)pages->first;

	if (sk_api_pages_growth(pages) == 0)
		return true;
	for (size_t i = 0; i < n_first && i < n; i++) {
		int64_t number = number_of(&listed[i]);

		if (number == 0)
			return false;
		highest = number > highest ? number : highest;
	}
	for (size_t i = n_first; i < n; i++)
		n_above += number_of(&listed[i]) > highest;
	return n_above >= sk_api_pages_growth(pages);
}

bool
sk_list_part_is_whole(const struct sk_api_pages *pages, const struct sk_api_listed *listed,
    size_t n)
{
	/* An entry without an id could be any row's request. */
	if ((int64_t)n != pages->seen || has_repeated_ids(listed, n))
		return false;
	return is_empty(pages) ||
	    (sk_api_pages_complete(pages) && has_grown_only_behind(pages, listed, n));
}

/*
 * Whether reading it again makes sense: only what has several pages moves while it is read. A server whose
 * count is wrong gives it on a single page, too.
 */
static bool
may_have_moved(const struct sk_api_pages *pages)
{
	return pages->offset > 1;
}

static int
take_record(void *arg, json_t *record, struct sk_error *err)
{
	struct sk_list_part *part = arg;
	struct sk_api_listed listed;

	(void)err;
	part->n_records++;
	if (sk_api_read_listed(record, &listed) != 0)
		return 0;
	part->listed = sk_mem_grow(part->listed, part->n + 1, &part->room, sizeof(*part->listed));
	sk_api_keep_listed(&listed, &part->listed[part->n++]);
	return 0;
}

/* As sk_list_part_read, once. *again: it may have moved while it was read. */
static int
read_once(struct sk_pool *pool, const struct sk_days *days, struct sk_list_part *part, bool *again,
    struct sk_error *err)
{
	const struct sk_api_parameter parameters[] = {{"startdate", days->first},
	    {"enddate", days->last}};
	struct sk_pages pages = {.kind = SK_CALL_READ,
	    .path = "/writebacks",
	    .parameters = parameters,
	    .n_parameters = 2,
	    .page_size = PAGE,
	    .shrinks = true,
	    .is_read_again = true,
	    .most = MOST_BYTES,
	    .record = take_record,
	    .arg = part};
	int result;

	memset(part, 0, sizeof(*part));
	result = sk_pages_read(pool, &pages, err);
	sk_pages_fini(&pages);
	if (result != 0) {
		sk_list_part_fini(part);
		return -1;
	}
	part->whole = sk_list_part_is_whole(&pages.list, part->listed, part->n);
	part->is_undated = pages.is_undated;
	part->n_pages = pages.n_answers;
	part->took = pages.took;
	*again = !part->whole && may_have_moved(&pages.list);
	sk_out_verbose("read %zu writebacks from the list of %s to %s%s", part->n_records,
	    days->first, days->last,
	    part->whole ? "" : "; it changed while it was read and proves nothing");
	return 0;
}

int
sk_list_part_read(struct sk_pool *pool, const struct sk_days *days, struct sk_list_part *part,
    struct sk_error *err)
{
	bool again;

	for (int i = 1;; i++) {
		if (read_once(pool, days, part, &again, err) != 0)
			return -1;
		if (!again || i == TRIES)
			return 0;
		sk_list_part_fini(part);
	}
}

void
sk_list_part_fini(struct sk_list_part *part)
{
	for (size_t i = 0; i < part->n; i++)
		sk_api_listed_fini(&part->listed[i]);
	free(part->listed);
	memset(part, 0, sizeof(*part));
}
