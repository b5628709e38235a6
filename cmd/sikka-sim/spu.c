/* SPDX-License-Identifier: MIT */
/*
 * The Sikka Platform Utilities: one queue for all offices. Each request in it has the time at which
 * its practice's server will have carried it out. Nothing runs in the background: before a request
 * is handled, everything that has become due is carried out, in order of its time. That can't be
 * noticed from outside, and lets a test move the clock.
 */
#include "spu.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "copies.h"
#include "events.h"
#include "fields.h"
#include "queue.h"
#include "strict.h"
#include "writebacks.h"

void
spu_set_text(char **field, const char *value)
{
	char *copy = x_dup(value);

	free(*field);
	*field = copy;
}

int64_t
spu_delay(struct sim *sim)
{
	uint64_t span = (uint64_t)(sim->set.delay_max - sim->set.delay_min) + 1;

	return sim->set.delay_min + (int64_t)(random_next(&sim->random_delays) % span);
}

static void
schedule(struct sim *sim, struct writeback *w, bool online)
{
	w->due = online ? state_now(sim) + spu_delay(sim) : NEVER;
}

void
spu_enqueue(struct sim *sim, size_t index)
{
	struct writeback *w = &sim->writebacks[index];

	schedule(sim, w, sim->offices[w->office].online);
	queue_add(sim, index);
}

void
spu_switch(struct sim *sim, int office, bool online)
{
	if (sim->offices[office].online == online)
		return;
	if (!online)
		sim->offices[office].last_seen = state_now(sim);
	sim->offices[office].online = online;
	copies_switch(sim, office, online);
	for (size_t i = 0; i < sim->queue_count; i++)
		if (sim->writebacks[sim->queue[i]].office == office)
			schedule(sim, &sim->writebacks[sim->queue[i]], online);
	queue_order(sim);
}

/* The index of the record that has this value in this member, -1 if there is none: from there down, then from there up. */
static long
search(json_t *records, const char *name, const char *value, long from)
{
	long size = (long)json_array_size(records);

	for (long i = from; i >= 0; i--)
		if (strcmp(json_text(json_array_get(records, (size_t)i), name), value) == 0)
			return i;
	for (long i = from + 1; i < size; i++)
		if (strcmp(json_text(json_array_get(records, (size_t)i), name), value) == 0)
			return i;
	return -1;
}

/*
 * The index of the record of a number, -1 if there is none. Numbers are given out in the order of
 * the records, from 1 on: so the number shows the index, less the records before it that were
 * deleted, and thousands of bookings need no search.
 */
static long
index_of(json_t *records, const char *name, const char *value)
{
	long i, size = (long)json_array_size(records);

	if (!number_parse(value, 1, LONG_MAX, &i))
		return -1;
	return search(records, name, value, i <= size ? i - 1 : size - 1);
}

static json_t *
find(json_t *records, const char *name, const char *value)
{
	long i = index_of(records, name, value);

	return i >= 0 ? json_array_get(records, (size_t)i) : NULL;
}

static char *
place_of(const json_t *appointment)
{
	return x_printf("%s|%s|%s|%s", json_text(appointment, "practice_id"),
	    json_text(appointment, "operatory"), json_text(appointment, "date"),
	    json_text(appointment, "time"));
}

/*
 * Counts so many appointments more (or fewer) at this one's time and operatory; a cancelled one
 * counts as none.
 */
static void
occupy(struct office *office, const json_t *appointment, int more)
{
	char *place = place_of(appointment);
	json_int_t n = json_integer_value(json_object_get(office->places, place));

	if (strcasecmp(json_text(appointment, "status"), "Cancelled") != 0)
		json_object_set_new(office->places, place, json_integer(n + more));
	free(place);
}

static bool
taken(struct sim *sim, int office, const json_t *appointment)
{
	char *place = place_of(appointment);
	bool yes = json_integer_value(json_object_get(sim->offices[office].places, place)) > 0;

	free(place);
	return yes || (sim->set.strict && strict_overlaps(sim, office, appointment));
}

