/* SPDX-License-Identifier: MIT */
/*
 * rules_view: a row of rules_table as one system sees it, and conditions on a request's fields.
 * What checks, describes and makes examples looks at rows through this.
 */
#ifndef SK_RULES_VIEW_H
#define SK_RULES_VIEW_H

#include <jansson.h>
#include <stddef.h>

#include "rules_pms.h"
#include "rules_table.h"

struct sk_view {
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

void sk_view_init(struct sk_view *view, const struct sk_field *field, const struct sk_pms *pms);
void sk_view_fini(struct sk_view *view);

/* A value that says something, or NULL: blanks say nothing. */
const char *sk_given(const json_t *fields, const char *name);

/* A request as its conditions are asked of it. Borrowed, all of it. */
struct sk_asked {
	const struct sk_operation *operation;
	struct sk_pms pms;
	const json_t *fields;
};

/* NULL holds. What concerns a field that the system ignores doesn't count. */
int sk_condition_holds(const struct sk_asked *asked, const char *condition);

/* "type is medical alert or type is medical note". The caller frees. */
char *sk_condition_text(const char *condition);

/* Whether the request must have the field. */
int sk_view_is_needed(const struct sk_view *view, const struct sk_asked *asked);

/* The value of a field for lists: NULL where it isn't given or this system ignores it. */
const char *sk_asked_value(const struct sk_asked *asked, const char *name);

#endif
