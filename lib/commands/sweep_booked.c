/* SPDX-License-Identifier: MIT */
/*
 * sweep: before a booking is sent again of which nobody saw what became of it: has the patient an
 * appointment at that time? A list that may lack entries can't answer no, nor can one that is older than the
 * request. What is found is told.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "base/wall.h"
#include "store/event.h"
#include "store/measures.h"
#include "store/restored.h"
#include "calls/freshness.h"
#include "calls/pages.h"
#include "life/ledger.h"
#include "commands/sweep_parts.h"

/* What is looked for, and what was found. */
struct wanted {
	struct sk_wall wall;
	json_t *appointment; /* NULL: there is none */
	json_t *unclear;     /* the first one of which nobody can say whether it is at that time */
};

enum booked { BOOKED_ERROR = -1, NOT_BOOKED, BOOKED, BOOKED_UNCLEAR };

/* The text of the first of two members that is there. The caller's. */
static char *
either_member(const json_t *record, const char *name, const char *other)
{
	char *text = sk_json_member_text(record, name);

	return text != NULL ? text : sk_json_member_text(record, other);
}

static int
compare_appointment(void *arg, json_t *record, struct sk_error *err)
{
	struct wanted *wanted = arg;
	char *date = either_member(record, "date", "appointment_date"),
	     *time = either_member(record, "time", "appointment_time");
	const struct sk_wall wall = {date, time};
	enum sk_wall_same same = sk_wall_compare(&wanted->wall, &wall);

	(void)err;
	free(date);
	free(time);
	if (same == SK_WALL_UNCLEAR && wanted->unclear == NULL)
		wanted->unclear = json_incref(record);
	if (same != SK_WALL_SAME)
		return 0;
	wanted->appointment = json_incref(record);
	return 1;
}

/* Whether the list may lack an appointment, or tells two days of one. */
static bool
may_lack(const struct sk_pages *pages)
{
	return pages->is_reloading || pages->list.torn || pages->n_unread > 0 ||
	    (pages->repairs.kinds & 1u << SK_ODD_TWICE) || sk_api_pages_growth(&pages->list) != 0 ||
	    pages->list.seen < pages->list.total;
}

/*
 * appointment: the one that was found, or the one that can't be compared; NULL where there is none; the
 * caller's.
 */
static enum booked
look(struct sk_sweep *sweep, const struct sk_writeback *row, json_t **appointment,
    struct sk_error *err)
{
	json_t *body = sk_writeback_body(row);
	const char *patient = sk_json_string(body, "patient_id");
	struct wanted wanted = {{sk_json_string(body, "date"), sk_json_string(body, "time")}, NULL,
	    NULL};
	const struct sk_api_parameter parameters[] = {{"patient_id", patient},
	    {"startdate", wanted.wall.date}, {"enddate", wanted.wall.date}};
	struct sk_pages pages = {.kind = SK_CALL_READ,
	    .path = "/appointments",
	    .parameters = parameters,
	    .n_parameters = 3,
	    .office_id = row->office_id,
	    .page_size = 500,
	    .record = compare_appointment,
	    .arg = &wanted,
	    .list = {.total = -1}};
	int result = 0;

	if (patient != NULL && wanted.wall.date != NULL && wanted.wall.time != NULL)
		result = sk_pages_read(sweep->pool, &pages, err);
	sk_pages_fini(&pages);
	json_decref(body);
	*appointment = wanted.appointment != NULL ? wanted.appointment : wanted.unclear;
	if (wanted.appointment != NULL)
		json_decref(wanted.unclear);
	if (result != 0)
		return BOOKED_ERROR;
	if (wanted.appointment != NULL)
		return BOOKED;
	return wanted.unclear != NULL || may_lack(&pages) ? BOOKED_UNCLEAR : NOT_BOOKED;
}

