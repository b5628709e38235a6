/* SPDX-License-Identifier: MIT */
/*
 * publish: the text is written into a file beside it, whose name begins with a dot and ends otherwise, so that
 * no program that reads a whole folder (*.prom) takes it for one of its own. That file takes the name once it
 * is whole; if anything fails it is removed, and the earlier text stays.
 */
#include "base/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* folder/.name.XXXXXX */
static char *
part_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash == NULL ? 0 : (int)(slash - path) + 1;

	return sk_mem_printf("%.*s.%s.XXXXXX", folder, path, path + folder);
}

/* 0, or -1 with errno. */
static int
fill(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t written = write(fd, text, left);

		if (written == -1 && errno == EINTR)
			continue;
		if (written == -1)
			return -1;
		text += written;
		left -= (size_t)written;
	}
	return fchmod(fd, 0644) == 0 && fsync(fd) == 0 ? 0 : -1;
}

int
sk_publish(const char *path, const char *text, struct sk_error *err)
{
	struct stat st;
	char *part;
	int fd, result = 0;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return sk_error_set(err, SK_EXIT_CANT_CREATE, "%s is %s: name a plain file", path,
		    S_ISLNK(st.st_mode) ? "a link" : "no plain file");
	part = part_of(path);
	fd = mkostemp(part, O_CLOEXEC);
	if (fd == -1) {
		result = sk_error_set(err, SK_EXIT_CANT_CREATE, "can't write beside %s: %s", path,
		    strerror(errno));
	} else {
		if (fill(fd, text) != 0 || rename(part, path) != 0)
			result = sk_error_set(err, SK_EXIT_CANT_WRITE, "can't write %s: %s", path,
			    strerror(errno));
		close(fd);
		if (result != 0)
			unlink(part);
	}
	free(part);
	return result;
}
