/* SPDX-License-Identifier: MIT */
/*
 * http: what -vv prints of requests and answers, with secrets and patients' data masked.
 */
#include "http/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"

/* Longer bodies aren't masked and shown: a page of the server's list has megabytes. */
#define MOST_MASKED 65536
#define MOST_SHOWN 2000

/* The masked body after a blank; an empty text when there is no body. */
static char *
mask_body(const char *body, size_t n)
{
	char *masked, *text;

	if (body == NULL || n == 0)
		return sk_mem_copy("");
	if (n > MOST_MASKED)
		return sk_mem_printf(" (%zu bytes)", n);
	masked = sk_secret_mask_json(body, n);
	text =
	    sk_mem_printf(" %.*s%s", MOST_SHOWN, masked, strlen(masked) > MOST_SHOWN ? "..." : "");
	free(masked);
	return text;
}

void
sk_http_trace_header(struct sk_text *shown, const char *name, size_t n_name, const char *value,
    size_t n_value)
{
	int harmless = sk_secret_header_is_harmless(name, n_name);

	if (shown->used > MOST_SHOWN || n_name > MOST_SHOWN || n_value > MOST_SHOWN)
		return;
	sk_text_add_format(shown, "%s%.*s: %.*s", shown->used > 0 ? ", " : "", (int)n_name, name,
	    harmless ? (int)n_value : 3, harmless ? value : "***");
}

void
sk_http_trace_request(const struct sk_http_request *request)
{
	const struct sk_http_header *header;
	struct sk_text shown = {0};
	char *url, *body;

	if (!sk_out_debugs())
		return;
	url = sk_secret_mask_url(request->url);
	body = mask_body(request->body, request->body_length);
	for (int i = 0; i < SK_HTTP_HEADERS; i++) {
		header = &request->headers[i];
		if (header->name != NULL && header->value != NULL)
			sk_http_trace_header(&shown, header->name, strlen(header->name),
			    header->value, strlen(header->value));
	}
	if (request->body != NULL)
		sk_out_debug("> %s %s (%zu bytes) [%s]%s", request->method, url,
		    request->body_length, sk_text_bytes(&shown), body);
	else
		sk_out_debug("> %s %s [%s]", request->method, url, sk_text_bytes(&shown));
	sk_text_fini(&shown);
	free(body);
	free(url);
}

static const char *
outcome_name(enum sk_http_outcome outcome)
{
	switch (outcome) {
	case SK_HTTP_NOT_SENT:
		return "not sent";
	case SK_HTTP_UNCLEAR:
		return "unclear";
	case SK_HTTP_ANSWERED:
		break;
	}
	return "answered";
}

void
sk_http_trace_answer(const struct sk_http_answer *answer, const char *url,
    const struct sk_text *shown, int64_t took)
{
	char *masked, *body;

	if (!sk_out_debugs())
		return;
	masked = sk_secret_mask_url(url);
	if (answer->outcome == SK_HTTP_ANSWERED) {
		body = mask_body(answer->body, answer->body_length);
		sk_out_debug("< %d in %lld ms %s (%zu bytes) [%s]%s", answer->status,
		    (long long)took, masked, answer->body_length, sk_text_bytes(shown), body);
		free(body);
	} else {
		sk_out_debug("< %s after %lld ms %s: %s", outcome_name(answer->outcome),
		    (long long)took, masked, answer->trouble);
	}
	free(masked);
}
