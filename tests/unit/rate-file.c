/* SPDX-License-Identifier: MIT */
/* The file that all processes count in: shared, mended when broken, done without when it fails. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "calls/rate.h"
#include "tap.h"
#include "base/time.h"

static char *folder;

static struct sk_http_answer
answer_of(int status, int64_t limit, int64_t remaining, int64_t reset)
{
	struct sk_http_answer answer;

	memset(&answer, 0, sizeof answer);
	answer.outcome = SK_HTTP_ANSWERED;
	answer.status = status;
	answer.limit = limit;
	answer.remaining = remaining;
	answer.reset = reset;
	answer.retry_after = -1;
	return answer;
}

static char *
fresh_db(void)
{
	static int n;

	return sk_mem_printf("%s/%d.db", folder, ++n);
}

static struct sk_rate *
open_rate(const char *db)
{
	struct sk_rate *rate = NULL;
	struct sk_error err;

	sk_error_clear(&err);
	if (sk_rate_new(db, &rate, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return rate;
}

static int64_t
reserve(struct sk_rate *rate, const char *bucket, enum sk_rate_use use)
{
	struct sk_error err;

	sk_error_clear(&err);
	return sk_rate_reserve(rate, bucket, use, &err);
}

static int
reserve_all(struct sk_rate *rate, const char *bucket, enum sk_rate_use use)
{
	int n = 0;

	while (n < 1000 && reserve(rate, bucket, use) == 0)
		n++;
	return n;
}

/* One answer that makes the usual limit known. */
static void
make_known(struct sk_rate *rate, const char *bucket)
{
	struct sk_http_answer answer = answer_of(200, -1, -1, -1);

	reserve(rate, bucket, SK_RATE_WRITE);
	sk_rate_settle(rate, bucket, &answer, 0);
}

static mode_t
mode_of(const char *db)
{
	char *path = sk_mem_printf("%s.limits", db);
	struct stat info = {0};

	if (stat(path, &info) != 0)
		info.st_mode = 0;
	free(path);
	return info.st_mode & 0777;
}

static void
spoil(const char *db, const char *content)
{
	char *path = sk_mem_printf("%s.limits", db);
	FILE *file = fopen(path, "w");

	if (file != NULL) {
		fputs(content, file);
		fclose(file);
		chmod(path, 0600);
	}
	free(path);
}

static void
test_file(void)
{
	char *db = fresh_db();
	struct sk_rate *one, *two;
	struct sk_http_answer answer;
	struct sk_error err;

	umask(0);
	one = open_rate(db);
	two = open_rate(db);
	is_int(mode_of(db), 0600, "the file's mode, whatever the umask");
	make_known(one, "D1");
	is_int(reserve_all(one, "D1", SK_RATE_POLL), 149, "one process polls");
	is_int(reserve_all(two, "D1", SK_RATE_WRITE), 44, "another has what is left");
	is_int(reserve(two, "D2", SK_RATE_WRITE), 0, "another office has its own window");
	sk_rate_return(one, "D1");
	is_int(reserve(two, "D1", SK_RATE_WRITE), 0, "what was given back can be taken");

	answer = answer_of(429, -1, -1, 30000);
	sk_rate_settle(one, "D2", &answer, 0);
	ok(reserve(two, SK_RATE_APP, SK_RATE_READ) > 10000, "an early 429 closes all buckets");
	ok(reserve(two, "D3", SK_RATE_WRITE) > 10000, "also one that nobody used yet");
	sk_rate_free(one);
	sk_rate_free(two);
	free(db);

	db = fresh_db();
	one = open_rate(db);
	make_known(one, "D1");
	reserve(one, "D1", SK_RATE_WRITE);
	sk_rate_settle(one, "D1", &answer, 1);
	sk_error_clear(&err);
	is_int(sk_rate_reserve(one, "D1", SK_RATE_POLL, &err), -1, "at a daily limit polls stop");
	is_int(err.code, SK_EXIT_TRY_LATER, "try later");
	is_int(reserve(one, "D1", SK_RATE_READ), -1, "reads too");
	is_int(reserve(one, "D1", SK_RATE_WRITE), 0, "bookings last");
	is_int(reserve(one, "D2", SK_RATE_POLL), 0, "other offices have their own day");
	sk_rate_free(one);
	free(db);
}

/* Children take what they can; returns the sum. */
static int
race(const char *db, int children)
{
	int fds[2], i, n, sum = 0;
	struct sk_rate *rate;

	fflush(stdout);
	if (pipe(fds) != 0)
		exit(1);
	for (i = 0; i < children; i++) {
		if (fork() != 0)
			continue;
		rate = open_rate(db);
		n = reserve_all(rate, "D1", SK_RATE_WRITE);
		sk_rate_free(rate);
		_exit(write(fds[1], &n, sizeof n) != sizeof n);
	}
	close(fds[1]);
	for (i = 0; read(fds[0], &n, sizeof n) == sizeof n; i++)
		sum += n;
	close(fds[0]);
	while (wait(NULL) > 0)
		continue;
	is_int(i, children, "all processes came through");
	return sum;
}

