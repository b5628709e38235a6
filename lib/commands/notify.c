/* SPDX-License-Identifier: MIT */
/*
 * notify: which events are tried, in which order, and what follows from a failure. A failure while
 * nothing gets through is the command's, and changes nothing but a count: the next sweep tries again.
 * A failure while others get through is the event's: it is tried more and more rarely, and set aside
 * after days.
 */
#include "commands/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/time.h"
#include "store/event.h"
#include "store/outbox.h"

#define PATIENCE (60 * SK_SECOND)
#define PATIENCE_AT_STOP (5 * SK_SECOND)
#define AT_ONCE 100000 /* events of one delivery: more are left for the next */

#define PROBES 3            /* tries of one sweep while nothing gets through */
#define LEAST_GAP SK_MINUTE /* before the third try of an event that fails alone … */
#define LARGEST_GAP SK_DAY  /* … and between the last ones */
#define ASIDE_AFTER (3 * SK_DAY)
#define BUSY_FOR_LONG SK_HOUR /* events wait so long while another process delivers */

/* A fact: since when nothing gets through; 0: the last try of a sweep got through. */
#define FAILING "notify_failing_at"

enum taken { TAKEN, NOT_TAKEN, STOPPED, NOT_STARTED };

struct delivering {
	const struct sk_notify *notify;
	struct sk_delivery *delivery;
	struct sk_event *events; /* what waits, in order */
	size_t n;
	enum { UNTRIED, DELIVERED, FAILED } * tried; /* of each */
	int64_t spent;                               /* ms on tries that failed */
	int64_t failing_since;                       /* nothing got through before this sweep; 0 */
};

/* --- the command ------------------------------------------------------------------------------- */

static void
nap(int milliseconds)
{
	struct timespec length = {0, milliseconds * 1000000L};

	nanosleep(&length, NULL);
}

/* What a command is fed with. */
struct meal {
	struct sk_child child;
	const char *rest;
	size_t left;
	int64_t until;
};

/*
 * Writes as much as the pipe takes, for a short while. It is no failure when the command doesn't
 * read.
 */
static void
feed(struct meal *meal)
{
	struct pollfd ready = {.fd = meal->child.fd, .events = POLLOUT};
	ssize_t put;

	if (poll(&ready, 1, 50) <= 0)
		return;
	put = write(meal->child.fd, meal->rest, meal->left);
	if (put > 0) {
		meal->rest += put;
		meal->left -= (size_t)put;
	}
	if (meal->left > 0 && (put >= 0 || errno == EAGAIN || errno == EINTR))
		return;
	sk_child_close(&meal->child);
}

static enum taken
wait_for(struct meal *meal)
{
	int pause = 1;
	bool stopped = false;
	int64_t now;

	while (!sk_child_has_ended(&meal->child)) {
		now = sk_time_monotonic();
		if (sk_stop_asked() && !stopped) {
			stopped = true;
			if (meal->until > now + PATIENCE_AT_STOP)
				meal->until = now + PATIENCE_AT_STOP;
		}
		if (now >= meal->until) {
			sk_child_kill(&meal->child);
			return stopped ? STOPPED : NOT_TAKEN;
		}
		if (meal->child.fd != -1) {
			feed(meal);
			continue;
		}
		nap(pause);
		pause = pause < 50 ? 2 * pause : 50;
	}
	return sk_child_is_well(&meal->child) ? TAKEN : NOT_TAKEN;
}

/* why: how the command ended where it didn't take the text; with NOT_STARTED, why not. */
static enum taken
run_command(const char *command, const char *text, struct sk_error *why)
{
	struct meal meal = {.rest = text, .left = strlen(text)};
	int64_t begun = sk_time_monotonic();
	char words[SK_CHILD_WORDS];
	enum taken taken;

	if (sk_child_start(command, SK_CHILD_READS, &meal.child, why) != 0)
		return NOT_STARTED;
	fcntl(meal.child.fd, F_SETFL, O_NONBLOCK);
	meal.until = begun + PATIENCE;
	taken = wait_for(&meal);
	sk_child_close(&meal.child);
	if (taken == NOT_TAKEN)
		sk_error_set(why, SK_EXIT_TRY_LATER, "%s",
		    sk_time_monotonic() - begun >= PATIENCE ? "it took more than a minute"
							    : sk_child_words(&meal.child, words));
	return taken;
}

