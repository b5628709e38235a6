/* SPDX-License-Identifier: MIT */
/*
 * pages: a list of the server's, page after page (sikka-api(7), Lists). A page that fails is asked for
 * again by the engine, the ones before are not. A page is worked off before the next one is asked for,
 * and read record by record, so that memory stays that of a page's text. Several lists may be read side
 * by side.
 *
 * A list may shrink its pages: down to one record, and back to larger ones when they come.
 *
 * A list may begin with a small page, in which most lists fit whole, and go on in large ones. The first large page
 * begins at the first record again, because offset counts pages; what the small page had isn't handed out twice. The
 * list goes on in small pages where the first large page is short, doesn't begin with the very same records, is too
 * much, or is one at which the server fails (5xx, but not 503).
 *
 * Each list ends. A page that doesn't fit to the others (it repeats one of them, or is short although the
 * list goes on) is asked for once more; then the list is torn, and no more of it is read. So is one that
 * has no end. What is torn isn't an error here: list.torn says so, and its owner knows what that means.
 * Records that can't be read are left out, which tears the list, too. Both, and repairs, are warned of.
 */
#ifndef SK_CALLS_PAGES_H
#define SK_CALLS_PAGES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "api/api.h"
#include "calls/call.h"
#include "calls/pool.h"

/* For each record (borrowed). 0 go on, 1 enough, -1 with err. */
typedef int sk_record_fn(void *arg, json_t *record, struct sk_error *err);

/* One that appends each record to arg, a JSON array. */
sk_record_fn sk_pages_collect;

struct sk_pages {
	/* Filled in by the caller; what is pointed to must stay until it is done. */
	enum sk_call_kind kind; /* SK_CALL_READ or SK_CALL_POLL */
	const char *path;
	const struct sk_api_parameter *parameters;
	size_t n_parameters;
	const char *office_id; /* NULL: asked with App-Id and App-Key */
	bool by_body;          /* POST: the parameters, with offset and limit, are in a JSON body */
	bool is_single;        /* one object: it isn't asked for by offset and limit */
	int64_t page_size;
	bool shrinks; /* what is too large, or too slow, is asked for in smaller pages */
	/*
	 * The size of the large pages, above page_size. They are asked for if the first page came soon, and if the
	 * list takes fewer requests in them. What is too much shrinks, but not below page_size. 0: all pages have
	 * page_size.
	 */
	int64_t largest;
	int64_t wanted;     /* of largest: no more records than this are needed; 0: all are */
	bool is_read_again; /* by its owner, when it is torn: no page is asked for once more */
	/* Somebody goes on where it broke off: no record behind that place is handed out. */
	bool is_continued;
	bool last_counts; /* of a member that stands twice in a record: see base/json_repair */
	size_t most;      /* bytes of all its pages, when its records are kept in memory; 0: any */
	int64_t first_page; /* from 0 on */
	sk_record_fn *record;
	/* May be NULL: an answer that isn't a list yet becomes one here, before it is read. */
	void (*prepare)(void *arg, struct sk_api_reply *reply);
	/* May be NULL: after the last page, or after trouble (error). May not turn the pool. */
	void (*done)(void *arg, struct sk_pages *pages);
	void *arg;

	/* Filled in while it is read. */
	struct sk_api_pages list;
	int is_done;
	int64_t n_answers, took; /* ms, all of them together, without what they waited for before */
	int is_undated;          /* an answer had no Date */
	int is_reloading;        /* the server said that the practice's data is being reloaded */
	struct sk_error error;   /* why it ended before its end, or 0 */
	struct sk_json_repairs repairs; /* of all its pages */
	size_t n_unread;                /* records that were left out */

	/* The module's own. */
	struct sk_pool *pool;
	struct sk_api_parameter *all_parameters;
	char offset[24], limit[24];
	char *body;                /* of the call */
	struct sk_api_pages first; /* the list after its first page, when larger ones follow */
	uint64_t *digests;         /* of the pages' records */
	size_t n_digests, room;
	size_t bytes; /* of its pages */
	bool has_asked_again;
	struct sk_call_result
	    *held; /* a page that is short, until it is known whether the list goes on */
	struct sk_call call;
	struct sk_call_owner owner;
};

void sk_pages_begin(struct sk_pool *pool, struct sk_pages *pages);

/* Begins, and turns until it is done. 0; -1 with err. */
int sk_pages_read(struct sk_pool *pool, struct sk_pages *pages, struct sk_error *err);

/*
 * Ends it before its end, unless its call is on the wire. Returns whether it is done now
 * (done() isn't called).
 */
bool sk_pages_stop(struct sk_pages *pages);

void sk_pages_fini(struct sk_pages *pages);

/* How many records of how many were read, for progress. Filled with 0 at first. */
struct sk_pages_count {
	size_t done, of;
	bool is_unknown; /* a list hasn't told yet how many it has */
};

/* Adds a list's, also while it isn't begun. most: no more are read; 0: all are. */
void sk_pages_count(const struct sk_pages *pages, int64_t most, struct sk_pages_count *count);

#endif