static void
test_race(void)
{
	char *db = fresh_db();
	struct sk_rate *rate = open_rate(db);

	make_known(rate, "D1");
	is_int(race(db, 8), 193, "eight processes at once take one window");
	sk_rate_free(rate);
	free(db);
}

static int
is_ours(const char *db)
{
	char *path = sk_mem_printf("%s.limits", db);
	sqlite3 *handle = NULL;
	int code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL);

	if (code == SQLITE_OK)
		code =
		    sqlite3_exec(handle, "SELECT bucket, in_flight FROM windows", NULL, NULL, NULL);
	sqlite3_close(handle);
	free(path);
	return code == SQLITE_OK;
}

static void
run_sql(const char *db, const char *sql)
{
	char *path = sk_mem_printf("%s.limits", db);
	sqlite3 *handle = NULL;

	if (sqlite3_open(path, &handle) != SQLITE_OK || chmod(path, 0600) != 0 ||
	    sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		ok(0, "%s: %s", sql, sqlite3_errmsg(handle));
	sqlite3_close(handle);
	free(path);
}

/* What lies behind offset becomes rubbish. */
static void
overwrite(const char *db, off_t offset)
{
	char *path = sk_mem_printf("%s.limits", db);
	char rubbish[4096];
	int fd = open(path, O_WRONLY);

	memset(rubbish, 0x5a, sizeof rubbish);
	ok(fd != -1 && pwrite(fd, rubbish, sizeof rubbish, offset) == (ssize_t)sizeof rubbish,
	    "rubbish in the file");
	close(fd);
	free(path);
}

static void
is_mended(const char *db, const char *what)
{
	struct sk_rate *one = open_rate(db), *two = open_rate(db);

	is_int(reserve_all(one, "D1", SK_RATE_WRITE), 4, what);
	is_int(reserve_all(two, "D1", SK_RATE_WRITE), 0, "  and shared");
	ok(is_ours(db), "  in a file made anew");
	sk_rate_free(one);
	sk_rate_free(two);
}

static void
test_broken_file(void)
{
	char *db = fresh_db();
	struct sk_rate *rate;
	int i, sum;

	spoil(db, "this is no database, and more than the 16 bytes that SQLite looks at\n");
	is_mended(db, "a file that is no database");
	free(db);

	db = fresh_db();
	run_sql(db, "CREATE TABLE other (x); INSERT INTO other VALUES (1)");
	is_mended(db, "a database of somebody else");
	free(db);

	db = fresh_db();
	sk_rate_free(open_rate(db));
	run_sql(db, "PRAGMA user_version = 1");
	is_mended(db, "a file of another version");
	free(db);

	db = fresh_db();
	rate = open_rate(db);
	make_known(rate, "D1");
	sk_rate_free(rate);
	overwrite(db, 4096);
	is_mended(db, "a file that is broken behind its head");
	free(db);

	db = fresh_db();
	rate = open_rate(db);
	make_known(rate, "D1");
	run_sql(db, "DROP TABLE windows");
	is_int(reserve_all(rate, "D1", SK_RATE_WRITE), 4, "a table that vanishes underneath");
	ok(is_ours(db), "  is made anew at once");
	spoil(db, "");
	is_int(reserve_all(rate, "D1", SK_RATE_WRITE), 4, "a file that is emptied underneath");
	ok(is_ours(db), "  is made anew at once");
	sk_rate_free(rate);
	free(db);

	for (i = 0; i < 20; i++) {
		db = fresh_db();
		spoil(db, "no database, and eight processes that find out at the same time\n");
		sum = race(db, 8);
		ok(sum >= 4 && sum <= 32 && is_ours(db), "  mended by one or the other (%d)", sum);
		free(db);
	}
}

static void
test_deleted_file(void)
{
	char *db = fresh_db(), *path = sk_mem_printf("%s.limits", db);
	struct sk_rate *one = open_rate(db), *two;

	reserve(one, "D1", SK_RATE_WRITE);
	unlink(path);
	two = open_rate(db);
	is_int(reserve_all(two, "D1", SK_RATE_WRITE), 4, "after the file was deleted");
	is_int(reserve_all(one, "D1", SK_RATE_WRITE), 0, "all count in the new one");
	sk_rate_free(one);
	sk_rate_free(two);
	free(path);
	free(db);
}

/* Somebody holds the lock for longer than we wait. */
static void
test_busy_file(void)
{
	char *db = fresh_db(), *path = sk_mem_printf("%s.limits", db);
	struct sk_rate *rate = open_rate(db);
	sqlite3 *other = NULL;

	make_known(rate, "D1");
	if (sqlite3_open(path, &other) != SQLITE_OK ||
	    sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK)
		exit(1);
	is_int(reserve(rate, "D1", SK_RATE_WRITE), 0, "a file that stays busy stops nobody");
	is_int(reserve_all(rate, "D1", SK_RATE_WRITE), 3, "counted in memory meanwhile");
	sqlite3_exec(other, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(other);
	sk_rate_free(rate);
	rate = open_rate(db);
	is_int(reserve_all(rate, "D1", SK_RATE_WRITE), 193, "and it isn't emptied");
	sk_rate_free(rate);
	free(path);
	free(db);
}

/* The exit code for which opening the limits of db fails; 0: it doesn't. */
static int
refused_with(const char *db)
{
	struct sk_rate *rate = NULL;
	struct sk_error err = {0};

	if (sk_rate_new(db, &rate, &err) == 0)
		sk_rate_free(rate);
	return err.code;
}

static void
test_unusable_file(void)
{
	char *db = fresh_db(), *path = sk_mem_printf("%s.limits", db);

	is_int(refused_with("/nowhere/at/all.db"), SK_EXIT_CANT_CREATE, "no folder for the file");
	mkdir(path, 0700);
	is_int(refused_with(db), SK_EXIT_CANT_CREATE, "a folder in its place");
	rmdir(path);
	is_int(refused_with(db), 0, "without it all is well");
	chmod(path, 0660);
	is_int(refused_with(db), SK_EXIT_NOT_AUTHORIZED, "a file that others can write");
	chmod(path, 0604);
	is_int(refused_with(db), SK_EXIT_NOT_AUTHORIZED, "or read");
	chmod(path, 0600);
	is_int(refused_with(db), 0, "and after chmod 600");
	free(path);
	free(db);
}

/* Two names of one state file count in one file. */
static void
test_two_names(void)
{
	char *db = fresh_db(), *name = fresh_db();
	struct sk_rate *one, *two;

	close(open(db, O_CREAT | O_WRONLY, 0600));
	if (symlink(db, name) != 0)
		exit(1);
	one = open_rate(db);
	two = open_rate(name);
	make_known(one, "D1");
	is_int(reserve_all(one, "D1", SK_RATE_WRITE), 193, "one name takes a window");
	ok(reserve(two, "D1", SK_RATE_WRITE) > 0, "a symbolic link has none beside it");
	sk_rate_free(one);
	sk_rate_free(two);
	free(name);
	free(db);
}

static void
limit_disk(rlim_t most)
{
	struct rlimit now;

	getrlimit(RLIMIT_FSIZE, &now);
	now.rlim_cur = most == RLIM_INFINITY ? now.rlim_max : most;
	setrlimit(RLIMIT_FSIZE, &now);
}

static void
test_full_disk(void)
{
	char *db = fresh_db();
	struct sk_rate *rate = open_rate(db);
	struct sk_http_answer answer = answer_of(429, -1, -1, 30000);
	struct sk_error err = {0};

	limit_disk(0);
	sk_rate_begin_turn(rate);
	reserve(rate, "D1", SK_RATE_WRITE);
	ok(!sk_rate_end_turn(rate), "on a full disk what a turn reserved may not leave");
	is_int(sk_rate_reserve(rate, "D1", SK_RATE_WRITE, &err), -1, "and no more is reserved");
	is_int(err.code, SK_EXIT_CANT_WRITE, "74");
	is_int(reserve_all(rate, "D1", SK_RATE_READ), 3, "reads are counted in memory, beside it");
	is_int(reserve(rate, "D2", SK_RATE_READ), 0, "by bucket");
	sk_rate_settle(rate, "D2", &answer, 0);
	ok(reserve(rate, "D3", SK_RATE_READ) > 10000, "an early 429 closes all there too");
	sk_rate_free(rate);

	rate = open_rate(db);
	is_int(reserve(rate, "D4", SK_RATE_READ), 0, "a process that begins then");
	is_int(reserve(rate, "D4", SK_RATE_WRITE), -1, "writes nothing either");
	sk_rate_free(rate);

	limit_disk(RLIM_INFINITY);
	rate = open_rate(db);
	is_int(reserve(rate, "D4", SK_RATE_WRITE), 0, "and when the disk has room, it does");
	sk_rate_free(rate);
	free(db);
}

/* What a turn has reserved is nothing when it can't be written in the end. */
static void
test_full_at_the_end(void)
{
	char *db = fresh_db();
	struct sk_rate *rate = open_rate(db);

	make_known(rate, "D1");
	sk_rate_begin_turn(rate);
	is_int(reserve(rate, "D1", SK_RATE_WRITE), 0, "a write in a turn");
	limit_disk(0);
	ok(!sk_rate_end_turn(rate), "whose end can't be written: it may not leave");
	limit_disk(RLIM_INFINITY);
	sk_rate_free(rate);
	rate = open_rate(db);
	sk_rate_begin_turn(rate);
	reserve(rate, "D1", SK_RATE_WRITE);
	ok(sk_rate_end_turn(rate), "one that is written may");
	sk_rate_free(rate);
	free(db);
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR");
	char *command;

	alarm(300);
	signal(SIGXFSZ, SIG_IGN);
	folder = sk_mem_printf("%s/unit-rate.XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(folder) == NULL)
		return 1;
	test_file();
	test_race();
	test_broken_file();
	test_deleted_file();
	test_unusable_file();
	test_two_names();
	test_full_disk();
	test_full_at_the_end();
	test_busy_file();
	command = sk_mem_printf("rm -rf '%s'", folder);
	if (system(command) != 0)
		printf("# %s stays\n", folder);
	free(command);
	free(folder);
	return done_testing();
}
