/* SPDX-License-Identifier: MIT */
/*
 * config: finds the app key (environment, config file, key file, systemd's credentials, command). A
 * key that others can read is refused (77); none at all is 78, with a text that says where it may
 * be put.
 */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/child.h"
#include "base/config_parts.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/time.h"

#define COMMAND_DEADLINE (10 * SK_SECOND)

/* --- app_key_command ---------------------------------------------------------------------- */

/*
 * Reads up to a newline or the end of the input. Returns the text's length, or -1 when it took too
 * long or is too long.
 */
static int
read_line(int fd, char text[SK_CONFIG_LINE + 1], int64_t end, struct sk_error *err)
{
	size_t used = 0;

	while (used < SK_CONFIG_LINE) {
		struct pollfd waiting = {fd, POLLIN, 0};
		int64_t left = end - sk_time_monotonic();
		ssize_t n;

		if (left <= 0)
			return sk_error_set(err, SK_EXIT_CONFIG, "it took more than 10 seconds");
		if (poll(&waiting, 1, (int)left) <= 0)
			continue;
		n = read(fd, text + used, SK_CONFIG_LINE - used);
		if (n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN)) {
			text[used] = '\0';
			return 0;
		}
		if (n > 0 && memchr(text + used, '\n', (size_t)n) != NULL) {
			text[used + strcspn(text + used, "\n")] = '\0';
			return 0;
		}
		used += n > 0 ? (size_t)n : 0;
	}
	return sk_error_set(err, SK_EXIT_CONFIG, "it printed a line that is too long for a key");
}

/* Waits for the child to end until the deadline, and then kills it. -1: it had to be killed. */
static int
reap(struct sk_child *child, int64_t end)
{
	static const struct timespec pause = {0, 5 * 1000 * 1000};

	while (!sk_child_has_ended(child)) {
		if (sk_time_monotonic() >= end) {
			sk_child_kill(child);
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}

/*
 * A command that prints more than the line which we read may be ended by SIGPIPE: that counts as
 * success.
 */
static bool
ended_well(int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGPIPE;
	return WIFEXITED(status) &&
	    (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 128 + SIGPIPE);
}

static int
run_command(const char *command, char **line, struct sk_error *err)
{
	int64_t end = sk_time_monotonic() + COMMAND_DEADLINE;
	char text[SK_CONFIG_LINE + 1] = "", words[SK_CHILD_WORDS];
	struct sk_child child;
	int result;

	if (sk_child_start(command, SK_CHILD_WRITES, &child, err) != 0)
		return -1;
	result = read_line(child.fd, text, end, err);
	sk_child_close(&child);
	if (reap(&child, result == 0 ? end : 0) != 0)
		result = sk_error_set(err, SK_EXIT_CONFIG, "it took more than 10 seconds");
	else if (result == 0 && !ended_well(child.status))
		result = sk_error_set(err, SK_EXIT_CONFIG, "%s", sk_child_words(&child, words));
	else if (result == 0)
		*line = sk_mem_copy(text);
	sk_secret_wipe(text, sizeof(text));
	return result;
}

/* --- what the server needs ---------------------------------------------------------------- */

/*
 * Reads the key that a file consists of; what: which one it is, for messages. private: whether nobody else may
 * be able to read the file. Returns 1 found, 0 no such file, -1 error.
 */
static int
read_key(const char *path, const char *what, bool private, char **key, struct sk_error *err)
{
	char cure[SK_PLACE_HINT];
	struct stat status;
	char *text;
	int result = 1, error;

	if (sk_config_read_file(path, &text, &status) != 0) {
		if (errno == ENOENT && !private)
			return 0;
		error = errno;
		return sk_error_set(err, SK_EXIT_CONFIG, "can't read the %s file %s: %s%s", what,
		    path, sk_config_why(error), sk_config_cure(path, error, cure));
	}
	if (private && (status.st_mode & 077) != 0)
		result = sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "%s contains the %s, and other users can read it; fix it with: chmod 600 %s",
		    path, what, path);
	else
		sk_config_set(key, sk_config_trimmed(sk_config_after_mark(text)));
	sk_secret_wipe(text, SK_CONFIG_LARGEST);
	free(text);
	if (result == 1 && *key == NULL)
		return sk_error_set(err, SK_EXIT_CONFIG, "the %s file %s is empty", what, path);
	return result;
}

/*
 * systemd keeps others out of this folder and grants access by an ACL. The ACL shows as group bits
 * in the file's mode, so the mode isn't checked here.
 */
static int
key_from_credentials(struct sk_config *config, struct sk_error *err)
{
	const char *folder = sk_config_environment("CREDENTIALS_DIRECTORY");
	char *path;
	int result;

	if (folder == NULL)
		return 0;
	if (folder[0] != '/')
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "CREDENTIALS_DIRECTORY is a relative path: set it to an absolute one");
	path = sk_mem_printf("%s/sikka_app_key", folder);
	result = read_key(path, "app key", false, &config->app_key, err);
	free(path);
	return result;
}

