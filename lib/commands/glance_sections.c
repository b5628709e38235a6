/* SPDX-License-Identifier: MIT */
/*
 * glance: the sections of the screen that tell figures. Only what isn't well is coloured, so that it is seen first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/glance_parts.h"

#define WEEK (6 * SK_DAY) /* so far ahead or back, a day of the week says which day it is */

/* --- words ------------------------------------------------------------------------------------- */

static struct tm
local(int64_t moment)
{
	time_t seconds = (time_t)(moment / SK_SECOND);
	struct tm tm = {0};

	localtime_r(&seconds, &tm);
	return tm;
}

const char *
sk_glance_moment(int64_t moment, int64_t now, char text[SK_GLANCE_MOMENT])
{
	struct tm at = local(moment), today = local(now);
	bool is_today = at.tm_year == today.tm_year && at.tm_yday == today.tm_yday;
	bool is_near = moment - now < WEEK && now - moment < WEEK;
	size_t n = is_today ? strftime(text, SK_GLANCE_MOMENT, "%H:%M", &at)
	    : is_near       ? strftime(text, SK_GLANCE_MOMENT, "%a %H:%M", &at)
			    : strftime(text, SK_GLANCE_MOMENT, "%Y-%m-%d", &at);

	if (n == 0)
		text[0] = '\0';
	return text;
}

void
sk_glance_add_label(struct sk_lines *lines, enum sk_colour colour, const char *label)
{
	sk_lines_new(lines);
	sk_lines_add(lines, colour, label);
	sk_lines_add(lines, SK_PLAIN, " ");
	sk_lines_fill(lines, SK_GLANCE_LABEL);
}

static void
add_item(struct sk_lines *lines, bool is_first, enum sk_colour colour, const char *text)
{
	char *shown = sk_text_shown(text);
	size_t width = sk_text_width(shown);

	if (!is_first)
		sk_lines_add(lines, SK_PLAIN, ",");
	/* The comma behind it must fit, too. */
	if (!is_first && lines->list[lines->n - 1].width + 2 + width > lines->columns) {
		sk_lines_new(lines);
		sk_lines_fill(lines, SK_GLANCE_LABEL);
	} else if (!is_first) {
		sk_lines_add(lines, SK_PLAIN, " ");
	}
	sk_lines_wrap(lines, colour, SK_GLANCE_LABEL, text);
	free(shown);
}

void
sk_glance_add_item(struct sk_lines *lines, bool is_first, enum sk_colour colour, const char *format,
    ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = sk_mem_vprintf(format, args);
	va_end(args);
	add_item(lines, is_first, colour, text);
	free(text);
}

/* --- the head ---------------------------------------------------------------------------------- */

/* The end of a path says more than its beginning. */
static const char *
end_of_path(const char *path, size_t width)
{
	while (sk_text_width(path) > width) {
		const char *slash = strchr(path + 1, '/');

		if (slash == NULL)
			break;
		path = slash;
	}
	return path;
}

void
sk_glance_add_head(struct sk_lines *lines, const struct sk_glance *glance)
{
	struct tm tm = local(glance->now);
	char clock[48], every[SK_TIME_WORDS];
	char *right, *db = sk_text_shown(glance->db != NULL ? glance->db : "");
	size_t room,
	    n = glance->every != 0 ? strftime(clock, sizeof(clock), "%a %H:%M:%S %Z", &tm)
				   : strftime(clock, sizeof(clock), "%a %H:%M %Z", &tm);

	if (n == 0)
		clock[0] = '\0';
	right = glance->every != 0 && lines->columns >= 60
	    ? sk_mem_printf("%s, every %s", clock, sk_time_words(glance->every, every))
	    : sk_mem_copy(clock);
	sk_lines_new(lines);
	sk_lines_add(lines, SK_BOLD, "sikka  ");
	room = lines->columns > strlen(right) + 9 ? lines->columns - strlen(right) - 9 : 0;
	if (room > 0) {
		const char *end = end_of_path(db, room);
		char *cut = sk_mem_copy_bytes(end, sk_utf8_fitting(end, strlen(end), room));

		sk_lines_add(lines, SK_PLAIN, cut);
		sk_lines_fill(lines, lines->columns - strlen(right));
		free(cut);
	}
	sk_lines_add(lines, SK_PLAIN, right);
	free(db);
	free(right);
}

/* --- requests ---------------------------------------------------------------------------------- */

static void
add_open_row(struct sk_lines *lines, const struct sk_status_living *living, enum sk_state state)
{
	enum sk_colour colour = state == SK_UNKNOWN ? SK_RED : SK_PLAIN;

	sk_lines_new(lines);
	sk_lines_add_format(lines, colour, "%-10s", sk_state_name(state));
	for (int i = 0; i < SK_AGE_BUCKETS; i++) {
		bool is_old = state == SK_PENDING && i == SK_AGE_OVER;

		if (living->by_age[i] == 0)
			sk_lines_add_format(lines, SK_PLAIN, "%6s", "-");
		else
			sk_lines_add_format(lines, is_old ? SK_YELLOW : colour, "%6lld",
			    (long long)living->by_age[i]);
	}
}

