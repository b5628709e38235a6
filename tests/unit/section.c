/* SPDX-License-Identifier: MIT */
/*
 * A section: who has the byte keeps others out, for as long as they are willing to wait; what is raised
 * reaches the lock file only after the commit; and whatever fails, nothing may leave.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "moved-clock.h"
#include "tap.h"
#include "base/lock_parts.h"
#include "base/mem.h"
#include "base/time.h"
#include "store/pair.h"
#include "store/session.h"

static char folder[64];
static struct sk_common common;
static struct sk_session session;
static struct sk_error err;

static void
begin(const char *name)
{
	char *db = sk_mem_printf("%s/%s", folder, name);

	printf("# %s\n", name);
	setenv("SIKKA_DB", db, 1);
	sk_session_close(&session);
	sk_error_clear(&err);
	seconds_ahead = 0;
	if (sk_session_open_or_begin(&session, &common, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	free(db);
}

static struct sk_store_twin
here(void)
{
	struct sk_store_twin twin;

	sk_store_twin_get(session.store, &twin, &err);
	return twin;
}

static struct sk_twin
there(void)
{
	struct sk_twin twin;

	sk_twin_read(session.lock, &twin, &err);
	return twin;
}

/* A child that has the byte of the section, until it is killed. */
static pid_t
holder(void)
{
	char *db = sk_mem_copy(session.config.db), c;
	int fds[2];
	pid_t child;

	if (pipe(fds) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		struct sk_lock *lock = NULL;

		if (sk_lock_open(db, &lock, NULL) == 0 &&
		    sk_lock_try(lock, SK_LOCK_SECTION, 0, NULL) == 1) {
			sk_lock_note_holder(lock);
			if (write(fds[1], "!", 1) == 1)
				pause();
		}
		_exit(1);
	}
	close(fds[1]);
	ok(read(fds[0], &c, 1) == 1, "another process has the byte");
	close(fds[0]);
	free(db);
	return child;
}

static void
end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static int
is_free(void)
{
	return sk_lock_is_held(session.lock, SK_LOCK_SECTION, 0, &err) == 0;
}

static void
test_order(void)
{
	int64_t retry_in = 0, before;

	begin("order.db");
	before = there().written;
	is_int(here().count, 0, "a new file counts nothing");
	ok(here().pair == there().pair && here().pair != 0, "both files have the same pair");
	is_int(sk_section_raise(&session, SK_SECTION_KEEPS, &err), -1, "not outside of a section");
	is_int(err.code, SK_EXIT_BUG, "that is a bug");
	sk_error_clear(&err);
	is_int(sk_section_try(&session, &retry_in, &err), 1, "entered");
	is_int(sk_section_try(&session, &retry_in, &err), 1, "who is in stays in");
	is_int(sk_lock_holder(session.lock), (long)getpid(), "and has noted who it is");
	is_int(sk_section_raise(&session, SK_SECTION_KEEPS, &err), -1, "not without BEGIN");
	sk_error_clear(&err);
	sk_store_begin(session.store, &err);
	is_int(sk_section_raise(&session, SK_SECTION_DEPARTS, &err), 0, "raised");
	is_int(sk_section_raise(&session, SK_SECTION_KEEPS, &err), 0, "twice in one is once");
	is_int(there().written, before, "the lock file isn't written before the commit");
	sk_store_commit(session.store, &err);
	is_int(there().count, 0, "nor by it");
	is_int(sk_section_write(&session, &err), 0, "written");
	ok(!is_free(), "the byte is still ours");
	sk_section_leave(&session);
	ok(is_free(), "and then free");
	ok(here().count == 1 && there().count == 1 && here().mark == there().mark &&
		there().mark != 0,
	    "both count 1, with one mark");
	ok(there().departed_at != 0, "when a write left is known");
}

/* A transaction that comes to nothing leaves both as they were. */
static void
test_nothing(void)
{
	begin("nothing.db");
	is_int(sk_section_begin(&session, &err), 0, "begun");
	sk_section_raise(&session, SK_SECTION_KEEPS, &err);
	is_int(sk_section_end(&session, -1, &err), -1, "undone");
	ok(here().count == 0 && there().count == 0 && is_free(), "nothing has changed");
	is_int(sk_section_begin(&session, &err), 0, "begun");
	is_int(sk_section_end(&session, 0, &err), 0, "nothing was raised");
	ok(there().count == 0 && is_free(), "nothing is written");
	is_int(sk_section_begin(&session, &err), 0, "begun");
	sk_section_note_list(&session, 7);
	is_int(sk_section_end(&session, 0, &err), 0, "only a list's number");
	ok(there().count == 0 && there().list == 7, "stands there without a count");
}

