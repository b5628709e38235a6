/* SPDX-License-Identifier: MIT */
/*
 * The state as a document, and back. Everything is read into a second state first, which takes the place of the
 * running one only when nothing is wrong with it.
 */
#include "snapshot.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "late.h"
#include "lists.h"
#include "queue.h"
#include "sim_routes.h"
#include "spu.h"

enum { FORMAT_NUMBER = 1 };

static json_t *
whole(int64_t n)
{
	return json_integer((json_int_t)n);
}

/* A moment that may never come: null, as the largest number isn't kept by each program that reads JSON. */
static json_t *
moment(int64_t ms)
{
	return ms == NEVER ? json_null() : whole(ms);
}

static json_t *
practices_of(const struct office *office)
{
	json_t *all = json_array();

	for (int i = 0; i < office->practice_count; i++)
		json_array_append_new(all,
		    json_pack("[s,s,s]", office->practices[i].id, office->practices[i].pms,
			office->practices[i].version));
	return all;
}

static json_t *
window_as_json(const struct window *w)
{
	return json_pack("[I,I]", (json_int_t)w->start, (json_int_t)w->used);
}

static json_t *
office_as_json(const struct office *office)
{
	json_t *o = json_pack("{s:s,s:s,s:o,s:b,s:b,s:O,s:O,s:O,s:O?}", "office_id", office->id,
	    "secret", office->secret, "practices", practices_of(office), "online", office->online,
	    "authorized", office->authorized, "records", office->records, "events", office->events,
	    "places", office->places, "copy", office->copy);

	json_object_set_new(o, "last_seen", whole(office->last_seen));
	json_object_set_new(o, "copied_at", whole(office->copied_at));
	json_object_set_new(o, "copy_due", moment(office->copy_due));
	json_object_set_new(o, "next",
	    json_pack("[I,I,I]", (json_int_t)office->next_appointment,
		(json_int_t)office->next_patient, (json_int_t)office->next_other));
	json_object_set_new(o, "window", window_as_json(&office->window));
	json_object_set_new(o, "day", window_as_json(&office->day));
	json_object_set_new(o, "day_bytes", whole(office->day_bytes));
	return o;
}

static json_t *
writeback_as_json(const struct sim *sim, const struct writeback *w)
{
	json_t *o = json_pack("{s:I,s:s,s:s,s:s,s:s,s:s?,s:O,s:s,s:s,s:i,s:b,s:b,s:b}", "id",
	    (json_int_t)w->id, "office_id", sim->offices[w->office].id, "practice_id",
	    w->practice->id, "method", w->operation->method, "path", w->operation->path, "path_id",
	    w->path_id, "body", w->body, "state", state_name(w->state), "result", w->result,
	    "applied", w->applied, "foreign", w->foreign, "no_status", w->no_status, "no_entry",
	    w->no_entry);

	json_object_set_new(o, "requested", whole(w->requested));
	json_object_set_new(o, "completed", whole(w->completed));
	json_object_set_new(o, "queued", whole(w->queued));
	json_object_set_new(o, "due", moment(w->due));
	json_object_set_new(o, "list_lag", whole(w->list_lag));
	json_put(o, "created_id", w->created_id);
	json_put(o, "appointment_sr_no", w->appointment_sr_no);
	json_put(o, "patient_id", w->patient_id);
	return o;
}

static json_t *
keys_as_json(const struct sim *sim)
{
	json_t *all = json_array();

	for (size_t i = 0; i < sim->key_count; i++) {
		const struct request_key *k = &sim->keys[i];

		json_array_append_new(all,
		    json_pack("{s:s,s:s,s:I,s:I,s:I,s:b}", "value", k->value, "office_id",
			sim->offices[k->office].id, "start", (json_int_t)k->start, "end",
			(json_int_t)k->end, "used", (json_int_t)k->used, "ended", k->ended));
	}
	return all;
}

static json_t *
refreshes_as_json(const struct sim *sim)
{
	json_t *all = json_array();

	for (size_t i = 0; i < sim->refresh_count; i++)
		json_array_append_new(all,
		    json_pack("{s:s,s:s,s:b}", "value", sim->refreshes[i].value, "office_id",
			sim->offices[sim->refreshes[i].office].id, "ended",
			sim->refreshes[i].ended));
	return all;
}

