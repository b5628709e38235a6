/* SPDX-License-Identifier: MIT */
/* report_parts: what the files of report share. Private to report. */
#ifndef SK_COMMANDS_REPORT_PARTS_H
#define SK_COMMANDS_REPORT_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "store/events.h"
#include "store/figures.h"
#include "commands/status.h"
#include "commands/troubles.h"

#define SK_REPORT_DAYS 30     /* that are looked back */
#define SK_REPORT_FAILURES 50 /* the latest ones that are listed */
#define SK_REPORT_EVENTS 50
#define SK_REPORT_OFFICES 500 /* rows of a table about offices */

/* What ended on one day of this machine's zone. */
struct sk_report_day {
	char date[16]; /* 2026-11-29 */
	int64_t from;  /* when it began */
	int64_t count[SK_STATES];
};

/*
 * How long practices took, as how many requests took each time: in whole seconds up to ten minutes, in whole minutes up
 * to twelve hours, and all that took longer.
 */
#define SK_REPORT_SECONDS 600
#define SK_REPORT_MINUTES 720
#define SK_REPORT_TIMES (SK_REPORT_SECONDS + SK_REPORT_MINUTES + 1)
struct sk_report_times {
	char *office_id; /* NULL: of all offices */
	int64_t count;
	uint32_t took[SK_REPORT_TIMES];
};

struct sk_report {
	const struct sk_status *status;     /* NULL: it couldn't be read */
	const struct sk_troubles *troubles; /* sorted by age */
	const struct sk_max_age *ages;
	int64_t now;
	const char *const *wanted; /* the offices of -O; of n_wanted 0: all */
	size_t n_wanted;
	struct sk_report_day days[SK_REPORT_DAYS]; /* the last one is today */
	int day;                                   /* that what was read last is of */
	struct sk_report_times all;
	struct sk_report_times **offices; /* those with the most requests first */
	size_t n_offices, room_offices;
	json_t *places;                             /* of each office_id in offices */
	struct sk_end failures[SK_REPORT_FAILURES]; /* a ring */
	size_t n_failures;                          /* how many there were */
	struct sk_event *events;                    /* that wait, or were set aside */
	size_t n_events;
};

/* report_read: reads what the page needs beside the status. 0, or -1. */
int sk_report_read(struct sk_session *session, struct sk_report *report, struct sk_error *err);
void sk_report_fini(struct sk_report *report);

/*
 * The time within which so many percent of the requests ended, in seconds, rounded up to the next second or minute; -1:
 * longer than twelve hours. There must be some.
 */
int64_t sk_report_within(const struct sk_report_times *times, int64_t percent);
/* How many took more than from and at most to seconds. Both are whole minutes where they are above ten minutes. */
int64_t sk_report_between(const struct sk_report_times *times, int64_t from, int64_t to);

/* report_charts: pictures, each with its numbers as text for who can't see it. */
void sk_report_add_days(struct sk_text *page, const struct sk_report *report);
void sk_report_add_times(struct sk_text *page, const struct sk_report *report);
void sk_report_add_open(struct sk_text *page, const struct sk_report *report);

/* report_tables: the other sections. */
void sk_report_add_troubles(struct sk_text *page, const struct sk_report *report);
void sk_report_add_offices(struct sk_text *page, const struct sk_report *report);
void sk_report_add_limits(struct sk_text *page, const struct sk_report *report);
void sk_report_add_tasks(struct sk_text *page, const struct sk_report *report);
void sk_report_add_events(struct sk_text *page, const struct sk_report *report);
void sk_report_add_failures(struct sk_text *page, const struct sk_report *report);

/*
 * A section begins with its heading. A table begins with its columns, which are separated by commas; those of numbers
 * have a "#" in front.
 */
void sk_report_begin_section(struct sk_text *page, const char *id, const char *title);
void sk_report_end_section(struct sk_text *page);
void sk_report_begin_table(struct sk_text *page, const char *id, const char *caption,
    const char *columns);
void sk_report_end_table(struct sk_text *page);
/* The smaller one: how many of n things are shown. */
size_t sk_report_at_most(size_t n, size_t most);
/* Says how many offices a table leaves out, if any. */
void sk_report_add_left_out(struct sk_text *page, size_t shown, size_t all);
/* The first cell of a row says what the row is about. */
void sk_report_begin_row(struct sk_text *page, const char *name);
void sk_report_end_row(struct sk_text *page);
void sk_report_add_cell(struct sk_text *page, const char *text);
void sk_report_add_count(struct sk_text *page, int64_t count);
/* A moment of this machine's zone, with the exact one for programs; "never" for 0. */
void sk_report_add_moment(struct sk_text *page, int64_t moment);

#endif