bool
sk_sweep_may_be_booked(const struct sk_writeback *row)
{
	return strcmp(row->operation, "book_appointment") == 0 &&
	    (row->not_received_at != 0 || row->resolved_at != 0 || row->only_named);
}

/*
 * Once, since each run with --retry finds it again. clearly: it is at that time; else its date or its time
 * can't be read.
 */
static int
tell_booked(struct sk_sweep *sweep, const struct sk_writeback *row, const json_t *appointment,
    bool clearly, struct sk_error *err)
{
	char *number = sk_json_member_text(appointment, "appointment_sr_no");
	char *text = sk_mem_printf(
	    "request %lld isn't sent again: the patient has an appointment%s, %s%s; if it is this "
	    "request's, there is nothing to do; if it isn't, and both are meant, hand the booking "
	    "in again",
	    (long long)row->id, clearly ? " at that time" : "",
	    number != NULL ? number : "without a number",
	    clearly ? "" : ", whose date or time can't be read, so it may be at that time");
	const struct sk_event_once event = {.kind = SK_EVENT_BOOKED_ALREADY,
	    .office_id = row->office_id,
	    .row = row->id,
	    .within = sk_time_now() - row->completed_at,
	    .text = text};
	int result;

	sk_out_warn("%s", text);
	result = sk_event_make_once(sweep->session->store, &event, err);
	free(text);
	free(number);
	return result;
}

/* What the practice has at that time, as a candidate is shown. The caller's. */
static json_t *
show_appointment(const json_t *appointment)
{
	json_t *candidates = json_array(), *candidate = json_object();
	char *number = sk_json_member_text(appointment, "appointment_sr_no");

	sk_json_set(candidate, "appointment_sr_no", number);
	sk_ledger_json_known(candidate, appointment);
	json_array_append_new(candidates, candidate);
	free(number);
	return candidates;
}

/* --- how old what is read is ---------------------------------------------------------------------- */

/*
 * From when on the practice's data prove something about the row: what was sent has arrived and is carried out by
 * then, if ever. A row of an older copy may have been sent until half an hour before that was put back.
 */
static int
proves_from(struct sk_sweep *sweep, const struct sk_writeback *row, int64_t *from,
    struct sk_error *err)
{
	int64_t restored_at = 0;

	*from = row->submitted_at + 2 * SK_MEASURE_TRAVEL * SK_SECOND;
	if (row->only_named &&
	    sk_store_fact_get(sweep->session->store, SK_RESTORED_AT, &restored_at, err) < 0)
		return -1;
	if (restored_at > *from)
		*from = restored_at;
	return 0;
}

/* What the sweep knows of a practice from now on. The caller's. */
static json_t *
age_known(int64_t from, enum sk_freshness said, const char *date)
{
	bool is_younger = said == SK_FRESH_YOUNGER;

	return json_pack("{s:I, s:I, s:i, s:s}", "younger", (json_int_t)(is_younger ? from : 0),
	    "not", (json_int_t)(is_younger ? INT64_MAX : from), "said", (int)said, "date", date);
}

/*
 * As sk_freshness_since; but what is known isn't asked again: data that are younger than one moment are younger
 * than those before, too.
 */
static enum sk_freshness
ask_age(struct sk_sweep *sweep, const struct sk_writeback *row, char date[SK_FRESHNESS_DATE],
    struct sk_error *err)
{
	const char *practice_id = row->practice_id != NULL ? row->practice_id : "";
	char *name = sk_mem_printf("%s/%s", row->office_id, practice_id);
	enum sk_freshness said = SK_FRESH_ERROR;
	const json_t *known;
	int64_t from;