static json_t *
commands_as_json(const struct sim *sim)
{
	json_t *all = json_array();

	for (size_t i = 0; i < sim->command_count; i++) {
		const struct command *c = &sim->commands[i];

		json_array_append_new(all,
		    json_pack("{s:I,s:s,s:b,s:I,s:I,s:o,s:I}", "id", (json_int_t)c->id, "office_id",
			sim->offices[c->office].id, "refreshes", c->refreshes, "received",
			(json_int_t)c->received, "delay", (json_int_t)c->delay, "due",
			moment(c->due), "executed", (json_int_t)c->executed));
	}
	return all;
}

json_t *
snapshot_take(struct sim *sim)
{
	json_t *o = json_object(), *offices = json_array(), *writebacks = json_array(),
	       *queue = json_array();

	for (int i = 0; i < sim->office_count; i++) {
		state_seed(sim, i);
		json_array_append_new(offices, office_as_json(&sim->offices[i]));
	}
	for (size_t i = 0; i < sim->writeback_count; i++)
		json_array_append_new(writebacks, writeback_as_json(sim, &sim->writebacks[i]));
	for (size_t i = 0; i < sim->queue_count; i++)
		json_array_append_new(queue, whole((int64_t)sim->queue[i]));
	json_object_set_new(o, "sikka_sim_snapshot", json_integer(FORMAT_NUMBER));
	json_object_set_new(o, "taken_at", whole(state_now(sim)));
	json_putf(o, "random_keys", "%llu", (unsigned long long)sim->random_keys);
	json_putf(o, "random_delays", "%llu", (unsigned long long)sim->random_delays);
	json_object_set_new(o, "window", window_as_json(&sim->app_window));
	json_object_set_new(o, "ids_came_again", json_boolean(sim->ids_came_again));
	json_object_set_new(o, "offices", offices);
	json_object_set_new(o, "keys", keys_as_json(sim));
	json_object_set_new(o, "refresh_keys", refreshes_as_json(sim));
	json_object_set_new(o, "writebacks", writebacks);
	json_object_set_new(o, "queue", queue);
	json_object_set_new(o, "commands", commands_as_json(sim));
	return o;
}

/* --- and back --------------------------------------------------------------------------------- */

/* What is to come, by so much later as the clock has gone on since. false: it is no moment. */
static bool
read_moment(const json_t *value, int64_t moved, int64_t *to)
{
	*to = json_is_integer(value) ? (int64_t)json_integer_value(value) + moved : NEVER;
	return json_is_integer(value) || json_is_null(value);
}

static bool
read_window(const json_t *value, struct window *w)
{
	json_int_t start, used;

	if (json_unpack((json_t *)(uintptr_t)value, "[I,I!]", &start, &used) != 0)
		return false;
	w->start = start;
	w->used = (long)used;
	return true;
}

static bool
read_objects(struct office *office, json_t *o)
{
	json_t *records, *events, *places, *copy;

	if (json_unpack(o, "{s:o,s:o,s:o,s:o}", "records", &records, "events", &events, "places",
		&places, "copy", &copy) != 0 ||
	    !json_is_object(records) || !json_is_object(events) || !json_is_object(places))
		return false;
	office->records = json_deep_copy(records);
	office->events = json_deep_copy(events);
	office->places = json_deep_copy(places);
	office->copy = json_is_object(copy) ? json_deep_copy(copy) : NULL;
	office->is_seeded = true;
	return true;
}

