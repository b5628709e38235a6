/* SPDX-License-Identifier: MIT */
/*
 * page: reads the lists of a manual page, for tests that compare a page with the code. An item is
 * one .It line: its cells (separated by Ta), and the title of the section that it stands in. The
 * page is found below the folder in which the test is started, as "make check" does it.
 */
#ifndef SK_PAGE_H
#define SK_PAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PAGE_CELLS 5

struct page_item {
	char *title;
	char *cells[PAGE_CELLS];
	size_t n_cells;
	int used; /* for the test: it met a use of this item */
};

struct page {
	struct page_item *items;
	size_t n;
};

static void
page_split(struct page_item *item, const char *text)
{
	static const char between[] = " Ta ";
	const char *end;

	while ((end = strstr(text, between)) != NULL && item->n_cells < PAGE_CELLS - 1) {
		item->cells[item->n_cells++] = sk_mem_printf("%.*s", (int)(end - text), text);
		text = end + sizeof(between) - 1;
	}
	item->cells[item->n_cells++] = sk_mem_copy(text);
}

/* Ends the test when the page can't be read: nothing could be compared. */
static void
page_read(struct page *page, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[1000], title[200] = "";

	if (file == NULL) {
		printf("Bail out! %s can't be read: start the test from the top folder\n", path);
		exit(1);
	}
	memset(page, 0, sizeof(*page));
	while (fgets(line, sizeof(line), file) != NULL) {
		struct page_item *item;

		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, ".Sh ", 4) == 0 || strncmp(line, ".Ss ", 4) == 0)
			snprintf(title, sizeof(title), "%.190s", line + 4);
		if (strncmp(line, ".It ", 4) != 0)
			continue;
		page->items = sk_mem_resize(page->items, page->n + 1, sizeof(*page->items));
		item = &page->items[page->n++];
		memset(item, 0, sizeof(*item));
		item->title = sk_mem_copy(title);
		page_split(item, line + 4);
	}
	fclose(file);
}

static void
page_free(struct page *page)
{
	for (size_t i = 0; i < page->n; i++) {
		for (size_t j = 0; j < page->items[i].n_cells; j++)
			free(page->items[i].cells[j]);
		free(page->items[i].title);
	}
	free(page->items);
}

/* The item of a section whose first cell is that text, NULL: none. */
static struct page_item *
page_find(const struct page *page, const char *title, const char *cell)
{
	for (size_t i = 0; i < page->n; i++)
		if (strcmp(page->items[i].title, title) == 0 &&
		    strcmp(page->items[i].cells[0], cell) == 0)
			return &page->items[i];
	return NULL;
}

#endif
