/* SPDX-License-Identifier: MIT */
/* request_key: the recorded key of an office, and how long it serves. What renews it is in renewal.c. */
#include "calls/request_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"

bool
sk_request_key_lives(const struct sk_office *office, const char *refused, int64_t margin)
{
	if (office->request_key == NULL)
		return false;
	if (refused != NULL && strcmp(office->request_key, refused) == 0)
		return false;
	/* Not expiry > now + margin: the margin of "all" is INT64_MAX. */
	return office->token_expiry - sk_time_now() > margin;
}

int64_t
sk_request_key_margin(const struct sk_office *office)
{
	int64_t life = office->token_expiry - office->renewed_at;

	if (office->renewed_at > 0 && life > 0 && life / SK_KEY_MARGIN_PART < SK_KEY_MARGIN)
		return life / SK_KEY_MARGIN_PART;
	return SK_KEY_MARGIN;
}

/* Of a moment that lies ahead of the clock nothing is known. */
static bool
is_within(int64_t at, int64_t span)
{
	int64_t now = sk_time_now();

	return at > now - span && at <= now;
}

/* What a person has to do before the office may have a key, whatever keys it has; 0: nothing. */
static int
refuse_ended(const struct sk_office *office, struct sk_error *err)
{
	const char *id = office->office_id;
	char day[SK_TIME_DAY];

	if (office->status == SK_OFFICE_REVOKED)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "office %s has withdrawn its authorization: it must authorize again, then run "
		    "sikka-authorize",
		    id);
	if (office->status == SK_OFFICE_HELD)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "the keys of office %s were revoked here on %s: sikka-token -O %s refresh gets "
		    "new ones",
		    id, sk_time_day(office->held_at, day), id);
	return 0;
}

int
sk_request_key_may_renew(const struct sk_office *office, struct sk_error *err)
{
	const char *id = office->office_id;

	if (refuse_ended(office, err) != 0)
		return -1;
	if (office->status == SK_OFFICE_REAUTHORIZE &&
	    is_within(office->renewal_refused_at, SK_KEY_REAUTHORIZE_AGAIN))
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "office %s must authorize the application again in the vendor's marketplace; "
		    "then run sikka-authorize",
		    id);
	if (office->status == SK_OFFICE_SUSPECT &&
	    is_within(office->renewal_refused_at, SK_KEY_AFTER_REFUSAL))
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "office %s: the server refused its keys less than a minute ago; it is asked "
		    "again then",
		    id);
	return 0;
}

int
sk_request_key_may_have(const struct sk_office *office, const char *refused, struct sk_error *err)
{
	if (refuse_ended(office, err) != 0)
		return -1;
	if (sk_request_key_lives(office, refused, 0))
		return 0;
	return sk_request_key_may_renew(office, err);
}

bool
sk_request_key_is_asked_anew(const struct sk_office *office)
{
	if (office->status == SK_OFFICE_SUSPECT)
		return !is_within(office->renewal_refused_at, SK_KEY_BLAME_AFTER);
	return office->status == SK_OFFICE_REAUTHORIZE &&
	    !is_within(office->renewal_refused_at, SK_KEY_REAUTHORIZE_AGAIN);
}

void
sk_request_key_refuse(struct sk_office *office)
{
	int64_t now = sk_time_now();

	office->renewal_refused_at = now;
	if (office->suspect_at == 0 || office->suspect_at > now)
		office->suspect_at = now;
	if (now - office->suspect_at >= SK_KEY_BLAME_AFTER)
		office->status = SK_OFFICE_REAUTHORIZE;
	else if (office->status != SK_OFFICE_REAUTHORIZE)
		office->status = SK_OFFICE_SUSPECT;
}

int
sk_request_key_load(struct sk_session *session, const char *office_id, struct sk_office *office,
    struct sk_error *err)
{
	int found;

	sk_office_fini(office);
	found = sk_store_office_get(session->store, office_id, office, err);
	if (found < 0)
		return -1;
	if (found == 0)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "office %s isn't known here: run sikka-authorize", office_id);
	return 0;
}

int
sk_request_key_recorded(struct sk_session *session, const char *office_id, int to_the_end,
    char **key, struct sk_error *err)
{
	struct sk_office office = {0};
	int result = sk_request_key_load(session, office_id, &office, err);

	if (result == 0)
		result = sk_request_key_may_have(&office, NULL, err);
	if (result == 0 &&
	    sk_request_key_lives(&office, NULL, to_the_end ? 0 : sk_request_key_margin(&office))) {
		*key = sk_mem_copy(office.request_key);
		result = 1;
	}
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
