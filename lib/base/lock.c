/* SPDX-License-Identifier: MIT */
/*
 * lock: the bytes of <db>.lock, one for each thing that only one process may do. Nothing here waits:
 * a caller that doesn't get a lock decides itself what to do.
 */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock_parts.h"
#include "base/mem.h"
#include "base/place.h"

#ifdef F_OFD_SETLK
#define SET_LOCK F_OFD_SETLK
#define GET_LOCK F_OFD_GETLK
#else
#define SET_LOCK F_SETLK
#define GET_LOCK F_GETLK
#endif

#define HOLDER_TEXT 21 /* 20 digits and a newline */

/*
 * Two names of one database must give one lock file, otherwise a run that is alive would count as
 * dead. So symbolic links are followed, as SQLite does for its journal.
 */
static char *
lock_path(const char *db, struct sk_error *err)
{
	struct stat status;
	char *real = sk_place_real(db);
	char *path = NULL;

	if (lstat(real, &status) == 0 && S_ISLNK(status.st_mode))
		sk_error_set(err, SK_EXIT_CONFIG,
		    "%s: the target of this symbolic link doesn't exist (is its disk mounted?)",
		    db);
	else
		path = sk_mem_printf("%s.lock", real);
	free(real);
	return path;
}

static int
check_mode(int fd, const char *path, struct sk_error *err)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return sk_error_set(err, SK_EXIT_CANT_CREATE, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return sk_error_set(err, SK_EXIT_CANT_CREATE,
		    "%s: not a plain file: move it away, and run the command again", path);
	if ((status.st_mode & 077) != 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "%s can be used by other users; fix it with: chmod 600 %s", path, path);
	return 0;
}

/* Not through a link: whoever owns the folder could let root write to any file. */
static int
open_file(const char *path, int flags)
{
	int fd;

	do {
		fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	} while (fd == -1 && errno == EINTR);
	return fd;
}

/*
 * Creates it. Its head tells it from a file of version 5 in which no row number stands yet: that one
 * is believed beside a state file of that version, and a file that is made now, because somebody has
 * deleted the one that was there, is not. It belongs to whom the database belongs.
 */
static int
create_file(const char *path, const char *db)
{
	int fd = open_file(path, O_RDWR | O_CREAT | O_EXCL);

	if (fd == -1)
		return errno == EEXIST ? open_file(path, O_RDWR) : -1;
	if (pwrite(fd, SK_LOCK_HEAD, strlen(SK_LOCK_HEAD), SK_LOCK_AT_HEAD) ==
		(ssize_t)strlen(SK_LOCK_HEAD) &&
	    sk_place_give(fd, db) == 0 && fsync(fd) == 0 && sk_place_sync_name(path) == 0)
		return fd;
	close(fd);
	return -1;
}

/* errno says why. */
static void
fail_to_open(const char *path, enum sk_exit code, struct sk_error *err)
{
	char hint[SK_PLACE_HINT];
	int error = errno;

	sk_error_set(err, sk_place_is_short(error) ? SK_EXIT_NO_RESOURCE : code,
	    "can't open %s: %s%s", path, strerror(error), sk_place_hint(path, error, hint));
}

static struct sk_lock *
new_lock(int fd, char *path)
{
	struct sk_lock *lock = sk_mem_zero(1, sizeof(*lock));

	lock->fd = fd;
	lock->path = path;
	return lock;
}

int
sk_lock_open(const char *db, struct sk_lock **lock, struct sk_error *err)
{
	char *path = lock_path(db, err);
	int fd;

	if (path == NULL)
		return -1;
	fd = open_file(path, O_RDWR);
	if (fd == -1 && errno == ENOENT)
		fd = create_file(path, db);
	if (fd == -1)
		fail_to_open(path, SK_EXIT_CANT_CREATE, err);
	if (fd == -1 || check_mode(fd, path, err) != 0) {
		if (fd != -1)
			close(fd);
		free(path);
		return -1;
	}
	*lock = new_lock(fd, path);
	return 0;
}

int
sk_lock_open_to_read(const char *db, struct sk_lock **lock, struct sk_error *err)
{
	char *path = lock_path(db, err);
	int fd;

	*lock = NULL;
	if (path == NULL)
		return -1;
	fd = open_file(path, O_RDONLY);
	if (fd == -1) {
		int code = errno;

		if (code != ENOENT)
			fail_to_open(path, SK_EXIT_NOT_AUTHORIZED, err);
		free(path);
		return code == ENOENT ? 0 : -1;
	}
	*lock = new_lock(fd, path);
	return 1;
}

