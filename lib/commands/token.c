/* SPDX-License-Identifier: MIT */
/*
 * token: what sikka-token does with the keys of offices: list, renew, print, inform, revoke. A
 * failure for one office doesn't stop the others; the first error is returned.
 */
#include "commands/token.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/secret.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/event.h"
#include "store/offices.h"
#include "store/served.h"
#include "store/writebacks.h"
#include "calls/practices.h"
#include "calls/renewal.h"
#include "calls/request_key.h"

static void
set_expiry(json_t *record, int64_t expiry)
{
	char text[SK_TIME_TEXT];

	sk_json_set(record, "token_expiry", expiry != 0 ? sk_time_format(expiry, text) : NULL);
}

enum sk_exit
sk_token_list(struct sk_session *session, struct sk_error *err)
{
	struct sk_office *offices;
	size_t n;

	if (session->store == NULL)
		return 0;
	if (sk_store_offices(session->store, &offices, &n, err) != 0)
		return err->code;
	for (size_t i = 0; i < n && err->code == 0; i++) {
		int64_t left = offices[i].token_expiry - sk_time_now();
		json_t *record;

		if (!sk_options_wants_office(session->common, offices[i].office_id))
			continue;
		record = json_object();
		sk_json_set(record, "office_id", offices[i].office_id);
		sk_json_set(record, "status", sk_office_status_name(offices[i].status));
		set_expiry(record, offices[i].token_expiry);
		json_object_set_new(record, "expires_in",
		    offices[i].token_expiry == 0 ? json_null()
						 : json_integer(left > 0 ? left / SK_SECOND : 0));
		sk_json_set(record, "last_error", offices[i].last_error);
		sk_out_record(record, err);
		json_decref(record);
	}
	sk_offices_free(offices, n);
	return err->code;
}

/* The first error becomes the command's; later ones are printed at once. */
static void
note(struct sk_error *err, enum sk_exit *exit, const struct sk_error *why)
{
	*exit = sk_exit_worse(*exit, why->code);
	if (err->code == 0)
		*err = *why;
	else if (strcmp(err->text, why->text) != 0) /* a full disk is reported once */
		sk_out_tell("%s", why->text);
}

static void
tell_refreshed(const struct sk_key_wish *wish, enum sk_exit *exit, struct sk_error *err)
{
	json_t *record = json_object();
	struct sk_error why = {0};

	if (wish->error.code != 0)
		note(err, exit, &wish->error);
	sk_json_set(record, "office_id", wish->office_id);
	json_object_set_new(record, "refreshed", json_boolean(wish->renewed));
	sk_json_set(record, "grant", wish->grant);
	set_expiry(record, wish->token_expiry);
	if (sk_out_record(record, &why) != 0)
		note(err, exit, &why);
	json_decref(record);
}

/* An office named by -O gets a key even when a person has revoked its keys. */
static void
release_named(struct sk_session *session, const struct sk_key_wish *wishes, size_t n,
    enum sk_exit *exit, struct sk_error *err)
{
	for (size_t i = 0; i < n && session->common->n_offices > 0; i++) {
		struct sk_error why = {0};

		if (sk_request_key_release(session, wishes[i].office_id, &why) != 0)
			note(err, exit, &why);
	}
}

/* All are renewed side by side, and told in the order of the offices, each as soon as it can be. */
static void
refresh_all(struct sk_pool *pool, struct sk_key_wish *wishes, size_t n, enum sk_exit *exit,
    struct sk_error *err)
{
	for (size_t i = 0; i < n; i++)
		sk_renewal_wish(pool, &wishes[i]);
	sk_progress_begin("offices", "renewing request keys");
	for (size_t i = 0; i < n; i++) {
		sk_renewal_wait(pool, wishes, n, i);
		tell_refreshed(&wishes[i], exit, err);
	}
	sk_progress_end();
}

/* What a signal has left to do. */
static void
tell_stopped(const struct sk_key_wish *wishes, size_t n, struct sk_error *err)
{
	size_t n_left = 0;

	for (size_t i = 0; i < n; i++)
		n_left += wishes[i].error.code != 0;
	if (n_left > 0)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "stopped by a signal; the keys of %zu of %zu offices weren't renewed; run the "
		    "same command again",
		    n_left, n);
}

