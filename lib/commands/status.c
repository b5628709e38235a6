/* SPDX-License-Identifier: MIT */
/*
 * status: reads the whole state from the state file.
 */
#include "commands/status.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/out.h"
#include "base/time.h"
#include "store/ends.h"
#include "store/offices.h"
#include "life/hold_rule.h"
#include "commands/status_parts.h"

#define WITHDREW "API2007" /* the server's code for an office that has */

static const int64_t age_limits[SK_AGES] = {SK_MINUTE, 10 * SK_MINUTE, SK_HOUR, 6 * SK_HOUR};
_Static_assert(SK_AGE_OVER == SK_AGES, "one bucket below each limit, one above");

static const char *const age_names[SK_AGE_BUCKETS] = {"under_1m", "under_10m", "under_1h",
    "under_6h", "over_6h"};

/* --- reading -------------------------------------------------------------------------------- */

static int
by_id(const void *a, const void *b)
{
	const struct sk_status_office *x = a, *y = b;

	return strcmp(x->office_id, y->office_id);
}

static int64_t
status_at(const struct sk_office *office)
{
	switch (office->status) {
	case SK_OFFICE_HELD:
		return office->held_at;
	case SK_OFFICE_SUSPECT:
	case SK_OFFICE_REAUTHORIZE:
		return office->suspect_at;
	case SK_OFFICE_REVOKED:
		return office->missing_at;
	default:
		return 0;
	}
}

static int
take_offices(struct sk_session *session, struct sk_status *status, struct sk_error *err)
{
	struct sk_office *offices;
	size_t n;

	if (sk_store_offices(session->store, &offices, &n, err) != 0)
		return -1;
	status->room_offices = n + 1;
	status->offices = sk_mem_zero(status->room_offices, sizeof(*status->offices));
	for (size_t i = 0; i < n; i++) {
		struct sk_status_office *office = &status->offices[status->n_offices];

		if (!sk_options_wants_office(session->common, offices[i].office_id))
			continue;
		status->n_offices++;
		office->office_id = sk_mem_copy(offices[i].office_id);
		office->status = offices[i].status;
		office->status_at = status_at(&offices[i]);
		office->last_error = sk_mem_copy(offices[i].last_error);
		office->token_expiry = offices[i].token_expiry;
	}
	sk_offices_free(offices, n);
	status->n_sorted = status->n_offices; /* the store has them in this order */
	return 0;
}

/* The office's entry, borrowed until the next one is added; NULL: there is none. */
static struct sk_status_office *
find_office(const struct sk_status *status, const char *office_id)
{
	struct sk_status_office wanted = {0};

	if (status->n_sorted == 0)
		return NULL;
	wanted.office_id = (char *)(uintptr_t)office_id;
	return bsearch(&wanted, status->offices, status->n_sorted, sizeof(wanted), by_id);
}

/*
 * An office that was forgotten while it had requests, or was never known, gets an entry for its requests. What is read of
 * offices comes in their order, so that a new entry is the last one, until sort_offices takes it in.
 */
static struct sk_status_office *
office_of(struct sk_status *status, const char *office_id)
{
	struct sk_status_office *office = find_office(status, office_id);

	if (office != NULL)
		return office;
	if (status->n_offices > status->n_sorted) {
		office = &status->offices[status->n_offices - 1];
		if (strcmp(office->office_id, office_id) == 0)
			return office;
	}
	status->offices = sk_mem_grow(status->offices, status->n_offices + 1, &status->room_offices,
	    sizeof(*status->offices));
	office = &status->offices[status->n_offices++];
	memset(office, 0, sizeof(*office));
	office->office_id = sk_mem_copy(office_id);
	return office;
}

static void
sort_offices(struct sk_status *status)
{
	if (status->n_offices > status->n_sorted)
		qsort(status->offices, status->n_offices, sizeof(*status->offices), by_id);
	status->n_sorted = status->n_offices;
}

