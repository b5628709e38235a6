/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"
#include "out.h"
#include "secret.h"
#include "time.h"

#define DEFAULT_BASE_URL "https://api.sikkasoft.com/v4"
#define SYSTEM_FILE "/etc/sikka/config"
#define LARGEST_FILE 65536
#define LONGEST_LINE 4096
#define COMMAND_DEADLINE (10 * SK_SECOND)

static const char blanks[] = " \t\r\n";
static const char digits[] = "0123456789";

/* An empty value is a missing one. */
static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* Takes the blanks off both ends of text, in place. */
static char *
trimmed(char *text)
{
	char *end;

	text += strspn(text, blanks);
	end = text + strlen(text);
	while (end > text && strchr(blanks, end[-1]) != NULL)
		end--;
	*end = '\0';
	return text;
}

/*
 * A small file as text, to be freed with sk_secret_free. Not by stdio, whose buffer would keep a
 * copy of the key. -1: errno says why (EFBIG: too large).
 */
static int
read_file(const char *path, char **text, struct stat *status)
{
	char *bytes;
	size_t used = 0;
	ssize_t n = 1;
	int fd, saved;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return -1;
	bytes = sk_mem_zero(LARGEST_FILE + 1, 1);
	if (fstat(fd, status) == 0) {
		do {
			n = read(fd, bytes + used, LARGEST_FILE - used);
			used += n > 0 ? (size_t)n : 0;
		} while ((n > 0 && used < LARGEST_FILE) || (n == -1 && errno == EINTR));
	}
	saved = n == 0 ? 0 : n == -1 ? errno : EFBIG;
	close(fd);
	if (saved == 0 && memchr(bytes, '\0', used) != NULL)
		saved = EILSEQ;
	if (saved != 0) {
		sk_secret_wipe(bytes, LARGEST_FILE);
		free(bytes);
		errno = saved;
		return -1;
	}
	*text = bytes;
	return 0;
}

/* --- the config file ---------------------------------------------------------------------- */

/* Where a setting goes; NULL for a name that there isn't. */
static char **
slot_of(struct sk_config *config, const char *name)
{
	const struct {
		const char *name;
		char **slot;
	} slots[] = {
	    {"app_id", &config->app_id},
	    {"app_key", &config->app_key},
	    {"app_key_file", &config->app_key_file},
	    {"app_key_command", &config->app_key_command},
	    {"base_url", &config->base_url},
	    {"db", &config->db},
	    {"ca_file", &config->ca_file},
	};
	size_t i;

	for (i = 0; i < sizeof slots / sizeof slots[0]; i++) {
		if (strcmp(slots[i].name, name) == 0)
			return slots[i].slot;
	}
	return NULL;
}

/* Frees what may be a secret before it is replaced. */
static void
set_slot(char **slot, const char *value)
{
	sk_secret_free(*slot);
	*slot = sk_mem_copy(value[0] != '\0' ? value : NULL);
}

/* The line's text isn't told: it may be the app key without its name. */
static int
take_line(struct sk_config *config, char *line, const char *path, int number, struct sk_error *err)
{
	char *equals, *name;
	char **slot;

	line = trimmed(line);
	if (line[0] == '\0' || line[0] == '#')
		return 0;
	equals = strchr(line, '=');
	if (equals == NULL)
		return sk_error_set(err, SK_EXIT_CONFIG, "%s:%d: not of the form name = value",
				    path, number);
	*equals = '\0';
	name = trimmed(line);
	slot = slot_of(config, name);
	if (slot == NULL)
		return sk_error_set(err, SK_EXIT_CONFIG,
				    "%s:%d: there is no setting '%.40s'; see sikka-config(5)", path,
				    number, name);
	set_slot(slot, trimmed(equals + 1));
	return 0;
}

static int
check_mode(const struct sk_config *config, const char *path, const struct stat *status,
	   struct sk_error *err)
{
	if (config->app_key != NULL && (status->st_mode & 077) != 0)
		return sk_error_set(
		    err, SK_EXIT_NOT_AUTHORIZED,
		    "%s holds the app key and others can read it; mend it with: chmod 600 %s", path,
		    path);
	/* who can write there can run commands as us */
	if (config->app_key_command != NULL && (status->st_mode & 02) != 0)
		return sk_error_set(
		    err, SK_EXIT_NOT_AUTHORIZED,
		    "%s names a command and others can write it; mend it with: chmod go-w %s", path,
		    path);
	return 0;
}

