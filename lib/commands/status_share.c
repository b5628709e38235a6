/* SPDX-License-Identifier: MIT */
/* status: of which host of a fleet the offices are, and what is still open of them here. */
#include <string.h>

#include "base/json.h"
#include "base/out.h"
#include "base/time.h"
#include "store/hand_over.h"
#include "store/offices.h"
#include "store/served.h"
#include "commands/status_parts.h"

const struct sk_column SK_STATUS_SHARE_COLUMNS[] = {{"office_id", 1, false, 0},
    {"host", 1, false, 0}, {"hosts", 2, false, 0}, {"is_here", 1, false, 0},
    {"status", 2, false, 0}, {"open_requests", 1, false, 0}, {"given_away_at", 3, false, 0}, {0}};

/* When the office was given away, unless it has come back; 0: it wasn't; -1. */
static int64_t
given_away_at(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	struct sk_hand_over over = {0};
	int found =
	    session->store == NULL ? 0 : sk_store_handed_out(session->store, office_id, &over, err);
	int64_t at = over.at;

	sk_hand_over_fini(&over);
	return found == 1 ? at : found;
}

/* status: NULL where the office isn't known here. */
static int
tell_office(struct sk_session *session, const char *office_id, const char *status,
    struct sk_error *err)
{
	int64_t of = session->config.share.of > 0 ? session->config.share.of : 1;
	size_t open = 0, watched = 0;
	int64_t given_at = given_away_at(session, office_id, err);
	char at[SK_TIME_TEXT];
	json_t *record;
	int result;

	if (given_at < 0)
		return -1;
	if (session->store != NULL &&
	    sk_served_count_followed(session, office_id, &open, &watched, err) != 0)
		return -1;
	record = json_object();
	sk_json_set(record, "office_id", office_id);
	json_object_set_new(record, "host", json_integer(sk_share_of(office_id, of)));
	json_object_set_new(record, "hosts", json_integer(of));
	json_object_set_new(record, "is_here", json_boolean(sk_served_has(session, office_id)));
	sk_json_set(record, "status", status);
	json_object_set_new(record, "open_requests", json_integer((json_int_t)(open + watched)));
	sk_json_set(record, "given_away_at", given_at != 0 ? sk_time_format(given_at, at) : NULL);
	result = sk_out_record(record, err);
	json_decref(record);
	return result;
}

static const char *
status_of(const struct sk_office *offices, size_t n, const char *office_id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(offices[i].office_id, office_id) == 0)
			return sk_office_status_name(offices[i].status);
	return NULL;
}

/* Those that aren't known any more, since they went to another host. */
static int
tell_given_away(struct sk_session *session, struct sk_error *err)
{
	json_t *given = NULL;
	const json_t *one;
	size_t i;
	int result = sk_store_hand_over_offices(session->store, SK_HAND_OVER_OUT, &given, err);

	json_array_foreach(given, i, one)
	{
		if (result == 0 && sk_options_wants_office(session->common, json_string_value(one)))
			result = tell_office(session, json_string_value(one), NULL, err);
	}
	json_decref(given);
	return result;
}

int
sk_status_share(struct sk_session *session, char *const *named, size_t n_named,
    struct sk_error *err)
{
	struct sk_office *offices = NULL;
	size_t n = 0;
	int result = 0;

	if (session->store != NULL && sk_store_offices(session->store, &offices, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n_named && result == 0; i++)
		result = tell_office(session, named[i], status_of(offices, n, named[i]), err);
	for (size_t i = 0; i < n && n_named == 0 && result == 0; i++)
		if (sk_options_wants_office(session->common, offices[i].office_id))
			result = tell_office(session, offices[i].office_id,
			    sk_office_status_name(offices[i].status), err);
	sk_offices_free(offices, n);
	if (session->store != NULL && n_named == 0 && result == 0)
		result = tell_given_away(session, err);
	return result;
}
