/* SPDX-License-Identifier: MIT */
/*
 * restore: brings an older copy of the state file up to date from two of the server's lists. As long as
 * they can't be read, nothing is taken over (75), and still nothing may be sent.
 */
#include "commands/restore.h"

#include "base/out.h"
#include "base/time.h"
#include "store/pair.h"
#include "life/settle.h"
#include "commands/restore_parts.h"

/* Rows of the file get their requests first. Only what has no owner after that is unknown to the file. */
static int
bring_up_to_date(struct sk_restoring *restoring, struct sk_error *err)
{
	const struct sk_check check = sk_sweep_check(restoring->sweep);

	if (sk_restore_doubt(restoring, err) != 0 ||
	    sk_settle_unknown(&check, &restoring->either, err) != 0 ||
	    sk_settle_late_own(&check, &restoring->either, err) != 0 ||
	    sk_restore_take_over(restoring, err) != 0)
		return -1;
	if (restoring->session->rehearses)
		sk_out_warn(
		    "after the restore %zu requests would be unknown, and %zu would be added "
		    "from the server's lists",
		    restoring->n_unsure, restoring->n_taken_over);
	else
		sk_out_warn("after the restore: %zu requests are unknown now, %zu were added from "
			    "the server's lists",
		    restoring->n_unsure, restoring->n_taken_over);
	return 0;
}

/* Where the server's time isn't known yet, or is in doubt, the first list tells it. */
static int
check_time(struct sk_session *session, struct sk_error *err)
{
	const struct sk_clock *clock = &session->pulse.clock;

	if (!clock->is_known || clock->jump != 0)
		return 0;
	return sk_restore_check_time(session, sk_time_now(), err);
}

/*
 * Where nothing shows that an older copy was put back, as when the lock file and the machine were put back with
 * it, a person's word is all there is. It has to hold at once, and for every command: else what the night's
 * import hands in is sent a second time while this command waits for its lists, or says that it is too early,
 * or after it was killed.
 */
static int
take_word(struct sk_sweep *sweep, struct sk_error *err)
{
	if (sweep->session->copy != SK_COPY_NONE)
		return 0;
	return sk_pair_part(sweep->session, err);
}

int
sk_restore(struct sk_sweep *sweep, struct sk_error *err)
{
	struct sk_restoring restoring = {.sweep = sweep, .session = sweep->session};
	int result = -1;

	if (sk_copy_look(sweep->session, err) == 0 &&
	    sk_restore_check_runs(sweep->session, err) == 0 && take_word(sweep, err) == 0 &&
	    check_time(sweep->session, err) == 0 && sk_restore_read(&restoring, err) == 0)
		result = bring_up_to_date(&restoring, err);
	sk_restoring_fini(&restoring);
	return result;
}
