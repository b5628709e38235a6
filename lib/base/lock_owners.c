/* SPDX-License-Identifier: MIT */
/*
 * lock_owners: which processes hold a lock. fcntl doesn't tell the owner of an OFD lock, but
 * /proc/PID/fdinfo lists the locks of each file that a process has open.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock_parts.h"

#define PATH 64
#define LINE 256

struct search {
	struct stat file;
	int64_t first, end; /* the bytes of that kind */
};

/* "lock:	1: OFDLCK  ADVISORY  WRITE 1234 08:01:5678 FIRST LAST": whether it is one of them. */
static bool
is_sought(const struct search *search, char *line)
{
	char *space = strrchr(line, ' ');
	int64_t first;

	if (strncmp(line, "lock:", 5) != 0 || space == NULL)
		return false;
	*space = '\0';
	space = strrchr(line, ' ');
	if (space == NULL)
		return false;
	first = strtoll(space + 1, NULL, 10);
	return first >= search->first && first < search->end;
}

/* Whether the process holds one by this file that it has open. */
static bool
holds_by(const struct search *search, long pid, const char *fd)
{
	char path[PATH], line[LINE];
	struct stat status;
	bool found = false;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/%ld/fd/%.12s", pid, fd);
	if (stat(path, &status) != 0 || status.st_ino != search->file.st_ino ||
	    status.st_dev != search->file.st_dev)
		return false;
	snprintf(path, sizeof(path), "/proc/%ld/fdinfo/%.12s", pid, fd);
	info = fopen(path, "re");
	if (info == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), info) != NULL)
		found = is_sought(search, line);
	fclose(info);
	return found;
}

static bool
is_owner(const struct search *search, long pid)
{
	char path[PATH];
	const struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
	folder = opendir(path);
	if (folder == NULL)
		return false;
	/* cppcheck-suppress readdirCalled */
	while (!found && (entry = readdir(folder)) != NULL)
		found = entry->d_name[0] != '.' && holds_by(search, pid, entry->d_name);
	closedir(folder);
	return found;
}

size_t
sk_lock_owners(const struct sk_lock *lock, enum sk_lock_kind kind, long *pids, size_t most)
{
	struct search search = {.first = SK_LOCK_BYTES(kind),
	    .end = SK_LOCK_BYTES(kind) + SK_LOCK_NUMBERS};
	const struct dirent *entry;
	size_t n = 0;
	DIR *folder;

	if (fstat(lock->fd, &search.file) != 0)
		return 0;
	folder = opendir("/proc");
	if (folder == NULL)
		return 0;
	/* cppcheck-suppress readdirCalled */
	while (n < most && (entry = readdir(folder)) != NULL) {
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid > 0 && pid != (long)getpid() && is_owner(&search, pid))
			pids[n++] = pid;
	}
	closedir(folder);
	return n;
}
