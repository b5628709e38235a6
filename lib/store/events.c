/* SPDX-License-Identifier: MIT */
/*
 * store: the rows of the table events: the kinds, and how events are appended, read and counted.
 */
#include "store/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/moments.h"
#include "store/runs.h"
#include "store/statements.h"

/* The kinds: their names in the file and in records, who gets to know of them, and until when. */
static const struct kind {
	const char *name;
	enum sk_event_reach reach;
	bool may_drop; /* nobody has to know of it any more once its request has ended well */
} KINDS[SK_EVENT_KINDS] = {
    [SK_EVENT_UNKNOWN] = {"unknown", SK_EVENT_OUTBOX, true},
    [SK_EVENT_NOT_SENT] = {"not_sent", SK_EVENT_OUTBOX, true},
    [SK_EVENT_NOT_RECEIVED] = {"not_received", SK_EVENT_OUTBOX, false},
    [SK_EVENT_FAILED] = {"failed", SK_EVENT_OUTBOX, false},
    [SK_EVENT_STUCK] = {"stuck", SK_EVENT_OUTBOX, true},
    [SK_EVENT_ENDED_UNCLEAR] = {"ended_unclear", SK_EVENT_OUTBOX, false},
    [SK_EVENT_LOST] = {"lost", SK_EVENT_OUTBOX, false},
    [SK_EVENT_CONTRADICTION] = {"contradiction", SK_EVENT_OUTBOX, false},
    [SK_EVENT_DOUBLED] = {"doubled", SK_EVENT_OUTBOX, false},
    [SK_EVENT_ID_TAKEN] = {"id_taken", SK_EVENT_OUTBOX, false},
    [SK_EVENT_UNPROVABLE] = {"unprovable", SK_EVENT_OUTBOX, false},
    [SK_EVENT_NOT_LOOKED_AT] = {"not_looked_at", SK_EVENT_OUTBOX, false},
    [SK_EVENT_BOOKED_ALREADY] = {"booked_already", SK_EVENT_OUTBOX, false},
    [SK_EVENT_DATA_TOO_OLD] = {"data_too_old", SK_EVENT_OUTBOX, true},
    [SK_EVENT_APPOINTMENT_NEAR] = {"appointment_near", SK_EVENT_OUTBOX, true},
    [SK_EVENT_KEY_ENDING] = {"key_ending", SK_EVENT_OUTBOX, false},
    [SK_EVENT_REAUTHORIZE] = {"reauthorize", SK_EVENT_OUTBOX, false},
    [SK_EVENT_OFFICES_MISSING] = {"offices_missing", SK_EVENT_OUTBOX, false},
    [SK_EVENT_REVOKED] = {"revoked", SK_EVENT_OUTBOX, false},
    [SK_EVENT_LOCATION_GONE] = {"location_gone", SK_EVENT_OUTBOX, false},
    [SK_EVENT_OFFICE_OFFLINE] = {"office_offline", SK_EVENT_OUTBOX, false},
    [SK_EVENT_RUN_STALLED] = {"run_stalled", SK_EVENT_OUTBOX, false},
    [SK_EVENT_OLDER_COPY] = {"older_copy", SK_EVENT_OUTBOX, false},
    [SK_EVENT_SET_ASIDE] = {"set_aside", SK_EVENT_OUTBOX, false},
    [SK_EVENT_CLOCK_DIFFERS] = {"clock_differs", SK_EVENT_OUTBOX, false},
    [SK_EVENT_NO_DATE] = {"no_date", SK_EVENT_OUTBOX, false},
    [SK_EVENT_ASSUMPTION_BROKEN] = {"assumption_broken", SK_EVENT_OUTBOX, false},
    [SK_EVENT_QUEUED] = {"queued", SK_EVENT_HISTORY, false},
    [SK_EVENT_SUBMITTING] = {"submitting", SK_EVENT_HISTORY, false},
    [SK_EVENT_PENDING] = {"pending", SK_EVENT_HISTORY, false},
    [SK_EVENT_COMPLETED] = {"completed", SK_EVENT_SWEEP, false},
    [SK_EVENT_WITHDRAWN] = {"withdrawn", SK_EVENT_SWEEP, false},
    [SK_EVENT_WITHDRAW_INTENDED] = {"withdraw_intended", SK_EVENT_SWEEP, false},
    [SK_EVENT_RESOLVED] = {"resolved", SK_EVENT_SWEEP, false},
    [SK_EVENT_NOT_OURS] = {"not_ours", SK_EVENT_SWEEP, false},
    [SK_EVENT_ADOPTED] = {"adopted", SK_EVENT_SWEEP, false},
    [SK_EVENT_RETRIED] = {"retried", SK_EVENT_SWEEP, false},
    [SK_EVENT_SUPERSEDED] = {"superseded", SK_EVENT_SWEEP, false},
    [SK_EVENT_FOUND] = {"found", SK_EVENT_SWEEP, false},
    [SK_EVENT_REFRESH_ASKED] = {"refresh_asked", SK_EVENT_HISTORY, false},
    [SK_EVENT_DATA_REFRESHED] = {"data_refreshed", SK_EVENT_SWEEP, false},
    [SK_EVENT_AUTHORIZED] = {"authorized", SK_EVENT_SWEEP, false},
    [SK_EVENT_RETURNED] = {"returned", SK_EVENT_SWEEP, false},
    [SK_EVENT_IMPORTED] = {"imported", SK_EVENT_SWEEP, false},
    [SK_EVENT_FORGOTTEN] = {"forgotten", SK_EVENT_SWEEP, false},
    [SK_EVENT_RESTORED] = {"restored", SK_EVENT_SWEEP, false},
    [SK_EVENT_MOVED] = {"moved", SK_EVENT_SWEEP, false},
    [SK_EVENT_PAUSED] = {"paused", SK_EVENT_SWEEP, false},
    [SK_EVENT_RESUMED] = {"resumed", SK_EVENT_SWEEP, false},
    [SK_EVENT_ERASED] = {"erased", SK_EVENT_HISTORY, false},
    [SK_EVENT_GIVEN_AWAY] = {"given_away", SK_EVENT_SWEEP, false},
    [SK_EVENT_TAKEN_IN] = {"taken_in", SK_EVENT_SWEEP, false},
    [SK_EVENT_ARCHIVED] = {"archived", SK_EVENT_HISTORY, false},
    [SK_EVENT_RENEWED] = {"renewed", SK_EVENT_HISTORY, false},
    [SK_EVENT_SUSPECT] = {"suspect", SK_EVENT_HISTORY, false},
};

