/* SPDX-License-Identifier: MIT */
/*
 * read-clocks: what a program sees of the clocks and of the boot id. For clocks.t.
 *
 *	read-clocks                          seconds of CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_MONOTONIC,
 *	                                     time() and gettimeofday(), in a line
 *	read-clocks open|openat|fopen        the boot id, opened that way
 *	read-clocks poll|epoll|sleep SECONDS says "waits", waits that way, and prints how many seconds
 *	                                     passed on CLOCK_MONOTONIC
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static long
seconds(clockid_t clock)
{
	struct timespec now;

	return clock_gettime(clock, &now) == 0 ? (long)now.tv_sec : -1;
}

static int
print_clocks(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	printf("%ld %ld %ld %ld %ld\n", seconds(CLOCK_REALTIME), seconds(CLOCK_BOOTTIME),
	    seconds(CLOCK_MONOTONIC), (long)time(NULL), (long)now.tv_sec);
	return 0;
}

static FILE *
open_id(const char *how)
{
	if (strcmp(how, "fopen") == 0)
		return fopen(BOOT_ID, "r");
	return fdopen(strcmp(how, "open") == 0 ? open(BOOT_ID, O_RDONLY)
					       : openat(AT_FDCWD, BOOT_ID, O_RDONLY),
	    "r");
}

static int
print_id(const char *how)
{
	char id[64] = "";
	FILE *file = open_id(how);

	if (file == NULL || fgets(id, sizeof(id), file) == NULL)
		return 1;
	fputs(id, stdout);
	return fclose(file) != 0;
}

static void
wait_for(const char *how, int length)
{
	struct timespec nap = {length, 0};
	struct epoll_event event;

	if (strcmp(how, "sleep") == 0)
		nanosleep(&nap, NULL);
	else if (strcmp(how, "poll") == 0)
		poll(NULL, 0, length * 1000);
	else
		epoll_wait(epoll_create1(0), &event, 1, length * 1000);
}

static int
print_wait(const char *how, int length)
{
	long began = seconds(CLOCK_MONOTONIC);

	puts("waits");
	fflush(stdout);
	wait_for(how, length);
	printf("%ld\n", seconds(CLOCK_MONOTONIC) - began);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 1)
		return print_clocks();
	return argc == 2 ? print_id(argv[1]) : print_wait(argv[1], atoi(argv[2]));
}
