/* SPDX-License-Identifier: MIT */
/*
 * poll: what it tells, and when: the state of a row, changes that were left untold, and what went wrong. A
 * record that can't be written stays to be told.
 */
#include "commands/poll_parts.h"

#include <stdlib.h>

#include "base/out.h"
#include "life/ledger.h"

int
sk_poll_tell_row(struct sk_poll *poll, const struct sk_writeback *row, const struct sk_asked *asked)
{
	struct sk_error err = {0};

	if (poll->options.tell == NULL)
		return sk_feed_tell(&poll->feed, row, asked, &poll->fatal);
	poll->options.tell(poll->options.arg, row, asked, &err);
	if (err.code == 0 && !sk_out_is_closed()) {
		sk_feed_note(&poll->feed, row->id);
		return 0;
	}
	if (poll->fatal.code == 0 && err.code != 0)
		poll->fatal = err;
	return -1;
}

/* Whether an error in a check ends the command. */
static bool
is_fatal(const struct sk_error *err)
{
	return err->code != SK_EXIT_UNAVAILABLE && err->code != SK_EXIT_TRY_LATER &&
	    err->code != SK_EXIT_PROTOCOL && err->code != SK_EXIT_NOT_AUTHORIZED &&
	    err->code != SK_EXIT_FAILED;
}

void
sk_poll_note_trouble(struct sk_poll *poll, const struct sk_error *err)
{
	poll->is_troubled = true;
	if (is_fatal(err) && poll->fatal.code == 0)
		poll->fatal = *err;
	if (poll->trouble.code == 0)
		poll->trouble = *err;
	sk_out_verbose("%s", err->text);
}

/* The state file may have been replaced since this command began: then nothing more is written to it. */
bool
sk_poll_is_copy(struct sk_poll *poll)
{
	return sk_copy_guard(sk_pool_session(poll->pool), &poll->fatal) != 0;
}

/* is_news: if it can't be told now, the next poller has to, whoever has recorded it. */
static void
tell_watched(struct sk_poll *poll, const struct sk_watch *watch, const struct sk_writeback *row,
    bool is_news)
{
	struct sk_error err = {0};
	bool is_told = true;

	for (size_t i = 0; i < watch->n_asked; i++)
		is_told = sk_poll_tell_row(poll, row, &watch->asked[i]) == 0 && is_told;
	if (!is_told && is_news && sk_feed_leave(&poll->feed, row->id, &err) != 0)
		sk_poll_note_trouble(poll, &err);
}

static void
count_exit(struct sk_poll *poll, const struct sk_writeback *row)
{
	enum sk_exit exit = sk_ledger_exit(row);

	if (poll->options.follow ||
	    (exit == SK_EXIT_PENDING && poll->options.wait == SK_POLL_ONE_PASS))
		return;
	poll->exit = sk_exit_worse(poll->exit, exit);
}

/*
 * Decides what to print about a watched row: when waiting, its end; with --follow, each change;
 * with --all, each check.
 */
void
sk_poll_take_stock(struct sk_poll *poll, struct sk_watch *watch, const struct sk_writeback *row,
    int is_last)
{
	int is_over = is_last || sk_watch_is_over(row);

	if (is_over || poll->options.all || (poll->options.follow && row->result != watch->told))
		tell_watched(poll, watch, row, is_over || poll->options.follow);
	watch->told = row->result;
	if (!is_over) {
		sk_watches_schedule(&poll->watches, watch, row);
		return;
	}
	count_exit(poll, row);
	poll->n_over++;
	sk_watches_drop(&poll->watches, watch);
}

/* After a check: reads the row as it is in the journal now, whoever has written it. */
void
sk_poll_take_stock_of(struct sk_poll *poll, int64_t id, int is_last, int64_t not_before)
{
	struct sk_watch *watch = sk_watches_find(&poll->watches, id);
	struct sk_writeback row = {0};
	struct sk_error err = {0};

	if (watch == NULL)
		return; /* It was told during the check. */
	switch (sk_store_writeback_get(sk_pool_session(poll->pool)->store, id, &row, &err)) {
	case 1:
		sk_poll_take_stock(poll, watch, &row, is_last);
		break;
	case 0:
		sk_out_tell("there is no request %lld in the state file: sikka-status --writebacks "
			    "shows those that it has",
		    (long long)id);
		poll->exit = sk_exit_worse(poll->exit, SK_EXIT_BAD_DATA);
		sk_watches_drop(&poll->watches, watch);
		break;
	default:
		sk_poll_note_trouble(poll, &err);
	}
	sk_writeback_fini(&row);
	watch = sk_watches_find(&poll->watches, id);
	if (watch != NULL && watch->due < not_before)
		watch->due = not_before;
}

/* What was told is struck out of what is to be told. */
void
sk_poll_settle(struct sk_poll *poll, bool is_last)
{
	struct sk_error err = {0};

	if (poll->feed.n_told > 0 && !sk_poll_is_copy(poll) &&
	    sk_feed_settle(&poll->feed, is_last, &err) != 0)
		sk_poll_note_trouble(poll, &err);
}

static void
tell_one_left(struct sk_poll *poll, int64_t id)
{
	struct sk_writeback row = {0};
	struct sk_error err = {0};

	if (sk_watches_find(&poll->watches, id) != NULL) {
		sk_poll_take_stock_of(poll, id, 0, 0);
		if (poll->options.follow && poll->fatal.code == 0 && !sk_out_is_closed())
			sk_feed_note(&poll->feed, id);
		return;
	}
	if (sk_store_writeback_get(sk_pool_session(poll->pool)->store, id, &row, &err) < 0)
		sk_poll_note_trouble(poll, &err);
	else if (row.id == id && sk_poll_tell_row(poll, &row, NULL) == 0 &&
	    row.result != SK_PENDING && !poll->options.follow)
		poll->exit = sk_exit_worse(poll->exit, sk_ledger_exit(&row));
	sk_writeback_fini(&row);
}

/* Changes that this process, and those that have ended, have recorded, and nobody has told yet. */
void
sk_poll_tell_left(struct sk_poll *poll)
{
	struct sk_error err = {0};
	int64_t *rows;
	size_t n;

	sk_poll_settle(poll, false);
	if (sk_poll_is_copy(poll))
		return;
	if (sk_feed_left(&poll->feed, &rows, &n, &err) != 0) {
		sk_poll_note_trouble(poll, &err);
		return;
	}
	for (size_t i = 0; i < n && poll->fatal.code == 0 && !sk_out_is_closed(); i++)
		tell_one_left(poll, rows[i]);
	free(rows);
	sk_poll_settle(poll, false);
}
