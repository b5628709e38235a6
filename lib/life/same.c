/* SPDX-License-Identifier: MIT */
/*
 * same: compares a request with the rows of the journal: by the caller's key, with what was taken
 * over from a list, and by content, in this order.
 */
#include "life/same.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/text.h"
#include "store/archive.h"
#include "store/content.h"
#include "store/holders.h"
#include "store/not_ours.h"
#include "api/writeback.h"
#include "rules/rules.h"

static char *
canonical_text(const char *body)
{
	json_t *object = body != NULL ? sk_json_parse(body, strlen(body), NULL) : NULL;
	char *canonical = object != NULL ? sk_json_canonical(object, NULL) : NULL;

	json_decref(object);
	return canonical;
}

bool
sk_same_request(const struct sk_writeback *row, const struct sk_writeback *other)
{
	char *ours, *theirs;
	bool equal;

	if (!sk_text_equal(row->office_id, other->office_id) ||
	    !sk_text_equal(row->method, other->method) ||
	    !sk_text_equal(row->endpoint, other->endpoint) || row->has_secret != other->has_secret)
		return false;
	/*
	 * The body of a purged row can't be compared. It counts as the same request, because
	 * sending nothing twice matters more.
	 */
	if (other->request_body == NULL && other->purged_at != 0)
		return true;
	if (row->content_key != NULL && sk_text_equal(row->content_key, other->content_key))
		return true;
	ours = canonical_text(row->request_body);
	theirs = canonical_text(other->request_body);
	equal = sk_text_equal(ours, theirs);
	sk_secret_free(ours);
	sk_secret_free(theirs);
	return equal;
}

static int
set(struct sk_same *same, enum sk_same_is is, int64_t other)
{
	same->is = is;
	same->other = other;
	return 1;
}

/* Each find_… function: 1 same is filled, 0 nothing found, -1 error. */
static int
find_by_key(struct sk_store *store, const struct sk_writeback *row, struct sk_same *same,
    struct sk_error *err)
{
	struct sk_writeback other = {0};
	int64_t id;
	int found = sk_store_key_holder(store, row->key, &id, err);

	if (found != 1)
		return found;
	if (sk_store_archive_recall(store, id, &other, err) != 1)
		return -1;
	set(same, sk_same_request(row, &other) ? SK_SAME_DUPLICATE : SK_SAME_KEY_REUSED, id);
	sk_writeback_fini(&other);
	return 1;
}

/* Whether an equal request after this one would be a new one, as far as its content goes. */
static int
is_over(const struct sk_writeback *row)
{
	return row->result == SK_COMPLETED &&
	    (strcmp(row->method, "POST") != 0 || row->completed_at < sk_time_now() - SK_SAME_HOLDS);
}

/* Of what the list would show of the request; NULL: nothing that can be compared. The caller's. */
static char *
listed_digest(const struct sk_writeback *row)
{
	json_t *body = row->request_body != NULL ? sk_writeback_body(row) : json_object();
	char *digest = sk_content_listed(row->office_id, row->method, row->endpoint, body);

	json_decref(body);
	return digest;
}

/* Whether a value of the body has an '&': then the list shows it as another request's would be. */
static int
is_ambiguous(const json_t *body)
{
	const char *text;
	json_t *value;
	const char *name;

	json_object_foreach((json_t *)(uintptr_t)body, name, value)
	{
		text = json_string_value(value);
		if (text != NULL && strchr(text, '&') != NULL)
			return 1;
	}
	return 0;
}

/*
 * The row was taken over, and the list showed what the list would show of this request. A request
 * with a card could have had another card; and whoever names a key after the day in which equal ones
 * are taken for one may mean the old request or a new one.
 */
static int
judge_unclaimed(const struct sk_writeback *row, const struct sk_writeback *other, int is_unsure,
    struct sk_same *same)
{
	if (is_over(other))
		return row->key == NULL ? 0 : set(same, SK_SAME_DOUBLED, other->id);
	if (is_unsure)
		return set(same, SK_SAME_UNCLEAR, other->id);
	if (row->has_secret || other->has_secret)
		return set(same, SK_SAME_DOUBLED, other->id);
	return set(same, SK_SAME_CLAIMS, other->id);
}

/* A row of the request's kind that can't be compared with it. */
static int
find_dark(struct sk_store *store, const struct sk_writeback *row, bool all_of_them,
    struct sk_same *same, struct sk_error *err)
{
	struct sk_writeback other = {0};
	int64_t *ids;
	size_t n;
	int found = 0;

	if (sk_store_unclaimed_dark(store, row->office_id, row->method, all_of_them, &ids, &n,
		err) != 0)
		return -1;
	for (size_t i = 0; i < n && found == 0; i++) {
		if (sk_store_writeback_get(store, ids[i], &other, err) != 1)
			found = -1;
		else if (other.purged_at == 0 && sk_api_is_same_kind(row->endpoint, other.endpoint))
			found = set(same, SK_SAME_UNCLEAR, ids[i]);
		sk_writeback_fini(&other);
	}
	free(ids);
	return found;
}

static int
find_unclaimed(struct sk_store *store, const struct sk_writeback *row, struct sk_same *same,
    struct sk_error *err)
{
	struct sk_writeback other = {0};
	json_t *body;
	char *listed;
	int64_t id;
	int found, is_unsure;

