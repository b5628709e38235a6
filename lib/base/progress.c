/* SPDX-License-Identifier: MIT */
/*
 * progress: the line of long work. It is the only one that is ever overwritten on a terminal; a terminal that
 * can't clear a line (TERM=dumb) gets blanks over it. What can't be written is lost, and no error.
 */
#include "base/progress.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/terminal.h"
#include "base/text.h"
#include "base/time.h"

#define DEPTH 6
#define BEGINS SK_SECOND /* after this time it is shown */
#define EVERY 300        /* ms between two drawings */

struct work {
	char what[120];
	const char *unit;
	size_t done, of;
	int64_t since;
	char why[160];
	int64_t until;
};

/* With zeros only there is no work. */
static struct {
	struct work works[DEPTH]; /* what lies deeper is only counted */
	size_t n;
	bool is_silent;
	bool is_on;       /* there is somebody who sees it */
	int64_t since;    /* of the first work of the process */
	int64_t drawn_at; /* 0: it wasn't yet */
	size_t width;     /* columns of the line that is seen; 0: none is */
} progress;

static bool
can_clear(void)
{
	const char *terminal = getenv("TERM");

	return terminal != NULL && terminal[0] != '\0' && strcmp(terminal, "dumb") != 0;
}

/* There must be some work. */
static struct work *
innermost(void)
{
	return &progress.works[(progress.n < DEPTH ? progress.n : DEPTH) - 1];
}

void
sk_progress_silence(bool is_silent)
{
	progress.is_silent = is_silent;
}

void
sk_progress_begin(const char *unit, const char *format, ...)
{
	struct work *work;
	va_list args;

	if (progress.n == 0)
		progress.is_on = !progress.is_silent && isatty(STDERR_FILENO);
	if (progress.since == 0)
		progress.since = sk_time_monotonic();
	if (progress.n++ >= DEPTH)
		return;
	work = innermost();
	memset(work, 0, sizeof(*work));
	work->unit = unit;
	work->since = sk_time_monotonic();
	va_start(args, format);
	vsnprintf(work->what, sizeof(work->what), format, args);
	va_end(args);
}

void
sk_progress_count(size_t done, size_t of)
{
	if (progress.n == 0 || progress.n > DEPTH)
		return;
	innermost()->done = done;
	innermost()->of = of;
}

void
sk_progress_waits(const char *why, int64_t until)
{
	if (progress.n == 0 || progress.n > DEPTH)
		return;
	snprintf(innermost()->why, sizeof(innermost()->why), "%s", why != NULL ? why : "");
	innermost()->until = until;
}

void
sk_progress_end(void)
{
	if (progress.n > 0)
		progress.n--;
	if (progress.n == 0)
		sk_progress_erase();
}

int64_t
sk_progress_due_in(void)
{
	int64_t due;

	if (!progress.is_on || progress.n == 0)
		return INT64_MAX;
	due = progress.drawn_at != 0 ? progress.drawn_at + EVERY : progress.since + BEGINS;
	due -= sk_time_monotonic();
	return due > 0 ? due : 0;
}

/* --- the line ---------------------------------------------------------------------------------- */

/* How many columns it may take: one that wraps can't be overwritten in place. */
static size_t
columns_of_terminal(void)
{
	size_t columns = sk_terminal_size(STDERR_FILENO).columns;

	return columns > 1 ? columns - 1 : columns;
}

static void
add_count(const struct work *work, struct sk_text *line)
{
	if (work->unit == NULL)
		return;
	sk_text_add_format(line, ": %zu", work->done);
	if (work->of > 0)
		sk_text_add_format(line, " of %zu", work->of);
	sk_text_add_format(line, " %s", work->unit);
}

/* What a minute or a second brings, on the average of the whole work. */
static void
add_rate(const struct work *work, int64_t took, struct sk_text *line)
{
	double rate = (double)work->done * (double)SK_SECOND / (double)took;

	if (rate >= 10)
		sk_text_add_format(line, ", %.0f a second", rate);
	else if (rate >= 1)
		sk_text_add_format(line, ", %.1f a second", rate);
	else
		sk_text_add_format(line, ", %.1f a minute", 60 * rate);
}

static void
add_left(const struct work *work, int64_t took, struct sk_text *line)
{
	char words[SK_TIME_WORDS];

	if (work->of <= work->done)
		return;
	sk_time_words(
	    (int64_t)((double)(work->of - work->done) * (double)took / (double)work->done), words);
	sk_text_add_format(line, ", %s left", words);
}

static void
add_why(const char *why, int64_t until, struct sk_text *line)
{
	int64_t left = until - sk_time_monotonic();
	char words[SK_TIME_WORDS];

	if (*why == '\0')
		return;
	sk_text_add_format(line, "; %s", why);
	if (until != 0)
		sk_text_add_format(line, ": %s", sk_time_words(left > 0 ? left : 0, words));
}

/* The line in a form that is safe on a terminal; the caller frees. less: how much is left out of it. */
static char *
line_of(const struct work *work, const char *why, int64_t until, int less)
{
	int64_t took = sk_time_monotonic() - work->since;
	bool is_measured = work->unit != NULL && work->done > 0 && took >= BEGINS;
	struct sk_text line = {0};
	char *shown;

	sk_text_add(&line, work->what);
	add_count(work, &line);
	if (is_measured && less < 1)
		add_rate(work, took, &line);
	if (is_measured && less < 2)
		add_left(work, took, &line);
	if (why == NULL || *why == '\0') {
		why = work->why;
		until = work->until;
	}
	add_why(why, until, &line);
	shown = sk_text_shown(sk_text_bytes(&line));
	sk_text_fini(&line);
	return shown;
}

/* In one write, so that nothing of another process stands in it. */
static void
add_erasure(struct sk_text *to)
{
	sk_text_add(to, "\r");
	if (can_clear()) {
		sk_text_add(to, "\033[K");
	} else {
		sk_text_add_format(to, "%*s\r", (int)progress.width, "");
	}
	progress.width = 0;
}

static void
write_all(struct sk_text *text)
{
	ssize_t written = write(STDERR_FILENO, text->bytes, text->used);

	(void)written;
	sk_text_fini(text);
}

/* A job in the background mustn't write over what somebody types. */
static bool
has_foreground(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);

	return group == -1 || group == getpgrp();
}

void
sk_progress_draw(const char *why, int64_t until)
{
	size_t columns;
	struct sk_text text = {0};
	char *line = NULL;

	if (sk_progress_due_in() > 0)
		return;
	progress.drawn_at = sk_time_monotonic();
	if (!has_foreground())
		return;
	columns = columns_of_terminal();
	for (int less = 0; less <= 2; less++) {
		free(line);
		line = line_of(innermost(), why, until, less);
		if (sk_text_width(line) <= columns)
			break;
	}
	line[sk_utf8_fitting(line, strlen(line), columns)] = '\0';
	add_erasure(&text);
	sk_text_add(&text, line);
	progress.width = sk_text_width(line);
	free(line);
	write_all(&text);
}

void
sk_progress_erase(void)
{
	struct sk_text text = {0};

	if (progress.width == 0)
		return;
	add_erasure(&text);
	write_all(&text);
}
