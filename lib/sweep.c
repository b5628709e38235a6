/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "json.h"
#include "ledger.h"
#include "list.h"
#include "look.h"
#include "mem.h"
#include "out.h"
#include "settle.h"
#include "stop.h"
#include "sweep_parts.h"
#include "time.h"

struct sk_filter
sk_sweep_filter(const struct sk_sweep *sweep, unsigned states)
{
	const struct sk_common *common = sweep->session->common;

	return (struct sk_filter){
	    .states = states, .offices = common->offices, .n_offices = common->n_offices};
}

int
sk_sweep_go_online(struct sk_sweep *sweep)
{
	struct sk_error err = {0};

	if (sweep->is_online)
		return 0;
	if (sk_wire_open(&sweep->wire, sweep->session, &err) != 0) {
		sk_wire_close(&sweep->wire);
		sk_sweep_note(sweep, &err);
		return -1;
	}
	sweep->is_online = 1;
	return 0;
}

void
sk_sweep_note(struct sk_sweep *sweep, const struct sk_error *err)
{
	if (err->code == 0)
		return;
	if (sweep->trouble.code == 0)
		sweep->trouble = *err;
	else
		sk_out_tell("%s", err->text);
	sweep->exit = sk_exit_worse(sweep->exit, (int)err->code);
}

void
sk_sweep_changed(void *arg, const struct sk_writeback *row)
{
	struct sk_sweep *sweep = arg;

	sk_out_verbose("request %lld is %s", (long long)row->id, sk_state_name(row->result));
	if (row->result == SK_FAILED)
		sweep->exit = sk_exit_worse(sweep->exit, SK_EXIT_FAILED);
}

void
sk_sweep_would(struct sk_sweep *sweep, const char *what, const struct sk_writeback *row, json_t *candidates)
{
	json_t *record = json_object();
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)row->id);
	sk_json_set(record, "would", what);
	sk_json_set(record, "id", id);
	sk_json_set(record, "writeback_id", row->writeback_id);
	sk_json_set(record, "office_id", row->office_id);
	sk_json_set(record, "operation", row->operation);
	sk_json_set(record, "result", sk_state_name(row->result));
	sk_json_set(record, "error_code", row->error_code);
	if (candidates != NULL)
		json_object_set_new(record, "candidates", candidates);
	sweep->tell(sweep->arg, record, &sweep->trouble);
	json_decref(record);
}

/* --- settling -------------------------------------------------------------------------------- */

/* Unowned requests of the row's kind, as the list shows them. */
static json_t *
candidates_of(const struct sk_writeback *row, const struct sk_list *list)
{
	json_t *candidates = json_array();

	for (size_t i = 0; i < list->n; i++) {
		const struct sk_api_listed *listed = &list->listed[i];
		json_t *candidate;

		if (list->owned[i] || !sk_match_is_kind(row, listed))
			continue;
		candidate = json_object();
		sk_json_set(candidate, "writeback_id", listed->id);
		sk_json_set(candidate, "command_time", listed->command_time);
		json_object_set_new(candidate, "strict", json_boolean(sk_match_is_strict(row, listed)));
		json_array_append_new(candidates, candidate);
	}
	return candidates;
}

static const char *
would_do(const struct sk_writeback *row, const struct sk_match *match, const struct sk_list *list)
{
	if (match->verdict == SK_MATCH_ADOPT)
		return "adopt";
	if (match->verdict == SK_MATCH_LACKS && row->absent_at != 0 &&
	    list->begun_at - row->absent_at >= SK_LIFE_LOOK)
		return "declare not received";
	return match->verdict == SK_MATCH_LACKS ? "note as absent" : "leave unknown";
}

static int64_t
oldest_of(const struct sk_writeback *rows, size_t n)
{
	int64_t oldest = sk_time_now();

	for (size_t i = 0; i < n; i++)
		if (rows[i].submitted_at != 0 && rows[i].submitted_at < oldest)
			oldest = rows[i].submitted_at;
	return oldest;
}