/* An office as it was, over what the same office is now. false: it is another one. */
static bool
read_office(struct office *office, json_t *o, int64_t moved)
{
	const char *id, *secret;
	json_t *practices, *window, *day, *due, *now = practices_of(office);
	json_int_t seen, copied, appointment, patient, other, bytes;
	int online, authorized;
	bool good = json_unpack(o, "{s:s,s:s,s:o,s:b,s:b,s:I,s:I,s:o,s:[I,I,I],s:o,s:o,s:I}",
			"office_id", &id, "secret", &secret, "practices", &practices, "online",
			&online, "authorized", &authorized, "last_seen", &seen, "copied_at",
			&copied, "copy_due", &due, "next", &appointment, &patient, &other, "window",
			&window, "day", &day, "day_bytes", &bytes) == 0 &&
	    strcmp(id, office->id) == 0 && strlen(secret) == sizeof(office->secret) - 1 &&
	    json_equal(practices, now) && read_window(window, &office->window) &&
	    read_window(day, &office->day) && read_moment(due, moved, &office->copy_due) &&
	    read_objects(office, o);

	json_decref(now);
	if (!good)
		return false;
	snprintf(office->secret, sizeof(office->secret), "%s", secret);
	office->online = online;
	office->authorized = authorized;
	office->last_seen = seen;
	office->copied_at = copied;
	office->next_appointment = (long)appointment;
	office->next_patient = (long)patient;
	office->next_other = (long)other;
	office->day_bytes = bytes;
	office->window.start += moved;
	return true;
}

static bool
read_state(const char *name, enum writeback_state *state)
{
	for (int i = PENDING; i <= FORGOTTEN; i++)
		if (strcmp(state_name(i), name) == 0) {
			*state = i;
			return true;
		}
	return false;
}

/* The texts that belong to a writeback. */
static void
own_texts(struct writeback *w, json_t *o, const char *path_id, json_t *body)
{
	w->path_id = path_id != NULL ? x_dup(path_id) : NULL;
	w->result = x_dup(json_text(o, "result"));
	w->created_id = x_dup(json_text(o, "created_id"));
	w->appointment_sr_no = x_dup(json_text(o, "appointment_sr_no"));
	w->patient_id = x_dup(json_text(o, "patient_id"));
	w->body = json_deep_copy(body);
}

static bool
read_writeback(struct sim *next, struct writeback *w, json_t *o, int64_t moved)
{
	const char *office, *practice, *method, *path, *state;
	json_t *body, *path_id, *due;
	json_int_t id, requested, completed, queued, lag;
	int applied, foreign, no_status, no_entry;

	if (json_unpack(o, "{s:I,s:s,s:s,s:s,s:s,s:o,s:o,s:s,s:i,s:b,s:b,s:b,s:I,s:I,s:I,s:o,s:I}",
		"id", &id, "office_id", &office, "practice_id", &practice, "method", &method,
		"path", &path, "path_id", &path_id, "body", &body, "state", &state, "applied",
		&applied, "foreign", &foreign, "no_status", &no_status, "no_entry", &no_entry,
		"requested", &requested, "completed", &completed, "queued", &queued, "due", &due,
		"list_lag", &lag) != 0)
		return false;
	w->office = state_office(next, office);
	w->practice = w->office >= 0 ? state_practice(&next->offices[w->office], practice) : NULL;
	w->operation = operation_find(method, path);
	if (w->practice == NULL || w->operation == NULL || !read_state(state, &w->state) ||
	    !read_moment(due, moved, &w->due) || !json_is_object(body))
		return false;
	w->id = (long)id;
	w->applied = applied;
	w->foreign = foreign;
	w->no_status = no_status;
	w->no_entry = no_entry;
	w->requested = requested;
	w->completed = completed;
	w->queued = queued + moved;
	w->list_lag = lag;
	own_texts(w, o, json_string_value(path_id), body);
	return true;
}

static bool
read_writebacks(struct sim *next, const json_t *snapshot, int64_t moved)
{
	json_t *all = json_object_get(snapshot, "writebacks"),
	       *queue = json_object_get(snapshot, "queue"), *one;
	size_t i;

	next->writeback_room = json_array_size(all) + 1;
	next->writebacks = x_new(next->writeback_room * sizeof(*next->writebacks));
	json_array_foreach(all, i, one)
	{
		if (!read_writeback(next, &next->writebacks[i], one, moved))
			return false;
		next->writeback_count++;
	}
	next->queue_room = json_array_size(queue) + 1;
	next->queue = x_new(next->queue_room * sizeof(*next->queue));
	json_array_foreach(queue, i, one)
	{
		json_int_t index = json_is_integer(one) ? json_integer_value(one) : -1;

		if (index < 0 || (size_t)index >= next->writeback_count ||
		    next->writebacks[index].queue_place != 0)
			return false;
		next->writebacks[index].queue_place = next->queue_count + 1;
		next->queue[next->queue_count++] = (size_t)index;
	}
	queue_order(next);
	return json_is_array(all) && json_is_array(queue);
}

