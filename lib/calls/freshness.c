/* SPDX-License-Identifier: MIT */
/*
 * freshness: asks data_sync_status. In doubt the data are older: a practice of which nothing is said proves
 * nothing, and one date that was seen before the moment stays what it is, whatever else is said.
 */
#include "calls/freshness.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "store/refreshes.h"
#include "calls/pages.h"

struct asking {
	struct sk_pool *pool;
	const char *office_id;
	json_t *entries; /* of the office */
};

static int
collect(void *arg, json_t *record, struct sk_error *err)
{
	struct asking *asking = arg;
	char *office_id = sk_json_member_text(record, "office_id");

	(void)err;
	if (sk_text_both_equal(office_id, asking->office_id))
		json_array_append(asking->entries, record);
	free(office_id);
	return 0;
}

int
sk_freshness_ask(struct sk_pool *pool, struct sk_sync_question *question, struct sk_error *err)
{
	const struct sk_api_parameter parameters[] = {{"office_id", question->office_id},
	    {"interval", question->interval}};
	struct sk_pages pages = {.kind = SK_CALL_READ,
	    .path = "/data_sync_status",
	    .parameters = parameters,
	    .n_parameters = question->interval != NULL ? 2 : 1,
	    .page_size = 500,
	    .record = question->record,
	    .arg = question->arg};
	int result = sk_pages_read(pool, &pages, err);

	question->is_torn = pages.list.torn;
	sk_pages_fini(&pages);
	return result;
}

/* What the server lists of the office; interval: what was refreshed within so many minutes; NULL: all. */
static int
read_entries(struct asking *asking, const char *interval, struct sk_error *err)
{
	struct sk_sync_question question = {.office_id = asking->office_id,
	    .interval = interval,
	    .record = collect,
	    .arg = asking};
	int result;

	json_array_clear(asking->entries);
	result = sk_freshness_ask(asking->pool, &question, err);
	/* This application may not ask: then nothing is said. */
	if (result != 0 && sk_api_is_not_allowed(err)) {
		*err = (struct sk_error){0};
		return 0;
	}
	/* A practice that a torn list lacks may be the one whose data are old. */
	if (question.is_torn)
		json_array_clear(asking->entries);
	return result;
}

static bool
is_of_practice(const json_t *entry, const char *practice_id)
{
	char *practice = sk_json_member_text(entry, "practice_id");
	bool is_same = sk_text_both_equal(practice, practice_id);

	free(practice);
	return is_same;
}

/* Leaves the entries of the practice; where the office has none of its own, they are all its. */
static void
keep_practice(struct asking *asking, const char *practice_id)
{
	json_t *kept = json_array(), *entry;
	size_t i;

	json_array_foreach(asking->entries, i, entry)
	{
		if (practice_id != NULL && is_of_practice(entry, practice_id))
			json_array_append(kept, entry);
	}
	if (json_array_size(kept) > 0) {
		json_decref(asking->entries);
		asking->entries = kept;
		return;
	}
	json_decref(kept);
}

/* What the date of one practice says by itself. YOUNGER: it may be so. */
static enum sk_freshness
judge_date(struct asking *asking, const json_t *entry, int64_t since, struct sk_error *err)
{
	struct sk_store *store = sk_pool_session(asking->pool)->store;
	const char *date = sk_json_string(entry, "data_insert_date");
	char *practice_id = sk_json_member_text(entry, "practice_id");
	const char *practice = practice_id != NULL ? practice_id : "";
	int64_t moment = sk_refresh_moment(date);
	struct sk_refresh known = {0};
	enum sk_freshness said = SK_FRESH_YOUNGER;

	if (moment == 0)
		said = SK_FRESH_UNSAID;
	else if (sk_store_refresh_note(store, asking->office_id, practice, date, err) != 0 ||
	    sk_store_refresh_get(store, asking->office_id, practice, &known, err) < 0)
		said = SK_FRESH_ERROR;
	else if (moment + SK_TIME_WESTERNMOST < since)
		said = SK_FRESH_OLDER; /* in every zone */
	else if (known.date != NULL &&
	    (known.seen_at < since || moment < sk_refresh_moment(known.date)))
		said = SK_FRESH_OLDER; /* it was there before */
	sk_refresh_fini(&known);
	free(practice_id);
	return said;
}

