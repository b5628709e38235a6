/* SPDX-License-Identifier: MIT */
/*
 * store: the tables clock, heartbeats and refusals. What can't be written is lost with its process:
 * the next one learns it anew.
 */
#include "store/pulse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/time.h"
#include "store/event.h"
#include "store/holds.h"
#include "store/measures.h"
#include "store/moments.h"
#include "store/statements.h"
#include "store/writebacks.h"

#define APPLICATION "application"
#define DRIFT SK_SECOND              /* a clock that has moved less needn't be written */
#define BEAT_STANDS (10 * SK_SECOND) /* a heartbeat that is younger needn't be written anew */

static const char *const tasks[SK_TASKS] = {"authorize", "refresh", "poll", "sweep", "notify",
    "backup"};

const char *
sk_task_name(enum sk_task task)
{
	return task < SK_TASKS ? tasks[task] : NULL;
}

enum sk_task
sk_task_find(const char *name)
{
	int task = 0;

	while (task < SK_TASKS && (name == NULL || strcmp(tasks[task], name) != 0))
		task++;
	return (enum sk_task)task;
}

/* --- the clock --------------------------------------------------------------------------------- */

static int
read_kept(struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err)
{
	struct sk_clock_kept *kept = &pulse->kept;
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_CLOCK_GET, err);
	if (sk_query_step(&query)) {
		const char *boot_id = sk_query_column_look(&query, 0);

		pulse->has_kept = true;
		kept->is_of_this_boot = boot_id != NULL && strcmp(boot_id, pulse->boot_id) == 0;
		kept->boot = sk_query_column_number(&query, 1);
		kept->server_at = sk_query_column_time(&query, 2);
		kept->machine_at = sk_query_column_time(&query, 3);
		kept->is_known = sk_query_column_number(&query, 4) != 0;
		kept->jump = sk_query_column_number(&query, 5);
		kept->jump_seen_at = sk_query_column_time(&query, 6);
	}
	return sk_query_close(&query);
}

/*
 * In a state file without requests nothing waits for a time to pass, and there is no earlier time that
 * the first answer could be compared with, but this machine's clock, which may be days off. So that
 * answer is believed. Rows that an earlier version has written are in this machine's time: beside them
 * it takes a second answer to move the clock far.
 */
static int
takes_first(struct sk_store *store, bool *takes, struct sk_error *err)
{
	int64_t highest = 0;

	if (sk_store_writebacks_highest(store, &highest, err) != 0)
		return -1;
	*takes = highest == 0;
	return 0;
}

int
sk_pulse_begin(struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err)
{
	memset(pulse, 0, sizeof(*pulse));
	sk_boot_id(pulse->boot_id);
	if (read_kept(pulse, store, err) != 0)
		return -1;
	sk_clock_begin(&pulse->clock, pulse->has_kept ? &pulse->kept : NULL, sk_time_boot(),
	    sk_time_machine());
	if (!pulse->has_kept && takes_first(store, &pulse->clock.takes_first, err) != 0)
		return -1;
	sk_time_set_server(pulse->clock.offset);
	return 0;
}

void
sk_pulse_see(struct sk_pulse *pulse, int64_t sent, int64_t received, int64_t date)
{
	int64_t before = pulse->clock.offset;

	pulse->has_seen = true;
	switch (sk_clock_see(&pulse->clock, sent, received, date)) {
	case SK_CLOCK_AGREES:
		break;
	case SK_CLOCK_CORRECTED:
		sk_time_set_server(pulse->clock.offset);
		pulse->has_jumped |= pulse->clock.offset - before > SK_CLOCK_JUMP;
		sk_out_verbose("the server's clock differs from what was known of it by %lld ms",
		    (long long)(pulse->clock.offset - before));
		break;
	case SK_CLOCK_DOUBTED:
		sk_out_verbose("an answer's Date differs from the server's time by %lld s: not "
			       "believed before another answer shows it, a minute later",
		    (long long)(pulse->clock.jump / SK_SECOND));
		break;
	}
}

static int
write_clock(struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err)
{
	struct sk_clock_kept now;
	struct sk_query query;

	sk_clock_keep(&pulse->clock, sk_time_boot(), sk_time_machine(), &now);
	sk_query_write(&query, store, SK_SQL_CLOCK_PUT, err);
	sk_query_text(&query, 1, pulse->boot_id);
	sk_query_number(&query, 2, now.boot);
	sk_query_time(&query, 3, now.server_at);
	sk_query_time(&query, 4, now.machine_at);
	sk_query_number(&query, 5, now.is_known ? 1 : 0);
	sk_query_number(&query, 6, now.jump);
	sk_query_time(&query, 7, now.jump_seen_at);
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	pulse->kept = now;
	pulse->has_kept = true;
	return 0;
}

