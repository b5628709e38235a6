/* SPDX-License-Identifier: MIT */
/*
 * get: the records of a resource, page after page, several offices side by side; and what there is
 * to be read.
 */
#ifndef SK_COMMANDS_GET_H
#define SK_COMMANDS_GET_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/out.h"
#include "base/time.h"
#include "api/api.h"
#include "calls/wire.h"

struct sk_get_options {
	const char *resource;                /* "appointments", "finance/accounts" */
	struct sk_api_parameter *parameters; /* name=value operands, and room for two more */
	size_t n_parameters;
	int64_t limit;                  /* records per office; 0: all */
	int64_t page_size;              /* 500 */
	int64_t from_page;              /* the first page that is read, from 1 on; 0: the first */
	const char *fields;             /* NULL: the default ones */
	const char *changed_since;      /* a duration, a date or a time; NULL: whenever */
	char loaded_since[SK_TIME_DAY]; /* sk_get_check's: what is asked for that */
};

/*
 * Makes parameters of fields and changed_since. Warns of names that the resource doesn't have, of
 * missing ones, and of conditions and orders that it will hardly understand. 64 for what can't be
 * asked at all.
 */
int sk_get_check(struct sk_get_options *options, struct sk_error *err);

/*
 * Tells each record, with office_id in front when several offices are read; those of a page one
 * behind the other. After an error the line says by which options the rest can be had. Returns the
 * exit code.
 */
int sk_get(struct sk_wire *wire, const struct sk_get_options *options, sk_tell_fn *tell, void *arg,
    struct sk_error *err);

/*
 * Without the server: a record for each resource (resource, auth, required, optional, sort_by), or,
 * where names are given, for each parameter and sort field of these (resource, auth, name,
 * parameter, sort_by). 64 for a name that isn't known. Returns the exit code.
 */
int sk_resources_list(char *const *names, size_t n, sk_tell_fn *tell, void *arg,
    struct sk_error *err);

#endif
