/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "event.h"
#include "json.h"
#include "json_stream.h"
#include "mem.h"
#include "out.h"
#include "secret.h"
#include "store_offices.h"
#include "time.h"

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
		    "--export writes secrets: send them to a file or a pipe, or say --force");
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

/* The record's text under one name or the other; both have to agree. 0, or -1 with err. */
static int
either(const json_t *record, const char *name, const char *other, const char **text, size_t line,
    struct sk_error *err)
{
	const char *second = sk_json_string(record, other);

	*text = sk_json_string(record, name);
	if (*text != NULL && second != NULL && strcmp(*text, second) != 0)
		return sk_error_set(err, SK_EXIT_BAD_DATA, "record at line %zu: %s and %s differ",
		    line, name, other);
	if (*text == NULL)
		*text = second;
	if (*text == NULL)
		return sk_error_set(err, SK_EXIT_BAD_DATA, "record at line %zu: %s is missing",
		    line, name);
	return 0;
}

static int
read_expiry(const json_t *record, int64_t *expiry, size_t line, struct sk_error *err)
{
	const json_t *member = json_object_get(record, "tokenExpiry");

	*expiry = 0;
	if (member == NULL || json_is_null(member))
		return 0;
	/* Milliseconds since 1970 are what JavaScript leaves behind. */
	if (json_is_integer(member)) {
		*expiry = json_integer_value(member);
		return 0;
	}
	if (json_is_string(member) && sk_time_parse(json_string_value(member), expiry) == 0)
		return 0;
	return sk_error_set(err, SK_EXIT_BAD_DATA,
	    "record at line %zu: tokenExpiry isn't a time like 2026-02-07T15:30:00.000Z", line);
}

static void
take_key(char **slot, const char *key)
{
	if (key == NULL)
		return;
	sk_secret_free(*slot);
	*slot = sk_mem_copy(key);
}

static int
import_one(struct sk_session *session, const json_t *record, size_t line, struct sk_error *err)
{
	const char *office_id, *secret, *app_id = sk_json_string(record, "appId");
	struct sk_office office = {0};
	int64_t expiry;
	int result = -1;

	if (!json_is_object(record))
		return sk_error_set(err, SK_EXIT_BAD_DATA, "record at line %zu isn't an object",
		    line);
	if (either(record, "officeId", "masterCustomerId", &office_id, line, err) != 0 ||
	    either(record, "secretKey", "practiceKey", &secret, line, err) != 0 ||
	    read_expiry(record, &expiry, line, err) != 0)
		return -1;
	if (app_id != NULL && session->config.app_id != NULL &&
	    strcmp(app_id, session->config.app_id) != 0)
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "record at line %zu belongs to another application than SIKKA_APP_ID", line);
	if (sk_store_office_get(session->store, office_id, &office, err) < 0)
		goto out;
	sk_mem_replace(&office.office_id, office_id);
	take_key(&office.secret_key, secret);
	take_key(&office.request_key, sk_json_string(record, "requestKey"));
	take_key(&office.refresh_key, sk_json_string(record, "refreshKey"));
	office.token_expiry = expiry;
	office.renewal_refused_at = 0;
	sk_mem_replace(&office.last_error, NULL);
	sk_mem_replace(&office.status, office.request_key != NULL ? "active" : "new");
	if (sk_store_office_put(session->store, &office, err) == 0)
		result = sk_event_make(session->store, "imported", office_id, 0,
		    "credentials imported by sikka-authorize", err);
out:
	sk_office_fini(&office);
	return result;
}

/* Takes what is whole. 1 at the end, 0 more may come, -1 error. */
static int
import_values(struct sk_session *session, struct sk_json_stream *stream, const char *name,
    struct sk_error *err)
{
	json_t *value;
	size_t line;
	char why[160];

	for (;;) {
		int result;

		switch (sk_json_stream_next(stream, &value, &line, why)) {
		case SK_STREAM_VALUE:
			result = import_one(session, value, line, err);
			json_decref(value);
			if (result != 0)
				return -1;
			break;
		case SK_STREAM_BAD:
		case SK_STREAM_BROKEN:
			return sk_error_set(err, SK_EXIT_BAD_DATA, "%s: line %zu: %s", name, line,
			    why);
		case SK_STREAM_END:
			return 1;
		default:
			return 0;
		}
	}
}

static int
import_all(struct sk_session *session, int fd, const char *name, struct sk_json_stream *stream,
    struct sk_error *err)
{
	char bytes[65536];
	int ended = 0;

	while (ended == 0) {
		ssize_t n = read(fd, bytes, sizeof(bytes));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sk_error_set(err, SK_EXIT_NO_INPUT, "%s: %s", name, strerror(errno));
		if (n == 0)
			sk_json_stream_end(stream);
		else
			sk_json_stream_feed(stream, bytes, (size_t)n);
		ended = import_values(session, stream, name, err);
	}
	sk_secret_wipe(bytes, sizeof(bytes));
	return ended < 0 ? -1 : 0;
}

int
sk_credentials_import(struct sk_session *session, int fd, const char *name, struct sk_error *err)
{
	struct sk_json_stream *stream;
	int result;

	if (sk_store_begin(session->store, err) != 0)
		return -1;
	stream = sk_json_stream_new();
	result = import_all(session, fd, name, stream, err);
	sk_json_stream_free(stream);
	if (result != 0) {
		sk_store_rollback(session->store);
		return -1;
	}
	return sk_store_commit(session->store, err);
}
