/* SPDX-License-Identifier: MIT */
/*
 * pool_why: why calls wait, for a person at a terminal. Nothing here decides anything. What keeps calls from
 * leaving is looked at in the order in which a person can do something about it: a server in trouble, another
 * process, a full limit, a key that is being renewed.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/progress.h"
#include "base/time.h"
#include "calls/pool_parts.h"

#define SILENT (2 * SK_SECOND) /* after this time without an answer it is told */

/* In the order in which one is told rather than another. */
enum cause { CAUSE_NONE, CAUSE_TROUBLE, CAUSE_LOCKED_OUT, CAUSE_LIMIT, CAUSE_RENEWAL };

/* Why the calls of an office wait; until: monotonic, or 0. */
struct waiting {
	enum cause cause;
	int64_t until;
	const struct sk_pool_office *office; /* the one of them that goes on first */
	const struct sk_call *call;          /* CAUSE_TROUBLE */
	size_t n;                            /* offices that wait for this cause */
};

static void
note(struct waiting *waiting, enum cause cause, int64_t until)
{
	if (waiting->cause == CAUSE_NONE || cause < waiting->cause) {
		waiting->cause = cause;
		waiting->until = until;
	} else if (cause == waiting->cause && until < waiting->until) {
		waiting->until = until;
	}
}

static void
look_at_queue(const struct sk_pool_office *office, int kind, int64_t now, struct waiting *waiting)
{
	const struct sk_call *call = office->queues[kind].first;
	int64_t again_at = office->limit_again_at[sk_pool_use_of((enum sk_call_kind)kind)];

	if (call != NULL && again_at > now)
		note(waiting, CAUSE_LIMIT, again_at);
	for (; call != NULL; call = call->next) {
		if (call->not_before <= now)
			continue;
		note(waiting, call->is_troubled ? CAUSE_TROUBLE : CAUSE_LIMIT, call->not_before);
		if (call->is_troubled && waiting->until == call->not_before)
			waiting->call = call;
	}
}

static struct waiting
look_at_office(const struct sk_pool *pool, const struct sk_pool_office *office, int64_t now)
{
	struct waiting waiting = {.office = office, .n = 1};

	if (office->is_renewing)
		note(&waiting, pool->keys->is_locked_out(office) ? CAUSE_LOCKED_OUT : CAUSE_RENEWAL,
		    0);
	for (int kind = 0; kind < SK_CALL_KINDS; kind++)
		look_at_queue(office, kind, now, &waiting);
	return waiting;
}

/* What holds most back, and how many offices. */
static struct waiting
look_at_all(const struct sk_pool *pool)
{
	int64_t now = sk_time_monotonic();
	struct waiting all = {0};

	for (size_t i = 0; i < pool->n_offices; i++) {
		const struct sk_pool_office *office = pool->offices[i];
		struct waiting one;

		if (office->n_waiting == 0 && !office->is_renewing)
			continue;
		one = look_at_office(pool, office, now);
		if (one.cause == CAUSE_NONE)
			continue;
		if (one.cause == all.cause) {
			one.n = all.n + 1;
			if (one.until >= all.until) {
				all.n = one.n;
				continue;
			}
		} else if (all.cause != CAUSE_NONE && one.cause > all.cause) {
			continue;
		}
		all = one;
	}
	return all;
}

/* "D36225", "the application", "D36225 and 3 others" */
static const char *
name_of(const struct waiting *waiting, char *name, size_t room)
{
	const char *id = waiting->office->id != NULL ? waiting->office->id : "the application";

	if (waiting->n > 1)
		snprintf(name, room, "%s and %zu other%s", id, waiting->n - 1,
		    waiting->n > 2 ? "s" : "");
	else
		snprintf(name, room, "%s", id);
	return name;
}

static void
say(const struct sk_pool *pool, const struct waiting *waiting, char *text, size_t room)
{
	char name[100];

	if (waiting->cause == CAUSE_NONE)
		return;
	name_of(waiting, name, sizeof(name));
	switch (waiting->cause) {
	case CAUSE_NONE:
		break;
	case CAUSE_TROUBLE:
		snprintf(text, room, "%s; trying again (%d of %d)", sk_text_bytes(&pool->trouble),
		    waiting->call->attempts + 1, SK_POOL_TRIES);
		break;
	case CAUSE_LOCKED_OUT:
		snprintf(text, room, "another process is renewing the request key of %s", name);
		break;
	case CAUSE_LIMIT:
		snprintf(text, room, "limit of %s", name);
		break;
	case CAUSE_RENEWAL:
		snprintf(text, room, "the request key of %s is being renewed", name);
		break;
	}
}

/* What holds everything back, whatever office it is. */
static bool
is_held_back(const struct sk_pool *pool, char *text, size_t room, int64_t *until)
{
	*until = 0;
	if (pool->paused_until > sk_time_monotonic()) {
		snprintf(text, room, "the server asks for a pause");
		*until = pool->paused_until;
	} else if (pool->journal.since != 0 && sk_time_monotonic() - pool->journal.asked < SILENT) {
		snprintf(text, room, "another process writes to the state file");
	} else if (pool->kept_out != NULL) {
		snprintf(text, room, "%s", pool->kept_out);
	} else {
		return false;
	}
	return true;
}

static void
say_silence(const struct sk_pool *pool, char *text, size_t room)
{
	int64_t silent = sk_time_monotonic() - pool->heard_at;
	char words[SK_TIME_WORDS];

	if (pool->n_on_wire > 0 && silent >= SILENT)
		snprintf(text, room, "no answer for %s", sk_time_words(silent, words));
}

void
sk_pool_show(const struct sk_pool *pool)
{
	char text[160] = "";
	struct waiting waiting;
	int64_t until;

	if (sk_progress_due_in() > 0)
		return;
	if (!is_held_back(pool, text, sizeof(text), &until)) {
		waiting = look_at_all(pool);
		say(pool, &waiting, text, sizeof(text));
		until = waiting.until;
	}
	if (text[0] == '\0') {
		say_silence(pool, text, sizeof(text));
		until = 0;
	}
	sk_progress_draw(text, until);
}
