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
	const char
	    *between;  /* the characters that stand between several values; "": a single one */
	bool is_ruled; /* the rules themselves say which values there are */
};

/*
 * true and choices is filled; false: the field's values can't be read. nth: 0, or the next one of
 * several lists, each of which may have the value.
 */
bool sk_rules_choices(const struct sk_operation *operation, const char *field, const char *pms,
    const char *version, size_t nth, struct sk_choices *choices);
void sk_choices_fini(struct sk_choices *choices);

/* Adds a parameter, for which there must be room. */
void sk_choices_add(struct sk_choices *choices, const char *name, const char *value);

/* Restricts them to the practice, where the resource can be; not if they are already. */
void sk_choices_restrict(struct sk_choices *choices, const char *practice_id);

/* Fills choices with where "{resource.member}" of the practice is read; name without the braces. */
void sk_choices_of_practice(struct sk_choices *choices, const char *name, const char *practice_id);

/* The name of what is read: "resource?name=value&…#member". The caller's. */
char *sk_choices_source(const struct sk_choices *choices);

/* The values that the rules themselves allow, as a bar list (the caller frees); NULL: any value. */
char *sk_rules_values(const struct sk_operation *operation, const char *field, const char *pms,
    const char *version);

#endif
