/* SPDX-License-Identifier: MIT */
/*
 * Builds answers: JSON, message objects with the usual status of their code, compression. What
 * can't be built shows as an empty body.
 */
#ifndef _GNU_SOURCE /* vasprintf, strcasestr, POLLRDHUP */
#define _GNU_SOURCE
#endif
#include "answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const struct {
	const char *code;
	int status;
	const char *text;
} codes[] = {
    {"API0002", 200, "Session ended successfully"},
    {"API0003", 200, "Session ended successfully"},
    {"API0004", 200, "Message sent successfully"},
    {"API0005", 200, "Message could not be sent"},
    {"API0006", 200, "Call details logged successfully"},
    {"API0007", 200, "Appointment change logged successfully"},
    {"API0008", 200, "Appointment status not logged"},
    {"API0009", 200, "Claim change logged successfully"},
    {"API0011", 200, "Patient change logged successfully"},
    {"API1001", 400, "Application id is missing"},
    {"API1002", 400, "Application key is missing"},
    {"API1003", 400, "Master customer id is missing"},
    {"API1004", 400, "Request key is missing or invalid"},
    {"API1005", 400, "Secret key is missing"},
    {"API1006", 415, "Unsupported format"},
    {"API1007", 200, "Appointment change logged successfully"},
    {"API1020", 400, "Missing parameter"},
    {"API1025", 400, "Request key has expired"},
    {"API1026", 400, "Missing or invalid parameter"},
    {"API1027", 400, "Bad request"},
    {"API1029", 202, "Remote command accepted"},
    {"API2001", 500, "Internal server error"},
    {"API2002", 503, "Service overloaded, please try later"},
    {"API2003", 401, "Authentication failed"},
    {"API2004", 401, "You are not allowed to use this API"},
    {"API2005", 204, "No content found"},
    {"API2006", 500, "Error while processing the request"},
    {"API2007", 401, "Practice has withdrawn its authorization"},
    {"API2009", 404, "Resource not found"},
    {"API2010", 500, "Practice has not uploaded any data yet"},
    {"API2011", 429, "Daily data limit of the practice reached"},
    {"API2012", 429, "Daily request limit of the practice reached"},
    {"API2013", 409, "Resource already exists"},
    {"API2014", 405, "Method not allowed"},
    {"API2015", 409, "Resource already exists"},
    {"API2016", 201, "New resource created successfully"},
    {"API2017", 412, "Sikka Platform Utility is offline"},
    {"API2018", 410, "Resource is gone"},
    {"API2019", 422, "Invalid parameters"},
    {"API2022", 504, "Gateway timeout"},
    {"API4002", 200, "String could not be decrypted"},
    {"API4003", 200, "String could not be decrypted"},
    {"API4004", 200, "String could not be decrypted"},
    {"API4005", 200, "String could not be decrypted"},
    {"API4006", 200, "Writeback request deleted successfully."},
};
enum { CODES = sizeof(codes) / sizeof(codes[0]) };

static const struct {
	int status;
	const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};
enum { REASONS = sizeof(reasons) / sizeof(reasons[0]) };

const char *
answer_reason(int status)
{
	for (size_t i = 0; i < REASONS; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

static const char json_media[] = "application/json; charset=UTF-8";

static void
drop_body(struct answer *an)
{
	free(an->body);
	an->body = NULL;
	an->length = 0;
	an->type = NULL;
}

void
answer_free(struct answer *an)
{
	drop_body(an);
	for (int i = 0; i < an->header_count; i++)
		free(an->headers[i].value);
	an->header_count = 0;
}

void
answer_header(struct answer *an, const char *name, const char *value)
{
	if (an->header_count >= HEADERS_MAX)
		return;
	an->headers[an->header_count].name = name;
	an->headers[an->header_count].value = x_dup(value);
	an->header_count++;
}

void
answer_text(struct answer *an, int status, const char *type, const char *body)
{
	drop_body(an);
	an->status = status;
	an->type = type;
	an->body = x_dup(body);
	an->length = strlen(body);
}

void
answer_json(struct answer *an, int status, json_t *json)
{
	drop_body(an);
	an->status = status;
	an->type = json_media;
	an->body = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (an->body ==
	    NULL) /* can't happen with the values built here; an empty body would show it */
		an->body = x_dup("");
	an->length = strlen(an->body);
}

void
answer_written(struct answer *an, int status, struct text *json)
{
	drop_body(an);
	an->status = status;
	an->type = json_media;
	an->body = json->s;
	an->length = json->length;
	*json = (struct text){0};
}

void
answer_message(struct answer *an, int status, const char *code, const char *long_message,
    const char *more)
{
	json_t *o = json_object();
	const char *text = "";

	for (size_t i = 0; i < CODES; i++)
		if (strcmp(codes[i].code, code) == 0)
			text = codes[i].text;
	json_putf(o, "http_code", "%d", status);
	json_put(o, "http_code_desc", answer_reason(status));
	json_put(o, "error_code", code);
	json_put(o, "short_message", *text ? text : answer_reason(status));
	json_put(o, "long_message", long_message);
	json_put(o, "more_information", more);
	answer_json(an, status, o);
}

int
answer_status(const char *code)
{
	for (size_t i = 0; i < CODES; i++)
		if (strcmp(codes[i].code, code) == 0)
			return codes[i].status;
	return 0;
}

void
answer_code(struct answer *an, const char *code, const char *format, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		text = x_dup("");
	va_end(ap);
	answer_message(an, answer_status(code), code, text, "");
	free(text);
}

void
answer_daily(struct answer *an, const char *code)
{
	answer_code(an, code, "%s of this practice for today %s used up",
	    strcmp(code, "API2011") == 0 ? "The data volume" : "Requests",
	    strcmp(code, "API2011") == 0 ? "is" : "are");
}

void
answer_empty(struct answer *an)
{
	drop_body(an);
	an->status = 204;
}

bool
answer_gzip(struct answer *an)
{
	z_stream z = {0};
	char *out;
	size_t room;
	bool ok;

	if (an->length <= 1024)
		return false;
	/*
	 * Quickly: whoever measures a program against this server doesn't want to measure zlib. 16 asks for
	 * gzip's header, 15 is the usual window.
	 */
	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	room = deflateBound(&z, an->length);
	out = x_new(room);
	z.next_in = (unsigned char *)an->body;
	z.avail_in = (unsigned)an->length;
	z.next_out = (unsigned char *)out;
	z.avail_out = (unsigned)room;
	ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
	if (ok) {
		free(an->body);
		an->body = out;
		an->length = z.total_out;
		answer_header(an, "Content-Encoding", "gzip");
		answer_header(an, "Vary", "Accept-Encoding");
	} else {
		free(out);
	}
	deflateEnd(&z);
	return ok;
}
