/* SPDX-License-Identifier: MIT */
/*
 * api: the table of the server's error codes. A code that isn't in it is judged by the HTTP status
 * alone, and never as a refusal of a write.
 */
#include "api/codes.h"

#include <stddef.h>
#include <string.h>

/*
 * One line for each code, as the server's documentation has them. API4006 ends a writeback; as the
 * answer to a submission it accepts nothing.
 */
/* clang-format off */
static const struct sk_api_code codes[] = {
	{"API0002", 200, SK_API_OK,             SK_WRITE_UNCLEAR,         "session ended as asked"},
	{"API0003", 200, SK_API_OK,             SK_WRITE_UNCLEAR,         "session ended as asked"},
	{"API0004", 200, SK_API_OK,             SK_WRITE_UNCLEAR,         "message sent"},
	{"API0005", 200, SK_API_REFUSED,        SK_WRITE_REFUSED,         "message not sent"},
	{"API0006", 200, SK_API_OK,             SK_WRITE_UNCLEAR,         "call details logged"},
	{"API0007", 200, SK_API_ACCEPTED,       SK_WRITE_ACCEPTED,        "appointment change queued"},
	{"API0008", 200, SK_API_REFUSED,        SK_WRITE_REFUSED,         "appointment status NOT logged"},
	{"API0009", 200, SK_API_ACCEPTED,       SK_WRITE_ACCEPTED,        "claim change queued"},
	{"API0011", 200, SK_API_ACCEPTED,       SK_WRITE_ACCEPTED,        "patient change queued"},
	{"API1001", 400, SK_API_CONFIG,         SK_WRITE_REFUSED,         "application id missing"},
	{"API1002", 400, SK_API_CONFIG,         SK_WRITE_REFUSED,         "application key missing"},
	{"API1003", 400, SK_API_REFUSED,        SK_WRITE_REFUSED,         "master customer id missing"},
	{"API1004", 400, SK_API_REAUTHENTICATE, SK_WRITE_REFUSED_KEY,     "request key missing or invalid"},
	{"API1005", 400, SK_API_CONFIG,         SK_WRITE_REFUSED,         "secret key missing"},
	{"API1006", 415, SK_API_REFUSED,        SK_WRITE_REFUSED,         "unsupported format"},
	{"API1007", 200, SK_API_ACCEPTED,       SK_WRITE_ACCEPTED,        "appointment change queued"},
	{"API1020", 400, SK_API_REFUSED,        SK_WRITE_REFUSED,         "a parameter is missing"},
	{"API1025", 400, SK_API_REAUTHENTICATE, SK_WRITE_REFUSED_KEY,     "request key expired"},
	{"API1026", 400, SK_API_REFUSED,        SK_WRITE_REFUSED,         "a parameter is missing or invalid"},
	{"API1027", 400, SK_API_REFUSED,        SK_WRITE_REFUSED,         "bad request"},
	{"API1029", 202, SK_API_ACCEPTED,       SK_WRITE_ACCEPTED,        "remote command accepted"},
	{"API2001", 500, SK_API_RETRY,          SK_WRITE_UNCLEAR,         "internal error"},
	{"API2002", 503, SK_API_RETRY,          SK_WRITE_REFUSED_PASSING, "overloaded, try later"},
	{"API2003", 401, SK_API_CONFIG,         SK_WRITE_REFUSED,         "application id or key, or office secret, is wrong"},
	{"API2004", 401, SK_API_REFUSED,        SK_WRITE_REFUSED,         "not allowed to use this API"},
	{"API2005", 204, SK_API_EMPTY,          SK_WRITE_UNCLEAR,         "nothing found"},
	{"API2006", 500, SK_API_RETRY,          SK_WRITE_UNCLEAR,         "error while processing"},
	{"API2007", 401, SK_API_REAUTHORIZE,    SK_WRITE_REFUSED,         "practice has withdrawn its authorization"},
	{"API2009", 404, SK_API_REFUSED,        SK_WRITE_REFUSED,         "no such resource"},
	{"API2010", 500, SK_API_REFUSED,        SK_WRITE_REFUSED,         "practice has uploaded no data yet"},
	{"API2011", 429, SK_API_DAILY_LIMIT,    SK_WRITE_REFUSED_FOR_NOW, "daily data volume of the practice used up"},
	{"API2012", 429, SK_API_DAILY_LIMIT,    SK_WRITE_REFUSED_FOR_NOW, "daily requests of the practice used up"},
	{"API2013", 409, SK_API_REFUSED,        SK_WRITE_REFUSED,         "already exists"},
	{"API2014", 405, SK_API_REFUSED,        SK_WRITE_REFUSED,         "method not allowed"},
	{"API2015", 409, SK_API_REFUSED,        SK_WRITE_REFUSED,         "already exists"},
	{"API2016", 201, SK_API_ACCEPTED,       SK_WRITE_ACCEPTED,        "created (writeback queued)"},
	{"API2017", 412, SK_API_SPU_OFFLINE,    SK_WRITE_REFUSED_FOR_NOW, "platform utility offline (check_spu)"},
	{"API2018", 410, SK_API_REFUSED,        SK_WRITE_REFUSED,         "gone"},
	{"API2019", 422, SK_API_REFUSED,        SK_WRITE_REFUSED,         "invalid parameters"},
	{"API2022", 504, SK_API_RETRY,          SK_WRITE_UNCLEAR,         "gateway timeout"},
	{"API4002", 200, SK_API_REFUSED,        SK_WRITE_REFUSED,         "a string could not be decrypted"},
	{"API4003", 200, SK_API_REFUSED,        SK_WRITE_REFUSED,         "a string could not be decrypted"},
	{"API4004", 200, SK_API_REFUSED,        SK_WRITE_REFUSED,         "a string could not be decrypted"},
	{"API4005", 200, SK_API_REFUSED,        SK_WRITE_REFUSED,         "a string could not be decrypted"},
	{"API4006", 200, SK_API_OK,             SK_WRITE_UNCLEAR,         "done: a pending writeback withdrawn, or locations updated"},
};
/* clang-format on */

const struct sk_api_code *
sk_api_code_find(const char *code)
{
	if (code == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strcmp(codes[i].code, code) == 0)
			return &codes[i];
	}
	return NULL;
}

/* API1026 is how a refresh key is refused that the server doesn't know. */
bool
sk_api_code_refuses_grant(const char *error_code)
{
	const struct sk_api_code *code = sk_api_code_find(error_code);

	return code != NULL &&
	    (code->class == SK_API_CONFIG || code->class == SK_API_REAUTHENTICATE ||
		code->class == SK_API_REAUTHORIZE || strcmp(error_code, "API1026") == 0);
}

bool
sk_api_code_is_passing(const char *error_code)
{
	const struct sk_api_code *code = sk_api_code_find(error_code);

	return code != NULL &&
	    (code->write == SK_WRITE_REFUSED_PASSING || code->write == SK_WRITE_REFUSED_FOR_NOW);
}
