/* SPDX-License-Identifier: MIT */
/* pages: one call after the other, each for the next page of a list. */
#include "calls/pages.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/secret.h"
#include "base/time.h"

#define MOST_PAGES 1000      /* of a list without a count, or beyond its count */
#define SOON (2 * SK_SECOND) /* after a first page that took no longer, larger ones are asked for */

/* All parameters as texts, as the documents have them. The same body asks for the same page. */
static char *
body_of(const struct sk_pages *pages, size_t n)
{
	json_t *object = json_object();
	char *body;

	for (size_t i = 0; i < n; i++)
		sk_json_set(object, pages->all_parameters[i].name, pages->all_parameters[i].value);
	body = sk_json_dump(object);
	json_decref(object);
	return body;
}

/* The size below which its pages don't shrink. */
static int64_t
smallest_of(const struct sk_pages *pages)
{
	if (pages->shrinks)
		return 1;
	return pages->largest > 0 ? pages->page_size : INT64_MAX;
}

static void
ask_for_page(struct sk_pages *pages)
{
	size_t n = pages->n_parameters + (pages->is_single ? 0 : 2);

	sk_api_pages_ask(&pages->list, pages->offset, pages->limit);
	if (pages->by_body) {
		sk_secret_free(pages->body);
		pages->call.body = pages->body = body_of(pages, n);
	} else {
		pages->call.n_parameters = n;
	}
	pages->call.can_be_smaller = sk_api_pages_size(&pages->list) > smallest_of(pages);
	sk_pool_add(pages->pool, &pages->call);
}

/* Of a list of one office, others may have the same. */
static void __attribute__((format(printf, 2, 3)))
warn(const struct sk_pages *pages, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = sk_mem_vprintf(format, args);
	va_end(args);
	if (pages->office_id != NULL)
		sk_out_warn_repeated("office", pages->office_id, ": %s: %s", pages->path, text);
	else
		sk_out_warn("%s: %s", pages->path, text);
	free(text);
}

/* What people are told once for the whole list. */
static void
warn_of_repairs(const struct sk_pages *pages)
{
	char *kinds;

	if (pages->repairs.n == 0)
		return;
	kinds = sk_json_repairs_text(&pages->repairs);
	warn(pages, "the server's answer was repaired in %zu place%s: %s", pages->repairs.n,
	    pages->repairs.n == 1 ? "" : "s", kinds);
	free(kinds);
}

static void
end(struct sk_pages *pages)
{
	warn_of_repairs(pages);
	pages->is_done = 1;
	if (pages->done != NULL)
		pages->done(pages->arg, pages);
}

/* Where the first one of those is that were left out. Its page was taken: it is the one before. */
static void
note_unread(struct sk_pages *pages, const struct sk_api_records *records)
{
	if (records->n_unread == 0)
		return;
	if (pages->n_unread == 0)
		warn(pages, "a record can't be read and is left out: %s, at byte %zu of page %lld",
		    records->trouble, records->trouble_at, (long long)pages->list.offset);
	pages->n_unread += records->n_unread;
	pages->list.offset--;
	sk_api_pages_tear(&pages->list, SK_MISFIT_UNREAD);
	pages->list.offset++;
}

/* As take_records. */
static int
pass_on_records(struct sk_pages *pages, struct sk_api_records *records)
{
	json_t *record;
	int enough = 0;

	records->last_counts = pages->last_counts;
	while (enough == 0 && (record = sk_api_records_next(records)) != NULL) {
		enough = pages->record(pages->arg, record, &pages->error);
		json_decref(record);
	}
	sk_json_repairs_add(&pages->repairs, &records->repairs);
	note_unread(pages, records);
	return enough;
}

/* 0 go on, 1 enough, -1 with pages->error. */
static int
take_records(struct sk_pages *pages, struct sk_api_reply *reply)
{
	if (reply->class != SK_API_OK && reply->class != SK_API_EMPTY)
		return sk_api_fail(reply, pages->path, &pages->error);
	if (sk_api_pages_take(&pages->list, reply, &pages->error) != 0)
		return sk_error_context(&pages->error, "%s", pages->path);
	return reply->class == SK_API_EMPTY ? 0 : pass_on_records(pages, &reply->records);
}