/* Somebody has set this machine's clock: what is guessed after the next boot goes by it. */
static bool
machine_was_set(const struct sk_clock_kept *kept)
{
	return llabs(sk_time_machine() - sk_time_boot() - (kept->machine_at - kept->boot)) > DRIFT;
}

static bool
clock_has_news(const struct sk_pulse *pulse)
{
	const struct sk_clock_kept *kept = &pulse->kept;

	if (!pulse->has_seen)
		return false;
	return !pulse->has_kept || !kept->is_of_this_boot || kept->jump != pulse->clock.jump ||
	    kept->is_known != pulse->clock.is_known || machine_was_set(kept) ||
	    llabs(pulse->clock.offset - (kept->server_at - kept->boot)) > DRIFT;
}

/* --- this machine's clock ---------------------------------------------------------------------- */

static int64_t
machine_is_ahead(void)
{
	return sk_time_machine() - sk_time_now();
}

/* Whether a person should hear that this machine's clock is off: 1, 0, -1. */
static int
is_off_and_untold(const struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err)
{
	int made;

	if (!pulse->clock.has_answer || llabs(machine_is_ahead()) <= SK_CLOCK_JUMP)
		return 0;
	made = sk_store_event_made(store, SK_EVENT_CLOCK_DIFFERS, NULL, 0, sk_time_now() - SK_DAY,
	    err);
	return made < 0 ? -1 : !made;
}

static int
tell_off(struct sk_store *store, struct sk_error *err)
{
	int64_t ahead = machine_is_ahead();
	char text[160], words[SK_TIME_WORDS];

	snprintf(text, sizeof(text),
	    "this machine's clock is %s %s the server's; the server's time is used, but the clock "
	    "should be set",
	    sk_time_words(llabs(ahead), words), ahead > 0 ? "ahead of" : "behind");
	sk_out_warn("%s", text);
	return sk_event_make(store, SK_EVENT_CLOCK_DIFFERS, NULL, 0, text, err);
}

/* --- heartbeats and refusals ------------------------------------------------------------------- */

void
sk_pulse_beat(struct sk_pulse *pulse, enum sk_task task)
{
	pulse->beats[task] = sk_time_now();
}

void
sk_pulse_refused(struct sk_pulse *pulse, const char *code)
{
	snprintf(pulse->refused, sizeof(pulse->refused), "%s", code);
	pulse->refused_at = sk_time_now();
	pulse->is_app_accepted = false;
}

void
sk_pulse_accepted(struct sk_pulse *pulse)
{
	pulse->refused_at = 0;
	pulse->is_app_accepted = true;
}

static bool
has_beats(const struct sk_pulse *pulse)
{
	for (int task = 0; task < SK_TASKS; task++)
		if (pulse->beats[task] != 0)
			return true;
	return false;
}

/*
 * Whether a heartbeat alone is worth a commit: not where that of the same task, under this boot, is younger than
 * BEAT_STANDS. Whoever judges heartbeats does so by minutes.
 */
static bool
has_news_of_beats(const struct sk_pulse *pulse, struct sk_store *store)
{
	int64_t stands[SK_TASKS] = {0};
	struct sk_error ignored = {0};
	struct sk_query query;

	if (!has_beats(pulse))
		return false;
	sk_query_open(&query, store, SK_SQL_HEARTBEATS, &ignored);
	while (sk_query_step(&query)) {
		enum sk_task task = sk_task_find(sk_query_column_look(&query, 0));
		const char *boot_id = sk_query_column_look(&query, 2);

		if (task < SK_TASKS && boot_id != NULL && strcmp(boot_id, pulse->boot_id) == 0)
			stands[task] = sk_query_column_time(&query, 1);
	}
	if (sk_query_close(&query) != 0)
		return true;
	for (int task = 0; task < SK_TASKS; task++)
		if (pulse->beats[task] != 0 &&
		    (pulse->beats[task] < stands[task] ||
			pulse->beats[task] - stands[task] >= BEAT_STANDS))
			return true;
	return false;
}

static int
write_beats(struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;

	for (int task = 0; task < SK_TASKS; task++) {
		if (pulse->beats[task] == 0)
			continue;
		sk_query_write(&query, store, SK_SQL_HEARTBEAT_PUT, err);
		sk_query_text(&query, 1, tasks[task]);
		sk_query_time(&query, 2, pulse->beats[task]);
		sk_query_text(&query, 3, pulse->boot_id);
		sk_query_number(&query, 4, pulse->beats[task] - pulse->clock.offset);
		if (sk_query_run(&query, NULL) != 0)
			return -1;
		pulse->beats[task] = 0;
	}
	return 0;
}

