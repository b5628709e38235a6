/* SPDX-License-Identifier: MIT */
/*
 * mem: memory that is there or ends the process.
 *
 * A toolkit that books appointments has nothing sensible to do without memory but to stop before
 * the next step: what is journaled is settled by the next run. jansson gets the same allocator,
 * since its lexer ignores a failed allocation and would hand out a shortened string. SQLite and
 * libcurl report theirs properly and keep their own.
 *
 * Nothing here returns NULL. Each pointer is the caller's, to be freed with free().
 */
#ifndef SK_BASE_MEM_H
#define SK_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Puts jansson on this allocator. Before the first JSON value, once. */
void sk_mem_init(void);

/* What to exit with when memory ends: 71 unless told otherwise
 * (2 while a request is on the wire). */
void sk_mem_exit_with(int code);

void *sk_mem_alloc(size_t size);
void *sk_mem_zero(size_t count, size_t size);
void *sk_mem_resize(void *old, size_t count, size_t size);
/* An array with room for needed elements at least: room doubles. *room 0: there is no array yet. */
void *sk_mem_grow(void *array, size_t needed, size_t *room, size_t size);
char *sk_mem_copy(const char *text);                  /* NULL gives NULL */
char *sk_mem_copy_bytes(const void *bytes, size_t n); /* with a NUL behind */
char *sk_mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *sk_mem_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* Frees *slot and puts a copy of text (or NULL) there. */
void sk_mem_replace(char **slot, const char *text);

#endif
