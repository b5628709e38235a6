/* SPDX-License-Identifier: MIT */
/*
 * out: records as a table. Rows are collected, so that columns are as wide as what is in them; after ROWS_AT_ONCE
 * rows they are printed, so that memory has a bound.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/out_parts.h"
#include "base/text.h"

#define ROWS_AT_ONCE 1000

/* What a table needs until it is printed. */
struct table {
	const char *const *columns; /* the caller's, or own */
	char **own;
	size_t n;
	size_t *widths;
	char **cells; /* n cells for each row */
	size_t rows;
	bool has_header; /* it was printed */
};

/* All zeros is what holds at the start; sk_out_table_end empties it. */
static struct table table;

void
sk_out_columns(const char *const *columns)
{
	table.columns = columns;
	for (table.n = 0; columns != NULL && columns[table.n] != NULL; table.n++)
		;
}

/* When no columns were named: the members of the first record that aren't arrays or objects. */
static void
columns_of(const json_t *record)
{
	json_t *members = json_copy((json_t *)(uintptr_t)record);
	const char *name;
	json_t *value;

	table.own = sk_mem_zero(json_object_size(members) + 1, sizeof(*table.own));
	json_object_foreach(members, name, value)
	{
		if (!json_is_object(value) && !json_is_array(value))
			table.own[table.n++] = sk_mem_copy(name);
	}
	table.columns = (const char *const *)table.own;
	json_decref(members);
}

char *
sk_out_cell(const json_t *value)
{
	char *text = sk_json_text(value);

	if (text == NULL && value != NULL && !json_is_null(value))
		text = sk_json_dump(value);
	return text != NULL ? text : sk_mem_copy("");
}

static size_t
width_of(const char *text)
{
	struct sk_text scratch = {0};
	size_t width = sk_text_add_shown(&scratch, text);

	sk_text_fini(&scratch);
	return width;
}

static void
add_cell(const char *text, size_t column, struct sk_text *to)
{
	size_t width = sk_text_add_shown(to, text);

	if (column + 1 == table.n) {
		while (to->used > 0 && to->bytes[to->used - 1] == ' ')
			sk_text_cut(to, to->used - 1);
		sk_text_add(to, "\n");
		return;
	}
	for (; width < table.widths[column] + 2; width++)
		sk_text_add(to, " ");
}

static bool
wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0') &&
	    terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static void
add_header(struct sk_text *to)
{
	bool colour = wants_colour();

	if (colour)
		sk_text_add(to, "\033[1m");
	for (size_t i = 0; i < table.n; i++)
		add_cell(table.columns[i], i, to);
	if (colour) {
		/*
		 * Colour is switched off before the newline, as some terminals paint the next line,
		 * too.
		 */
		sk_text_cut(to, to->used - 1);
		sk_text_add(to, "\033[0m\n");
	}
}

/*
 * Prints the collected rows and frees them. Widths only grow, so that later blocks line up with
 * earlier ones.
 */
static void
print_rows(struct sk_text *to)
{
	size_t n = table.rows * table.n;

	if (n == 0)
		return;
	if (table.widths == NULL) {
		table.widths = sk_mem_zero(table.n, sizeof(*table.widths));
		for (size_t i = 0; i < table.n; i++)
			table.widths[i] = width_of(table.columns[i]);
	}
	for (size_t i = 0; i < n; i++) {
		size_t width = width_of(table.cells[i]);

		if (width > table.widths[i % table.n])
			table.widths[i % table.n] = width;
	}
	if (!table.has_header)
		add_header(to);
	table.has_header = true;
	for (size_t i = 0; i < n; i++) {
		add_cell(table.cells[i], i % table.n, to);
		free(table.cells[i]);
	}
	table.rows = 0;
}

void
sk_out_table_add(const json_t *record, struct sk_text *to)
{
	char **row;

	if (table.columns == NULL)
		columns_of(record);
	if (table.n == 0)
		return;
	if (table.cells == NULL)
		table.cells = sk_mem_zero(ROWS_AT_ONCE * table.n, sizeof(*table.cells));
	row = table.cells + table.rows++ * table.n;
	for (size_t i = 0; i < table.n; i++)
		row[i] = sk_out_cell(json_object_get(record, table.columns[i]));
	if (table.rows == ROWS_AT_ONCE)
		print_rows(to);
}

void
sk_out_table_end(struct sk_text *to)
{
	print_rows(to);
	for (size_t i = 0; table.own != NULL && i < table.n; i++)
		free(table.own[i]);
	free(table.own);
	free(table.cells);
	free(table.widths);
	memset(&table, 0, sizeof(table));
}
