/* SPDX-License-Identifier: MIT */
/*
 * The log of an office's changed records, and its list, practice_events: the record, and what
 * became of it (flag, changes). A deleted record is told as it was.
 */
#include "events.h"

#include <stdlib.h>
#include <string.h>

#include "copies.h"
#include "lists.h"

/* What has events; the first member of each record is its number. */
static const char kinds[] = "patients,appointments,transactions,accounts_receivables,guarantors,"
			    "guarantors_v2,practices,providers,treatment_plans,claims,"
			    "claim_descriptions,prescriptions,reminders,lab_panels";
/* The loading time of the records that were there from the start. */
static const char first_loaded[] = "2025-01-06T00:00:00";
enum { LONGEST = 1440 }; /* minutes of interval */

/* Members that aren't the practice's. */
static const char not_data[] = "loaded_date,loadeddate,flag,changes";

static void
add_change(json_t *changes, const char *field, const char *before, const char *after)
{
	json_t *change;

	if (list_has(not_data, field) || strcmp(before, after) == 0)
		return;
	change = json_object();
	json_put(change, "field", field);
	json_put(change, "old_value", before);
	json_put(change, "new_value", after);
	json_array_append_new(changes, change);
}

static json_t *
changes_between(const json_t *before, json_t *after)
{
	json_t *changes = json_array(), *value;
	const char *name;

	json_object_foreach(after, name, value)
	    add_change(changes, name, json_text(before, name), json_text(after, name));
	return changes;
}

static json_t *
new_event(const json_t *record, const char *flag, const char *when, json_t *changes)
{
	json_t *event = json_deep_copy(record);

	json_put(event, "loaded_date", when);
	json_put(event, "loadeddate", when);
	json_put(event, "flag", flag);
	json_object_set_new(event, "changes", changes);
	return event;
}

void
events_note(struct sim *sim, int office, const char *resource, json_t *before, json_t *after)
{
	json_t *log = sim->offices[office].events, *list = json_object_get(log, resource);
	json_t *copy = json_copy(after != NULL ? after : before), *entry = json_object();
	bool is_change = before != NULL && after != NULL;
	char when[TIME_TEXT];

	if (list == NULL) {
		list = json_array();
		json_object_set_new(log, resource, list);
	}
	time_text(when, state_now(sim), 'T');
	json_object_set_new(entry, "at", json_integer(state_now(sim)));
	json_object_set_new(entry, "event",
	    new_event(copy,
		is_change            ? "updated"
		    : before != NULL ? "deleted"
				     : "added",
		when, is_change ? changes_between(before, copy) : json_array()));
	json_array_append_new(list, entry);
	json_decref(copy);
}

/* What the practice's server had noted since its last copy is loaded with the next one. */
void
events_loaded(struct office *office, int64_t since, int64_t moment)
{
	json_t *list, *entry;
	const char *resource;
	char when[TIME_TEXT];
	size_t i;

	time_text(when, moment, 'T');
	json_object_foreach(office->events, resource, list) json_array_foreach(list, i, entry)
	{
		json_t *event = json_object_get(entry, "event");

		if (json_integer_value(json_object_get(entry, "at")) <= since)
			continue;
		json_object_set_new(entry, "at", json_integer(moment));
		json_put(event, "loaded_date", when);
		json_put(event, "loadeddate", when);
	}
}

/* A record's number: its first member. */
static const char *
number_of(json_t *record)
{
	return json_text(record, json_object_iter_key(json_object_iter(record)));
}

/* The numbers of the records of which something is noted, as members. */
static json_t *
noted_numbers(json_t *log)
{
	json_t *noted = json_object(), *entry;
	size_t i;

	json_array_foreach(log, i, entry)
	    json_object_set_new(noted, number_of(json_object_get(entry, "event")), json_true());
	return noted;
}