const char *
sk_event_kind_name(enum sk_event_kind kind)
{
	return kind > SK_EVENT_NONE && kind < SK_EVENT_KINDS ? KINDS[kind].name : NULL;
}

enum sk_event_kind
sk_event_kind_find(const char *name)
{
	for (int i = SK_EVENT_NONE + 1; i < SK_EVENT_KINDS; i++)
		if (name != NULL && strcmp(name, KINDS[i].name) == 0)
			return (enum sk_event_kind)i;
	return SK_EVENT_NONE;
}

enum sk_event_reach
sk_event_kind_reach(enum sk_event_kind kind)
{
	return kind > SK_EVENT_NONE && kind < SK_EVENT_KINDS ? KINDS[kind].reach : SK_EVENT_SWEEP;
}

bool
sk_event_kind_may_drop(enum sk_event_kind kind)
{
	return kind > SK_EVENT_NONE && kind < SK_EVENT_KINDS && KINDS[kind].may_drop;
}

void
sk_event_fini(struct sk_event *event)
{
	free(event->office_id);
	free(event->text);
	free(event->key);
	free(event->cause);
	memset(event, 0, sizeof(*event));
}

void
sk_events_free(struct sk_event *events, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_event_fini(&events[i]);
	free(events);
}

/* Of what befell a whole run, the first event that waits leads the others. */
static int
find_leader(struct sk_store *store, struct sk_event *event, struct sk_error *err)
{
	struct sk_query query;

	if (event->of_run == 0)
		return 0;
	sk_query_open(&query, store, SK_SQL_EVENT_LEADER, err);
	sk_query_number(&query, 1, event->of_run);
	sk_query_text(&query, 2, sk_event_kind_name(event->kind));
	sk_query_text(&query, 3, event->cause);
	if (sk_query_step(&query))
		event->leader = sk_query_column_number(&query, 0);
	if (event->leader != 0)
		event->outbox = 0;
	return sk_query_close(&query);
}

