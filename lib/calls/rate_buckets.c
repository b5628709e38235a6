/* SPDX-License-Identifier: MIT */
/* rate: how full the windows are, for those who only look. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "calls/rate.h"

static int64_t
closed_for_all(const struct sk_limits_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].bucket, SK_LIMITS_EVERY) == 0)
			return rows[i].window.closed_until;
	return 0;
}

static struct sk_rate_bucket
judge(const struct sk_limits_row *row, int64_t now, int64_t closed_for_all)
{
	struct sk_rate_bucket bucket = {.name = sk_mem_copy(row->bucket)};
	struct sk_window window = row->window;
	struct sk_rate_left left;

	if (window.closed_until < closed_for_all)
		window.closed_until = closed_for_all;
	left = sk_rate_left(&window, now, SK_RATE_WRITE);
	bucket.of = left.of;
	bucket.used = left.of - left.left;
	if (sk_rate_is_ahead(window.closed_until, now))
		bucket.closed_until = window.closed_until;
	if (sk_rate_is_ahead(window.daily_until, now))
		bucket.daily_until = window.daily_until;
	return bucket;
}

void
sk_rate_buckets(const char *db, struct sk_rate_bucket **buckets, size_t *n)
{
	int64_t now = sk_time_now(), closed;
	struct sk_limits_row *rows;
	size_t n_rows;

	sk_limits_rows(db, &rows, &n_rows);
	closed = closed_for_all(rows, n_rows);
	*buckets = sk_mem_zero(n_rows + 1, sizeof(**buckets));
	*n = 0;
	for (size_t i = 0; i < n_rows; i++)
		if (strcmp(rows[i].bucket, SK_LIMITS_EVERY) != 0)
			(*buckets)[(*n)++] = judge(&rows[i], now, closed);
	sk_limits_rows_free(rows, n_rows);
}

void
sk_rate_buckets_free(struct sk_rate_bucket *buckets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(buckets[i].name);
	free(buckets);
}
