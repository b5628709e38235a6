/* SPDX-License-Identifier: MIT */
/*
 * rhythm: when a list is read for all rows that are followed, because it tells of all of them at once, and costs less
 * than a status for each at its time (sikka-life(7), Checking). Pure: moments on one clock in ms, rows in, a moment
 * out.
 *
 * Everything is counted in statuses. A row's next look is due when the waiting that is to be expected is worth one
 * status; until then it grows with the square of the time. A list is read when the waiting for all rows together is
 * worth what a list costs. What a list shows is as old as the list took.
 */
#ifndef SK_LIFE_RHYTHM_H
#define SK_LIFE_RHYTHM_H

#include <stdbool.h>
#include <stdint.h>

/* No list is begun earlier after another one; nor does the list take more than half of the time. */
#define SK_RHYTHM_CLOSEST INT64_C(2000)

struct sk_rhythm {
	int64_t now;
	double cost, took; /* of a list, s */
	double looks;      /* a second, if each row is asked for at its time */
	/* The sums of 1, x and x * x of all rows, each divided by the square of its gap; x: since, from now on, s. */
	double sum, sum_x, sum_xx;
};

/* cost: of a list, in thousandths of a status. took: ms, all of its pages. */
void sk_rhythm_init(struct sk_rhythm *rhythm, int64_t now, int64_t cost, int64_t took);

/* Whether lists are better for the row than a status at its time, where they are read often enough. */
bool sk_rhythm_suits(const struct sk_rhythm *rhythm, int64_t since, int64_t due);

/* Adds a row that suits: since when it may have ended, and when its next look is due. */
void sk_rhythm_add(struct sk_rhythm *rhythm, int64_t since, int64_t due);

/*
 * When the next list is due, where the last one began at last (0: none did); not later than a minute from now. 0: it
 * costs less to ask for each row.
 */
int64_t sk_rhythm_next(const struct sk_rhythm *rhythm, int64_t last);

#endif
