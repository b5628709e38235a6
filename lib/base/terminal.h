/* SPDX-License-Identifier: MIT */
/* terminal: what the terminal is like that somebody looks at. */
#ifndef SK_BASE_TERMINAL_H
#define SK_BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

struct sk_terminal_size {
	size_t columns, lines;
};

/* Whether stdout is one. */
bool sk_terminal_is_there(void);

/* Whether it has sequences for colours and for moving about: TERM is set, and not "dumb". */
bool sk_terminal_has_sequences(void);

/*
 * The size of the terminal that fd is now. Where it is none, what COLUMNS and LINES of the environment say. Where
 * neither says it, 80 columns and 24 lines.
 */
struct sk_terminal_size sk_terminal_size(int fd);

#endif