void
sk_glance_add_open(struct sk_lines *lines, const struct sk_glance *glance, bool by_age)
{
	const struct sk_status_living *living = glance->status->living;
	int64_t count = 0;
	bool is_first = true;

	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		count += living[state].count;
	if (count > 0 && by_age) {
		sk_lines_new(lines);
		sk_lines_add(lines, SK_BOLD, "Open");
		sk_lines_add_format(lines, SK_PLAIN, " %-5lld%6s%6s%6s%6s%6s", (long long)count,
		    "<1min", "<10m", "<1h", "<6h", "more");
		for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
			if (living[state].count > 0)
				add_open_row(lines, &living[state], (enum sk_state)state);
		return;
	}
	sk_glance_add_label(lines, SK_BOLD, "Open");
	if (count == 0)
		sk_lines_add(lines, SK_PLAIN, "nothing");
	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++) {
		if (living[state].count == 0)
			continue;
		sk_glance_add_item(lines, is_first, state == SK_UNKNOWN ? SK_RED : SK_PLAIN,
		    "%lld %s", (long long)living[state].count, sk_state_name((enum sk_state)state));
		is_first = false;
	}
}

void
sk_glance_add_ended(struct sk_lines *lines, const struct sk_glance *glance)
{
	const struct sk_ended *day = &glance->status->day;

	sk_glance_add_label(lines, SK_BOLD, "Last 24 h");
	sk_glance_add_item(lines, true, SK_PLAIN, "%lld completed",
	    (long long)day->count[SK_COMPLETED]);
	sk_glance_add_item(lines, false, day->count[SK_FAILED] > 0 ? SK_RED : SK_PLAIN,
	    "%lld failed", (long long)day->count[SK_FAILED]);
	if (day->count[SK_WITHDRAWN] > 0)
		sk_glance_add_item(lines, false, SK_PLAIN, "%lld withdrawn",
		    (long long)day->count[SK_WITHDRAWN]);
}

/* --- how long practices take ------------------------------------------------------------------- */

/* Up to these, in ms; the last class has no end. */
static const struct {
	int64_t below;
	const char *name;
} classes[] = {{15 * SK_SECOND, "< 15 s"}, {30 * SK_SECOND, "< 30 s"}, {45 * SK_SECOND, "< 45 s"},
    {SK_MINUTE, "< 1 min"}, {2 * SK_MINUTE, "< 2 min"}, {5 * SK_MINUTE, "< 5 min"},
    {SK_HOUR, "< 1 h"}, {INT64_MAX, "longer"}};
#define CLASSES (sizeof(classes) / sizeof(classes[0]))

static void
add_bar(struct sk_lines *lines, size_t class, size_t count, size_t most)
{
	size_t room =
	    lines->columns > SK_GLANCE_LABEL + 8 ? lines->columns - SK_GLANCE_LABEL - 8 : 1;
	size_t length = (count * room + most - 1) / most;

	sk_lines_new(lines);
	sk_lines_add_format(lines, SK_PLAIN, "%10s ", classes[class].name);
	for (size_t i = 0; i < length; i++)
		sk_lines_add(lines, SK_PLAIN, "#");
	if (count > 0)
		sk_lines_add_format(lines, SK_PLAIN, " %zu", count);
}

/* The durations are in order, so the classes that have any are those of the first and the last, and between them. */
static void
add_bars(struct sk_lines *lines, const struct sk_ended *day)
{
	size_t counts[CLASSES] = {0}, most = 0, class = 0, first = CLASSES, last = 0;

	for (size_t i = 0; i < day->n_durations; i++) {
		while (class < CLASSES - 1 && day->durations[i] >= classes[class].below)
			class ++;
		if (++counts[class] > most)
			most = counts[class];
		first = class < first ? class : first;
		last = class;
	}
	for (class = first; class <= last && class < CLASSES; class ++)
		add_bar(lines, class, counts[class], most);
}

void
sk_glance_add_times(struct sk_lines *lines, const struct sk_glance *glance, bool bars)
{
	const struct sk_ended *day = &glance->status->day;
	char median[SK_TIME_WORDS], slowest[SK_TIME_WORDS];

	if (day->n_durations == 0)
		return;
	sk_time_words((int64_t)(sk_status_seconds(day, 0.5) * (double)SK_SECOND), median);
	sk_time_words(day->durations[day->n_durations - 1], slowest);
	sk_glance_add_label(lines, SK_BOLD, "Practices");
	sk_glance_add_item(lines, true, SK_PLAIN, "median %s", median);
	sk_glance_add_item(lines, false, SK_PLAIN, "at most %s", slowest);
	if (bars)
		add_bars(lines, day);
}

