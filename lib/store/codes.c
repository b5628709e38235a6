/* SPDX-License-Identifier: MIT */
/*
 * store: our own error codes: their names, and which of them may pass by itself. A code that isn't
 * in the table is the server's (see api/codes.c).
 */
#include "store/codes.h"

#include <stddef.h>
#include <string.h>

/* is_passing: what failed with this code may be sent again as it is. */
static const struct code {
	const char *name;
	const char *words;
	int is_passing;
} CODES[SK_CODES] = {
    [SK_CODE_NOT_SENT] = {"not_sent", "surely nothing of it was sent", 1},
    [SK_CODE_NOT_RECEIVED] = {"not_received", "the server surely never received it", 1},
    [SK_CODE_LIMITED] = {"limited", "the server had no time for it", 1},
    [SK_CODE_REFUSED] = {"refused", "the server refused it", 0},
    [SK_CODE_UNCLEAR] = {"unclear", "no answer came that says what became of it", 0},
    [SK_CODE_NO_ID] = {"no_id", "the server accepted it, and gave it no number", 0},
    [SK_CODE_ID_TAKEN] = {"id_taken", "the server gave it the number of another request", 0},
    [SK_CODE_NOT_RECORDED] = {"not_recorded", "its answer could not be recorded", 0},
    [SK_CODE_PMS_REFUSED] = {"pms_refused", "the practice's system refused it", 0},
    [SK_CODE_ENDED_UNCLEAR] = {"ended_unclear",
	"the server says that it has ended, but not clearly how", 0},
    [SK_CODE_STUCK] = {SK_CODE_STUCK_NAME, "it was pending for too long", 0},
    [SK_CODE_RESOLVED] = {"resolved", "a person said so", 0},
    [SK_CODE_SUPERSEDED] = {"superseded", "a later request has taken its place", 0},
    [SK_CODE_RESTORED] = {"restored", "the state file is an older copy", 0},
    [SK_CODE_UNSPECIFIED] = {"unspecified", "nobody gave a reason", 0},
    [SK_CODE_SYNTAX] = {"syntax", "the line is no JSON object", 0},
    [SK_CODE_INVALID] = {"invalid", "the request would be refused", 0},
    [SK_CODE_KEY_REUSED] = {"key_reused", "another request has its key", 0},
    [SK_CODE_LOOKS_DOUBLED] = {"looks_doubled", "another request has the same content", 0},
    [SK_CODE_NOT_AUTHORIZED] = {"not_authorized", "the office hasn't authorized the application",
	0},
    [SK_CODE_OTHER_SHARE] = {"other_share", "another host works for the office", 0},
};

const char *
sk_code_name(enum sk_code code)
{
	return code > SK_CODE_NONE && code < SK_CODES ? CODES[code].name : NULL;
}

enum sk_code
sk_code_find(const char *name)
{
	for (int i = SK_CODE_NONE + 1; i < SK_CODES; i++)
		if (name != NULL && strcmp(name, CODES[i].name) == 0)
			return (enum sk_code)i;
	return SK_CODE_NONE;
}

const char *
sk_code_words(enum sk_code code)
{
	return code > SK_CODE_NONE && code < SK_CODES ? CODES[code].words : NULL;
}

bool
sk_code_is_passing(enum sk_code code)
{
	return code > SK_CODE_NONE && code < SK_CODES && CODES[code].is_passing;
}
