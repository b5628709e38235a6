/* SPDX-License-Identifier: MIT */
/*
 * The simulated server's state: set up from the settings, its clock, look-ups. Everything but the
 * settings changes under its lock.
 */
#include "state.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "copies.h"
#include "faults.h"
#include "fixtures.h"
#include "late.h"
#include "lists.h"
#include "log.h"
#include "queue.h"
#include "seed.h"
#include "snapshot.h"
#include "spu.h"
#include "systems.h"
#include "writebacks.h"

/*
 * Each kind of PMS once among the further offices, so that each rule has a practice that it holds
 * for.
 */
static const struct {
	const char *pms, *version, *domain;
} kinds[] = {
    {"OpenDental", "22.1", "Dental"},
    {"Dentrix", "G6", "Dental"},
    {"OrthoTrac", "14.0", "Ortho"},
    {"Eaglesoft", "21.20", "Dental"},
    {"Dolphin Management", "6.2", "Ortho"},
    {"ClearDent", "9.13", "Dental"},
    {"Planet DDS WebV3.0", "3.0", "Dental"},
    {"CornerStone", "9.2", "Vet"},
    {"Tracker", "11.28", "Dental"},
    {"Dentrix", "11.0", "Dental"},
    {"Dentrix Ascend", "1.0", "Dental"},
    {"Dentrix Enterprise", "8.0", "Dental"},
    {"Planet DDS WebV2.0", "2.0", "Dental"},
    {"intravet", "5.5", "Vet"},
    {"SuzyDental", "3.1", "Dental"},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The time since some moment. A server doesn't sleep when this machine does: so sleep counts. */
static int64_t
boot_ms(void)
{
#ifdef CLOCK_BOOTTIME
	return clock_ms(CLOCK_BOOTTIME);
#else
	return clock_ms(CLOCK_MONOTONIC);
#endif
}

int64_t
state_now(const struct sim *sim)
{
	if (sim->moment != 0)
		return sim->moment;
	return sim->began_real + (boot_ms() - sim->began_boot) + sim->offset;
}

/* What was noted stays as it is, but what is to come is as far away as before. */
void
state_set_clock(struct sim *sim, int64_t ms)
{
	sim->offset += ms;
	for (size_t i = 0; i < sim->writeback_count; i++) {
		struct writeback *w = &sim->writebacks[i];

		w->queued += ms;
		w->due += w->due != NEVER ? ms : 0;
	}
	writebacks_all_changed(sim);
	late_set_clock(sim, ms);
	copies_set_clock(sim, ms);
	sim->app_window.start += ms;
	for (int i = 0; i < sim->office_count; i++)
		sim->offices[i].window.start += ms;
}

/* Sets the system chosen for this practice, or for all: NAME[:VERSION]. The text is split in place. */
static void
choose_system(const struct settings *set, const char *office, struct practice *practice)
{
	char *place = x_printf("%s/%s", office, practice->id);
	const char *chosen = json_string_value(json_object_get(set->systems, place));
	size_t n;

	free(place);
	if (chosen == NULL)
		chosen = json_string_value(json_object_get(set->systems, "*"));
	if (chosen == NULL)
		return;
	n = strcspn(chosen, ":");
	practice->chosen = x_printf("%s%s", chosen, chosen[n] == ':' ? "" : ":");
	practice->pms = practice->chosen;
	practice->chosen[n] = '\0';
	practice->version = practice->chosen + n + 1;
}

static void
practice_init(const struct settings *set, struct practice *practice, const char *id, int kind,
    const char *office)
{
	practice->id = id;
	practice->pms = kinds[kind].pms;
	practice->version = kinds[kind].version;
	practice->domain = kinds[kind].domain;
	choose_system(set, office, practice);
	practice->system = system_find(practice->pms, practice->version);
	snprintf(practice->name, sizeof(practice->name), "Practice %s of %s", practice->id, office);
}

/* The number in the id of an office behind the first two, whose numbers are left out. */
static int
number_of(int index)
{
	int number = 10001 + index;

	number += number >= 20006;
	return number + (number >= 36225);
}

static void
office_init(struct sim *sim, int index)
{
	struct office *office = &sim->offices[index];
	int kind = index == 0 ? 0 : (index + 1) % KINDS;

	if (index == 0)
		snprintf(office->id, sizeof(office->id), "D36225");
	else if (index == 1)
		snprintf(office->id, sizeof(office->id), "D20006");
	else
		snprintf(office->id, sizeof(office->id), "D%05d", number_of(index));
	random_hex(&sim->random_keys, office->secret);
	office->has_locations = index > 0 && sim->set.quirk[Q_LOCATIONS] != LOCATIONS_NONE;
	office->practice_count = index == 0 || office->has_locations ? 2 : 1;
	practice_init(&sim->set, &office->practices[0], office->has_locations ? "1-1" : "1", kind,
	    office->id);
	if (index == 0)
		practice_init(&sim->set, &office->practices[1], "2", 1, office->id);
	if (office->has_locations)
		practice_init(&sim->set, &office->practices[1], "1-3", kind, office->id);
	office->authorized = true;
	office->online = json_object_get(sim->set.offline, office->id) == NULL;
	/* An office counts as not refreshed after more than a day. */
	office->last_seen = sim->began_real - (int64_t)2 * 86400 * 1000;
	office->records = json_object();
	office->events = json_object();
	office->places = json_object();
	office->next_appointment = 1;
	office->next_patient = 1;
	office->next_other = 5001;
	json_object_set_new(sim->office_places, office->id, json_integer(index));
}

/* What is wrong, with the option in front of it; NULL: nothing is. */
static char *
about(const char *option, char *wrong)
{
	char *said = wrong != NULL ? x_printf("%s%s", option, wrong) : NULL;

	free(wrong);
	return said;
}

/* Everything as sim->set says. Returns NULL, or what is wrong. */
static char *
begin(struct sim *sim)
{
	char *wrong = NULL;

	sim->began_real = clock_ms(CLOCK_REALTIME);
	sim->began_boot = boot_ms();
	sim->offset = sim->set.skew;
	sim->random_keys = (uint64_t)sim->set.seed;
	sim->random_delays = (uint64_t)sim->set.seed ^ UINT64_C(0x5350555f64656c61);
	sim->began = state_now(sim);
	sim->ledger.routes = json_object();
	sim->office_count = (int)sim->set.offices;
	sim->offices = x_new((size_t)sim->office_count * sizeof(*sim->offices));
	sim->office_places = json_object();
	for (int i = 0; i < sim->office_count; i++)
		office_init(sim, i);
	/* It may have so many records that whoever asked first would wait for them. */
	state_seed(sim, 0);
	copies_run(sim, state_now(sim));
	if (sim->set.snapshot != NULL)
		wrong = about("--snapshot: ", snapshot_put_back(sim, sim->set.snapshot));
	if (wrong == NULL && sim->set.fixtures != NULL)
		wrong = about("--fixtures, ", fixtures_add(sim, sim->set.fixtures));
	return wrong;
}

char *
state_init(struct sim *sim)
{
	pthread_mutex_init(&sim->lock, NULL);
	sim->first = sim->set;
	return begin(sim);
}

void
state_drop_writebacks(struct sim *sim)
{
	for (size_t i = 0; i < sim->writeback_count; i++) {
		struct writeback *w = &sim->writebacks[i];

		free(w->path_id);
		free(w->result);
		free(w->created_id);
		free(w->appointment_sr_no);
		free(w->patient_id);
		json_decref(w->body);
	}
	free(sim->writebacks);
	free(sim->queue);
	free(sim->spans);
	sim->spans = NULL;
	sim->span_room = 0;
	sim->writebacks = NULL;
	sim->queue = NULL;
	sim->writeback_count = sim->writeback_room = 0;
	sim->queue_count = sim->queue_room = 0;
}

/* Frees what begin() and the requests have made, and leaves nothing behind that a new beginning would find. */
static void
end(struct sim *sim)
{
	lists_forget(sim);
	state_drop_writebacks(sim);
	copies_fini(sim);
	for (int i = 0; i < sim->office_count; i++) {
		json_decref(sim->offices[i].records);
		json_decref(sim->offices[i].events);
		json_decref(sim->offices[i].places);
		for (int p = 0; p < sim->offices[i].practice_count; p++)
			free(sim->offices[i].practices[p].chosen);
	}
	free(sim->keys);
	free(sim->refreshes);
	free(sim->offices);
	json_decref(sim->office_places);
	json_decref(sim->key_places);
	json_decref(sim->refresh_places);
	sim->key_places = sim->refresh_places = NULL;
	sim->keys = NULL;
	sim->refreshes = NULL;
	sim->offices = NULL;
	sim->key_count = sim->refresh_count = 0;
	sim->office_count = 0;
	sim->ids_came_again = false;
	sim->app_window = (struct window){0};
	faults_clear(sim);
	late_fini(sim);
	log_clear(sim);
	json_decref(sim->ledger.routes);
	/* Requests that are being answered now are still to be counted as ended. */
	sim->ledger =
	    (struct ledger){.lists_now = sim->ledger.lists_now, .held_now = sim->ledger.held_now};
}

void
state_reset(struct sim *sim)
{
	json_t *rule;
	size_t i;

	end(sim);
	sim->set = sim->first;
	/* The same lines and rules were good at the start. */
	free(begin(sim));
	json_array_foreach(sim->set.rules, i, rule) free(faults_add(sim, json_string_value(rule)));
}

void
state_fini(struct sim *sim)
{
	end(sim);
	free(sim->base);
	json_decref(sim->set.records);
	json_decref(sim->set.offline);
	json_decref(sim->set.systems);
	json_decref(sim->set.rules);
	json_decref(sim->set.snapshot);
	free(sim->set.fixtures);
	free(sim->set.certificate);
	free(sim->set.key);
	pthread_mutex_destroy(&sim->lock);
}

int
state_office(const struct sim *sim, const char *id)
{
	const json_t *place = json_object_get(sim->office_places, id);

	return place != NULL ? (int)json_integer_value(place) : -1;
}

struct request_key *
state_key(const struct sim *sim, const char *value)
{
	const json_t *place = json_object_get(sim->key_places, value);

	return place != NULL ? &sim->keys[json_integer_value(place)] : NULL;
}

struct refresh_key *
state_refresh(const struct sim *sim, const char *value)
{
	const json_t *place = json_object_get(sim->refresh_places, value);

	return place != NULL ? &sim->refreshes[json_integer_value(place)] : NULL;
}

/* Keys are never forgotten: those behind as many as are found already are the new ones. */
void
state_index_keys(struct sim *sim)
{
	if (sim->key_places == NULL) {
		sim->key_places = json_object();
		sim->refresh_places = json_object();
	}
	for (size_t i = json_object_size(sim->key_places); i < sim->key_count; i++)
		json_object_set_new(sim->key_places, sim->keys[i].value,
		    json_integer((json_int_t)i));
	for (size_t i = json_object_size(sim->refresh_places); i < sim->refresh_count; i++)
		json_object_set_new(sim->refresh_places, sim->refreshes[i].value,
		    json_integer((json_int_t)i));
}

const struct practice *
state_practice(const struct office *office, const char *id)
{
	for (int i = 0; i < office->practice_count; i++)
		if (strcmp(office->practices[i].id, id) == 0)
			return &office->practices[i];
	return NULL;
}

bool
state_gone(const struct writeback *w)
{
	return w->state == WITHDRAWN || w->state == FORGOTTEN;
}

static struct writeback *
latest(struct sim *sim, long id, int office)
{
	struct writeback *gone = NULL;

	for (size_t i = sim->writeback_count; i > 0; i--) {
		struct writeback *w = &sim->writebacks[i - 1];

		if (w->id != id || (office >= 0 && w->office != office))
			continue;
		if (!state_gone(w))
			return w;
		if (gone == NULL)
			gone = w;
	}
	return gone;
}

struct writeback *
state_writeback(struct sim *sim, const char *id, int office)
{
	struct writeback *w;
	long n;

	if (!number_parse(id, 1, LONG_MAX, &n))
		return NULL;
	if (sim->ids_came_again)
		return latest(sim, n, office);
	if (n < FIRST_WRITEBACK || (size_t)(n - FIRST_WRITEBACK) >= sim->writeback_count)
		return NULL;
	w = &sim->writebacks[n - FIRST_WRITEBACK];
	return office < 0 || w->office == office ? w : NULL;
}

const char *
state_name(enum writeback_state state)
{
	static const char *const names[] = {"pending", "completed", "failed", "withdrawn",
	    "forgotten"};

	return names[state];
}

void
state_seed(struct sim *sim, int office)
{
	if (sim->offices[office].is_seeded)
		return;
	sim->offices[office].is_seeded = true; /* first: what follows reads its records */
	seed_office(sim, office);
	spu_occupy_all(sim, office);
}

size_t
state_count(struct sim *sim, int office, const char *resource)
{
	if (sim->offices[office].is_seeded)
		return json_array_size(state_records(sim, office, resource));
	return (size_t)seed_count(sim, office, resource);
}

json_t *
state_records(struct sim *sim, int office, const char *resource)
{
	json_t *all = sim->offices[office].records, *records;

	state_seed(sim, office);
	records = json_object_get(all, resource);

	if (records == NULL) { /* made when first used, as most resources are never asked for */
		records = seed_generic(sim, office, resource);
		json_object_set_new(all, resource, records);
	}
	return records;
}
