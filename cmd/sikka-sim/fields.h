/* SPDX-License-Identifier: MIT */
/*
 * The writebacks, their fields, and what each practice management system (systems.h) requires of
 * them, as the simulator reads the documentation. The table is in fields_table.c, the checks of
 * single values in fields_values.c. The library shares none of it, on purpose: so a misreading on
 * one side is noticed.
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

/* What a check may require of a value; n and text belong to the check. */
enum what {
	/* its form */
	IS_DATE,
	IS_PAST_DATE, /* not after today */
	IS_TIME,
	IS_WHOLE, /* digits only, and n or more */
	IS_DIGITS,
	IS_BOOLEAN,
	IS_AMOUNTS,            /* decimals separated by | */
	IS_AMOUNTS_AND_BLANKS, /* the same, some of them blank */
	IS_LIST,               /* texts separated by | */
	IS_EMAIL,
	IS_PHONE,
	IS_BASE64,
	IS_PLAIN,        /* no control characters; markup may be */
	IS_PATH_SEGMENT, /* nothing that may not stand in a path */
	/* its length, in characters */
	UP_TO,
	FROM,
	WITH_DIGITS, /* n digits; behind the last hyphen there may be more */
	/* its text */
	ONE_OF, /* one of the words of text, separated by commas */
	NOT,    /* anything but the word text */
	/* the values in a list */
	COUNT, /* n values */
	SOME_ABOVE_ZERO,
	NONE_BELOW_ZERO,
	NONE_ZERO,
	ALL_ZERO,
	ALL_WHOLE,
	/* teeth, separated by $, as many as tooth_number has */
	IS_TEETH,       /* tooth_number itself */
	TOOTH_NUMBERS,  /* one each, blank or within the ranges of text (NULL: anything) */
	TOOTH_WORDS,    /* one each, of the words of text */
	SIX_NUMBERS,    /* six each, separated by |, blank or within the ranges (NULL: anything) */
	SIX_BEGINNINGS, /* six each, blank or beginning with one of the words */
	NOTHING,        /* only blanks for all of them */
	/* several fields together: in rules only */
	SAME_COUNT,
	AT_LEAST_ONE, /* those that the system requires don't count */
	NOT_BOTH_TRUE,
};

struct check {
	unsigned on; /* the systems that require it; 0 ends a list of checks */
	enum what what;
	long n;
	const char *text;
};

enum { CHECKS_MAX = 4 };

/*
 * A condition is "field=value|field=value …" and holds if any part holds. Values are compared
 * without case; the value * means any value, none means that the field is absent, and - that one of
 * its amounts is negative. A part about a field that the system doesn't read never holds.
 */
struct field {
	const char *name;
	unsigned must;      /* the systems that require it */
	unsigned read;      /* the only systems that read it; 0: all */
	unsigned blank;     /* the systems for which it is enough that it is there, with no text */
	const char *unless; /* if this holds, no system requires it */
	const char *when;   /* if this holds, it is required, too … */
	unsigned when_on;   /* … by these systems; 0: by all */
	bool in_path;       /* stands in the path … */
	bool in_body;       /* … and in the body as well */
	struct check checks[CHECKS_MAX];
};

struct rule { /* a check of one field under a condition, or of several fields */
	struct check check;
	const char *fields; /* separated by commas */
	const char *when;   /* NULL: always */
};

struct operation {
	const char *method, *path;
	const char *api;     /* as /writeback_status spells it */
	const char *name;    /* as /writebacks spells it */
	const char *noun;    /* for the texts of the PMS */
	const char *created; /* NULL: creates nothing */
	enum effect effect;
	unsigned systems;           /* the only systems that take it; 0: all */
	const struct field *fields; /* the last has no name */
	const struct rule *rules;   /* the last has no fields; NULL: none */
	const struct rule
	    *doubts; /* rules that one of two readings of the documents has; as rules */
};

const struct operation *operation_find(const char *method, const char *pattern);
const struct operation *operation_at(size_t index); /* NULL after the last */

/* A request that is to be checked. */
struct asked {
	const struct operation *op;
	unsigned system;     /* one bit */
	const char *path_id; /* NULL where the path has none */
	const json_t *body;
	int64_t today; /* in days since 1970, in the zone where it is latest */
};

/* What there is to say of a request. For the first three the server refuses it. */
enum finding_kind {
	FINDING_SYSTEM,  /* the system doesn't take the operation */
	FINDING_MISSING, /* the field is needed, or one of several is */
	FINDING_WRONG,
	FINDING_DOUBTED, /* wrong by one reading of the documents only */
	FINDING_IGNORED, /* the system doesn't read the field */
	FINDING_UNKNOWN, /* the operation has no such field */
};
struct finding {
	enum finding_kind kind;
	char fields[360]; /* the names of those concerned, separated by commas */
	const char *code; /* of the server's answer; NULL: it says nothing */
	char text[160];
};
/* Calls found for each thing there is to say, in the order of the tables. */
void fields_review(const struct asked *asked,
    void (*found)(void *with, const struct finding *finding), void *with);

/* Whether the server takes the request. false: flaw is the first reason why it doesn't. */
bool fields_check(const struct asked *asked, struct finding *flaw);

/* In fields_values.c: whether a value passes the check. teeth is the value of tooth_number. */
bool value_passes(const struct check *check, const char *value, int64_t today, const char *teeth);
bool value_has_negative(const char *value); /* whether one of its amounts is negative */
size_t value_count(const char *value, char separator);

#endif
