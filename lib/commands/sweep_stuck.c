/* SPDX-License-Identifier: MIT */
/*
 * sweep: reports what is stuck, and withdraws it where --stuck-after says so. An office of whose
 * server nothing is known counts as not alive, so that nothing is withdrawn on a guess.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/event.h"
#include "calls/freshness.h"
#include "life/withdraw.h"
#include "commands/sweep_parts.h"

/* The stuck rows of one office. */
struct pile {
	const char *office_id; /* borrowed from the first of the rows */
	size_t n;
	int64_t oldest; /* submitted_at */
};

/* What the server says about the office's own server. */
enum alive { ALIVE_UNKNOWN, ALIVE, NOT_ALIVE };

struct heartbeat {
	const char *office_id;
	enum alive alive;
	char seen[40]; /* the server's text: how far the office's data reach */
};

static int
read_heartbeat(void *arg, json_t *record, struct sk_error *err)
{
	struct heartbeat *heartbeat = arg;
	const char *office = sk_json_string(record, "office_id"),
		   *status = sk_json_string(record, "status");
	const char *seen = sk_json_string(record, "data_insert_date");

	(void)err;
	if (office == NULL || status == NULL || strcmp(office, heartbeat->office_id) != 0)
		return 0;
	if (strcmp(status, "refresh") == 0)
		heartbeat->alive = ALIVE;
	else if (heartbeat->alive == ALIVE_UNKNOWN)
		heartbeat->alive = NOT_ALIVE;
	if (seen != NULL)
		strncpy(heartbeat->seen, seen, sizeof(heartbeat->seen) - 1);
	return 0;
}

/*
 * Asks whether the office's server was alive within interval minutes; NULL: the server's own 24
 * hours.
 */
static int
ask_heartbeat(struct sk_sweep *sweep, const char *interval, struct heartbeat *heartbeat,
    struct sk_error *err)
{
	struct sk_sync_question question = {.office_id = heartbeat->office_id,
	    .interval = interval,
	    .record = read_heartbeat,
	    .arg = heartbeat};
	int result;

	heartbeat->alive = ALIVE_UNKNOWN;
	result = sk_freshness_ask(sweep->pool, &question, err);
	if (result != 0)
		return -1;
	/* read_heartbeat(), which has been called with it meanwhile, isn't seen by cppcheck. */
	/* cppcheck-suppress knownConditionTrueFalse */
	if (interval != NULL && !question.is_torn && heartbeat->alive == ALIVE_UNKNOWN)
		heartbeat->alive = NOT_ALIVE;
	return 0;
}

static void
report_pile(struct sk_sweep *sweep, const struct pile *pile)
{
	struct heartbeat heartbeat = {.office_id = pile->office_id};
	struct sk_error err = {0};
	struct sk_event_once event = {.kind = SK_EVENT_STUCK,
	    .office_id = pile->office_id,
	    .within = SK_SWEEP_REPEAT};
	char age[SK_TIME_WORDS], *text;

	if (sk_sweep_go_online(sweep) == 0 && ask_heartbeat(sweep, NULL, &heartbeat, &err) != 0)
		sk_sweep_note(sweep, &err);
	if (heartbeat.alive == NOT_ALIVE)
		event.kind = SK_EVENT_OFFICE_OFFLINE;
	sk_time_words(sk_time_now() - pile->oldest, age);
	text = sk_mem_printf("%s: requests pending: %zu, the oldest for %s; likely cause: %s%s",
	    pile->office_id, pile->n, age,
	    heartbeat.alive == ALIVE
		? "the requests themselves or the practice's system, because its server is online"
		: heartbeat.alive == NOT_ALIVE
		? "its server hasn't been connected for more than 24 hours; its last data is from "
		: "unknown, because the server couldn't be asked",
	    heartbeat.alive == NOT_ALIVE ? heartbeat.seen : "");
	sk_out_warn("%s%s%s", text,
	    heartbeat.alive == ALIVE
		? "; its server can be told to work: sikka-sweep --refresh-data "
		: "",
	    heartbeat.alive == ALIVE ? pile->office_id : "");
	memset(&err, 0, sizeof(err));
	event.text = text;
	if (sk_event_make_once(sweep->session->store, &event, &err) != 0)
		sk_sweep_note(sweep, &err);
	free(text);
}

