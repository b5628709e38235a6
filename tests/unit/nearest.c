/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/nearest.h"
#include "tap.h"

static void
test_nearest(void)
{
	static const char *const words[] = {"ab", "abc", "abcdef", "abcdefghi"};
	char long_word[200];

	memset(long_word, 'a', sizeof(long_word));
	long_word[sizeof(long_word) - 1] = '\0';
	is_str(sk_nearest("abcd", words, 4), "abc", "the first of two that are as near");
	is_str(sk_nearest("ac", words, 4), "ab", "one letter is always allowed");
	ok(sk_nearest("xc", words, 1) == NULL, "two of two aren't");
	is_str(sk_nearest("abcdxx", words, 4), "abcdef", "a third of a longer word is");
	is_str(sk_nearest("abdcef", words, 4), "abcdef", "changed places count once");
	ok(sk_nearest("xxxdef", words, 4) == NULL, "three of six aren't");
	ok(sk_nearest(long_word, words, 4) == NULL, "a very long word is near nothing");
	ok(sk_nearest("ab", words, 0) == NULL, "nothing is near among none");
}

static void
test_one_by_one(void)
{
	struct sk_near near = {.word = "patiens"};

	ok(near.name == NULL, "nothing is near before the first");
	sk_near_add(&near, "paten and others", 5);
	is_str(near.name, "paten and others", "a name may be part of a list");
	is_int((long long)near.length, 5, "and has its length");
	sk_near_add(&near, "patients", 8);
	is_str(near.name, "patients", "a nearer one replaces it");
	sk_near_add(&near, "patient", 7);
	is_str(near.name, "patients", "one that is as near doesn't");
}

static void
test_hint(void)
{
	char hint[SK_NEAREST_HINT];

	is_str(sk_nearest_hint("patients", hint), "; did you mean patients?", "a hint in words");
	is_str(sk_nearest_hint(NULL, hint), "", "none without");
	is_str(sk_nearest_hint("", hint), "", "nor where nothing is near");
}

int
main(void)
{
	test_nearest();
	test_one_by_one();
	test_hint();
	return done_testing();
}
