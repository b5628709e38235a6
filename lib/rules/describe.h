/* SPDX-License-Identifier: MIT */
/*
 * rules_describe: the rules for others: as records for people, as JSON Schema, as an example, and
 * where the values that a practice allows are read. pms and version as in struct sk_rules_input; JSON
 * values are the caller's.
 */
#ifndef SK_RULES_DESCRIBE_H
#define SK_RULES_DESCRIBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "rules/rules.h"

/* An operation's record: operation, method, path, creates, pms (those that take it, or null). */
json_t *sk_rules_summary(const struct sk_operation *operation);

/*
 * An array with a record for each field that the system reads: field, required ("yes", "no", "when
 * …"), value (what it has to be), choices (whether the practice's own values can be read), note;
 * and a record for each rule of several fields, with their names in field.
 */
json_t *sk_rules_describe(const struct sk_operation *operation, const char *pms,
    const char *version);

/* A JSON Schema (draft 2020-12) of a request. */
json_t *sk_rules_schema(const struct sk_operation *operation, const char *pms, const char *version);

/*
 * The fields of an example request. sk_rules_build accepts them without a fault or a warning,
 * provided that the system takes the operation at all.
 */
json_t *sk_rules_example(const struct sk_operation *operation, const char *pms,
    const char *version);

/* Why the system doesn't take the operation (the caller frees), or NULL. */
char *sk_rules_refusal(const struct sk_operation *operation, const char *pms, const char *version);

/*
 * Whether the operation has the field. If not, *nearest is the name of the nearest field, or NULL.
 */
bool sk_rules_has_field(const struct sk_operation *operation, const char *field,
    const char **nearest);

/* --- choices ---------------------------------------------------------------------------------- */

#define SK_CHOICES_PARAMETERS 8

/*
 * Where the values that the practice allows in a field are read. A parameter's value "{field}"
 * stands for what the request has in that field, "{resource.member}" for a member of the practice's
 * record in that resource.
 */
struct sk_choices {
	char *resource;
	char *names[SK_CHOICES_PARAMETERS];
	char *values[SK_CHOICES_PARAMETERS];
	size_t n;
	char *member; /* the member of each record that is the value */
};

/* true and choices is filled; false: the field's values can't be read. */
bool sk_rules_choices(const struct sk_operation *operation, const char *field, const char *pms,
    const char *version, struct sk_choices *choices);
void sk_choices_fini(struct sk_choices *choices);

/* The values that the rules themselves allow, as a bar list (the caller frees); NULL: any value. */
char *sk_rules_values(const struct sk_operation *operation, const char *field, const char *pms,
    const char *version);

#endif
