/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/mem.h"
#include "tap.h"
#include "base/time.h"

static char *folder;

static char *
path(const char *name)
{
	return sk_mem_printf("%s/%s", folder, name);
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
	char *file = path(name);
	size_t n = strlen(text);
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || write(fd, text, n) != (ssize_t)n || fchmod(fd, mode) != 0)
		printf("# can't write %s\n", file);
	close(fd);
	free(file);
}

/* An environment with nothing of ours in it but a HOME that is empty and a config file. */
static void
reset(const char *text, mode_t mode)
{
	static const char *const names[] = {"SIKKA_APP_ID", "SIKKA_APP_KEY", "SIKKA_APP_KEY_FILE",
	    "SIKKA_CALLBACK_KEY_FILE", "SIKKA_BASE_URL", "SIKKA_DB", "SIKKA_CA_FILE",
	    "SIKKA_CONNECTIONS", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "SIKKA_CONFIG",
	    "STATE_DIRECTORY", "CREDENTIALS_DIRECTORY"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		unsetenv(names[i]);
	setenv("HOME", folder, 1);
	if (text != NULL) {
		char *file = path("config");

		write_file("config", text, mode);
		setenv("SIKKA_CONFIG", file, 1);
		free(file);
	}
}

static void
fails(const char *text, mode_t mode, int code, const char *wanted)
{
	struct sk_config config;
	struct sk_error err;

	reset(text, mode);
	sk_error_clear(&err);
	is_int(sk_config_load(&config, NULL, &err), -1, "refused");
	is_int(err.code, code, "with its code");
	ok(strstr(err.text, wanted) != NULL, "%s", err.text);
}

/* Loads, and asks for what the server needs. */
static int
needs(struct sk_config *config, struct sk_error *err)
{
	sk_error_clear(err);
	if (sk_config_load(config, NULL, err) != 0) {
		printf("# %s\n", err->text);
		memset(config, 0, sizeof *config);
		return -2;
	}
	return sk_config_need_app(config, err);
}

static void
key_is(const char *wanted, const char *what)
{
	struct sk_config config;
	struct sk_error err;

	is_int(needs(&config, &err), 0, what);
	is_str(config.app_key, wanted, err.text);
	sk_config_fini(&config);
}

static void
no_key(int code, const char *wanted)
{
	struct sk_config config;
	struct sk_error err;

	is_int(needs(&config, &err), -1, "no key");
	is_int(err.code, code, "with its code");
	ok(strstr(err.text, wanted) != NULL, "%s", err.text);
	sk_config_fini(&config);
}

static void
test_file(void)
{
	char *text;
	struct sk_config config;
	struct sk_error err;

	reset("# ours\n\n  app_id =  abc \t\r\napp_key=k=\"1\"\nbase_url = https://h/v4//\n"
	      "db = /x y/s.db\nca_file=/ca\n#app_id = other\napp_id_x = \n",
	    0600);
	sk_error_clear(&err);
	is_int(sk_config_load(&config, NULL, &err), -1, "an unknown name");
	ok(strstr(err.text, "config:9: there is no setting 'app_id_x'") != NULL, "%s", err.text);
	is_int(err.code, SK_EXIT_CONFIG, "78");

	reset("# ours\n\n  app_id =  abc \t\r\napp_key=k=\"1\"\nbase_url = https://h/v4//\n"
	      "db = /x y/s.db\nca_file=/ca",
	    0600);
	sk_error_clear(&err);
	is_int(sk_config_load(&config, NULL, &err), 0, "a file");
	is_str(config.app_id, "abc", "blanks around the value go");
	is_str(config.app_key, "k=\"1\"", "quotes and = aren't special");
	is_str(config.base_url, "https://h/v4", "without slashes at its end");
	is_str(config.db, "/x y/s.db", "blanks within stay");
	is_str(config.ca_file, "/ca", "the last line needs no newline");
	ok(config.config_file != NULL, "and it says which file");
	sk_config_fini(&config);
	sk_config_fini(&config);

	reset("\xEF\xBB\xBF"
	      "app_id = marked\ndb = ~/x.db\nca_file = ~/ca\n",
	    0600);
	is_int(sk_config_load(&config, NULL, &err), 0, "a byte order mark is passed over");
	is_str(config.app_id, "marked", "the first line counts");
	text = path("x.db");
	is_str(config.db, text, "~/ is the home folder");
	free(text);
	text = path("config:2");
	is_str(sk_config_source(&config, "db"), text, "where a setting comes from");
	free(text);
	is_str(sk_config_source(&config, "base_url"), NULL, "nowhere");
	is_str(sk_config_source(&config, "strange"), NULL, "nor what is no setting");
	sk_config_fini(&config);

	fails("app_idd = a\n", 0600, SK_EXIT_CONFIG,
	    "config:1: there is no setting 'app_idd'; did you mean app_id?");
	fails("a\ndb = x", 0600, SK_EXIT_CONFIG, "config:1: not of the form");
	fails("\ndb = state/x.db\n", 0600, SK_EXIT_CONFIG, "config:2: db is a relative path");
	fails("db =\n", 0600, SK_EXIT_CONFIG, "config:1: db is empty");
	fails("ca_file = \n", 0600, SK_EXIT_CONFIG, "config:1: ca_file is empty");
	fails("app_key_file = ~ada/key\n", 0600, SK_EXIT_CONFIG,
	    "config:1: app_key_file begins with ~");
	fails("db = ~\n", 0600, SK_EXIT_CONFIG, "config:1: db begins with ~");
	fails("db = $HOME/x.db\n", 0600, SK_EXIT_CONFIG, "config:1: db begins with a variable");
	fails("db = \"/x.db\"\n", 0600, SK_EXIT_CONFIG, "config:1: db: the value is in quotes");
	fails("app_id = 'x'\n", 0600, SK_EXIT_CONFIG, "config:1: app_id: the value is in quotes");
	fails("db = \"/x.db\n", 0600, SK_EXIT_CONFIG, "config:1: db is a relative path");
	reset("app_id = x\napp_key_command = 'echo' \"a b\" 'c'\n", 0600);
	is_int(sk_config_load(&config, NULL, &err), 0, "a command may begin and end with quotes");
	sk_config_fini(&config);

	fails("app_id\n", 0600, SK_EXIT_CONFIG, "config:1: not of the form");
	fails("secretkey123\n", 0600, SK_EXIT_CONFIG, "name = value");
	fails("\n= x\n", 0600, SK_EXIT_CONFIG, "config:2: there is no setting ''");
	fails("app_key = x\n", 0640, SK_EXIT_NOT_AUTHORIZED, "chmod 600");
	fails("app_key_command = x\n", 0666, SK_EXIT_NOT_AUTHORIZED, "chmod go-w");
	reset("app_id = x\napp_key =\n", 0644);
	is_int(sk_config_load(&config, NULL, &err), 0, "others may read one without a key");
	ok(config.app_key == NULL, "an empty value is a missing one");
	sk_config_fini(&config);
	reset(NULL, 0);
	setenv("SIKKA_CONFIG", "/nowhere/config", 1);
	sk_error_clear(&err);
	is_int(sk_config_load(&config, NULL, &err), -1, "a named file that isn't there");
	is_int(err.code, SK_EXIT_CONFIG, "78");
	setenv("SIKKA_CONFIG", folder, 1);
	sk_error_clear(&err);
	is_int(sk_config_load(&config, NULL, &err), -1, "a folder");
	is_int(err.code, SK_EXIT_CONFIG, "78");
}

static void
test_order(void)
{
	struct sk_config config;
	struct sk_error err;

	sk_error_clear(&err);
	reset("app_id = file\nbase_url = https://file\ndb = /file\n", 0600);
	setenv("SIKKA_APP_ID", "environment\n", 1);
	setenv("SIKKA_BASE_URL", "", 1);
	setenv("SIKKA_CA_FILE", " ", 1);
	setenv("SIKKA_DB", "/environment", 1);
	is_int(sk_config_load(&config, NULL, &err), 0, "loaded");
	is_str(config.app_id, "environment", "the environment is stronger");
	is_str(config.base_url, "https://file", "but not when it's empty");
	is_str(config.ca_file, NULL, "or blank");
	is_str(config.db, "/environment", "the state file of the environment");
	sk_config_fini(&config);
	is_int(sk_config_load(&config, "rel.db", &err), 0, "loaded");
	is_str(config.db, "rel.db", "the option is stronger still");
	sk_config_fini(&config);
	is_int(sk_config_load(&config, "", &err), 0, "loaded");
	is_str(config.db, "/environment", "but not when it's empty");
	sk_config_fini(&config);
}

static void
connections_are(const char *file, const char *variable, int64_t wanted, const char *what)
{
	struct sk_config config;
	struct sk_error err;

	reset(file, 0600);
	if (variable != NULL)
		setenv("SIKKA_CONNECTIONS", variable, 1);
	sk_error_clear(&err);
	is_int(sk_config_load(&config, NULL, &err), 0, what);
	is_int(config.connections, wanted, err.text);
	sk_config_fini(&config);
}

static void
test_connections(void)
{
	static const char *const wrong[] = {"0", "129", "x", "-1", "+1", "1.5", "1 2", "8x", "0x10",
	    "99999999999999999999", "-99999999999999999999"};
	struct sk_config config;
	struct sk_error err;

	connections_are("app_id = x\n", NULL, 32, "unless it is set");
	connections_are("connections =\n", "", 32, "an empty value is a missing one");
	connections_are("connections = 1\n", NULL, 1, "the fewest");
	connections_are("connections = 128\n", NULL, 128, "the most");
	connections_are("connections = 7\n", "12", 12, "the environment is stronger");
	connections_are("connections = 7\n", "", 7, "but not when it's empty");
	connections_are("connections = 0\n", "5", 5, "a wrong one that isn't used");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char *text = sk_mem_printf("connections = %s\n", wrong[i]);

		fails(text, 0600, SK_EXIT_CONFIG, wrong[i]);
		free(text);
		reset("connections = 7\n", 0600);
		setenv("SIKKA_CONNECTIONS", wrong[i], 1);
		sk_error_clear(&err);
		is_int(sk_config_load(&config, NULL, &err), -1, "refused");
		is_int(err.code, SK_EXIT_CONFIG, "78");
		ok(strstr(err.text, "connections (SIKKA_CONNECTIONS)") != NULL, "%s", err.text);
	}
}

