/* SPDX-License-Identifier: MIT */
/*
 * A request as it comes in from libmicrohttpd: first its address, then its headers, then its body in pieces.
 */
#ifndef _GNU_SOURCE /* strcasestr */
#define _GNU_SOURCE
#endif
#include "incoming.h"

#include <string.h>

#include "log.h"

typedef struct MHD_Connection connection;

void *
incoming_uri(void *cls, const char *uri, connection *c)
{
	(void)cls;
	(void)c;
	return request_new(uri);
}

static char *
header(connection *c, const char *name)
{
	const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);

	return value != NULL ? x_dup(value) : NULL;
}

/* Links lead where the client came from: it may know this server by another name or port. */
static char *
base_of(const struct sim *sim, connection *c)
{
	const char *host = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Host");

	if (host == NULL || *host == '\0')
		return x_dup(sim->base);
	return x_printf("%s://%s/v4", sim->set.certificate != NULL ? "https" : "http", host);
}

static enum MHD_Result
note_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	json_t *headers = cls;

	(void)kind;
	/* What isn't UTF-8 can't be shown, and is left out. */
	json_object_set_new(headers, name,
	    json_string(log_header(name, value != NULL ? value : "")));
	return MHD_YES;
}

void
incoming_headers(const struct sim *sim, connection *c, struct request *rq, const char *method)
{
	const char *encodings = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Accept-Encoding");

	rq->started = true;
	rq->method = x_dup(method);
	rq->base = base_of(sim, c);
	rq->app_id = header(c, "App-Id");
	rq->app_key = header(c, "App-Key");
	rq->request_key = header(c, "Request-Key");
	rq->refresh_key = header(c, "Refresh-Key");
	rq->content_type = header(c, "Content-Type");
	rq->gzip = encodings != NULL && strcasestr(encodings, "gzip") != NULL;
	rq->headers = json_object();
	if (rq->api)
		MHD_get_connection_values(c, MHD_HEADER_KIND, note_header, rq->headers);
}

void
incoming_body(struct request *rq, const char *data, size_t length)
{
	if (rq->body.length + length > (rq->sim ? SIM_BODY_MAX : BODY_MAX))
		rq->body_too_long = true; /* the rest is read and dropped: so the answer arrives */
	else
		text_add(&rq->body, data, length);
}
