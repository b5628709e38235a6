/* SPDX-License-Identifier: MIT */
/* status: the overview for people, coloured where the caller wants it. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "commands/status_parts.h"

#define SOON (30 * SK_MINUTE)

/* Appends text in the colour, padded to width. */
static void
add(struct sk_lines *page, enum sk_colour colour, const char *text, size_t width)
{
	size_t begin = page->n > 0 ? page->list[page->n - 1].width : 0;

	sk_lines_add(page, colour, text);
	sk_lines_fill(page, begin + width);
}

static void
add_heading(struct sk_lines *page, const char *text)
{
	if (page->n > 0)
		sk_lines_new(page);
	sk_lines_new(page);
	sk_lines_add(page, SK_BOLD, text);
}

static void
add_count(struct sk_lines *page, const char *name, int64_t count, enum sk_colour colour)
{
	sk_lines_new(page);
	sk_lines_add_format(page, SK_PLAIN, "  %-14s", name);
	sk_lines_add_format(page, count > 0 ? colour : SK_PLAIN, "%8lld", (long long)count);
}

enum sk_colour
sk_status_key_words(const struct sk_status_office *office, int64_t now,
    char words[SK_STATUS_KEY_WORDS])
{
	char left[SK_TIME_WORDS];

	if (office->token_expiry == 0) {
		snprintf(words, SK_STATUS_KEY_WORDS, "no key");
		return SK_PLAIN;
	}
	if (office->token_expiry <= now) {
		snprintf(words, SK_STATUS_KEY_WORDS, "ended %s ago",
		    sk_time_words(now - office->token_expiry, left));
		return office->status == SK_OFFICE_ACTIVE || office->status == SK_OFFICE_SUSPECT
		    ? SK_RED
		    : SK_PLAIN;
	}
	snprintf(words, SK_STATUS_KEY_WORDS, "%s left",
	    sk_time_words(office->token_expiry - now, left));
	return office->token_expiry - now < SOON ? SK_YELLOW : SK_PLAIN;
}

const char *
sk_status_office_words(enum sk_office_status status, enum sk_colour *colour)
{
	bool is_well = status == SK_OFFICE_ACTIVE || status == SK_OFFICE_NEW;

	*colour = is_well ? SK_PLAIN : status == SK_OFFICE_SUSPECT ? SK_YELLOW : SK_RED;
	return status != SK_OFFICE_NONE ? sk_office_status_name(status) : "not known";
}

static void
add_office(struct sk_lines *page, const struct sk_status_office *office, int64_t now, size_t widest)
{
	char key[SK_STATUS_KEY_WORDS], practices[24], zone[SK_ZONE_WORDS];
	enum sk_colour of_status, of_key = sk_status_key_words(office, now, key);
	const char *status = sk_status_office_words(office->status, &of_status);

	snprintf(practices, sizeof(practices), "%lld", (long long)office->practices);
	sk_zone_words(office->zone, zone);
	sk_lines_new(page);
	sk_lines_add(page, SK_PLAIN, "  ");
	add(page, SK_PLAIN, office->office_id, widest + 2);
	add(page, of_status, status, 13);
	add(page, of_key, key, 20);
	add(page, SK_PLAIN, practices, 11);
	add(page, SK_PLAIN, zone[0] != '\0' ? zone : "not known",
	    office->last_error != NULL ? 15 : 0);
	if (office->last_error != NULL)
		add(page, SK_YELLOW, office->last_error, 0);
}

size_t
sk_status_widest_office(const struct sk_status *status)
{
	size_t widest = 6;

	for (size_t i = 0; i < status->n_offices; i++) {
		char *id = sk_text_shown(status->offices[i].office_id);

		if (sk_text_width(id) > widest)
			widest = sk_text_width(id);
		free(id);
	}
	return widest;
}

