/* SPDX-License-Identifier: MIT */
/*
 * An answer that is to be sent: status, headers, body. Handlers fill it in; http.c sends it, whole
 * or cut off.
 */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include "request.h"

enum { HEADERS_MAX = 16 };

struct answer {
	int status;
	const char *type; /* Content-Type; NULL: none */
	char *body;
	size_t length;
	struct {
		const char *name;
		char *value;
	} headers[HEADERS_MAX];
	int header_count;
};

void answer_free(struct answer *an);
void answer_header(struct answer *an, const char *name, const char *value);
void answer_text(struct answer *an, int status, const char *type, const char *body);
void answer_json(struct answer *an, int status, json_t *json); /* takes json */
/* The same of JSON that is written already, which is taken. */
void answer_written(struct answer *an, int status, struct text *json);

int answer_status(const char *code); /* the usual status of a code; 0: no such code */
/*
 * Answers with the message object of a code and its usual status; the format is the long_message.
 */
void answer_code(struct answer *an, const char *code, const char *format, ...) FORMAT(3, 4);
/* The same with all parts given. A code without a text of its own may be "". */
void answer_message(struct answer *an, int status, const char *code, const char *long_message,
    const char *more);
void answer_daily(struct answer *an, const char *code); /* API2011 or API2012: a daily limit */
void answer_empty(struct answer *an);                   /* 204 */

bool answer_gzip(struct answer *an); /* compresses the body if worth it; true if it did */
const char *answer_reason(int status);

#endif
