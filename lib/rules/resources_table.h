/* SPDX-License-Identifier: MIT */
/*
 * resources_table: the resources that the vendor's documents describe, a row each. Only resources.c
 * reads it.
 */
#ifndef SK_RULES_RESOURCES_TABLE_H
#define SK_RULES_RESOURCES_TABLE_H

#include "rules/resources.h"

extern const struct sk_resource sk_resources_table[];
extern const size_t sk_resources_count;

#endif
