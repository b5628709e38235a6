/* SPDX-License-Identifier: MIT */
/*
 * moved-clock: all clocks of a unit test, which moves and stops them, and counts how often they are read. Included once,
 * in place of what the C library has.
 */
#ifndef SK_MOVED_CLOCK_H
#define SK_MOVED_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CLOCKS 12

static atomic_int seconds_ahead, clock_readings;
static atomic_bool clocks_stand;
static struct timespec stood_at[CLOCKS];

/* Until clocks_stand is false again. */
__attribute__((unused)) static void
stop_clocks(void)
{
	for (clockid_t clock = 0; clock < CLOCKS; clock++)
		syscall(SYS_clock_gettime, clock, &stood_at[clock]);
	clocks_stand = true;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	clock_readings++;
	if (clocks_stand && clock >= 0 && clock < CLOCKS)
		*now = stood_at[clock];
	else if (syscall(SYS_clock_gettime, clock, now) != 0)
		return -1;
	now->tv_sec += seconds_ahead;
	return 0;
}

#endif
