/* SPDX-License-Identifier: MIT */
/*
 * glance: what goes onto the screen. Everything is drawn first, and while that is too high, the part that is needed
 * least gives in: rows of offices that are well, the empty lines, the bars, …; the worst of what is wrong never does.
 */
#include "commands/glance.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/out.h"
#include "base/screen.h"
#include "base/terminal.h"
#include "base/time.h"
#include "store/session.h"
#include "commands/glance_parts.h"

#define LEFT 40   /* columns of the left half, where there is room for two … */
#define RIGHT 38  /* … and at least of the right one */
#define WIDEST 70 /* a longer bar says no more */
#define GAP 2
#define FEW 3 /* so many troubles stay even where the figures of the machine don't */

/* What can be left out, in this order. */
enum part {
	PART_GAPS, /* the empty lines */
	PART_BARS,
	PART_AGES, /* of open requests */
	PART_LIMITS,
	PART_TASKS,
	PART_TIMES,
	PART_ENDED,
	PART_OFFICES,
	PART_OPEN,
	PART_HEAD,
	PARTS
};

struct plan {
	bool shows[PARTS];
	size_t office_rows;
	size_t office_least; /* rows of those that aren't well */
	size_t troubles;
};

/* --- drawing ----------------------------------------------------------------------------------- */

static void
add_gap(struct sk_lines *lines, const struct plan *plan)
{
	if (plan->shows[PART_GAPS])
		sk_lines_new(lines);
}

static void
add_outcomes(struct sk_lines *lines, const struct sk_glance *glance, const struct plan *plan)
{
	if (plan->shows[PART_ENDED])
		sk_glance_add_ended(lines, glance);
	if (plan->shows[PART_TIMES])
		sk_glance_add_times(lines, glance, plan->shows[PART_BARS]);
}

static void
add_machine(struct sk_lines *lines, const struct sk_glance *glance, const struct plan *plan)
{
	if (plan->shows[PART_LIMITS])
		sk_glance_add_limits(lines, glance);
	if (plan->shows[PART_TASKS])
		sk_glance_add_tasks(lines, glance);
}

/* What is open and how things stand; where there is room, what has ended stands beside it. */
static void
add_middle(struct sk_lines *lines, const struct sk_glance *glance, const struct plan *plan)
{
	bool has_two = lines->columns >= LEFT + GAP + RIGHT;
	struct sk_lines left = {.columns = has_two ? LEFT : lines->columns,
	    .with_colour = lines->with_colour};
	struct sk_lines right = {.columns = lines->columns - LEFT - GAP,
	    .with_colour = lines->with_colour};

	if (right.columns > WIDEST)
		right.columns = WIDEST;
	if (plan->shows[PART_OPEN])
		sk_glance_add_open(&left, glance, plan->shows[PART_AGES] && left.columns >= LEFT);
	if (!has_two)
		add_outcomes(&left, glance, plan);
	add_machine(&left, glance, plan);
	if (has_two) {
		add_outcomes(&right, glance, plan);
		sk_lines_beside(&left, &right, LEFT + GAP);
	}
	sk_lines_append(lines, &left);
	sk_lines_fini(&left);
	sk_lines_fini(&right);
}

static void
draw(struct sk_lines *lines, const struct sk_glance *glance, const struct plan *plan)
{
	sk_lines_cut(lines, 0);
	if (plan->shows[PART_HEAD]) {
		sk_glance_add_head(lines, glance);
		add_gap(lines, plan);
	}
	if (glance->status != NULL) {
		if (plan->shows[PART_OFFICES]) {
			sk_glance_add_offices(lines, glance, plan->office_rows);
			add_gap(lines, plan);
		}
		add_middle(lines, glance, plan);
		add_gap(lines, plan);
		sk_glance_add_waits(lines, glance);
	}
	sk_glance_add_troubles(lines, glance, plan->troubles);
}

/* --- fitting ----------------------------------------------------------------------------------- */

/* Lowers a number by at most so many, but not below least. Whether it did. */
static bool
lower(size_t *number, size_t by, size_t least)
{
	if (*number <= least)
		return false;
	*number = *number - least > by ? *number - by : least;
	return true;
}

/* Leaves out what is needed least. too_many: lines. False: nothing more can be left out. */
static bool
give_in(struct plan *plan, size_t too_many)
{
	/* One more row, for those that the other ones are counted in. */
	if (lower(&plan->office_rows, too_many, plan->office_least + 1))
		return true;
	for (int i = 0; i < PARTS; i++) {
		if (i == PART_AGES &&
		    (lower(&plan->office_rows, too_many, 2) ||
			lower(&plan->troubles, too_many, FEW)))
			return true;
		if (i == PART_LIMITS && lower(&plan->office_rows, too_many, 0))
			return true;
		if (i == PART_ENDED && lower(&plan->troubles, too_many, 1))
			return true;
		if (plan->shows[i]) {
			plan->shows[i] = false;
			return true;
		}
	}
	return false;
}

/* What is drawn, and onto how many lines. */
struct sheet {
	struct sk_lines lines;
	const struct sk_glance *glance;
	size_t most;
};

/* Takes the other plan where that fits, too. */
static bool
take(struct plan *plan, const struct plan *other, struct sheet *sheet)
{
	draw(&sheet->lines, sheet->glance, other);
	if (sheet->lines.n > sheet->most)
		return false;
	*plan = *other;
	return true;
}

static void
take_part(struct plan *plan, enum part part, struct sheet *sheet)
{
	struct plan more = *plan;

	more.shows[part] = true;
	take(plan, &more, sheet);
}

