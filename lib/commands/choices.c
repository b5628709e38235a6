/* SPDX-License-Identifier: MIT */
/*
 * choices: the values that a practice allows in a field, from the rules, the state file or the
 * server. A list that came incomplete is reported and not kept.
 */
#include "commands/choices.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "store/choices.h"
#include "rules/describe.h"
#include "rules/resources.h"
#include "calls/pages.h"
#include "calls/request_key.h"
#include "commands/describe.h"
#include "commands/request.h"

#define KEPT SK_DAY
#define PAGE 500

/* Of one practice. */
struct asking {
	struct sk_wire *wire;
	const struct sk_choices_options *options;
	const struct sk_practice *practice;
};

/* --- one list --------------------------------------------------------------------------------- */

/*
 * What is being read: items is an array of [value, text]; seen holds the values that are in it
 * already.
 */
struct reading {
	const char *member;
	int is_of_people;
	json_t *items, *seen;
};

/* Whether the records are people: their ids are then shown without names. */
static int
is_of_people(const char *resource)
{
	return strcmp(resource, "patients") == 0 || strcmp(resource, "guarantors") == 0;
}

/* The text that tells a person what a value means. */
static json_t *
text_of(const json_t *record, const char *member)
{
	static const char *const names[] = {"description", "practice_name", "provider_name",
	    "operatory_name", "name"};
	const char *first = sk_json_string(record, "firstname");
	const char *last = sk_json_string(record, "lastname");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *text = sk_json_string(record, names[i]);

		if (text != NULL && strcmp(names[i], member) != 0)
			return json_string(text);
	}
	if (first == NULL && last == NULL)
		return json_null();
	return json_sprintf("%s%s%s", first != NULL ? first : "",
	    first != NULL && last != NULL ? " " : "", last != NULL ? last : "");
}

static int
take_record(void *arg, json_t *record, struct sk_error *err)
{
	struct reading *reading = arg;
	char *value = sk_json_member_text(record, reading->member);

	(void)err;
	if (value != NULL && json_object_get(reading->seen, value) == NULL) {
		json_object_set_new(reading->seen, value, json_true());
		json_array_append_new(reading->items,
		    json_pack("[s, o]", value,
			reading->is_of_people ? json_null() : text_of(record, reading->member)));
	}
	free(value);
	return 0;
}

/* Reads the values from the server. *items is the caller's. *whole: whether none can be missing. */
static int
read_list(const struct asking *asking, const struct sk_choices *choices, json_t **items, int *whole,
    struct sk_error *err)
{
	struct sk_request_key_office office = {asking->wire, asking->practice->office_id};
	struct reading reading = {.member = choices->member,
	    .is_of_people = is_of_people(choices->resource),
	    .items = json_array(),
	    .seen = json_object()};
	struct sk_api_parameter parameters[SK_CHOICES_PARAMETERS];
	char *path = sk_mem_printf("/%s", choices->resource);
	struct sk_paged_list listing = {.fetch = sk_request_key_call,
	    .fetch_arg = &office,
	    .path = path,
	    .parameters = parameters,
	    .n_parameters = choices->n,
	    .use = SK_RATE_READ,
	    .page_size = PAGE};
	struct sk_api_pages pages;
	int64_t reloading = 0;
	int result;

	for (size_t i = 0; i < choices->n; i++)
		parameters[i] = (struct sk_api_parameter){choices->names[i], choices->values[i]};
	listing.data_in_progress = &reloading;
	result = sk_pages_read(&listing, take_record, &reading, &pages, err);
	free(path);
	json_decref(reading.seen);
	if (result == 0) {
		*items = reading.items;
		*whole = !reloading && sk_api_pages_whole(&pages);
		if (!*whole)
			sk_out_warn("%s: the practice's data is being reloaded or has changed: "
				    "values may be missing",
			    asking->practice->office_id);
	} else {
		json_decref(reading.items);
	}
	return result;
}

