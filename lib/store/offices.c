/* SPDX-License-Identifier: MIT */
/*
 * store: offices with their keys and practices (tables pms_integrations and pms_practices).
 */
#include "store/offices.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"
#include "base/sorted.h"
#include "base/time.h"
#include "store/holds.h"
#include "store/statements.h"

/*
 * The names in the column status and in what commands print. The file has no "held": there such an
 * office is "new" and has a time in held_at, so that older versions can read the file.
 */
static const char *const statuses[SK_OFFICE_STATUSES] = {
    [SK_OFFICE_NEW] = "new",
    [SK_OFFICE_ACTIVE] = "active",
    [SK_OFFICE_HELD] = "held",
    [SK_OFFICE_SUSPECT] = "suspect",
    [SK_OFFICE_REAUTHORIZE] = "reauthorize",
    [SK_OFFICE_REVOKED] = "revoked",
};

const char *
sk_office_status_name(enum sk_office_status status)
{
	return status > SK_OFFICE_NONE && status < SK_OFFICE_STATUSES ? statuses[status] : NULL;
}

enum sk_office_status
sk_office_status_find(const char *name)
{
	for (int i = SK_OFFICE_NEW; i < SK_OFFICE_STATUSES; i++)
		if (name != NULL && strcmp(name, statuses[i]) == 0)
			return (enum sk_office_status)i;
	return SK_OFFICE_NONE;
}

void
sk_office_fini(struct sk_office *office)
{
	free(office->office_id);
	sk_secret_free(office->secret_key);
	sk_secret_free(office->request_key);
	sk_secret_free(office->refresh_key);
	free(office->domain);
	free(office->last_error);
	memset(office, 0, sizeof(*office));
}

void
sk_practice_fini(struct sk_practice *practice)
{
	free(practice->office_id);
	free(practice->practice_id);
	free(practice->practice_name);
	free(practice->pms);
	free(practice->pms_version);
	free(practice->domain);
	free(practice->time_zone);
	free(practice->utc_offset);
	memset(practice, 0, sizeof(*practice));
}

void
sk_offices_free(struct sk_office *offices, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_office_fini(&offices[i]);
	free(offices);
}

void
sk_practices_free(struct sk_practice *practices, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_practice_fini(&practices[i]);
	free(practices);
}

static void
read_office(struct sk_query *query, struct sk_office *office)
{
	memset(office, 0, sizeof(*office));
	office->number = sk_query_column_number(query, 0);
	office->office_id = sk_query_column_text(query, 1);
	office->secret_key = sk_query_column_text(query, 2);
	office->request_key = sk_query_column_text(query, 3);
	office->refresh_key = sk_query_column_text(query, 4);
	office->token_expiry = sk_query_column_time(query, 5);
	office->status = sk_office_status_find(sk_query_column_look(query, 6));
	office->domain = sk_query_column_text(query, 7);
	office->last_error = sk_query_column_text(query, 8);
	office->renewed_at = sk_query_column_time(query, 9);
	office->renewal_tried_at = sk_query_column_time(query, 10);
	office->renewal_refused_at = sk_query_column_time(query, 11);
	office->held_at = sk_query_column_time(query, 12);
	office->suspect_at = sk_query_column_time(query, 13);
	office->missing_at = sk_query_column_time(query, 14);
	if (office->held_at != 0 && office->status == SK_OFFICE_NEW)
		office->status = SK_OFFICE_HELD;
}

int
sk_store_office_get(struct sk_store *store, const char *office_id, struct sk_office *office,
    struct sk_error *err)
{
	struct sk_query query;
	struct sk_office read = {0};
	int found;

	sk_query_open(&query, store, SK_SQL_OFFICE_GET, err);
	sk_query_text(&query, 1, office_id);
	found = sk_query_step(&query);
	if (found)
		read_office(&query, &read);
	if (sk_query_close(&query) != 0) {
		sk_office_fini(&read);
		return -1;
	}
	if (found)
		*office = read;
	return found;
}

int
sk_store_offices(struct sk_store *store, struct sk_office **offices, size_t *n,
    struct sk_error *err)
{
	struct sk_query query;
	struct sk_office *list = NULL;
	size_t count = 0, room = 0;

	sk_query_open(&query, store, SK_SQL_OFFICES, err);
	while (sk_query_step(&query)) {
		list = sk_mem_grow(list, count + 1, &room, sizeof(*list));
		read_office(&query, &list[count++]);
	}
	if (sk_query_close(&query) != 0) {
		sk_offices_free(list, count);
		return -1;
	}
	*offices = list;
	*n = count;
	return 0;
}