int
sk_store_event_add(struct sk_store *store, struct sk_event *event, struct sk_error *err)
{
	struct sk_query query;

	if (event->at == 0)
		event->at = sk_time_now();
	if (sk_store_run(store, &event->run, err) != 0 || find_leader(store, event, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_EVENT_ADD, err);
	sk_query_time(&query, 1, event->at);
	sk_query_text(&query, 2, sk_event_kind_name(event->kind));
	sk_query_text(&query, 3, event->office_id);
	sk_query_number_or_null(&query, 4, event->row);
	sk_query_text(&query, 5, event->text);
	sk_query_number(&query, 6, event->outbox ? 1 : 0);
	sk_query_number(&query, 7, event->run);
	sk_query_number_or_null(&query, 8, event->leader == 0 ? event->of_run : 0);
	sk_query_text(&query, 9, event->leader == 0 && event->of_run != 0 ? event->cause : NULL);
	sk_query_number_or_null(&query, 10, event->leader);
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	event->id = sqlite3_last_insert_rowid(store->db);
	return 0;
}

/* Reads whom a leader speaks for: open: only for those whose request hasn't ended well. 1; 0 none; -1. */
static int
read_members(struct sk_store *store, struct sk_event *event, bool open, struct sk_error *err)
{
	struct sk_query query;
	int64_t n = 0;

	sk_query_open(&query, store, SK_SQL_EVENT_MEMBERS, err);
	sk_query_number(&query, 1, event->id);
	sk_query_number(&query, 2, open ? 1 : 0);
	if (sk_query_step(&query) && (n = sk_query_column_number(&query, 0)) > 0) {
		bool is_of_one_office = sk_query_column_number(&query, 1) == 1;

		sk_mem_replace(&event->office_id,
		    is_of_one_office ? sk_query_column_look(&query, 2) : NULL);
		event->row = n == 1 ? sk_query_column_number(&query, 3) : 0;
		sk_mem_replace(&event->text, sk_query_column_look(&query, 4));
		sk_mem_replace(&event->key, n == 1 ? sk_query_column_look(&query, 5) : NULL);
		event->last = sk_query_column_number(&query, 6);
		event->count = n;
	}
	return sk_query_close(&query) != 0 ? -1 : n > 0;
}

/* While it waits, what has ended well meanwhile isn't counted; afterwards it says all that it was about. */
static int
count_requests(struct sk_store *store, struct sk_event *event, struct sk_error *err)
{
	bool waits = event->delivered_at == 0 && event->dropped_at == 0;
	int found;

	event->count = event->row != 0;
	event->last = event->id;
	if (event->of_run == 0)
		return 0;
	found = read_members(store, event, waits, err);
	if (found == 0 && waits)
		found = read_members(store, event, false, err);
	return found < 0 ? -1 : 0;
}

int
sk_events_read(struct sk_query *query, struct sk_event **events, size_t *n)
{
	struct sk_store *store = query->store;
	struct sk_error *err = query->err;
	struct sk_event *list = NULL, *event;
	size_t count = 0, room = 0;
	int result;

	while (sk_query_step(query)) {
		list = sk_mem_grow(list, count + 1, &room, sizeof(*list));
		event = &list[count++];
		event->id = sk_query_column_number(query, 0);
		event->at = sk_query_column_time(query, 1);
		event->kind = sk_event_kind_find(sk_query_column_look(query, 2));
		event->office_id = sk_query_column_text(query, 3);
		event->row = sk_query_column_number(query, 4);
		event->text = sk_query_column_text(query, 5);
		event->outbox = (int)sk_query_column_number(query, 6);
		event->delivered_at = sk_query_column_time(query, 7);
		event->tries = (int)sk_query_column_number(query, 8);
		event->set_aside_at = sk_query_column_time(query, 9);
		event->run = sk_query_column_number(query, 10);
		event->due_at = sk_query_column_time(query, 11);
		event->failing_since = sk_query_column_time(query, 12);
		event->dropped_at = sk_query_column_time(query, 13);
		event->key = sk_query_column_text(query, 14);
		event->of_run = sk_query_column_number(query, 15);
		event->cause = sk_query_column_text(query, 16);
		event->leader = sk_query_column_number(query, 17);
	}
	result = sk_query_close(query);
	for (size_t i = 0; i < count && result == 0; i++)
		result = count_requests(store, &list[i], err);
	if (result != 0) {
		sk_events_free(list, count);
		return -1;
	}
	*events = list;
	*n = count;
	return 0;
}

int
sk_store_events_since(struct sk_store *store, int64_t after, struct sk_event **events, size_t *n,
    struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, SK_SQL_EVENTS_SINCE, err);
	sk_query_number(&query, 1, after);
	return sk_events_read(&query, events, n);
}

