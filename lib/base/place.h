/* SPDX-License-Identifier: MIT */
/*
 * place: which file a path means. Two names of one file (a symbolic link, "..", a relative path)
 * mean one place, and what lies beside the file is found from there.
 */
#ifndef SK_BASE_PLACE_H
#define SK_BASE_PLACE_H

#include <stdbool.h>

/*
 * A copy of the path in which a leading "~/" stands for the home folder. NULL: it begins with "~/",
 * and HOME isn't an absolute path. The caller frees.
 */
char *sk_place_expanded(const char *path);

/*
 * The absolute path without links to the file that the path leads to. Where the file is missing:
 * that of its folder, with the last part of the path; where the folder is missing, too: the path,
 * made absolute. The caller frees.
 */
char *sk_place_real(const char *path);

#endif
