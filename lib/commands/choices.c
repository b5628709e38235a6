/* SPDX-License-Identifier: MIT */
/*
 * choices: the values that a practice allows in a field, from the rules, or from a list of its own that
 * is in the state file or at the server (choices_list). All practices are asked side by side.
 */
#include "commands/choices.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"
#include "rules/describe.h"
#include "calls/locations.h"
#include "commands/choices_list.h"
#include "commands/describe.h"
#include "commands/request.h"

#define MOST_NEEDED SK_CHOICES_PARAMETERS

/* What is asked of one practice. */
struct asking {
	struct sk_pool *pool;
	const struct sk_choices_options *options;
	const struct sk_practice *practice;
	struct sk_error error;
	json_t *fixed;      /* values that stand in the rules, or NULL */
	bool has_locations; /* the field is practice_id: its values are the office's own list */
	bool is_told;       /* by the asking of another practice of the office */
	struct sk_locations locations;
	int has_list;
	struct sk_choices_list list;                /* the values */
	struct sk_choices_list needed[MOST_NEEDED]; /* what stands for "{resource.member}" … */
	size_t values[MOST_NEEDED];                 /* … in the value of this parameter of list */
	size_t n_needed;
};

/* --- parameters ------------------------------------------------------------------------------- */

/* The list that has the member of a resource's record of the practice itself; name: resource.member. */
static void
begin_needed(struct asking *asking, size_t value, const char *name)
{
	struct sk_choices_list *needed = &asking->needed[asking->n_needed];

	asking->values[asking->n_needed++] = value;
	needed->practice = asking->practice;
	sk_choices_of_practice(&needed->choices, name, asking->practice->practice_id);
	sk_choices_list_begin(asking->pool, needed);
}

/* Replaces "{…}" in a parameter by a field of the request, or begins to read the practice's record. */
static void
resolve(struct asking *asking, size_t value)
{
	char **text = &asking->list.choices.values[value];
	char *name = sk_mem_copy_bytes(*text + 1, strlen(*text) - 2);
	const char *given = sk_json_string(asking->options->given, name);

	if (strchr(name, '.') != NULL)
		begin_needed(asking, value, name);
	else if (given != NULL)
		sk_mem_replace(text, given);
	else
		sk_error_set(&asking->error, SK_EXIT_USAGE,
		    "the values of %s depend on %s: add %s=VALUE; --choices %s shows its values",
		    asking->options->field, name, name, name);
	free(name);
}

static void
take_needed(struct asking *asking, size_t i)
{
	struct sk_choices_list *needed = &asking->needed[i];
	const char *found;

	if (sk_choices_list_finish(needed, &asking->error) != 0)
		return;
	found = json_string_value(json_array_get(json_array_get(needed->items, 0), 0));
	if (found == NULL)
		sk_error_set(&asking->error, SK_EXIT_PROTOCOL, "%s has no %s for practice %s of %s",
		    needed->choices.resource, needed->choices.member, asking->practice->practice_id,
		    asking->practice->office_id);
	else
		sk_mem_replace(&asking->list.choices.values[asking->values[i]], found);
}

/* --- telling ---------------------------------------------------------------------------------- */

static int
tell_items(const struct asking *asking, const json_t *items, struct sk_error *err)
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
		result = sk_out_record(record, err);
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

/* --- asking ----------------------------------------------------------------------------------- */

/* The field is practice_id. What the rules ask for besides are further members. */
static void
ask_for_locations(struct asking *asking)
{
	const struct sk_choices *choices = &asking->list.choices;

	asking->has_locations = true;
	for (size_t i = 0; i < choices->n; i++)
		if (strcmp(choices->names[i], "fields") == 0)
			asking->locations.fields = choices->values[i];
}

/* Finds out where the values are, and begins to read what the list's parameters depend on. */
static void
begin(struct asking *asking)
{
	const struct sk_practice *practice = asking->practice;
	const struct sk_operation *operation = asking->options->operation;
	const char *field = asking->options->field;
	struct sk_choices *choices = &asking->list.choices;
	char *values = sk_rules_values(operation, field, practice->pms, practice->pms_version);

	if (values != NULL)
		asking->fixed = fixed_items(values);
	else if (!sk_rules_choices(operation, field, practice->pms, practice->pms_version, 0,
		     choices))
		sk_out_warn("%s, practice %s: no list of values is known for %s",
		    practice->office_id, practice->practice_id, field);
	else if (strcmp(choices->resource, "practices") == 0)
		ask_for_locations(asking);
	else
		asking->has_list = 1;
	free(values);
	for (size_t i = 0; i < choices->n && asking->error.code == 0; i++)
		if (choices->values[i][0] == '{')
			resolve(asking, i);
}

/* Begins to read the list, when all that it depends on has been read. */
static void
begin_list(struct asking *asking)
{
	if (asking->has_locations && !asking->is_told) {
		asking->locations.office_id = asking->practice->office_id;
		sk_locations_begin(asking->pool, &asking->locations);
	}
	if (!asking->has_list)
		return;
	for (size_t i = 0; i < asking->n_needed && asking->error.code == 0; i++)
		take_needed(asking, i);
	if (asking->error.code != 0)
		return;
	sk_choices_restrict(&asking->list.choices, asking->practice->practice_id);
	asking->list.practice = asking->practice;
	sk_choices_list_begin(asking->pool, &asking->list);
}

