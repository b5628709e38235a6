/* SPDX-License-Identifier: MIT */
/* A part of the server's list: when it is whole, also one that grows while it is read. */
#include "life/list_part.h"

#include <stdio.h>
#include <stdlib.h>

#include "life/check_list.h"
#include "pool-world.h"

#define MOST 8

static const struct sk_days days = {"2026-02-28", "2026-03-04"};

/* Whether it is whole: pages of 2, of totals the first and the last; ids up to NULL. */
static bool
is_whole(int64_t total, int64_t latest, const char *const *ids)
{
	struct sk_api_listed listed[MOST] = {0};
	struct sk_api_pages pages = {.granted = 2,
	    .first = 2,
	    .total = total,
	    .latest = latest,
	    .ended = 1};
	size_t n = 0;

	for (; ids[n] != NULL; n++)
		listed[n].id = ids[n];
	pages.seen = (int64_t)n;
	return sk_list_part_is_whole(&pages, listed, n);
}

#define IDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
test_growth(void)
{
	ok(is_whole(3, 3, IDS("1", "2", "3")), "a part that stands still");
	ok(is_whole(3, 4, IDS("1", "2", "3", "4")), "one that has grown at its end");
	ok(is_whole(3, 4, IDS("2", "1", "9", "10")), "ids are compared as numbers");
	ok(!is_whole(3, 4, IDS("1", "9", "3", "4")),
	    "what is new isn't above all of the first page");
	ok(!is_whole(2, 4, IDS("1", "5", "3", "6")), "nor are there enough that are");
	ok(!is_whole(3, 5, IDS("1", "2", "3", "4")), "the last count has more than there is");
	ok(!is_whole(3, 4, IDS("1", "2", "2", "4")), "an entry twice: another was pushed away");
	ok(!is_whole(3, 4, IDS("1", "x", "3", "4")), "an id that is no number");
	ok(is_whole(3, 3, IDS("1", "x", "3")), "which matters to growth only");
	ok(!is_whole(4, 3, IDS("1", "2", "3", "4")), "the count has shrunk");
}

static struct said_by_server
page(const char *body)
{
	return (struct said_by_server){"200 OK", "", body};
}

/* Reads the part in a new world; the requests it took. */
static int
read_part(struct sk_list_part *part)
{
	int before = world.seen;

	if (sk_list_part_read(world.pool, &days, part, &world.err) != 0)
		bail_out("read");
	return world.seen - before;
}

static void
test_again(void)
{
	const struct said_by_server first =
	    page("{\"items\":[{\"id\":1},{\"id\":2}],\"limit\":2,\"total_count\":3}");
	const struct said_by_server shrunk = page("{\"items\":[],\"limit\":2,\"total_count\":2}");
	const struct said_by_server last =
	    page("{\"items\":[{\"id\":3}],\"limit\":2,\"total_count\":3}");
	const struct said_by_server alone =
	    page("{\"items\":[{\"id\":1}],\"limit\":2,\"total_count\":2}");
	struct sk_list_part part;

	begin_world("a part that moves is read again", "2");
	answer_with("offset=0", &first);
	answer_with("offset=1", &last);
	add_rule((struct rule){.match = "offset=1", .answer = &shrunk, .left = 1});
	is_int(read_part(&part), 4, "two pages, and both once more");
	ok(part.whole && part.n == 3, "then it is whole");
	sk_list_part_fini(&part);

	answer_with("offset=1", &shrunk);
	is_int(read_part(&part), 6, "three times at most");
	ok(!part.whole && part.n == 2, "then it is torn, and what it shows is there");
	sk_list_part_fini(&part);

	answer_with("offset=0", &alone);
	is_int(read_part(&part), 1, "a count that is wrong on a single page isn't asked for again");
	ok(!part.whole, "and proves nothing");
	sk_list_part_fini(&part);
	end_world();
}

static void
test_smaller(void)
{
	const struct said_by_server too_large = {"413 Payload Too Large", "", "{}"};
	const struct said_by_server cut = {"504 Gateway Timeout", "", "<html>"};
	const struct said_by_server first =
	    page("{\"items\":[{\"id\":1}],\"limit\":1,\"total_count\":2}");
	const struct said_by_server second =
	    page("{\"items\":[{\"id\":2}],\"limit\":1,\"total_count\":2}");
	struct sk_list_part part;

	begin_world("pages that are too large", "2");
	answer_with("GET /v4/writebacks", &too_large);
	answer_with("limit=2500 ", &cut);
	answer_with("offset=0&limit=1 ", &first);
	answer_with("offset=1&limit=1 ", &second);
	is_int(read_part(&part), 9, "are asked for once in each size, down to one entry");
	ok(part.whole && part.n == 2, "of which the part is made");
	sk_list_part_fini(&part);

	answer_with("offset=1&limit=1 ", &too_large);
	is_int(sk_list_part_read(world.pool, &days, &part, &world.err), -1,
	    "an entry that is too large by itself");
	is_int(world.err.code, 1, "ends it");
	end_world();
}

static void
test_too_much(void)
{
	struct sk_http_answer answer = {.outcome = SK_HTTP_UNCLEAR};

	ok(!sk_call_is_too_much(&answer), "without any answer a smaller one is no better");
	answer.timed_out = 1;
	ok(sk_call_is_too_much(&answer), "one that takes too long");
	answer = (struct sk_http_answer){.outcome = SK_HTTP_UNCLEAR, .status = 200};
	ok(sk_call_is_too_much(&answer), "one that broke off");
	answer = (struct sk_http_answer){.outcome = SK_HTTP_NOT_SENT, .timed_out = 1};
	ok(!sk_call_is_too_much(&answer), "a connection that takes too long");
	answer = (struct sk_http_answer){.outcome = SK_HTTP_ANSWERED, .status = 500};
	ok(!sk_call_is_too_much(&answer), "another trouble");
}

static void
test_two_parts(void)
{
	const struct said_by_server one =
	    page("{\"items\":[{\"id\":7},{\"id\":8}],\"total_count\":2}");
	struct sk_listing list;
	int64_t number;

	begin_world("a list of two parts", "2");
	answer_with("GET /v4/writebacks", &one);
	if (sk_check_list_read(world.pool, sk_time_now() - 5 * SK_DAY, &list, &world.err) != 0)
		bail_out("list");
	is_int(world.seen, 2, "has a request for each");
	ok(list.n == 2 && list.whole, "what both show is one entry");
	number = list.number;
	sk_listing_fini(&list);
	if (sk_check_list_show(world.pool, sk_time_now(), &list, &world.err) != 0)
		bail_out("list");
	is_int(list.number, number + 1, "one that is only shown foresees the next number");
	sk_listing_fini(&list);
	if (sk_check_list_read(world.pool, sk_time_now(), &list, &world.err) != 0)
		bail_out("list");
	is_int(list.number, number + 1, "which the next one takes");
	sk_listing_fini(&list);
	end_world();
}

int
main(void)
{
	server_init();
	test_two_parts();
	test_too_much();
	test_smaller();
	test_growth();
	test_again();
	return done_testing();
}
