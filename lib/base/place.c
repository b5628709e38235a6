/* SPDX-License-Identifier: MIT */
/*
 * place: the file that a path means. Nothing is opened, and nothing fails: what can't be resolved
 * stays as it is, and whoever opens it learns why.
 */
#include "base/place.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

char *
sk_place_expanded(const char *path)
{
	const char *home = getenv("HOME");

	if (strncmp(path, "~/", 2) != 0)
		return sk_mem_copy(path);
	if (home == NULL || home[0] != '/')
		return NULL;
	return sk_mem_printf("%s/%s", home, path + 2);
}

/* folder/name, or NULL when the folder can't be resolved. */
static char *
within(const char *folder, const char *name)
{
	char *real = realpath(folder, NULL), *path = NULL;

	if (real != NULL)
		path = sk_mem_printf("%s/%s", strcmp(real, "/") == 0 ? "" : real, name);
	free(real);
	return path;
}

char *
sk_place_real(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	char *real = realpath(path, NULL), *folder;

	if (real != NULL)
		return real;
	folder = slash == NULL ? sk_mem_copy(".") : sk_mem_copy_bytes(path, (size_t)(name - path));
	/* A last part that is no name of a file would change its meaning behind a resolved folder. */
	if (name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		real = within(folder, name);
	free(folder);
	if (real == NULL && path[0] != '/')
		real = within(".", path);
	return real != NULL ? real : sk_mem_copy(path);
}
