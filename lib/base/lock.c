/* SPDX-License-Identifier: MIT */
/*
 * lock: the bytes of <db>.lock, one for each thing that only one process may do, and the highest
 * row number. Nothing here waits: a caller that doesn't get a lock decides itself what to do.
 */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"

#ifdef F_OFD_SETLK
#define SET_LOCK F_OFD_SETLK
#define GET_LOCK F_OFD_GETLK
#else
#define SET_LOCK F_SETLK
#define GET_LOCK F_GETLK
#endif

#define NUMBERS (INT64_C(1) << 40) /* bytes for each kind of lock; the text is before them */
#define ROW_TEXT 20                /* 19 digits and a newline: one write, within one sector */
#define GUARD_WAIT (2 * SK_SECOND)

struct held {
	enum sk_lock_kind kind;
	int64_t number;
};

/*
 * An OFD lock belongs to an open file, which a forked child shares as long as it has the file open.
 * Our children only exec, and exec closes the file (O_CLOEXEC). So a lock never outlives its
 * process.
 */
struct sk_lock {
	int fd;
	char *path;
	struct held *held; /* this process's locks: an OFD lock doesn't exclude its owner */
	size_t n_held;
};

/*
 * Two names of one database must give one lock file, otherwise a run that is alive would count as
 * dead. So symbolic links are followed, as SQLite does for its journal.
 */
static char *
lock_path(const char *db, struct sk_error *err)
{
	struct stat status;
	char *real = realpath(db, NULL);
	char *path;

	if (real == NULL && lstat(db, &status) == 0 && S_ISLNK(status.st_mode)) {
		sk_error_set(err, SK_EXIT_CANT_CREATE,
		    "%s: the target of this symbolic link doesn't exist", db);
		return NULL;
	}
	path = sk_mem_printf("%s.lock", real != NULL ? real : db);
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
		return sk_error_set(err, SK_EXIT_CANT_CREATE, "%s: not a plain file", path);
	if ((status.st_mode & 077) != 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "%s can be used by other users; fix it with: chmod 600 %s", path, path);
	return 0;
}

int
sk_lock_open(const char *db, struct sk_lock **lock, struct sk_error *err)
{
	char *path = lock_path(db, err);
	int fd;

	if (path == NULL)
		return -1;
	do {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	} while (fd == -1 && errno == EINTR);
	if (fd == -1) {
		sk_error_set(err, SK_EXIT_CANT_CREATE, "can't open %s: %s", path, strerror(errno));
		free(path);
		return -1;
	}
	if (check_mode(fd, path, err) != 0) {
		close(fd);
		free(path);
		return -1;
	}
	*lock = sk_mem_zero(1, sizeof(**lock));
	(*lock)->fd = fd;
	(*lock)->path = path;
	return 0;
}

void
sk_lock_free(struct sk_lock *lock)
{
	if (lock == NULL)
		return;
	close(lock->fd);
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
 * One fcntl on the byte; type is F_WRLCK or F_UNLCK. On return, region holds what fcntl has put
 * there.
 */
static int
do_fcntl(const struct sk_lock *lock, int command, short type, enum sk_lock_kind kind,
    int64_t number, struct flock *region)
{
	int result;

	do {
		memset(region, 0, sizeof(*region));
		region->l_type = type;
		region->l_whence = SEEK_SET;
		region->l_start = (off_t)(((int64_t)kind + 1) * NUMBERS + number);
		region->l_len = 1;
		result = fcntl(lock->fd, command, region);
	} while (result == -1 && errno == EINTR);
	return result;
}

static int
check_number(int64_t number, struct sk_error *err)
{
	if (number >= 0 && number < NUMBERS)
		return 0;
	return sk_error_set(err, SK_EXIT_BUG, "no lock has the number %" PRId64, number);
}

int
sk_lock_try(struct sk_lock *lock, enum sk_lock_kind kind, int64_t number, struct sk_error *err)
{
	struct flock region;

	if (check_number(number, err) != 0)
		return -1;
	if (find_held(lock, kind, number) < lock->n_held)
		return 0;
	if (do_fcntl(lock, SET_LOCK, F_WRLCK, kind, number, &region) == -1) {
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

static int
take_guard(struct sk_lock *lock, struct sk_error *err)
{
	int64_t end = sk_time_monotonic() + GUARD_WAIT;

	for (;;) {
		struct timespec pause = {0, 0};
		int taken = sk_lock_try(lock, SK_LOCK_GUARD, 0, err);

		if (taken != 0)
			return taken == 1 ? 0 : -1;
		if (sk_time_monotonic() >= end)
			return sk_error_set(err, SK_EXIT_TRY_LATER,
			    "%s is in use by another process; try again", lock->path);
		pause.tv_nsec = (long)(2 + sk_time_jitter(8)) * 1000000;
		nanosleep(&pause, NULL);
	}
}

/*
 * Reads the row number. An empty file counts as 0, and so do zeros, which a crash may leave in
 * place of the text.
 */
static int
read_row(const struct sk_lock *lock, int64_t *row, struct sk_error *err)
{
	char text[ROW_TEXT + 1] = "";
	int64_t sum = 0;
	ssize_t n;
	int i;

	do {
		n = pread(lock->fd, text, ROW_TEXT, 0);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "can't read %s: %s", lock->path,
		    strerror(errno));
	if (text[0] == '\0') {
		*row = 0;
		return 0;
	}
	for (i = 0; text[i] >= '0' && text[i] <= '9' && i < ROW_TEXT - 1; i++) {
		int digit = text[i] - '0';

		if (sum > (INT64_MAX - digit) / 10)
			break;
		sum = sum * 10 + digit;
	}
	if (i != ROW_TEXT - 1 || text[i] != '\n')
		return sk_error_set(err, SK_EXIT_CONFIG, "%s isn't a lock file of sikka",
		    lock->path);
	*row = sum;
	return 0;
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

static int
write_row(const struct sk_lock *lock, int64_t row, struct sk_error *err)
{
	char text[ROW_TEXT + 1];
	ssize_t n;

	snprintf(text, sizeof(text), "%019" PRId64 "\n", row);
	do {
		n = pwrite(lock->fd, text, ROW_TEXT, 0);
	} while (n == -1 && errno == EINTR);
	if (n != ROW_TEXT)
		return sk_error_set(err, SK_EXIT_CANT_WRITE, "can't write %s: %s", lock->path,
		    n == -1 ? strerror(errno) : "the disk is full");
	if (sync_file(lock->fd) != 0)
		return sk_error_set(err, SK_EXIT_CANT_WRITE, "can't write %s to disk: %s",
		    lock->path, strerror(errno));
	return 0;
}

int
sk_lock_highest_row(struct sk_lock *lock, int64_t *row, struct sk_error *err)
{
	int result;

	if (take_guard(lock, err) != 0)
		return -1;
	result = read_row(lock, row, err);
	sk_lock_release(lock, SK_LOCK_GUARD, 0);
	return result;
}

int
sk_lock_raise_highest_row(struct sk_lock *lock, int64_t row, struct sk_error *err)
{
	int64_t highest;
	int result;

	if (row < 0)
		return sk_error_set(err, SK_EXIT_BUG, "no row has the number %" PRId64, row);
	if (take_guard(lock, err) != 0)
		return -1;
	result = read_row(lock, &highest, err);
	if (result == 0 && row > highest)
		result = write_row(lock, row, err);
	sk_lock_release(lock, SK_LOCK_GUARD, 0);
	return result;
}