void
spu_occupy_all(struct sim *sim, int office)
{
	json_t *record;
	size_t i;

	json_array_foreach(state_records(sim, office, "appointments"), i, record)
	    occupy(&sim->offices[office], record, 1);
}

static bool
same(const json_t *a, const json_t *b, const char *name)
{
	return strcmp(json_text(a, name), json_text(b, name)) == 0;
}

static void
close_slot(struct sim *sim, int office, const json_t *appointment)
{
	json_t *slots = state_records(sim, office, "appointments_available_slots"), *slot;
	size_t i;

	json_array_foreach(slots, i, slot) if (same(slot, appointment, "time") &&
	    same(slot, appointment, "date") && same(slot, appointment, "operatory") &&
	    same(slot, appointment, "practice_id"))
	{
		json_array_remove(slots, i);
		return;
	}
}

/* Whether it is one of the practice's own words for an appointment's status. */
static bool
known_status(struct sim *sim, const struct writeback *w, const char *value)
{
	json_t *words = state_records(sim, w->office, "practice_variables"), *word;
	size_t i;

	json_array_foreach(words, i,
	    word) if (strcmp(json_text(word, "practice_id"), w->practice->id) == 0 &&
	    strcmp(json_text(word, "service_name"), "Appointment Status") == 0 &&
	    strcasecmp(json_text(word, "value"), value) == 0) return true;
	return false;
}

/* The record counts as loaded now; before: as it was (taken), NULL: it is new. */
static void
touch(struct sim *sim, int office, const char *resource, json_t *before, json_t *record)
{
	char when[TIME_TEXT];

	time_text(when, state_now(sim), 'T');
	json_put(record, "loaded_date", when);
	events_note(sim, office, resource, before, record);
	json_decref(before);
}

bool
spu_delete(struct sim *sim, int office, const char *resource, const char *number)
{
	bool is_appointment = strcmp(resource, "appointments") == 0;
	json_t *records = state_records(sim, office, resource), *record;
	long i = index_of(records, is_appointment ? "appointment_sr_no" : "patient_id", number);

	if (i < 0)
		return false;
	record = json_array_get(records, (size_t)i);
	events_note(sim, office, resource, record, NULL);
	if (is_appointment)
		occupy(&sim->offices[office], record, -1);
	json_array_remove(records, (size_t)i);
	sim->changes++;
	return true;
}

const char *
spu_number(const char *resource)
{
	if (strcmp(resource, "patients") == 0)
		return "patient_id";
	return strcmp(resource, "appointments") == 0 ? "appointment_sr_no" : NULL;
}

/* A copy of the record with its number in front, as the server tells it. */
static json_t *
numbered(struct office *office, const char *name, const json_t *record)
{
	long *next = strcmp(name, "patient_id") == 0 ? &office->next_patient
						     : &office->next_appointment,
	     n = 0;
	json_t *copy = json_object();

	json_put(copy, name, json_text(record, name));
	if (!number_parse(json_text(record, name), 1, LONG_MAX - 1, &n)) {
		n = *next;
		json_putf(copy, name, "%ld", n);
	}
	if (n >= *next)
		*next = n + 1;
	json_object_update_missing(copy, (json_t *)(uintptr_t)record);
	return copy;
}

void
spu_put(struct sim *sim, int office, const char *resource, const json_t *record, const char *by)
{
	json_t *records = state_records(sim, office, resource), *before = NULL, *new;
	const char *number = spu_number(resource);
	bool is_appointment = strcmp(resource, "appointments") == 0;
	long i;

	new = number != NULL ? numbered(&sim->offices[office], number, record)
			     : json_deep_copy(record);
	by = by != NULL ? by : number;
	i = by != NULL ? search(records, by, json_text(new, by), (long)json_array_size(records) - 1)
		       : -1;
	if (i >= 0)
		before = json_incref(json_array_get(records, (size_t)i));
	if (is_appointment && before != NULL)
		occupy(&sim->offices[office], before, -1);
	touch(sim, office, resource, before, new);
	if (is_appointment) {
		occupy(&sim->offices[office], new, 1);
		close_slot(sim, office, new);
	}
	if (i >= 0)
		json_array_set_new(records, (size_t)i, new);
	else
		json_array_append_new(records, new);
	sim->changes++;
}

