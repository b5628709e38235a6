/* SPDX-License-Identifier: MIT */
#include "base/lines.h"

#include <stdlib.h>

#include "tap.h"

/* Compares, and empties the lines. */
static void
are(struct sk_lines *lines, const char *wanted, const char *what)
{
	char *text = sk_lines_text(lines, "");

	is_str(text, wanted, what);
	free(text);
	sk_lines_cut(lines, 0);
}

static void
test_fitting(void)
{
	struct sk_lines lines = {.columns = 10};

	sk_lines_add(&lines, SK_RED, "abc");
	sk_lines_fill(&lines, 6);
	sk_lines_add(&lines, SK_PLAIN, "defghij");
	sk_lines_fill(&lines, 20);
	are(&lines, "abc   defg\n", "what doesn't fit is left out");
	sk_lines_add(&lines, SK_PLAIN, "日本語日本語");
	is_int((long long)lines.list[0].width, 10, "wide characters count twice");
	are(&lines, "日本語日本\n", "and are never halved");
	sk_lines_add(&lines, SK_PLAIN, "a\033[31m\n");
	are(&lines, "a\\x1b[31m\\\n", "no control character comes through");
	sk_lines_add_format(&lines, SK_PLAIN, "%d", 7);
	sk_lines_new(&lines);
	are(&lines, "7\n\n", "a line may be empty");
	sk_lines_fini(&lines);
}

static void
test_wrapping(void)
{
	struct sk_lines lines = {.columns = 10};

	sk_lines_add(&lines, SK_PLAIN, "x ");
	sk_lines_wrap(&lines, SK_PLAIN, 2, "one two three fourteenth");
	are(&lines, "x one two\n  three\n  fourteen\n  th\n", "words go on in new lines");
	sk_lines_add(&lines, SK_PLAIN, "0123456789");
	sk_lines_wrap(&lines, SK_PLAIN, 2, " ab");
	are(&lines, "0123456789\n  ab\n", "a full line is left as it is");
	sk_lines_wrap(&lines, SK_PLAIN, 8, "a wide indent");
	are(&lines, "a wide\nindent\n", "an indent that leaves no room is none");
	sk_lines_fini(&lines);
}

static void
test_beside(void)
{
	struct sk_lines left = {.columns = 10}, right = {.columns = 3};

	sk_lines_add(&left, SK_PLAIN, "a");
	sk_lines_add(&right, SK_PLAIN, "b");
	sk_lines_new(&right);
	sk_lines_new(&right);
	sk_lines_add(&right, SK_PLAIN, "cde");
	sk_lines_beside(&left, &right, 4);
	is_int((long long)right.n, 0, "the right ones are moved");
	sk_lines_new(&right);
	sk_lines_append(&left, &right);
	are(&left, "a   b\n\n    cde\n\n", "lines stand beside others, or below them");
	sk_lines_fini(&left);
	sk_lines_fini(&right);
}

static void
test_colours(void)
{
	struct sk_lines lines = {.columns = 4, .with_colour = true};

	sk_lines_wrap(&lines, SK_BOLD_RED, 1, "ab cde");
	sk_lines_add(&lines, SK_PLAIN, "f");
	are(&lines, "\033[1;31mab\033[0m\n \033[1;31mcde\033[0m\n", "colours take no column");
	sk_lines_add(&lines, SK_RED, "");
	are(&lines, "\n", "nothing has no colour");
	sk_lines_fini(&lines);
}

int
main(void)
{
	test_fitting();
	test_wrapping();
	test_beside();
	test_colours();
	return done_testing();
}
