/* SPDX-License-Identifier: MIT */
/*
 * get: reads a resource page by page, several offices side by side, and prints its records. An
 * error in one office doesn't stop the others; the message says by which options the rest can be
 * read.
 */
#include "commands/get.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "rules/resources.h"
#include "calls/practices.h"
#include "calls/side.h"

struct getting;

/* The reading of one office's list, or of the application's. */
struct reading {
	const struct getting *getting;
	const char *office_id; /* NULL: the list of all offices at once */
	struct sk_api_parameter *parameters;
	char offset[SK_API_NUMBER], limit[SK_API_NUMBER];
	struct sk_api_pages pages;
	int64_t n; /* records printed so far */
	int64_t reloading;
};

struct getting {
	struct sk_wire *wire;
	const struct sk_get_options *options;
	char *path;
	enum sk_resource_auth auth;
	int several; /* several offices are read: each record names its office */
	struct sk_side_reader *readers;
	struct reading *readings;
	size_t n_readings;
	sk_tell_fn *tell;
	void *arg;
	int exit;
	struct sk_error *err; /* the first error */
};

/* Whether the record belongs to an office that -O doesn't select. */
static int
is_of_another(const struct reading *reading, const json_t *record)
{
	const char *office_id = sk_json_string(record, "office_id");

	return reading->office_id == NULL && office_id != NULL &&
	    !sk_options_wants_office(reading->getting->wire->session->common, office_id);
}

/* 0 go on, 1 enough records, -1 it can't be written. */
static int
tell_record(struct reading *reading, json_t *record, struct sk_error *err)
{
	const struct getting *getting = reading->getting;
	int64_t limit = getting->options->limit;
	int result;

	if (is_of_another(reading, record))
		return 0;
	if (getting->several && json_is_object(record) &&
	    json_object_get(record, "office_id") == NULL) {
		json_t *marked = json_object();

		sk_json_set(marked, "office_id", reading->office_id);
		json_object_update(marked, record);
		result = getting->tell(getting->arg, marked, err);
		json_decref(marked);
	} else {
		result = getting->tell(getting->arg, record, err);
	}
	reading->n++;
	if (result != 0)
		return -1;
	return sk_out_is_closed() || (limit > 0 && reading->n >= limit);
}

/*
 * An object that is neither a list nor a message counts as one record: request_key_info and similar
 * answers.
 */
static void
wrap_single_record(struct sk_api_reply *reply)
{
	json_t *list;

	if (reply->class != SK_API_OK || !json_is_object(reply->json) || reply->code[0] != '\0' ||
	    json_object_get(reply->json, "items") != NULL)
		return;
	list = json_object();
	json_object_set_new(list, "items", json_pack("[o]", reply->json));
	json_object_set_new(list, "total_count", json_integer(1));
	reply->json = list;
}

/*
 * Adds to the error by which options the rest can be read: the records of earlier pages are printed
 * already.
 */
static void
add_remedy(const struct reading *reading, struct sk_error *why)
{
	const struct sk_get_options *options = reading->getting->options;
	const struct sk_api_pages *pages = &reading->pages;
	size_t used = strlen(why->text);
	char rest[40] = "";

	if (pages->offset == 0)
		return;
	if (options->limit > 0)
		snprintf(rest, sizeof(rest), " --limit %lld",
		    (long long)(options->limit - reading->n));
	snprintf(why->text + used, sizeof(why->text) - used,
	    "; %lld records were written; get the rest with%s%s --page-size %lld --from-page "
	    "%lld%s",
	    (long long)reading->n, reading->getting->several ? " -O " : "",
	    reading->getting->several ? reading->office_id : "",
	    (long long)(pages->granted > 0 ? pages->granted : pages->asked),
	    (long long)pages->offset + 1, rest);
}

/* The first error becomes the command's; later ones are printed at once. */
static void
note_trouble(struct getting *getting, const struct reading *reading, struct sk_error *why)
{
	getting->exit = sk_exit_worse(getting->exit, (int)why->code);
	if (getting->several && strstr(why->text, reading->office_id) == NULL)
		sk_error_context(why, "%s", reading->office_id);
	add_remedy(reading, why);
	if (getting->err->code == 0)
		*getting->err = *why;
	else if (strcmp(getting->err->text, why->text) != 0)
		sk_out_tell("%s", why->text);
}

static void
warn_of_doubts(const struct reading *reading, int is_whole)
{
	const char *office = reading->office_id != NULL ? reading->office_id : "";
	const char *colon = reading->office_id != NULL ? ": " : "";
	const struct sk_api_pages *pages = &reading->pages;

	if (reading->reloading)
		sk_out_warn(
		    "%s%sthe practice's data is being reloaded: what was read may be incomplete",
		    office, colon);
	if (is_whole && (pages->torn || (pages->ended && pages->seen < pages->total)))
		sk_out_warn("%s%sthe list changed while it was read: records may be missing or "
			    "doubled",
		    office, colon);
}

/* 0 more pages follow, 1 enough records, -1 with why. */
static int
take_page(struct reading *reading, struct sk_api_reply *reply, int *cant_write,
    struct sk_error *why)
{
	json_t *records, *record;
	size_t i;

	if (reply->class != SK_API_OK && reply->class != SK_API_EMPTY)
		return sk_api_fail(reply, reading->getting->path, why);
	wrap_single_record(reply);
	if (sk_api_pages_take(&reading->pages, reply, &records, why) != 0)
		return sk_error_context(why, "%s", reading->getting->path);
	json_array_foreach(records, i, record)
	{
		int enough = tell_record(reading, record, why);

		*cant_write = enough < 0;
		if (enough != 0)
			return enough;
	}
	if (reading->pages.total > 0)
		sk_out_progress("%s%s%lld of %lld", reading->office_id ? reading->office_id : "",
		    reading->office_id ? ": " : "", (long long)reading->pages.seen,
		    (long long)reading->pages.total);
	return reading->pages.ended;
}

