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
 *	choices        "resource?name=value&name={field}#member", or several with | between: any of
 *	               these lists may have the value
 */
#ifndef SK_RULES_TABLE_H
#define SK_RULES_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum sk_field_is {
	SK_FIELD_REQUIRED = 1,
	SK_FIELD_IN_PATH = 4, /* in the path, not in the body … */
	SK_FIELD_IN_BODY = 8, /* … except that it is in the body as well */
	SK_FIELD_PLAIN = 16,  /* no control characters; < > & are a warning */
	SK_FIELD_SECRET = 32, /* never stored, never printed */
	SK_FIELD_AHEAD = 64,  /* a warning when this day, with the field "time", has passed */
	SK_FIELD_PROVISIONAL =
	    128 /* not in the vendor's documents, but in clients that its support knows */
};

enum sk_value_format {
	SK_VALUE_TEXT,
	SK_VALUE_DATE,
	SK_VALUE_PAST_DATE,
	SK_VALUE_TIME,
	SK_VALUE_INTEGER,
	SK_VALUE_BOOLEAN,
	SK_VALUE_AMOUNTS, /* decimal numbers as a bar list */
	SK_VALUE_AMOUNTS_OR_BLANK,
	SK_VALUE_LIST, /* texts as a bar list */
	SK_VALUE_EMAIL,
	SK_VALUE_PHONE,
	SK_VALUE_DIGITS,
	SK_VALUE_BASE64,
	SK_VALUE_TOOTH_NUMBERS, /* 1 to 32, separated by '$' */
	SK_VALUE_TEETH,         /* one value for each tooth, separated by '$' */
	SK_VALUE_SITES          /* six values for each tooth, separated by '|' */
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
	const char *digits_for; /* a map: a warning for any other number of digits */
	const char *values;     /* a bar list of the only values, in any case */
	const char *values_for; /* "PMS=*": any */
	const char *parts;      /* what each value of TEETH or SITES may be */
	const char *parts_for;
	const char *required_if;     /* a condition */
	const char *required_if_for; /* … on these PMSs only */
	const char *unless;          /* a condition under which it isn't required */
	const char *required_for;    /* a bar list of PMSs that also require it */
	const char *optional_for;    /* a bar list of PMSs that don't require it */
	const char *wanted;          /* a warning when it is missing: why it should be given */
	const char *wanted_for;      /* … on these PMSs only */
	const char *blank_for;       /* a bar list of PMSs for which an empty text is a value */
	const char *unused_for;      /* a bar list of PMSs that ignore it */
	const char *only_for;        /* a bar list of the only PMSs that read it */
	const char *choices;         /* where the practice's own values are read */
	const char *choices_for;
	const char *note; /* for people */
	const char *note_for;
};

/* Rules that concern several fields, or hold in special cases only. */
enum sk_rule_kind {
	SK_RULE_AT_LEAST_ONE, /* one of the fields must be given; "*": of all optional ones */
	SK_RULE_SAME_COUNT,   /* the lists in the fields have the same number of values */
	SK_RULE_COUNT,        /* number of '|'-separated values */
	SK_RULE_MAX,          /* number of characters */
	SK_RULE_POSITIVE,     /* at least one value is above zero */
	SK_RULE_NOT_NEGATIVE,
	SK_RULE_NOT_ZERO,
	SK_RULE_ZERO,
	SK_RULE_WHOLE,       /* whole numbers */
	SK_RULE_ONLY_ON,     /* these values exist on these PMSs only */
	SK_RULE_LOST,        /* the server drops the value: a warning */
	SK_RULE_NOT_TOGETHER /* only one of the fields may be true */
};

struct sk_rule {
	enum sk_rule_kind kind;
	const char *fields;
	const char *pms;  /* a bar list of PMSs; NULL: all */
	const char *when; /* a condition; NULL: always */
	size_t number;
	const char *values;
	bool
	    is_doubtful; /* a warning, no fault: the documents leave another reading, or it is lost */
};

/*
 * Whether two requests with equal content may both be meant, within a day. Where they make no sense,
 * an equal one under another key of the caller's is refused (looks_doubled); where they may be meant,
 * it is sent, with a warning.
 */
enum sk_twice { SK_TWICE_NO_SENSE, SK_TWICE_MAY_BE };

struct sk_operation {
	const char *name;
	const char *method;
	const char *path;    /* {field} is replaced by a field IN_PATH */
	const char *creates; /* what it creates at the practice, or NULL */
	enum sk_twice twice;
	const char *pms;         /* a bar list of the PMSs that take it; NULL: all */
	const char *fixed[2];    /* name and value: always in the body */
	const char *defaults[2]; /* name and value: in the body unless given */
	const struct sk_field *fields;
	size_t n_fields;
	const struct sk_rule *rules;
	size_t n_rules;
	const char *note;
	const char *supported; /* its column in the vendor's list of systems, or NULL */
};

extern const struct sk_operation sk_operations[];
extern const size_t sk_operations_count;

/* Every PMS that a row may name, NULL-terminated. */
extern const char *const sk_pms_names[];

/* The field's row, or NULL. */
const struct sk_field *sk_field_find(const struct sk_operation *operation, const char *name);

#endif
