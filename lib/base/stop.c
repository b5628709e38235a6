/* SPDX-License-Identifier: MIT */
/*
 * stop: SIGINT, SIGTERM and SIGHUP become a flag and a readable pipe, so that a command can end in
 * order. A second SIGINT or SIGTERM ends the process at once.
 */
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t asked;    /* by which signal, first */
static volatile sig_atomic_t insisted; /* SIGINT or SIGTERM has come: another one doesn't wait */
static int pipe_fds[2] = {-1, -1};

/* Only async-signal-safe functions may be called here. */
static void
on_signal(int number)
{
	int saved = errno;
	struct sigaction action;
	ssize_t written;

	/*
	 * A session that ends sends SIGHUP more than once, from the terminal, the shell and the system,
	 * and SIGTERM beside it; so SIGHUP never counts as a second one.
	 */
	if (number == SIGHUP || !insisted) {
		if (asked == 0)
			asked = number;
		insisted = insisted || number != SIGHUP;
		written = write(pipe_fds[1], "!", 1);
		(void)written;
		errno = saved;
		return;
	}
	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	sigaction(number, &action, NULL);
	/*
	 * The signal is blocked during this handler: raising it takes effect when the handler
	 * returns.
	 */
	raise(number);
	/* cppcheck takes raise() for a function that never returns. */
	/* cppcheck-suppress unreachableCode */
	errno = saved;
}

static int
set_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/*
 * A signal that was ignored when the command started stays ignored: sh starts background jobs with
 * SIGINT ignored, and nohup ignores SIGHUP.
 */
static int
catch_signal(int number)
{
	struct sigaction action, before;

	if (sigaction(number, NULL, &before) != 0)
		return -1;
	if (before.sa_handler == SIG_IGN)
		return 0;
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_signal;
	sigemptyset(&action.sa_mask);
	action.sa_flags = 0; /* No SA_RESTART: a signal must interrupt whatever waits. */
	return sigaction(number, &action, NULL);
}

int
sk_stop_init(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	sigset_t caught;
	int fds[2];

	sigemptyset(&caught);
	if (pipe_fds[0] != -1)
		return 0;
	if (pipe(fds) != 0)
		return -1;
	if (set_flags(fds[0]) != 0 || set_flags(fds[1]) != 0) {
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	pipe_fds[0] = fds[0];
	pipe_fds[1] = fds[1];
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (catch_signal(signals[i]) != 0)
			return -1;
		sigaddset(&caught, signals[i]);
	}
	/* Whoever has blocked them before it started this command can't have meant it. */
	return sigprocmask(SIG_UNBLOCK, &caught, NULL);
}

int
sk_stop_asked(void)
{
	return asked;
}

int
sk_stop_fd(void)
{
	return pipe_fds[0];
}

int
sk_stop_error(struct sk_error *err)
{
	if (err == NULL || err->code != SK_EXIT_OK)
		return -1;
	sk_error_set(err, SK_EXIT_TRY_LATER, "stopped by a signal");
	err->is_stop = true;
	return -1;
}

bool
sk_stop_is_why(struct sk_error *err)
{
	if (!sk_stop_asked())
		return false;
	if (err->code != SK_EXIT_OK && !err->is_stop)
		return false;
	sk_error_clear(err);
	return true;
}