enum sk_exit
sk_token_refresh(struct sk_pool *pool, int64_t within, struct sk_error *err)
{
	struct sk_session *session = sk_pool_session(pool);
	struct sk_key_wish *wishes;
	struct sk_office *offices;
	size_t n, n_wishes = 0;
	enum sk_exit exit = SK_EXIT_OK;

	if (sk_practices_offices(session, &offices, &n, err) != 0)
		return err->code;
	wishes = sk_mem_zero(n + 1, sizeof(*wishes));
	for (size_t i = 0; i < n; i++)
		if (sk_practices_wants(session, &offices[i]))
			wishes[n_wishes++] = (struct sk_key_wish){.office_id = offices[i].office_id,
			    .within =
				sk_request_key_is_asked_anew(&offices[i]) ? INT64_MAX : within};
	release_named(session, wishes, n_wishes, &exit, err);
	refresh_all(pool, wishes, n_wishes, &exit, err);
	if (sk_stop_is_why(err))
		tell_stopped(wishes, n_wishes, err);
	free(wishes);
	sk_offices_free(offices, n);
	if (err->code == 0)
		sk_pulse_beat(&session->pulse, SK_TASK_REFRESH);
	return exit;
}

/* key is taken. */
static enum sk_exit
print_key(char *key, struct sk_error *err)
{
	char *line = sk_mem_printf("%s\n", key);

	sk_out_text(line, err);
	sk_secret_free(line);
	sk_secret_free(key);
	return err->code;
}

enum sk_exit
sk_token_print_recorded(struct sk_session *session, const char *office_id, int to_the_end,
    int *printed, struct sk_error *err)
{
	char *key;
	int lives = sk_served_refuse(session, office_id, err);

	if (lives == 0)
		lives = sk_request_key_recorded(session, office_id, to_the_end, &key, err);
	if (lives <= 0)
		return err->code;
	*printed = 1;
	return print_key(key, err);
}

enum sk_exit
sk_token_print(struct sk_pool *pool, const char *office_id, struct sk_error *err)
{
	char *key;

	if (sk_served_refuse(sk_pool_session(pool), office_id, err) != 0 ||
	    sk_renewal_usable_key(pool, office_id, &key, err) != 0)
		return err->code;
	return print_key(key, err);
}

static int
tell_info(const char *office_id, const struct sk_api_reply *reply, struct sk_error *err)
{
	static const char *const shown[] = {"status", "start_time", "end_time", "expires_in",
	    "issued_to", "request_count", "scope", "domain"};
	struct sk_api_records records = reply->records;
	json_t *info = records.n > 0 ? sk_api_records_next(&records) : json_incref(reply->json);
	json_t *record = json_object();
	int result;

	sk_json_set(record, "office_id", office_id);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		char *text = sk_json_member_text(info, shown[i]);

		sk_json_set(record, shown[i], text);
		free(text);
	}
	result = sk_out_record(record, err);
	json_decref(record);
	json_decref(info);
	return result;
}

static int
info_of(struct sk_pool *pool, struct sk_call *call, struct sk_error *err)
{
	const struct sk_api_reply *reply;

	if (sk_pool_wait(pool, call, err) != 0)
		return -1;
	reply = &call->result->reply;
	if (reply->class == SK_API_OK)
		return tell_info(call->office_id, reply, err);
	return sk_api_fail(reply, call->office_id, err);
}

/* All are asked side by side, and told in the order of the offices. */
enum sk_exit
sk_token_info(struct sk_pool *pool, struct sk_error *err)
{
	struct sk_session *session = sk_pool_session(pool);
	struct sk_office *offices;
	struct sk_call *calls;
	size_t n, n_calls = 0;
	enum sk_exit exit = SK_EXIT_OK;

	if (sk_practices_offices(session, &offices, &n, err) != 0)
		return err->code;
	calls = sk_mem_zero(n + 1, sizeof(*calls));
	for (size_t i = 0; i < n; i++) {
		if (!sk_practices_wants(session, &offices[i]))
			continue;
		calls[n_calls] = (struct sk_call){.kind = SK_CALL_READ,
		    .method = "GET",
		    .path = "/request_key_info",
		    .office_id = offices[i].office_id};
		sk_pool_add(pool, &calls[n_calls++]);
	}
	for (size_t i = 0; i < n_calls; i++) {
		struct sk_error why = {0};

		if (info_of(pool, &calls[i], &why) != 0)
			note(err, &exit, &why);
		sk_call_fini(&calls[i]);
	}
	free(calls);
	sk_offices_free(offices, n);
	return exit;
}

