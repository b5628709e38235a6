/* SPDX-License-Identifier: MIT */
/*
 * stop: SIGINT and SIGTERM become a flag and a readable pipe, so that a command can end in order. A
 * second signal ends the process at once.
 */
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t asked;
static int pipe_fds[2] = {-1, -1};

/* Only async-signal-safe functions may be called here. */
static void
on_signal(int number)
{
	int saved = errno;
	struct sigaction action;
	ssize_t written;

	if (asked == 0) {
		asked = number;
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
 * SIGINT ignored.
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
	int fds[2];

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
	return catch_signal(SIGINT) != 0 || catch_signal(SIGTERM) != 0 ? -1 : 0;
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
