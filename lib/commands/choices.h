/* SPDX-License-Identifier: MIT */
/*
 * choices: the values that a practice itself allows in a field (its statuses, types, providers …),
 * read where the rules say so, and kept for a day in the state file. Values that are patients are
 * read anew each time and never kept.
 */
#ifndef SK_COMMANDS_CHOICES_H
#define SK_COMMANDS_CHOICES_H

#include <jansson.h>

#include "base/error.h"
#include "rules/rules.h"
#include "calls/pool.h"

struct sk_choices_options {
	const struct sk_operation *operation;
	const char *field;   /* a field of the operation */
	const json_t *given; /* an object of texts: the request's other fields */
};

/*
 * Prints a record for each value (office_id, practice_id, field, value, text or null), for
 * each practice that -O and given's practice_id select. 64 when a value depends on a field that
 * isn't given, or there is no such practice; 77 not authorized; and the codes of reading.
 */
int sk_choices(struct sk_pool *pool, const struct sk_choices_options *options,
    struct sk_error *err);

#endif
