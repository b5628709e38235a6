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

/* A descriptor of the folder, the caller's to close; or -1 with 66. */
int sk_files_folder(const char *path, struct sk_error *err);

/* Opens a file beneath folder for reading: its descriptor, or -1 and why. */
int sk_files_open(int folder, const char *path, char why[SK_FILES_WHY]);

/* The same without openat2(2), for systems that lack it: a component at a time. */
int sk_files_open_by_steps(int folder, const char *path, char why[SK_FILES_WHY]);

/*
 * The file as base64, the caller's; read and encoded piece by piece, and given up as soon as it is
 * longer than most characters. NULL and why when it can't be read, is empty or too long. why
 * doesn't hold the path: it may name a patient.
 */
char *sk_files_base64(int folder, const char *path, size_t most, char why[SK_FILES_WHY]);

#endif