/* --- revoking -------------------------------------------------------------------------------- */

/*
 * An answer that the server doesn't know the key is as good as API0002. It has a code of the server's:
 * behind a firewall's page the key lives on.
 */
static bool
is_ended(const struct sk_api_reply *reply)
{
	if (reply->code[0] == '\0')
		return reply->class == SK_API_OK;
	return reply->class == SK_API_OK || reply->class == SK_API_REAUTHENTICATE ||
	    reply->class == SK_API_REAUTHORIZE || reply->http_status == 404 ||
	    (reply->class == SK_API_REFUSED && reply->http_status == 400);
}

static int
end_key(struct sk_pool *pool, struct sk_call *call, struct sk_error *err)
{
	int result = sk_pool_call(pool, call, err);

	if (result == 0 && !is_ended(&call->result->reply))
		result = sk_api_fail(&call->result->reply, call->path, err);
	sk_call_fini(call);
	return result;
}

static int
forget_keys(struct sk_session *session, struct sk_office *office, struct sk_error *err)
{
	sk_secret_free(office->request_key);
	sk_secret_free(office->refresh_key);
	office->request_key = NULL;
	office->refresh_key = NULL;
	office->token_expiry = 0;
	if (office->held_at == 0)
		office->held_at = sk_time_now();
	if (office->status != SK_OFFICE_REVOKED)
		office->status = SK_OFFICE_HELD;
	if (sk_store_begin(session->store, err) != 0)
		return -1;
	if (sk_store_office_put(session->store, office, err) != 0 ||
	    sk_event_make(session->store, SK_EVENT_FORGOTTEN, office->office_id, 0,
		"keys revoked by sikka-token", err) != 0) {
		sk_store_rollback(session->store);
		return -1;
	}
	return sk_store_commit(session->store, err);
}

/*
 * Called with the office's lock held, so that nobody renews meanwhile. The refresh key is ended
 * first, since new request keys are made with it.
 */
static int
revoke_locked(struct sk_pool *pool, struct sk_office *office, struct sk_error *err)
{
	struct sk_call refresh = {.kind = SK_CALL_WITHDRAWAL,
	    .method = "DELETE",
	    .path = "/refresh_key",
	    .refresh_key = office->refresh_key};
	struct sk_call request = {.kind = SK_CALL_WITHDRAWAL,
	    .method = "DELETE",
	    .path = "/request_key",
	    .office_id = office->office_id,
	    .request_key = office->request_key};

	if (office->refresh_key != NULL && end_key(pool, &refresh, err) != 0)
		return -1;
	if (office->request_key != NULL && end_key(pool, &request, err) != 0)
		return -1;
	return forget_keys(sk_pool_session(pool), office, err);
}

/* How these requests end is asked with the office's key. */
static void
warn_of_unended(struct sk_session *session, const char *office_id)
{
	const struct sk_filter unended = {.states = SK_OPEN_STATES,
	    .offices = &office_id,
	    .n_offices = 1};
	struct sk_error ignored = {0};
	struct sk_writeback *rows;
	size_t n;

	if (sk_store_writebacks(session->store, &unended, &rows, &n, &ignored) != 0)
		return;
	if (n > 0)
		sk_out_warn("requests of office %s that haven't ended: %zu; their outcome can't be "
			    "asked for until the office has a request key again",
		    office_id, n);
	sk_writebacks_free(rows, n);
}

static void
tell_revoked(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	json_t *record = json_object();

	sk_json_set(record, "office_id", office_id);
	json_object_set_new(record, "revoked", json_true());
	sk_out_record(record, err);
	json_decref(record);
	warn_of_unended(session, office_id);
}

enum sk_exit
sk_token_revoke(struct sk_pool *pool, const char *office_id, struct sk_error *err)
{
	struct sk_session *session = sk_pool_session(pool);
	struct sk_office office = {0};
	int64_t number;

	if (sk_served_refuse(session, office_id, err) != 0 ||
	    sk_session_lock_office(session, office_id, SK_EXIT_NOT_AUTHORIZED, &number, err) != 0)
		return err->code;
	if (sk_store_office_get(session->store, office_id, &office, err) == 1 &&
	    revoke_locked(pool, &office, err) == 0)
		tell_revoked(session, office_id, err);
	sk_lock_release(session->lock, SK_LOCK_OFFICE, number);
	sk_office_fini(&office);
	return err->code;
}
