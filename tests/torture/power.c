/* SPDX-License-Identifier: MIT */
/*
 * power.so, for LD_PRELOAD: the power fails at the Nth event. What was written to the state folder
 *and not synced since is undone, but for a seeded part of it; then the process dies by SIGKILL.
 *
 * An event is a call that writes, cuts or syncs a file of the folder, makes or removes one, or
 *sends or receives on a socket; the power fails before it is done. Of each file the bytes as they
 *were when it was last synced are kept here, and what was done to it since, in order. A new file's
 *name is durable once its folder was synced, and so is a removal. Whatever was there when the
 *process began is durable.
 *
 *	SIKKA_STATE    the folder, as the kernel calls it
 *	SIKKA_POWER    N:SEED; SEED 0 keeps nothing, others each piece with an even chance
 *	SIKKA_EVENTS   a file that gets a line for each event
 *	SIKKA_NOSYNC   not empty: syncing is only pretended, as with synchronous=OFF
 *
 * The syncing itself is never done: a machine that stays up doesn't need it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct change {
	off_t at;
	size_t n; /* of bytes; for a cut 0 */
	int is_cut;
	char *bytes;
};

/* of one name in the folder */
struct file {
	char path[PATH_MAX];
	char *bytes; /* as synced */
	size_t n;
	struct change *changes;
	size_t n_changes, room;
	int is_named;   /* the name is durable */
	int is_removed; /* and its removal isn't yet */
};

static struct file files[16];
static size_t n_files;
static const char *state;
static int armed, no_sync, log_fd = -1;
static long at, count;
static uint64_t seed;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*next_write)(int, const void *, size_t);
static ssize_t (*next_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*next_send)(int, const void *, size_t, int);
static ssize_t (*next_recv)(int, void *, size_t, int);
static int (*next_ftruncate)(int, off_t);
static int (*next_unlink)(const char *);
static int (*next_open)(const char *, int, ...);

static void *
real(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (function == NULL)
		_exit(99);
	return function;
}

static void
find_real(void)
{
	if (next_open != NULL)
		return;
	*(void **)&next_write = real("write");
	*(void **)&next_pwrite = real("pwrite64");
	*(void **)&next_send = real("send");
	*(void **)&next_recv = real("recv");
	*(void **)&next_ftruncate = real("ftruncate64");
	*(void **)&next_unlink = real("unlink");
	*(void **)&next_open = real("open64");
}

static void __attribute__((constructor)) start(void)
{
	const char *power = getenv("SIKKA_POWER"), *events = getenv("SIKKA_EVENTS");
	unsigned long long number;

	find_real();
	state = getenv("SIKKA_STATE");
	if (power == NULL || state == NULL)
		return;
	if (sscanf(power, "%ld:%llu", &at, &number) != 2)
		_exit(99);
	/* Each point gets a seed of its own. */
	seed = number == 0
	    ? 0
	    : (number * 2654435761U + (uint64_t)at) * UINT64_C(6364136223846793005) | 1;
	no_sync = getenv("SIKKA_NOSYNC") != NULL && *getenv("SIKKA_NOSYNC") != '\0';
	if (events != NULL)
		log_fd = next_open(events, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	unsetenv("SIKKA_POWER");
	armed = 1;
}

static int
is_kept(void)
{
	if (seed == 0)
		return 0;
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 32) & 1;
}

static void *
need(void *bytes)
{
	if (bytes == NULL)
		_exit(99);
	return bytes;
}

static int
is_ours(const char *path)
{
	size_t n = strlen(state);

	return strncmp(path, state, n) == 0 && path[n] == '/';
}

/* 1 a file in the folder, 2 the folder itself */
static int
whose(int fd, char *path)
{
	char link[64];
	ssize_t n;
	int saved = errno;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = '\0';
	errno = saved;
	return strcmp(path, state) == 0 ? 2 : is_ours(path);
}

static struct file *
find(const char *path)
{
	struct stat status;
	struct file *file;
	size_t i, done = 0;
	int fd;

	for (i = 0; i < n_files; i++) {
		if (strcmp(files[i].path, path) == 0)
			return &files[i];
	}
	if (n_files == sizeof files / sizeof *files)
		_exit(99);
	file = &files[n_files++];
	snprintf(file->path, sizeof file->path, "%s", path);
	fd = next_open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return file;
	file->is_named = 1;
	if (fstat(fd, &status) != 0)
		_exit(99);
	file->n = (size_t)status.st_size;
	file->bytes = need(malloc(file->n + 1));
	while (done < file->n) {
		ssize_t n = pread(fd, file->bytes + done, file->n - done, (off_t)done);

		if (n <= 0)
			_exit(99);
		done += (size_t)n;
	}
	/* The program's own descriptor is used: closing one here would drop its POSIX locks. */
	return file;
}

static void
grow(struct file *file, size_t n)
{
	if (n <= file->n)
		return;
	file->bytes = need(realloc(file->bytes, n + 1));
	memset(file->bytes + file->n, 0, n - file->n);
	file->n = n;
}

static void
apply(struct file *file, const struct change *change)
{
	if (change->is_cut) {
		grow(file, (size_t)change->at);
		file->n = (size_t)change->at;
		return;
	}
	grow(file, (size_t)change->at + change->n);
	memcpy(file->bytes + change->at, change->bytes, change->n);
}

static void
forget(struct file *file)
{
	size_t i;

	for (i = 0; i < file->n_changes; i++)
		free(file->changes[i].bytes);
	file->n_changes = 0;
}

