/* SPDX-License-Identifier: MIT */
/*
 * resources_list: lists the known resources and their parameters, without the server.
 */
#include <string.h>

#include "base/nearest.h"
#include "base/out.h"
#include "rules/resources.h"
#include "commands/get.h"

static const char *
auth_of(const struct sk_resource *resource)
{
	return resource->auth == SK_AUTH_APP ? "application" : "office";
}

static json_t *
array_of(const char *list)
{
	json_t *array = json_array();
	const char *word;
	size_t length;

	while ((word = sk_resource_word(&list, &length)) != NULL)
		json_array_append_new(array, json_stringn(word, length));
	return array;
}

static enum sk_exit
tell_all(struct sk_error *err)
{
	const struct sk_resource *resource;

	for (size_t i = 0; (resource = sk_resource_at(i)) != NULL && err->code == 0; i++) {
		json_t *record = json_object();

		json_object_set_new(record, "resource", json_string(resource->name));
		json_object_set_new(record, "auth", json_string(auth_of(resource)));
		json_object_set_new(record, "required", array_of(resource->required));
		json_object_set_new(record, "optional", array_of(resource->optional));
		json_object_set_new(record, "sort_by", array_of(resource->sort_by));
		json_object_set_new(record, "described",
		    json_boolean(resource->shape != SK_SHAPE_UNDESCRIBED));
		sk_out_record(record, err);
		json_decref(record);
	}
	return err->code;
}

/* Prints each word of a list, except words that an earlier list has already shown. */
static void
tell_words(const struct sk_resource *resource, const char *list, const char *kind,
    const char *before, struct sk_error *err)
{
	json_t *sorts = array_of(resource->sort_by), *told = array_of(before);
	json_t *words = array_of(list), *word, *other;
	size_t i, j;

	json_array_foreach(words, i, word)
	{
		json_t *record;
		int is_told = 0, is_sorted = 0;

		json_array_foreach(told, j, other) is_told |= json_equal(word, other);
		json_array_foreach(sorts, j, other) is_sorted |= json_equal(word, other);
		if (is_told || err->code != 0)
			continue;
		record = json_object();
		json_object_set_new(record, "resource", json_string(resource->name));
		json_object_set_new(record, "auth", json_string(auth_of(resource)));
		json_object_set(record, "name", word);
		json_object_set_new(record, "parameter",
		    kind != NULL ? json_string(kind) : json_null());
		json_object_set_new(record, "sort_by", json_boolean(is_sorted));
		sk_out_record(record, err);
		json_decref(record);
	}
	json_decref(words);
	json_decref(told);
	json_decref(sorts);
}

static void
tell_resource(const struct sk_resource *resource, struct sk_error *err)
{
	tell_words(resource, resource->required, "required", "", err);
	tell_words(resource, resource->optional, "optional", resource->required, err);
	tell_words(resource, resource->sort_by, NULL, resource->optional, err);
	if (resource->ask == SK_ASK_QUERY)
		tell_words(resource, sk_resource_common, "every resource", resource->optional, err);
}

enum sk_exit
sk_resources_list(char *const *names, size_t n, struct sk_error *err)
{
	if (n == 0)
		return tell_all(err);
	for (size_t i = 0; i < n; i++) {
		char hint[SK_NEAREST_HINT];

		if (sk_resource_find(names[i]) == NULL)
			sk_error_set(err, SK_EXIT_USAGE, "there is no known resource \"%s\"%s",
			    names[i], sk_nearest_hint(sk_resource_nearest(names[i]), hint));
	}
	for (size_t i = 0; i < n && err->code == 0; i++)
		tell_resource(sk_resource_find(names[i]), err);
	return err->code;
}
