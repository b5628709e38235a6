/* SPDX-License-Identifier: MIT */
/* Which host of a fleet an office is of. The vectors stand in sikka-fleet(7), too. */
#include <stdio.h>
#include <string.h>

#include "base/share.h"
#include "tap.h"

/* Of FNV-1a by its authors; then ids of offices. */
static const struct {
	const char *text;
	uint64_t hash;
} hashes[] = {
    {"", UINT64_C(0xcbf29ce484222325)},
    {"a", UINT64_C(0xaf63dc4c8601ec8c)},
    {"foobar", UINT64_C(0x85944171f73967e8)},
    {"D36225", UINT64_C(0x53b43cbe94621649)},
    {"D10000", UINT64_C(0xe787c9f85af75466)},
    {"D10001", UINT64_C(0xe787caf85af75619)},
    {"P1", UINT64_C(0x09429707b5d2bc9a)},
    {"D99999", UINT64_C(0x2a8fe80745b5592a)},
    {"d36225", UINT64_C(0xbf126dd84a76bc69)},
};

static const struct {
	const char *office_id;
	int64_t of_2, of_5, of_6, of_100;
} shares[] = {
    {"D36225", 1, 5, 5, 62},
    {"D10000", 1, 4, 4, 90},
    {"D10001", 2, 4, 4, 28},
    {"P1", 1, 4, 4, 34},
    {"D99999", 1, 1, 1, 73},
    {"d36225", 2, 2, 2, 29},
};

static void
test_hash(void)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		ok(sk_share_hash(hashes[i].text) == hashes[i].hash, "the hash of \"%s\"",
		    hashes[i].text);
}

static void
test_vectors(void)
{
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		const char *id = shares[i].office_id;

		is_int(sk_share_of(id, 1), 1, "one host has all");
		is_int(sk_share_of(id, 2), shares[i].of_2, "of two hosts");
		is_int(sk_share_of(id, 5), shares[i].of_5, "of five");
		is_int(sk_share_of(id, 6), shares[i].of_6, "of six");
		is_int(sk_share_of(id, 100), shares[i].of_100, "of a hundred");
	}
}

/* From 5 hosts to 6 an office stays, or goes to the new one; about a sixth goes. */
static void
test_growth(void)
{
	int moved = 0, astray = 0, counts[6] = {0};
	char id[32];

	for (int i = 0; i < 6000; i++) {
		int64_t before, after;

		snprintf(id, sizeof(id), "D%d", 10000 + i);
		before = sk_share_of(id, 5);
		after = sk_share_of(id, 6);
		moved += before != after;
		astray += before != after && after != 6;
		counts[after - 1]++;
	}
	is_int(astray, 0, "no office goes from one of the old hosts to another");
	ok(moved > 850 && moved < 1150, "about a sixth goes to the new one: %d", moved);
	for (int i = 0; i < 6; i++)
		ok(counts[i] > 850 && counts[i] < 1150, "host %d has about a sixth: %d", i + 1,
		    counts[i]);
}

static void
test_read(void)
{
	static const char *const wrong[] = {"", "2", "/5", "2/", "0/5", "6/5", "2/0", "-2/5",
	    "2/-5", "2 /5", "2/ 5", "2/5 ", "+2/5", "02/5", "2/05", "1/1001", "2/5x",
	    "99999999999999999999/5"};
	struct sk_share share;

	ok(sk_share_read("2/5", &share) && share.number == 2 && share.of == 5, "2/5");
	ok(sk_share_read("1/1", &share) && share.number == 1 && share.of == 1, "1/1");
	ok(sk_share_read("1000/1000", &share) && share.of == 1000, "1000/1000");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ok(!sk_share_read(wrong[i], &share) && share.of == 0, "\"%s\" is none", wrong[i]);
	ok(sk_share_has(&(struct sk_share){0, 0}, "D1"), "without a share a host has each office");
	ok(sk_share_has(&(struct sk_share){sk_share_of("D1", 7), 7}, "D1"),
	    "with its share, those of it");
	ok(!sk_share_has(&(struct sk_share){sk_share_of("D1", 7) % 7 + 1, 7}, "D1"),
	    "and no others");
}

int
main(void)
{
	test_hash();
	test_vectors();
	test_growth();
	test_read();
	return done_testing();
}
