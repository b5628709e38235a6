/* SPDX-License-Identifier: MIT */
/* report: the sections that are tables, and what all tables have in common. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/html.h"
#include "base/time.h"
#include "store/codes.h"
#include "store/pulse.h"
#include "api/codes.h"
#include "commands/report_parts.h"

size_t
sk_report_at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

void
sk_report_begin_section(struct sk_text *page, const char *id, const char *title)
{
	sk_text_add_format(page, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n", id, id);
	sk_text_add_format(page, "<h2 id=\"%s-title\">%s</h2>\n", id, title);
}

void
sk_report_end_section(struct sk_text *page)
{
	sk_text_add(page, "</section>\n");
}

void
sk_report_begin_table(struct sk_text *page, const char *id, const char *caption,
    const char *columns)
{
	/*
	 * A table that is too wide is scrolled in its frame, with the keyboard, too. Its caption stands outside, where
	 * it is as wide as the window.
	 */
	sk_text_add_format(page, "<p class=\"caption\" id=\"%s\">%s</p>\n", id, caption);
	sk_text_add_format(page,
	    "<div class=\"frame\" tabindex=\"0\" role=\"group\" aria-labelledby=\"%s\">"
	    "<table aria-labelledby=\"%s\">\n<thead><tr>",
	    id, id);
	for (size_t n; *columns != '\0'; columns += n + (columns[n] == ',')) {
		bool is_number = *columns == '#';

		columns += is_number ? 1 : 0;
		n = strcspn(columns, ",");
		sk_text_add_format(page, "<th scope=\"col\"%s>%.*s</th>",
		    is_number ? " class=\"n\"" : "", (int)n, columns);
	}
	sk_text_add(page, "</tr></thead>\n<tbody>\n");
}

void
sk_report_end_table(struct sk_text *page)
{
	sk_text_add(page, "</tbody></table></div>\n");
}

void
sk_report_add_left_out(struct sk_text *page, size_t shown, size_t all)
{
	if (shown < all)
		sk_text_add_format(page,
		    "<p>%zu more offices aren't shown. With -O the page is about the offices that "
		    "you name.</p>\n",
		    all - shown);
}

void
sk_report_begin_row(struct sk_text *page, const char *name)
{
	sk_text_add(page, "<tr><th scope=\"row\">");
	sk_html_add(page, name);
	sk_text_add(page, "</th>");
}

void
sk_report_end_row(struct sk_text *page)
{
	sk_text_add(page, "</tr>\n");
}

void
sk_report_add_cell(struct sk_text *page, const char *text)
{
	sk_text_add(page, "<td>");
	sk_html_add(page, text);
	sk_text_add(page, "</td>");
}

void
sk_report_add_count(struct sk_text *page, int64_t count)
{
	sk_text_add_format(page, "<td class=\"n\">%lld</td>", (long long)count);
}

static void
add_time(struct sk_text *page, int64_t moment)
{
	time_t seconds = (time_t)(moment / SK_SECOND);
	char exact[SK_TIME_TEXT], words[32];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(words, sizeof(words), "%Y-%m-%d %H:%M", &tm);
	sk_text_add_format(page, "<time datetime=\"%s\">%s</time>", sk_time_format(moment, exact),
	    words);
}

void
sk_report_add_moment(struct sk_text *page, int64_t moment)
{
	if (moment == 0) {
		sk_report_add_cell(page, "never");
		return;
	}
	sk_text_add(page, "<td>");
	add_time(page, moment);
	sk_text_add(page, "</td>");
}

/* --- what is wrong ------------------------------------------------------------------------------ */

static void
add_trouble(struct sk_text *page, const struct sk_trouble *trouble)
{
	const char *class = sk_trouble_is_critical(trouble->kind) ? "critical" : "warning";

	sk_text_add_format(page, "<li class=\"%s\"><p><strong>%s:</strong> ", class, class);
	sk_html_add(page, trouble->what);
	if (trouble->since != 0) {
		sk_text_add(page, " <span class=\"since\">(since ");
		add_time(page, trouble->since);
		sk_text_add(page, ")</span>");
	}
	sk_text_add(page, "</p>");
	if (trouble->mend != NULL) {
		sk_text_add(page, "<p>");
		sk_html_add(page, trouble->mend);
		sk_text_add(page, "</p>");
	}
	sk_text_add(page, "</li>\n");
}

void
sk_report_add_troubles(struct sk_text *page, const struct sk_report *report)
{
	const struct sk_troubles *troubles = report->troubles;

	sk_report_begin_section(page, "wrong", "What is wrong");
	if (troubles->n == 0) {
		sk_text_add(page, "<p class=\"well\">Nothing is wrong.</p>\n");
	} else {
		sk_text_add(page, "<ul class=\"troubles\">\n");
		for (size_t i = 0; i < troubles->n; i++)
			add_trouble(page, &troubles->list[i]);
		sk_text_add(page, "</ul>\n");
	}
	sk_report_end_section(page);
}

