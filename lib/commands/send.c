/* SPDX-License-Identifier: MIT */
#include "commands/send_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/time.h"
#include "api/api.h"
#include "calls/request_key.h"
#include "life/ledger.h"

#define MOST_AT_ONCE 16 /* rows claimed in one commit */
#define UNREACHABLE 16  /* attempts in a row that didn't leave: the server isn't there */

struct sk_sender *
sk_sender_new(struct sk_wire *wire, sk_sent_fn *told, void *arg)
{
	struct sk_sender *sender = sk_mem_zero(1, sizeof(*sender));

	sender->wire = wire;
	sender->told = told;
	sender->arg = arg;
	sender->last = &sender->first;
	wire->between = sk_sender_record_answers;
	wire->between_arg = sender;
	return sender;
}

static void
free_sending(struct sk_sending *sending)
{
	sk_writeback_fini(&sending->row);
	sk_secret_free(sending->body);
	sk_secret_free(sending->key);
	sk_secret_free(sending->refused_key);
	sk_http_answer_fini(&sending->answer);
	free(sending);
}

void
sk_sender_free(struct sk_sender *sender)
{
	if (sender == NULL)
		return;
	sender->wire->between = NULL;
	while (sender->first != NULL) {
		struct sk_sending *sending = sender->first;

		sender->first = sending->next;
		free_sending(sending);
	}
	free(sender);
}

void
sk_sender_add(struct sk_sender *sender, struct sk_writeback *row, char *body,
    struct sk_origin place)
{
	struct sk_sending *sending = sk_mem_zero(1, sizeof(*sending));

	sending->row = *row;
	memset(row, 0, sizeof(*row));
	sending->body = body;
	sending->place = place;
	*sender->last = sending;
	sender->last = &sending->next;
	sender->n_waiting++;
}

size_t
sk_sender_waiting(const struct sk_sender *sender)
{
	return sender->n_waiting;
}

size_t
sk_sender_living(const struct sk_sender *sender)
{
	return sender->n_waiting + sender->n_on_wire + sender->n_answered;
}

int
sk_sender_trouble(struct sk_sender *sender, struct sk_error *err)
{
	if (sender->trouble.code == 0)
		return 0;
	*err = sender->trouble;
	return -1;
}

void
sk_sender_drop(struct sk_sender *sender, struct sk_sending *sending)
{
	struct sk_sending **link = &sender->first;

	while (*link != sending)
		link = &(*link)->next;
	*link = sending->next;
	if (sender->last == &sending->next)
		sender->last = link;
	free_sending(sending);
}

/* --- sending --------------------------------------------------------------------------------- */

static void
give_back(struct sk_sender *sender, struct sk_sending **chosen, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_rate_return(sender->wire->rate, chosen[i]->row.office_id);
}

/*
 * Those that may leave now: due, room in the window, a free connection, a key that lives. Returns
 * how many; *wait becomes the ms until one more may.
 */
static size_t
choose(struct sk_sender *sender, struct sk_sending **chosen, size_t most, int64_t *wait,
    struct sk_error *err)
{
	const char *full =
	    NULL; /* an office whose window has no room: its later rows wait as well */
	int64_t now = sk_time_monotonic();
	size_t n = 0;

	for (struct sk_sending *sending = sender->first; sending != NULL && n < most;
	     sending = sending->next) {
		int64_t left = sending->not_before - now;

		if (sending->stage != SK_WAITING ||
		    (full != NULL && strcmp(full, sending->row.office_id) == 0))
			continue;
		if (left <= 0) {
			left = sk_rate_reserve(sender->wire->rate, sending->row.office_id,
			    SK_RATE_WRITE, err);
			if (left < 0)
				break;
			if (left == 0) {
				chosen[n++] = sending;
				continue;
			}
			full = sending->row.office_id;
		}
		if (left < *wait)
			*wait = left;
	}
	return n;
}

