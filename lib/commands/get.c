/* SPDX-License-Identifier: MIT */
/*
 * get: reads a resource page by page, several offices side by side, and prints its records. An error in
 * one office doesn't stop the others; the message says by which options the rest can be read.
 */
#include "commands/get.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/secret.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/time.h"
#include "store/served.h"
#include "rules/resources.h"
#include "calls/pages.h"
#include "calls/practices.h"
#include "calls/request_key.h"
#include "commands/get_parts.h"

#define PAGE_SIZE 500 /* of the first page */
#define LARGEST_PAGE 5000

struct getting;

/* The reading of one office's list, or of the application's. */
struct reading {
	struct getting *getting;
	const char *office_id; /* NULL: the list of all offices at once */
	struct sk_api_parameter *parameters;
	struct sk_pages pages;
	bool by_events;   /* it is practice_events that is read … */
	bool is_too_much; /* … and its changes aren't all on one page … */
	bool is_refused;  /* … or the server refuses it */
	int64_t n;        /* records printed so far */
	int cant_write;   /* that is why it ended */
};

struct getting {
	struct sk_pool *pool;
	const struct sk_get_options *options;
	char *path;
	enum sk_resource_auth auth;
	enum sk_resource_shape shape; /* of an answer */
	bool by_body;                 /* its parameters are sent in a body … */
	bool is_single;               /* … and its answer is one object */
	char interval[24];            /* minutes that practice_events is asked for; "": it isn't */
	int several;                  /* several offices are read: messages name theirs */
	struct reading *readings;
	size_t n_readings, n_open;
	size_t n_old; /* offices whose data are too old to be read */
	enum sk_exit exit;
	struct sk_get_stopped stopped;
	size_t n_masked;      /* keys in records */
	int is_over;          /* nothing more can be told: nothing more is read */
	struct sk_error *err; /* the first error */
};

/* Whether the record belongs to an office that -O doesn't select, or to another host's. */
static bool
is_of_another(const struct reading *reading, const json_t *record)
{
	const char *office_id = sk_json_string(record, "office_id");

	const struct sk_session *session = sk_pool_session(reading->getting->pool);

	return reading->office_id == NULL && office_id != NULL &&
	    !(sk_options_wants_office(session->common, office_id) &&
		sk_served_has(session, office_id));
}

/* Whether it doesn't say whose it is. */
static bool
is_unmarked(const json_t *record)
{
	const json_t *office_id = json_object_get(record, "office_id");

	return json_is_object(record) && (office_id == NULL || json_is_null(office_id));
}

/* The record as it is told: with its office in front, and without keys. The caller's. */
static json_t *
told_as(const struct reading *reading, json_t *record)
{
	struct getting *getting = reading->getting;
	bool is_object = json_is_object(record);
	json_t *told;

	if (is_unmarked(record) || (is_object && getting->options->names_resource)) {
		told = json_object();
		sk_json_set(told, "office_id", reading->office_id);
		if (getting->options->names_resource)
			sk_json_set(told, "resource", getting->options->resource);
		json_object_update_missing(told, record);
	} else {
		told = json_incref(record);
	}
	if (!getting->options->shows_secrets) {
		record = sk_secret_without_keys(told, &getting->n_masked);
		json_decref(told);
		told = record;
	}
	return told;
}

/* An sk_record_fn: 0 go on, 1 enough records, -1 it can't be written. */
static int
tell_record(void *arg, json_t *record, struct sk_error *err)
{
	struct reading *reading = arg;
	const struct getting *getting = reading->getting;
	int64_t limit = getting->options->limit;
	json_t *told;
	int result;

	if (getting->is_over || reading->is_too_much)
		return 1;
	if (is_of_another(reading, record))
		return 0;
	told = told_as(reading, record);
	result = sk_out_record(told, err);
	json_decref(told);
	reading->n++;
	if (result != 0) {
		reading->cant_write = 1;
		return -1;
	}
	return sk_out_is_closed() || (limit > 0 && reading->n >= limit);
}

/*
 * A few answers are a list in another shape. An object that is neither a list nor a message counts as one
 * record, where the documents don't say that it has to be a list: told as a record, what is one in a shape that
 * nobody knows would look as if all had been read.
 */
static void
make_list(void *arg, struct sk_api_reply *reply)
{
	const struct reading *reading = arg;
	enum sk_resource_shape shape = reading->getting->shape;

	if (reply->class != SK_API_OK || reply->code[0] != '\0' || reply->records.is_list ||
	    json_object_get(reply->json, "items") != NULL)
		return;
	if (shape != SK_SHAPE_OBJECT && sk_api_reply_be_list(reply))
		return;
	if (shape != SK_SHAPE_LIST && json_is_object(reply->json))
		sk_api_reply_be_record(reply);
}

