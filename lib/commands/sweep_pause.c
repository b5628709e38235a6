/* SPDX-License-Identifier: MIT */
/*
 * sweep: the switch (--pause, --resume): nothing new leaves for an office, or for all. It is thrown before anything
 * else is done, in a commit of its own, and told at once: whoever pauses doesn't wait for a server that doesn't answer.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "store/event.h"
#include "store/pauses.h"
#include "commands/sweep_parts.h"

/* What is done to one office (NULL: to all). */
struct turning {
	struct sk_sweep *sweep;
	bool pauses; /* or resumes */
	const char *office_id;
};

static char *
name_of(const struct turning *turning)
{
	return turning->office_id != NULL ? sk_mem_printf("office %s", turning->office_id)
					  : sk_mem_copy("all offices");
}

/* 1, 0: it was so before; -1. */
static int
change(const struct turning *turning, struct sk_error *err)
{
	struct sk_store *store = turning->sweep->session->store;
	int changed = turning->pauses ? sk_store_pause_add(store, turning->office_id, err)
				      : sk_store_pause_end(store, turning->office_id, err);
	char *name, *text;
	int made;

	if (changed != 1)
		return changed;
	name = name_of(turning);
	text = sk_mem_printf("%s: %s", name,
	    turning->pauses ? "nothing new is sent" : "requests are sent again");
	made = sk_event_make(store, turning->pauses ? SK_EVENT_PAUSED : SK_EVENT_RESUMED,
	    turning->office_id, 0, text, err);
	free(text);
	free(name);
	return made == 0 ? 1 : -1;
}

static int
change_in_one(const struct turning *turning, struct sk_error *err)
{
	struct sk_store *store = turning->sweep->session->store;
	int changed;

	if (sk_store_begin(store, err) != 0)
		return -1;
	changed = change(turning, err);
	if (changed < 0) {
		sk_store_rollback(store);
		return -1;
	}
	return sk_store_commit(store, err) == 0 ? changed : -1;
}

/* What was claimed before the switch was thrown may still be on its way: nobody can call that back. */
static void
tell_on_their_way(struct sk_sweep *sweep, const char *office_id)
{
	const struct sk_filter sent = {.states = SK_MASK(SK_SUBMITTING),
	    .offices = &office_id,
	    .n_offices = office_id != NULL};
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n = 0;

	if (sk_store_writebacks(sweep->session->store, &sent, &rows, &n, &err) == 0)
		sk_writebacks_free(rows, n);
	if (n > 0)
		sk_out_tell("%zu request%s on the way before that: sikka-status --writebacks "
			    "--state submitting",
		    n, n == 1 ? " was" : "s were");
	sk_sweep_note(sweep, &err);
}

static void
tell(const struct turning *turning, bool is_changed)
{
	struct sk_store *store = turning->sweep->session->store;
	char *name = name_of(turning), *still;

	if (turning->pauses) {
		sk_out_tell("%s %s: nothing new is sent; reads, renewals and looks go on", name,
		    is_changed ? "paused" : "paused already");
		tell_on_their_way(turning->sweep, turning->office_id);
	} else {
		sk_out_tell("%s %s", name,
		    is_changed ? "resumed: requests are sent again; what ended meanwhile as not "
				 "sent: sikka-sweep --retry"
			       : "not paused, so there is nothing to resume");
		still = sk_store_pause_words(store, turning->office_id);
		if (still != NULL)
			sk_out_tell("but %s", still);
		free(still);
	}
	free(name);
}

static void
turn(const struct turning *turning)
{
	struct sk_sweep *sweep = turning->sweep;
	struct sk_error err = {0};
	json_t *record;
	int changed = change_in_one(turning, &err);

	sk_sweep_note(sweep, &err);
	if (changed < 0)
		return;
	if (!sweep->session->rehearses) {
		tell(turning, changed == 1);
		return;
	}
	record = json_object();
	sk_json_set(record, "office_id", turning->office_id);
	sk_sweep_rehearse_upkeep(sweep,
	    changed == 0          ? "nothing: it is so already"
		: turning->pauses ? "pause: send nothing new"
				  : "resume: send again",
	    record);
}

static void
turn_all(struct sk_sweep *sweep, const struct sk_scopes *scopes, bool pauses)
{
	struct turning turning = {.sweep = sweep, .pauses = pauses};

	if (scopes->all)
		turn(&turning);
	for (size_t i = 0; i < scopes->n; i++) {
		turning.office_id = scopes->offices[i];
		turn(&turning);
	}
}

bool
sk_sweep_pause(struct sk_sweep *sweep)
{
	const struct sk_sweep_options *options = sweep->options;
	bool are_known = true;

	for (size_t i = 0; i < options->pause.n; i++)
		are_known =
		    sk_sweep_knows_office(sweep, "--pause", options->pause.offices[i]) && are_known;
	if (!are_known)
		return false;
	turn_all(sweep, &options->pause, true);
	turn_all(sweep, &options->resume, false);
	return true;
}

bool
sk_sweep_is_paused(struct sk_sweep *sweep, const char *office_id)
{
	struct sk_error err = {0};
	int paused = sk_store_paused(sweep->session->store, office_id, &err);

	sk_sweep_note(sweep, &err);
	return paused != 0;
}
