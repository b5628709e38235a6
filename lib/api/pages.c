/* SPDX-License-Identifier: MIT */
/*
 * api: the arithmetic of pages. A list whose pages don't fit together is marked as torn: then it
 * proves nothing about what it lacks.
 */
#include "api/api.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

void
sk_api_pages_init(struct sk_api_pages *pages, int64_t page_size)
{
	memset(pages, 0, sizeof(*pages));
	pages->asked = pages->most = page_size;
	pages->total = pages->latest = -1;
}

void
sk_api_pages_ask(const struct sk_api_pages *pages, char offset[SK_API_NUMBER],
    char limit[SK_API_NUMBER])
{
	snprintf(offset, 24, "%lld", (long long)pages->offset);
	snprintf(limit, 24, "%lld", (long long)sk_api_pages_size(pages));
}

int64_t
sk_api_pages_size(const struct sk_api_pages *pages)
{
	return pages->granted > 0 ? pages->granted : pages->asked;
}

/* --- smaller and larger pages ------------------------------------------------------------------ */

/* Each divides the one before it. */
static const int64_t sizes[SK_API_PAGE_SIZES] = {5000, 2500, 500, 100, 50, 10, 5, 1};

#define TRIES 2 /* of one size */

/* The number of records before the next page. */
static int64_t
position_of(const struct sk_api_pages *pages)
{
	return pages->offset * sk_api_pages_size(pages);
}

static void
set_size(struct sk_api_pages *pages, int64_t size)
{
	pages->offset = position_of(pages) / size;
	pages->asked = size;
	if (pages->granted > 0)
		pages->granted = size;
}

bool
sk_api_pages_shrink(struct sk_api_pages *pages)
{
	int64_t size = sk_api_pages_size(pages);

	for (int i = 0; i < SK_API_PAGE_SIZES; i++) {
		if (sizes[i] == size)
			pages->n_failed[i]++;
		if (sizes[i] >= size || position_of(pages) % sizes[i] != 0)
			continue;
		set_size(pages, sizes[i]);
		return true;
	}
	return false;
}

void
sk_api_pages_grow(struct sk_api_pages *pages)
{
	int64_t size = sk_api_pages_size(pages);

	for (int i = SK_API_PAGE_SIZES - 1; i >= 0; i--) {
		if (sizes[i] <= size)
			continue;
		if (sizes[i] <= pages->most && pages->n_failed[i] < TRIES &&
		    position_of(pages) % sizes[i] == 0)
			set_size(pages, sizes[i]);
		return;
	}
}

static int64_t
requests_for(int64_t n, int64_t size)
{
	return (n + size - 1) / size;
}

/* The smallest size that has room for so many records, and isn't above the largest. */
static int64_t
size_for(int64_t n, int64_t largest)
{
	int64_t size = largest;

	for (int i = 0; i < SK_API_PAGE_SIZES; i++)
		if (sizes[i] >= n && sizes[i] < size)
			size = sizes[i];
	return size;
}

bool
sk_api_pages_enlarge(const struct sk_api_pages *pages, int64_t largest, int64_t wanted,
    struct sk_api_pages *larger)
{
	int64_t n = wanted > 0 && wanted < pages->total ? wanted : pages->total, size;

	if (pages->offset != 1 || pages->ended || pages->torn || pages->is_uncounted ||
	    pages->granted != pages->asked || pages->first != pages->asked || n <= 0)
		return false;
	size = size_for(n, largest);
	if (size <= pages->asked || requests_for(n, size) >= requests_for(n, pages->asked) - 1)
		return false;
	sk_api_pages_init(larger, size);
	return true;
}

/* --- what pages say ---------------------------------------------------------------------------- */

/* A count that is missing, or isn't a count, is unknown (-1). */
static int64_t
count_of(const json_t *list, const char *name)
{
	int64_t count;

	if (sk_json_number(json_object_get(list, name), &count) != 0 || count < 0)
		return -1;
	return count;
}

/*
 * The first page says how long the list and how long a page is. Where no limit is echoed and the list goes
 * on, a page that came shorter than asked for shows the page size that the server grants.
 */
