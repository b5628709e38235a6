/* SPDX-License-Identifier: MIT */
/* zones: reads lists for the time zones of practices. */
#include "calls/zones.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/sorted.h"
#include "calls/pages.h"

#define PAGE 500
#define MOST_BYTES ((size_t)64 << 20)

void
sk_zones_take(const json_t *record, struct sk_practice *practice)
{
	free(practice->time_zone);
	free(practice->utc_offset);
	practice->time_zone =
	    sk_json_member_text(record, "practice_management_system_refresh_date_time_zone");
	practice->utc_offset = sk_json_member_text(record,
	    "practice_management_system_refresh_date_time_zone_utc_offset");
	if (practice->time_zone == NULL)
		practice->time_zone = sk_json_member_text(record, "timezone");
}

static bool
lacks_zone(const struct sk_practice *practice)
{
	return practice->status == SK_OFFICE_ACTIVE && practice->time_zone == NULL &&
	    practice->utc_offset == NULL;
}

/* The practices of the state file, and how many of them have no zone. */
struct zones {
	struct sk_practice *practices;
	size_t n, n_lacking;
};

static int
read_known(struct sk_pool *pool, struct zones *zones, struct sk_error *err)
{
	zones->n_lacking = 0;
	if (sk_store_practices(sk_pool_session(pool)->store, NULL, &zones->practices, &zones->n,
		err) != 0)
		return -1;
	for (size_t i = 0; i < zones->n; i++)
		zones->n_lacking += lacks_zone(&zones->practices[i]);
	return 0;
}

static int
compare_office(const void *office, const void *practice)
{
	return strcmp(office, ((const struct sk_practice *)practice)->office_id);
}

/* Where the practices of the office begin: the store has them by office. Lists and offices are thousands. */
static size_t
first_of(const struct zones *zones, const char *office)
{
	return sk_sorted_place(office, zones->practices, zones->n, sizeof(*zones->practices),
	    compare_office);
}

/* A record without a practice is about all of its office. */
static int
take_record(void *arg, json_t *record, struct sk_error *err)
{
	struct zones *zones = arg;
	char *office = sk_json_member_text(record, "office_id"),
	     *practice = sk_json_member_text(record, "practice_id");

	(void)err;
	for (size_t i = office != NULL ? first_of(zones, office) : zones->n; i < zones->n; i++) {
		struct sk_practice *known = &zones->practices[i];

		if (strcmp(known->office_id, office) != 0)
			break;
		if (lacks_zone(known) &&
		    (practice == NULL || strcmp(known->practice_id, practice) == 0))
			sk_zones_take(record, known);
	}
	free(office);
	free(practice);
	return 0;
}

static int
record(struct sk_store *store, const struct zones *zones, struct sk_error *err)
{
	int result = 0;

	if (sk_store_begin(store, err) != 0)
		return -1;
	for (size_t i = 0; i < zones->n && result == 0; i++)
		result = sk_store_practice_zone(store, &zones->practices[i], err);
	if (result == 0)
		return sk_store_commit(store, err);
	sk_store_rollback(store);
	return -1;
}

static int
learn_from(struct sk_pool *pool, const char *path, struct zones *zones, struct sk_error *err)
{
	struct sk_error why = {0};
	struct sk_pages pages = {.kind = SK_CALL_READ,
	    .path = path,
	    .page_size = PAGE,
	    .most = MOST_BYTES,
	    .record = take_record,
	    .arg = zones};

	if (sk_pages_read(pool, &pages, &why) != 0)
		sk_out_verbose("%s, so the zones of practices aren't read there", why.text);
	sk_pages_fini(&pages);
	return record(sk_pool_session(pool)->store, zones, err);
}

int
sk_zones_learn(struct sk_pool *pool, struct sk_error *err)
{
	static const char *const paths[] = {"/data_sync_status", "/health_check"};
	struct zones zones = {0};
	int result = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && result == 0; i++) {
		result = read_known(pool, &zones, err);
		if (result == 0 && zones.n_lacking > 0)
			result = learn_from(pool, paths[i], &zones, err);
		sk_practices_free(zones.practices, zones.n);
		zones = (struct zones){0};
	}
	return result;
}
