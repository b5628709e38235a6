/* SPDX-License-Identifier: MIT */
/* store: hand-overs: reading what goes, and writing what comes. What can't be written undoes all of it. */
#include "store/hand_over.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"
#include "store/holders.h"
#include "store/runs.h"
#include "store/statements.h"

static const char *const ways[] = {[SK_HAND_OVER_OUT] = "out", [SK_HAND_OVER_IN] = "in"};

void
sk_hand_over_fini(struct sk_hand_over *over)
{
	free(over->office_id);
	free(over->newest);
	memset(over, 0, sizeof(*over));
}

/* The hand-over that a query finds: 1 with *over, which may be NULL; 0; -1. */
static int
find(struct sk_query *query, struct sk_hand_over *over)
{
	struct sk_hand_over found = {0};
	bool is_there = sk_query_step(query);

	if (is_there) {
		const char *name = sk_query_column_look(query, 0);

		snprintf(found.name, sizeof(found.name), "%s", name != NULL ? name : "");
		found.office_id = sk_query_column_text(query, 1);
		found.newest = sk_query_column_text(query, 2);
		found.at = sk_query_column_time(query, 3);
	}
	if (sk_query_close(query) == 0 && over != NULL && is_there)
		*over = found;
	else
		sk_hand_over_fini(&found);
	return query->failed ? -1 : is_there;
}

static int
find_of_office(struct sk_store *store, enum sk_sql statement, const char *office_id,
    struct sk_hand_over *over, struct sk_error *err)
{
	struct sk_query query;

	sk_query_open(&query, store, statement, err);
	sk_query_text(&query, 1, office_id);
	return find(&query, over);
}

int
sk_store_handed_out(struct sk_store *store, const char *office_id, struct sk_hand_over *over,
    struct sk_error *err)
{
	return find_of_office(store, SK_SQL_HANDED_OUT, office_id, over, err);
}

int
sk_store_handed_in(struct sk_store *store, const char *office_id, struct sk_hand_over *over,
    struct sk_error *err)
{
	return find_of_office(store, SK_SQL_HANDED_IN, office_id, over, err);
}

int
sk_store_hand_over_known(struct sk_store *store, const char *name, enum sk_hand_over_way way,
    struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_HAND_OVER_KNOWN, err);
	sk_query_text(&query, 1, name);
	sk_query_text(&query, 2, ways[way]);
	found = sk_query_step(&query);
	return sk_query_close(&query) != 0 ? -1 : found;
}

/* Adds column 0 of each row to an array of texts, and closes. */
static int
collect(struct sk_query *query, json_t *texts)
{
	while (sk_query_step(query))
		json_array_append_new(texts, json_string(sk_query_column_look(query, 0)));
	return sk_query_close(query);
}

int
sk_store_hand_over_offices(struct sk_store *store, enum sk_hand_over_way way, json_t **offices,
    struct sk_error *err)
{
	struct sk_query query;

	*offices = json_array();
	sk_query_open(&query, store,
	    way == SK_HAND_OVER_IN ? SK_SQL_HANDED_IN_OFFICES : SK_SQL_HANDED_OUT_OFFICES, err);
	return collect(&query, *offices);
}

int
sk_store_hand_over_names(struct sk_store *store, const char *office_id, json_t **names,
    struct sk_error *err)
{
	struct sk_query query;

	*names = json_array();
	sk_query_open(&query, store, SK_SQL_HAND_OVER_NAMES, err);
	sk_query_text(&query, 1, office_id);
	return collect(&query, *names);
}

/* Runs a statement about an office at a moment. */
static int
change(struct sk_store *store, enum sk_sql which, const char *office_id, int64_t at,
    struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, which, err);
	sk_query_text(&query, 1, office_id);
	sk_query_time(&query, 2, at);
	return sk_query_run(&query, NULL);
}

static int
name_rows(struct sk_store *store, const struct sk_hand_over *over, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_HANDED_ROWS_NAME, err);
	sk_query_text(&query, 1, over->office_id);
	sk_query_text(&query, 2, over->name);
	return sk_query_run(&query, NULL);
}

