/* SPDX-License-Identifier: MIT */
/*
 * known: the values that practices allow in fields, as far as they are known: the lists that
 * sikka-book --choices and --check-choices keep in the state file. A request is checked against them
 * beside the rules (sikka-book(1), Known values).
 *
 * A list that is younger than a day refuses what it hasn't got. An older one only warns: the practice may
 * have got a new operatory since. A list that is unknown, empty or torn says nothing.
 */
#ifndef SK_COMMANDS_KNOWN_H
#define SK_COMMANDS_KNOWN_H

#include <jansson.h>
#include <stdbool.h>

#include "store/offices.h"
#include "store/session.h"
#include "rules/rules.h"
#include "rules/supported.h"
#include "calls/pool.h"

struct sk_known;

/*
 * pool: with it, lists that are missing are read from the server, and so is a list that lacks a value
 * and is older than some minutes. NULL: only what is kept counts.
 */
struct sk_known *sk_known_new(struct sk_session *session, struct sk_pool *pool);
void sk_known_free(struct sk_known *known);

/*
 * Checks the fields of a request, an object of texts. With a pool it may turn the pool, and warns of lists
 * that can't be read. What is wrong is added to faults, what may be wrong to warnings.
 */
void sk_known_check(struct sk_known *known, const struct sk_rules_input *input,
    const struct sk_practice *practice, struct sk_faults *faults, struct sk_faults *warnings);

/*
 * The values that a field may have on the practice, as an array of texts (the caller's); NULL: they aren't all known.
 * *between: the characters that stand between several; "": it has a single one. With a pool, lists that are older than
 * some minutes are read again.
 */
json_t *sk_known_values(struct sk_known *known, const struct sk_rules_input *input,
    const struct sk_practice *practice, const char *field, const char **between);

/*
 * What the vendor's list of systems says of the operation on the practice's system. false: the list isn't known, or
 * says nothing of such operations; supported is empty then.
 */
bool sk_known_supported(struct sk_known *known, const struct sk_rules_input *input,
    const struct sk_practice *practice, struct sk_supported *supported);

/* The same in words. The caller's. */
char *sk_known_supported_words(const struct sk_supported *supported, const char *pms,
    const char *version);

#endif
