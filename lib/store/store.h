/* SPDX-License-Identifier: MIT */
/*
 * store: the state file: opening it safely, transactions, migrations. All SQL of the toolkit stands
 * in lib/store; nobody else sees SQLite. What the tables mean is in sikka-db(5).
 *
 * The file is 0600 in a 0700 folder, checked by stat before it is opened (77), and refused when it
 * isn't ours or comes from a newer version (78). Rollback journal, synchronous=FULL: a commit that
 * reports success is durable. Every write stands between sk_store_begin and sk_store_commit (BEGIN
 * IMMEDIATE, at most 30 s of waiting for others, then 75); no transaction is held across the
 * network. A COMMIT that fails is read back on a new connection before it is believed. A file of an earlier
 * version is converted when it is opened; each transaction sees whether another program has done so since (75).
 *
 * Structs filled by store functions own their texts; each has a _fini. A function that reads takes
 * a NULL store for an empty one.
 */
#ifndef SK_STORE_STORE_H
#define SK_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct sk_store;

enum sk_store_open {
	SK_STORE_READ, /* a missing file counts as an empty one: *store is NULL, 0 */
	SK_STORE_WRITE,
	/*
	 * For a rehearsal: the file is read once, into memory, and all that is written afterwards is written
	 * there. As SK_STORE_WRITE, but the file needn't be writable.
	 */
	SK_STORE_REHEARSE,
	/*
	 * For a command that must change nothing, whatever state the file is in: it is read once, into memory. As SK_STORE_READ,
	 * but no write that a crash has interrupted is rolled back (74), and one of an earlier version is brought up to
	 * date in memory only.
	 */
	SK_STORE_LOOK
};

/*
 * 74 disk full or I/O error, 75 busy, 77 others can read it, 78 not ours or newer; opened for writing
 * also 78 when it is missing or empty, which says where it was looked for.
 */
int sk_store_open(const char *path, enum sk_store_open how, struct sk_store **store,
    struct sk_error *err);
void sk_store_free(struct sk_store *store);

/*
 * As SK_STORE_WRITE; begins the file, with this pair (not 0), where it is missing or empty, and its
 * folder. 73 can't create.
 */
int sk_store_create(const char *path, int64_t pair, struct sk_store **store, struct sk_error *err);

/* Makes the folder of a state file where it is missing, and checks it. */
int sk_store_make_folder(const char *path, struct sk_error *err);

/* Fills err (78): there is no state file at path. -1. */
int sk_store_misses(const char *path, struct sk_error *err);

/* Whether the path still names the file that is open: 1, 0. */
int sk_store_is_in_place(struct sk_store *store);

int sk_store_begin(struct sk_store *store, struct sk_error *err);

/* The same, but waits for others at most patience ms: 1 begun; 0 they still write; -1 error. */
int sk_store_try_begin(struct sk_store *store, int64_t patience, struct sk_error *err);

int sk_store_commit(struct sk_store *store, struct sk_error *err);
void sk_store_rollback(struct sk_store *store); /* does nothing when no transaction is open */

/*
 * For whoever reads thousands of rows, each by a statement of its own: SQLite would lock the file for each of them. Between
 * these two calls it is locked once. Others can't commit meanwhile: so no more than SK_STORE_PORTION rows, and nothing is
 * waited for. No second lock in between.
 */
int sk_store_lock_for_reading(struct sk_store *store, struct sk_error *err);
void sk_store_unlock(struct sk_store *store);

/*
 * Whoever changes many rows does so in several transactions of at most SK_STORE_PORTION rows, and calls this between two
 * of them. SQLite's waiting isn't fair; this sleeps longer than a process that waits for the write lock does between two
 * tries, so each of them gets it.
 */
void sk_store_let_others_write(void);

/* With so many rows a transaction takes some 20 ms, and less than 0.2 s on a slow machine. */
#define SK_STORE_PORTION 500
bool sk_store_in_transaction(const struct sk_store *store);

/*
 * The version of the tables that the file at path has: 0 where that can't be read. Nothing else is looked at, so this
 * also tells the version of a file that can't be opened.
 */
int64_t sk_store_version(const char *path);

/* PRAGMA integrity_check and foreign_key_check: 0 sound, -1 with the first fault (74). */
int sk_store_check(struct sk_store *store, struct sk_error *err);

/*
 * Copies the database by the backup API into a new file of mode 0600, which replaces what target leads to once it
 * is whole. keep not 0: it is kept under a name of its own (store/copies), beside so many others at most. 64
 * when target is the database itself or one of the files beside it, 66 when there is no database yet, 73, 74,
 * 77 when target is a link that another user could have made.
 */
int sk_store_backup(struct sk_store *store, const char *target, int keep, struct sk_error *err);

/*
 * Small facts by name (table facts): what the plan lacks, when a list was last read. A missing fact
 * is 0 and *value 0. Setting one: in the open transaction; if none is open, in one of its own.
 */
int sk_store_fact_get(struct sk_store *store, const char *name, int64_t *value,
    struct sk_error *err);
int sk_store_fact_set(struct sk_store *store, const char *name, int64_t value,
    struct sk_error *err);

/* The fact, for who can do without it: 0 also where it can't be read. */
int64_t sk_store_fact(struct sk_store *store, const char *name);

/*
 * What the lock file beside it holds as well (base/twin). A file that has none is filled with 0. _put:
 * in the open transaction.
 */
struct sk_store_twin {
	int64_t pair; /* 0: the file has no twin */
	int64_t count;
	int64_t mark;
};
int sk_store_twin_get(struct sk_store *store, struct sk_store_twin *twin, struct sk_error *err);
int sk_store_twin_put(struct sk_store *store, const struct sk_store_twin *twin,
    struct sk_error *err);

#endif
