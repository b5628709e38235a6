/* SPDX-License-Identifier: MIT */
/* Texts of others in a page of HTML. */
#include "base/html.h"

#include "tap.h"

static void
shows(const char *text, const char *want, const char *what)
{
	struct sk_text page = {0};

	sk_html_add(&page, text);
	is_str(sk_text_bytes(&page), want, what);
	sk_text_fini(&page);
}

int
main(void)
{
	struct sk_text page = {0};

	shows("", "", "nothing");
	shows("Zoë & 日本語", "Zoë &amp; 日本語", "letters of all scripts stay");
	shows("<script>", "&lt;script&gt;", "no tag");
	shows("\" onload='x'", "&quot; onload=&#39;x&#39;", "no end of an attribute");
	shows("&lt;", "&amp;lt;", "no character by its name");
	shows("a\tb\033[1m\x7f", "a\\x09b\\x1b[1m\\x7f", "control characters are made visible");
	shows("\xe2\x80\xae"
	      "1",
	    "\\xe2\\x80\\xae1", "and so is what sets the direction of writing");
	shows("\xff", "\\xff", "and what is no character");
	sk_text_add(&page, "<p>");
	sk_html_add(&page, "<a> > 1");
	is_str(sk_text_bytes(&page), "<p>&lt;a&gt; &gt; 1", "what was there stays");
	sk_text_fini(&page);
	return done_testing();
}
