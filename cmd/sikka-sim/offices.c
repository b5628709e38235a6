/* SPDX-License-Identifier: MIT */
/*
 * The lists that the application reads about its offices, and the resources of one office.
 */
#include "offices.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "copies.h"
#include "faults.h"
#include "lists.h"
#include "seed.h"
#include "writebacks.h"

static const int64_t year = (int64_t)365 * 86400 * 1000;

typedef json_t *make_fn(const struct sim *, const struct office *, const struct practice *);

enum which { FIRST_OF_EACH, ALL_PRACTICES, ALL_LOCATIONS };

/* A list with an item for each practice, or location, of the authorized offices. */
struct list {
	make_fn *make;
	enum which which;
	long minutes; /* for which an office's data may be unrefreshed: others aren't listed */
	const char *interval; /* a member of each item; NULL: of none */
};

/* How many items an office has. Locations are authorized as one practice. */
static int
listed(const struct sim *sim, const struct office *office, const struct list *list)
{
	bool is_one =
	    list->which == FIRST_OF_EACH || (list->which == ALL_PRACTICES && office->has_locations);

	if (!office->authorized ||
	    (state_now(sim) - copies_moment(sim, office)) / 60000 > list->minutes)
		return 0;
	return is_one ? 1 : office->practice_count;
}

static json_t *
make_item(const struct sim *sim, const struct list *list, const struct office *office, int k)
{
	json_t *item = list->make(sim, office, &office->practices[k]);

	if (list->interval != NULL)
		json_put(item, "interval", list->interval);
	return item;
}

/* The items from the one on that has the number `from`, at most so many; *total: of all offices. */
static json_t *
make_items(struct sim *sim, const struct list *list, size_t from, size_t most, size_t *total)
{
	json_t *items = json_array();

	*total = 0;
	for (int i = 0; i < sim->office_count; i++) {
		const struct office *office = &sim->offices[i];
		int count = listed(sim, office, list);

		for (int k = 0; k < count; k++, ++*total)
			if (*total >= from && *total - from < most)
				json_array_append_new(items, make_item(sim, list, office, k));
	}
	sim->ledger.looked_at += (long long)json_array_size(items);
	return items;
}

static void
answer_list(struct sim *sim, struct request *rq, const struct list *list, struct answer *an)
{
	const struct resource *resource = resource_find(rq->path + 1);
	json_t *items, *some;
	struct page page;
	size_t total;

	if (!lists_parameters(sim, rq, resource, &page, an))
		return;
	if (lists_is_whole(rq, resource) && !faults_has(rq, FAULT_ENDLESS)) {
		items = make_items(sim, list, (size_t)page.offset * (size_t)page.limit,
		    (size_t)page.limit, &total);
		lists_part(sim, rq, &page, total, items, 0, an);
	} else {
		items = make_items(sim, list, 0, SIZE_MAX, &total);
		some = lists_filter(sim, rq, resource, items);
		lists_answer(sim, rq, &page, some, an);
		json_decref(some);
	}
	json_decref(items);
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
	const struct list list = {.make = authorized,
	    .which = show != NULL && strcmp(show, "all") == 0 ? ALL_PRACTICES : FIRST_OF_EACH,
	    .minutes = LONG_MAX};

	answer_list(sim, rq, &list, an);
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
	struct list list = {.make = sync_status,
	    .which = ALL_PRACTICES,
	    .minutes = LONG_MAX,
	    .interval = interval != NULL ? interval : ""};

	if (interval != NULL && !number_parse(interval, 0, 1L << 30, &list.minutes))
		answer_code(an, "API1026", "Invalid parameter: interval");
	else
		answer_list(sim, rq, &list, an);
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
		answer_list(sim, rq, &(struct list){health, ALL_PRACTICES, LONG_MAX, NULL}, an);
		return;
	}
	if (strcmp(name, "practice_location") == 0) {
		answer_list(sim, rq, &(struct list){location, ALL_LOCATIONS, LONG_MAX, NULL}, an);
		return;
	}
	if (!lists_parameters(sim, rq, resource, &page, an))
		return;
	items = strcmp(name, "remote_command_status") == 0
	    ? commands_status(sim, request_parameter(rq, "id"))
	    : seed_application(sim, name);
	some = lists_filter(sim, rq, resource, items);
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
	some = lists_kept(sim, rq, resource, records);
	lists_answer(sim, rq, &page, some, an);
	json_decref(some);
	json_decref(records);
}
