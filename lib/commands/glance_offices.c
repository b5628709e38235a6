/* SPDX-License-Identifier: MIT */
/*
 * glance: the offices, as many side by side as fit. Those that aren't well come first, and of the others those
 * whose keys end soonest, so that what is left out is what nobody has to look at.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/glance_parts.h"

#define GAP 3 /* columns between two of them */

/* An office as it is shown. */
struct cell {
	const struct sk_status_office *office;
	char *words;           /* what stands behind its id */
	enum sk_colour colour; /* PLAIN: it is well */
	size_t width;          /* with the id */
};

static void
fill_cell(struct cell *cell, const struct sk_status_office *office, int64_t now, size_t widest)
{
	char key[SK_STATUS_KEY_WORDS], until[SK_GLANCE_MOMENT];
	enum sk_colour of_status, of_key = sk_status_key_words(office, now, key);
	const char *status = sk_status_office_words(office->status, &of_status);

	cell->office = office;
	if (of_status != SK_PLAIN)
		cell->words = sk_mem_printf("%s, %s", status, key);
	else if (office->token_expiry > now)
		cell->words = sk_mem_printf("%s, until %s", key,
		    sk_glance_moment(office->token_expiry, now, until));
	else
		cell->words = sk_mem_copy(key);
	cell->colour = of_status != SK_PLAIN ? of_status : of_key;
	cell->width = widest + 2 + sk_text_width(cell->words);
}

static int
by_need(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;
	int64_t one = x->office->token_expiry, other = y->office->token_expiry;

	if (x->colour != y->colour)
		return (int)y->colour - (int)x->colour;
	if (x->colour == SK_PLAIN && one != other)
		return one < other ? -1 : 1;
	return strcmp(x->office->office_id, y->office->office_id);
}

/* Of all offices; the caller frees by free_cells. *side_by_side: how many fit into a line. */
static struct cell *
make_cells(const struct sk_glance *glance, size_t columns, size_t *side_by_side)
{
	const struct sk_status *status = glance->status;
	struct cell *cells = sk_mem_zero(status->n_offices + 1, sizeof(*cells));
	size_t widest = sk_status_widest_office(status), most = 1;

	if (widest > columns / 2)
		widest = columns / 2;
	for (size_t i = 0; i < status->n_offices; i++) {
		fill_cell(&cells[i], &status->offices[i], glance->now, widest);
		if (cells[i].width > most)
			most = cells[i].width;
	}
	if (status->n_offices > 0)
		qsort(cells, status->n_offices, sizeof(*cells), by_need);
	*side_by_side = most < columns ? (columns + GAP) / (most + GAP) : 1;
	return cells;
}

static void
free_cells(struct cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(cells[i].words);
	free(cells);
}

size_t
sk_glance_office_rows(const struct sk_glance *glance, size_t columns, size_t *unwell)
{
	size_t n = glance->status->n_offices, each, bad = 0;
	struct cell *cells = make_cells(glance, columns, &each);

	for (size_t i = 0; i < n; i++)
		bad += cells[i].colour != SK_PLAIN;
	free_cells(cells, n);
	*unwell = (bad + each - 1) / each;
	return (n + each - 1) / each;
}

/* How many there are of each status. */
static void
add_sum(struct sk_lines *lines, const struct sk_status *status)
{
	size_t counts[SK_OFFICE_STATUSES] = {0}, n = 0;

	for (size_t i = 0; i < status->n_offices; i++)
		counts[status->offices[i].status]++;
	sk_glance_add_label(lines, SK_BOLD, "Offices");
	if (status->n_offices == 0)
		sk_lines_wrap(lines, SK_PLAIN, SK_GLANCE_LABEL,
		    status->stranger != NULL ? "none" : "none yet: sikka-authorize lists them");
	for (int i = 0; i < SK_OFFICE_STATUSES; i++) {
		/* The active ones first, those that aren't known last. */
		enum sk_office_status one =
		    (enum sk_office_status)((i + SK_OFFICE_ACTIVE) % SK_OFFICE_STATUSES);
		enum sk_colour colour;
		const char *words = sk_status_office_words(one, &colour);

		if (counts[one] > 0)
			sk_glance_add_item(lines, n++ == 0, colour, "%zu %s", counts[one], words);
	}
}

static void
add_cell(struct sk_lines *lines, const struct cell *cell, size_t begin, size_t widest)
{
	sk_lines_fill(lines, begin);
	sk_lines_add(lines, cell->colour, cell->office->office_id);
	sk_lines_fill(lines, begin + widest + 2);
	sk_lines_add(lines, cell->colour, cell->words);
}

/* What stands for those that there is no room for. has_line: in a line of its own, else behind the sum. */
static void
add_others(struct sk_lines *lines, const struct cell *cells, size_t n, int64_t now, bool has_line)
{
	size_t bad = 0;
	int64_t first = 0;
	char left[SK_TIME_WORDS];

	for (size_t i = 0; i < n; i++) {
		int64_t end = cells[i].office->token_expiry;

		bad += cells[i].colour != SK_PLAIN;
		if (cells[i].colour == SK_PLAIN && end > now && (first == 0 || end < first))
			first = end;
	}
	if (has_line) {
		sk_lines_new(lines);
		sk_lines_add_format(lines, SK_PLAIN, "and %zu more", n);
	}
	if (has_line && bad > 0)
		sk_glance_add_item(lines, false, SK_RED, "%zu of them not well", bad);
	if (first != 0)
		sk_glance_add_item(lines, false, SK_PLAIN, "keys for %s or longer",
		    sk_time_words(first - now, left));
}

void
sk_glance_add_offices(struct sk_lines *lines, const struct sk_glance *glance, size_t rows)
{
	size_t n = glance->status->n_offices, each, shown, width;
	struct cell *cells = make_cells(glance, lines->columns, &each);
	size_t widest = sk_status_widest_office(glance->status);

	if (widest > lines->columns / 2)
		widest = lines->columns / 2;
	width = (lines->columns + GAP) / each;
	add_sum(lines, glance->status);
	shown = rows * each >= n ? n : rows > 0 ? (rows - 1) * each : 0;
	for (size_t i = 0; i < shown; i++) {
		if (i % each == 0)
			sk_lines_new(lines);
		add_cell(lines, &cells[i], i % each * width, widest);
	}
	if (shown < n)
		add_others(lines, cells + shown, n - shown, glance->now, rows > 0);
	free_cells(cells, n);
}
