/* SPDX-License-Identifier: MIT */
/*
 * shift-clock.so, for LD_PRELOAD: lets time pass for all the processes of a test, plays another
 * boot of the machine, stops a process at a given place, and keeps what the commands write.
 * tests/lib.sh preloads it.
 *
 *	SIKKA_SHIFT   a file with seven numbers, twice, in two lines of LINE bytes each:
 *	              "WALL BOOT MONOTONIC SERVER BOOTS STOOD UP". The first three are the seconds by which
 *	              CLOCK_REALTIME, CLOCK_BOOTTIME and CLOCK_MONOTONIC go ahead of the kernel's.
 *	              SERVER is the same for each clock of sikka-sim, which stands for a machine
 *	              elsewhere. BOOTS is how often this machine was booted anew: from then on both
 *	              CLOCK_BOOTTIME and CLOCK_MONOTONIC go by the kernel's CLOCK_BOOTTIME, and the
 *	              boot id is read from "SIKKA_SHIFT.boot_id". STOOD and UP are the
 *	              milliseconds of the kernel's CLOCK_REALTIME and CLOCK_BOOTTIME at which
 *	              time stands still, or 0; the CLOCK_MONOTONIC of this machine, by which its
 *	              programs wait, goes on.
 *	SIKKA_STOP    where it stops itself (SIGSTOP), once: "connect", before its first connection,
 *	              so between the claim of a row and its sending; "recv", before it reads the
 *	              first byte of an answer; "copy", before it writes to a copy of the state file.
 *	SIKKA_KEPT    a folder: what a command writes to its standard output is kept there, too, in
 *	              the file "NAME.PID.BEGUN", so that it can be held against the schemas of the records.
 *
 * The file is mapped when the program starts: who moves time writes into it, without truncating.
 * Reading a clock needs no system call then. Who waits for a given time looks at the clock again
 * every SLICE milliseconds, so that time may pass while it waits.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LINE 89
#define SLICE 100
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* What the name means in the libraries behind this one. */
#define NEXT(name, pointer)                                            \
	do {                                                           \
		if ((pointer) == NULL)                                 \
			*(void **)&(pointer) = dlsym(RTLD_NEXT, name); \
	} while (0)

/* Of the C library, for callers that were compiled with checks. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);

struct shift {
	long wall, boot, monotonic, server, boots, stood, up;
};

static const char *mapped;
static bool is_server;

__attribute__((constructor)) static void
map_file(void)
{
	const char *file = getenv("SIKKA_SHIFT");
	int fd = file != NULL ? open(file, O_RDONLY | O_CLOEXEC) : -1;
	void *at;

	is_server = strcmp(program_invocation_short_name, "sikka-sim") == 0;
	if (fd < 0)
		return;
	at = mmap(NULL, 2 * LINE, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (at != MAP_FAILED)
		mapped = at;
}

/*
 * The writer goes from the first line to the second one, and the reader the other way round: where
 * both are equal, nobody wrote meanwhile. A writer that was killed in between leaves them unequal for
 * good; then the second line, which is whole, counts.
 */
static void
read_shift(struct shift *shift)
{
	char first[LINE + 1] = "", second[LINE + 1] = "";
	int tries = 0;

	memset(shift, 0, sizeof *shift);
	if (mapped == NULL)
		return;
	do {
		memcpy(second, mapped + LINE, LINE);
		__sync_synchronize();
		memcpy(first, mapped, LINE);
		__sync_synchronize();
	} while (memcmp(first, second, LINE) != 0 && ++tries < 100000);
	sscanf(second, "%ld %ld %ld %ld %ld %ld %ld", &shift->wall, &shift->boot, &shift->monotonic,
	    &shift->server, &shift->boots, &shift->stood, &shift->up);
}

/* --- clocks ------------------------------------------------------------------------------------ */

/* The three kinds of clocks; the coarse and the raw ones are like these. -1: another one. */
static clockid_t
kind_of(clockid_t clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		return CLOCK_REALTIME;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_MONOTONIC_RAW:
		return CLOCK_MONOTONIC;
	case CLOCK_BOOTTIME:
		return CLOCK_BOOTTIME;
	default:
		return -1;
	}
}

/* The kernel's clock that this one goes by. */
static clockid_t
base_of(const struct shift *shift, clockid_t kind)
{
	if (kind == CLOCK_MONOTONIC && (is_server || shift->boots > 0))
		return CLOCK_BOOTTIME;
	return kind;
}

