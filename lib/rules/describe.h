/* SPDX-License-Identifier: MIT */
/*
 * rules_describe: the rules told to others: for eyes, as JSON Schema, by an example, and where a
 * practice's own values are read. pms and version as for sk_rules_build; JSON values are the
 * caller's.
 */
#ifndef SK_RULES_DESCRIBE_H
#define SK_RULES_DESCRIBE_H

#include <jansson.h>
#include <stddef.h>

#include "rules/rules.h"

/* An operation's record: operation, method, path, creates, pms (those that take it, or null). */
json_t *sk_rules_summary(const struct sk_operation *operation);

/*
 * An array with a record for each field that the system reads: field, required ("yes", "no", "when
 * …"), value (what it looks like), choices (whether the practice's own values can be read), note;
 * and for each rule of several fields one with those in field.
 */
json_t *sk_rules_describe(const struct sk_operation *operation, const char *pms,
    const char *version);

/* A JSON Schema (draft 2020-12) of a request. */
json_t *sk_rules_schema(const struct sk_operation *operation, const char *pms, const char *version);

/* Fields that sk_rules_build takes without a fault or warning, where the system takes the operation
 * at all. */
json_t *sk_rules_example(const struct sk_operation *operation, const char *pms,
    const char *version);

/* Why the system doesn't take the operation (the caller's), or NULL. */
char *sk_rules_refusal(const struct sk_operation *operation, const char *pms, const char *version);

/* Whether the operation has the field; if not, *nearest is the nearest one's name, or NULL. */
int sk_rules_has_field(const struct sk_operation *operation, const char *field,
    const char **nearest);

/* --- choices ---------------------------------------------------------------------------------- */

#define SK_CHOICES_PARAMETERS 8

/*
 * Where the practice's own values of a field are read. A parameter's value "{field}" is what the
 * request has in that field, "{resource.member}" what the practice's record in that resource has.
 */
struct sk_choices {
	char *resource;
	char *names[SK_CHOICES_PARAMETERS];
	char *values[SK_CHOICES_PARAMETERS];
	size_t n;
	char *member; /* of each record: the value */
};

/* 1 and choices filled; 0: they can't be read. */
int sk_rules_choices(const struct sk_operation *operation, const char *field, const char *pms,
    const char *version, struct sk_choices *choices);
void sk_choices_fini(struct sk_choices *choices);

/* The values that the rules themselves allow, '|' between, the caller's; NULL: any. */
char *sk_rules_values(const struct sk_operation *operation, const char *field, const char *pms,
    const char *version);

#endif
