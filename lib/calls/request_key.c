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

/* What a person has to do before the office may have a key; 0: nothing. */
static int
refuse_status(const struct sk_office *office, struct sk_error *err)
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
	if (office->status == SK_OFFICE_REAUTHORIZE)
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "office %s must authorize the application again in the vendor's marketplace; "
		    "then run sikka-authorize",
		    id);
	return 0;
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
	return refuse_status(office, err);
}

int
sk_request_key_recorded(struct sk_session *session, const char *office_id, int to_the_end,
    char **key, struct sk_error *err)
{
	struct sk_office office = {0};
	int result = sk_request_key_load(session, office_id, &office, err);

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