static int
take_file(struct sk_config *config, char *text, const char *path, struct sk_error *err)
{
	int number = 1;

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

/* 1 read, 0 there is no such file, -1 error. */
static int
load_file(struct sk_config *config, const char *path, struct sk_error *err)
{
	struct stat status;
	char *text;
	size_t n;
	int result;

	if (read_file(path, &text, &status) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return sk_error_set(err, SK_EXIT_CONFIG, "can't read the config file %s: %s", path,
				    strerror(errno));
	}
	n = strlen(text);
	result = take_file(config, text, path, err);
	sk_secret_wipe(text, n); /* the lines in it end in NULs by now */
	free(text);
	if (result != 0 || check_mode(config, path, &status, err) != 0)
		return -1;
	sk_mem_replace(&config->config_file, path);
	return 1;
}

/*
 * A path below an XDG folder: $name/rest, else $HOME/fallback/rest. The XDG rules say that a
 * relative value is to be ignored. NULL when there is neither. The caller frees.
 */
static char *
xdg_path(const char *name, const char *fallback, const char *rest)
{
	const char *folder = environment(name);
	const char *home = environment("HOME");

	if (folder != NULL && folder[0] == '/')
		return sk_mem_printf("%s/%s", folder, rest);
	return home == NULL ? NULL : sk_mem_printf("%s/%s/%s", home, fallback, rest);
}

static int
find_file(struct sk_config *config, struct sk_error *err)
{
	const char *named = environment("SIKKA_CONFIG");
	char *path;
	int result = 0;

	if (named != NULL) {
		result = load_file(config, named, err);
		if (result == 0)
			return sk_error_set(err, SK_EXIT_CONFIG,
					    "there is no config file %s, which SIKKA_CONFIG names",
					    named);
		return result == 1 ? 0 : -1;
	}
	path = xdg_path("XDG_CONFIG_HOME", ".config", "sikka/config");
	if (path != NULL)
		result = load_file(config, path, err);
	free(path);
	if (result == 0)
		result = load_file(config, SYSTEM_FILE, err);
	return result == -1 ? -1 : 0;
}

/* --- loading ------------------------------------------------------------------------------ */

static void
take_environment(struct sk_config *config)
{
	static const char *const names[][2] = {
	    {"SIKKA_APP_ID", "app_id"},
	    {"SIKKA_APP_KEY", "app_key"},
	    {"SIKKA_APP_KEY_FILE", "app_key_file"},
	    {"SIKKA_BASE_URL", "base_url"},
	    {"SIKKA_DB", "db"},
	    {"SIKKA_CA_FILE", "ca_file"},
	};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = environment(names[i][0]);
		char *copy = sk_mem_copy(value);
		char *text = copy != NULL ? trimmed(copy) : NULL;

		if (text != NULL && text[0] != '\0')
			set_slot(slot_of(config, names[i][1]), text);
		sk_secret_free(copy);
	}
}

static int
default_db(struct sk_config *config, struct sk_error *err)
{
	const char *folders = environment("STATE_DIRECTORY");

	/* systemd names several folders with colons between them */
	if (folders != NULL && folders[0] != ':')
		config->db = sk_mem_printf("%.*s/sikka.db", (int)strcspn(folders, ":"), folders);
	else
		config->db = xdg_path("XDG_STATE_HOME", ".local/state", "sikka/sikka.db");
	if (config->db != NULL)
		return 0;
	return sk_error_set(err, SK_EXIT_CONFIG,
			    "no place for the state file: set HOME or SIKKA_DB, or give --db FILE");
}

static void
trim_url(char *url)
{
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		url[--n] = '\0';
}

int
sk_config_load(struct sk_config *config, const char *db_option, struct sk_error *err)
{
	memset(config, 0, sizeof *config);
	if (find_file(config, err) != 0)
		goto out;
	take_environment(config);
	if (db_option != NULL && db_option[0] != '\0')
		set_slot(&config->db, db_option);
	if (config->db == NULL && default_db(config, err) != 0)
		goto out;
	if (config->base_url == NULL)
		set_slot(&config->base_url, DEFAULT_BASE_URL);
	trim_url(config->base_url);
	sk_out_verbose("config file: %s",
		       config->config_file != NULL ? config->config_file : "none");
	sk_out_verbose("state file: %s", config->db);
	return 0;
out:
	sk_config_fini(config);
	return -1;
}

void
sk_config_fini(struct sk_config *config)
{
	sk_secret_free(config->app_key);
	free(config->app_id);
	free(config->base_url);
	free(config->db);
	free(config->ca_file);
	free(config->config_file);
	free(config->app_key_file);
	free(config->app_key_command);
	memset(config, 0, sizeof *config);
}

/* --- app_key_command ---------------------------------------------------------------------- */

/*
 * In the child: only what is safe behind a fork. SIGPIPE is ignored by us, and who inherits that
 * never learns that we have read enough.
 */
