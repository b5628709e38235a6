/* SPDX-License-Identifier: MIT */
/*
 * config: reads the settings, from option, environment and config file. A line that can't be
 * understood is an error (78) that names file and line, but never quotes the line: it may be a key.
 */
#include "base/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config_parts.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/out.h"
#include "base/secret.h"

#define DEFAULT_BASE_URL "https://api.sikkasoft.com/v4"
#define CONNECTIONS 32 /* at once, unless the settings say otherwise */
#define MOST_CONNECTIONS 128

static const char blanks[] = " \t\r\n";

const char *
sk_config_environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

char *
sk_config_trimmed(char *text)
{
	char *end;

	text += strspn(text, blanks);
	end = text + strlen(text);
	while (end > text && strchr(blanks, end[-1]) != NULL)
		end--;
	*end = '\0';
	return text;
}

/* --- the config file ---------------------------------------------------------------------- */

#define SETTINGS 14

struct setting {
	const char *name;
	const char *variable; /* of the environment; NULL: there is none */
	char **slot;          /* the member of config that holds the value */
};

/* All settings that exist. */
static void
settings_of(struct sk_config *config, struct setting settings[SETTINGS])
{
	const struct setting all[SETTINGS] = {
	    {"app_id", "SIKKA_APP_ID", &config->app_id},
	    {"app_key", "SIKKA_APP_KEY", &config->app_key},
	    {"app_key_file", "SIKKA_APP_KEY_FILE", &config->app_key_file},
	    {"app_key_command", NULL, &config->app_key_command},
	    {"callback_key_file", "SIKKA_CALLBACK_KEY_FILE", &config->callback_key_file},
	    {"base_url", "SIKKA_BASE_URL", &config->base_url},
	    {"db", "SIKKA_DB", &config->db},
	    {"ca_file", "SIKKA_CA_FILE", &config->ca_file},
	    {"connections", "SIKKA_CONNECTIONS", &config->connections_text},
	    {"boots", "SIKKA_BOOTS", &config->boots_text},
	    {"shared_offices", "SIKKA_SHARED_OFFICES", &config->shared_offices},
	    {"share", "SIKKA_SHARE", &config->share_text},
	    {"pms", "SIKKA_PMS", &config->pms},
	    {"format", "SIKKA_FORMAT", &config->format_text},
	};

	memcpy(settings, all, sizeof(all));
}

_Static_assert(SETTINGS <= SK_CONFIG_SOURCES, "each setting has its source");

const char *
sk_config_variable(size_t i)
{
	struct sk_config unused;
	struct setting settings[SETTINGS];
	size_t n = 0;

	settings_of(&unused, settings);
	for (size_t j = 0; j < SETTINGS; j++)
		if (settings[j].variable != NULL && n++ == i)
			return settings[j].variable;
	return n == i ? "SIKKA_CONFIG" : NULL;
}

/* The number of the setting of that name; SETTINGS for an unknown name. */
static size_t
index_of(const struct setting settings[SETTINGS], const char *name)
{
	size_t i = 0;

	while (i < SETTINGS && strcmp(settings[i].name, name) != 0)
		i++;
	return i;
}

const char *
sk_config_source(const struct sk_config *config, const char *name)
{
	struct sk_config unused;
	struct setting settings[SETTINGS];
	size_t i;

	settings_of(&unused, settings);
	i = index_of(settings, name);
	return i < SETTINGS ? config->sources[i] : NULL;
}

/* A command may name a password in its line. */
static bool
is_secret(const char *name)
{
	return strcmp(name, "app_key") == 0 || strcmp(name, "app_key_command") == 0;
}

const char *
sk_config_setting(const struct sk_config *config, size_t number, const char **value, bool *is_set)
{
	struct sk_config copy = *config;
	struct setting settings[SETTINGS];

	if (number >= SETTINGS)
		return NULL;
	settings_of(&copy, settings);
	*is_set = config->sources[number] != NULL;
	*value = is_secret(settings[number].name) ? NULL : *settings[number].slot;
	return settings[number].name;
}

/* The old value is wiped before it is freed: it may be a secret. */
void
sk_config_set(char **slot, const char *value)
{
	sk_secret_free(*slot);
	*slot = sk_mem_copy(value[0] != '\0' ? value : NULL);
}

