/* SPDX-License-Identifier: MIT */
/*
 * out: stdout where it is a file. A line that a full disk has torn would be glued to the next one, and
 * neither could be read: so it is cut off, and where that can't be done the next line begins anew. What
 * can't be found out about stdout changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/out.h"
#include "base/out_parts.h"

/* Where the next byte goes; -1: stdout is no regular file. */
static off_t
place_of_stdout(off_t *size)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);
	struct stat st;

	if (flags == -1 || fstat(STDOUT_FILENO, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	*size = st.st_size;
	return (flags & O_APPEND) != 0 ? st.st_size : lseek(STDOUT_FILENO, 0, SEEK_CUR);
}

/* The byte at that place of the file, 0 if it can't be read: stdout itself is open for writing only. */
static char
byte_at(off_t at)
{
	char byte = 0;
	int fd;

	if (pread(STDOUT_FILENO, &byte, 1, at) == 1)
		return byte;
	fd = open("/proc/self/fd/1", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return 0;
	if (pread(fd, &byte, 1, at) != 1)
		byte = 0;
	close(fd);
	return byte;
}

bool
sk_out_file_is_torn(void)
{
	off_t size = 0, place = place_of_stdout(&size);
	char last = place > 0 ? byte_at(place - 1) : '\n';

	return last != '\n' && last != '\0';
}

void
sk_out_file_cut(size_t torn)
{
	off_t size = 0, end, whole;

	if (torn == 0 || place_of_stdout(&size) == -1)
		return;
	/* Behind what was written last, also where each write goes to the end of the file. */
	end = lseek(STDOUT_FILENO, 0, SEEK_CUR);
	whole = end - (off_t)torn;
	if (end != size || whole < 0 || ftruncate(STDOUT_FILENO, whole) != 0)
		return;
	(void)lseek(STDOUT_FILENO, whole, SEEK_SET);
}

/* A terminal, a socket and /dev/null may well be both. Some systems number no pipes. */
static int
refuse(const struct stat *input, const char *name, struct sk_error *err)
{
	if (!S_ISREG(input->st_mode) && !(S_ISFIFO(input->st_mode) && input->st_ino != 0))
		return 0;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat output;

		if (fstat(fd, &output) == 0 && output.st_dev == input->st_dev &&
		    output.st_ino == input->st_ino)
			return sk_error_set(err, SK_EXIT_USAGE,
			    "%s is also what %s is written to: nothing is read from it", name,
			    fd == STDOUT_FILENO ? "standard output" : "standard error");
	}
	return 0;
}

int
sk_out_refuse_input(int fd, const char *name, struct sk_error *err)
{
	struct stat input;

	/* Whoever reads it will learn that it can't be read. */
	return fstat(fd, &input) == 0 ? refuse(&input, name, err) : 0;
}

int
sk_out_refuse_input_file(const char *path, struct sk_error *err)
{
	struct stat input;

	return stat(path, &input) == 0 ? refuse(&input, path, err) : 0;
}