/* Keeps what would be written at that place. */
static void
keep(struct sk_lock *lock, int64_t at, const char *bytes, size_t n)
{
	size_t i = 0;

	while (i < lock->n_kept && lock->kept[i].at != at)
		i++;
	if (i == lock->n_kept) {
		lock->kept = sk_mem_resize(lock->kept, ++lock->n_kept, sizeof(*lock->kept));
		lock->kept[i].bytes = NULL;
	}
	free(lock->kept[i].bytes);
	lock->kept[i] = (struct sk_lock_kept){at, sk_mem_copy_bytes(bytes, n), n};
}

int
sk_lock_open_to_rehearse(const char *db, struct sk_lock **lock, struct sk_error *err)
{
	char *path = lock_path(db, err);
	int fd;

	if (path == NULL)
		return -1;
	fd = open_file(path, O_RDONLY);
	if (fd == -1 && errno != ENOENT)
		fail_to_open(path, SK_EXIT_CANT_CREATE, err);
	else if (fd == -1 || check_mode(fd, path, err) == 0) {
		*lock = new_lock(fd, path);
		(*lock)->is_rehearsed = true;
		if (fd == -1)
			keep(*lock, SK_LOCK_AT_HEAD, SK_LOCK_HEAD, strlen(SK_LOCK_HEAD));
		return 0;
	}
	if (fd != -1)
		close(fd);
	free(path);
	return -1;
}

void
sk_lock_free(struct sk_lock *lock)
{
	if (lock == NULL)
		return;
	if (lock->fd != -1)
		close(lock->fd);
	for (size_t i = 0; i < lock->n_kept; i++)
		free(lock->kept[i].bytes);
	free(lock->kept);
	free(lock->path);
	free(lock->held);
	free(lock);
}

static size_t
find_held(const struct sk_lock *lock, enum sk_lock_kind kind, int64_t number)
{
	size_t i;

	for (i = 0; i < lock->n_held; i++) {
		if (lock->held[i].kind == kind && lock->held[i].number == number)
			break;
	}
	return i;
}

/*
 * One fcntl on the byte; type is F_WRLCK, F_RDLCK or F_UNLCK. On return, region holds what fcntl has put
 * there.
 */
static int
do_fcntl(const struct sk_lock *lock, int command, short type, enum sk_lock_kind kind,
    int64_t number, struct flock *region)
{
	int result;

	do {
		memset(region, 0, sizeof(*region));
		region->l_type = lock->fd == -1 ? F_UNLCK : type;
		region->l_whence = SEEK_SET;
		region->l_start = (off_t)(SK_LOCK_BYTES(kind) + number);
		region->l_len = 1;
		result = lock->fd == -1 ? 0 : fcntl(lock->fd, command, region);
	} while (result == -1 && errno == EINTR);
	return result;
}

static int
check_number(int64_t number, struct sk_error *err)
{
	if (number >= 0 && number < SK_LOCK_NUMBERS)
		return 0;
	return sk_error_set(err, SK_EXIT_BUG, "no lock has the number %" PRId64, number);
}

int
sk_lock_try(struct sk_lock *lock, enum sk_lock_kind kind, int64_t number, struct sk_error *err)
{
	struct flock region;
	int is_held;

	if (check_number(number, err) != 0)
		return -1;
	if (find_held(lock, kind, number) < lock->n_held)
		return 0;
	if (lock->is_rehearsed && kind != SK_LOCK_LIST) {
		is_held = sk_lock_is_held(lock, kind, number, err);
		if (is_held != 0)
			return is_held < 0 ? -1 : 0;
	} else if (do_fcntl(lock, SET_LOCK, lock->is_rehearsed ? F_RDLCK : F_WRLCK, kind, number,
		       &region) == -1) {
		if (errno == EAGAIN || errno == EACCES)
			return 0;
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "can't lock %s: %s", lock->path,
		    strerror(errno));
	}
	lock->held = sk_mem_resize(lock->held, lock->n_held + 1, sizeof(*lock->held));
	lock->held[lock->n_held].kind = kind;
	lock->held[lock->n_held].number = number;
	lock->n_held++;
	return 1;
}

void
sk_lock_release(struct sk_lock *lock, enum sk_lock_kind kind, int64_t number)
{
	size_t i = find_held(lock, kind, number);
	struct flock region;

	if (i == lock->n_held)
		return;
	if (!lock->is_rehearsed || kind == SK_LOCK_LIST)
		do_fcntl(lock, SET_LOCK, F_UNLCK, kind, number, &region);
	lock->held[i] = lock->held[--lock->n_held];
}

