/* SPDX-License-Identifier: MIT */
/*
 * The thirteen writebacks, their fields, and what each practice management system (systems.h) wants
 * of them, as the simulator reads the documentation: the table is in fields_table.c, the checks of
 * single values in fields_values.c. Nothing here is shared with the library, on purpose: so a
 * misreading on one side shows.
 */
#ifndef SIM_FIELDS_H
#define SIM_FIELDS_H

#include "systems.h"
#include "util.h"

enum effect {
	EFFECT_NONE,
	EFFECT_BOOK,
	EFFECT_MOVE,
	EFFECT_STATUS,
	EFFECT_PATIENT,
	EFFECT_PATIENT_CHANGE
};

/* What may be wanted of a value. n and text are those of the check. */
enum what {
	/* of its form */
	IS_DATE,
	IS_PAST_DATE, /* not after today */
	IS_TIME,
	IS_WHOLE, /* digits only, and at least n */
	IS_DIGITS,
	IS_BOOLEAN,
	IS_AMOUNTS,            /* decimals separated by | */
	IS_AMOUNTS_AND_BLANKS, /* the same, some of them left out */
	IS_LIST,               /* texts separated by | */
	IS_EMAIL,
	IS_PHONE,
	IS_BASE64,
	IS_PLAIN,        /* no markup, no control characters */
	IS_PATH_SEGMENT, /* nothing that may not stand in a path */
	/* of its length, in characters */
	UP_TO,
	FROM,
	WITH_DIGITS, /* n of them, whatever else there is */
	/* of what it says */
	ONE_OF, /* the words of text, separated by commas */
	NOT,    /* the word text */
	/* of the values in a list */
	COUNT, /* n of them */
	SOME_ABOVE_ZERO,
	NONE_BELOW_ZERO,
	NONE_ZERO,
	ALL_ZERO,
	ALL_WHOLE,
	/* of teeth, which are separated by $ and as many as tooth_number has */
	IS_TEETH,       /* tooth_number itself */
	TOOTH_NUMBERS,  /* one each, blank or within the ranges of text (NULL: whatever it is) */
	TOOTH_WORDS,    /* one each, of the words of text */
	SIX_NUMBERS,    /* six each, separated by |, blank or within the ranges (NULL: whatever) */
	SIX_BEGINNINGS, /* six each, blank or beginning with one of the words */
	/* of several fields together: only in rules */
	SAME_COUNT,
	AT_LEAST_ONE,
};

struct check {
	unsigned on; /* the systems that want it; 0 ends a list of checks */
	enum what what;
	long n;
	const char *text;
};

enum { CHECKS_MAX = 4 };

/*
 * A condition is "field=value|field=value …", any of them, compared without case; the value * is
 * any, none is that the field is absent, and - that one of its amounts is negative. A field that
 * the system doesn't read makes no condition true.
 */
struct field {
	const char *name;
	unsigned must;      /* the systems that need it */
	unsigned read;      /* the only ones that read it; 0: all */
	const char *unless; /* needed by none of them then */
	const char *when;   /* needed then, too … */
	unsigned when_on;   /* … by these; 0: all */
	bool in_path;       /* stands in the path … */
	bool in_body;       /* … and in the body as well */
	struct check checks[CHECKS_MAX];
};

struct rule { /* what goes beyond a single field: a check under a condition, or of several fields */
	struct check check;
	const char *fields; /* separated by commas */
	const char *when;   /* NULL: always */
};

struct operation {
	const char *method, *path;
	const char *api;     /* as /writeback_status shows it */
	const char *name;    /* as /writebacks shows it */
	const char *noun;    /* in the texts of the PMS */
	const char *created; /* NULL: creates nothing */
	enum effect effect;
	unsigned systems;           /* the only ones that take it; 0: all */
	const struct field *fields; /* ends with a name of NULL */
	const struct rule *rules;   /* ends with fields of NULL; NULL: none */
};

const struct operation *operation_find(const char *method, const char *pattern);
const struct operation *operation_at(size_t index); /* NULL past the end */

struct flaw {
	const char *code; /* the answer's */
	char text[160];
};
/* Is the request fit for that operation on that system? path_id is NULL where the path has none;
 * today in days since 1970, where it is latest. false: the flaw says why. */
bool fields_check(const struct operation *op, unsigned system, const char *path_id,
    const json_t *body, int64_t today, struct flaw *flaw);

/* fields_values.c: does a value pass? teeth is the value of tooth_number. */
bool value_passes(const struct check *check, const char *value, int64_t today, const char *teeth);
bool value_has_negative(const char *value); /* among its amounts */
size_t value_count(const char *value, char separator);

#endif