	if (sweep->ages == NULL)
		sweep->ages = json_object();
	known = json_object_get(sweep->ages, name);
	if (proves_from(sweep, row, &from, err) != 0) {
		/* it stays an error */
	} else if (known != NULL && from <= json_integer_value(json_object_get(known, "younger"))) {
		said = SK_FRESH_YOUNGER;
	} else if (known != NULL && from >= json_integer_value(json_object_get(known, "not"))) {
		said = (enum sk_freshness)json_integer_value(json_object_get(known, "said"));
		snprintf(date, SK_FRESHNESS_DATE, "%s", sk_json_string(known, "date"));
	} else {
		said = sk_freshness_since(sweep->pool, row->office_id, row->practice_id, from, date,
		    err);
		if (said != SK_FRESH_ERROR)
			json_object_set_new(sweep->ages, name, age_known(from, said, date));
	}
	free(name);
	return said;
}

static int
tell_too_old(struct sk_sweep *sweep, const struct sk_writeback *row, enum sk_freshness said,
    const char *date, struct sk_error *err)
{
	char *text = said == SK_FRESH_OLDER
	    ? sk_mem_printf(
		  "request %lld waits: what the server shows of the practice was copied "
		  "at %s (the practice's time or the server's), which isn't surely later than "
		  "the request, so it isn't known whether the patient has the appointment",
		  (long long)row->id, date)
	    : sk_mem_printf(
		  "request %lld waits: the server doesn't say when it copied what it "
		  "shows of the practice%s%s, so it isn't known whether the patient has the "
		  "appointment",
		  (long long)row->id, date[0] != '\0' ? " in a way that can be true: " : "", date);
	const struct sk_event_once event = {.kind = SK_EVENT_DATA_TOO_OLD,
	    .office_id = row->office_id,
	    .row = row->id,
	    .within = sk_time_now() - row->completed_at,
	    .text = text};
	int result;

	sk_out_warn("%s; it is sent once the practice's data were refreshed: sikka-sweep "
		    "--refresh-data %s has that done now",
	    text, row->office_id);
	result = sk_event_make_once(sweep->session->store, &event, err);
	free(text);
	return result;
}

/* What the list of the patient's appointments says. */
static enum sk_unbooked
judge(struct sk_sweep *sweep, const struct sk_writeback *row, struct sk_error *err)
{
	json_t *appointment = NULL;
	char where[40];
	enum booked booked = look(sweep, row, &appointment, err);
	enum sk_unbooked unbooked = booked == BOOKED_ERROR ? SK_UNBOOKED_ERROR
	    : booked == NOT_BOOKED                         ? SK_UNBOOKED_YES
							   : SK_UNBOOKED_NO;

	if (booked != BOOKED_ERROR && appointment != NULL) {
		if (tell_booked(sweep, row, appointment, booked == BOOKED, err) != 0)
			unbooked = SK_UNBOOKED_ERROR;
		sk_sweep_rehearse_left(sweep, row, show_appointment(appointment));
	} else if (booked == BOOKED_UNCLEAR) {
		snprintf(where, sizeof(where), "request %lld", (long long)row->id);
		sk_out_warn_repeated("request", where,
		    " isn't sent again: the practice's data is being reloaded, or the list of its "
		    "appointments isn't whole, so it isn't known whether the patient has an "
		    "appointment at that time");
	}
	json_decref(appointment);
	return unbooked;
}

enum sk_unbooked
sk_sweep_is_unbooked(struct sk_sweep *sweep, const struct sk_writeback *row, bool has_looked,
    struct sk_error *err)
{
	char date[SK_FRESHNESS_DATE] = "";
	/* Before the list is read: the data may be refreshed in between. */
	enum sk_freshness said = has_looked ? SK_FRESH_YOUNGER : ask_age(sweep, row, date, err);
	enum sk_unbooked unbooked =
	    said == SK_FRESH_ERROR ? SK_UNBOOKED_ERROR : judge(sweep, row, err);

	if (unbooked != SK_UNBOOKED_YES || said == SK_FRESH_YOUNGER)
		return unbooked;
	return tell_too_old(sweep, row, said, date, err) == 0 ? SK_UNBOOKED_WAITS
							      : SK_UNBOOKED_ERROR;
}
