/* SPDX-License-Identifier: MIT */
/*
 * out: records as a table. Rows are collected, so that columns are as wide as what is in them; after ROWS_AT_ONCE
 * rows they are printed, so that memory has a bound. On a terminal the table is as wide as the terminal at most:
 * texts are broken into lines, and where that isn't enough the columns that are needed least are left out.
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
#include "base/terminal.h"
#include "base/text.h"

#define ROWS_AT_ONCE 1000
#define GAP 2 /* blanks between columns */
#define TEXT_WANTS \
	24 /* columns of the terminal for a broken text, before a column is left out for it */
#define TEXT_AT_LEAST 12 /* the same, where no column can be left out */
#define ANY_AT_LEAST 8   /* for other values, where nothing else helps */

struct column {
	char *name;
	int need;
	bool is_text;
	bool is_used; /* some row has a value in it */
	bool is_out;  /* left out */
	size_t usual; /* how wide its values usually are */
	size_t width;
};

/* What a table needs until it is printed. All zeros is what holds at the start; sk_out_table_end empties it. */
static struct {
	struct column *columns;
	size_t n;
	char **cells; /* n cells for each row, in the form in which they are shown */
	size_t rows;
	bool as_they_come;
	bool has_header; /* it was printed, so the columns stand */
} table;

/* --- columns ------------------------------------------------------------------------------ */

static void
free_columns(void)
{
	for (size_t i = 0; i < table.n; i++)
		free(table.columns[i].name);
	free(table.columns);
	table.columns = NULL;
	table.n = 0;
}

static struct column *
add_column(const char *name)
{
	struct column *column;

	table.columns = sk_mem_resize(table.columns, table.n + 1, sizeof(*table.columns));
	column = &table.columns[table.n++];
	*column = (struct column){.name = sk_mem_copy(name), .need = (int)table.n};
	return column;
}

void
sk_out_columns(const struct sk_column *columns)
{
	free_columns();
	for (; columns != NULL && columns->name != NULL; columns++) {
		struct column *column = add_column(columns->name);

		column->need = columns->need;
		column->is_text = columns->is_text;
		column->usual = columns->width;
	}
}

void
sk_out_as_they_come(void)
{
	table.as_they_come = true;
}

bool
sk_out_table_is_open(void)
{
	return table.as_they_come;
}

/* When no columns were named: the members of the first record that aren't arrays or objects, the first most needed. */
static void
columns_of(const json_t *record)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)record, name, value)
	{
		if (!json_is_object(value) && !json_is_array(value))
			add_column(name);
	}
}

char *
sk_out_cell(const json_t *value)
{
	char *text = sk_json_text(value);

	if (text == NULL && value != NULL && !json_is_null(value))
		text = sk_json_dump(value);
	return text != NULL ? text : sk_mem_copy("");
}

/* --- widths ------------------------------------------------------------------------------- */

/* Columns are as wide as what is in them, or, where rows are printed as they come, as what is usually in them. */
static void
widen(void)
{
	for (size_t i = 0; i < table.n; i++) {
		size_t width = sk_text_width(table.columns[i].name);

		if (table.as_they_come && table.columns[i].usual > width)
			width = table.columns[i].usual;
		if (width > table.columns[i].width)
			table.columns[i].width = width;
	}
	for (size_t i = 0; !table.as_they_come && i < table.rows * table.n; i++) {
		size_t width = sk_text_width(table.cells[i]);

		table.columns[i % table.n].is_used |= width > 0;
		if (width > table.columns[i % table.n].width)
			table.columns[i % table.n].width = width;
	}
}

static size_t
least_width(const struct column *column)
{
	return column->is_text && column->width > TEXT_WANTS ? TEXT_WANTS : column->width;
}

/* How wide the table is with columns of the widths that width_of_column says. */
static size_t
total(size_t (*width_of_column)(const struct column *column))
{
	size_t sum = 0;

	for (size_t i = 0; i < table.n; i++)
		if (!table.columns[i].is_out)
			sum += width_of_column(&table.columns[i]) + GAP;
	return sum > GAP ? sum - GAP : 0;
}

static size_t
own_width(const struct column *column)
{
	return column->width;
}

/* Where all rows are known, a column in which nothing stands is needed least. */
static bool
is_needed_less(const struct column *column, const struct column *than)
{
	return column->is_used == than->is_used ? column->need >= than->need : !column->is_used;
}

/* The column that is needed least of those that are shown; NULL: each that is left must stay. */
static struct column *
least_needed(void)
{
	struct column *least = NULL;

	for (size_t i = 0; i < table.n; i++) {
		struct column *column = &table.columns[i];

		if (!column->is_out && column->need > 1 &&
		    (least == NULL || is_needed_less(column, least)))
			least = column;
	}
	return least;
}

/* Makes the widest columns narrower, as long as the table is too wide: those with texts, or the others. */
static void
narrow(bool of_texts, size_t least, size_t most)
{
	while (total(own_width) > most) {
		struct column *widest = NULL;

		for (size_t i = 0; i < table.n; i++) {
			struct column *column = &table.columns[i];

			if (!column->is_out && column->is_text == of_texts &&
			    column->width > least &&
			    (widest == NULL || column->width > widest->width))
				widest = column;
		}
		if (widest == NULL)
			return;
		widest->width--;
	}
}