/* The name under which values are kept: "resource?name=value&…#member". */
static char *
source_of(const struct sk_choices *choices)
{
	struct sk_text source = {0};

	sk_text_add(&source, choices->resource);
	for (size_t i = 0; i < choices->n; i++)
		sk_text_add_format(&source, "%c%s=%s", i == 0 ? '?' : '&', choices->names[i],
		    choices->values[i]);
	sk_text_add_format(&source, "#%s", choices->member);
	return sk_text_take(&source);
}

/* Reads the values, and keeps them when none can be missing. */
static int
read_and_keep(const struct asking *asking, const struct sk_choices *choices, const char *source,
    json_t **items, struct sk_error *err)
{
	char *text;
	int whole, result;

	if (read_list(asking, choices, items, &whole, err) != 0)
		return -1;
	if (!whole || is_of_people(choices->resource))
		return 0;
	text = json_dumps(*items, JSON_COMPACT);
	result = sk_store_choices_put(asking->wire->session->store, asking->practice->office_id,
	    source, text, sk_time_now(), err);
	free(text);
	if (result == 0)
		return 0;
	json_decref(*items);
	*items = NULL;
	return -1;
}

/* The values: those read within the last day, or read now. *items is the caller's. */
static int
get_list(const struct asking *asking, const struct sk_choices *choices, json_t **items,
    struct sk_error *err)
{
	char *source = source_of(choices), *text = NULL;
	int found = sk_store_choices_get(asking->wire->session->store, asking->practice->office_id,
	    source, sk_time_now() - KEPT, &text, err);
	int result = found < 0 ? -1 : 0;

	*items = found == 1 ? sk_json_parse(text, strlen(text), NULL) : NULL;
	if (result == 0 && *items == NULL)
		result = read_and_keep(asking, choices, source, items, err);
	free(text);
	free(source);
	return result;
}

/* --- parameters ------------------------------------------------------------------------------- */

static void
add_parameter(struct sk_choices *choices, const char *name, const char *value)
{
	choices->names[choices->n] = sk_mem_copy(name);
	choices->values[choices->n++] = sk_mem_copy(value);
}

/* The value of {resource.member}: a member of the practice's own record. */
static int
of_practice(const struct asking *asking, const char *resource, const char *member, char **value,
    struct sk_error *err)
{
	struct sk_choices choices = {.resource = sk_mem_copy(resource),
	    .member = sk_mem_copy(member)};
	json_t *items = NULL;
	const char *found = NULL;

	add_parameter(&choices, "practice_id", asking->practice->practice_id);
	if (get_list(asking, &choices, &items, err) == 0) {
		found = json_string_value(json_array_get(json_array_get(items, 0), 0));
		if (found == NULL)
			sk_error_set(err, SK_EXIT_PROTOCOL, "%s has no %s for practice %s of %s",
			    resource, member, asking->practice->practice_id,
			    asking->practice->office_id);
		else
			*value = sk_mem_copy(found);
	}
	json_decref(items);
	sk_choices_fini(&choices);
	return found != NULL ? 0 : -1;
}

/* Replaces "{…}" in a parameter by a field of the request or a member of the practice's record. */
static int
resolve(const struct asking *asking, char **value, struct sk_error *err)
{
	char *name = sk_mem_copy_bytes(*value + 1, strlen(*value) - 2), *found = NULL;
	char *dot = strchr(name, '.');
	const char *given;
	int result = 0;

	if (dot != NULL) {
		*dot = '\0';
		result = of_practice(asking, name, dot + 1, &found, err);
	} else if ((given = sk_json_string(asking->options->given, name)) != NULL) {
		found = sk_mem_copy(given);
	} else {
		result = sk_error_set(err, SK_EXIT_USAGE,
		    "the values of %s depend on %s: add %s=VALUE; --choices %s shows its values",
		    asking->options->field, name, name, name);
	}
	free(name);
	if (result == 0) {
		free(*value);
		*value = found;
	}
	return result;
}

