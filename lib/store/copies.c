/* SPDX-License-Identifier: MIT */
/*
 * copies: where a copy of the state file goes, and which ones stay. It contains keys: so a link that another
 * user could have laid is refused, and nothing is deleted but files whose names have the form of a copy's.
 */
#include "store/copies.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/place.h"
#include "base/time.h"

#define MOST_LINKS 40
#define STAMP "-YYYYMMDDTHHMMSSZ"
#define PART ".tmp-"

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Whether it is "-20260207T153000Z": a digit for each letter of the form but T and Z. */
static bool
is_stamp(const char *text)
{
	static const char form[] = STAMP;

	if (strlen(text) != strlen(form))
		return false;
	for (size_t i = 0; form[i] != '\0'; i++) {
		bool is_digit = strchr("YMDHS", form[i]) != NULL;

		if (is_digit ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	}
	return true;
}

/* Whether name is that of a copy of base that is kept. */
static bool
is_kept(const char *name, const char *base)
{
	size_t n = strlen(base);

	return strncmp(name, base, n) == 0 && is_stamp(name + n);
}

bool
sk_copies_is_kept(const char *real, const char *path)
{
	return is_kept(path, real);
}

/* --- links ------------------------------------------------------------------------------------ */

/* Whoever else can lay a link, or change it, could have the keys written to a place of his. */
static int
check_link(const char *link, const struct stat *status, struct sk_error *err)
{
	char *folder = sk_place_folder(link);
	struct stat st;
	int result = 0;

	if (status->st_uid != geteuid() && status->st_uid != 0)
		result = sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "%s is a link that another user has made: name the file itself", link);
	else if (stat(folder, &st) != 0)
		result = sk_error_set(err, SK_EXIT_CANT_CREATE, "%s: %s", folder, strerror(errno));
	else if ((st.st_uid != geteuid() && st.st_uid != 0) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		result = sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "%s is a link, and other users may write to its folder: chmod go-w %s, or name "
		    "the file itself",
		    link, folder);
	free(folder);
	return result;
}

/* One link further: 1 *path is what it leads to; 0 it is what is meant; -1. */
static int
follow(char **path, int keeps, struct sk_error *err)
{
	char to[PATH_MAX], *folder, *next;
	struct stat status;
	ssize_t n;

	if (lstat(*path, &status) != 0 || !S_ISLNK(status.st_mode))
		return 0;
	n = readlink(*path, to, sizeof(to) - 1);
	if (n < 0)
		return sk_error_set(err, SK_EXIT_CANT_CREATE, "%s: %s", *path, strerror(errno));
	to[n] = '\0';
	if (check_link(*path, &status, err) != 0)
		return -1;
	if (keeps && is_kept(to, name_of(*path)))
		return 0;
	if (stat(*path, &status) != 0)
		return sk_error_set(err, SK_EXIT_CANT_CREATE,
		    "%s is a link to %s, which isn't there (is its disk mounted?): no copy is "
		    "written; if this is the right place, make an empty file there first",
		    *path, to);
	folder = sk_place_folder(*path);
	next = to[0] == '/' ? sk_mem_copy(to) : sk_mem_printf("%s/%s", folder, to);
	free(folder);
	free(*path);
	*path = next;
	return 1;
}

int
sk_copies_find(const char *target, int keeps, char **real, struct sk_error *err)
{
	char *path = sk_mem_copy(target), *folder, *place;
	int followed = 1;

	for (int i = 0; i < MOST_LINKS && followed == 1; i++)
		followed = follow(&path, keeps, err);
	if (followed != 0) {
		free(path);
		return sk_error_set(err, SK_EXIT_CANT_CREATE, "%s: too many links", target);
	}
	/* The last part isn't a link any more, or it is to be replaced. */
	folder = sk_place_folder(path);
	place = realpath(folder, NULL);
	*real = place != NULL
	    ? sk_mem_printf("%s/%s", strcmp(place, "/") == 0 ? "" : place, name_of(path))
	    : sk_place_real(path);
	free(place);
	free(folder);
	free(path);
	return 0;
}

/* --- the files of a folder ------------------------------------------------------------------------ */

/* The names in the folder of real that is_wanted, each as a path, in order: *names and its texts are the caller's. */
static size_t
list(const char *real, bool (*is_wanted)(const char *name, const char *base), char ***names)
{
	char *folder = sk_place_folder(real);
	DIR *stream = opendir(folder);
	const struct dirent *entry;
	size_t n = 0;

	*names = NULL;
	/* cppcheck-suppress readdirCalled */
	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		if (!is_wanted(entry->d_name, name_of(real)))
			continue;
		*names = sk_mem_resize(*names, n + 1, sizeof(**names));
		(*names)[n++] = sk_mem_printf("%s/%s", folder, entry->d_name);
	}
	if (stream != NULL)
		closedir(stream);
	free(folder);
	return n;
}

