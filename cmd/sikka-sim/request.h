/* SPDX-License-Identifier: MIT */
/*
 * One request, taken apart: path segments, query parameters, the headers that matter, the body.
 * Everything in it belongs to it and lives until request_free().
 */
#ifndef SIM_REQUEST_H
#define SIM_REQUEST_H

#include "state.h"

struct route; /* routes.h */
struct fault; /* faults.h */

enum { SEGMENTS_MAX = 4, PARAMETERS_MAX = 64, BODY_MAX = 8 << 20, SIM_BODY_MAX = 256 << 20 };

struct parameter {
	char *name, *value;
};

struct request {
	/* as received */
	char *method, *path; /* path: still percent-encoded, without /v4 and query */
	bool sim;            /* the path began with /_sim, which is removed, or it is / */
	bool api;            /* the path began with /v4 */
	char *segment[SEGMENTS_MAX];
	int segment_count; /* SEGMENTS_MAX + 1 for more */
	struct parameter parameters[PARAMETERS_MAX];
	int parameter_count;
	char *app_id, *app_key, *request_key, *refresh_key, *content_type; /* NULL: absent */
	char *base; /* the base URL as the client calls it: http://HOST/v4 */
	bool gzip;
	struct text body;
	bool body_too_long, started;
	json_t *headers; /* as the list of requests shows them */
	long number;     /* in that list */
	/* found out by the handlers */
	const struct route *route;
	struct request_key *key;   /* borrowed from the state, valid while its lock is held */
	int office;                /* of the key */
	json_t *json;              /* the body, once parsed */
	bool app_ok;               /* the application's headers were correct */
	const struct fault *fault; /* that it meets, of any kind; NULL: none. Borrowed */
	bool is_list;              /* counted among the lists being read */
};

struct request *request_new(const char *uri);
void request_again(struct request *rq); /* forgets what was found out: it comes once more */
/* Moves what it is to a new one. The old one keeps what is counted: its method and path. */
struct request *request_take(struct request *rq);
void request_free(struct request *rq);
const char *request_parameter(const struct request *rq, const char *name); /* NULL: absent */

#endif
