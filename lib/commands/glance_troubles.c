/* SPDX-License-Identifier: MIT */
/* glance: why nothing leaves, and what is wrong, which is the last that is read. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "commands/glance_parts.h"

/* Texts that go on in further lines: on a narrow terminal the blanks in front of them would cost too much. */
static size_t
indent_of(const struct sk_lines *lines)
{
	return lines->columns >= 60 ? SK_GLANCE_LABEL : 2;
}

void
sk_glance_add_waits(struct sk_lines *lines, const struct sk_glance *glance)
{
	char *text;

	if (glance->status->holds == NULL)
		return;
	sk_glance_add_label(lines, SK_BOLD_YELLOW, "Waits");
	text = sk_mem_printf("nothing is sent: %s", glance->status->holds);
	sk_lines_wrap(lines, SK_YELLOW, indent_of(lines), text);
	free(text);
}

static void
add_trouble(struct sk_lines *lines, const struct sk_trouble *trouble, int64_t now, bool is_oldest)
{
	size_t indent = indent_of(lines);
	char age[SK_TIME_WORDS];
	enum sk_colour colour = sk_trouble_is_critical(trouble->kind)
	    ? is_oldest ? SK_BOLD_RED : SK_RED
	    : is_oldest ? SK_BOLD_YELLOW
			: SK_YELLOW;

	sk_lines_new(lines);
	if (trouble->since != 0)
		sk_lines_add_format(lines, SK_PLAIN, "%s ",
		    sk_time_words(now - trouble->since, age));
	sk_lines_fill(lines, indent);
	sk_lines_wrap(lines, colour, indent, trouble->what);
	if (trouble->mend == NULL)
		return;
	sk_lines_new(lines);
	sk_lines_fill(lines, indent);
	sk_lines_wrap(lines, SK_PLAIN, indent, trouble->mend);
}

static size_t
count_critical(const struct sk_troubles *troubles)
{
	size_t n = 0;

	for (size_t i = 0; i < troubles->n; i++)
		n += sk_trouble_is_critical(troubles->list[i].kind);
	return n;
}

/* The list has the troubles of a kind side by side. */
static bool
is_first_of_kind(const struct sk_troubles *troubles, size_t i)
{
	return i == 0 || troubles->list[i - 1].kind != troubles->list[i].kind;
}

size_t
sk_glance_trouble_kinds(const struct sk_troubles *troubles)
{
	size_t n = 0;

	for (size_t i = 0; i < troubles->n; i++)
		n += is_first_of_kind(troubles, i);
	return n;
}

/*
 * So many of the list, the oldest first: one of each kind, beginning with the worst kind, and then others, so that
 * fifty troubles of one kind don't hide the only one of another. The list is the caller's, its texts aren't.
 */
static struct sk_troubles
choose_worst(const struct sk_troubles *troubles, size_t most)
{
	struct sk_troubles worst = {.list = sk_mem_zero(troubles->n + 1, sizeof(*worst.list))};

	for (int is_first = 1; is_first >= 0; is_first--)
		for (size_t i = 0; i < troubles->n && worst.n < most; i++)
			if (is_first_of_kind(troubles, i) == (is_first == 1))
				worst.list[worst.n++] = troubles->list[i];
	sk_troubles_sort_by_age(&worst);
	return worst;
}

void
sk_glance_add_troubles(struct sk_lines *lines, const struct sk_glance *glance, size_t most)
{
	const struct sk_troubles *troubles = glance->troubles;
	struct sk_troubles shown = choose_worst(troubles, most);
	size_t n_critical = count_critical(troubles),
	       n_hidden = n_critical - count_critical(&shown);
	enum sk_colour colour = n_critical > 0 ? SK_BOLD_RED : SK_BOLD_YELLOW;

	if (troubles->n == 0) {
		sk_lines_new(lines);
		sk_lines_add(lines, SK_GREEN, "Nothing is wrong.");
	} else {
		sk_glance_add_label(lines, colour, "Wrong");
		sk_lines_add_format(lines, colour, "%zu", troubles->n);
		if (shown.n < troubles->n)
			sk_lines_add_format(lines, SK_PLAIN, ", the worst %zu", shown.n);
		sk_lines_add(lines, SK_PLAIN, shown.n > 1 ? ", oldest first" : "");
	}
	for (size_t i = 0; i < shown.n; i++)
		add_trouble(lines, &shown.list[i], glance->now, i == 0);
	if (shown.n < troubles->n) {
		sk_lines_new(lines);
		sk_lines_add_format(lines, n_hidden > 0 ? SK_RED : SK_YELLOW, "and %zu more",
		    troubles->n - shown.n);
		if (n_hidden > 0)
			sk_lines_add_format(lines, SK_RED, ", %zu critical", n_hidden);
		sk_lines_wrap(lines, SK_PLAIN, 2, ": sikka-status --check");
	}
	free(shown.list);
}
