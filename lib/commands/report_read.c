/* SPDX-License-Identifier: MIT */
/* report: what has ended in the last days, by day and by office, and what waits to be told. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/outbox.h"
#include "commands/report_parts.h"

/* --- days ------------------------------------------------------------------------------------ */

/* Days begin at midnight on this machine's wall, so that one of them may have 23 or 25 hours. */
static void
begin_days(struct sk_report *report)
{
	time_t now = (time_t)(report->now / SK_SECOND);

	for (int i = 0; i < SK_REPORT_DAYS; i++) {
		struct sk_report_day *day = &report->days[i];
		struct tm tm;

		localtime_r(&now, &tm);
		tm.tm_mday -= SK_REPORT_DAYS - 1 - i;
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		tm.tm_isdst = -1;
		day->from = (int64_t)mktime(&tm) * SK_SECOND;
		strftime(day->date, sizeof(day->date), "%Y-%m-%d", &tm);
	}
}

/* What has ended comes in the order of its end, so that no day is looked for. */
static void
count_day(struct sk_report *report, const struct sk_end *end)
{
	while (report->day < SK_REPORT_DAYS - 1 && end->at >= report->days[report->day + 1].from)
		report->day++;
	report->days[report->day].count[end->result]++;
}

/* --- how long they took ---------------------------------------------------------------------- */

static size_t
place_of(int64_t took)
{
	int64_t seconds = (took + SK_SECOND - 1) / SK_SECOND, minutes = (seconds + 59) / 60;

	if (seconds <= SK_REPORT_SECONDS)
		return seconds > 0 ? (size_t)seconds - 1 : 0;
	if (minutes <= SK_REPORT_MINUTES)
		return SK_REPORT_SECONDS + (size_t)minutes - 1;
	return SK_REPORT_TIMES - 1;
}

static void
count_time(struct sk_report_times *times, int64_t took)
{
	times->took[place_of(took)]++;
	times->count++;
}

static struct sk_report_times *
times_of(struct sk_report *report, const char *office_id)
{
	const json_t *place = json_object_get(report->places, office_id);
	struct sk_report_times *times;

	if (place != NULL)
		return report->offices[json_integer_value(place)];
	report->offices = sk_mem_grow(report->offices, report->n_offices + 1, &report->room_offices,
	    sizeof(struct sk_report_times *));
	times = sk_mem_zero(1, sizeof(*times));
	times->office_id = sk_mem_copy(office_id);
	json_object_set_new_nocheck(report->places, office_id,
	    json_integer((json_int_t)report->n_offices));
	report->offices[report->n_offices++] = times;
	return times;
}

/* What a place in took stands for: the most seconds of those that are counted there; -1: no bound. */
static int64_t
bound_of(size_t place)
{
	if (place < SK_REPORT_SECONDS)
		return (int64_t)place + 1;
	return place < SK_REPORT_TIMES - 1 ? ((int64_t)place - SK_REPORT_SECONDS + 1) * 60 : -1;
}

int64_t
sk_report_within(const struct sk_report_times *times, int64_t percent)
{
	int64_t wanted = (times->count * percent + 99) / 100, seen = 0;

	for (size_t i = 0; i < SK_REPORT_TIMES; i++) {
		seen += times->took[i];
		if (seen >= wanted)
			return bound_of(i);
	}
	return -1;
}

int64_t
sk_report_between(const struct sk_report_times *times, int64_t from, int64_t to)
{
	int64_t sum = 0;

	for (size_t i = 0; i < SK_REPORT_TIMES; i++) {
		int64_t bound = bound_of(i) >= 0 ? bound_of(i) : INT64_MAX;

		if (bound > from && bound <= to)
			sum += times->took[i];
	}
	return sum;
}

static int
by_count(const void *a, const void *b)
{
	const struct sk_report_times *x = *(struct sk_report_times *const *)a;
	const struct sk_report_times *y = *(struct sk_report_times *const *)b;

	return x->count != y->count ? (x->count < y->count) - (x->count > y->count)
				    : strcmp(x->office_id, y->office_id);
}

/* --- all of it ------------------------------------------------------------------------------- */

static void
keep_failure(struct sk_report *report, const struct sk_end *end)
{
	struct sk_end *place = &report->failures[report->n_failures % SK_REPORT_FAILURES];

	if (report->n_failures++ >= SK_REPORT_FAILURES)
		sk_end_fini(place);
	*place = *end;
}

static void
take_end(void *arg, struct sk_end *end)
{
	struct sk_report *report = arg;

	count_day(report, end);
	if (end->took > 0) {
		count_time(&report->all, end->took);
		count_time(times_of(report, end->office_id), end->took);
	}
	if (end->result == SK_FAILED)
		keep_failure(report, end);
	else
		sk_end_fini(end);
}

int
sk_report_read(struct sk_session *session, struct sk_report *report, struct sk_error *err)
{
	struct sk_events_wanted events = {.offices = report->wanted,
	    .n_offices = report->n_wanted,
	    .most = SK_REPORT_EVENTS};

	begin_days(report);
	report->places = json_object();
	if (sk_store_figures_ends(session->store, report->wanted, report->n_wanted,
		report->days[0].from, take_end, report, err) != 0 ||
	    sk_store_events_waiting(session->store, &events, &report->events, &report->n_events,
		err) != 0)
		return -1;
	if (report->n_offices > 1)
		qsort(report->offices, report->n_offices, sizeof(struct sk_report_times *),
		    by_count);
	return 0;
}

void
sk_report_fini(struct sk_report *report)
{
	size_t kept = sk_report_at_most(report->n_failures, SK_REPORT_FAILURES);

	for (size_t i = 0; i < kept; i++)
		sk_end_fini(&report->failures[i]);
	for (size_t i = 0; i < report->n_offices; i++) {
		free(report->offices[i]->office_id);
		free(report->offices[i]);
	}
	free(report->offices);
	json_decref(report->places);
	sk_events_free(report->events, report->n_events);
}
