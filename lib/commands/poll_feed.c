/* SPDX-License-Identifier: MIT */
/*
 * poll: its records. A process that dies between writing a record and striking it out has it written once
 * more: a reader has to expect that, and never misses one.
 */
#include "commands/poll_feed.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/out.h"
#include "store/untold.h"
#include "life/ledger.h"

static bool
is_told(const struct sk_feed *feed, int64_t row)
{
	for (size_t i = 0; i < feed->n_told; i++)
		if (feed->told[i] == row)
			return true;
	return false;
}

void
sk_feed_note(struct sk_feed *feed, int64_t row)
{
	feed->told = sk_mem_grow(feed->told, feed->n_told + 1, &feed->room, sizeof(*feed->told));
	feed->told[feed->n_told++] = row;
}

/* An earlier record of the row doesn't tell what the latest one would have. */
static void
forget(struct sk_feed *feed, int64_t row)
{
	size_t n = 0;

	for (size_t i = 0; i < feed->n_told; i++)
		if (feed->told[i] != row)
			feed->told[n++] = feed->told[i];
	feed->n_told = n;
}

int
sk_feed_tell(struct sk_feed *feed, const struct sk_writeback *row, const struct sk_asked *asked,
    struct sk_error *err)
{
	json_t *record = sk_ledger_json(row, asked, feed->with_body);
	int result;

	result = sk_out_record(record, err);
	json_decref(record);
	if (result == 0 && !sk_out_is_closed()) {
		sk_feed_note(feed, row->id);
		return 0;
	}
	forget(feed, row->id);
	return -1;
}

int
sk_feed_leave(struct sk_feed *feed, int64_t row, struct sk_error *err)
{
	return sk_store_untold_add(feed->session->store, row, err);
}

/* The same as sk_out_settle, where a record that was handed over may still have to wait for others. */
static int
settle_late(bool is_last, struct sk_error *err)
{
	if (!is_last)
		return 0;
	if (sk_out_finish(err) != 0)
		return -1;
	return sk_out_is_closed() ? 0 : 1;
}

int
sk_feed_settle(struct sk_feed *feed, bool is_last, struct sk_error *err)
{
	struct sk_error unwritten = {0};
	int settled;

	if (feed->n_told == 0)
		return 0;
	settled =
	    feed->is_late ? settle_late(is_last, &unwritten) : sk_out_settle(is_last, &unwritten);
	if (settled == 0)
		return 0;
	if (settled > 0)
		settled = sk_untold_strike(feed->session, feed->told, feed->n_told, err);
	else
		*err = unwritten;
	feed->n_told = 0;
	return settled < 0 ? -1 : 0;
}

int
sk_feed_left(struct sk_feed *feed, int64_t **rows, size_t *n, struct sk_error *err)
{
	size_t n_left = 0;

	if (sk_untold_take_over(feed->session, err) != 0 ||
	    sk_untold_rows(feed->session, rows, n, err) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++)
		if (!is_told(feed, (*rows)[i]))
			(*rows)[n_left++] = (*rows)[i];
	*n = n_left;
	return 0;
}

void
sk_feed_fini(struct sk_feed *feed)
{
	free(feed->told);
	feed->told = NULL;
	feed->n_told = 0;
}
