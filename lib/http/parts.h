/* SPDX-License-Identifier: MIT */
/*
 * http_parts: what the files of http share: one answer as it comes in, where the certificates are,
 * and the output of -vv. Nobody else includes it. It doesn't need libcurl.
 */
#ifndef SK_HTTP_PARTS_H
#define SK_HTTP_PARTS_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "http/http.h"

#define SK_HTTP_MOST INT64_C(0x4000000) /* 64 MiB, after decompression */

/*
 * An answer as it comes in. Starts with all members zero. fini may also be called after the answer
 * was moved out.
 */
struct sk_http_incoming {
	struct sk_http_answer answer;
	int headers_end; /* the blank line after a final (not 1xx) header block was seen */
	size_t header_bytes;
	size_t capacity;      /* of answer.body */
	char retry_after[64]; /* as received: a date in it is relative to the header Date */
	struct sk_text shown; /* header lines for -vv; empty unless that was asked for */
	const char *refused;  /* why we stopped reading the answer */
};

void sk_http_incoming_reset(struct sk_http_incoming *in);

/*
 * Takes one header line as libcurl delivers it; takes the next bytes of the body. -1: stop reading.
 */
int sk_http_incoming_header(struct sk_http_incoming *in, const char *line, size_t n);
int sk_http_incoming_body(struct sk_http_incoming *in, const char *bytes, size_t n);

/* To be called when nothing more comes: computes Retry-After; the body is then never NULL. */
void sk_http_incoming_end(struct sk_http_incoming *in);

/*
 * Where the certificates of the authorities are. At most one member is set; neither: libcurl's own
 * default. The strings are freed by fini.
 */
struct sk_http_trust {
	char *file;
	char *folder;
};

/* The file that is configured; 78 when it can't be read. */
int sk_http_trust_configured(const struct sk_config *config, struct sk_http_trust *trust,
    struct sk_error *err);

/* Where none is configured: the folder that the TLS library of libcurl reads fastest, if there is one. */
void sk_http_trust_find(const char *tls_library, const char *built_in_folder,
    struct sk_http_trust *trust);
void sk_http_trust_fini(struct sk_http_trust *trust);

/*
 * Whether a request may be sent to url: 78 unless it is https, or http to a loopback address, both
 * by our own reading and by libcurl's. *loopback: whether it stays on this machine.
 */
int sk_http_check_url(const char *url, int *loopback, struct sk_error *err);

/* Prints for -vv, with secrets and patients' data masked. shown: header lines, may be NULL. */
void sk_http_trace_request(const struct sk_http_request *request);
void sk_http_trace_answer(const struct sk_http_answer *answer, const char *url,
    const struct sk_text *shown, int64_t took);

/* Appends "name: value" to *shown; the value only where it is harmless. */
void sk_http_trace_header(struct sk_text *shown, const char *name, size_t n_name, const char *value,
    size_t n_value);

#endif
