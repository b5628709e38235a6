/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/event.h"
#include "store/offices.h"
#include "calls/pages.h"
#include "calls/request_key.h"
#include "life/withdraw.h"
#include "commands/sweep_parts.h"

#define NEAR SK_DAY          /* appointments that begin within */
#define WEST (12 * SK_HOUR)  /* no time zone is further behind UTC */
#define REPEAT (6 * SK_HOUR) /* the same report isn't made again within */

/* --- what is stuck --------------------------------------------------------------------------- */

/* One office's stuck rows. */
struct heap {
	const char *office_id; /* borrowed from the row that began it */
	size_t n;
	int64_t oldest; /* submitted_at */
};

/* What the server says of an office's own server. */
enum alive { ALIVE_UNKNOWN, ALIVE, NOT_ALIVE };

struct heartbeat {
	const char *office_id;
	enum alive alive;
	char seen[40]; /* the server's text: until when its data goes */
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

/* interval in minutes: has the office been alive within? NULL: the server's own 24 hours. */
static int
ask_heartbeat(struct sk_sweep *sweep, const char *interval, struct heartbeat *heartbeat,
    struct sk_error *err)
{
	const struct sk_api_parameter parameters[] = {{"office_id", heartbeat->office_id},
	    {"interval", interval}};
	struct sk_paged_list listing = {.fetch = sk_pages_app,
	    .fetch_arg = &sweep->wire,
	    .path = "/data_sync_status",
	    .parameters = parameters,
	    .n_parameters = interval != NULL ? 2 : 1,
	    .use = SK_RATE_READ,
	    .page_size = 500};
	struct sk_api_pages pages;

	heartbeat->alive = ALIVE_UNKNOWN;
	if (sk_pages_read(&listing, read_heartbeat, heartbeat, &pages, err) != 0)
		return -1;
	if (interval != NULL && heartbeat->alive == ALIVE_UNKNOWN)
		heartbeat->alive = NOT_ALIVE;
	return 0;
}

static int64_t
sent_at(const struct sk_writeback *row)
{
	return row->submitted_at != 0 ? row->submitted_at : row->queued_at;
}

static void
report_heap(struct sk_sweep *sweep, const struct heap *heap)
{
	struct heartbeat heartbeat = {.office_id = heap->office_id};
	struct sk_error err = {0};
	char age[32], *text;
	enum sk_event_kind kind = SK_EVENT_STUCK;

	if (sk_sweep_go_online(sweep) == 0 && ask_heartbeat(sweep, NULL, &heartbeat, &err) != 0)
		sk_sweep_note(sweep, &err);
	if (heartbeat.alive == NOT_ALIVE)
		kind = SK_EVENT_OFFICE_OFFLINE;
	sk_time_words(sk_time_now() - heap->oldest, age);
	text = sk_mem_printf("%s: requests pending: %zu, the oldest for %s; likely cause: %s%s",
	    heap->office_id, heap->n, age,
	    heartbeat.alive == ALIVE
		? "its server is alive, so the requests themselves or the practice's system"
		: heartbeat.alive == NOT_ALIVE
		? "its server hasn't been connected for more than 24 hours, data up to "
		: "unknown, the server couldn't be asked",
	    heartbeat.alive == NOT_ALIVE ? heartbeat.seen : "");
	sk_out_warn("%s", text);
	memset(&err, 0, sizeof(err));
	if (sk_event_make_once(sweep->session->store, kind, heap->office_id, 0, REPEAT, text,
		&err) != 0)
		sk_sweep_note(sweep, &err);
	free(text);
}

static void
report_by_office(struct sk_sweep *sweep, const struct sk_writeback *rows, size_t n)
{
	struct heap *heaps = sk_mem_zero(n + 1, sizeof(*heaps));
	size_t n_heaps = 0;

	for (size_t i = 0; i < n; i++) {
		size_t h = 0;

		while (h < n_heaps && strcmp(heaps[h].office_id, rows[i].office_id) != 0)
			h++;
		if (h == n_heaps)
			heaps[n_heaps++] = (struct heap){rows[i].office_id, 0, sent_at(&rows[i])};
		heaps[h].n++;
		if (sent_at(&rows[i]) < heaps[h].oldest)
			heaps[h].oldest = sent_at(&rows[i]);
	}
	for (size_t h = 0; h < n_heaps && !sk_stop_asked(); h++)
		report_heap(sweep, &heaps[h]);
	free(heaps);
}

/* auto: only where the office's server has been alive since the request was submitted. */
static int
was_alive_since(struct sk_sweep *sweep, const struct sk_writeback *row)
{
	int64_t minutes = (sk_time_now() - sent_at(row)) / SK_MINUTE;
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
	struct sk_error err = {0};

	if (sk_sweep_go_online(sweep) != 0)
		return;
	if (sweep->options->stuck == SK_STUCK_AUTO && !was_alive_since(sweep, row))
		return;
	if (sweep->options->dry_run)
		sk_sweep_would(sweep, "withdraw", row, NULL);
	else if (sk_withdraw(&sweep->wire, row, SK_AGE_WITHDRAWS, &withdrawal, sk_sweep_changed,
		     sweep, &err) != 0)
		sk_sweep_note(sweep, &err);
}

/* Pending ones older than that, in place at the front; returns how many. */
static size_t
keep_older(struct sk_writeback *rows, size_t n, int64_t age)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct sk_writeback swap = rows[i];

