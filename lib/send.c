/* SPDX-License-Identifier: MIT */
#include "send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "json.h"
#include "ledger.h"
#include "mem.h"
#include "out.h"
#include "rules.h"
#include "secret.h"
#include "time.h"
#include "token.h"

#define MOST_AT_ONCE 16 /* rows claimed in one commit */
#define UNREACHABLE 16  /* attempts in a row that didn't leave: the server isn't there */

enum stage { WAITING, ON_WIRE, ANSWERED };

/* One row on its way. */
struct sending {
	struct sending *next;
	struct sk_writeback row;
	char *body;
	struct sk_place place;
	enum stage stage;
	int64_t not_before; /* monotonic */
	char *key;          /* the request key that it was sent with */
	char *refused_key;  /* the one that the server refused */
	struct sk_http_answer answer;
};

struct sk_sender {
	struct sk_wire *wire;
	sk_sent_fn *told;
	void *arg;
	struct sending *first, **last;
	size_t n_waiting, n_on_wire, n_answered;
	int unreachable; /* attempts in a row of which not a byte left */
	struct sk_error trouble;
};

static void record_answers(void *arg);

struct sk_sender *
sk_sender_new(struct sk_wire *wire, sk_sent_fn *told, void *arg)
{
	struct sk_sender *sender = sk_mem_zero(1, sizeof(*sender));

	sender->wire = wire;
	sender->told = told;
	sender->arg = arg;
	sender->last = &sender->first;
	wire->between = record_answers;
	wire->between_arg = sender;
	return sender;
}

static void
free_sending(struct sending *sending)
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
		struct sending *sending = sender->first;

		sender->first = sending->next;
		free_sending(sending);
	}
	free(sender);
}

