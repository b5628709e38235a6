/* SPDX-License-Identifier: MIT */
/*
 * records: an answer's body, in which the records of a list stay text until they are asked for, one by
 * one. As JSON values they would take about ten times the room of the body.
 */
#ifndef SK_API_RECORDS_H
#define SK_API_RECORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Borrows the body, which has to stay until the last record was asked for. May be copied. */
struct sk_api_records {
	bool
	    is_list; /* the answer is an object with an array of items: its elements are the records */
	size_t n;    /* how many there are */
	size_t left; /* how many of them haven't been asked for yet */
	size_t at;   /* where in the body the record begins that was handed out last */

	/* The module's own. */
	const char *body;
	size_t length;
	size_t next;   /* the next byte to read */
	size_t object; /* where the object begins */
	size_t first;  /* where the records begin */
};

/*
 * Reads a body, and returns its value without the records. NULL, and no records, when it isn't one
 * whole JSON value without repeated members: each record has then been parsed, and dropped. The array
 * around a single object is taken off (sikka-api(7), Spelling). The caller owns the value.
 */
json_t *sk_api_records_read(struct sk_api_records *records, const char *body, size_t length);

/*
 * The next record, which the caller owns. NULL behind the last one; with left > 0 when it can't be
 * read, which can't happen as long as the body is what it was.
 */
json_t *sk_api_records_next(struct sk_api_records *records);

/* Makes the object that was read the only record, whatever members it has. */
void sk_api_records_be_object(struct sk_api_records *records);

#endif
