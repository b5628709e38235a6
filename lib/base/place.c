/* SPDX-License-Identifier: MIT */
/*
 * place: the file that a path means, and whose it is. No file is opened: a path that can't be resolved
 * stays as it is, and whoever opens it learns why.
 */
#include "base/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/who.h"

char *
sk_place_expanded(const char *path)
{
	const char *home = getenv("HOME");

	if (strncmp(path, "~/", 2) != 0)
		return sk_mem_copy(path);
	if (home == NULL || home[0] != '/')
		return NULL;
	return sk_mem_printf("%s/%s", home, path + 2);
}

/* folder/name, or NULL when the folder can't be resolved. */
static char *
within(const char *folder, const char *name)
{
	char *real = realpath(folder, NULL), *path = NULL;

	if (real != NULL)
		path = sk_mem_printf("%s/%s", strcmp(real, "/") == 0 ? "" : real, name);
	free(real);
	return path;
}

char *
sk_place_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return sk_mem_copy(".");
	return sk_mem_copy_bytes(path, slash == path ? 1 : (size_t)(slash - path));
}

int
sk_place_sync_name(const char *path)
{
	char *folder = sk_place_folder(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error;

	free(folder);
	if (fd == -1)
		return -1;
	/* Some file systems can't sync a folder, and needn't. */
	error = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
	close(fd);
	errno = error;
	return error == 0 ? 0 : -1;
}

int
sk_place_sync(const char *path, struct sk_error *err)
{
	char *folder;
	int error;

	if (sk_place_sync_name(path) == 0)
		return 0;
	error = errno;
	folder = sk_place_folder(path);
	sk_error_set(err, SK_EXIT_CANT_WRITE, "%s: %s", folder, strerror(error));
	free(folder);
	return -1;
}

int
sk_place_make_folder(const char *folder, struct sk_error *err)
{
	struct stat st;
	char *parent;
	int result;

	if (stat(folder, &st) == 0)
		return 0;
	parent = sk_place_folder(folder);
	result = strcmp(parent, folder) == 0 ? 0 : sk_place_make_folder(parent, err);
	if (result == 0 && mkdir(folder, 0700) != 0 && errno != EEXIST)
		result = sk_error_set(err, SK_EXIT_CANT_CREATE, "can't create the folder %s: %s",
		    folder, strerror(errno));
	else if (result == 0)
		sk_place_sync_name(folder);
	free(parent);
	return result;
}

char *
sk_place_real(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	char *real = realpath(path, NULL), *folder;

	if (real != NULL)
		return real;
	folder = sk_place_folder(path);
	/* A last part that is no name of a file would change its meaning behind a resolved folder. */
	if (name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		real = within(folder, name);
	free(folder);
	if (real == NULL && path[0] != '/')
		real = within(".", path);
	return real != NULL ? real : sk_mem_copy(path);
}

int
sk_place_give(int fd, const char *other)
{
	struct stat ours, theirs;

	if (geteuid() != 0 || stat(other, &theirs) != 0)
		return 0;
	if (fstat(fd, &ours) != 0)
		return -1;
	if (ours.st_uid == theirs.st_uid && ours.st_gid == theirs.st_gid)
		return 0;
	return fchown(fd, theirs.st_uid, theirs.st_gid);
}

bool
sk_place_is_short(int error)
{
	return error == EMFILE || error == ENFILE;
}

/* Its name, or its number where it has none. */
static void
name_user(uid_t uid, char name[SK_WHO_NAME])
{
	sk_who_name_user((int64_t)uid, name);
	if (name[0] == '\0')
		snprintf(name, SK_WHO_NAME, "%lld", (long long)uid);
}

static void
hint_at_owner(const char *path, char text[SK_PLACE_HINT])
{
	char owner[SK_WHO_NAME];
	struct stat st;

	if (stat(path, &st) != 0 || st.st_uid == geteuid() || geteuid() == 0)
		return;
	name_user(st.st_uid, owner);
	snprintf(text, SK_PLACE_HINT,
	    "; it belongs to the user %s: run this as that user, or as root: chown %lld %s", owner,
	    (long long)geteuid(), path);
}

const char *
sk_place_hint(const char *path, int error, char text[SK_PLACE_HINT])
{
	struct rlimit limit;

	text[0] = '\0';
	if (!sk_place_is_short(error))
		hint_at_owner(path, text);
	else if (error == EMFILE && getrlimit(RLIMIT_NOFILE, &limit) == 0)
		snprintf(text, SK_PLACE_HINT,
		    "; this process may have %llu files open: raise that with ulimit -n",
		    (unsigned long long)limit.rlim_cur);
	return text;
}
