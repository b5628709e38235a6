/* SPDX-License-Identifier: MIT */
/* digest: SHA-256 (FIPS 180-4) of a text, to compare texts that are not to be kept. */
#ifndef SK_BASE_DIGEST_H
#define SK_BASE_DIGEST_H

#include <stdbool.h>

/* 64 hexadecimal digits. The caller frees. */
char *sk_digest(const char *text);

/* Whether two secrets are equal. How long that takes doesn't tell where they differ. */
bool sk_digest_equal(const char *a, const char *b);

#endif
