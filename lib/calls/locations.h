/* SPDX-License-Identifier: MIT */
/*
 * locations: the practices that an office's own list (/practices) has. The practice id of a write is one of
 * these (sikka-api(7), Practices), and the list of the authorized practices need not have it.
 */
#ifndef SK_CALLS_LOCATIONS_H
#define SK_CALLS_LOCATIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/session.h"
#include "calls/pages.h"
#include "calls/pool.h"

struct sk_locations {
	const char *office_id; /* filled in by the caller */
	const char *fields;    /* further members that are asked for; NULL: none */

	json_t *found;         /* the server's objects, each with a text practice_id */
	struct sk_error error; /* why it couldn't be read, or 0 */

	/* The module's own. */
	int has_nameless; /* a record without an id was left out */
	struct sk_api_parameter parameter;
	struct sk_pages pages;
};

/* Begins to read the list of one office. Several are read side by side. It may not move afterwards. */
void sk_locations_begin(struct sk_pool *pool, struct sk_locations *locations);

/* Turns until it is read: found and error are filled in. */
void sk_locations_finish(struct sk_pool *pool, struct sk_locations *locations);

/* Whether that practice stands in found. */
bool sk_locations_have(const json_t *found, const char *practice_id);

/*
 * Records what the lists of n offices say, in one transaction: ids that were new, and names. Two whole lists,
 * SK_PRACTICES_APART from each other, revoke an id that both lack, with an event, if no list of authorized
 * practices has had it. A list that couldn't be read, or is empty, changes nothing; nor does any for what the
 * list of the authorized practices has.
 */
int sk_locations_record(struct sk_session *session, const struct sk_locations *locations, size_t n,
    struct sk_error *err);

void sk_locations_fini(struct sk_pool *pool, struct sk_locations *locations);

#endif
