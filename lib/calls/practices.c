/* SPDX-License-Identifier: MIT */
/*
 * practices: reads the list of authorized practices, and records what it says: new and changed ones,
 * and, where two whole lists lack them, those that are gone. A list that may lack something revokes nobody,
 * nor does one that lacks most offices: then the server has to refuse their keys, too.
 */
#include "calls/practices.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/text.h"
#include "store/event.h"
#include "store/offices.h"
#include "store/refreshes.h"
#include "store/served.h"
#include "calls/pages.h"
#include "calls/zones.h"

#define TOLD_AGAIN (23 * SK_HOUR)     /* a list that is read once a day is told each day */
#define MOST_BYTES ((size_t)64 << 20) /* of the list of practices */

/*
 * An id may come as a number (sikka-api(7), Spelling): from here on it is the text that it is
 * elsewhere.
 */
static int
collect(void *arg, json_t *record, struct sk_error *err)
{
	char *office_id = sk_json_member_text(record, "office_id");

	if (office_id != NULL)
		json_object_set_new(record, "office_id", json_string(office_id));
	free(office_id);
	return sk_pages_collect(arg, record, err);
}

static const struct sk_api_parameter show_all = {"show", "all"};

/* An empty answer is whole too: everybody has withdrawn. */
bool
sk_practices_is_whole(const struct sk_api_pages *list)
{
	return sk_api_pages_whole(list) || (list->ended && list->seen == 0 && !list->torn);
}

struct sk_pages
sk_practices_pages(json_t *found)
{
	return (struct sk_pages){.kind = SK_CALL_READ,
	    .path = "/authorized_practices",
	    .parameters = &show_all,
	    .n_parameters = 1,
	    .page_size = 500,
	    .most = MOST_BYTES,
	    .record = collect,
	    .arg = found};
}

int
sk_practices_read(struct sk_pool *pool, json_t **practices, int *whole, struct sk_error *err)
{
	json_t *found = json_array();
	struct sk_pages pages = sk_practices_pages(found);
	int result = sk_pages_read(pool, &pages, err);

	sk_pages_fini(&pages);
	if (result != 0) {
		json_decref(found);
		return -1;
	}
	*whole = sk_practices_is_whole(&pages.list);
	*practices = found;
	return 0;
}

const char *
sk_practices_secret(const json_t *practices, const char *office_id)
{
	const json_t *practice;
	size_t i;

	json_array_foreach(practices, i, practice)
	{
		const char *id = sk_json_string(practice, "office_id");
		const char *secret = sk_json_string(practice, "secret_key");

		if (id != NULL && secret != NULL && strcmp(id, office_id) == 0)
			return secret;
	}
	return NULL;
}

bool
sk_practices_have(const json_t *practices, const char *office_id)
{
	const json_t *listed;
	size_t i;

	json_array_foreach(practices, i, listed)
	{
		if (sk_text_both_equal(sk_json_string(listed, "office_id"), office_id))
			return true;
	}
	return false;
}

/*
 * The list by office: an object of offices, each an object with a member for each of its practices. Thousands of offices
 * are looked for in it, and each look through the list itself would take as long as the list is.
 */
static json_t *
list_by_office(const json_t *practices)
{
	json_t *offices = json_object(), *of_office;
	const json_t *listed;
	size_t i;

	json_array_foreach(practices, i, listed)
	{
		const char *office_id = sk_json_string(listed, "office_id");
		char *practice_id = sk_json_member_text(listed, "practice_id");

		if (office_id != NULL) {
			of_office = json_object_get(offices, office_id);
			if (of_office == NULL) {
				of_office = json_object();
				json_object_set_new(offices, office_id, of_office);
			}
			if (practice_id != NULL)
				json_object_set_new(of_office, practice_id, json_true());
		}
		free(practice_id);
	}
	return offices;
}

static void
forget_refused_keys(struct sk_office *office)
{
	sk_secret_free(office->request_key);
	sk_secret_free(office->refresh_key);
	office->request_key = NULL;
	office->refresh_key = NULL;
	office->token_expiry = 0;
	office->renewal_refused_at = 0;
	office->suspect_at = 0;
	sk_mem_replace(&office->last_error, NULL);
	office->status = SK_OFFICE_NEW;
}