static int
write_refusal(struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;

	if (pulse->is_app_accepted) {
		pulse->is_app_accepted = false;
		sk_query_write(&query, store, SK_SQL_REFUSAL_DROP, err);
		sk_query_text(&query, 1, APPLICATION);
		return sk_query_run(&query, NULL);
	}
	if (pulse->refused_at == 0)
		return 0;
	sk_query_write(&query, store, SK_SQL_REFUSAL_PUT, err);
	sk_query_text(&query, 1, APPLICATION);
	sk_query_text(&query, 2, pulse->refused);
	sk_query_time(&query, 3, pulse->refused_at);
	pulse->refused_at = 0;
	return sk_query_run(&query, NULL);
}

/* What is written along with the rest, and alone isn't worth a commit. */
static int
write_measures(struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err)
{
	const struct sk_measured clock = {.what = SK_MEASURE_CLOCK,
	    .value = llabs(machine_is_ahead()) / SK_SECOND};
	int64_t at = pulse->list_watched_at, before = 0;

	if (pulse->clock.has_answer && sk_store_measure_put(store, &clock, err) != 0)
		return -1;
	pulse->list_watched_at = 0;
	if (at == 0)
		return 0;
	if (sk_store_fact_get(store, SK_PULSE_LIST_WATCHED, &before, err) != 0)
		return -1;
	return at > before ? sk_store_fact_set(store, SK_PULSE_LIST_WATCHED, at, err) : 0;
}

int
sk_pulse_meets_new_boot(const struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err)
{
	struct sk_query query;
	int is_new = 0;

	/* In the order of the beats: the last one counts. */
	sk_query_open(&query, store, SK_SQL_HEARTBEATS, err);
	while (sk_query_step(&query))
		is_new = strcmp(sk_query_column_look(&query, 2), pulse->boot_id) != 0;
	return sk_query_close(&query) == 0 ? is_new : -1;
}

int
sk_pulse_note_gap(const struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err)
{
	int is_new = pulse->has_many_boots ? 0 : sk_pulse_meets_new_boot(pulse, store, err);

	return is_new > 0 ? sk_store_holds_note_gap(store, pulse->boot_id, err) : is_new;
}

/* Whether a refusal stands in the state file that is over. */
static bool
has_old_refusal(const struct sk_pulse *pulse, struct sk_store *store)
{
	struct sk_error ignored = {0};
	char *code = NULL;
	int64_t at;
	bool stands;

	if (!pulse->is_app_accepted)
		return false;
	stands = sk_store_refusal(store, &code, &at, &ignored) > 0;
	free(code);
	return stands;
}

/* --- all of it --------------------------------------------------------------------------------- */

bool
sk_pulse_has_news(const struct sk_pulse *pulse, struct sk_store *store)
{
	struct sk_error ignored = {0};

	return has_news_of_beats(pulse, store) || pulse->refused_at != 0 ||
	    has_old_refusal(pulse, store) || clock_has_news(pulse) ||
	    is_off_and_untold(pulse, store, &ignored) == 1;
}

int
sk_pulse_write(struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err)
{
	int untold = is_off_and_untold(pulse, store, err);
	bool mended;

	/* Once it has beaten under this boot, nobody sees the gap any more. */
	if (has_beats(pulse) && sk_pulse_note_gap(pulse, store, err) != 0)
		return -1;
	if (untold < 0 || (untold && tell_off(store, err) != 0) ||
	    write_beats(pulse, store, err) != 0 || write_refusal(pulse, store, err) != 0 ||
	    write_measures(pulse, store, err) != 0)
		return -1;
	if (pulse->has_seen && write_clock(pulse, store, err) != 0)
		return -1;
	return pulse->clock.is_known ? sk_store_moments_mend(store, sk_time_now(), &mended, err)
				     : 0;
}

int
sk_store_heartbeats(struct sk_store *store, int64_t succeeded_at[SK_TASKS], struct sk_error *err)
{
	struct sk_query query;

	memset(succeeded_at, 0, SK_TASKS * sizeof(*succeeded_at));
	sk_query_open(&query, store, SK_SQL_HEARTBEATS, err);
	while (sk_query_step(&query)) {
		enum sk_task task = sk_task_find(sk_query_column_look(&query, 0));

		if (task < SK_TASKS)
			succeeded_at[task] = sk_query_column_time(&query, 1);
	}
	return sk_query_close(&query);
}

int
sk_store_refusal(struct sk_store *store, char **code, int64_t *at, struct sk_error *err)
{
	struct sk_query query;
	char *found = NULL;
	int64_t when = 0;

	sk_query_open(&query, store, SK_SQL_REFUSAL_GET, err);
	sk_query_text(&query, 1, APPLICATION);
	if (sk_query_step(&query)) {
		found = sk_query_column_text(&query, 0);
		when = sk_query_column_time(&query, 1);
	}
	if (sk_query_close(&query) != 0)
		return -1;
	if (found == NULL)
		return 0;
	*code = found;
	*at = when;
	return 1;
}