static void
db_is(const char *wanted, const char *what)
{
	struct sk_config config;
	struct sk_error err;

	sk_error_clear(&err);
	is_int(sk_config_load(&config, NULL, &err), 0, "loaded");
	is_str(config.db, wanted, what);
	sk_config_fini(&config);
}

/* A variable whose value makes all settings unusable. */
static void
is_refused(const char *variable, const char *value, const char *wanted)
{
	struct sk_config config;
	struct sk_error err;

	reset("app_id = x\n", 0600);
	setenv(variable, value, 1);
	sk_error_clear(&err);
	is_int(sk_config_load(&config, NULL, &err), -1, variable);
	is_int(err.code, SK_EXIT_CONFIG, "78");
	ok(strncmp(err.text, wanted, strlen(wanted)) == 0, "%s", err.text);
}

static void
test_places(void)
{
	struct sk_config config;
	struct sk_error err;
	char *wanted = path(".local/state/sikka/sikka.db");
	char *dir = path("sikka"), *file = path("sikka/config");

	reset("app_id = x\n", 0600);
	db_is(wanted, "below HOME");
	setenv("XDG_STATE_HOME", "relative", 1);
	db_is(wanted, "a relative XDG folder doesn't count");
	setenv("XDG_STATE_HOME", "/xdg", 1);
	db_is("/xdg/sikka/sikka.db", "XDG_STATE_HOME");
	setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", 1);
	db_is("/var/lib/a/sikka.db", "the first of systemd's folders");
	is_refused("STATE_DIRECTORY", "var/a:/var/b", "STATE_DIRECTORY is a relative path");
	is_refused("HOME", "ada", "HOME is a relative path");
	is_refused("SIKKA_DB", "x.db", "SIKKA_DB is a relative path");
	is_refused("SIKKA_DB", "$HOME/x.db", "SIKKA_DB begins with a variable");
	is_refused("SIKKA_CA_FILE", "\"/ca\"", "SIKKA_CA_FILE: the value is in quotes");
	is_refused("SIKKA_APP_KEY_FILE", "key", "SIKKA_APP_KEY_FILE is a relative path");
	is_refused("SIKKA_CONFIG", "config", "SIKKA_CONFIG is a relative path");
	reset("app_id = x\n", 0600);
	unsetenv("HOME");
	sk_error_clear(&err);
	is_int(sk_config_load(&config, NULL, &err), -1, "no place at all");
	is_int(err.code, SK_EXIT_CONFIG, "78");
	ok(strstr(err.text, "HOME") != NULL && strstr(err.text, "SIKKA_DB") != NULL, "%s",
	    err.text);

	reset(NULL, 0);
	mkdir(dir, 0700);
	write_file("sikka/config", "app_id = xdg\n", 0600);
	setenv("XDG_CONFIG_HOME", folder, 1);
	sk_error_clear(&err);
	is_int(sk_config_load(&config, NULL, &err), 0, "the config file below XDG_CONFIG_HOME");
	is_str(config.config_file, file, "is found");
	is_str(config.app_id, "xdg", "and read");
	is_str(config.base_url, "https://api.sikkasoft.com/v4", "the base URL has a default");
	sk_config_fini(&config);
	unlink(file);
	rmdir(dir);
	free(file);
	free(dir);
	free(wanted);
}