int
sk_store_hand_over_note(struct sk_store *store, enum sk_hand_over_way way,
    const struct sk_hand_over *over, struct sk_error *err)
{
	struct sk_query query;
	int64_t run;
	int result = way == SK_HAND_OVER_OUT
	    ? name_rows(store, over, err)
	    : change(store, SK_SQL_HAND_OVER_BACK, over->office_id, sk_time_now(), err);

	if (result != 0 || sk_store_run(store, &run, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_HAND_OVER_ADD, err);
	sk_query_text(&query, 1, over->name);
	sk_query_text(&query, 2, ways[way]);
	sk_query_text(&query, 3, over->office_id);
	sk_query_text(&query, 4, over->newest);
	sk_query_time(&query, 5, over->at);
	sk_query_time(&query, 6, sk_time_now());
	sk_query_number(&query, 7, run);
	return sk_query_run(&query, NULL);
}

int
sk_store_newest_id(struct sk_store *store, char **newest, struct sk_error *err)
{
	struct sk_query query;

	*newest = NULL;
	sk_query_open(&query, store, SK_SQL_NEWEST_ID, err);
	if (sk_query_step(&query))
		*newest = sk_query_column_text(&query, 0);
	return sk_query_close(&query);
}

int
sk_store_hand_over_read(struct sk_store *store, const struct sk_hand_over *over, json_t **lines,
    struct sk_error *err)
{
	/* Rows and runs come before the events that name them. */
	static const enum sk_sql parts[] = {SK_SQL_GIVE_OFFICE, SK_SQL_GIVE_PRACTICES,
	    SK_SQL_GIVE_ROWS, SK_SQL_GIVE_ARCHIVED, SK_SQL_GIVE_RUNS, SK_SQL_GIVE_NOT_OURS,
	    SK_SQL_GIVE_PAUSES, SK_SQL_GIVE_EVENTS};

	*lines = json_array();
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct sk_query query;

		sk_query_open(&query, store, parts[i], err);
		sk_query_text(&query, 1, over->office_id);
		if (parts[i] == SK_SQL_GIVE_EVENTS || parts[i] == SK_SQL_GIVE_PAUSES)
			sk_query_time(&query, 2, over->at);
		if (collect(&query, *lines) != 0)
			return -1;
	}
	if (change(store, SK_SQL_HANDED_EVENTS_DROP, over->office_id, over->at, err) != 0)
		return -1;
	return change(store, SK_SQL_HANDED_PAUSE_END, over->office_id, over->at, err);
}

/* --- taking ----------------------------------------------------------------------------------- */

static int64_t
number_in(const json_t *map, const json_t *number)
{
	char name[24];

	snprintf(name, sizeof(name), "%lld", (long long)json_integer_value(number));
	return json_integer_value(json_object_get(map, name));
}

static void
map_number(json_t *map, const json_t *from, int64_t to)
{
	char name[24];

	snprintf(name, sizeof(name), "%lld", (long long)json_integer_value(from));
	json_object_set_new(map, name, json_integer(to));
}

static int
find_by_origin(struct sk_store *store, const char *origin, int64_t *id, struct sk_error *err)
{
	struct sk_query query;
	int found;

	sk_query_open(&query, store, SK_SQL_HANDED_ROW_FIND, err);
	sk_query_text(&query, 1, origin);
	found = sk_query_step(&query);
	if (found)
		*id = sk_query_column_number(&query, 0);
	return sk_query_close(&query) != 0 ? -1 : found;
}

static int
note_origin(struct sk_store *store, int64_t id, const char *origin, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_HANDED_ROW_ADD, err);
	sk_query_number(&query, 1, id);
	sk_query_text(&query, 2, origin);
	return sk_query_run(&query, NULL);
}

/* What belongs to the other file: its runs, and lists that it has read. */
static void
forget_the_other(struct sk_writeback *row)
{
	row->run = 0;
	row->attempts_in_run = 0;
	row->absent_at = 0;
	row->absent_list = 0;
	/* Two looks by lists follow one another: one of them says nothing to another file. */
	row->looks = row->looks < 2 ? 0 : row->looks;
	row->gone_looks = 0;
	row->gone_at = 0;
}

/* A row begins as queued, and a trigger lets it go on by the ways of a request only. */
static int
put_end(struct sk_store *store, struct sk_writeback *row, enum sk_state end, struct sk_error *err)
{
	enum sk_state was = SK_QUEUED;

	if (end == SK_COMPLETED) {
		row->result = SK_PENDING;
		if (sk_store_writeback_put(store, row, was, row->attempts, NULL, err) != 1)
			return -1;
		was = SK_PENDING;
	}
	row->result = end;
	return sk_store_writeback_put(store, row, was, row->attempts, NULL, err) == 1 ? 0 : -1;
}

