/* SPDX-License-Identifier: MIT */
/*
 * list_part: reads the pages of some days. A part that moved while it was read is marked as torn: it then
 * proves nothing about what it lacks.
 */
#include "life/list_part.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "calls/pages.h"

#define PAGE 5000

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
	return pages->ended && !pages->torn && pages->seen == 0;
}

bool
sk_list_part_is_whole(const struct sk_api_pages *pages, const struct sk_api_listed *listed,
    size_t n)
{
	/* An entry without an id could be any row's request. */
	if ((int64_t)n != pages->seen || has_repeated_ids(listed, n))
		return false;
	return sk_api_pages_whole(pages) || is_empty(pages);
}

static int
collect(void *arg, json_t *record, struct sk_error *err)
{
	(void)err;
	json_array_append(arg, record);
	return 0;
}

static void
read_entries(struct sk_list_part *part)
{
	size_t n = json_array_size(part->records);

	part->listed = sk_mem_zero(n + 1, sizeof(*part->listed));
	for (size_t i = 0; i < n; i++)
		if (sk_api_read_listed(json_array_get(part->records, i), &part->listed[part->n]) ==
		    0)
			part->n++;
}

int
sk_list_part_read(struct sk_pool *pool, const struct sk_days *days, struct sk_list_part *part,
    struct sk_error *err)
{
	const struct sk_api_parameter parameters[] = {{"startdate", days->first},
	    {"enddate", days->last}};
	struct sk_pages pages = {.kind = SK_CALL_POLL,
	    .path = "/writebacks",
	    .parameters = parameters,
	    .n_parameters = 2,
	    .page_size = PAGE,
	    .record = collect};
	int result;

	memset(part, 0, sizeof(*part));
	part->records = json_array();
	pages.arg = part->records;
	result = sk_pages_read(pool, &pages, err);
	sk_pages_fini(&pages);
	if (result != 0) {
		sk_list_part_fini(part);
		return -1;
	}
	read_entries(part);
	part->whole = sk_list_part_is_whole(&pages.list, part->listed, part->n);
	part->is_undated = pages.is_undated;
	sk_out_verbose("read %zu writebacks from the list of %s to %s%s",
	    json_array_size(part->records), days->first, days->last,
	    part->whole ? "" : "; it changed while it was read and proves nothing");
	return 0;
}

void
sk_list_part_fini(struct sk_list_part *part)
{
	json_decref(part->records);
	free(part->listed);
	memset(part, 0, sizeof(*part));
}