static void
test_key(void)
{
	char *file = path("key"), *credentials = path("sikka_app_key"), *text;

	reset("base_url = https://h/v4\n", 0600);
	no_key(SK_EXIT_CONFIG, "SIKKA_APP_ID");
	reset("app_id = x\n", 0600);
	no_key(SK_EXIT_CONFIG, "SIKKA_APP_KEY");

	reset("app_id = x\napp_key_command = echo command; echo more\n", 0600);
	key_is("command", "the command's first line");
	write_file("sikka_app_key", "credential\n", 0440);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	key_is("credential", "systemd's is stronger, whatever its mode");
	write_file("key", "  filekey \n\n", 0600);
	setenv("SIKKA_APP_KEY_FILE", file, 1);
	key_is("filekey", "the file is stronger");
	setenv("SIKKA_APP_KEY", "environment", 1);
	key_is("environment", "the environment is the strongest");
	text = sk_mem_printf("app_id = x\napp_key = config\napp_key_file = %s\n", file);
	reset(text, 0600);
	key_is("config", "the config file's own");

	free(text);
	text = sk_mem_printf("app_id = x\napp_key_file = %s\n", file);
	reset(text, 0600);
	key_is("filekey", "the file that the config file names");
	write_file("key", "filekey", 0640);
	no_key(SK_EXIT_NOT_AUTHORIZED, "chmod 600");
	write_file("key", "\n", 0600);
	no_key(SK_EXIT_CONFIG, "empty");
	write_file("key", "one\ntwo\n", 0600);
	no_key(SK_EXIT_CONFIG, "the app key contains a character");
	unlink(file);
	no_key(SK_EXIT_CONFIG, "can't read");
	reset("app_id = x\n", 0600);
	setenv("SIKKA_APP_KEY", "a\r\nHost: evil", 1);
	no_key(SK_EXIT_CONFIG, "the app key contains a character");
	setenv("SIKKA_APP_KEY", "k", 1);
	setenv("SIKKA_APP_ID", "a\nb", 1);
	no_key(SK_EXIT_CONFIG, "the app id contains a character");
	setenv("SIKKA_APP_ID", "a", 1);
	setenv("SIKKA_BASE_URL", "http://evil/", 1);
	no_key(SK_EXIT_CONFIG, "base_url (SIKKA_BASE_URL) must begin with https://");
	setenv("SIKKA_BASE_URL", "https://good/v4x", 1);
	no_key(SK_EXIT_CONFIG, "base_url (SIKKA_BASE_URL) must end with /v4");
	unsetenv("SIKKA_BASE_URL");
	setenv("CREDENTIALS_DIRECTORY", "relative", 1);
	unsetenv("SIKKA_APP_KEY");
	no_key(SK_EXIT_CONFIG, "CREDENTIALS_DIRECTORY is a relative path");
	unlink(credentials);
	free(text);
	free(credentials);
	free(file);
}