static void
note_first(struct sk_api_pages *pages, int64_t limit, int64_t total, int64_t n)
{
	int goes_on = n > 0 && pages->offset == 0 && (n < total || pages->is_uncounted);

	pages->granted = limit > 0 ? limit : goes_on && n < pages->asked ? n : pages->asked;
	/* More than was asked for: there are no pages, and this is all. */
	if (pages->is_uncounted && n > pages->granted) {
		pages->granted = n;
		pages->ended = 1;
	}
	if (pages->granted < pages->asked)
		pages->most = pages->granted;
	pages->total = pages->latest = total;
	pages->first = n;
	/* Begun in the middle: the earlier pages count as seen. */
	pages->seen = pages->offset * pages->granted;
}

/*
 * A later page that says something else than the first one means that the list is torn. That the list has
 * grown is another matter: what is new may all stand at its end.
 */
static void
note_counts(struct sk_api_pages *pages, const json_t *list, int64_t n)
{
	int64_t limit = count_of(list, "limit"), total = count_of(list, "total_count");

	if (pages->granted == 0) {
		note_first(pages, limit, total, n);
		return;
	}
	if ((total < 0) != (pages->latest < 0) || total < pages->latest ||
	    (limit > 0 && limit != pages->granted))
		sk_api_pages_tear(pages, SK_MISFIT_MOVED);
	pages->latest = total;
}

/* Whether the answer has a list's counts, and null or an empty text in place of items. */
static bool
is_without_items(const json_t *list)
{
	const json_t *items = json_object_get(list, "items");
	const char *text = json_string_value(items);

	return count_of(list, "total_count") == 0 &&
	    (json_is_null(items) || (text != NULL && text[0] == '\0'));
}

int
sk_api_pages_take(struct sk_api_pages *pages, const struct sk_api_reply *reply,
    struct sk_error *err)
{
	int64_t n = (int64_t)reply->records.n;

	if (reply->class == SK_API_EMPTY) {
		/* "Nothing matches" as the first answer: the list is known to be empty. */
		if (pages->offset == 0)
			pages->total = pages->latest = 0;
		pages->offset++;
		pages->ended = 1;
		return 0;
	}
	if (reply->class != SK_API_OK)
		return sk_api_fail(reply, "a page of a list", err);
	if (!reply->records.is_list && !is_without_items(reply->json))
		return sk_api_fail(reply, "a list was asked for, but the answer isn't a list", err);
	pages->is_uncounted = reply->records.is_uncounted;
	note_counts(pages, reply->json, n);
	pages->seen += n;
	if (n > pages->granted || (n > 0 && pages->latest >= 0 && pages->seen > pages->latest))
		sk_api_pages_tear(pages, SK_MISFIT_MOVED);
	pages->offset++;
	if (n < pages->granted || (pages->latest >= 0 && pages->seen >= pages->latest))
		pages->ended = 1;
	return 0;
}

void
sk_api_pages_tear(struct sk_api_pages *pages, enum sk_api_misfit why)
{
	if (pages->torn)
		return;
	pages->torn = 1;
	pages->why = why;
	pages->torn_at = pages->offset;
}

bool
sk_api_pages_is_short(struct sk_api_pages *pages, const struct sk_api_reply *reply)
{
	struct sk_api_pages then = *pages;
	struct sk_error err = {0};

	/* "Nothing matches" as the first answer says that the list is empty. */
	if ((reply->class != SK_API_OK && reply->class != SK_API_EMPTY) ||
	    (reply->class == SK_API_EMPTY && pages->offset == 0) ||
	    sk_api_pages_take(&then, reply, &err) != 0)
		return false;
	pages->counted = then.latest;
	return then.ended && then.seen < then.latest;
}

int64_t
sk_api_pages_growth(const struct sk_api_pages *pages)
{
	return pages->latest - pages->total;
}

bool
sk_api_pages_complete(const struct sk_api_pages *pages)
{
	return pages->ended && !pages->torn && pages->total >= 0 && pages->seen == pages->latest;
}

bool
sk_api_pages_whole(const struct sk_api_pages *pages)
{
	return sk_api_pages_complete(pages) && sk_api_pages_growth(pages) == 0;
}