void
spu_empty(struct sim *sim, int office, const char *resource)
{
	json_t *records = state_records(sim, office, resource), *record;
	size_t i;

	json_array_foreach(records, i, record)
	{
		events_note(sim, office, resource, record, NULL);
		if (strcmp(resource, "appointments") == 0)
			occupy(&sim->offices[office], record, -1);
	}
	json_array_clear(records);
	sim->changes++;
}

static void
copy_fields(json_t *record, json_t *body)
{
	static const char not_data[] = "check_spu,op,path,request_key";
	const char *name;
	json_t *value;

	json_object_foreach(body, name, value) if (!list_has(not_data, name))
	    json_object_set(record, name, value);
}

/* Each of these functions returns the PMS's objection, or NULL. */

static const char *
book(struct sim *sim, struct writeback *w)
{
	json_t *appointments = state_records(sim, w->office, "appointments"), *record;
	struct office *office = &sim->offices[w->office];
	const char *patient = json_text(w->body, "patient_id");
	const char *wanted = json_text(w->body, "status");
	char *number;

	if (*patient && !find(state_records(sim, w->office, "patients"), "patient_id", patient))
		return "Patient not found";
	if (*wanted && !known_status(sim, w, wanted))
		return "Appointment status not found";
	if (taken(sim, w->office, w->body))
		return "appointment already scheduled";
	record = json_object();
	number = x_printf("%ld", office->next_appointment++);
	json_put(record, "appointment_sr_no", number);
	json_put(record, "status", "Scheduled");
	copy_fields(record, w->body);
	json_put(record, "appointment_sr_no", number);
	touch(sim, w->office, "appointments", NULL, record);
	json_array_append_new(appointments, record);
	occupy(office, record, 1);
	close_slot(sim, w->office, record);
	spu_set_text(&w->created_id, number);
	spu_set_text(&w->appointment_sr_no, number);
	spu_set_text(&w->patient_id, patient);
	free(number);
	return NULL;
}

static const char *
move(struct sim *sim, struct writeback *w)
{
	struct office *office = &sim->offices[w->office];
	json_t *record =
	    find(state_records(sim, w->office, "appointments"), "appointment_sr_no", w->path_id);
	const char *word = json_text(w->body, "status");
	json_t *wanted;
	bool occupied;

	if (record == NULL)
		return "Appointment not found";
	if (*word && !known_status(sim, w, word))
		return "Appointment status not found";
	if (w->practice->system == G6 && strcasecmp(json_text(record, "status"), "Broken") == 0 &&
	    !(*json_text(w->body, "date") && *json_text(w->body, "time") &&
		*json_text(w->body, "operatory")))
		return "A broken appointment needs date, time and operatory";
	wanted = json_copy(record);
	copy_fields(wanted, w->body);
	json_put(wanted, "appointment_sr_no", w->path_id);
	occupy(office, record, -1); /* an appointment isn't in its own way */
	occupied = taken(sim, w->office, wanted);
	if (!occupied) {
		json_t *before = json_copy(record);

		json_object_update(record, wanted);
		touch(sim, w->office, "appointments", before, record);
	}
	occupy(office, record, 1);
	json_decref(wanted);
	if (occupied)
		return "appointment already scheduled";
	close_slot(sim, w->office, record);
	spu_set_text(&w->appointment_sr_no, w->path_id);
	spu_set_text(&w->patient_id, json_text(record, "patient_id"));
	return NULL;
}

