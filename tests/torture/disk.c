/* SPDX-License-Identifier: MIT */
/*
 * disk.so, for LD_PRELOAD: the Nth call that changes, syncs or locks a file of the state folder
 *fails, once or from then on. Syncing does nothing here, which is quicker, and the same to who is
 *asking.
 *
 *	SIKKA_STATE    the folder, as the kernel calls it
 *	SIKKA_FAULT    ENOSPC:once:17, EIO:on:17; NONE:once:0 hits nothing
 *	SIKKA_FAULTS   a file that gets a line for each call, "HIT" behind the ones that failed
 *
 * Without SIKKA_FAULT nothing is counted.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *state;
static int armed, sticky, error, log_fd = -1;
static long at, count;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *
real(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (function == NULL)
		_exit(99);
	return function;
}

static void __attribute__((constructor)) start(void)
{
	const char *fault = getenv("SIKKA_FAULT"), *calls = getenv("SIKKA_FAULTS");
	char name[16], mode[16];

	state = getenv("SIKKA_STATE");
	if (fault == NULL || state == NULL)
		return;
	if (sscanf(fault, "%15[^:]:%15[^:]:%ld", name, mode, &at) != 3)
		_exit(99);
	error = strcmp(name, "ENOSPC") == 0 ? ENOSPC : EIO;
	sticky = strcmp(mode, "on") == 0;
	if (calls != NULL)
		log_fd = open(calls, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	/* Commands that this one starts aren't affected. */
	unsetenv("SIKKA_FAULT");
	armed = 1;
}

static int
is_ours(const char *path)
{
	size_t n = strlen(state);

	return strncmp(path, state, n) == 0 && path[n] == '/';
}

static int
is_our_fd(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t n;
	int saved = errno, ours;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	ours = is_ours(path);
	errno = saved;
	return ours;
}

/* Whether this call, which concerns us, is to fail; then errno is set. */
static int
fails(const char *call)
{
	static ssize_t (*real_write)(int, const void *, size_t);
	char line[64];
	int hit, n;

	pthread_mutex_lock(&mutex);
	count++;
	hit = at > 0 && (count == at || (sticky && count > at));
	if (log_fd >= 0) {
		if (real_write == NULL)
			*(void **)&real_write = real("write");
		n = snprintf(line, sizeof line, "%s%s\n", call, hit ? " HIT" : "");
		if (real_write(log_fd, line, (size_t)n) != n)
			_exit(99);
	}
	pthread_mutex_unlock(&mutex);
	if (hit)
		errno = error;
	return hit;
}

#define FAILS_FD(fd, call) (armed && is_our_fd(fd) && fails(call))

ssize_t
write(int fd, const void *bytes, size_t n)
{
	static ssize_t (*next)(int, const void *, size_t);

	if (next == NULL)
		*(void **)&next = real("write");
	return FAILS_FD(fd, "write") ? -1 : next(fd, bytes, n);
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
	static ssize_t (*next)(int, const void *, size_t, off_t);

	if (next == NULL)
		*(void **)&next = real("pwrite64");
	return FAILS_FD(fd, "pwrite") ? -1 : next(fd, bytes, n, offset);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off64_t offset)
{
	return pwrite(fd, bytes, n, offset);
}

int
fsync(int fd)
{
	return FAILS_FD(fd, "fsync") ? -1 : 0;
}

int
fdatasync(int fd)
{
	return FAILS_FD(fd, "fdatasync") ? -1 : 0;
}

int
ftruncate(int fd, off_t length)
{
	static int (*next)(int, off_t);

	if (next == NULL)
		*(void **)&next = real("ftruncate64");
	return FAILS_FD(fd, "ftruncate") ? -1 : next(fd, length);
}

int
ftruncate64(int fd, off64_t length)
{
	return ftruncate(fd, length);
}

int
posix_fallocate(int fd, off_t offset, off_t length)
{
	static int (*next)(int, off_t, off_t);

	if (next == NULL)
		*(void **)&next = real("posix_fallocate64");
	return FAILS_FD(fd, "fallocate") ? error : next(fd, offset, length);
}

int
unlink(const char *path)
{
	static int (*next)(const char *);

	if (next == NULL)
		*(void **)&next = real("unlink");
	return armed && is_ours(path) && fails("unlink") ? -1 : next(path);
}

int
rename(const char *from, const char *to)
{
	static int (*next)(const char *, const char *);

	if (next == NULL)
		*(void **)&next = real("rename");
	return armed && is_ours(to) && fails("rename") ? -1 : next(from, to);
}

int
fcntl(int fd, int command, ...)
{
	static int (*next)(int, int, ...);
	va_list args;
	void *arg;

	if (next == NULL)
		*(void **)&next = real("fcntl64");
	va_start(args, command);
	arg = va_arg(args, void *);
	va_end(args);
	return FAILS_FD(fd, "fcntl") ? -1 : next(fd, command, arg);
}

int
fcntl64(int fd, int command, ...)
{
	va_list args;
	void *arg;

	va_start(args, command);
	arg = va_arg(args, void *);
	va_end(args);
	return fcntl(fd, command, arg);
}

static int
do_open(const char *call, const char *path, int flags, mode_t mode)
{
	int (*next)(const char *, int, ...);

	*(void **)&next = real(call);
	/* Making a file takes room; opening one that is there doesn't. */
	if (armed && (flags & O_CREAT) && is_ours(path) && access(path, F_OK) != 0 &&
	    fails("create"))
		return -1;
	return next(path, flags, mode);
}

int
open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(args, mode_t) : 0;
	va_end(args);
	return do_open("open", path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(args, mode_t) : 0;
	va_end(args);
	return do_open("open64", path, flags, mode);
}
