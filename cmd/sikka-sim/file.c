/* SPDX-License-Identifier: MIT */
/* Files that are named by options. One that can't be read ends the simulator with 66. */
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "util.h"

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct text t = {0};
	char buffer[4096];
	size_t n;

	while (f != NULL && (n = fread(buffer, 1, sizeof(buffer), f)) > 0)
		text_add(&t, buffer, n);
	if (f == NULL || ferror(f)) {
		fprintf(stderr, "sikka-sim: %s: %s\n", path, strerror(errno));
		exit(EX_NOINPUT);
	}
	fclose(f);
	return t.s != NULL ? t.s : x_dup("");
}

char *
file_read(const char *path)
{
	const char *home = getenv("HOME");
	char *expanded, *contents;

	if (strncmp(path, "~/", 2) != 0 || home == NULL || *home != '/')
		return read_file(path);
	expanded = x_printf("%s%s", home, path + 1);
	contents = read_file(expanded);
	free(expanded);
	return contents;
}
