/* SPDX-License-Identifier: MIT */
/*
 * credentials: exports keys, and imports the records of earlier integrations. A wrong record is
 * reported with its line and stops none of the others. They are committed in portions, so that no other command
 * waits for long; whoever imports the same records again, since this failed halfway, gets the rest.
 */
#include "commands/credentials.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_stream.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/time.h"
#include "store/event.h"
#include "store/offices.h"
#include "api/api.h"

#define SECONDS_BELOW \
	(100 * INT64_C(1000000000)) /* a count of milliseconds in our days has 13 digits */

static int
export_one(const struct sk_session *session, const struct sk_office *office, struct sk_error *err)
{
	json_t *record = json_object();
	char expiry[SK_TIME_TEXT];
	int result;

	sk_json_set(record, "appId", session->config.app_id);
	sk_json_set(record, "appKey", session->config.app_key);
	sk_json_set(record, "requestKey", office->request_key);
	sk_json_set(record, "refreshKey", office->refresh_key);
	sk_json_set(record, "officeId", office->office_id);
	sk_json_set(record, "secretKey", office->secret_key);
	sk_json_set(record, "practiceKey", office->secret_key);
	sk_json_set(record, "masterCustomerId", office->office_id);
	sk_json_set(record, "tokenExpiry",
	    office->token_expiry != 0 ? sk_time_format(office->token_expiry, expiry) : NULL);
	result = sk_out_record(record, err);
	json_decref(record);
	return result;
}

int
sk_credentials_export(struct sk_session *session, int force, struct sk_error *err)
{
	struct sk_office *offices;
	size_t n;

	if (!force && isatty(STDOUT_FILENO))
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--export writes secrets: send them to a file or a pipe, or use --force");
	if (session->store == NULL)
		return 0;
	if (sk_config_need_app(&session->config, err) != 0 ||
	    sk_store_offices(session->store, &offices, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && err->code == 0; i++)
		if (sk_options_wants_office(session->common, offices[i].office_id))
			export_one(session, &offices[i], err);
	sk_offices_free(offices, n);
	return err->code != 0 ? -1 : 0;
}

/* The record's text under either name; if both are there, they must be equal. 0, or -1 with err. */
static int
either(const json_t *record, const char *name, const char *other, const char **text,
    struct sk_error *err)
{
	const char *second = sk_json_string(record, other);

	*text = sk_json_string(record, name);
	if (*text != NULL && second != NULL && strcmp(*text, second) != 0)
		return sk_error_set(err, SK_EXIT_BAD_DATA, "%s and %s differ", name, other);
	if (*text == NULL)
		*text = second;
	if (*text == NULL)
		return sk_error_set(err, SK_EXIT_BAD_DATA, "%s is missing", name);
	return 0;
}

/*
 * Reads a text that goes into a header or a URL. A member that is absent, null or empty counts as
 * none.
 */
static int
read_key(const json_t *record, const char *name, const char **key, struct sk_error *err)
{
	const json_t *member = json_object_get(record, name);

	*key = sk_json_string(record, name);
	if (*key == NULL && member != NULL && !json_is_null(member) && !json_is_string(member))
		return sk_error_set(err, SK_EXIT_BAD_DATA, "%s isn't text", name);
	if (*key != NULL && !sk_api_is_key(*key))
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "%s contains a character that isn't allowed in a key", name);
	return 0;
}

/*
 * Reads the forms found in the records of earlier integrations: our own, other forms of ISO 8601
 * (UTC where no zone is named), and counts since 1970: of milliseconds, or of seconds if
 * milliseconds would mean a time before 1973.
 */
static int
read_moment(const char *text, int64_t *moment)
{
	int year, month, day, hour, minute, second, east = 0, n = 0, hours = 0, minutes = 0;
	char plain[SK_TIME_TEXT], sign[2];
	const char *rest;

	if (sk_time_parse(text, moment) == 0)
		return 0;
	if (sscanf(text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute,
		&second, &n) != 6)
		return -1;
	rest = text + n;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (sscanf(rest, "%1[+-]%2d:%2d%n", sign, &hours, &minutes, &n) == 3 && rest[n] == '\0')
		east = (*sign == '+' ? 1 : -1) * (hours * 60 + minutes);
	else if (*rest != '\0' && strcmp(rest, "Z") != 0)
		return -1;
	snprintf(plain, sizeof(plain), "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, hour,
	    minute, second);
	if (sk_time_parse(plain, moment) != 0)
		return -1;
	*moment -= east * SK_MINUTE;
	return 0;
}

static int
read_expiry(const json_t *record, int64_t *expiry, struct sk_error *err)
{
	const json_t *member = json_object_get(record, "tokenExpiry");
	const char *text = json_string_value(member);
	int is_count = json_is_integer(member) ||
	    (text != NULL && *text != '\0' && text[strspn(text, "0123456789")] == '\0');

	*expiry = 0;
	if (member == NULL || json_is_null(member) || (text != NULL && *text == '\0'))
		return 0;
	if (is_count && sk_json_number(member, expiry) == 0 && *expiry > 0) {
		if (*expiry < SECONDS_BELOW)
			*expiry *= SK_SECOND;
		return 0;
	}
	if (!is_count && text != NULL && read_moment(text, expiry) == 0)
		return 0;
	return sk_error_set(err, SK_EXIT_BAD_DATA,
	    "tokenExpiry isn't a time like 2026-02-07T15:30:00.000Z");
}

