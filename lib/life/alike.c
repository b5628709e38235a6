/* SPDX-License-Identifier: MIT */
/*
 * life: groups rows and entries by kind and content. What can't be compared gets a content that no
 * echo has, so that it lies in a group without entries.
 */
#include "life/alike.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "api/echo.h"
#include "rules/rules.h"
#include "life/kinds.h"

static bool
is_purged(const struct sk_writeback *row)
{
	return row->request_body == NULL && row->purged_at != 0;
}

/* A content that no echo has; rows with the same body share it. */
static char *
incomparable(const struct sk_writeback *row)
{
	if (is_purged(row))
		return sk_mem_printf("\001%lld", (long long)row->id);
	return sk_mem_printf("\002%s", row->request_body != NULL ? row->request_body : "");
}

struct sk_echoed
sk_echoed_of(const struct sk_writeback *row)
{
	char *path_field = sk_rules_path_field(row->method, row->endpoint);
	const struct sk_echo_rules rules = {.leaves_out = sk_rules_is_secret,
	    .path_field = path_field};
	char *path_id = sk_rules_path_id(row->endpoint);
	json_t *body = row->request_body != NULL ? sk_writeback_body(row) : json_object();
	struct sk_echoed content = {0};

	if (body != NULL && !is_purged(row))
		content.text = sk_echo_of_request(body, path_id, &rules, &content.is_unsure);
	if (content.text == NULL) {
		content.text = incomparable(row);
		content.is_unsure = true;
	}
	json_decref(body);
	free(path_id);
	free(path_field);
	return content;
}

void
sk_echoed_fini(struct sk_echoed *content)
{
	free(content->text);
	content->text = NULL;
}

/* --- kinds ------------------------------------------------------------------------------------- */

bool
sk_alike_rows(const struct sk_writeback *a, const struct sk_echoed *content_a,
    const struct sk_writeback *b, const struct sk_echoed *content_b)
{
	return sk_kinds_are_same(a, b) && strcmp(content_a->text, content_b->text) == 0;
}

bool
sk_alike_is_kind(const struct sk_writeback *row, const struct sk_api_listed *listed)
{
	return sk_text_equal(row->office_id, listed->office_id) &&
	    sk_api_listed_is_call(listed, row->method, row->endpoint);
}

bool
sk_alike_may_be_kind(const struct sk_writeback *row, const struct sk_api_listed *listed)
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

/* --- rows and entries side by side ------------------------------------------------------------- */

/* A row, or an entry as one of a kind. */
struct item {
	size_t kind;
	const char *content;
	char *own; /* the content, where the item has to free it */
	bool is_entry, is_unsure;
	long long age; /* entries: the number of the id, which counts up at the server */
	size_t at;
};

struct sorting {
	struct item *items;
	size_t n, room;
	struct sk_kinds kinds;
	char **path_fields; /* of each kind */
};

static struct item *
add(struct sorting *sorting)
{
	sorting->items =
	    sk_mem_grow(sorting->items, sorting->n + 1, &sorting->room, sizeof(struct item));
	memset(&sorting->items[sorting->n], 0, sizeof(struct item));
	return &sorting->items[sorting->n++];
}

static void
add_entry(struct sorting *sorting, const struct sk_api_listed *listed, size_t at)
{
	for (size_t i = sk_kinds_of_office(&sorting->kinds, listed->office_id); i != SK_KINDS_END;
	     i = sorting->kinds.kinds[i].next) {
		const struct sk_echo_rules rules = {.leaves_out = sk_rules_is_secret,
		    .path_field = sorting->path_fields[i]};
		struct item *item;

		if (!sk_alike_is_kind(sorting->kinds.kinds[i].row, listed))
			continue;
		item = add(sorting);
		item->own = sk_echo_content(listed->echo, &rules);
		item->content = item->own;
		item->kind = i;
		item->is_entry = true;
		item->age = strtoll(listed->id, NULL, 10);
		item->at = at;
	}
}

