/* SPDX-License-Identifier: MIT */
/*
 * resources: what can be read (sikka-api(7), Resources): names, kind of authentication, parameters,
 * and the nearest known name for a misspelt one.
 */
#ifndef SK_RULES_RESOURCES_H
#define SK_RULES_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>

enum sk_resource_auth { SK_AUTH_OFFICE, SK_AUTH_APP };

enum sk_resource_shape {
	SK_SHAPE_LIST,       /* a list of records: an object is none of them */
	SK_SHAPE_OBJECT,     /* one object, which is the record */
	SK_SHAPE_UNDESCRIBED /* the documents only name it: any answer and any parameter may be right */
};

enum sk_resource_ask {
	SK_ASK_QUERY, /* GET: the parameters stand in the query of the URL */
	SK_ASK_BODY   /* POST: they are texts in a JSON body, and no others are taken */
};

struct sk_resource {
	const char *name;
	enum sk_resource_auth auth;
	enum sk_resource_shape shape;
	enum sk_resource_ask ask;
	const char *required; /* names, separated by blanks; "": none */
	const char *optional;
	const char *sort_by; /* the fields that sort_by= may name */
};

/* The parameters that every resource takes in a query besides its own: names, separated by blanks. */
extern const char *const sk_resource_common;

const struct sk_resource *sk_resource_at(size_t i); /* NULL after the last */
const struct sk_resource *sk_resource_find(
    const char *name);                             /* NULL: unknown; also for "kpis/NAME" */
const char *sk_resource_nearest(const char *name); /* NULL: nothing is near */

#define SK_RESOURCE_WORD 65 /* room for the name of a parameter or a field */

/*
 * Whether the resource, or every resource, takes the parameter. If not, nearest (may be NULL) gets
 * the nearest one's name, or "". One that isn't described may take any.
 */
bool sk_resource_takes(const struct sk_resource *resource, const char *parameter,
    char nearest[SK_RESOURCE_WORD]);

/*
 * Whether sort_by= may name this field (n bytes); nearest as above. A resource without documented
 * fields may be sorted by any field.
 */
bool sk_resource_sorts(const struct sk_resource *resource, const char *field, size_t n,
    char nearest[SK_RESOURCE_WORD]);

/*
 * The next name of a list of names separated by blanks, *length bytes; NULL after the last. *list
 * is moved on.
 */
const char *sk_resource_word(const char **list, size_t *length);

/*
 * Whether a required parameter isn't among names. If so, missing gets the name of the first one,
 * otherwise "".
 */
bool sk_resource_lacks(const struct sk_resource *resource, const char *const *names, size_t n,
    char missing[SK_RESOURCE_WORD]);

#endif
