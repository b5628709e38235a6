/* SPDX-License-Identifier: MIT */
/*
 * sweep: -n. What the parts of a sweep record on the copy in memory is collected, row by row, and told when they
 * have all run: of each row the last thing that would be done to it, with the events that a run would
 * print. The answers to what would be sent aren't known, so nothing is told of them.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "store/event.h"
#include "store/event_words.h"
#include "life/check_list.h"
#include "life/ledger.h"
#include "commands/sweep_parts.h"

struct sk_rehearsal {
	json_t *rows; /* number: record, in the order in which they were met */
};

/* --- the words ------------------------------------------------------------------------------------- */

/* Those that depend on nothing but the fact. What has none changes nothing that a person should know. */
static const char *const WORDS[SK_HAPPENINGS] = {
    [SK_PERSON_WITHDRAWS] = "withdraw",
    [SK_AGE_WITHDRAWS] = "withdraw",
    [SK_WITHDRAWN_THERE] = "withdraw",
    [SK_FOUND] = "adopt",
    [SK_LIST_LACKS_IT] = "note as absent",
    [SK_LIST_LACKS_IT_STILL] = "declare not received",
    [SK_SAYS_COMPLETED] = "note as completed",
    [SK_SAYS_FAILED] = "note as failed",
    [SK_SAYS_ENDED] = "note as ended",
    [SK_RESOLVED_PENDING] = "resolve as pending",
    [SK_RESOLVED_COMPLETED] = "resolve as completed",
    [SK_RESOLVED_FAILED] = "resolve as failed",
    [SK_RESOLVED_WITHDRAWN] = "resolve as withdrawn",
    [SK_RETRIED] = "send again",
    [SK_PERSON_RETRIES] = "send again",
    [SK_RETRY_KEY_TAKEN] = "declare superseded",
    [SK_DOUBLE_SEEN] = "note its double",
    [SK_DOUBLE_WITHDRAWN] = "withdraw its double",
    [SK_RESTORED] = "become unknown",
    [SK_RESTORED_FOUND] = "take over",
    [SK_PERSON_ADOPTS] = "take over",
};

static const char *
words_of(const struct sk_fact *fact, const struct sk_writeback *before,
    const struct sk_writeback *after)
{
	if (WORDS[fact->what] != NULL || after->result == before->result)
		return WORDS[fact->what];
	switch (after->result) {
	case SK_UNKNOWN:
		return "become unknown";
	case SK_PENDING:
		return "note as pending";
	case SK_WITHDRAWN:
		return "note as withdrawn";
	case SK_FAILED:
		return fact->what == SK_RUN_DIED ? "declare not sent" : "note as failed";
	default:
		return NULL;
	}
}

/* An event that no row's record tells. */
static const char *
words_of_event(enum sk_event_kind kind)
{
	switch (kind) {
	case SK_EVENT_NOT_OURS:
		return "note as another program's";
	case SK_EVENT_ADOPTED:
		return "note as ours";
	case SK_EVENT_RESTORED:
	case SK_EVENT_MOVED:
		return "take this file for the right one";
	default:
		return "report";
	}
}

/* --- what is collected ----------------------------------------------------------------------------- */

static json_t *
new_record(const struct sk_writeback *row, const char *id)
{
	json_t *record = json_object(),
	       *body = row->request_body != NULL ? sk_writeback_body(row) : NULL;

	sk_json_set(record, "would", NULL);
	sk_json_set(record, "id", id);
	sk_json_set(record, "writeback_id", row->writeback_id);
	sk_json_set(record, "office_id", row->office_id);
	sk_json_set(record, "operation", row->operation);
	sk_json_set(record, "key", row->key);
	sk_ledger_json_known(record, body);
	sk_json_set(record, "result", sk_state_name(row->result));
	sk_json_set(record, "error_code", row->error_code);
	json_decref(body);
	return record;
}

/* The row's record, made when it is first met: the row is shown as it is now. Borrowed. */
static json_t *
record_of(struct sk_rehearsal *rehearsal, const struct sk_writeback *row)
{
	char *id = sk_mem_printf("%lld", (long long)row->id);
	json_t *record = json_object_get(rehearsal->rows, id);

	if (record == NULL) {
		record = new_record(row, id);
		json_object_set_new(rehearsal->rows, id, record);
	}
	free(id);
	return record;
}

static void
hear(void *arg, const struct sk_fact *fact, const struct sk_writeback *before,
    const struct sk_writeback *after)
{
	struct sk_sweep *sweep = arg;
	const char *words = words_of(fact, before, after);
	bool is_new = fact->what == SK_RESTORED_FOUND || fact->what == SK_PERSON_ADOPTS;
	json_t *record;

	if (words == NULL)
		return;
	record = record_of(sweep->rehearsal, is_new ? after : before);
	sk_json_set(record, "would", words);
	sk_json_set(record, "writeback_id", after->writeback_id);
}

void
sk_sweep_rehearse(struct sk_sweep *sweep)
{
	if (!sweep->session->rehearses)
		return;
	sweep->rehearsal = sk_mem_zero(1, sizeof(*sweep->rehearsal));
	sweep->rehearsal->rows = json_object();
	sk_ledger_listen(hear, sweep);
}

