/* SPDX-License-Identifier: MIT */
/*
 * What a practice looks up before it carries a writeback out: its providers, patients, operatories
 * and working days. A field that is absent, or that its system ignores, isn't looked up.
 */
#include "strict.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fields.h"

static const int64_t hour_ms = (int64_t)3600 * 1000;

bool
strict_is_open(int64_t day)
{
	char text[TIME_TEXT];

	day_text(text, day);
	/* Day 0 was a Thursday. */
	return (day + 4) % 7 != 0 && strcmp(text + 5, "01-01") != 0 &&
	    strcmp(text + 5, "12-25") != 0;
}

/* The value of a field that the practice's system reads; "" where there is none. */
static const char *
value_of(const struct writeback *w, const char *name)
{
	for (const struct field *f = w->operation->fields; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0 && !f->in_path &&
		    (f->read == 0 || (f->read & w->practice->system) != 0))
			return json_text(w->body, name);
	return "";
}

/* The practice's record whose member has this value; NULL: there is none. */
static const json_t *
find_in(struct sim *sim, const struct writeback *w, const char *resource, const char *member,
    const char *value)
{
	json_t *records = state_records(sim, w->office, resource), *record;
	size_t i;

	json_array_foreach(records, i,
	    record) if (strcmp(json_text(record, "practice_id"), w->practice->id) == 0 &&
	    strcmp(json_text(record, member), value) == 0) return record;
	return NULL;
}

/* A patient belongs to the whole office. */
static bool
has_patient(struct sim *sim, const struct writeback *w, const char *patient)
{
	json_t *records = state_records(sim, w->office, "patients"), *record;
	size_t i;

	json_array_foreach(records, i,
	    record) if (strcmp(json_text(record, "patient_id"), patient) == 0) return true;
	return false;
}

/* A day has passed when it has passed everywhere on earth. */
static const char *
object_to_day(const struct sim *sim, const char *date)
{
	int64_t day, today = (state_now(sim) - 12 * hour_ms) / (24 * hour_ms);

	if (!day_parse(date, &day))
		return "Appointment date is invalid";
	if (day < today)
		return "Appointment date is in the past";
	return strict_is_open(day) ? NULL : "The practice is closed on this day";
}

/* Whether practice, provider, operatory, date and time of a booking are those of one free slot. */
static bool
is_slot(struct sim *sim, const struct writeback *w)
{
	static const char *const names[] = {"provider_id", "operatory", "date", "time"};
	json_t *slots = state_records(sim, w->office, "appointments_available_slots"), *slot;
	size_t i;

	json_array_foreach(slots, i, slot)
	{
		size_t n = 0;

		while (n < sizeof(names) / sizeof(names[0]) &&
		    strcmp(json_text(slot, names[n]), json_text(w->body, names[n])) == 0)
			n++;
		if (n == sizeof(names) / sizeof(names[0]) &&
		    strcmp(json_text(slot, "practice_id"), w->practice->id) == 0)
			return true;
	}
	return false;
}

const char *
strict_objection(struct sim *sim, const struct writeback *w)
{
	enum effect effect = w->operation->effect;
	bool schedules = effect == EFFECT_BOOK || effect == EFFECT_MOVE;
	const char *provider = value_of(w, "provider_id"), *patient = value_of(w, "patient_id");
	const char *operatory = value_of(w, "operatory"), *date = value_of(w, "date");
	const json_t *room;
	const char *objection;

	if (*patient != '\0' && !has_patient(sim, w, patient))
		return "Patient not found";
	if (*provider != '\0' && find_in(sim, w, "providers", "provider_id", provider) == NULL)
		return "Provider not found";
	if (*operatory != '\0') {
		room = find_in(sim, w, "operatories", "operatory", operatory);
		if (room == NULL)
			return "Operatory not found";
		if (strcmp(json_text(room, "is_hidden"), "T") == 0)
			return "Operatory is not in use";
	}
	objection = schedules && *date != '\0' ? object_to_day(sim, date) : NULL;
	if (objection == NULL && effect == EFFECT_BOOK &&
	    (w->practice->system & (ORTHOTRAC | PLANET_V3)) != 0 && !is_slot(sim, w))
		return "Not an available slot";
	return objection;
}

/* In minutes of the day; false: it has no time. */
static bool
span_of(const json_t *appointment, long *from, long *to)
{
	const char *time = json_text(appointment, "time");
	char *hours = x_printf("%.2s", time);
	long hour, minute, length;
	bool good = strlen(time) == 5 && time[2] == ':' && number_parse(hours, 0, 23, &hour) &&
	    number_parse(time + 3, 0, 59, &minute);

	free(hours);
	if (!good)
		return false;
	if (!number_parse(json_text(appointment, "length"), 1, 24L * 60, &length))
		length = 1;
	*from = hour * 60 + minute;
	*to = *from + length;
	return true;
}

static bool
same(const json_t *a, const json_t *b, const char *name)
{
	return strcmp(json_text(a, name), json_text(b, name)) == 0;
}

bool
strict_overlaps(struct sim *sim, int office, const json_t *appointment)
{
	json_t *records = state_records(sim, office, "appointments"), *other;
	long from, to, other_from, other_to;
	size_t i;

	if (!span_of(appointment, &from, &to))
		return false;
	json_array_foreach(records, i, other)
	{
		if (!same(other, appointment, "practice_id") ||
		    !same(other, appointment, "operatory") || !same(other, appointment, "date") ||
		    same(other, appointment, "appointment_sr_no") ||
		    strcasecmp(json_text(other, "status"), "Cancelled") == 0)
			continue;
		if (span_of(other, &other_from, &other_to) && from < other_to && other_from < to)
			return true;
	}
	return false;
}
