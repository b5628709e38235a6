/* SPDX-License-Identifier: MIT */
/*
 * store: copies of the state file. A copy is written beside its place, readable by nobody else, and gets its
 * name when it is whole; store/copies says where that is. One that fails is removed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/place.h"
#include "base/progress.h"
#include "base/stop.h"
#include "store/copies.h"
#include "store/statements.h"

#define PAGES 256 /* in a step */

static bool
is_same_file(const char *a, const char *b)
{
	struct stat one, other;

	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
	    one.st_ino == other.st_ino;
}

/*
 * Whether it is the database, or one of the files beside it, which no copy may replace; also one
 * that isn't there now, since SQLite would take a copy for its journal.
 */
static bool
is_ours(const char *file, const char *real)
{
	static const char *const suffixes[] = {"", "-journal", "-wal", "-shm", ".lock", ".limits"};
	bool same = false;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]) && !same; i++) {
		char *name = sk_mem_printf("%s%s", file, suffixes[i]);

		same = strcmp(real, name) == 0 || is_same_file(real, name);
		free(name);
	}
	return same;
}

static void
show_count(sqlite3_backup *backup)
{
	int all = sqlite3_backup_pagecount(backup), left = sqlite3_backup_remaining(backup);

	sk_progress_count((size_t)(all - left), (size_t)all);
	sk_progress_draw(NULL, 0);
}

/* Some pages after others, so that a person sees how far it is, and may stop it. */
static int
copy_pages(struct sk_store *store, sqlite3 *to, const char *path, struct sk_error *err)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", store->db, "main");
	int code;

	if (backup == NULL)
		return sk_sql_error(to, sqlite3_extended_errcode(to), path, err);
	do {
		code = sqlite3_backup_step(backup, PAGES);
		show_count(backup);
	} while (code == SQLITE_OK && !sk_stop_asked());
	sqlite3_backup_finish(backup);
	if (code == SQLITE_OK)
		return sk_stop_error(err);
	return code == SQLITE_DONE ? 0 : sk_sql_error(NULL, code, path, err);
}

/*
 * In one transaction that reads: other processes may read meanwhile, and none can write in between. Else the
 * copying would begin anew with each of their writes.
 */
static int
copy(struct sk_store *store, sqlite3 *to, const char *path, struct sk_error *err)
{
	int code =
	    sqlite3_exec(store->db, "BEGIN; SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
	int result = code == SQLITE_OK ? copy_pages(store, to, path, err)
				       : sk_sql_error(store->db, code, store->path, err);

	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return result == 0 ? sk_schema_check(to, path, err) : -1;
}

/* After SQLite has closed the copy: brings its content to the disk, then its name. */
static int
settle(const char *from, const char *target, struct sk_error *err)
{
	int fd = open(from, O_RDWR | O_CLOEXEC), result = 0;

	if (fd == -1 || fsync(fd) != 0 || rename(from, target) != 0)
		result = sk_error_set(err, SK_EXIT_CANT_WRITE, "%s: %s", target, strerror(errno));
	if (fd != -1)
		close(fd);
	return result == 0 ? sk_place_sync(target, err) : -1;
}

/* The whole copy, in a new file. */
static int
write_part(struct sk_store *store, const char *part, struct sk_error *err)
{
	int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int code, result = -1;
	sqlite3 *to = NULL;

	if (fd == -1)
		return sk_error_set(err, SK_EXIT_CANT_CREATE, "can't create %s: %s", part,
		    strerror(errno));
	close(fd);
	code = sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK) {
		sk_sql_error(to, code, part, err);
	} else {
		sqlite3_extended_result_codes(to, 1);
		result = copy(store, to, part, err);
	}
	sqlite3_close(to);
	return result;
}

/* Beside real, and then in its place; with keep, under a name of its own. */
static int
back_up(struct sk_store *store, const char *real, int keep, struct sk_error *err)
{
	char *part = sk_mem_printf("%s.tmp-%ld", real, (long)getpid());
	char *journal = sk_mem_printf("%s-journal", part);
	char *name = keep > 0 ? sk_copies_name(real) : sk_mem_copy(real);
	int result;

	unlink(part);
	result = write_part(store, part, err);
	if (result == 0)
		result = settle(part, name, err);
	if (result != 0) {
		unlink(part);
		unlink(journal);
	} else if (keep > 0) {
		result = sk_copies_keep(real, name, keep, err);
	}
	free(name);
	free(journal);
	free(part);
	return result;
}

int
sk_store_keep_version(const struct sk_store *store, int64_t version, char **name,
    struct sk_error *err)
{
	/* SQLite copies nothing from a connection that is in a transaction of its own for writing. */
	struct sk_store source = {.path = store->path,
	    .file = store->file,
	    .busy_most = store->busy_most};
	char *real = sk_mem_printf("%s" SK_COPIES_VERSION "%lld", store->file, (long long)version);
	int code, result;

	*name = sk_copies_name(real);
	sk_copies_clean(real);
	code = sqlite3_open_v2(store->file, &source.db,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	result = code == SQLITE_OK ? back_up(&source, *name, 0, err)
				   : sk_sql_error(source.db, code, store->path, err);
	sqlite3_close(source.db);
	free(real);
	return result;
}

int
sk_store_backup(struct sk_store *store, const char *target, int keep, struct sk_error *err)
{
	struct stat st;
	char *real;
	int result = -1;

	if (store == NULL || store->db == NULL)
		return sk_error_set(err, SK_EXIT_NO_INPUT, "there is no database to copy yet");
	if (sk_copies_find(target, keep > 0, &real, err) != 0)
		return -1;
	if (is_ours(store->file, real)) {
		sk_error_set(err, SK_EXIT_USAGE,
		    "%s is a file of the database itself: name another file", target);
	} else if (keep > 0 && sk_copies_is_kept(real, store->file)) {
		sk_error_set(err, SK_EXIT_USAGE,
		    "the database %s has the name of a copy, and --keep deletes the older ones: "
		    "name another file than %s",
		    store->file, target);
	} else if (target[0] == '\0' || (stat(real, &st) == 0 && !S_ISREG(st.st_mode))) {
		sk_error_set(err, SK_EXIT_CANT_CREATE, "no copy can be written to '%s'", target);
	} else {
		sk_copies_clean(real);
		sk_progress_begin("pages", "copying the state file");
		result = back_up(store, real, keep, err);
		sk_progress_end();
	}
	free(real);
	return result;
}
