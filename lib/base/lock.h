/* SPDX-License-Identifier: MIT */
/*
 * lock: one byte each of <db>.lock, an OFD lock on a file that is never deleted (sikka-life(7),
 * Runs). Never the blocking form, since OFD locks know no deadlock. Within one process OFD locks
 * exclude nothing, so a table in here does. Where there are no OFD locks, POSIX ones serve: the
 * file is opened once per process and closed at its end.
 *
 * The lock goes with the process, however that dies. The file also holds the state file's twin
 * (base/twin).
 */
#ifndef SK_BASE_LOCK_H
#define SK_BASE_LOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define SK_LOCK_LAST ((INT64_C(1) << 40) - 1) /* the highest number of a kind */

struct sk_lock;

enum sk_lock_kind {
	SK_LOCK_OFFICE,  /* one renewal at a time; number is the office's row number */
	SK_LOCK_RUN,     /* held as long as a run's process lives; number is the run's */
	SK_LOCK_LIST,    /* one reads the server's list at a time: number 0; one settles by it: 1 */
	SK_LOCK_NOTIFY,  /* one delivers events at a time (commands/notify); number 0 */
	SK_LOCK_SECTION, /* one process at a time raises the count (store/section); number 0 */
	SK_LOCK_TELLER   /* held as long as a teller lives (store/untold); number is the teller's */
};

/*
 * Opens <db>.lock and creates it (0600) where it is missing; its name is on the disk then. 73 when
 * that fails, 77 when others can read it, 78 when db is a link to nothing.
 */
int sk_lock_open(const char *db, struct sk_lock **lock, struct sk_error *err);

/*
 * The same for who only reads what stands in the file, and takes no lock. 1; 0 it is missing, and
 * *lock is NULL; -1.
 */
int sk_lock_open_to_read(const char *db, struct sk_lock **lock, struct sk_error *err);

/*
 * The same for a rehearsal: what nobody else holds counts as taken, what would be written is kept in memory and
 * read back from there, and a missing file reads as a new one would. Only the turn to read a list is taken
 * indeed, as a read lock, for which no file has to be open for writing: two lists at once would be asked for.
 * 0 or -1, as sk_lock_open.
 */
int sk_lock_open_to_rehearse(const char *db, struct sk_lock **lock, struct sk_error *err);
void sk_lock_free(struct sk_lock *lock);

/* Returns 1 when the lock was taken, 0 when somebody else holds it, -1 on an error. */
int sk_lock_try(struct sk_lock *lock, enum sk_lock_kind kind, int64_t number, struct sk_error *err);

void sk_lock_release(struct sk_lock *lock, enum sk_lock_kind kind, int64_t number);

/* Whether any process, also this one, holds the lock: 1, 0, -1 error. */
int sk_lock_is_held(struct sk_lock *lock, enum sk_lock_kind kind, int64_t number,
    struct sk_error *err);

/* Whether any other process holds a lock of that kind, whatever its number: 1, 0, -1 error. */
int sk_lock_is_any_held(struct sk_lock *lock, enum sk_lock_kind kind, struct sk_error *err);

/*
 * The pids of the other processes that hold locks of that kind: at most most of them, into pids; how
 * many there are. As far as the system tells: it does on Linux, of the processes of this user.
 */
size_t sk_lock_owners(const struct sk_lock *lock, enum sk_lock_kind kind, long *pids, size_t most);

/*
 * The pid of whoever took the section last: written beside the lock by its holder, since the system
 * doesn't tell the owner of an OFD lock. 0: it isn't known. That it can't be written stops nobody.
 */
void sk_lock_note_holder(struct sk_lock *lock);
long sk_lock_holder(const struct sk_lock *lock);

/* Whether the path still names the file that is open: 1, 0, -1. */
int sk_lock_is_in_place(const struct sk_lock *lock, struct sk_error *err);

#endif
