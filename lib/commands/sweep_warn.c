/* SPDX-License-Identifier: MIT */
/*
 * sweep: warns of appointments that come near while their booking isn't completed, and of keys that
 * end. A body without a readable date and time gets no warning.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
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
 * The words for an appointment's start in a warning; NULL: no warning. The practices' time zones are
 * unknown, and a start is read as if it were UTC. So an appointment has surely begun only when it
 * has begun in the zone that is furthest behind.
 */
static const char *
words_of_start(int64_t start, int64_t now)
{
	if (start - now > NEAR || start - now < -SK_TIME_WESTERNMOST)
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
		struct sk_event_once near;
		char *text;

		/* A request that was submitted just now isn't reported yet. */
		if (words == NULL || now - sk_sweep_sent_at(&rows[i]) < 10 * SK_MINUTE)
			continue;
		text = sk_mem_printf("request %lld (%s) is still %s, and its appointment %s",
		    (long long)rows[i].id, rows[i].operation, sk_state_name(rows[i].result), words);
		near = (struct sk_event_once){.kind = SK_EVENT_APPOINTMENT_NEAR,
		    .office_id = rows[i].office_id,
		    .row = rows[i].id,
		    .within = SK_SWEEP_REPEAT,
		    .text = text};
		if (sk_event_make_once(sweep->session->store, &near, err) != 0)
			i = n;
		free(text);
	}
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
	if (office->status != SK_OFFICE_ACTIVE ||
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
