/* SPDX-License-Identifier: MIT */
/*
 * Small functions for every part of the simulator: memory that is there or ends the program,
 * growing text, days and times in UTC, and random numbers that are the same everywhere for the same
 * seed.
 */
#ifndef SIM_UTIL_H
#define SIM_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#define FORMAT(a, b) __attribute__((format(printf, a, b)))

/*
 * Makes jansson use this memory, too. By itself it overlooks failed allocations and silently
 * shortens texts.
 */
void x_json(void);
/* What these return belongs to the caller, who frees it with free(). */
void *x_new(size_t size); /* zeroed */
void *x_grow(void *old, size_t size);
char *x_dup(const char *s);
char *x_printf(const char *format, ...) FORMAT(1, 2);

struct text {
	char *s; /* NULL while empty; always ends in a NUL otherwise */
	size_t length, room;
};
void text_add(struct text *t, const char *s, size_t length);
void text_addf(struct text *t, const char *format, ...) FORMAT(2, 3);

void text_add_escaped(struct text *t, const char *s); /* as a value in a URL */

uint64_t random_next(uint64_t *state);
void random_hex(uint64_t *state, char out[33]);

/* Times are milliseconds since 1970, days are whole days since then. */
enum { TIME_TEXT = 32 };
void time_text(char out[TIME_TEXT], int64_t ms, char separator);
void time_http(char out[TIME_TEXT], int64_t ms);
bool day_parse(const char *s, int64_t *days); /* yyyy-mm-dd, and a day that exists */
void day_text(char out[TIME_TEXT], int64_t days);

bool number_parse(const char *s, long low, long high, long *out); /* digits only */
bool seconds_parse(const char *s, int64_t *ms);    /* decimals allowed, not negative */
bool seconds_signed(const char *s, int64_t *ms);   /* the same, with a sign or without one */
bool zone_parse(const char *s, int64_t *ms);       /* +HH:MM or -HH:MM, east is positive */
bool list_has(const char *list, const char *name); /* names separated by commas */

/* The text of a member; "" when it is absent or no string. Borrowed. */
const char *json_text(const json_t *object, const char *name);
void json_put(json_t *object, const char *name, const char *value);
void json_putf(json_t *object, const char *name, const char *format, ...) FORMAT(3, 4);
void json_count(json_t *object, const char *name); /* adds one to it */

#endif
