/* SPDX-License-Identifier: MIT */
/* out_parts: what the files of out share. Private to out. */
#ifndef SK_BASE_OUT_PARTS_H
#define SK_BASE_OUT_PARTS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether stdout is a regular file, and the line behind which would be written has no end: somebody
 * was killed, or the power failed, in the middle of it.
 */
bool sk_out_file_is_torn(void);

/*
 * After a write that failed when stdout had got the first written bytes of text: what it has got of a
 * line that isn't whole is cut off again, if stdout is a regular file and nobody has written behind it.
 */
void sk_out_file_cut(const char *text, size_t written);

#endif
