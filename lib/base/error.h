/* SPDX-License-Identifier: MIT */
/*
 * error: what went wrong, as one value that travels up to the command's main.
 *
 * What can fail returns an int (0 well, -1 not) and fills a struct sk_error; what returns an exit
 * code returns enum sk_exit, and what only answers yes or no returns bool. An int that is also 1
 * (1 found, 0 not found, -1 error) or a count is explained where it is declared.
 *
 * The first failure wins; on the way up a caller may put context in front. The command prints it
 * once, on stderr, and ends with its exit code. Exit codes are those of sikka(7), Exit status, and
 * never change.
 */
#ifndef SK_BASE_ERROR_H
#define SK_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

enum sk_exit {
	SK_EXIT_OK = 0,
	SK_EXIT_FAILED = 1,  /* some request failed for certain */
	SK_EXIT_UNKNOWN = 2, /* some request's outcome is unknown: don't send it again */
	SK_EXIT_PENDING = 3, /* still pending when the wait ended */
	SK_EXIT_USAGE = 64,
	SK_EXIT_BAD_DATA = 65,
	SK_EXIT_NO_INPUT = 66,
	SK_EXIT_UNAVAILABLE = 69, /* server or network, nothing sent */
	SK_EXIT_BUG = 70,
	SK_EXIT_NO_RESOURCE = 71,
	SK_EXIT_CANT_CREATE = 73,
	SK_EXIT_CANT_WRITE = 74,
	SK_EXIT_TRY_LATER = 75,
	SK_EXIT_PROTOCOL = 76,
	SK_EXIT_NOT_AUTHORIZED = 77,
	SK_EXIT_CONFIG = 78
};

struct sk_error {
	enum sk_exit code;
	char text[500];
	char server_code
	    [64];     /* the server's error code, where its answer is the reason; "" elsewhere */
	bool is_stop; /* it says no more than that a signal came; set by sk_stop_error alone */
};

/* Fills err and returns -1, so that "return sk_error_set(…)" is one line.
 * A set err stays as it is. */
int sk_error_set(struct sk_error *err, enum sk_exit code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " in front of the text. Returns -1. */
int sk_error_context(struct sk_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void sk_error_clear(struct sk_error *err);

/*
 * The exit code of a command to which both apply: the first of 2, 1, 3, then the reasons why it
 * couldn't be done (77, 78, 71, 70, 73, 74, 76, 69, 75), then 66, 65, 64, 0.
 */
enum sk_exit sk_exit_worse(enum sk_exit a, enum sk_exit b);

#endif
