/* SPDX-License-Identifier: MIT */
/*
 * restore: when it may begin. What left last, in the history that is lost, must have had the time to arrive
 * and to be listed; and nothing else may be sending.
 */
#include "commands/restore_parts.h"

#include "base/time.h"
#include "store/holds.h"
#include "store/moments.h"
#include "store/pair.h"
#include "life/life.h"

#define PIDS 8 /* named at most */

int
sk_restore_check_runs(struct sk_session *session, struct sk_error *err)
{
	int held = sk_lock_is_any_held(session->lock, SK_LOCK_RUN, err);
	struct sk_text text = {0};
	long pids[PIDS];
	size_t n;

	if (held <= 0)
		return held;
	n = sk_lock_owners(session->lock, SK_LOCK_RUN, pids, PIDS);
	for (size_t i = 0; i < n; i++)
		sk_text_add_format(&text, "%s%ld", i > 0 ? ", " : "", pids[i]);
	sk_error_set(err, SK_EXIT_TRY_LATER,
	    "other commands are still running with this state file, and may send: end them first "
	    "(%s%s)",
	    n > 0 ? "process " : "which ones isn't known here: look for sikka-book and sikka-sweep",
	    n > 0 ? sk_text_bytes(&text) : "");
	sk_text_fini(&text);
	return -1;
}

/*
 * From when on nothing left because of the machine, or of a file that was begun: the moment when that was
 * noted. Where no command has noted this boot yet, the boot itself; but with many boots it says nothing.
 */
static int
held_since(struct sk_session *session, int64_t now, int64_t *since, struct sk_error *err)
{
	const struct sk_pulse *pulse = &session->pulse;
	int64_t booted = now - sk_time_boot();
	bool is_noted;

	if (sk_store_holds_noted_at(session->store, pulse->boot_id, since, &is_noted, err) != 0)
		return -1;
	if (!is_noted && !pulse->has_many_boots && booted > *since && booted <= now)
		*since = booted;
	return 0;
}

/*
 * The twin knows when a write left last. Where it is another's, or none is there, it is the moment when the
 * first command met the file here: from then on nothing left. And the file may have been put back together
 * with its lock file, and with the machine: then the twin is as old as the file, but nothing left of what is
 * lost after that was noted.
 */
static int
since_when(struct sk_session *session, int64_t now, int64_t *since, struct sk_error *err)
{
	int64_t met = 0, held = 0;

	if (held_since(session, now, &held, err) != 0)
		return -1;
	*since = session->twin.departed_at > held ? session->twin.departed_at : held;
	if (session->copy != SK_COPY_ALONE && session->copy != SK_COPY_STRANGE)
		return 0;
	if (sk_pair_met_at(session, &met, err) != 0)
		return -1;
	*since = met > *since ? met : *since;
	return 0;
}

int
sk_restore_check_time(struct sk_session *session, int64_t now, struct sk_error *err)
{
	char until[SK_TIME_TEXT];
	int64_t since;

	if (since_when(session, now, &since, err) != 0)
		return -1;
	if (since > now + SK_MOMENTS_TOLERANCE) {
		if (sk_pair_mend_departure(session, now, err) != 0)
			return -1;
		since = now;
	}
	if (now - since >= SK_LIFE_LISTED)
		return 0;
	sk_time_format(since + SK_LIFE_LISTED, until);
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "what was sent last may not be in the server's list yet: run the command again after "
	    "%s; until then nothing is sent",
	    until);
}
