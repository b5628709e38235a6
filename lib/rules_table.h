/* SPDX-License-Identifier: MIT */
/*
 * rules_table: the rows of writebacks.json, one line a field. Only the rules modules read it.
 *
 * Lists of PMSs and of values have '|' between. What a PMS doesn't read isn't required on it nor
 * checked; a PMS that isn't known reads everything and has no needs of its own.
 */
#ifndef SK_RULES_TABLE_H
#define SK_RULES_TABLE_H

#include <stddef.h>

enum sk_field_is {
	SK_FIELD_OPTIONAL = 0,
	SK_FIELD_REQUIRED = 1,
	SK_FIELD_IN_PATH = 2, /* and not in the body … */
	SK_FIELD_IN_BODY = 4  /* … but there too */
};

enum sk_format {
	SK_FORMAT_TEXT,
	SK_FORMAT_DATE,
	SK_FORMAT_TIME,
	SK_FORMAT_INTEGER,
	SK_FORMAT_BOOLEAN
};

struct sk_field {
	const char *name;
	int is;
	enum sk_format format;
	long min;
	const char *values;       /* the only ones; without case */
	const char *unless;       /* not required when that field is "true" */
	const char *required_for; /* these PMSs need it too */
	const char *optional_for; /* required elsewhere */
	const char *unused_for;   /* these don't read it */
	const char *only_for;     /* only these read it */
};

struct sk_operation {
	const char *name;
	const char *method;
	const char *path;         /* {field} is the value of a field IN_PATH */
	const char *pms;          /* only these take it; NULL: all */
	const char *at_least_one; /* fields with '|' between; "*": any that is optional */
	const char *fixed[2];     /* name and value: in the body always */
	const char *defaults[2];  /* unless given */
	const struct sk_field *fields;
	size_t n_fields;
};

extern const struct sk_operation sk_operations[];
extern const size_t sk_operations_count;

/* Every PMS that a row names, NULL-terminated. */
extern const char *const sk_pms_names[];

#endif
