/* SPDX-License-Identifier: MIT */
/*
 * rules-said: what the rules say to a request, as one text. Include behind tap.h.
 */
#ifndef SK_RULES_SAID_H
#define SK_RULES_SAID_H

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "rules/rules.h"

__attribute__((unused)) static json_t *
parse(const char *text)
{
	json_t *value = sk_json_parse(text, strlen(text), NULL);

	if (value == NULL)
		ok(0, "no JSON: %s", text);
	return value;
}

/* Adds "fields rule; " for each, and looks whether each has a message. */
__attribute__((unused)) static char *
add_said(char *said, const struct sk_faults *faults)
{
	size_t i;

	for (i = 0; i < faults->n; i++) {
		char *longer =
		    sk_mem_printf("%s%s %s; ", said, faults->list[i].fields, faults->list[i].rule);

		free(said);
		said = longer;
		if (faults->list[i].message[0] == '\0')
			ok(0, "a fault without a message");
	}
	return said;
}

/* "endpoint body", or its faults as "fields rule; …". The caller frees. */
__attribute__((unused)) static char *
build(const char *operation, const char *pms, const char *fields, int check)
{
	struct sk_faults faults = {0};
	json_t *object = parse(fields), *body = NULL;
	char *endpoint = NULL, *text, *said;
	size_t n;

	n = sk_rules_build(&(struct sk_rules_input){.operation = sk_rules_find(operation),
			       .pms = pms,
			       .fields = object,
			       .unchecked = !check},
	    &endpoint, &body, &faults, NULL);
	json_decref(object);
	if (n != faults.n)
		ok(0, "%zu faults, but %zu are told", n, faults.n);
	if (n == 0) {
		text = sk_json_canonical(body, NULL);
		said = sk_mem_printf("%s %s", endpoint, text);
		free(text);
	} else {
		said = sk_mem_copy(endpoint == NULL && body == NULL ? "" : "built! ");
		said = add_said(said, &faults);
	}
	sk_faults_fini(&faults);
	json_decref(body);
	free(endpoint);
	return said;
}

/* What build says must be wanted. */
__attribute__((unused)) static void
builds(const char *operation, const char *pms, const char *fields, const char *wanted)
{
	char *said = build(operation, pms, fields, 1);
	char what[300];

	snprintf(what, sizeof(what), "%s, %s: %s", operation, pms != NULL ? pms : "-", fields);
	is_str(said, wanted, what);
	free(said);
}

/* The fields of a base request with some replaced, added, or (null) left out. */
__attribute__((unused)) static json_t *
changed(const char *base, const char *changes)
{
	json_t *fields = parse(base), *with = parse(changes), *value;
	const char *name;

	json_object_foreach(with, name, value)
	{
		if (json_is_null(value))
			json_object_del(fields, name);
		else
			json_object_set(fields, name, value);
	}
	json_decref(with);
	return fields;
}

/*
 * What the rules say to a base request with changes must be wanted: faults, and warnings in
 * brackets behind; "" for a request that is all right.
 */
__attribute__((unused)) static void
judges(const char *operation, const char *pms, const char *base, const char *changes,
    const char *wanted)
{
	struct sk_faults faults = {0}, warnings = {0};
	json_t *fields = changed(base, changes), *body = NULL;
	char *endpoint = NULL, *said, *warned, *all;
	char what[300];

	sk_rules_build(&(struct sk_rules_input){.operation = sk_rules_find(operation),
			   .pms = pms,
			   .fields = fields},
	    &endpoint, &body, &faults, &warnings);
	said = add_said(sk_mem_copy(""), &faults);
	warned = add_said(sk_mem_copy(""), &warnings);
	all = *warned != '\0' ? sk_mem_printf("%s[%s]", said, warned) : sk_mem_copy(said);
	snprintf(what, sizeof(what), "%s, %s: %s", operation, pms != NULL ? pms : "-", changes);
	is_str(all, wanted, what);
	free(all);
	free(warned);
	free(said);
	sk_faults_fini(&faults);
	sk_faults_fini(&warnings);
	json_decref(fields);
	json_decref(body);
	free(endpoint);
}

#endif