static void
free_names(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

static bool
is_own_file(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && status.st_uid == geteuid() &&
	    (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode));
}

/* One that was killed may wait for a parent that never asks for it, as in a container: it is gone, too. */
static bool
is_gone(pid_t pid)
{
	char path[64], text[512];
	const char *name_end;
	FILE *file;
	size_t n;

	if (kill(pid, 0) != 0)
		return errno == ESRCH;
	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	name_end = strrchr(text, ')');
	return name_end != NULL && strncmp(name_end, ") Z", 3) == 0;
}

/* "FILE.tmp-PID", of which no such process runs, or its journal. */
static bool
is_left(const char *name, const char *base)
{
	size_t n = strlen(base);
	const char *digits;
	char *end;
	long pid;

	if (strncmp(name, base, n) != 0 || strncmp(name + n, PART, strlen(PART)) != 0)
		return false;
	digits = name + n + strlen(PART);
	pid = strtol(digits, &end, 10);
	if (!isdigit((unsigned char)digits[0]) || pid <= 0 || pid > INT_MAX ||
	    (*end != '\0' && strcmp(end, "-journal") != 0))
		return false;
	return is_gone((pid_t)pid);
}

/* A process of another machine, or of another container, that writes it holds SQLite's lock on it. */
static bool
is_locked(const char *path)
{
	struct flock region = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	bool locked;

	if (fd == -1)
		return false;
	locked = fcntl(fd, F_GETLK, &region) == 0 && region.l_type != F_UNLCK;
	close(fd);
	return locked;
}

void
sk_copies_clean(const char *real)
{
	char **names;
	size_t n = list(real, is_left, &names);

	for (size_t i = 0; i < n; i++)
		if (is_own_file(names[i]) && !is_locked(names[i]))
			unlink(names[i]);
	free_names(names, n);
}

/* --- those that are kept ---------------------------------------------------------------------------- */

char *
sk_copies_name(const char *real)
{
	char moment[SK_TIME_TEXT], stamp[SK_TIME_TEXT];
	size_t n = 0;

	sk_time_format(sk_time_now(), moment);
	for (const char *at = moment; *at != '\0' && *at != '.'; at++)
		if (*at != '-' && *at != ':')
			stamp[n++] = *at;
	stamp[n] = '\0';
	return sk_mem_printf("%s-%sZ", real, stamp);
}

size_t
sk_copies_kept(const char *real, char ***files)
{
	return list(real, is_kept, files);
}

/* "FILE.version-5-YYYYMMDDTHHMMSSZ" */
static bool
is_of_version(const char *name, const char *base)
{
	size_t n = strlen(base), length = strlen(name), stamp = strlen(STAMP);

	return strncmp(name, base, n) == 0 &&
	    strncmp(name + n, SK_COPIES_VERSION, strlen(SK_COPIES_VERSION)) == 0 &&
	    length > stamp && is_stamp(name + length - stamp);
}

size_t
sk_copies_before_upgrade(const char *state, char ***files)
{
	return list(state, is_of_version, files);
}

static int
newest_first(const void *a, const void *b)
{
	return strcmp(*(char *const *)b, *(char *const *)a);
}

/* The new one stays in any case: a clock may have been set back. */
static int
delete_oldest(const char *real, const char *name, int keep, struct sk_error *err)
{
	char **names;
	size_t n = list(real, is_kept, &names);
	int kept = 1, result = 0;
	struct stat status;

	if (n > 0)
		qsort(names, n, sizeof(*names), newest_first);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(name_of(names[i]), name_of(name)) == 0 ||
		    lstat(names[i], &status) != 0 || !S_ISREG(status.st_mode) || kept++ < keep)
			continue;
		if (unlink(names[i]) != 0 && errno != ENOENT)
			result = sk_error_set(err, SK_EXIT_CANT_WRITE,
			    "the old copy %s can't be deleted: %s", names[i], strerror(errno));
	}
	free_names(names, n);
	return result;
}

int
sk_copies_keep(const char *real, const char *name, int keep, struct sk_error *err)
{
	char *link = sk_mem_printf("%s%s%ld", real, PART, (long)getpid());
	int result = 0;

	unlink(link);
	if (symlink(name_of(name), link) != 0 || rename(link, real) != 0) {
		result = sk_error_set(err, SK_EXIT_CANT_WRITE, "%s can't be made a link to %s: %s",
		    real, name_of(name), strerror(errno));
		unlink(link);
	}
	free(link);
	if (result == 0)
		result = sk_place_sync(real, err);
	return result == 0 ? delete_oldest(real, name, keep, err) : -1;
}
