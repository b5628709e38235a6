/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "tap.h"

static void
test_growing(void)
{
	struct sk_text text = {0};
	char *taken;
	int same = 1;

	is_str(sk_text_bytes(&text), "", "the empty text");
	taken = sk_text_take(&text);
	is_str(taken, "", "can be taken");
	free(taken);
	sk_text_add(&text, "");
	is_str(text.bytes, "", "nothing added");
	sk_text_add(&text, "one");
	sk_text_add_bytes(&text, " two three", 4);
	sk_text_add_format(&text, ", %d", 3);
	is_str(text.bytes, "one two, 3", "texts, bytes and formats");
	is_int((long long)text.used, 10, "so many bytes");
	sk_text_cut(&text, 20);
	is_int((long long)text.used, 10, "cut behind its end it stays");
	sk_text_cut(&text, 3);
	is_str(text.bytes, "one", "cut");
	taken = sk_text_take(&text);
	is_str(taken, "one", "taken");
	free(taken);
	ok(text.bytes == NULL && text.used == 0 && text.room == 0, "and empty again");
	for (int i = 0; i < 10000; i++)
		sk_text_add_format(&text, "%04d", i);
	for (int i = 0; i < 10000; i++)
		same &= atoi((char[]){text.bytes[4 * i], text.bytes[4 * i + 1],
			    text.bytes[4 * i + 2], text.bytes[4 * i + 3], '\0'}) == i;
	ok(same && text.used == 40000 && text.bytes[40000] == '\0', "a long one");
	sk_text_fini(&text);
}

static void
test_arrays(void)
{
	int *numbers = NULL;
	size_t room = 0;

	numbers = sk_mem_grow(numbers, 1, &room, sizeof(*numbers));
	ok(numbers != NULL && room == 16, "an array begins with room for 16");
	is_int(sk_mem_grow(numbers, 16, &room, sizeof(*numbers)) == numbers && room == 16, 1,
	    "nothing happens while there is room");
	numbers = sk_mem_grow(numbers, 17, &room, sizeof(*numbers));
	is_int((long long)room, 32, "then the room doubles");
	numbers = sk_mem_grow(numbers, 1000, &room, sizeof(*numbers));
	is_int((long long)room, 1024, "as often as is needed");
	free(numbers);
}

static void
test_equal(void)
{
	const char one[] = "one";

	ok(sk_text_equal("one", one) && sk_text_both_equal("one", one), "equal texts");
	ok(!sk_text_equal("one", "two") && !sk_text_both_equal("one", "two"), "other texts");
	ok(!sk_text_equal("", NULL) && !sk_text_equal(NULL, "") && !sk_text_both_equal("", NULL),
	    "an empty one isn't a missing one");
	ok(sk_text_equal(NULL, NULL), "two missing ones are equal");
	ok(!sk_text_both_equal(NULL, NULL), "but not where both must be there");
}

static void
test_utf8(void)
{
	static const struct {
		const char *bytes;
		size_t length, characters;
	} cases[] = {
	    {"", 0, 0},
	    {"a", 1, 1},
	    {"ä", 2, 1},
	    {"€", 3, 1},
	    {"😀", 4, 1},
	    {"\xC3", 0, 1},             /* not whole */
	    {"\xE2\x82", 0, 2},         /* not whole */
	    {"\x80", 0, 1},             /* begins in the middle */
	    {"\xC0\x80", 0, 2},         /* overlong */
	    {"\xC1\xBF", 0, 2},         /* overlong */
	    {"\xE0\x9F\xBF", 0, 3},     /* overlong */
	    {"\xF0\x8F\xBF\xBF", 0, 4}, /* overlong */
	    {"\xED\xA0\x80", 0, 3},     /* a surrogate */
	    {"\xED\x9F\xBF", 3, 1},     /* the last before the surrogates */
	    {"\xF4\x8F\xBF\xBF", 4, 1}, /* the last there is */
	    {"\xF4\x90\x80\x80", 0, 4}, /* beyond */
	    {"\xF5\x80\x80\x80", 0, 4}, /* beyond */
	    {"aä€😀", 1, 4},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_int((long long)sk_utf8_length(cases[i].bytes, strlen(cases[i].bytes)),
		    (long long)cases[i].length, "length of the first character");
		is_int((long long)sk_utf8_count(cases[i].bytes), (long long)cases[i].characters,
		    "characters");
	}
	is_int((long long)sk_utf8_length("€", 2), 0, "what is cut off isn't read");
	is_int((long long)sk_utf8_fitting("aä€", 3, SIZE_MAX), 3, "as many bytes as fit");
	is_int((long long)sk_utf8_fitting("aä€", 5, SIZE_MAX), 3, "without half a character");
	is_int((long long)sk_utf8_fitting("aä€", 6, SIZE_MAX), 6, "all");
	is_int((long long)sk_utf8_fitting("aä€", 6, 2), 3, "as many characters as fit");
	is_int((long long)sk_utf8_fitting("", 6, 2), 0, "nothing");
	is_int((long long)sk_utf8_fitting("日本", 6, 3), 3, "as many columns as fit");
}

static void
test_shown(void)
{
	static const struct {
		const char *text, *shown;
		size_t width;
	} cases[] = {
	    {"", "", 0},
	    {"Zoë Müller", "Zoë Müller", 10},
	    {"a\033[31mb", "a\\x1b[31mb", 10},
	    {"a\nb\tc\x7F", "a\\x0ab\\x09c\\x7f", 15},
	    {"\xC2\x9B"
	     "31m",
		"\\xc2\\x9b31m", 11}, /* one that some terminals obey, too */
	    {"\xC2\xA0", "\xC2\xA0", 1},
	    {"ä\xE4ö", "ä\\xe4ö", 6},
	    {"日本", "日本", 4},
	    {"e\u0308x", "e\u0308x", 2},
	    {"a\u202Eb", "a\\xe2\\x80\\xaeb", 14}, /* turns the direction of writing */
	    {"a\u200Bb", "a\\xe2\\x80\\x8bb", 14}, /* isn't seen */
	    {"\uFEFF", "\\xef\\xbb\\xbf", 12},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sk_text text = {0};
		size_t width = sk_text_add_shown(&text, cases[i].text);
		char *shown = sk_text_shown(cases[i].text);

		is_str(shown, cases[i].shown, "shown");
		is_str(sk_text_bytes(&text), cases[i].shown, "added");
		is_int((long long)width, (long long)cases[i].width, "its width");
		free(shown);
		sk_text_fini(&text);
	}
}

int
main(void)
{
	test_growing();
	test_arrays();
	test_equal();
	test_utf8();
	test_shown();
	return done_testing();
}
