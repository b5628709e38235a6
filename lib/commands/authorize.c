/* SPDX-License-Identifier: MIT */
/*
 * authorize: reads who has authorized the application, gets first keys, and forgets offices. An
 * office that gets no key doesn't keep the others from theirs; the first error is returned.
 */
#include "commands/authorize.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/event.h"
#include "store/offices.h"
#include "store/served.h"
#include "store/writebacks.h"
#include "calls/locations.h"
#include "calls/practices.h"
#include "calls/renewal.h"
#include "calls/request_key.h"
#include "calls/zones.h"
#include "life/hold_list.h"
#include "life/hold_rule.h"
#include "life/life.h"

#define PATIENCE (10 * SK_SECOND) /* with a window of the application's that is full */

static const struct sk_office *
office_of(const struct sk_office *offices, size_t n, const char *office_id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(offices[i].office_id, office_id) == 0)
			return &offices[i];
	return NULL;
}

static int
tell_practice(const struct sk_practice *practice, const struct sk_office *office,
    struct sk_error *err)
{
	json_t *record = json_object();
	char text[SK_TIME_TEXT];
	int result;

	sk_json_set(record, "office_id", practice->office_id);
	sk_json_set(record, "practice_id", practice->practice_id);
	sk_json_set(record, "practice_name", practice->practice_name);
	sk_json_set(record, "pms", practice->pms);
	sk_json_set(record, "pms_version", practice->pms_version);
	sk_json_set(record, "domain", practice->domain);
	sk_json_set(record, "time_zone", practice->time_zone);
	sk_json_set(record, "utc_offset", practice->utc_offset);
	/*
	 * A practice that is no longer authorized has a status of its own; otherwise the office's
	 * keys decide.
	 */
	sk_json_set(record, "status",
	    sk_office_status_name(
		practice->status == SK_OFFICE_REVOKED ? practice->status : office->status));
	sk_json_set(record, "token_expiry",
	    office->token_expiry != 0 ? sk_time_format(office->token_expiry, text) : NULL);
	result = sk_out_record(record, err);
	json_decref(record);
	return result;
}

/*
 * Prints a record for each practice of the office; *next is the first of the practices, which are in the same order, that
 * isn't before it. An office that was imported, and whose practices were never read, gets one record without a practice.
 */
static void
tell_office(const struct sk_office *office, const struct sk_practice *practices, size_t n,
    size_t *next, struct sk_error *err)
{
	struct sk_practice nameless = {.office_id = office->office_id};
	int told = 0;

	while (*next < n && strcmp(practices[*next].office_id, office->office_id) < 0)
		++*next;
	for (; *next < n && err->code == 0; ++*next) {
		if (strcmp(practices[*next].office_id, office->office_id) != 0)
			break;
		tell_practice(&practices[*next], office, err);
		told = 1;
	}
	if (!told)
		tell_practice(&nameless, office, err);
}

int
sk_authorize_tell(struct sk_session *session, struct sk_error *err)
{
	struct sk_practice *practices = NULL;
	struct sk_office *offices = NULL;
	size_t n = 0, n_offices = 0, next = 0;

	if (sk_store_offices(session->store, &offices, &n_offices, err) == 0 &&
	    sk_store_practices(session->store, NULL, &practices, &n, err) == 0)
		for (size_t i = 0; i < n_offices && err->code == 0; i++)
			if (sk_options_wants_office(session->common, offices[i].office_id))
				tell_office(&offices[i], practices, n, &next, err);
	sk_practices_free(practices, n);
	sk_offices_free(offices, n_offices);
	return err->code != 0 ? -1 : 0;
}

static void
note(struct sk_error *err, enum sk_exit *exit, const struct sk_error *why)
{
	*exit = sk_exit_worse(*exit, why->code);
	if (err->code == 0)
		*err = *why;
	else if (strcmp(err->text, why->text) != 0)
		sk_out_tell("%s", why->text);
}

