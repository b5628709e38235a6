/* SPDX-License-Identifier: MIT */
/*
 * renewal_grant: what a renewal asks the server, and what the answers mean. With the refresh key, then
 * with the secret key, then with the secret of the list of practices; an office is suspected, and blamed
 * (status reauthorize or revoked), only when that list shows that it isn't our application key.
 */
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/time.h"
#include "calls/practices.h"
#include "calls/renewal_parts.h"

static void read_practices(struct sk_pool *pool);
static void send_secret(struct sk_pool_office *office, enum sk_renewal_stage stage);

/* --- its end ----------------------------------------------------------------------------------- */

/* The office as it is now, and an event, are written in the next transaction of the pool. */
static void
save(struct sk_pool_office *office, enum sk_event_kind event, const char *text)
{
	sk_renewal_enter(office->renewal, SK_RENEWAL_SAVE);
	office->renewal->event = event;
	sk_mem_replace(&office->renewal->event_text, text);
	office->pool->is_dirty = 1;
}

static void
unavailable(struct sk_pool_office *office)
{
	struct sk_error why = {0};

	sk_error_set(&why, SK_EXIT_UNAVAILABLE, "no new request key for office %s: %s", office->id,
	    office->record.last_error != NULL ? office->record.last_error
					      : "the server gave no clear answer");
	sk_renewal_finish(office, &why);
}

static void
end_refused(struct sk_pool_office *office, enum sk_event_kind event, const char *text)
{
	sk_error_set(&office->renewal->error, SK_EXIT_NOT_AUTHORIZED, "office %s: %s", office->id,
	    text);
	save(office, event, text);
}

static void
revoke_office(struct sk_pool_office *office)
{
	office->record.status = SK_OFFICE_REVOKED;
	office->record.renewal_refused_at = sk_time_now();
	end_refused(office, SK_EVENT_REVOKED, "no longer in the list of authorized practices");
}

/* Both keys are refused, and it isn't our application key. What was known before is told once. */
static void
blame_office(struct sk_pool_office *office)
{
	struct sk_office *record = &office->record;
	enum sk_office_status before = record->status;

	sk_request_key_refuse(record);
	if (record->status == SK_OFFICE_SUSPECT)
		end_refused(office, before != record->status ? SK_EVENT_SUSPECT : SK_EVENT_NONE,
		    "refresh key and secret are refused; if they still are in 10 minutes, the "
		    "practice must authorize again");
	else
		end_refused(office, before != record->status ? SK_EVENT_REAUTHORIZE : SK_EVENT_NONE,
		    "refresh key and secret are refused: the practice must authorize again");
}

/* --- grants ------------------------------------------------------------------------------------ */

enum granted { GRANTED, REFUSED, UNCLEAR, LATER };

/*
 * Only a code of the server's refuses a key. A firewall's 403, a proxy's 404 or an answer that is cut
 * says nothing about the office, whatever its status is.
 */
static enum granted
read_granted(const struct sk_call_result *result)
{
	const struct sk_http_answer *answer = &result->answer;
	enum sk_api_class class = result->reply.class;

	if (answer->outcome != SK_HTTP_ANSWERED || answer->status == 408 || answer->status >= 500)
		return UNCLEAR;
	if (answer->status == 429 || class == SK_API_DAILY_LIMIT)
		return LATER;
	if (sk_api_code_refuses_grant(result->reply.code))
		return REFUSED;
	return class == SK_API_OK ? GRANTED : UNCLEAR;
}

/* The earlier of expires_in from the moment of sending and Request-Key-Expires − Date. */
static int64_t
expiry_of(const struct sk_api_grant *grant, const struct sk_http_answer *answer)
{
	int64_t life = grant->expires_in;

	if (answer->key_expires > 0 && answer->date > 0 &&
	    (life == 0 || answer->key_expires - answer->date < life))
		life = answer->key_expires - answer->date;
	if (life <= 0)
		life = grant->expires_in > 0 ? grant->expires_in : SK_DAY;
	return sk_time_at(answer->sent) + life;
}

