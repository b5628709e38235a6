/* SPDX-License-Identifier: MIT */
/*
 * report: pictures. Their bars are SVG that is stretched to the window, and their words are beside the bars, so that
 * they stay legible in a narrow window. Each picture has its numbers as a table or as a text.
 */
#include <stdio.h>

#include "base/html.h"
#include "base/time.h"
#include "commands/report_parts.h"

static const enum sk_state ends[] = {SK_COMPLETED, SK_FAILED, SK_WITHDRAWN};
enum { ENDS = sizeof(ends) / sizeof(ends[0]) };

/* Classes of time for pictures: the most seconds of each; the last one has no bound. */
static const struct {
	int64_t most;
	const char *words;
} classes[] = {{15, "up to 15 s"}, {30, "up to 30 s"}, {45, "up to 45 s"}, {60, "up to 1 min"},
    {90, "up to 90 s"}, {120, "up to 2 min"}, {300, "up to 5 min"}, {600, "up to 10 min"},
    {1800, "up to 30 min"}, {3600, "up to 1 h"}, {21600, "up to 6 h"}, {INT64_MAX, "longer"}};
enum { CLASSES = sizeof(classes) / sizeof(classes[0]) };

/* --- bars -------------------------------------------------------------------------------------- */

/* A bar of a picture that is 100 high: from a value on, of so much, where the highest bar has most. */
static void
add_bar(struct sk_text *page, const char *class, double left, double width, double from,
    double value)
{
	if (value > 0)
		sk_text_add_format(page,
		    "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>",
		    class, left, 100 - from - value, width, value);
}

/* The columns of a picture: in each a bar for each of the states, the first one lowest. */
struct columns {
	const enum sk_state *states;
	int n;
	double margin; /* on either side of a bar, which is 1 wide with it */
	int64_t top;   /* that many are as high as the picture */
};

static void
add_column(struct sk_text *page, const struct columns *columns, int column,
    const int64_t counts[SK_STATES])
{
	double height = 0;

	for (int i = 0; i < columns->n; i++) {
		enum sk_state state = columns->states[i];
		double value = 100.0 * (double)counts[state] / (double)columns->top;

		add_bar(page, sk_state_name(state), column + columns->margin,
		    1 - 2 * columns->margin, height, value);
		height += value;
	}
}

/* What a picture shows is said by its label to whoever can't see it. */
static void
begin_picture(struct sk_text *page, const char *class, int columns, const char *label)
{
	sk_text_add_format(page,
	    "<svg class=\"%s\" viewBox=\"0 0 %d 100\" preserveAspectRatio=\"none\" role=\"img\" "
	    "aria-label=\"",
	    class, columns);
	sk_html_add(page, label);
	sk_text_add(page, "\">");
}

/* The picture has its scale on the left, from 0 to top. */
static void
begin_plot(struct sk_text *page, int64_t top)
{
	sk_text_add_format(page,
	    "<div class=\"plot\"><div class=\"scale\" aria-hidden=\"true\"><span>%lld</span>",
	    (long long)top);
	if (top % 2 == 0)
		sk_text_add_format(page, "<span>%lld</span>", (long long)top / 2);
	sk_text_add(page, "<span>0</span></div>\n");
}

/* The smallest number that isn't below n and has one digit other than 0, and none that can't be halved but 1 and 5. */
static int64_t
round_up(int64_t n)
{
	static const int64_t digits[] = {1, 2, 4, 5, 6, 8};
	int64_t unit = 1;

	for (;; unit *= 10)
		for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++)
			if (digits[i] * unit >= n)
				return digits[i] * unit;
}

static void
add_legend(struct sk_text *page, const enum sk_state *states, int n)
{
	sk_text_add(page, "<p class=\"legend\">");
	for (int i = 0; i < n; i++)
		sk_text_add_format(page, "<span><i class=\"%s\"></i>%s</span> ",
		    sk_state_name(states[i]), sk_state_name(states[i]));
	sk_text_add(page, "</p>\n");
}

/* --- outcomes by day --------------------------------------------------------------------------- */

static int64_t
sum_of(const struct sk_report_day *day)
{
	int64_t sum = 0;

	for (int i = 0; i < ENDS; i++)
		sum += day->count[ends[i]];
	return sum;
}

static void
add_day_bars(struct sk_text *page, const struct sk_report *report, int64_t top)
{
	const struct columns columns = {.states = ends, .n = ENDS, .margin = 0.1, .top = top};

	begin_picture(page, "days", SK_REPORT_DAYS,
	    "Outcomes of each of the last 30 days, as bars; the table below has the numbers");
	for (int i = 0; i < SK_REPORT_DAYS; i++) {
		const struct sk_report_day *day = &report->days[i];

		if (sum_of(day) == 0)
			continue;
		sk_text_add_format(page,
		    "<g><title>%s: %lld completed, %lld failed, %lld withdrawn</title>", day->date,
		    (long long)day->count[SK_COMPLETED], (long long)day->count[SK_FAILED],
		    (long long)day->count[SK_WITHDRAWN]);
		add_column(page, &columns, i, day->count);
		sk_text_add(page, "</g>");
	}
	sk_text_add(page, "</svg>\n");
}

