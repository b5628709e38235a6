/* SPDX-License-Identifier: MIT */
/*
 * locations: reads an office's own list of practices, and records the ids that only this list has. What such a
 * record doesn't say (the system, the domain) is what the office's authorized practice has.
 */
#include "calls/locations.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "store/event.h"
#include "store/offices.h"
#include "calls/practices.h"
#include "calls/zones.h"

#define PAGE 500
#define MOST_BYTES ((size_t)4 << 20) /* of one office's list */

/* An id may come as a number: from here on it is the text that it is elsewhere. */
static int
collect(void *arg, json_t *record, struct sk_error *err)
{
	struct sk_locations *locations = arg;
	char *id = sk_json_member_text(record, "practice_id");

	(void)err;
	if (id == NULL || *id == '\0') {
		locations->has_nameless = 1;
	} else {
		json_object_set_new(record, "practice_id", json_string(id));
		json_array_append(locations->found, record);
	}
	free(id);
	return 0;
}

void
sk_locations_begin(struct sk_pool *pool, struct sk_locations *locations)
{
	locations->found = json_array();
	locations->parameter = (struct sk_api_parameter){"fields", locations->fields};
	locations->pages = (struct sk_pages){.kind = SK_CALL_READ,
	    .path = "/practices",
	    .parameters = &locations->parameter,
	    .n_parameters = locations->fields != NULL,
	    .office_id = locations->office_id,
	    .page_size = PAGE,
	    .most = MOST_BYTES,
	    .record = collect,
	    .arg = locations};
	sk_pages_begin(pool, &locations->pages);
}

void
sk_locations_finish(struct sk_pool *pool, struct sk_locations *locations)
{
	while (!locations->pages.is_done)
		sk_pool_turn(pool, SK_MINUTE, -1);
	locations->error = locations->pages.error;
}

void
sk_locations_fini(struct sk_pool *pool, struct sk_locations *locations)
{
	if (locations->found == NULL)
		return;
	while (!sk_pages_stop(&locations->pages))
		sk_pool_turn(pool, SK_MINUTE, -1);
	sk_pages_fini(&locations->pages);
	json_decref(locations->found);
	locations->found = NULL;
}

static bool
is_whole(const struct sk_locations *locations)
{
	return sk_api_pages_whole(&locations->pages.list) && !locations->has_nameless &&
	    !locations->pages.is_reloading && json_array_size(locations->found) > 0;
}

bool
sk_locations_have(const json_t *found, const char *practice_id)
{
	const json_t *listed;
	size_t i;

	json_array_foreach(found, i, listed)
	{
		if (sk_text_both_equal(sk_json_string(listed, "practice_id"), practice_id))
			return true;
	}
	return false;
}

/* --- recording -------------------------------------------------------------------------------- */

struct known {
	struct sk_practice *practices; /* of one office */
	size_t n;
};

static struct sk_practice *
find(const struct known *known, const char *practice_id)
{
	for (size_t i = 0; i < known->n; i++)
		if (strcmp(known->practices[i].practice_id, practice_id) == 0)
			return &known->practices[i];
	return NULL;
}

/* The authorized practice that a location belongs to: 1 for 1-3; otherwise the first one. May be NULL. */
static const struct sk_practice *
practice_above(const struct known *known, const char *location)
{
	const struct sk_practice *first = NULL;
	size_t n = strcspn(location, "-");

	for (size_t i = 0; i < known->n; i++) {
		const struct sk_practice *practice = &known->practices[i];

		if (practice->is_location || practice->status != SK_OFFICE_ACTIVE)
			continue;
		if (strlen(practice->practice_id) == n &&
		    strncmp(practice->practice_id, location, n) == 0)
			return practice;
		if (first == NULL)
			first = practice;
	}
	return first;
}

/* A member of the record that isn't empty, or else that text; the caller's. */
static char *
text_or(const json_t *record, const char *name, const char *otherwise)
{
	char *text = sk_json_member_text(record, name);

	if (text != NULL && *text != '\0')
		return text;
	free(text);
	return sk_mem_copy(otherwise);
}

