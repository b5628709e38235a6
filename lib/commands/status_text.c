/* SPDX-License-Identifier: MIT */
/* The overview for eyes, and how texts are put together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "commands/status_parts.h"

#define SOON (30 * SK_MINUTE)

enum colour { PLAIN, BOLD, YELLOW, RED };

static const char *const COLOURS[] = {"", "\033[1m", "\033[33m", "\033[31m"};

/* --- drafts --------------------------------------------------------------------------------- */

static void
add_bytes(struct sk_status_draft *draft, const char *bytes, size_t n)
{
	if (draft->room - draft->used <= n) {
		draft->room = 2 * (draft->room + n) + 256;
		draft->bytes = sk_mem_resize(draft->bytes, draft->room, 1);
	}
	memcpy(draft->bytes + draft->used, bytes, n);
	draft->used += n;
	draft->bytes[draft->used] = '\0';
}

void
sk_status_add(struct sk_status_draft *draft, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = sk_mem_vprintf(format, args);
	va_end(args);
	add_bytes(draft, text, strlen(text));
	free(text);
}

/* Control characters, those of two bytes (U+0080 to U+009F) among them, and whatever isn't UTF-8.
 */
static int
is_unfit(const char *at, int is_utf8)
{
	const unsigned char *byte = (const unsigned char *)at;

	if (byte[0] < 0x20 || byte[0] == 0x7F || (byte[0] >= 0x80 && !is_utf8))
		return 1;
	return byte[0] == 0xC2 && byte[1] < 0xA0 ? 2 : 0;
}

char *
sk_status_shown(const char *text)
{
	struct sk_status_draft draft = {0};
	json_t *value = json_string(text); /* NULL when it isn't UTF-8 */

	add_bytes(&draft, "", 0);
	while (*text != '\0') {
		int unfit = is_unfit(text, value != NULL);

		if (unfit == 0)
			add_bytes(&draft, text++, 1);
		for (; unfit > 0; unfit--)
			sk_status_add(&draft, "\\x%02x", (unsigned char)*text++);
	}
	json_decref(value);
	return draft.bytes;
}

/* --- the overview --------------------------------------------------------------------------- */

/* How many columns it takes; wide characters count as one. */
static int
width_of(const char *text)
{
	int width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xC0) != 0x80;
	return width;
}

struct page {
	struct sk_status_draft draft;
	int with_colour;
};

/* text in that colour, filled up to width. */
static void
add(struct page *page, enum colour colour, const char *text, int width)
{
	int fill = width - width_of(text);
	int with_colour = page->with_colour && colour != PLAIN;

	sk_status_add(&page->draft, "%s%s%s%*s", with_colour ? COLOURS[colour] : "", text,
	    with_colour ? "\033[0m" : "", fill > 0 ? fill : 0, "");
}

static void
add_heading(struct page *page, const char *text)
{
	if (page->draft.used > 0)
		sk_status_add(&page->draft, "\n");
	add(page, BOLD, text, 0);
	sk_status_add(&page->draft, "\n");
}

static void
add_count(struct page *page, const char *name, int64_t count, enum colour colour)
{
	char text[24];

	snprintf(text, sizeof(text), "%8lld", (long long)count);
	sk_status_add(&page->draft, "  ");
	add(page, PLAIN, name, 14);
	add(page, count > 0 ? colour : PLAIN, text, 0);
	sk_status_add(&page->draft, "\n");
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
		return office->status == SK_OFFICE_ACTIVE ? RED : PLAIN;
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
	char *id = sk_status_shown(office->office_id);
	char key[40], practices[24];
	enum colour colour = key_words(office, now, key);

	snprintf(practices, sizeof(practices), "%lld", (long long)office->practices);
	sk_status_add(&page->draft, "  ");
	add(page, PLAIN, id, widest + 2);
	add(page, is_well ? PLAIN : RED, status, 13);
	add(page, colour, key, 20);
	if (office->last_error != NULL) {
		char *error = sk_status_shown(office->last_error);

		add(page, PLAIN, practices, 11);
		add(page, YELLOW, error, 0);
		free(error);
	} else {
		add(page, PLAIN, practices, 0);
	}
	sk_status_add(&page->draft, "\n");
	free(id);
}

static void
add_offices(struct page *page, const struct sk_status *status)
{
	int widest = 6;

	for (size_t i = 0; i < status->n_offices; i++) {
		char *id = sk_status_shown(status->offices[i].office_id);

		if (width_of(id) > widest)
			widest = width_of(id);
		free(id);
	}
	add_heading(page, "Offices");
	if (status->n_offices == 0) {
		sk_status_add(&page->draft, "  none%s\n",
		    status->stranger == NULL ? " yet: sikka-authorize lists them" : "");
		return;
	}
	sk_status_add(&page->draft, "  ");
	add(page, PLAIN, "office", widest + 2);
	sk_status_add(&page->draft, "%-13s%-20s%-11s%s\n", "status", "key", "practices",
	    "last error");
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
	sk_status_add(&page->draft, "  %-14s%8s\n  %-14s%8s\n", "median time", median, "slowest",
	    slowest);
}

char *
sk_status_text(const struct sk_status *status, int colour)
{
	static const char *const AGES[SK_AGE_BUCKETS] = {"under 1 min", "under 10 min", "under 1 h",
	    "under 6 h", "over 6 h"};
	static const enum colour LIVING[SK_STATES] = {[SK_UNKNOWN] = RED};
	const struct sk_status_living *pending = &status->living[SK_PENDING];
	struct page page = {.with_colour = colour};
	char *db = sk_status_shown(status->db);

	add_heading(&page, "State file");
	sk_status_add(&page.draft, "  %s%s\n", db, status->is_missing ? " (none yet)" : "");
	add_offices(&page, status);
	add_heading(&page, "Requests");
	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		add_count(&page, sk_state_name((enum sk_state)state), status->living[state].count,
		    LIVING[state]);
	if (pending->count > 0) {
		add_heading(&page, "Pending by age");
		for (int i = 0; i < SK_AGE_BUCKETS; i++)
			add_count(&page, AGES[i], pending->by_age[i],
			    i == SK_AGE_OVER ? YELLOW : PLAIN);
	}
	add_day(&page, &status->day);
	add_heading(&page, "Outbox");
	add_count(&page, "undelivered", status->outbox.undelivered, PLAIN);
	add_count(&page, "set aside", status->outbox.set_aside, RED);
	free(db);
	return page.draft.bytes;
}