static void
add_day_table(struct sk_text *page, const struct sk_report *report)
{
	sk_report_begin_table(page, "days-table", "The days on which something ended",
	    "Day,#Completed,#Failed,#Withdrawn");
	for (int i = SK_REPORT_DAYS - 1; i >= 0; i--) {
		if (sum_of(&report->days[i]) == 0)
			continue;
		sk_report_begin_row(page, report->days[i].date);
		for (int e = 0; e < ENDS; e++)
			sk_report_add_count(page, report->days[i].count[ends[e]]);
		sk_report_end_row(page);
	}
	sk_report_end_table(page);
}

void
sk_report_add_days(struct sk_text *page, const struct sk_report *report)
{
	int64_t most = 0;

	for (int i = 0; i < SK_REPORT_DAYS; i++)
		most = sum_of(&report->days[i]) > most ? sum_of(&report->days[i]) : most;
	sk_report_begin_section(page, "days", "Outcomes by day");
	if (most == 0) {
		sk_text_add_format(page, "<p>Nothing has ended in the last %d days.</p>\n",
		    SK_REPORT_DAYS);
	} else {
		add_legend(page, ends, ENDS);
		begin_plot(page, round_up(most));
		add_day_bars(page, report, round_up(most));
		sk_text_add_format(page,
		    "<p class=\"days-axis\" aria-hidden=\"true\"><span>%s</span><span>%s</span>"
		    "<span>%s</span></p></div>\n<details><summary>The same in numbers</summary>\n",
		    report->days[0].date, report->days[SK_REPORT_DAYS / 2].date,
		    report->days[SK_REPORT_DAYS - 1].date);
		add_day_table(page, report);
		sk_text_add(page, "</details>\n");
	}
	sk_report_end_section(page);
}

/* --- how long they took ------------------------------------------------------------------------ */

/* How many took each class of time. Returns the largest number. */
static int64_t
classify(const struct sk_report_times *times, int64_t counts[CLASSES])
{
	int64_t from = 0, most = 1;

	for (int i = 0; i < CLASSES; i++) {
		counts[i] = sk_report_between(times, from, classes[i].most);
		from = classes[i].most;
		most = counts[i] > most ? counts[i] : most;
	}
	return most;
}

/* Those of all offices: a row for each class, so that its name has room in a narrow window, too. */
static void
add_all_times(struct sk_text *page, const struct sk_report_times *times)
{
	int64_t counts[CLASSES], most = classify(times, counts);

	sk_report_begin_table(page, "times-all", "All offices together", "Time,#Requests,Picture");
	for (int i = 0; i < CLASSES; i++) {
		sk_report_begin_row(page, classes[i].words);
		sk_report_add_count(page, counts[i]);
		sk_text_add_format(page,
		    "<td><svg class=\"bar\" viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" "
		    "aria-hidden=\"true\"><rect class=\"completed\" width=\"%.2f\" height=\"100\"/>"
		    "</svg></td>",
		    100.0 * (double)counts[i] / (double)most);
		sk_report_end_row(page);
	}
	sk_report_end_table(page);
}

static void
add_within(struct sk_text *page, const struct sk_report_times *times, int64_t percent)
{
	int64_t seconds = sk_report_within(times, percent);
	char words[SK_TIME_WORDS];

	sk_report_add_cell(page,
	    seconds < 0 ? "over 12 h" : sk_time_words(seconds * SK_SECOND, words));
}

/* Those of one office: small bars beside each other, and as a text. */
static void
add_office_times(struct sk_text *page, const struct sk_report_times *times)
{
	int64_t counts[CLASSES], most = classify(times, counts);
	struct sk_text label = {0};

	for (int i = 0; i < CLASSES; i++)
		if (counts[i] > 0)
			sk_text_add_format(&label, "%s%s: %lld", label.used > 0 ? ", " : "",
			    classes[i].words, (long long)counts[i]);
	sk_report_begin_row(page, times->office_id);
	sk_text_add(page, "<td>");
	begin_picture(page, "times", CLASSES, sk_text_bytes(&label));
	for (int i = 0; i < CLASSES; i++) {
		if (counts[i] == 0)
			continue;
		sk_text_add_format(page, "<g><title>%s: %lld</title>", classes[i].words,
		    (long long)counts[i]);
		add_bar(page, "completed", i + 0.08, 0.84, 0,
		    100.0 * (double)counts[i] / (double)most);
		sk_text_add(page, "</g>");
	}
	sk_text_add(page, "</svg></td>");
	add_within(page, times, 50);
	add_within(page, times, 90);
	add_within(page, times, 99);
	sk_report_add_count(page, times->count);
	sk_report_end_row(page);
	sk_text_fini(&label);
}

