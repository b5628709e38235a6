/* SPDX-License-Identifier: MIT */
/*
 * ledger: what has happened to a row, in words for a person. Whom it concerns and what mends it is added
 * when the event is delivered (store/event_words).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "store/codes.h"
#include "api/codes.h"
#include "life/ledger.h"

/* Where no code says why. */
static const char *
happening_words(enum sk_happening what)
{
	switch (what) {
	case SK_SAYS_COMPLETED:
		return "the practice carried it out";
	case SK_SAYS_FAILED:
		return "the practice's system refused it";
	case SK_SAYS_ENDED:
		return "the server says that it has ended, but not clearly how";
	case SK_GONE:
		return "the server doesn't know it any more";
	case SK_FOUND:
		return "the server's list has it";
	case SK_RUN_DIED:
		return "it may have been sent";
	case SK_DOUBLE_SEEN:
		return "the server's list has another one like it";
	case SK_DOUBLE_STANDS:
		return "the server didn't withdraw the other one";
	case SK_NOT_LOOKED_AT:
		return "nobody has seen whether it stayed withdrawn";
	default:
		return sk_happening_name(what);
	}
}

/* With the code: the caller's. */
static char *
why(const struct sk_writeback *row, const struct sk_fact *fact)
{
	const char *code = row->error_code, *ours = sk_code_words(sk_code_find(code));
	const struct sk_api_code *server = code != NULL ? sk_api_code_find(code) : NULL;

	if (code == NULL)
		return sk_mem_copy(happening_words(fact->what));
	if (server != NULL)
		return sk_mem_printf("the server says: %s (%s)", server->means, code);
	return sk_mem_printf("%s (%s)", ours != NULL ? ours : happening_words(fact->what), code);
}

char *
sk_ledger_cause(const struct sk_writeback *row, const struct sk_fact *fact)
{
	char *reason = why(row, fact), *text;

	if (fact->note == NULL)
		return reason;
	text = sk_mem_printf("%s; %s", reason, fact->note);
	free(reason);
	return text;
}

char *
sk_ledger_words(const struct sk_writeback *row, const struct sk_fact *fact)
{
	char *cause = sk_ledger_cause(row, fact);
	char *text = sk_mem_printf("request %lld (%s%s%s) is %s: %s", (long long)row->id,
	    row->operation, row->writeback_id != NULL ? ", writeback " : "",
	    row->writeback_id != NULL ? row->writeback_id : "", sk_state_name(row->result), cause);

	free(cause);
	return text;
}
