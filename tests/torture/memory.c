/* SPDX-License-Identifier: MIT */
/*
 * memory.so, for LD_PRELOAD: the Nth allocation since main began fails, once or from then on.
 *
 *	SIKKA_MEMORY       once:17, on:17; once:0 hits nothing
 *	SIKKA_ALLOCATIONS  a file: in a run that hits nothing, a line for each allocation with a
 *number for its place, the callers it came through; otherwise "HIT" when it was hit
 *
 * What libraries allocate before main, and when they are unloaded after it, isn't counted.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH 6

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t n);

static int armed, sticky, log_fd = -1;
static long at, count;
static __thread int inside;
static int (*real_main)(int, char **, char **);

static void
say(const char *text, size_t n)
{
	if (log_fd >= 0 && write(log_fd, text, n) != (ssize_t)n)
		_exit(99);
}

static void
tell_place(void)
{
	void *callers[DEPTH + 3];
	uint64_t sum = 1469598103934665603U;
	char line[32];
	int i, n;

	inside = 1;
	n = backtrace(callers, DEPTH + 3);
	/* without this function and the two that called it */
	for (i = 3; i < n; i++)
		sum = (sum ^ (uint64_t)(uintptr_t)callers[i]) * 1099511628211U;
	n = snprintf(line, sizeof line, "%016llx\n", (unsigned long long)sum);
	say(line, (size_t)n);
	inside = 0;
}

static __attribute__((noinline)) int
fails(void)
{
	long number;
	int hit;

	if (!armed || inside)
		return 0;
	number = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
	hit = at > 0 && (number == at || (sticky && number > at));
	if (at == 0)
		tell_place();
	else if (number == at)
		say("HIT\n", 4);
	if (hit)
		errno = ENOMEM;
	return hit;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t n)
{
	return fails() ? NULL : __libc_realloc(old, n);
}

static int
hooked_main(int argc, char **argv, char **environment)
{
	const char *fault = getenv("SIKKA_MEMORY"), *calls = getenv("SIKKA_ALLOCATIONS");
	char mode[8];
	void *caller;
	int result;

	if (fault == NULL)
		return real_main(argc, argv, environment);
	if (sscanf(fault, "%7[^:]:%ld", mode, &at) != 2)
		_exit(99);
	sticky = strcmp(mode, "on") == 0;
	if (calls != NULL)
		log_fd = open(calls, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	unsetenv("SIKKA_MEMORY");
	/* The first one loads a library. */
	backtrace(&caller, 1);
	armed = 1;
	result = real_main(argc, argv, environment);
	/* Flushing stdout is still ours: */
	fflush(NULL);
	armed = 0;
	return result;
}

int
__libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
    void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	int (*next)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
	    void (*)(void), void *);

	*(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
	real_main = main;
	return next(hooked_main, argc, argv, init, fini, rtld_fini, stack_end);
}
