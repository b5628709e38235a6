/* SPDX-License-Identifier: MIT */
/*
 * The table of sikka-api(7), Error codes, against the table of api_codes: each code that the code
 * knows has a line that says the same, and each line is a code that it knows.
 */
#include "api/codes.h"

#include <stdlib.h>

#include "base/mem.h"
#include "page.h"
#include "tap.h"

#define PAGE "man/sikka-api.7"
#define SECTION "ERROR CODES"
#define COLUMNS 5

static const char *const CLASSES[] = {
    [SK_API_OK] = "ok",
    [SK_API_ACCEPTED] = "accepted",
    [SK_API_EMPTY] = "empty",
    [SK_API_REFUSED] = "refused",
    [SK_API_REAUTHENTICATE] = "reauthenticate",
    [SK_API_REAUTHORIZE] = "reauthorize",
    [SK_API_CONFIG] = "config",
    [SK_API_RETRY] = "retry",
    [SK_API_LIMITED] = "limited",
    [SK_API_DAILY_LIMIT] = "daily",
    [SK_API_SPU_OFFLINE] = "offline",
    [SK_API_UNCLEAR] = "unclear",
};

static const char *const WRITES[] = {
    [SK_WRITE_ACCEPTED] = "accepted",
    [SK_WRITE_REFUSED] = "refused",
    [SK_WRITE_REFUSED_PASSING] = "passing",
    [SK_WRITE_REFUSED_FOR_NOW] = "for now",
    [SK_WRITE_REFUSED_KEY] = "key",
    [SK_WRITE_UNCLEAR] = "unclear",
};

static void
test_code(const struct page *page, const struct sk_api_code *known)
{
	const struct page_item *item = page_find(page, SECTION, known->code);
	char *wanted = sk_mem_printf("%d, %s, %s, %s", known->http, CLASSES[known->class],
	    WRITES[known->write], known->means);
	char *found = item != NULL && item->n_cells == COLUMNS
	    ? sk_mem_printf("%s, %s, %s, %s", item->cells[1], item->cells[2], item->cells[3],
		  item->cells[4])
	    : NULL;

	is_str(found, wanted, known->code);
	free(found);
	free(wanted);
}

int
main(void)
{
	struct page page;
	size_t n_known = 0, n_lines = 0;

	sk_mem_init();
	page_read(&page, PAGE);
	for (int number = 0; number <= 9999; number++) {
		char code[16];
		const struct sk_api_code *known;

		snprintf(code, sizeof(code), "API%04d", number);
		known = sk_api_code_find(code);
		if (known == NULL)
			continue;
		n_known++;
		test_code(&page, known);
	}
	for (size_t i = 0; i < page.n; i++)
		n_lines +=
		    strcmp(page.items[i].title, SECTION) == 0 && page.items[i].n_cells == COLUMNS;
	ok(n_known > 0, "there are codes");
	is_int((long long)n_lines, (long long)n_known, "the page has no line more");
	page_free(&page);
	return done_testing();
}