/* Whether the office's list says that this practice is the main one. */
static bool
is_main_office(const json_t *found, const char *practice_id)
{
	const json_t *listed;
	size_t i;

	json_array_foreach(found, i, listed)
	{
		if (sk_text_both_equal(sk_json_string(listed, "practice_id"), practice_id))
			return sk_json_truth(json_object_get(listed, "is_main_office")) == 1;
	}
	return false;
}

/* A person's text for a practice; the caller's, or NULL. */
static char *
location_text(const struct asking *asking, const struct sk_practice *practice)
{
	const char *name = practice->practice_name;

	if (!is_main_office(asking->locations.found, practice->practice_id))
		return sk_mem_copy(name);
	return sk_mem_printf("%s%smain office", name != NULL ? name : "", name != NULL ? ", " : "");
}

/*
 * What is offered is what is accepted afterwards: practices that are recorded as active, of those in the
 * office's own list, or all of them when that list is empty.
 */
static int
tell_locations(struct asking *asking, struct sk_error *err)
{
	struct sk_session *session = sk_pool_session(asking->pool);
	const json_t *found = asking->locations.found;
	struct sk_practice *practices = NULL;
	size_t n = 0;
	int result =
	    sk_store_practices(session->store, asking->locations.office_id, &practices, &n, err);

	for (size_t i = 0; i < n && result == 0; i++) {
		struct sk_practice *practice = &practices[i];
		json_t *items;
		char *text;

		if (practice->status != SK_OFFICE_ACTIVE ||
		    (json_array_size(found) > 0 &&
			!sk_locations_have(found, practice->practice_id)))
			continue;
		text = location_text(asking, practice);
		items = json_pack("[[s, s?]]", practice->practice_id, text);
		free(text);
		asking->practice = practice;
		result = tell_items(asking, items, err);
		json_decref(items);
	}
	sk_practices_free(practices, n);
	return result;
}

static int
finish_locations(struct asking *asking, struct sk_error *err)
{
	struct sk_locations *locations = &asking->locations;

	if (asking->is_told)
		return 0;
	sk_locations_finish(asking->pool, locations);
	if (locations->error.code != 0) {
		*err = locations->error;
		return -1;
	}
	if (sk_locations_record(sk_pool_session(asking->pool), locations, 1, err) != 0)
		return -1;
	return tell_locations(asking, err);
}

static int
finish(struct asking *asking, struct sk_error *err)
{
	const json_t *items = asking->fixed;

	if (asking->error.code == 0 && asking->has_locations)
		return finish_locations(asking, err);
	if (asking->error.code == 0 && asking->has_list) {
		sk_choices_list_finish(&asking->list, &asking->error);
		items = asking->list.items;
	}
	if (asking->error.code != 0) {
		*err = asking->error;
		return -1;
	}
	return tell_items(asking, items, err);
}

static void
asking_fini(struct asking *asking)
{
	for (size_t i = 0; i < asking->n_needed; i++)
		sk_choices_list_fini(&asking->needed[i]);
	sk_choices_list_fini(&asking->list);
	sk_locations_fini(asking->pool, &asking->locations);
	json_decref(asking->fixed);
}

/* All practices are asked side by side, and told in their order, up to the first that has trouble. */
static int
ask_all(struct asking *askings, size_t n, struct sk_error *err)
{
	int result = 0;

	/* They are in the order of their offices. */
	for (size_t i = 0; i < n; i++) {
		begin(&askings[i]);
		askings[i].is_told = i > 0 &&
		    strcmp(askings[i - 1].practice->office_id, askings[i].practice->office_id) == 0;
	}
	for (size_t i = 0; i < n; i++)
		begin_list(&askings[i]);
	for (size_t i = 0; i < n && result == 0; i++)
		result = finish(&askings[i], err);
	for (size_t i = 0; i < n; i++)
		asking_fini(&askings[i]);
	return result;
}

int
sk_choices(struct sk_pool *pool, const struct sk_choices_options *options, struct sk_error *err)
{
	const struct sk_practice **practices = NULL;
	struct sk_directory places = {0};
	struct asking *askings;
	size_t n = 0;
	int result = -1;

	if (sk_directory_read(sk_pool_session(pool), &places, err) == 0)
		practices = sk_describe_practices(&places,
		    sk_json_string(options->given, "practice_id"), &n, err);
	if (practices != NULL && n == 0)
		sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "no office is authorized: run sikka-authorize");
	else if (practices != NULL)
		result = 0;
	if (result == 0) {
		askings = sk_mem_zero(n, sizeof(*askings));
		for (size_t i = 0; i < n; i++) {
			askings[i].pool = pool;
			askings[i].options = options;
			askings[i].practice = practices[i];
		}
		result = ask_all(askings, n, err);
		free(askings);
	}
	free(practices);
	sk_directory_fini(&places);
	return err->code != 0 ? -1 : result;
}
