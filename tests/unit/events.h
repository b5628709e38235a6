/* SPDX-License-Identifier: MIT */
/* What the tests of events share: a state file in the test's folder, and events made in it. */
#ifndef UNIT_EVENTS_H
#define UNIT_EVENTS_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/event.h"

static struct sk_store *store;
static struct sk_error err;

/* A new state file of that name; the one before it is closed. */
static void
use(const char *folder, const char *name)
{
	char *path = sk_mem_printf("%s/%s", folder, name);

	sk_store_free(store);
	unlink(path);
	sk_error_clear(&err);
	if (sk_store_create(path, 1, &store, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	free(path);
}

/* An event, in a commit of its own. */
static int
make(enum sk_event_kind kind, const char *office, int64_t row, const char *text)
{
	int result;

	if (sk_store_begin(store, &err) != 0)
		return -1;
	result = sk_event_make(store, kind, office, row, text, &err);
	if (result == 0)
		return sk_store_commit(store, &err);
	sk_store_rollback(store);
	return result;
}

#endif