/* GRANTED: the office has the new pair, and it is to be saved; UNCLEAR: there was no key in it. */
static enum granted
take_grant(struct sk_pool_office *office, const struct sk_call_result *result)
{
	struct sk_office *record = &office->record;
	struct sk_api_grant grant;

	if (sk_api_read_grant(&result->reply, &grant) != 0 || grant.request_key == NULL) {
		sk_api_grant_fini(&grant);
		return UNCLEAR;
	}
	sk_secret_free(record->request_key);
	record->request_key = sk_mem_copy(grant.request_key);
	if (grant.refresh_key != NULL) {
		sk_secret_free(record->refresh_key);
		record->refresh_key = sk_mem_copy(grant.refresh_key);
	}
	if (grant.domain != NULL)
		sk_mem_replace(&record->domain, grant.domain);
	record->token_expiry = expiry_of(&grant, &result->answer);
	record->renewed_at = sk_time_at(result->answer.sent);
	record->renewal_refused_at = 0;
	record->suspect_at = 0;
	record->held_at = 0;
	record->status = SK_OFFICE_ACTIVE;
	sk_mem_replace(&record->last_error, NULL);
	sk_api_grant_fini(&grant);
	office->renewal->is_renewed = 1;
	save(office, SK_EVENT_RENEWED, office->renewal->grant);
	return GRANTED;
}

static enum granted
take_answer(struct sk_pool_office *office)
{
	const struct sk_call_result *result = office->renewal->call.result;
	const struct sk_api_reply *reply = &result->reply;
	enum granted granted = read_granted(result);

	if (granted == GRANTED)
		granted = take_grant(office, result);
	sk_out_verbose("%s: grant %s: %s%s%s", office->id, office->renewal->grant,
	    granted == GRANTED       ? "granted"
		: granted == REFUSED ? "refused: "
				     : "no clear answer: ",
	    granted == GRANTED ? "" : reply->code, granted == GRANTED ? "" : reply->text);
	if (granted != GRANTED)
		sk_mem_replace(&office->record.last_error,
		    *reply->code != '\0' ? reply->code : reply->text);
	return granted;
}

static void
ask_for_list(struct sk_pool_office *office)
{
	const struct sk_renewals *renewals = office->pool->renewals;

	if (sk_time_monotonic() < renewals->app_refused_until) {
		sk_renewal_finish(office, &renewals->app_refused);
		return;
	}
	sk_renewal_enter(office->renewal, SK_RENEWAL_LIST);
	read_practices(office->pool);
}

static void
later(struct sk_pool_office *office)
{
	struct sk_error why = {0};

	sk_error_set(&why, SK_EXIT_TRY_LATER, "no new request key for office %s today: %s",
	    office->id, office->record.last_error);
	sk_renewal_finish(office, &why);
}

static void
went_on_after_secret(struct sk_pool_office *office, enum sk_renewal_stage stage,
    enum granted granted)
{
	/* One key more does no harm: an answer that was lost is asked for once more. */
	if (granted == UNCLEAR && stage == SK_RENEWAL_SECRET)
		send_secret(office, SK_RENEWAL_SECRET_AGAIN);
	else if (granted == UNCLEAR && stage == SK_RENEWAL_NEW_SECRET)
		send_secret(office, SK_RENEWAL_NEW_SECRET_AGAIN);
	else if (granted == UNCLEAR)
		unavailable(office);
	else if (stage == SK_RENEWAL_SECRET || stage == SK_RENEWAL_SECRET_AGAIN)
		ask_for_list(office);
	else
		blame_office(office);
}

static void
judged(void *owner_arg, struct sk_call *call)
{
	struct sk_pool_office *office = call->arg;
	const struct sk_renewals *renewals = office->pool->renewals;
	enum sk_renewal_stage stage = office->renewal->stage;
	struct sk_error why = call->result->error;
	enum granted granted;

	(void)owner_arg;
	if (why.code != 0) {
		sk_renewal_finish(office, &why);
		return;
	}
	granted = take_answer(office);
	sk_call_fini(call);
	if (granted == GRANTED)
		return;
	/* Another office has found out meanwhile that it is our app key: asking on tells nothing more. */
	if (sk_time_monotonic() < renewals->app_refused_until)
		sk_renewal_finish(office, &renewals->app_refused);
	else if (granted == LATER)
		later(office);
	else if (stage == SK_RENEWAL_REFRESH)
		send_secret(office, SK_RENEWAL_SECRET); /* spent with its answer lost, too */
	else
		went_on_after_secret(office, stage, granted);
}

/* --- sending ----------------------------------------------------------------------------------- */

static const struct sk_call_owner owner = {.judged = judged};

/* body moves in. */
static void
send(struct sk_pool_office *office, enum sk_renewal_stage stage, const char *grant, char *body)
{
	struct sk_renewal *renewal = office->renewal;

	sk_secret_free(renewal->body);
	renewal->body = body;
	sk_renewal_enter(renewal, stage);
	renewal->grant = grant;
	sk_call_fini(&renewal->call);
	renewal->call = (struct sk_call){.kind = SK_CALL_RENEWAL,
	    .method = "POST",
	    .path = "/request_key",
	    .body = renewal->body,
	    .owner = &owner,
	    .arg = office};
	sk_pool_add(office->pool, &renewal->call);
}

