/* SPDX-License-Identifier: MIT */
/*
 * copy: recognizes an older copy of the state file, and says so. What can't be read is an error and
 * never "no copy".
 */
#include "store/copy.h"

#include <string.h>

#include "base/out.h"
#include "store/holds.h"
#include "store/session.h"
#include "store/statements.h"
#include "store/writebacks.h"

static const char *const words[] = {
    [SK_COPY_BEHIND] = "the lock file beside it has counted further",
    [SK_COPY_FORKED] = "the lock file beside it has seen another state file since",
    [SK_COPY_STRANGE] = "the lock file beside it belongs to another state file",
    [SK_COPY_ALONE] = "the lock file beside it doesn't know it",
    [SK_COPY_SHOWN] = "the server has requests which it doesn't have",
};

/*
 * A file of an earlier version has no pair. It is what its lock file saw last when that is of this
 * version too, and knows no row that the state file lacks. A lock file of that version in which no row
 * number stands belongs to a state file in which nothing was ever handed in.
 */
static bool
is_of_earlier_pair(const struct sk_twin *twin, int64_t highest)
{
	if (twin->is_there && twin->count > 0)
		return false;
	return twin->earlier_row > 0 ? highest >= twin->earlier_row
				     : twin->earlier_row == 0 && highest == 0;
}

enum sk_copy
sk_copy_judge(const struct sk_twin *twin, const struct sk_store_twin *here, int64_t highest)
{
	if (here->pair == 0)
		return is_of_earlier_pair(twin, highest) ? SK_COPY_NONE : SK_COPY_ALONE;
	if (!twin->is_there)
		return SK_COPY_ALONE;
	if (here->pair != twin->pair)
		return SK_COPY_STRANGE;
	if (here->count < twin->count)
		return SK_COPY_BEHIND;
	return here->count == twin->count && here->mark != twin->mark ? SK_COPY_FORKED
								      : SK_COPY_NONE;
}

int
sk_store_twin_get(struct sk_store *store, struct sk_store_twin *twin, struct sk_error *err)
{
	struct sk_query query;

	memset(twin, 0, sizeof(*twin));
	sk_query_open(&query, store, SK_SQL_TWIN_GET, err);
	if (sk_query_step(&query)) {
		twin->pair = sk_query_column_number(&query, 0);
		twin->count = sk_query_column_number(&query, 1);
		twin->mark = sk_query_column_number(&query, 2);
	}
	return sk_query_close(&query);
}

int
sk_store_twin_put(struct sk_store *store, const struct sk_store_twin *twin, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_TWIN_PUT, err);
	sk_query_number(&query, 1, twin->pair);
	sk_query_number(&query, 2, twin->count);
	sk_query_number(&query, 3, twin->mark);
	return sk_query_run(&query, NULL);
}

int
sk_copy_look_at_holds(struct sk_session *session, struct sk_error *err)
{
	int shown = session->copy == SK_COPY_NONE ? sk_store_holds_copy(session->store, err) : 0;

	if (shown > 0)
		session->copy = SK_COPY_SHOWN;
	return shown < 0 ? -1 : 0;
}

int
sk_copy_compare(struct sk_session *session, const struct sk_twin *twin, struct sk_store_twin *here,
    struct sk_error *err)
{
	int64_t highest;

	if (sk_sql_still(session->store, err) != 0 ||
	    sk_store_twin_get(session->store, here, err) != 0 ||
	    sk_store_writebacks_highest(session->store, &highest, err) != 0)
		return -1;
	session->copy = sk_copy_judge(twin, here, highest);
	return sk_copy_look_at_holds(session, err);
}

int
sk_copy_look(struct sk_session *session, struct sk_error *err)
{
	struct sk_store_twin here;

	session->copy = SK_COPY_NONE;
	if (session->lock != NULL && sk_twin_read(session->lock, &session->twin, err) != 0)
		return -1;
	return session->store == NULL ? 0 : sk_copy_compare(session, &session->twin, &here, err);
}

int
sk_copy_refuse(const struct sk_session *session, struct sk_error *err)
{
	if (session->copy == SK_COPY_NONE)
		return 0;
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "%s is an older copy of the state file (%s): nothing is sent; if a copy was put back: "
	    "sikka-sweep --after-restore; if it was moved here, and nothing was sent since: "
	    "sikka-sweep --moved%s",
	    session->config.db, words[session->copy],
	    session->copy == SK_COPY_SHOWN
		? "; if another program sent what the server has: sikka-sweep -n | "
		  "sikka-sweep --not-ours -; if it goes on doing so: shared_offices in "
		  "sikka-config(5), then sikka-sweep"
		: "");
}

int
sk_copy_guard(struct sk_session *session, struct sk_error *err)
{
	return sk_copy_look(session, err) == 0 ? sk_copy_refuse(session, err) : -1;
}

void
sk_copy_warn(const struct sk_session *session)
{
	struct sk_error why = {0};

	if (sk_copy_refuse(session, &why) != 0)
		sk_out_warn("%s", why.text);
}

const char *
sk_copy_words(enum sk_copy copy)
{
	return words[copy];
}