static int
refuse_key(const char *key, const char *office_id, int64_t holder, struct sk_error *err)
{
	return sk_error_set(err, SK_EXIT_BAD_DATA,
	    "request %lld of another office here has the key \"%.40s\", as one of office %s has; "
	    "keys are for all offices of a host; when you know that it is never used again for %s: "
	    "--unchecked",
	    (long long)holder, key != NULL ? key : "", office_id, office_id);
}

static int
add_row(struct sk_store *store, struct sk_hand_over_taking *taking, struct sk_writeback *row,
    struct sk_error *err)
{
	enum sk_state end = row->result;
	int64_t holder = 0;
	int added;

	row->result = SK_QUEUED;
	added = sk_store_writeback_insert(store, row, &holder, err);
	if (added == 0 && !taking->keys_may_clash)
		return refuse_key(row->key, row->office_id, holder, err);
	if (added == 0) {
		row->holds_key = 0;
		added = sk_store_writeback_insert(store, row, &holder, err);
	}
	if (added != 1)
		return err->code != 0 ? -1 : refuse_key(row->key, row->office_id, holder, err);
	return put_end(store, row, end, err);
}

/* One that was given away from here, and has come back: what became of it meanwhile. */
static int
renew_row(struct sk_store *store, struct sk_writeback *row, int64_t id, struct sk_error *err)
{
	struct sk_writeback here = {0};
	int result = sk_store_writeback_get(store, id, &here, err);

	row->id = id;
	if (result == 1 && row->attempts < here.attempts)
		row->attempts = here.attempts;
	if (result == 1)
		result = sk_store_writeback_put(store, row, here.result, here.attempts, NULL, err);
	sk_writeback_fini(&here);
	if (result == 1 || err->code != 0)
		return result == 1 ? 0 : -1;
	return sk_error_set(err, SK_EXIT_BAD_DATA, "request %lld can't be brought up to date",
	    (long long)id);
}

static int
take_row(struct sk_store *store, struct sk_hand_over_taking *taking, const json_t *line,
    struct sk_error *err)
{
	const char *origin = sk_json_string(line, "origin");
	struct sk_writeback row = {0};
	int64_t id = 0;
	int found, result = -1;

	if (origin == NULL || sk_writeback_from_json(&row, line) != 0 ||
	    (SK_MASK(row.result) & SK_ENDED) == 0) {
		sk_error_set(err, SK_EXIT_BAD_DATA, "a request isn't one that has ended");
		goto out;
	}
	forget_the_other(&row);
	found = find_by_origin(store, origin, &id, err);
	if (found == 1)
		result = renew_row(store, &row, id, err);
	else if (found == 0 && add_row(store, taking, &row, err) == 0)
		result = note_origin(store, row.id, origin, err);
	if (result == 0)
		map_number(taking->map.rows, json_object_get(line, "id"), row.id);
out:
	sk_writeback_fini(&row);
	return result;
}

/* Whether what was archived here has the key, and is of that office: 1, 0, -1. */
static int
is_archived_here(struct sk_store *store, const char *key, const char *office_id,
    struct sk_error *err)
{
	struct sk_query query;
	int is_it;

	sk_query_open(&query, store, SK_SQL_ARCHIVED_OFFICE, err);
	sk_query_text(&query, 1, key);
	is_it = sk_query_step(&query) && sk_text_equal(sk_query_column_look(&query, 0), office_id);
	return sk_query_close(&query) != 0 ? -1 : is_it;
}

/* What stays of an archived row gets a number that no row gets any more, as the one it had. */
static int
add_archived(struct sk_store *store, const char *text, struct sk_error *err)
{
	static const enum sk_sql steps[] = {SK_SQL_NUMBERS_BEGIN, SK_SQL_NUMBER_USE,
	    SK_SQL_TAKE_ARCHIVED};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct sk_query query;

		sk_query_write(&query, store, steps[i], err);
		if (steps[i] == SK_SQL_TAKE_ARCHIVED)
			sk_query_text(&query, 1, text);
		if (sk_query_run(&query, NULL) != 0)
			return -1;
	}
	return 0;
}

