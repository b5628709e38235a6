/* SPDX-License-Identifier: MIT */
/*
 * sweep: what all parts of a sweep use: filters, the connection, and errors.
 */
#include "commands/sweep_parts.h"

#include <string.h>

#include "base/out.h"
#include "store/offices.h"
#include "calls/engine.h"

struct sk_filter
sk_sweep_filter(const struct sk_sweep *sweep, unsigned states)
{
	const struct sk_common *common = sweep->session->common;

	return (struct sk_filter){.states = states,
	    .offices = common->offices,
	    .n_offices = common->n_offices};
}

int64_t
sk_sweep_sent_at(const struct sk_writeback *row)
{
	return row->submitted_at != 0 ? row->submitted_at : row->queued_at;
}

int
sk_sweep_go_online(struct sk_sweep *sweep)
{
	struct sk_error err = {0};

	if (sweep->pool != NULL || sk_engine_new(sweep->session, &sweep->pool, &err) == 0)
		return 0;
	sk_sweep_note(sweep, &err);
	return -1;
}

void
sk_sweep_note(struct sk_sweep *sweep, const struct sk_error *err)
{
	if (err->code == 0)
		return;
	if (sweep->trouble.code == 0)
		sweep->trouble = *err;
	else if (strcmp(err->text, sweep->trouble.text) != 0 &&
	    strcmp(err->text, sweep->told.text) != 0) {
		sk_out_tell("%s", err->text);
		sweep->told = *err;
	}
	sweep->exit = sk_exit_worse(sweep->exit, err->code);
}

bool
sk_sweep_get_row(struct sk_sweep *sweep, int64_t id, struct sk_writeback *row)
{
	struct sk_error err = {0};
	int found = sk_store_writeback_get(sweep->session->store, id, row, &err);

	if (found == 0)
		sk_error_set(&err, SK_EXIT_BAD_DATA,
		    "there is no request %lld in the state file: sikka-status --writebacks shows "
		    "those that it has",
		    (long long)id);
	sk_sweep_note(sweep, &err);
	return found == 1;
}

bool
sk_sweep_knows_office(struct sk_sweep *sweep, const char *option, const char *office_id)
{
	struct sk_office office = {0};
	struct sk_error err = {0};
	int found = sk_store_office_get(sweep->session->store, office_id, &office, &err);

	if (found == 0)
		sk_error_set(&err, SK_EXIT_NOT_AUTHORIZED,
		    "%s: office %s isn't in the state file: sikka-authorize reads the list of "
		    "offices",
		    option, office_id);
	sk_office_fini(&office);
	sk_sweep_note(sweep, &err);
	return found == 1;
}

void
sk_sweep_changed(void *arg, const struct sk_writeback *row)
{
	struct sk_sweep *sweep = arg;

	sk_out_verbose("request %lld is %s", (long long)row->id, sk_state_name(row->result));
	if (row->result == SK_FAILED && !sweep->session->rehearses)
		sweep->exit = sk_exit_worse(sweep->exit, SK_EXIT_FAILED);
}

struct sk_check
sk_sweep_check(struct sk_sweep *sweep)
{
	return (struct sk_check){.session = sweep->session,
	    .pool = sweep->pool,
	    .changed = sk_sweep_changed,
	    .listed = sk_sweep_rehearse_list,
	    .arg = sweep};
}
