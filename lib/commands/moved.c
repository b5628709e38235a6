/* SPDX-License-Identifier: MIT */
/*
 * moved: the state file was moved here, and nothing was sent since. What the server's list has and the file
 * doesn't says otherwise.
 */
#include "commands/moved.h"

#include "base/out.h"
#include "base/text.h"
#include "base/time.h"
#include "store/event.h"
#include "store/pair.h"
#include "life/check_list.h"
#include "life/life.h"

#define NAMED 5 /* ids in a message */

/* Entries that no row has, but at offices to which another program writes: by their ids, the first of them. */
static int
refuse_unowned(struct sk_session *session, struct sk_listing *list, struct sk_error *err)
{
	struct sk_text ids = {0};
	size_t n = 0;

	if (sk_check_list_mark_owned(session, list, err) != 0)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (!list->owned[i] &&
		    !sk_config_shares_office(&session->config, list->listed[i].office_id) &&
		    n++ < NAMED)
			sk_text_add_format(&ids, "%s%s", n > 1 ? ", " : "", list->listed[i].id);
	if (n > 0)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "the server has %zu requests that the state file doesn't have (%s%s), so "
		    "something was sent since: sikka-sweep --after-restore; if another program "
		    "sent them, add --unchecked",
		    n, sk_text_bytes(&ids), n > NAMED ? ", ..." : "");
	sk_text_fini(&ids);
	return n > 0 ? -1 : 0;
}

static int
compare_with_list(const struct sk_check *check, struct sk_error *err)
{
	struct sk_listing list;
	int result = -1;

	if (sk_check_list_read(check->pool, sk_time_now() - SK_LIFE_FORGETS, &list, err) != 0)
		return -1;
	if (!list.whole)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "the server's list changed while it was read: run the command again");
	else
		result = refuse_unowned(check->session, &list, err);
	sk_listing_fini(&list);
	return result;
}

/* In a section. Who, from where and when: the event's run says so. */
static int
record(struct sk_session *session, int unchecked, struct sk_error *err)
{
	const char *text = unchecked
	    ? "a person said that the file was moved here; the server's list wasn't compared"
	    : "a person said that the file was moved here; the server's list has nothing else";

	if (sk_event_make(session->store, SK_EVENT_MOVED, NULL, 0, text, err) != 0)
		return -1;
	return sk_pair_make_whole(session, err);
}

int
sk_moved(struct sk_sweep *sweep, struct sk_error *err)
{
	struct sk_session *session = sweep->session;
	const struct sk_check check = sk_sweep_check(sweep);
	int unchecked = sweep->options->unchecked;

	if (sk_copy_look(session, err) != 0)
		return -1;
	if (session->copy == SK_COPY_BEHIND || session->copy == SK_COPY_FORKED)
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "%s is older than its own lock file, so it wasn't only moved: sikka-sweep "
		    "--after-restore",
		    session->config.db);
	if (!unchecked && compare_with_list(&check, err) != 0)
		return -1;
	if (sk_section_begin(session, err) != 0 ||
	    sk_section_end(session, record(session, unchecked, err), err) != 0)
		return -1;
	sk_out_warn("%s",
	    session->rehearses ? "--moved would make the state file and its lock file a pair again"
			       : "the state file and its lock file belong together again");
	return 0;
}
