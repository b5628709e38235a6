/* SPDX-License-Identifier: MIT */
/* get_rest: by which options the rest can be read of what an error or a signal ended. */
#include <stdio.h>
#include <string.h>

#include "commands/get_parts.h"

#define MOST_OPTIONS 300 /* bytes that a line after a signal has room for */

static int64_t
next_page(const struct sk_api_pages *pages)
{
	return pages->torn ? pages->torn_at : pages->offset;
}

/* Whether all of it has to be read again. */
static bool
is_unread(const struct sk_get_rest *rest)
{
	return rest->by_events || (rest->pages->offset == 0 && !rest->pages->torn);
}

static void
add_options(const struct sk_get_rest *rest, struct sk_text *to)
{
	const struct sk_api_pages *pages = rest->pages;

	if (rest->office_id != NULL)
		sk_text_add_format(to, " -O %s", rest->office_id);
	sk_text_add_format(to, " --page-size %lld --from-page %lld",
	    (long long)(pages->granted > 0 ? pages->granted : pages->asked),
	    (long long)next_page(pages) + 1);
	/* Where pages from there on were written, too, nobody can count on from --limit. */
	if (rest->limit > 0 && next_page(pages) == pages->offset)
		sk_text_add_format(to, " --limit %lld", (long long)(rest->limit - rest->n));
}

void
sk_get_add_remedy(const struct sk_get_rest *rest, struct sk_error *why)
{
	struct sk_text options = {0};
	size_t used = strlen(why->text);

	/* What to type is said here. */
	if (!is_unread(rest) || (rest->by_events && rest->n > 0))
		why->is_stop = false;
	if (rest->by_events && rest->n > 0)
		snprintf(why->text + used, sizeof(why->text) - used,
		    "; %lld records were written; read all of them again", (long long)rest->n);
	if (is_unread(rest))
		return;
	add_options(rest, &options);
	snprintf(why->text + used, sizeof(why->text) - used,
	    "; %lld records were written; get the rest%s with%s", (long long)rest->n,
	    next_page(rest->pages) == rest->pages->offset ? "" : ", and some of them again,",
	    options.bytes);
	sk_text_fini(&options);
}

void
sk_get_note_stopped(struct sk_get_stopped *stopped, const struct sk_get_rest *rest)
{
	stopped->n++;
	if (is_unread(rest)) {
		sk_text_add_format(&stopped->unread, " -O %s", rest->office_id);
		return;
	}
	sk_text_add(&stopped->begun, ", and with");
	add_options(rest, &stopped->begun);
}

/* Where the options of all offices are too many for a line, nothing better is known than to read all again. */
void
sk_get_tell_stopped(struct sk_get_stopped *stopped, size_t n, struct sk_error *err)
{
	const char *begun = sk_text_bytes(&stopped->begun);
	const char *unread = sk_text_bytes(&stopped->unread);

	if (stopped->unread.used + stopped->begun.used > MOST_OPTIONS)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "stopped by a signal; %zu of %zu offices were read; run the same command again "
		    "to read all, or with -O for the others",
		    n - stopped->n, n);
	else if (stopped->n > 0)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "stopped by a signal; %zu of %zu offices were read; get the rest%s%s%s",
		    n - stopped->n, n, *unread != '\0' ? " with" : "", unread,
		    *unread != '\0' ? begun : begun + strlen(", and"));
	sk_text_fini(&stopped->unread);
	sk_text_fini(&stopped->begun);
}
