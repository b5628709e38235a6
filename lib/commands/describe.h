/* SPDX-License-Identifier: MIT */
/*
 * describe: the rules that hold for the practices in the state file, for people and programs. Needs
 * no server; without a state file the general rules are described.
 */
#ifndef SK_COMMANDS_DESCRIBE_H
#define SK_COMMANDS_DESCRIBE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "store/offices.h"
#include "store/session.h"
#include "rules/rules.h"

/* Which operation, and whose rules. */
struct sk_describe_options {
	const struct sk_operation *operation; /* NULL: all operations are listed */
	const char *practice_id;              /* NULL: any practice that -O selects */
	struct sk_known *known;               /* what the lists say */
	bool with_choices;                    /* a schema has the values of the practice's lists */
};

/* Prints a record for each operation, or for each field of one. 64, 77. */
int sk_describe(struct sk_session *session, const struct sk_describe_options *options,
    struct sk_error *err);

/* Prints a JSON Schema of the operation's requests. */
int sk_describe_schema(struct sk_session *session, const struct sk_describe_options *options,
    struct sk_error *err);

/*
 * Prints a request that passes the check. 65 where the practice's system doesn't take the
 * operation.
 */
int sk_describe_example(struct sk_session *session, const struct sk_describe_options *options,
    struct sk_error *err);

/*
 * Inside describe: restricts a schema to the offices and practices of the list (n of them, all described by it), and the
 * fields to the values of the practice's own lists.
 */
struct sk_directory;
struct sk_known;
void sk_describe_places(json_t *schema, const struct sk_directory *places,
    const struct sk_practice *const *list, size_t n);
void sk_describe_values(json_t *schema, struct sk_known *known, const struct sk_rules_input *input,
    const struct sk_practice *practice);

/*
 * The practices that the options select: an array of *n pointers into the directory, the caller's.
 * NULL with err: 64 no practice with that id, 77 no such office.
 */
const struct sk_practice **sk_describe_practices(const struct sk_directory *places,
    const char *practice_id, size_t *n, struct sk_error *err);

#endif