/* Calls fn for each row that is unknown now, of the offices that -O selects. */
static void
for_each_unknown(struct sk_sweep *sweep, const struct sk_candidates *candidates,
    void (*fn)(struct sk_rehearsal *, const struct sk_writeback *, const struct sk_candidates *))
{
	const struct sk_filter filter = sk_sweep_filter(sweep, SK_MASK(SK_UNKNOWN));
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n;

	if (sk_store_writebacks(sweep->session->store, &filter, &rows, &n, &err) == 0) {
		for (size_t i = 0; i < n; i++)
			fn(sweep->rehearsal, &rows[i], candidates);
		sk_writebacks_free(rows, n);
	}
	sk_sweep_note(sweep, &err);
}

static void
show_beside(struct sk_rehearsal *rehearsal, const struct sk_writeback *row,
    const struct sk_candidates *candidates)
{
	json_t *record = record_of(rehearsal, row);

	if (json_object_get(record, "candidates") == NULL)
		json_object_set_new(record, "candidates", sk_candidates_of(candidates, row));
}

void
sk_sweep_rehearse_list(void *arg, struct sk_listing *list)
{
	struct sk_sweep *sweep = arg;
	struct sk_candidates *candidates;
	struct sk_error err = {0};

	if (sweep->rehearsal == NULL)
		return;
	if (sk_check_list_mark_owned(sweep->session, list, &err) == 0) {
		candidates = sk_candidates_new(list);
		for_each_unknown(sweep, candidates, show_beside);
		sk_candidates_free(candidates);
	}
	sk_sweep_note(sweep, &err);
}

void
sk_sweep_rehearse_left(struct sk_sweep *sweep, const struct sk_writeback *row, json_t *candidates)
{
	json_t *record;

	if (sweep->rehearsal == NULL) {
		json_decref(candidates);
		return;
	}
	record = record_of(sweep->rehearsal, row);
	if (row->result == SK_FAILED && json_is_null(json_object_get(record, "would")))
		sk_json_set(record, "would", "leave failed");
	if (candidates != NULL)
		json_object_set_new(record, "candidates", candidates);
}

/* --- what is told ---------------------------------------------------------------------------------- */

/* Takes the record. */
static void
print(struct sk_sweep *sweep, json_t *record)
{
	struct sk_error err = {0};

	sk_out_record(record, &err);
	sk_sweep_note(sweep, &err);
	json_decref(record);
}

void
sk_sweep_rehearse_upkeep(struct sk_sweep *sweep, const char *would, json_t *record)
{
	sk_json_set(record, "would", would);
	print(sweep, record);
}

static void
leave_unknown(struct sk_rehearsal *rehearsal, const struct sk_writeback *row,
    const struct sk_candidates *candidates)
{
	json_t *record = record_of(rehearsal, row);

	(void)candidates;
	if (json_is_null(json_object_get(record, "would")))
		sk_json_set(record, "would", "leave unknown");
}

/* What a run would print of it: with the row's record, or, where none tells of it, by itself. */
static void
add_event(struct sk_rehearsal *rehearsal, const struct sk_event *event, json_t *others)
{
	char *id = sk_mem_printf("%lld", (long long)event->row), *words;
	json_t *record = json_object_get(rehearsal->rows, id), *events, *told = json_object();

	free(id);
	if (record == NULL) {
		json_decref(told);
		told = sk_event_record(event);
		/* These it gets only when it is made. */
		json_object_del(told, "event_id");
		json_object_del(told, "at");
		json_object_del(told, "run");
		sk_json_set(told, "would", words_of_event(event->kind));
		json_array_append_new(others, told);
		return;
	}
	events = json_object_get(record, "events");
	if (events == NULL) {
		events = json_array();
		json_object_set_new(record, "events", events);
	}
	sk_json_set(told, "event", sk_event_kind_name(event->kind));
	words = sk_event_words(event);
	sk_json_set(told, "text", words);
	free(words);
	json_array_append_new(events, told);
}

static void
add_events(struct sk_sweep *sweep, int64_t after, json_t *others)
{
	struct sk_event *events;
	struct sk_error err = {0};
	size_t n;

	if (sk_store_events_since(sweep->session->store, after, &events, &n, &err) == 0) {
		for (size_t i = 0; i < n; i++)
			if (sk_event_kind_reach(events[i].kind) != SK_EVENT_HISTORY &&
			    events[i].leader <= after)
				add_event(sweep->rehearsal, &events[i], others);
		sk_events_free(events, n);
	}
	sk_sweep_note(sweep, &err);
}

void
sk_sweep_rehearse_tell(struct sk_sweep *sweep, int64_t after)
{
	struct sk_rehearsal *rehearsal = sweep->rehearsal;
	json_t *others, *record;
	const char *id;
	size_t i;

	if (rehearsal == NULL)
		return;
	others = json_array();
	sk_ledger_listen(NULL, NULL);
	for_each_unknown(sweep, NULL, leave_unknown);
	add_events(sweep, after, others);
	json_object_foreach(rehearsal->rows, id,
	    record) if (!json_is_null(json_object_get(record, "would")))
	    print(sweep, json_incref(record));
	json_array_foreach(others, i, record) print(sweep, json_incref(record));
	json_decref(others);
	json_decref(rehearsal->rows);
	free(rehearsal);
	sweep->rehearsal = NULL;
}
