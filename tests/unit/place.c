/* SPDX-License-Identifier: MIT */
/* Which file a path means. */
#include "base/place.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tap.h"
#include "folder.h"

static char *folder;

static char *
in(const char *name)
{
	return sk_mem_printf("%s/%s", folder, name);
}

static void
expands(const char *path, const char *wanted, const char *what)
{
	char *expanded = sk_place_expanded(path);

	is_str(expanded, wanted, what);
	free(expanded);
}

static void
test_home(void)
{
	setenv("HOME", "/home/ada", 1);
	expands("~/a/b", "/home/ada/a/b", "a leading ~/ is the home folder");
	expands("/a/~/b", "/a/~/b", "elsewhere it is a name");
	expands("~ada/b", "~ada/b", "another user's home isn't looked up");
	expands("~", "~", "~ alone is a name");
	setenv("HOME", "ada", 1);
	expands("~/a", NULL, "a relative HOME is none");
	unsetenv("HOME");
	expands("~/a", NULL, "without HOME there is none");
	expands("a", "a", "which other paths don't need");
}

static void
leads(const char *path, const char *name, const char *what)
{
	char *real = sk_place_real(path), *wanted = in(name);

	is_str(real, wanted, what);
	free(real);
	free(wanted);
}

static void
test_real(void)
{
	char *file = in("real/file"), *link = in("link"), *folder_link = in("there");
	char *through = in("there/file"), *new = in("there/new"), *up = in("real/../real/file");
	char *none = in("none/file"), *real = in("real");

	if (mkdir(real, 0700) != 0 || symlink("real", folder_link) != 0 ||
	    symlink("real/file", link) != 0 || chdir(real) != 0)
		printf("# the links can't be made\n");
	leads(new, "real/new", "a missing file lies in the folder that is meant");
	leads("new", "real/new", "also by a relative path");
	leads(none, "none/file", "where the folder is missing the path stays");
	leads("none/file", "real/none/file", "but becomes absolute");
	leads(link, "link", "so it does where a link leads to nothing");
	fclose(fopen(file, "w"));
	leads(link, "real/file", "a link leads to its file");
	leads(through, "real/file", "so does one to the folder");
	leads(up, "real/file", "and ..");
	leads("./file", "real/file", "and a relative path");
	free(file);
	free(link);
	free(folder_link);
	free(through);
	free(new);
	free(up);
	free(none);
	free(real);
}

int
main(void)
{
	char template[] = "/tmp/sikka-unit.XXXXXX";

	test_home();
	folder = realpath(mkdtemp(template), NULL);
	test_real();
	remove_folder(folder);
	free(folder);
	return done_testing();
}
