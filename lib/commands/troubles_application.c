/* SPDX-License-Identifier: MIT */
/* troubles: what keeps the whole application from working, or is to do so: its key, the limits of a day, pauses. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "api/codes.h"
#include "calls/rate.h"
#include "commands/troubles_parts.h"

static void
judge_key(const struct sk_status *status, struct sk_troubles *troubles)
{
	const struct sk_api_code *code = sk_api_code_find(status->refused);
	char at[SK_TIME_TEXT];

	if (status->refused == NULL)
		return;
	sk_troubles_add(troubles, SK_TROUBLE_APP_REFUSED, status->refused_at,
	    sk_mem_printf("the server refuses the application's key since %s (%s%s%s)",
		sk_time_format(status->refused_at, at), status->refused, code != NULL ? ": " : "",
		code != NULL ? code->means : ""),
	    sk_mem_copy("correct app_id and app_key_file, see sikka-config(5), then run: "
			"sikka-authorize"));
}

/* A limit can't be mended here: the text says when the next try makes sense. */
static void
judge_days(const struct sk_status *status, struct sk_troubles *troubles)
{
	char until[SK_TIME_TEXT];

	for (size_t i = 0; i < status->n_buckets; i++) {
		const struct sk_rate_bucket *bucket = &status->buckets[i];
		int is_app = strcmp(bucket->name, SK_RATE_APP) == 0;

		if (bucket->daily_until == 0)
			continue;
		sk_troubles_add(troubles, SK_TROUBLE_DAILY_LIMIT, 0,
		    sk_mem_printf(
			"%s%s has used up its calls for the day: nothing is read before %s",
			is_app ? "the application" : "office ", bucket->name,
			sk_time_format(bucket->daily_until, until)),
		    sk_mem_copy("run then: sikka-poll; if it happens often, poll less or ask for a "
				"higher limit"));
	}
}

/* It may be forgotten once its reason is gone. */
static void
judge_pauses(const struct sk_status *status, struct sk_troubles *troubles)
{
	struct sk_text text = {0};
	int64_t oldest;
	char *words;

	if (status->n_pauses == 0)
		return;
	words = sk_pause_words(&status->pauses[0]);
	sk_text_add_format(&text, "nothing new is sent: %s", words);
	if (status->n_pauses > 1)
		sk_text_add_format(&text, "; %zu more: sikka-status", status->n_pauses - 1);
	oldest = status->pauses[0].since;
	for (size_t i = 1; i < status->n_pauses; i++)
		if (status->pauses[i].since < oldest)
			oldest = status->pauses[i].since;
	sk_troubles_add_message(troubles, SK_TROUBLE_PAUSED, oldest, sk_text_bytes(&text));
	sk_text_fini(&text);
	free(words);
}

void
sk_troubles_judge_application(const struct sk_status *status, struct sk_troubles *troubles)
{
	judge_key(status, troubles);
	judge_days(status, troubles);
	judge_pauses(status, troubles);
}