int
sk_lock_is_held(struct sk_lock *lock, enum sk_lock_kind kind, int64_t number, struct sk_error *err)
{
	struct flock region;

	if (check_number(number, err) != 0)
		return -1;
	if (find_held(lock, kind, number) < lock->n_held)
		return 1;
	if (do_fcntl(lock, GET_LOCK, F_WRLCK, kind, number, &region) == -1)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "can't ask for locks of %s: %s",
		    lock->path, strerror(errno));
	return region.l_type != F_UNLCK;
}

int
sk_lock_is_any_held(struct sk_lock *lock, enum sk_lock_kind kind, struct sk_error *err)
{
	struct flock region = {.l_type = F_WRLCK,
	    .l_whence = SEEK_SET,
	    .l_start = (off_t)SK_LOCK_BYTES(kind),
	    .l_len = (off_t)SK_LOCK_NUMBERS};
	int result;

	if (lock->fd == -1)
		return 0;
	do {
		result = fcntl(lock->fd, GET_LOCK, &region);
	} while (result == -1 && errno == EINTR);
	if (result == -1)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "can't ask for locks of %s: %s",
		    lock->path, strerror(errno));
	return region.l_type != F_UNLCK;
}

int
sk_lock_read_at(const struct sk_lock *lock, int64_t at, char *bytes, size_t n, struct sk_error *err)
{
	ssize_t got;

	for (size_t i = 0; i < lock->n_kept; i++)
		if (lock->kept[i].at == at) {
			if (n > lock->kept[i].n)
				n = lock->kept[i].n;
			memcpy(bytes, lock->kept[i].bytes, n);
			return (int)n;
		}
	if (lock->fd == -1)
		return 0;
	do {
		got = pread(lock->fd, bytes, n, (off_t)at);
	} while (got == -1 && errno == EINTR);
	if (got == -1)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "can't read %s: %s", lock->path,
		    strerror(errno));
	return (int)got;
}

int
sk_lock_write_at(struct sk_lock *lock, int64_t at, const char *bytes, size_t n,
    struct sk_error *err)
{
	ssize_t written;

	if (lock->is_rehearsed) {
		keep(lock, at, bytes, n);
		return 0;
	}
	do {
		written = pwrite(lock->fd, bytes, n, (off_t)at);
	} while (written == -1 && errno == EINTR);
	if (written == (ssize_t)n)
		return 0;
	return sk_error_set(err, SK_EXIT_CANT_WRITE, "can't write %s: %s", lock->path,
	    written == -1 ? strerror(errno) : "the disk is full");
}

static int
sync_file(int fd)
{
#if defined F_FULLFSYNC
	/* On macOS fsync alone leaves the bytes in the drive's cache. */
	return fcntl(fd, F_FULLFSYNC);
#elif defined _POSIX_SYNCHRONIZED_IO && _POSIX_SYNCHRONIZED_IO > 0
	return fdatasync(fd);
#else
	return fsync(fd);
#endif
}

int
sk_lock_sync(const struct sk_lock *lock, struct sk_error *err)
{
	if (lock->is_rehearsed || sync_file(lock->fd) == 0)
		return 0;
	return sk_error_set(err, SK_EXIT_CANT_WRITE, "can't write %s to disk: %s", lock->path,
	    strerror(errno));
}

void
sk_lock_note_holder(struct sk_lock *lock)
{
	char text[HOLDER_TEXT + 1];
	struct sk_error ignored = {0};

	snprintf(text, sizeof(text), "%020ld\n", (long)getpid());
	sk_lock_write_at(lock, SK_LOCK_AT_HOLDER, text, HOLDER_TEXT, &ignored);
}

long
sk_lock_holder(const struct sk_lock *lock)
{
	char text[HOLDER_TEXT + 1] = "";
	struct sk_error ignored = {0};

	sk_lock_read_at(lock, SK_LOCK_AT_HOLDER, text, HOLDER_TEXT, &ignored);
	return strtol(text, NULL, 10);
}

int
sk_lock_is_in_place(const struct sk_lock *lock, struct sk_error *err)
{
	struct stat open_one, named;

	if (lock->fd == -1)
		return 1;
	if (fstat(lock->fd, &open_one) != 0)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "%s: %s", lock->path,
		    strerror(errno));
	if (stat(lock->path, &named) != 0)
		return errno == ENOENT
		    ? 0
		    : sk_error_set(err, SK_EXIT_NO_RESOURCE, "%s: %s", lock->path, strerror(errno));
	return open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}
