/* SPDX-License-Identifier: MIT */
/*
 * progress: work that lasts longer than a second shows itself in one line on a terminal: what is done, how many
 * of how many, how fast, how long still, and why it waits. Without a terminal on stderr, with -q, and while
 * another process has the terminal's foreground, nothing of it is seen. The line is redrawn a few times a second
 * at most, has less in it where the terminal is narrow, and is gone before anything else is printed.
 *
 * Works may stand in one another; the innermost is shown. The line is drawn by the code that waits: calls/pool, and
 * whatever waits for a lock.
 */
#ifndef SK_BASE_PROGRESS_H
#define SK_BASE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* -q: nothing is shown. To be called before any work begins; base/out does so. */
void sk_progress_silence(bool is_silent);

/*
 * A piece of work begins, "sending"; unit: what is counted, in plural, "requests" (it has to stay), or NULL:
 * nothing is. Each begin has its sk_progress_end.
 */
void sk_progress_begin(const char *unit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* So many of so many; of may grow, and is 0 while it isn't known. */
void sk_progress_count(size_t done, size_t of);

/*
 * Why the innermost work waits, if the caller of sk_progress_draw gives no reason; NULL: no more. until: monotonic,
 * when it goes on, or 0. It holds until it is changed, and ends with the work.
 */
void sk_progress_waits(const char *why, int64_t until);

void sk_progress_end(void);

/*
 * In how many ms the line is to be drawn again; INT64_MAX: never. A caller that waits for longer has to wake then, and
 * to draw.
 */
int64_t sk_progress_due_in(void);

/* Draws the line if it is due. why: why nothing happens just now, or NULL; until: as above. */
void sk_progress_draw(const char *why, int64_t until);

/* Takes the line away, before something else is printed. It comes back when it is drawn next. */
void sk_progress_erase(void);

#endif