void
sk_sender_add(struct sk_sender *sender, struct sk_writeback *row, char *body, struct sk_place place)
{
	struct sending *sending = sk_mem_zero(1, sizeof(*sending));

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

/* Takes it out of the list and frees it. */
static void
drop(struct sk_sender *sender, struct sending *sending)
{
	struct sending **link = &sender->first;

	while (*link != sending)
		link = &(*link)->next;
	*link = sending->next;
	if (sender->last == &sending->next)
		sender->last = link;
	free_sending(sending);
}

/* --- answers --------------------------------------------------------------------------------- */

static void
note_answer(void *arg, struct sk_http_answer *answer)
{
	struct sending *sending = arg;

	sk_http_answer_take(answer, &sending->answer);
	sending->stage = ANSWERED;
}

static enum sk_happening
happening_of(const struct sk_api_submission *said)
{
	if (said->not_sent)
		return SK_NOT_SENT;
	switch (said->verdict) {
	case SK_WRITE_ACCEPTED:
		return *said->id != '\0' ? SK_ACCEPTED : SK_ACCEPTED_NO_ID;
	case SK_WRITE_REFUSED:
	case SK_WRITE_REFUSED_FOR_NOW:
		return SK_REFUSED;
	case SK_WRITE_REFUSED_PASSING:
	case SK_WRITE_REFUSED_KEY:
		return SK_REFUSED_PASSING;
	default:
		return SK_UNCLEAR;
	}
}

/* The code that a row keeps: the server's, or ours where it gave none. */
static const char *
code_of(const struct sk_api_submission *said)
{
	if (said->verdict == SK_WRITE_REFUSED_KEY)
		return "not_sent";
	if (*said->code != '\0')
		return said->code;
	switch (said->verdict) {
	case SK_WRITE_REFUSED_PASSING:
		return "limited";
	case SK_WRITE_REFUSED:
	case SK_WRITE_REFUSED_FOR_NOW:
		return "refused";
	case SK_WRITE_ACCEPTED:
		return "no_id";
	default:
		return "unclear";
	}
}

static int
exit_of(const struct sending *sending, const struct sk_api_submission *said)
{
	if (sending->row.result != SK_FAILED)
		return sending->row.result == SK_UNKNOWN ? SK_EXIT_UNKNOWN : SK_EXIT_OK;
	if (said->not_sent)
		return SK_EXIT_UNAVAILABLE;
	if (said->verdict == SK_WRITE_REFUSED_PASSING || said->verdict == SK_WRITE_REFUSED_KEY ||
	    strcmp(said->code, "API2011") == 0 || strcmp(said->code, "API2012") == 0)
		return SK_EXIT_TRY_LATER;
	return SK_EXIT_FAILED;
}

/* A refused key is remembered, so that the next attempt gets another one. */
static void
prepare_repetition(struct sending *sending, const struct sk_api_submission *said)
{
	int64_t pause = sk_wire_pause(&sending->answer, sending->row.attempts_in_run);

	if (said->verdict == SK_WRITE_REFUSED_KEY) {
		sk_secret_free(sending->refused_key);
		sending->refused_key = sending->key;
		sending->key = NULL;
		pause = sending->row.attempts_in_run > 1 ? pause : 0;
	}
	sending->not_before = sk_time_monotonic() + pause;
	sending->stage = WAITING;
}

/*
 * Whether an overloaded server is asked once more in this run. Within a budget, else an outage is
 * met by four times the requests: --retry sends the rest later. A full window ends by itself.
 */
static int
is_worth_another(struct sk_sender *sender, const struct sending *sending,
    const struct sk_api_submission *said)
{
	return said->verdict != SK_WRITE_REFUSED_PASSING || sending->answer.status == 429 ||
	    sending->row.attempts_in_run >= SK_LIFE_ATTEMPTS || sk_wire_may_retry(sender->wire);
}

static int
record_answer(struct sk_sender *sender, struct sending *sending,
    const struct sk_api_submission *said)
{
	struct sk_fact fact = {
	    .what = happening_of(said),
	    .writeback_id = said->id,
	    .error_code = code_of(said),
	    .error_message = said->text,
	};
	enum sk_recorded recorded;

	if (!is_worth_another(sender, sending, said))
		fact.what = SK_REFUSED;
	recorded = sk_ledger_record(sender->wire->session->store, &sending->row, &fact, NULL,
	    &sender->trouble);
	return recorded == SK_RECORD_ERROR ? -1 : 0;
}

/*
 * The answer is here and the journal can't take it. What is known is said, on stdout and stderr;
 * the row stays submitting, and the next sweep finds the request in the server's list.
 */
static void
say_unrecorded(struct sk_sender *sender, struct sending *sending,
    const struct sk_api_submission *said)
{
	sk_error_set(&sender->trouble, SK_EXIT_UNKNOWN, "its row was changed meanwhile");
	sk_mem_replace(&sending->row.writeback_id, *said->id ? said->id : NULL);
	sk_mem_replace(&sending->row.error_code, "not_recorded");
	sk_mem_replace(&sending->row.error_message, sender->trouble.text);
	sending->row.result = SK_UNKNOWN;
	sk_out_tell(
	    "request %lld was answered (%s%s) and couldn't be recorded: %s; don't send it again, "
	    "sikka-sweep settles it",
	    (long long)sending->row.id, *said->id ? "writeback " : said->text, said->id,
	    sender->trouble.text);
	sender->told(sender->arg, &sending->row, sending->place, SK_EXIT_UNKNOWN);
}

static void
finish_answer(struct sk_sender *sender, struct sending *sending,
    const struct sk_api_submission *said, int recorded)
{
	sender->n_answered--;
	/* Nobody else touches the rows of a living run; if somebody did, it isn't hidden. */
	if (sending->row.result == SK_SUBMITTING)
		recorded = 0;
	if (recorded && sending->row.result == SK_QUEUED) {
		sk_out_verbose("request %lld: %s; attempt %d of %d in this run",
		    (long long)sending->row.id, said->text, sending->row.attempts_in_run,
		    SK_LIFE_ATTEMPTS);
		prepare_repetition(sending, said);
		sk_http_answer_fini(&sending->answer);
		sender->n_waiting++;
		return;
	}
	if (recorded)
		sender->told(sender->arg, &sending->row, sending->place, exit_of(sending, said));
	else
		say_unrecorded(sender, sending, said);
	drop(sender, sending);
}

/* A server may repeat what it refuses, and what it says is journaled and told. */
static void
hide_secrets(const struct sending *sending, struct sk_api_submission *said)
{
	json_t *body = sending->body != NULL
	    ? sk_json_parse(sending->body, strlen(sending->body), NULL)
	    : NULL;

	sk_rules_hide_secrets(body, said->text);
	json_decref(body);
}

/* All answers that are here, in one commit; told afterwards. */
static void
record_answers(void *arg)
{
	struct sk_sender *sender = arg;
	struct sk_store *store = sender->wire->session->store;
	struct sk_api_submission *said;
	struct sending *sending, *next;
	size_t n = 0, i = 0;
	int recorded;

	for (sending = sender->first; sending != NULL; sending = sending->next)
		n += sending->stage == ANSWERED;
	if (n == 0)
		return;
	said = sk_mem_zero(n, sizeof(*said));
	sender->n_on_wire -= n;
	sender->n_answered += n;
	for (sending = sender->first; sending != NULL; sending = sending->next) {
		if (sending->stage != ANSWERED)
			continue;
		sk_api_read_submission(&sending->answer, &said[i]);
		if (sending->row.has_secret)
			hide_secrets(sending, &said[i]);
		sk_wire_note_answer(sender->wire, &sending->answer);
		sender->unreachable = said[i].not_sent ? sender->unreachable + 1 : 0;
		sk_rate_settle(sender->wire->rate, sending->row.office_id, &sending->answer,
		    strcmp(said[i].code, "API2011") == 0 || strcmp(said[i].code, "API2012") == 0);
		i++;
	}
	recorded = sender->trouble.code == 0 && sk_store_begin(store, &sender->trouble) == 0;
	i = 0;
	for (sending = sender->first; sending != NULL && recorded; sending = sending->next)
		if (sending->stage == ANSWERED)
			recorded = record_answer(sender, sending, &said[i++]) == 0;
	if (recorded)
		recorded = sk_store_commit(store, &sender->trouble) == 0;
	else
		sk_store_rollback(store);
	i = 0;
	for (sending = sender->first; sending != NULL; sending = next) {
		next = sending->next;
		if (sending->stage == ANSWERED)
			finish_answer(sender, sending, &said[i++], recorded);
	}
	if (sender->n_on_wire == 0)
		sk_mem_exit_with(SK_EXIT_NO_RESOURCE);
	free(said);
}

/* --- sending --------------------------------------------------------------------------------- */

static void
give_back(struct sk_sender *sender, struct sending **chosen, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_rate_return(sender->wire->rate, chosen[i]->row.office_id);
}

/*
 * Those that may leave now: due, room in the window, a free connection, a key that lives. Returns
 * how many; *wait becomes the ms until one more may.
 */
static size_t
choose(struct sk_sender *sender, struct sending **chosen, size_t most, int64_t *wait,
    struct sk_error *err)
{
	const char *full =
	    NULL; /* an office whose window has no room: its later rows wait as well */
	int64_t now = sk_time_monotonic();
	size_t n = 0;

	for (struct sending *sending = sender->first; sending != NULL && n < most;
	     sending = sending->next) {
		int64_t left = sending->not_before - now;

		if (sending->stage != WAITING ||
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
without_office(struct sk_sender *sender, struct sending **chosen, size_t n, const char *office_id)
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
get_keys(struct sk_sender *sender, struct sending **chosen, size_t n, struct sk_error *err)
{
	size_t i = 0;

	while (i < n) {
		struct sending *sending = chosen[i];
		struct sk_error why = {0};
		char *key, *office_id;

		if (sk_token_usable(sender->wire, sending->row.office_id, sending->refused_key,
			&key, &why) == 0) {
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
tell_as_it_is(struct sk_sender *sender, struct sending *sending)
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
	drop(sender, sending);
}

/* The commit didn't come about: in the journal they are queued as before. */
static int
unclaim(struct sk_sender *sender, struct sending **chosen, size_t n)
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
claim(struct sk_sender *sender, struct sending **chosen, size_t *n, struct sk_error *err)
{
	const struct sk_fact claimed = {.what = SK_CLAIMED};
	struct sk_store *store = sender->wire->session->store;
	struct sending *changed[MOST_AT_ONCE];
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
start(struct sk_sender *sender, struct sending *sending, int64_t claimed_at)
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
	sending->stage = ON_WIRE;
	if (sk_http_start(sender->wire->http, &request, note_answer, sending, &err) != 0) {
		/* Not a byte left: as good as an answer that says so. */
		sending->answer.outcome = SK_HTTP_NOT_SENT;
		snprintf(sending->answer.trouble, sizeof(sending->answer.trouble), "%.150s",
		    err.text);
		sending->stage = ANSWERED;
	}
	free(url);
}

int64_t
sk_sender_dispatch(struct sk_sender *sender, struct sk_error *err)
{
	struct sending *chosen[MOST_AT_ONCE];
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
		if (chosen[i]->stage == ANSWERED)
			wait = 0;
	}
	if (sender->n_on_wire == 0)
		sk_mem_exit_with(SK_EXIT_NO_RESOURCE);
	return wait;
}

static int
is_given_up(const struct sending *sending, const char *office_id)
{
	return sending->stage == WAITING &&
	    (office_id == NULL || strcmp(office_id, sending->row.office_id) == 0);
}

int
sk_sender_give_up(struct sk_sender *sender, const char *office_id, const char *why, int exit,
    struct sk_error *err)
{
	const struct sk_fact fact = {.what = SK_RUN_GAVE_UP,
	    .error_code = "not_sent",
	    .error_message = why};
	struct sk_store *store = sender->wire->session->store;
	struct sending *sending, *next;

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
		drop(sender, sending);
	}
	return 0;
}