void
sk_report_add_times(struct sk_text *page, const struct sk_report *report)
{
	size_t shown = sk_report_at_most(report->n_offices, SK_REPORT_OFFICES);

	sk_report_begin_section(page, "times", "How long the practices took");
	if (report->all.count == 0) {
		sk_text_add_format(page, "<p>Nothing was completed in the last %d days.</p>\n",
		    SK_REPORT_DAYS);
		sk_report_end_section(page);
		return;
	}
	sk_text_add_format(page,
	    "<p>From the server's acceptance to the practice's result. Only requests count that "
	    "were completed in the last %d days, and were never unknown.</p>\n",
	    SK_REPORT_DAYS);
	add_all_times(page, &report->all);
	sk_report_begin_table(page, "times-table",
	    "By office, those with the most requests first. Each picture has the times of the "
	    "table above from left to right, and is as high as its own longest bar",
	    "Office,Distribution,Half within,9 of 10 within,99 of 100 within,#Completed");
	for (size_t i = 0; i < shown; i++)
		add_office_times(page, report->offices[i]);
	sk_report_end_table(page);
	sk_report_add_left_out(page, shown, report->n_offices);
	sk_report_end_section(page);
}

/* --- open requests ------------------------------------------------------------------------------ */

static const enum sk_state open_states[] = {SK_QUEUED, SK_SUBMITTING, SK_PENDING, SK_UNKNOWN};
enum { OPEN = sizeof(open_states) / sizeof(open_states[0]) };
static const char *const age_words[SK_AGE_BUCKETS] = {"< 1 min", "< 10 min", "< 1 h", "< 6 h",
    "older"};

static int64_t
open_of_age(const struct sk_status *status, int age)
{
	int64_t sum = 0;

	for (int i = 0; i < OPEN; i++)
		sum += status->living[open_states[i]].by_age[age];
	return sum;
}

static void
add_open_bars(struct sk_text *page, const struct sk_status *status, int64_t top)
{
	const struct columns columns = {.states = open_states,
	    .n = OPEN,
	    .margin = 0.15,
	    .top = top};

	begin_plot(page, top);
	begin_picture(page, "open", SK_AGE_BUCKETS,
	    "Open requests by age, as bars; the table below has the numbers");
	for (int age = 0; age < SK_AGE_BUCKETS; age++) {
		int64_t counts[SK_STATES] = {0};

		for (int i = 0; i < OPEN; i++)
			counts[open_states[i]] = status->living[open_states[i]].by_age[age];
		sk_text_add(page, "<g><title>");
		sk_html_add(page, age_words[age]);
		sk_text_add_format(page, ": %lld</title>", (long long)open_of_age(status, age));
		add_column(page, &columns, age, counts);
		sk_text_add(page, "</g>");
	}
	sk_text_add(page, "</svg>\n<p class=\"open-axis\" aria-hidden=\"true\">");
	for (int age = 0; age < SK_AGE_BUCKETS; age++) {
		sk_text_add(page, "<span>");
		sk_html_add(page, age_words[age]);
		sk_text_add(page, "</span>");
	}
	sk_text_add(page, "</p></div>\n");
}

static void
add_open_table(struct sk_text *page, const struct sk_status *status)
{
	sk_report_begin_table(page, "open-table", "The same in numbers",
	    "State,#Open,#Under 1 min,#Under 10 min,#Under 1 h,#Under 6 h,#Older,The oldest since");
	for (int i = 0; i < OPEN; i++) {
		const struct sk_status_living *living = &status->living[open_states[i]];

		sk_report_begin_row(page, sk_state_name(open_states[i]));
		sk_report_add_count(page, living->count);
		for (int age = 0; age < SK_AGE_BUCKETS; age++)
			sk_report_add_count(page, living->by_age[age]);
		if (living->count > 0)
			sk_report_add_moment(page, living->oldest);
		else
			sk_report_add_cell(page, "-");
		sk_report_end_row(page);
	}
	sk_report_end_table(page);
}

void
sk_report_add_open(struct sk_text *page, const struct sk_report *report)
{
	const struct sk_status *status = report->status;
	int64_t most = 0;

	for (int age = 0; age < SK_AGE_BUCKETS; age++)
		most = open_of_age(status, age) > most ? open_of_age(status, age) : most;
	sk_report_begin_section(page, "open", "Open requests by age");
	if (status->holds != NULL) {
		sk_text_add(page, "<p>No request leaves at present: ");
		sk_html_add(page, status->holds);
		sk_text_add(page, "</p>\n");
	}
	if (most == 0) {
		sk_text_add(page, "<p>No request is open.</p>\n");
	} else {
		add_legend(page, open_states, OPEN);
		add_open_bars(page, status, round_up(most));
		add_open_table(page, status);
	}
	sk_report_end_section(page);
}
