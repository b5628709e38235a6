/* SPDX-License-Identifier: MIT */
/*
 * http_transfer: one request with all its options (transfer.c), as the event loop (http.c) runs it.
 * Nobody else includes it.
 */
#ifndef SK_HTTP_TRANSFER_H
#define SK_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "http/parts.h"

struct sk_http_transfer {
	struct sk_http *http;
	struct sk_http_transfer *next;
	CURL *easy;
	struct curl_slist *headers;
	enum sk_http_kind kind;
	char *url;
	char *body;
	size_t body_length;
	int64_t claimed_at;
	int64_t timeout;
	int64_t begun_at; /* on the monotonic clock */
	sk_http_done_fn *done;
	void *arg;
	struct sk_http_incoming in;
	struct sk_http_details *details; /* the caller's, or NULL */
	int attempts;                    /* how often libcurl was about to send the request */
	int let_go;                      /* how often it was allowed to */
	long sent_before; /* counted by libcurl before the first attempt: CONNECT to a proxy */
	const char *held; /* why it wasn't allowed to send; NULL: it was */
	char error[CURL_ERROR_SIZE];
};

struct sk_http {
	CURLM *multi; /* NULL: libcurl isn't open yet */
	int is_begun; /* libcurl's own global state is */
	long connections;
	struct sk_http_trust trust;
	long read_version; /* the version of HTTP for reads */
	struct sk_http_transfer *running;
	struct sk_http_transfer *spare; /* ended transfers: their easy handles keep TLS sessions */
	size_t body_bytes;              /* of all answers that are coming in */
	int turning;
	int stop_seen; /* a turn has returned since a stop was asked for */
};

/* Copies the request in and sets its options. 0, or -1 (71, 70). */
int sk_http_transfer_prepare(struct sk_http_transfer *t, const struct sk_http_request *request,
    int loopback, struct sk_error *err);

/* The details of a request that wants them: the options for that (0, -1); and what is known at its end. */
int sk_http_details_ask(struct sk_http_transfer *t, struct sk_error *err);
void sk_http_details_take(struct sk_http_transfer *t, CURLcode code);

/* Writes the verdict to t->in.answer. To be called while libcurl still has the transfer. */
void sk_http_transfer_judge(struct sk_http_transfer *t, CURLcode code);

/* Wipes and frees the parts of request and answer; the easy handle stays. */
void sk_http_transfer_drop(struct sk_http_transfer *t);
void sk_http_transfer_free(struct sk_http_transfer *t);

#endif
