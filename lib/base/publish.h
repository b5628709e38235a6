/* SPDX-License-Identifier: MIT */
/*
 * publish: a text as a file. Whoever reads it, also after a power failure, finds the whole earlier text or the
 * whole new one, never a part.
 */
#ifndef SK_BASE_PUBLISH_H
#define SK_BASE_PUBLISH_H

#include <sys/types.h>

#include "base/error.h"

/* A text that is written already, and is no file of its name yet. */
struct sk_publication {
	char *path, *part;
};

/*
 * Replaces the file, or makes it, with mode 0644 whatever the umask is. A path that leads to something else
 * than a plain file, also a link to one, is refused (73). 0; -1 with 73, or 74 when it can't be written.
 */
int sk_publish(const char *path, const char *text, struct sk_error *err);

/*
 * The same in two steps and with another mode, where more than one file has to be written before the first takes its
 * name. Root's process gives the file to the owner of the earlier one, or of the folder. Each begin that returned 0 has
 * its finish or its drop, which frees what new holds.
 */
int sk_publish_begin(struct sk_publication *new, const char *path, const char *text, mode_t mode,
    struct sk_error *err);
int sk_publish_finish(struct sk_publication *new, struct sk_error *err);
void sk_publish_drop(struct sk_publication *new); /* the earlier file stays */

#endif
