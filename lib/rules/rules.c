/* SPDX-License-Identifier: MIT */
/*
 * rules: checks a request and builds its endpoint and body. With any fault nothing is built, so
 * that nothing half right can be sent.
 */
#include "rules/rules.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/text.h"
#include "api/api.h"
#include "api/writeback.h"
#include "rules/requirement.h"
#include "rules/table.h"
#include "rules/validate.h"

const struct sk_operation *
sk_rules_find(const char *operation)
{
	for (size_t i = 0; i < sk_operations_count; i++) {
		if (strcmp(sk_operations[i].name, operation) == 0)
			return &sk_operations[i];
	}
	return NULL;
}

const char *const *
sk_rules_names(size_t *n)
{
	static const char *names[32];
	size_t i;

	for (i = 0; i < sk_operations_count && i < sizeof(names) / sizeof(names[0]); i++)
		names[i] = sk_operations[i].name;
	*n = i;
	return names;
}

bool
sk_rules_may_be_twice(const char *operation)
{
	const struct sk_operation *found = sk_rules_find(operation);

	return found != NULL && found->twice == SK_TWICE_MAY_BE;
}

const char *
sk_rules_nearest(const char *operation)
{
	size_t n;
	const char *const *names = sk_rules_names(&n);

	return sk_nearest(operation, names, n);
}

const char *
sk_rules_name(const struct sk_operation *operation)
{
	return operation->name;
}

const char *
sk_rules_method(const struct sk_operation *operation)
{
	return operation->method;
}

const char *
sk_rules_path(const struct sk_operation *operation)
{
	return operation->path;
}

bool
sk_rules_is_document(const struct sk_operation *operation, const char *field, size_t *most)
{
	const struct sk_field *row = sk_field_find(operation, field);

	if (row == NULL || row->format != SK_VALUE_BASE64)
		return false;
	*most = row->max;
	return true;
}

/* The operation's path, in which {field} is replaced by the field's value. */
static char *
build_endpoint(const struct sk_operation *operation, const json_t *fields)
{
	const char *open = strchr(operation->path, '{'), *close;
	char *name, *id, *endpoint;

	if (open == NULL)
		return sk_mem_copy(operation->path);
	close = strchr(open, '}');
	name = sk_mem_copy_bytes(open + 1, (size_t)(close - open) - 1);
	id = sk_api_escape(json_string_value(json_object_get(fields, name)));
	endpoint = sk_mem_printf("%.*s%s%s", (int)(open - operation->path), operation->path, id,
	    close + 1);
	free(id);
	free(name);
	return endpoint;
}

static void
drop_path_fields(const struct sk_operation *operation, json_t *body)
{
	for (size_t i = 0; i < operation->n_fields; i++) {
		const struct sk_field *field = &operation->fields[i];

		if ((field->is & SK_FIELD_IN_PATH) && !(field->is & SK_FIELD_IN_BODY))
			json_object_del(body, field->name);
	}
}

size_t
sk_rules_build(const struct sk_rules_input *input, char **endpoint, json_t **body,
    struct sk_faults *faults, struct sk_faults *warnings)
{
	const struct sk_operation *operation = input->operation;
	const char *const *fixed = operation->fixed, *const *preset = operation->defaults;
	struct sk_faults own_faults = {0}, own_warnings = {0};
	struct sk_submission asked = {.operation = operation,
	    .zone = input->zone,
	    .pms = sk_pms_of(input->pms, input->version)};
	json_t *all = json_object();
	size_t before, n;

	if (faults == NULL)
		faults = &own_faults;
	if (warnings == NULL)
		warnings = &own_warnings;
	before = faults->n;
	/* json_object_update takes a pointer without const, but changes nothing in fields. */
	json_object_update(all, (json_t *)(uintptr_t)input->fields);
	if (preset[0] != NULL && sk_value_of(all, preset[0]) == NULL)
		json_object_set_new(all, preset[0], json_string(preset[1]));
	if (fixed[0] != NULL && sk_value_of(all, fixed[0]) == NULL)
		json_object_set_new(all, fixed[0], json_string(fixed[1]));
	asked.fields = all;
	sk_rules_check_path(&asked, faults);
	if (!input->unchecked)
		sk_rules_check_fields(&asked, faults, warnings);
	n = faults->n - before;
	if (n == 0) {
		*endpoint = build_endpoint(operation, all);
		drop_path_fields(operation, all);
		if (fixed[0] != NULL)
			json_object_set_new(all, fixed[0], json_string(fixed[1]));
		*body = json_incref(all);
	}
	json_decref(all);
	sk_faults_fini(&own_faults);
	sk_faults_fini(&own_warnings);
	return n;
}

char *
sk_rules_path_field(const char *method, const char *endpoint)
{
	for (size_t i = 0; i < sk_operations_count; i++) {
		const char *from = strchr(sk_operations[i].path, '{');

		if (from != NULL && strcmp(sk_operations[i].method, method) == 0 &&
		    sk_api_is_same_kind(sk_operations[i].path, endpoint))
			return sk_mem_copy_bytes(from + 1, strcspn(from + 1, "}"));
	}
	return NULL;
}

char *
sk_rules_path_id(const char *endpoint)
{
	const char *from = endpoint[0] == '/' ? strchr(endpoint + 1, '/') : NULL;
	char *id;
	size_t n;

	if (from == NULL)
		return NULL;
	from++;
	n = strcspn(from, "/?#");
	if (n == 0)
		return NULL;
	id = sk_mem_copy_bytes(from, n);
	sk_text_unescape(id);
	return id;
}
