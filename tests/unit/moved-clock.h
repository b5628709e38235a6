/* SPDX-License-Identifier: MIT */
/*
 * moved-clock: all clocks of a unit test, which moves them, and counts how often they are read. Included once, in place
 * of what the C library has.
 */
#ifndef SK_MOVED_CLOCK_H
#define SK_MOVED_CLOCK_H

#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_int seconds_ahead, clock_readings;

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	clock_readings++;
	if (syscall(SYS_clock_gettime, clock, now) != 0)
		return -1;
	now->tv_sec += seconds_ahead;
	return 0;
}

#endif