static int
record_office(struct sk_session *session, const json_t *listed, struct sk_error *err)
{
	const char *office_id = sk_json_string(listed, "office_id");
	const char *secret = sk_json_string(listed, "secret_key");
	struct sk_office office = {0};
	enum sk_event_kind event = SK_EVENT_NONE;
	int found, result = -1;

	found = sk_store_office_get(session->store, office_id, &office, err);
	if (found < 0)
		return -1;
	if (found == 0) {
		sk_mem_replace(&office.office_id, office_id);
		office.status = SK_OFFICE_NEW;
		event = SK_EVENT_AUTHORIZED;
	} else if (office.status == SK_OFFICE_REVOKED) {
		/* Back in the list: afresh. */
		event = SK_EVENT_RETURNED;
		forget_refused_keys(&office);
	} else {
		/* It may have authorized again, so the server may be asked at once. */
		office.renewal_refused_at = 0;
	}
	office.missing_at = 0;
	if (secret != NULL && !sk_text_both_equal(secret, office.secret_key)) {
		sk_secret_free(office.secret_key);
		office.secret_key = sk_mem_copy(secret);
	}
	if (sk_json_string(listed, "domain") != NULL)
		sk_mem_replace(&office.domain, sk_json_string(listed, "domain"));
	if (sk_store_office_put(session->store, &office, err) != 0)
		goto out;
	if (event != SK_EVENT_NONE &&
	    sk_event_make(session->store, event, office_id, 0,
		"in the list of authorized practices", err) != 0)
		goto out;
	result = 0;
out:
	sk_office_fini(&office);
	return result;
}

static int
record_practice(struct sk_session *session, const json_t *listed, struct sk_error *err)
{
	struct sk_practice practice = {
	    .office_id = sk_json_member_text(listed, "office_id"),
	    .practice_id = sk_json_member_text(listed, "practice_id"),
	    .practice_name = sk_json_member_text(listed, "practice_name"),
	    .pms = sk_json_member_text(listed, "practice_management_system"),
	    .pms_version = sk_json_member_text(listed, "practice_management_system_version"),
	    .domain = sk_json_member_text(listed, "domain"),
	    .status = SK_OFFICE_ACTIVE,
	};
	int result;

	sk_zones_take(listed, &practice);
	result = sk_store_practice_put(session->store, &practice, err);
	if (result == 0)
		result = sk_store_refresh_note(session->store, practice.office_id,
		    practice.practice_id, sk_json_string(listed, "data_insert_date"), err);
	sk_practice_fini(&practice);
	return result;
}

bool
sk_practices_lack(int64_t *missing_at)
{
	int64_t now = sk_time_now();

	if (*missing_at == 0 || *missing_at > now)
		*missing_at = now;
	return now - *missing_at >= SK_PRACTICES_APART;
}

static int
compare_offices(const void *office_id, const void *office)
{
	return strcmp(office_id, ((const struct sk_office *)office)->office_id);
}

/* Of an office that is revoked, no practice authorizes the application either. The offices are in order. */
static bool
is_revoked(const struct sk_office *offices, size_t n, const char *office_id)
{
	const struct sk_office *office =
	    n > 0 ? bsearch(office_id, offices, n, sizeof(*offices), compare_offices) : NULL;

	return office != NULL && office->status == SK_OFFICE_REVOKED;
}

/* Of a practice or of an office. text moves in. */
static int
tell_gone(struct sk_session *session, const char *office_id, char *text, struct sk_error *err)
{
	int result = sk_event_make(session->store, SK_EVENT_REVOKED, office_id, 0, text, err);

	free(text);
	return result;
}

static int
miss_practice(struct sk_session *session, struct sk_practice *practice, bool is_gone,
    struct sk_error *err)
{
	if (is_gone)
		practice->status = SK_OFFICE_REVOKED;
	if (sk_store_practice_put(session->store, practice, err) != 0)
		return -1;
	if (!is_gone)
		return 0;
	return tell_gone(session, practice->office_id,
	    sk_mem_printf("practice %s is no longer in the list of authorized practices",
		practice->practice_id),
	    err);
}

/* listed: by office, as in the functions below. */
static int
miss_practices(struct sk_session *session, const json_t *listed, bool is_doubtful,
    struct sk_error *err)
{
	struct sk_practice *practices = NULL;
	struct sk_office *offices = NULL;
	size_t n = 0, n_offices = 0;
	int result = -1;