static bool
is_refused(const struct sk_office *office)
{
	return office->status == SK_OFFICE_SUSPECT || office->status == SK_OFFICE_REAUTHORIZE;
}

/*
 * For a list that lacks most offices, only the server's refusal of its keys shows that one of them has
 * withdrawn; asked when two lists have lacked it.
 */
static bool
is_doubted(const struct sk_office *office)
{
	return office->status == SK_OFFICE_ACTIVE && office->missing_at != 0 &&
	    sk_time_now() - office->missing_at >= SK_PRACTICES_APART;
}

/*
 * One without a key, or one whose keys the server may refuse (still): a new one in any case. One whose keys
 * a person has revoked gets some only when it is named.
 */
static bool
wants_key(const struct sk_session *session, const struct sk_office *office)
{
	return sk_served_has(session, office->office_id) &&
	    (office->status == SK_OFFICE_NEW || is_refused(office) || is_doubted(office) ||
		(office->status == SK_OFFICE_HELD && session->common->n_offices > 0)) &&
	    sk_options_wants_office(session->common, office->office_id);
}

/*
 * A key for each office that wants one, side by side. An office without one doesn't keep the others
 * from theirs.
 */
static enum sk_exit
get_keys(struct sk_pool *pool, struct sk_error *err)
{
	struct sk_session *session = sk_pool_session(pool);
	struct sk_key_wish *wishes;
	struct sk_office *offices;
	size_t n, n_wishes = 0;
	enum sk_exit exit = SK_EXIT_OK;

	if (sk_store_offices(session->store, &offices, &n, err) != 0)
		return err->code;
	wishes = sk_mem_zero(n + 1, sizeof(*wishes));
	for (size_t i = 0; i < n; i++) {
		struct sk_error why = {0};

		if (!wants_key(session, &offices[i]))
			continue;
		if (sk_request_key_release(session, offices[i].office_id, &why) != 0) {
			note(err, &exit, &why);
			continue;
		}
		wishes[n_wishes] = (struct sk_key_wish){.office_id = offices[i].office_id,
		    .within = is_refused(&offices[i]) || is_doubted(&offices[i]) ? INT64_MAX : -1};
		sk_renewal_wish(pool, &wishes[n_wishes++]);
	}
	sk_progress_begin("offices", "getting request keys");
	for (size_t i = 0; i < n_wishes; i++) {
		sk_renewal_wait(pool, wishes, n_wishes, i);
		if (wishes[i].error.code != 0)
			note(err, &exit, &wishes[i].error);
	}
	sk_progress_end();
	free(wishes);
	sk_offices_free(offices, n);
	return exit;
}

static void
warn_of_unread(const struct sk_locations *locations, size_t n)
{
	const struct sk_locations *first = NULL;
	size_t n_unread = 0;

	for (size_t i = 0; i < n; i++) {
		if (locations[i].error.code == 0)
			continue;
		if (first == NULL)
			first = &locations[i];
		n_unread++;
	}
	if (n_unread > 0)
		sk_out_warn("%zu office%s: the list of the office's own practices can't be read, "
			    "so what is known of it stays; office %s: %s",
		    n_unread, n_unread == 1 ? "" : "s", first->office_id, first->error.text);
}

/*
 * The practice ids of writes come from each office's own list: one request for each office with a key, side
 * by side. A list that can't be read changes nothing, and the exit code least of all.
 */