/* The records of which nothing is noted have been there from the start. */
static void
add_first(json_t *records, json_t *log, json_t *events)
{
	json_t *noted = noted_numbers(log), *record;
	size_t i;

	json_array_foreach(records, i, record)
	{
		if (json_object_get(noted, number_of(record)) == NULL)
			json_array_append_new(events,
			    new_event(record, "added", first_loaded, json_array()));
	}
	json_decref(noted);
}

/* Only the latest event of each record. */
static json_t *
current(json_t *events)
{
	json_t *latest = json_object(), *out = json_array(), *event;
	size_t i;

	json_array_foreach(events, i, event) json_object_set(latest, number_of(event), event);
	json_array_foreach(events, i, event)
	{
		if (json_object_get(latest, number_of(event)) == event)
			json_array_append(out, event);
	}
	json_decref(latest);
	json_decref(events);
	return out;
}

/* Adds all events of a kind since a moment (0: all that there are), the oldest first. */
static void
add_events(struct sim *sim, int office, const char *kind, int64_t since, json_t *events)
{
	json_t *log = json_object_get(sim->offices[office].events, kind), *item;
	int64_t copied = copies_moment(sim, &sim->offices[office]);
	size_t i;

	if (since == 0)
		add_first(copies_records(sim, office, kind), log, events);
	json_array_foreach(log, i, item)
	{
		int64_t at = json_integer_value(json_object_get(item, "at"));

		if (at >= since && at <= copied)
			json_array_append(events, json_object_get(item, "event"));
	}
}

/* false: there is a kind among them that has no events. */
static bool
add_all(struct sim *sim, int office, const char *names, int64_t since, json_t *events)
{
	while (*names != '\0') {
		size_t n = strcspn(names, ",");
		char *name = x_printf("%.*s", (int)n, names);
		bool known = list_has(kinds, name);

		if (known)
			add_events(sim, office, name, since, events);
		free(name);
		if (!known)
			return false;
		names += n + (names[n] == ',');
	}
	return true;
}

/* What isn't a member of a record may not choose among them. */
static void
drop_parameter(struct request *rq, const char *name)
{
	for (int i = 0; i < rq->parameter_count; i++)
		if (strcmp(rq->parameters[i].name, name) == 0) {
			free(rq->parameters[i].name);
			free(rq->parameters[i].value);
			rq->parameters[i--] = rq->parameters[--rq->parameter_count];
		}
}

/* Beside interval the days aren't looked at. */
static bool
check_parameters(struct request *rq, long *minutes, bool *latest, struct answer *an)
{
	const char *interval = request_parameter(rq, "interval");
	const char *status = request_parameter(rq, "status");

	if (interval != NULL && !number_parse(interval, 1, LONGEST, minutes)) {
		answer_code(an, "API1026", "Invalid parameter: interval");
		return false;
	}
	if (status != NULL && strcmp(status, "current") != 0) {
		answer_code(an, "API1026", "Invalid parameter: status");
		return false;
	}
	*latest = status != NULL;
	drop_parameter(rq, "status");
	if (interval != NULL) {
		drop_parameter(rq, "loaded_startdate");
		drop_parameter(rq, "loaded_enddate");
	}
	return true;
}

void
events_list(struct sim *sim, struct request *rq, struct answer *an)
{
	const struct resource *resource = resource_find("practice_events");
	const char *names = request_parameter(rq, "events");
	json_t *events = json_array(), *some;
	struct page page;
	long minutes = 0;
	bool latest;

	if (lists_parameters(sim, rq, resource, &page, an) &&
	    check_parameters(rq, &minutes, &latest, an)) {
		if (!add_all(sim, rq->office, names,
			minutes > 0 ? state_now(sim) - (int64_t)minutes * 60000 : 0, events)) {
			answer_code(an, "API1026", "Invalid parameter: events");
		} else {
			/* Of what was loaded in the wanted time, the latest: so it is filtered first. */
			some = lists_filter(sim, rq, resource, events);
			if (latest)
				some = current(some);
			lists_answer(sim, rq, &page, some, an);
			json_decref(some);
		}
	}
	json_decref(events);
}
