/* SPDX-License-Identifier: MIT */
/* served: what is this host's. When the journal can't be read, the office is refused. */
#include "store/served.h"

#include "base/time.h"
#include "store/hand_over.h"
#include "store/writebacks.h"

#define WATCHED (6 * SK_DAY) /* after it was sent, a withdrawn request may be carried out */
#define SEEN_GONE 2          /* looks, after which it isn't */

bool
sk_served_has(const struct sk_session *session, const char *office_id)
{
	return sk_share_has(&session->config.share, office_id);
}

int
sk_served_refuse(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	struct sk_hand_over over = {0};
	char day[SK_TIME_DAY];
	int out;

	if (sk_config_refuse_share(&session->config, office_id, err) != 0)
		return -1;
	if (session->store == NULL)
		return 0;
	out = sk_store_handed_out(session->store, office_id, &over, err);
	if (out == 1)
		sk_error_set(err, SK_EXIT_BAD_DATA,
		    "other_share: office %s was given away to another host on %s; if that one "
		    "doesn't have it: sikka-sweep --export-office %s writes it again, for "
		    "--import-office there",
		    office_id, sk_time_day(over.at, day), office_id);
	sk_hand_over_fini(&over);
	return out == 0 ? 0 : -1;
}

int
sk_served_refuse_named(struct sk_session *session, struct sk_error *err)
{
	for (size_t i = 0; i < session->common->n_offices; i++)
		if (sk_served_refuse(session, session->common->offices[i], err) != 0)
			return -1;
	return 0;
}

/* How many rows a filter finds; in *unseen those that were not yet seen gone twice. */
static int
count_rows(struct sk_store *store, const struct sk_filter *filter, size_t *n, size_t *unseen,
    struct sk_error *err)
{
	struct sk_writeback *rows;

	if (sk_store_writebacks(store, filter, &rows, n, err) != 0)
		return -1;
	*unseen = 0;
	for (size_t i = 0; i < *n; i++)
		*unseen += rows[i].looks < SEEN_GONE;
	sk_writebacks_free(rows, *n);
	return 0;
}

int
sk_served_count_followed(struct sk_session *session, const char *office_id, size_t *open,
    size_t *watched, struct sk_error *err)
{
	const struct sk_filter living = {.states = SK_OPEN_STATES,
	    .offices = &office_id,
	    .n_offices = 1};
	const struct sk_filter withdrawn = {.looks_due_since = sk_time_now() - WATCHED,
	    .offices = &office_id,
	    .n_offices = 1};
	size_t ignored;

	return count_rows(session->store, &living, open, &ignored, err) == 0
	    ? count_rows(session->store, &withdrawn, &ignored, watched, err)
	    : -1;
}

int
sk_served_refuse_unfollowed(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	struct sk_error why = {0};
	size_t open = 0, watched = 0;

	if (sk_served_refuse(session, office_id, &why) == 0)
		return 0;
	if (sk_served_count_followed(session, office_id, &open, &watched, err) != 0)
		return -1;
	return open + watched > 0 ? 0 : sk_error_set(err, why.code, "%s", why.text);
}
