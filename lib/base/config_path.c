/* SPDX-License-Identifier: MIT */
/*
 * config: values that name files, and reading these files. A relative path would be another file in each
 * folder from which a command is run, and a state file that isn't found is one that knows of nothing that
 * was sent; so it is refused (78). No message shows the value: it may be a key that was put in the wrong
 * place.
 */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config_parts.h"
#include "base/mem.h"
#include "base/place.h"
#include "base/secret.h"

static const char quotes[] = "\"'";

int
sk_config_read_file(const char *path, char **text, struct stat *status)
{
	char *bytes;
	size_t used = 0;
	ssize_t n = 1;
	int fd, saved;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return -1;
	bytes = sk_mem_zero(SK_CONFIG_LARGEST + 1, 1);
	if (fstat(fd, status) == 0) {
		do {
			n = read(fd, bytes + used, SK_CONFIG_LARGEST - used);
			used += n > 0 ? (size_t)n : 0;
		} while ((n > 0 && used < SK_CONFIG_LARGEST) || (n == -1 && errno == EINTR));
	}
	saved = n == 0 ? 0 : n == -1 ? errno : EFBIG;
	close(fd);
	if (saved == 0 && memchr(bytes, '\0', used) != NULL)
		saved = EILSEQ;
	if (saved != 0) {
		sk_secret_wipe(bytes, SK_CONFIG_LARGEST);
		free(bytes);
		errno = saved;
		return -1;
	}
	*text = bytes;
	return 0;
}

const char *
sk_config_why(int code)
{
	if (code == EILSEQ)
		return "it contains NUL bytes, as UTF-16 does: save it as UTF-8 (iconv -f UTF-16 "
		       "-t UTF-8)";
	if (code == EFBIG)
		return "it is larger than 64 KiB";
	return strerror(code);
}

const char *
sk_config_cure(const char *path, int code, char text[SK_PLACE_HINT])
{
	if (*sk_place_hint(path, code, text) == '\0' && code == EACCES)
		snprintf(text, SK_PLACE_HINT, "; run: chmod u+r %s", path);
	return text;
}

char *
sk_config_after_mark(char *text)
{
	return strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? text + 3 : text;
}

int
sk_config_refuse_quotes(const char *what, const char *value, struct sk_error *err)
{
	size_t n = strlen(value);

	if (n < 2 || strchr(quotes, value[0]) == NULL || value[n - 1] != value[0])
		return 0;
	return sk_error_set(err, SK_EXIT_CONFIG,
	    "%s: the value is in quotes, which would be part of it: write it without them", what);
}

/* What is wrong with a path that isn't absolute; it may look like a form that a shell expands. */
static const char *
remedy_of(const char *value)
{
	if (value[0] == '\0')
		return "is empty: name a file, or remove the setting";
	if (value[0] == '$')
		return "begins with a variable, which isn't expanded here: write the whole path, "
		       "or ~/ "
		       "for your home folder";
	if (value[0] == '~' && value[1] != '/')
		return "begins with ~, which stands for your own home folder only, as ~/: write "
		       "the "
		       "whole path";
	return "is a relative path, which means another file in each folder: write the whole path, "
	       "from / on, or ~/ for your home folder";
}

char *
sk_config_path(const char *what, const char *value, struct sk_error *err)
{
	char *path;

	if (sk_config_refuse_quotes(what, value, err) != 0)
		return NULL;
	path = sk_place_expanded(value);
	if (path == NULL)
		sk_error_set(err, SK_EXIT_CONFIG,
		    "%s begins with ~/, and HOME isn't set to an absolute path", what);
	else if (path[0] != '/')
		sk_error_set(err, SK_EXIT_CONFIG, "%s %s", what, remedy_of(value));
	if (err->code == 0)
		return path;
	free(path);
	return NULL;
}

char *
sk_config_xdg_path(const char *name, const char *fallback, const char *rest, struct sk_error *err)
{
	const char *folder = sk_config_environment(name);
	const char *home = sk_config_environment("HOME");

	if (folder != NULL && folder[0] == '/')
		return sk_mem_printf("%s/%s", folder, rest);
	if (home != NULL && home[0] != '/')
		sk_error_set(err, SK_EXIT_CONFIG,
		    "HOME is a relative path: set it to an absolute one");
	return home == NULL || home[0] != '/' ? NULL
					      : sk_mem_printf("%s/%s/%s", home, fallback, rest);
}