/* --- one event --------------------------------------------------------------------------------- */

static void
add_line(struct sk_text *lines, const struct sk_event *event)
{
	json_t *record = sk_event_record(event);
	char *text = sk_json_dump(record);

	sk_text_add_format(lines, "%s\n", text);
	free(text);
	json_decref(record);
}

/* Tries one. 0; -1 the delivery ends: the store fails, no process can be started, or a stop was asked for. */
static int
try(struct delivering *d, size_t i, struct sk_error *err)
{
	struct sk_error why = {0};
	struct sk_text line = {0};
	int64_t begun = sk_time_monotonic();
	enum taken taken;

	add_line(&line, &d->events[i]);
	taken = run_command(d->notify->command, line.bytes, &why);
	sk_text_fini(&line);
	switch (taken) {
	case TAKEN:
		d->tried[i] = DELIVERED;
		d->delivery->delivered++;
		return sk_store_event_delivered(d->notify->store, &d->events[i], sk_time_now(),
		    err);
	case NOT_TAKEN:
		d->tried[i] = FAILED;
		d->spent += sk_time_monotonic() - begun;
		if (d->delivery->failed++ == 0)
			d->delivery->why = why;
		return 0;
	case STOPPED:
		return -1;
	case NOT_STARTED:
		break;
	}
	*err = why;
	return -1;
}

/* --- which ones -------------------------------------------------------------------------------- */

/* A moment further ahead than any gap was left by a clock that was wrong. */
static bool
is_due(const struct sk_event *event, int64_t now)
{
	return event->due_at <= now || event->due_at > now + LARGEST_GAP;
}

/* Of an office, events are delivered in order: what has failed just now holds back what is later. */
static bool
is_held_back(const struct delivering *d, size_t i)
{
	const char *office = d->events[i].office_id != NULL ? d->events[i].office_id : "";

	for (size_t k = 0; k < i; k++)
		if (d->tried[k] == FAILED &&
		    strcmp(office, d->events[k].office_id != NULL ? d->events[k].office_id : "") ==
			0)
			return true;
	return false;
}

/* In order, as long as something gets through. 0, or -1. */
static int
deliver_in_order(struct delivering *d, struct sk_error *err)
{
	for (size_t i = 0; i < d->n && !sk_stop_asked(); i++) {
		if (d->tried[i] != UNTRIED || !is_due(&d->events[i], sk_time_now()) ||
		    is_held_back(d, i))
			continue;
		if (try(d, i, err) != 0)
			return -1;
		if (d->delivery->delivered == 0)
			return 0;
	}
	return 0;
}

/*
 * The next one to try while nothing gets through, n: none. Of other offices, before order has to be
 * broken; and those that were tried least, so that in time each one is.
 */
static size_t
choose_probe(const struct delivering *d, bool in_order)
{
	size_t least = d->n;

	for (size_t i = 0; i < d->n; i++)
		if (d->tried[i] == UNTRIED && is_due(&d->events[i], sk_time_now()) &&
		    !(in_order && is_held_back(d, i)) &&
		    (least == d->n || d->events[i].tries < d->events[least].tries))
			least = i;
	return least;
}

/* The oldest event has failed. Is it this event, or the command? A few others tell. 0, or -1. */
static int
probe(struct delivering *d, struct sk_error *err)
{
	while (d->delivery->delivered == 0 && d->delivery->failed > 0 &&
	    d->delivery->failed < PROBES && d->spent < PATIENCE && !sk_stop_asked()) {
		size_t chosen = choose_probe(d, true);

		if (chosen == d->n)
			chosen = choose_probe(d, false);
		if (chosen == d->n)
			return 0;
		if (try(d, chosen, err) != 0)
			return -1;
	}
	return 0;
}

/* --- what follows ------------------------------------------------------------------------------ */

/* What was set aside, or was to wait, may have failed for what is over now. */
static int
revive(struct delivering *d, struct sk_error *err)
{
	int64_t revived;

	if (d->failing_since == 0 || d->delivery->delivered == 0)
		return 0;
	if (sk_store_events_revive(d->notify->store, &revived, err) != 0)
		return -1;
	for (size_t i = 0; i < d->n; i++)
		if (d->tried[i] == UNTRIED)
			d->events[i].due_at = d->events[i].set_aside_at = 0;
	return 0;
}

