/* SPDX-License-Identifier: MIT */
/* config_write: finds the lines by their names, as config does, and leaves what it doesn't know to config. */
#include "base/config_write.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/config_parts.h"
#include "base/mem.h"
#include "base/text.h"

#define MOST_CHANGES 8

static const char blanks[] = " \t\r\n";

char *
sk_config_own_file(struct sk_error *err)
{
	const char *named = sk_config_environment("SIKKA_CONFIG");
	char *path;

	if (named != NULL)
		return sk_config_path("SIKKA_CONFIG", named, err);
	path = sk_config_xdg_path("XDG_CONFIG_HOME", ".config", "sikka/config", err);
	if (path == NULL)
		sk_error_set(err, SK_EXIT_CONFIG,
		    "there is no place for the config file: set HOME or SIKKA_CONFIG");
	return path;
}

char *
sk_config_text(const char *path, struct sk_error *err)
{
	char cure[SK_PLACE_HINT];
	struct stat status;
	char *text;
	int error;

	if (sk_config_read_file(path, &text, &status) == 0)
		return text;
	error = errno;
	if (error == ENOENT || error == ENOTDIR)
		return sk_mem_copy("");
	sk_error_set(err, SK_EXIT_CONFIG, "can't read the config file %s: %s%s", path,
	    sk_config_why(error), sk_config_cure(path, error, cure));
	return NULL;
}

/* The number of the change that a line of n bytes is the place of; how_many: none. */
static size_t
find_change(const char *line, size_t n, const struct sk_config_change *changes, size_t how_many)
{
	const char *equals = memchr(line, '=', n);
	size_t skipped = strspn(line, blanks), length, i = 0;

	if (equals == NULL || line + skipped > equals)
		return how_many;
	length = (size_t)(equals - line) - skipped;
	while (length > 0 && strchr(blanks, line[skipped + length - 1]) != NULL)
		length--;
	while (i < how_many &&
	    (strlen(changes[i].name) != length ||
		strncmp(changes[i].name, line + skipped, length) != 0))
		i++;
	return i;
}

static void
write_change(struct sk_text *text, const struct sk_config_change *change, bool *is_written)
{
	if (!*is_written && change->value != NULL)
		sk_text_add_format(text, "%s = %s\n", change->name, change->value);
	*is_written = true;
}

char *
sk_config_changed(const char *text, const struct sk_config_change *changes, size_t n)
{
	bool is_written[MOST_CHANGES] = {false};
	struct sk_text changed = {0};
	size_t length;

	if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
		text += 3;
	if (*text == '\0')
		sk_text_add(&changed, "# see sikka-config(5)\n");
	for (; *text != '\0'; text += length) {
		size_t i;

		length = strcspn(text, "\n");
		i = find_change(text, length, changes, n);
		if (i < n) {
			write_change(&changed, &changes[i], &is_written[i]);
		} else {
			sk_text_add_bytes(&changed, text, length);
			sk_text_add(&changed, "\n");
		}
		length += text[length] == '\n';
	}
	for (size_t i = 0; i < n; i++)
		write_change(&changed, &changes[i], &is_written[i]);
	return sk_text_take(&changed);
}