/* What became of the file when the power came back. */
static void
write_back(struct file *file)
{
	size_t i, done = 0;
	int fd;

	for (i = 0; i < file->n_changes; i++) {
		if (is_kept())
			apply(file, &file->changes[i]);
	}
	if (!file->is_named && !is_kept()) {
		next_unlink(file->path);
		return;
	}
	if (file->is_removed && is_kept())
		return;
	fd = next_open(file->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1 || next_ftruncate(fd, 0) != 0)
		_exit(99);
	while (done < file->n) {
		ssize_t n = next_pwrite(fd, file->bytes + done, file->n - done, (off_t)done);

		if (n <= 0)
			_exit(99);
		done += (size_t)n;
	}
}

static void
event(const char *what)
{
	char line[64];
	size_t i;
	int n;

	count++;
	if (log_fd >= 0) {
		n = snprintf(line, sizeof line, "%s%s\n", what, count == at ? " OFF" : "");
		if (next_write(log_fd, line, (size_t)n) != n)
			_exit(99);
	}
	if (count != at)
		return;
	for (i = 0; i < n_files; i++)
		write_back(&files[i]);
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static void
note(struct file *file, int is_cut, off_t offset, const void *bytes, size_t n)
{
	struct change *change;

	if (file->n_changes == file->room) {
		file->room = 2 * file->room + 64;
		file->changes = need(realloc(file->changes, file->room * sizeof *file->changes));
	}
	change = &file->changes[file->n_changes++];
	change->is_cut = is_cut;
	change->at = offset;
	change->n = n;
	change->bytes = NULL;
	if (n > 0)
		change->bytes = memcpy(need(malloc(n)), bytes, n);
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
	char path[PATH_MAX];
	ssize_t done;

	find_real();
	if (!armed || whose(fd, path) != 1)
		return next_pwrite(fd, bytes, n, offset);
	pthread_mutex_lock(&mutex);
	event("write");
	/* To be called before writing: what a file holds when it is first seen is durable. */
	note(find(path), 0, offset, bytes, n);
	done = next_pwrite(fd, bytes, n, offset);
	if (done != (ssize_t)n)
		_exit(99);
	pthread_mutex_unlock(&mutex);
	return done;
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off64_t offset)
{
	return pwrite(fd, bytes, n, offset);
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	char path[PATH_MAX];

	find_real();
	/* Our commands don't write the state's files this way. If one ever does, the test must fail. */
	if (armed && whose(fd, path) == 1)
		_exit(99);
	return next_write(fd, bytes, n);
}

int
ftruncate(int fd, off_t length)
{
	char path[PATH_MAX];
	int result;

	find_real();
	if (!armed || whose(fd, path) != 1)
		return next_ftruncate(fd, length);
	pthread_mutex_lock(&mutex);
	event("cut");
	note(find(path), 1, length, NULL, 0);
	result = next_ftruncate(fd, length);
	pthread_mutex_unlock(&mutex);
	return result;
}

int
ftruncate64(int fd, off64_t length)
{
	return ftruncate(fd, length);
}

static int
sync_it(int fd)
{
	char path[PATH_MAX];
	struct file *file;
	size_t i;
	int is;

	find_real();
	if (!armed || (is = whose(fd, path)) == 0)
		return 0;
	pthread_mutex_lock(&mutex);
	event(is == 2 ? "sync-folder" : "sync");
	if (!no_sync && is == 1) {
		file = find(path);
		for (i = 0; i < file->n_changes; i++)
			apply(file, &file->changes[i]);
		forget(file);
	} else if (!no_sync) {
		for (i = 0; i < n_files; i++) {
			files[i].is_named = access(files[i].path, F_OK) == 0;
			if (files[i].is_removed) {
				forget(&files[i]);
				files[i].n = 0;
			}
			files[i].is_removed = 0;
		}
	}
	pthread_mutex_unlock(&mutex);
	return 0;
}

int
fsync(int fd)
{
	return sync_it(fd);
}

int
fdatasync(int fd)
{
	return sync_it(fd);
}

int
unlink(const char *path)
{
	struct file *file;
	int result;

	find_real();
	if (!armed || !is_ours(path) || access(path, F_OK) != 0)
		return next_unlink(path);
	pthread_mutex_lock(&mutex);
	event("unlink");
	file = find(path);
	result = next_unlink(path);
	/* A file whose name was never durable is gone for good. */
	file->is_removed = file->is_named;
	if (!file->is_named) {
		forget(file);
		file->n = 0;
	}
	pthread_mutex_unlock(&mutex);
	return result;
}

int
rename(const char *from, const char *to)
{
	int (*next)(const char *, const char *);

	*(void **)&next = real("rename");
	/* As for write: none of the tried commands does this. */
	if (armed && (is_ours(from) || is_ours(to)))
		_exit(99);
	return next(from, to);
}

static int
do_open(const char *path, int flags, mode_t mode)
{
	int is_new = armed && (flags & O_CREAT) && is_ours(path) && access(path, F_OK) != 0;
	int fd;

	find_real();
	if (!is_new)
		return next_open(path, flags, mode);
	pthread_mutex_lock(&mutex);
	event("create");
	find(path);
	fd = next_open(path, flags, mode);
	pthread_mutex_unlock(&mutex);
	return fd;
}

int
open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(args, mode_t) : 0;
	va_end(args);
	return do_open(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(args, mode_t) : 0;
	va_end(args);
	return do_open(path, flags, mode);
}

static void
network(const char *what)
{
	if (!armed)
		return;
	pthread_mutex_lock(&mutex);
	event(what);
	pthread_mutex_unlock(&mutex);
}

ssize_t
send(int fd, const void *bytes, size_t n, int flags)
{
	find_real();
	network("send");
	return next_send(fd, bytes, n, flags);
}

ssize_t
recv(int fd, void *bytes, size_t n, int flags)
{
	find_real();
	network("recv");
	return next_recv(fd, bytes, n, flags);
}