/* --- offices and their keys --------------------------------------------------------------------- */

static bool
is_in_use(const struct sk_status_office *office)
{
	return office->status == SK_OFFICE_ACTIVE || office->status == SK_OFFICE_NEW;
}

static bool
is_well(const struct sk_status_office *office, int64_t now)
{
	return is_in_use(office) && office->token_expiry > now;
}

/* What isn't well stands out; its words say so, too. */
static void
add_verdict(struct sk_text *page, bool is_good, const char *words)
{
	sk_text_add_format(page, "<td class=\"%s\">%s</td>", is_good ? "well" : "warning", words);
}

static void
add_key(struct sk_text *page, const struct sk_status_office *office, int64_t now)
{
	char words[SK_TIME_WORDS], text[SK_TIME_WORDS + 16] = "no key";
	int64_t left = office->token_expiry - now;

	if (office->token_expiry != 0)
		snprintf(text, sizeof(text), left > 0 ? "%s left" : "ended %s ago",
		    sk_time_words(left > 0 ? left : -left, words));
	add_verdict(page, left > 0, text);
	if (office->token_expiry != 0)
		sk_report_add_moment(page, office->token_expiry);
	else
		sk_report_add_cell(page, "-");
}

static void
add_office(struct sk_text *page, const struct sk_status_office *office, int64_t now)
{
	int64_t open = 0;

	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		open += office->living[state].count;
	sk_report_begin_row(page, office->office_id);
	add_verdict(page, is_in_use(office),
	    office->status != SK_OFFICE_NONE ? sk_office_status_name(office->status) : "not known");
	add_key(page, office, now);
	sk_report_add_count(page, office->practices);
	sk_report_add_count(page, open);
	sk_report_add_count(page, office->living[SK_UNKNOWN].count);
	sk_report_end_row(page);
}

/* Those that aren't well first, as the others may be too many to be shown. */
void
sk_report_add_offices(struct sk_text *page, const struct sk_report *report)
{
	const struct sk_status *status = report->status;
	size_t shown = 0;

	sk_report_begin_section(page, "offices", "Offices and their keys");
	if (status->n_offices == 0) {
		sk_text_add(page, "<p>No office is known.</p>\n");
		sk_report_end_section(page);
		return;
	}
	sk_report_begin_table(page, "offices-table", "Those that aren't well first",
	    "Office,Status,Request key,Until,#Practices,#Open requests,#Unknown");
	for (int well = 0; well <= 1; well++)
		for (size_t i = 0; i < status->n_offices && shown < SK_REPORT_OFFICES; i++)
			if (is_well(&status->offices[i], report->now) == (well == 1)) {
				add_office(page, &status->offices[i], report->now);
				shown++;
			}
	sk_report_end_table(page);
	sk_report_add_left_out(page, shown, status->n_offices);
	sk_report_end_section(page);
}

/* --- limits, tasks, events ----------------------------------------------------------------------- */

static void
add_until(struct sk_text *page, int64_t until, int64_t now)
{
	if (until > now)
		sk_report_add_moment(page, until);
	else
		sk_report_add_cell(page, "-");
}

static void
add_limit(struct sk_text *page, const struct sk_rate_bucket *bucket, int64_t now)
{
	double part = bucket->of > 0 ? 100.0 * (double)bucket->used / (double)bucket->of : 0;

	sk_report_begin_row(page,
	    strcmp(bucket->name, SK_RATE_APP) == 0 ? "the application" : bucket->name);
	sk_text_add_format(page,
	    "<td><svg class=\"part\" viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" "
	    "aria-hidden=\"true\"><rect class=\"rest\" width=\"100\" height=\"100\"/>"
	    "<rect class=\"pending\" width=\"%.2f\" height=\"100\"/></svg></td>",
	    part < 100 ? part : 100);
	sk_report_add_count(page, bucket->used);
	sk_report_add_count(page, bucket->of);
	add_until(page, bucket->closed_until, now);
	add_until(page, bucket->daily_until, now);
	sk_report_end_row(page);
}

void
sk_report_add_limits(struct sk_text *page, const struct sk_report *report)
{
	const struct sk_status *status = report->status;
	size_t shown = sk_report_at_most(status->n_buckets, SK_REPORT_OFFICES);

	sk_report_begin_section(page, "limits", "Limits");
	if (shown == 0) {
		sk_text_add(page, "<p>No request was counted.</p>\n");
		sk_report_end_section(page);
		return;
	}
	sk_report_begin_table(page, "limits-table",
	    "Requests in the server's present window, a minute",
	    "Office,Picture,#Sent,#At most,Nothing leaves until,Nothing is read until");
	for (size_t i = 0; i < shown; i++)
		add_limit(page, &status->buckets[i], report->now);
	sk_report_end_table(page);
	sk_report_add_left_out(page, shown, status->n_buckets);
	sk_report_end_section(page);
}

