/* SPDX-License-Identifier: MIT */
/*
 * Events: what is kept of them.
 */
#include "store/event.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/event_words.h"
#include "store/events.h"
#include "store/outbox.h"
#include "events.h"
#include "folder.h"
#include "tap.h"
#include "base/time.h"

static char folder[] = "/tmp/unit-event-XXXXXX";
static const struct sk_events_wanted ten = {.most = 10};

static int
make_once(enum sk_event_kind kind, const char *office, int64_t row, int64_t within)
{
	const struct sk_event_once event = {kind, office, row, within, "x"};

	return sk_event_make_once(store, &event, &err);
}

static void
test_history(void)
{
	struct sk_event *events;
	int64_t last = 9;
	size_t n = 9;

	use(folder, "history.db");
	is_int(sk_store_events_last(store, &last, &err), 0, "the last event");
	is_int(last, 0, "is none");
	is_int(make(SK_EVENT_QUEUED, "D1", 4, "one"), 0, "for the history");
	is_int(make(SK_EVENT_FAILED, "D1", 4, "two"), 0, "for the outbox");
	is_int(make(SK_EVENT_REVOKED, NULL, 0, NULL), 0, "about none");
	is_int(make(SK_EVENT_NONE, "D1", 4, "three"), -1, "of unknown kind");
	is_int(err.code, SK_EXIT_BUG, "is a bug");
	sk_error_clear(&err);
	is_int(sk_event_make(store, SK_EVENT_FAILED, "D1", 4, "x", &err), -1,
	    "outside of a transaction");
	is_int(err.code, SK_EXIT_BUG, "is a bug");
	sk_error_clear(&err);

	is_int(sk_store_events_waiting(store, &ten, &events, &n, &err), 0, "what waits");
	ok(n == 2 && events[0].kind == SK_EVENT_FAILED && events[0].outbox && events[0].row == 4 &&
		strcmp(events[0].text, "two") == 0 && events[1].office_id == NULL &&
		events[1].text == NULL && events[1].at > 0,
	    "are those of the outbox");
	sk_events_free(events, n);
	is_int(sk_store_events_since(store, 1, &events, &n, &err), 0, "since the first");
	is_int((long long)n, 2, "two");
	sk_events_free(events, n);
	is_int(sk_store_events_last(store, &last, &err), 0, "the last event");
	is_int(last, 3, "is the third");
}

static void
test_once(void)
{
	struct sk_event *events;
	size_t n = 0;

	use(folder, "once.db");
	is_int(make_once(SK_EVENT_STUCK, "D1", 4, SK_HOUR), 0, "once");
	is_int(make_once(SK_EVENT_STUCK, "D1", 4, SK_HOUR), 0, "twice");
	is_int(make_once(SK_EVENT_STUCK, "D1", 5, SK_HOUR), 0, "another row");
	is_int(make_once(SK_EVENT_STUCK, "D2", 4, SK_HOUR), 0, "another office");
	is_int(make_once(SK_EVENT_RUN_STALLED, NULL, 0, SK_HOUR), 0, "of none");
	is_int(make_once(SK_EVENT_RUN_STALLED, NULL, 0, SK_HOUR), 0, "again");
	is_int(sk_store_event_made(store, SK_EVENT_STUCK, "D1", 0, 1, &err), 1, "made, of any row");
	is_int(sk_store_event_made(store, SK_EVENT_STUCK, "D3", 0, 1, &err), 0, "not made");
	is_int(sk_store_event_made(store, SK_EVENT_STUCK, "D1", 0, sk_time_now() + SK_HOUR, &err),
	    0, "not made since");
	sk_store_begin(store, &err);
	is_int(make_once(SK_EVENT_LOST, "D1", 4, SK_HOUR), 0, "inside");
	is_int(make_once(SK_EVENT_LOST, "D1", 4, SK_HOUR), 0, "and again");
	sk_store_commit(store, &err);
	sk_store_events_since(store, 0, &events, &n, &err);
	is_int((long long)n, 5, "each once");
	sk_events_free(events, n);
	is_int(make_once(SK_EVENT_NONE, NULL, 0, 1), -1, "unknown kind");
	ok(!sk_store_in_transaction(store), "leaves no transaction open");
	sk_error_clear(&err);
}

