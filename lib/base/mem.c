/* SPDX-License-Identifier: MIT */
/*
 * mem: allocation that never returns NULL. When memory runs out the process ends at once, with the
 * code that sk_mem_exit_with has set (71 if none).
 */
#include "base/mem.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define USUAL 256 /* most texts are shorter, and are written once */

static int exit_code = SK_EXIT_NO_RESOURCE;

/* No stdio here, which may itself need memory. */
static void __attribute__((noreturn)) die(void)
{
	static const char text[] = "sikka: out of memory\n";
	ssize_t written = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)written;
	_exit(exit_code);
}

void
sk_mem_init(void)
{
	json_set_alloc_funcs(sk_mem_alloc, free);
}

void
sk_mem_exit_with(int code)
{
	exit_code = code;
}

void *
sk_mem_alloc(size_t size)
{
	void *bytes = malloc(size > 0 ? size : 1);

	if (bytes == NULL)
		die();
	return bytes;
}

void *
sk_mem_zero(size_t count, size_t size)
{
	void *bytes = calloc(count > 0 ? count : 1, size > 0 ? size : 1);

	if (bytes == NULL)
		die();
	return bytes;
}

void *
sk_mem_resize(void *old, size_t count, size_t size)
{
	void *bytes;

	if (size > 0 && count > SIZE_MAX / size)
		die();
	/* realloc(…, 0) may free and return NULL, which wouldn't mean that memory is out. */
	bytes = realloc(old, count * size > 0 ? count * size : 1);
	if (bytes == NULL)
		die();
	return bytes;
}

void *
sk_mem_grow(void *array, size_t needed, size_t *room, size_t size)
{
	size_t more = *room > 0 ? *room : 16;

	if (needed <= *room)
		return array;
	while (more < needed) {
		if (more > SIZE_MAX / 2)
			die();
		more *= 2;
	}
	*room = more;
	return sk_mem_resize(array, more, size);
}

char *
sk_mem_copy(const char *text)
{
	return text == NULL ? NULL : sk_mem_copy_bytes(text, strlen(text));
}

char *
sk_mem_copy_bytes(const void *bytes, size_t n)
{
	char *copy;

	if (n == SIZE_MAX)
		die();
	copy = sk_mem_alloc(n + 1);
	if (n > 0)
		memcpy(copy, bytes, n);
	copy[n] = '\0';
	return copy;
}

char *
sk_mem_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = sk_mem_vprintf(format, args);
	va_end(args);
	return text;
}

char *
sk_mem_vprintf(const char *format, va_list args)
{
	char usual[USUAL], *text;
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(usual, sizeof(usual), format, again);
	va_end(again);
	/* With our formats vsnprintf fails only when the text is longer than INT_MAX. */
	if (n < 0)
		die();
	text = sk_mem_alloc((size_t)n + 1);
	if (n < USUAL)
		memcpy(text, usual, (size_t)n + 1);
	else if (vsnprintf(text, (size_t)n + 1, format, args) != n)
		die();
	/* It may be secret. */
	explicit_bzero(usual, n < USUAL ? (size_t)n : sizeof(usual));
	return text;
}

void
sk_mem_replace(char **slot, const char *text)
{
	/* The copy is made first: text may point into what is freed. */
	char *copy = sk_mem_copy(text);

	free(*slot);
	*slot = copy;
}
