/* SPDX-License-Identifier: MIT */
/*
 * setup: the config file and the key file. A link leads to the file that is written, as with the state file; what is no
 * plain file is refused. Both texts are on the disk before the first takes its name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config_write.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/place.h"
#include "base/publish.h"
#include "base/secret.h"
#include "base/who.h"
#include "commands/setup_parts.h"

#define SERVICE_USER "sikka" /* of the units, see scripts/system/systemd */
#define KEY_NAME "app_key"

static const char *const credentials[] = {"app_id", "app_key", "app_key_file", "app_key_command"};
#define CREDENTIALS (sizeof(credentials) / sizeof(credentials[0]))

/* --- where they are -------------------------------------------------------------------------- */

/* Root sets up the units, where their user is there and root has no config file of its own. */
static bool
is_for_service(const char *own)
{
	const char *named = getenv("SIKKA_CONFIG");
	struct stat st;

	return geteuid() == 0 && (named == NULL || named[0] == '\0') && lstat(own, &st) != 0 &&
	    sk_who_has_user(SERVICE_USER);
}

/*
 * That the folder can be written to is known before anything is typed. Whoever may write to it could replace the files.
 */
static int
check_folder(const char *path, struct sk_error *err)
{
	char hint[SK_PLACE_HINT], *folder = sk_place_folder(path);
	struct stat st;
	int result = 0, error;

	while (stat(folder, &st) != 0 && errno == ENOENT && strcmp(folder, "/") != 0) {
		char *above = sk_place_folder(folder);

		free(folder);
		folder = above;
	}
	if (stat(folder, &st) == 0 && (st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0)
		result = sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "all users may write to the folder %s: chmod o-w %s", folder, folder);
	else if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0) {
		error = errno;
		result =
		    sk_error_set(err, SK_EXIT_CANT_CREATE, "the folder %s can't be written: %s%s",
			folder, strerror(error), sk_place_hint(folder, error, hint));
	}
	free(folder);
	return result;
}

/* The file is there: *st is of it. -1: it is no plain file. */
static int
look_at(const char *path, struct stat *st, struct sk_error *err)
{
	if (lstat(path, st) != 0)
		return 0;
	if (S_ISREG(st->st_mode))
		return 1;
	return sk_error_set(err, SK_EXIT_CANT_CREATE, "%s is %s: name a plain file", path,
	    S_ISLNK(st->st_mode) ? "a link to nothing" : "no plain file");
}

static int
find_file(struct sk_setup *setup, struct sk_error *err)
{
	char *own = sk_config_own_file(err);
	struct stat st;
	int found;

	if (own == NULL)
		return -1;
	setup->is_service = is_for_service(own);
	setup->named_file =
	    setup->is_service ? sk_mem_copy(SK_CONFIG_SYSTEM_FILE) : sk_mem_copy(own);
	setup->file = sk_place_real(setup->named_file);
	free(own);
	found = look_at(setup->file, &st, err);
	if (found == -1)
		return -1;
	setup->has_file = found == 1;
	setup->mode = found == 1 ? st.st_mode & 07777 : setup->is_service ? 0644 : 0600;
	setup->text = sk_config_text(setup->file, err);
	return setup->text != NULL ? 0 : -1;
}

/* The system's file counts no more for a user who gets one; none of its lines may be lost by that unnoticed. */
static int
refuse_to_hide(const struct sk_setup *setup, struct sk_error *err)
{
	const char *in_force = setup->config.config_file;

	if (setup->has_file || setup->is_service || in_force == NULL)
		return 0;
	return sk_error_set(err, SK_EXIT_CONFIG,
	    "%s has the settings of all users, and would count no more for you beside a file of "
	    "your own: copy it to %s first, or run this as root",
	    in_force, setup->file);
}

static int
load(struct sk_setup *setup, struct sk_error *err)
{
	const char *named = getenv("SIKKA_CONFIG");
	bool is_new = !setup->has_file && named != NULL && named[0] != '\0';

	/* A file that SIKKA_CONFIG names has to be there, but not yet. */
	if (is_new ? sk_config_load_without_file(&setup->config, setup->common->db, err) != 0
		   : sk_config_load(&setup->config, setup->common->db, err) != 0)
		return -1;
	if (setup->url != NULL)
		sk_config_take_url(&setup->config, "--url", setup->url);
	if (sk_config_check_url(&setup->config, err) != 0)
		return -1;
	return refuse_to_hide(setup, err);
}