static const char *
change_status(struct sim *sim, struct writeback *w)
{
	struct office *office = &sim->offices[w->office];
	json_t *record =
	    find(state_records(sim, w->office, "appointments"), "appointment_sr_no", w->path_id);
	const char *word = json_text(w->body, "value");
	json_t *before;

	if (record == NULL)
		return "Appointment not found";
	if (!known_status(sim, w, word))
		return "Appointment status not found";
	/* Its place may have gone to somebody else while it was cancelled. */
	if (sim->set.strict && strcasecmp(word, "Cancelled") != 0 &&
	    strcasecmp(json_text(record, "status"), "Cancelled") == 0 &&
	    strict_overlaps(sim, w->office, record))
		return "appointment already scheduled";
	occupy(office, record, -1);
	before = json_copy(record);
	json_put(record, "status", word);
	touch(sim, w->office, "appointments", before, record);
	occupy(office, record, 1);
	spu_set_text(&w->appointment_sr_no, w->path_id);
	spu_set_text(&w->patient_id, json_text(record, "patient_id"));
	return NULL;
}

static const char *
new_patient(struct sim *sim, struct writeback *w)
{
	/* First: an office that nobody has read gets its records here, and the next number with them. */
	json_t *patients = state_records(sim, w->office, "patients"), *record = json_object();
	char *number = x_printf("%ld", sim->offices[w->office].next_patient++);

	json_put(record, "patient_id", number);
	copy_fields(record, w->body);
	json_put(record, "patient_id", number);
	touch(sim, w->office, "patients", NULL, record);
	json_array_append_new(patients, record);
	spu_set_text(&w->created_id, number);
	spu_set_text(&w->patient_id, number);
	free(number);
	return NULL;
}

static const char *
change_patient(struct sim *sim, struct writeback *w)
{
	json_t *record = find(state_records(sim, w->office, "patients"), "patient_id", w->path_id);
	json_t *before;

	if (record == NULL)
		return "Patient not found";
	before = json_copy(record);
	copy_fields(record, w->body);
	json_put(record, "patient_id", w->path_id);
	touch(sim, w->office, "patients", before, record);
	spu_set_text(&w->patient_id, w->path_id);
	return NULL;
}

static const char *
other(struct sim *sim, struct writeback *w)
{
	char *number;

	spu_set_text(&w->patient_id, json_text(w->body, "patient_id"));
	if (w->operation->created == NULL)
		return NULL;
	number = x_printf("%ld", sim->offices[w->office].next_other++);
	spu_set_text(&w->created_id, number);
	if (strcmp(w->operation->created, "patient") == 0)
		spu_set_text(&w->patient_id, number);
	free(number);
	return NULL;
}

static void
carry_out(struct sim *sim, struct writeback *w)
{
	static const char *(*const effects[])(struct sim *, struct writeback *) = {other, book,
	    move, change_status, new_patient, change_patient};
	const char *against = sim->set.strict ? strict_objection(sim, w) : NULL;
	char *text;

	if (state_gone(w)) /* it was withdrawn when the practice's server had it already */
		writebacks_changed(sim, w);
	if (against == NULL)
		against = effects[w->operation->effect](sim, w);
	w->state = against == NULL ? COMPLETED : FAILED;
	w->completed = w->due;
	w->due = NEVER;
	sim->changes++;
	if (against != NULL) {
		spu_set_text(&w->result, against);
		return;
	}
	w->applied++;
	text = x_printf(w->operation->created != NULL ? "New %s inserted successfully"
						      : "%s updated successfully",
	    w->operation->noun);
	spu_set_text(&w->result, text);
	free(text);
}

void
spu_run(struct sim *sim)
{
	int64_t now = state_now(sim);

	while (queue_next_due(sim) <= now) {
		size_t index = sim->queue[0];

		queue_remove(sim, index);
		copies_run(sim, sim->writebacks[index].due);
		carry_out(sim, &sim->writebacks[index]);
	}
	copies_run(sim, now);
}