static void
test_command(void)
{
	int64_t begin;

	reset("app_id = x\napp_key_command = exit 3\n", 0600);
	no_key(SK_EXIT_CONFIG, "app_key_command: it ended with 3");
	reset("app_id = x\napp_key_command = echo; echo k\n", 0600);
	no_key(SK_EXIT_CONFIG, "empty");
	reset("app_id = x\napp_key_command = true\n", 0600);
	no_key(SK_EXIT_CONFIG, "empty");
	reset("app_id = x\napp_key_command = echo k; exit 1\n", 0600);
	no_key(SK_EXIT_CONFIG, "it ended with 1");
	reset("app_id = x\napp_key_command = kill -9 $$\n", 0600);
	no_key(SK_EXIT_CONFIG, "signal 9");
	reset("app_id = x\napp_key_command = printf k\n", 0600);
	key_is("k", "no newline");
	reset("app_id = x\napp_key_command = printf '%s' a; sleep 0.1; echo b\n", 0600);
	key_is("ab", "in pieces");
	reset("app_id = x\napp_key_command = cat; echo \"k\"\n", 0600);
	key_is("k", "stdin is empty");
	signal(SIGPIPE, SIG_IGN);
	reset("app_id = x\napp_key_command = yes k\n", 0600);
	key_is("k", "more than is read");
	reset("app_id = x\napp_key_command = tr '\\0' x </dev/zero\n", 0600);
	no_key(SK_EXIT_CONFIG, "too long");
	if (getenv("SLOW_TESTS") != NULL) { /* 10 seconds */
		begin = sk_time_monotonic();
		reset("app_id = x\napp_key_command = exec sleep 60\n", 0600);
		no_key(SK_EXIT_CONFIG, "more than 10 seconds");
		begin = sk_time_monotonic() - begin;
		ok(begin >= 9900 && begin < 13000, "and no longer");
	}
}

