/* SPDX-License-Identifier: MIT */
/*
 * sandbox: a folder, a simulator, and a program in an environment that leads to both. Whatever fails, the
 * simulator is ended and the folder removed.
 */
#include "commands/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/place.h"
#include "base/program.h"
#include "base/stop.h"
#include "commands/front.h"

#define MARK "(sikka sandbox) "
#define LOG "sandbox.log" /* what simulator and sikka-authorize say */
#define TICK 50           /* ms */
#define PATIENCE 1200     /* ticks until the simulator serves */

struct sandbox {
	char *home;
	char *sim, *authorize; /* their paths */
	char url[200];
	struct sk_program simulator;
};

/* --- the folder ---------------------------------------------------------------------------- */

static int
make_home(struct sandbox *sandbox, struct sk_error *err)
{
	const char *folder = getenv("TMPDIR");
	char *made, *real;

	made = sk_mem_printf("%s/sikka-sandbox.XXXXXX",
	    folder != NULL && folder[0] == '/' ? folder : "/tmp");
	if (mkdtemp(made) == NULL) {
		sk_error_set(err, SK_EXIT_CANT_CREATE, "%s: %s", made, strerror(errno));
		free(made);
		return -1;
	}
	real = sk_place_real(made);
	free(made);
	sandbox->home = real;
	return 0;
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

/* Follows no link, and leaves what is mounted there alone. */
static void
remove_home(struct sandbox *sandbox)
{
	if (sandbox->home != NULL &&
	    nftw(sandbox->home, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0)
		sk_out_tell("the sandbox's folder %s can't be removed: %s", sandbox->home,
		    strerror(errno));
}

static int
write_file(const struct sandbox *sandbox, const char *name, const char *text, struct sk_error *err)
{
	char *path = sk_mem_printf("%s/%s", sandbox->home, name);
	FILE *file = fopen(path, "we");
	bool is_written = file != NULL && fputs(text, file) != EOF;

	if (file != NULL)
		is_written = fclose(file) == 0 && is_written;
	if (!is_written)
		sk_error_set(err, SK_EXIT_CANT_CREATE, "%s: %s", path, strerror(errno));
	free(path);
	return is_written ? 0 : -1;
}

static int
make_folders(const struct sandbox *sandbox, struct sk_error *err)
{
	static const char *const folders[] = {".config", ".config/sikka", ".config/fish"};
	int result = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && result == 0; i++) {
		char *path = sk_mem_printf("%s/%s", sandbox->home, folders[i]);

		if (mkdir(path, 0700) != 0)
			result =
			    sk_error_set(err, SK_EXIT_CANT_CREATE, "%s: %s", path, strerror(errno));
		free(path);
	}
	return result;
}

/* The mark of the prompt, for each shell in its own way; other shells take PS1 from the environment. */
static int
furnish(const struct sandbox *sandbox, struct sk_error *err)
{
	static const struct {
		const char *name, *text;
	} files[] = {
	    {".bashrc", "PS1='" MARK "\\w\\$ '\n"},
	    {".zshrc", "PROMPT='" MARK "%~ %# '\n"},
	    {".config/fish/config.fish",
		"function fish_prompt\n    echo -n '" MARK "'(prompt_pwd)'> '\nend\n"},
	    {".config/sikka/config", "# the sandbox's settings are in the environment\n"},
	};
	int result = make_folders(sandbox, err);

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && result == 0; i++)
		result = write_file(sandbox, files[i].name, files[i].text, err);
	return result;
}

/* --- the environment ----------------------------------------------------------------------- */

static void
set_path(const char *name, const struct sandbox *sandbox, const char *rest)
{
	char *path = sk_mem_printf("%s/%s", sandbox->home, rest);

	setenv(name, path, 1);
	free(path);
}

/* The commands of this installation come first. */
static void
lead_path(const struct sandbox *sandbox)
{
	const char *path = getenv("PATH");
	char *folder = sk_place_folder(sandbox->authorize);
	char *led = sk_mem_printf("%s:%s", folder, path != NULL ? path : "/usr/bin:/bin");

	setenv("PATH", led, 1);
	free(led);
	free(folder);
}

static void
set_environment(const struct sandbox *sandbox)
{
	static const char *const others[] = {"STATE_DIRECTORY", "CREDENTIALS_DIRECTORY",
	    "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "ZDOTDIR",
	    "HISTFILE", "ENV", "BASH_ENV"};
	const char *variable;

	for (size_t i = 0; (variable = sk_config_variable(i)) != NULL; i++)
		unsetenv(variable);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		unsetenv(others[i]);
	setenv("HOME", sandbox->home, 1);
	set_path("SIKKA_CONFIG", sandbox, ".config/sikka/config");
	set_path("SIKKA_DB", sandbox, ".local/state/sikka/sikka.db");
	setenv("SIKKA_BASE_URL", sandbox->url, 1);
	setenv("SIKKA_APP_ID", "sikka-sim-app", 1);
	setenv("SIKKA_APP_KEY", "sikka-sim-key", 1);
	setenv("PS1", MARK "$ ", 1);
	lead_path(sandbox);
}

/* --- what runs in it ----------------------------------------------------------------------- */

/* Where what our own programs say is kept. */
static int
open_log(const struct sandbox *sandbox, struct sk_error *err)
{
	char *path = sk_mem_printf("%s/" LOG, sandbox->home);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd == -1)
		sk_error_set(err, SK_EXIT_CANT_CREATE, "%s: %s", path, strerror(errno));
	free(path);
	return fd;
}