static int
key_from_command(struct sk_config *config, struct sk_error *err)
{
	char *line;

	if (run_command(config->app_key_command, &line, err) != 0)
		return sk_error_context(err, "app_key_command");
	sk_config_set(&config->app_key, sk_config_trimmed(sk_config_after_mark(line)));
	sk_secret_free(line);
	if (config->app_key == NULL)
		return sk_error_set(err, SK_EXIT_CONFIG, "app_key_command printed an empty line");
	return 0;
}

/* For people: what they may write to. */
static const char *
file_of(const struct sk_config *config)
{
	return config->config_file != NULL ? config->config_file : "~/.config/sikka/config";
}

/*
 * Fills config->app_key from wherever it is kept, and *source with where that is, for people. 0, or -1
 * with 77, 78.
 */
static int
find_key(struct sk_config *config, const char **source, struct sk_error *err)
{
	int result;

	*source = sk_config_source(config, "app_key");
	if (config->app_key != NULL)
		return 0;
	*source = config->app_key_file;
	if (config->app_key_file != NULL)
		return read_key(config->app_key_file, "app key", true, &config->app_key, err) == 1
		    ? 0
		    : -1;
	*source = "$CREDENTIALS_DIRECTORY/sikka_app_key";
	result = key_from_credentials(config, err);
	if (result != 0)
		return result == 1 ? 0 : -1;
	*source = sk_config_source(config, "app_key_command");
	if (config->app_key_command != NULL)
		return key_from_command(config, err);
	return sk_error_set(err, SK_EXIT_CONFIG,
	    "no app key: run sikka-authorize --setup, or set app_key_file in the config file %s, "
	    "or SIKKA_APP_KEY; see "
	    "sikka-config(5)",
	    file_of(config));
}

/* The value becomes an HTTP header: a newline in it would begin a header of its own. */
static int
check_plain(const char *what, const char *value, struct sk_error *err)
{
	for (; *value != '\0'; value++) {
		if (*value < 0x20 || *value > 0x7E)
			return sk_error_set(err, SK_EXIT_CONFIG,
			    "the %s contains a character that isn't allowed in it", what);
	}
	return 0;
}

int
sk_config_check_url(const struct sk_config *config, struct sk_error *err)
{
	const char *source = sk_config_source(config, "base_url");
	size_t n = strlen(config->base_url);

	if (!sk_config_url_is_safe(config->base_url))
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "base_url (%s) must begin with https://, and must not contain a user, a query "
		    "or a fragment (http:// is allowed for this machine only)",
		    source != NULL ? source : "the default");
	if (n < 3 || strcmp(config->base_url + n - 3, "/v4") != 0)
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "base_url (%s) must end with /v4, the version of the API, as "
		    "https://api.sikkasoft.com/v4 does",
		    source != NULL ? source : "the default");
	return 0;
}

int
sk_config_need_app(struct sk_config *config, struct sk_error *err)
{
	const char *source;

	if (sk_config_check_url(config, err) != 0)
		return -1;
	if (config->app_id == NULL)
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "no app id: run sikka-authorize --setup, or set app_id in the config file %s, "
		    "or SIKKA_APP_ID; see sikka-config(5)",
		    file_of(config));
	if (find_key(config, &source, err) != 0 || check_plain("app id", config->app_id, err) != 0)
		return -1;
	if (config->app_source == NULL)
		config->app_source = sk_mem_printf("app_id (%s) and the app key (%s)",
		    sk_config_source(config, "app_id"), source);
	return check_plain("app key", config->app_key, err);
}

int
sk_config_callback_key(const struct sk_config *config, char **key, struct sk_error *err)
{
	*key = NULL;
	if (config->callback_key_file == NULL)
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "no callback key: set callback_key_file in the config file %s; see "
		    "sikka-config(5)",
		    file_of(config));
	return read_key(config->callback_key_file, "callback key", true, key, err) == 1 ? 0 : -1;
}