static enum sk_freshness
judge_dates(struct asking *asking, int64_t since, char date[SK_FRESHNESS_DATE],
    struct sk_error *err)
{
	enum sk_freshness said =
	    json_array_size(asking->entries) > 0 ? SK_FRESH_YOUNGER : SK_FRESH_UNSAID;
	json_t *entry;
	size_t i;

	json_array_foreach(asking->entries, i, entry)
	{
		const char *text = sk_json_string(entry, "data_insert_date");
		enum sk_freshness one = judge_date(asking, entry, since, err);

		said = one < said ? one : said;
		if (text != NULL &&
		    (date[0] == '\0' || sk_refresh_moment(text) < sk_refresh_moment(date)))
			snprintf(date, SK_FRESHNESS_DATE, "%s", text);
	}
	return said;
}

/* Whether the server lists n practices, or more, among those that were refreshed within so many minutes. */
static enum sk_freshness
ask_within(struct asking *asking, const char *practice_id, long long minutes, size_t n,
    struct sk_error *err)
{
	char interval[24];

	snprintf(interval, sizeof(interval), "%lld", minutes);
	if (read_entries(asking, interval, err) != 0)
		return SK_FRESH_ERROR;
	keep_practice(asking, practice_id);
	return json_array_size(asking->entries) >= n ? SK_FRESH_YOUNGER : SK_FRESH_OLDER;
}

static enum sk_freshness
ask_since(struct asking *asking, const char *practice_id, int64_t since, struct sk_error *err)
{
	/* One less: of a minute that isn't over nobody knows whether it counts. */
	long long minutes = (sk_time_now() - since) / SK_MINUTE - 1;

	return minutes < 1
	    ? SK_FRESH_OLDER
	    : ask_within(asking, practice_id, minutes, json_array_size(asking->entries), err);
}

enum sk_freshness
sk_freshness_since(struct sk_pool *pool, const char *office_id, const char *practice_id,
    int64_t since, char date[SK_FRESHNESS_DATE], struct sk_error *err)
{
	struct asking asking = {.pool = pool, .office_id = office_id, .entries = json_array()};
	enum sk_freshness said = SK_FRESH_ERROR;

	date[0] = '\0';
	if (read_entries(&asking, NULL, err) == 0) {
		keep_practice(&asking, practice_id);
		said = judge_dates(&asking, since, date, err);
	}
	if (said == SK_FRESH_YOUNGER)
		said = ask_since(&asking, practice_id, since, err);
	json_decref(asking.entries);
	return said;
}

/* Halves the ages between which the data are, until none of these is in between. 0, -1. */
static int
narrow(struct asking *asking, struct sk_freshness_age *age, struct sk_error *err)
{
	static const long long minutes[] = {5, 15, 30, 60, 120, 240, 480, 1440};
	size_t n = json_array_size(asking->entries), low = 0,
	       high = sizeof(minutes) / sizeof(minutes[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;
		enum sk_freshness said = ask_within(asking, NULL, minutes[middle], n, err);

		if (said == SK_FRESH_ERROR)
			return -1;
		if (said == SK_FRESH_YOUNGER)
			high = middle;
		else
			low = middle + 1;
	}
	age->least = low > 0 ? minutes[low - 1] * SK_MINUTE : 0;
	age->most = low < sizeof(minutes) / sizeof(minutes[0]) ? minutes[low] * SK_MINUTE : 0;
	return 0;
}

int
sk_freshness_age(struct sk_pool *pool, const char *office_id, struct sk_freshness_age *age,
    struct sk_error *err)
{
	struct asking asking = {.pool = pool, .office_id = office_id, .entries = json_array()};
	int result;

	*age = (struct sk_freshness_age){0};
	result = read_entries(&asking, NULL, err);
	if (result == 0 && judge_dates(&asking, 0, age->date, err) == SK_FRESH_YOUNGER)
		result = narrow(&asking, age, err);
	else
		age->date[0] = '\0';
	json_decref(asking.entries);
	return result;
}