/*
 * The one that the config file names, else one beside it; not beside the file to which a link leads, as that may lie in a
 * folder that is copied to others.
 */
static void
find_key_file(struct sk_setup *setup)
{
	char *folder;

	if (setup->config.app_key_file != NULL) {
		setup->named_key_file = sk_mem_copy(setup->config.app_key_file);
	} else {
		folder = sk_place_folder(setup->named_file);
		setup->named_key_file = sk_mem_printf("%s/" KEY_NAME, folder);
		free(folder);
	}
	setup->key_file = sk_place_real(setup->named_key_file);
}

int
sk_setup_find(struct sk_setup *setup, struct sk_error *err)
{
	struct stat st;

	if (find_file(setup, err) != 0 || load(setup, err) != 0)
		return -1;
	find_key_file(setup);
	if (look_at(setup->key_file, &st, err) == -1)
		return -1;
	return check_folder(setup->file, err) != 0 || check_folder(setup->key_file, err) != 0 ? -1
											      : 0;
}

/* --- what is in them ------------------------------------------------------------------------- */

static bool
is_credential(const char *name)
{
	for (size_t i = 0; i < CREDENTIALS; i++)
		if (strcmp(name, credentials[i]) == 0)
			return true;
	return false;
}

bool
sk_setup_tell_earlier(const struct sk_setup *setup)
{
	const char *name, *value;
	struct stat st;
	bool has_any = false, is_set;

	for (size_t i = 0; (name = sk_config_setting(&setup->config, i, &value, &is_set)) != NULL;
	     i++) {
		if (!is_set || !is_credential(name))
			continue;
		has_any = true;
		sk_out_tell("%s has %s%s%s", sk_config_source(&setup->config, name), name,
		    value != NULL ? " = " : "", value != NULL ? value : "");
	}
	if (lstat(setup->key_file, &st) == 0) {
		has_any = true;
		sk_out_tell("%s has a key", setup->key_file);
	}
	return has_any;
}

/* --- writing --------------------------------------------------------------------------------- */

/* The caller's. */
static char *
changed_text(const struct sk_setup *setup)
{
	const struct sk_config *config = &setup->config;
	const char *named = setup->named_key_file;
	const char *url = getenv("SIKKA_BASE_URL");
	struct sk_config_change changes[CREDENTIALS + 1] = {{"app_id", config->app_id},
	    {"app_key_file", named}, {"app_key", NULL}, {"app_key_command", NULL}};
	size_t n = CREDENTIALS;

	/* The units get it as a credential, unless the file has named another place already. */
	if (setup->is_service && config->app_key_file == NULL)
		changes[1].value = NULL;
	/* Keys that were tried at one server aren't for another one. */
	if (setup->url != NULL || (url != NULL && url[0] != '\0'))
		changes[n++] = (struct sk_config_change){"base_url", config->base_url};
	return sk_config_changed(setup->text, changes, n);
}

static int
make_folders(const struct sk_setup *setup, struct sk_error *err)
{
	char *folders[] = {sk_place_folder(setup->file), sk_place_folder(setup->key_file)};
	int result = sk_place_make_folder(folders[0], err);

	if (result == 0)
		result = sk_place_make_folder(folders[1], err);
	free(folders[0]);
	free(folders[1]);
	return result;
}

static int
publish(struct sk_setup *setup, const char *key, const char *text, struct sk_error *err)
{
	struct sk_publication new_key, new_file;

	if (sk_publish_begin(&new_key, setup->key_file, key, 0600, err) != 0)
		return -1;
	if (sk_publish_begin(&new_file, setup->file, text, setup->mode, err) != 0) {
		sk_publish_drop(&new_key);
		return -1;
	}
	if (sk_publish_finish(&new_key, err) != 0) {
		sk_publish_drop(&new_file);
		return -1;
	}
	setup->has_key_written = true;
	return sk_publish_finish(&new_file, err);
}

int
sk_setup_write(struct sk_setup *setup, struct sk_error *err)
{
	char *key = sk_mem_printf("%s\n", setup->config.app_key);
	char *text = changed_text(setup);
	int result = make_folders(setup, err);

	if (result == 0)
		result = publish(setup, key, text, err);
	sk_secret_free(key);
	sk_secret_free(text);
	return result;
}
