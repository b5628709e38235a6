/* SPDX-License-Identifier: MIT */
/*
 * http: requests over libcurl's multi interface, under one event loop. The only module that sees
 * libcurl.
 *
 * What it promises about a write (SK_HTTP_WRITE; sikka-life(7), One attempt): one attempt per
 * transfer, also where libcurl would repeat it silently; no Expect; HTTP/1.1 on a connection that
 * is fresh or was used within the last seconds; not begun when more than 30 s of CLOCK_BOOTTIME
 * have passed since the claim; nothing retransmitted past the request's own time-out
 * (TCP_USER_TIMEOUT). Of each request: no redirects, no netrc, no proxy to loopback, https only but
 * for loopback, TLS 1.2 or newer, connect 10 s, whole request 60 s, at most 64 MiB after
 * decompression: of one answer, and of all that are coming in together (then a read gives way).
 *
 * An answer counts (SK_HTTP_ANSWERED) only when the blank line after its headers was seen and its
 * body is whole. Whether anything was sent is read from what libcurl counted, not from its error.
 *
 * Rules for callers: done() runs inside sk_http_turn; it may start requests, but
 * not turn, wait or free. The answer is http's and is freed when done() returns;
 * sk_http_answer_take moves it out. Everything in a request is copied by sk_http_start.
 */
#ifndef SK_HTTP_HTTP_H
#define SK_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"

struct sk_http;

enum sk_http_kind {
	SK_HTTP_READ, /* may be repeated: GET, and a DELETE of a writeback */
	SK_HTTP_WRITE /* submissions and renewals: one attempt */
};

struct sk_http_header {
	const char *name;
	const char *value;
};

#define SK_HTTP_HEADERS 6

/* What a request was at when it ended. */
enum sk_http_stage {
	SK_HTTP_STAGE_NAME,    /* the server's name was looked up */
	SK_HTTP_STAGE_PROXY,   /* the proxy's name was */
	SK_HTTP_STAGE_CONNECT, /* a connection was opened, to the server or the proxy */
	SK_HTTP_STAGE_TLS,
	SK_HTTP_STAGE_ANSWER /* sent, and what came back */
};

/* For people: how a request got to the server, as far as it got. A text that isn't known is "". */
struct sk_http_details {
	enum sk_http_stage stage;
	char proxy[200];     /* what names the proxy, and the proxy, without its password */
	char address[64];    /* of the server, or of the proxy */
	char tls[24];        /* the version */
	char issuer[200];    /* of the server's certificate */
	int64_t valid_until; /* the certificate's end; 0: not known */
};

struct sk_http_request {
	enum sk_http_kind kind;
	const char *method; /* "GET", "POST", … */
	const char *url;
	struct sk_http_header headers[SK_HTTP_HEADERS]; /* entries without a name are skipped */
	const char *body;                               /* JSON, or NULL */
	size_t body_length;
	int64_t claimed_at; /* sk_time_boot() of the claim; 0: no limit of age */
	int64_t timeout;    /* whole request, ms; 0: 60 s */
	/* NULL: nobody wants them. They are filled when done() is called. */
	struct sk_http_details *details;
};

enum sk_http_outcome {
	SK_HTTP_NOT_SENT, /* surely not a byte of the request left */
	SK_HTTP_UNCLEAR,  /* something left, and no whole answer came */
	SK_HTTP_ANSWERED  /* headers and body are whole */
};

/* A header that is missing: NULL as text, -1 as number, 0 as moment. */
struct sk_http_answer {
	enum sk_http_outcome outcome;
	int status; /* 0 when no status line came */
	char *body; /* NUL-terminated, never NULL when answered */
	size_t body_length;
	char *content_type;
	char *data_insert;
	int64_t date;               /* the server's clock */
	int64_t key_expires;        /* Request-Key-Expires */
	int64_t limit;              /* X-Rate-Limit-Limit */
	int64_t remaining;          /* X-Rate-Limit-Remaining */
	int64_t reset;              /* X-Rate-Limit-Reset, ms from now */
	int64_t retry_after;        /* Retry-After, ms from now (seconds or a date) */
	int64_t sent;               /* sk_time_boot() when the transfer was handed to libcurl … */
	int64_t received;           /* … and when its end was seen; 0: it couldn't be begun */
	char trouble[200];          /* what libcurl reported, unless answered */
	int no_memory;              /* libcurl ran out of memory: 71 */
	int timed_out;              /* it took longer than the request may */
	enum sk_exit not_startable; /* why the request couldn't even be begun */
	int untrusted;              /* certificate or TLS trouble: retrying won't help */
};

typedef void sk_http_done_fn(void *arg, struct sk_http_answer *answer);

/* Fails with 78 when a CA file can't be read. libcurl isn't opened yet. One per process at a time. */
int sk_http_new(const struct sk_config *config, struct sk_http **http, struct sk_error *err);

/*
 * Opens libcurl, unless it is open. sk_http_start does so, too; whoever writes down what it is about to send
 * opens it before, so that nothing is noted as sent which can't be. -1: 71, libcurl isn't there, or can't start.
 */
int sk_http_open(struct sk_http *http, struct sk_error *err);
void sk_http_free(struct sk_http *http); /* drops running requests; done() isn't called */

/*
 * Starts one. -1: nothing was sent and done() won't be called (78 a URL that no key may go to, 71,
 * 70 a header or a method that can't be sent). The caller keeps the number of running requests below
 * the config's connections: libcurl's time-out, and the 30 s since the claim, run while a transfer
 * queues inside of it.
 * Accept and, with a body, Content-Type are application/json unless the headers say otherwise.
 */
int sk_http_start(struct sk_http *http, const struct sk_http_request *request,
    sk_http_done_fn *done, void *arg, struct sk_error *err);

/*
 * One turn of the loop: waits at most timeout ms until something happens on a transfer, on fd (-1:
 * none) or on the stop pipe; calls done() for what has ended. Returns whether fd is readable (or at
 * its end).
 */
bool sk_http_turn(struct sk_http *http, int64_t timeout, int fd);

void sk_http_answer_take(struct sk_http_answer *from, struct sk_http_answer *to);
void sk_http_answer_fini(struct sk_http_answer *answer);

#endif
