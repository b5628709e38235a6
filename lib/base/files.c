/* SPDX-License-Identifier: MIT */
/*
 * files: opens and reads the documents that a request names, beneath one folder only. What leads
 * out of the folder, or isn't a regular file, is refused with a reason that doesn't repeat the
 * path.
 */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#ifdef SYS_openat2
#include <linux/openat2.h>
#endif

#include "base/mem.h"

/* O_NONBLOCK: opening a FIFO must not block before we can see that it is one. */
#define HOW (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
#define PIECE 49152 /* bytes read at once: a multiple of three, as base64 needs it */
#define MOST_TRIES 16

int
sk_files_folder(const char *path, struct sk_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		sk_error_set(err, SK_EXIT_NO_INPUT, "--files %s: %s", path, strerror(errno));
	return fd;
}

/* --- opening ---------------------------------------------------------------------------------- */

static int
refuse(char why[SK_FILES_WHY], const char *text)
{
	snprintf(why, SK_FILES_WHY, "%s", text);
	return -1;
}

/* A symbolic link gives ELOOP, a path that leads out of the folder EXDEV. */
static int
refuse_errno(char why[SK_FILES_WHY])
{
	if (errno == ELOOP || errno == EXDEV)
		return refuse(why, "symbolic links aren't followed");
	snprintf(why, SK_FILES_WHY, "the file can't be read: %s", strerror(errno));
	return -1;
}

/* Whether the path is refused for its text alone; the same on every system. */
static bool
has_escape(const char *path)
{
	if (path[0] == '/' || path[0] == '\0')
		return true;
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n == 2 && path[0] == '.' && path[1] == '.')
			return true;
		if (path[n] == '\0')
			return false;
		path += n + 1;
	}
}

static int
checked(int fd, char why[SK_FILES_WHY])
{
	struct stat st;

	if (fd == -1)
		return refuse_errno(why);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return refuse(why, "it isn't a regular file");
}

static int
refuse_escape(char why[SK_FILES_WHY])
{
	return refuse(why, "the path must be inside the folder of --files, without ..");
}

int
sk_files_open_by_steps(int folder, const char *path, char why[SK_FILES_WHY])
{
	int at = folder;
	size_t n;

	if (has_escape(path))
		return refuse_escape(why);
	for (;; path += n + 1) {
		char *step;
		int next;

		n = strcspn(path, "/");
		step = n > 0 ? sk_mem_copy_bytes(path, n) : sk_mem_copy(".");
		next = openat(at, step, path[n] == '/' ? HOW | O_DIRECTORY : HOW);
		free(step);
		/* With O_DIRECTORY, Linux reports ENOTDIR for a symbolic link. */
		if (next == -1 && errno == ENOTDIR && path[n] == '/')
			errno = ELOOP;
		if (at != folder) {
			int error = errno;

			close(at);
			errno = error;
		}
		if (next == -1 || path[n] == '\0')
			return checked(next, why);
		at = next;
	}
}

int
sk_files_open(int folder, const char *path, char why[SK_FILES_WHY])
{
#ifdef SYS_openat2
	struct open_how how = {.flags = HOW,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	int fd = -1;

	if (has_escape(path))
		return refuse_escape(why);
	/* EAGAIN: a component of the path was renamed while it was being resolved. */
	for (int i = 0; i < MOST_TRIES && fd == -1; i++) {
		fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
		if (fd == -1 && errno != EAGAIN && errno != EINTR)
			break;
	}
	/* An older kernel lacks the call, or a sandbox forbids it: open step by step instead. */
	if (fd != -1 || (errno != ENOSYS && errno != EPERM))
		return checked(fd, why);
#endif
	return sk_files_open_by_steps(folder, path, why);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Writes n bytes as padded base64 to the buffer. Returns the number of characters. */
static size_t
encode(const unsigned char *bytes, size_t n, char *to)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *at = to;

	for (size_t i = 0; i < n; i += 3) {
		unsigned group = (unsigned)bytes[i] << 16;

		group |= i + 1 < n ? (unsigned)bytes[i + 1] << 8 : 0;
		group |= i + 2 < n ? bytes[i + 2] : 0;
		*at++ = digits[group >> 18];
		*at++ = digits[group >> 12 & 63];
		*at++ = i + 1 < n ? digits[group >> 6 & 63] : '=';
		*at++ = i + 2 < n ? digits[group & 63] : '=';
	}
	return (size_t)(at - to);
}

/* Fills the buffer as far as the file has bytes left. Returns how many were read, or -1. */
static ssize_t
read_piece(int fd, unsigned char *bytes)
{
	size_t have = 0;

	while (have < PIECE) {
		ssize_t n = read(fd, bytes + have, PIECE - have);

		if (n == 0)
			break;
		if (n > 0)
			have += (size_t)n;
		else if (errno != EINTR)
			return -1;
	}
	return (ssize_t)have;
}

static char *
read_all(int fd, size_t most, char why[SK_FILES_WHY])
{
	unsigned char bytes[PIECE];
	char *text = NULL;
	size_t length = 0;
	ssize_t n;

	do {
		n = read_piece(fd, bytes);
		if (n < 0)
			refuse_errno(why);
		else if (length + ((size_t)n + 2) / 3 * 4 > most)
			snprintf(why, SK_FILES_WHY, "the file has more than %zu bytes",
			    most / 4 * 3);
		else
			why[0] = '\0';
		if (why[0] != '\0') {
			free(text);
			return NULL;
		}
		text = sk_mem_resize(text, length + ((size_t)n + 2) / 3 * 4 + 1, 1);
		length += encode(bytes, (size_t)n, text + length);
	} while (n == PIECE);
	text[length] = '\0';
	if (length > 0)
		return text;
	free(text);
	refuse(why, "the file is empty");
	return NULL;
}

char *
sk_files_base64(int folder, const char *path, size_t most, char why[SK_FILES_WHY])
{
	int fd = sk_files_open(folder, path, why);
	char *text;

	if (fd == -1)
		return NULL;
	text = read_all(fd, most, why);
	close(fd);
	return text;
}