/*
 * As make_list, for practice_events. Its minutes end when it is asked, so that each page would be
 * cut from another list: there may be only one.
 */
static void
look_for_more(void *arg, struct sk_api_reply *reply)
{
	struct reading *reading = arg;
	int64_t n = (int64_t)reply->records.n, limit, total;

	reading->is_refused = reply->class == SK_API_REFUSED;
	if (reply->class != SK_API_OK || !reply->records.is_list)
		return;
	if (sk_json_number(json_object_get(reply->json, "limit"), &limit) != 0 || limit < 1)
		limit = reading->pages.page_size;
	if (sk_json_number(json_object_get(reply->json, "total_count"), &total) != 0)
		total = n + 1;
	reading->is_too_much = n >= limit && total > n;
}

static struct sk_get_rest
rest_of(const struct reading *reading)
{
	return (
	    struct sk_get_rest){.office_id = reading->getting->several ? reading->office_id : NULL,
	    .pages = &reading->pages.list,
	    .by_events = reading->by_events,
	    .n = reading->n,
	    .limit = reading->getting->options->limit};
}

/* The first error becomes the command's; later ones are printed at once. */
static void
note_trouble(struct getting *getting, const struct reading *reading, struct sk_error *why)
{
	const struct sk_get_rest rest = rest_of(reading);

	getting->exit = sk_exit_worse(getting->exit, why->code);
	if (getting->several && strstr(why->text, reading->office_id) == NULL)
		sk_error_context(why, "%s", reading->office_id);
	if (getting->several && sk_stop_is_why(why)) {
		sk_get_note_stopped(&getting->stopped, &rest);
		return;
	}
	sk_get_add_remedy(&rest, why);
	if (getting->err->code == 0)
		*getting->err = *why;
	else if (strcmp(getting->err->text, why->text) != 0)
		sk_out_tell("%s", why->text);
}

static void
warn_of_doubts(const struct reading *reading)
{
	const char *text = "the practice's data is being reloaded: what was read may be incomplete";

	if (reading->pages.is_reloading && reading->office_id != NULL)
		sk_out_warn_repeated("office", reading->office_id, ": %s", text);
	else if (reading->pages.is_reloading)
		sk_out_warn("%s", text);
}

/* Why a list is torn. What it lacks begins on the page that add_remedy() names. */
static void
set_torn(struct reading *reading, struct sk_error *why)
{
	const struct sk_api_pages *list = &reading->pages.list;
	long long page = (long long)list->torn_at + 1;

	switch (list->why) {
	case SK_MISFIT_REPEATS:
		sk_error_set(why, SK_EXIT_PROTOCOL, "page %lld repeats one that came before", page);
		break;
	case SK_MISFIT_SHORT:
		sk_error_set(why, SK_EXIT_PROTOCOL,
		    "page %lld is too short: the server counts %lld records", page,
		    (long long)list->counted);
		break;
	case SK_MISFIT_ENDLESS:
		sk_error_set(why, SK_EXIT_PROTOCOL, "the list hasn't ended before page %lld", page);
		break;
	case SK_MISFIT_UNREAD:
		sk_error_set(why, SK_EXIT_PROTOCOL, "%zu records that can't be read were left out",
		    reading->pages.n_unread);
		break;
	default:
		sk_error_set(why, SK_EXIT_PROTOCOL,
		    "the list changed while it was read: records may be missing or doubled");
	}
	sk_error_context(why, "%s", reading->pages.path);
}

/* Nothing more is read for any office: what is on the wire is let go by. */
static void
end_all(struct getting *getting)
{
	getting->is_over = 1;
	for (size_t i = 0; i < getting->n_readings; i++)
		getting->n_open -= !getting->readings[i].pages.is_done &&
		    sk_pages_stop(&getting->readings[i].pages);
}

static void set_reading(struct reading *reading, void (*ask)(struct reading *reading));
static void ask_for_records(struct reading *reading);

/*
 * Where practice_events is refused, or its changes don't stand on one page, the records are read by days.
 * Returns whether that has begun. What passes, such as a server that is overloaded, is no reason: by days
 * it would be the same.
 */
static bool
has_turned_to_days(struct reading *reading)
{
	const struct sk_error *why = &reading->pages.error;
	const struct sk_get_options *options = reading->getting->options;

	if (!reading->by_events || !(reading->is_too_much || reading->is_refused))
		return false;
	sk_out_warn_repeated("office", reading->office_id,
	    ": %s; asking for records loaded since %s instead",
	    reading->is_too_much ? "there are more changes than one page holds" : why->text,
	    options->loaded_since);
	sk_pages_fini(&reading->pages);
	set_reading(reading, ask_for_records);
	sk_pages_begin(reading->getting->pool, &reading->pages);
	return true;
}