/* Without an office's rows, whose reservations are given back. Returns how many are left. */
static size_t
without_office(struct sk_sender *sender, struct sk_sending **chosen, size_t n,
    const char *office_id)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(chosen[i]->row.office_id, office_id) == 0)
			give_back(sender, &chosen[i], 1);
		else
			chosen[kept++] = chosen[i];
	}
	return kept;
}

/* Gets each chosen row its key. An office that has none has its waiting rows given up. */
static size_t
get_keys(struct sk_sender *sender, struct sk_sending **chosen, size_t n, struct sk_error *err)
{
	size_t i = 0;

	while (i < n) {
		struct sk_sending *sending = chosen[i];
		struct sk_error why = {0};
		char *key, *office_id;

		if (sk_request_key_usable(sender->wire, sending->row.office_id,
			sending->refused_key, &key, &why) == 0) {
			sk_secret_free(sending->key);
			sending->key = key;
			i++;
			continue;
		}
		office_id = sk_mem_copy(sending->row.office_id);
		n = without_office(sender, chosen, n, office_id);
		i = 0;
		if (sk_sender_give_up(sender, office_id, why.text, why.code, err) != 0) {
			give_back(sender, chosen, n);
			n = 0;
		}
		free(office_id);
	}
	return n;
}

static void
tell_as_it_is(struct sk_sender *sender, struct sk_sending *sending)
{
	struct sk_writeback row = {0};
	struct sk_error ignored = {0};

	if (sk_store_writeback_get(sender->wire->session->store, sending->row.id, &row, &ignored) ==
	    1) {
		int exit = sk_ledger_exit(&row);

		sender->told(sender->arg, &row, sending->place,
		    exit == SK_EXIT_PENDING ? SK_EXIT_OK : exit);
	}
	sk_writeback_fini(&row);
	sender->n_waiting--;
	sk_sender_drop(sender, sending);
}

/* The commit didn't come about: in the journal they are queued as before. */
static int
unclaim(struct sk_sender *sender, struct sk_sending **chosen, size_t n)
{
	sk_store_rollback(sender->wire->session->store);
	for (size_t i = 0; i < n; i++) {
		chosen[i]->row.result = SK_QUEUED;
		chosen[i]->row.attempts--;
		chosen[i]->row.attempts_in_run--;
	}
	return -1;
}

/*
 * Claims them in one commit. A row that isn't queued any more (its request turned up in the
 * server's list while it waited for its retry) isn't sent: it leaves chosen, and is told as what it
 * is now.
 */
static int
claim(struct sk_sender *sender, struct sk_sending **chosen, size_t *n, struct sk_error *err)
{
	const struct sk_fact claimed = {.what = SK_CLAIMED};
	struct sk_store *store = sender->wire->session->store;
	struct sk_sending *changed[MOST_AT_ONCE];
	size_t kept = 0, n_changed = 0;

	if (sk_store_begin(store, err) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++) {
		switch (sk_ledger_record(store, &chosen[i]->row, &claimed, NULL, err)) {
		case SK_RECORDED:
			chosen[kept++] = chosen[i];
			break;
		case SK_RECORD_ERROR:
			return unclaim(sender, chosen, kept);
		default:
			changed[n_changed++] = chosen[i];
		}
	}
	if (sk_store_commit(store, err) != 0)
		return unclaim(sender, chosen, kept);
	*n = kept;
	give_back(sender, changed, n_changed);
	for (size_t i = 0; i < n_changed; i++)
		tell_as_it_is(sender, changed[i]);
	return 0;
}

