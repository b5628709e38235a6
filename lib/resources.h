/* SPDX-License-Identifier: MIT */
/*
 * resources: what can be read (resources.json): names, kind of authentication, parameters, and the
 * nearest known name for a misspelt one.
 */
#ifndef SK_RESOURCES_H
#define SK_RESOURCES_H

#include <stddef.h>

enum sk_resource_auth { SK_AUTH_OFFICE, SK_AUTH_APP };

struct sk_resource {
	const char *name;
	enum sk_resource_auth auth;
	const char *required; /* names with blanks between, "" none */
	const char *optional;
};

const struct sk_resource *sk_resource_find(const char *name); /* NULL: unknown */
const char *sk_resource_nearest(const char *name);            /* NULL: nothing is near */

/*
 * Whether the resource, or every resource, takes the parameter. If not, nearest (may be NULL) gets
 * the nearest one's name, or NULL; it lasts until the next call.
 */
int sk_resource_takes(const struct sk_resource *resource, const char *parameter,
    const char **nearest);

/* The first required parameter that isn't among names, or NULL. Lasts until the next call. */
const char *sk_resource_missing(const struct sk_resource *resource, const char *const *names,
    size_t n);

/* The nearest of candidates by edit distance, NULL when none is near. Shared by rules. */
const char *sk_nearest(const char *word, const char *const *candidates, size_t n);

#endif
