/* SPDX-License-Identifier: MIT */
/*
 * rules: the faults and warnings that a check collects. A fault names fields and rule; it never
 * holds the value.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rules/pms.h"
#include "rules/rules.h"

void
sk_faults_add(struct sk_faults *to, const char *fields, const char *rule, const char *format, ...)
{
	struct sk_fault *fault;
	va_list args;

	to->list = sk_mem_grow(to->list, to->n + 1, &to->room, sizeof(*to->list));
	fault = &to->list[to->n++];
	fault->fields = sk_mem_copy(fields);
	fault->rule = rule;
	va_start(args, format);
	fault->message = sk_mem_vprintf(format, args);
	va_end(args);
}

void
sk_faults_fini(struct sk_faults *faults)
{
	for (size_t i = 0; i < faults->n; i++) {
		free(faults->list[i].fields);
		free(faults->list[i].message);
	}
	free(faults->list);
	memset(faults, 0, sizeof(*faults));
}

/*
 * sk_pms_list_has would ignore the case of letters, but names that a caller made up may differ only
 * in case.
 */
bool
sk_fault_names(const struct sk_fault *fault, const char *field)
{
	const char *at = fault->fields, *item;
	size_t length;

	while (sk_pms_list_next(&at, &item, &length)) {
		if (strlen(field) == length && memcmp(item, field, length) == 0)
			return true;
	}
	return false;
}