static void
ended(void *arg, struct sk_pages *pages)
{
	struct reading *reading = arg;
	struct getting *getting = reading->getting;

	if (!getting->is_over && has_turned_to_days(reading))
		return;
	getting->n_open--;
	if (getting->is_over)
		return;
	warn_of_doubts(reading);
	if (pages->error.code == 0 && pages->list.torn)
		set_torn(reading, &pages->error);
	if (reading->cant_write) {
		getting->exit = sk_exit_worse(getting->exit, pages->error.code);
		sk_error_set(getting->err, pages->error.code, "%s", pages->error.text);
	} else if (pages->error.code != 0) {
		note_trouble(getting, reading, &pages->error);
	}
	if (reading->cant_write || sk_out_is_closed())
		end_all(getting);
}

static void
add_parameter(struct reading *reading, const char *name, const char *value)
{
	reading->parameters[reading->pages.n_parameters++] = (struct sk_api_parameter){name, value};
}

/* The changes of the last minutes, each record once, on one page. */
static void
ask_for_events(struct reading *reading)
{
	const struct sk_get_options *options = reading->getting->options;

	reading->by_events = true;
	reading->pages.path = "/practice_events";
	reading->pages.page_size = options->page_size > 0 ? options->page_size : LARGEST_PAGE;
	reading->pages.prepare = look_for_more;
	add_parameter(reading, "events", options->resource);
	add_parameter(reading, "interval", reading->getting->interval);
	add_parameter(reading, "status", "current");
	if (options->fields != NULL)
		add_parameter(reading, "fields", options->fields);
}

static void
ask_for_records(struct reading *reading)
{
	const struct getting *getting = reading->getting;
	const struct sk_get_options *options = getting->options;
	int64_t size = options->page_size > 0 ? options->page_size : PAGE_SIZE;

	/* A reading that begins in the middle must use the page size of before. */
	if (options->limit > 0 && options->limit < size && options->from_page <= 1)
		size = options->limit;
	reading->by_events = reading->is_too_much = false;
	reading->pages.path = getting->path;
	reading->pages.page_size = size;
	if (options->page_size == 0 && options->from_page <= 1 && !getting->is_single)
		reading->pages.largest = LARGEST_PAGE;
	reading->pages.wanted = options->limit;
	reading->pages.first_page = options->from_page > 1 ? options->from_page - 1 : 0;
	reading->pages.prepare = make_list;
	for (size_t i = 0; i < options->n_parameters; i++)
		add_parameter(reading, options->parameters[i].name, options->parameters[i].value);
	if (getting->auth == SK_AUTH_APP && reading->office_id != NULL)
		add_parameter(reading, "office_id", reading->office_id);
}

/* Fills in what is to be read, by what is asked for. */
static void
set_reading(struct reading *reading, void (*ask)(struct reading *reading))
{
	struct getting *getting = reading->getting;

	reading->pages = (struct sk_pages){.kind = SK_CALL_READ,
	    .parameters = reading->parameters,
	    .office_id = getting->auth == SK_AUTH_OFFICE ? reading->office_id : NULL,
	    .by_body = getting->by_body,
	    .is_single = getting->is_single,
	    .is_continued = true,
	    .last_counts = true,
	    .record = tell_record,
	    .done = ended,
	    .arg = reading};
	ask(reading);
}

static void
add_reading(struct getting *getting, const char *office_id)
{
	struct reading *reading = &getting->readings[getting->n_readings++];

	reading->getting = getting;
	reading->office_id = office_id;
	/* Those that were given and office_id; or the four for practice_events. */
	reading->parameters =
	    sk_mem_zero(getting->options->n_parameters + 4, sizeof(*reading->parameters));
	set_reading(reading, getting->interval[0] != '\0' ? ask_for_events : ask_for_records);
}

static bool
is_given(const struct sk_get_options *options, const char *name)
{
	for (size_t i = 0; i < options->n_parameters; i++)
		if (strcmp(options->parameters[i].name, name) == 0)
			return true;
	return false;
}

/* Whether it is a resource of the application that must be asked for one office at a time. */
static bool
wants_office_id(const struct sk_get_options *options, const struct sk_resource *resource)
{
	static const char *const given[] = {"office_id"};
	char missing[SK_RESOURCE_WORD];

	return sk_resource_lacks(resource, NULL, 0, missing) && strcmp(missing, given[0]) == 0 &&
	    !is_given(options, given[0]);
}

static void
tell_skipped(struct getting *getting, const struct sk_error *skipped)
{
	getting->exit = sk_exit_worse(getting->exit, skipped->code);
	if (getting->err->code == 0)
		*getting->err = *skipped;
	else
		sk_out_tell("%s", skipped->text);
}

