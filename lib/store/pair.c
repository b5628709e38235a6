/* SPDX-License-Identifier: MIT */
/*
 * pair: what is written, in a section, when an older copy is met or has been told what it is, and when a
 * file of an earlier version gets its twin.
 */
#include "store/pair.h"

#include "base/time.h"
#include "store/event.h"
#include "store/holds.h"
#include "store/restored.h"
#include "store/session.h"
#include "store/writebacks.h"

/*
 * When this copy was met first. It stands in the copy, so another copy that is put back, or the same
 * one again, is met anew.
 */
#define MET "older_copy_met"
#define RECENT (5 * SK_DAY) /* a machine that has been up for longer wasn't put back just now */

int
sk_pair_met_at(struct sk_session *session, int64_t *moment, struct sk_error *err)
{
	return sk_store_fact_get(session->store, MET, moment, err);
}

int
sk_pair_forget_met(struct sk_session *session, struct sk_error *err)
{
	return sk_store_fact_set(session->store, MET, 0, err);
}

int
sk_pair_end_of_copy(struct sk_session *session, int64_t now, int64_t *end, struct sk_error *err)
{
	int64_t up = sk_time_boot(), latest = 0;

	*end = 0;
	if (session->copy != SK_COPY_NONE) {
		if (sk_pair_met_at(session, end, err) != 0)
			return -1;
	} else if (up < RECENT) {
		if (sk_store_latest_before(session->store, now - up, &latest, err) != 0)
			return -1;
		/* A file that was begun since the machine booted wasn't put back with it. */
		*end = latest != 0 ? now - up : now;
	}
	if (*end == 0 || *end > now)
		*end = now;
	return 0;
}

/* In a section: the event, and when. */
static int
note_copy(struct sk_session *session, struct sk_error *err)
{
	int64_t met;

	if (sk_pair_met_at(session, &met, err) != 0)
		return -1;
	if (met != 0)
		return 0;
	if (sk_store_fact_set(session->store, MET, sk_time_now(), err) != 0)
		return -1;
	return sk_event_make(session->store, SK_EVENT_OLDER_COPY, NULL, 0,
	    sk_copy_words(session->copy), err);
}

/*
 * In a section: the lock file first, with a count of 0, then the state file. A crash in between leaves a
 * lock file that still says what version 5 wrote, and has counted nothing: it is done again.
 */
static int
give_twin(struct sk_session *session, struct sk_error *err)
{
	struct sk_twin *twin = &session->section.twin;
	struct sk_store_twin here = {0};

	if (!twin->is_there && sk_twin_random(&twin->pair, err) != 0)
		return -1;
	if (sk_store_writebacks_highest(session->store, &twin->row, err) != 0 ||
	    sk_twin_write(session->lock, twin, err) != 0)
		return -1;
	here.pair = twin->pair;
	return sk_store_twin_put(session->store, &here, err);
}

int
sk_pair_meet(struct sk_session *session, struct sk_error *err)
{
	struct sk_store_twin here;
	int64_t met = 0;
	int result;

	if (sk_store_twin_get(session->store, &here, err) != 0 ||
	    sk_pair_met_at(session, &met, err) != 0)
		return -1;
	if (session->copy == SK_COPY_NONE ? here.pair != 0 : met != 0)
		return 0;
	if (sk_section_begin(session, err) != 0)
		return -1;
	/* Again, with the byte: it may have become whole meanwhile, or have got its twin. */
	result = sk_copy_compare(session, &session->section.twin, &here, err);
	if (result == 0 && session->copy != SK_COPY_NONE)
		result = note_copy(session, err);
	else if (result == 0 && here.pair == 0)
		result = give_twin(session, err);
	return sk_section_end(session, result, err);
}

/*
 * In a section. The lock file first: a crash after it leaves a file that is recognized, and that the next
 * command meets.
 */
static int
part(struct sk_session *session, struct sk_error *err)
{
	struct sk_twin *twin = &session->section.twin;
	struct sk_store_twin here;
	int64_t end;

	if (sk_copy_compare(session, twin, &here, err) != 0)
		return -1;
	if (session->copy != SK_COPY_NONE)
		return 0;
	if (sk_pair_end_of_copy(session, sk_time_now(), &end, err) != 0)
		return -1;
	twin->count = here.count + 1;
	if (sk_twin_random(&twin->mark, err) != 0 || sk_twin_write(session->lock, twin, err) != 0 ||
	    sk_store_fact_set(session->store, MET, end, err) != 0)
		return -1;
	return sk_event_make(session->store, SK_EVENT_OLDER_COPY, NULL, 0,
	    "a person said so, and nothing shows it: sikka-sweep --after-restore", err);
}

int
sk_pair_part(struct sk_session *session, struct sk_error *err)
{
	int result;

	if (sk_section_begin(session, err) != 0)
		return -1;
	result = sk_section_end(session, part(session, err), err);
	return result == 0 ? sk_copy_look(session, err) : -1;
}

int
sk_pair_mend_departure(struct sk_session *session, int64_t now, struct sk_error *err)
{
	struct sk_twin *twin = &session->section.twin;
	int64_t met = 0;
	int result = 0;

	if (sk_section_begin(session, err) != 0)
		return -1;
	if (sk_pair_met_at(session, &met, err) != 0 ||
	    (met > now && sk_store_fact_set(session->store, MET, now, err) != 0) ||
	    sk_store_holds_mend(session->store, now, err) != 0)
		result = -1;
	if (result == 0 && twin->departed_at > now) {
		twin->departed_at = now;
		result = sk_twin_write(session->lock, twin, err);
	}
	session->twin.departed_at = twin->departed_at;
	return sk_section_end(session, result, err);
}

/*
 * The pair stays where the lock file is this file's own; else it is a new one, so that neither the file
 * that the lock file belonged to, nor a copy of this one, is ever taken for it.
 */
int
sk_pair_make_whole(struct sk_session *session, struct sk_error *err)
{
	struct sk_twin *twin = &session->section.twin;
	struct sk_store_twin here;

	if (sk_store_twin_get(session->store, &here, err) != 0)
		return -1;
	if (here.pair == 0 || !twin->is_there || here.pair != twin->pair)
		if (sk_twin_random(&here.pair, err) != 0)
			return -1;
	twin->pair = here.pair;
	if (twin->count > here.count)
		here.count = twin->count;
	/* What the lock file says now equals what the state file will say. */
	twin->is_there = true;
	twin->count = here.count;
	twin->mark = here.mark;
	if (sk_pair_forget_met(session, err) != 0 ||
	    sk_store_holds_end(session->store, "a person", err) != 0 ||
	    sk_store_twin_put(session->store, &here, err) != 0)
		return -1;
	return sk_section_raise(session, SK_SECTION_KEEPS, err);
}
