/* SPDX-License-Identifier: MIT */
/* Lists of a practice's own values: kept, replaced, forgotten; and the table's way into older
 * files. */
#include "store/choices.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/offices.h"
#include "store/statements.h"
#include "tap.h"

#define T0 INT64_C(1770000000000)

static char folder[] = "/tmp/unit-choices-XXXXXX";
static char path[100];

static struct sk_store *
open_or_die(void)
{
	struct sk_error err = {0};
	struct sk_store *store = NULL;

	if (sk_store_create(path, 1, &store, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return store;
}

static void
put_office(struct sk_store *store, const char *office_id)
{
	struct sk_error err = {0};
	struct sk_office office = {.office_id = sk_mem_copy(office_id), .status = SK_OFFICE_ACTIVE};

	if (sk_store_begin(store, &err) != 0 || sk_store_office_put(store, &office, &err) != 0 ||
	    sk_store_commit(store, &err) != 0)
		printf("Bail out! %s\n", err.text);
	sk_office_fini(&office);
}

static void
forget(struct sk_store *store, const char *office_id)
{
	struct sk_error err = {0};

	if (sk_store_begin(store, &err) != 0 ||
	    sk_store_office_forget(store, office_id, &err) != 0 ||
	    sk_store_commit(store, &err) != 0)
		printf("Bail out! %s\n", err.text);
}

static void
holds(struct sk_store *store, const char *office_id, const char *source, int64_t since,
    const char *wanted, const char *what)
{
	struct sk_error err = {0};
	struct sk_kept_choices kept = {0};
	int found = sk_store_choices_get(store, office_id, source, since, &kept, &err);

	is_int(found, wanted != NULL, what);
	is_str(kept.items, wanted, "its items");
	ok(wanted == NULL || kept.read_at >= since, "and when they were read");
	free(kept.items);
}

static void
test_lists(void)
{
	struct sk_error err = {0};
	struct sk_store *store = open_or_die();

	holds(NULL, "A1", "s", 1, NULL, "a missing file is an empty one");
	put_office(store, "A1");
	put_office(store, "B2");
	holds(store, "A1", "s", 1, NULL, "nothing is kept yet");
	is_int(sk_store_choices_put(store, "A1", "s", "[1]", T0, &err), 0, "kept");
	is_int(sk_store_choices_put(store, "B2", "s", "[2]", T0 + 1, &err), 0, "another office's");
	is_int(sk_store_choices_put(store, "A1", "t", "[]", T0, &err), 0, "an empty one");
	holds(store, "A1", "s", T0, "[1]", "what was read then");
	holds(store, "A1", "s", T0 + 1, NULL, "is older than that");
	holds(store, "A1", "t", T0, "[]", "an empty list is one");
	holds(store, "B2", "s", T0, "[2]", "each office has its own");
	is_int(sk_store_choices_put(store, "A1", "s", "[3]", T0 + 5, &err), 0, "read anew");
	holds(store, "A1", "s", T0 + 5, "[3]", "it stands for the older one");
	is_int(sk_store_choices_put(store, "C3", "s", "[1]", T0, &err), -1,
	    "of an office that isn't there nothing is kept");

	is_int(sk_store_choices_purge(store, T0 + 1, &err), 0, "purged");
	holds(store, "A1", "t", 1, NULL, "what is older is gone");
	holds(store, "A1", "s", 1, "[3]", "what is younger isn't");
	holds(store, "B2", "s", 1, "[2]", "nor what is as old");
	forget(store, "A1");
	holds(store, "A1", "s", 1, NULL, "an office takes its lists along");
	holds(store, "B2", "s", 1, "[2]", "and no others");
	sk_store_free(store);
}

/* Bringing an older file up to date is tried in tests/store.t. */
static void
test_statements(void)
{
	struct sk_store *store = open_or_die();

	for (int i = 0; i < SK_SQL_COUNT; i++) {
		sqlite3_stmt *statement = NULL;

		ok(sqlite3_prepare_v2(store->db, sk_sql_text((enum sk_sql)i), -1, &statement,
		       NULL) == SQLITE_OK,
		    "statement %d can be prepared", i);
		sqlite3_finalize(statement);
	}
	sk_store_free(store);
}

int
main(void)
{
	sk_mem_init();
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/sikka.db", folder);
	test_lists();
	test_statements();
	unlink(path);
	snprintf(path, sizeof(path), "%s/sikka.db-journal", folder);
	unlink(path);
	rmdir(folder);
	return done_testing();
}