static void
take_key(char **slot, const char *key)
{
	if (key == NULL)
		return;
	sk_secret_free(*slot);
	*slot = sk_mem_copy(key);
}

/* 0; -1 with 65 for a wrong record, or with the error of the state file. */
static int
import_one(struct sk_session *session, const json_t *record, struct sk_error *err)
{
	const char *office_id, *secret, *request_key, *refresh_key;
	const char *app_id = sk_json_string(record, "appId");
	struct sk_office office = {0};
	int64_t expiry;
	int result = -1;

	if (!json_is_object(record))
		return sk_error_set(err, SK_EXIT_BAD_DATA, "not an object");
	if (either(record, "officeId", "masterCustomerId", &office_id, err) != 0 ||
	    either(record, "secretKey", "practiceKey", &secret, err) != 0 ||
	    read_key(record, "requestKey", &request_key, err) != 0 ||
	    read_key(record, "refreshKey", &refresh_key, err) != 0 ||
	    read_expiry(record, &expiry, err) != 0)
		return -1;
	if (!sk_api_is_key(office_id))
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "officeId contains a character that isn't allowed in an office id");
	if (app_id != NULL && session->config.app_id != NULL &&
	    strcmp(app_id, session->config.app_id) != 0)
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "it belongs to another application than that of app_id (%s)",
		    sk_config_source(&session->config, "app_id"));
	if (!sk_options_wants_office(session->common, office_id))
		return 0;
	if (sk_store_office_get(session->store, office_id, &office, err) < 0)
		goto out;
	sk_mem_replace(&office.office_id, office_id);
	take_key(&office.secret_key, secret);
	take_key(&office.request_key, request_key);
	take_key(&office.refresh_key, refresh_key);
	office.token_expiry = expiry;
	office.renewal_refused_at = 0;
	office.suspect_at = 0;
	office.missing_at = 0;
	office.held_at = 0;
	sk_mem_replace(&office.last_error, NULL);
	office.status = office.request_key != NULL ? SK_OFFICE_ACTIVE : SK_OFFICE_NEW;
	if (sk_store_office_remember(session->store, office_id, err) == 0 &&
	    sk_store_office_put(session->store, &office, err) == 0)
		result = sk_event_make(session->store, SK_EVENT_IMPORTED, office_id, 0,
		    "credentials imported by sikka-authorize", err);
out:
	sk_office_fini(&office);
	return result;
}

struct import {
	struct sk_session *session;
	const char *name; /* of the file, for messages */
	size_t bad;
	size_t n; /* records in the open transaction */
};

static void
tell_bad(struct import *import, size_t line, const char *why)
{
	sk_out_tell("%s: line %zu: %s", import->name, line, why);
	import->bad++;
}

/* One more record, in the next portion where this one is full. */
static int
import_value(struct import *import, const json_t *value, size_t line, struct sk_error *err)
{
	struct sk_store *store = import->session->store;
	struct sk_error fault = {0};

	if (import->n++ == SK_STORE_PORTION) {
		import->n = 1;
		if (sk_store_commit(store, err) != 0)
			return -1;
		sk_store_let_others_write();
		if (sk_store_begin(store, err) != 0)
			return -1;
	}
	import_one(import->session, value, &fault);
	if (fault.code == SK_EXIT_BAD_DATA)
		tell_bad(import, line, fault.text);
	else if (fault.code != 0)
		*err = fault;
	return err->code != 0 ? -1 : 0;
}

/* Takes the values that are complete. 1 at the end of the input, 0 more may come, -1 error. */
static int
import_values(struct import *import, struct sk_json_stream *stream, struct sk_error *err)
{
	json_t *value;
	size_t line;
	char why[SK_STREAM_WHY];
	int result;

	for (;;) {
		switch (sk_json_stream_next(stream, &value, &line, why)) {
		case SK_STREAM_VALUE:
			result = import_value(import, value, line, err);
			json_decref(value);
			if (result != 0)
				return -1;
			break;
		case SK_STREAM_BAD:
			tell_bad(import, line, why);
			break;
		case SK_STREAM_BROKEN:
			tell_bad(import, line, why);
			sk_out_tell("%s: nothing after this is read, because it isn't clear where "
				    "the next record begins",
			    import->name);
			return 1;
		case SK_STREAM_END:
			return 1;
		default:
			return 0;
		}
	}
}

static int
import_all(struct import *import, struct sk_json_stream *stream, struct sk_error *err)
{
	struct sk_store *store = import->session->store;

	if (sk_store_begin(store, err) != 0)
		return -1;
	if (import_values(import, stream, err) < 0) {
		sk_store_rollback(store);
		return -1;
	}
	return sk_store_commit(store, err);
}

int
sk_credentials_import(struct sk_session *session, int fd, const char *name, size_t *bad,
    struct sk_error *err)
{
	struct import import = {.session = session, .name = name};
	struct sk_json_stream *stream = sk_json_stream_new();
	/* Whoever writes it may be slow, and no transaction is open meanwhile. */
	int result = sk_json_stream_read_all(stream, fd, name, err);

	if (result == 0)
		result = import_all(&import, stream, err);
	sk_json_stream_free(stream);
	*bad = import.bad;
	return result;
}