/* Whether the resource can be restricted to a practice, and isn't yet. */
static int
takes_practice(const struct sk_choices *choices)
{
	const struct sk_resource *resource = sk_resource_find(choices->resource);

	if (resource == NULL || choices->n == SK_CHOICES_PARAMETERS)
		return 0;
	for (size_t i = 0; i < choices->n; i++)
		if (strcmp(choices->names[i], "practice_id") == 0)
			return 0;
	return sk_resource_takes(resource, "practice_id", NULL);
}

static int
fill_in(const struct asking *asking, struct sk_choices *choices, struct sk_error *err)
{
	for (size_t i = 0; i < choices->n; i++)
		if (choices->values[i][0] == '{' && resolve(asking, &choices->values[i], err) != 0)
			return -1;
	if (takes_practice(choices))
		add_parameter(choices, "practice_id", asking->practice->practice_id);
	return 0;
}

/* --- telling ---------------------------------------------------------------------------------- */

static int
tell_items(const struct asking *asking, const json_t *items, sk_tell_fn *tell, void *arg,
    struct sk_error *err)
{
	json_t *item;
	size_t i;
	int result = 0;

	json_array_foreach(items, i, item)
	{
		json_t *record = json_object();

		sk_json_set(record, "office_id", asking->practice->office_id);
		sk_json_set(record, "practice_id", asking->practice->practice_id);
		sk_json_set(record, "field", asking->options->field);
		json_object_set(record, "value", json_array_get(item, 0));
		json_object_set(record, "text", json_array_get(item, 1));
		result = tell(arg, record, err);
		json_decref(record);
		if (result != 0)
			break;
	}
	return result;
}

/* Values that the rules themselves name, a bar list, as items. */
static json_t *
fixed_items(const char *values)
{
	json_t *items = json_array();

	while (*values != '\0') {
		size_t n = strcspn(values, "|");
		char *value = sk_mem_copy_bytes(values, n);

		json_array_append_new(items, json_pack("[s, n]", value));
		free(value);
		values += n + (values[n] == '|');
	}
	return items;
}

static int
ask(const struct asking *asking, sk_tell_fn *tell, void *arg, struct sk_error *err)
{
	const struct sk_practice *practice = asking->practice;
	const struct sk_operation *operation = asking->options->operation;
	const char *field = asking->options->field;
	char *values = sk_rules_values(operation, field, practice->pms, practice->pms_version);
	struct sk_choices choices = {0};
	json_t *items = NULL;
	int result = 0;

	if (values != NULL)
		items = fixed_items(values);
	else if (!sk_rules_choices(operation, field, practice->pms, practice->pms_version,
		     &choices))
		sk_out_warn("%s, practice %s: no list of values is known for %s",
		    practice->office_id, practice->practice_id, field);
	else if ((result = fill_in(asking, &choices, err)) == 0)
		result = get_list(asking, &choices, &items, err);
	if (result == 0)
		result = tell_items(asking, items, tell, arg, err);
	json_decref(items);
	sk_choices_fini(&choices);
	free(values);
	return result;
}

int
sk_choices(struct sk_wire *wire, const struct sk_choices_options *options, sk_tell_fn *tell,
    void *arg, struct sk_error *err)
{
	const struct sk_practice **practices = NULL;
	struct sk_directory places = {0};
	size_t n = 0;
	int result = -1;

	if (sk_directory_read(wire->session, &places, err) == 0)
		practices = sk_describe_practices(&places,
		    sk_json_string(options->given, "practice_id"), &n, err);
	if (practices != NULL && n == 0)
		sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "no office is authorized: run sikka-authorize");
	else if (practices != NULL)
		result = 0;
	for (size_t i = 0; i < n && result == 0 && sk_wire_goes_on(err); i++) {
		const struct asking asking = {wire, options, practices[i]};

		result = ask(&asking, tell, arg, err);
	}
	free(practices);
	sk_directory_fini(&places);
	return err->code != 0 ? -1 : result;
}