static void
read_locations(struct sk_pool *pool, struct sk_error *err)
{
	struct sk_session *session = sk_pool_session(pool);
	struct sk_locations *locations;
	struct sk_office *offices;
	size_t n, n_read = 0;

	if (sk_store_offices(session->store, &offices, &n, err) != 0)
		return;
	locations = sk_mem_zero(n + 1, sizeof(*locations));
	sk_pool_wait_at_most(pool, PATIENCE);
	for (size_t i = 0; i < n; i++) {
		if (offices[i].status != SK_OFFICE_ACTIVE ||
		    !sk_served_has(session, offices[i].office_id) ||
		    !sk_options_wants_office(session->common, offices[i].office_id))
			continue;
		locations[n_read].office_id = offices[i].office_id;
		sk_locations_begin(pool, &locations[n_read++]);
	}
	sk_progress_begin("offices", "reading lists of practices");
	for (size_t i = 0; i < n_read; i++) {
		sk_progress_count(i, n_read);
		sk_locations_finish(pool, &locations[i]);
	}
	sk_progress_end();
	sk_pool_wait_at_most(pool, 0);
	sk_locations_record(session, locations, n_read, err);
	if (err->code == 0 && sk_stop_asked())
		sk_stop_error(err);
	else
		warn_of_unread(locations, n_read);
	for (size_t i = 0; i < n_read; i++)
		sk_locations_fini(pool, &locations[i]);
	free(locations);
	sk_offices_free(offices, n);
}

static void
learn_zones(struct sk_pool *pool, struct sk_error *err)
{
	sk_pool_wait_at_most(pool, PATIENCE);
	sk_zones_learn(pool, err);
	sk_pool_wait_at_most(pool, 0);
}

/* Fails with 77 when -O names an office that hasn't authorized us; the others still get keys. */
static enum sk_exit
check_names(struct sk_session *session, struct sk_error *err)
{
	const struct sk_common *common = session->common;
	struct sk_office *offices;
	size_t n;

	if (sk_store_offices(session->store, &offices, &n, err) != 0)
		return err->code;
	for (size_t i = 0; i < common->n_offices; i++)
		if (office_of(offices, n, common->offices[i]) == NULL)
			sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
			    "office %s isn't in the list of those that have authorized the "
			    "application: when the practice has done so in the vendor's "
			    "marketplace, run sikka-authorize",
			    common->offices[i]);
	sk_offices_free(offices, n);
	return err->code;
}

/*
 * What was begun just now waits for a list: read here, so that the first request needn't wait. Where it
 * can't be read, or not soon because the application's window is full, whoever sends it tries again.
 */
static void
read_list(struct sk_pool *pool)
{
	struct sk_session *session = sk_pool_session(pool);
	struct sk_check check = {.session = session, .pool = pool};
	struct sk_error why = {0};
	char *words = sk_hold_words(session->store, NULL);
	const char *later =
	    "; the server's list isn't read yet, so the next command that sends reads it";

	if (words == NULL || session->copy != SK_COPY_NONE)
		goto out;
	sk_pool_wait_at_most(pool, PATIENCE);
	if (sk_hold_wants_list(session->store) && sk_hold_list_read(&check, &why) != 0)
		sk_out_warn("%s%s", why.text, session->copy == SK_COPY_NONE ? later : "");
	sk_pool_wait_at_most(pool, 0);
out:
	free(words);
}

/* 76 once a day: the list can't be right, or nearly all have withdrawn. */
static enum sk_exit
tell_doubt(enum sk_practices_doubt doubt, struct sk_error *err)
{
	const char *text =
	    "the server's list of practices lacks more than half of the offices, so none of "
	    "them is marked as revoked unless the server refuses its keys, too";

	if (doubt == SK_PRACTICES_LIKELY)
		return SK_EXIT_OK;
	if (doubt == SK_PRACTICES_TOLD) {
		sk_out_warn("%s", text);
		return SK_EXIT_OK;
	}
	sk_error_set(err, SK_EXIT_PROTOCOL, "%s", text);
	return SK_EXIT_PROTOCOL;
}

/* What a signal has left to do. */
static void
tell_stopped(struct sk_session *session, struct sk_error *err)
{
	struct sk_office *offices = NULL;
	struct sk_error ignored = {0};
	size_t n = 0, n_wanted = 0, with_key = 0;

	if (sk_store_offices(session->store, &offices, &n, &ignored) == 0)
		for (size_t i = 0; i < n; i++) {
			bool is_wanted = sk_practices_wants(session, &offices[i]);

			n_wanted += is_wanted;
			with_key += is_wanted && offices[i].token_expiry > sk_time_now();
		}
	sk_error_set(err, SK_EXIT_TRY_LATER,
	    "stopped by a signal; of the %zu offices found so far, %zu have a request key; run the "
	    "same command again",
	    n_wanted, with_key);
	sk_offices_free(offices, n);
}

