/* SPDX-License-Identifier: MIT */
/*
 * sweep: withdraws what a person names (--withdraw), and what a lost answer left open. A row that changes
 * meanwhile is left alone.
 */
#include <stdbool.h>

#include "base/out.h"
#include "base/progress.h"
#include "base/stop.h"
#include "life/withdraw.h"
#include "commands/sweep_parts.h"

static void
withdraw(struct sk_sweep *sweep, struct sk_writeback *row, enum sk_happening why)
{
	struct sk_check check = {.session = sweep->session, .pool = sweep->pool};
	enum sk_withdrawal withdrawal;
	struct sk_error err = {0};

	if (sk_withdraw(&check, row, why, &withdrawal, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	if (withdrawal == SK_WITHDRAWAL_TOO_LATE) {
		sk_out_warn("request %lld was carried out before it could be withdrawn: it is %s",
		    (long long)row->id, sk_state_name(row->result));
		sweep->exit = sk_exit_worse(sweep->exit, SK_EXIT_FAILED);
	}
	if (withdrawal == SK_WITHDRAWAL_OPEN) {
		sk_out_warn("request %lld stays pending: the server didn't withdraw it; the next "
			    "sikka-sweep tries it again",
		    (long long)row->id);
		sweep->exit = sk_exit_worse(sweep->exit, SK_EXIT_PENDING);
	}
}

void
sk_sweep_withdraw_named(struct sk_sweep *sweep)
{
	size_t n = sweep->options->withdraw.n;

	sk_progress_begin("requests", "withdrawing");
	for (size_t i = 0; i < n && !sk_stop_asked(); i++) {
		struct sk_writeback row = {0};

		sk_progress_count(i, n);
		if (!sk_sweep_get_row(sweep, sweep->options->withdraw.list[i], &row))
			continue;
		if (sk_sweep_go_online(sweep) == 0)
			withdraw(sweep, &row, SK_PERSON_WITHDRAWS);
		sk_writeback_fini(&row);
	}
	sk_progress_end();
}

static void
withdraw_doubles(struct sk_sweep *sweep)
{
	struct sk_filter doubled = sk_sweep_filter(sweep, 0);
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n;

	doubled.with_doubled = 1;
	if (sk_store_writebacks(sweep->session->store, &doubled, &rows, &n, &err) == 0) {
		for (size_t i = 0; i < n && !sk_stop_asked(); i++)
			if (sk_withdraw_is_one_too_many(&sweep->session->config, &rows[i]) &&
			    (sk_sweep_go_online(sweep) != 0 ||
				sk_withdraw_double(sweep->pool, &rows[i], &err) != 0))
				break;
		sk_writebacks_free(rows, n);
	}
	sk_sweep_note(sweep, &err);
}

/*
 * Rows whose withdrawal was intended, but the DELETE's answer was lost or the server couldn't be
 * reached.
 */
void
sk_sweep_withdraw_open(struct sk_sweep *sweep)
{
	const struct sk_filter pending = sk_sweep_filter(sweep, SK_MASK(SK_PENDING));
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n;

	if (sk_store_writebacks(sweep->session->store, &pending, &rows, &n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	sk_progress_begin("pending requests", "withdrawing");
	for (size_t i = 0; i < n && !sk_stop_asked(); i++) {
		sk_progress_count(i, n);
		if (sk_intent_of(&rows[i]) == SK_INTENT_NONE)
			continue;
		if (sk_sweep_go_online(sweep) != 0)
			break;
		withdraw(sweep, &rows[i],
		    sk_intent_of(&rows[i]) == SK_INTENT_STUCK ? SK_AGE_WITHDRAWS
							      : SK_PERSON_WITHDRAWS);
	}
	sk_progress_end();
	sk_writebacks_free(rows, n);
	withdraw_doubles(sweep);
}