static void __attribute__((noreturn)) become(const char *command, int output)
{
	struct sigaction action;
	sigset_t none;
	int input = open("/dev/null", O_RDONLY);

	memset(&action, 0, sizeof action);
	action.sa_handler = SIG_DFL;
	sigaction(SIGPIPE, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (input != -1 && dup2(input, STDIN_FILENO) != -1 && dup2(output, STDOUT_FILENO) != -1)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static int
start_command(const char *command, pid_t *child, int *output, struct sk_error *err)
{
	int fds[2];

	if (pipe(fds) != 0)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no pipe: %s", strerror(errno));
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	*child = fork();
	if (*child == 0)
		become(command, fds[1]);
	close(fds[1]);
	if (*child == -1) {
		close(fds[0]);
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no process: %s", strerror(errno));
	}
	*output = fds[0];
	return 0;
}

/* Up to a newline or the end. The text's length, or -1 when it took too long or got too long. */
static int
read_line(int fd, char text[LONGEST_LINE + 1], int64_t end, struct sk_error *err)
{
	size_t used = 0;

	while (used < LONGEST_LINE) {
		struct pollfd waiting = {fd, POLLIN, 0};
		int64_t left = end - sk_time_monotonic();
		ssize_t n;

		if (left <= 0)
			return sk_error_set(err, SK_EXIT_CONFIG, "it took more than 10 seconds");
		if (poll(&waiting, 1, (int)left) <= 0)
			continue;
		n = read(fd, text + used, LONGEST_LINE - used);
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

/* Waits for the child's end until the deadline, and kills it then. -1: it had to be killed. */
static int
reap(pid_t child, int64_t end, int *status)
{
	static const struct timespec pause = {0, 5 * 1000 * 1000};
	pid_t ended;

	*status = 0;
	for (;;) {
		ended = waitpid(child, status, WNOHANG);
		/* ECHILD: SIGCHLD is ignored, and how it ended can't be known */
		if (ended == child || (ended == -1 && errno != EINTR))
			return 0;
		if (sk_time_monotonic() >= end)
			break;
		nanosleep(&pause, NULL);
	}
	kill(child, SIGKILL);
	while (waitpid(child, status, 0) == -1 && errno == EINTR)
		;
	return -1;
}

/* It may have had more to print than the line that we took: then SIGPIPE ended it. */
static int
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
	char text[LONGEST_LINE + 1] = "";
	int output = -1, status, result;
	pid_t child;

	if (start_command(command, &child, &output, err) != 0)
		return -1;
	result = read_line(output, text, end, err);
	close(output);
	if (reap(child, result == 0 ? end : 0, &status) != 0)
		result = sk_error_set(err, SK_EXIT_CONFIG, "it took more than 10 seconds");
	else if (result == 0 && !ended_well(status))
		result = sk_error_set(err, SK_EXIT_CONFIG,
				      WIFEXITED(status) ? "it ended with %d" : "signal %d ended it",
				      WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	else if (result == 0)
		*line = sk_mem_copy(text);
	sk_secret_wipe(text, sizeof text);
	return result;
}

/* --- what the server needs ---------------------------------------------------------------- */

/* private: whether the file must be ours alone. 1 found, 0 no such file, -1 error. */
static int
key_from_file(struct sk_config *config, const char *path, int private, struct sk_error *err)
{
	struct stat status;
	char *text;
	int result = 1;

	if (read_file(path, &text, &status) != 0) {
		if (errno == ENOENT && !private)
			return 0;
		return sk_error_set(err, SK_EXIT_CONFIG, "can't read the app key's file %s: %s",
				    path, strerror(errno));
	}
	if (private && (status.st_mode & 077) != 0)
		result = sk_error_set(
		    err, SK_EXIT_NOT_AUTHORIZED,
		    "%s holds the app key and others can read it; mend it with: chmod 600 %s", path,
		    path);
	else
		set_slot(&config->app_key, trimmed(text));
	sk_secret_wipe(text, LARGEST_FILE);
	free(text);
	if (result == 1 && config->app_key == NULL)
		return sk_error_set(err, SK_EXIT_CONFIG, "the app key's file %s is empty", path);
	return result;
}

/*
 * systemd keeps this folder from others and grants access by ACL, which shows as group bits in the
 * mode: it isn't checked.
 */
static int
key_from_credentials(struct sk_config *config, struct sk_error *err)
{
	const char *folder = environment("CREDENTIALS_DIRECTORY");
	char *path;
	int result;

	if (folder == NULL)
		return 0;
	path = sk_mem_printf("%s/sikka_app_key", folder);
	result = key_from_file(config, path, 0, err);
	free(path);
	return result;
}

static int
key_from_command(struct sk_config *config, struct sk_error *err)
{
	char *line;

	if (run_command(config->app_key_command, &line, err) != 0)
		return sk_error_context(err, "app_key_command");
	set_slot(&config->app_key, trimmed(line));
	sk_secret_free(line);
	if (config->app_key == NULL)
		return sk_error_set(err, SK_EXIT_CONFIG, "app_key_command printed an empty line");
	return 0;
}

static int
find_key(struct sk_config *config, struct sk_error *err)
{
	int result;

	if (config->app_key != NULL)
		return 0;
	if (config->app_key_file != NULL)
		return key_from_file(config, config->app_key_file, 1, err) == 1 ? 0 : -1;
	result = key_from_credentials(config, err);
	if (result != 0)
		return result == 1 ? 0 : -1;
	if (config->app_key_command != NULL)
		return key_from_command(config, err);
	return sk_error_set(err, SK_EXIT_CONFIG,
			    "no app key: set app_key_file in the config file, or SIKKA_APP_KEY; "
			    "see sikka-config(5)");
}

/* They become headers: a newline in one would begin another header. */
static int
check_plain(const char *what, const char *value, struct sk_error *err)
{
	for (; *value != '\0'; value++) {
		if (*value < 0x20 || *value > 0x7E)
			return sk_error_set(err, SK_EXIT_CONFIG,
					    "the %s holds a character that can't be in one", what);
	}
	return 0;
}

int
sk_config_need_app(struct sk_config *config, struct sk_error *err)
{
	if (!sk_config_url_is_safe(config->base_url))
		return sk_error_set(
		    err, SK_EXIT_CONFIG,
		    "base_url must begin with https://, and hold no user, query or fragment "
		    "(http:// only to this machine)");
	if (config->app_id == NULL)
		return sk_error_set(err, SK_EXIT_CONFIG,
				    "no app id: set app_id in the config file, or SIKKA_APP_ID; "
				    "see sikka-config(5)");
	if (find_key(config, err) != 0 || check_plain("app id", config->app_id, err) != 0)
		return -1;
	return check_plain("app key", config->app_key, err);
}

/* --- URLs --------------------------------------------------------------------------------- */

/* 127.0.0.0/8, four decimal numbers and no shorthand: what isn't this may be read as a name. */
static int
is_loopback_address(const char *host, size_t n)
{
	const char *at = host, *end = host + n;
	int i;

	for (i = 0; i < 4; i++) {
		size_t length = strspn(at, digits);

		if (length == 0 || length > 3 || (length > 1 && at[0] == '0'))
			return 0;
		if (strtol(at, NULL, 10) > 255 || (i == 0 && strncmp(at, "127.", 4) != 0))
			return 0;
		at += length;
		if (i < 3 && *at++ != '.')
			return 0;
	}
	return at == end;
}

static int
is_loopback(const char *host, size_t n)
{
	if (n == 9 && strncasecmp(host, "localhost", 9) == 0)
		return 1;
	if (n == 5 && strncmp(host, "[::1]", 5) == 0)
		return 1;
	return is_loopback_address(host, n);
}

/* How long the host at the start of text is, 0 when there is none. */
static size_t
host_length(const char *text)
{
	static const char name[] = "0123456789.-_"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz";
	static const char address[] = "0123456789:.ABCDEFabcdef";
	size_t n;

	if (text[0] != '[')
		return strspn(text, name);
	n = strspn(text + 1, address);
	return n > 0 && text[n + 1] == ']' ? n + 2 : 0;
}

/* What follows the host: an optional port, an optional path; returns whether it's only that. */
static int
is_plain_rest(const char *rest)
{
	if (*rest == ':') {
		size_t n = strspn(rest + 1, digits);
		long port = n > 0 && n < 6 ? strtol(rest + 1, NULL, 10) : 0;

		if (port < 1 || port > 65535)
			return 0;
		rest += n + 1;
	}
	if (*rest != '\0' && *rest != '/')
		return 0;
	for (; *rest != '\0'; rest++) {
		if (*rest <= 0x20 || *rest > 0x7E || strchr("?#\\@", *rest) != NULL)
			return 0;
	}
	return 1;
}

int
sk_config_url_is_safe(const char *url)
{
	int encrypted = strncasecmp(url, "https://", 8) == 0;
	const char *host;
	size_t n;

	if (!encrypted && strncasecmp(url, "http://", 7) != 0)
		return 0;
	host = url + (encrypted ? 8 : 7);
	n = host_length(host);
	if (n == 0 || !is_plain_rest(host + n))
		return 0;
	return encrypted || is_loopback(host, n);
}
