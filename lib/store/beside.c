/* SPDX-License-Identifier: MIT */
/*
 * beside: looks at owners, modes and access. A file that is missing is no fault, as whoever needs it makes it;
 * one that can't be looked at is the folder's fault.
 */
#include "store/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/place.h"

/* The state file comes first. That others can read it is told by whoever opens it (store/path). */
static const char *const suffixes[SK_BESIDE_FILES] = {"", "-journal", ".lock", ".limits"};

/* Whose commands are to use the files: root's can use all, so the state file says whose they are. */
static uid_t
user_of(const char *db)
{
	struct stat st;

	return geteuid() == 0 && stat(db, &st) == 0 ? st.st_uid : geteuid();
}

/* Whose it is, and how it becomes the user's. */
static char *
foreign(const char *path, const struct stat *st, uid_t user)
{
	char hint[SK_PLACE_HINT];

	if (*sk_place_hint(path, EACCES, hint) != '\0')
		return sk_mem_printf("%s can't be used%s", path, hint);
	return sk_mem_printf("%s can't be used by the user %lld; it belongs to the user %lld: "
			     "chown %lld %s",
	    path, (long long)user, (long long)st->st_uid, (long long)user, path);
}

/* errno says why the path can't be written; mode: the command that mends it, unless it is the disk. */
static char *
not_writable(const char *path, const char *mode)
{
	int error = errno;

	if (error == EROFS)
		return sk_mem_printf(
		    "%s can't be written: %s; look for the reason with dmesg, then run: mount "
		    "-o remount,rw on its disk",
		    path, strerror(error));
	return sk_mem_printf("%s can't be written: %s; run: %s %s", path, strerror(error), mode,
	    path);
}

/* What is wrong with one file; NULL: nothing, or it is missing. */
static char *
fault_of(const char *path, uid_t user, bool is_state_file)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return NULL;
	if (st.st_uid != user)
		return foreign(path, &st, user);
	if (!is_state_file && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return sk_mem_printf("%s can be used by other users; run: chmod 600 %s", path,
		    path);
	if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) != 0)
		return not_writable(path, "chmod 600");
	return NULL;
}

/* NULL where the folder is missing: then so is the state file. */
static char *
fault_of_folder(const char *db)
{
	char *folder = sk_place_folder(db), *fault = NULL, *text;

	if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0 && errno != ENOENT) {
		fault = not_writable(folder, "chmod u+rwx");
		text = sk_mem_printf("the folder %s", fault);
		free(fault);
		fault = text;
	}
	free(folder);
	return fault;
}

char *
sk_beside_path(const char *db, size_t number)
{
	return number < SK_BESIDE_FILES ? sk_mem_printf("%s%s", db, suffixes[number])
					: sk_place_folder(db);
}

char *
sk_beside_fault(const char *db, size_t number)
{
	char *path, *fault;

	if (number >= SK_BESIDE_FILES)
		return fault_of_folder(db);
	path = sk_beside_path(db, number);
	fault = fault_of(path, user_of(db), number == 0);
	free(path);
	return fault;
}

size_t
sk_beside_faults(const char *db, char *texts[SK_BESIDE_MOST])
{
	size_t n = 0;

	for (size_t i = 0; i < SK_BESIDE_MOST; i++) {
		texts[n] = sk_beside_fault(db, i);
		n += texts[n] != NULL;
	}
	return n;
}