int
sk_store_office_put(struct sk_store *store, const struct sk_office *office, struct sk_error *err)
{
	struct sk_query query;
	enum sk_office_status status =
	    office->status == SK_OFFICE_HELD ? SK_OFFICE_NEW : office->status;

	if (sk_store_holds_note_added(store, office->office_id, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_OFFICE_PUT, err);
	sk_query_text(&query, 1, office->office_id);
	sk_query_text(&query, 2, office->secret_key);
	sk_query_text(&query, 3, office->request_key);
	sk_query_text(&query, 4, office->refresh_key);
	sk_query_time(&query, 5, office->token_expiry);
	sk_query_text(&query, 6, sk_office_status_name(status));
	sk_query_text(&query, 7, office->domain);
	sk_query_text(&query, 8, office->last_error);
	sk_query_time(&query, 9, office->renewed_at);
	sk_query_time(&query, 10, office->renewal_tried_at);
	sk_query_time(&query, 11, office->renewal_refused_at);
	sk_query_time(&query, 12, office->held_at);
	sk_query_time(&query, 13, office->suspect_at);
	sk_query_time(&query, 14, office->missing_at);
	return sk_query_run(&query, NULL);
}

int
sk_store_office_forget(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	struct sk_query query;

	if (sk_store_holds_forget(store, office_id, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_OFFICE_FORGET, err);
	sk_query_text(&query, 1, office_id);
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_FORGOTTEN_PUT, err);
	sk_query_text(&query, 1, office_id);
	sk_query_time(&query, 2, sk_time_now());
	return sk_query_run(&query, NULL);
}

int
sk_store_office_remember(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_FORGOTTEN_END, err);
	sk_query_text(&query, 1, office_id);
	return sk_query_run(&query, NULL);
}

int
sk_store_office_is_forgotten(struct sk_store *store, const char *office_id, struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_FORGOTTEN_GET, err);
	sk_query_text(&query, 1, office_id);
	found = sk_query_step(&query);
	return sk_query_close(&query) == 0 ? found : -1;
}

int
sk_store_practices(struct sk_store *store, const char *office_id, struct sk_practice **practices,
    size_t *n, struct sk_error *err)
{
	struct sk_query query;
	struct sk_practice *list = NULL, *practice;
	size_t count = 0, room = 0;

	sk_query_open(&query, store, office_id != NULL ? SK_SQL_PRACTICES_OF : SK_SQL_PRACTICES,
	    err);
	if (office_id != NULL)
		sk_query_text(&query, 1, office_id);
	while (sk_query_step(&query)) {
		list = sk_mem_grow(list, count + 1, &room, sizeof(*list));
		practice = &list[count++];
		*practice = (struct sk_practice){0};
		practice->office_id = sk_query_column_text(&query, 0);
		practice->practice_id = sk_query_column_text(&query, 1);
		practice->practice_name = sk_query_column_text(&query, 2);
		practice->pms = sk_query_column_text(&query, 3);
		practice->pms_version = sk_query_column_text(&query, 4);
		practice->domain = sk_query_column_text(&query, 5);
		practice->status = sk_office_status_find(sk_query_column_look(&query, 6));
		practice->missing_at = sk_query_column_time(&query, 7);
		practice->is_location = sk_query_column_number(&query, 8) != 0;
		practice->time_zone = sk_query_column_text(&query, 9);
		practice->utc_offset = sk_query_column_text(&query, 10);
	}
	if (sk_query_close(&query) != 0) {
		sk_practices_free(list, count);
		return -1;
	}
	*practices = list;
	*n = count;
	return 0;
}

int
sk_store_practice_put(struct sk_store *store, const struct sk_practice *practice,
    struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_PRACTICE_PUT, err);
	sk_query_text(&query, 1, practice->office_id);
	sk_query_text(&query, 2, practice->practice_id);
	sk_query_text(&query, 3, practice->practice_name);
	sk_query_text(&query, 4, practice->pms);
	sk_query_text(&query, 5, practice->pms_version);
	sk_query_text(&query, 6, practice->domain);
	sk_query_text(&query, 7, sk_office_status_name(practice->status));
	sk_query_time(&query, 8, practice->missing_at);
	sk_query_number(&query, 9, practice->is_location);
	sk_query_text(&query, 10, practice->time_zone);
	sk_query_text(&query, 11, practice->utc_offset);
	return sk_query_run(&query, NULL);
}

int
sk_store_practice_zone(struct sk_store *store, const struct sk_practice *practice,
    struct sk_error *err)
{
	struct sk_query query;

	if (practice->time_zone == NULL && practice->utc_offset == NULL)
		return 0;
	sk_query_write(&query, store, SK_SQL_PRACTICE_ZONE, err);
	sk_query_text(&query, 1, practice->office_id);
	sk_query_text(&query, 2, practice->practice_id);
	sk_query_text(&query, 3, practice->time_zone);
	sk_query_text(&query, 4, practice->utc_offset);
	return sk_query_run(&query, NULL);
}

struct sk_zone
sk_practice_zone(const struct sk_practice *practice)
{
	return sk_zone_of(practice->time_zone, practice->utc_offset);
}

static int
compare_office(const void *office_id, const void *practice)
{
	return strcmp(office_id, ((const struct sk_practice *)practice)->office_id);
}

struct sk_zone
sk_practices_zone(const struct sk_practice *practices, size_t n, const char *office_id,
    const char *practice_id)
{
	struct sk_zone all = {0};
	bool has_one = false;

	for (size_t i =
		 sk_sorted_place(office_id, practices, n, sizeof(*practices), compare_office);
	     i < n && strcmp(practices[i].office_id, office_id) == 0; i++) {
		struct sk_zone zone = sk_practice_zone(&practices[i]);

		if (practice_id != NULL && strcmp(practices[i].practice_id, practice_id) == 0)
			return zone;
		all = has_one ? sk_zone_join(all, zone) : zone;
		has_one = true;
	}
	return practice_id == NULL ? all : (struct sk_zone){0};
}
