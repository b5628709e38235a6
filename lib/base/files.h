/* SPDX-License-Identifier: MIT */
/*
 * files: documents that a request names, read from beneath one folder and from nowhere else: no
 * absolute path, no "..", no symbolic link on the way, and only regular files. Whoever writes a
 * request shall not be able to send a key or a password file to a practice.
 */
#ifndef SK_BASE_FILES_H
#define SK_BASE_FILES_H

#include <stddef.h>

#include "base/error.h"

#define SK_FILES_WHY 120

/* Returns a descriptor of the folder, to be closed by the caller; or -1 with 66. */
int sk_files_folder(const char *path, struct sk_error *err);

/* Opens a file beneath folder for reading. Returns its descriptor, or -1 and the reason in why. */
int sk_files_open(int folder, const char *path, char why[SK_FILES_WHY]);

/* The same without openat2(2), for systems that lack it: one path component at a time. */
int sk_files_open_by_steps(int folder, const char *path, char why[SK_FILES_WHY]);

/*
 * The file as base64; the caller frees. The file is read and encoded piece by piece, and reading
 * stops as soon as the text would be longer than most characters. NULL with the reason in why when
 * it can't be read, is empty or too long. why doesn't repeat the path: it may name a patient.
 */
char *sk_files_base64(int folder, const char *path, size_t most, char why[SK_FILES_WHY]);

#endif
