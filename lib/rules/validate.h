/* SPDX-License-Identifier: MIT */
/*
 * rules_check: the fields of a request against the rows of rules_table. Only rules.c calls it.
 */
#ifndef SK_RULES_VALIDATE_H
#define SK_RULES_VALIDATE_H

#include "rules/requirement.h"
#include "rules/rules.h"

/* What building the endpoint needs: the path's fields are there and can be addressed. */
void sk_rules_check_path(const struct sk_submission *asked, struct sk_faults *faults);

/* Everything else: each field by itself, and what doesn't stop the request as warnings. */
void sk_rules_check_fields(const struct sk_submission *asked, struct sk_faults *faults,
    struct sk_faults *warnings);

/* Why the system doesn't take the operation at all (the caller's), or NULL. */
char *sk_rules_refuses(const struct sk_operation *operation, const struct sk_pms *pms);

/* rules_sets: what concerns several fields, or holds in a special case only. */
void sk_rules_check_sets(const struct sk_submission *asked, struct sk_faults *faults);

/* Whether a rule counts for the system at all. */
int sk_rule_is_here(const struct sk_rule *rule, const struct sk_pms *pms);

/* " when …" for a message, or "". The caller frees. */
char *sk_rule_when(const struct sk_rule *rule);

/* The fields of a rule that this system reads, '|' between. The caller frees. */
char *sk_rules_set_fields(const struct sk_submission *asked, const struct sk_rule *rule);

#endif
