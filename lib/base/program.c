/* SPDX-License-Identifier: MIT */
/*
 * program: starts programs and waits for them. The signals are blocked, and taken one by one where this process
 * waits, so there is no handler, and none is lost in between.
 */
#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LAST_MOMENTS 100 /* tenths of a second, from the request to end until it is killed */

static const struct timespec tenth = {0, 100 * 1000 * 1000}, none = {0, 0};
static sigset_t before, taken, asking;

static bool
is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void
set_default(int number)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	sigaction(number, &action, NULL);
}

void
sk_program_begin(void)
{
	static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

	sigemptyset(&asking);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!is_ignored(signals[i]))
			sigaddset(&asking, signals[i]);
	taken = asking;
	/* Were it ignored, the system would forget how a child ended. */
	set_default(SIGCHLD);
	sigaddset(&taken, SIGCHLD);
	sigprocmask(SIG_BLOCK, &taken, &before);
}

/* Whether the child has what it needs of us. */
static bool
take_files(const struct sk_program *program)
{
	int input = program->is_servant ? open("/dev/null", O_RDONLY) : STDIN_FILENO;

	return input != -1 && dup2(input, STDIN_FILENO) != -1 &&
	    (program->output == -1 || dup2(program->output, STDOUT_FILENO) != -1) &&
	    (program->errors == -1 || dup2(program->errors, STDERR_FILENO) != -1);
}

static void __attribute__((noreturn)) become(const struct sk_program *program, pid_t parent)
{
	if (program->is_servant) {
		setpgid(0, 0);
#ifdef __linux__
		/* Elsewhere it outlives a parent that is killed. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
		if (getppid() != parent)
			_exit(SK_EXIT_NO_RESOURCE);
	}
	/* As it was before this command began to write: sk_out_init. */
	set_default(SIGPIPE);
	set_default(SIGXFSZ);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (take_files(program))
		execvp(program->argv[0], program->argv);
	dprintf(STDERR_FILENO, "sikka: %s can't be started: %s\n", program->argv[0],
	    strerror(errno));
	_exit(SK_EXIT_NO_RESOURCE);
}

int
sk_program_start(struct sk_program *program, struct sk_error *err)
{
	pid_t parent = getpid();

	program->pid = fork();
	if (program->pid == 0)
		become(program, parent);
	if (program->pid != -1)
		return 0;
	program->pid = 0;
	return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no process could be started: %s",
	    strerror(errno));
}

/* Whether it has ended, and how, as a shell says it. */
static bool
look(struct sk_program *program, int *code)
{
	int status = 0;
	pid_t ended;

	if (program->pid == 0)
		return true;
	ended = waitpid(program->pid, &status, WNOHANG);
	if (ended == 0 || (ended == -1 && errno == EINTR))
		return false;
	program->pid = 0;
	if (ended == -1)
		*code = SK_EXIT_NO_RESOURCE;
	else
		*code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return true;
}

/* SIGHUP: an interactive shell ignores SIGTERM. One that is stopped has to go on to end. */
static void
ask_to_end(const struct sk_program *program)
{
	kill(program->pid, program->is_servant ? SIGTERM : SIGHUP);
	kill(program->pid, SIGCONT);
}

/* A servant doesn't get from the terminal what is typed there. */
static bool
is_to_end(const struct sk_program *program, int number)
{
	return number == SIGTERM || number == SIGHUP || (number == SIGINT && program->is_servant);
}

int
sk_program_wait(struct sk_program *program)
{
	int left = -1, code = 0;

	while (!look(program, &code)) {
		int number =
		    left == -1 ? sigwaitinfo(&taken, NULL) : sigtimedwait(&taken, NULL, &tenth);

		if (left == -1 && is_to_end(program, number)) {
			left = LAST_MOMENTS;
			ask_to_end(program);
		} else if (left > 0 && number == -1 && --left == 0) {
			kill(program->pid, SIGKILL);
		}
	}
	return code;
}

bool
sk_program_has_ended(struct sk_program *program)
{
	int ignored;

	return look(program, &ignored);
}

void
sk_program_end(struct sk_program *program)
{
	int left = LAST_MOMENTS;

	if (sk_program_has_ended(program))
		return;
	ask_to_end(program);
	while (!sk_program_has_ended(program)) {
		sigtimedwait(&taken, NULL, &tenth);
		if (--left == 0)
			kill(program->pid, SIGKILL);
	}
}

bool
sk_program_is_stopped(void)
{
	return sigtimedwait(&asking, NULL, &none) > 0;
}
