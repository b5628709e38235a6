/* SPDX-License-Identifier: MIT */
/*
 * The state file's twin in the lock file: what is written is read back, the newer whole record counts,
 * and a file of version 5 is told from one that somebody has made anew. Which state file is an older copy.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "base/lock_parts.h"
#include "base/mem.h"
#include "base/twin.h"
#include "store/copy.h"

static char folder[64];
static struct sk_error err;

static char *
path(const char *name)
{
	return sk_mem_printf("%s/%s", folder, name);
}

static struct sk_lock *
opened(const char *name)
{
	char *db = path(name);
	struct sk_lock *lock = NULL;

	sk_error_clear(&err);
	if (sk_lock_open(db, &lock, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	free(db);
	return lock;
}

/* A lock file with these bytes. */
static struct sk_lock *
made(const char *name, const char *bytes, size_t n)
{
	char *db = path(name), *file = sk_mem_printf("%s.lock", db);
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (write(fd, bytes, n) != (ssize_t)n)
		printf("# %s isn't as it should be\n", file);
	close(fd);
	free(file);
	free(db);
	return opened(name);
}

static struct sk_twin
read_one(struct sk_lock *lock)
{
	struct sk_twin twin;

	is_int(sk_twin_read(lock, &twin, &err), 0, "read");
	return twin;
}

static void
test_record(void)
{
	struct sk_lock *lock = opened("a.db");
	struct sk_twin twin = read_one(lock), other;

	ok(!twin.is_there && twin.earlier_row == -1,
	    "a new file has no record, and isn't version 5's");
	is_int(sk_twin_random(&twin.pair, &err), 0, "a random number");
	ok(twin.pair != 0, "which isn't 0");
	twin.pair = INT64_MIN;
	twin.count = 7;
	twin.mark = -1;
	twin.list = 8;
	twin.row = INT64_MAX;
	twin.departed_at = 9;
	is_int(sk_twin_write(lock, &twin, &err), 0, "written");
	sk_lock_free(lock);
	lock = opened("a.db");
	other = read_one(lock);
	ok(other.is_there && other.pair == INT64_MIN && other.count == 7 && other.mark == -1 &&
		other.list == 8 && other.row == INT64_MAX && other.departed_at == 9,
	    "and read back, all of it");
	for (int i = 0; i < 5; i++) {
		twin.count++;
		sk_twin_write(lock, &twin, &err);
		is_int(read_one(lock).count, twin.count, "the one that was written last counts");
	}
	sk_lock_free(lock);
}

/* The power fails while a record is written: every part of it may be missing. */
static void
test_torn(void)
{
	struct sk_lock *lock = opened("torn.db");
	struct sk_twin twin = {.pair = 5, .count = 1};
	char before[SK_LOCK_SECTOR] = "", after[SK_LOCK_SECTOR] = "";
	int64_t at;
	int n, wrong = 0;

	sk_twin_write(lock, &twin, &err);
	twin.count++;
	sk_twin_write(lock, &twin, &err);
	twin.count++;
	at = SK_LOCK_AT_TWIN + (twin.written + 1) % 2 * SK_LOCK_SECTOR;
	sk_lock_read_at(lock, at, before, sizeof(before), &err);
	sk_twin_write(lock, &twin, &err);
	n = sk_lock_read_at(lock, at, after, sizeof(after), &err);
	n = n < 200 ? n : 200;
	for (int i = 0; i < n; i++) {
		struct sk_twin found;
		int is_new = memcmp(before + i, after + i, (size_t)(n - i)) == 0;

		sk_lock_write_at(lock, at, after, (size_t)i, &err);
		sk_lock_write_at(lock, at + i, before + i, (size_t)(n - i), &err);
		sk_twin_read(lock, &found, &err);
		wrong += !found.is_there || found.count != (is_new ? 3 : 2);
	}
	is_int(wrong, 0, "a torn record leaves the one before, wherever it was torn");
	ok(n > 100, "(and there was something to tear)");
	memset(after, 'x', sizeof(after));
	sk_lock_write_at(lock, SK_LOCK_AT_TWIN, after, sizeof(after), &err);
	sk_lock_write_at(lock, SK_LOCK_AT_TWIN + SK_LOCK_SECTOR, after, sizeof(after), &err);
	ok(!read_one(lock).is_there, "when both are damaged there is none");
	sk_lock_free(lock);
}

