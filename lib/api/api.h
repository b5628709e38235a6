/* SPDX-License-Identifier: MIT */
/*
 * api: the server's vocabulary (sikka-api(7)): URLs, the two kinds of authentication, the message
 * object, lists and pages, the answers of /request_key. Pure: nothing here sends.
 */
#ifndef SK_API_API_H
#define SK_API_API_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "http/http.h"
#include "api/codes.h"
#include "api/records.h"

/* name=value pairs of a query, borrowed. */
struct sk_api_parameter {
	const char *name;
	const char *value;
};

/* base_url + path ("/appointments") + escaped query. The caller frees. */
char *sk_api_url(const struct sk_config *config, const char *path,
    const struct sk_api_parameter *parameters, size_t n);

/* One path segment, percent-escaped. The caller frees. */
char *sk_api_escape(const char *text);

/* Puts App-Id and App-Key, or Request-Key, into the request's headers (borrowed from the
 * arguments). */
void sk_api_sign_app(struct sk_http_request *request, const struct sk_config *config);
void sk_api_sign_office(struct sk_http_request *request, const char *request_key);

/* Adds the header Refresh-Key, for DELETE /refresh_key. */
void sk_api_sign_refresh(struct sk_http_request *request, const char *refresh_key);

/* The JSON bodies of POST /request_key. The caller frees with sk_secret_free. */
char *sk_api_grant_request_key(const struct sk_config *config, const char *office_id,
    const char *secret_key);
char *sk_api_grant_refresh_key(const struct sk_config *config, const char *refresh_key);

#define SK_API_NUMBER 24 /* room for a whole number's text */
#define SK_API_ID 32     /* for a writeback's id; a longer one is none */
#define SK_API_CODE 64   /* a code of the server's, whole also when it is one that nobody knows */

/*
 * An answer, read: what class it is, the code and the text for people (long_message, log_message or
 * short_message; for what can't be read the status, why, and where: never a part of it, which might be
 * a key's or a patient's, but for the title of a page of HTML). json is NULL for what isn't whole JSON;
 * a one-element array around an object is taken off (sikka-api(7), Spelling). Where the object is a list,
 * json has its other members, and records its items; they borrow from the answer, which has to stay.
 * What was repaired is in records.repairs.
 */
struct sk_api_reply {
	enum sk_api_class class;
	int http_status;
	char code[SK_API_CODE]; /* error_code, or "" */
	char text[300];
	const char *app_source; /* for messages: where app id and key come from; NULL: not known */
	json_t *json;
	struct sk_api_records records;
};

void sk_api_read(const struct sk_http_answer *answer, struct sk_api_reply *reply);
void sk_api_reply_fini(struct sk_api_reply *reply);

/* Makes of an object that is no list a list with this one record. */
void sk_api_reply_be_record(struct sk_api_reply *reply);

/* Makes a list of an answer that is one in another shape: sk_api_records_be_list. false: it is none. */
bool sk_api_reply_be_list(struct sk_api_reply *reply);

/*
 * Fills err from a reply that isn't well, with its exit code (sikka(7), Exit status): 69
 * retry/unclear/not sent, 75 limits, 76 no JSON, 77 config (API2003)/reauthorize/reauthenticate, 1
 * refused.
 */
int sk_api_fail(const struct sk_api_reply *reply, const char *what, struct sk_error *err);

/* Whether the reason is that the server doesn't let this application use what was asked (API2004). */
bool sk_api_is_not_allowed(const struct sk_error *err);

/*
 * The answer to a submission (sikka-life(7), Answers: accepted, refused, everything else is
 * unclear). id: the writeback's, "" when the answer shows none (Id:N, ?id=N, or the brief dialect's
 * "id").
 */
struct sk_api_submission {
	enum sk_api_write verdict;
	int not_sent;                   /* surely no byte of the request left */
	int is_json;                    /* the answer is whole JSON */
	struct sk_json_repairs repairs; /* of the answer */
	int http_status;
	char id[SK_API_ID];
	char code[SK_API_CODE];
	char text[300];
};

void sk_api_read_submission(const struct sk_http_answer *answer,
    struct sk_api_submission *submission);

/* Whether the text can be a header's value: printable ASCII without blanks, not too long. */
bool sk_api_is_key(const char *text);

/*
 * The answer to a grant. request_key and refresh_key are NULL when the answer has none that could
 * be a header's value (printable ASCII without blanks). expires_in is in ms; 0: absent.
 */
struct sk_api_grant {
	char *request_key;
	char *refresh_key;
	int64_t expires_in;
	char *domain;
};

