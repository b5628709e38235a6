/* SPDX-License-Identifier: MIT */
/* lock_parts: the open lock file, for lock and twin, which share it. Private to them. */
#ifndef SK_BASE_LOCK_PARTS_H
#define SK_BASE_LOCK_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/lock.h"

/*
 * What stands in the file, each in a sector of its own (of 4096 bytes at most), so that a power
 * failure tears only one. The bytes of the locks lie behind all of it.
 */
#define SK_LOCK_AT_HEAD 0
#define SK_LOCK_AT_TWIN 4096 /* two of them, one sector each */
#define SK_LOCK_AT_HOLDER 12288
#define SK_LOCK_SECTOR 4096

/* How a file of this version begins. Version 5 had the highest row number there, in digits. */
#define SK_LOCK_HEAD "sikka lock file\n"

/* The bytes of a kind of lock: one for each number, from this one on. */
#define SK_LOCK_NUMBERS (SK_LOCK_LAST + 1)
#define SK_LOCK_BYTES(kind) (((int64_t)(kind) + 1) * SK_LOCK_NUMBERS)

struct sk_lock_held {
	enum sk_lock_kind kind;
	int64_t number;
};

/* Bytes that a rehearsal would have written at that place. */
struct sk_lock_kept {
	int64_t at;
	char *bytes;
	size_t n;
};

/*
 * An OFD lock belongs to an open file, which a forked child shares as long as it has the file open.
 * Our children only exec, and exec closes the file (O_CLOEXEC). So a lock never outlives its
 * process.
 */
struct sk_lock {
	int fd; /* -1: the file is missing, and only rehearsed */
	char *path;
	bool is_rehearsed;         /* nothing is taken or written, see sk_lock_open_to_rehearse */
	struct sk_lock_kept *kept; /* what would have been written */
	size_t n_kept;
	struct sk_lock_held *held; /* this process's locks: an OFD lock doesn't exclude its owner */
	size_t n_held;
};

/* Reads at most n bytes: how many, or -1. */
int sk_lock_read_at(const struct sk_lock *lock, int64_t at, char *bytes, size_t n,
    struct sk_error *err);

/* Writes all n bytes: 0, or -1 (74). It isn't synced. */
int sk_lock_write_at(struct sk_lock *lock, int64_t at, const char *bytes, size_t n,
    struct sk_error *err);
int sk_lock_sync(const struct sk_lock *lock, struct sk_error *err);

#endif
