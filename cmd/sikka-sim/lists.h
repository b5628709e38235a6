/* SPDX-License-Identifier: MIT */
/*
 * List answers: parameters, filters, pages. A page of a whole list takes no longer when the list has more records. One of
 * a list that is filtered or sorted does, but only the first page.
 */
#ifndef SIM_LISTS_H
#define SIM_LISTS_H

#include "answer.h"
#include "resources.h"
#include "rows.h"

struct page {
	long offset, limit; /* offset counts pages */
};

/* Checks the parameters of a resource and reads the page. false: refused. */
bool lists_parameters(const struct sim *sim, const struct request *rq,
    const struct resource *resource, struct page *page, struct answer *an);
/* Whether the parameters ask for all records, in the order in which they are. */
bool lists_is_whole(const struct request *rq, const struct resource *resource);
/* The records that match the request's parameters, in the requested order. The caller drops it, and changes nothing in it. */
json_t *lists_filter(struct sim *sim, const struct request *rq, const struct resource *resource,
    json_t *records);
/*
 * The same of records that the simulator keeps: what was chosen is kept as well, for the next page, until sim->changes
 * has another value.
 */
json_t *lists_kept(struct sim *sim, const struct request *rq, const struct resource *resource,
    json_t *records);
void lists_forget(struct sim *sim); /* what is kept */
/* Answers with the page's part of records (borrowed). */
void lists_answer(struct sim *sim, const struct request *rq, const struct page *page,
    json_t *records, struct answer *an);
/* The same of a list with `total` records, of which the page's stand in `records` from `from` on. */
void lists_part(struct sim *sim, const struct request *rq, const struct page *page, size_t total,
    json_t *records, size_t from, struct answer *an);
/*
 * Answers with the page's items, which are taken, of total items. wrap: usually in an array of one element.
 */
void lists_rows(const struct sim *sim, const struct request *rq, const struct page *page,
    size_t total, struct rows *rows, bool wrap, struct answer *an);
void lists_envelope(const struct sim *sim, const struct request *rq, const struct page *page,
    size_t total, json_t *items, bool wrap, struct answer *an);

#endif
