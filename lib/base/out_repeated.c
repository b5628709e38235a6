/* SPDX-License-Identifier: MIT */
/*
 * out: warnings that come again and again. Thousands of lines hide the one that matters, so warnings with the same text
 * are one line with a count. A new text is told when no warning has come for a second: while a file is being read its
 * lines are counted first. Where warnings come without such a pause, it is told after ten seconds. Further warnings with
 * a text that was told already are told at the end, and by a process that runs for days once an hour.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/out_parts.h"
#include "base/text.h"
#include "base/time.h"

#define PAUSE SK_SECOND          /* without another one, until those of a new kind are told */
#define LONGEST (10 * SK_SECOND) /* without a pause, until they are */
#define AGAIN SK_HOUR            /* until those that came since are told, too */
#define NAMED 8                  /* offices */
#define MOST_KINDS 1000          /* in memory; what comes beyond them is told at once */

struct kind {
	char *text;
	const char *unit;
	char *where; /* the first ones that haven't been told; NULL: all have */
	size_t n;    /* how many have come */
	size_t n_told;
	int64_t since; /* monotonic: when the first came, or when it was told last */
};

static struct {
	struct kind *kinds;
	size_t n, room;
	size_t
	    last; /* the one that came last: the next line mostly has the same kinds in the same order */
	int64_t last_at;
} repeated;

/* Its place, or repeated.n. */
static size_t
place_of(const char *unit, const char *text)
{
	for (size_t i = 0; i < repeated.n; i++) {
		size_t place = (repeated.last + i) % repeated.n;

		if (strcmp(repeated.kinds[place].text, text) == 0 &&
		    strcmp(repeated.kinds[place].unit, unit) == 0)
			return place;
	}
	return repeated.n;
}

/* Of lines and requests, which have records, the first; of offices, which have none, as many as one can read. */
static void
name(struct kind *kind, const char *where)
{
	size_t n_new = kind->n - kind->n_told;
	char *more;

	if (n_new == 0)
		kind->where = sk_mem_copy(where);
	if (n_new == 0 || n_new > NAMED || strcmp(kind->unit, "office") != 0)
		return;
	more = sk_mem_printf("%s, %s", kind->where, n_new < NAMED ? where : "...");
	free(kind->where);
	kind->where = more;
}

/* text is taken. */
static void
add(const char *unit, const char *where, char *text)
{
	size_t place = place_of(unit, text);
	struct kind *kind;

	repeated.last = place;
	repeated.last_at = sk_time_monotonic();
	if (place == repeated.n) {
		repeated.kinds = sk_mem_grow(repeated.kinds, repeated.n + 1, &repeated.room,
		    sizeof(*repeated.kinds));
		repeated.kinds[repeated.n++] =
		    (struct kind){.text = text, .unit = unit, .since = repeated.last_at};
	} else {
		free(text);
	}
	kind = &repeated.kinds[place];
	name(kind, where);
	kind->n++;
}

void
sk_out_warn_repeated(const char *unit, const char *where, const char *format, ...)
{
	char *text;
	va_list args;

	if (sk_out_is_quiet())
		return;
	va_start(args, format);
	text = sk_mem_vprintf(format, args);
	va_end(args);
	if (sk_out_verboses() || place_of(unit, text) == MOST_KINDS) {
		sk_out_warn("%s%s", where, text);
		free(text);
		return;
	}
	add(unit, where, text);
}

static void
tell(struct kind *kind)
{
	size_t n = kind->n - kind->n_told;
	const char *plural = n == 1 ? "" : "s";

	if (kind->n == 1)
		sk_out_warn("%s%s", kind->where, kind->text);
	else if (kind->n_told == 0)
		sk_out_warn("%s%s (%zu %s%s)", kind->where, kind->text, n, kind->unit, plural);
	else
		sk_out_warn("%s%s (%zu %s%s, %zu in all)", kind->where, kind->text, n, kind->unit,
		    plural, kind->n);
	free(kind->where);
	kind->where = NULL;
	kind->n_told = kind->n;
	kind->since = sk_time_monotonic();
}

static int64_t
due_at(const struct kind *kind)
{
	int64_t paused = repeated.last_at + PAUSE, longest = kind->since + LONGEST;

	if (kind->where == NULL)
		return INT64_MAX;
	if (kind->n_told > 0)
		return kind->since + AGAIN;
	return paused < longest ? paused : longest;
}

int64_t
sk_out_repeated_due_in(void)
{
	int64_t first = INT64_MAX, now;

	for (size_t i = 0; i < repeated.n; i++) {
		int64_t due = due_at(&repeated.kinds[i]);

		if (due < first)
			first = due;
	}
	if (first == INT64_MAX)
		return first;
	now = sk_time_monotonic();
	return first > now ? first - now : 0;
}

void
sk_out_tell_repeated(void)
{
	for (size_t i = 0; i < repeated.n; i++)
		if (due_at(&repeated.kinds[i]) <= sk_time_monotonic())
			tell(&repeated.kinds[i]);
}

void
sk_out_end_repeated(void)
{
	for (size_t i = 0; i < repeated.n; i++) {
		if (repeated.kinds[i].where != NULL)
			tell(&repeated.kinds[i]);
		free(repeated.kinds[i].text);
	}
	free(repeated.kinds);
	memset(&repeated, 0, sizeof(repeated));
}
