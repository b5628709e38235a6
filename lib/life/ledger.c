/* SPDX-License-Identifier: MIT */
/*
 * life: writes what has happened to a row, in one transaction with its event. If the row has
 * changed since the caller looked at it, nothing is written, and the caller decides anew.
 */
#include "life/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "store/event.h"
#include "store/holders.h"
#include "store/untold.h"
#include "life/watch.h"

/* Who hears of what is recorded: a process rehearses, or it doesn't. */
static struct {
	sk_ledger_heard *fn;
	void *arg;
} listener;

void
sk_ledger_listen(sk_ledger_heard *fn, void *arg)
{
	listener.fn = fn;
	listener.arg = arg;
}

static void
restart(struct sk_writeback *row)
{
	row->attempts_in_run = 0;
	row->retries++;
	row->took_ms = 0;
	row->completed_at = 0;
	row->unknown_at = 0;
	row->gone_looks = 0;
	row->gone_at = 0;
	row->only_named = 0; /* somebody has */
	row->resolved_at = 0;
	row->looked_at = 0;
	row->looks = 0;
	sk_mem_replace(&row->error_code, NULL);
	sk_mem_replace(&row->error_message, NULL);
}

static void
take_result(struct sk_writeback *row, const struct sk_fact *fact)
{
	sk_mem_replace(&row->error_code, fact->error_code);
	sk_mem_replace(&row->error_message, fact->error_message);
	if (fact->created_id != NULL)
		sk_mem_replace(&row->created_id, fact->created_id);
	if (fact->appointment_sr_no != NULL)
		sk_mem_replace(&row->appointment_sr_no, fact->appointment_sr_no);
	if (fact->took != 0)
		row->took_ms = fact->took;
}

/* Whether it is a list that lacks the row, but came too soon after the last look to be one. */
static bool
is_too_soon(const struct sk_fact *fact)
{
	return fact->what == SK_SAYS_NOTHING && fact->list != 0;
}

static void
stamp(struct sk_writeback *row, const struct sk_fact *fact, unsigned actions, int64_t now)
{
	if (actions & SK_DO_STAMP_SUBMITTED) {
		row->submitted_at = now;
		row->attempts++;
		row->attempts_in_run++;
	}
	if (actions & SK_DO_STAMP_UNKNOWN)
		row->unknown_at = now;
	/*
	 * If the row was sent at all, it was sent after it was handed in. A list has to go back
	 * that far to settle it.
	 */
	if (fact->what == SK_RESTORED && row->submitted_at == 0)
		row->submitted_at = row->queued_at;
	if (actions & SK_DO_STAMP_NOT_RECEIVED)
		row->not_received_at = now;
	if (actions & SK_DO_STAMP_END)
		row->completed_at = now;
	if (actions & SK_DO_NOTE_WITHDRAWAL) {
		row->withdraw_at = now;
		sk_mem_replace(&row->withdraw_reason,
		    sk_intent_name(
			fact->what == SK_AGE_WITHDRAWS ? SK_INTENT_STUCK : SK_INTENT_PERSON));
	}
	if (actions & SK_DO_STAMP_WITHDRAWN) {
		row->withdrawn_at = now;
		row->looks = 0;
		row->looked_at = now;
	}
	if (actions & SK_DO_COUNT_LOOK)
		row->looks++;
	if ((row->withdrawn_at != 0 || row->resolved_at != 0) && !is_too_soon(fact))
		row->looked_at = now;
	if (actions & SK_DO_COUNT_GONE) {
		row->gone_looks++;
		row->gone_at = now;
	}
	if (actions & SK_DO_NOTE_DOUBLE)
		sk_mem_replace(&row->doubled_id, fact->writeback_id);
	if (actions & SK_DO_STAMP_DOUBLE)
		row->doubled_withdrawn_at = now;
}

/* The row holds its key and its content again. */
static void
hold(struct sk_writeback *row, const struct sk_fact *fact)
{
	row->holds_key = !row->again;
	row->holds_content = row->again ? SK_CONTENT_FREE
	    : fact->beside              ? SK_CONTENT_BESIDE
					: SK_CONTENT_ALONE;
}

/*
 * A person has decided: what a withdrawal left open doesn't count any more. The row is looked at anew,
 * until a look shows how it ended, but not where the server has said already that it has ended, and
 * not how.
 */
static void
resolve(struct sk_writeback *row, const struct sk_step *step, int64_t now)
{
	bool has_ended_there = sk_code_find(row->error_code) == SK_CODE_ENDED_UNCLEAR;

	row->withdrawn_at = 0;
	row->looks = row->writeback_id != NULL && has_ended_there;
	row->resolved_at = step->actions & SK_DO_STAMP_RESOLVED ? now : 0;
	row->looked_at = row->resolved_at;
}

