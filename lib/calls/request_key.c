/* SPDX-License-Identifier: MIT */
#include "calls/request_key.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"
#include "store/event.h"
#include "store/offices.h"
#include "api/api.h"
#include "calls/practices.h"

#define AFTER_REFUSAL SK_MINUTE /* no renewal so long after a refused one */
#define LOCK_WAIT (100 * SK_SECOND)
#define LOCK_STEP 25

static int
lives(const struct sk_office *office, const char *rejected, int64_t margin)
{
	/* Not expiry > now + margin: the margin of "all" is INT64_MAX. */
	return office->request_key != NULL && !sk_text_both_equal(office->request_key, rejected) &&
	    office->token_expiry - sk_time_now() > margin;
}

/* SK_TOKEN_MARGIN, but no more than SK_TOKEN_MARGIN_PART of a short-lived key's life. */
static int64_t
margin_of(const struct sk_office *office)
{
	int64_t life = office->token_expiry - office->renewed_at;

	if (office->renewed_at > 0 && life > 0 && life / SK_TOKEN_MARGIN_PART < SK_TOKEN_MARGIN)
		return life / SK_TOKEN_MARGIN_PART;
	return SK_TOKEN_MARGIN;
}

static int
load(struct sk_session *session, const char *office_id, struct sk_office *office,
    struct sk_error *err)
{
	char day[SK_TIME_DAY];
	int found;

	sk_office_fini(office);
	found = sk_store_office_get(session->store, office_id, office, err);
	if (found < 0)
		return -1;
	if (found == 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "office %s isn't known here: run sikka-authorize", office_id);
	if (office->status == SK_OFFICE_REVOKED)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "office %s has withdrawn its authorization: it must authorize again, then run "
		    "sikka-authorize",
		    office_id);
	if (office->status == SK_OFFICE_HELD)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "the keys of office %s were revoked here on %s: sikka-token -O %s refresh gets "
		    "new ones",
		    office_id, sk_time_day(office->held_at, day), office_id);
	if (office->status == SK_OFFICE_REAUTHORIZE)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "office %s must authorize the application again in the vendor's marketplace; "
		    "then run "
		    "sikka-authorize",
		    office_id);
	return 0;
}

static int
save(struct sk_wire *wire, const struct sk_office *office, enum sk_event_kind event,
    const char *text, struct sk_error *err)
{
	struct sk_store *store = wire->session->store;

	if (sk_store_begin(store, err) != 0)
		return -1;
	if (sk_store_office_put(store, office, err) != 0 ||
	    (event != SK_EVENT_NONE &&
		sk_event_make(store, event, office->office_id, 0, text, err) != 0)) {
		sk_store_rollback(store);
		return -1;
	}
	return sk_store_commit(store, err);
}

/* The earlier of expires_in from the moment of sending and Request-Key-Expires − Date. */
static int64_t
expiry_of(const struct sk_api_grant *grant, const struct sk_http_answer *facts)
{
	int64_t life = grant->expires_in;

	if (facts->key_expires > 0 && facts->date > 0 &&
	    (life == 0 || facts->key_expires - facts->date < life))
		life = facts->key_expires - facts->date;
	if (life <= 0)
		life = grant->expires_in > 0 ? grant->expires_in : SK_DAY;
	return facts->started_at + life;
}

/* How one grant went. */
enum granted { GRANTED, GRANT_REFUSED, GRANT_UNCLEAR, GRANT_LATER, GRANT_ERROR };

static enum granted
take_grant(struct sk_wire *wire, struct sk_office *office, const struct sk_api_reply *reply,
    const struct sk_http_answer *facts, const char *name, struct sk_error *err)
{
	struct sk_api_grant grant;

	if (sk_api_read_grant(reply, &grant) != 0 || grant.request_key == NULL) {
		sk_api_grant_fini(&grant);
		return GRANT_UNCLEAR;
	}
	sk_secret_free(office->request_key);
	office->request_key = sk_mem_copy(grant.request_key);
	if (grant.refresh_key != NULL) {
		sk_secret_free(office->refresh_key);
		office->refresh_key = sk_mem_copy(grant.refresh_key);
	}
	if (grant.domain != NULL)
		sk_mem_replace(&office->domain, grant.domain);
	office->token_expiry = expiry_of(&grant, facts);
	office->renewed_at = facts->started_at;
	office->renewal_refused_at = 0;
	office->held_at = 0;
	office->status = SK_OFFICE_ACTIVE;
	sk_mem_replace(&office->last_error, NULL);
	sk_api_grant_fini(&grant);
	return save(wire, office, SK_EVENT_RENEWED, name, err) == 0 ? GRANTED : GRANT_ERROR;
}

