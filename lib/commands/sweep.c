/* SPDX-License-Identifier: MIT */
/*
 * sweep: runs the parts of a sweep in order. A part that fails doesn't keep the others from
 * running; the first error is returned, and later ones are printed.
 */
#include "commands/sweep.h"

#include <stdio.h>
#include <string.h>

#include "base/out.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/ends.h"
#include "store/event.h"
#include "store/holds.h"
#include "store/known_copies.h"
#include "store/outbox.h"
#include "life/ledger.h"
#include "commands/moved.h"
#include "commands/notify.h"
#include "commands/restore.h"
#include "commands/sweep_parts.h"

/* An event that a person has named; found: as sk_store_event_acknowledge. */
static void
note_event(struct sk_sweep *sweep, const char *option, int64_t id, int found, struct sk_error *err)
{
	if (found == 0)
		sk_error_set(err, SK_EXIT_BAD_DATA,
		    "%s: there is no event %lld that is to be delivered: see sikka-status --events",
		    option, (long long)id);
	sk_sweep_note(sweep, err);
}

static void
acknowledge(struct sk_sweep *sweep)
{
	const struct sk_sweep_options *options = sweep->options;

	for (size_t i = 0; i < options->ack.n; i++) {
		struct sk_error err = {0};
		int found = sk_store_event_acknowledge(sweep->session->store, options->ack.list[i],
		    sk_time_now(), &err);

		note_event(sweep, "--ack", options->ack.list[i], found, &err);
	}
}

static void
redeliver(struct sk_sweep *sweep)
{
	const struct sk_sweep_options *options = sweep->options;
	struct sk_error err = {0};
	int64_t revived;

	if (options->redeliver)
		sk_store_events_revive(sweep->session->store, &revived, &err);
	sk_sweep_note(sweep, &err);
	for (size_t i = 0; i < options->redelivered.n; i++) {
		struct sk_error why = {0};
		int found = sk_store_event_redeliver(sweep->session->store,
		    options->redelivered.list[i], &why);

		note_event(sweep, "--redeliver", options->redelivered.list[i], found, &why);
	}
}

/* A command that fails is an error: nobody is told of anything until it is mended. */
static void
tell_failure(struct sk_sweep *sweep, const struct sk_delivery *delivery)
{
	struct sk_outbox outbox = {0};
	struct sk_error err = {0}, failed = {0};
	char age[SK_TIME_WORDS] = "0 s";

	if (sk_store_outbox(sweep->session->store, NULL, 0, &outbox, &err) != 0)
		sk_sweep_note(sweep, &err);
	else if (outbox.oldest != 0 && outbox.oldest < sk_time_now())
		sk_time_words(sk_time_now() - outbox.oldest, age);
	sk_error_set(&failed, SK_EXIT_TRY_LATER,
	    "--notify: %lld events couldn't be delivered: %s; so %lld wait, the oldest for %s; the "
	    "next sweep tries again%s",
	    (long long)delivery->failed, delivery->why.text, (long long)outbox.undelivered, age,
	    delivery->delivered > 0 ? " (others were delivered)" : "");
	sk_sweep_note(sweep, &failed);
}

/* With -n nothing is delivered or copied: it is told what would be, and of the purge what it found. */
static void
foresee_delivery(struct sk_sweep *sweep, const struct sk_notify *notify)
{
	struct sk_event *events;
	struct sk_error err = {0};
	size_t n;

	if (sk_notify_foresee(notify, &events, &n, &err) == 0) {
		for (size_t i = 0; i < n; i++)
			sk_sweep_rehearse_upkeep(sweep, "deliver", sk_event_record(&events[i]));
		sk_events_free(events, n);
	}
	sk_sweep_note(sweep, &err);
}

static void
notify(struct sk_sweep *sweep)
{
	struct sk_session *session = sweep->session;
	const struct sk_notify notify = {.store = session->store,
	    .lock = session->lock,
	    .command = sweep->options->notify,
	    .batch = sweep->options->notify_batch};
	struct sk_delivery delivery;
	struct sk_error err = {0};

	if (sweep->options->notify == NULL || sk_stop_asked())
		return;
	if (session->rehearses) {
		foresee_delivery(sweep, &notify);
		return;
	}
	if (sk_notify(&notify, &delivery, &err) != 0)
		sk_sweep_note(sweep, &err);
	if (delivery.failed > 0)
		tell_failure(sweep, &delivery);
	if (err.code == 0 && !delivery.is_busy && !sk_stop_asked() &&
	    (delivery.failed == 0 || delivery.delivered > 0))
		sk_pulse_beat(&session->pulse, SK_TASK_NOTIFY);
}

