/* SPDX-License-Identifier: MIT */
/*
 * resource_rules: what the documents say of the values of a resource's parameters, and of parameters that
 * go together (sikka-api(7), Resources). The server may know more: what breaks a rule is told, and asked
 * all the same.
 */
#ifndef SK_RULES_RESOURCE_RULES_H
#define SK_RULES_RESOURCE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/api.h"
#include "rules/resources.h"

/* What practice_events lists the changes of: names of resources, separated by blanks. */
extern const char *const sk_practice_events;

/* Whether a resource (n bytes) is one of them. */
bool sk_resource_has_events(const char *name, size_t n);

#define SK_EVENTS_INTERVAL 1440 /* minutes: the longest interval of practice_events */
#define SK_WRITEBACKS_DAYS 7    /* the longest window of writebacks */

struct sk_resource_asked {
	const struct sk_resource *resource;
	const char *name; /* as it is asked for: "kpis", or "kpis/NAME" */
	const struct sk_api_parameter *parameters;
	size_t n;
};

/* Hands out each rule that is broken, as a sentence that names the resource. */
typedef void sk_resource_told(void *arg, const char *sentence);
void sk_resource_rules_check(const struct sk_resource_asked *asked, sk_resource_told *told,
    void *arg);

#endif
