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
#include "base/place.h"

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
fill(int fd, const char *text, mode_t mode)
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
	return fchmod(fd, mode) == 0 && fsync(fd) == 0 ? 0 : -1;
}

/* It belongs to whom the file belongs, or the folder if there is none. 0, or -1 with errno. */
static int
give(int fd, const char *path)
{
	struct stat st;
	char *folder;
	int result;

	if (lstat(path, &st) == 0)
		return sk_place_give(fd, path);
	folder = sk_place_folder(path);
	result = sk_place_give(fd, folder);
	free(folder);
	return result;
}

int
sk_publish_begin(struct sk_publication *new, const char *path, const char *text, mode_t mode,
    struct sk_error *err)
{
	struct stat st;
	int fd, result = 0;

	memset(new, 0, sizeof(*new));
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return sk_error_set(err, SK_EXIT_CANT_CREATE, "%s is %s: name a plain file", path,
		    S_ISLNK(st.st_mode) ? "a link" : "no plain file");
	new->part = part_of(path);
	fd = mkostemp(new->part, O_CLOEXEC);
	if (fd == -1) {
		result = sk_error_set(err, SK_EXIT_CANT_CREATE, "can't write beside %s: %s", path,
		    strerror(errno));
		sk_mem_replace(&new->part, NULL);
		return result;
	}
	new->path = sk_mem_copy(path);
	if (give(fd, path) != 0 || fill(fd, text, mode) != 0)
		result = sk_error_set(err, SK_EXIT_CANT_WRITE, "can't write %s: %s", path,
		    strerror(errno));
	close(fd);
	if (result != 0)
		sk_publish_drop(new);
	return result;
}

int
sk_publish_finish(struct sk_publication *new, struct sk_error *err)
{
	int result = 0;

	if (rename(new->part, new->path) != 0 || sk_place_sync_name(new->path) != 0)
		result = sk_error_set(err, SK_EXIT_CANT_WRITE, "can't write %s: %s", new->path,
		    strerror(errno));
	else
		sk_mem_replace(&new->part, NULL);
	sk_publish_drop(new);
	return result;
}

void
sk_publish_drop(struct sk_publication *new)
{
	if (new->part != NULL)
		unlink(new->part);
	sk_mem_replace(&new->part, NULL);
	sk_mem_replace(&new->path, NULL);
}

int
sk_publish(const char *path, const char *text, struct sk_error *err)
{
	struct sk_publication new;

	if (sk_publish_begin(&new, path, text, 0644, err) != 0)
		return -1;
	return sk_publish_finish(&new, err);
}