/* Once, before the header is printed. */
static void
fit(size_t most)
{
	struct column *column;

	while (total(least_width) > most && (column = least_needed()) != NULL)
		column->is_out = true;
	narrow(true, TEXT_AT_LEAST, most);
	narrow(false, ANY_AT_LEAST, most);
}

static void
lay_out(void)
{
	/* The columns of a terminal stay where they are; in a file widths only grow. */
	if (table.has_header && (sk_terminal_is_there() || table.as_they_come))
		return;
	widen();
	if (sk_terminal_is_there())
		fit(sk_terminal_size(STDOUT_FILENO).columns);
}

/* --- rows --------------------------------------------------------------------------------- */

bool
sk_out_wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR");

	return sk_terminal_is_there() && sk_terminal_has_sequences() &&
	    (no_color == NULL || no_color[0] == '\0');
}

/* How a value is coloured that says whether something is well; NULL: not at all. */
static const char *
colour_of(const struct column *column, const char *shown)
{
	static const struct {
		const char *column, *value, *colour;
	} colours[] = {{"result", "completed", "\033[32m"}, {"result", "failed", "\033[31m"},
	    {"result", "unknown", "\033[1;31m"}, {"result", "withdrawn", "\033[33m"},
	    {"status", "active", "\033[32m"}, {"status", "revoked", "\033[31m"},
	    {"status", "reauthorize", "\033[31m"}, {"status", "suspect", "\033[33m"},
	    {"delivery", "set_aside", "\033[31m"}, {"delivery", "waiting", "\033[33m"},
	    {"verdict", "ok", "\033[32m"}, {"verdict", "warning", "\033[33m"},
	    {"verdict", "critical", "\033[31m"}};

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (strcmp(column->name, colours[i].column) == 0 &&
		    strcmp(shown, colours[i].value) == 0)
			return colours[i].colour;
	return NULL;
}

static void
add_piece(const struct column *column, const char **rest, bool with_colour, struct sk_text *to)
{
	size_t skipped = 0;
	/* What isn't on a terminal may be wider than its column: nobody breaks its lines. */
	size_t n =
	    sk_terminal_is_there() ? sk_utf8_piece(*rest, column->width, &skipped) : strlen(*rest);
	char *piece = sk_mem_copy_bytes(*rest, n);
	size_t width = sk_text_width(piece);
	const char *colour = with_colour ? colour_of(column, piece) : NULL;

	sk_text_add(to, colour != NULL ? colour : "");
	sk_text_add(to, piece);
	sk_text_add(to, colour != NULL ? "\033[0m" : "");
	for (; width < column->width + GAP; width++)
		sk_text_add(to, " ");
	*rest += n + skipped;
	free(piece);
}

static void
end_line(struct sk_text *to)
{
	while (to->used > 0 && to->bytes[to->used - 1] == ' ')
		sk_text_cut(to, to->used - 1);
}

/* One row, in as many lines as its longest text needs. rests: the n cells, which are used up. */
static void
add_row(const char **rests, bool with_colour, struct sk_text *to)
{
	bool has_more = true;

	while (has_more) {
		has_more = false;
		for (size_t i = 0; i < table.n; i++) {
			if (table.columns[i].is_out)
				continue;
			add_piece(&table.columns[i], &rests[i], with_colour, to);
			has_more |= *rests[i] != '\0';
		}
		end_line(to);
		sk_text_add(to, "\n");
	}
}

static void
add_header(const char **rests, struct sk_text *to)
{
	bool with_colour = sk_out_wants_colour();

	for (size_t i = 0; i < table.n; i++)
		rests[i] = table.columns[i].name;
	sk_text_add(to, with_colour ? "\033[1m" : "");
	add_row(rests, false, to);
	if (!with_colour)
		return;
	/* Colour is switched off before the newline, as some terminals paint the next line, too. */
	sk_text_cut(to, to->used - 1);
	sk_text_add(to, "\033[0m\n");
}

/* Prints the collected rows and frees them. */
static void
print_rows(struct sk_text *to)
{
	bool with_colour = sk_out_wants_colour();
	const char **rests;

	if (table.rows == 0)
		return;
	rests = sk_mem_zero(table.n, sizeof(*rests));
	lay_out();
	if (!table.has_header)
		add_header(rests, to);
	table.has_header = true;
	for (size_t row = 0; row < table.rows; row++) {
		char **cells = table.cells + row * table.n;

		for (size_t i = 0; i < table.n; i++)
			rests[i] = cells[i];
		add_row(rests, with_colour, to);
		for (size_t i = 0; i < table.n; i++)
			free(cells[i]);
	}
	table.rows = 0;
	free(rests);
}

void
sk_out_table_add(const json_t *record, struct sk_text *to)
{
	char **row;

	if (table.n == 0)
		columns_of(record);
	if (table.n == 0)
		return;
	if (table.cells == NULL)
		table.cells = sk_mem_zero(ROWS_AT_ONCE * table.n, sizeof(*table.cells));
	row = table.cells + table.rows++ * table.n;
	for (size_t i = 0; i < table.n; i++) {
		char *text = sk_out_cell(json_object_get(record, table.columns[i].name));

		row[i] = sk_text_shown(text);
		free(text);
	}
	if (table.rows == ROWS_AT_ONCE || table.as_they_come)
		print_rows(to);
}

void
sk_out_table_end(struct sk_text *to)
{
	print_rows(to);
	free_columns();
	free(table.cells);
	memset(&table, 0, sizeof(table));
}
