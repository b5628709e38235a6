/* SPDX-License-Identifier: MIT */
/* sorted: the search by halves in a sorted array. Nothing in it can fail. */
#include "base/sorted.h"

size_t
sk_sorted_place(const void *key, const void *array, size_t n, size_t size,
    int (*compare)(const void *key, const void *element))
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(key, (const char *)array + middle * size) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