/* What befalls a run, in a commit of its own. */
static int
befall(enum sk_event_kind kind, int64_t run, const char *cause)
{
	static int64_t row;
	struct sk_event event = {.kind = kind,
	    .office_id = (char[]){"D1"},
	    .row = ++row,
	    .text = (char[]){"x"},
	    .of_run = run};
	int result;

	if (sk_store_begin(store, &err) != 0)
		return -1;
	event.cause = sk_mem_copy(cause);
	result = sk_event_make_of_run(store, &event, &err);
	free(event.cause);
	if (result == 0)
		return sk_store_commit(store, &err);
	sk_store_rollback(store);
	return result;
}

/* How many events wait, and how many requests each is about: "2: 3 1". */
static const char *
waiting(void)
{
	static char text[100];
	struct sk_event *events;
	size_t n = 0;
	int at;

	if (sk_store_events_waiting(store, &ten, &events, &n, &err) != 0)
		return err.text;
	at = snprintf(text, sizeof(text), "%zu:", n);
	for (size_t i = 0; i < n; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, " %lld",
		    (long long)events[i].count);
	sk_events_free(events, n);
	return text;
}

/* The event that was made last of those that wait; the caller ends it with sk_event_fini. */
static struct sk_event
latest(void)
{
	struct sk_event *events, last;
	size_t n = 0;

	if (sk_store_events_waiting(store, &ten, &events, &n, &err) != 0 || n == 0)
		exit(1);
	last = events[n - 1];
	memset(&events[n - 1], 0, sizeof(last));
	sk_events_free(events, n);
	return last;
}

static void
test_runs(void)
{
	struct sk_event event, aside;

	use(folder, "runs.db");
	befall(SK_EVENT_NOT_SENT, 1, "stopped");
	befall(SK_EVENT_NOT_SENT, 1, "stopped");
	is_str(waiting(), "1: 2", "two requests of one run, for one cause, are one event");
	befall(SK_EVENT_NOT_SENT, 1, "refused");
	befall(SK_EVENT_UNKNOWN, 1, "stopped");
	befall(SK_EVENT_NOT_SENT, 2, "stopped");
	is_str(waiting(), "4: 2 1 1 1", "another cause, kind or run isn't");
	event = latest();
	befall(SK_EVENT_NOT_SENT, 2, "stopped");
	is_int(sk_store_event_delivered(store, &event, sk_time_now(), &err), 0,
	    "one is told, after another one has joined it");
	sk_event_fini(&event);
	is_str(waiting(), "4: 2 1 1 2", "so it waits, about both");
	event = latest();
	is_int(sk_store_event_delivered(store, &event, sk_time_now(), &err), 0, "told once more");
	is_str(waiting(), "3: 2 1 1", "it doesn't wait any more");
	befall(SK_EVENT_NOT_SENT, 2, "stopped");
	is_str(waiting(), "4: 2 1 1 1", "what follows is an event of its own");
	is_int(sk_store_event_redeliver(store, event.id, &err), 1, "the told one is told again");
	sk_event_fini(&event);
	is_str(waiting(), "5: 2 1 1 2 1", "about its two");
	aside = latest();
	event = (struct sk_event){.id = aside.id, .set_aside_at = sk_time_now()};
	is_int(sk_store_event_failed(store, &event, &err), 0, "the last one is set aside");
	sk_event_fini(&aside);
	befall(SK_EVENT_NOT_SENT, 2, "stopped");
	is_str(waiting(), "5: 2 1 1 3 1", "what follows joins one that is to be told");
	aside = latest();
	is_int(sk_store_event_acknowledge(store, aside.id, sk_time_now(), &err), 1,
	    "somebody has seen the one that was set aside");
	sk_event_fini(&aside);
	befall(SK_EVENT_UNKNOWN, 0, NULL);
	befall(SK_EVENT_UNKNOWN, 0, NULL);
	is_str(waiting(), "6: 2 1 1 3 1 1", "what befalls one request alone is told alone");
}

/* Whoever is called at night has the text alone. */
static void
test_words(void)
{
	for (int kind = SK_EVENT_NONE + 1; kind < SK_EVENT_KINDS; kind++) {
		const struct sk_event event = {.kind = (enum sk_event_kind)kind, .row = 7};
		char *words = sk_event_words(&event);

		if (sk_event_kind_reach(event.kind) == SK_EVENT_OUTBOX)
			ok(words != NULL && strchr(words, '{') == NULL,
			    "%s: an event of this kind says what it means",
			    sk_event_kind_name(event.kind));
		else
			is_str(words, NULL, "what is only history has no such words");
		free(words);
	}
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_history();
	test_once();
	test_runs();
	test_words();
	sk_store_free(store);
	remove_folder(folder);
	return done_testing();
}
