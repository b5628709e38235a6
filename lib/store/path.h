/* SPDX-License-Identifier: MIT */
/* path: finds the state file, or makes an empty one. Private to lib/store. */
#ifndef SK_STORE_PATH_H
#define SK_STORE_PATH_H

#include "store/store.h"

/*
 * 1 the file is there and safe, 0 it is missing and needn't be there, -1 error. pair not 0: creates
 * file and folder where they are missing.
 */
int sk_path_find(const char *path, enum sk_store_open how, int64_t pair, struct sk_error *err);

#endif