		if (sk_time_now() - sent_at(&rows[i]) < age)
			continue;
		rows[i] = rows[kept];
		rows[kept++] = swap;
	}
	return kept;
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
	n_stuck = keep_older(rows, n, age);
	if (!options->dry_run && n_stuck > 0)
		report_by_office(sweep, rows, n_stuck);
	for (size_t i = 0; i < n_stuck && options->stuck != SK_STUCK_REPORT && !sk_stop_asked();
	     i++)
		withdraw_stuck(sweep, &rows[i]);
	sk_writebacks_free(rows, n);
}

/* --- warnings -------------------------------------------------------------------------------- */

/* The moment that a body's date and time mean, as if they were UTC; 0: none. */
static int64_t
start_of(const struct sk_writeback *row)
{
	json_t *body = row->request_body != NULL
	    ? sk_json_parse(row->request_body, strlen(row->request_body), NULL)
	    : NULL;
	const char *date = sk_json_string(body, "date"), *time = sk_json_string(body, "time");
	int64_t start = 0;

	if (date != NULL && time != NULL) {
		char *text = sk_mem_printf("%sT%s:00Z", date, time);

		if (sk_time_parse(text, &start) != 0)
			start = 0;
		free(text);
	}
	json_decref(body);
	return start;
}

/*
 * What a warning says of an appointment's beginning; NULL: it isn't to be warned of. Practices' time
 * zones are unknown: a start is read as if it were UTC, so that an appointment has begun for sure
 * only when it has begun in the zone that is furthest behind.
 */
static const char *
words_of_start(int64_t start, int64_t now)
{
	if (start - now > NEAR || start - now < -WEST)
		return NULL;
	return start > now ? "begins within a day" : "may have begun";
}

static void
warn_of_appointments(struct sk_sweep *sweep, struct sk_error *err)
{
	const struct sk_filter open =
	    sk_sweep_filter(sweep, SK_MASK(SK_PENDING) | SK_MASK(SK_UNKNOWN));
	struct sk_writeback *rows;
	size_t n;

	if (sk_store_writebacks(sweep->session->store, &open, &rows, &n, err) != 0)
		return;
	for (size_t i = 0; i < n; i++) {
		int64_t start = start_of(&rows[i]), now = sk_time_now();
		const char *words = start != 0 ? words_of_start(start, now) : NULL;
		char *text;

		/* What was submitted just now has its minute. */
		if (words == NULL || now - sent_at(&rows[i]) < 10 * SK_MINUTE)
			continue;
		text = sk_mem_printf("request %lld (%s) is still %s, and its appointment %s",
		    (long long)rows[i].id, rows[i].operation, sk_state_name(rows[i].result), words);
		if (sk_event_make_once(sweep->session->store, SK_EVENT_APPOINTMENT_NEAR,
			rows[i].office_id, rows[i].id, REPEAT, text, err) != 0)
			i = n;
		free(text);
	}
	sk_writebacks_free(rows, n);
}

static int
warn_of_key(struct sk_sweep *sweep, const struct sk_office *office, struct sk_error *err)
{
	struct sk_store *store = sweep->session->store;
	char left[32], *text;
	int result;

	if (office->status == SK_OFFICE_REAUTHORIZE)
		return sk_event_make_once(store, SK_EVENT_REAUTHORIZE, office->office_id, 0, SK_DAY,
		    "the practice must authorize the application again", err);
	if (office->status != SK_OFFICE_ACTIVE ||
	    office->token_expiry - sk_time_now() > SK_TOKEN_WITHIN)
		return 0;
	sk_time_words(
	    office->token_expiry > sk_time_now() ? office->token_expiry - sk_time_now() : 0, left);
	text = sk_mem_printf("the request key has %s left%s%s; sikka-token refresh renews it", left,
	    office->last_error != NULL ? ", the last renewal failed: " : "",
	    office->last_error != NULL ? office->last_error : "");
	result =
	    sk_event_make_once(store, SK_EVENT_KEY_ENDING, office->office_id, 0, REPEAT, text, err);
	free(text);
	return result;
}

void
sk_sweep_warn(struct sk_sweep *sweep)
{
	struct sk_office *offices;
	struct sk_error err = {0};
	size_t n;

	warn_of_appointments(sweep, &err);
	if (err.code == 0 && sk_store_offices(sweep->session->store, &offices, &n, &err) == 0) {
		for (size_t i = 0; i < n && warn_of_key(sweep, &offices[i], &err) == 0; i++)
			;
		sk_offices_free(offices, n);
	}
	sk_sweep_note(sweep, &err);
}
