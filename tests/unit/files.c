/* SPDX-License-Identifier: MIT */
/* Documents: only beneath the folder, only regular files, and their base64. */
#include "base/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tap.h"

static char top[] = "/tmp/unit-files-XXXXXX";

static void
put(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || write(fd, bytes, n) != (ssize_t)n || close(fd) != 0)
		printf("Bail out! %s\n", path);
}

/* top/in is the folder: a, sub/b, links, a FIFO; top/out lies outside. */
static int
make_files(void)
{
	struct sk_error err = {0};

	if (mkdtemp(top) == NULL || chdir(top) != 0 || mkdir("in", 0700) != 0 ||
	    mkdir("in/sub", 0700) != 0 || mkdir("out", 0700) != 0 || mkdir("in/..x", 0700) != 0)
		printf("Bail out! %s\n", top);
	put("in/a", "A", 1);
	put("in/sub/b", "BB", 2);
	put("in/..x/c", "CCC", 3);
	put("in/empty", "", 0);
	put("out/secret", "S", 1);
	if (symlink("../out/secret", "in/link") != 0 || symlink("../out", "in/folder") != 0 ||
	    symlink("a", "in/inner") != 0 || symlink("sub", "in/also") != 0 ||
	    mkfifo("in/fifo", 0600) != 0)
		printf("Bail out! links\n");
	return sk_files_folder("in", &err);
}

static void
test_opening(int folder)
{
	static int (*const ways[])(int, const char *, char *) = {sk_files_open,
	    sk_files_open_by_steps};
	static const char *const good[] = {"a", "sub/b", "./a", "sub//b", "sub/./b", "..x/c",
	    "empty"};
	static const char *const bad[] = {"", "/", "/etc/passwd", "..", "../out/secret", "sub/../a",
	    "sub/../../out/secret", "sub/..", "a/../a", "none", "sub/none", "none/b", "a/b", "link",
	    "folder/secret", "inner", "also/b", "fifo", "sub", "sub/", "."};
	char why[SK_FILES_WHY];

	for (size_t w = 0; w < 2; w++) {
		const char *way = w == 0 ? "openat2" : "by steps";

		for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
			int fd = ways[w](folder, good[i], why);

			ok(fd >= 0, "%s: %s is opened", way, good[i]);
			ok(fd < 0 || (fcntl(fd, F_GETFD) & FD_CLOEXEC), "and closed for children");
			close(fd);
		}
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			why[0] = '\0';
			ok(ways[w](folder, bad[i], why) == -1, "%s: '%s' isn't", way, bad[i]);
			ok(why[0] != '\0' && strstr(why, "secret") == NULL, "but: %s", why);
		}
	}
	ok(fcntl(folder, F_GETFD) != -1, "the folder is still open");
}

/* Descriptors that were opened on the way are closed again: the next one has the lowest number. */
static void
test_descriptors(int folder)
{
	char why[SK_FILES_WHY];
	int before = dup(folder), after;

	close(before);
	close(sk_files_open_by_steps(folder, "sub/b", why));
	sk_files_open_by_steps(folder, "sub/none/x", why);
	sk_files_open_by_steps(folder, "folder/secret", why);
	sk_files_open(folder, "fifo", why);
	after = dup(folder);
	is_int(after, before, "nothing stays open");
	close(after);
}

static void
test_base64(int folder)
{
	char why[SK_FILES_WHY] = "", bytes[200000];
	char *text;

	text = sk_files_base64(folder, "a", 4, why);
	is_str(text, "QQ==", "one byte");
	free(text);
	text = sk_files_base64(folder, "sub/b", 4, why);
	is_str(text, "QkI=", "two");
	free(text);
	text = sk_files_base64(folder, "..x/c", 4, why);
	is_str(text, "Q0ND", "three");
	free(text);
	put("in/high", "\xfb\xef\xff\x00\x10", 5);
	text = sk_files_base64(folder, "high", 100, why);
	is_str(text, "++//ABA=", "bytes of all kinds");
	free(text);
	ok(sk_files_base64(folder, "a", 3, why) == NULL, "one more than is allowed isn't taken");
	ok(strstr(why, "more than 0 bytes") != NULL, "which says how much is: %s", why);
	ok(sk_files_base64(folder, "empty", 100, why) == NULL && strstr(why, "empty") != NULL,
	    "an empty file is none");
	ok(sk_files_base64(folder, "link", 100, why) == NULL, "nor is a link");

	/* several pieces: each length around the size of a piece, the end in place */
	memset(bytes, 'x', sizeof(bytes));
	for (size_t n = 49150; n <= 49156; n++) {
		put("in/long", bytes, n);
		text = sk_files_base64(folder, "long", 100000, why);
		ok(text != NULL && strlen(text) == (n + 2) / 3 * 4, "%zu bytes", n);
		ok(text != NULL && strspn(text, "eHhg4A=") == strlen(text) &&
			strchr(text, '=') == (n % 3 == 0 ? NULL : text + n / 3 * 4 + n % 3 + 1),
		    "padded at their end only");
		free(text);
	}
	put("in/long", bytes, sizeof(bytes));
	text = sk_files_base64(folder, "long", (sizeof(bytes) + 2) / 3 * 4, why);
	ok(text != NULL, "as long as is allowed");
	free(text);
	ok(sk_files_base64(folder, "long", (sizeof(bytes) + 2) / 3 * 4 - 1, why) == NULL,
	    "one character less isn't");

	/* a file without an end isn't read to it */
	if (truncate("in/long", (off_t)1 << 40) == 0)
		ok(sk_files_base64(folder, "long", 2097152, why) == NULL, "a file of a terabyte");
}

static void
test_folder(void)
{
	struct sk_error err = {0};

	is_int(sk_files_folder("none", &err), -1, "a folder that isn't there");
	is_int(err.code, SK_EXIT_NO_INPUT, "is a missing input");
	is_int(sk_files_folder("in/a", &err), -1, "a file is no folder");
}

static void
clean_up(void)
{
	static const char *const files[] = {"in/a", "in/sub/b", "in/..x/c", "in/empty",
	    "out/secret", "in/link", "in/folder", "in/inner", "in/also", "in/fifo", "in/high",
	    "in/long"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	rmdir("in/sub");
	rmdir("in/..x");
	rmdir("in");
	rmdir("out");
	rmdir(top);
}

int
main(void)
{
	int folder;

	sk_mem_init();
	folder = make_files();
	ok(folder >= 0, "the folder is opened");
	test_opening(folder);
	test_descriptors(folder);
	test_base64(folder);
	test_folder();
	close(folder);
	clean_up();
	return done_testing();
}