static int
set_aside(struct sk_store *store, const struct sk_event *event, struct sk_error *err)
{
	const char *name = sk_event_kind_name(event->kind);
	char *text;
	int result;

	/* An event that reports a set-aside event gets no report itself: that would never end. */
	if (event->kind == SK_EVENT_SET_ASIDE)
		return 0;
	text = sk_mem_printf("event %lld (%s) couldn't be delivered for 3 days, while others were",
	    (long long)event->id, name != NULL ? name : "of a kind not known here");
	result = sk_event_make(store, SK_EVENT_SET_ASIDE, event->office_id, event->row, text, err);
	free(text);
	return result;
}

/* Notes a failure; alone: others got through. In the open transaction. */
static int
note_failure(struct delivering *d, const struct sk_event *event, bool alone, struct sk_error *err)
{
	struct sk_event noted = {.id = event->id};
	int64_t now = sk_time_now(), failing;

	if (!alone)
		return sk_store_event_failed(d->notify->store, &noted, err);
	noted.failing_since =
	    event->failing_since != 0 && event->failing_since <= now ? event->failing_since : now;
	failing = now - noted.failing_since;
	/* After the first failure the next sweep tries; then the gaps grow as the time it has failed. */
	if (event->failing_since != 0)
		noted.due_at = now +
		    (failing < LEAST_GAP            ? LEAST_GAP
			    : failing > LARGEST_GAP ? LARGEST_GAP
						    : failing);
	noted.set_aside_at = event->set_aside_at;
	if (failing >= ASIDE_AFTER && event->set_aside_at == 0) {
		noted.set_aside_at = now;
		d->delivery->set_aside++;
		if (set_aside(d->notify->store, event, err) != 0)
			return -1;
	}
	return sk_store_event_failed(d->notify->store, &noted, err);
}

static int
note_all(struct delivering *d, struct sk_error *err)
{
	struct sk_store *store = d->notify->store;
	bool gets_through = d->delivery->delivered > 0;
	int64_t since = gets_through ? 0 : d->failing_since != 0 ? d->failing_since : sk_time_now();

	for (size_t i = 0; i < d->n; i++)
		if (d->tried[i] == FAILED && note_failure(d, &d->events[i], gets_through, err) != 0)
			return -1;
	if ((gets_through || d->delivery->failed > 0) && since != d->failing_since)
		return sk_store_fact_set(store, FAILING, since, err);
	return 0;
}

/* What became of the tries, in one transaction. */
static int
conclude(struct delivering *d, struct sk_error *err)
{
	if (d->delivery->failed == 0 && (d->delivery->delivered == 0 || d->failing_since == 0))
		return 0;
	if (sk_store_begin(d->notify->store, err) != 0)
		return -1;
	if (note_all(d, err) != 0) {
		sk_store_rollback(d->notify->store);
		return -1;
	}
	return sk_store_commit(d->notify->store, err);
}

/* --- all --------------------------------------------------------------------------------------- */

static int
deliver_each(struct delivering *d, struct sk_error *err)
{
	int result = deliver_in_order(d, err);

	if (result == 0)
		result = probe(d, err);
	if (result == 0)
		result = revive(d, err);
	if (result == 0 && d->delivery->delivered > 0)
		result = deliver_in_order(d, err);
	return result;
}

static int
all_delivered(struct delivering *d, struct sk_error *err)
{
	struct sk_store *store = d->notify->store;
	int result = sk_store_begin(store, err);

	if (result != 0)
		return -1;
	for (size_t i = 0; i < d->n && result == 0; i++)
		result = sk_store_event_delivered(store, &d->events[i], sk_time_now(), err);
	if (result != 0) {
		sk_store_rollback(store);
		return -1;
	}
	d->delivery->delivered = (int64_t)d->n;
	return sk_store_commit(store, err);
}

