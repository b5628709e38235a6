/* SPDX-License-Identifier: MIT */
/*
 * shift-clock.so, for LD_PRELOAD: lets time pass for a process that was stopped.
 *
 *	SIKKA_SHIFT   a file that holds two numbers: by how many seconds CLOCK_REALTIME and
 *	              CLOCK_BOOTTIME go ahead, and by how many CLOCK_MONOTONIC does. "3600 3600" is
 *	              an hour under SIGSTOP, "3600 0" an hour in which the machine slept.
 *	SIKKA_STOP    where it stops itself (SIGSTOP), once: "connect", before its first connection,
 *	              so between the claim of a row and its sending; "recv", before it reads the
 *	              first byte of an answer.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void
read_shift(long *wall, long *monotonic)
{
	const char *file = getenv("SIKKA_SHIFT");
	char text[64] = "";
	int fd = file != NULL ? open(file, O_RDONLY | O_CLOEXEC) : -1;

	*wall = *monotonic = 0;
	if (fd < 0)
		return;
	if (read(fd, text, sizeof text - 1) > 0)
		sscanf(text, "%ld %ld", wall, monotonic);
	close(fd);
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*next)(clockid_t, struct timespec *);
	long wall, monotonic;

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
	if (next(clock, now) != 0)
		return -1;
	read_shift(&wall, &monotonic);
	if (clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME)
		now->tv_sec += wall;
	if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW)
		now->tv_sec += monotonic;
	return 0;
}

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
connect(int fd, const struct sockaddr *address, socklen_t length)
{
	static int (*next)(int, const struct sockaddr *, socklen_t);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "connect");
	stop_at("connect");
	return next(fd, address, length);
}

ssize_t
recv(int fd, void *bytes, size_t n, int flags)
{
	static ssize_t (*next)(int, void *, size_t, int);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "recv");
	/* A peek only tests whether the connection is open. */
	if ((flags & MSG_PEEK) == 0)
		stop_at("recv");
	return next(fd, bytes, n, flags);
}
