/* SPDX-License-Identifier: MIT */
/*
 * time: moments and durations, all int64_t milliseconds.
 *
 * A moment is milliseconds since 1970 UTC; 0 stands for "none" everywhere. Text form, in records
 * and in the database: 2026-02-07T15:30:00.000Z. The server's own times carry no zone
 * (sikka-api(7), Times) and stay text; only two times of one list, or of one record, are compared.
 */
#ifndef SK_BASE_TIME_H
#define SK_BASE_TIME_H

#include <stdint.h>

#define SK_TIME_TEXT 25  /* room for a moment's text form */
#define SK_TIME_DAY 11   /* for a day's */
#define SK_TIME_WORDS 32 /* for a duration's */
#define SK_SECOND INT64_C(1000)
#define SK_MINUTE (60 * SK_SECOND)
#define SK_HOUR (60 * SK_MINUTE)
#define SK_DAY (24 * SK_HOUR)

/*
 * No time zone is further behind UTC, and none further ahead. A time without a zone may have passed
 * SK_TIME_EASTERNMOST before it has passed in UTC, and has passed in every zone SK_TIME_WESTERNMOST after.
 */
#define SK_TIME_WESTERNMOST (12 * SK_HOUR)
#define SK_TIME_EASTERNMOST (14 * SK_HOUR)

/*
 * The server's time, as far as it is known; before that, this machine's (base/clock says when it is
 * known). For each moment that is stored, shown or compared with another one.
 */
int64_t sk_time_now(void);
int64_t sk_time_machine(void);          /* this machine's wall clock, which may be days off */
void sk_time_nap(int64_t milliseconds); /* sleeps; a signal may end it sooner */
int64_t sk_time_monotonic(void);        /* for waiting; stops while the machine sleeps */
int64_t sk_time_boot(void);             /* CLOCK_BOOTTIME where there is one: counts sleep too */

/* From now on the server's time is sk_time_boot() + offset, in this process. */
void sk_time_set_server(int64_t offset);

/* The server's time when sk_time_boot() was boot, by what is known of it now. */
int64_t sk_time_at(int64_t boot);

/* Writes the moment to text (SK_TIME_TEXT bytes) and returns it; moment 0 gives "". */
char *sk_time_format(int64_t moment, char text[SK_TIME_TEXT]);

/* Reads the form above, where milliseconds are optional and Z is required. 0, or -1. */
int sk_time_parse(const char *text, int64_t *moment);

/* "90", "90s", "15m", "6h", "30d"; whole numbers, not negative, at most 3650 days. 0 or -1. */
int sk_time_duration(const char *text, int64_t *duration);

/* An HTTP date (RFC 9110, IMF-fixdate and the two obsolete forms). 0 or -1. */
int sk_time_http_date(const char *text, int64_t *moment);

/* The UTC day of a moment as yyyy-mm-dd. */
char *sk_time_day(int64_t moment, char text[SK_TIME_DAY]);

/* A duration for people: "45 s", "12 min", "3.5 h", "2 d". */
char *sk_time_words(int64_t duration, char text[SK_TIME_WORDS]);

/* A random duration in [0, most], for full jitter. */
int64_t sk_time_jitter(int64_t most);

/*
 * A duration in [0, most] that looks random, but is always the same for the same three numbers: a
 * jitter for a pause that must not change when it is computed again.
 */
int64_t sk_time_jitter_of(int64_t id, int64_t since, int64_t most);

#endif
