/* SPDX-License-Identifier: MIT */
/*
 * error: the value in which a failure travels up to the command's main, and the order of exit codes
 * when several apply.
 */
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/filter.h"
#include "base/mem.h"
#include "base/text.h"

/*
 * A text that had to be cut must not end in the middle of a character: it goes into JSON records,
 * which take valid UTF-8 only.
 */
static void
store_text(struct sk_error *err, const char *text)
{
	size_t n = sk_utf8_fitting(text, sizeof(err->text) - 1, SIZE_MAX);

	memcpy(err->text, text, n);
	err->text[n] = '\0';
}

/* Takes the text. */
static char *
filtered(char *text)
{
	char *shown = sk_filter(text);

	free(text);
	return shown;
}

int
sk_error_set(struct sk_error *err, enum sk_exit code, const char *format, ...)
{
	va_list args;
	char *text;

	if (err == NULL || err->code != SK_EXIT_OK)
		return -1;
	va_start(args, format);
	text = filtered(sk_mem_vprintf(format, args));
	va_end(args);
	/* A failure with exit code 0 would be lost on the way up: it counts as a bug. */
	err->code = code != SK_EXIT_OK ? code : SK_EXIT_BUG;
	store_text(err, text);
	free(text);
	return -1;
}

int
sk_error_context(struct sk_error *err, const char *format, ...)
{
	va_list args;
	char *context, *text;

	if (err == NULL)
		return -1;
	va_start(args, format);
	context = filtered(sk_mem_vprintf(format, args));
	va_end(args);
	text = sk_mem_printf("%s: %s", context, err->text);
	store_text(err, text);
	free(text);
	free(context);
	return -1;
}

void
sk_error_clear(struct sk_error *err)
{
	if (err != NULL)
		memset(err, 0, sizeof(*err));
}

static size_t
rank(enum sk_exit code)
{
	static const enum sk_exit order[] = {
	    SK_EXIT_UNKNOWN,
	    SK_EXIT_FAILED,
	    SK_EXIT_PENDING,
	    SK_EXIT_NOT_AUTHORIZED,
	    SK_EXIT_CONFIG,
	    SK_EXIT_NO_RESOURCE,
	    SK_EXIT_BUG,
	    SK_EXIT_CANT_CREATE,
	    SK_EXIT_CANT_WRITE,
	    SK_EXIT_PROTOCOL,
	    SK_EXIT_UNAVAILABLE,
	    SK_EXIT_TRY_LATER,
	    SK_EXIT_NO_INPUT,
	    SK_EXIT_BAD_DATA,
	    SK_EXIT_USAGE,
	    SK_EXIT_OK,
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (order[i] == code)
			return i;
	}
	return rank(SK_EXIT_BUG);
}

enum sk_exit
sk_exit_worse(enum sk_exit a, enum sk_exit b)
{
	return rank(b) < rank(a) ? b : a;
}
