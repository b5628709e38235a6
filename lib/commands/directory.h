/* SPDX-License-Identifier: MIT */
/*
 * directory: the offices and practices that requests may be for, read once from the state file. What -O doesn't select,
 * and what is of another host's share, isn't meant by a request that names nothing.
 */
#ifndef SK_COMMANDS_DIRECTORY_H
#define SK_COMMANDS_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/offices.h"
#include "store/session.h"

struct sk_directory {
	struct sk_office *offices; /* in the order of their ids */
	size_t n_offices;
	struct sk_practice *practices; /* in that of their offices */
	size_t n_practices;
	const struct sk_common *common; /* its -O restricts them */
	struct sk_session *session;     /* its share does, too */
};

int sk_directory_read(struct sk_session *session, struct sk_directory *places,
    struct sk_error *err);
void sk_directory_fini(struct sk_directory *places);

/* The office; NULL: it isn't known here. */
const struct sk_office *sk_directory_office(const struct sk_directory *places,
    const char *office_id);

/* The practices of the office, which stand together: the first of *n; NULL: it has none. */
const struct sk_practice *sk_directory_of_office(const struct sk_directory *places,
    const char *office_id, size_t *n);

/* The only office that can be meant; NULL: there is none, or there are several. *n: how many. */
const struct sk_office *sk_directory_only_office(const struct sk_directory *places, size_t *n);

bool sk_directory_is_active(const struct sk_practice *practice);

/*
 * The active practices of usable offices that -O selects; with practice_id (may be NULL) only those
 * with that id. An array of *n pointers into the directory; the caller frees the array.
 */
const struct sk_practice **sk_directory_practices(const struct sk_directory *places,
    const char *practice_id, size_t *n);

#endif
