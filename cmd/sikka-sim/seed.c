/* SPDX-License-Identifier: MIT */
/*
 * The records that writebacks change or are checked against. The others are made in seed_generic.c.
 */
#include "seed.h"

#include <stdlib.h>
#include <string.h>

#include "strict.h"

static const char *const first_names[] = {"Ada", "Ben", "Chloé", "Dan", "Eva", "Finn", "Grace"};
static const char *const last_names[] = {"Adams", "Brown", "Clark", "Díaz", "Evans", "Fox", "Green",
    "Hill", "Irwin", "Jones", "King"};
static const char *const operatories[] = {"OP1", "OP2", "OP3", "OP4"};
static const char *const providers[] = {"DOC1", "DOC2", "HYG1", "STAFF1"};
static const char *const words[] = {"Scheduled", "Confirmed", "Complete", "Broken", "Cancelled",
    "Unconfirmed", "Arrived"};
static const char *const claim_words[] = {"Sent", "Waiting", "Received", "Hold"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/*
 * A day in the past, always the same: so whoever books on coming days finds every operatory free.
 */
#define FIRST_DAY "2025-01-06"

static const char *
practice_for(const struct office *office, long i)
{
	/* Every fifth record belongs to the second practice, where there is one. */
	return office->practices[office->practice_count > 1 && i % 5 == 0].id;
}

static long
patients_in(long offices_index)
{
	return offices_index == 0 ? 40 : 12;
}

static void
put_time_of_day(json_t *o, long slot)
{
	json_putf(o, "time", "%02ld:%02ld", 8 + slot / 2, slot % 2 * 30);
}

static json_t *
appointments(const struct office *office, long n, long patient_count)
{
	json_t *all = json_array();
	char when[TIME_TEXT];
	int64_t first = 0;

	day_parse(FIRST_DAY, &first);
	for (long i = 1; i <= n; i++) {
		json_t *o = json_object();
		long place = i - 1, slot = place / 4 % 16, day = place / 64;

		json_putf(o, "appointment_sr_no", "%ld", i);
		json_putf(o, "patient_id", "%ld",
		    patient_count > 0 ? place * 7 % patient_count + 1 : 1);
		json_put(o, "practice_id", practice_for(office, i));
		json_put(o, "provider_id", providers[i % 3]);
		json_put(o, "operatory", operatories[place % 4]);
		day_text(when, first + day);
		json_put(o, "date", when);
		put_time_of_day(o, slot);
		json_put(o, "length", i % 3 == 0 ? "60" : "30");
		json_put(o, "status", words[i % 5]);
		json_put(o, "description", i % 2 == 0 ? "Cleaning" : "Exam");
		json_put(o, "type", i % 2 == 0 ? "Hygiene" : "Doctor");
		json_put(o, "note", "");
		json_putf(o, "rowhash", "%016lx", (unsigned long)i * 2654435761UL);
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *
patients(const struct office *office, long n)
{
	json_t *all = json_array();

	for (long i = 1; i <= n; i++) {
		json_t *o = json_object();

		json_putf(o, "patient_id", "%ld", i);
		json_putf(o, "guarantor_id", "%ld", (i + 1) / 2);
		json_put(o, "practice_id", practice_for(office, i));
		json_put(o, "provider_id", providers[i % 3]);
		json_put(o, "firstname", first_names[i % (long)COUNT(first_names)]);
		json_put(o, "lastname", last_names[i % (long)COUNT(last_names)]);
		json_putf(o, "birthdate", "%ld-%02ld-%02ld", 1950 + i % 60, i % 12 + 1, i % 28 + 1);
		json_put(o, "gender", i % 2 == 0 ? "male" : "female");
		json_putf(o, "email", "patient%ld@example.com", i);
		json_putf(o, "cell", "408-555-%04ld", i % 10000);
		json_putf(o, "homephone", "408-556-%04ld", i % 10000);
		json_put(o, "status", i % 9 == 0 ? "inactive" : "active");
		json_put(o, "first_visit", "2024-02-01");
		json_put(o, "last_visit", FIRST_DAY);
		json_putf(o, "rowhash", "%016lx", (unsigned long)i * 2246822519UL);
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *
guarantors(const struct office *office, long patient_count)
{
	json_t *all = json_array();

	for (long i = 1; i <= (patient_count + 1) / 2; i++) {
		json_t *o = json_object();

		json_putf(o, "guarantor_id", "%ld", i);
		json_putf(o, "patient_id", "%ld", i * 2 - 1);
		json_put(o, "practice_id", practice_for(office, i));
		json_put(o, "firstname", first_names[i % (long)COUNT(first_names)]);
		json_put(o, "lastname", last_names[i % (long)COUNT(last_names)]);
		json_putf(o, "email", "guarantor%ld@example.com", i);
		json_putf(o, "cell", "408-557-%04ld", i % 10000);
		json_put(o, "zipcode", "95113");
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *
people(const struct office *office)
{
	static const char *const types[] = {"Provider", "Provider", "Hygienist", "Staff"};
	json_t *all = json_array();

	for (int p = 0; p < office->practice_count; p++)
		for (size_t i = 0; i < COUNT(providers); i++) {
			json_t *o = json_object();

			json_put(o, "provider_id", providers[i]);
			json_put(o, "practice_id", office->practices[p].id);
			json_put(o, "provider_type", types[i]);
			json_put(o, "firstname", first_names[(i + 2) % COUNT(first_names)]);
			json_put(o, "lastname", last_names[(i + 5) % COUNT(last_names)]);
			json_putf(o, "national_provider_identifier", "14972%05zu", i);
			json_put(o, "status", "active");
			json_put(o, "is_user", i == 3 ? "true" : "false");
			json_array_append_new(all, o);
		}
	return all;
}

/* cust_id tells the practices apart here; a practice's cust_id is in its record. */
static json_t *
rooms(const struct office *office)
{
	json_t *all = json_array();

	for (int p = 0; p < office->practice_count; p++)
		for (size_t i = 0; i < COUNT(operatories); i++) {
			json_t *o = json_object();

			json_putf(o, "cust_id", "%s-%s", office->id, office->practices[p].id);
			json_put(o, "practice_id", office->practices[p].id);
			json_put(o, "operatory", operatories[i]);
			json_putf(o, "description", "Chair %zu", i + 1);
			json_put(o, "is_hidden", i == 3 ? "T" : "F");
			json_array_append_new(all, o);
		}
	return all;
}

static void
variables(json_t *all, const char *practice, const char *service, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		json_put(o, "practice_id", practice);
		json_put(o, "service_name", service);
		json_putf(o, "service_item", "%zu", i + 1);
		json_put(o, "value", list[i]);
		json_array_append_new(all, o);
	}
}

static void
practice_lists(struct office *office)
{
	json_t *variable = json_array(), *status = json_array(), *practices = json_array();

	for (int p = 0; p < office->practice_count; p++) {
		const struct practice *practice = &office->practices[p];
		json_t *o = json_object();

		variables(variable, practice->id, "Appointment Status", words, COUNT(words));
		variables(variable, practice->id, "Claim Status", claim_words, COUNT(claim_words));
		for (size_t i = 0; i < COUNT(words); i++) {
			json_t *word = json_object();

			json_put(word, "practice_id", practice->id);
			json_put(word, "status", words[i]);
			json_array_append_new(status, word);
		}
		json_put(o, "practice_id", practice->id);
		json_putf(o, "cust_id", "%s-%s", office->id, practice->id);
		json_put(o, "practice_name", practice->name);
		if (!office->has_locations) {
			json_put(o, "practice_management_system", practice->pms);
			json_put(o, "practice_management_system_version", practice->version);
		}
		json_put(o, "national_provider_identifier", "1497200000");
		json_put(o, "city", "San Jose");
		json_put(o, "state", "CA");
		json_put(o, "is_main_office", p == 0 ? "true" : "false");
		json_array_append_new(practices, o);
	}
	json_object_set_new(office->records, "practice_variables", variable);
	json_object_set_new(office->records, "appointment_statuses", status);
	json_object_set_new(office->records, "practices", practices);
}

/* The working day behind that day, or the nth one behind it. Strict practices don't work on each. */
static int64_t
working_day(const struct sim *sim, int64_t day, long n)
{
	for (day++; n > 0 || (sim->first.strict && !strict_is_open(day)); day++)
		n -= !sim->first.strict || strict_is_open(day);
	return day;
}

/* Free slots on the next five working days; a slot that is booked leaves the list. */
static json_t *
slots(const struct sim *sim, const struct office *office)
{
	json_t *all = json_array();
	int64_t today = sim->began / 1000 / 86400; /* whenever somebody asks first */
	char when[TIME_TEXT];

	for (int p = 0; p < office->practice_count; p++)
		for (long i = 0; i < 60; i++) {
			json_t *o = json_object();

			json_put(o, "practice_id", office->practices[p].id);
			json_put(o, "provider_id", providers[i % 3]);
			json_put(o, "operatory", operatories[i % 3]);
			day_text(when, working_day(sim, today, i / 12));
			json_put(o, "date", when);
			put_time_of_day(o, i % 12 / 3 * 4);
			json_put(o, "length", "30");
			json_array_append_new(all, o);
		}
	return all;
}

/*
 * How many records a resource has: for the first office what --records says, otherwise the usual
 * number.
 */
static long
wanted(const struct sim *sim, int office, const char *resource, long usual)
{
	json_t *n = office == 0 ? json_object_get(sim->set.records, resource) : NULL;

	return n != NULL ? (long)json_integer_value(n) : usual;
}

long
seed_count(const struct sim *sim, int office, const char *resource)
{
	if (strcmp(resource, "patients") == 0)
		return wanted(sim, office, resource, patients_in(office));
	return wanted(sim, office, resource, office == 0 ? 87 : 11);
}

void
seed_office(struct sim *sim, int index)
{
	struct office *office = &sim->offices[index];
	long patient_count = seed_count(sim, index, "patients");
	long appointment_count = seed_count(sim, index, "appointments");
	json_t *r = office->records;

	json_object_set_new(r, "patients", patients(office, patient_count));
	json_object_set_new(r, "guarantors", guarantors(office, patient_count));
	json_object_set_new(r, "appointments",
	    appointments(office, appointment_count, patient_count));
	json_object_set_new(r, "providers", people(office));
	json_object_set_new(r, "operatories", rooms(office));
	json_object_set_new(r, "appointments_available_slots", slots(sim, office));
	practice_lists(office);
	office->next_appointment = appointment_count + 1;
	office->next_patient = patient_count + 1;
}
