/* SPDX-License-Identifier: MIT */
/*
 * path: where the state file lies. A file, folder or mode that isn't safe is refused before SQLite
 * opens it; only a file that is to be begun is created.
 */
#include "store/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/place.h"
#include "base/twin.h"

/*
 * Whoever may write to the folder could replace our file, or put a journal beside it. Only a sticky
 * folder (/tmp) prevents that.
 */
static int
check_folder(const char *path, enum sk_store_open how, bool makes, struct sk_error *err)
{
	char *folder = sk_place_folder(path);
	struct stat st;
	int result = 0;

	if (makes && sk_place_make_folder(folder, err) != 0)
		result = -1;
	else if (stat(folder, &st) != 0)
		result = errno == ENOENT
		    ? 0
		    : sk_error_set(err, SK_EXIT_NOT_AUTHORIZED, "%s: %s", folder, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		result = sk_error_set(err, SK_EXIT_CONFIG, "%s is not a folder", folder);
	else if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0)
		result = sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "all users may write to the folder %s: chmod o-w %s", folder, folder);
	else if (how == SK_STORE_WRITE &&
	    faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0) {
		int error = errno;

		result = sk_error_set(err,
		    access(path, F_OK) == 0 ? SK_EXIT_CANT_WRITE : SK_EXIT_CANT_CREATE,
		    "the folder %s can't be written (%s), and the state file needs a journal in "
		    "it: chmod u+w it, or name another file with --db",
		    folder, strerror(error));
	}
	free(folder);
	return result;
}

/*
 * Called before SQLite has opened the file in this process, and for a new file only: closing a
 * descriptor of a file that is open would drop SQLite's locks on it.
 */
static int
create_file(const char *path, struct sk_error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd == -1 && errno != EEXIST)
		return sk_error_set(err, SK_EXIT_CANT_CREATE, "can't create %s: %s", path,
		    strerror(errno));
	if (fd != -1)
		close(fd);
	return 0;
}

/* 1 the file is there and safe, 0 it is missing, -1 error. */
static int
check_file(const char *path, enum sk_store_open how, struct sk_error *err)
{
	char hint[SK_PLACE_HINT];
	struct stat st;
	int error;

	if (stat(path, &st) != 0)
		return errno == ENOENT
		    ? 0
		    : sk_error_set(err, SK_EXIT_NOT_AUTHORIZED, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return sk_error_set(err, SK_EXIT_CONFIG, "%s is not a file", path);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "other users may read or write %s, which contains keys: chmod 600 %s", path,
		    path);
	if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0) {
		error = errno;
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED, "%s can't be read: %s%s", path,
		    strerror(error), sk_place_hint(path, error, hint));
	}
	if (how == SK_STORE_WRITE && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0) {
		error = errno;
		return sk_error_set(err, SK_EXIT_CANT_WRITE,
		    "%s can't be written (%s): chmod u+w %s%s", path, strerror(error), path,
		    sk_place_hint(path, error, hint));
	}
	return 1;
}

/* The highest row number that the lock file beside it knows; 0: none, or there is no such file. */
static int64_t
rows_seen(const char *path)
{
	struct sk_error ignored = {0};
	struct sk_lock *lock = NULL;
	struct sk_twin twin = {0};
	int64_t rows = 0;

	if (sk_lock_open_to_read(path, &lock, &ignored) == 1 &&
	    sk_twin_read(lock, &twin, &ignored) == 0)
		rows = twin.row > twin.earlier_row ? twin.row : twin.earlier_row;
	sk_lock_free(lock);
	return rows;
}

int
sk_store_misses(const char *path, struct sk_error *err)
{
	struct stat st;
	const char *what =
	    stat(path, &st) == 0 ? "the state file is empty" : "there is no state file there";
	int64_t rows = rows_seen(path);

	if (rows > 0)
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "%s: %s, but the lock file beside it has seen %lld requests (is its disk "
		    "mounted?); if the file is lost, restore the last copy that sikka-sweep "
		    "--backup made, then run sikka-sweep --after-restore",
		    path, what, (long long)rows);
	return sk_error_set(err, SK_EXIT_CONFIG,
	    "%s: %s (is its disk mounted, and is this the right name?); only sikka-authorize "
	    "begins a state file",
	    path, what);
}

int
sk_path_find(const char *path, enum sk_store_open how, int64_t pair, struct sk_error *err)
{
	int state;

	if (path[0] == '\0' || path[strlen(path) - 1] == '/')
		return sk_error_set(err, SK_EXIT_CONFIG, "'%s' doesn't name a state file", path);
	if (check_folder(path, how, pair != 0, err) != 0)
		return -1;
	state = check_file(path, how, err);
	if (state != 0 || how == SK_STORE_READ || how == SK_STORE_LOOK)
		return state;
	if (pair == 0)
		return sk_store_misses(path, err);
	if (create_file(path, err) != 0)
		return -1;
	state = check_file(path, how, err);
	return state != 0 ? state : sk_error_set(err, SK_EXIT_CANT_CREATE, "%s vanished", path);
}

int
sk_store_make_folder(const char *path, struct sk_error *err)
{
	return check_folder(path, SK_STORE_WRITE, true, err);
}
