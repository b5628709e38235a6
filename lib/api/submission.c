/* SPDX-License-Identifier: MIT */
/*
 * api: the answer to a submission: accepted with an id, refused, or unclear. In doubt it is
 * unclear: then the row becomes unknown and is settled later, and nothing is sent again.
 */
#include "api/api.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"

/* The ids in an answer, from every member that may name one. */
struct named {
	char id[SK_API_ID];
	int contradictory;
};

static bool
is_id_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    c == '-' || c == '_';
}

/*
 * An id has a digit other than 0: "null", "none", "-1" and "0" are ways in which a server says that
 * there is none.
 */
static bool
is_id(const char *text, size_t n)
{
	bool has_digit = false;

	if (n == 0 || n >= sizeof(((struct named *)0)->id) || text[0] == '-' || text[0] == '_')
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_id_character(text[i]))
			return false;
		has_digit |= text[i] >= '1' && text[i] <= '9';
	}
	return has_digit;
}

static void
note_id(struct named *named, const char *text, size_t n)
{
	if (!is_id(text, n))
		return;
	if (named->id[0] == '\0')
		memcpy(named->id, text, n);
	else if (strlen(named->id) != n || memcmp(named->id, text, n) != 0)
		named->contradictory = 1;
}

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

/* Whether only blanks or punctuation precede it: in "Patient Id:7" the id isn't the writeback's. */
static bool
begins_there(const char *message, const char *at)
{
	while (at > message && (at[-1] == ' ' || at[-1] == '\t'))
		at--;
	return at == message || strchr(".,;:(|\r\n", at[-1]) != NULL;
}

/* Reads "Id:275495". */
static void
read_message(struct named *named, const char *message)
{
	const char *at, *id;
	size_t n;

	for (at = message; (at = strcasestr(at, "id")) != NULL; at++) {
		if (!begins_there(message, at))
			continue;
		id = skip_blanks(at + 2);
		if (*id != ':')
			continue;
		id = skip_blanks(id + 1);
		n = 0;
		while (is_id_character(id[n]))
			n++;
		if (id[n] == '\0' || strchr(" \t\r\n.,;)|", id[n]) != NULL)
			note_id(named, id, n);
	}
}

/* Reads "https://…/writeback_status?id=275495". */
static void
read_link(struct named *named, const char *link)
{
	const char *at = strchr(link, '?');

	for (; at != NULL; at = strchr(at + 1, '&')) {
		if (strncasecmp(at + 1, "id=", 3) == 0)
			note_id(named, at + 4, strcspn(at + 4, "&# \t\r\n"));
	}
}

/* Whether a member that decides stands there twice, and says two things: base/json_repair. */
static bool
says_two_things(const json_t *json)
{
	static const char *const members[] = {"long_message", "more_information", "id",
	    "error_code"};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (json_is_array(json_object_get(json, members[i])))
			return true;
	return false;
}

static void
read_ids(struct named *named, const json_t *json)
{
	const char *message = sk_json_string(json, "long_message");
	const char *link = sk_json_string(json, "more_information");
	json_t *id = json_object_get(json, "id");
	char *text;

	memset(named, 0, sizeof(*named));
	named->contradictory = says_two_things(json);
	if (message != NULL)
		read_message(named, message);
	if (link != NULL)
		read_link(named, link);
	if (!json_is_string(id) && !json_is_integer(id))
		return;
	text = sk_json_text(id);
	note_id(named, text, strlen(text));
	free(text);
}

/*
 * What isn't surely accepted and isn't surely refused is unclear, and a request with an unclear
 * answer is never sent again. So a code that accepts, beside a status that refuses, is unclear,
 * too: sikka-life(7), Answers.
 */
static enum sk_api_write
judge(const struct sk_api_reply *reply, const struct named *named)
{
	const struct sk_api_code *known = sk_api_code_find(reply->code);
	int status = reply->http_status;

	if (known != NULL && known->write != SK_WRITE_ACCEPTED && known->write != SK_WRITE_UNCLEAR)
		return known->write;
	if (status >= 200 && status <= 299) {
		if (!json_is_object(reply->json) || named->contradictory)
			return SK_WRITE_UNCLEAR;
		if (named->id[0] != '\0' || (known != NULL && known->write == SK_WRITE_ACCEPTED))
			return SK_WRITE_ACCEPTED;
		return SK_WRITE_UNCLEAR;
	}
	if (known != NULL || status < 400 || status > 499 || status == 408)
		return SK_WRITE_UNCLEAR;
	if (status == 429)
		return SK_WRITE_REFUSED_PASSING;
	if (status == 401 && reply->code[0] == '\0')
		return SK_WRITE_REFUSED_KEY;
	return SK_WRITE_REFUSED;
}

void
sk_api_read_submission(const struct sk_http_answer *answer, struct sk_api_submission *submission)
{
	struct sk_api_reply reply;
	struct named named;

	memset(submission, 0, sizeof(*submission));
	sk_api_read(answer, &reply);
	submission->verdict = SK_WRITE_UNCLEAR;
	submission->not_sent = answer->outcome == SK_HTTP_NOT_SENT;
	submission->is_json = reply.json != NULL;
	submission->repairs = reply.records.repairs;
	submission->http_status = reply.http_status;
	memcpy(submission->code, reply.code, sizeof(submission->code));
	memcpy(submission->text, reply.text, sizeof(submission->text));
	if (answer->outcome == SK_HTTP_ANSWERED) {
		read_ids(&named, reply.json);
		submission->verdict = judge(&reply, &named);
		if (submission->verdict == SK_WRITE_ACCEPTED)
			memcpy(submission->id, named.id, sizeof(submission->id));
	}
	sk_api_reply_fini(&reply);
}
