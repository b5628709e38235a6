/* SPDX-License-Identifier: MIT */
/*
 * sweep: warns of appointments that come near while their booking isn't completed, and of keys that
 * end. A body without a readable date and time gets no warning.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/wall.h"
#include "base/zone.h"
#include "store/event.h"
#include "store/offices.h"
#include "calls/request_key.h"
#include "commands/sweep_parts.h"

#define NEAR SK_DAY /* appointments that begin within this time */

/* The start of the appointment in a body, read as if it were UTC; 0: none. */
static int64_t
start_of(const struct sk_writeback *row)
{
	json_t *body = sk_writeback_body(row);
	const struct sk_wall wall = {sk_json_string(body, "date"), sk_json_string(body, "time")};
	int64_t start = wall.date != NULL && wall.time != NULL ? sk_wall_moment(&wall) : 0;

	json_decref(body);
	return start;
}

/* A warning of an appointment. */
struct warning {
	const char *words; /* NULL: none */
	int64_t within;    /* it isn't repeated so soon */
};

/*
 * A start is read as if it were UTC. Where the practice's time zone isn't known, an appointment may begin as early
 * as in the zone that is furthest ahead, and has surely begun only when it has begun in the zone that is furthest
 * behind; where it is known, summer time leaves an hour open. From then on nothing changes, so that is told once.
 */
static struct warning
warning_of(int64_t start, struct sk_zone zone, int64_t now)
{
	int64_t first = sk_zone_earliest(zone, start), last = sk_zone_latest(zone, start);

	if (first - now > NEAR)
		return (struct warning){NULL, 0};
	if (last - now > NEAR)
		return (struct warning){"may begin within a day", SK_SWEEP_REPEAT};
	if (first > now)
		return (struct warning){"begins within a day", SK_SWEEP_REPEAT};
	if (!zone.is_known && start > now)
		return (struct warning){"begins within a day, or has begun", SK_SWEEP_REPEAT};
	if (last > now)
		return (struct warning){"may have begun", SK_SWEEP_REPEAT};
	return (struct warning){"has passed", now - last};
}

/* The practices, for their zones. */
struct places {
	struct sk_practice *practices;
	size_t n;
};

static int
warn_of_appointment(struct sk_sweep *sweep, const struct sk_writeback *row,
    const struct places *places, struct sk_error *err)
{
	int64_t start = start_of(row), now = sk_time_now();
	struct sk_zone zone =
	    sk_practices_zone(places->practices, places->n, row->office_id, row->practice_id);
	struct warning warning =
	    start != 0 ? warning_of(start, zone, now) : (struct warning){NULL, 0};
	struct sk_event_once near;
	char *text;
	int result;

	/* A request that was submitted just now isn't reported yet. */
	if (warning.words == NULL || now - sk_sweep_sent_at(row) < 10 * SK_MINUTE)
		return 0;
	text = sk_mem_printf("request %lld (%s) is still %s, and its appointment %s",
	    (long long)row->id, row->operation, sk_state_name(row->result), warning.words);
	near = (struct sk_event_once){.kind = SK_EVENT_APPOINTMENT_NEAR,
	    .office_id = row->office_id,
	    .row = row->id,
	    .within = warning.within,
	    .text = text};
	result = sk_event_make_once(sweep->session->store, &near, err);
	free(text);
	return result;
}

static void
warn_of_appointments(struct sk_sweep *sweep, struct sk_error *err)
{
	const struct sk_filter open =
	    sk_sweep_filter(sweep, SK_MASK(SK_PENDING) | SK_MASK(SK_UNKNOWN));
	struct places places = {0};
	struct sk_writeback *rows;
	size_t n;

	if (sk_store_writebacks(sweep->session->store, &open, &rows, &n, err) != 0)
		return;
	if (n > 0 &&
	    sk_store_practices(sweep->session->store, NULL, &places.practices, &places.n, err) == 0)
		for (size_t i = 0; i < n && warn_of_appointment(sweep, &rows[i], &places, err) == 0;
		     i++)
			;
	sk_practices_free(places.practices, places.n);
	sk_writebacks_free(rows, n);
}

static int
warn_of_key(struct sk_sweep *sweep, const struct sk_office *office, struct sk_error *err)
{
	struct sk_store *store = sweep->session->store;
	const struct sk_event_once reauthorize = {.kind = SK_EVENT_REAUTHORIZE,
	    .office_id = office->office_id,
	    .within = SK_DAY,
	    .text = "the practice must authorize the application again"};
	struct sk_event_once ending = {.kind = SK_EVENT_KEY_ENDING,
	    .office_id = office->office_id,
	    .within = SK_SWEEP_REPEAT};
	char left[SK_TIME_WORDS], *text;
	int result;

	if (office->status == SK_OFFICE_REAUTHORIZE)
		return sk_event_make_once(store, &reauthorize, err);
	if ((office->status != SK_OFFICE_ACTIVE && office->status != SK_OFFICE_SUSPECT) ||
	    office->token_expiry - sk_time_now() > SK_KEY_WITHIN)
		return 0;
	sk_time_words(
	    office->token_expiry > sk_time_now() ? office->token_expiry - sk_time_now() : 0, left);
	text = sk_mem_printf("the request key has %s left%s%s; sikka-token refresh renews it", left,
	    office->last_error != NULL ? ", the last renewal failed: " : "",
	    office->last_error != NULL ? office->last_error : "");
	ending.text = text;
	result = sk_event_make_once(store, &ending, err);
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