/* Whether the data of the office are young enough; that they aren't is told. */
static bool
is_fresh(struct getting *getting, const char *office_id)
{
	struct sk_error why = {0};

	if (getting->auth != SK_AUTH_OFFICE ||
	    sk_get_check_age(getting->pool, getting->options, office_id, &why) == 0)
		return true;
	getting->n_old++;
	tell_skipped(getting, &why);
	return false;
}

/* Adds a reading for each office that is to be asked. */
static int
add_offices(struct getting *getting, const struct sk_office *offices, size_t n,
    struct sk_error *err)
{
	size_t named = sk_pool_session(getting->pool)->common->n_offices;
	struct sk_error ignored = {0};

	if (n == 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "no office is authorized: run sikka-authorize");
	getting->several = (named > 0 ? named : n) > 1;
	if (getting->several && getting->options->from_page > 1)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--from-page works for one office only: name it with -O");
	if (getting->several && getting->is_single)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "each office that is asked for %s may be charged: name one with -O",
		    getting->options->resource);
	for (size_t i = 0; i < n; i++)
		if (sk_practices_wants(sk_pool_session(getting->pool), &offices[i]) &&
		    (named > 0 || !sk_get_is_skipped(&offices[i], &ignored)) &&
		    is_fresh(getting, offices[i].office_id))
			add_reading(getting, offices[i].office_id);
	if (getting->n_readings + getting->n_old > 0)
		return 0;
	sk_get_look_for_skipped(sk_pool_session(getting->pool), offices, n, err);
	return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
	    "no office has a request key: sikka-token list shows why");
}

static void
show_count(const struct getting *getting)
{
	struct sk_pages_count count = {0};

	for (size_t i = 0; i < getting->n_readings; i++)
		sk_pages_count(&getting->readings[i].pages, getting->options->limit, &count);
	sk_progress_count(count.done, count.is_unknown ? 0 : count.of);
}

static void
read_all(struct getting *getting)
{
	sk_progress_begin("records", "reading %s", getting->options->resource);
	getting->n_open = getting->n_readings;
	for (size_t i = 0; i < getting->n_readings; i++)
		sk_pages_begin(getting->pool, &getting->readings[i].pages);
	while (getting->n_open > 0) {
		sk_pool_turn(getting->pool, SK_MINUTE, -1);
		show_count(getting);
	}
	sk_progress_end();
	for (size_t i = 0; i < getting->n_readings; i++) {
		sk_pages_fini(&getting->readings[i].pages);
		free(getting->readings[i].parameters);
	}
}

enum sk_exit
sk_get(struct sk_pool *pool, const struct sk_get_options *options, struct sk_error *err)
{
	const struct sk_resource *resource = sk_resource_find(options->resource);
	struct getting getting = {.pool = pool,
	    .options = options,
	    .auth = resource != NULL ? resource->auth : SK_AUTH_OFFICE,
	    .shape = resource != NULL ? resource->shape : SK_SHAPE_UNDESCRIBED,
	    .by_body = resource != NULL && resource->ask == SK_ASK_BODY,
	    .is_single = resource != NULL && resource->ask == SK_ASK_BODY &&
		resource->shape == SK_SHAPE_OBJECT,
	    .err = err};
	struct sk_office *offices = NULL;
	struct sk_error skipped = {0};
	size_t n = 0;
	int64_t minutes = sk_get_events_minutes(options);
	int by_office = getting.auth == SK_AUTH_OFFICE || wants_office_id(options, resource);

	if (sk_served_refuse_named(sk_pool_session(pool), err) != 0 ||
	    (by_office && sk_practices_offices(sk_pool_session(pool), &offices, &n, err) != 0))
		return err->code;
	sk_get_tell_since(options, minutes);
	if (minutes > 0)
		snprintf(getting.interval, sizeof(getting.interval), "%lld", (long long)minutes);
	getting.path = sk_mem_printf("/%s", options->resource);
	getting.readings = sk_mem_zero(n + 1, sizeof(*getting.readings));
	if (!by_office)
		add_reading(&getting, NULL);
	if (!by_office || add_offices(&getting, offices, n, err) == 0) {
		sk_get_look_for_skipped(sk_pool_session(pool), offices, n, &skipped);
		read_all(&getting);
	}
	sk_get_tell_stopped(&getting.stopped, getting.n_readings, err);
	if (getting.n_masked > 0)
		sk_out_warn("%zu key%s in what was read %s masked: --show-secrets shows them",
		    getting.n_masked, getting.n_masked == 1 ? "" : "s",
		    getting.n_masked == 1 ? "is" : "are");
	/* Who closed stdout didn't want all records. */
	if (skipped.code != 0 && !sk_out_is_closed())
		tell_skipped(&getting, &skipped);
	free(getting.readings);
	free(getting.path);
	sk_offices_free(offices, n);
	return sk_exit_worse(getting.exit, err->code);
}
