/* SPDX-License-Identifier: MIT */
/*
 * monitor: the state as one line and exit code for a monitor (Nagios plugins). If the state can't
 * be read, that is the line, with the code for "unknown".
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/status_parts.h"

#define SOON (30 * SK_MINUTE)
#define NAMED 3 /* how many offices are named; the others are counted */

static const char *const verdicts[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

/* The findings of one severity: sentences separated by "; ". */
struct findings {
	struct sk_text draft;
};

static void
find(struct findings *findings, const char *text)
{
	sk_text_add_format(&findings->draft, "%s%s", findings->draft.used > 0 ? "; " : "", text);
}

static void
find_count(struct findings *findings, int64_t count, const char *one, const char *many)
{
	char *text;

	if (count == 0)
		return;
	text = sk_mem_printf("%lld %s", (long long)count, count == 1 ? one : many);
	find(findings, text);
	free(text);
}

typedef bool is_fn(const struct sk_status_office *office, int64_t now);

static void
find_offices(struct findings *findings, const struct sk_status *status, is_fn *is, const char *what)
{
	struct sk_text names = {0};
	size_t n = 0;
	char *text;

	for (size_t i = 0; i < status->n_offices; i++)
		if (is(&status->offices[i], status->now) && n++ < NAMED)
			sk_text_add_format(&names, "%s%s", n > 1 ? ", " : "",
			    status->offices[i].office_id);
	if (n > NAMED)
		sk_text_add_format(&names, " and %zu more", n - NAMED);
	if (n > 0) {
		text = sk_mem_printf("%s: %s", what, names.bytes);
		find(findings, text);
		free(text);
	}
	sk_text_fini(&names);
}

static bool
is_living(const struct sk_status_office *office)
{
	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		if (office->living[state].count > 0)
			return true;
	return false;
}

static bool
is_abandoned(const struct sk_status_office *office, int64_t now)
{
	(void)now;
	return is_living(office) && office->status != SK_OFFICE_ACTIVE &&
	    office->status != SK_OFFICE_NEW;
}

static bool
is_expired(const struct sk_status_office *office, int64_t now)
{
	return office->status == SK_OFFICE_ACTIVE && office->token_expiry != 0 &&
	    office->token_expiry <= now;
}

static bool
is_ending(const struct sk_status_office *office, int64_t now)
{
	return office->status == SK_OFFICE_ACTIVE && office->token_expiry > now &&
	    office->token_expiry - now < SOON;
}

static int64_t
older(const struct sk_status_living *living, int age)
{
	int64_t count = 0;

	for (int i = age + 1; i < SK_AGE_BUCKETS; i++)
		count += living->by_age[i];
	return count;
}

/*
 * A row that has been submitting for so long has lost its process and counts as unknown here: the
 * next command turns it over.
 */
static void
judge(const struct sk_status *status, struct findings *critical, struct findings *warning)
{
	const struct sk_status_living *unknown = &status->living[SK_UNKNOWN];
	const struct sk_status_living *submitting = &status->living[SK_SUBMITTING];
	int64_t old = older(unknown, SK_AGE_1H), left = older(submitting, SK_AGE_1H);
	const struct sk_outbox *outbox = &status->outbox;

	if (status->is_copy)
		find(critical, "the state file is an older copy, and nothing is sent");
	find_count(critical, old, "request unknown for over 1 h", "requests unknown for over 1 h");
	find_count(critical, left, "request submitting for over 1 h",
	    "requests submitting for over 1 h");
	find_offices(critical, status, is_abandoned, "requests wait for offices not authorized");
	find_offices(critical, status, is_expired, "request key expired");
	find_count(critical, outbox->set_aside, "event set aside", "events set aside");

	find_count(warning, unknown->count - old, "request unknown", "requests unknown");
	find_count(warning, older(submitting, SK_AGE_10M) - left,
	    "request submitting for over 10 min", "requests submitting for over 10 min");
	find_count(warning, older(&status->living[SK_PENDING], SK_AGE_6H),
	    "request pending for over 6 h", "requests pending for over 6 h");
	find_offices(warning, status, is_ending, "request key expires within 30 min");
	/* If no event was ever delivered, nobody uses the outbox. */
	if (outbox->is_used && outbox->undelivered > 0 && outbox->oldest < status->now - SK_DAY)
		find_count(warning, outbox->undelivered, "event undelivered, for over a day",
		    "events undelivered, the oldest for over a day");
}

static int64_t
age(const struct sk_status *status, enum sk_state state)
{
	int64_t oldest = status->living[state].oldest;

	return oldest != 0 && oldest < status->now ? (status->now - oldest) / SK_SECOND : 0;
}

/*
 * The line for the monitor: no newline inside, and only one bar, which separates text and numbers.
 */
static char *
line_of(enum sk_monitor_code verdict, const char *text, const char *numbers)
{
	char *shown = sk_text_shown(text), *line;

	for (char *at = shown; *at != '\0'; at++)
		if (*at == '|')
			*at = '/';
	line = sk_mem_printf("SIKKA %s - %s%s%s\n", verdicts[verdict], shown,
	    numbers != NULL ? " | " : "", numbers != NULL ? numbers : "");
	free(shown);
	return line;
}

static char *
all_well(const struct sk_status *status)
{
	int64_t pending = status->living[SK_PENDING].count;

	return sk_mem_printf("%zu office%s, %lld request%s pending, none unknown",
	    status->n_offices, status->n_offices == 1 ? "" : "s", (long long)pending,
	    pending == 1 ? "" : "s");
}

static char *
numbers_of(const struct sk_status *status)
{
	return sk_mem_printf(
	    "pending=%lld;;;0 unknown=%lld;;;0 oldest_pending=%llds;21600;;0 "
	    "oldest_unknown=%llds;;3600;0 completed_24h=%lld;;;0 failed_24h=%lld;;;0 "
	    "undelivered=%lld;;;0 set_aside=%lld;;0;0",
	    (long long)status->living[SK_PENDING].count,
	    (long long)status->living[SK_UNKNOWN].count, (long long)age(status, SK_PENDING),
	    (long long)age(status, SK_UNKNOWN), (long long)status->day.count[SK_COMPLETED],
	    (long long)status->day.count[SK_FAILED], (long long)status->outbox.undelivered,
	    (long long)status->outbox.set_aside);
}

enum sk_monitor_code
sk_monitor(const struct sk_status *status, char **line)
{
	struct findings critical = {0}, warning = {0};
	enum sk_monitor_code verdict = SK_MONITOR_OK;
	char *numbers, *text;

	if (status->stranger != NULL) {
		text = sk_mem_printf("office %s isn't known here", status->stranger);
		verdict = sk_monitor_failed(text, line);
		free(text);
		return verdict;
	}
	judge(status, &critical, &warning);
	if (warning.draft.used > 0)
		verdict = SK_MONITOR_WARNING;
	if (critical.draft.used > 0) {
		verdict = SK_MONITOR_CRITICAL;
		if (warning.draft.used > 0)
			find(&critical, warning.draft.bytes);
	}
	text = verdict == SK_MONITOR_CRITICAL ? sk_mem_copy(sk_text_bytes(&critical.draft))
	    : verdict == SK_MONITOR_WARNING   ? sk_mem_copy(sk_text_bytes(&warning.draft))
					      : all_well(status);
	numbers = numbers_of(status);
	*line = line_of(verdict, text, numbers);
	free(numbers);
	free(text);
	sk_text_fini(&warning.draft);
	sk_text_fini(&critical.draft);
	return verdict;
}

enum sk_monitor_code
sk_monitor_failed(const char *why, char **line)
{
	*line = line_of(SK_MONITOR_UNKNOWN, why, NULL);
	return SK_MONITOR_UNKNOWN;
}

enum sk_monitor_code
sk_monitor_lost(const char *why, char **line)
{
	*line = line_of(SK_MONITOR_CRITICAL, why, NULL);
	return SK_MONITOR_CRITICAL;
}
