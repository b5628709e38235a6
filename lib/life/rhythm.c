/* SPDX-License-Identifier: MIT */
/*
 * life: compares what looking costs, by list and row by row. Pure arithmetic.
 */
#include "life/rhythm.h"

#include "base/time.h"

#define STEP 100 /* ms; a list's moment isn't found more exactly */
#define HORIZON SK_MINUTE
#define CLOSEST ((double)SK_RHYTHM_CLOSEST / SK_SECOND)

void
sk_rhythm_init(struct sk_rhythm *rhythm, int64_t now, int64_t cost, int64_t took)
{
	*rhythm = (struct sk_rhythm){.now = now,
	    .cost = (double)cost / 1000,
	    .took = (double)took / SK_SECOND};
}

/* The time between two lists at the least, s. */
static double
closest(const struct sk_rhythm *rhythm)
{
	return 2 * rhythm->took > CLOSEST ? 2 * rhythm->took : CLOSEST;
}

static double
seconds(int64_t ms)
{
	return (double)ms / SK_SECOND;
}

bool
sk_rhythm_suits(const struct sk_rhythm *rhythm, int64_t since, int64_t due)
{
	/*
	 * A row that is asked for by itself is known, in the mean, half a gap after its end; by a list, took + half the
	 * time between two lists after it.
	 */
	return since <= rhythm->now && since < due &&
	    seconds(due - since) > rhythm->took + closest(rhythm) / 2;
}

void
sk_rhythm_add(struct sk_rhythm *rhythm, int64_t since, int64_t due)
{
	double gap = seconds(due - since), x = seconds(since - rhythm->now);

	rhythm->looks += 1 / gap;
	rhythm->sum += 1 / (gap * gap);
	rhythm->sum_x += x / (gap * gap);
	rhythm->sum_xx += x * x / (gap * gap);
}

/*
 * Each second of looking by list costs cost / time + sum * time + 2 * took * sum, where time lies between two lists:
 * least where the first two are equal. Row by row it costs 2 * looks: the statuses, and as much waiting.
 */
static bool
is_cheaper(const struct sk_rhythm *rhythm)
{
	double rest = rhythm->looks - rhythm->took * rhythm->sum, time = closest(rhythm);

	if (rest <= 0)
		return false;
	if (rhythm->sum * time * time < rhythm->cost)
		return rhythm->cost * rhythm->sum < rest * rest;
	return rhythm->cost / time + rhythm->sum * time < 2 * rest;
}

/* What the waiting will be worth at that time, s from now. */
static double
waiting(const struct sk_rhythm *rhythm, double time)
{
	return rhythm->sum * time * time - 2 * rhythm->sum_x * time + rhythm->sum_xx;
}

int64_t
sk_rhythm_next(const struct sk_rhythm *rhythm, int64_t last)
{
	int64_t earliest = last != 0 ? last + (int64_t)(closest(rhythm) * SK_SECOND) : 0, in = 0;

	if (!is_cheaper(rhythm))
		return 0;
	while (in < HORIZON && waiting(rhythm, seconds(in)) < rhythm->cost)
		in += STEP;
	return rhythm->now + in > earliest ? rhythm->now + in : earliest;
}
