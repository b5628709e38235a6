/* SPDX-License-Identifier: MIT */
/*
 * rules_check: the fields of a request against the rows of rules_table. Only rules.c calls it.
 */
#ifndef SK_RULES_CHECK_H
#define SK_RULES_CHECK_H

#include <jansson.h>
#include <stddef.h>

#include "rules.h"
#include "rules_table.h"

/* Where faults go: n counts them all, the first most are kept. */
struct sk_faults {
	struct sk_fault *faults;
	size_t most;
	size_t n;
};

void sk_faults_add(struct sk_faults *to, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What building the endpoint needs: the path's fields are there and can be addressed. */
void sk_rules_check_path(const struct sk_operation *operation, const json_t *fields,
    struct sk_faults *faults);

/* Everything else. pms and version may be NULL. */
void sk_rules_check_fields(const struct sk_operation *operation, const char *pms,
    const char *version, const json_t *fields, struct sk_faults *faults);

/* The row's PMS that pms and version are, or NULL: "Open Dental 22.1" is OpenDental. */
const char *sk_rules_pms(const char *pms, const char *version);

#endif
