/* SPDX-License-Identifier: MIT */
/* Pages of a list: when the list ends, and when it proves that something isn't in it. */
#include "api/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "tap.h"

/* The body of a page of n items; limit and total are JSON texts, NULL leaves them out. */
static char *
make_page(int n, const char *limit, const char *total)
{
	struct sk_text body = {0};

	sk_text_add(&body, "{\"items\":[");
	for (int i = 0; i < n; i++)
		sk_text_add(&body, i > 0 ? ",{}" : "{}");
	sk_text_add(&body, "]");
	if (limit != NULL)
		sk_text_add_format(&body, ",\"limit\":%s", limit);
	if (total != NULL)
		sk_text_add_format(&body, ",\"total_count\":%s", total);
	sk_text_add(&body, "}");
	return sk_text_take(&body);
}

static int
take(struct sk_api_pages *pages, int n, const char *limit, const char *total)
{
	struct sk_error err = {0};
	char *body = make_page(n, limit, total);
	struct sk_http_answer answer = {.outcome = SK_HTTP_ANSWERED,
	    .status = 200,
	    .body = body,
	    .body_length = strlen(body)};
	struct sk_api_reply reply;
	int result;

	sk_api_read(&answer, &reply);
	result = sk_api_pages_take(pages, &reply, &err);
	sk_api_reply_fini(&reply);
	free(body);
	return result;
}

static void
check(const struct sk_api_pages *pages, int ended, int torn, int whole, const char *what)
{
	ok(pages->ended == ended && pages->torn == torn && sk_api_pages_whole(pages) == whole,
	    "%s: ended %d torn %d whole %d", what, pages->ended, pages->torn,
	    sk_api_pages_whole(pages));
}

static void
test_lists(void)
{
	struct sk_api_pages pages;

	sk_api_pages_init(&pages, 2);
	is_int(take(&pages, 2, "\"2\"", "\"5\""), 0, "the first page is taken");
	check(&pages, 0, 0, 0, "2 of 5");
	is_int(pages.offset, 1, "the offset counts pages");
	take(&pages, 2, "\"2\"", "5");
	check(&pages, 0, 0, 0, "4 of 5");
	take(&pages, 1, "2", "5");
	check(&pages, 1, 0, 1, "5 of 5");
	is_int(pages.seen, 5, "all were seen");

	sk_api_pages_init(&pages, 2);
	take(&pages, 2, "2", "2");
	check(&pages, 1, 0, 1, "the total is reached with a full page");

	sk_api_pages_init(&pages, 5000);
	take(&pages, 2, "2", "4");
	is_int(pages.granted, 2, "the server grants less than was asked");
	check(&pages, 0, 0, 0, "a full page of the granted size");
	take(&pages, 2, "2", "4");
	check(&pages, 1, 0, 1, "and the rest");

	sk_api_pages_init(&pages, 500);
	take(&pages, 2, NULL, "\"5\"");
	is_int(pages.granted, 2, "a smaller one that no limit tells of");
	check(&pages, 0, 0, 0, "as the total shows");
	take(&pages, 2, NULL, "\"5\"");
	take(&pages, 1, NULL, "\"5\"");
	check(&pages, 1, 0, 1, "and the rest");

	sk_api_pages_init(&pages, 500);
	take(&pages, 2, NULL, "2");
	is_int(pages.granted, 500, "a list that is over grants all that was asked");
	check(&pages, 1, 0, 1, "2 of 2");

	sk_api_pages_init(&pages, 2);
	take(&pages, 2, NULL, NULL);
	is_int(pages.granted, 2, "without an echo the size asked for counts");
	take(&pages, 2, NULL, NULL);
	check(&pages, 0, 0, 0, "without a total, full pages go on");
	take(&pages, 0, NULL, NULL);
	check(&pages, 1, 0, 0, "an empty page ends it, and nothing is proven");

	sk_api_pages_init(&pages, 2);
	take(&pages, 0, "2", "0");
	check(&pages, 1, 0, 1, "nothing of nothing");
}

static void
test_torn(void)
{
	struct sk_api_pages pages;

	sk_api_pages_init(&pages, 2);
	take(&pages, 2, "2", "5");
	take(&pages, 1, "2", "5");
	check(&pages, 1, 0, 0, "it ends before the total");

	sk_api_pages_init(&pages, 2);
	take(&pages, 2, "2", "3");
	take(&pages, 2, "2", "4");
	check(&pages, 1, 0, 0, "the total has grown");
	ok(sk_api_pages_complete(&pages), "by what is shown");
	is_int(sk_api_pages_growth(&pages), 1, "namely one");

	sk_api_pages_init(&pages, 2);
	take(&pages, 2, "2", "4");
	take(&pages, 1, "2", "5");
	check(&pages, 1, 0, 0, "it has grown, and ends before the new total");
	ok(!sk_api_pages_complete(&pages), "so it lacks something");

	sk_api_pages_init(&pages, 2);
	take(&pages, 2, "2", "5");
	take(&pages, 2, "2", "6");
	take(&pages, 1, "2", "5");
	check(&pages, 1, 1, 0, "the total has grown, and shrunk again");

	sk_api_pages_init(&pages, 2);
	take(&pages, 2, "2", "3");
	take(&pages, 1, "2", NULL);
	check(&pages, 1, 1, 0, "the total is gone");

	sk_api_pages_init(&pages, 2);
	take(&pages, 2, "2", "3");
	take(&pages, 1, "3", "3");
	check(&pages, 1, 1, 0, "the page size has changed");

	sk_api_pages_init(&pages, 2);
	take(&pages, 3, "2", "3");
	check(&pages, 1, 1, 0, "more items than granted");

	sk_api_pages_init(&pages, 2);
	take(&pages, 2, "2", "3");
	take(&pages, 2, "2", "3");
	check(&pages, 1, 1, 0, "more items than the total");

	sk_api_pages_init(&pages, 2);
	take(&pages, 1, "2", "-7");
	check(&pages, 1, 0, 0, "a total that is none is unknown");
}

