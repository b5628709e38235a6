/* SPDX-License-Identifier: MIT */
/*
 * clock: what is believed of the server's time, by the Date of its answers (sikka-life(7), Moments).
 * Pure: moments in, a decision out. Whoever decides sets the process's clock by it
 * (sk_time_set_server), and keeps it for the next process (store/pulse).
 *
 * The server's time is told as an offset: the server's time less CLOCK_BOOTTIME, which nobody sets.
 */
#ifndef SK_BASE_CLOCK_H
#define SK_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

#define SK_CLOCK_JUMP (2 * SK_MINUTE) /* a larger difference needs a second answer … */
#define SK_CLOCK_CONFIRM SK_MINUTE    /* … so much later */

struct sk_clock {
	int64_t offset;
	bool is_known;     /* by an answer, or by what was kept under this boot; else a guess */
	bool takes_first;  /* nothing depends on it yet: the first answer is believed at once */
	bool has_answer;   /* an answer to this process agreed with it, or set it */
	int64_t jump;      /* by how much an answer differed that isn't believed yet; 0: none */
	int64_t jump_seen; /* sk_time_boot() when it was first seen */
};

/* What an earlier process left behind. */
struct sk_clock_kept {
	bool is_of_this_boot;
	bool is_known;        /* as above */
	int64_t boot;         /* sk_time_boot() at that moment … */
	int64_t server_at;    /* … the server's time … */
	int64_t machine_at;   /* … and this machine's */
	int64_t jump;         /* as above */
	int64_t jump_seen_at; /* in the server's time; 0: none */
};

/*
 * The clock of a process that has no answer yet. kept NULL: there is nothing. Then, and under another
 * boot, it is a guess.
 */
void sk_clock_begin(struct sk_clock *clock, const struct sk_clock_kept *kept, int64_t boot,
    int64_t machine);

/* What the next process gets. */
void sk_clock_keep(const struct sk_clock *clock, int64_t boot, int64_t machine,
    struct sk_clock_kept *kept);

enum sk_clock_saw {
	SK_CLOCK_AGREES,
	SK_CLOCK_CORRECTED, /* offset is another one now */
	SK_CLOCK_DOUBTED    /* it differs by too much for one answer: noted */
};

/* An answer with a Date, which has whole seconds. sent and received: sk_time_boot(). */
enum sk_clock_saw sk_clock_see(struct sk_clock *clock, int64_t sent, int64_t received,
    int64_t date);

#endif
