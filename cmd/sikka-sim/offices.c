/* SPDX-License-Identifier: MIT */
/*
 * The lists that the application reads about its offices, and the resources of one office.
 */
#include "offices.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "copies.h"
#include "lists.h"
#include "seed.h"
#include "writebacks.h"

static const int64_t year = (int64_t)365 * 86400 * 1000;

typedef json_t *make_fn(const struct sim *, const struct office *, const struct practice *);

enum which { FIRST_OF_EACH, ALL_PRACTICES, ALL_LOCATIONS };

/* Locations are authorized as one practice. */
static int
listed(const struct office *office, enum which which)
{
	bool is_one = which == FIRST_OF_EACH || (which == ALL_PRACTICES && office->has_locations);

	return is_one ? 1 : office->practice_count;
}

/* Answers with one item for each practice, or location, of the authorized offices. */
static void
per_practice(struct sim *sim, struct request *rq, make_fn *make, enum which which,
    struct answer *an)
{
	const struct resource *resource = resource_find(rq->path + 1);
	json_t *every = json_array(), *some;
	struct page page;

	if (lists_parameters(sim, rq, resource, &page, an)) {
		for (int i = 0; i < sim->office_count; i++) {
			const struct office *office = &sim->offices[i];

			if (!office->authorized)
				continue;
			for (int k = 0; k < listed(office, which); k++)
				json_array_append_new(every,
				    make(sim, office, &office->practices[k]));
		}
		some = lists_filter(rq, resource, every);
		lists_answer(sim, rq, &page, some, an);
		json_decref(some);
	}
	json_decref(every);
}

/* When the practice's data were copied, as the server says it. */
static void
put_insert_date(const struct sim *sim, json_t *o, const struct office *office)
{
	int64_t ahead = sim->set.quirk[Q_INSERT_DATE] == INSERT_DATE_AHEAD ? year : 0;

	if (sim->set.quirk[Q_INSERT_DATE] != INSERT_DATE_ABSENT)
		writebacks_put_moment(sim, o, "data_insert_date",
		    copies_moment(sim, office) + ahead, 'T');
}

static json_t *
basics(const struct sim *sim, const struct office *office, const struct practice *practice)
{
	json_t *o = json_object();

	json_put(o, "office_id", office->id);
	json_put(o, "practice_id", office->has_locations ? "1" : practice->id);
	json_put(o, "practice_name", practice->name);
	json_put(o, "practice_management_system", practice->pms);
	json_put(o, "practice_management_system_version", practice->version);
	json_put(o, "domain", practice->domain);
	put_insert_date(sim, o, office);
	return o;
}

/* The zone of an office's practices, where this list tells it: how is one of ZONE_SYNC and ZONE_TOLD. */
static void
put_zone(const struct sim *sim, const struct office *office, int how, json_t *o)
{
	static const char name[] = "practice_management_system_refresh_date_time_zone";
	static const char offset[] = "practice_management_system_refresh_date_time_zone_utc_offset";
	int quirk = sim->set.quirk[Q_ZONE];
	bool is_first = office == &sim->offices[0];

	if (quirk == ZONE_ABSENT || quirk == ZONE_HEALTH ||
	    (quirk == ZONE_SYNC && how != ZONE_SYNC))
		return;
	if (quirk == ZONE_ODD) {
		json_put(o, name, "Nowhere Standard Time");
		json_put(o, offset, "+99:00");
		return;
	}
	if (quirk != ZONE_OFFSET)
		json_put(o, name, is_first ? "Pacific Standard Time" : "US Mountain Standard Time");
	if (how == ZONE_TOLD && (quirk == ZONE_TOLD || quirk == ZONE_OFFSET))
		json_put(o, offset, is_first ? "-08:00" : "-07:00");
}

static json_t *
authorized(const struct sim *sim, const struct office *office, const struct practice *practice)
{
	json_t *o = basics(sim, office, practice);

	json_put(o, "secret_key", office->secret);
	json_put(o, "address", "1 Main Street");
	json_put(o, "city", "San Jose");
	json_put(o, "state", "CA");
	json_put(o, "zip", "95113");
	writebacks_put_moment(sim, o, "practice_management_system_refresh_date",
	    copies_moment(sim, office), 'T');
	put_zone(sim, office, ZONE_TOLD, o);
	return o;
}

void
offices_authorized(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *show = request_parameter(rq, "show");

	per_practice(sim, rq, authorized,
	    show != NULL && strcmp(show, "all") == 0 ? ALL_PRACTICES : FIRST_OF_EACH, an);
}

static json_t *
sync_status(const struct sim *sim, const struct office *office, const struct practice *practice)
{
	json_t *o = basics(sim, office, practice);

	put_zone(sim, office, ZONE_SYNC, o);
	json_put(o, "status", office->online ? "refresh" : "not_refresh");
	json_putf(o, "minutes_since_refresh", "%lld",
	    (long long)(state_now(sim) - copies_moment(sim, office)) / 60000);
	return o;
}

