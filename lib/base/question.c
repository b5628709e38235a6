/* SPDX-License-Identifier: MIT */
/*
 * question: stdio isn't used for the input, as its buffer would keep a copy of a key. Whatever happens while a line is read,
 * the terminal gets its settings back.
 */
#include "base/question.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/progress.h"
#include "base/secret.h"
#include "base/stop.h"

#define LONGEST 4000 /* bytes; a terminal passes on 4095 of a line */

static const char blanks[] = " \t\r\n";

bool
sk_question_is_possible(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

void
sk_question_show(const char *text)
{
	size_t left = strlen(text);

	sk_progress_erase();
	while (left > 0) {
		ssize_t written = write(STDERR_FILENO, text, left);

		if (written == -1 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		text += written;
		left -= (size_t)written;
	}
}

/* 1 a line, 0 the end of the input, -1 a signal asked to stop. */
static int
read_line(char line[LONGEST + 1])
{
	size_t used = 0;

	while (used < LONGEST) {
		struct pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {sk_stop_fd(), POLLIN, 0}};
		ssize_t n;

		if (sk_stop_asked() != 0)
			return -1;
		if (poll(waiting, 2, -1) <= 0 || waiting[1].revents != 0)
			continue;
		n = read(STDIN_FILENO, line + used, LONGEST - used);
		if (n == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return 0;
		used += (size_t)n;
		line[used] = '\0';
		if (line[used - 1] == '\n')
			return 1;
	}
	return 0;
}

/*
 * Whole lines, also where another program has left the terminal otherwise. Neither Ctrl-Z nor Ctrl-\ works meanwhile: the
 * shell would go on with a terminal that shows nothing.
 */
static void
change(const struct termios *before, bool is_hidden)
{
	struct termios now = *before;

	now.c_iflag |= ICRNL;
	now.c_lflag |= ICANON | ISIG | ECHO;
	if (is_hidden) {
		now.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
		now.c_cc[VSUSP] = _POSIX_VDISABLE;
		now.c_cc[VQUIT] = _POSIX_VDISABLE;
	}
	tcsetattr(STDIN_FILENO, is_hidden ? TCSAFLUSH : TCSADRAIN, &now);
}

static char *
trimmed(const char *line)
{
	size_t n;

	line += strspn(line, blanks);
	n = strlen(line);
	while (n > 0 && strchr(blanks, line[n - 1]) != NULL)
		n--;
	return sk_mem_copy_bytes(line, n);
}

int
sk_question_ask(const char *prompt, bool is_hidden, char **answer, struct sk_error *err)
{
	char line[LONGEST + 1] = "";
	struct termios before;
	int found;

	*answer = NULL;
	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return sk_error_set(err, SK_EXIT_NO_INPUT, "the terminal can't be read: %s",
		    strerror(errno));
	change(&before, is_hidden);
	sk_question_show(prompt);
	found = read_line(line);
	/* What was typed behind the line may belong to it, so nobody else may get it. */
	tcsetattr(STDIN_FILENO, is_hidden ? TCSAFLUSH : TCSADRAIN, &before);
	if (is_hidden || found != 1)
		sk_question_show("\n");
	if (found == 1)
		*answer = trimmed(line);
	sk_secret_wipe(line, sizeof(line));
	if (found == 1)
		return 0;
	return found == -1 ? sk_stop_error(err)
			   : sk_error_set(err, SK_EXIT_NO_INPUT, "the input has ended");
}