static void
take_zone(struct sk_status_office *office, const struct sk_practice *practice)
{
	const char *told = practice->time_zone != NULL ? practice->time_zone : practice->utc_offset;
	struct sk_zone zone = sk_practice_zone(practice);
	const json_t *known;
	size_t i;

	office->zone = office->practices == 0 ? zone : sk_zone_join(office->zone, zone);
	if (told == NULL)
		return;
	if (office->time_zones == NULL)
		office->time_zones = json_array();
	json_array_foreach(office->time_zones, i, known)
	{
		if (strcmp(json_string_value(known), told) == 0)
			return;
	}
	json_array_append_new(office->time_zones, json_string(told));
}

static int
take_practices(struct sk_session *session, struct sk_status *status, struct sk_error *err)
{
	struct sk_practice *practices;
	size_t n;

	if (sk_store_practices(session->store, NULL, &practices, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct sk_status_office *office = find_office(status, practices[i].office_id);

		if (office == NULL || practices[i].status != SK_OFFICE_ACTIVE)
			continue;
		take_zone(office, &practices[i]);
		office->practices++;
	}
	sk_practices_free(practices, n);
	return 0;
}

/* The earlier one of two moments, of which each may be missing. */
static int64_t
earlier(int64_t one, int64_t other)
{
	return one == 0 || (other != 0 && other < one) ? other : one;
}

static void
add_living(struct sk_status_living *sum, const struct sk_open_tally *living)
{
	int64_t younger = 0;

	sum->count += living->count;
	sum->oldest = earlier(sum->oldest, living->oldest);
	for (int i = 0; i < SK_AGES; i++) {
		sum->oldest_under[i] = earlier(sum->oldest_under[i], living->oldest_younger[i]);
		sum->by_age[i] += living->younger[i] - younger;
		younger = living->younger[i];
	}
	sum->by_age[SK_AGE_OVER] += living->count - younger;
}

static int
take_living(struct sk_session *session, struct sk_status *status, struct sk_error *err)
{
	struct sk_open_tally *living;
	size_t n;

	if (sk_store_writebacks_living(session->store, age_limits, status->now, &living, &n, err) !=
	    0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!sk_options_wants_office(session->common, living[i].office_id))
			continue;
		add_living(&status->living[living[i].state], &living[i]);
		add_living(&office_of(status, living[i].office_id)->living[living[i].state],
		    &living[i]);
	}
	sk_open_tallies_free(living, n);
	sort_offices(status);
	return 0;
}

static void
take_refused(void *arg, const char *office_id, int64_t at)
{
	struct sk_status_office *office = find_office(arg, office_id);

	if (office != NULL)
		office->refused_at = at;
}

/* A misspelt -O must not look like an office in which all is well. */
static int
find_stranger(struct sk_session *session, struct sk_status *status, struct sk_error *err)
{
	const struct sk_common *common = session->common;

	for (size_t i = 0; i < common->n_offices && session->store != NULL; i++) {
		const struct sk_filter ever = {.offices = &common->offices[i],
		    .n_offices = 1,
		    .most = 1};
		struct sk_writeback *rows;
		size_t n;

		if (find_office(status, common->offices[i]) != NULL)
			continue;
		if (sk_store_writebacks(session->store, &ever, &rows, &n, err) != 0)
			return -1;
		sk_writebacks_free(rows, n);
		if (n == 0 && status->stranger == NULL)
			status->stranger = common->offices[i];
	}
	return 0;
}

