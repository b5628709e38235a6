/* SPDX-License-Identifier: MIT */
/*
 * get: prints the records of a resource, page after page, several offices side by side; and lists
 * the resources.
 */
#ifndef SK_COMMANDS_GET_H
#define SK_COMMANDS_GET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"
#include "api/api.h"
#include "calls/pool.h"

struct sk_get_options {
	const char *resource;                /* "appointments", "finance/accounts" */
	struct sk_api_parameter *parameters; /* name=value operands, and room for two more */
	size_t n_parameters;
	size_t n_own;        /* set by sk_get_check: how many of them are operands */
	int64_t limit;       /* records for each office; 0: all */
	int64_t page_size;   /* 0: 500 at first, and up to 5000 later */
	int64_t from_page;   /* the first page to read, from 1 on; 0: the first */
	const char *fields;  /* NULL: the default fields */
	bool names_resource; /* each record says of which resource it is */
	unsigned
	    *told; /* how it was asked for what has changed: each way is told once; NULL: always */
	bool shows_secrets;        /* keys in records aren't masked */
	int64_t fresher_than;      /* older data aren't read; 0: any are */
	const char *changed_since; /* a duration, a date or a time; NULL: no restriction */
	/* Set by sk_get_check: when that was, how long ago where it is a duration, and the day to ask for. */
	int64_t changed_at, changed_age;
	char loaded_since[SK_TIME_DAY];
};

/*
 * Reads the parameters that stand in a file ("-": standard input): an object of texts, the caller's. NULL with err:
 * 66, or 65 when it isn't one JSON object of plain values.
 */
json_t *sk_get_read_parameters(const char *file, struct sk_error *err);

/*
 * Turns fields and changed_since into parameters. Warns of names that the resource doesn't have, of
 * missing parameters, and of conditions and orders that the server will hardly understand. 64 for
 * what can't be asked at all.
 */
int sk_get_check(struct sk_get_options *options, struct sk_error *err);

/*
 * Tells with -v how old the data of an office are. -1 with err (75) where they are older than they may be, or where that
 * can't be known.
 */
int sk_get_check_age(struct sk_pool *pool, const struct sk_get_options *options,
    const char *office_id, struct sk_error *err);

/*
 * Prints each record, the records of a page one after the other, with office_id in front where the server
 * didn't give it (null for what belongs to no office). After an error the message says by which options the rest can be
 * read. Returns the exit code.
 */
enum sk_exit sk_get(struct sk_pool *pool, const struct sk_get_options *options,
    struct sk_error *err);

/*
 * As sk_get, for what records on standard input name (office_id, resource), each once; options has no resource and no
 * parameters, and was checked by sk_get_check_listed. Bad lines are reported, and count as 65. Records have resource
 * behind office_id.
 */
enum sk_exit sk_get_listed(struct sk_pool *pool, const struct sk_get_options *options,
    struct sk_error *err);

/* Whether that can be asked so. 0; -1 with 64. */
int sk_get_check_listed(const struct sk_get_options *options, struct sk_error *err);

/*
 * Without the server: prints a record for each resource (resource, auth, required, optional,
 * sort_by) or, for the given names, a record for each of their parameters and sort fields
 * (resource, auth, name, parameter, sort_by). 64 for an unknown name. Returns the exit code.
 */
enum sk_exit sk_resources_list(char *const *names, size_t n, struct sk_error *err);

#endif