/* With interval=, only the offices that were refreshed within so many minutes. */
void
offices_sync_status(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *interval = request_parameter(rq, "interval");
	const struct resource *resource = resource_find("data_sync_status");
	json_t *some = json_array(), *shown;
	struct page page;
	long minutes = LONG_MAX;

	if (interval != NULL && !number_parse(interval, 0, 1L << 30, &minutes)) {
		answer_code(an, "API1026", "Invalid parameter: interval");
	} else if (lists_parameters(sim, rq, resource, &page, an)) {
		for (int i = 0; i < sim->office_count; i++) {
			const struct office *office = &sim->offices[i];

			if (!office->authorized ||
			    (state_now(sim) - copies_moment(sim, office)) / 60000 > minutes)
				continue;
			for (int k = 0; k < listed(office, ALL_PRACTICES); k++) {
				json_t *o = sync_status(sim, office, &office->practices[k]);

				json_put(o, "interval", interval != NULL ? interval : "");
				json_array_append_new(some, o);
			}
		}
		shown = lists_filter(rq, resource, some);
		lists_answer(sim, rq, &page, shown, an);
		json_decref(shown);
	}
	json_decref(some);
}

static json_t *
health(const struct sim *sim, const struct office *office, const struct practice *practice)
{
	json_t *o = basics(sim, office, practice);

	json_putf(o, "spc_id", "%ld", commands_utility((int)(office - sim->offices)));
	json_put(o, "spc_version", "6.3.1");
	json_put(o, "spc_schedule_type", "Interval");
	json_put(o, "spc_error_flag", office->online ? "False" : "True");
	json_put(o, "etl_version", "12.4");
	if (sim->set.quirk[Q_ZONE] != ZONE_ABSENT && sim->set.quirk[Q_ZONE] != ZONE_ODD)
		json_put(o, "timezone",
		    office == &sim->offices[0] ? "Pacific Standard Time"
					       : "US Mountain Standard Time");
	json_put(o, "is_inactive", "False");
	return o;
}

static json_t *
location(const struct sim *sim, const struct office *office, const struct practice *practice)
{
	json_t *o = basics(sim, office, practice);

	/* Of the locations that are authorized as one practice, only the first one is on. */
	json_put(o, "practice_id", practice->id);
	json_put(o, "address", "1 Main Street");
	json_put(o, "city", "San Jose");
	json_put(o, "state", "CA");
	json_put(o, "zip", "95113");
	json_put(o, "access",
	    office->has_locations && practice != &office->practices[0] ? "OFF" : "ON");
	json_put(o, "latitude", "37.3361");
	json_put(o, "longitude", "-121.8906");
	return o;
}

void
offices_plain(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *name = rq->path + 1;
	const struct resource *resource = resource_find(name);
	json_t *items, *some;
	struct page page;

	if (strcmp(name, "health_check") == 0) {
		per_practice(sim, rq, health, ALL_PRACTICES, an);
		return;
	}
	if (strcmp(name, "practice_location") == 0) {
		per_practice(sim, rq, location, ALL_LOCATIONS, an);
		return;
	}
	if (!lists_parameters(sim, rq, resource, &page, an))
		return;
	items = strcmp(name, "remote_command_status") == 0
	    ? commands_status(sim, request_parameter(rq, "id"))
	    : seed_application(sim, name);
	some = lists_filter(rq, resource, items);
	lists_answer(sim, rq, &page, some, an);
	json_decref(some);
	json_decref(items);
}

/* What of its practices an office's own list shows; a new array. */
static json_t *
shown_practices(const struct sim *sim, const struct office *office, const json_t *practices)
{
	json_t *shown = json_array();
	size_t most = json_array_size(practices);

	if (office->has_locations && sim->set.quirk[Q_LOCATIONS] == LOCATIONS_FIRST)
		most = 1;
	if (office->has_locations && sim->set.quirk[Q_LOCATIONS] == LOCATIONS_EMPTY)
		most = 0;
	for (size_t i = 0; i < most; i++)
		json_array_append(shown, json_array_get(practices, i));
	return shown;
}

void
offices_resource(struct sim *sim, struct request *rq, struct answer *an)
{
	const struct resource *resource = resource_find(rq->path + 1);
	json_t *some, *records;
	struct page page;

	if (!lists_parameters(sim, rq, resource, &page, an))
		return;
	records = json_incref(copies_records(sim, rq->office, resource->name));
	if (strcmp(resource->name, "practices") == 0) {
		json_t *all = records;

		records = shown_practices(sim, &sim->offices[rq->office], all);
		json_decref(all);
	}
	some = lists_filter(rq, resource, records);
	lists_answer(sim, rq, &page, some, an);
	json_decref(some);
	json_decref(records);
}
