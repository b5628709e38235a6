/* SPDX-License-Identifier: MIT */
/*
 * get: reads what records on standard input name, such as those of --webhook: an office and a resource each, and
 * each of them once. A bad line is reported, counts as 65, and doesn't stop the others.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_stream.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/stop.h"
#include "store/offices.h"
#include "store/served.h"
#include "rules/resources.h"
#include "commands/get.h"
#include "commands/get_parts.h"

/* A resource, and the offices that it is read of. */
struct listed {
	const struct sk_resource *resource;
	const char **offices;
	size_t n;
};

struct listing {
	struct sk_session *session;
	struct listed *lists;
	size_t n_lists;
	unsigned told; /* how it was asked: see sk_get_options */
	enum sk_exit exit;
};

static void
add(struct listing *listing, const struct sk_resource *resource, const char *office_id)
{
	struct listed *list = NULL;

	for (size_t i = 0; i < listing->n_lists; i++)
		if (listing->lists[i].resource == resource)
			list = &listing->lists[i];
	if (list == NULL) {
		listing->lists =
		    sk_mem_resize(listing->lists, listing->n_lists + 1, sizeof(*listing->lists));
		list = &listing->lists[listing->n_lists++];
		*list = (struct listed){.resource = resource};
	}
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->offices[i], office_id) == 0)
			return;
	list->offices = sk_mem_resize(list->offices, list->n + 1, sizeof(*list->offices));
	list->offices[list->n++] = sk_mem_copy(office_id);
}

/* What of its changes may be asked for without anything else. */
static const struct sk_resource *
find_resource(const char *name)
{
	const struct sk_resource *resource = name != NULL ? sk_resource_find(name) : NULL;
	char missing[SK_RESOURCE_WORD];

	if (resource == NULL || strcmp(resource->name, name) != 0 ||
	    resource->auth != SK_AUTH_OFFICE || sk_resource_lacks(resource, NULL, 0, missing))
		return NULL;
	return resource;
}

/* Whether the office is to be read; otherwise why[] says why it can't be, or is empty where a person wants it so. */
static bool
wants_office(struct listing *listing, const char *office_id, const char **why, struct sk_error *err)
{
	struct sk_office office = {0};
	int found = office_id == NULL
	    ? 0
	    : sk_store_office_get(listing->session->store, office_id, &office, err);
	bool is_held = office.status == SK_OFFICE_HELD;

	sk_office_fini(&office);
	*why = found == 0 ? "its office_id isn't known here" : NULL;
	/* Who sends a webhook isn't a person who names the office. */
	return found == 1 && !is_held && sk_served_has(listing->session, office_id) &&
	    sk_options_wants_office(listing->session->common, office_id);
}

static void
tell_bad(struct listing *listing, size_t line, const char *why)
{
	sk_out_tell("line %zu of the input: %s", line, why);
	listing->exit = sk_exit_worse(listing->exit, SK_EXIT_BAD_DATA);
}

static int
take_record(struct listing *listing, const json_t *record, size_t line, struct sk_error *err)
{
	const char *office_id = sk_json_string(record, "office_id"), *why;
	const struct sk_resource *resource = find_resource(sk_json_string(record, "resource"));

	if (resource == NULL) {
		tell_bad(listing, line,
		    "its resource isn't known, or can't be asked for what has changed");
		return 0;
	}
	if (wants_office(listing, office_id, &why, err))
		add(listing, resource, office_id);
	else if (why != NULL)
		tell_bad(listing, line, why);
	return err->code != 0 ? -1 : 0;
}

/* All of it, before anything is asked. 0; -1 with err. */
static int
read_input(struct listing *listing, struct sk_json_stream *stream, struct sk_error *err)
{
	enum sk_stream_result found;
	char why[SK_STREAM_WHY];
	json_t *record;
	size_t line;
	int result = sk_json_stream_read_all(stream, STDIN_FILENO, "standard input", err);

	while (result == 0 &&
	    (found = sk_json_stream_next(stream, &record, &line, why)) != SK_STREAM_END) {
		if (found == SK_STREAM_VALUE) {
			result = take_record(listing, record, line, err);
			json_decref(record);
			continue;
		}
		tell_bad(listing, line, why);
		if (found == SK_STREAM_BROKEN)
			break;
	}
	return result;
}

/* As sk_get, for one of the resources. The first error is the command's; later ones are told at once. */
static void
read_list(struct listing *listing, struct sk_pool *pool, const struct sk_get_options *asked,
    const struct listed *list, struct sk_error *err)
{
	const struct sk_common *common = listing->session->common;
	struct sk_common narrowed = *common;
	struct sk_get_options options = *asked;
	struct sk_error why = {0};

	options.resource = list->resource->name;
	options.parameters = sk_mem_zero(2, sizeof(*options.parameters));
	options.names_resource = true;
	options.told = &listing->told;
	narrowed.offices = list->offices;
	narrowed.n_offices = list->n;
	listing->session->common = &narrowed;
	if (sk_get_check(&options, &why) == 0)
		listing->exit = sk_exit_worse(listing->exit, sk_get(pool, &options, &why));
	listing->session->common = common;
	free(options.parameters);
	listing->exit = sk_exit_worse(listing->exit, why.code);
	if (err->code == 0)
		*err = why;
	else if (why.code != 0 && strcmp(err->text, why.text) != 0)
		sk_out_tell("%s", why.text);
}

static void
read_lists(struct listing *listing, struct sk_pool *pool, const struct sk_get_options *options,
    struct sk_error *err)
{
	for (size_t i = 0; i < listing->n_lists && !sk_out_is_closed(); i++) {
		if (sk_stop_asked() && err->code == 0)
			sk_error_set(err, SK_EXIT_TRY_LATER,
			    "stopped by a signal; %zu of %zu resources were read; the same command "
			    "reads all of them again",
			    i, listing->n_lists);
		if (sk_stop_asked())
			return;
		read_list(listing, pool, options, &listing->lists[i], err);
	}
}

enum sk_exit
sk_get_listed(struct sk_pool *pool, const struct sk_get_options *options, struct sk_error *err)
{
	struct listing listing = {.session = sk_pool_session(pool)};
	struct sk_json_stream *stream = sk_json_stream_new();

	if (read_input(&listing, stream, err) == 0)
		read_lists(&listing, pool, options, err);
	sk_json_stream_free(stream);
	for (size_t i = 0; i < listing.n_lists; i++) {
		for (size_t j = 0; j < listing.lists[i].n; j++)
			free((char *)(uintptr_t)listing.lists[i].offices[j]);
		free(listing.lists[i].offices);
	}
	free(listing.lists);
	return sk_exit_worse(listing.exit, err->code);
}
