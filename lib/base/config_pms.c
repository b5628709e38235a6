/* SPDX-License-Identifier: MIT */
/* config: the setting pms, "OFFICE[/PRACTICE]: NAME VERSION, ...". */
#include "base/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/config_parts.h"
#include "base/mem.h"

/* How long a text of n bytes is without the blanks at its end. */
static size_t
without_blanks(const char *text, size_t n)
{
	while (n > 0 && strchr(" \t", text[n - 1]) != NULL)
		n--;
	return n;
}

/* Takes the next entry from *at: where its place begins, and in *name the system. false: there is none. */
static bool
next(const char **at, const char **place, size_t *place_length, const char **name,
    size_t *name_length)
{
	const char *colon;
	size_t n;

	*at += strspn(*at, " \t,");
	if (**at == '\0')
		return false;
	n = strcspn(*at, ",");
	colon = memchr(*at, ':', n);
	*place = *at;
	*place_length = without_blanks(*at, colon != NULL ? (size_t)(colon - *at) : n);
	*name = colon != NULL ? colon + 1 : *at + n;
	*name_length = (size_t)(*at + n - *name);
	while (*name_length > 0 && strchr(" \t", **name) != NULL) {
		(*name)++;
		(*name_length)--;
	}
	*name_length = without_blanks(*name, *name_length);
	*at += n;
	return true;
}

int
sk_config_check_pms(const struct sk_config *config, struct sk_error *err)
{
	const char *at = config->pms, *place, *name;
	size_t place_length, name_length;

	while (at != NULL && next(&at, &place, &place_length, &name, &name_length))
		if (place_length == 0 || name_length == 0)
			return sk_error_set(err, SK_EXIT_CONFIG,
			    "pms (%s) must be OFFICE: NAME VERSION, or OFFICE/PRACTICE: NAME "
			    "VERSION, with commas between several",
			    sk_config_source(config, "pms"));
	return 0;
}

char *
sk_config_pms(const struct sk_config *config, const char *office_id, const char *practice_id)
{
	char *both = sk_mem_printf("%s/%s", office_id, practice_id), *found = NULL;
	const char *at = config->pms, *place, *name;
	size_t place_length, name_length;
	bool is_exact = false;

	while (at != NULL && !is_exact && next(&at, &place, &place_length, &name, &name_length)) {
		is_exact = strlen(both) == place_length && strncmp(both, place, place_length) == 0;
		if (!is_exact &&
		    (strlen(office_id) != place_length ||
			strncmp(office_id, place, place_length) != 0))
			continue;
		free(found);
		found = sk_mem_copy_bytes(name, name_length);
	}
	free(both);
	return found;
}
