/* SPDX-License-Identifier: MIT */
#include "commands/send_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/time.h"
#include "api/api.h"
#include "rules/rules.h"
#include "life/ledger.h"

void
sk_sender_note_answer(void *arg, struct sk_http_answer *answer)
{
	struct sk_sending *sending = arg;

	sk_http_answer_take(answer, &sending->answer);
	sending->stage = SK_ANSWERED;
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
		return sk_code_name(SK_CODE_NOT_SENT);
	if (*said->code != '\0')
		return said->code;
	switch (said->verdict) {
	case SK_WRITE_REFUSED_PASSING:
		return sk_code_name(SK_CODE_LIMITED);
	case SK_WRITE_REFUSED:
	case SK_WRITE_REFUSED_FOR_NOW:
		return sk_code_name(SK_CODE_REFUSED);
	case SK_WRITE_ACCEPTED:
		return sk_code_name(SK_CODE_NO_ID);
	default:
		return sk_code_name(SK_CODE_UNCLEAR);
	}
}

static int
exit_of(const struct sk_sending *sending, const struct sk_api_submission *said)
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
prepare_repetition(struct sk_sending *sending, const struct sk_api_submission *said)
{
	int64_t pause = sk_wire_pause(&sending->answer, sending->row.attempts_in_run);

	if (said->verdict == SK_WRITE_REFUSED_KEY) {
		sk_secret_free(sending->refused_key);
		sending->refused_key = sending->key;
		sending->key = NULL;
		pause = sending->row.attempts_in_run > 1 ? pause : 0;
	}
	sending->not_before = sk_time_monotonic() + pause;
	sending->stage = SK_WAITING;
}

/*
 * Whether an overloaded server is asked once more in this run. Within a budget, else an outage is
 * met by four times the requests: --retry sends the rest later. A full window ends by itself.
 */
static int
is_worth_another(struct sk_sender *sender, const struct sk_sending *sending,
    const struct sk_api_submission *said)
{
	return said->verdict != SK_WRITE_REFUSED_PASSING || sending->answer.status == 429 ||
	    sending->row.attempts_in_run >= SK_LIFE_ATTEMPTS || sk_wire_may_retry(sender->wire);
}

static int
record_answer(struct sk_sender *sender, struct sk_sending *sending,
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
say_unrecorded(struct sk_sender *sender, struct sk_sending *sending,
    const struct sk_api_submission *said)
{
	sk_error_set(&sender->trouble, SK_EXIT_UNKNOWN, "its row was changed meanwhile");
	sk_mem_replace(&sending->row.writeback_id, *said->id ? said->id : NULL);
	sk_mem_replace(&sending->row.error_code, sk_code_name(SK_CODE_NOT_RECORDED));
	sk_mem_replace(&sending->row.error_message, sender->trouble.text);
	sending->row.result = SK_UNKNOWN;
	sk_out_tell("request %lld was answered (%s%s), but the answer couldn't be recorded: %s; "
		    "don't send it again: sikka-sweep finds out",
	    (long long)sending->row.id, *said->id ? "writeback " : said->text, said->id,
	    sender->trouble.text);
	sender->told(sender->arg, &sending->row, sending->place, SK_EXIT_UNKNOWN);
}

static void
finish_answer(struct sk_sender *sender, struct sk_sending *sending,
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
	sk_sender_drop(sender, sending);
}

/* A server may repeat what it refuses, and what it says is journaled and told. */
static void
hide_secrets(const struct sk_sending *sending, struct sk_api_submission *said)
{
	json_t *body = sending->body != NULL
	    ? sk_json_parse(sending->body, strlen(sending->body), NULL)
	    : NULL;

	sk_rules_hide_secrets(body, said->text);
	json_decref(body);
}

void
sk_sender_record_answers(void *arg)
{
	struct sk_sender *sender = arg;
	struct sk_store *store = sender->wire->session->store;
	struct sk_api_submission *said;
	struct sk_sending *sending, *next;
	size_t n = 0, i = 0;
	int recorded;

	for (sending = sender->first; sending != NULL; sending = sending->next)
		n += sending->stage == SK_ANSWERED;
	if (n == 0)
		return;
	said = sk_mem_zero(n, sizeof(*said));
	sender->n_on_wire -= n;
	sender->n_answered += n;
	for (sending = sender->first; sending != NULL; sending = sending->next) {
		if (sending->stage != SK_ANSWERED)
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
		if (sending->stage == SK_ANSWERED)
			recorded = record_answer(sender, sending, &said[i++]) == 0;
	if (recorded)
		recorded = sk_store_commit(store, &sender->trouble) == 0;
	else
		sk_store_rollback(store);
	i = 0;
	for (sending = sender->first; sending != NULL; sending = next) {
		next = sending->next;
		if (sending->stage == SK_ANSWERED)
			finish_answer(sender, sending, &said[i++], recorded);
	}
	if (sender->n_on_wire == 0)
		sk_mem_exit_with(SK_EXIT_NO_RESOURCE);
	free(said);
}
