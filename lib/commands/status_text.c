/* SPDX-License-Identifier: MIT */
/* status: the overview for people, coloured where the caller wants it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/status_parts.h"

#define SOON (30 * SK_MINUTE)

enum colour { PLAIN, BOLD, YELLOW, RED };

static const char *const colours[] = {"", "\033[1m", "\033[33m", "\033[31m"};

/* --- the overview --------------------------------------------------------------------------- */

struct page {
	struct sk_text draft;
	int with_colour;
};

/* Appends text in the colour, padded to width. */
static void
add(struct page *page, enum colour colour, const char *text, int width)
{
	int fill = width - (int)sk_text_width(text);
	int with_colour = page->with_colour && colour != PLAIN;

	sk_text_add_format(&page->draft, "%s%s%s%*s", with_colour ? colours[colour] : "", text,
	    with_colour ? "\033[0m" : "", fill > 0 ? fill : 0, "");
}

static void
add_heading(struct page *page, const char *text)
{
	if (page->draft.used > 0)
		sk_text_add(&page->draft, "\n");
	add(page, BOLD, text, 0);
	sk_text_add(&page->draft, "\n");
}

static void
add_count(struct page *page, const char *name, int64_t count, enum colour colour)
{
	char text[24];

	snprintf(text, sizeof(text), "%8lld", (long long)count);
	sk_text_add(&page->draft, "  ");
	add(page, PLAIN, name, 14);
	add(page, count > 0 ? colour : PLAIN, text, 0);
	sk_text_add(&page->draft, "\n");
}

static enum colour
key_words(const struct sk_status_office *office, int64_t now, char words[40])
{
	char left[SK_TIME_WORDS];

	if (office->token_expiry == 0) {
		snprintf(words, 40, "no key");
		return PLAIN;
	}
	if (office->token_expiry <= now) {
		snprintf(words, 40, "ended %s ago",
		    sk_time_words(now - office->token_expiry, left));
		return office->status == SK_OFFICE_ACTIVE || office->status == SK_OFFICE_SUSPECT
		    ? RED
		    : PLAIN;
	}
	snprintf(words, 40, "%s left", sk_time_words(office->token_expiry - now, left));
	return office->token_expiry - now < SOON ? YELLOW : PLAIN;
}

static void
add_office(struct page *page, const struct sk_status_office *office, int64_t now, int widest)
{
	const char *status =
	    office->status != SK_OFFICE_NONE ? sk_office_status_name(office->status) : "not known";
	int is_well = office->status == SK_OFFICE_ACTIVE || office->status == SK_OFFICE_NEW;
	char *id = sk_text_shown(office->office_id);
	char key[40], practices[24], zone[SK_ZONE_WORDS];
	enum colour colour = key_words(office, now, key);

	snprintf(practices, sizeof(practices), "%lld", (long long)office->practices);
	sk_zone_words(office->zone, zone);
	if (zone[0] == '\0')
		snprintf(zone, sizeof(zone), "not known");
	sk_text_add(&page->draft, "  ");
	add(page, PLAIN, id, widest + 2);
	add(page, is_well ? PLAIN : office->status == SK_OFFICE_SUSPECT ? YELLOW : RED, status, 13);
	add(page, colour, key, 20);
	add(page, PLAIN, practices, 11);
	if (office->last_error != NULL) {
		char *error = sk_text_shown(office->last_error);

		add(page, PLAIN, zone, 15);
		add(page, YELLOW, error, 0);
		free(error);
	} else {
		add(page, PLAIN, zone, 0);
	}
	sk_text_add(&page->draft, "\n");
	free(id);
}

static void
add_offices(struct page *page, const struct sk_status *status)
{
	int widest = 6;

	for (size_t i = 0; i < status->n_offices; i++) {
		char *id = sk_text_shown(status->offices[i].office_id);

		if ((int)sk_text_width(id) > widest)
			widest = (int)sk_text_width(id);
		free(id);
	}
	add_heading(page, "Offices");
	if (status->n_offices == 0) {
		sk_text_add_format(&page->draft, "  none%s\n",
		    status->stranger == NULL ? " yet: sikka-authorize lists them" : "");
		return;
	}
	sk_text_add(&page->draft, "  ");
	add(page, PLAIN, "office", widest + 2);
	sk_text_add_format(&page->draft, "%-13s%-20s%-11s%-15s%s\n", "status", "key", "practices",
	    "UTC", "last error");
	for (size_t i = 0; i < status->n_offices; i++)
		add_office(page, &status->offices[i], status->now, widest);
}

static void
add_day(struct page *page, const struct sk_ended *day)
{
	char median[SK_TIME_WORDS], slowest[SK_TIME_WORDS];

	add_heading(page, "Last day");
	add_count(page, "completed", day->count[SK_COMPLETED], PLAIN);
	add_count(page, "failed", day->count[SK_FAILED], RED);
	add_count(page, "withdrawn", day->count[SK_WITHDRAWN], PLAIN);
	if (day->n_durations == 0)
		return;
	sk_time_words((int64_t)(sk_status_seconds(day, 0.5) * (double)SK_SECOND), median);
	sk_time_words(day->durations[day->n_durations - 1], slowest);
	sk_text_add_format(&page->draft, "  %-14s%8s\n  %-14s%8s\n", "median time", median,
	    "slowest", slowest);
}

/* One line: what breaks its bound is told in red. */
static void
add_measures(struct page *page, const struct sk_status *status)
{
	struct sk_text words = {0};

	sk_status_measures_words(status, &words);
	add_heading(page, "What sikka rests on");
	sk_text_add(&page->draft, "  ");
	add(page, words.used > 0 ? RED : PLAIN,
	    words.used > 0 ? sk_text_bytes(&words) : "nothing seen that breaks it", 0);
	sk_text_add(&page->draft, "\n");
	sk_text_fini(&words);
}

char *
sk_status_text(const struct sk_status *status, int colour)
{
	static const char *const ages[SK_AGE_BUCKETS] = {"under 1 min", "under 10 min", "under 1 h",
	    "under 6 h", "over 6 h"};
	static const enum colour living_colours[SK_STATES] = {[SK_UNKNOWN] = RED};
	const struct sk_status_living *pending = &status->living[SK_PENDING];
	struct page page = {.with_colour = colour};
	char *db = sk_text_shown(status->db);

	add_heading(&page, "State file");
	sk_text_add_format(&page.draft, "  %s%s\n", db,
	    status->copy != NULL ? " (an older copy)" : "");
	if (status->holds != NULL)
		sk_text_add_format(&page.draft, "  nothing is sent: %s\n", status->holds);
	for (size_t i = 0; i < status->n_pauses; i++) {
		char *words = sk_pause_words(&status->pauses[i]);

		sk_text_add(&page.draft, "  ");
		add(&page, YELLOW, words, 0);
		sk_text_add(&page.draft, "\n");
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
			    i == SK_AGE_OVER ? YELLOW : PLAIN);
	}
	add_day(&page, &status->day);
	add_heading(&page, "Outbox");
	add_count(&page, "undelivered", status->outbox.undelivered, PLAIN);
	add_count(&page, "set aside", status->outbox.set_aside, RED);
	add_measures(&page, status);
	free(db);
	return sk_text_take(&page.draft);
}
