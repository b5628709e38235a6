/* SPDX-License-Identifier: MIT */
/*
 * api: URLs and signatures of requests, and the reading of answers. Of an answer that can't be
 * understood the message tells the status, and where it can't be read.
 */
#include "api/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/filter.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

#define LONGEST_TITLE 80 /* bytes of an HTML page's title, for the message */

static bool
is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '.' || c == '_' || c == '~';
}

char *
sk_api_escape(const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	char *escaped = sk_mem_alloc(strlen(text) * 3 + 1), *to = escaped;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (is_unreserved(c)) {
			*to++ = *text;
			continue;
		}
		*to++ = '%';
		*to++ = hex[c >> 4];
		*to++ = hex[c & 15];
	}
	*to = '\0';
	return escaped;
}

char *
sk_api_url(const struct sk_config *config, const char *path,
    const struct sk_api_parameter *parameters, size_t n)
{
	struct sk_text url = {0};

	sk_text_add_format(&url, "%s%s", config->base_url, path);
	for (size_t i = 0; i < n; i++) {
		char *name = sk_api_escape(parameters[i].name);
		char *value = sk_api_escape(parameters[i].value);

		sk_text_add_format(&url, "%c%s=%s", i == 0 ? '?' : '&', name, value);
		free(value);
		free(name);
	}
	return sk_text_take(&url);
}

/*
 * A header that is already set gets the new value: a request may be signed again, with another key.
 */
static void
put_header(struct sk_http_request *request, const char *name, const char *value)
{
	for (size_t i = 0; i < SK_HTTP_HEADERS; i++) {
		struct sk_http_header *header = &request->headers[i];

		if (header->name != NULL && strcmp(header->name, name) != 0)
			continue;
		header->name = name;
		header->value = value;
		return;
	}
}

void
sk_api_sign_app(struct sk_http_request *request, const struct sk_config *config)
{
	put_header(request, "App-Id", config->app_id);
	put_header(request, "App-Key", config->app_key);
}

void
sk_api_sign_office(struct sk_http_request *request, const char *request_key)
{
	put_header(request, "Request-Key", request_key);
}

void
sk_api_sign_refresh(struct sk_http_request *request, const char *refresh_key)
{
	put_header(request, "Refresh-Key", refresh_key);
}

/*
 * Copies as much of n bytes as fits, and never part of a character: the text goes into JSON
 * records, which take valid UTF-8 only.
 */
static void
put_text(char *to, size_t size, const char *text, size_t n)
{
	size_t at = 0, used = 0;

	while (at < n) {
		size_t length = text[at] != '\0' ? sk_utf8_length(text + at, n - at) : 0;

		if (used + (length > 0 ? length : 1) >= size)
			break;
		if (length == 0) {
			to[used++] = '?';
			at++;
			continue;
		}
		memcpy(to + used, text + at, length);
		used += length;
		at += length;
	}
	to[used] = '\0';
}

/* A text that somebody else wrote, of at most n bytes. */
static void
put_filtered(char *to, size_t size, const char *text, size_t n)
{
	char *copy = sk_mem_copy_bytes(text, strnlen(text, n)), *shown = sk_filter(copy);

	put_text(to, size, shown, strlen(shown));
	free(shown);
	free(copy);
}

/* The error_code decides before the HTTP status;
 * success carries one too (sikka-api(7), Messages). */
static enum sk_api_class
classify(const struct sk_api_reply *reply, const struct sk_api_code *known)
{
	int status = reply->http_status;
	int is_well = status >= 200 && status <= 299;

	if (known != NULL && known->class == SK_API_EMPTY && status < 500)
		return SK_API_EMPTY;
	if (known != NULL && known->class != SK_API_EMPTY && known->class != SK_API_OK &&
	    known->class != SK_API_ACCEPTED)
		return known->class;
	if (status == 204)
		return SK_API_EMPTY;
	if (is_well)
		return reply->json != NULL ? SK_API_OK : SK_API_UNCLEAR;
	if (status == 429)
		return SK_API_LIMITED;
	if (status == 401 && reply->code[0] == '\0')
		return SK_API_REAUTHENTICATE;
	if (status == 408 || (status >= 500 && status <= 599))
		return SK_API_RETRY;
	if (status >= 400 && status <= 499)
		return SK_API_REFUSED;
	return SK_API_UNCLEAR;
}

static const char *
message_of(const json_t *json, const struct sk_api_code *known)
{
	static const char *const members[] = {"long_message", "log_message", "short_message"};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *text = sk_json_string(json, members[i]);

		if (text != NULL)
			return text;
	}
	return known != NULL ? known->means : NULL;
}

/* Why an answer isn't JSON: a proxy's page by its title, anything else by the place of the fault. */
static void
put_trouble(char *to, size_t size, const struct sk_http_answer *answer,
    const struct sk_api_records *records)
{
	const char *page = answer->body + strspn(answer->body, " \t\r\n");
	const char *title = strcasestr(page, "<title>");
	size_t n;
	int used;

	if (*page != '<') {
		snprintf(to, size, ", not JSON: %s, at byte %zu of %zu", records->trouble,
		    records->trouble_at, answer->body_length);
		return;
	}
	used = snprintf(to, size, ", not JSON, but a page of HTML");
	if (title == NULL)
		return;
	title += strlen("<title>");
	title += strspn(title, " \t\r\n");
	n = strcspn(title, "<");
	used += snprintf(to + used, size - (size_t)used, ": ");
	put_filtered(to + used, size - (size_t)used, title, n < LONGEST_TITLE ? n : LONGEST_TITLE);
}

