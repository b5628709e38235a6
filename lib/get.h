/* SPDX-License-Identifier: MIT */
/*
 * get: the records of a resource, page after page, one office after the other.
 */
#ifndef SK_GET_H
#define SK_GET_H

#include <stddef.h>
#include <stdint.h>

#include "api.h"
#include "error.h"
#include "out.h"
#include "wire.h"

struct sk_get_options {
	const char *resource;                /* "appointments", "finance/accounts" */
	struct sk_api_parameter *parameters; /* name=value operands */
	size_t n_parameters;
	int64_t limit;      /* records per office; 0: all */
	int64_t page_size;  /* 500 */
	const char *fields; /* NULL: the default ones */
};

/* Warns of names that the resource doesn't have. 64 for a resource that can't be a path. */
int sk_get_check(const struct sk_get_options *options, struct sk_error *err);

/* Tells each record, with office_id in front when several offices are read. Returns the exit code.
 */
int sk_get(struct sk_wire *wire, const struct sk_get_options *options, sk_tell_fn *tell, void *arg,
    struct sk_error *err);

#endif
