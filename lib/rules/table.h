/* SPDX-License-Identifier: MIT */
/*
 * rules_table: what the vendor's documents say of each operation's fields, one line a field. Only
 * the rules modules read it.
 *
 * How the texts in a row are written:
 *
 *	a list         "a|b"                 of PMSs, values, fields
 *	PMSs           "!a|b"                all but these
 *	for a PMS      "PMS=text; PMS=text"  where it differs from what the others have
 *	a condition    "x=Cash|y|!z|w<0"     one of these holds:
 *	                                     x has that value (letter case doesn't matter),
 *	                                     y is given, z isn't given,
 *	                                     one of w's values is negative
 *	parts          "0-19|None|F0:*"      a number in a range, a word, a beginning
 *	choices        "resource?name=value&name={field}#member"
 */
#ifndef SK_RULES_TABLE_H
#define SK_RULES_TABLE_H

#include <stddef.h>

enum sk_field_is {
	SK_FIELD_REQUIRED = 1,
	SK_FIELD_WANTED = 2,  /* a warning when it is missing */
	SK_FIELD_IN_PATH = 4, /* and not in the body … */
	SK_FIELD_IN_BODY = 8, /* … but there too */
	SK_FIELD_PLAIN = 16,  /* no < > & and control characters */
	SK_FIELD_SECRET = 32  /* never stored, never printed */
};

enum sk_value_format {
	SK_VALUE_TEXT,
	SK_VALUE_DATE,
	SK_VALUE_PAST_DATE,
	SK_VALUE_TIME,
	SK_VALUE_INTEGER,
	SK_VALUE_BOOLEAN,
	SK_VALUE_AMOUNTS, /* decimal numbers with '|' between */
	SK_VALUE_AMOUNTS_OR_BLANK,
	SK_VALUE_LIST, /* texts with '|' between */
	SK_VALUE_EMAIL,
	SK_VALUE_PHONE,
	SK_VALUE_DIGITS,
	SK_VALUE_BASE64,
	SK_VALUE_TOOTH_NUMBERS, /* 1 to 32, with '$' between */
	SK_VALUE_TEETH,         /* a value for each of them, with '$' between */
	SK_VALUE_SITES          /* six for each of them, with '|' between those */
};

struct sk_field {
	const char *name;
	unsigned is;
	enum sk_value_format format;
	const char *format_for;
	long min;          /* smallest number */
	size_t min_length; /* characters */
	size_t max;        /* characters; 0: any */
	const char *max_for;
	const char *digits_for; /* exactly so many digits */
	const char *values;     /* the only ones, without case */
	const char *values_for; /* "PMS=*": any */
	const char *parts;      /* what each part of TEETH and SITES is */
	const char *parts_for;
	const char *required_if;     /* a condition */
	const char *required_if_for; /* … on these PMSs only */
	const char *unless;          /* a condition: not required then */
	const char *required_for;    /* these PMSs need it too */
	const char *optional_for;    /* required elsewhere */
	const char *unused_for;      /* these don't read it */
	const char *only_for;        /* only these read it */
	const char *choices;         /* where the practice's own values are read */
	const char *choices_for;
	const char *note; /* for a person */
};

/* What is more than a field's own affair, or holds in a special case only. */
enum sk_rule_kind {
	SK_RULE_AT_LEAST_ONE, /* of the fields; "*": of all that are optional */
	SK_RULE_SAME_COUNT,   /* of '|'-separated values, in those that are given */
	SK_RULE_COUNT,        /* number of '|'-separated values */
	SK_RULE_MAX,          /* number of characters */
	SK_RULE_POSITIVE,     /* one value at least above zero */
	SK_RULE_NOT_NEGATIVE,
	SK_RULE_NOT_ZERO,
	SK_RULE_ZERO,
	SK_RULE_WHOLE,       /* whole numbers */
	SK_RULE_ONLY_ON,     /* the values exist on these PMSs only */
	SK_RULE_NOT_TOGETHER /* true in one of the fields only */
};

struct sk_rule {
	enum sk_rule_kind kind;
	const char *fields;
	const char *pms;  /* where it holds; NULL: everywhere */
	const char *when; /* a condition; NULL: always */
	size_t number;
	const char *values;
};

struct sk_operation {
	const char *name;
	const char *method;
	const char *path;        /* {field} is the value of a field IN_PATH */
	const char *creates;     /* what becomes of it, or NULL */
	const char *pms;         /* only these take it; NULL: all */
	const char *fixed[2];    /* name and value: in the body always */
	const char *defaults[2]; /* unless given */
	const struct sk_field *fields;
	size_t n_fields;
	const struct sk_rule *rules;
	size_t n_rules;
	const char *note;
};

extern const struct sk_operation sk_operations[];
extern const size_t sk_operations_count;

/* Every PMS that a row names, NULL-terminated. */
extern const char *const sk_pms_names[];

/* A row by its name, or NULL. */
const struct sk_field *sk_field_find(const struct sk_operation *operation, const char *name);

#endif