/* --- pages that don't fit ----------------------------------------------------------------------- */

static bool
came_before(const struct sk_pages *pages, const struct sk_api_records *records)
{
	for (size_t i = 0; i < pages->n_digests && records->n > 0; i++)
		if (pages->digests[i] == records->digest)
			return true;
	return false;
}

/* More pages than its first one counts, and some more; or more than memory should hold. */
static bool
has_too_many(const struct sk_pages *pages)
{
	int64_t counted = pages->list.total > 0 ? pages->list.total : 0;
	int64_t most = counted / sk_api_pages_size(&pages->list) + MOST_PAGES;

	return (int64_t)pages->n_digests >= most || (pages->most > 0 && pages->bytes > pages->most);
}

static enum sk_api_misfit
misfit_of(struct sk_pages *pages, const struct sk_api_reply *reply)
{
	if (reply->class == SK_API_OK && came_before(pages, &reply->records))
		return SK_MISFIT_REPEATS;
	if (!pages->is_read_again && sk_api_pages_is_short(&pages->list, reply))
		return SK_MISFIT_SHORT;
	return SK_MISFIT_NONE;
}

static void
note_digest(struct sk_pages *pages, const struct sk_api_reply *reply)
{
	if (reply->class != SK_API_OK)
		return;
	pages->digests = sk_mem_grow(pages->digests, pages->n_digests + 1, &pages->room,
	    sizeof(*pages->digests));
	pages->digests[pages->n_digests++] = reply->records.digest;
}

/* No more is asked for. */
static int
end_torn(struct sk_pages *pages, enum sk_api_misfit why)
{
	sk_api_pages_tear(&pages->list, why);
	pages->list.ended = 1;
	return 0;
}

/*
 * A page that is short for the second time. Whether the list ends there, and only its count is wrong, is
 * seen from the page behind it; until then its records are kept back: if there are more, whoever goes on
 * reads the whole page.
 */
static int
take_short(struct sk_pages *pages)
{
	struct sk_api_reply *reply = &pages->call.result->reply;

	if (pages->is_continued && reply->records.n > 0) {
		pages->held = pages->call.result;
		pages->call.result = NULL;
		pages->list.offset++;
		return 0;
	}
	end_torn(pages, SK_MISFIT_SHORT);
	return reply->records.n > 0 ? take_records(pages, reply) : 0;
}

static void
drop_held(struct sk_pages *pages)
{
	struct sk_call kept = {.result = pages->held};

	if (pages->held != NULL)
		sk_call_fini(&kept);
	pages->held = NULL;
}

/* The page behind the one that is kept back has come. */
static int
take_held(struct sk_pages *pages)
{
	const struct sk_call_result *behind = pages->call.result;
	bool goes_on = behind->error.code != 0 ||
	    (behind->reply.class == SK_API_OK && behind->reply.records.n > 0 &&
		behind->reply.records.digest != pages->held->reply.records.digest);
	int enough = 0;

	pages->list.offset--;
	end_torn(pages, SK_MISFIT_SHORT);
	if (!goes_on)
		enough = take_records(pages, &pages->held->reply);
	drop_held(pages);
	return enough;
}