	if (sk_store_offices(session->store, &offices, &n_offices, err) == 0)
		result = sk_store_practices(session->store, NULL, &practices, &n, err);
	for (size_t i = 0; i < n && result == 0; i++) {
		struct sk_practice *practice = &practices[i];
		bool lacked_twice;

		if (practice->status == SK_OFFICE_REVOKED ||
		    json_object_get(json_object_get(listed, practice->office_id),
			practice->practice_id) != NULL)
			continue;
		if (practice->is_location && !is_revoked(offices, n_offices, practice->office_id))
			continue;
		lacked_twice = sk_practices_lack(&practice->missing_at);
		result = miss_practice(session, practice,
		    (lacked_twice && !is_doubtful) ||
			is_revoked(offices, n_offices, practice->office_id),
		    err);
	}
	sk_practices_free(practices, n);
	sk_offices_free(offices, n_offices);
	return result;
}

static bool
is_missing(const struct sk_office *office, const json_t *listed)
{
	return office->status != SK_OFFICE_REVOKED &&
	    json_object_get(listed, office->office_id) == NULL;
}

static int
miss_office(struct sk_session *session, struct sk_office *office, bool is_doubtful,
    struct sk_error *err)
{
	bool is_refused =
	    office->status == SK_OFFICE_SUSPECT || office->status == SK_OFFICE_REAUTHORIZE;
	bool is_gone = sk_practices_lack(&office->missing_at) && (!is_doubtful || is_refused);

	if (is_gone)
		office->status = SK_OFFICE_REVOKED;
	if (sk_store_office_put(session->store, office, err) != 0)
		return -1;
	if (!is_gone)
		return 0;
	return tell_gone(session, office->office_id,
	    sk_mem_printf("no practice of office %s authorizes the application any longer",
		office->office_id),
	    err);
}

/* Tells once a day that most offices are missing. */
static int
tell_doubt(struct sk_session *session, size_t n_missing, size_t n, enum sk_practices_doubt *doubt,
    struct sk_error *err)
{
	char *text;
	int told = sk_store_event_made(session->store, SK_EVENT_OFFICES_MISSING, NULL, 0,
	    sk_time_now() - TOLD_AGAIN, err);

	*doubt = told == 1 ? SK_PRACTICES_TOLD : SK_PRACTICES_DOUBTFUL;
	if (told != 0)
		return told < 0 ? -1 : 0;
	text = sk_mem_printf(
	    "the server's list of practices lacks %zu of %zu offices, so none of them is "
	    "marked as revoked unless the server refuses its keys, too",
	    n_missing, n);
	told = sk_event_make(session->store, SK_EVENT_OFFICES_MISSING, NULL, 0, text, err);
	free(text);
	return told;
}

static int
miss_offices(struct sk_session *session, const json_t *listed, enum sk_practices_doubt *doubt,
    struct sk_error *err)
{
	struct sk_office *offices;
	size_t n, n_known = 0, n_missing = 0;
	int result = 0;