static enum sk_exit
authorize(struct sk_pool *pool, int no_token, struct sk_error *err)
{
	struct sk_error why = {0};
	json_t *practices;
	enum sk_exit exit = SK_EXIT_OK;
	enum sk_practices_doubt doubt;
	int whole;

	if (sk_served_refuse_named(sk_pool_session(pool), err) != 0 ||
	    sk_practices_read(pool, &practices, &whole, err) != 0)
		return err->code;
	if (!whole)
		sk_out_warn("the list of practices changed while it was read, so no practice is "
			    "marked as revoked");
	if (sk_practices_record(sk_pool_session(pool), practices, whole, &doubt, err) != 0)
		exit = err->code;
	json_decref(practices);
	if (exit != SK_EXIT_OK)
		return exit;
	exit = sk_exit_worse(tell_doubt(doubt, err), check_names(sk_pool_session(pool), err));
	if (!no_token) {
		exit = sk_exit_worse(exit, get_keys(pool, err));
		if (why.code == 0)
			read_locations(pool, &why);
	}
	read_list(pool);
	/* Last, since keys and the list need the application's window more. */
	if (why.code == 0)
		learn_zones(pool, &why);
	if (why.code == 0)
		sk_authorize_tell(sk_pool_session(pool), &why);
	if (why.code != 0 && err->code == 0)
		*err = why;
	if (err->code == 0 && doubt == SK_PRACTICES_LIKELY)
		sk_pulse_beat(&sk_pool_session(pool)->pulse, SK_TASK_AUTHORIZE);
	return sk_exit_worse(exit, why.code);
}

enum sk_exit
sk_authorize(struct sk_pool *pool, int no_token, struct sk_error *err)
{
	enum sk_exit exit = authorize(pool, no_token, err);

	if (sk_stop_is_why(err))
		tell_stopped(sk_pool_session(pool), err);
	return sk_exit_worse(exit, err->code);
}

/*
 * How a request has ended is asked with the office's key. So the office must have no open request;
 * and what was withdrawn must have been seen gone, as it might still be carried out: sikka-life(7),
 * After a withdrawal.
 */
static int
refuse_unended(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	size_t living, watched;

	if (sk_served_count_followed(session, office_id, &living, &watched, err) != 0)
		return -1;
	if (living > 0)
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "office %s has %zu requests that haven't ended: wait for them with sikka-poll "
		    "--wait, or end them with sikka-sweep --withdraw or --resolve; then forget the "
		    "office",
		    office_id, living);
	if (watched > 0)
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "office %s has %zu withdrawn requests that may still be carried out: "
		    "sikka-poll checks them, 15 minutes or more after the withdrawal (35 by the "
		    "list); forget the "
		    "office after two checks",
		    office_id, watched);
	return 0;
}

/* Called with the office's lock held: a renewal in another process would write the office back. */
static int
forget_locked(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	/*
	 * One transaction: a request that is handed in meanwhile is either seen here, or finds no
	 * office.
	 */
	if (sk_store_begin(session->store, err) != 0)
		return -1;
	if (refuse_unended(session, office_id, err) != 0 ||
	    sk_store_office_forget(session->store, office_id, err) != 0 ||
	    sk_event_make(session->store, SK_EVENT_FORGOTTEN, office_id, 0,
		"forgotten by sikka-authorize", err) != 0) {
		sk_store_rollback(session->store);
		return -1;
	}
	return sk_store_commit(session->store, err);
}

int
sk_authorize_forget(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	int64_t number;
	int result;

	if (sk_session_lock_office(session, office_id, SK_EXIT_BAD_DATA, &number, err) != 0)
		return -1;
	result = forget_locked(session, office_id, err);
	sk_lock_release(session->lock, SK_LOCK_OFFICE, number);
	return result;
}
