/* SPDX-License-Identifier: MIT */
#include "calls/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

int
sk_pages_app(void *wire, const struct sk_call *call, struct sk_api_reply *reply,
    struct sk_error *err)
{
	return sk_wire_call(wire, call, reply, err);
}

/* 0 go on, 1 enough, -1 error. */
static int
read_page(const struct sk_paged_list *listing, const struct sk_call *call, sk_record_fn *record,
    void *arg, struct sk_api_pages *pages, struct sk_error *err)
{
	struct sk_api_reply reply;
	json_t *records, *one;
	size_t i;
	int enough = -1;

	if (listing->fetch(listing->fetch_arg, call, &reply, err) != 0)
		return -1;
	if (reply.class != SK_API_OK && reply.class != SK_API_EMPTY) {
		sk_api_fail(&reply, listing->path, err);
		goto out;
	}
	if (sk_api_pages_take(pages, &reply, &records, err) != 0)
		goto out;
	enough = 0;
	json_array_foreach(records, i, one)
	{
		enough = record(arg, one, err);
		if (enough != 0)
			break;
	}
out:
	sk_api_reply_fini(&reply);
	return enough;
}

int
sk_pages_read(const struct sk_paged_list *listing, sk_record_fn *record, void *arg,
    struct sk_api_pages *pages, struct sk_error *err)
{
	size_t n = listing->n_parameters;
	struct sk_api_parameter *parameters = sk_mem_zero(n + 2, sizeof(*parameters));
	char offset[SK_API_NUMBER], limit[SK_API_NUMBER];
	int enough = 0;

	if (n > 0)
		memcpy(parameters, listing->parameters, n * sizeof(*parameters));
	parameters[n] = (struct sk_api_parameter){"offset", offset};
	parameters[n + 1] = (struct sk_api_parameter){"limit", limit};
	sk_api_pages_init(pages, listing->page_size);
	while (!pages->ended && enough == 0) {
		struct sk_call call = {.method = "GET",
		    .path = listing->path,
		    .parameters = parameters,
		    .n_parameters = n + 2,
		    .use = listing->use,
		    .data_in_progress = listing->data_in_progress};

		sk_api_pages_ask(pages, offset, limit);
		enough = read_page(listing, &call, record, arg, pages, err);
	}
	free(parameters);
	return enough < 0 ? -1 : 0;
}
