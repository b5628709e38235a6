/* SPDX-License-Identifier: MIT */
/*
 * records: an answer's body, in which the records of a list stay text until they are asked for, one by
 * one. As JSON values they would take about ten times the room of the body.
 *
 * The body's structure is looked at once, by its brackets and quotes; each record is parsed when it is
 * asked for. What jansson refuses is repaired, and a record that can't be repaired is left out and counted:
 * one odd record never hides the others. When quotes or brackets are missing inside a record, the next one
 * is found by its first name, which is that of the first record.
 */
#ifndef SK_API_RECORDS_H
#define SK_API_RECORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json_repair.h"

/* Borrows the body, which has to stay until the last record was asked for. May be copied. */
struct sk_api_records {
	bool
	    is_list; /* the answer is an object with an array of items: its elements are the records */
	bool
	    is_uncounted; /* sk_api_records_be_list: nothing around the records says how many there are */
	bool last_counts; /* of a member that stands twice: see base/json_repair */
	size_t n;         /* how many there are */
	size_t left;      /* how many of them haven't been asked for yet */
	size_t at;        /* where in the body the record begins that was handed out last */
	uint64_t digest;  /* of the records' text: equal for equal records */

	struct sk_json_repairs repairs; /* of what was read so far */
	size_t n_unread;                /* records that were left out … */
	const char *trouble; /* … and why the first one was; or why nothing can be read */
	size_t trouble_at;   /* where */

	/* The module's own. */
	const char *body;
	size_t length;
	size_t next;   /* the next byte to read */
	size_t object; /* where the object begins */
	size_t first;  /* where the records begin */
	size_t data;   /* where the value of the member "data" begins; 0: there is none */
	size_t
	    array; /* where an array that isn't a list begins, behind its bracket; 0: it is none */
	bool is_odd; /* jansson may take something in the records for what it isn't */
	/* How all records begin, when only that tells where one ends: {"patient_id". 0: it doesn't. */
	size_t n_mark;
};

/*
 * Reads a body, and returns its value without the records. NULL, no records, and trouble, when it isn't one
 * whole JSON value. The array around a single object is taken off (sikka-api(7), Spelling). Of other arrays
 * that begin with an object, and of a member "data", the value lacks what is in them: that is read as records,
 * or not at all. The caller owns the value.
 */
json_t *sk_api_records_read(struct sk_api_records *records, const char *body, size_t length);

/* The next record that can be read, which the caller owns. NULL behind the last one. */
json_t *sk_api_records_next(struct sk_api_records *records);

/*
 * Passes over the first n records, if their digest is this one and others follow. false: none is passed over.
 * Before any was asked for.
 */
bool sk_api_records_drop(struct sk_api_records *records, size_t n, uint64_t digest);

/* Makes the object that was read the only record, whatever members it has. */
void sk_api_records_be_object(struct sk_api_records *records);

/*
 * Makes a list of what a few resources answer with in place of one: an array alone, an array as "data", or a
 * list as "data". false: it is none of these, and stays what it was. *around gets what stands around a list as
 * "data", or NULL; the caller owns it. Only for who knows that no absence is concluded from the list: an array
 * alone may come from anywhere.
 */
bool sk_api_records_be_list(struct sk_api_records *records, json_t **around);

#endif
