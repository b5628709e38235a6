/* SPDX-License-Identifier: MIT */
/* What libmicrohttpd tells of a request, until it is whole. */
#ifndef SIM_INCOMING_H
#define SIM_INCOMING_H

#include <microhttpd.h>
#include "request.h"

/* The address as it was sent, before libmicrohttpd decodes it. Returns a new struct request. */
void *incoming_uri(void *cls, const char *uri, struct MHD_Connection *c);
void incoming_headers(const struct sim *sim, struct MHD_Connection *c, struct request *rq,
    const char *method);
/* A piece of the body. What is too long is dropped, and noted in the request. */
void incoming_body(struct request *rq, const char *bytes, size_t length);

#endif