/*
 * absent_at is the time of the first list that lacked the row, and it counts only as long as nothing
 * else happens to the row.
 *
 * Two lists have to lack a row before it is declared not received and may be sent again. That proof is
 * worth something only if the row was the same thing in between: not sent again, not seen pending, not
 * named by a list. Suppose that absent_at survived a retry: the row is queued, sent, and becomes unknown
 * again. One list after that would be enough to complete the old proof; that list may be torn, and the
 * request would be sent twice. So every other step clears it: also one that leaves the state as it is,
 * like a status that says nothing. The exception is the step that sets it; that step keeps the earlier
 * time when the list follows the last one that lacked the row (forget_earlier_lists has cleared it where
 * it doesn't).
 */
static void
note_absence(struct sk_writeback *row, const struct sk_fact *fact, const struct sk_step *step,
    int64_t now)
{
	if (step->to != row->result || step->actions != SK_DO_STAMP_ABSENT)
		row->absent_at = 0;
	if (step->actions & SK_DO_STAMP_ABSENT && row->absent_at == 0)
		row->absent_at = fact->at != 0 ? fact->at : now;
	row->absent_list = fact->list;
}

/* What the row gets from the fact: id, run, a person's decision, the server's words. */
static void
take(struct sk_writeback *row, const struct sk_fact *fact, const struct sk_step *step, int64_t now)
{
	if (fact->what == SK_SAYS_PENDING) {
		row->gone_looks = 0;
		row->gone_at = 0;
	}
	if (step->actions & SK_DO_RESTART)
		restart(row);
	if (step->actions & SK_DO_TAKE_ID) {
		sk_mem_replace(&row->writeback_id, fact->writeback_id);
		row->adopted = fact->what != SK_ACCEPTED;
	}
	if (step->actions & SK_DO_TAKE_RUN)
		row->run = fact->run;
	if (step->event == SK_EVENT_RESOLVED)
		resolve(row, step, now);
	if (step->actions & SK_DO_TAKE_RESULT)
		take_result(row, fact);
}

/* The new state, and the code and text that go with it. */
static void
change_state(struct sk_writeback *row, const struct sk_step *step)
{
	row->result = step->to;
	if (row->result == SK_PENDING)
		row->completed_at = 0;
	if (step->code != SK_CODE_NONE)
		sk_mem_replace(&row->error_code, sk_code_name(step->code));
	if (row->result == SK_FAILED && row->error_code == NULL)
		sk_mem_replace(&row->error_code, sk_code_name(SK_CODE_UNSPECIFIED));
	/* A success keeps no error text of an earlier state. */
	if (row->result == SK_COMPLETED || row->result == SK_PENDING ||
	    row->result == SK_SUBMITTING) {
		sk_mem_replace(&row->error_code, NULL);
		sk_mem_replace(&row->error_message, NULL);
	}
}

/*
 * Whether the row holds its key and its content from now on. Once a PUT or PATCH was carried out, the
 * same one is a new request: confirmed, cancelled and confirmed again are three requests.
 */
static void
change_hold(struct sk_writeback *row, const struct sk_fact *fact, unsigned actions)
{
	if (actions & SK_DO_HOLD_KEY)
		hold(row, fact);
	if (actions & SK_DO_FREE_KEY) {
		row->holds_key = 0;
		row->holds_content = SK_CONTENT_FREE;
	}
	if (row->result == SK_COMPLETED && strcmp(row->method, "POST") != 0) {
		row->holds_key = row->holds_key && row->key != NULL;
		row->holds_content = SK_CONTENT_FREE;
	}
}

/* Changes the row as the step's actions say. The absence is first: it looks at the state before. */
static void
apply(struct sk_writeback *row, const struct sk_fact *fact, const struct sk_step *step, int64_t now)
{
	note_absence(row, fact, step, now);
	take(row, fact, step, now);
	stamp(row, fact, step->actions, now);
	change_state(row, step);
	change_hold(row, fact, step->actions);
}

bool
sk_ledger_list_follows(const struct sk_writeback *row, int64_t list)
{
	return row->absent_list == 0 || row->absent_list == list - 1;
}

/*
 * Two looks after a withdrawal free the row's key: two of its status, or two lists that follow one
 * another. Looks of two kinds, or by lists with another one between them, aren't counted together.
 */