static void
test_earlier(void)
{
	static const struct {
		const char *text;
		size_t n;
		int64_t row;
	} texts[] = {{"", 0, 0}, {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20, 0},
	    {"0000000000000000012\n", 20, 12}, {"12\n", 3, -1}, {"0000000000000000012", 19, -1},
	    {"SQLite format 3", 16, -1}, {"9999999999999999999\n", 20, -1},
	    {"-000000000000000012\n", 20, -1}, {SK_LOCK_HEAD, sizeof(SK_LOCK_HEAD) - 1, -1}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sk_lock *lock = made("old.db", texts[i].text, texts[i].n);

		is_int(read_one(lock).earlier_row, texts[i].row, "version 5's row number");
		sk_lock_free(lock);
	}
}

/* What is an older copy: every case. */
static void
test_judging(void)
{
	static const struct {
		struct sk_twin twin;
		struct sk_store_twin here;
		int64_t highest;
		enum sk_copy copy;
		const char *what;
	} cases[] = {
	    {{true, 5, 10, 77, .earlier_row = -1}, {5, 10, 77}, 3, SK_COPY_NONE, "the same"},
	    {{true, 5, 10, 77, .earlier_row = -1}, {5, 11, 78}, 3, SK_COPY_NONE,
		"ahead: a process died before it wrote the lock file"},
	    {{true, 5, 10, 77, .earlier_row = -1}, {5, 9, 76}, 3, SK_COPY_BEHIND, "behind"},
	    {{true, 5, 10, 77, .earlier_row = -1}, {5, 10, 76}, 3, SK_COPY_FORKED,
		"the same count of another history"},
	    {{true, 6, 10, 77, .earlier_row = -1}, {5, 10, 77}, 3, SK_COPY_STRANGE, "another's"},
	    {{true, 6, 1, 77, .earlier_row = -1}, {5, 10, 77}, 3, SK_COPY_STRANGE,
		"another's, which counts behind"},
	    {{false, .earlier_row = -1}, {5, 10, 77}, 3, SK_COPY_ALONE, "no record"},
	    {{false, .earlier_row = -1}, {5, 0, 0}, 0, SK_COPY_ALONE, "no record, and no rows"},
	    {{false, .earlier_row = 3}, {5, 10, 77}, 3, SK_COPY_ALONE,
		"a lock file of version 5 beside a file that had a twin"},
	    {{false, .earlier_row = 3}, {0}, 3, SK_COPY_NONE, "both of version 5"},
	    {{false, .earlier_row = 3}, {0}, 4, SK_COPY_NONE, "a row that was never told"},
	    {{false, .earlier_row = 3}, {0}, 2, SK_COPY_ALONE, "version 5, and behind"},
	    {{false, .earlier_row = 0}, {0}, 0, SK_COPY_NONE, "version 5, without a row"},
	    {{false, .earlier_row = 0}, {0}, 3, SK_COPY_ALONE, "rows, and a lock file without"},
	    {{false, .earlier_row = -1}, {0}, 3, SK_COPY_ALONE,
		"version 5, the lock file made anew"},
	    {{false, .earlier_row = -1}, {0}, 0, SK_COPY_ALONE, "the same without rows"},
	    {{true, 5, 0, 0, .earlier_row = 3}, {0}, 3, SK_COPY_NONE,
		"a process died while it gave it a twin"},
	    {{true, 5, 0, 0, .earlier_row = 3}, {0}, 2, SK_COPY_ALONE,
		"then an older one is put back"},
	    {{true, 5, 1, 7, .earlier_row = 3}, {0}, 3, SK_COPY_ALONE,
		"version 5 beside a lock file that has counted since"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int(sk_copy_judge(&cases[i].twin, &cases[i].here, cases[i].highest),
		    cases[i].copy, cases[i].what);
}

int
main(void)
{
	char *command;

	snprintf(folder, sizeof(folder), "/tmp/unit-twin-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	test_record();
	test_torn();
	test_earlier();
	test_judging();
	command = sk_mem_printf("rm -r %s", folder);
	ok(system(command) == 0, "nothing else was left behind");
	free(command);
	return done_testing();
}