static void
put_reply_text(struct sk_api_reply *reply, const struct sk_http_answer *answer,
    const struct sk_api_code *known)
{
	const char *message = message_of(reply->json, known);
	int used;

	if (message != NULL) {
		put_filtered(reply->text, sizeof(reply->text), message, strlen(message));
		return;
	}
	if (reply->class == SK_API_OK || reply->class == SK_API_EMPTY)
		return;
	used = snprintf(reply->text, sizeof(reply->text), "HTTP %d%s", reply->http_status,
	    reply->http_status >= 300 && reply->http_status <= 399 ? ", a redirect, not followed"
								   : "");
	if (reply->json != NULL || answer->body_length == 0)
		return;
	put_trouble(reply->text + used, sizeof(reply->text) - (size_t)used, answer,
	    &reply->records);
}

void
sk_api_read(const struct sk_http_answer *answer, struct sk_api_reply *reply)
{
	const struct sk_api_code *known;
	char *code = NULL;

	memset(reply, 0, sizeof(*reply));
	reply->http_status = answer->status;
	if (answer->outcome != SK_HTTP_ANSWERED) {
		reply->class = SK_API_RETRY;
		put_text(reply->text, sizeof(reply->text), answer->trouble,
		    strlen(answer->trouble));
		return;
	}
	if (answer->body_length > 0)
		reply->json =
		    sk_api_records_read(&reply->records, answer->body, answer->body_length);
	if (!reply->records.is_list)
		code = sk_json_member_text(reply->json, "error_code");
	if (code != NULL)
		put_text(reply->code, sizeof(reply->code), code, strlen(code));
	free(code);
	known = sk_api_code_find(reply->code);
	reply->class = classify(reply, known);
	put_reply_text(reply, answer, known);
}

void
sk_api_reply_fini(struct sk_api_reply *reply)
{
	json_decref(reply->json);
	reply->json = NULL;
	memset(&reply->records, 0, sizeof(reply->records));
}

void
sk_api_reply_be_record(struct sk_api_reply *reply)
{
	json_decref(reply->json);
	reply->json = json_object();
	json_object_set_new(reply->json, "total_count", json_integer(1));
	sk_api_records_be_object(&reply->records);
}

bool
sk_api_reply_be_list(struct sk_api_reply *reply)
{
	json_t *around;

	if (!sk_api_records_be_list(&reply->records, &around))
		return false;
	if (!json_is_object(reply->json) || reply->records.is_uncounted) {
		json_decref(reply->json);
		reply->json = json_object();
	}
	/* What counts the records stands beside them. */
	if (around != NULL)
		json_object_update(reply->json, around);
	json_decref(around);
	return true;
}

static enum sk_exit
exit_code_of(const struct sk_api_reply *reply)
{
	switch (reply->class) {
	case SK_API_REFUSED:
		return strcmp(reply->code, "API2004") == 0 ? SK_EXIT_NOT_AUTHORIZED
							   : SK_EXIT_FAILED;
	case SK_API_REAUTHENTICATE:
		/* Without a code of the server's, a 401 may be anybody's: it blames nobody. */
		return reply->code[0] != '\0' ? SK_EXIT_NOT_AUTHORIZED : SK_EXIT_UNAVAILABLE;
	case SK_API_REAUTHORIZE:
	case SK_API_CONFIG:
		return SK_EXIT_NOT_AUTHORIZED;
	case SK_API_RETRY:
		return SK_EXIT_UNAVAILABLE;
	case SK_API_LIMITED:
	case SK_API_DAILY_LIMIT:
	case SK_API_SPU_OFFLINE:
		return SK_EXIT_TRY_LATER;
	case SK_API_UNCLEAR:
		return reply->http_status >= 200 && reply->http_status <= 299 ? SK_EXIT_PROTOCOL
									      : SK_EXIT_UNAVAILABLE;
	case SK_API_OK:
	case SK_API_ACCEPTED:
	case SK_API_EMPTY:
		break;
	}
	/* The answer is a success, and yet not what the caller needs. */
	return SK_EXIT_PROTOCOL;
}

#define REMEDY 300 /* room for one */

/* The command that mends the trouble, where one is known. Returns it, or text with it. */
static const char *
remedy_of(const struct sk_api_reply *reply, char text[REMEDY])
{
	if (strcmp(reply->code, "API2004") == 0)
		return "; this application may not use it: ask the vendor for the permission";
	switch (reply->class) {
	case SK_API_CONFIG:
		snprintf(text, REMEDY, "; check %s, then run sikka-authorize",
		    reply->app_source != NULL ? reply->app_source : "app_id and the app key");
		return text;
	case SK_API_REAUTHORIZE:
		return "; the practice must authorize again in the vendor's marketplace";
	default:
		return "";
	}
}

int
sk_api_fail(const struct sk_api_reply *reply, const char *what, struct sk_error *err)
{
	char remedy[REMEDY];

	if (err == NULL || err->code != SK_EXIT_OK)
		return -1;
	if (reply->code[0] != '\0')
		sk_error_set(err, exit_code_of(reply), "%s: %s (%s)%s", what, reply->text,
		    reply->code, remedy_of(reply, remedy));
	else
		sk_error_set(err, exit_code_of(reply), "%s: %s%s", what,
		    reply->text[0] != '\0' ? reply->text : "an answer that makes no sense",
		    remedy_of(reply, remedy));
	snprintf(err->server_code, sizeof(err->server_code), "%s", reply->code);
	return -1;
}

bool
sk_api_is_not_allowed(const struct sk_error *err)
{
	return strcmp(err->server_code, "API2004") == 0;
}