static void
forget_earlier_looks(struct sk_writeback *row, const struct sk_fact *fact)
{
	if (fact->list != 0 ? row->absent_list != fact->list - 1 : row->absent_list != 0)
		row->looks = 0;
}

static void
forget_earlier_lists(struct sk_writeback *row, const struct sk_fact *fact)
{
	if (fact->what == SK_LOOK_FOUND_IT_GONE || fact->what == SK_NOT_KNOWN)
		forget_earlier_looks(row, fact);
	if (fact->list == 0 || sk_ledger_list_follows(row, fact->list))
		return;
	row->absent_at = 0;
	row->looks = 0;
	row->gone_looks = 0;
}

/* Whether the id that the fact brings already belongs to another row: 1, 0, -1 error. */
static int
is_anothers_id(struct sk_store *store, const struct sk_writeback *row, const struct sk_fact *fact,
    struct sk_error *err)
{
	int64_t owner = 0;
	int found = fact->writeback_id != NULL
	    ? sk_store_writeback_owner(store, fact->writeback_id, &owner, err)
	    : 0;

	return found == 1 ? owner != row->id : found;
}

/*
 * The id in the answer already belongs to another row, which isn't touched: a person has to find out
 * which request is whose.
 */
static enum sk_recorded
record_id_taken(struct sk_store *store, struct sk_writeback *row, const struct sk_fact *fact,
    struct sk_step *step, struct sk_error *err)
{
	struct sk_fact taken = *fact;
	char *message =
	    sk_mem_printf("the server gave it the id of another request, %s", fact->writeback_id);
	enum sk_recorded recorded;

	taken.what = SK_ID_TAKEN;
	taken.writeback_id = NULL;
	taken.error_code = sk_code_name(SK_CODE_ID_TAKEN);
	taken.error_message = message;
	taken.note = message;
	recorded = sk_ledger_record(store, row, &taken, step, err);
	free(message);
	return recorded;
}

/*
 * Whether it may befall many requests of the run for one cause: the run was stopped or has died, or the
 * server can't be reached or refuses all for a while.
 */
static bool
is_of_whole_run(const struct sk_fact *fact, const struct sk_step *step)
{
	return step->event == SK_EVENT_NOT_SENT ||
	    (step->event == SK_EVENT_UNKNOWN &&
		(fact->what == SK_RUN_DIED || fact->what == SK_UNCLEAR));
}

static int
add_event(struct sk_store *store, const struct sk_writeback *row, const struct sk_fact *fact,
    const struct sk_step *step, struct sk_error *err)
{
	struct sk_event event = {.kind = step->event, .office_id = row->office_id, .row = row->id};
	int result;

	if (step->event == SK_EVENT_NONE)
		return 0;
	event.text = sk_ledger_words(row, fact);
	event.cause = sk_ledger_cause(row, fact);
	event.of_run = is_of_whole_run(fact, step) ? row->run : 0;
	result = sk_event_make_of_run(store, &event, err);
	free(event.text);
	free(event.cause);
	return result;
}

/* Whether, after a withdrawal, it says that the request was carried out or may have been. */
static bool
tells_contradiction(const struct sk_fact *fact)
{
	return fact->what == SK_SAYS_COMPLETED || fact->what == SK_SAYS_ENDED;
}

/* Writes the new row and its event, where row was read in this transaction, and notes that it is to be told of. */
static enum sk_recorded
put(struct sk_store *store, const struct sk_writeback *row, struct sk_writeback *new_row,
    const struct sk_fact *fact, const struct sk_step *step, struct sk_error *err)
{
	int key_taken = 0;
	int written = sk_store_writeback_change(store, row, new_row, &key_taken, err);

	/*
	 * A row was withdrawn, its key was freed, and the same request was handed in again and
	 * holds content or key; then the first one was carried out after all. That contradiction
	 * must be recorded, as a person has to hear of it: so the row is written beside the other
	 * one and, where that one holds the key, without it.
	 */
	if (written == 0 && key_taken && tells_contradiction(fact)) {
		if (new_row->holds_content == SK_CONTENT_ALONE)
			new_row->holds_content = SK_CONTENT_BESIDE;
		written = sk_store_writeback_change(store, row, new_row, &key_taken, err);
	}
	if (written == 0 && key_taken && tells_contradiction(fact)) {
		new_row->holds_key = 0;
		written = sk_store_writeback_change(store, row, new_row, &key_taken, err);
	}
	if (written == 0)
		return key_taken ? SK_RECORD_KEY_TAKEN : SK_RECORD_STALE;
	if (written != 1 || add_event(store, new_row, fact, step, err) != 0 ||
	    (new_row->result != row->result && sk_store_untold_add(store, row->id, err) != 0))
		return SK_RECORD_ERROR;
	return SK_RECORDED;
}

