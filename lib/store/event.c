/* SPDX-License-Identifier: MIT */
/*
 * event: makes events and delivers the outbox to a command. A delivery that fails is counted and
 * tried again later; after 10 tries the event is set aside, which is an event itself.
 */
#include "store/event.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/time.h"

#define MOST_TRIES 10
#define PATIENCE (60 * SK_SECOND)
#define PATIENCE_AT_STOP (5 * SK_SECOND)
#define AT_ONCE 100000 /* events of one delivery: more are left for the next */

int
sk_event_make(struct sk_store *store, enum sk_event_kind kind, const char *office_id, int64_t row,
    const char *text, struct sk_error *err)
{
	struct sk_event event = {0};
	int result;

	if (sk_event_kind_name(kind) == NULL)
		return sk_error_set(err, SK_EXIT_BUG, "an event of no kind (%d)", (int)kind);
	event.kind = kind;
	event.office_id = sk_mem_copy(office_id);
	event.row = row;
	event.text = sk_mem_copy(text);
	event.outbox = sk_event_kind_reach(kind) == SK_EVENT_OUTBOX;
	result = sk_store_event_add(store, &event, err);
	sk_event_fini(&event);
	return result;
}

/* 1, 0, -1. */
static int
was_made(struct sk_store *store, const struct sk_event_once *event, int64_t since,
    struct sk_error *err)
{
	return sk_store_event_made(store, event->kind, event->office_id, event->row, since, err);
}

int
sk_event_make_once(struct sk_store *store, const struct sk_event_once *event, struct sk_error *err)
{
	int64_t since = sk_time_now() - event->within;
	int own = !sk_store_in_transaction(store);
	int made = was_made(store, event, since, err);

	if (made != 0)
		return made < 0 ? -1 : 0;
	if (own && sk_store_begin(store, err) != 0)
		return -1;
	/*
	 * Asked again inside the transaction: another process may have made the event in between.
	 */
	made = own ? was_made(store, event, since, err) : 0;
	if (made == 0)
		made = sk_event_make(store, event->kind, event->office_id, event->row, event->text,
		    err);
	if (!own)
		return made;
	if (made < 0) {
		sk_store_rollback(store);
		return -1;
	}
	return sk_store_commit(store, err);
}

json_t *
sk_event_record(const struct sk_event *event)
{
	json_t *record = json_object();
	char at[SK_TIME_TEXT];
	char *id;

	id = sk_mem_printf("%lld", (long long)event->id);
	sk_json_set(record, "event_id", id);
	free(id);
	sk_json_set(record, "at", sk_time_format(event->at, at));
	sk_json_set(record, "event", sk_event_kind_name(event->kind));
	sk_json_set(record, "office_id", event->office_id);
	id = event->row != 0 ? sk_mem_printf("%lld", (long long)event->row) : NULL;
	sk_json_set(record, "id", id);
	free(id);
	sk_json_set(record, "text", event->text);
	id = event->run != 0 ? sk_mem_printf("%lld", (long long)event->run) : NULL;
	sk_json_set(record, "run", id);
	free(id);
	return record;
}

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

/*
 * Returns 1 when the command took the event, 0 when it failed, -1 when a stop was asked for before
 * the command ended.
 */
static int
wait_for(struct meal *meal)
{
	int pause = 1, stopped = 0;
	int64_t now;

	while (!sk_child_has_ended(&meal->child)) {
		now = sk_time_monotonic();
		if (sk_stop_asked() && !stopped) {
			stopped = 1;
			if (meal->until > now + PATIENCE_AT_STOP)
				meal->until = now + PATIENCE_AT_STOP;
		}
		if (now >= meal->until) {
			sk_child_kill(&meal->child);
			return stopped ? -1 : 0;
		}
		if (meal->child.fd != -1) {
			feed(meal);
			continue;
		}
		nap(pause);
		pause = pause < 50 ? 2 * pause : 50;
	}
	return sk_child_is_well(&meal->child);
}

