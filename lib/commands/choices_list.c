/* SPDX-License-Identifier: MIT */
/* choices_list: one list of values, from the state file or page after page from the server. Lists of
 * people who are treated are read anew each time and never kept. */
#include "commands/choices_list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "store/choices.h"
#include "rules/resources.h"
#include "rules/supported.h"

#define PAGE 500
#define MOST_BYTES ((size_t)16 << 20) /* of all pages */

bool
sk_choices_is_of_people(const char *resource)
{
	return strcmp(resource, "patients") == 0 || strcmp(resource, "guarantors") == 0;
}

bool
sk_choices_is_of_application(const char *resource)
{
	const struct sk_resource *found = sk_resource_find(resource);

	return found != NULL && found->auth == SK_AUTH_APP;
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
take_system(void *arg, json_t *record, struct sk_error *err)
{
	struct sk_choices_list *list = arg;

	(void)err;
	json_array_append_new(list->items, sk_supported_item(record));
	return 0;
}

static int
take_record(void *arg, json_t *record, struct sk_error *err)
{
	struct sk_choices_list *list = arg;
	const char *member = list->choices.member;
	char *value = sk_json_member_text(record, member);

	(void)err;
	if (value != NULL && json_object_get(list->seen, value) == NULL) {
		json_object_set_new(list->seen, value, json_true());
		json_array_append_new(list->items,
		    json_pack("[s, o]", value,
			sk_choices_is_of_people(list->choices.resource) ? json_null()
									: text_of(record, member)));
	}
	free(value);
	return 0;
}

/* 1 it is kept, and items is filled; 0 not; -1 with list->error. */
static int
take_kept(struct sk_choices_list *list)
{
	struct sk_store *store = sk_pool_session(list->pool)->store;
	int64_t since = sk_time_now() - SK_CHOICES_KEPT;
	struct sk_kept_choices kept = {0};
	int found;

	if (list->anew)
		return 0;
	found = list->is_of_application
	    ? sk_store_choices_get_latest(store, list->source, since, &kept, &list->error)
	    : sk_store_choices_get(store, list->practice->office_id, list->source, since, &kept,
		  &list->error);
	if (found == 1)
		list->items = sk_json_parse(kept.items, strlen(kept.items), NULL);
	free(kept.items);
	return found < 0 ? -1 : list->items != NULL;
}

void
sk_choices_list_begin(struct sk_pool *pool, struct sk_choices_list *list)
{
	const struct sk_choices *choices = &list->choices;

	list->pool = pool;
	list->source = sk_choices_source(choices);
	list->is_of_application = sk_choices_is_of_application(choices->resource);
	if (take_kept(list) != 0)
		return;
	list->path = sk_mem_printf("/%s", choices->resource);
	list->items = json_array();
	list->seen = json_object();
	for (size_t i = 0; i < choices->n; i++)
		list->parameters[i] =
		    (struct sk_api_parameter){choices->names[i], choices->values[i]};
	list->pages = (struct sk_pages){.kind = SK_CALL_READ,
	    .path = list->path,
	    .parameters = list->parameters,
	    .n_parameters = choices->n,
	    .office_id = list->is_of_application ? NULL : list->practice->office_id,
	    .page_size = PAGE,
	    .most = MOST_BYTES,
	    .record = list->is_of_application ? take_system : take_record,
	    .arg = list};
	list->is_begun = 1;
	sk_pages_begin(pool, &list->pages);
}

static int
keep(struct sk_choices_list *list, struct sk_error *err)
{
	char *text = sk_json_dump(list->items);
	int result = sk_store_choices_put(sk_pool_session(list->pool)->store,
	    list->practice->office_id, list->source, text, sk_time_now(), err);

	free(text);
	return result;
}

int
sk_choices_list_finish(struct sk_choices_list *list, struct sk_error *err)
{
	while (list->is_begun && !list->pages.is_done)
		sk_pool_turn(list->pool, SK_MINUTE, -1);
	if (list->is_begun)
		list->error = list->pages.error;
	if (list->error.code != 0) {
		*err = list->error;
		return -1;
	}
	if (!list->is_begun)
		return 0;
	if (list->pages.is_reloading || !sk_api_pages_whole(&list->pages.list)) {
		sk_out_warn(
		    "%s: the practice's data is being reloaded or has changed: values may be "
		    "missing",
		    list->practice->office_id);
		return 0;
	}
	list->is_whole = true;
	return sk_choices_is_of_people(list->choices.resource) ? 0 : keep(list, err);
}

void
sk_choices_list_fini(struct sk_choices_list *list)
{
	if (list->is_begun) {
		while (!sk_pages_stop(&list->pages))
			sk_pool_turn(list->pool, SK_MINUTE, -1);
		sk_pages_fini(&list->pages);
	}
	json_decref(list->items);
	json_decref(list->seen);
	free(list->source);
	free(list->path);
	sk_choices_fini(&list->choices);
}