static void
preview_settling(struct sk_sweep *sweep, const struct sk_writeback *unknown, size_t n_unknown)
{
	struct sk_writeback *rows;
	struct sk_match *matches;
	struct sk_error err = {0};
	struct sk_list list;
	size_t n;

	if (sk_list_read(&sweep->wire, oldest_of(unknown, n_unknown), &list, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	if (sk_settle_preview(sweep->session, &list, &rows, &matches, &n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		sk_list_fini(&list);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (rows[i].result == SK_UNKNOWN)
			sk_sweep_would(sweep,
			    rows[i].writeback_id != NULL ? "ask for its status" : would_do(&rows[i], &matches[i], &list),
			    &rows[i], candidates_of(&rows[i], &list));
	sk_writebacks_free(rows, n);
	free(matches);
	sk_list_fini(&list);
}

/* Unknown rows, and withdrawn ones whose look is due, in one array. */
static int
read_unsettled(struct sk_sweep *sweep, struct sk_writeback **rows, size_t *n)
{
	struct sk_filter unknown = sk_sweep_filter(sweep, SK_MASK(SK_UNKNOWN)), looks = sk_sweep_filter(sweep, 0);
	struct sk_writeback *withdrawn;
	struct sk_error err = {0};
	size_t n_withdrawn;

	looks.with_looks_due = 1;
	if (sk_store_writebacks(sweep->session->store, &unknown, rows, n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return -1;
	}
	if (sk_store_writebacks(sweep->session->store, &looks, &withdrawn, &n_withdrawn, &err) != 0) {
		sk_writebacks_free(*rows, *n);
		sk_sweep_note(sweep, &err);
		return -1;
	}
	*rows = sk_mem_resize(*rows, *n + n_withdrawn + 1, sizeof(**rows));
	for (size_t i = 0; i < n_withdrawn; i++) {
		if (sk_time_now() - withdrawn[i].looked_at >= SK_LIFE_LOOK)
			(*rows)[(*n)++] = withdrawn[i];
		else
			sk_writeback_fini(&withdrawn[i]);
	}
	free(withdrawn);
	return 0;
}

static void
settle(struct sk_sweep *sweep)
{
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n;

	if (read_unsettled(sweep, &rows, &n) != 0)
		return;
	if (n > 0 && sk_sweep_go_online(sweep) == 0) {
		if (sweep->options->dry_run)
			preview_settling(sweep, rows, n);
		else if (sk_look(&sweep->wire, rows, n, 1, sk_sweep_changed, sweep, &err) != 0)
			sk_sweep_note(sweep, &err);
	}
	sk_writebacks_free(rows, n);
}

/* What was withdrawn and then not looked at for as long as the server remembers. */
static void
report_unlooked(struct sk_sweep *sweep)
{
	const struct sk_fact fact = {.what = SK_NOT_LOOKED_AT};
	const struct sk_filter filter = sk_sweep_filter(sweep, SK_MASK(SK_WITHDRAWN) | SK_MASK(SK_FAILED));
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n;

	if (sk_store_writebacks(sweep->session->store, &filter, &rows, &n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (rows[i].withdrawn_at != 0 && rows[i].looks == 0 &&
		    sk_time_now() - rows[i].withdrawn_at > SK_LIFE_FORGETS &&
		    sk_ledger_record_one(sweep->session->store, &rows[i], &fact, NULL, &err) == SK_RECORD_ERROR)
			sk_sweep_note(sweep, &err);
	sk_writebacks_free(rows, n);
}

/* --- upkeep ---------------------------------------------------------------------------------- */

static void
acknowledge(struct sk_sweep *sweep)
{
	struct sk_error err = {0};

	for (size_t i = 0; i < sweep->options->n_ack && err.code == 0; i++)
		sk_store_event_delivered(sweep->session->store, sweep->options->ack[i], sk_time_now(), &err);
	sk_sweep_note(sweep, &err);
}

static void
notify(struct sk_sweep *sweep)
{
	struct sk_delivery delivery;
	struct sk_error err = {0};

	if (sweep->options->notify == NULL || sk_stop_asked())
		return;
	if (sk_event_deliver(sweep->session->store, sweep->options->notify, &delivery, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	if (delivery.failed > 0)
		sk_out_warn("%lld events couldn't be delivered and stay in the outbox (%lld set aside)",
		    (long long)delivery.failed, (long long)delivery.set_aside);
}

static void
purge(struct sk_sweep *sweep)
{
	struct sk_store *store = sweep->session->store;
	struct sk_error err = {0};
	int64_t now = sk_time_now(), purged = 0;

	if (sweep->options->purge_after == 0)
		return;
	if (sk_store_begin(store, &err) == 0) {
		if (sk_store_writebacks_purge(store, now - sweep->options->purge_after, now, &purged, &err) != 0)
			sk_store_rollback(store);
		else
			sk_store_commit(store, &err);
	}
	sk_sweep_note(sweep, &err);
	sk_out_verbose("cleared patients' data from %lld requests", (long long)purged);
}

static void
copy(struct sk_sweep *sweep)
{
	struct sk_error err = {0};

	if (sweep->options->backup == NULL)
		return;
	if (sk_store_check(sweep->session->store, &err) == 0)
		sk_store_backup(sweep->session->store, sweep->options->backup, &err);
	sk_sweep_note(sweep, &err);
}

/* What a reader of the journal sees anyway isn't told again. */
static int
is_worth_telling(const struct sk_event *event)
{
	static const char *const ROUTINE[] = {"queued", "submitting", "pending", "renewed", NULL};

	for (size_t i = 0; ROUTINE[i] != NULL; i++)
		if (strcmp(event->kind, ROUTINE[i]) == 0)
			return 0;
	return 1;
}

static void
tell_events(struct sk_sweep *sweep, int64_t after)
{
	struct sk_event *events;
	struct sk_error err = {0};
	size_t n;

	if (sk_store_events_since(sweep->session->store, after, &events, &n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		json_t *record;

		if (!is_worth_telling(&events[i]))
			continue;
		record = sk_event_record(&events[i]);
		sweep->tell(sweep->arg, record, &err);
		json_decref(record);
	}
	sk_events_free(events, n);
	sk_sweep_note(sweep, &err);
}

/* Whatever is still unknown afterwards counts. */
static void
count_unknown(struct sk_sweep *sweep)
{
	const struct sk_filter filter = sk_sweep_filter(sweep, SK_MASK(SK_UNKNOWN));
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n;

	if (sk_store_writebacks(sweep->session->store, &filter, &rows, &n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	if (n > 0) {
		sk_out_warn("%zu requests are unknown: don't send them again", n);
		sweep->exit = sk_exit_worse(sweep->exit, SK_EXIT_UNKNOWN);
	}
	sk_writebacks_free(rows, n);
}

static void
act(struct sk_sweep *sweep)
{
	sk_sweep_resolve(sweep);
	acknowledge(sweep);
	settle(sweep);
	report_unlooked(sweep);
	sk_sweep_withdraw_open(sweep);
	sk_sweep_withdraw_named(sweep);
	sk_sweep_stuck(sweep);
	if (sweep->options->retry)
		sk_sweep_retry(sweep);
	sk_sweep_warn(sweep);
}

int
sk_sweep(struct sk_session *session, const struct sk_sweep_options *options, sk_tell_fn *tell, void *arg,
    struct sk_error *err)
{
	struct sk_sweep sweep = {.session = session, .options = options, .tell = tell, .arg = arg};
	int64_t last;

	if (sk_store_events_last(session->store, &last, err) != 0)
		return (int)err->code;
	if (options->dry_run) {
		settle(&sweep);
		sk_sweep_stuck(&sweep);
		if (options->retry)
			sk_sweep_retry(&sweep);
	} else if (sk_ledger_turn_over(session, err) != 0) {
		return (int)err->code;
	} else {
		act(&sweep);
		tell_events(&sweep, last);
		notify(&sweep);
		purge(&sweep);
		copy(&sweep);
		count_unknown(&sweep);
	}
	if (sweep.is_online)
		sk_wire_close(&sweep.wire);
	if (sk_stop_asked())
		sk_error_set(&sweep.trouble, SK_EXIT_TRY_LATER, "stopped by a signal; the next sweep goes on");
	*err = sweep.trouble;
	return sk_exit_worse(sweep.exit, (int)sweep.trouble.code);
}