int
sk_store_events_last(struct sk_store *store, int64_t *id, struct sk_error *err)
{
	struct sk_query query;
	int64_t last = 0;

	sk_query_open(&query, store, SK_SQL_EVENTS_LAST, err);
	if (sk_query_step(&query))
		last = sk_query_column_number(&query, 0);
	if (sk_query_close(&query) != 0)
		return -1;
	*id = last;
	return 0;
}

int
sk_store_event_made(struct sk_store *store, enum sk_event_kind kind, const char *office_id,
    int64_t row, int64_t since, struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_EVENT_MADE, err);
	sk_query_text(&query, 1, sk_event_kind_name(kind));
	sk_query_text(&query, 2, office_id);
	sk_query_time(&query, 3, since > 0 ? since : 1);
	sk_query_number_or_null(&query, 4, row);
	/* One that a clock ahead has left would hold back all others until its time comes. */
	sk_query_time(&query, 5, sk_time_now() + SK_MOMENTS_TOLERANCE);
	found = sk_query_step(&query);
	return sk_query_close(&query) == 0 ? found : -1;
}

int
sk_store_event_told(struct sk_store *store, enum sk_event_kind kind, int64_t row, const char *text,
    struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_EVENT_TOLD, err);
	sk_query_text(&query, 1, sk_event_kind_name(kind));
	sk_query_number(&query, 2, row);
	sk_query_text(&query, 3, text);
	found = sk_query_step(&query);
	return sk_query_close(&query) == 0 ? found : -1;
}

int
sk_store_outbox(struct sk_store *store, const char *const *offices, size_t n_offices,
    struct sk_outbox *outbox, struct sk_error *err)
{
	char *wanted = n_offices > 0 ? sk_sql_texts(offices, n_offices) : NULL;
	struct sk_outbox read = {0};
	struct sk_query query;
	int result;

	sk_query_open(&query, store, SK_SQL_OUTBOX, err);
	sk_query_text(&query, 1, wanted);
	if (sk_query_step(&query)) {
		read.undelivered = sk_query_column_number(&query, 0);
		read.oldest = sk_query_column_time(&query, 1);
		read.set_aside = sk_query_column_number(&query, 2);
		read.is_used = sk_query_column_number(&query, 3) != 0;
		read.set_aside_since = sk_query_column_time(&query, 4);
	}
	result = sk_query_close(&query);
	free(wanted);
	if (result != 0)
		return -1;
	*outbox = read;
	return 0;
}