/* --- limits ------------------------------------------------------------------------------------ */

static bool
is_app(const struct sk_rate_bucket *bucket)
{
	return strcmp(bucket->name, SK_RATE_APP) == 0;
}

/* Until when nothing leaves, or is read; 0: it isn't closed. */
static int64_t
closed_until(const struct sk_rate_bucket *bucket)
{
	return bucket->closed_until > bucket->daily_until ? bucket->closed_until
							  : bucket->daily_until;
}

static void
add_bucket(struct sk_lines *lines, bool is_first, const char *name,
    const struct sk_rate_bucket *bucket, int64_t now)
{
	char until[SK_GLANCE_MOMENT];

	if (closed_until(bucket) != 0)
		sk_glance_add_item(lines, is_first, SK_YELLOW, "%s closed until %s", name,
		    sk_glance_moment(closed_until(bucket), now, until));
	else
		sk_glance_add_item(lines, is_first, SK_PLAIN, "%s %lld of %lld", name,
		    (long long)bucket->used, (long long)bucket->of);
}

/* Whether one has less room than the other. */
static bool
is_fuller(const struct sk_rate_bucket *bucket, const struct sk_rate_bucket *than)
{
	if (closed_until(bucket) != closed_until(than))
		return closed_until(bucket) > closed_until(than);
	return bucket->used * than->of > than->used * bucket->of;
}

/* The office that has least room; NULL: nothing was sent for any lately. */
static const struct sk_rate_bucket *
fullest_office(const struct sk_status *status)
{
	const struct sk_rate_bucket *fullest = NULL;

	for (size_t i = 0; i < status->n_buckets; i++) {
		const struct sk_rate_bucket *bucket = &status->buckets[i];
		bool is_used = bucket->used > 0 || closed_until(bucket) != 0;

		if (!is_app(bucket) && is_used && (fullest == NULL || is_fuller(bucket, fullest)))
			fullest = bucket;
	}
	return fullest;
}

static size_t
count_closed(const struct sk_status *status)
{
	size_t n = 0;

	for (size_t i = 0; i < status->n_buckets; i++)
		n += closed_until(&status->buckets[i]) != 0;
	return n;
}

void
sk_glance_add_limits(struct sk_lines *lines, const struct sk_glance *glance)
{
	const struct sk_status *status = glance->status;
	const struct sk_rate_bucket *fullest = fullest_office(status), *app = NULL;
	size_t n_closed = count_closed(status);
	bool has_app;

	if (status->n_buckets > 0 && is_app(&status->buckets[0]))
		app = &status->buckets[0];
	sk_glance_add_label(lines, SK_BOLD, "Limit");
	if (n_closed > 1 && n_closed == status->n_buckets) {
		add_bucket(lines, true, "everything", &status->buckets[0], glance->now);
		return;
	}
	has_app = app != NULL && (app->used > 0 || closed_until(app) != 0);
	if (has_app)
		add_bucket(lines, true, "application", app, glance->now);
	if (fullest != NULL)
		add_bucket(lines, !has_app, fullest->name, fullest, glance->now);
	else if (!has_app)
		sk_lines_wrap(lines, SK_PLAIN, SK_GLANCE_LABEL, "nothing sent at present");
	n_closed -= has_app && closed_until(app) != 0;
	if (n_closed > 1)
		sk_glance_add_item(lines, false, SK_YELLOW, "%zu more closed", n_closed - 1);
}

/* --- tasks ------------------------------------------------------------------------------------- */

static void
add_task(struct sk_lines *lines, const struct sk_glance *glance, enum sk_task task, bool is_first)
{
	int64_t at = glance->status->succeeded_at[task];
	enum sk_colour colour =
	    sk_troubles_task_is_late(glance->status, glance->ages, task) ? SK_YELLOW : SK_PLAIN;
	char age[SK_TIME_WORDS];

	if (at != 0)
		sk_glance_add_item(lines, is_first, colour, "%s %s", sk_task_name(task),
		    sk_time_words(glance->now - at, age));
	else
		sk_glance_add_item(lines, is_first, colour, "%s never", sk_task_name(task));
}

void
sk_glance_add_tasks(struct sk_lines *lines, const struct sk_glance *glance)
{
	const int64_t *at = glance->status->succeeded_at;
	size_t n = 0;

	sk_glance_add_label(lines, SK_BOLD, "Last good");
	for (int task = 0; task < SK_TASKS; task++)
		if (at[task] != 0)
			add_task(lines, glance, (enum sk_task)task, n++ == 0);
	for (int task = 0; task < SK_TASKS; task++)
		if (at[task] == 0)
			add_task(lines, glance, (enum sk_task)task, n++ == 0);
}