/* One call takes all of them, also those that were set aside, or none. */
static int
deliver_batch(struct delivering *d, struct sk_error *err)
{
	struct sk_error why = {0};
	struct sk_text lines = {0};
	enum taken taken = STOPPED;

	for (size_t i = 0; i < d->n; i++)
		add_line(&lines, &d->events[i]);
	if (d->n > 0)
		taken = run_command(d->notify->command, lines.bytes, &why);
	sk_text_fini(&lines);
	if (taken == TAKEN)
		return all_delivered(d, err);
	if (taken == NOT_STARTED)
		*err = why;
	if (taken != NOT_TAKEN)
		return taken == NOT_STARTED ? -1 : 0;
	d->delivery->why = why;
	d->delivery->failed = (int64_t)d->n;
	for (size_t i = 0; i < d->n; i++)
		d->tried[i] = FAILED;
	return 0;
}

static int
deliver(struct delivering *d, struct sk_error *err)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	struct sk_error why = {0};

	d->tried = sk_mem_zero(d->n + 1, sizeof(*d->tried));
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, &before);
	(void)(d->notify->batch ? deliver_batch(d, err) : deliver_each(d, err));
	sigaction(SIGPIPE, &before, NULL);
	if (conclude(d, &why) != 0 && err->code == 0)
		*err = why;
	free(d->tried);
	return err->code == 0 ? 0 : -1; /* A stop is no error. */
}

/* What waits, and whether the last delivery failed. 0, or -1. */
static int
read_what_waits(struct delivering *d, struct sk_error *err)
{
	const struct sk_events_wanted wanted = {.most = AT_ONCE};
	struct sk_store *store = d->notify->store;

	if (sk_store_fact_get(store, FAILING, &d->failing_since, err) < 0)
		return -1;
	return sk_store_events_waiting(store, &wanted, &d->events, &d->n, err);
}

static int
deliver_what_waits(const struct sk_notify *notify, struct sk_delivery *delivery,
    struct sk_error *err)
{
	struct delivering d = {.notify = notify, .delivery = delivery};
	int result;

	if (read_what_waits(&d, err) != 0)
		return -1;
	result = deliver(&d, err);
	sk_events_free(d.events, d.n);
	return result;
}

int
sk_notify_foresee(const struct sk_notify *notify, struct sk_event **events, size_t *n,
    struct sk_error *err)
{
	struct delivering d = {.notify = notify};
	int64_t now = sk_time_now();
	size_t n_due = 0;
	bool all;

	if (read_what_waits(&d, err) != 0)
		return -1;
	for (size_t i = 0; i < d.n; i++)
		n_due += is_due(&d.events[i], now);
	all = notify->batch || (d.failing_since != 0 && n_due > 0);
	*n = 0;
	for (size_t i = 0; i < d.n; i++)
		if (all || is_due(&d.events[i], now))
			d.events[(*n)++] = d.events[i];
		else
			sk_event_fini(&d.events[i]);
	*events = d.events;
	return 0;
}

/* Another process delivers. That is well, unless events wait for long. */
static int
leave_it_to_another(const struct sk_notify *notify, struct sk_error *err)
{
	struct sk_outbox outbox;
	long pids[1] = {0};
	char age[SK_TIME_WORDS];
	int64_t waits;

	sk_lock_owners(notify->lock, SK_LOCK_NOTIFY, pids, 1);
	sk_out_verbose("another process (%ld) delivers the events", pids[0]);
	if (sk_store_outbox(notify->store, NULL, 0, &outbox, err) != 0)
		return -1;
	waits = outbox.oldest != 0 ? sk_time_now() - outbox.oldest : 0;
	if (waits < BUSY_FOR_LONG)
		return 0;
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "events have waited for %s while another process (%ld) has the task of delivering "
	    "them: if it stands still, let it go on (kill -CONT) or end it",
	    sk_time_words(waits, age), pids[0]);
}

int
sk_notify(const struct sk_notify *notify, struct sk_delivery *delivery, struct sk_error *err)
{
	int result = 1;

	memset(delivery, 0, sizeof(*delivery));
	if (sk_store_in_transaction(notify->store))
		return sk_error_set(err, SK_EXIT_BUG, "events are delivered inside a transaction");
	if (notify->lock != NULL)
		result = sk_lock_try(notify->lock, SK_LOCK_NOTIFY, 0, err);
	if (result < 0)
		return -1;
	delivery->is_busy = result == 0;
	if (delivery->is_busy)
		return leave_it_to_another(notify, err);
	result = deliver_what_waits(notify, delivery, err);
	if (notify->lock != NULL)
		sk_lock_release(notify->lock, SK_LOCK_NOTIFY, 0);
	return result;
}