static long
seconds_ahead(const struct shift *shift, clockid_t kind)
{
	if (is_server)
		return shift->server;
	if (kind == CLOCK_REALTIME)
		return shift->wall;
	return kind == CLOCK_BOOTTIME ? shift->boot : shift->monotonic;
}

static void
stand_still(const struct shift *shift, clockid_t kind, struct timespec *now)
{
	long ms = kind == CLOCK_REALTIME ? shift->stood : shift->up;

	if (shift->stood == 0 || (kind == CLOCK_MONOTONIC && !is_server))
		return;
	now->tv_sec = ms / 1000;
	now->tv_nsec = ms % 1000 * 1000000;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*next)(clockid_t, struct timespec *);
	clockid_t kind = kind_of(clock);
	struct shift shift;

	NEXT("clock_gettime", next);
	if (kind == -1)
		return next(clock, now);
	read_shift(&shift);
	if (next(base_of(&shift, kind), now) != 0)
		return -1;
	stand_still(&shift, kind, now);
	now->tv_sec += seconds_ahead(&shift, kind);
	return 0;
}

time_t
time(time_t *where)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (where != NULL)
		*where = now.tv_sec;
	return now.tv_sec;
}

int
gettimeofday(struct timeval *restrict where, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	where->tv_sec = now.tv_sec;
	where->tv_usec = now.tv_nsec / 1000;
	return 0;
}

/* --- waiting ----------------------------------------------------------------------------------- */

/* It goes on where time stands still. */
static int64_t
now_ms(void)
{
	static int (*next)(clockid_t, struct timespec *);
	struct shift shift;
	struct timespec now;

	NEXT("clock_gettime", next);
	read_shift(&shift);
	next(base_of(&shift, CLOCK_MONOTONIC), &now);
	now.tv_sec += seconds_ahead(&shift, CLOCK_MONOTONIC);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One more than asked for, as the moment it begins at is rounded down. */
static int64_t
end_of(int64_t ms)
{
	return now_ms() + ms + 1;
}

/* How long to wait next; 0: the time is over. Never longer than what was asked for. */
static int
next_slice(int64_t end, int64_t asked)
{
	int64_t left = end - now_ms();

	if (left <= 0)
		return 0;
	if (left > asked)
		left = asked;
	return left < SLICE ? (int)left : SLICE;
}

int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	static int (*next)(struct pollfd *, nfds_t, int);
	int64_t end;
	int slice, ready;

	NEXT("poll", next);
	if (timeout <= 0 || mapped == NULL)
		return next(fds, n, timeout);
	end = end_of(timeout);
	do {
		slice = next_slice(end, timeout);
		ready = next(fds, n, slice);
	} while (ready == 0 && slice > 0);
	return ready;
}

int
epoll_wait(int epoll, struct epoll_event *events, int n, int timeout)
{
	static int (*next)(int, struct epoll_event *, int, int);
	int64_t end;
	int slice, ready;

	NEXT("epoll_wait", next);
	if (timeout <= 0 || mapped == NULL)
		return next(epoll, events, n, timeout);
	end = end_of(timeout);
	do {
		slice = next_slice(end, timeout);
		ready = next(epoll, events, n, slice);
	} while (ready == 0 && slice > 0);
	return ready;
}

/* A short one isn't worth a look at the clock. */
int
nanosleep(const struct timespec *asked, struct timespec *left)
{
	static int (*next)(const struct timespec *, struct timespec *);
	int64_t ms = (int64_t)asked->tv_sec * 1000 + asked->tv_nsec / 1000000, end;
	struct timespec part = {0, 0}, rest;
	int slice;

	NEXT("nanosleep", next);
	if (ms <= SLICE || mapped == NULL)
		return next(asked, left);
	end = end_of(ms);
	while ((slice = next_slice(end, ms)) > 0) {
		part.tv_nsec = slice * 1000000L;
		if (next(&part, &rest) == 0)
			continue;
		if (left != NULL) {
			ms = end > now_ms() ? end - now_ms() : 0;
			left->tv_sec = ms / 1000;
			left->tv_nsec = ms % 1000 * 1000000;
		}
		errno = EINTR;
		return -1;
	}
	return 0;
}

/* --- the boot id ------------------------------------------------------------------------------- */

/* The path to open: that one, or where it is the boot id after another boot the one of the test. */
static const char *
redirect(const char *path, char other[4096])
{
	struct shift shift;

	if (strcmp(path, BOOT_ID) != 0)
		return path;
	read_shift(&shift);
	if (shift.boots == 0)
		return path;
	snprintf(other, 4096, "%s.boot_id", getenv("SIKKA_SHIFT"));
	return other;
}

static mode_t
mode_of(int flags, va_list rest)
{
	return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t)
									  : 0;
}