static void
test_urls(void)
{
	static const char *const safe[] = {
	    "https://api.sikkasoft.com/v4",
	    "HTTPS://API.SIKKASOFT.COM/v4",
	    "https://h",
	    "https://h:8443",
	    "https://h:443/a/b-c_d.e~f",
	    "https://[2001:db8::1]:443/v4",
	    "http://localhost",
	    "http://localhost:8080/v4",
	    "http://LocalHost/",
	    "http://127.0.0.1",
	    "http://127.0.0.1:1/v4",
	    "http://127.255.255.254/",
	    "http://[::1]",
	    "http://[::1]:8080/v4",
	};
	static const char *const unsafe[] = {
	    "",
	    "https://",
	    "https:///v4",
	    "api.sikkasoft.com",
	    "ftp://localhost/",
	    "file:///etc/passwd",
	    "http://api.sikkasoft.com/v4",
	    "http://127.0.0.1@evil/",
	    "http://127.0.0.1.evil.com",
	    "http://localhost:80@evil",
	    "http://localhost.evil.com",
	    "http://localhost.",
	    "http://localhostx",
	    "http://127.1",
	    "http://127.0.0.01",
	    "http://127.0.0.256",
	    "http://127.0.0.1.",
	    "http://127.0.0",
	    "http://127.0.0.0.1",
	    "http://2130706433",
	    "http://0x7f.0.0.1",
	    "http://128.0.0.1",
	    "http://0.0.0.0",
	    "http://[::]",
	    "http://[::1",
	    "http://[::1]evil",
	    "http://[::ffff:127.0.0.1]",
	    "http://[0:0:0:0:0:0:0:1]",
	    "http://[::1%25eth0]",
	    "http://127.0.0.1\\@evil",
	    "http://127.0.0.1#@evil",
	    "http://127.0.0.1?@evil",
	    "http://127.0.0.1/@evil",
	    "http://127.0.0.1 .evil",
	    "http://127.0.0.1\t",
	    "http://127.0.0.1:",
	    "http://127.0.0.1:0",
	    "http://127.0.0.1:65536",
	    "http://127.0.0.1:80a",
	    "http://127.0.0.1:999999",
	    "http://\xc2\xa0",
	    "http://127.0.0.1%00.evil",
	    "https://user:pass@h/",
	    "https://user@h/",
	    "https://h/?a=1",
	    "https://h/#a",
	    "https://h\r\nHost: evil",
	    "https://h/ x",
	    " https://h/",
	    "https://h:/",
	    "https:/h",
	    "http:127.0.0.1",
	};
	size_t i;

	for (i = 0; i < sizeof safe / sizeof safe[0]; i++)
		ok(sk_config_url_is_safe(safe[i]), "safe: %s", safe[i]);
	for (i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++)
		ok(!sk_config_url_is_safe(unsafe[i]), "unsafe (%zu)", i);
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR");
	char *file;

	sk_mem_init();
	folder = sk_mem_printf("%s/sikka-config-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(folder) == NULL)
		return 1;
	test_file();
	test_order();
	test_connections();
	test_places();
	test_key();
	test_command();
	test_urls();
	file = path("config");
	unlink(file);
	free(file);
	ok(rmdir(folder) == 0, "nothing was left behind or created");
	free(folder);
	return done_testing();
}