static bool
is_path(const char *name)
{
	return strcmp(name, "db") == 0 || strcmp(name, "ca_file") == 0 ||
	    strcmp(name, "app_key_file") == 0 || strcmp(name, "callback_key_file") == 0;
}

/*
 * Takes the value of a setting. source is where it comes from, and what names the setting there, both
 * for messages.
 */
static int
take_value(struct sk_config *config, size_t i, const char *value, const char *source,
    const char *what, struct sk_error *err)
{
	struct setting settings[SETTINGS];
	const struct setting *setting;
	char *path;

	settings_of(config, settings);
	setting = &settings[i];
	if (is_path(setting->name)) {
		path = sk_config_path(what, value, err);
		if (path == NULL)
			return -1;
		sk_config_set(setting->slot, path);
		free(path);
	} else {
		/* A command may well begin and end with quoted words. */
		if (strcmp(setting->name, "app_key_command") != 0 &&
		    sk_config_refuse_quotes(what, value, err) != 0)
			return -1;
		sk_config_set(setting->slot, value);
	}
	sk_mem_replace(&config->sources[i], *setting->slot != NULL ? source : NULL);
	return 0;
}

static int
refuse_name(const struct setting settings[SETTINGS], const char *name, const char *source,
    struct sk_error *err)
{
	struct sk_near near = {.word = name};

	for (size_t i = 0; i < SETTINGS; i++)
		sk_near_add(&near, settings[i].name, strlen(settings[i].name));
	if (near.name != NULL)
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "%s: there is no setting '%.40s'; did you mean %s?", source, name, near.name);
	return sk_error_set(err, SK_EXIT_CONFIG,
	    "%s: there is no setting '%.40s'; see sikka-config(5)", source, name);
}

static int
take_pair(struct sk_config *config, char *line, char *equals, const char *source,
    struct sk_error *err)
{
	struct setting settings[SETTINGS];
	char *name, *what;
	size_t i;
	int result;

	*equals = '\0';
	name = sk_config_trimmed(line);
	settings_of(config, settings);
	i = index_of(settings, name);
	if (i == SETTINGS)
		return refuse_name(settings, name, source, err);
	what = sk_mem_printf("%s: %s", source, name);
	result = take_value(config, i, sk_config_trimmed(equals + 1), source, what, err);
	free(what);
	return result;
}

/* No message quotes the line: it may be the app key, written without its name. */
static int
take_line(struct sk_config *config, char *line, const char *path, int number, struct sk_error *err)
{
	char *equals, *source;
	int result;

	line = sk_config_trimmed(line);
	if (line[0] == '\0' || line[0] == '#')
		return 0;
	equals = strchr(line, '=');
	if (equals == NULL)
		return sk_error_set(err, SK_EXIT_CONFIG, "%s:%d: not of the form name = value",
		    path, number);
	source = sk_mem_printf("%s:%d", path, number);
	result = take_pair(config, line, equals, source, err);
	free(source);
	return result;
}

static int
check_mode(const struct sk_config *config, const char *path, const struct stat *status,
    struct sk_error *err)
{
	if (config->app_key != NULL && (status->st_mode & 077) != 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "%s contains the app key, and other users can read it; fix it with: chmod 600 "
		    "%s",
		    path, path);
	/* Whoever can write to the file could let us run any command. */
	if (config->app_key_command != NULL && (status->st_mode & 02) != 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "%s names a command, and other users can write to it; fix it with: chmod go-w "
		    "%s",
		    path, path);
	return 0;
}

static int
take_file(struct sk_config *config, char *text, const char *path, struct sk_error *err)
{
	int number = 1;

	text = sk_config_after_mark(text);
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		int last = text[n] == '\0';

		text[n] = '\0';
		if (take_line(config, text, path, number++, err) != 0)
			return -1;
		text += n + (last ? 0 : 1);
	}
	return 0;
}

