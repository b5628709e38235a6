/* SPDX-License-Identifier: MIT */
/*
 * filter: masks what nobody may see in texts of others. Rather too much is masked than too little: such a
 * text says what went wrong, which needs no password.
 */
#include "base/filter.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"
#include "base/text.h"

#define MASK "***"
#define SHORTEST 4
#define SLOTS 8192

/* The known secrets, each in the slot of its digest. */
static char *known[SLOTS];
/* The slots that have one: nearly all are empty, and every answer of the server is filtered. */
static size_t taken[SLOTS], n_taken;

void
sk_filter_know(const char *secret)
{
	uint32_t digest = 2166136261u;
	char **slot;

	if (secret == NULL || strlen(secret) < SHORTEST)
		return;
	for (const char *at = secret; *at != '\0'; at++)
		digest = (digest ^ (unsigned char)*at) * 16777619u;
	slot = &known[digest % SLOTS];
	if (*slot != NULL && strcmp(*slot, secret) == 0)
		return;
	if (*slot == NULL)
		taken[n_taken++] = digest % SLOTS;
	sk_secret_free(*slot);
	*slot = sk_mem_copy(secret);
}

/* libcurl may take any part of it for the host, when a character in it should have been escaped. */
static void
know_proxy(const char *url)
{
	static const char ends[] = "/?#@: %";
	const char *scheme = strstr(url, "://"), *host = strrchr(url, '@');
	char *part, *rest, *copy;

	url = scheme != NULL ? scheme + 3 : url;
	if (host == NULL || host <= url)
		return;
	rest = copy = sk_mem_copy_bytes(url, (size_t)(host - url));
	while ((part = strsep(&rest, ends)) != NULL)
		sk_filter_know(part);
	sk_secret_free(copy);
}

void
sk_filter_know_proxies(void)
{
	static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "http_proxy",
	    "HTTP_PROXY", "all_proxy", "ALL_PROXY"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (getenv(names[i]) != NULL)
			know_proxy(getenv(names[i]));
}

static bool
is_opening_quote(const char *text, const char *at)
{
	if (*at != '\'' && *at != '"')
		return false;
	return at == text || strchr(" (=:,\t\n", at[-1]) != NULL;
}

/* The last @ from `from` to `end`; NULL: none. */
static const char *
last_at_sign(const char *from, const char *end)
{
	while (end > from)
		if (*--end == '@')
			return end;
	return NULL;
}

/*
 * Masks user and password: what stands between :// and the last @ of the word, or of the quoted text, in
 * which there may be anything; and in a quoted text without :// what stands before the @.
 */
static char *
without_users(const char *text)
{
	struct sk_text masked = {0};
	const char *at = text, *end, *host, *scheme;

	while (*at != '\0') {
		bool is_quote = is_opening_quote(text, at);
		bool is_url = strncmp(at, "://", 3) == 0;
		const char *from = is_quote ? at + 1 : at + 3;

		host = NULL;
		if (is_quote) {
			end = strrchr(from, *at);
			scheme = end != NULL ? strstr(from, "://") : NULL;
			from = scheme != NULL && scheme < end ? scheme + 3 : from;
			host = end != NULL ? last_at_sign(from, end) : NULL;
		} else if (is_url) {
			host = last_at_sign(from, from + strcspn(from, " \t\r\n"));
		}
		if (host == NULL) {
			sk_text_add_bytes(&masked, at++, 1);
			continue;
		}
		sk_text_add_bytes(&masked, at, (size_t)(from - at));
		sk_text_add(&masked, MASK);
		at = host;
	}
	return sk_text_take(&masked);
}

/* Takes the text. */
static char *
without(char *text, const char *secret)
{
	struct sk_text masked = {0};
	const char *from = text, *at;

	if (strstr(text, secret) == NULL)
		return text;
	while ((at = strstr(from, secret)) != NULL) {
		sk_text_add_bytes(&masked, from, (size_t)(at - from));
		sk_text_add(&masked, MASK);
		from = at + strlen(secret);
	}
	sk_text_add(&masked, from);
	sk_secret_free(text);
	return sk_text_take(&masked);
}

char *
sk_filter(const char *text)
{
	char *masked = without_users(text), *shown;

	for (size_t i = 0; i < n_taken; i++)
		masked = without(masked, known[taken[i]]);
	for (char *at = masked; *at != '\0'; at++)
		if (*at == '\n' || *at == '\r' || *at == '\t')
			*at = ' ';
	shown = sk_text_shown(masked);
	sk_secret_free(masked);
	return shown;
}
