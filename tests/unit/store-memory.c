/* SPDX-License-Identifier: MIT */
/* Transactions while SQLite's allocations fail: whatever they report, they end. */
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/statements.h"
#include "folder.h"
#include "tap.h"

static char folder[] = "/tmp/unit-memory-XXXXXX";

static struct sk_store *
open_or_die(void)
{
	char *path = sk_mem_printf("%s/sikka.db", folder);
	struct sk_error err = {0};
	struct sk_store *store = NULL;

	if (sk_store_create(path, 1, &store, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	free(path);
	return store;
}

/* The Nth allocation fails, once or from then on. */
static int countdown, sticky, hits;

static int
fails(void)
{
	if (countdown > 0 && --countdown == 0) {
		hits++;
		countdown = sticky ? 1 : 0;
		return 1;
	}
	return 0;
}

static sqlite3_mem_methods real_memory;

static void *
fake_malloc(int n)
{
	return fails() ? NULL : real_memory.xMalloc(n);
}

static void *
fake_realloc(void *old, int n)
{
	return fails() ? NULL : real_memory.xRealloc(old, n);
}

/* Before SQLite's first use. */
static void
fake_memory(void)
{
	sqlite3_mem_methods fake;

	sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
	fake = real_memory;
	fake.xMalloc = fake_malloc;
	fake.xRealloc = fake_realloc;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &fake);
}

/* The Nth allocation of a transaction that writes, or doesn't, fails:
 * whatever it says, it is over. */
static void
test_memory(int writes)
{
	int open = 0, nth = 0;

	for (sticky = 0; sticky < 2; sticky++) {
		do {
			struct sk_error err = {0}, after = {0};
			struct sk_store *store = open_or_die();
			int result;

			hits = 0;
			countdown = ++nth;
			result = sk_store_begin(store, &err);
			if (result == 0 && writes)
				result = sk_store_fact_set(store, "a", nth, &err);
			if (result == 0)
				sk_store_commit(store, &err);
			else
				sk_store_rollback(store);
			countdown = 0;
			if (sk_store_begin(store, &after) != 0) {
				printf("# allocation %d%s: %s\n", nth, sticky ? "+" : "",
				    after.text);
				open++;
			}
			sk_store_free(store);
		} while (hits > 0 && nth < 5000);
		nth = 0;
	}
	is_int(open, 0,
	    writes ? "a transaction that writes ends without memory" : "and one that doesn't");
}

int
main(void)
{
	fake_memory();
	if (mkdtemp(folder) == NULL)
		return 1;
	test_memory(1);
	test_memory(0);
	remove_folder(folder);
	return done_testing();
}
