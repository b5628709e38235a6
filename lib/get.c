/* SPDX-License-Identifier: MIT */
#include "get.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mem.h"
#include "out.h"
#include "pages.h"
#include "practices.h"
#include "resources.h"
#include "stop.h"
#include "token.h"

/* Letters, digits, underscores, with single slashes between: nothing else is a resource's name. */
static int
is_path(const char *resource)
{
	for (const char *c = resource; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' &&
		    !(*c == '/' && c != resource && c[1] != '/' && c[1] != '\0'))
			return 0;
	return *resource != '\0';
}

static void
warn_of_missing(const struct sk_get_options *options, const struct sk_resource *resource)
{
	const char **names = sk_mem_zero(options->n_parameters + 1, sizeof(*names));
	const char *missing;

	for (size_t i = 0; i < options->n_parameters; i++)
		names[i] = options->parameters[i].name;
	missing = sk_resource_missing(resource, names, options->n_parameters);
	if (missing != NULL)
		sk_out_warn("%s needs the parameter %s", options->resource, missing);
	free(names);
}

int
sk_get_check(const struct sk_get_options *options, struct sk_error *err)
{
	const struct sk_resource *resource = sk_resource_find(options->resource);
	const char *nearest = sk_resource_nearest(options->resource);

	if (!is_path(options->resource))
		return sk_error_set(err, SK_EXIT_USAGE, "\"%s\" can't be a resource",
		    options->resource);
	for (size_t i = 0; i < options->n_parameters; i++)
		if (strcmp(options->parameters[i].name, "request_key") == 0)
			return sk_error_set(err, SK_EXIT_USAGE,
			    "a request key doesn't belong into a URL: sikka-get sends it in a "
			    "header");
	if (resource == NULL) {
		sk_out_warn("there is no known resource \"%s\"%s%s%s; asking all the same",
		    options->resource, nearest != NULL ? "; did you mean " : "",
		    nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
		return 0;
	}
	for (size_t i = 0; i < options->n_parameters; i++) {
		nearest = NULL;
		if (!sk_resource_takes(resource, options->parameters[i].name, &nearest))
			sk_out_warn("%s has no known parameter \"%s\"%s%s%s; asking all the same",
			    options->resource, options->parameters[i].name,
			    nearest != NULL ? "; did you mean " : "",
			    nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
	}
	warn_of_missing(options, resource);
	return 0;
}

/* One office's reading. */
struct reading {
	const struct sk_get_options *options;
	const char *office_id; /* put into each record; NULL: not */
	const struct sk_common
	    *only; /* a resource of all offices at once: the records of these; or NULL */
	int64_t n;
	sk_tell_fn *tell;
	void *arg;
};

/* Whether the record belongs to an office that isn't wanted. */
static int
is_of_another(const struct reading *reading, const json_t *record)
{
	const char *office_id = sk_json_string(record, "office_id");

	return reading->only != NULL && office_id != NULL &&
	    !sk_options_wants_office(reading->only, office_id);
}

static int
tell_record(void *arg, json_t *record, struct sk_error *err)
{
	struct reading *reading = arg;
	int result;

	if (is_of_another(reading, record))
		return 0;
	if (reading->office_id != NULL && json_is_object(record) &&
	    json_object_get(record, "office_id") == NULL) {
		json_t *marked = json_object();

		sk_json_set(marked, "office_id", reading->office_id);
		json_object_update(marked, record);
		result = reading->tell(reading->arg, marked, err);
		json_decref(marked);
	} else {
		result = reading->tell(reading->arg, record, err);
	}
	reading->n++;
	if (result != 0)
		return -1;
	if (sk_stop_asked())
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "stopped by a signal after %lld records", (long long)reading->n);
	return sk_out_is_closed() ||
	    (reading->options->limit > 0 && reading->n >= reading->options->limit);
}

/* An object that is no list (request_key_info and the like) is one record. */
static int
fetch(void *arg, const struct sk_call *call, struct sk_api_reply *reply, struct sk_error *err)
{
	struct sk_token_office *office = arg;
	int result = office->office_id != NULL ? sk_token_call(office, call, reply, err)
					       : sk_wire_call(office->wire, call, reply, err);

	if (result == 0 && reply->class == SK_API_OK && json_is_object(reply->json) &&
	    !json_is_array(json_object_get(reply->json, "items"))) {
		json_t *list = json_object();

		json_object_set_new(list, "items", json_pack("[o]", reply->json));
		json_object_set_new(list, "total_count", json_integer(1));
		reply->json = list;
	}
	return result;
}

static int
read_office(struct sk_wire *wire, const struct sk_get_options *options, const char *office_id,
    int mark, sk_tell_fn *tell, void *arg, struct sk_error *err)
{
	struct sk_token_office office = {wire, office_id};
	struct reading reading = {.options = options,
	    .office_id = mark ? office_id : NULL,
	    .only = office_id == NULL ? wire->session->common : NULL,
	    .tell = tell,
	    .arg = arg};
	size_t n = options->n_parameters;
	struct sk_api_parameter *parameters = sk_mem_zero(n + 1, sizeof(*parameters));
	char *path = sk_mem_printf("/%s", options->resource);
	int64_t page = options->page_size, reloading = 0;
	struct sk_listing listing = {.fetch = fetch,
	    .fetch_arg = &office,
	    .path = path,
	    .parameters = parameters,
	    .use = SK_RATE_READ,
	    .data_in_progress = &reloading};
	struct sk_api_pages pages;
	int result;

	if (n > 0)
		memcpy(parameters, options->parameters, n * sizeof(*parameters));
	if (options->fields != NULL)
		parameters[n++] = (struct sk_api_parameter){"fields", options->fields};
	listing.n_parameters = n;
	listing.page_size = options->limit > 0 && options->limit < page ? options->limit : page;
	result = sk_pages_read(&listing, tell_record, &reading, &pages, err);
	if (reloading)
		sk_out_warn(
		    "%s%sthe practice's data is being reloaded: what was read may be incomplete",
		    office_id != NULL ? office_id : "", office_id != NULL ? ": " : "");
	if (result == 0 && (pages.torn || (pages.ended && pages.seen < pages.total)))
		sk_out_warn(
		    "%s%sthe list changed while it was read: records may be missing or doubled",
		    office_id != NULL ? office_id : "", office_id != NULL ? ": " : "");
	free(path);
	free(parameters);
	return result;
}

static int
read_offices(struct sk_wire *wire, const struct sk_get_options *options,
    const struct sk_office *offices, size_t n, sk_tell_fn *tell, void *arg, struct sk_error *err)
{
	size_t named = wire->session->common->n_offices, several = (named > 0 ? named : n) > 1;
	int exit = 0;

	if (n == 0) {
		sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "no office is authorized: run sikka-authorize");
		return SK_EXIT_NOT_AUTHORIZED;
	}
	for (size_t i = 0; i < n && !sk_out_is_closed() && sk_wire_goes_on(err); i++) {
		struct sk_error why = {0};

		if (!sk_practices_wants(wire->session, &offices[i]) ||
		    read_office(wire, options, offices[i].office_id, several, tell, arg, &why) == 0)
			continue;
		exit = sk_exit_worse(exit, (int)why.code);
		if (err->code == 0)
			*err = why;
		else
			sk_out_tell("%s", why.text);
	}
	return exit;
}

int
sk_get(struct sk_wire *wire, const struct sk_get_options *options, sk_tell_fn *tell, void *arg,
    struct sk_error *err)
{
	const struct sk_resource *resource = sk_resource_find(options->resource);
	struct sk_office *offices;
	size_t n;
	int exit;

	if (resource != NULL && resource->auth == SK_AUTH_APP) {
		read_office(wire, options, NULL, 0, tell, arg, err);
		return (int)err->code;
	}
	if (sk_practices_offices(wire->session, &offices, &n, err) != 0)
		return (int)err->code;
	exit = read_offices(wire, options, offices, n, tell, arg, err);
	sk_offices_free(offices, n);
	return exit;
}