static enum sk_side_next
answered(void *arg, size_t i, struct sk_api_reply *reply, struct sk_error *why)
{
	struct getting *getting = arg;
	struct reading *reading = &getting->readings[i];
	int cant_write = 0;
	int enough = reply != NULL ? take_page(reading, reply, &cant_write, why) : -1;

	if (enough == 0) {
		sk_api_pages_ask(&reading->pages, reading->offset, reading->limit);
		return SK_SIDE_GO_ON;
	}
	warn_of_doubts(reading, enough > 0);
	if (cant_write) {
		getting->exit = sk_exit_worse(getting->exit, (int)why->code);
		sk_error_set(getting->err, why->code, "%s", why->text);
	} else if (enough < 0) {
		note_trouble(getting, reading, why);
	}
	return cant_write || sk_out_is_closed() ? SK_SIDE_STOP : SK_SIDE_ENDED;
}

static void
add_reading(struct getting *getting, const char *office_id)
{
	const struct sk_get_options *options = getting->options;
	size_t n = options->n_parameters;
	struct reading *reading = &getting->readings[getting->n_readings];
	struct sk_side_reader *reader = &getting->readers[getting->n_readings++];
	/* A reading that begins in the middle must use the page size of before. */
	int64_t size =
	    options->limit > 0 && options->limit < options->page_size && options->from_page <= 1
	    ? options->limit
	    : options->page_size;

	reading->getting = getting;
	reading->office_id = office_id;
	reading->parameters = sk_mem_zero(n + 3, sizeof(*reading->parameters));
	if (n > 0)
		memcpy(reading->parameters, options->parameters, n * sizeof(*reading->parameters));
	if (getting->auth == SK_AUTH_APP && office_id != NULL)
		reading->parameters[n++] = (struct sk_api_parameter){"office_id", office_id};
	reading->parameters[n++] = (struct sk_api_parameter){"offset", reading->offset};
	reading->parameters[n++] = (struct sk_api_parameter){"limit", reading->limit};
	sk_api_pages_init(&reading->pages, size);
	reading->pages.offset = options->from_page > 1 ? options->from_page - 1 : 0;
	sk_api_pages_ask(&reading->pages, reading->offset, reading->limit);
	reader->call = (struct sk_call){.method = "GET",
	    .path = getting->path,
	    .parameters = reading->parameters,
	    .n_parameters = n,
	    .office_id = getting->auth == SK_AUTH_OFFICE ? office_id : NULL,
	    .use = SK_RATE_READ,
	    .data_in_progress = &reading->reloading};
}

static int
is_given(const struct sk_get_options *options, const char *name)
{
	for (size_t i = 0; i < options->n_parameters; i++)
		if (strcmp(options->parameters[i].name, name) == 0)
			return 1;
	return 0;
}

/* Whether it is a resource of the application that must be asked for one office at a time. */
static int
wants_office_id(const struct sk_get_options *options, const struct sk_resource *resource)
{
	static const char *const given[] = {"office_id"};
	char missing[SK_RESOURCE_WORD];

	return sk_resource_lacks(resource, NULL, 0, missing) && strcmp(missing, given[0]) == 0 &&
	    !is_given(options, given[0]);
}

/* Adds a reading for each office that is to be asked. */
static int
add_offices(struct getting *getting, const struct sk_office *offices, size_t n,
    struct sk_error *err)
{
	size_t named = getting->wire->session->common->n_offices;

	if (n == 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "no office is authorized: run sikka-authorize");
	getting->several = (named > 0 ? named : n) > 1;
	if (getting->several && getting->options->from_page > 1)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--from-page works for one office only: name it with -O");
	for (size_t i = 0; i < n; i++)
		if (sk_practices_wants(getting->wire->session, &offices[i]))
			add_reading(getting, offices[i].office_id);
	if (getting->n_readings == 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "no office has a request key: sikka-token list shows why");
	return 0;
}

static void
read_all(struct getting *getting)
{
	sk_side(getting->wire, getting->readers, getting->n_readings, answered, getting);
	sk_out_progress(NULL);
	for (size_t i = 0; i < getting->n_readings; i++)
		free(getting->readings[i].parameters);
}

int
sk_get(struct sk_wire *wire, const struct sk_get_options *options, sk_tell_fn *tell, void *arg,
    struct sk_error *err)
{
	const struct sk_resource *resource = sk_resource_find(options->resource);
	struct getting getting = {.wire = wire,
	    .options = options,
	    .auth = resource != NULL ? resource->auth : SK_AUTH_OFFICE,
	    .tell = tell,
	    .arg = arg,
	    .err = err};
	struct sk_office *offices = NULL;
	size_t n = 0;
	int by_office = getting.auth == SK_AUTH_OFFICE || wants_office_id(options, resource);

	if (by_office && sk_practices_offices(wire->session, &offices, &n, err) != 0)
		return (int)err->code;
	getting.path = sk_mem_printf("/%s", options->resource);
	getting.readers = sk_mem_zero(n + 1, sizeof(*getting.readers));
	getting.readings = sk_mem_zero(n + 1, sizeof(*getting.readings));
	if (!by_office)
		add_reading(&getting, NULL);
	if (!by_office || add_offices(&getting, offices, n, err) == 0)
		read_all(&getting);
	free(getting.readings);
	free(getting.readers);
	free(getting.path);
	sk_offices_free(offices, n);
	return sk_exit_worse(getting.exit, (int)err->code);
}