static int
record_location(struct sk_session *session, const struct known *known, const char *office_id,
    const json_t *listed, struct sk_error *err)
{
	const char *id = sk_json_string(listed, "practice_id");
	const struct sk_practice *old = find(known, id), *above = practice_above(known, id);
	struct sk_practice location = {.status = SK_OFFICE_ACTIVE, .is_location = true};
	int result;

	/* What the application is authorized for is said by the other list alone. */
	if (old != NULL && !old->is_location)
		return 0;
	location.office_id = sk_mem_copy(office_id);
	location.practice_id = sk_mem_copy(id);
	location.practice_name =
	    text_or(listed, "practice_name", old != NULL ? old->practice_name : NULL);
	location.pms = text_or(listed, "practice_management_system", NULL);
	if (location.pms != NULL) {
		location.pms_version = text_or(listed, "practice_management_system_version", NULL);
	} else if (above != NULL) {
		location.pms = sk_mem_copy(above->pms);
		location.pms_version = sk_mem_copy(above->pms_version);
	}
	location.domain = text_or(listed, "domain", above != NULL ? above->domain : NULL);
	sk_zones_take(listed, &location);
	if (location.time_zone == NULL && location.utc_offset == NULL && above != NULL) {
		location.time_zone = sk_mem_copy(above->time_zone);
		location.utc_offset = sk_mem_copy(above->utc_offset);
	}
	result = sk_store_practice_put(session->store, &location, err);
	sk_practice_fini(&location);
	return result;
}

static int
miss_location(struct sk_session *session, struct sk_practice *location, struct sk_error *err)
{
	bool is_gone = sk_practices_lack(&location->missing_at);
	char *text;
	int result;

	if (is_gone)
		location->status = SK_OFFICE_REVOKED;
	if (sk_store_practice_put(session->store, location, err) != 0)
		return -1;
	if (!is_gone)
		return 0;
	text = sk_mem_printf("practice %s is no longer in the office's own list of practices",
	    location->practice_id);
	result = sk_event_make(session->store, SK_EVENT_LOCATION_GONE, location->office_id, 0, text,
	    err);
	free(text);
	return result;
}

/* 1 it is; 0 a person has had the office forgotten meanwhile, or it has withdrawn; -1 error. */
static int
is_wanted(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	struct sk_office office = {0};
	int found = sk_store_office_get(session->store, office_id, &office, err);

	if (found == 1 && office.status == SK_OFFICE_REVOKED)
		found = 0;
	sk_office_fini(&office);
	return found;
}

static int
record_office(struct sk_session *session, const struct sk_locations *locations,
    struct sk_error *err)
{
	struct known known = {0};
	const json_t *listed;
	size_t i;
	int result = is_wanted(session, locations->office_id, err);

	if (result <= 0)
		return result;
	result = sk_store_practices(session->store, locations->office_id, &known.practices,
	    &known.n, err);
	if (result != 0)
		return -1;
	json_array_foreach(locations->found, i, listed)
	{
		if (result == 0)
			result =
			    record_location(session, &known, locations->office_id, listed, err);
	}
	for (i = 0; i < known.n && result == 0 && is_whole(locations); i++) {
		struct sk_practice *practice = &known.practices[i];

		if (practice->is_location && practice->status == SK_OFFICE_ACTIVE &&
		    !sk_locations_have(locations->found, practice->practice_id))
			result = miss_location(session, practice, err);
	}
	sk_practices_free(known.practices, known.n);
	return result;
}

int
sk_locations_record(struct sk_session *session, const struct sk_locations *locations, size_t n,
    struct sk_error *err)
{
	int result = 0;

	if (sk_store_begin(session->store, err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++)
		if (locations[i].error.code == 0)
			result = record_office(session, &locations[i], err);
	if (result == 0)
		return sk_store_commit(session->store, err);
	sk_store_rollback(session->store);
	return -1;
}