/* Asks each second until the clock is so far ahead, or there is no 0: what came of it. */
static int
ask_until(int seconds, int (*ask)(struct sk_session *, int64_t *, struct sk_error *))
{
	int64_t retry_in = 0;
	int answer = 0;

	while (seconds_ahead < seconds && answer == 0) {
		seconds_ahead++;
		answer = ask(&session, &retry_in, &err);
	}
	return answer;
}

static void
test_waiting(void)
{
	int64_t retry_in = 0;
	pid_t child;
	char pid[24];

	begin("waiting.db");
	child = holder();
	snprintf(pid, sizeof(pid), "process %ld ", (long)child);
	is_int(sk_section_try(&session, &retry_in, &err), 0, "not now");
	ok(retry_in > 0 && retry_in <= 20, "but soon: %lld ms", (long long)retry_in);
	is_int(sk_section_try_begin(&session, &retry_in, &err), 0, "nor with a transaction");
	ok(!sk_store_in_transaction(session.store), "which isn't begun");
	ok(!session.section.has_told, "nobody is told yet");
	is_int(ask_until(11, sk_section_try), 0, "after 10 seconds neither");
	ok(session.section.has_told, "it says so");
	is_int(ask_until(29, sk_section_try), 0, "nor after 29 seconds");
	is_int(ask_until(31, sk_section_try), -1, "after 30 seconds it is given up");
	is_int(err.code, SK_EXIT_TRY_LATER, "75");
	ok(strstr(err.text, pid) != NULL, "which names the process: %s", err.text);
	end(child);
	sk_error_clear(&err);
	seconds_ahead = 32;
	is_int(sk_section_try(&session, &retry_in, &err), 1, "the byte goes with its process");
	sk_section_leave(&session);
}

/* Two refusals by chance, and half a minute between them in which nothing was to be written. */
static void
test_no_wait(void)
{
	sqlite3 *other = NULL;
	int64_t retry_in = 0;
	pid_t child;

	begin("no-wait.db");
	child = holder();
	is_int(sk_section_try(&session, &retry_in, &err), 0, "refused");
	seconds_ahead = 40;
	is_int(sk_section_try(&session, &retry_in, &err), 0, "refused again is no wait of 40 s");
	ok(!session.section.has_told, "nobody is told of one");
	end(child);
	sqlite3_open(session.config.db, &other);
	sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	seconds_ahead = 41;
	is_int(sk_section_try_begin(&session, &retry_in, &err), 0, "a busy journal");
	seconds_ahead = 81;
	is_int(sk_section_try_begin(&session, &retry_in, &err), 0, "which is busy again");
	sqlite3_close(other);
}

/* BEGIN doesn't come: the byte is given back meanwhile. */
static void
test_busy(void)
{
	sqlite3 *other = NULL;
	int64_t retry_in = 0;

	begin("busy.db");
	sqlite3_open(session.config.db, &other);
	sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	is_int(sk_section_try_begin(&session, &retry_in, &err), 0, "another process writes");
	ok(is_free() && retry_in > 0, "the byte is free again");
	is_int(ask_until(31, sk_section_try_begin), -1, "not for ever");
	ok(err.code == SK_EXIT_TRY_LATER && is_free(), "75: %s", err.text);
	sk_error_clear(&err);
	sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);
	is_int(sk_section_try_begin(&session, &retry_in, &err), 1, "now it can");
	sk_section_end(&session, 0, &err);
}

/* The state file is ahead where a process died before it wrote the lock file: the count goes on from there. */
static void
test_ahead(void)
{
	begin("ahead.db");
	sk_section_begin(&session, &err);
	sk_section_raise(&session, SK_SECTION_KEEPS, &err);
	sk_store_commit(session.store, &err);
	sk_section_leave(&session);
	ok(here().count == 1 && there().count == 0, "a crash after the commit");
	is_int(sk_copy_guard(&session, &err), 0, "is no alarm");
	sk_section_begin(&session, &err);
	is_int(sk_section_raise(&session, SK_SECTION_KEEPS, &err), 0, "others go on");
	is_int(sk_section_end(&session, 0, &err), 0, "and count on");
	ok(here().count == 2 && there().count == 2, "from the larger count");
}

