/* SPDX-License-Identifier: MIT */
/*
 * doctor: where each setting comes from, and the files that the settings name. No key is shown. Where the config file can't
 * be read, all that doesn't depend on it is looked at all the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/place.h"
#include "base/secret.h"
#include "commands/doctor_parts.h"

static void
tell_values(struct sk_doctor *doctor)
{
	const struct sk_config *config = &doctor->session.config;
	const char *name, *value, *source;
	bool is_set;

	for (size_t i = 0; (name = sk_config_setting(config, i, &value, &is_set)) != NULL; i++) {
		source = is_set ? sk_config_source(config, name) : NULL;
		if (source != NULL)
			sk_doctor_tell(doctor, (struct sk_doctor_about){"setting", name},
			    SK_DOCTOR_OK, 0, "%s, from %s",
			    value != NULL ? value : "set, and not shown", source);
		else if (value != NULL)
			sk_doctor_tell(doctor, (struct sk_doctor_about){"setting", name},
			    SK_DOCTOR_OK, 0, "%s, the default", value);
	}
}

/* Whoever can write to the config file can have the keys sent elsewhere. */
static void
tell_file(struct sk_doctor *doctor, const char *setting, const char *path)
{
	struct sk_doctor_about about = {"file", path};
	char hint[SK_PLACE_HINT];
	struct stat st;
	int error;
	char *words;

	if (path == NULL)
		return;
	if (stat(path, &st) != 0 || faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0) {
		error = errno;
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, SK_EXIT_CONFIG,
		    "%s: the file can't be read: %s%s; correct %s, or the file's mode: chmod 600 "
		    "%s",
		    setting, strerror(error), sk_place_hint(path, error, hint), setting, path);
		return;
	}
	words = sk_doctor_file_words(&st);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 && S_ISREG(st.st_mode))
		sk_doctor_tell(doctor, about, SK_DOCTOR_WARNING, SK_EXIT_NOT_AUTHORIZED,
		    "%s: other users can write to it (%s); run: chmod go-w %s", setting, words,
		    path);
	else
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0, "%s: %s", setting, words);
	free(words);
}

static void
tell_callback_key(struct sk_doctor *doctor)
{
	const struct sk_config *config = &doctor->session.config;
	struct sk_error why = {0};
	char *key = NULL;

	if (config->callback_key_file == NULL)
		return;
	if (sk_config_callback_key(config, &key, &why) != 0)
		sk_doctor_tell(doctor, (struct sk_doctor_about){"key", "webhooks"},
		    SK_DOCTOR_CRITICAL, why.code, "%s", why.text);
	else
		sk_doctor_tell(doctor, (struct sk_doctor_about){"key", "webhooks"}, SK_DOCTOR_OK, 0,
		    "the key of the vendor's webhooks is there");
	sk_secret_free(key);
}

/* A command that prints the key may ask a server of its own for it. */
static void
tell_app(struct sk_doctor *doctor)
{
	static const struct sk_doctor_about about = {"key", "application"};
	struct sk_config *config = &doctor->session.config;
	struct sk_error why = {0};

	if (doctor->options->is_offline && config->app_key_command != NULL &&
	    config->app_key == NULL && config->app_key_file == NULL) {
		sk_doctor_tell(doctor, about, SK_DOCTOR_SKIPPED, 0,
		    "app_key_command isn't run by --offline");
		return;
	}
	doctor->has_app = sk_config_need_app(config, &why) == 0;
	if (!doctor->has_app)
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, why.code, "%s", why.text);
	else
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0, "%s are there", config->app_source);
}

/*
 * The settings become those of the session. What is said of the file is why other commands fail; only what an option or
 * a variable says is certain then.
 */
static void
load(struct sk_doctor *doctor)
{
	struct sk_config *config = &doctor->session.config;
	struct sk_error why = {0}, ignored = {0};

	doctor->has_settings = sk_config_load(config, doctor->common->db, &why) == 0;
	doctor->has_db = doctor->has_settings;
	if (!doctor->has_settings &&
	    sk_config_load_without_file(config, doctor->common->db, &ignored) == 0)
		doctor->has_db = sk_config_source(config, "db") != NULL;
	if (!doctor->common->has_format)
		sk_config_choose_format(config);
	if (!doctor->has_settings)
		sk_doctor_tell(doctor, (struct sk_doctor_about){"setting", "config"},
		    SK_DOCTOR_CRITICAL, why.code, "%s", why.text);
}

void
sk_doctor_settings(struct sk_doctor *doctor)
{
	const struct sk_config *config = &doctor->session.config;

	load(doctor);
	if (!doctor->has_settings)
		return;
	tell_values(doctor);
	if (config->config_file == NULL)
		sk_doctor_tell(doctor, (struct sk_doctor_about){"file", "config"}, SK_DOCTOR_OK, 0,
		    "there is no config file");
	tell_file(doctor, "config", config->config_file);
	tell_file(doctor, "ca_file", config->ca_file);
	tell_file(doctor, "app_key_file", config->app_key_file);
	tell_file(doctor, "callback_key_file", config->callback_key_file);
	tell_callback_key(doctor);
	tell_app(doctor);
}