/* With the last line of what it has said. */
static int
fail(const struct sandbox *sandbox, const char *what, enum sk_exit code, struct sk_error *err)
{
	char *path = sk_mem_printf("%s/" LOG, sandbox->home), said[4096] = "", *line;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd != -1 ? read(fd, said, sizeof(said) - 1) : 0;

	if (fd != -1)
		close(fd);
	free(path);
	while (n > 0 && said[n - 1] == '\n')
		n--;
	said[n > 0 ? n : 0] = '\0';
	line = strrchr(said, '\n');
	line = line != NULL ? line + 1 : said;
	return sk_error_set(err, code, "%s%s%s", what, line[0] != '\0' ? ": " : "", line);
}

/* Its first line on stdout is its URL. */
static int
read_url(struct sandbox *sandbox, int fd, struct sk_error *err)
{
	size_t used = 0;

	for (int tick = 0; tick < PATIENCE; tick++) {
		struct pollfd waiting = {fd, POLLIN, 0};
		ssize_t n;

		if (sk_program_is_stopped())
			return sk_stop_error(err);
		if (poll(&waiting, 1, TICK) <= 0)
			continue;
		n = read(fd, sandbox->url + used, sizeof(sandbox->url) - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
		if (memchr(sandbox->url, '\n', used) != NULL) {
			sandbox->url[strcspn(sandbox->url, "\n")] = '\0';
			return 0;
		}
	}
	return fail(sandbox, "the simulator doesn't start", SK_EXIT_NO_RESOURCE, err);
}

static int
start_simulator(struct sandbox *sandbox, int log, struct sk_error *err)
{
	char *argv[] = {sandbox->sim, (char[]){"--port"}, (char[]){"0"}, (char[]){"--strict"},
	    (char[]){"--delay"}, (char[]){"1:2"}, NULL};
	int fds[2], result;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no pipe: %s", strerror(errno));
	sandbox->simulator =
	    (struct sk_program){.argv = argv, .output = fds[1], .errors = log, .is_servant = true};
	result = sk_program_start(&sandbox->simulator, err);
	close(fds[1]);
	if (result == 0)
		result = read_url(sandbox, fds[0], err);
	close(fds[0]);
	return result;
}

static int
authorize(struct sandbox *sandbox, int log, struct sk_error *err)
{
	char *argv[] = {sandbox->authorize, (char[]){"-q"}, NULL};
	struct sk_program program = {.argv = argv,
	    .output = log,
	    .errors = log,
	    .is_servant = true};
	int code;

	if (sk_program_start(&program, err) != 0)
		return -1;
	code = sk_program_wait(&program);
	return code == 0 ? 0 : fail(sandbox, "not authorized", (enum sk_exit)code, err);
}

/* The folder, the simulator, the keys; from then on this process's environment is that of the sandbox. */
static int
set_up(struct sandbox *sandbox, struct sk_error *err)
{
	int log, result = -1;

	if (make_home(sandbox, err) != 0 || furnish(sandbox, err) != 0)
		return -1;
	log = open_log(sandbox, err);
	if (log == -1)
		return -1;
	if (start_simulator(sandbox, log, err) == 0) {
		set_environment(sandbox);
		result = authorize(sandbox, log, err);
	}
	close(log);
	return result;
}

/* --- the user's program -------------------------------------------------------------------- */

static void
greet(const struct sandbox *sandbox)
{
	if (!isatty(STDIN_FILENO))
		return;
	sk_out_tell(
	    "this shell is a sandbox. Its server is a simulator, %s, with the offices D36225 and "
	    "D20006, which have authorized this application already",
	    sandbox->url);
	sk_out_tell(
	    "try: sikka get appointments -O D36225, sikka book --example book_appointment, sikka "
	    "status, sikka help");
	sk_out_tell("with this shell (exit) the simulator ends, and the folder %s is removed",
	    sandbox->home);
}

static int
run_program(char *const *argv, struct sk_error *err)
{
	struct sk_program program = {.argv = argv, .output = -1, .errors = -1};

	return sk_program_start(&program, err) == 0 ? sk_program_wait(&program) : -1;
}

static int
run_shell(const struct sandbox *sandbox, struct sk_error *err)
{
	const char *shell = getenv("SHELL");
	bool can = shell != NULL && shell[0] == '/' && access(shell, X_OK) == 0;
	char *path = sk_mem_copy(can ? shell : "/bin/sh"), *argv[] = {path, NULL};
	int code = -1;

	greet(sandbox);
	if (chdir(sandbox->home) == 0)
		code = run_program(argv, err);
	else
		sk_error_set(err, SK_EXIT_CANT_CREATE, "%s: %s", sandbox->home, strerror(errno));
	free(path);
	return code;
}

static int
find_programs(struct sandbox *sandbox, struct sk_error *err)
{
	sandbox->sim = sk_front_find("sim", err);
	sandbox->authorize = sandbox->sim != NULL ? sk_front_find("authorize", err) : NULL;
	return sandbox->authorize != NULL ? 0 : -1;
}

int
sk_sandbox(char *const *argv, struct sk_error *err)
{
	struct sandbox sandbox = {0};
	int code = -1;

	sk_program_begin();
	if (find_programs(&sandbox, err) == 0 && set_up(&sandbox, err) == 0)
		code = argv[0] != NULL ? run_program(argv, err) : run_shell(&sandbox, err);
	sk_program_end(&sandbox.simulator);
	remove_home(&sandbox);
	free(sandbox.home);
	free(sandbox.sim);
	free(sandbox.authorize);
	return code;
}
