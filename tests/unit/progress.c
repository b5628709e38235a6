/* SPDX-License-Identifier: MIT */
/* progress: what its line says, when it is drawn, and what it leaves out where there is little room. */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/out.h"
#include "base/progress.h"
#include "base/time.h"
#include "tap.h"

/* All clocks stand still: no machine is too slow for what is written here. */
static time_t seconds_ahead = 1000;

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){.tv_sec = seconds_ahead};
	return 0;
}

static int terminal; /* its other end */
static char written[4096];

/* stderr becomes a terminal of that width. */
static bool
lend_terminal(unsigned short columns)
{
	struct winsize size = {.ws_col = columns, .ws_row = 24};
	const char *name;
	int end;

	terminal = posix_openpt(O_RDWR | O_NOCTTY);
	if (terminal == -1 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
		return false;
	name = ptsname(terminal);
	end = name != NULL ? open(name, O_RDWR | O_NOCTTY) : -1;
	if (end == -1 || dup2(end, STDERR_FILENO) == -1)
		return false;
	close(end);
	fcntl(terminal, F_SETFL, O_NONBLOCK);
	return ioctl(STDERR_FILENO, TIOCSWINSZ, &size) == 0;
}

#define MARK '\1'

/* What was written to it since it was asked last. It comes in pieces, and late on a busy machine: so a mark follows it. */
static const char *
seen(void)
{
	struct pollfd one = {.fd = terminal, .events = POLLIN};
	const char mark = MARK;
	size_t n = 0;

	if (write(STDERR_FILENO, &mark, 1) != 1)
		return "";
	while (n < sizeof(written) - 1 && (n == 0 || written[n - 1] != MARK)) {
		ssize_t more;

		poll(&one, 1, -1);
		more = read(terminal, written + n, sizeof(written) - 1 - n);
		if (more > 0)
			n += (size_t)more;
	}
	written[n - 1] = '\0';
	return written;
}

static void
narrow(unsigned short columns)
{
	struct winsize size = {.ws_col = columns, .ws_row = 24};

	ioctl(STDERR_FILENO, TIOCSWINSZ, &size);
}

static void
test_beginning(void)
{
	sk_progress_draw("nobody", 0);
	is_str(seen(), "", "without work nothing is drawn");
	ok(sk_progress_due_in() == INT64_MAX, "nor waited for");
	sk_progress_begin("requests", "sending");
	ok(sk_progress_due_in() > 0 && sk_progress_due_in() <= SK_SECOND,
	    "it is due within a second");
	sk_progress_count(1, 4);
	seconds_ahead += 2;
	ok(sk_progress_due_in() == 0, "which has passed");
	sk_progress_draw(NULL, 0);
	is_str(seen(), "\r\033[Ksending: 1 of 4 requests, 30.0 a minute, 6 s left", "it is drawn");
	sk_progress_draw(NULL, 0);
	is_str(seen(), "", "and not again at once");
}

static void
test_reasons(void)
{
	seconds_ahead += 2;
	sk_progress_draw("limit of D1", sk_time_monotonic() + 12000);
	is_str(seen(),
	    "\r\033[Ksending: 1 of 4 requests, 15.0 a minute, 12 s left; limit of D1: 12 s",
	    "with a reason and until when");
	sk_progress_waits("for the practice", 0);
	seconds_ahead += 1;
	sk_progress_draw(NULL, 0);
	is_str(strrchr(seen(), ';'), "; for the practice", "with the work's own");
	seconds_ahead += 1;
	sk_progress_draw("a\tb\033[2J", 0);
	is_str(strrchr(seen(), ';'), "; a\\x09b\\x1b[2J", "what a server says is made harmless");
}

static void
test_widths(void)
{
	const char *why = "limit of D1";

	sk_progress_waits(NULL, 0);
	narrow(70);
	seconds_ahead += 1;
	sk_progress_draw(why, 0);
	is_str(seen(), "\r\033[Ksending: 1 of 4 requests, 8.6 a minute, 21 s left; limit of D1",
	    "all of it");
	narrow(60);
	seconds_ahead += 1;
	sk_progress_draw(why, 0);
	is_str(seen(), "\r\033[Ksending: 1 of 4 requests, 24 s left; limit of D1",
	    "without the rate");
	narrow(40);
	seconds_ahead += 1;
	sk_progress_draw(why, 0);
	is_str(seen(), "\r\033[Ksending: 1 of 4 requests; limit of D1", "without the time left");
	narrow(20);
	seconds_ahead += 1;
	sk_progress_draw(why, 0);
	is_str(seen(), "\r\033[Ksending: 1 of 4 req", "cut before the last column");
}

static void
test_nesting(void)
{
	narrow(80);
	sk_progress_begin(NULL, "reading %s", "a list");
	seconds_ahead += 1;
	sk_progress_draw(NULL, 0);
	is_str(seen(), "\r\033[Kreading a list", "the innermost work is shown");
	sk_progress_end();
	sk_out_tell("hello");
	is_str(seen(), "\r\033[Ktest: hello\r\n", "before a message it is taken away");
	seconds_ahead += 1;
	sk_progress_draw(NULL, 0);
	ok(strstr(seen(), "sending: 1 of 4") != NULL, "then the outer one");
	for (int i = 0; i < 20; i++)
		sk_progress_begin(NULL, "deep");
	for (int i = 0; i < 20; i++)
		sk_progress_end();
	setenv("TERM", "dumb", 1);
	sk_progress_end();
	is_str(strrchr(seen(), ' '), " \r", "where a line can't be cleared it is overwritten");
	is_int(strchr(written, '\033') != NULL, 0, "without an escape sequence");
}

static void
test_quiet(void)
{
	sk_out_levels(1, 0);
	sk_progress_begin(NULL, "quiet");
	seconds_ahead += 5;
	sk_progress_draw(NULL, 0);
	is_str(seen(), "", "with -q nothing is drawn");
	sk_progress_end();
	sk_out_levels(0, 0);
	dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
	sk_progress_begin(NULL, "elsewhere");
	ok(sk_progress_due_in() == INT64_MAX, "what is no terminal is never due");
	sk_progress_end();
}

int
main(void)
{
	if (!lend_terminal(80)) {
		ok(1, "no terminal can be had # SKIP");
		return done_testing();
	}
	setenv("TERM", "xterm", 1);
	sk_out_init("test");
	test_beginning();
	test_reasons();
	test_widths();
	test_nesting();
	test_quiet();
	return done_testing();
}
