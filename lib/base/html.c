/* SPDX-License-Identifier: MIT */
/* html: texts of others, escaped so that they are nothing but text in a page. */
#include "base/html.h"

#include <stdlib.h>

static const char *
entity(char character)
{
	switch (character) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
sk_html_add(struct sk_text *page, const char *text)
{
	char *shown = sk_text_shown(text);

	for (const char *at = shown; *at != '\0'; at++) {
		const char *escaped = entity(*at);

		if (escaped != NULL)
			sk_text_add(page, escaped);
		else
			sk_text_add_bytes(page, at, 1);
	}
	free(shown);
}
