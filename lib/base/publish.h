/* SPDX-License-Identifier: MIT */
/*
 * publish: a text as a file for other programs to read. Whoever reads it finds the whole earlier text or the
 * whole new one, never a part.
 */
#ifndef SK_BASE_PUBLISH_H
#define SK_BASE_PUBLISH_H

#include "base/error.h"

/*
 * Replaces the file, or makes it, with mode 0644 whatever the umask is. A path that leads to something else
 * than a plain file, also a link to one, is refused (73). 0; -1 with 73, or 74 when it can't be written.
 */
int sk_publish(const char *path, const char *text, struct sk_error *err);

#endif
