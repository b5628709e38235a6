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
	int is_passing;
} CODES[SK_CODES] = {
    [SK_CODE_NOT_SENT] = {"not_sent", 1},
    [SK_CODE_NOT_RECEIVED] = {"not_received", 1},
    [SK_CODE_LIMITED] = {"limited", 1},
    [SK_CODE_REFUSED] = {"refused", 0},
    [SK_CODE_UNCLEAR] = {"unclear", 0},
    [SK_CODE_NO_ID] = {"no_id", 0},
    [SK_CODE_ID_TAKEN] = {"id_taken", 0},
    [SK_CODE_NOT_RECORDED] = {"not_recorded", 0},
    [SK_CODE_PMS_REFUSED] = {"pms_refused", 0},
    [SK_CODE_ENDED_UNCLEAR] = {"ended_unclear", 0},
    [SK_CODE_STUCK] = {SK_CODE_STUCK_NAME, 0},
    [SK_CODE_RESOLVED] = {"resolved", 0},
    [SK_CODE_SUPERSEDED] = {"superseded", 0},
    [SK_CODE_RESTORED] = {"restored", 0},
    [SK_CODE_UNSPECIFIED] = {"unspecified", 0},
    [SK_CODE_SYNTAX] = {"syntax", 0},
    [SK_CODE_INVALID] = {"invalid", 0},
    [SK_CODE_KEY_REUSED] = {"key_reused", 0},
    [SK_CODE_LOOKS_DOUBLED] = {"looks_doubled", 0},
    [SK_CODE_NOT_AUTHORIZED] = {"not_authorized", 0},
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

bool
sk_code_is_passing(enum sk_code code)
{
	return code > SK_CODE_NONE && code < SK_CODES && CODES[code].is_passing;
}