/* What has ended well meanwhile is no news any more. */
static void
drop(struct sk_sweep *sweep)
{
	struct sk_error err = {0};
	size_t dropped = 0;

	sk_store_events_drop(sweep->session->store, sk_time_now(), &dropped, &err);
	sk_sweep_note(sweep, &err);
	sk_out_verbose("events that are of no interest any more: %zu", dropped);
}

/* Every page of the file is read for a copy anyway. A copy is worth having even where the counts can't be mended. */
static void
mend_counts(struct sk_sweep *sweep)
{
	struct sk_session *session = sweep->session;
	struct sk_error err = {0};

	if (!session->rehearses && sk_store_ends_mend(session->store, &err) == 1)
		sk_out_warn("the stored numbers of ended requests differed from the requests "
			    "themselves, because another program has changed the state file: they "
			    "were counted anew");
	sk_sweep_note(sweep, &err);
}

static void
copy(struct sk_sweep *sweep)
{
	struct sk_error err = {0};

	if (sweep->options->backup == NULL)
		return;
	sweep->lacks_copy = true;
	if (sk_store_check(sweep->session->store, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	mend_counts(sweep);
	if (sweep->session->rehearses)
		sk_sweep_rehearse_upkeep(sweep, "copy the state file",
		    json_pack("{s: s}", "file", sweep->options->backup));
	else if (sk_store_backup(sweep->session->store, sweep->options->backup,
		     sweep->options->keep, &err) == 0 &&
	    sk_store_copy_note(sweep->session->store, sweep->options->backup,
		sweep->options->keep > 0 ? SK_WRITTEN_KEPT : SK_WRITTEN_COPY, &err) == 0) {
		sk_pulse_beat(&sweep->session->pulse, SK_TASK_BACKUP);
		sweep->lacks_copy = false;
	}
	sk_sweep_note(sweep, &err);
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

		/* What its leader says isn't said twice. */
		if (sk_event_kind_reach(events[i].kind) == SK_EVENT_HISTORY ||
		    events[i].leader > after)
			continue;
		record = sk_event_record(&events[i]);
		sk_out_record(record, &err);
		json_decref(record);
	}
	sk_events_free(events, n);
	sk_sweep_note(sweep, &err);
}

/* Rows that are still unknown at the end count for the exit code. */
static void
count_unknown(struct sk_sweep *sweep)
{
	const struct sk_filter filter = sk_sweep_filter(sweep, SK_MASK(SK_UNKNOWN));
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n;

	/* A dry run ends with what kept it from finding out, not with what it found. */
	if (sweep->session->rehearses)
		return;
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

/* A person says what it is. */
static int
take_word_for_it(struct sk_sweep *sweep, struct sk_error *err)
{
	if (sk_sweep_go_online(sweep) != 0) {
		*err = sweep->trouble;
		return -1;
	}
	return sweep->options->after_restore ? sk_restore(sweep, err) : sk_moved(sweep, err);
}

/*
 * A list has shown that it is one. A person says that another program sent what it shows, now or, for as long
 * as it goes on doing so, in the configuration. 0: so it is none; nothing else is done for now. -1.
 */
static int
explain_shown(struct sk_sweep *sweep)
{
	if (sweep->session->copy != SK_COPY_SHOWN ||
	    (sweep->options->not_ours.n == 0 && sweep->session->config.shared_offices == NULL))
		return -1;
	sk_sweep_judge_entries(sweep);
	sk_sweep_review_holds(sweep);
	if (sweep->session->copy != SK_COPY_NONE)
		return -1;
	sk_out_warn("what the server's list has is explained: requests are sent again once the "
		    "next list shows nothing else");
	return 0;
}

/* With -n, on an older copy, a run does nothing: what stands, and what keeps requests from being sent. */
static void
show_copy(struct sk_sweep *sweep)
{
	if (!sweep->session->rehearses)
		return;
	sk_sweep_show_unknown(sweep);
	sk_sweep_show_holds(sweep);
}

/*
 * On an older copy everything only reads, until a person says what it is. 0 go on; -1 nothing else is
 * done.
 */
static int
meet_copy(struct sk_sweep *sweep)
{
	const struct sk_sweep_options *options = sweep->options;
	int is_copy = sweep->session->copy != SK_COPY_NONE;
	struct sk_error err = {0};
	/* That nothing was put back also ends what waits for lists to show it. */
	bool is_held = options->moved && sk_store_holds_any(sweep->session->store, &err) == 1;

	if (options->moved && !is_copy && !is_held)
		sk_out_warn(
		    "the state file isn't an older copy, so there is nothing to do for --moved");
	if (options->after_restore || (options->moved && (is_copy || is_held))) {
		if (take_word_for_it(sweep, &err) == 0)
			return 0;
	} else if (!is_copy) {
		return 0;
	} else if (explain_shown(sweep) != 0) {
		show_copy(sweep);
		sk_copy_refuse(sweep->session, &err);
	}
	sk_sweep_note(sweep, &err);
	return -1;
}

static bool
is_there(struct sk_sweep *sweep, int64_t id)
{
	struct sk_writeback row = {0};
	bool found = sk_sweep_get_row(sweep, id, &row);

	sk_writeback_fini(&row);
	return found;
}

/* An id that is named and isn't there is a wrong argument: nothing is done then. */
static bool
are_named_rows_there(struct sk_sweep *sweep)
{
	const struct sk_sweep_options *options = sweep->options;
	bool are_there = true;

	for (size_t i = 0; i < options->withdraw.n; i++)
		are_there = is_there(sweep, options->withdraw.list[i]) && are_there;
	for (size_t i = 0; i < options->n_resolve; i++)
		are_there = is_there(sweep, options->resolve[i].id) && are_there;
	for (size_t i = 0; i < options->retry_named.n; i++)
		are_there = is_there(sweep, options->retry_named.list[i]) && are_there;
	return are_there;
}

/* Whether a list has shown what holds an added office's requests, and a person may have explained it. */
static bool
is_shown(struct sk_sweep *sweep)
{
	const struct sk_sweep_options *options = sweep->options;
	struct sk_error err = {0};
	int shown = 0;

	if (options->not_ours.n > 0 || options->adopt.n > 0 ||
	    sweep->session->config.shared_offices != NULL)
		shown = sk_store_holds_shown(sweep->session->store, NULL, &err);
	sk_sweep_note(sweep, &err);
	return shown == 1;
}

static void
act(struct sk_sweep *sweep)
{
	sk_sweep_resolve(sweep);
	sk_sweep_judge_entries(sweep);
	if (is_shown(sweep))
		sk_sweep_review_holds(sweep);
	acknowledge(sweep);
	redeliver(sweep);
	sk_sweep_settle(sweep);
	sk_sweep_report_unlooked(sweep);
	sk_sweep_withdraw_open(sweep);
	sk_sweep_withdraw_named(sweep);
	sk_sweep_refresh_data(sweep);
	sk_sweep_stuck(sweep);
	sk_sweep_retry(sweep);
	sk_sweep_warn(sweep);
}

/* Reading a list takes long: the state file may have been replaced meanwhile. */
static bool
is_still_itself(struct sk_sweep *sweep)
{
	struct sk_error err = {0};

	if (sk_copy_guard(sweep->session, &err) == 0)
		return true;
	sk_sweep_note(sweep, &err);
	return false;
}

static void
tell_stopped(struct sk_sweep *sweep)
{
	char left[80] = "";

	if (sweep->n_left > 0)
		snprintf(left, sizeof(left), "%zu requests weren't sent again; ", sweep->n_left);
	/* No other sweep goes on with a patient who was named. */
	sk_error_set(&sweep->trouble, SK_EXIT_TRY_LATER,
	    "stopped by a signal; %s%srun the same command again%s", left,
	    sweep->lacks_copy ? "no copy was written; " : "",
	    sweep->options->n_erased > 0 ? "" : ", or leave the rest to the next sweep");
}

enum sk_exit
sk_sweep(struct sk_session *session, const struct sk_sweep_options *options, struct sk_error *err)
{
	struct sk_sweep sweep = {.session = session, .options = options};
	int64_t last;

	if (sk_store_events_last(session->store, &last, err) != 0)
		return err->code;
	sk_progress_begin(NULL, "sweeping");
	sk_sweep_rehearse(&sweep);
	if (!sk_sweep_pause(&sweep) || meet_copy(&sweep) != 0) {
		/* what it is has been said */
	} else if (!are_named_rows_there(&sweep) || !sk_sweep_knows_offices(&sweep)) {
		/* so has which one isn't there */
	} else if (sk_ledger_turn_over(session, &sweep.trouble) == 0) {
		act(&sweep);
		if (session->rehearses)
			sk_sweep_show_holds(&sweep);
		else
			tell_events(&sweep, last);
		sk_sweep_rehearse_tell(&sweep, last);
		if (is_still_itself(&sweep)) {
			drop(&sweep);
			notify(&sweep);
			/* First the patients: what --purge-after has cleared no longer says whose it was. */
			sk_sweep_purge_patients(&sweep);
			sk_sweep_purge(&sweep);
			sk_sweep_archive(&sweep);
			copy(&sweep);
		}
		count_unknown(&sweep);
	}
	sk_sweep_rehearse_tell(&sweep, last);
	sk_pool_free(sweep.pool);
	sk_progress_end();
	json_decref(sweep.ages);
	if (sk_stop_is_why(&sweep.trouble))
		tell_stopped(&sweep);
	if (sweep.trouble.code == 0)
		sk_pulse_beat(&session->pulse, SK_TASK_SWEEP);
	*err = sweep.trouble;
	return sk_exit_worse(sweep.exit, sweep.trouble.code);
}
