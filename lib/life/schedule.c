/* SPDX-License-Identifier: MIT */
/*
 * life: computes when a pending row is checked next. Pure arithmetic.
 */
#include "life/schedule.h"

#include "base/time.h"

static const int64_t early_looks[] = {22 * SK_SECOND, 30 * SK_SECOND, 37 * SK_SECOND,
    43 * SK_SECOND, 48 * SK_SECOND, 52 * SK_SECOND, 56 * SK_SECOND, 60 * SK_SECOND};
#define N_LOOKS (sizeof(early_looks) / sizeof(early_looks[0]))
#define CLOSEST SK_SECOND

/* The next of the ages by which one eighth more of the office's own writebacks had ended. */
static int64_t
own_look(int64_t age, const int64_t *durations, size_t n)
{
	for (size_t k = 1; k <= N_LOOKS; k++) {
		int64_t look = durations[(n * k + N_LOOKS - 1) / N_LOOKS - 1];

		if (look >= age + CLOSEST)
			return look;
	}
	return 0;
}

/*
 * Gaps grow by a factor of 1.3 up to 30 s; for old rows they are a sixtieth of the age, up to 5
 * min.
 */
static int64_t
late_gap(int64_t age)
{
	int64_t over = age > SK_MINUTE ? age - SK_MINUTE : 0;
	int64_t gap = 4 * SK_SECOND + over * 3 / 10, old = age / 60;

	gap = gap > 30 * SK_SECOND ? 30 * SK_SECOND : gap;
	old = old > 5 * SK_MINUTE ? 5 * SK_MINUTE : old;
	return gap > old ? gap : old;
}

int64_t
sk_schedule_next(int64_t age, const int64_t *durations, size_t n)
{
	if (n >= SK_SCHEDULE_ENOUGH) {
		int64_t look = own_look(age, durations, n);

		return look != 0 ? look : age + late_gap(age);
	}
	/*
	 * Too few to go by, but an office that was quick each time may be so again: one look more for each row, and only
	 * until enough are known.
	 */
	if (n > 0 && durations[n - 1] < early_looks[0] && durations[n - 1] >= age + CLOSEST)
		return durations[n - 1];
	for (size_t i = 0; i < N_LOOKS; i++)
		if (early_looks[i] >= age + CLOSEST)
			return early_looks[i];
	return age + late_gap(age);
}
