/* SPDX-License-Identifier: MIT */
/* send_answers: what came of the rows that were sent: recorded in the turn's transaction, then told. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"
#include "store/codes.h"
#include "api/api.h"
#include "rules/rules.h"
#include "life/ledger.h"
#include "commands/send_parts.h"

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
	if (said->not_sent || said->verdict == SK_WRITE_REFUSED_KEY)
		return sk_code_name(SK_CODE_NOT_SENT);
	/* Its own code would only say that all is well. */
	if (said->verdict == SK_WRITE_ACCEPTED)
		return sk_code_name(SK_CODE_NO_ID);
	if (*said->code != '\0')
		return said->code;
	switch (said->verdict) {
	case SK_WRITE_REFUSED_PASSING:
		return sk_code_name(SK_CODE_LIMITED);
	case SK_WRITE_REFUSED:
	case SK_WRITE_REFUSED_FOR_NOW:
		return sk_code_name(SK_CODE_REFUSED);
	default:
		return sk_code_name(SK_CODE_UNCLEAR);
	}
}

static enum sk_exit
exit_of(const struct sk_sending *sending)
{
	const struct sk_call_result *result = sending->call.result;
	const struct sk_api_submission *said = &result->said;

	if (sending->recorded.result != SK_FAILED)
		return sending->recorded.result == SK_UNKNOWN ? SK_EXIT_UNKNOWN : SK_EXIT_OK;
	if (result->error.code != 0)
		return result->error.code;
	if (said->not_sent)
		return SK_EXIT_UNAVAILABLE;
	if (said->verdict == SK_WRITE_REFUSED_PASSING || said->verdict == SK_WRITE_REFUSED_KEY ||
	    strcmp(said->code, "API2011") == 0 || strcmp(said->code, "API2012") == 0)
		return SK_EXIT_TRY_LATER;
	return SK_EXIT_FAILED;
}

/* A server may repeat what it refuses, and what it says is journaled and told. */
static void
hide_secrets(const struct sk_sending *sending, struct sk_api_submission *said)
{
	json_t *body;

	if (sending->secret_body == NULL)
		return;
	body = sk_json_parse(sending->secret_body, strlen(sending->secret_body), NULL);
	sk_rules_hide_secrets(body, said->text);
	json_decref(body);
}

/* What is accepted without an id is unknown, and yet nobody has to doubt that the server has it. */
static void
name_acceptance(struct sk_api_submission *said)
{
	static const char accepted[] = "accepted without an id";
	char *words;
	size_t n;

	if (said->verdict != SK_WRITE_ACCEPTED || said->id[0] != '\0')
		return;
	words = sk_mem_printf("%s%s%s", accepted, said->text[0] != '\0' ? ": " : "", said->text);
	n = strlen(words) < sizeof(said->text) ? strlen(words) : sizeof(said->text) - 1;
	n = sk_utf8_fitting(words, n, n);
	memcpy(said->text, words, n);
	said->text[n] = '\0';
	free(words);
}

/* --- in the turn's transaction ----------------------------------------------------------------- */

/* The row as it was decided on: what came of it is recorded only when it is still that. */
static struct sk_writeback
decided_on(const struct sk_sending *sending)
{
	const struct sk_writeback *claimed = &sending->claimed;

	if (sending->call.result->error.code == 0)
		return (struct sk_writeback){.id = sending->id,
		    .result = SK_SUBMITTING,
		    .attempts = claimed->attempts,
		    .run = claimed->run};
	return (struct sk_writeback){.id = sending->id,
	    .result = SK_QUEUED,
	    .attempts = sending->recorded.id != 0 ? sending->recorded.attempts : sending->attempts,
	    .run = sending->run};
}

static struct sk_fact
fact_of(const struct sk_sending *sending)
{
	const struct sk_call_result *result = sending->call.result;
	struct sk_fact fact = {.what = SK_RUN_GAVE_UP,
	    .error_code = sk_code_name(SK_CODE_NOT_SENT),
	    .error_message = result->error.text};

	if (result->error.code != 0)
		return fact;
	fact.what = happening_of(&result->said);
	fact.writeback_id = result->said.id;
	fact.error_code = code_of(&result->said);
	fact.error_message = result->said.text;
	return fact;
}

/*
 * The engine says whether it sends the row again. Where it doesn't, although nothing was sent or the
 * refusal passes, a row that is queued again ends here, and --retry sends it later.
 */
static int
record_one(struct sk_store *store, struct sk_sending *sending, struct sk_error *err)
{
	struct sk_writeback row = decided_on(sending);
	struct sk_fact fact = fact_of(sending);
	enum sk_recorded result = sk_ledger_record(store, &row, &fact, NULL, err);

	if (result == SK_RECORDED && row.result == SK_QUEUED && !sending->call.again) {
		fact.what = SK_RUN_GAVE_UP;
		result = sk_ledger_record(store, &row, &fact, NULL, err);
	}
	sk_writeback_fini(&sending->recorded);
	sending->recorded = row;
	return result == SK_RECORD_ERROR ? -1 : 0;
}

