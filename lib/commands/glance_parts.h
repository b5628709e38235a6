/* SPDX-License-Identifier: MIT */
/* glance_parts: what the files of glance share. Private to glance. */
#ifndef SK_COMMANDS_GLANCE_PARTS_H
#define SK_COMMANDS_GLANCE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/lines.h"
#include "commands/max_age.h"
#include "commands/status_parts.h"
#include "commands/troubles.h"

#define SK_GLANCE_LABEL 11 /* columns of what stands in front of a line */

/* What is shown. */
struct sk_glance {
	const struct sk_status *status;     /* NULL: it couldn't be read */
	const struct sk_troubles *troubles; /* the worst first */
	const struct sk_max_age *ages;
	const char *db; /* NULL: not known */
	int64_t now;
	int64_t every; /* ms until it is drawn again; 0: it isn't */
};

/* A moment as a clock on the wall shows it, of this machine's zone; with the day, unless that is today. */
#define SK_GLANCE_MOMENT 32
const char *sk_glance_moment(int64_t moment, int64_t now, char text[SK_GLANCE_MOMENT]);

/* Begins a line with its label. */
void sk_glance_add_label(struct sk_lines *lines, enum sk_colour colour, const char *label);

/* One of several things in a row, divided by commas. It is broken only where it doesn't fit into a line alone. */
void sk_glance_add_item(struct sk_lines *lines, bool is_first, enum sk_colour colour,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Each of these adds its lines: a label, and what there is to say. */
void sk_glance_add_head(struct sk_lines *lines, const struct sk_glance *glance);
/* rows: of offices, besides the line that sums them up. */
void sk_glance_add_offices(struct sk_lines *lines, const struct sk_glance *glance, size_t rows);
void sk_glance_add_open(struct sk_lines *lines, const struct sk_glance *glance, bool by_age);
void sk_glance_add_ended(struct sk_lines *lines, const struct sk_glance *glance);
void sk_glance_add_times(struct sk_lines *lines, const struct sk_glance *glance, bool bars);
void sk_glance_add_limits(struct sk_lines *lines, const struct sk_glance *glance);
void sk_glance_add_tasks(struct sk_lines *lines, const struct sk_glance *glance);
/* Why nothing leaves; no line where nothing keeps requests. */
void sk_glance_add_waits(struct sk_lines *lines, const struct sk_glance *glance);
/* The worst of what is wrong, at most so many, the oldest first; the others are counted. */
void sk_glance_add_troubles(struct sk_lines *lines, const struct sk_glance *glance, size_t most);

/* Of how many kinds they are. */
size_t sk_glance_trouble_kinds(const struct sk_troubles *troubles);

/* How many rows all offices take in lines of that width, and how many those take that aren't well. */
size_t sk_glance_office_rows(const struct sk_glance *glance, size_t columns, size_t *unwell);

#endif