/* As wait_for; -2 with err when no process could be started. */
static int
run_command(const char *command, const char *line, struct sk_error *err)
{
	struct meal meal = {.rest = line, .left = strlen(line)};
	int result;

	if (sk_child_start(command, SK_CHILD_READS, &meal.child, err) != 0)
		return -2;
	fcntl(meal.child.fd, F_SETFL, O_NONBLOCK);
	meal.until = sk_time_monotonic() + PATIENCE;
	result = wait_for(&meal);
	sk_child_close(&meal.child);
	return result;
}

/* As run_command. */
static int
hand_over(const struct sk_event *event, const char *command, struct sk_error *err)
{
	json_t *record = sk_event_record(event);
	char *text = sk_json_dump(record);
	char *line = sk_mem_printf("%s\n", text);
	int result = run_command(command, line, err);

	free(line);
	free(text);
	json_decref(record);
	return result;
}

/*
 * Counts a failed try. When the event is set aside, the event that reports this is written in the
 * same transaction. 1 set aside, 0 it isn't, -1 error.
 */
static int
note_failure(struct sk_store *store, const struct sk_event *event, struct sk_delivery *delivery,
    struct sk_error *err)
{
	const char *name = sk_event_kind_name(event->kind);
	char *text;
	int set_aside;

	if (sk_store_begin(store, err) != 0)
		return -1;
	set_aside = sk_store_event_failed(store, event->id, MOST_TRIES, sk_time_now(), err);
	/* An event that reports a set-aside event gets no report itself: that would never end. */
	if (set_aside == 1 && event->kind != SK_EVENT_SET_ASIDE) {
		text = sk_mem_printf("event %lld (%s) could not be delivered in %d tries",
		    (long long)event->id, name != NULL ? name : "of a kind not known here",
		    MOST_TRIES);
		if (sk_event_make(store, SK_EVENT_SET_ASIDE, event->office_id, event->row, text,
			err) != 0)
			set_aside = -1;
		free(text);
	}
	if (set_aside < 0) {
		sk_store_rollback(store);
		return -1;
	}
	if (sk_store_commit(store, err) != 0)
		return -1;
	if (set_aside)
		delivery->set_aside++;
	else
		delivery->failed++;
	return set_aside;
}

static bool
is_held_back(const char *const *offices, size_t n, const char *office_id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(offices[i], office_id) == 0)
			return true;
	return false;
}

static int
deliver_all(struct sk_store *store, const char *command, const struct sk_event *events, size_t n,
    struct sk_delivery *delivery, struct sk_error *err)
{
	const char **held = sk_mem_zero(n + 1, sizeof(*held));
	size_t n_held = 0;
	int result = 0;

	for (size_t i = 0; i < n && result == 0 && !sk_stop_asked(); i++) {
		const char *office = events[i].office_id != NULL ? events[i].office_id : "";
		int taken;

		if (is_held_back(held, n_held, office))
			continue;
		taken = hand_over(&events[i], command, err);
		if (taken == -2) {
			result = -1;
		} else if (taken == 1) {
			result = sk_store_event_delivered(store, events[i].id, sk_time_now(), err);
			delivery->delivered += result == 0;
		} else if (taken == 0) {
			int set_aside = note_failure(store, &events[i], delivery, err);

			if (set_aside < 0)
				result = -1;
			else if (set_aside == 0)
				held[n_held++] = office;
		}
	}
	free(held);
	return result;
}

int
sk_event_deliver(struct sk_store *store, const char *command, struct sk_delivery *delivery,
    struct sk_error *err)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	struct sk_event *events;
	size_t n;
	int result;

	memset(delivery, 0, sizeof(*delivery));
	if (store == NULL)
		return 0;
	if (sk_store_in_transaction(store))
		return sk_error_set(err, SK_EXIT_BUG, "events are delivered inside a transaction");
	if (sk_store_events_due(store, AT_ONCE, &events, &n, err) != 0)
		return -1;
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, &before);
	result = deliver_all(store, command, events, n, delivery, err);
	sigaction(SIGPIPE, &before, NULL);
	sk_events_free(events, n);
	return result;
}