static void
start(struct sk_sender *sender, struct sk_sending *sending, int64_t claimed_at)
{
	char *url = sk_api_url(&sender->wire->session->config, sending->row.endpoint, NULL, 0);
	struct sk_http_request request = {
	    .kind = SK_HTTP_WRITE,
	    .method = sending->row.method,
	    .url = url,
	    .body = sending->body,
	    .body_length = sending->body != NULL ? strlen(sending->body) : 0,
	    .claimed_at = claimed_at,
	};
	struct sk_error err = {0};

	sk_api_sign_office(&request, sending->key);
	sender->n_waiting--;
	sender->n_on_wire++;
	sending->stage = SK_ON_WIRE;
	if (sk_http_start(sender->wire->http, &request, sk_sender_note_answer, sending, &err) !=
	    0) {
		/* Not a byte left: as good as an answer that says so. */
		sending->answer.outcome = SK_HTTP_NOT_SENT;
		snprintf(sending->answer.trouble, sizeof(sending->answer.trouble), "%.150s",
		    err.text);
		sending->stage = SK_ANSWERED;
	}
	free(url);
}

int64_t
sk_sender_dispatch(struct sk_sender *sender, struct sk_error *err)
{
	struct sk_sending *chosen[MOST_AT_ONCE];
	int64_t wait = SK_MINUTE, claimed_at;
	int room = sk_http_room(sender->wire->http);
	size_t n, n_chosen;

	if (sk_sender_trouble(sender, err) != 0)
		return -1;
	if (sender->unreachable >= UNREACHABLE)
		return sk_sender_give_up(sender, NULL, "the server can't be reached",
		    SK_EXIT_UNAVAILABLE, err);
	n = room > 0
	    ? choose(sender, chosen, room < MOST_AT_ONCE ? (size_t)room : MOST_AT_ONCE, &wait, err)
	    : 0;
	n_chosen = n;
	if (err->code == 0 && n > 0)
		n = get_keys(sender, chosen, n, err);
	if (err->code != 0) {
		give_back(sender, chosen, n);
		return -1;
	}
	if (n == 0)
		return n_chosen > 0 ? 0 : wait;
	claimed_at = sk_time_boot();
	sk_mem_exit_with(SK_EXIT_UNKNOWN);
	if (claim(sender, chosen, &n, err) != 0) {
		give_back(sender, chosen, n);
		return -1;
	}
	/* Those that turned out to need no sending have left their places to others. */
	if (n < n_chosen)
		wait = 0;
	for (size_t i = 0; i < n; i++) {
		start(sender, chosen[i], claimed_at);
		/* What didn't leave is an answer already, and nothing on the wire would wake us. */
		if (chosen[i]->stage == SK_ANSWERED)
			wait = 0;
	}
	if (sender->n_on_wire == 0)
		sk_mem_exit_with(SK_EXIT_NO_RESOURCE);
	return wait;
}

static int
is_given_up(const struct sk_sending *sending, const char *office_id)
{
	return sending->stage == SK_WAITING &&
	    (office_id == NULL || strcmp(office_id, sending->row.office_id) == 0);
}

int
sk_sender_give_up(struct sk_sender *sender, const char *office_id, const char *why, int exit,
    struct sk_error *err)
{
	const struct sk_fact fact = {.what = SK_RUN_GAVE_UP,
	    .error_code = sk_code_name(SK_CODE_NOT_SENT),
	    .error_message = why};
	struct sk_store *store = sender->wire->session->store;
	struct sk_sending *sending, *next;

	if (sk_store_begin(store, err) != 0)
		return -1;
	for (sending = sender->first; sending != NULL; sending = sending->next) {
		if (is_given_up(sending, office_id) &&
		    sk_ledger_record(store, &sending->row, &fact, NULL, err) == SK_RECORD_ERROR) {
			sk_store_rollback(store);
			return -1;
		}
	}
	if (sk_store_commit(store, err) != 0)
		return -1;
	for (sending = sender->first; sending != NULL; sending = next) {
		next = sending->next;
		if (!is_given_up(sending, office_id))
			continue;
		if (sending->row.result == SK_QUEUED) { /* changed by somebody else meanwhile */
			tell_as_it_is(sender, sending);
			continue;
		}
		sender->n_waiting--;
		sender->told(sender->arg, &sending->row, sending->place, exit);
		sk_sender_drop(sender, sending);
	}
	return 0;
}