/* That of all offices concerns each one. */
static int
take_pauses(struct sk_session *session, struct sk_status *status, struct sk_error *err)
{
	size_t n, kept = 0;

	if (sk_store_pauses(session->store, &status->pauses, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct sk_pause pause = status->pauses[i];

		if (pause.office_id != NULL &&
		    !sk_options_wants_office(session->common, pause.office_id))
			continue;
		status->pauses[i] = status->pauses[kept];
		status->pauses[kept++] = pause;
	}
	for (size_t i = kept; i < n; i++)
		sk_pause_fini(&status->pauses[i]);
	status->n_pauses = kept;
	return 0;
}

/* That the application's calls are used up concerns every office. */
static void
take_buckets(struct sk_session *session, struct sk_status *status)
{
	size_t kept = 0;

	sk_rate_buckets(session->config.db, &status->buckets, &status->n_buckets);
	for (size_t i = 0; i < status->n_buckets; i++) {
		struct sk_rate_bucket *bucket = &status->buckets[i];

		if (strcmp(bucket->name, SK_RATE_APP) == 0 ||
		    sk_options_wants_office(session->common, bucket->name))
			status->buckets[kept++] = *bucket;
		else
			free(bucket->name);
	}
	status->n_buckets = kept;
}

int
sk_status_read(struct sk_session *session, struct sk_status *status, struct sk_error *err)
{
	const struct sk_common *common = session->common;
	struct sk_status read = {0};
	struct sk_error copy = {0};

	read.now = sk_time_now();
	read.db = session->config.db;
	if (sk_copy_refuse(session, &copy) != 0)
		read.copy = sk_mem_copy(copy.text);
	else
		read.holds = sk_hold_words(session->store, NULL);
	if (take_offices(session, &read, err) != 0 || take_practices(session, &read, err) != 0 ||
	    take_living(session, &read, err) != 0 ||
	    sk_store_writebacks_refused_offices(session->store, WITHDREW, read.now - SK_DAY,
		take_refused, &read, err) != 0 ||
	    find_stranger(session, &read, err) != 0 || take_pauses(session, &read, err) != 0 ||
	    sk_store_writebacks_ended(session->store, common->offices, common->n_offices,
		read.now - SK_DAY, &read.day, err) != 0 ||
	    sk_store_outbox(session->store, common->offices, common->n_offices, &read.outbox,
		err) != 0 ||
	    sk_store_heartbeats(session->store, read.succeeded_at, err) != 0 ||
	    sk_store_refusal(session->store, &read.refused, &read.refused_at, err) < 0 ||
	    sk_store_measures(session->store, read.largest, err) != 0) {
		sk_status_fini(&read);
		return -1;
	}
	take_buckets(session, &read);
	*status = read;
	return 0;
}

int
sk_status_read_ends(struct sk_session *session, struct sk_status *status, struct sk_error *err)
{
	struct sk_tally *ends;
	size_t n;

	if (sk_store_ends(session->store, &ends, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (sk_options_wants_office(session->common, ends[i].office_id))
			office_of(status, ends[i].office_id)->ends[ends[i].state] = ends[i].count;
	sk_tallies_free(ends, n);
	sort_offices(status);
	return sk_store_ends_straight(session->store, session->common->offices,
	    session->common->n_offices, &status->straight_count, &status->straight_ms, err);
}

void
sk_status_fini(struct sk_status *status)
{
	free(status->copy);
	free(status->holds);
	sk_pauses_free(status->pauses, status->n_pauses);
	free(status->refused);
	sk_rate_buckets_free(status->buckets, status->n_buckets);
	for (size_t i = 0; i < status->n_offices; i++) {
		free(status->offices[i].office_id);
		free(status->offices[i].last_error);
		json_decref(status->offices[i].time_zones);
	}
	free(status->offices);
	free(status->day.durations);
	memset(status, 0, sizeof(*status));
}

/*
 * Interpolates between two neighbours, so that the median of an even number of values is in the
 * middle.
 */
double
sk_status_seconds(const struct sk_ended *ended, double q)
{
	double at = q * (double)(ended->n_durations - 1);
	size_t below = (size_t)at;
	size_t above = below + 1 < ended->n_durations ? below + 1 : below;
	double low = (double)ended->durations[below], high = (double)ended->durations[above];

	return (low + (high - low) * (at - (double)below)) / (double)SK_SECOND;
}

/* --- the overview --------------------------------------------------------------------------- */

static void
set_number(json_t *object, const char *name, int64_t number)
{
	json_object_set_new(object, name, json_integer(number));
}

static json_t *
office_json(const struct sk_status_office *office, int64_t now)
{
	json_t *record = json_object();
	int64_t left = office->token_expiry - now;
	char text[SK_TIME_TEXT], words[SK_ZONE_WORDS];

	sk_json_set(record, "office_id", office->office_id);
	sk_json_set(record, "status", sk_office_status_name(office->status));
	sk_json_set(record, "token_expiry",
	    office->token_expiry != 0 ? sk_time_format(office->token_expiry, text) : NULL);
	json_object_set_new(record, "expires_in",
	    office->token_expiry != 0 ? json_integer(left > 0 ? left / SK_SECOND : 0)
				      : json_null());
	sk_json_set(record, "last_error", office->last_error);
	set_number(record, "practices", office->practices);
	if (office->time_zones != NULL)
		json_object_set(record, "time_zones", office->time_zones);
	else
		json_object_set_new(record, "time_zones", json_array());
	sk_json_set(record, "utc_offset",
	    office->zone.is_known ? sk_zone_words(office->zone, words) : NULL);
	return record;
}

static json_t *
day_json(const struct sk_ended *day)
{
	json_t *record = json_object();
	const char *const names[] = {"median_seconds", "slowest_seconds"};
	const double quantiles[] = {0.5, 1};

	for (int state = SK_COMPLETED; state < SK_STATES; state++)
		set_number(record, sk_state_name((enum sk_state)state), day->count[state]);
	for (int i = 0; i < 2; i++)
		json_object_set_new(record, names[i],
		    day->n_durations > 0
			? json_integer((json_int_t)(sk_status_seconds(day, quantiles[i]) + 0.5))
			: json_null());
	return record;
}

static json_t *
tasks_json(const struct sk_status *status)
{
	json_t *record = json_object();
	char text[SK_TIME_TEXT];

	for (int task = 0; task < SK_TASKS; task++)
		sk_json_set(record, sk_task_name((enum sk_task)task),
		    status->succeeded_at[task] != 0
			? sk_time_format(status->succeeded_at[task], text)
			: NULL);
	return record;
}

static json_t *
pauses_json(const struct sk_status *status)
{
	json_t *list = json_array();
	char text[SK_TIME_TEXT];

	for (size_t i = 0; i < status->n_pauses; i++) {
		const struct sk_pause *pause = &status->pauses[i];
		json_t *record = json_object();
		char *run = sk_mem_printf("%lld", (long long)pause->run);

		sk_json_set(record, "office_id", pause->office_id);
		sk_json_set(record, "since", sk_time_format(pause->since, text));
		sk_json_set(record, "user", pause->user);
		sk_json_set(record, "host", pause->host);
		sk_json_set(record, "run", run);
		json_array_append_new(list, record);
		free(run);
	}
	return list;
}

json_t *
sk_status_json(const struct sk_status *status)
{
	json_t *record = json_object(), *offices = json_array(), *living = json_object();
	json_t *ages = json_object(), *outbox = json_object();

	for (size_t i = 0; i < status->n_offices; i++)
		json_array_append_new(offices, office_json(&status->offices[i], status->now));
	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		set_number(living, sk_state_name((enum sk_state)state),
		    status->living[state].count);
	for (int i = 0; i < SK_AGE_BUCKETS; i++)
		set_number(ages, age_names[i], status->living[SK_PENDING].by_age[i]);
	set_number(outbox, "undelivered", status->outbox.undelivered);
	set_number(outbox, "set_aside", status->outbox.set_aside);

	sk_json_set(record, "db", status->db);
	json_object_set_new(record, "offices", offices);
	json_object_set_new(record, "writebacks", living);
	json_object_set_new(record, "pending_by_age", ages);
	json_object_set_new(record, "last_day", day_json(&status->day));
	json_object_set_new(record, "outbox", outbox);
	sk_json_set(record, "waits", status->holds);
	json_object_set_new(record, "paused", pauses_json(status));
	json_object_set_new(record, "last_success", tasks_json(status));
	json_object_set_new(record, "measures", sk_status_measures_json(status));
	return record;
}
