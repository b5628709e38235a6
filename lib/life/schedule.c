/* SPDX-License-Identifier: MIT */
/*
 * life: computes when a pending row is checked next. Pure arithmetic.
 */
#include "life/schedule.h"

#include "base/time.h"

/* When practices answer, where nothing is known about this one. */
#define EARLIEST (15 * SK_SECOND)
#define LATEST (60 * SK_SECOND)
#define FIRST_LOOK (24 * SK_SECOND)
#define FEWEST 3          /* s between two of these looks */
#define CLOSEST SK_SECOND /* between two looks */
#define WORTH 900         /* ms of waiting are worth a look */
#define TAIL 8            /* of the office's own times one in so many is unusually long */

/*
 * Until LATEST the end is equally likely at each moment. Then looks and waiting together cost least where each gap is a
 * second shorter than the one before. So the gap is the smallest one that, together with all shorter ones, fills the
 * time that is left.
 */
static int64_t
early_gap(int64_t age)
{
	int64_t left = (LATEST - age + SK_SECOND - 1) / SK_SECOND, gap = FEWEST;

	while (gap * (gap + 1) / 2 < left)
		gap++;
	return gap * SK_SECOND;
}

/*
 * Gaps grow by a factor of 1.3 up to 30 s; for old rows they are a sixtieth of the age, up to 5
 * min.
 */
static int64_t
late_gap(int64_t age)
{
	int64_t over = age > LATEST ? age - LATEST : 0;
	int64_t gap = 4 * SK_SECOND + over * 3 / 10, old = age / 60;

	gap = gap > 30 * SK_SECOND ? 30 * SK_SECOND : gap;
	old = old > 5 * SK_MINUTE ? 5 * SK_MINUTE : old;
	return gap > old ? gap : old;
}

/*
 * durations: the n times that are longer than the row's age. Returns the age at which the expected waiting, in the mean
 * of these n, is worth a look.
 */
static int64_t
own_look(const int64_t *durations, size_t n)
{
	int64_t sum = 0, look = 0;

	for (size_t ended = 1; ended <= n; ended++) {
		sum += durations[ended - 1];
		look = (WORTH * (int64_t)n + sum) / (int64_t)ended;
		if (ended < n && look <= durations[ended])
			break;
	}
	return look;
}

static int64_t
own_next(int64_t age, const int64_t *durations, size_t n)
{
	int64_t late = age + late_gap(age), look;
	size_t shorter = 0;

	while (shorter < n && durations[shorter] <= age)
		shorter++;
	if (shorter == n)
		return late;
	look = own_look(&durations[shorter], n - shorter);
	if (look < age + CLOSEST)
		look = age + CLOSEST;
	/* Few took longer, and one of these may have been off for a night: that is no reason to wait as long. */
	return n - shorter <= n / TAIL && look > late ? late : look;
}

int64_t
sk_schedule_next(int64_t age, const int64_t *durations, size_t n)
{
	if (n >= SK_SCHEDULE_ENOUGH)
		return own_next(age, durations, n);
	/*
	 * Too few to go by, but an office that was quick each time may be so again: one look more for each row, and only
	 * until enough are known.
	 */
	if (n > 0 && durations[n - 1] < FIRST_LOOK && durations[n - 1] >= age + CLOSEST)
		return durations[n - 1];
	if (age < EARLIEST)
		return FIRST_LOOK;
	return age < LATEST ? age + early_gap(age) : age + late_gap(age);
}

int64_t
sk_schedule_since(int64_t age, const int64_t *durations, size_t n)
{
	int64_t since = EARLIEST;

	if (n >= SK_SCHEDULE_ENOUGH || (n > 0 && durations[n - 1] < FIRST_LOOK))
		since = durations[0];
	return age > since ? age : since;
}
