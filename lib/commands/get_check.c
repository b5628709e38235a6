/* SPDX-License-Identifier: MIT */
/*
 * get: checks the parameters of a reading before anything is sent. What can't be asked is 64; what
 * the server will hardly understand is a warning, because it may know more than our tables.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/out.h"
#include "rules/resource_rules.h"
#include "rules/resources.h"
#include "commands/get.h"
#include "commands/get_parts.h"

/* A resource's name consists of letters, digits and underscores, with single slashes between. */
static bool
is_path(const char *resource)
{
	for (const char *c = resource; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' &&
		    !(*c == '/' && c != resource && c[1] != '/' && c[1] != '\0'))
			return false;
	return *resource != '\0';
}

/* --- names ----------------------------------------------------------------------------------- */

static void
warn_of_missing(const struct sk_get_options *options, const struct sk_resource *resource)
{
	const char **names = sk_mem_zero(options->n_parameters + 1, sizeof(*names));
	char missing[SK_RESOURCE_WORD];

	for (size_t i = 0; i < options->n_parameters; i++)
		names[i] = options->parameters[i].name;
	/* office_id is added by sk_get, so it isn't missing. */
	if (sk_resource_lacks(resource, names, options->n_parameters, missing) &&
	    strcmp(missing, "office_id") != 0)
		sk_out_warn("%s needs the parameter %s", options->resource, missing);
	free(names);
}

static void
warn_of_unknown(const struct sk_get_options *options, const struct sk_resource *resource)
{
	for (size_t i = 0; i < options->n_parameters; i++) {
		char nearest[SK_RESOURCE_WORD], hint[SK_NEAREST_HINT];

		if (!sk_resource_takes(resource, options->parameters[i].name, nearest))
			sk_out_warn("%s has no known parameter \"%s\"%s; asking all the same",
			    options->resource, options->parameters[i].name,
			    sk_nearest_hint(nearest, hint));
	}
}

static void
warn(void *arg, const char *sentence)
{
	(void)arg;
	sk_out_warn("%s; asking all the same", sentence);
}

static void
warn_of_rules(const struct sk_get_options *options, const struct sk_resource *resource)
{
	const struct sk_resource_asked asked = {resource, options->resource, options->parameters,
	    options->n_parameters};

	sk_resource_rules_check(&asked, warn, NULL);
}

/* Refuses parameters that our own options set, and names that no URL may have. */
static int
refuse_ours(const struct sk_get_options *options, struct sk_error *err)
{
	for (size_t i = 0; i < options->n_parameters; i++) {
		const char *name = options->parameters[i].name;

		if (strcmp(name, "request_key") == 0)
			return sk_error_set(err, SK_EXIT_USAGE,
			    "a request key must not be in a URL: sikka-get sends it in a header");
		if (strcmp(name, "offset") == 0 || strcmp(name, "limit") == 0)
			return sk_error_set(err, SK_EXIT_USAGE,
			    "sikka-get sets %s itself, page by page: use --from-page, --page-size "
			    "and --limit",
			    name);
		for (size_t j = 0; j < i; j++)
			if (strcmp(name, options->parameters[j].name) == 0)
				return sk_error_set(err, SK_EXIT_USAGE, "%s is given twice", name);
	}
	return 0;
}

/* --- values ---------------------------------------------------------------------------------- */

static void
warn_of_order(const struct sk_get_options *options, const struct sk_resource *resource,
    const char *value)
{
	while (*value != '\0') {
		const char *field = value + strspn(value, " +-");
		size_t n = strcspn(field, " ,:");
		char nearest[SK_RESOURCE_WORD], hint[SK_NEAREST_HINT];

		if (!sk_resource_sorts(resource, field, n, nearest))
			sk_out_warn("%s has no known sort field \"%.*s\"%s; asking all the same",
			    options->resource, (int)n, field, sk_nearest_hint(nearest, hint));
		value = field + n;
		value += strcspn(value, ",");
		value += *value == ',';
	}
}

/* Whether the text is FIELD=OP_VALUE. The value may be a patient's, so no message repeats it. */
static bool
is_condition(const char *text, size_t n)
{
	static const char *const operators[] = {"eq_", "neq_", "like_", "gt_", "gte_", "lt_",
	    "lte_"};
	size_t name = strcspn(text, "=");

	if (name == 0 || name >= n)
		return false;
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t length = strlen(operators[i]);

		if (name + 1 + length <= n && strncmp(text + name + 1, operators[i], length) == 0)
			return true;
	}
	return false;
}

