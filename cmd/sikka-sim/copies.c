/* SPDX-License-Identifier: MIT */
/*
 * Copies of the practices' records. As everything of the practices' servers, they are taken before a request is
 * handled, in the order of their times: see spu.c. A server that is off takes none; when it is on again, the
 * next one is due after the usual time.
 */
#include "copies.h"

#include <stdlib.h>

#include "events.h"

static bool
has_copy(const struct office *office)
{
	return office->copy != NULL;
}

json_t *
copies_records(struct sim *sim, int office, const char *resource)
{
	json_t *records = json_object_get(sim->offices[office].copy, resource);

	/* What nobody had asked for before the copy was taken doesn't change. */
	return records != NULL ? records : state_records(sim, office, resource);
}

int64_t
copies_moment(const struct sim *sim, const struct office *office)
{
	if (has_copy(office))
		return office->copied_at;
	return office->online ? state_now(sim) : office->last_seen;
}

static void
take_copy(struct sim *sim, struct office *office, int64_t moment)
{
	state_seed(sim, (int)(office - sim->offices));
	events_loaded(office, office->copied_at, moment);
	sim->copy_count += !has_copy(office);
	json_decref(office->copy);
	office->copy = json_deep_copy(office->records);
	office->copied_at = moment;
}

void
copies_refresh(struct sim *sim, int office)
{
	if (has_copy(&sim->offices[office]))
		take_copy(sim, &sim->offices[office], state_now(sim));
}

/* The last of those that are due: nothing has changed between them. */
static void
run_scheduled(struct sim *sim, struct office *office, int64_t until)
{
	int64_t every = sim->set.refresh_every;

	if (every == 0) {
		sim->copy_count -= has_copy(office);
		json_decref(office->copy);
		office->copy = NULL;
		return;
	}
	if (!has_copy(office)) {
		take_copy(sim, office, office->online ? until : office->last_seen);
		office->copy_due = office->online ? until + every : NEVER;
	}
	if (office->copy_due > until)
		return;
	office->copy_due += (until - office->copy_due) / every * every;
	take_copy(sim, office, office->copy_due);
	office->copy_due += every;
}

static void
run_commands(struct sim *sim, int64_t until)
{
	for (size_t i = 0; i < sim->command_count; i++) {
		struct command *c = &sim->commands[i];
		struct office *office = &sim->offices[c->office];

		if (c->due > until)
			continue;
		c->executed = c->due;
		c->due = NEVER;
		if (c->refreshes && has_copy(office) && c->executed > office->copied_at)
			take_copy(sim, office, c->executed);
	}
}

void
copies_run(struct sim *sim, int64_t until)
{
	bool may_copy = sim->set.refresh_every > 0 || sim->copy_count > 0;

	for (int i = 0; may_copy && i < sim->office_count; i++)
		run_scheduled(sim, &sim->offices[i], until);
	run_commands(sim, until);
}

void
copies_switch(struct sim *sim, int office, bool online)
{
	sim->offices[office].copy_due =
	    online && sim->set.refresh_every > 0 ? state_now(sim) + sim->set.refresh_every : NEVER;
	for (size_t i = 0; i < sim->command_count; i++)
		if (sim->commands[i].office == office && sim->commands[i].executed == 0)
			sim->commands[i].due =
			    online ? state_now(sim) + sim->commands[i].delay : NEVER;
}

void
copies_set_clock(struct sim *sim, int64_t ms)
{
	for (int i = 0; i < sim->office_count; i++)
		sim->offices[i].copy_due += sim->offices[i].copy_due != NEVER ? ms : 0;
	for (size_t i = 0; i < sim->command_count; i++)
		sim->commands[i].due += sim->commands[i].due != NEVER ? ms : 0;
}

void
copies_fini(struct sim *sim)
{
	for (int i = 0; i < sim->office_count; i++)
		json_decref(sim->offices[i].copy);
	free(sim->commands);
	sim->commands = NULL;
	sim->command_count = 0;
	sim->copy_count = 0;
}
