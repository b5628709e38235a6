/* SPDX-License-Identifier: MIT */
/* life: the rule of holds, and how people are told of one. */
#include "life/hold_rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LEAST 2 /* clean lists, before a hold is over */

/* One that begins where the ones before it aren't followed by this list. */
static void
begin_count(struct sk_hold *hold, const struct sk_listing *list)
{
	hold->lists_clean = 1;
	hold->first_clean_at = list->begun_at;
}

void
sk_hold_take_list(struct sk_hold *hold, const struct sk_listing *list, size_t n_strange)
{
	bool has_let_go = !sk_hold_holds(hold);

	hold->looked_at = list->begun_at;
	if (list->number <= hold->after_list || !list->whole)
		return;
	if (n_strange > 0) {
		hold->lists_clean = 0;
		if (hold->shown_at == 0)
			hold->shown_at = list->begun_at;
		return;
	}
	/* Once writes have left, any later list will do. */
	if (hold->shown_at != 0 || hold->lists_clean == 0 ||
	    (!has_let_go && list->number != hold->latest_clean + 1) ||
	    list->begun_at < hold->first_clean_at)
		begin_count(hold, list);
	else if (list->begun_at - hold->first_clean_at >= SK_HOLD_APART)
		hold->lists_clean++;
	hold->shown_at = 0;
	hold->latest_clean = list->number;
}

bool
sk_hold_is_over(const struct sk_hold *hold)
{
	return !sk_hold_holds(hold) && hold->lists_clean >= LEAST;
}

/* When a list is worth reading for it. One that was torn isn't repeated at once. */
int64_t
sk_hold_due_at(const struct sk_hold *hold)
{
	int64_t due = hold->lists_clean > 0 ? hold->first_clean_at + SK_HOLD_APART : 0;

	return hold->looked_at != 0 && hold->looked_at >= due ? hold->looked_at + SK_HOLD_APART
							      : due;
}

bool
sk_hold_wants_list(struct sk_store *store)
{
	struct sk_error ignored = {0};
	struct sk_hold *holds;
	int64_t now = sk_time_now();
	bool wanted = false;
	size_t n;

	if (sk_store_holds(store, &holds, &n, &ignored) != 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		int64_t due = sk_hold_due_at(&holds[i]);

		/* One that lies far ahead was left by a wrong clock. */
		wanted = wanted || due <= now || due > now + SK_HOLD_APART;
	}
	sk_holds_free(holds, n);
	return wanted;
}

/* When the hold lets go at the earliest. */
static int64_t
until(const struct sk_hold *hold, int64_t now)
{
	int64_t at = hold->first_clean_at != 0 && hold->lists_clean > 0
	    ? hold->first_clean_at + SK_HOLD_APART
	    : now + (hold->lists_wanted - 1) * SK_HOLD_APART;

	return at > now ? at : now;
}

static char *
words_of(const struct sk_hold *hold, int64_t now)
{
	static const char *const whys[SK_HOLD_WHYS] = {
	    [SK_HOLD_GAP] = "this machine was booted and may have been put back",
	    [SK_HOLD_BEGUN] = "the state file was begun and may stand for a lost one",
	    [SK_HOLD_ADDED] = "the office was added and may stand in a lost state file",
	    [SK_HOLD_TAKEN_IN] = "the office came from another host, which may still send for it",
	};
	char text[SK_TIME_TEXT];

	if (hold->shown_at != 0)
		return sk_mem_printf("%s; the server has requests that it doesn't have: until a "
				     "person says what they are",
		    whys[hold->why]);
	return sk_mem_printf(
	    "%s: until a list of the server's shows nothing that isn't known here, "
	    "%s at the earliest",
	    whys[hold->why], sk_time_format(until(hold, now), text));
}

char *
sk_hold_words(struct sk_store *store, const char *office_id)
{
	struct sk_error ignored = {0};
	struct sk_hold *holds;
	char *words = NULL;
	size_t n;

	if (sk_store_holds(store, &holds, &n, &ignored) != 0)
		return NULL;
	for (size_t i = 0; i < n && words == NULL; i++)
		if (sk_hold_holds(&holds[i]) &&
		    (office_id == NULL || holds[i].office_id == NULL ||
			strcmp(holds[i].office_id, office_id) == 0))
			words = words_of(&holds[i], sk_time_now());
	sk_holds_free(holds, n);
	return words;
}