/* 0; -1 when there is no request_key in the answer (the other members are filled all the same). */
int sk_api_read_grant(const struct sk_api_reply *reply, struct sk_api_grant *grant);
void sk_api_grant_fini(struct sk_api_grant *grant);

/*
 * Page arithmetic (sikka-api(7), Reading): offset counts pages, the echoed limit is the page size,
 * next links are never followed.
 */
#define SK_API_PAGE_SIZES 8

/* Why a list is torn, or a page of it doesn't fit to the others. */
enum sk_api_misfit {
	SK_MISFIT_NONE,
	SK_MISFIT_MOVED, /* total_count shrank, page size changed, or there are more than it counts */
	SK_MISFIT_REPEATS, /* the page is one that came before: a server that passes over the offset */
	SK_MISFIT_SHORT,   /* the page is shorter than the others, and the count isn't reached */
	SK_MISFIT_ENDLESS, /* pages and pages, and none is the last one */
	SK_MISFIT_UNREAD   /* a record can't be read, and was left out */
};

struct sk_api_pages {
	int64_t asked;          /* the limit that we ask for */
	int64_t most;           /* the largest page: what was asked for first, or is granted */
	int64_t granted;        /* the page size of the first page; 0: not known yet */
	int64_t offset;         /* of the next page; set after init to begin a list in the middle */
	int64_t seen;           /* records so far */
	int64_t first;          /* records of the first page */
	int64_t total;          /* total_count of the first page, -1 unknown */
	int64_t latest;         /* total_count of the latest page */
	int64_t counted;        /* by the last page that was short */
	int torn;               /* it proves nothing about what it lacks … */
	enum sk_api_misfit why; /* … for this reason first, … */
	int64_t torn_at; /* … from this page on (from 0 on, in pages of the size at the end) */
	int ended;
	/* Nothing says how many records there are, or how many a page has: it ends with what isn't new. */
	bool is_uncounted;
	int n_failed[SK_API_PAGE_SIZES]; /* how often a page of a size came to nothing */
};

void sk_api_pages_init(struct sk_api_pages *pages, int64_t page_size);

/*
 * The texts for offset= and limit= of the next page. When the server has granted a smaller page
 * than we asked for, that size is asked for from then on, which keeps the offsets right.
 */
void sk_api_pages_ask(const struct sk_api_pages *pages, char offset[SK_API_NUMBER],
    char limit[SK_API_NUMBER]);

/* How many records the next page may have. */
int64_t sk_api_pages_size(const struct sk_api_pages *pages);

/*
 * The next page is too large, or takes too long: from now on smaller ones are asked for, from the same
 * record on. The sizes are 5000, 2500, 500, 100, 50, 10, 5 and 1, so that each page begins where a page of
 * its size begins (offset counts pages). false: it has one record already.
 */
bool sk_api_pages_shrink(struct sk_api_pages *pages);

/*
 * After a page that came: back to the next larger size, where a page of that size begins, unless that size
 * has failed twice. So one large record doesn't make all further pages small.
 */
void sk_api_pages_grow(struct sk_api_pages *pages);

/*
 * After the first page, which has come as it was asked for: whether the whole list comes in fewer requests in larger
 * pages, of at most `largest` records, from its beginning, than what is left of it does in pages like the first one.
 * Then *larger is that list, of which nothing is read yet. wanted: more records than that aren't needed; 0: all are.
 */
bool sk_api_pages_enlarge(const struct sk_api_pages *pages, int64_t largest, int64_t wanted,
    struct sk_api_pages *larger);

/*
 * Takes note of one page. 0; -1 with 76 when the reply isn't a list, or as sk_api_fail when it is
 * an error. Its records are the reply's. If the first answer is "nothing matches", the list is known
 * to be empty.
 */
int sk_api_pages_take(struct sk_api_pages *pages, const struct sk_api_reply *reply,
    struct sk_error *err);

/* From its next page on the list proves nothing. Only the first reason counts. */
void sk_api_pages_tear(struct sk_api_pages *pages, enum sk_api_misfit why);

/* Whether the reply is a page after which the list would end too early: before it is taken. */
bool sk_api_pages_is_short(struct sk_api_pages *pages, const struct sk_api_reply *reply);

/* By how many records the list has grown since its first page. */
int64_t sk_api_pages_growth(const struct sk_api_pages *pages);

/* Whether the pages fit together from the first to the last, with as many records as the last one counts. */
bool sk_api_pages_complete(const struct sk_api_pages *pages);

/*
 * Whether they do, and the list hasn't grown: only then it may prove an absence. (Of one that has grown
 * nobody can tell by counts whether the new records shifted others to a page that was read already.)
 */
bool sk_api_pages_whole(const struct sk_api_pages *pages);

#endif
