/* SPDX-License-Identifier: MIT */
/*
 * choices_list: the values of one list of a practice's, as [value, text] pairs: kept in the state file
 * for a day, or read from the server. Several are read side by side. Inside choices.
 */
#ifndef SK_COMMANDS_CHOICES_LIST_H
#define SK_COMMANDS_CHOICES_LIST_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/time.h"
#include "store/offices.h"
#include "rules/describe.h"
#include "calls/pages.h"

#define SK_CHOICES_KEPT SK_DAY /* for so long it isn't read again */

struct sk_choices_list {
	/* Filled in by the caller. */
	const struct sk_practice *practice;
	struct sk_choices choices; /* where it is read; freed by _fini */
	bool anew;                 /* from the server, also when it is kept */

	json_t *items;         /* array of [value, text]; after _finish */
	bool is_whole;         /* it was read now, to its end */
	struct sk_error error; /* of the begin, or 0 */

	/* The module's own. */
	struct sk_pool *pool;
	bool is_of_application;
	char *source; /* "resource?name=value&…#member": what it is kept under */
	char *path;
	json_t *seen; /* an object of the values that stand in items */
	struct sk_api_parameter parameters[SK_CHOICES_PARAMETERS];
	int is_begun;
	struct sk_pages pages;
};

/* The list that was read within the last day; else its reading begins. It may not move afterwards. */
void sk_choices_list_begin(struct sk_pool *pool, struct sk_choices_list *list);

/* Turns until it is read, and keeps it when it is whole. 0: items is there; -1 with err. */
int sk_choices_list_finish(struct sk_choices_list *list, struct sk_error *err);

/* Whether the records are people: their ids are shown without names, and such a list is never kept. */
bool sk_choices_is_of_people(const char *resource);

/* Whether the list is the same for all offices: the vendor's list of systems is. */
bool sk_choices_is_of_application(const char *resource);

void sk_choices_list_fini(struct sk_choices_list *list);

#endif