static void
report_by_office(struct sk_sweep *sweep, const struct sk_writeback *rows, size_t n)
{
	struct pile *piles = sk_mem_zero(n + 1, sizeof(*piles));
	size_t n_piles = 0;

	for (size_t i = 0; i < n; i++) {
		size_t h = 0;

		while (h < n_piles && strcmp(piles[h].office_id, rows[i].office_id) != 0)
			h++;
		if (h == n_piles)
			piles[n_piles++] =
			    (struct pile){rows[i].office_id, 0, sk_sweep_sent_at(&rows[i])};
		piles[h].n++;
		if (sk_sweep_sent_at(&rows[i]) < piles[h].oldest)
			piles[h].oldest = sk_sweep_sent_at(&rows[i]);
	}
	for (size_t h = 0; h < n_piles && !sk_stop_asked(); h++)
		report_pile(sweep, &piles[h]);
	free(piles);
}

/* For auto: whether the office's server has been alive since the request was submitted. */
static bool
was_alive_since(struct sk_sweep *sweep, const struct sk_writeback *row)
{
	int64_t minutes = (sk_time_now() - sk_sweep_sent_at(row)) / SK_MINUTE;
	char *interval = sk_mem_printf("%lld", (long long)(minutes > 1 ? minutes - 1 : 1));
	struct heartbeat heartbeat = {.office_id = row->office_id};
	struct sk_error err = {0};

	if (ask_heartbeat(sweep, interval, &heartbeat, &err) != 0)
		sk_sweep_note(sweep, &err);
	free(interval);
	return heartbeat.alive == ALIVE;
}

static void
withdraw_stuck(struct sk_sweep *sweep, struct sk_writeback *row)
{
	enum sk_withdrawal withdrawal;
	struct sk_check check;
	struct sk_error err = {0};

	if (!sk_withdraw_may_by_age(row)) {
		sk_out_verbose(
		    "request %lld isn't withdrawn by its age: its id wasn't in an answer to "
		    "it",
		    (long long)row->id);
		return;
	}
	if (sk_sweep_is_paused(sweep, row->office_id)) {
		sk_out_verbose("request %lld isn't withdrawn by its age: its office is paused",
		    (long long)row->id);
		return;
	}
	if (sk_sweep_go_online(sweep) != 0)
		return;
	check = sk_sweep_check(sweep);
	if (sweep->options->stuck == SK_STUCK_AUTO && !was_alive_since(sweep, row))
		return;
	if (sk_withdraw(&check, row, SK_AGE_WITHDRAWS, &withdrawal, &err) != 0)
		sk_sweep_note(sweep, &err);
}

/* arg: the age, ms. */
static bool
is_older(const struct sk_writeback *row, size_t at, const void *arg)
{
	const int64_t *age = arg;

	(void)at;
	return sk_time_now() - sk_sweep_sent_at(row) >= *age;
}

void
sk_sweep_stuck(struct sk_sweep *sweep)
{
	const struct sk_filter pending = sk_sweep_filter(sweep, SK_MASK(SK_PENDING));
	const struct sk_sweep_options *options = sweep->options;
	int64_t age =
	    options->stuck == SK_STUCK_BY_AGE ? options->stuck_after : SK_SWEEP_REPORT_AFTER;
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n, n_stuck;

	if (sk_store_writebacks(sweep->session->store, &pending, &rows, &n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	n_stuck = sk_writebacks_partition(rows, n, is_older, &age);
	if (n_stuck > 0)
		report_by_office(sweep, rows, n_stuck);
	sk_progress_begin("requests", "withdrawing what is stuck");
	for (size_t i = 0; i < n_stuck && options->stuck != SK_STUCK_REPORT && !sk_stop_asked();
	     i++) {
		sk_progress_count(i, n_stuck);
		withdraw_stuck(sweep, &rows[i]);
	}
	sk_progress_end();
	sk_writebacks_free(rows, n);
}
