/* SPDX-License-Identifier: MIT */
/* List answers: parameters, filters, pages. */
#ifndef SIM_LISTS_H
#define SIM_LISTS_H

#include "answer.h"
#include "resources.h"

struct page {
	long offset, limit; /* offset counts pages */
};

/* Checks the parameters of a resource and reads the page. false: refused. */
bool lists_parameters(const struct sim *sim, const struct request *rq,
    const struct resource *resource, struct page *page, struct answer *an);
/* The records that match the request's parameters, in the requested order. A new array. */
json_t *lists_filter(const struct request *rq, const struct resource *resource, json_t *records);
/* Answers with the page's part of records (borrowed). */
void lists_answer(const struct sim *sim, const struct request *rq, const struct page *page,
    json_t *records, struct answer *an);
/*
 * The same when the page's items (taken) were already cut out, of total items. wrap: usually in an
 * array of one element.
 */
void lists_envelope(const struct sim *sim, const struct request *rq, const struct page *page,
    size_t total, json_t *items, bool wrap, struct answer *an);

#endif
