/* SPDX-License-Identifier: MIT */
/*
 * append: if the disk is full, what was written of the new lines is cut off again, so that the file ends with a whole
 * line; where even that fails, the next one who opens it does so.
 */
#include "base/append.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/place.h"

#define PIECE 4096

static int
cannot(const struct sk_append *append, enum sk_exit exit, struct sk_error *err)
{
	return sk_error_set(err, exit, "%s: %s", append->path, strerror(errno));
}

/* Whether the line that starts there begins as ours do, as far as it is there. */
static bool
begins(int fd, off_t at, const char *begin)
{
	char text[64];
	ssize_t n =
	    pread(fd, text, strlen(begin) < sizeof(text) ? strlen(begin) : sizeof(text), at);

	return n >= 0 && strncmp(text, begin, (size_t)n) == 0;
}

/* Where the last whole line ends. */
static int
find_end(int fd, off_t size, off_t *end)
{
	char piece[PIECE];

	for (off_t at = size; at > 0;) {
		size_t n = at < PIECE ? (size_t)at : PIECE;
		ssize_t got = pread(fd, piece, n, at - (off_t)n);

		if (got != (ssize_t)n)
			return -1;
		for (; n > 0; n--, at--)
			if (piece[n - 1] == '\n') {
				*end = at;
				return 0;
			}
	}
	*end = 0;
	return 0;
}

static int
check(const struct sk_append *append, const struct stat *st, struct sk_error *err)
{
	if (!S_ISREG(st->st_mode))
		return sk_error_set(err, SK_EXIT_CANT_CREATE, "%s isn't a plain file",
		    append->path);
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "other users can read or write %s, which names patients: chmod 600 %s",
		    append->path, append->path);
	if (flock(append->fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? sk_error_set(err, SK_EXIT_TRY_LATER,
						  "another process writes to %s", append->path)
					    : cannot(append, SK_EXIT_CANT_WRITE, err);
	return 0;
}

static int
mend(struct sk_append *append, const char *begin, struct sk_error *err)
{
	struct stat st;
	off_t end;

	if (fstat(append->fd, &st) != 0)
		return cannot(append, SK_EXIT_CANT_WRITE, err);
	if (check(append, &st, err) != 0)
		return -1;
	/* Another process may have added something before the lock was taken. */
	if (fstat(append->fd, &st) != 0 || find_end(append->fd, st.st_size, &end) != 0)
		return cannot(append, SK_EXIT_CANT_WRITE, err);
	if (!begins(append->fd, 0, begin) || !begins(append->fd, end, begin))
		return sk_error_set(err, SK_EXIT_CANT_CREATE,
		    "%s holds something else: name another file", append->path);
	if (end < st.st_size && ftruncate(append->fd, end) != 0)
		return cannot(append, SK_EXIT_CANT_WRITE, err);
	append->end = end;
	return sk_place_sync(append->path, err);
}

int
sk_append_open(struct sk_append *append, const char *path, const char *begin, struct sk_error *err)
{
	*append = (struct sk_append){.path = path};
	append->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (append->fd == -1)
		return cannot(append, SK_EXIT_CANT_CREATE, err);
	if (mend(append, begin, err) == 0)
		return 0;
	sk_append_close(append);
	return -1;
}

int
sk_append_lines(struct sk_append *append, const char *lines, size_t n, struct sk_error *err)
{
	off_t at = append->end;

	while (n > 0) {
		ssize_t written = pwrite(append->fd, lines, n, at);

		if (written == -1 && errno == EINTR)
			continue;
		if (written == -1)
			break;
		lines += written;
		n -= (size_t)written;
		at += written;
	}
	if (n == 0 && fsync(append->fd) == 0) {
		append->end = at;
		return 0;
	}
	cannot(append, SK_EXIT_CANT_WRITE, err);
	/* If it fails, whoever opens the file next cuts it off. */
	(void)!ftruncate(append->fd, append->end);
	return -1;
}

void
sk_append_close(struct sk_append *append)
{
	if (append->fd != -1)
		close(append->fd);
	append->fd = -1;
}
