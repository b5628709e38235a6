/* SPDX-License-Identifier: MIT */
/*
 * supported: the vendor's list of systems (sikka-api(7), Systems that take writes): which version of which
 * system takes which kind of write.
 */
#ifndef SK_RULES_SUPPORTED_H
#define SK_RULES_SUPPORTED_H

#include <jansson.h>
#include <stdbool.h>

#include "rules/describe.h"
#include "rules/rules.h"

/* What the list says of a write on a system. */
struct sk_supported {
	bool is_listed;    /* the list has this version of this system */
	bool is_available; /* … and says that it takes the write */
	char *first;       /* the lowest version of the system that does; NULL: none */
};

/*
 * The column of the list that is about the operation, such as "new_appointment_writeback"; NULL: the list says
 * nothing of it.
 */
const char *sk_supported_column(const struct sk_operation *operation);

/* Where the list is read, for all systems. */
void sk_supported_choices(struct sk_choices *choices);

/* A record of the list as [name, version, "column column …"]: the columns of what is available. The caller's. */
json_t *sk_supported_item(const json_t *record);

/*
 * Looks for a system in such items. pms and version as the practice reports them; the version may stand in the
 * name. Letter case, blanks and hyphens make no difference, and neither does a V before a number.
 */
void sk_supported_find(const json_t *items, const char *column, const char *pms,
    const char *version, struct sk_supported *supported);
void sk_supported_fini(struct sk_supported *supported);

#endif
