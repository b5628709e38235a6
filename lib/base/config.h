/* SPDX-License-Identifier: MIT */
/*
 * config: where the settings come from, strongest first: option, environment, config file
 * (sikka-config(5)). An empty value is a missing one, but a path in the config file mustn't be empty.
 * A path from the environment or the config file is absolute, or begins with "~/". The app key is
 * read only when asked for, and never from an option.
 */
#ifndef SK_BASE_CONFIG_H
#define SK_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/out.h"
#include "base/share.h"

#define SK_CONFIG_SOURCES 16 /* at least as many as there are settings */

/* The config file of the system, for all users that have none of their own. */
#define SK_CONFIG_SYSTEM_FILE "/etc/sikka/config"

struct sk_config {
	char *app_id;      /* NULL: not configured */
	char *base_url;    /* without a slash at its end; https://api.sikkasoft.com/v4 by default */
	char *db;          /* the state file's path */
	char *ca_file;     /* NULL: the system's */
	char *config_file; /* the one that was read, or NULL */
	int64_t connections;    /* how many requests may be on the wire at once: 1 to 128 */
	char *connections_text; /* the same as it was set, or NULL */
	bool has_many_boots;    /* each command may run under another boot of its machine */
	char *boots_text;       /* the same as it was set, or NULL */
	enum sk_format format;  /* only where format_text isn't NULL */
	char *format_text;      /* the same as it was set, or NULL */
	char *shared_offices;   /* where another program writes, too: ids, or "*"; NULL: nowhere */
	struct sk_share share;  /* of the offices, that this host works for */
	char *share_text;       /* the same as it was set, or NULL */
	char *pms;              /* see sk_config_pms; NULL: not set */
	char *app_key;          /* see sk_config_need_app */
	/* where the app key may come from */
	char *app_key_file;
	char *app_key_command;
	char *callback_key_file;          /* see sk_config_callback_key; NULL: not set */
	char *sources[SK_CONFIG_SOURCES]; /* see sk_config_source */
	char
	    *app_source; /* for people: where app id and app key come from; by sk_config_need_app */
};

/*
 * Reads environment and files. db_option (may be NULL) is the value of the option -D. An unknown
 * name or a malformed line in a config file is an error (78) with file and line. A config file that
 * holds an app key and can be read by others is an error, too (77). Creates nothing.
 */
int sk_config_load(struct sk_config *config, const char *db_option, struct sk_error *err);
void sk_config_fini(struct sk_config *config);

/* The same without any config file, for a command that goes on when that can't be read. */
int sk_config_load_without_file(struct sk_config *config, const char *db_option,
    struct sk_error *err);

/*
 * The settings by number, from 0 on: the name; NULL: there are no more. *value is what is set, or was chosen because
 * nothing is; NULL: neither, or it is a key or may hold one (*is_set tells).
 */
const char *sk_config_setting(const struct sk_config *config, size_t number, const char **value,
    bool *is_set);

/*
 * The form of the records where -F doesn't say it: that of the settings, else a table on a terminal, and JSON
 * Lines elsewhere.
 */
void sk_config_choose_format(const struct sk_config *config);

/* Whether another program writes to the office, too (shared_offices). NULL: to each of them. */
bool sk_config_shares_office(const struct sk_config *config, const char *office_id);

/* 0; -1 with 65: the office is of another host's share, which err names. */
int sk_config_refuse_share(const struct sk_config *config, const char *office_id,
    struct sk_error *err);

/*
 * The system that the settings name for a practice, where the server is wrong about it, as "NAME VERSION". The
 * caller frees; NULL: they name none. What is said of a practice is stronger than what is said of its office.
 */
char *sk_config_pms(const struct sk_config *config, const char *office_id, const char *practice_id);

/*
 * Where the value of a setting comes from, for people: "FILE:LINE", a variable's name, or "--db".
 * NULL: it isn't set.
 */
const char *sk_config_source(const struct sk_config *config, const char *name);

/* The variables of the environment that are settings, one by one from 0 on; NULL: behind the last one. */
const char *sk_config_variable(size_t i);

/*
 * Checks what a call to the server needs: app_id, app_key (SIKKA_APP_KEY, app_key in the file,
 * app_key_file, $CREDENTIALS_DIRECTORY/sikka_app_key, first line of app_key_command), base_url
 * (https; plain http only to loopback; ending in /v4). 78 and what to set where, when something is missing.
 */
int sk_config_need_app(struct sk_config *config, struct sk_error *err);

/*
 * The key that the vendor's webhooks come with, from callback_key_file, which nobody else may be able to read. 0; -1
 * with 78 (not set, can't be read, empty) or 77. The caller frees with sk_secret_free.
 */
int sk_config_callback_key(const struct sk_config *config, char **key, struct sk_error *err);

/* Whether base_url is one that keys may be sent to; sk_config_need_app asks it, too. 0 or -1 (78). */
int sk_config_check_url(const struct sk_config *config, struct sk_error *err);

/* Other credentials than those of the settings, as a person has typed them, until sk_config_fini. Copies them. */
void sk_config_type_app(struct sk_config *config, const char *app_id, const char *app_key);

/* Another base URL than that of the settings, from an option (its name, "--url"). */
void sk_config_take_url(struct sk_config *config, const char *option, const char *url);

/* Whether a key may be sent to the URL: https to any host, http to a loopback address only. */
bool sk_config_url_is_safe(const char *url);

/*
 * Whether a host (n bytes) is this machine: localhost, [::1] or an address in 127.0.0.0/8, four
 * decimal numbers without leading zeros. Any other form may be read as a name, as libcurl does with
 * 127.evil.example.
 */
bool sk_config_is_loopback(const char *host, size_t n);

#endif
