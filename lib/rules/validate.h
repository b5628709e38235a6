/* SPDX-License-Identifier: MIT */
/* rules_validate: the fields of a request against the rows of the table. Only rules.c calls it. */
#ifndef SK_RULES_VALIDATE_H
#define SK_RULES_VALIDATE_H

#include <stdbool.h>

#include "rules/requirement.h"
#include "rules/rules.h"

/*
 * Checks what building the endpoint needs: that the path's fields are given and can be part of a
 * path.
 */
void sk_rules_check_path(const struct sk_submission *asked, struct sk_faults *faults);

/* Checks all other fields; what doesn't stop the request is added to warnings. */
void sk_rules_check_fields(const struct sk_submission *asked, struct sk_faults *faults,
    struct sk_faults *warnings);

/* Why the system doesn't take the operation at all (the caller frees), or NULL. */
char *sk_rules_refuses(const struct sk_operation *operation, const struct sk_pms *pms);

/* In sets.c: checks the rules of several fields and of special cases. */
void sk_rules_check_sets(const struct sk_submission *asked, struct sk_faults *faults,
    struct sk_faults *warnings);

/* Whether a rule holds for the system at all. */
bool sk_rule_is_here(const struct sk_rule *rule, const struct sk_pms *pms);

/* " when …" for a message, or an empty text. The caller frees. */
char *sk_rule_when(const struct sk_rule *rule);

/* The fields of a rule that this system reads, as a bar list. The caller frees. */
char *sk_rules_set_fields(const struct sk_submission *asked, const struct sk_rule *rule);

#endif