/* An office that comes back finds what was archived here before. */
static int
take_archived(struct sk_store *store, const struct sk_hand_over_taking *taking, const json_t *line,
    const char *text, struct sk_error *err)
{
	const char *key = sk_json_string(line, "key"), *office_id = taking->over->office_id;
	int64_t holder = 0;
	int found = sk_store_key_holder(store, key, &holder, err);

	if (found == 0)
		return add_archived(store, text, err);
	if (found == 1)
		found = is_archived_here(store, key, office_id, err);
	if (found != 0 || taking->keys_may_clash)
		return found < 0 ? -1 : 0;
	return refuse_key(key, office_id, holder, err);
}

static int
take_run(struct sk_store *store, struct sk_hand_over_taking *taking, const json_t *line,
    const char *text, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_TAKE_RUN, err);
	sk_query_text(&query, 1, text);
	if (sk_query_run(&query, NULL) != 0)
		return -1;
	map_number(taking->map.runs, json_object_get(line, "run"),
	    sqlite3_last_insert_rowid(store->db));
	return 0;
}

/* An office that comes back brings events that are here already. */
static int
take_event(struct sk_store *store, struct sk_hand_over_taking *taking, const json_t *line,
    const char *text, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_TAKE_EVENT, err);
	sk_query_text(&query, 1, text);
	sk_query_number_or_null(&query, 2,
	    number_in(taking->map.rows, json_object_get(line, "row_id")));
	sk_query_number_or_null(&query, 3,
	    number_in(taking->map.runs, json_object_get(line, "run")));
	return sk_query_run(&query, NULL);
}

/* Who paused it comes along, too. */
static int
take_pause(struct sk_store *store, const struct sk_hand_over_taking *taking, const json_t *line,
    const char *text, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_TAKE_PAUSE, err);
	sk_query_text(&query, 1, text);
	sk_query_number_or_null(&query, 2,
	    number_in(taking->map.runs, json_object_get(line, "run")));
	return sk_query_run(&query, NULL);
}

static int
take_plain(struct sk_store *store, enum sk_sql which, const char *text, struct sk_error *err)
{
	struct sk_query query;
	int64_t run;

	if (sk_store_run(store, &run, err) != 0)
		return -1;
	sk_query_write(&query, store, which, err);
	sk_query_text(&query, 1, text);
	if (which == SK_SQL_TAKE_NOT_OURS)
		sk_query_number(&query, 2, run);
	return sk_query_run(&query, NULL);
}

int
sk_store_hand_over_take(struct sk_store *store, struct sk_hand_over_taking *taking,
    const json_t *line, struct sk_error *err)
{
	const char *table = sk_json_string(line, "table");
	const char *office_id = sk_json_string(line, "office_id");
	char *text;
	int result;

	if (table != NULL && strcmp(table, "pms_writebacks") == 0)
		return sk_text_equal(office_id, taking->over->office_id)
		    ? take_row(store, taking, line, err)
		    : sk_error_set(err, SK_EXIT_BAD_DATA, "a request is of another office");
	text = sk_json_dump(line);
	if (table == NULL)
		result = sk_error_set(err, SK_EXIT_BAD_DATA, "a line says nothing of a table");
	else if (strcmp(table, "runs") == 0)
		result = take_run(store, taking, line, text, err);
	else if (!sk_text_equal(office_id, taking->over->office_id))
		result = sk_error_set(err, SK_EXIT_BAD_DATA, "a line is of another office");
	else if (strcmp(table, "events") == 0)
		result = take_event(store, taking, line, text, err);
	else if (strcmp(table, "archived") == 0)
		result = take_archived(store, taking, line, text, err);
	else if (strcmp(table, "pauses") == 0)
		result = take_pause(store, taking, line, text, err);
	else if (strcmp(table, "pms_integrations") == 0)
		result = take_plain(store, SK_SQL_TAKE_OFFICE, text, err);
	else if (strcmp(table, "practices") == 0)
		result = take_plain(store, SK_SQL_TAKE_PRACTICE, text, err);
	else if (strcmp(table, "not_ours") == 0)
		result = take_plain(store, SK_SQL_TAKE_NOT_OURS, text, err);
	else
		result = sk_error_set(err, SK_EXIT_BAD_DATA, "there is no table \"%.40s\"", table);
	sk_secret_free(text);
	return result;
}