void
sk_report_add_tasks(struct sk_text *page, const struct sk_report *report)
{
	const struct sk_status *status = report->status;

	sk_report_begin_section(page, "tasks", "Tasks");
	sk_report_begin_table(page, "tasks-table", "When each task last succeeded",
	    "Task,Last success,Ago,Late");
	for (int task = 0; task < SK_TASKS; task++) {
		char words[SK_TIME_WORDS];
		int64_t at = status->succeeded_at[task], age = report->now - at;
		bool is_late = sk_troubles_task_is_late(status, report->ages, (enum sk_task)task);

		sk_report_begin_row(page, sk_task_name((enum sk_task)task));
		sk_report_add_moment(page, at);
		sk_report_add_cell(page, at != 0 ? sk_time_words(age > 0 ? age : 0, words) : "-");
		add_verdict(page, !is_late, is_late ? "late" : "-");
		sk_report_end_row(page);
	}
	sk_report_end_table(page);
	sk_report_end_section(page);
}

static void
add_event(struct sk_text *page, const struct sk_event *event)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)event->id);
	sk_report_begin_row(page, text);
	sk_report_add_moment(page, event->at);
	sk_report_add_cell(page, sk_event_kind_name(event->kind));
	sk_report_add_cell(page, event->office_id != NULL ? event->office_id : "-");
	snprintf(text, sizeof(text), "%lld", (long long)event->row);
	sk_report_add_cell(page, event->row != 0 ? text : "-");
	sk_report_add_count(page, event->count);
	sk_report_add_cell(page, event->set_aside_at != 0 ? "set aside" : "waits");
	sk_report_add_count(page, event->tries);
	sk_report_end_row(page);
}

void
sk_report_add_events(struct sk_text *page, const struct sk_report *report)
{
	const struct sk_outbox *outbox = &report->status->outbox;

	sk_report_begin_section(page, "events", "Events that nobody was told of");
	sk_text_add_format(page, "<p>Waiting to be delivered: %lld. Set aside: %lld.</p>\n",
	    (long long)outbox->undelivered, (long long)outbox->set_aside);
	if (report->n_events > 0) {
		sk_report_begin_table(page, "events-table",
		    "The oldest of them; sikka-status --events shows what they say",
		    "Event,When,What happened,Office,Request,#Requests,Delivery,#Tries");
		for (size_t i = 0; i < report->n_events; i++)
			add_event(page, &report->events[i]);
		sk_report_end_table(page);
	}
	sk_report_end_section(page);
}

/* --- failures ------------------------------------------------------------------------------------ */

static const char *
meaning_of(const char *error_code)
{
	const char *words = sk_code_words(sk_code_find(error_code));
	const struct sk_api_code *code;

	if (words != NULL)
		return words;
	code = error_code != NULL ? sk_api_code_find(error_code) : NULL;
	return code != NULL && code->means != NULL ? code->means : "-";
}

/* A code of the server's that isn't in its documents is shown as long as it looks like a code: else it may name a patient. */
static bool
is_code(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	bool has_digit = strpbrk(text, "0123456789") != NULL;

	return n <= 16 && text[n] == '\0' && (has_digit || sk_code_find(text) != SK_CODE_NONE);
}

static void
add_failure(struct sk_text *page, const struct sk_end *end)
{
	const char *code = end->error_code;
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)end->id);
	sk_report_begin_row(page, id);
	sk_report_add_moment(page, end->at);
	sk_report_add_cell(page, end->office_id != NULL ? end->office_id : "-");
	sk_report_add_cell(page, end->operation != NULL ? end->operation : "-");
	sk_report_add_cell(page, code == NULL ? "-" : is_code(code) ? code : "another one");
	sk_report_add_cell(page, meaning_of(code));
	sk_report_end_row(page);
}

void
sk_report_add_failures(struct sk_text *page, const struct sk_report *report)
{
	size_t kept = sk_report_at_most(report->n_failures, SK_REPORT_FAILURES);

	sk_report_begin_section(page, "failures", "The latest failures");
	if (kept == 0) {
		sk_text_add_format(page, "<p>Nothing has failed in the last %d days.</p>\n",
		    SK_REPORT_DAYS);
		sk_report_end_section(page);
		return;
	}
	sk_report_begin_table(page, "failures-table",
	    "The latest first; sikka-status --writebacks ID shows what the practice said",
	    "Request,When,Office,Operation,Code,What it means");
	for (size_t i = 1; i <= kept; i++)
		add_failure(page, &report->failures[(report->n_failures - i) % SK_REPORT_FAILURES]);
	sk_report_end_table(page);
	if (kept < report->n_failures)
		sk_text_add_format(page,
		    "<p>%zu earlier ones of the last %d days aren't shown.</p>\n",
		    report->n_failures - kept, SK_REPORT_DAYS);
	sk_report_end_section(page);
}
