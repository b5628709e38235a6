/* SPDX-License-Identifier: MIT */
/*
 * rules_view: a row of rules_table as one system sees it, and conditions on a request's fields.
 * What checks, describes and makes examples looks at rows through this.
 */
#ifndef SK_RULES_REQUIREMENT_H
#define SK_RULES_REQUIREMENT_H

#include <jansson.h>
#include <stddef.h>

#include "rules/pms.h"
#include "rules/table.h"

struct sk_requirement {
	const struct sk_field *field;
	int is_read;             /* 0: this system ignores the field; the rest is nothing then */
	int is_required;         /* unless the field's .unless holds */
	const char *required_if; /* a condition; NULL: none here */
	enum sk_value_format format;
	size_t max; /* characters; 0: any */
	size_t digits;
	char *values; /* the only ones; NULL: any */
	char *parts;
	char *choices;
};

void sk_requirement_init(struct sk_requirement *view, const struct sk_field *field,
    const struct sk_pms *pms);
void sk_requirement_fini(struct sk_requirement *view);

/* A value that says something, or NULL: blanks say nothing. */
const char *sk_value_of(const json_t *fields, const char *name);

/* A request as its conditions are asked of it. Borrowed, all of it. */
struct sk_submission {
	const struct sk_operation *operation;
	struct sk_pms pms;
	const json_t *fields;
};

/* NULL holds. What concerns a field that the system ignores doesn't count. */
int sk_condition_holds(const struct sk_submission *asked, const char *condition);

/* "type is medical alert or type is medical note". The caller frees. */
char *sk_condition_text(const char *condition);

/* Whether the request must have the field. */
int sk_requirement_is_needed(const struct sk_requirement *view, const struct sk_submission *asked);

/* The value of a field for lists: NULL where it isn't given or this system ignores it. */
const char *sk_submission_value(const struct sk_submission *asked, const char *name);

#endif