static void
put_twin(int64_t pair, int64_t count, int64_t mark)
{
	const struct sk_store_twin twin = {pair, count, mark};

	sk_store_begin(session.store, &err);
	sk_store_twin_put(session.store, &twin, &err);
	sk_store_commit(session.store, &err);
}

/* What a person says makes a pair; a crash before the lock file is written leaves a copy, or a pair. */
static void
test_whole(void)
{
	int64_t pair;

	begin("whole.db");
	pair = here().pair;
	for (int i = 0; i < 5; i++) {
		sk_section_begin(&session, &err);
		sk_section_raise(&session, SK_SECTION_KEEPS, &err);
		sk_section_end(&session, 0, &err);
	}
	put_twin(pair, 3, 99);
	is_int(sk_copy_guard(&session, &err), -1, "it counts behind");
	is_int(session.copy, SK_COPY_BEHIND, "which is known");
	sk_error_clear(&err);
	sk_section_begin(&session, &err);
	is_int(sk_section_raise(&session, SK_SECTION_KEEPS, &err), -1, "a section refuses it");
	is_int(err.code, SK_EXIT_TRY_LATER, "75");
	sk_section_end(&session, -1, &err);
	sk_error_clear(&err);
	sk_section_begin(&session, &err);
	is_int(sk_pair_make_whole(&session, &err), 0, "made whole");
	sk_store_commit(session.store, &err);
	sk_section_leave(&session);
	ok(here().pair == pair && here().count == 6, "the same pair, above the larger count");
	is_int(sk_copy_guard(&session, &err), 0, "whole, even if the lock file wasn't written");

	put_twin(pair + 1, 9, 99);
	sk_copy_look(&session, &err);
	is_int(session.copy, SK_COPY_STRANGE, "another's");
	sk_section_begin(&session, &err);
	sk_pair_make_whole(&session, &err);
	sk_store_commit(session.store, &err);
	sk_section_leave(&session);
	sk_copy_look(&session, &err);
	is_int(session.copy, SK_COPY_STRANGE, "still a copy while the lock file isn't written");
	sk_section_begin(&session, &err);
	sk_pair_make_whole(&session, &err);
	is_int(sk_section_end(&session, 0, &err), 0, "written");
	ok(here().pair == there().pair && here().pair != pair && here().pair != pair + 1,
	    "a pair that nobody had");
	is_int(here().count, there().count, "which counts together");
	ok(there().count > 9, "above both");
}

/* The state file or the lock file is replaced while they are open. */
static void
test_replaced(void)
{
	int64_t retry_in = 0;
	char *elsewhere, *lock;

	begin("replaced.db");
	elsewhere = sk_mem_printf("%s/elsewhere.db", folder);
	rename(session.config.db, elsewhere);
	is_int(sk_section_try(&session, &retry_in, &err), -1, "the state file was moved away");
	ok(err.code == SK_EXIT_TRY_LATER && is_free(), "75, and the byte is free: %s", err.text);
	sk_error_clear(&err);
	rename(elsewhere, session.config.db);
	is_int(sk_section_try(&session, &retry_in, &err), 1, "it is back");
	sk_section_leave(&session);
	lock = sk_mem_printf("%s.lock", session.config.db);
	unlink(lock);
	is_int(sk_section_try(&session, &retry_in, &err), -1, "the lock file was deleted");
	is_int(err.code, SK_EXIT_TRY_LATER, "75");
	sk_error_clear(&err);
	free(lock);
	free(elsewhere);
}

int
main(void)
{
	char *command;

	snprintf(folder, sizeof(folder), "/tmp/unit-section-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	setenv("HOME", folder, 1);
	unsetenv("SIKKA_CONFIG");
	unsetenv("XDG_CONFIG_HOME");
	test_order();
	test_nothing();
	test_waiting();
	test_no_wait();
	test_busy();
	test_ahead();
	test_whole();
	test_replaced();
	sk_session_close(&session);
	command = sk_mem_printf("rm -r %s", folder);
	ok(system(command) == 0, "nothing else was left behind");
	free(command);
	return done_testing();
}