static bool
read_keys(struct sim *next, const json_t *snapshot, int64_t moved)
{
	json_t *all = json_object_get(snapshot, "keys"),
	       *refreshes = json_object_get(snapshot, "refresh_keys"), *one;
	const char *value, *office;
	json_int_t start, end, used;
	size_t i;
	int ended;

	next->keys = x_new((json_array_size(all) + 1) * sizeof(*next->keys));
	json_array_foreach(all, i, one)
	{
		struct request_key *k = &next->keys[next->key_count++];

		if (json_unpack(one, "{s:s,s:s,s:I,s:I,s:I,s:b}", "value", &value, "office_id",
			&office, "start", &start, "end", &end, "used", &used, "ended",
			&ended) != 0 ||
		    strlen(value) >= sizeof(k->value) ||
		    (k->office = state_office(next, office)) < 0)
			return false;
		snprintf(k->value, sizeof(k->value), "%s", value);
		k->start = start;
		k->end = end + moved;
		k->used = (long)used;
		k->ended = ended;
	}
	next->refreshes = x_new((json_array_size(refreshes) + 1) * sizeof(*next->refreshes));
	json_array_foreach(refreshes, i, one)
	{
		struct refresh_key *k = &next->refreshes[next->refresh_count++];

		if (json_unpack(one, "{s:s,s:s,s:b}", "value", &value, "office_id", &office,
			"ended", &ended) != 0 ||
		    strlen(value) >= sizeof(k->value) ||
		    (k->office = state_office(next, office)) < 0)
			return false;
		snprintf(k->value, sizeof(k->value), "%s", value);
		k->ended = ended;
	}
	state_index_keys(next);
	return json_is_array(all) && json_is_array(refreshes);
}

static bool
read_commands(struct sim *next, const json_t *snapshot, int64_t moved)
{
	json_t *all = json_object_get(snapshot, "commands"), *one;
	size_t i;

	next->commands = x_new((json_array_size(all) + 1) * sizeof(*next->commands));
	json_array_foreach(all, i, one)
	{
		struct command *c = &next->commands[next->command_count++];
		json_int_t id, received, delay, executed;
		json_t *due;
		const char *office;
		int refreshes;

		if (json_unpack(one, "{s:I,s:s,s:b,s:I,s:I,s:o,s:I}", "id", &id, "office_id",
			&office, "refreshes", &refreshes, "received", &received, "delay", &delay,
			"due", &due, "executed", &executed) != 0 ||
		    (c->office = state_office(next, office)) < 0 ||
		    !read_moment(due, moved, &c->due))
			return false;
		c->id = (long)id;
		c->refreshes = refreshes;
		c->received = received;
		c->delay = delay;
		c->executed = executed;
	}
	return json_is_array(all);
}

static bool
read_random(const json_t *snapshot, const char *name, uint64_t *to)
{
	const char *text = json_text(snapshot, name);
	char *end;

	*to = strtoull(text, &end, 10);
	return *text != '\0' && *end == '\0';
}

/* Reads into `next`, a copy of the running state of which the offices are its own. What is wrong, or NULL. */
static const char *
read_all(struct sim *next, const json_t *snapshot)
{
	json_t *offices = json_object_get(snapshot, "offices"),
	       *taken = json_object_get(snapshot, "taken_at");
	int64_t moved = state_now(next) - json_integer_value(taken);

	if (json_integer_value(json_object_get(snapshot, "sikka_sim_snapshot")) != FORMAT_NUMBER ||
	    !json_is_integer(taken))
		return "no snapshot of this version of sikka-sim";
	if (json_array_size(offices) != (size_t)next->office_count)
		return "this snapshot was taken with another --offices";
	for (int i = 0; i < next->office_count; i++)
		if (!read_office(&next->offices[i], json_array_get(offices, (size_t)i), moved))
			return "an office isn't that of this simulator: the snapshot was taken "
			       "with other --pms or "
			       "--quirk locations, or is damaged";
	if (!read_writebacks(next, snapshot, moved))
		return "its writebacks, or its queue, are damaged";
	if (!read_keys(next, snapshot, moved))
		return "its keys are damaged";
	if (!read_commands(next, snapshot, moved))
		return "its remote commands are damaged";
	if (!read_window(json_object_get(snapshot, "window"), &next->app_window) ||
	    !read_random(snapshot, "random_keys", &next->random_keys) ||
	    !read_random(snapshot, "random_delays", &next->random_delays))
		return "the snapshot is damaged";
	next->app_window.start += moved;
	next->ids_came_again = json_is_true(json_object_get(snapshot, "ids_came_again"));
	return NULL;
}

