/* SPDX-License-Identifier: MIT */
/*
 * screen: draws on the alternate page of a terminal, with the cursor hidden at its upper left corner. The sequences
 * are those of ECMA-48 and xterm, which all terminals of today have. Nothing of the terminal's settings (stty) is
 * changed, so there is nothing to restore but the page and the cursor.
 */
#include "base/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "base/out.h"
#include "base/stop.h"
#include "base/terminal.h"
#include "base/text.h"
#include "base/time.h"

#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[?25h\033[?1049l"
#define HOME "\033[H"
#define LINE_REST "\033[K"
#define PAGE_REST "\033[J"

/* A signal between a look at its flag and the wait is noticed after that. */
#define STEP SK_SECOND

static volatile sig_atomic_t is_resized, wants_stop; /* wants_stop: Ctrl-Z */
static bool is_begun, has_sequences;
static unsigned n_drawn;

static void
on_resize(int number)
{
	(void)number;
	is_resized = 1;
}

static void
on_stop(int number)
{
	(void)number;
	wants_stop = 1;
}

/* One that was ignored, as by a shell without jobs, stays ignored. */
static int
catch_signal(int number, void (*handler)(int number))
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, before;

	if (sigaction(number, NULL, &before) != 0)
		return -1;
	if (number == SIGTSTP && before.sa_handler == SIG_IGN)
		return 0;
	sigemptyset(&action.sa_mask);
	return sigaction(number, &action, NULL);
}

int
sk_screen_begin(struct sk_error *err)
{
	if (sk_stop_init() != 0 || catch_signal(SIGWINCH, on_resize) != 0 ||
	    catch_signal(SIGTSTP, on_stop) != 0)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "signals can't be caught: %s",
		    strerror(errno));
	has_sequences = sk_terminal_has_sequences();
	is_begun = true;
	return has_sequences ? sk_out_text(ENTER, err) : 0;
}

/*
 * What stood in a line, or below the last one, is wiped before the new text is written: behind a text that ends in
 * the last column, a terminal would wipe that column. And no newline follows the last line, which would move all
 * others up where the picture fills the page.
 */
static void
add_page(struct sk_text *picture, const char *lines)
{
	const char *at = lines;

	sk_text_add(picture, HOME);
	while (*at != '\0') {
		size_t n = strcspn(at, "\n");
		bool is_last = at[n] == '\0' || at[n + 1] == '\0';

		sk_text_add(picture, at == lines ? "" : "\r\n");
		sk_text_add(picture, is_last ? PAGE_REST : LINE_REST);
		sk_text_add_bytes(picture, at, n);
		at += n + (at[n] == '\n');
	}
	sk_text_add(picture, HOME);
}

int
sk_screen_draw(const char *lines, struct sk_error *err)
{
	struct sk_text picture = {0};
	int result;

	if (has_sequences) {
		add_page(&picture, lines);
	} else {
		sk_text_add(&picture, n_drawn > 0 ? "\n" : "");
		sk_text_add(&picture, lines);
	}
	n_drawn++;
	result = sk_out_text(sk_text_bytes(&picture), err);
	sk_text_fini(&picture);
	return result;
}

/* Ctrl-Z: whoever stops this process finds the terminal as it was before. */
static int
stop_here(struct sk_error *err)
{
	wants_stop = 0;
	if (has_sequences && sk_out_text(LEAVE, err) != 0)
		return -1;
	raise(SIGSTOP);
	return has_sequences ? sk_out_text(ENTER, err) : 0;
}

bool
sk_screen_wait(int64_t milliseconds, struct sk_error *err)
{
	int64_t until = sk_time_monotonic() + milliseconds, left;
	struct pollfd stop = {.fd = sk_stop_fd(), .events = POLLIN};
	bool has_stopped = false;

	while (!sk_stop_asked() && !is_resized && !has_stopped &&
	    (left = until - sk_time_monotonic()) > 0) {
		has_stopped = wants_stop;
		if (has_stopped && stop_here(err) != 0)
			return false;
		if (!has_stopped)
			poll(&stop, 1, (int)(left < STEP ? left : STEP));
	}
	is_resized = 0;
	return !sk_stop_asked();
}

void
sk_screen_end(void)
{
	struct sk_error ignored = {0};

	if (is_begun && has_sequences)
		sk_out_text(LEAVE, &ignored);
	is_begun = false;
}
