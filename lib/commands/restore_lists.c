/* SPDX-License-Identifier: MIT */
/*
 * restore: the two lists that show what was sent since the copy was made, and what they can't show. Each
 * may lack an entry that the other one has, so what either of them shows counts.
 */
#include "commands/restore_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "store/offices.h"
#include "store/pair.h"
#include "store/restored.h"
#include "life/check_list.h"
#include "life/life.h"

#define NAMED 20 /* offices in a message */

static char *
names_of_offices(struct sk_session *session, struct sk_error *err)
{
	struct sk_office *offices;
	struct sk_text names = {0};
	size_t n;

	if (sk_store_offices(session->store, &offices, &n, err) != 0)
		return NULL;
	for (size_t i = 0; i < n && i < NAMED; i++)
		sk_text_add_format(&names, "%s%s", i > 0 ? ", " : "", offices[i].office_id);
	if (n > NAMED)
		sk_text_add_format(&names, " and %zu more", n - NAMED);
	sk_offices_free(offices, n);
	if (n == 0)
		sk_text_add_format(&names, "all");
	return sk_text_take(&names);
}

/* The lists don't show everything, for that reason. Goes on only where a person accepts it. */
static int
meet_gap(struct sk_restoring *restoring, const char *why, struct sk_error *err)
{
	char *names = names_of_offices(restoring->session, err);

	if (names == NULL)
		return -1;
	if (!restoring->sweep->options->accept_gap) {
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "%s; so what was sent for these offices since the copy was made can't be "
		    "known: %s. Look in the practices' own systems; then go on with sikka-sweep "
		    "--after-restore --accept-gap",
		    why, names);
		free(names);
		return -1;
	}
	if (strstr(sk_text_bytes(&restoring->gap), why) != NULL) {
		free(names);
		return 0; /* the other list lacked the same */
	}
	sk_out_warn("%s; what was sent for these offices since the copy was made isn't known: %s",
	    why, names);
	sk_text_add_format(&restoring->gap, "%s%s", restoring->gap.used > 0 ? "; " : "", why);
	free(names);
	return 0;
}

/* How long ago the copy was made: of what is older than five days a list proves nothing. */
static int
check_age(struct sk_restoring *restoring, struct sk_error *err)
{
	struct sk_session *session = restoring->session;
	int64_t now = restoring->first.begun_at, end, latest = 0;
	char text[SK_TIME_TEXT], *why;
	int result;

	if (sk_pair_end_of_copy(session, now, &end, err) != 0 ||
	    sk_store_latest_before(session->store, end, &latest, err) != 0)
		return -1;
	if (latest == 0)
		return meet_gap(restoring, "it isn't known when the copy was made", err);
	if (now - latest <= SK_LIFE_PROVES)
		return 0;
	why = sk_mem_printf("the copy's latest moment is %s, more than 5 days ago",
	    sk_time_format(latest, text));
	result = meet_gap(restoring, why, err);
	free(why);
	return result;
}

/* Whether the server will never give this list to us, however often it is asked. */
static bool
is_refused(const struct sk_error *err)
{
	return err->code == SK_EXIT_NOT_AUTHORIZED || err->code == SK_EXIT_FAILED ||
	    err->code == SK_EXIT_PROTOCOL;
}

/* Without a list: what couldn't be read isn't known. */
static int
meet_refusal(struct sk_restoring *restoring, struct sk_error *err)
{
	struct sk_error refused = *err;

	if (!is_refused(&refused))
		return -1;
	sk_error_clear(err);
	restoring->first.begun_at = sk_time_now();
	return meet_gap(restoring, refused.text, err);
}

static int
check_list(struct sk_restoring *restoring, const struct sk_listing *list, struct sk_error *err)
{
	if (list->is_undated && meet_gap(restoring, "the server's answers have no Date", err) != 0)
		return -1;
	if (list->whole)
		return 0;
	if (restoring->sweep->options->accept_gap)
		return meet_gap(restoring, "the server's list changed while it was read", err);
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "the server's list changed while it was read: run the command again; if its count is "
	    "never right, add --accept-gap");
}

static int
read_list(struct sk_restoring *restoring, struct sk_listing *list, struct sk_error *err)
{
	struct sk_pool *pool = restoring->sweep->pool;
	int64_t from = sk_time_now() - SK_LIFE_FORGETS;

	return sk_check_list_read(pool, from, list, err);
}

static int
await_second(struct sk_restoring *restoring, struct sk_error *err)
{
	int64_t left = restoring->first.begun_at + SK_LIFE_LOOK - sk_time_now();

	if (left > 0)
		sk_out_warn("read the server's list; it is read again in a minute, since one may "
			    "lack an entry");
	for (; left > 0; left = restoring->first.begun_at + SK_LIFE_LOOK - sk_time_now())
		if (sk_pool_sleep(restoring->sweep->pool, left, err) != 0)
			return -1;
	return 0;
}

static int
read_second(struct sk_restoring *restoring, struct sk_error *err)
{
	if (await_second(restoring, err) != 0 ||
	    read_list(restoring, &restoring->second, err) != 0 ||
	    check_list(restoring, &restoring->second, err) != 0)
		return -1;
	if (restoring->second.number == restoring->first.number + 1)
		return 0;
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "another process read the server's list in between: run the command again");
}

/* What neither list shows proves nothing here. */
static void
join(struct sk_restoring *restoring)
{
	const struct sk_listing *first = &restoring->first, *second = &restoring->second;
	struct sk_listing *either = &restoring->either;

	sk_check_list_join(first, second, either);
	either->begun_at = first->begun_at;
	either->from = first->from;
	either->number = second->number;
}

int
sk_restore_read(struct sk_restoring *restoring, struct sk_error *err)
{
	if (read_list(restoring, &restoring->first, err) != 0) {
		if (meet_refusal(restoring, err) != 0)
			return -1;
		join(restoring);
		return 0;
	}
	/* It may have been the first answer to this process, by which the time is known at last. */
	if (sk_restore_check_time(restoring->session, restoring->first.begun_at, err) != 0 ||
	    check_age(restoring, err) != 0 || check_list(restoring, &restoring->first, err) != 0 ||
	    read_second(restoring, err) != 0)
		return -1;
	join(restoring);
	return 0;
}

void
sk_restoring_fini(struct sk_restoring *restoring)
{
	sk_listing_fini(&restoring->either);
	sk_listing_fini(&restoring->first);
	sk_listing_fini(&restoring->second);
	sk_text_fini(&restoring->gap);
}
