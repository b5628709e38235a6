/* SPDX-License-Identifier: MIT */
/*
 * monitor: the troubles as lines and exit code for a monitor (Nagios plugins). The first line has the worst
 * trouble, since many monitors show no other one, and the numbers.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/troubles.h"

static const char *const verdicts[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

static int64_t
age(const struct sk_status *status, enum sk_state state)
{
	int64_t oldest = status->living[state].oldest;

	return oldest != 0 && oldest < status->now ? (status->now - oldest) / SK_SECOND : 0;
}

/* A text in a line: no newline inside, and no bar, which separates text and numbers. */
static void
add_text(struct sk_text *lines, const char *text)
{
	char *shown = sk_text_shown(text);

	for (char *at = shown; *at != '\0'; at++)
		if (*at == '|')
			*at = '/';
	sk_text_add(lines, shown);
	free(shown);
}

static void
add_trouble(struct sk_text *lines, const struct sk_trouble *trouble)
{
	char *words = sk_trouble_words(trouble);

	add_text(lines, words);
	free(words);
}

static void
add_all_well(struct sk_text *lines, const struct sk_status *status)
{
	int64_t pending = status->living[SK_PENDING].count;

	sk_text_add_format(lines, "%zu office%s, %lld request%s pending, none unknown",
	    status->n_offices, status->n_offices == 1 ? "" : "s", (long long)pending,
	    pending == 1 ? "" : "s");
}

static void
add_numbers(struct sk_text *lines, const struct sk_status *status)
{
	sk_text_add_format(lines,
	    " | pending=%lld;;;0 unknown=%lld;;;0 oldest_pending=%llds;21600;;0 "
	    "oldest_unknown=%llds;;3600;0 completed_24h=%lld;;;0 failed_24h=%lld;;;0 "
	    "undelivered=%lld;;;0 set_aside=%lld;;0;0",
	    (long long)status->living[SK_PENDING].count,
	    (long long)status->living[SK_UNKNOWN].count, (long long)age(status, SK_PENDING),
	    (long long)age(status, SK_UNKNOWN), (long long)status->day.count[SK_COMPLETED],
	    (long long)status->day.count[SK_FAILED], (long long)status->outbox.undelivered,
	    (long long)status->outbox.set_aside);
}

enum sk_monitor_code
sk_monitor(const struct sk_status *status, const struct sk_troubles *troubles, char **lines)
{
	const struct sk_trouble *list = troubles->list;
	enum sk_monitor_code verdict =
	    troubles->n == 0 ? SK_MONITOR_OK : sk_trouble_severity(list[0].kind);
	struct sk_text text = {0};

	sk_text_add_format(&text, "SIKKA %s - ", verdicts[verdict]);
	if (troubles->n > 1)
		sk_text_add_format(&text, "%zu troubles, the worst: ", troubles->n);
	if (troubles->n > 0)
		add_trouble(&text, &list[0]);
	else if (status != NULL)
		add_all_well(&text, status);
	if (status != NULL && status->stranger == NULL)
		add_numbers(&text, status);
	sk_text_add(&text, "\n");
	for (size_t i = 1; i < troubles->n; i++) {
		sk_text_add_format(&text, "%s - ", verdicts[sk_trouble_severity(list[i].kind)]);
		add_trouble(&text, &list[i]);
		sk_text_add(&text, "\n");
	}
	*lines = sk_text_take(&text);
	return verdict;
}