static void
test_answers(void)
{
	struct sk_api_reply empty = {.class = SK_API_EMPTY, .http_status = 204};
	struct sk_api_reply refused = {.class = SK_API_REFUSED, .http_status = 404, .text = "no"};
	struct sk_api_reply message = {.class = SK_API_OK, .http_status = 200};
	struct sk_api_pages pages;
	struct sk_error err = {0};

	sk_api_pages_init(&pages, 2);
	is_int(sk_api_pages_take(&pages, &empty, &err), 0, "nothing matches: a list");
	check(&pages, 1, 0, 1, "that is known to be empty");

	sk_api_pages_init(&pages, 2);
	take(&pages, 2, "2", "4");
	sk_api_pages_take(&pages, &empty, &err);
	check(&pages, 1, 0, 0, "nothing more before the total is reached proves nothing");
	sk_api_pages_init(&pages, 2);
	take(&pages, 2, NULL, NULL);
	sk_api_pages_take(&pages, &empty, &err);
	check(&pages, 1, 0, 0, "nor without one");

	sk_api_pages_init(&pages, 2);
	is_int(sk_api_pages_take(&pages, &refused, &err), -1, "a refusal is no list");
	is_int(err.code, 1, "but a refusal");
	sk_error_clear(&err);
	message.json = json_pack("{s:s}", "error_code", "API2016");
	is_int(sk_api_pages_take(&pages, &message, &err), -1, "a message is no list");
	is_int(err.code, 76, "and makes no sense here");
	is_int(pages.offset, 0, "what wasn't taken isn't counted");
	sk_error_clear(&err);
	strcpy(message.code, "API9999");
	strcpy(message.text, "something new");
	sk_api_pages_take(&pages, &message, &err);
	is_str(err.text,
	    "a list was asked for, but the answer isn't a list: something new (API9999)",
	    "what it says is told");
	sk_api_reply_fini(&message);
	sk_error_clear(&err);

	message.json = json_pack("{s:s,s:n}", "total_count", "0", "items");
	sk_api_pages_init(&pages, 2);
	is_int(sk_api_pages_take(&pages, &message, &err), 0, "no items at all of 0");
	check(&pages, 1, 0, 1, "and whole");
	sk_api_reply_fini(&message);
	message.json = json_pack("{s:s,s:n}", "total_count", "3", "items");
	sk_api_pages_init(&pages, 2);
	is_int(sk_api_pages_take(&pages, &message, &err), -1, "no items at all of 3 isn't");
	sk_api_reply_fini(&message);
}

/* A page of as many as may come, of 20000. */
static void
take_full(struct sk_api_pages *pages)
{
	char limit[24];

	snprintf(limit, sizeof(limit), "%lld", (long long)sk_api_pages_size(pages));
	take(pages, (int)sk_api_pages_size(pages), limit, "20000");
}

static void
test_shrink(void)
{
	static const int64_t sizes[] = {2500, 500, 100, 50, 10, 5, 1};
	struct sk_api_pages pages;
	char offset[SK_API_NUMBER], limit[SK_API_NUMBER];

	sk_api_pages_init(&pages, 5000);
	take_full(&pages);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		sk_api_pages_shrink(&pages);
		is_int(sk_api_pages_size(&pages), sizes[i], "a smaller page");
		is_int(pages.offset * sizes[i], 5000, "which begins where the large one did");
	}
	ok(!sk_api_pages_shrink(&pages), "down to one record");
	sk_api_pages_ask(&pages, offset, limit);
	is_str(offset, "5000", "the offset counts pages of that size");
	is_str(limit, "1", "which is asked for");
	take_full(&pages);
	check(&pages, 0, 0, 0, "a page of another size isn't torn");
	is_int(pages.seen, 5001, "what was seen counts records");
}

static void
test_grow(void)
{
	struct sk_api_pages pages;

	sk_api_pages_init(&pages, 500);
	sk_api_pages_shrink(&pages);
	take_full(&pages);
	sk_api_pages_grow(&pages);
	is_int(sk_api_pages_size(&pages), 100, "no page of 500 begins behind 100 records");
	for (int i = 0; i < 4; i++) {
		take_full(&pages);
		sk_api_pages_grow(&pages);
	}
	is_int(sk_api_pages_size(&pages), 500, "but behind 500");
	is_int(pages.offset, 1, "as its second one");
	take_full(&pages);
	sk_api_pages_grow(&pages);
	is_int(sk_api_pages_size(&pages), 500, "never more than was asked for at first");
	sk_api_pages_shrink(&pages);
	for (int i = 0; i < 5; i++) {
		take_full(&pages);
		sk_api_pages_grow(&pages);
	}
	is_int(sk_api_pages_size(&pages), 100, "a size that has failed twice isn't tried again");
	check(&pages, 0, 0, 0, "the pages fit together");

	sk_api_pages_init(&pages, 5000);
	take(&pages, 300, "300", "20000");
	sk_api_pages_shrink(&pages);
	is_int(sk_api_pages_size(&pages), 100, "a size that the server grants is shrunk, too");
	is_int(pages.offset, 3, "at the same place");
	for (int i = 0; i < 12; i++) {
		take_full(&pages);
		sk_api_pages_grow(&pages);
	}
	is_int(sk_api_pages_size(&pages), 100, "and isn't exceeded");
}

int
main(void)
{
	sk_mem_init();
	test_shrink();
	test_grow();
	test_lists();
	test_torn();
	test_answers();
	return done_testing();
}