	if (sk_store_offices(session->store, &offices, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		n_known += offices[i].status != SK_OFFICE_REVOKED;
		n_missing += is_missing(&offices[i], listed);
	}
	if (2 * n_missing > n_known)
		result = tell_doubt(session, n_missing, n_known, doubt, err);
	for (size_t i = 0; i < n && result == 0; i++)
		if (is_missing(&offices[i], listed))
			result =
			    miss_office(session, &offices[i], *doubt != SK_PRACTICES_LIKELY, err);
	sk_offices_free(offices, n);
	return result;
}

/* 1 it is to be left alone; 0 not, and a person who names it has it remembered; -1 error. */
static int
stays_forgotten(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	int forgotten = sk_store_office_is_forgotten(session->store, office_id, err);

	if (forgotten <= 0)
		return forgotten;
	if (session->common->n_offices > 0 && sk_options_wants_office(session->common, office_id))
		return sk_store_office_remember(session->store, office_id, err);
	sk_out_verbose(
	    "office %s is in the list of practices, and was forgotten here: sikka-authorize "
	    "-O %s takes it up again",
	    office_id, office_id);
	return 1;
}

/* 1 it is of another host's share, and nothing of it was ever sent from here; 0 it isn't; -1 error. */
static int
is_of_another_host(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	struct sk_office office = {0};
	int found;

	if (sk_served_has(session, office_id))
		return 0;
	found = sk_store_office_get(session->store, office_id, &office, err);
	sk_office_fini(&office);
	return found < 0 ? -1 : found == 0;
}

/* One row; 1 when the server's object lacks what makes it one. */
static int
record_listed(struct sk_session *session, const json_t *listed, struct sk_error *err)
{
	const char *office_id = sk_json_string(listed, "office_id");
	char *practice_id;
	int is_left;

	if (office_id == NULL) {
		sk_out_warn_repeated("time", "the list of practices contains an entry",
		    " without office_id, which is ignored");
		return 1;
	}
	is_left = is_of_another_host(session, office_id, err);
	if (is_left == 0)
		is_left = stays_forgotten(session, office_id, err);
	if (is_left != 0)
		return is_left < 0 ? -1 : 0;
	if (record_office(session, listed, err) != 0)
		return -1;
	practice_id = sk_json_member_text(listed, "practice_id");
	if (practice_id == NULL)
		return 0;
	free(practice_id);
	return record_practice(session, listed, err);
}

/* The entries from..to-1 in one transaction. How many aren't rows, or -1. */
static int
record_portion(struct sk_session *session, const json_t *practices, size_t from, size_t to,
    struct sk_error *err)
{
	int n_bad = 0;

	if (sk_store_begin(session->store, err) != 0)
		return -1;
	for (size_t i = from; i < to; i++) {
		int result = record_listed(session, json_array_get(practices, i), err);

		if (result < 0) {
			sk_store_rollback(session->store);
			return -1;
		}
		n_bad += result;
	}
	return sk_store_commit(session->store, err) == 0 ? n_bad : -1;
}

/* What a whole list lacks. The list is looked through before the transaction begins. */
static int
record_missing(struct sk_session *session, const json_t *practices, enum sk_practices_doubt *doubt,
    struct sk_error *err)
{
	json_t *listed = list_by_office(practices);
	int result = -1;

	if (sk_store_begin(session->store, err) != 0)
		goto out;
	if (miss_offices(session, listed, doubt, err) != 0 ||
	    miss_practices(session, listed, *doubt != SK_PRACTICES_LIKELY, err) != 0) {
		sk_store_rollback(session->store);
		goto out;
	}
	result = sk_store_commit(session->store, err);
out:
	json_decref(listed);
	return result;
}

int
sk_practices_record(struct sk_session *session, const json_t *practices, int whole,
    enum sk_practices_doubt *doubt, struct sk_error *err)
{
	size_t n = json_array_size(practices);
	int incomplete = !whole;

	*doubt = SK_PRACTICES_LIKELY;
	for (size_t from = 0, to; from < n; from = to) {
		int n_bad;

		to = n - from > SK_STORE_PORTION ? from + SK_STORE_PORTION : n;
		if (from > 0)
			sk_store_let_others_write();
		n_bad = record_portion(session, practices, from, to, err);
		if (n_bad < 0)
			return -1;
		incomplete |= n_bad > 0;
	}
	return incomplete ? 0 : record_missing(session, practices, doubt, err);
}

static bool
is_known(const struct sk_office *offices, size_t n, const char *office_id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(offices[i].office_id, office_id) == 0)
			return true;
	return false;
}

int
sk_practices_offices(struct sk_session *session, struct sk_office **offices, size_t *n,
    struct sk_error *err)
{
	const struct sk_common *common = session->common;

	if (sk_served_refuse_named(session, err) != 0 ||
	    sk_store_offices(session->store, offices, n, err) != 0)
		return -1;
	for (size_t i = 0; i < common->n_offices; i++) {
		if (is_known(*offices, *n, common->offices[i]))
			continue;
		sk_offices_free(*offices, *n);
		return sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "office %s isn't known here: run sikka-authorize", common->offices[i]);
	}
	return 0;
}

bool
sk_practices_wants(const struct sk_session *session, const struct sk_office *office)
{
	if (!sk_served_has(session, office->office_id))
		return false;
	if (session->common->n_offices == 0)
		return office->status != SK_OFFICE_REVOKED && office->status != SK_OFFICE_HELD;
	return sk_options_wants_office(session->common, office->office_id);
}