/* As take_records, for a page that may not fit. */
static int
take_if_it_fits(struct sk_pages *pages, struct sk_api_reply *reply)
{
	enum sk_api_misfit misfit;
	int enough;

	misfit = misfit_of(pages, reply);
	/* Without pages the second one is the first once more: that was all. */
	if (misfit == SK_MISFIT_REPEATS && reply->records.is_uncounted && pages->n_digests == 1) {
		pages->list.ended = 1;
		return 0;
	}
	if (misfit != SK_MISFIT_NONE && !pages->is_read_again && !pages->has_asked_again) {
		sk_out_verbose("%s: page %lld doesn't fit to the others; asked for once more",
		    pages->path, (long long)pages->list.offset + 1);
		pages->has_asked_again = true;
		return 0;
	}
	pages->has_asked_again = false;
	if (misfit == SK_MISFIT_REPEATS)
		return end_torn(pages, misfit);
	if (misfit == SK_MISFIT_SHORT)
		return take_short(pages);
	note_digest(pages, reply);
	enough = take_records(pages, reply);
	if (enough == 0 && !pages->list.ended && has_too_many(pages))
		return end_torn(pages, SK_MISFIT_ENDLESS);
	return enough;
}

/* --- larger pages ------------------------------------------------------------------------------- */

/* After a page that came: from now on in larger ones, if that is of use. */
static void
enlarge(struct sk_pages *pages)
{
	const struct sk_call_result *result = pages->call.result;
	struct sk_api_pages larger;

	if (pages->largest == 0 || pages->first.offset > 0 || result == NULL ||
	    result->answer.received - result->answer.sent > SOON ||
	    !sk_api_pages_enlarge(&pages->list, pages->largest, pages->wanted, &larger))
		return;
	pages->first = pages->list;
	pages->list = larger;
	pages->call.expected *= (size_t)(larger.asked / pages->first.asked);
}

/* Whether the first one of the larger pages is read. */
static bool
begins_larger(const struct sk_pages *pages)
{
	return pages->first.offset > 0 && pages->list.offset == 0;
}

/* On where the first page ended, in pages of its size, for good. why: NULL if it was said. */
static void
return_to_first(struct sk_pages *pages, const char *why)
{
	if (why != NULL)
		sk_out_verbose("%s: no larger pages (%s); from now on %lld records a page",
		    pages->path, why, (long long)pages->first.asked);
	pages->list = pages->first;
	pages->first.offset = 0;
	pages->largest = 0;
	pages->call.expected = 0;
}

/*
 * Whether the page goes on where the first one ended: what that had is passed over. One that is short isn't taken:
 * the server may have a bound for pages, below the size that it says they have.
 */
static bool
follows_first(struct sk_pages *pages, struct sk_api_reply *reply)
{
	return reply->class == SK_API_OK && reply->records.is_list && pages->n_digests > 0 &&
	    !sk_api_pages_is_short(&pages->list, reply) &&
	    sk_api_records_drop(&reply->records, (size_t)pages->first.first, pages->digests[0]);
}

/*
 * Whether the server fails at the large page, as it may not at a small one. 503 says that it has too much to do,
 * whatever the size is.
 */
static bool
fails_at_large(const struct sk_pages *pages)
{
	const struct sk_http_answer *answer = &pages->call.result->answer;

	return begins_larger(pages) && answer->outcome == SK_HTTP_ANSWERED &&
	    answer->status >= 500 && answer->status != 503;
}

/* --- a page ------------------------------------------------------------------------------------- */

/* As take_records, for one that came to nothing, whatever was tried. */
static int
take_error(struct sk_pages *pages)
{
	const char *why = pages->call.result->error.text;
	bool may_be_size = fails_at_large(pages);

	if (!may_be_size)
		pages->error = pages->call.result->error;
	if (begins_larger(pages))
		return_to_first(pages, why);
	return may_be_size ? 0 : -1;
}