static void
take_troubles(struct plan *plan, size_t up_to, struct sheet *sheet)
{
	for (struct plan more = *plan; more.troubles < up_to;) {
		more.troubles++;
		if (!take(plan, &more, sheet))
			break;
	}
}

static void
take_offices(struct plan *plan, size_t up_to, struct sheet *sheet)
{
	for (struct plan more = *plan; more.office_rows < up_to;) {
		more.office_rows++;
		if (!take(plan, &more, sheet))
			break;
	}
}

/* What has given in may have made more room than was missing, or none: what fits after all comes back. */
static void
take_back(struct plan *plan, struct sheet *sheet, size_t office_rows)
{
	const struct sk_troubles *troubles = sheet->glance->troubles;
	size_t kinds = sk_glance_trouble_kinds(troubles);
	/* One more row, for those that the other ones are counted in. */
	size_t unwell = plan->office_least < office_rows ? plan->office_least + 1 : office_rows;

	for (int part = PARTS - 1; part >= PART_ENDED; part--)
		take_part(plan, (enum part)part, sheet);
	take_troubles(plan, kinds < FEW ? kinds : FEW, sheet);
	for (int part = PART_ENDED - 1; part >= PART_AGES; part--)
		take_part(plan, (enum part)part, sheet);
	take_troubles(plan, kinds, sheet);
	if (plan->office_least > 0)
		take_offices(plan, unwell, sheet);
	take_troubles(plan, troubles->n, sheet);
	take_part(plan, PART_BARS, sheet);
	take_offices(plan, office_rows, sheet);
	take_part(plan, PART_GAPS, sheet);
}

/* The lines of a screen of that size; the caller frees. */
static char *
draw_to_fit(const struct sk_glance *glance, size_t columns, size_t most)
{
	struct sheet sheet = {.glance = glance,
	    .most = most,
	    .lines = {.columns = columns, .with_colour = sk_out_wants_colour()}};
	struct plan plan = {.troubles = glance->troubles->n};
	size_t office_rows = 0;
	char *text;

	for (int i = 0; i < PARTS; i++)
		plan.shows[i] = true;
	if (glance->status != NULL)
		plan.office_rows = office_rows =
		    sk_glance_office_rows(glance, columns, &plan.office_least);
	do
		draw(&sheet.lines, glance, &plan);
	while (sheet.lines.n > most && give_in(&plan, sheet.lines.n - most));
	if (sheet.lines.n <= most)
		take_back(&plan, &sheet, office_rows);
	draw(&sheet.lines, glance, &plan);
	sk_lines_cut(&sheet.lines, most);
	text = sk_lines_text(&sheet.lines, "");
	sk_lines_fini(&sheet.lines);
	return text;
}

/* --- looking ----------------------------------------------------------------------------------- */

/* The lines of what was read, the caller's. status: NULL where it couldn't be read. */
static char *
show(const struct sk_session *session, const struct sk_status *status,
    const struct sk_troubles *troubles, const struct sk_max_age *ages, int64_t every)
{
	struct sk_terminal_size size = sk_terminal_size(STDOUT_FILENO);
	struct sk_glance glance = {.status = status,
	    .troubles = troubles,
	    .ages = ages,
	    .db = session->config.db,
	    .now = status != NULL ? status->now : sk_time_now(),
	    .every = every};
	/* The line below is the prompt's, unless another picture follows in the place of this one. */
	size_t most = every == 0 && size.lines > 1 ? size.lines - 1 : size.lines;

	return draw_to_fit(&glance, size.columns, most);
}

int
sk_glance(struct sk_session *session, const struct sk_max_age *ages, struct sk_error *err)
{
	struct sk_troubles troubles = {0};
	struct sk_status status = {0};
	int result = -1;

	if (sk_troubles_judge(session, ages, &status, &troubles, err)) {
		char *text = show(session, &status, &troubles, ages, 0);

		result = sk_out_text(text, err);
		free(text);
	}
	sk_troubles_fini(&troubles);
	sk_status_fini(&status);
	return result;
}

/* One look at the state: its lines, the caller's, also where it couldn't be read, as *why says then. */
static char *
look(const struct sk_common *common, const struct sk_max_age *ages, int64_t every,
    struct sk_error *why)
{
	struct sk_troubles troubles = {0};
	struct sk_session session = {0};
	struct sk_status status = {0};
	bool is_read = sk_troubles_look(&session, common, ages, &status, &troubles, why);
	char *text = show(&session, is_read ? &status : NULL, &troubles, ages, every);

	sk_troubles_fini(&troubles);
	sk_status_fini(&status);
	sk_session_close(&session);
	return text;
}

int
sk_glance_watch(const struct sk_common *common, const struct sk_max_age *ages, int64_t every,
    struct sk_error *err)
{
	struct sk_error why = {0};
	char *text;
	int result;

	if (!sk_terminal_is_there())
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--watch draws on a terminal, and standard output is none; once and for "
		    "programs: sikka-status; for a monitor: sikka-status --metrics=FILE");
	text = look(common, ages, every, err);
	if (err->code != 0 || sk_screen_begin(err) != 0) {
		free(text);
		return -1;
	}
	result = sk_screen_draw(text, err);
	while (result == 0 && sk_screen_wait(every, err)) {
		free(text);
		sk_error_clear(&why);
		text = look(common, ages, every, &why);
		result = sk_screen_draw(text, err);
	}
	sk_screen_end();
	free(text);
	return result;
}