/* The next "::AND::" or "::OR::", of *length bytes; at the end of the text, the end and 0. */
static const char *
next_joint(const char *text, size_t *length)
{
	static const char and_word[] = "::AND::", or_word[] = "::OR::";
	const char *and = strstr(text, and_word), * or = strstr(text, or_word);

	if (and != NULL && (or == NULL || and < or)) {
		*length = sizeof(and_word) - 1;
		return and;
	}
	*length = or != NULL ? sizeof(or_word) - 1 : 0;
	return or != NULL ? or : text + strlen(text);
}

static void
warn_of_find(const char *value)
{
	size_t length;

	for (int number = 1;; number++) {
		const char *end = next_joint(value, &length);
		size_t n = (size_t)(end - value);

		if (!is_condition(value, n))
			sk_out_warn("find: condition %d isn't FIELD=OP_VALUE, with eq_, neq_, "
				    "like_, gt_, gte_, lt_ or lte_ in front of the value; asking "
				    "all the same",
			    number);
		if (memmem(value, n, "::", 2) != NULL)
			sk_out_warn(
			    "find: conditions are joined by ::AND:: and ::OR::, in capitals");
		if (*end == '\0')
			break;
		value = end + length;
	}
}

/* Refuses what can't be asked for in a body. */
static int
refuse_for_body(const struct sk_get_options *options, struct sk_error *err)
{
	const char *option = options->fields != NULL ? "--fields"
	    : options->changed_since != NULL         ? "--changed-since"
						     : NULL;

	if (option != NULL)
		return sk_error_set(err, SK_EXIT_USAGE, "%s doesn't go with %s", option,
		    options->resource);
	for (size_t i = 0; i < options->n_parameters; i++) {
		const struct sk_api_parameter *parameter = &options->parameters[i];
		json_t *value = json_string(parameter->value), *name = json_string(parameter->name);
		bool is_good = value != NULL && name != NULL;

		json_decref(value);
		json_decref(name);
		if (!is_good)
			return sk_error_set(err, SK_EXIT_USAGE, "a parameter isn't UTF-8");
	}
	return 0;
}

int
sk_get_check(struct sk_get_options *options, struct sk_error *err)
{
	const struct sk_resource *resource = sk_resource_find(options->resource);
	char hint[SK_NEAREST_HINT];

	if (!is_path(options->resource))
		return sk_error_set(err, SK_EXIT_USAGE, "\"%s\" can't be a resource",
		    options->resource);
	if (resource != NULL && resource->ask == SK_ASK_BODY && refuse_for_body(options, err) != 0)
		return -1;
	if (options->fresher_than > 0 && resource != NULL && resource->auth == SK_AUTH_APP)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--fresher-than: %s isn't read from the copy of a practice's data",
		    options->resource);
	options->n_own = options->n_parameters;
	if (options->fields != NULL)
		options->parameters[options->n_parameters++] =
		    (struct sk_api_parameter){"fields", options->fields};
	if (options->changed_since != NULL && sk_get_read_since(options, err) != 0)
		return -1;
	if (refuse_ours(options, err) != 0)
		return -1;
	if (resource == NULL) {
		sk_out_warn("there is no known resource \"%s\"%s; asking all the same",
		    options->resource,
		    sk_nearest_hint(sk_resource_nearest(options->resource), hint));
	} else if (resource->shape == SK_SHAPE_UNDESCRIBED) {
		sk_out_verbose(
		    "%s is a resource that the vendor's documents name, and don't describe",
		    options->resource);
	} else {
		warn_of_unknown(options, resource);
		warn_of_missing(options, resource);
		warn_of_rules(options, resource);
	}
	for (size_t i = 0; i < options->n_parameters; i++) {
		const char *name = options->parameters[i].name;

		if (strcmp(name, "find") == 0)
			warn_of_find(options->parameters[i].value);
		if (strcmp(name, "sort_by") == 0 && resource != NULL)
			warn_of_order(options, resource, options->parameters[i].value);
	}
	return 0;
}

int
sk_get_check_listed(const struct sk_get_options *options, struct sk_error *err)
{
	struct sk_api_parameter parameters[1];
	struct sk_get_options tried = *options;

	tried.parameters = parameters;
	if (options->changed_since == NULL)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "-, the resources that standard input names, works with --changed-since only");
	if (options->from_page > 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--from-page works for one list only: name its resource");
	return sk_get_read_since(&tried, err);
}