#define OPEN(name)                                               \
	int name(const char *path, int flags, ...)               \
	{                                                        \
		static int (*next)(const char *, int, ...);      \
		char other[4096];                                \
		va_list rest;                                    \
		mode_t mode;                                     \
                                                                 \
		NEXT(#name, next);                               \
		va_start(rest, flags);                           \
		mode = mode_of(flags, rest);                     \
		va_end(rest);                                    \
		return next(redirect(path, other), flags, mode); \
	}

#define OPENAT(name)                                                     \
	int name(int folder, const char *path, int flags, ...)           \
	{                                                                \
		static int (*next)(int, const char *, int, ...);         \
		char other[4096];                                        \
		va_list rest;                                            \
		mode_t mode;                                             \
                                                                         \
		NEXT(#name, next);                                       \
		va_start(rest, flags);                                   \
		mode = mode_of(flags, rest);                             \
		va_end(rest);                                            \
		return next(folder, redirect(path, other), flags, mode); \
	}

#define OPEN_CHECKED(name)                                 \
	int name(const char *path, int flags)              \
	{                                                  \
		static int (*next)(const char *, int);     \
		char other[4096];                          \
                                                           \
		NEXT(#name, next);                         \
		return next(redirect(path, other), flags); \
	}

#define FOPEN(name)                                                     \
	FILE *name(const char *restrict path, const char *restrict how) \
	{                                                               \
		static FILE *(*next)(const char *, const char *);       \
		char other[4096];                                       \
                                                                        \
		NEXT(#name, next);                                      \
		return next(redirect(path, other), how);                \
	}

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
OPEN_CHECKED(__open_2)
OPEN_CHECKED(__open64_2)
FOPEN(fopen)
FOPEN(fopen64)

/* --- stopping ---------------------------------------------------------------------------------- */

static void
stop_at(const char *here)
{
	static int stopped;
	const char *where = getenv("SIKKA_STOP");

	if (where == NULL || strcmp(where, here) != 0 || stopped)
		return;
	stopped = 1;
	raise(SIGSTOP);
}

int
connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
	static int (*next)(int, __CONST_SOCKADDR_ARG, socklen_t);

	NEXT("connect", next);
	stop_at("connect");
	return next(fd, address, length);
}

/* sk_store_backup writes to a file "….tmp-PID". */
ssize_t
pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	static ssize_t (*next)(int, const void *, size_t, off64_t);
	char link[40], name[4096] = "";

	NEXT("pwrite64", next);
	if (getenv("SIKKA_STOP") != NULL) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		if (readlink(link, name, sizeof(name) - 1) > 0 && strstr(name, ".tmp-") != NULL)
			stop_at("copy");
	}
	return next(fd, bytes, n, at);
}

ssize_t
recv(int fd, void *bytes, size_t n, int flags)
{
	static ssize_t (*next)(int, void *, size_t, int);

	NEXT("recv", next);
	/* A peek only tests whether the connection is open. */
	if ((flags & MSG_PEEK) == 0)
		stop_at("recv");
	return next(fd, bytes, n, flags);
}

/* --- keeping ----------------------------------------------------------------------------------- */

/* In a file that is open for this write only: a test may count descriptors, and a fork inherits none. */
static void
keep(const void *bytes, size_t n)
{
	static ssize_t (*next)(int, const void *, size_t);
	static int (*clock)(clockid_t, struct timespec *);
	static long long begun; /* ns: a later process of the test may have the same number */
	const char *folder = getenv("SIKKA_KEPT");
	struct timespec now;
	char path[4096];
	int fd, before = errno;

	if (folder == NULL || *folder == '\0' || is_server ||
	    strncmp(program_invocation_short_name, "sikka-", 6) != 0)
		return;
	NEXT("write", next);
	NEXT("clock_gettime", clock);
	if (begun == 0 && clock(CLOCK_MONOTONIC, &now) == 0)
		begun = now.tv_sec * 1000000000LL + now.tv_nsec;
	snprintf(path, sizeof path, "%s/%s.%d.%lld", folder, program_invocation_short_name,
	    (int)getpid(), begun);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	/* What can't be kept isn't checked. */
	if (fd >= 0 && next(fd, bytes, n) < 0)
		errno = before;
	if (fd >= 0)
		close(fd);
	errno = before;
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	static ssize_t (*next)(int, const void *, size_t);
	ssize_t written;

	NEXT("write", next);
	written = next(fd, bytes, n);
	if (fd == STDOUT_FILENO && written > 0)
		keep(bytes, (size_t)written);
	return written;
}
