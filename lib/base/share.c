/* SPDX-License-Identifier: MIT */
/* share: jump consistent hash (Lamping and Veach, 2014) over FNV-1a. What isn't a share is no share at all. */
#include "base/share.h"

#include <stdlib.h>

#define FNV_OFFSET UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)
#define JUMP_FACTOR UINT64_C(2862933555777941757)

uint64_t
sk_share_hash(const char *office_id)
{
	uint64_t hash = FNV_OFFSET;

	for (const unsigned char *at = (const unsigned char *)office_id; *at != '\0'; at++)
		hash = (hash ^ *at) * FNV_PRIME;
	return hash;
}

/* With doubles, as the paper has it: IEEE 754 gives the same everywhere. */
int64_t
sk_share_of(const char *office_id, int64_t of)
{
	uint64_t key = sk_share_hash(office_id);
	int64_t bucket = 0, next = 0;

	while (next < of) {
		bucket = next;
		key = key * JUMP_FACTOR + 1;
		next = (int64_t)((double)(bucket + 1) *
		    ((double)(INT64_C(1) << 31) / (double)((key >> 33) + 1)));
	}
	return bucket + 1;
}

bool
sk_share_has(const struct sk_share *share, const char *office_id)
{
	return share->of == 0 || sk_share_of(office_id, share->of) == share->number;
}

/* A whole number from 1 to SK_SHARE_MOST, and nothing before it; 0: none. */
static int64_t
number_at(const char *text, const char **end)
{
	char *after;
	long number;

	if (*text < '1' || *text > '9')
		return 0;
	number = strtol(text, &after, 10);
	*end = after;
	return number <= SK_SHARE_MOST ? number : 0;
}

bool
sk_share_read(const char *text, struct sk_share *share)
{
	const char *end = text;

	share->number = number_at(text, &end);
	share->of = share->number > 0 && *end == '/' ? number_at(end + 1, &end) : 0;
	if (share->of > 0 && *end == '\0' && share->number <= share->of)
		return true;
	*share = (struct sk_share){0, 0};
	return false;
}