/* Returns 1 when the file was read, 0 when there is no such file, -1 on an error. */
static int
load_file(struct sk_config *config, const char *path, struct sk_error *err)
{
	char cure[SK_PLACE_HINT];
	struct stat status;
	char *text;
	size_t n;
	int result, error;

	if (sk_config_read_file(path, &text, &status) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		error = errno;
		return sk_error_set(err, SK_EXIT_CONFIG, "can't read the config file %s: %s%s",
		    path, sk_config_why(error), sk_config_cure(path, error, cure));
	}
	n = strlen(text);
	result = take_file(config, text, path, err);
	sk_secret_wipe(text, n); /* not strlen: NULs now end the lines in it */
	free(text);
	if (result != 0 || check_mode(config, path, &status, err) != 0)
		return -1;
	sk_mem_replace(&config->config_file, path);
	return 1;
}

static int
load_named(struct sk_config *config, const char *named, struct sk_error *err)
{
	char *path = sk_config_path("SIKKA_CONFIG", named, err);
	int result = path == NULL ? -1 : load_file(config, path, err);

	if (result == 0)
		sk_error_set(err, SK_EXIT_CONFIG,
		    "there is no config file %s, which SIKKA_CONFIG names", path);
	free(path);
	return result == 1 ? 0 : -1;
}

static int
find_file(struct sk_config *config, struct sk_error *err)
{
	const char *named = sk_config_environment("SIKKA_CONFIG");
	char *path;
	int result = 0;

	if (named != NULL)
		return load_named(config, named, err);
	path = sk_config_xdg_path("XDG_CONFIG_HOME", ".config", "sikka/config", err);
	if (err->code != 0)
		return -1;
	if (path != NULL)
		result = load_file(config, path, err);
	free(path);
	if (result == 0)
		result = load_file(config, SK_CONFIG_SYSTEM_FILE, err);
	return result == -1 ? -1 : 0;
}

/* --- loading ------------------------------------------------------------------------------ */

static int
take_environment(struct sk_config *config, struct sk_error *err)
{
	struct setting settings[SETTINGS];
	int result = 0;

	settings_of(config, settings);
	for (size_t i = 0; i < SETTINGS && result == 0; i++) {
		const char *variable = settings[i].variable;
		const char *value = variable != NULL ? sk_config_environment(variable) : NULL;
		char *copy = sk_mem_copy(value);
		char *text = copy != NULL ? sk_config_trimmed(copy) : NULL;

		if (text != NULL && text[0] != '\0')
			result = take_value(config, i, text, variable, variable, err);
		sk_secret_free(copy);
	}
	return result;
}

static int
default_db(struct sk_config *config, struct sk_error *err)
{
	const char *folders = sk_config_environment("STATE_DIRECTORY");

	/* systemd separates several folders by colons; the first one is used. */
	if (folders != NULL && folders[0] != ':' && folders[0] != '/')
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "STATE_DIRECTORY is a relative path: set it to an absolute one");
	if (folders != NULL && folders[0] != ':')
		config->db = sk_mem_printf("%.*s/sikka.db", (int)strcspn(folders, ":"), folders);
	else
		config->db =
		    sk_config_xdg_path("XDG_STATE_HOME", ".local/state", "sikka/sikka.db", err);
	if (config->db != NULL)
		return 0;
	return sk_error_set(err, SK_EXIT_CONFIG,
	    "there is no place for the state file: set HOME or SIKKA_DB, or give --db FILE");
}

static void
trim_url(char *url)
{
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		url[--n] = '\0';
}

static int
read_connections(struct sk_config *config, struct sk_error *err)
{
	const char *text = config->connections_text;
	char *end = NULL;
	long value;

	config->connections = CONNECTIONS;
	if (text == NULL)
		return 0;
	value = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 || value > MOST_CONNECTIONS)
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "connections (%s) must be a whole number from 1 to %d, not \"%.40s\"",
		    sk_config_source(config, "connections"), MOST_CONNECTIONS, text);
	config->connections = value;
	return 0;
}

/* A value from elsewhere than config looks. */
static void
set_named(struct sk_config *config, const char *name, const char *value, const char *source)
{
	struct setting settings[SETTINGS];
	size_t i;

	settings_of(config, settings);
	i = index_of(settings, name);
	sk_config_set(settings[i].slot, value);
	sk_mem_replace(&config->sources[i], source);
}

void
sk_config_type_app(struct sk_config *config, const char *app_id, const char *app_key)
{
	set_named(config, "app_id", app_id, "as typed");
	set_named(config, "app_key", app_key, "as typed");
}

