/* SPDX-License-Identifier: MIT */
/*
 * place: which file a path means. Two names of one file (a symbolic link, "..", a relative path)
 * mean one place, and what lies beside the file is found from there. And whose a file is.
 */
#ifndef SK_BASE_PLACE_H
#define SK_BASE_PLACE_H

#include <stdbool.h>

#include "base/error.h"

/*
 * A copy of the path in which a leading "~/" stands for the home folder. NULL: it begins with "~/",
 * and HOME isn't an absolute path. The caller frees.
 */
char *sk_place_expanded(const char *path);

/* The folder part of a path, "." where it has none. The caller frees. */
char *sk_place_folder(const char *path);

/* Makes the folder where it is missing, and those above it, with mode 0700. 0; -1 with 73. */
int sk_place_make_folder(const char *folder, struct sk_error *err);

/*
 * Syncs the folder of the path: the name of a new file is on the disk then. Without that a power failure can leave a
 * file without its name, which tells nothing. 0; -1: errno says why.
 */
int sk_place_sync_name(const char *path);

/* The same, with an error (74). */
int sk_place_sync(const char *path, struct sk_error *err);

/*
 * The absolute path without links to the file that the path leads to. Where the file is missing:
 * that of its folder, with the last part of the path; where the folder is missing, too: the path,
 * made absolute. The caller frees.
 */
char *sk_place_real(const char *path);

/*
 * Gives a file that was made just now, and is open, to the owner of another file, if this process is
 * root's: beside another user's state file a file of root's would keep that user out. 0; -1: errno
 * says why it can't be given.
 */
int sk_place_give(int fd, const char *other);

/*
 * For a message about a file that can't be used, error being errno: "; it belongs to ..." with the command that
 * mends it, if it belongs to somebody else; "; this process may have ..." if it has as many files open as it may;
 * otherwise "". Returns text.
 */
#define SK_PLACE_HINT 400
const char *sk_place_hint(const char *path, int error, char text[SK_PLACE_HINT]);

/* Whether no more files can be opened: by this process, or on this machine. */
bool sk_place_is_short(int error);

#endif
