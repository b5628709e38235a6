/* SPDX-License-Identifier: MIT */
/*
 * sikka-token(1) and sikka-life(7) say when a key is renewed as the code does it. Started in the top
 * folder.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "calls/request_key.h"
#include "tap.h"

#define TOKEN_PAGE "man/sikka-token.1"
#define LIFE_PAGE "man/sikka-life.7"
#define LIFE_SECTION ".Sh REQUEST KEYS OF OFFICES "

/* The page's text as one line, to be freed. Ends the test when it can't be read. */
static char *
read_page(const char *path)
{
	static char text[100000];
	FILE *file = fopen(path, "r");
	size_t n = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (n == 0) {
		printf("Bail out! %s can't be read: start the test from the top folder\n", path);
		exit(1);
	}
	fclose(file);
	text[n] = '\0';
	for (char *at = text; *at != '\0'; at++)
		if (*at == '\n')
			*at = ' ';
	return sk_mem_copy(text);
}

/* "two hours", as a page says it; one is said as "a minute" or "one minute". To be freed. */
static char *
words_of(int64_t duration, const char *one)
{
	const char *numbers[] = {"no", one, "two", "three", "four", "five", "six", "seven", "eight",
	    "nine", "ten"};
	int is_hours = duration >= SK_HOUR && duration % SK_HOUR == 0;
	int64_t n = duration / (is_hours ? SK_HOUR : SK_MINUTE);
	const char *unit = is_hours ? "hour" : "minute";

	if (n >= 0 && n <= 10)
		return sk_mem_printf("%s %s%s", numbers[n], unit, n == 1 ? "" : "s");
	return sk_mem_printf("%lld %ss", (long long)n, unit);
}

/* Whether the page holds this sentence, with the duration in the middle. */
static void
says(const char *page, const char *before, int64_t duration, const char *one, const char *after)
{
	char *words = words_of(duration, one);
	char *sentence = sk_mem_printf("%s%s%s", before, words, after);

	ok(strstr(page, sentence) != NULL, "the page says \"%s\"", sentence);
	free(sentence);
	free(words);
}

static void
test_token_page(void)
{
	char *page = read_page(TOKEN_PAGE);

	says(page, "Renew the request keys that expire within ", SK_KEY_WITHIN, "an", ".");
	says(page, "uses a request key that expires within ", SK_KEY_MARGIN, "a", ",");
	ok(strstr(page, "renewed in the last tenth of that time") != NULL,
	    "the page says \"the last tenth\"");
	says(page, "valid for less than ", SK_KEY_MARGIN * SK_KEY_MARGIN_PART, "a", " in all");
	free(page);
}

/* The section of sikka-life(7) about request keys alone: other sections have margins, too. */
static void
test_life_page(void)
{
	char *page = read_page(LIFE_PAGE);
	char *section = strstr(page, LIFE_SECTION);
	char *end = section != NULL ? strstr(section + 1, ".Sh ") : NULL;

	ok(section != NULL, "sikka-life(7) has the section \"%s\"", LIFE_SECTION);
	if (section != NULL) {
		if (end != NULL)
			*end = '\0';
		says(section, "valid for longer than a margin of ", SK_KEY_MARGIN, "one",
		    ", or of a tenth of its life");
		says(section, "if it lives shorter than ", SK_KEY_MARGIN * SK_KEY_MARGIN_PART,
		    "one", ",");
		says(section, "; for ", SK_KEY_AFTER_REFUSAL, "a", " nothing is asked again");
		says(section, "again ", SK_KEY_BLAME_AFTER, "a", " or more after the first time");
	}
	free(page);
}

int
main(void)
{
	is_int(SK_KEY_MARGIN % SK_MINUTE, 0, "the margin is whole minutes");
	is_int(SK_KEY_MARGIN_PART, 10, "the pages' tenth is the code's part");
	test_token_page();
	test_life_page();
	return done_testing();
}
