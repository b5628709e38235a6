/* SPDX-License-Identifier: MIT */
/*
 * The items of a page, written at once as the text that the body will have: thousands of JSON objects that are made only
 * to be written would take most of the time that a page takes.
 */
#ifndef SIM_ROWS_H
#define SIM_ROWS_H

#include "util.h"

/* Begins empty, as {0}. */
struct rows {
	struct text text; /* the items, separated by commas */
	size_t *ends;     /* where each ends in it */
	size_t count, room;
};

/* An item of its members, one after another. A text that isn't UTF-8 is replaced by a question mark. */
void rows_open(struct rows *rows);
void rows_member(struct rows *rows, const char *name, const json_t *value);
void rows_put(struct rows *rows, const char *name, const char *value);
void rows_putf(struct rows *rows, const char *name, const char *format, ...) FORMAT(3, 4);
void rows_close(struct rows *rows);
/* Each element of the array (taken) becomes an item. */
void rows_take(struct rows *rows, json_t *array);
/* Drops the last n items; all, if there are fewer. */
void rows_drop(struct rows *rows, int64_t n);
void rows_free(struct rows *rows);

#endif