	body = row->request_body != NULL ? sk_writeback_body(row) : json_object();
	listed = listed_digest(row);
	is_unsure = is_ambiguous(body);
	json_decref(body);
	found = sk_store_unclaimed(store, row->office_id, listed, &id, err);
	if (found == 1) {
		found = sk_store_writeback_get(store, id, &other, err) == 1
		    ? judge_unclaimed(row, &other, is_unsure, same)
		    : -1;
		sk_writeback_fini(&other);
	}
	if (found == 0)
		found = find_dark(store, row, listed == NULL, same, err);
	free(listed);
	return found;
}

/*
 * A row that was taken over, and was withdrawn before a request turned out to be its. The practice may still
 * carry it out, and nobody knows which key it had.
 */
static int
find_withdrawn(struct sk_store *store, const struct sk_writeback *row, struct sk_same *same,
    struct sk_error *err)
{
	char *listed = listed_digest(row);
	int64_t id;
	int found;

	found = sk_store_unclaimed_undone(store, row->office_id, listed, &id, err);
	free(listed);
	return found == 1 ? set(same, SK_SAME_DOUBLED, id) : found;
}

/* A person has said that an equal entry of the list was sent by another program. */
static int
find_anothers(struct sk_store *store, const struct sk_writeback *row, struct sk_same *same,
    struct sk_error *err)
{
	char *listed, *writeback_id;
	int found = sk_store_not_ours_any(store, err);

	if (found != 1)
		return found;
	listed = listed_digest(row);
	found = sk_store_not_ours_equal(store, listed, &writeback_id, err);
	if (found == 1) {
		set(same, SK_SAME_ANOTHERS, 0);
		snprintf(same->writeback_id, sizeof(same->writeback_id), "%s", writeback_id);
	}
	free(writeback_id);
	free(listed);
	return found;
}

/* It also says how the row holds its content when it is queued. */
static int
find_by_content(struct sk_store *store, const struct sk_writeback *row, struct sk_same *same,
    struct sk_error *err)
{
	struct sk_writeback other = {0};
	int64_t id;
	int found = sk_store_content_holder(store, row->content_key, &id, err);

	same->hold = found == 1 ? SK_CONTENT_BESIDE : SK_CONTENT_ALONE;
	if (found != 1)
		return found;
	if (row->key != NULL)
		return set(same,
		    sk_rules_may_be_twice(row->operation) ? SK_SAME_BESIDE : SK_SAME_DOUBLED, id);
	if (sk_store_writeback_get(store, id, &other, err) != 1)
		return -1;
	/* Cards aren't compared, so two requests with cards may be two. */
	set(same, row->has_secret || other.has_secret ? SK_SAME_DOUBLED : SK_SAME_DUPLICATE, id);
	sk_writeback_fini(&other);
	return 1;
}

int
sk_same_find(struct sk_store *store, const struct sk_writeback *row, struct sk_same *same,
    struct sk_error *err)
{
	int found, unclaimed = 0;

	*same = (struct sk_same){.is = SK_SAME_NEW, .hold = SK_CONTENT_FREE};
	if (row->again)
		return 0;
	if (row->content_key != NULL &&
	    sk_store_writebacks_free_keys(store, row->content_key, sk_time_now() - SK_SAME_HOLDS,
		err) != 0)
		return -1;
	found = find_by_key(store, row, same, err);
	if (found == 0 && (unclaimed = sk_store_has_unclaimed(store, row->office_id, err)) != 0)
		found = unclaimed > 0 ? find_unclaimed(store, row, same, err) : -1;
	if (found == 0)
		found = find_by_content(store, row, same, err);
	if (found == 0 && unclaimed)
		found = find_withdrawn(store, row, same, err);
	if (found == 0)
		found = find_anothers(store, row, same, err);
	return found < 0 ? -1 : 0;
}

int
sk_same_claim(struct sk_store *store, const struct sk_writeback *row, int64_t other,
    struct sk_error *err)
{
	struct sk_writeback claimed = {0};
	int written = -1;

	if (sk_store_writeback_get(store, other, &claimed, err) == 1) {
		claimed.unclaimed = 0;
		sk_mem_replace(&claimed.key, row->key);
		sk_mem_replace(&claimed.content_key, row->content_key);
		written = sk_store_writeback_put(store, &claimed, claimed.result, claimed.attempts,
		    NULL, err);
	}
	sk_writeback_fini(&claimed);
	return written == 1 ? 0 : -1;
}

int
sk_same_warn_beside(struct sk_store *store, const struct sk_writeback *row, int64_t other,
    const char *at, struct sk_error *err)
{
	struct sk_writeback equal = {0};
	char *where = NULL;
	int found = sk_store_writeback_get(store, other, &equal, err);

	if (found == 1) {
		where = sk_mem_printf(
		    "%s%srequest %lld has the same content as request %lld, which is %s",
		    at != NULL ? at : "", at != NULL ? ": " : "", (long long)row->id,
		    (long long)other, sk_state_name(equal.result));
		sk_out_warn_repeated("request", where,
		    "; it is sent, since its key is another one");
	}
	free(where);
	sk_writeback_fini(&equal);
	return found == 1 ? 0 : -1;
}