static void
add_offices(struct sk_lines *page, const struct sk_status *status)
{
	size_t widest = sk_status_widest_office(status);

	add_heading(page, "Offices");
	sk_lines_new(page);
	if (status->n_offices == 0) {
		sk_lines_add_format(page, SK_PLAIN, "  none%s",
		    status->stranger == NULL ? " yet: sikka-authorize lists them" : "");
		return;
	}
	sk_lines_add(page, SK_PLAIN, "  ");
	add(page, SK_PLAIN, "office", widest + 2);
	sk_lines_add_format(page, SK_PLAIN, "%-13s%-20s%-11s%-15s%s", "status", "key", "practices",
	    "UTC", "last error");
	for (size_t i = 0; i < status->n_offices; i++)
		add_office(page, &status->offices[i], status->now, widest);
}

static void
add_day(struct sk_lines *page, const struct sk_ended *day)
{
	char median[SK_TIME_WORDS], slowest[SK_TIME_WORDS];

	add_heading(page, "Last day");
	add_count(page, "completed", day->count[SK_COMPLETED], SK_PLAIN);
	add_count(page, "failed", day->count[SK_FAILED], SK_RED);
	add_count(page, "withdrawn", day->count[SK_WITHDRAWN], SK_PLAIN);
	if (day->n_durations == 0)
		return;
	sk_time_words((int64_t)(sk_status_seconds(day, 0.5) * (double)SK_SECOND), median);
	sk_time_words(day->durations[day->n_durations - 1], slowest);
	sk_lines_new(page);
	sk_lines_add_format(page, SK_PLAIN, "  %-14s%8s", "median time", median);
	sk_lines_new(page);
	sk_lines_add_format(page, SK_PLAIN, "  %-14s%8s", "slowest", slowest);
}

/* One line: what breaks its bound is told in red. */
static void
add_measures(struct sk_lines *page, const struct sk_status *status)
{
	struct sk_text words = {0};

	sk_status_measures_words(status, &words);
	add_heading(page, "What sikka rests on");
	sk_lines_new(page);
	sk_lines_add(page, SK_PLAIN, "  ");
	sk_lines_add(page, words.used > 0 ? SK_RED : SK_PLAIN,
	    words.used > 0 ? sk_text_bytes(&words) : "nothing seen that breaks it");
	sk_text_fini(&words);
}

char *
sk_status_text(const struct sk_status *status, int colour)
{
	static const char *const ages[SK_AGE_BUCKETS] = {"under 1 min", "under 10 min", "under 1 h",
	    "under 6 h", "over 6 h"};
	static const enum sk_colour living_colours[SK_STATES] = {[SK_UNKNOWN] = SK_RED};
	const struct sk_status_living *pending = &status->living[SK_PENDING];
	struct sk_lines page = {.columns = SIZE_MAX, .with_colour = colour};
	char *text;

	add_heading(&page, "State file");
	sk_lines_new(&page);
	sk_lines_add_format(&page, SK_PLAIN, "  %s%s", status->db,
	    status->copy != NULL ? " (an older copy)" : "");
	if (status->holds != NULL) {
		sk_lines_new(&page);
		sk_lines_add_format(&page, SK_PLAIN, "  nothing is sent: %s", status->holds);
	}
	for (size_t i = 0; i < status->n_pauses; i++) {
		char *words = sk_pause_words(&status->pauses[i]);

		sk_lines_new(&page);
		sk_lines_add(&page, SK_PLAIN, "  ");
		sk_lines_add(&page, SK_YELLOW, words);
		free(words);
	}
	add_offices(&page, status);
	add_heading(&page, "Requests");
	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		add_count(&page, sk_state_name((enum sk_state)state), status->living[state].count,
		    living_colours[state]);
	if (pending->count > 0) {
		add_heading(&page, "Pending by age");
		for (int i = 0; i < SK_AGE_BUCKETS; i++)
			add_count(&page, ages[i], pending->by_age[i],
			    i == SK_AGE_OVER ? SK_YELLOW : SK_PLAIN);
	}
	add_day(&page, &status->day);
	add_heading(&page, "Outbox");
	add_count(&page, "undelivered", status->outbox.undelivered, SK_PLAIN);
	add_count(&page, "set aside", status->outbox.set_aside, SK_RED);
	add_measures(&page, status);
	text = sk_lines_text(&page, "");
	sk_lines_fini(&page);
	return text;
}
