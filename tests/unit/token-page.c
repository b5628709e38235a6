/* SPDX-License-Identifier: MIT */
/* sikka-token(1) says when a key is renewed as the code does it. Started in the top folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "calls/request_key.h"
#include "tap.h"

#define PAGE "man/sikka-token.1"

/* The page's text as one line, to be freed. Ends the test when it can't be read. */
static char *
read_page(void)
{
	static char text[100000];
	FILE *file = fopen(PAGE, "r");
	size_t n = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (n == 0) {
		printf("Bail out! %s can't be read: start the test from the top folder\n", PAGE);
		exit(1);
	}
	fclose(file);
	for (char *at = text; *at != '\0'; at++)
		if (*at == '\n')
			*at = ' ';
	return sk_mem_copy(text);
}

/* "a minute", "two hours", as the page says it; to be freed. */
static char *
words_of(int64_t duration)
{
	static const char *const numbers[] = {"no", "a", "two", "three", "four", "five", "six",
	    "seven", "eight", "nine", "ten"};
	int is_hours = duration >= SK_HOUR && duration % SK_HOUR == 0;
	int64_t n = duration / (is_hours ? SK_HOUR : SK_MINUTE);
	const char *unit = is_hours ? "hour" : "minute";

	if (n >= 0 && n <= 10)
		return sk_mem_printf("%s %s%s", numbers[n], unit, n == 1 ? "" : "s");
	return sk_mem_printf("%lld %ss", (long long)n, unit);
}

/* Whether the page holds this sentence, with the duration in the middle. */
static void
says(const char *page, const char *before, int64_t duration, const char *after)
{
	char *words = words_of(duration);
	char *sentence = sk_mem_printf("%s%s%s", before, words, after);

	ok(strstr(page, sentence) != NULL, "the page says \"%s\"", sentence);
	free(sentence);
	free(words);
}

int
main(void)
{
	char *page = read_page();

	says(page, "Renew the request keys that expire within ", SK_KEY_WITHIN, ".");
	says(page, "uses a request key that expires within ", SK_KEY_MARGIN, ",");
	is_int(SK_KEY_MARGIN % SK_MINUTE, 0, "which are whole minutes");
	is_int(SK_KEY_MARGIN_PART, 10, "the page's tenth is the code's part");
	ok(strstr(page, "renewed in the last tenth of that time") != NULL, "the page says so");
	says(page, "valid for less than ", SK_KEY_MARGIN * SK_KEY_MARGIN_PART, " in all");
	free(page);
	return done_testing();
}