static void
send_refresh(struct sk_pool_office *office)
{
	send(office, SK_RENEWAL_REFRESH, "refresh_key",
	    sk_api_grant_refresh_key(&office->pool->session->config, office->record.refresh_key));
}

static void
send_secret(struct sk_pool_office *office, enum sk_renewal_stage stage)
{
	if (office->record.secret_key == NULL) {
		ask_for_list(office);
		return;
	}
	send(office, stage, "request_key",
	    sk_api_grant_request_key(&office->pool->session->config, office->id,
		office->record.secret_key));
}

/*
 * Both grants were refused. Before the office is blamed, the list of practices tells whether it is our
 * app key (77, no office is touched), a changed secret, or really the office. Two lists that lack it, apart
 * from each other, show that it has withdrawn.
 */
static void
compare_with_list(struct sk_pool_office *office)
{
	const json_t *practices = office->pool->renewals->practices;
	int whole = sk_practices_is_whole(&office->pool->renewals->pages.list);
	const char *secret = sk_practices_secret(practices, office->id);
	const char *known = office->record.secret_key;
	bool is_listed = sk_practices_have(practices, office->id);
	struct sk_error why = {0};

	if (is_listed)
		office->record.missing_at = 0;
	if (secret != NULL && (known == NULL || strcmp(secret, known) != 0)) {
		sk_secret_free(office->record.secret_key);
		office->record.secret_key = sk_mem_copy(secret);
		send_secret(office, SK_RENEWAL_NEW_SECRET);
	} else if (is_listed) {
		blame_office(office);
	} else if (whole && sk_practices_lack(&office->record.missing_at)) {
		revoke_office(office);
	} else if (whole) {
		blame_office(office);
	} else {
		sk_error_set(&why, SK_EXIT_UNAVAILABLE,
		    "office %s: its request key was refused, and the list of practices was "
		    "incomplete",
		    office->id);
		sk_renewal_finish(office, &why);
	}
}

/* why: code 0, the list is there. */
static void
take_list(struct sk_renewal *renewal, const struct sk_error *why)
{
	if (why->code == 0)
		compare_with_list(renewal->office);
	else
		sk_renewal_finish(renewal->office, why);
}

/* A renewal whose next request hasn't left is ended; one that waits in the pool is taken out. */
static void
end_unasked(struct sk_renewal *renewal, const struct sk_error *why)
{
	if (renewal->stage == SK_RENEWAL_LOCK || renewal->stage == SK_RENEWAL_NOTE ||
	    sk_pool_remove(renewal->office->pool, &renewal->call))
		sk_renewal_finish(renewal->office, why);
	else
		sk_renewal_enter(renewal, renewal->stage);
}

/* An sk_pages' done(): all renewals that wait for the list go on. */
static void
take_practices(void *arg, struct sk_pages *pages)
{
	struct sk_renewals *renewals = pages->pool->renewals;
	const struct sk_error *why = &pages->error;
	/* Our app key is refused: nobody can get a key, and asking for each office tells nothing more. */
	int is_ours = why->code == SK_EXIT_NOT_AUTHORIZED;

	(void)arg;
	renewals->is_reading = 0;
	if (is_ours) {
		renewals->app_refused = *why;
		renewals->app_refused_until = sk_time_monotonic() + SK_KEY_AFTER_REFUSAL;
	}
	sk_renewal_each(&renewals->listing, take_list, why);
	if (!is_ours)
		return;
	sk_renewal_each(&renewals->locked_out, end_unasked, why);
	sk_renewal_each(&renewals->unlocked, end_unasked, why);
	sk_renewal_each(&renewals->to_write, end_unasked, why);
	sk_renewal_each(&renewals->asking, end_unasked, why);
}

void
sk_renewal_grant_fini(struct sk_renewals *renewals)
{
	sk_pages_fini(&renewals->pages);
	json_decref(renewals->practices);
	renewals->practices = NULL;
}

/* Once for all renewals that want it. Its reply stays until it is read again: they borrow from it. */
static void
read_practices(struct sk_pool *pool)
{
	struct sk_renewals *renewals = pool->renewals;

	if (renewals->is_reading)
		return;
	sk_renewal_grant_fini(renewals);
	renewals->practices = json_array();
	renewals->pages = sk_practices_pages(renewals->practices);
	renewals->pages.done = take_practices;
	renewals->is_reading = 1;
	sk_pages_begin(pool, &renewals->pages);
}

void
sk_renewal_ask(struct sk_pool_office *office)
{
	if (office->record.refresh_key != NULL)
		send_refresh(office);
	else
		send_secret(office, SK_RENEWAL_SECRET);
}