static enum granted
ask_grant(struct sk_wire *wire, struct sk_office *office, const char *name, char *body,
    struct sk_error *err)
{
	struct sk_http_answer facts;
	struct sk_api_reply reply;
	enum granted granted;

	if (sk_wire_grant(wire, body, &reply, &facts, err) != 0) {
		sk_secret_free(body);
		return GRANT_ERROR;
	}
	sk_secret_free(body);
	if (facts.outcome != SK_HTTP_ANSWERED || facts.status == 408 || facts.status >= 500)
		granted = GRANT_UNCLEAR;
	else if (facts.status == 429 || reply.class == SK_API_DAILY_LIMIT)
		granted = GRANT_LATER;
	else if (facts.status >= 400 || reply.class == SK_API_REFUSED ||
	    reply.class == SK_API_CONFIG)
		granted = GRANT_REFUSED;
	else
		granted = take_grant(wire, office, &reply, &facts, name, err);
	sk_out_verbose("%s: grant %s: %s%s%s", office->office_id, name,
	    granted == GRANTED             ? "granted"
		: granted == GRANT_REFUSED ? "refused: "
					   : "no clear answer: ",
	    granted == GRANTED ? "" : reply.code, granted == GRANTED ? "" : reply.text);
	sk_mem_replace(&office->last_error,
	    granted == GRANTED ? NULL
		: *reply.code  ? reply.code
			       : reply.text);
	sk_http_answer_fini(&facts);
	sk_api_reply_fini(&reply);
	return granted;
}

static enum granted
ask_with_secret(struct sk_wire *wire, struct sk_office *office, struct sk_error *err)
{
	enum granted granted = GRANT_UNCLEAR;

	if (office->secret_key == NULL)
		return GRANT_REFUSED;
	/* A key more does no harm: an answer that was lost is asked for once more. */
	for (int attempt = 1; attempt <= 2 && granted == GRANT_UNCLEAR; attempt++)
		granted = ask_grant(wire, office, "request_key",
		    sk_api_grant_request_key(&wire->session->config, office->office_id,
			office->secret_key),
		    err);
	return granted;
}

static int
unavailable(const struct sk_office *office, struct sk_error *err)
{
	return sk_error_set(err, SK_EXIT_UNAVAILABLE, "no new request key for office %s: %s",
	    office->office_id,
	    office->last_error != NULL ? office->last_error : "the server gave no clear answer");
}

static int
blame_office(struct sk_wire *wire, struct sk_office *office, enum sk_office_status status,
    const char *text, struct sk_error *err)
{
	office->status = status;
	office->renewal_refused_at = sk_time_now();
	if (save(wire, office,
		status == SK_OFFICE_REVOKED ? SK_EVENT_REVOKED : SK_EVENT_REAUTHORIZE, text,
		err) != 0)
		return -1;
	return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED, "office %s: %s", office->office_id, text);
}

/*
 * Both grants were refused. Before the office is blamed, the list of practices tells whether it is
 * our app key (77, no office is touched), a changed secret, or really the office.
 */