static int
compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	order = strcmp(a->content, b->content);
	if (order != 0)
		return order;
	if (a->is_entry != b->is_entry)
		return a->is_entry ? 1 : -1;
	if (a->age != b->age)
		return a->age < b->age ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

static bool
is_same_group(const struct item *a, const struct item *b)
{
	return a->kind == b->kind && strcmp(a->content, b->content) == 0;
}

/* Makes groups of what lies side by side, but of those without a row. */
static void
take_groups(struct sk_alike *alike, const struct sorting *sorting)
{
	size_t end;

	alike->groups = sk_mem_zero(sorting->n + 1, sizeof(*alike->groups));
	alike->indexes = sk_mem_zero(sorting->n + 1, sizeof(*alike->indexes));
	for (size_t i = 0; i < sorting->n; i = end) {
		struct sk_alike_group *group = &alike->groups[alike->n];

		*group = (struct sk_alike_group){.rows = &alike->indexes[i]};
		for (end = i;
		     end < sorting->n && is_same_group(&sorting->items[i], &sorting->items[end]);
		     end++) {
			alike->indexes[end] = sorting->items[end].at;
			group->is_unsure |= sorting->items[end].is_unsure;
			group->n_rows += !sorting->items[end].is_entry;
			group->n_entries += sorting->items[end].is_entry;
		}
		group->entries = &alike->indexes[i + group->n_rows];
		alike->n += group->n_rows > 0;
	}
}

static void
free_sorting(struct sorting *sorting)
{
	for (size_t i = 0; i < sorting->n; i++)
		free(sorting->items[i].own);
	for (size_t i = 0; i < sorting->kinds.n; i++)
		free(sorting->path_fields[i]);
	free(sorting->items);
	free(sorting->path_fields);
	sk_kinds_fini(&sorting->kinds);
}

static void
make_kinds(struct sorting *sorting, const struct sk_writeback *rows, size_t n_rows)
{
	sk_kinds_make(&sorting->kinds, rows, n_rows);
	sorting->path_fields = sk_mem_zero(sorting->kinds.n + 1, sizeof(char *));
	for (size_t i = 0; i < sorting->kinds.n; i++) {
		const struct sk_writeback *row = sorting->kinds.kinds[i].row;

		sorting->path_fields[i] = sk_rules_path_field(row->method, row->endpoint);
	}
}

void
sk_alike_make(struct sk_alike *alike, const struct sk_writeback *rows, size_t n_rows,
    const struct sk_api_listed *listed, size_t n_listed, sk_alike_wants *wants, const void *arg)
{
	struct sorting sorting = {0};

	memset(alike, 0, sizeof(*alike));
	alike->n_rows = n_rows;
	alike->contents = sk_mem_zero(n_rows + 1, sizeof(*alike->contents));
	make_kinds(&sorting, rows, n_rows);
	for (size_t i = 0; i < n_rows; i++) {
		struct item *item = add(&sorting);

		alike->contents[i] = sk_echoed_of(&rows[i]);
		item->kind = sorting.kinds.of_rows[i];
		item->content = alike->contents[i].text;
		item->is_unsure = alike->contents[i].is_unsure;
		item->at = i;
	}
	for (size_t i = 0; i < n_listed; i++)
		if (wants(arg, i))
			add_entry(&sorting, &listed[i], i);
	if (sorting.n > 0)
		qsort(sorting.items, sorting.n, sizeof(*sorting.items), compare_items);
	take_groups(alike, &sorting);
	free_sorting(&sorting);
}

void
sk_alike_fini(struct sk_alike *alike)
{
	for (size_t i = 0; i < alike->n_rows; i++)
		sk_echoed_fini(&alike->contents[i]);
	free(alike->contents);
	free(alike->groups);
	free(alike->indexes);
	memset(alike, 0, sizeof(*alike));
}
