/* SPDX-License-Identifier: MIT */
/*
 * copies: the files beside each other that sikka-sweep --backup makes: FILE, or with --keep
 * FILE-YYYYMMDDTHHMMSSZ, and FILE a link to the newest; FILE.tmp-PID while one is written. Private to
 * lib/store.
 */
#ifndef SK_STORE_COPIES_H
#define SK_STORE_COPIES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Behind the state file's name: a copy that was made before an upgrade. Its version and its time follow. */
#define SK_COPIES_VERSION ".version-"

/*
 * The file that target leads to, as an absolute path: *real, the caller's. A link is followed where only this
 * user and root could have made it, and could change it (77), and where it leads to a file (73). keeps: a link
 * to one of the copies that are kept is what is replaced. 0 or -1.
 */
int sk_copies_find(const char *target, int keeps, char **real, struct sk_error *err);

/* Removes what runs that have ended have left half written beside it. What can't be removed stays. */
void sk_copies_clean(const char *real);

/* The name under which a copy is kept. The caller frees. */
char *sk_copies_name(const char *real);

/* Whether path, which is a real one as well, has the name of a copy that is kept, and may be deleted as one. */
bool sk_copies_is_kept(const char *real, const char *path);

/*
 * After the copy of that name is in its place: makes real a link to it, and deletes all but keep copies, the
 * oldest first. 0 or -1.
 */
int sk_copies_keep(const char *real, const char *name, int keep, struct sk_error *err);

/*
 * The copies that are kept under that name, and those that were made before an upgrade of the state file: paths. The
 * array and its texts are the caller's.
 */
size_t sk_copies_kept(const char *real, char ***files);
size_t sk_copies_before_upgrade(const char *state, char ***files);

#endif
