/* SPDX-License-Identifier: MIT */
/*
 * html: texts of others in a page. What stands in them is text for the browser, whatever it is: characters that HTML
 * gives a meaning to are escaped, and those that aren't seen are shown as in sk_text_add_shown.
 */
#ifndef SK_BASE_HTML_H
#define SK_BASE_HTML_H

#include "base/text.h"

/* Between tags, or in an attribute's value within quotation marks. */
void sk_html_add(struct sk_text *page, const char *text);

#endif
