/* SPDX-License-Identifier: MIT */
/*
 * rules_requirement: a row of the table as one system sees it, and conditions on a request's
 * fields. Checks, descriptions and examples read rows through this.
 */
#ifndef SK_RULES_REQUIREMENT_H
#define SK_RULES_REQUIREMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/zone.h"
#include "rules/pms.h"
#include "rules/table.h"

struct sk_requirement {
	const struct sk_field *field;
	int is_read;             /* 0: this system ignores the field; the other members are unset */
	int is_required;         /* required, unless the field's .unless holds */
	const char *required_if; /* a condition; NULL: none on this system */
	const char *wanted; /* why it should be given, though it isn't required; NULL: it needn't */
	bool may_be_blank;  /* an empty text is a value */
	enum sk_value_format format;
	size_t max; /* characters; 0: any */
	size_t digits;
	char *values; /* a bar list of the only values; NULL: any */
	char *parts;
	char *choices;
	char *note;
};

void sk_requirement_init(struct sk_requirement *view, const struct sk_field *field,
    const struct sk_pms *pms);
void sk_requirement_fini(struct sk_requirement *view);

/* A field's value, or NULL when it is absent or blank. */
const char *sk_value_of(const json_t *fields, const char *name);

/* A request, of which conditions are asked. All members are borrowed. */
struct sk_submission {
	const struct sk_operation *operation;
	struct sk_pms pms;
	struct sk_zone zone; /* the practice's */
	const json_t *fields;
};

/*
 * Whether the condition holds; NULL always does. An alternative about a field that the system
 * ignores is false.
 */
bool sk_condition_holds(const struct sk_submission *asked, const char *condition);

/* "type is medical alert or type is medical note". The caller frees. */
char *sk_condition_text(const char *condition);

/* Whether the request must have the field. */
bool sk_requirement_is_needed(const struct sk_requirement *view, const struct sk_submission *asked);

/* A field's value; NULL when it isn't given, or when this system ignores the field. */
const char *sk_submission_value(const struct sk_submission *asked, const char *name);

#endif