void
sk_config_take_url(struct sk_config *config, const char *option, const char *url)
{
	set_named(config, "base_url", url, option);
	trim_url(config->base_url);
}

static int
read_boots(struct sk_config *config, struct sk_error *err)
{
	const char *text = config->boots_text;

	config->has_many_boots = text != NULL && strcmp(text, "many") == 0;
	if (text == NULL || config->has_many_boots || strcmp(text, "one") == 0)
		return 0;
	return sk_error_set(err, SK_EXIT_CONFIG,
	    "boots (%s) must be \"one\" or \"many\", not \"%.40s\"",
	    sk_config_source(config, "boots"), text);
}

static int
read_format(struct sk_config *config, struct sk_error *err)
{
	const char *text = config->format_text;
	char hint[SK_NEAREST_HINT];

	if (text == NULL)
		return 0;
	for (int format = 0; format < SK_FORMATS; format++) {
		config->format = (enum sk_format)format;
		if (strcmp(text, sk_format_names[format]) == 0)
			return 0;
	}
	return sk_error_set(err, SK_EXIT_CONFIG,
	    "format (%s) must be jsonl, json, table or csv, not \"%.40s\"%s",
	    sk_config_source(config, "format"), text,
	    strcmp(text, SK_FORMAT_HTML_NAME) == 0
		? ": that is for sikka-status -F html only"
		: sk_nearest_hint(sk_nearest(text, sk_format_names, SK_FORMATS), hint));
}

void
sk_config_choose_format(const struct sk_config *config)
{
	if (config->format_text != NULL)
		sk_out_format(config->format);
	else
		sk_out_format(isatty(STDOUT_FILENO) ? SK_FORMAT_TABLE : SK_FORMAT_JSONL);
}

bool
sk_config_shares_office(const struct sk_config *config, const char *office_id)
{
	const char *at = config->shared_offices != NULL ? config->shared_offices : "";
	size_t n;

	for (; *at != '\0'; at += n) {
		at += strspn(at, " \t,");
		n = strcspn(at, " \t,");
		if (n == 1 && *at == '*')
			return true;
		if (office_id != NULL && n > 0 && strlen(office_id) == n &&
		    strncmp(at, office_id, n) == 0)
			return true;
	}
	return false;
}

static int
load(struct sk_config *config, bool wants_file, const char *db_option, struct sk_error *err)
{
	memset(config, 0, sizeof(*config));
	if ((wants_file && find_file(config, err) != 0) || take_environment(config, err) != 0)
		goto out;
	if (db_option != NULL && db_option[0] != '\0')
		set_named(config, "db", db_option,
		    "--db"); /* relative: to the folder in which it was typed */
	if (config->db == NULL && default_db(config, err) != 0)
		goto out;
	if (config->base_url == NULL)
		sk_config_set(&config->base_url, DEFAULT_BASE_URL);
	trim_url(config->base_url);
	if (read_connections(config, err) != 0 || read_boots(config, err) != 0 ||
	    read_format(config, err) != 0 || sk_config_read_share(config, err) != 0 ||
	    sk_config_check_pms(config, err) != 0)
		goto out;
	sk_out_verbose("config file: %s",
	    config->config_file != NULL ? config->config_file : "none");
	sk_out_verbose("state file: %s", config->db);
	return 0;
out:
	sk_config_fini(config);
	return -1;
}

int
sk_config_load(struct sk_config *config, const char *db_option, struct sk_error *err)
{
	return load(config, true, db_option, err);
}

int
sk_config_load_without_file(struct sk_config *config, const char *db_option, struct sk_error *err)
{
	return load(config, false, db_option, err);
}

void
sk_config_fini(struct sk_config *config)
{
	sk_secret_free(config->app_key);
	free(config->app_id);
	free(config->base_url);
	free(config->db);
	free(config->ca_file);
	free(config->connections_text);
	free(config->boots_text);
	free(config->format_text);
	free(config->shared_offices);
	free(config->share_text);
	free(config->pms);
	free(config->config_file);
	free(config->app_key_file);
	free(config->callback_key_file);
	free(config->app_key_command);
	free(config->app_source);
	for (size_t i = 0; i < SK_CONFIG_SOURCES; i++)
		free(config->sources[i]);
	memset(config, 0, sizeof(*config));
}
