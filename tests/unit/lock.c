/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/mem.h"
#include "tap.h"
#include "base/time.h"

static char *folder;
static char *db;

static char *
path(const char *name)
{
	return sk_mem_printf("%s/%s", folder, name);
}

static struct sk_lock *
opened(const char *name)
{
	struct sk_lock *lock = NULL;
	struct sk_error err;

	sk_error_clear(&err);
	if (sk_lock_open(name, &lock, &err) != 0)
		printf("# %s\n", err.text);
	return lock;
}

static void
write_file(const char *name, const char *text, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || write(fd, text, n) != (ssize_t)n)
		printf("# can't write %s\n", name);
	close(fd);
}

static void
test_open(void)
{
	struct sk_lock *lock = opened(db);
	char *file = path("sikka.db.lock"), *link_name = path("link.db"), *dead = path("dead.db");
	struct stat status;
	struct sk_error err;

	ok(lock != NULL && stat(file, &status) == 0, "opened and created");
	is_int(status.st_mode & 0777, 0600, "for us alone");
	sk_lock_free(lock);
	lock = NULL;
	chmod(file, 0640);
	sk_error_clear(&err);
	is_int(sk_lock_open(db, &lock, &err), -1, "not when others can read it");
	is_int(err.code, SK_EXIT_NOT_AUTHORIZED, "77");
	ok(strstr(err.text, "chmod 600") != NULL && lock == NULL, "%s", err.text);
	chmod(file, 0600);
	sk_error_clear(&err);
	is_int(sk_lock_open("/nowhere/at/all", &lock, &err), -1, "no folder");
	is_int(err.code, SK_EXIT_CANT_CREATE, "73");

	write_file(db, "", 0);
	is_int(symlink("sikka.db", link_name), 0, "a link to the database");
	lock = opened(link_name);
	free(file);
	file = path("link.db.lock");
	ok(lock != NULL && access(file, F_OK) != 0, "has the database's own lock file");
	sk_lock_free(lock);
	is_int(symlink("nothing.db", dead), 0, "a link to nothing");
	sk_error_clear(&err);
	is_int(sk_lock_open(dead, &lock, &err), -1, "is refused");
	is_int(err.code, SK_EXIT_CONFIG, "78");
	sk_lock_free(NULL);
	free(dead);
	free(link_name);
	free(file);
}

static void
test_one_process(void)
{
	struct sk_lock *lock = opened(db);
	struct sk_error err;

	sk_error_clear(&err);
	is_int(sk_lock_is_held(lock, SK_LOCK_OFFICE, 7, &err), 0, "free");
	is_int(sk_lock_try(lock, SK_LOCK_OFFICE, 7, &err), 1, "taken");
	is_int(sk_lock_try(lock, SK_LOCK_OFFICE, 7, &err), 0, "not twice in one process");
	is_int(sk_lock_is_held(lock, SK_LOCK_OFFICE, 7, &err), 1, "held");
	is_int(sk_lock_is_held(lock, SK_LOCK_OFFICE, 8, &err), 0, "the next number isn't");
	is_int(sk_lock_is_held(lock, SK_LOCK_RUN, 7, &err), 0, "nor the next kind");
	is_int(sk_lock_try(lock, SK_LOCK_RUN, 7, &err), 1, "which can be taken");
	sk_lock_release(lock, SK_LOCK_OFFICE, 7);
	is_int(sk_lock_is_held(lock, SK_LOCK_OFFICE, 7, &err), 0, "free again");
	is_int(sk_lock_is_held(lock, SK_LOCK_RUN, 7, &err), 1, "that one alone");
	sk_lock_release(lock, SK_LOCK_OFFICE, 7);
	is_int(sk_lock_try(lock, SK_LOCK_OFFICE, (INT64_C(1) << 40) - 1, &err), 1, "the last one");
	is_int(sk_lock_is_held(lock, SK_LOCK_RUN, 0, &err), 0, "doesn't touch the next kind");
	is_int(sk_lock_try(lock, SK_LOCK_OFFICE, -1, &err), -1, "no negative number");
	is_int(err.code, SK_EXIT_BUG, "that's a bug");
	sk_lock_free(lock);
}