/* What a snapshot replaces, and nothing else. */
static void
free_replaced(struct sim *sim)
{
	state_drop_writebacks(sim);
	for (int i = 0; i < sim->office_count; i++) {
		json_decref(sim->offices[i].records);
		json_decref(sim->offices[i].events);
		json_decref(sim->offices[i].places);
		json_decref(sim->offices[i].copy);
	}
	free(sim->offices);
	json_decref(sim->key_places);
	json_decref(sim->refresh_places);
	free(sim->keys);
	free(sim->refreshes);
	free(sim->commands);
}

/* Moves what a snapshot replaces. */
static void
take_over(struct sim *to, const struct sim *from)
{
	to->offices = from->offices;
	to->writebacks = from->writebacks;
	to->writeback_count = from->writeback_count;
	to->writeback_room = from->writeback_room;
	to->queue = from->queue;
	to->queue_count = from->queue_count;
	to->queue_room = from->queue_room;
	to->keys = from->keys;
	to->key_count = from->key_count;
	to->refreshes = from->refreshes;
	to->refresh_count = from->refresh_count;
	to->commands = from->commands;
	to->command_count = from->command_count;
	to->key_places = from->key_places;
	to->refresh_places = from->refresh_places;
	to->copy_count = 0;
	for (int i = 0; i < to->office_count; i++)
		to->copy_count += to->offices[i].copy != NULL;
	to->app_window = from->app_window;
	to->random_keys = from->random_keys;
	to->random_delays = from->random_delays;
	to->ids_came_again = from->ids_came_again;
}

/* An empty state with the settings, the clock and the offices of the running one, but without their records. */
static void
begin_from(struct sim *next, const struct sim *sim)
{
	next->set = sim->set;
	next->began_real = sim->began_real;
	next->began_boot = sim->began_boot;
	next->offset = sim->offset;
	next->office_count = sim->office_count;
	next->office_places = sim->office_places; /* borrowed: they stay the same */
	next->offices = x_new((size_t)sim->office_count * sizeof(*next->offices));
	for (int i = 0; i < sim->office_count; i++) {
		next->offices[i] = sim->offices[i];
		next->offices[i].records = next->offices[i].events = NULL;
		next->offices[i].places = next->offices[i].copy = NULL;
	}
}

char *
snapshot_put_back(struct sim *sim, const json_t *snapshot)
{
	struct sim *next = x_new(sizeof(*next));
	const char *wrong;

	begin_from(next, sim);
	wrong = read_all(next, snapshot);
	if (wrong == NULL) {
		lists_forget(sim);
		free_replaced(sim);
		take_over(sim, next);
		late_fini(sim);
	} else {
		free_replaced(next);
	}
	free(next);
	return wrong != NULL ? x_dup(wrong) : NULL;
}

void
snapshot_show(struct sim *sim, struct request *rq, struct answer *an)
{
	(void)rq;
	answer_json(an, 200, snapshot_take(sim));
}

void
snapshot_receive(struct sim *sim, struct request *rq, struct answer *an)
{
	json_t *snapshot = json_loadb(rq->body.s != NULL ? rq->body.s : "", rq->body.length,
	    JSON_REJECT_DUPLICATES, NULL);

	if (snapshot == NULL)
		sim_refuse(an, 400, "the body is no JSON");
	else if (!sim_refused(an, snapshot_put_back(sim, snapshot)))
		sim_done(sim, an);
	json_decref(snapshot);
}
