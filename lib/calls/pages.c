/* SPDX-License-Identifier: MIT */
/* pages: one call after the other, each for the next page of a list. */
#include "calls/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"

static void
ask_for_page(struct sk_pages *pages)
{
	sk_api_pages_ask(&pages->list, pages->offset, pages->limit);
	pages->call.can_be_smaller = pages->shrinks && sk_api_pages_size(&pages->list) > 1;
	sk_pool_add(pages->pool, &pages->call);
}

static void
end(struct sk_pages *pages)
{
	pages->is_done = 1;
	if (pages->done != NULL)
		pages->done(pages->arg, pages);
}

/* As take_records. */
static int
pass_on_records(struct sk_pages *pages, struct sk_api_records *records)
{
	json_t *record;
	int enough = 0;

	while (enough == 0 && (record = sk_api_records_next(records)) != NULL) {
		enough = pages->record(pages->arg, record, &pages->error);
		json_decref(record);
	}
	if (enough == 0 && records->left > 0)
		return sk_error_set(&pages->error, SK_EXIT_PROTOCOL,
		    "%s: a record that can't be read, at byte %zu of the page", pages->path,
		    records->at);
	return enough;
}

/* 0 go on, 1 enough, -1 with pages->error. */
static int
take_records(struct sk_pages *pages, struct sk_api_reply *reply)
{
	if (pages->prepare != NULL)
		pages->prepare(pages->arg, reply);
	if (reply->class != SK_API_OK && reply->class != SK_API_EMPTY)
		return sk_api_fail(reply, pages->path, &pages->error);
	if (sk_api_pages_take(&pages->list, reply, &pages->error) != 0)
		return sk_error_context(&pages->error, "%s", pages->path);
	return reply->class == SK_API_EMPTY ? 0 : pass_on_records(pages, &reply->records);
}

static int
take_page(struct sk_pages *pages)
{
	struct sk_call_result *result = pages->call.result;
	const char *data_insert = result->answer.data_insert;

	if (result->error.code != 0) {
		pages->error = result->error;
		return -1;
	}
	if (result->answer.date == 0)
		pages->is_undated = 1;
	if (data_insert != NULL && strcasestr(data_insert, "progress") != NULL)
		pages->is_reloading = 1;
	/* The next page is about as large as this one. */
	pages->call.expected = result->answer.body_length;
	return take_records(pages, &result->reply);
}

/* Whether the page that came to nothing is to be asked for in smaller ones. */
static bool
has_shrunk(struct sk_pages *pages)
{
	const struct sk_http_answer *answer = &pages->call.result->answer;
	int64_t size = sk_api_pages_size(&pages->list);

	if (!pages->call.can_be_smaller || !sk_call_is_too_much(answer) ||
	    !sk_api_pages_shrink(&pages->list))
		return false;
	sk_out_verbose("%s: a page of %lld is too much (%s); now %lld", pages->path,
	    (long long)size,
	    answer->outcome == SK_HTTP_ANSWERED ? pages->call.result->reply.text : answer->trouble,
	    (long long)sk_api_pages_size(&pages->list));
	pages->call.expected = 0;
	return true;
}

/* As take_records. */
static int
take_page_and_grow(struct sk_pages *pages)
{
	int enough = take_page(pages);

	if (enough == 0 && pages->shrinks && !pages->list.ended)
		sk_api_pages_grow(&pages->list);
	return enough;
}

static void
ended(void *owner_arg, struct sk_call **calls, size_t n, const struct sk_error *unrecorded)
{
	struct sk_pages *pages = owner_arg;
	int enough = has_shrunk(pages) ? 0 : take_page_and_grow(pages);

	(void)calls;
	(void)n;
	(void)unrecorded;
	sk_call_fini(&pages->call);
	if (enough != 0 || pages->list.ended)
		end(pages);
	else
		ask_for_page(pages);
}

void
sk_pages_begin(struct sk_pool *pool, struct sk_pages *pages)
{
	size_t n = pages->n_parameters;

	pages->pool = pool;
	pages->all_parameters = sk_mem_zero(n + 2, sizeof(struct sk_api_parameter));
	if (n > 0)
		memcpy(pages->all_parameters, pages->parameters,
		    n * sizeof(struct sk_api_parameter));
	pages->all_parameters[n] = (struct sk_api_parameter){"offset", pages->offset};
	pages->all_parameters[n + 1] = (struct sk_api_parameter){"limit", pages->limit};
	pages->owner = (struct sk_call_owner){.ended = ended, .owner_arg = pages};
	pages->call = (struct sk_call){.kind = pages->kind,
	    .method = "GET",
	    .path = pages->path,
	    .parameters = pages->all_parameters,
	    .n_parameters = n + 2,
	    .office_id = pages->office_id,
	    .owner = &pages->owner};
	sk_api_pages_init(&pages->list, pages->page_size);
	pages->list.offset = pages->first_page;
	ask_for_page(pages);
}

int
sk_pages_read(struct sk_pool *pool, struct sk_pages *pages, struct sk_error *err)
{
	sk_pages_begin(pool, pages);
	while (!pages->is_done)
		sk_pool_turn(pool, SK_MINUTE, -1);
	if (pages->error.code == 0)
		return 0;
	if (err->code == 0)
		*err = pages->error;
	return -1;
}

bool
sk_pages_stop(struct sk_pages *pages)
{
	if (pages->is_done || !sk_pool_remove(pages->pool, &pages->call))
		return pages->is_done;
	pages->is_done = 1;
	return true;
}

void
sk_pages_fini(struct sk_pages *pages)
{
	sk_call_fini(&pages->call);
	free(pages->all_parameters);
	pages->all_parameters = NULL;
}
