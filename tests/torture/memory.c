/* SPDX-License-Identifier: MIT */
/*
 * memory.so, for LD_PRELOAD: the Nth allocation since main began fails, once or from then on.
 *
 *	SIKKA_MEMORY       once:17, on:17; once:0 hits nothing
 *	SIKKA_ALLOCATIONS  a file: in a run that hits nothing, a line for each allocation with a
 *number for its place, the callers it came through; otherwise "HIT" when it was hit. Then, when
 *main has returned, "LEFT o n": of what was allocated since main began what isn't freed: by the
 *program itself (jansson's is among it), by all
 *
 * What libraries allocate before main, and when they are unloaded after it, isn't counted.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH 6
#define SLOTS (1 << 18)
#define GONE 1

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t n);
extern void __libc_free(void *bytes);

static int armed, sticky, log_fd = -1;
static long at, count, left, left_ours;
static uintptr_t program, program_end, ours[SLOTS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
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
	/* leaves out this function and its two callers */
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

/* The program itself comes first. */
static int
find_program(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
			program = info->dlpi_addr + part->p_vaddr;
			program_end = program + part->p_memsz;
		}
	}
	return 1;
}

/* The program's own allocations, by address; an empty slot ends a search. */
static void
keep_ours(uintptr_t bytes, int is_new)
{
	size_t slot = (bytes >> 4) * 2654435761U % SLOTS;

	pthread_mutex_lock(&mutex);
	while (ours[slot] != 0 && (is_new ? ours[slot] != GONE : ours[slot] != bytes))
		slot = (slot + 1) % SLOTS;
	if (is_new || ours[slot] == bytes) {
		ours[slot] = is_new ? bytes : GONE;
		left_ours += is_new ? 1 : -1;
	}
	pthread_mutex_unlock(&mutex);
}

static void *
counted(void *bytes, const void *caller)
{
	if (!armed || inside || bytes == NULL)
		return bytes;
	__atomic_add_fetch(&left, 1, __ATOMIC_RELAXED);
	if ((uintptr_t)caller >= program && (uintptr_t)caller < program_end)
		keep_ours((uintptr_t)bytes, 1);
	return bytes;
}

static void
uncounted(void *bytes)
{
	if (!armed || inside || bytes == NULL)
		return;
	__atomic_sub_fetch(&left, 1, __ATOMIC_RELAXED);
	keep_ours((uintptr_t)bytes, 0);
}

void *
malloc(size_t n)
{
	return fails() ? NULL : counted(__libc_malloc(n), __builtin_return_address(0));
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : counted(__libc_calloc(n, size), __builtin_return_address(0));
}

void *
realloc(void *old, size_t n)
{
	if (fails())
		return NULL;
	uncounted(old);
	return counted(__libc_realloc(old, n), __builtin_return_address(0));
}

void
free(void *bytes)
{
	uncounted(bytes);
	__libc_free(bytes);
}

static int
hooked_main(int argc, char **argv, char **environment)
{
	const char *fault = getenv("SIKKA_MEMORY"), *calls = getenv("SIKKA_ALLOCATIONS");
	char mode[8], line[64];
	void (*end_openssl)(void), *caller;
	int result;

	if (fault == NULL)
		return real_main(argc, argv, environment);
	if (sscanf(fault, "%7[^:]:%ld", mode, &at) != 2)
		_exit(99);
	sticky = strcmp(mode, "on") == 0;
	if (calls != NULL)
		log_fd = open(calls, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	unsetenv("SIKKA_MEMORY");
	/* The first backtrace loads a library. */
	backtrace(&caller, 1);
	dl_iterate_phdr(find_program, NULL);
	armed = 1;
	result = real_main(argc, argv, environment);
	/* Flushing stdout is still ours; what OpenSSL keeps until its end
	 * would hide what is lost. */
	fflush(NULL);
	at = -1;
	*(void **)&end_openssl = dlsym(RTLD_DEFAULT, "OPENSSL_cleanup");
	if (end_openssl != NULL)
		end_openssl();
	armed = 0;
	say(line, (size_t)snprintf(line, sizeof line, "LEFT %ld %ld\n", left_ours, left));
	return result;
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
    void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

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
