/* SPDX-License-Identifier: MIT */
/*
 * life: deletes a writeback at the server. If the answer is lost, or the server can't be reached,
 * the row stays pending with its intention noted, and a later sweep sends the DELETE again.
 */
#include "life/withdraw.h"

#include <string.h>

#include "base/out.h"
#include "rules/rules.h"
#include "life/ledger.h"

/* Sends the DELETE: 1 API4006, 0 any other answer about the request (text in err), -1 no answer. */
static int
delete_there(struct sk_pool *pool, const char *writeback_id, struct sk_error *err)
{
	const struct sk_api_parameter id = {"id", writeback_id};
	struct sk_call call = {.kind = SK_CALL_WITHDRAWAL,
	    .method = "DELETE",
	    .path = "/writebacks",
	    .parameters = &id,
	    .n_parameters = 1};
	const struct sk_api_reply *reply;
	int gone = -1;

	/* It would be sent, and the rehearsal goes on as if the server had done it. */
	if (sk_pool_session(pool)->rehearses)
		return 1;
	if (sk_pool_call(pool, &call, err) == 0) {
		reply = &call.result->reply;
		gone = strcmp(reply->code, "API4006") == 0;
		if (!gone)
			sk_out_verbose("writeback %s wasn't withdrawn: %s %s", writeback_id,
			    reply->code, reply->text);
		/* If our own credentials are refused, that says nothing about the request. */
		if (reply->class == SK_API_CONFIG)
			gone = sk_api_fail(reply, "withdrawing", err);
	}
	sk_call_fini(&call);
	return gone;
}

/* What came of recording, for the caller. */
static int
take(const struct sk_check *check, const struct sk_writeback *row, enum sk_state was,
    enum sk_recorded recorded, struct sk_error *err)
{
	switch (recorded) {
	case SK_RECORDED:
		if (row->result != was && check->changed != NULL)
			check->changed(check->arg, row);
		return 0;
	case SK_RECORD_ERROR:
		return -1;
	default:
		return sk_error_set(err, SK_EXIT_FAILED,
		    "request %lld is %s and can't be withdrawn%s", (long long)row->id,
		    sk_state_name(row->result),
		    row->result == SK_UNKNOWN ? ": run sikka-sweep to settle it first" : "");
	}
}

static int
note(const struct sk_check *check, struct sk_writeback *row, enum sk_happening what,
    struct sk_error *err)
{
	const struct sk_fact fact = {.what = what};
	enum sk_state was = row->result;

	return take(check, row, was,
	    sk_ledger_record_one(check->session->store, row, &fact, NULL, err), err);
}

/*
 * Notes the intention, in a section: a DELETE leaves after it, and a copy of the state file from before
 * it has to be recognized when it is put back.
 */
static int
intend(const struct sk_check *check, struct sk_writeback *row, enum sk_happening why,
    struct sk_error *err)
{
	const struct sk_fact fact = {.what = why};
	enum sk_recorded recorded = SK_RECORD_ERROR;
	enum sk_state was = row->result;
	int result;

	if (sk_section_begin(check->session, err) != 0)
		return -1;
	if (sk_section_raise(check->session, SK_SECTION_KEEPS, err) == 0)
		recorded = sk_ledger_record(check->session->store, row, &fact, NULL, err);
	result = sk_section_end(check->session, recorded == SK_RECORDED ? 0 : -1, err);
	if (recorded == SK_RECORDED && result != 0)
		return -1;
	return take(check, row, was, recorded, err);
}

/* Any answer but API4006: the status says what became of the request. */
static int
ask_instead(struct sk_check *check, struct sk_writeback *row, enum sk_withdrawal *withdrawal,
    struct sk_error *err)
{
	int result = sk_check_status(check, row, 1, NULL, err);

	*withdrawal = row->result == SK_PENDING ? SK_WITHDRAWAL_OPEN : SK_WITHDRAWAL_TOO_LATE;
	return result;
}

/* As delete_there. A rehearsal asks for the status instead: what is pending would be withdrawn. */
static int
withdraw_there(struct sk_check *check, const struct sk_writeback *row, struct sk_error *err)
{
	struct sk_writeback asked = {0};
	int gone = -1;

	if (!check->session->rehearses)
		return delete_there(check->pool, row->writeback_id, err);
	if (sk_store_writeback_get(check->session->store, row->id, &asked, err) == 1 &&
	    sk_check_status(check, &asked, 1, NULL, err) == 0)
		gone = asked.result == SK_PENDING;
	sk_writeback_fini(&asked);
	return gone;
}

int
sk_withdraw(struct sk_check *check, struct sk_writeback *row, enum sk_happening why,
    enum sk_withdrawal *withdrawal, struct sk_error *err)
{
	int gone;

	*withdrawal = SK_WITHDRAWAL_OPEN;
	if (intend(check, row, why, err) != 0)
		return -1;
	if (row->result == SK_WITHDRAWN) {
		*withdrawal = SK_WITHDRAWAL_DONE; /* it was queued: no byte had left */
		return 0;
	}
	gone = withdraw_there(check, row, err);
	if (gone < 0)
		return -1;
	if (gone == 0)
		return ask_instead(check, row, withdrawal, err);
	*withdrawal = SK_WITHDRAWAL_DONE;
	return note(check, row, SK_WITHDRAWN_THERE, err);
}

int
sk_withdraw_again(struct sk_pool *pool, struct sk_writeback *row, struct sk_error *err)
{
	if (sk_copy_guard(sk_pool_session(pool), err) != 0)
		return -1;
	return delete_there(pool, row->writeback_id, err) < 0 ? -1 : 0;
}

bool
sk_withdraw_may_by_age(const struct sk_writeback *row)
{
	return row->attempts > 0 && !row->adopted && !row->unclaimed;
}

bool
sk_withdraw_is_one_too_many(const struct sk_config *config, const struct sk_writeback *row)
{
	return !sk_config_shares_office(config, row->office_id) && row->attempts > 1 &&
	    row->submitted_at > row->not_received_at && row->writeback_id != NULL &&
	    !sk_rules_may_be_twice(row->operation);
}

int
sk_withdraw_double(struct sk_pool *pool, struct sk_writeback *row, struct sk_error *err)
{
	const struct sk_check check = {.session = sk_pool_session(pool), .pool = pool};
	int gone = -1;

	if (sk_copy_guard(check.session, err) == 0)
		gone = delete_there(pool, row->doubled_id, err);
	if (gone < 0)
		return -1;
	return note(&check, row, gone ? SK_DOUBLE_WITHDRAWN : SK_DOUBLE_STANDS, err);
}
