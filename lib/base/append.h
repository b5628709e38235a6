/* SPDX-License-Identifier: MIT */
/*
 * append: a file of JSON Lines to which records are added for good: what was added is on the disk, and its name is, too.
 * A line that was torn, since its writer was killed, is cut off before others follow. One process at a time.
 */
#ifndef SK_BASE_APPEND_H
#define SK_BASE_APPEND_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct sk_append {
	const char *path; /* borrowed */
	int fd;           /* -1: it isn't open */
	off_t end;        /* what is there for good */
};

/*
 * Opens the file, or makes it with mode 0600. Refused: a link or no plain file, and what has lines that don't begin with
 * begin (73); a file that others may read or write (77); one to which another process adds (75).
 */
int sk_append_open(struct sk_append *append, const char *path, const char *begin,
    struct sk_error *err);

/* Adds whole lines. 0: they are on the disk. -1 (74): none of them is in the file, if that could be undone. */
int sk_append_lines(struct sk_append *append, const char *lines, size_t n, struct sk_error *err);

void sk_append_close(struct sk_append *append);

#endif
