/* SPDX-License-Identifier: MIT */
/*
 * Sessions that rehearse: what they write is theirs alone, and what others do meanwhile doesn't disturb them.
 */
#include "store/session.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "tap.h"
#include "base/mem.h"
#include "store/event.h"
#include "store/runs.h"

static char folder[] = "/tmp/unit-session-XXXXXX";
static struct sk_common common;
static struct sk_error err;

static void
use(const char *name)
{
	char *db = sk_mem_printf("%s/%s", folder, name);
	struct sk_session begun;

	setenv("SIKKA_DB", db, 1);
	sk_error_clear(&err);
	if (sk_session_open_or_begin(&begun, &common, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	sk_session_close(&begun);
	free(db);
}

static void
test_runs(void)
{
	struct sk_session rehearsing, sending, other;

	use("runs.db");
	is_int(sk_session_open(&rehearsing, &common, SK_STORE_REHEARSE, &err), 0, "a rehearsal");
	is_int(sk_session_open(&sending, &common, SK_STORE_WRITE, &err), 0,
	    "and then another command");
	is_int(sk_session_start_run(&sending, &err), 0, "which starts a run");
	is_int(sk_session_start_run(&rehearsing, &err), 0, "the rehearsal starts its own");
	is_int(rehearsing.run, sending.run, "of the same number, in its copy");
	is_int(sk_lock_is_held(rehearsing.lock, SK_LOCK_RUN, rehearsing.run, &err), 1,
	    "which counts as alive");
	sk_session_close(&rehearsing);
	is_int(sk_session_open(&other, &common, SK_STORE_WRITE, &err), 0, "a third command");
	is_int(sk_lock_is_held(other.lock, SK_LOCK_RUN, sending.run, &err), 1,
	    "sees the run that sends, also after the rehearsal has ended");
	sk_session_close(&other);
	sk_session_close(&sending);
}

static void
test_copy(void)
{
	struct sk_session rehearsing, writing;
	char *lock;

	use("copy.db");
	is_int(sk_session_open(&rehearsing, &common, SK_STORE_REHEARSE, &err), 0, "a rehearsal");
	is_int(sk_store_fact_set(rehearsing.store, "x", 1, &err), 0, "writes");
	is_int(sk_session_open(&writing, &common, SK_STORE_WRITE, &err), 0, "another command");
	is_int(sk_store_fact(writing.store, "x"), 0, "finds nothing of it");
	is_int(sk_store_fact_set(writing.store, "x", 2, &err), 0, "and writes as well");
	is_int(sk_store_fact(rehearsing.store, "x"), 1, "each has its own");
	sk_session_close(&rehearsing);
	is_int(sk_store_fact(writing.store, "x"), 2, "and what was rehearsed is gone");
	sk_session_close(&writing);

	lock = sk_mem_printf("%s/copy.db.lock", folder);
	unlink(lock);
	is_int(sk_session_open(&rehearsing, &common, SK_STORE_REHEARSE, &err), 0,
	    "without a lock file");
	is_int(rehearsing.copy, SK_COPY_ALONE, "it is alone");
	sk_session_close(&rehearsing);
	is_int(access(lock, F_OK), -1, "and stays so");
	free(lock);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	setenv("HOME", folder, 1);
	unsetenv("SIKKA_CONFIG");
	unsetenv("XDG_CONFIG_HOME");
	test_runs();
	test_copy();
	remove_folder(folder);
	return done_testing();
}
