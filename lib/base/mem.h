/* SPDX-License-Identifier: MIT */
/*
 * mem: memory that is there, or else the process ends.
 *
 * A toolkit that books appointments can do only one sensible thing without memory: stop before the
 * next step. What is in the journal is settled by the next run. jansson gets the same allocator,
 * because its lexer ignores a failed allocation and would return a shortened string. SQLite and
 * libcurl report failed allocations properly and keep their own allocators.
 *
 * Nothing here returns NULL. Each pointer belongs to the caller, who frees it with free().
 */
#ifndef SK_BASE_MEM_H
#define SK_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Makes jansson use this allocator. To be called once, before the first JSON value is made. */
void sk_mem_init(void);

/* Sets the exit code for when memory runs out: 71 by default; 2 while a request is on the wire. */
void sk_mem_exit_with(int code);

void *sk_mem_alloc(size_t size);
void *sk_mem_zero(size_t count, size_t size);
void *sk_mem_resize(void *old, size_t count, size_t size);
/* An array with room for needed elements at least: room doubles. *room 0: there is no array yet. */
void *sk_mem_grow(void *array, size_t needed, size_t *room, size_t size);
char *sk_mem_copy(const char *text);                  /* NULL gives NULL */
char *sk_mem_copy_bytes(const void *bytes, size_t n); /* a NUL is added behind */
char *sk_mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *sk_mem_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* Frees *slot and stores a copy of text (or NULL) in it. */
void sk_mem_replace(char **slot, const char *text);

#endif
