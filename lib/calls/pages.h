/* SPDX-License-Identifier: MIT */
/*
 * pages: a listing, page after page (sikka-api(7), Reading). A page that fails is asked for again,
 * the ones before are not. Memory stays that of a page.
 */
#ifndef SK_CALLS_PAGES_H
#define SK_CALLS_PAGES_H

#include <jansson.h>

#include "base/error.h"
#include "api/api.h"
#include "calls/wire.h"

/* Performs one call: sk_pages_app, or token's for an office. */
typedef int sk_fetch_fn(void *arg, const struct sk_call *call, struct sk_api_reply *reply,
    struct sk_error *err);

/* For each record (borrowed). 0 go on, 1 enough, -1 with err. */
typedef int sk_record_fn(void *arg, json_t *record, struct sk_error *err);

struct sk_paged_list {
	sk_fetch_fn *fetch;
	void *fetch_arg;
	const char *path;
	const struct sk_api_parameter *parameters;
	size_t n_parameters;
	enum sk_rate_use use;
	int64_t page_size;
	int64_t *data_in_progress; /* may be NULL */
};

/* fetch_arg is a struct sk_wire: a call of the application. */
int sk_pages_app(void *wire, const struct sk_call *call, struct sk_api_reply *reply,
    struct sk_error *err);

/* Reads all pages, or until record says enough. pages tells afterwards whether it was whole. */
int sk_pages_read(const struct sk_paged_list *listing, sk_record_fn *record, void *arg,
    struct sk_api_pages *pages, struct sk_error *err);

#endif