static int
take_page(struct sk_pages *pages)
{
	struct sk_call_result *result = pages->call.result;
	const char *data_insert = result->answer.data_insert;

	if (pages->held != NULL)
		return take_held(pages);
	if (result->error.code != 0)
		return take_error(pages);
	if (result->answer.date == 0)
		pages->is_undated = 1;
	if (data_insert != NULL && strcasestr(data_insert, "progress") != NULL)
		pages->is_reloading = 1;
	/* The next page is about as large as this one. */
	pages->call.expected = result->answer.body_length;
	pages->bytes += result->answer.body_length;
	if (pages->prepare != NULL)
		pages->prepare(pages->arg, &result->reply);
	if (begins_larger(pages) && !follows_first(pages, &result->reply)) {
		return_to_first(pages,
		    result->reply.class == SK_API_OK
			? "the large page doesn't continue the first one"
			: result->reply.text);
		return 0;
	}
	return take_if_it_fits(pages, &result->reply);
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
	sk_out_verbose("%s: a page of %lld records is too much (%s); from now on %lld", pages->path,
	    (long long)size,
	    answer->outcome == SK_HTTP_ANSWERED ? pages->call.result->reply.text : answer->trouble,
	    (long long)sk_api_pages_size(&pages->list));
	pages->call.expected = 0;
	if (begins_larger(pages) && sk_api_pages_size(&pages->list) <= pages->first.asked)
		return_to_first(pages, NULL);
	return true;
}

/* As take_records. */
static int
take_page_and_grow(struct sk_pages *pages)
{
	int enough = take_page(pages);

	if (enough == 0 && pages->is_single && !pages->has_asked_again)
		pages->list.ended = 1;
	if (enough != 0 || pages->list.ended || pages->has_asked_again)
		return enough;
	if (smallest_of(pages) < INT64_MAX)
		sk_api_pages_grow(&pages->list);
	enlarge(pages);
	return enough;
}

static void
note_time(struct sk_pages *pages)
{
	const struct sk_http_answer *answer = &pages->call.result->answer;

	if (answer->received == 0 || answer->received < answer->sent)
		return;
	pages->n_answers++;
	pages->took += answer->received - answer->sent;
}

static void
ended(void *owner_arg, struct sk_call **calls, size_t n, const struct sk_error *unrecorded)
{
	struct sk_pages *pages = owner_arg;
	int enough;

	note_time(pages);
	enough = has_shrunk(pages) ? 0 : take_page_and_grow(pages);

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
	    .method = pages->by_body ? "POST" : "GET",
	    .path = pages->path,
	    .parameters = pages->all_parameters,
	    .office_id = pages->office_id,
	    .owner = &pages->owner};
	sk_api_pages_init(&pages->list, pages->page_size);
	pages->list.offset = pages->first_page;
	ask_for_page(pages);
}

void
sk_pages_count(const struct sk_pages *pages, int64_t most, struct sk_pages_count *count)
{
	const struct sk_api_pages *list = begins_larger(pages) ? &pages->first : &pages->list;
	int64_t seen = list->seen, all = list->total;

	/* total is 0 before the first page, too. */
	if (all > 0)
		all -= pages->first_page * sk_api_pages_size(list);
	if (!pages->is_done && all <= 0)
		count->is_unknown = true;
	if (most > 0 && all > most)
		all = most;
	if (pages->is_done || all < seen)
		all = seen;
	count->done += (size_t)seen;
	count->of += (size_t)all;
}

static void
show_count(const struct sk_pages *pages)
{
	struct sk_pages_count count = {0};

	sk_pages_count(pages, 0, &count);
	sk_progress_count(count.done, count.is_unknown ? 0 : count.of);
}

int
sk_pages_read(struct sk_pool *pool, struct sk_pages *pages, struct sk_error *err)
{
	sk_progress_begin("records", "reading %s", pages->path);
	sk_pages_begin(pool, pages);
	while (!pages->is_done) {
		sk_pool_turn(pool, SK_MINUTE, -1);
		show_count(pages);
	}
	sk_progress_end();
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

int
sk_pages_collect(void *arg, json_t *record, struct sk_error *err)
{
	(void)err;
	json_array_append(arg, record);
	return 0;
}

void
sk_pages_fini(struct sk_pages *pages)
{
	sk_call_fini(&pages->call);
	drop_held(pages);
	sk_secret_free(pages->body);
	pages->body = NULL;
	free(pages->digests);
	pages->digests = NULL;
	free(pages->all_parameters);
	pages->all_parameters = NULL;
}