/* It wasn't sent, and its row in the state file isn't what this process has written. */
static bool
is_left_alone(const struct sk_session *session, const struct sk_sending *sending)
{
	return sending->call.result->error.code != 0 && session->copy != SK_COPY_NONE;
}

int
sk_sender_record(void *sender_arg, struct sk_call **calls, size_t n, struct sk_error *err)
{
	struct sk_sender *sender = sender_arg;
	const struct sk_session *session = sk_pool_session(sender->pool);
	struct sk_store *store = session->store;

	for (size_t i = 0; i < n; i++) {
		struct sk_sending *sending = calls[i]->arg;
		const struct sk_writeback *row = &sending->recorded;

		/* What an older copy has as queued may have been sent: nothing is said about it. */
		if (is_left_alone(session, sending))
			continue;
		hide_secrets(sending, &calls[i]->result->said);
		name_acceptance(&calls[i]->result->said);
		if (record_one(store, sending, err) != 0)
			return -1;
		/* The life of the row may end it where the engine would have gone on. */
		calls[i]->again = calls[i]->again && row->result == SK_QUEUED;
		if (calls[i]->again)
			sk_out_verbose("request %lld: %s; attempt %d of %d in this run",
			    (long long)row->id, calls[i]->result->said.text, row->attempts_in_run,
			    SK_LIFE_ATTEMPTS);
	}
	return 0;
}

/* --- afterwards -------------------------------------------------------------------------------- */

/* Its row was changed by somebody else before it could leave. */
static void
tell_as_it_is(struct sk_sender *sender, struct sk_sending *sending)
{
	struct sk_writeback row = {0};
	struct sk_error ignored = {0};

	if (sk_store_writeback_get(sk_pool_session(sender->pool)->store, sending->id, &row,
		&ignored) == 1) {
		enum sk_exit exit = sk_ledger_exit(&row);

		sender->told(sender->arg, &row, sending->origin,
		    exit == SK_EXIT_PENDING ? SK_EXIT_OK : exit);
	}
	sk_writeback_fini(&row);
}

/*
 * The answer is here and the journal can't take it. What is known is said, on stdout and stderr;
 * the row stays submitting, and the next sweep finds the request in the server's list.
 */
static void
say_unrecorded(struct sk_sender *sender, struct sk_sending *sending, const char *why)
{
	const struct sk_api_submission *said = &sending->call.result->said;
	struct sk_writeback *row = &sending->claimed;

	sk_mem_replace(&row->writeback_id, *said->id ? said->id : NULL);
	sk_mem_replace(&row->error_code, sk_code_name(SK_CODE_NOT_RECORDED));
	sk_mem_replace(&row->error_message, why);
	row->result = SK_UNKNOWN;
	sk_out_tell("request %lld was answered (%s%s), but the answer couldn't be recorded: %s; "
		    "don't send it again: sikka-sweep finds out",
	    (long long)row->id, *said->id ? "writeback " : said->text, said->id, why);
	sender->told(sender->arg, row, sending->origin, SK_EXIT_UNKNOWN);
}

static void
end_one(struct sk_sender *sender, struct sk_sending *sending, const struct sk_error *unrecorded)
{
	int has_answer = sending->call.result->error.code == 0;
	/* Nobody else touches the rows of a living run; if somebody did, it isn't hidden. */
	int is_stale = sending->recorded.result == SK_SUBMITTING || sending->recorded.id == 0;

	if (is_left_alone(sk_pool_session(sender->pool), sending))
		sk_out_tell("request %lld wasn't sent, and isn't recorded as such: the state file "
			    "is an older copy",
		    (long long)sending->id);
	else if (sending->call.crossed_out ||
	    (!has_answer && unrecorded == NULL && sending->recorded.result == SK_QUEUED))
		tell_as_it_is(sender, sending);
	else if (has_answer && unrecorded != NULL)
		say_unrecorded(sender, sending, unrecorded->text);
	else if (has_answer && is_stale)
		say_unrecorded(sender, sending, "its row was changed meanwhile");
	else if (unrecorded != NULL)
		sk_out_tell(
		    "request %lld wasn't sent, but this couldn't be recorded (%s); the next "
		    "sikka-sweep records it",
		    (long long)sending->id, unrecorded->text);
	else
		sender->told(sender->arg, &sending->recorded, sending->origin, exit_of(sending));
}

void
sk_sender_ended(void *sender_arg, struct sk_call **calls, size_t n,
    const struct sk_error *unrecorded)
{
	struct sk_sender *sender = sender_arg;

	if (unrecorded != NULL && sender->trouble.code == 0)
		sender->trouble = *unrecorded;
	for (size_t i = 0; i < n; i++) {
		struct sk_sending *sending = calls[i]->arg;

		if (sending->was_held_back && calls[i]->crossed_out &&
		    calls[i]->result->error.code == 0) {
			sk_sender_hold(sender, sending);
			continue;
		}
		end_one(sender, sending, unrecorded);
		sk_sender_drop(sender, sending);
	}
}