static int
find_out_why(struct sk_wire *wire, struct sk_office *office, struct sk_error *err)
{
	json_t *practices;
	const char *secret;
	int whole, result = -1;

	if (sk_practices_read(wire, &practices, &whole, err) != 0)
		return -1;
	secret = sk_practices_secret(practices, office->office_id);
	if (secret != NULL && !sk_text_both_equal(secret, office->secret_key)) {
		enum granted granted;

		sk_secret_free(office->secret_key);
		office->secret_key = sk_mem_copy(secret);
		granted = ask_with_secret(wire, office, err);
		if (granted == GRANTED)
			result = 0;
		else if (granted == GRANT_UNCLEAR || granted == GRANT_LATER)
			unavailable(office, err);
		if (granted != GRANT_REFUSED)
			goto out;
	}
	if (secret == NULL && !whole) {
		sk_error_set(err, SK_EXIT_UNAVAILABLE,
		    "office %s: its request key was refused, and the list of practices was "
		    "incomplete",
		    office->office_id);
		goto out;
	}
	if (secret == NULL)
		blame_office(wire, office, SK_OFFICE_REVOKED,
		    "no longer in the list of authorized practices", err);
	else
		blame_office(wire, office, SK_OFFICE_REAUTHORIZE,
		    "refresh key and secret are refused: the practice must authorize again", err);
out:
	json_decref(practices);
	return result;
}

/* With the office's lock held, and nobody having renewed meanwhile. */
static int
renew_locked(struct sk_wire *wire, struct sk_office *office, const char **grant,
    struct sk_error *err)
{
	enum granted granted = GRANT_REFUSED;

	office->renewal_tried_at = sk_time_now();
	if (save(wire, office, SK_EVENT_NONE, NULL, err) != 0)
		return -1;
	*grant = "refresh_key";
	if (office->refresh_key != NULL)
		granted = ask_grant(wire, office, "refresh_key",
		    sk_api_grant_refresh_key(&wire->session->config, office->refresh_key), err);
	/* Refused, or spent with its answer lost: the secret makes both good. */
	if (granted == GRANT_REFUSED || granted == GRANT_UNCLEAR) {
		*grant = "request_key";
		granted = ask_with_secret(wire, office, err);
	}
	if (granted == GRANTED)
		return 0;
	if (granted == GRANT_REFUSED)
		return find_out_why(wire, office, err);
	if (granted == GRANT_UNCLEAR)
		return unavailable(office, err);
	if (granted == GRANT_LATER)
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "no new request key for office %s today: %s", office->office_id,
		    office->last_error);
	return -1;
}

/* Waits for the lock. 1 taken; 0 not needed, the old key still serves; -1 error. */
static int
take_lock(struct sk_wire *wire, const struct sk_office *office, const char *rejected,
    struct sk_error *err)
{
	int64_t end = sk_time_monotonic() + LOCK_WAIT;

	for (;;) {
		int taken = sk_lock_try(wire->session->lock, SK_LOCK_OFFICE, office->number, err);

		if (taken != 0)
			return taken;
		if (lives(office, rejected, 0))
			return 0;
		if (sk_time_monotonic() > end)
			return sk_error_set(err, SK_EXIT_TRY_LATER,
			    "another process has been renewing the request key of %s for too long",
			    office->office_id);
		if (sk_wire_sleep(wire, LOCK_STEP + sk_time_jitter(LOCK_STEP), err) != 0)
			return -1;
	}
}

/* within < 0: the ordinary margin. office is loaded, and loaded again by this. */
static int
renew(struct sk_wire *wire, struct sk_office *office, const char *rejected, int64_t within,
    struct sk_renewal *renewal, struct sk_error *err)
{
	char *office_id = sk_mem_copy(office->office_id);
	int64_t number = office->number, known = office->renewed_at;
	int result = -1, taken;

	taken = take_lock(wire, office, rejected, err);
	if (taken <= 0) {
		free(office_id);
		return taken;
	}
	/* Another may have renewed while we waited. */
	if (load(wire->session, office_id, office, err) != 0)
		goto out;
	if (lives(office, rejected, within < 0 ? margin_of(office) : within) ||
	    (office->renewed_at != known && lives(office, rejected, 0))) {
		result = 0;
		goto out;
	}
	if (office->renewal_refused_at > sk_time_now() - AFTER_REFUSAL &&
	    office->renewal_refused_at <= sk_time_now()) {
		result = sk_error_set(err, SK_EXIT_TRY_LATER,
		    "office %s: a renewal was refused less than a minute ago", office_id);
		goto out;
	}
	result = renew_locked(wire, office, &renewal->grant, err);
	renewal->renewed = result == 0;
out:
	sk_lock_release(wire->session->lock, SK_LOCK_OFFICE, number);
	free(office_id);
	return result;
}

