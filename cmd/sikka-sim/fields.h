/* SPDX-License-Identifier: MIT */
/* The thirteen writebacks and the fields they need, as the simulator reads the documentation. */
#ifndef SIM_FIELDS_H
#define SIM_FIELDS_H

#include "answer.h"

enum effect {
	EFFECT_NONE,
	EFFECT_BOOK,
	EFFECT_MOVE,
	EFFECT_STATUS,
	EFFECT_PATIENT,
	EFFECT_PATIENT_CHANGE
};

enum format { F_TEXT, F_DATE, F_TIME, F_INTEGER, F_BOOLEAN, F_REPLACE };

struct field {
	const char *name;
	enum format format;
	bool required;
	const char *required_for; /* PMSs, separated by commas; NULL: none */
	const char *optional_for; /* not needed there, although required */
	const char *only_for;     /* nobody else reads it: unchecked there. NULL: all do */
};

struct operation {
	const char *method, *path;
	const char *api;     /* as /writeback_status shows it */
	const char *name;    /* as /writebacks shows it */
	const char *noun;    /* in the texts of the PMS */
	const char *created; /* NULL: creates nothing */
	enum effect effect;
	const struct field *fields; /* ends with a name of NULL */
};

const struct operation *operation_find(const char *method, const char *pattern);
const struct operation *operation_at(size_t index); /* NULL past the end */
/* Is the body fit for that operation at that practice? false: the answer says why. */
bool fields_check(const struct operation *op, const struct practice *practice, const json_t *body,
    struct answer *an);

#endif
