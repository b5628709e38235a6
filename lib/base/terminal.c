/* SPDX-License-Identifier: MIT */
/* terminal: asks the terminal itself, and the environment where there is none. */
#include "base/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define USUAL_COLUMNS 80
#define USUAL_LINES 24
#define MOST 10000 /* what COLUMNS or LINES may say at most */

bool
sk_terminal_is_there(void)
{
	return isatty(STDOUT_FILENO);
}

bool
sk_terminal_has_sequences(void)
{
	const char *terminal = getenv("TERM");

	return terminal != NULL && terminal[0] != '\0' && strcmp(terminal, "dumb") != 0;
}

static size_t
number_of(const char *variable, size_t otherwise)
{
	const char *text = getenv(variable);
	long number = text != NULL ? strtol(text, NULL, 10) : 0;

	return number > 0 && number <= MOST ? (size_t)number : otherwise;
}

struct sk_terminal_size
sk_terminal_size(int fd)
{
	struct sk_terminal_size size = {USUAL_COLUMNS, USUAL_LINES};
	struct winsize told;

	if (!isatty(fd)) {
		size.columns = number_of("COLUMNS", size.columns);
		size.lines = number_of("LINES", size.lines);
	} else if (ioctl(fd, TIOCGWINSZ, &told) == 0) {
		size.columns = told.ws_col > 0 ? told.ws_col : size.columns;
		size.lines = told.ws_row > 0 ? told.ws_row : size.lines;
	}
	return size;
}