int
sk_request_key_recorded(struct sk_session *session, const char *office_id, int to_the_end,
    char **key, struct sk_error *err)
{
	struct sk_office office = {0};
	int result = load(session, office_id, &office, err);

	if (result == 0 && lives(&office, NULL, to_the_end ? 0 : margin_of(&office))) {
		*key = sk_mem_copy(office.request_key);
		result = 1;
	}
	sk_office_fini(&office);
	return result;
}

int
sk_request_key_usable(struct sk_wire *wire, const char *office_id, const char *rejected, char **key,
    struct sk_error *err)
{
	struct sk_office office = {0};
	struct sk_renewal renewal = {0};
	int result = -1;

	if (load(wire->session, office_id, &office, err) != 0)
		goto out;
	if (!lives(&office, rejected, margin_of(&office)) &&
	    renew(wire, &office, rejected, -1, &renewal, err) != 0) {
		struct sk_error ignored = {0};

		/* A renewal that went wrong takes nothing from a key that still lives. */
		if (err->code == SK_EXIT_NOT_AUTHORIZED || err->code == SK_EXIT_NO_RESOURCE ||
		    load(wire->session, office_id, &office, &ignored) != 0 ||
		    !lives(&office, rejected, 0))
			goto out;
		sk_out_verbose("%s; the old request key is used while it is valid", err->text);
		sk_error_clear(err);
	}
	*key = sk_mem_copy(office.request_key);
	result = 0;
out:
	sk_office_fini(&office);
	return result;
}

int
sk_request_key_release(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	struct sk_office office = {0};
	int result = -1;

	if (sk_store_begin(session->store, err) != 0)
		return -1;
	if (sk_store_office_get(session->store, office_id, &office, err) < 0)
		goto undo;
	if (office.status != SK_OFFICE_HELD) {
		result = 0;
		goto undo;
	}
	office.held_at = 0;
	office.status = SK_OFFICE_NEW;
	if (sk_store_office_put(session->store, &office, err) != 0)
		goto undo;
	sk_office_fini(&office);
	return sk_store_commit(session->store, err);
undo:
	sk_office_fini(&office);
	sk_store_rollback(session->store);
	return result;
}

int
sk_request_key_renew(struct sk_wire *wire, const char *office_id, int64_t within,
    struct sk_renewal *renewal, struct sk_error *err)
{
	struct sk_office office = {0};
	int result = -1;

	memset(renewal, 0, sizeof(*renewal));
	if (load(wire->session, office_id, &office, err) != 0)
		goto out;
	if (lives(&office, NULL, within)) {
		renewal->token_expiry = office.token_expiry;
		result = 0;
		goto out;
	}
	result = renew(wire, &office, NULL, within, renewal, err);
	renewal->token_expiry = office.token_expiry;
	if (!renewal->renewed)
		renewal->grant = NULL;
out:
	sk_office_fini(&office);
	return result;
}

int
sk_request_key_call(void *office_arg, const struct sk_call *call, struct sk_api_reply *reply,
    struct sk_error *err)
{
	const struct sk_request_key_office *office = office_arg;
	struct sk_call signed_call = *call;
	char *key = NULL, *rejected = NULL;
	int result = -1;

	for (int attempt = 1; attempt <= 2; attempt++) {
		if (sk_request_key_usable(office->wire, office->office_id, rejected, &key, err) !=
		    0)
			break;
		signed_call.office_id = office->office_id;
		signed_call.request_key = key;
		result = sk_wire_call(office->wire, &signed_call, reply, err);
		if (result != 0 || reply->class != SK_API_REAUTHENTICATE || attempt == 2)
			break;
		sk_api_reply_fini(reply);
		result = -1;
		sk_secret_free(rejected);
		rejected = key;
		key = NULL;
	}
	sk_secret_free(rejected);
	sk_secret_free(key);
	return result;
}