/*
 * Reads the row as it is in the journal now. row is what the caller has decided on; if the two
 * differ, nothing is written.
 */
static enum sk_recorded
read_now(struct sk_store *store, const struct sk_writeback *row, struct sk_writeback *now_there,
    struct sk_error *err)
{
	int found = sk_store_writeback_get(store, row->id, now_there, err);

	if (found < 0)
		return SK_RECORD_ERROR;
	/*
	 * The run is compared, too: when another run takes over a dead run's queued row, neither
	 * state nor attempts change.
	 */
	if (found == 0 || now_there->result != row->result ||
	    now_there->attempts != row->attempts || now_there->run != row->run)
		return SK_RECORD_STALE;
	return SK_RECORDED;
}

/* Asks life what the fact means for the row, which was read within this transaction. */
static enum sk_recorded
decide(struct sk_store *store, struct sk_writeback *row, const struct sk_fact *fact,
    struct sk_step *step, int64_t now, struct sk_error *err)
{
	struct sk_life life;
	int64_t other;
	int found;

	forget_earlier_lists(row, fact);
	/* The key counts as free here: if another row holds it, writing fails. */
	life = sk_life_of(row, 1, fact->at != 0 ? fact->at : now, now);
	*step = sk_life_next(&life, fact->what);
	if (!step->allowed) {
		sk_out_verbose("request %lld is %s: \"%s\" changes nothing", (long long)row->id,
		    sk_state_name(row->result), sk_happening_name(fact->what));
		return SK_RECORD_STALE;
	}
	found = (step->actions & (SK_DO_TAKE_ID | SK_DO_NOTE_DOUBLE)) != 0
	    ? is_anothers_id(store, row, fact, err)
	    : 0;
	if (found != 0)
		return found < 0 ? SK_RECORD_ERROR : SK_RECORD_ID_TAKEN;
	/* A late request is the row's only where no other row has its content. */
	found = (step->actions & SK_DO_HOLD_KEY) != 0 && fact->what == SK_FOUND && !row->again
	    ? sk_store_content_holder(store, row->content_key, &other, err)
	    : 0;
	return found < 0 ? SK_RECORD_ERROR : found ? SK_RECORD_KEY_TAKEN : SK_RECORDED;
}

enum sk_recorded
sk_ledger_record(struct sk_store *store, struct sk_writeback *row, const struct sk_fact *fact,
    struct sk_step *step_out, struct sk_error *err)
{
	struct sk_writeback there = {0}, new_row = {0};
	struct sk_step step = {0};
	int64_t now = sk_time_now(), gone_for = 0;
	enum sk_recorded recorded = read_now(store, row, &there, err);

	sk_writeback_copy(&new_row, &there);
	if (recorded == SK_RECORDED)
		recorded = decide(store, &new_row, fact, &step, now, err);
	if (recorded == SK_RECORD_ID_TAKEN && fact->what == SK_ACCEPTED) {
		sk_writeback_fini(&there);
		sk_writeback_fini(&new_row);
		return record_id_taken(store, row, fact, step_out, err);
	}
	if (step_out != NULL)
		*step_out = step;
	if (recorded == SK_RECORDED) {
		gone_for = new_row.looked_at - new_row.withdrawn_at;
		apply(&new_row, fact, &step, now);
		recorded = put(store, &there, &new_row, fact, &step, err);
	}
	sk_writeback_fini(&there);
	if (recorded == SK_RECORDED && step.event == SK_EVENT_CONTRADICTION &&
	    sk_watch_contradiction(store, &new_row, gone_for, err) != 0)
		recorded = SK_RECORD_ERROR;
	if (recorded != SK_RECORDED) {
		sk_writeback_fini(&new_row);
		return recorded;
	}
	if (listener.fn != NULL)
		listener.fn(listener.arg, fact, row, &new_row);
	sk_writeback_fini(row);
	*row = new_row;
	return SK_RECORDED;
}

enum sk_recorded
sk_ledger_record_one(struct sk_store *store, struct sk_writeback *row, const struct sk_fact *fact,
    struct sk_step *step, struct sk_error *err)
{
	enum sk_recorded recorded;

	if (sk_store_begin(store, err) != 0)
		return SK_RECORD_ERROR;
	recorded = sk_ledger_record(store, row, fact, step, err);
	if (recorded != SK_RECORDED) {
		sk_store_rollback(store);
		return recorded;
	}
	return sk_store_commit(store, err) == 0 ? SK_RECORDED : SK_RECORD_ERROR;
}
