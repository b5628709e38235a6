/* SPDX-License-Identifier: MIT */
/*
 * sorted: where a key belongs in a sorted array. bsearch(3) finds only what is there, and any of several equal
 * elements; this finds the first of them, and the place where a missing one would be inserted.
 */
#ifndef SK_BASE_SORTED_H
#define SK_BASE_SORTED_H

#include <stddef.h>

/*
 * Returns the index of the first element that isn't before the key, or n if all are. compare: as for bsearch(3), the
 * key first; the array is sorted by it.
 */
size_t sk_sorted_place(const void *key, const void *array, size_t n, size_t size,
    int (*compare)(const void *key, const void *element));

#endif
