/* SPDX-License-Identifier: MIT */
/*
 * child: starts a command line, and learns how it ended. Nothing of what this process has inherited
 * reaches the command but the environment, the limits and stderr.
 */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/progress.h"

/* Above them nothing is expected to be open, where the system can't close all that there are. */
#define MOST_DESCRIPTORS 65536

static void
close_from(int first)
{
#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 34)
	if (close_range((unsigned)first, ~0U, 0) == 0)
		return;
#endif
#endif
	/* Not sysconf(_SC_OPEN_MAX): what was opened before the limit was lowered lies above it. */
	for (int fd = first; fd < MOST_DESCRIPTORS; fd++)
		close(fd);
}

static void
restore_signals(void)
{
	struct sigaction action;
	sigset_t none;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	for (int number = 1; number < NSIG; number++)
		if (number != SIGHUP && number != SIGINT && number != SIGQUIT)
			sigaction(number, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Runs in the child: only functions that may be called between fork and exec. */
static void __attribute__((noreturn)) become(const char *command, enum sk_child_pipe pipe, int end)
{
	int input = pipe == SK_CHILD_READS ? end : open("/dev/null", O_RDONLY);
	int output = pipe == SK_CHILD_READS ? STDERR_FILENO : end;

	if (pipe == SK_CHILD_READS)
		setpgid(0, 0);
	restore_signals();
	/* The output of a command that reads is for people: our stdout carries data. */
	if (input == -1 || dup2(input, STDIN_FILENO) == -1 || dup2(output, STDOUT_FILENO) == -1)
		_exit(126);
	close_from(3);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* An ignored SIGCHLD is inherited, and then the system forgets how a child ended. */
static void
attend_to_children(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &action, NULL);
}

int
sk_child_start(const char *command, enum sk_child_pipe pipe_kind, struct sk_child *child,
    struct sk_error *err)
{
	int fds[2], ours = pipe_kind == SK_CHILD_READS;
	sigset_t all, before;

	if (pipe(fds) != 0)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no pipe: %s", strerror(errno));
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	attend_to_children();
	sk_progress_erase(); /* it may write to our terminal */
	/* Until the child has its own, a signal that it gets mustn't run our handlers. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	*child = (struct sk_child){.pid = fork(), .fd = fds[ours], .pipe = pipe_kind};
	if (child->pid == 0)
		become(command, pipe_kind, fds[1 - ours]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fds[1 - ours]);
	if (child->pid == -1) {
		close(fds[ours]);
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no process could be started: %s",
		    strerror(errno));
	}
	/* In parent and child, since either may run first; here it fails once the child is sh. */
	if (pipe_kind == SK_CHILD_READS)
		setpgid(child->pid, child->pid);
	return 0;
}

bool
sk_child_has_ended(struct sk_child *child)
{
	pid_t ended = waitpid(child->pid, &child->status, WNOHANG);

	/* Somebody else has waited for it: nobody knows how it ended, and that isn't well. */
	if (ended == -1 && errno != EINTR) {
		child->status = 127 << 8;
		return true;
	}
	return ended == child->pid;
}

void
sk_child_kill(struct sk_child *child)
{
	kill(child->pipe == SK_CHILD_READS ? -child->pid : child->pid, SIGKILL);
	while (waitpid(child->pid, &child->status, 0) == -1 && errno == EINTR)
		;
}

void
sk_child_close(struct sk_child *child)
{
	if (child->fd != -1)
		close(child->fd);
	child->fd = -1;
}

bool
sk_child_is_well(const struct sk_child *child)
{
	return WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0;
}

const char *
sk_child_words(const struct sk_child *child, char words[SK_CHILD_WORDS])
{
	snprintf(words, SK_CHILD_WORDS,
	    WIFEXITED(child->status) ? "it ended with %d" : "signal %d ended it",
	    WIFEXITED(child->status) ? WEXITSTATUS(child->status) : WTERMSIG(child->status));
	return words;
}
