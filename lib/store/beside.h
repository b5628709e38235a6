/* SPDX-License-Identifier: MIT */
/*
 * beside: whether commands that write can use the state file, its folder, and what lies beside it: the
 * journal, the lock file, the limits. Nothing is opened or made.
 */
#ifndef SK_STORE_BESIDE_H
#define SK_STORE_BESIDE_H

#include <stddef.h>

#define SK_BESIDE_FILES 4 /* the state file, its journal, the lock file, the limits */
#define SK_BESIDE_MOST (SK_BESIDE_FILES + 1) /* faults: one of each file, and one of the folder */

/* The path of one of the files, and what is wrong with it (NULL: nothing); number 4 is the folder. The caller frees. */
char *sk_beside_path(const char *db, size_t number);
char *sk_beside_fault(const char *db, size_t number);

/*
 * What keeps the commands of this user (for root: of the state file's owner) from writing, each with the
 * command that mends it; the texts are the caller's. db: a path without links (base/place).
 */
size_t sk_beside_faults(const char *db, char *texts[SK_BESIDE_MOST]);

#endif