/* A child that holds one and lives until it is killed. */
static pid_t
holder(enum sk_lock_kind kind, int64_t number)
{
	int fds[2];
	pid_t child;
	char c;

	if (pipe(fds) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		struct sk_lock *lock = opened(db);

		if (sk_lock_try(lock, kind, number, NULL) == 1 && write(fds[1], "!", 1) == 1)
			pause();
		_exit(1);
	}
	close(fds[1]);
	if (read(fds[0], &c, 1) != 1)
		printf("# the child has no lock\n");
	close(fds[0]);
	return child;
}

static void
test_processes(void)
{
	struct sk_lock *lock = opened(db);
	pid_t child = holder(SK_LOCK_RUN, 3);

	is_int(sk_lock_is_held(lock, SK_LOCK_RUN, 3, NULL), 1, "another process holds it");
	is_int(sk_lock_try(lock, SK_LOCK_RUN, 3, NULL), 0, "so we can't");
	is_int(sk_lock_try(lock, SK_LOCK_RUN, 4, NULL), 1, "but the next one");
	is_int(sk_lock_is_any_held(lock, SK_LOCK_RUN, NULL), 1, "whatever its number");
	is_int(sk_lock_is_any_held(lock, SK_LOCK_LIST, NULL), 0, "none of another kind");
	if (access("/proc/self/fdinfo", R_OK) == 0) {
		long pids[2] = {0, 0};

		is_int((int)sk_lock_owners(lock, SK_LOCK_RUN, pids, 2), 1, "by one process");
		is_int((int)pids[0], (int)child, "which is named");
		is_int((int)sk_lock_owners(lock, SK_LOCK_LIST, pids, 2), 0,
		    "and holds nothing else");
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	is_int(sk_lock_is_held(lock, SK_LOCK_RUN, 3, NULL), 0, "it goes with the process");
	is_int(sk_lock_try(lock, SK_LOCK_RUN, 3, NULL), 1, "and is ours");
	sk_lock_free(lock);
}

/* The pid beside the section; and a file that is put in the place of the one that is open. */
static void
test_place(void)
{
	struct sk_lock *lock = opened(db), *other;
	char *file = path("sikka.db.lock");
	struct sk_error err = {0};

	is_int(sk_lock_holder(lock), 0, "nobody has noted a pid");
	sk_lock_note_holder(lock);
	other = opened(db);
	is_int(sk_lock_holder(other), (long)getpid(), "now others read ours");
	sk_lock_free(other);
	is_int(sk_lock_is_in_place(lock, &err), 1, "the path names the file that is open");
	unlink(file);
	is_int(sk_lock_is_in_place(lock, &err), 0, "not when it was deleted");
	other = opened(db);
	is_int(sk_lock_is_in_place(lock, &err), 0, "nor when another one is there");
	is_int(sk_lock_is_in_place(other, &err), 1, "which is the other's");
	is_int(sk_lock_holder(other), 0, "and says nothing");
	sk_lock_free(other);
	sk_lock_free(lock);
	free(file);
}

static void
test_reading(void)
{
	char *name = path("read.db"), *file = path("read.db.lock");
	struct sk_lock *lock;
	struct sk_error err = {0};

	is_int(sk_lock_open_to_read(name, &lock, &err), 0, "who only reads creates nothing");
	ok(lock == NULL && access(file, F_OK) != 0, "and gets nothing");
	sk_lock_free(opened(name));
	is_int(sk_lock_open_to_read(name, &lock, &err), 1, "what is there");
	sk_lock_free(lock);
	free(file);
	free(name);
}

static void
clean_up(void)
{
	static const char *const names[] = {"sikka.db", "sikka.db.lock", "link.db", "dead.db",
	    "read.db.lock"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *name = path(names[i]);

		unlink(name);
		free(name);
	}
	ok(rmdir(folder) == 0, "nothing else was left behind");
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR");

	sk_mem_init();
	folder = sk_mem_printf("%s/sikka-lock-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(folder) == NULL)
		return 1;
	db = path("sikka.db");
	test_open();
	test_one_process();
	test_processes();
	test_place();
	test_reading();
	clean_up();
	free(db);
	free(folder);
	return done_testing();
}
