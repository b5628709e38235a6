/* SPDX-License-Identifier: MIT */
/*
 * poll: the rows that a poller follows, by id, and the reading of records from its input. A bad
 * line of the input is reported and counts as 65.
 */
#include "commands/poll_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/time.h"
#include "life/life.h"
#include "life/schedule.h"

#define SAMPLES 200
#define TIMES_LAST \
	(5 * SK_MINUTE) /* how long an office's own times are used before they are read again */
#define UNKNOWN_WAIT (20 * SK_MINUTE) /* after this time lists have shown whatever they can */

void
sk_watches_init(struct sk_watches *watches, struct sk_store *store, int64_t every)
{
	memset(watches, 0, sizeof(*watches));
	watches->store = store;
	watches->every = every;
}

void
sk_watches_fini(struct sk_watches *watches)
{
	for (size_t i = 0; i < watches->n_times; i++) {
		free(watches->times[i].office_id);
		free(watches->times[i].durations);
	}
	free(watches->times);
	for (size_t i = 0; i < watches->n; i++)
		free(watches->watch[i].asked);
	for (size_t i = 0; i < watches->n_files; i++)
		free(watches->files[i]);
	free(watches->files);
	free(watches->watch);
	memset(watches, 0, sizeof(*watches));
}

static bool is_overdue(struct sk_watches *watches, const struct sk_writeback *row);

/* The index of id, or the index where it would be inserted. */
static size_t
place_of(const struct sk_watches *watches, int64_t id)
{
	size_t low = 0, high = watches->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (watches->watch[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct sk_watch *
sk_watches_find(const struct sk_watches *watches, int64_t id)
{
	size_t place = place_of(watches, id);

	return place < watches->n && watches->watch[place].id == id ? &watches->watch[place] : NULL;
}

/* The name as it stays, whatever becomes of the record that it was read from. */
static const char *
keep_file(struct sk_watches *watches, const char *file)
{
	if (file == NULL)
		return NULL;
	for (size_t i = watches->n_files; i-- > 0;)
		if (strcmp(watches->files[i], file) == 0)
			return watches->files[i];
	watches->files = sk_mem_grow(watches->files, watches->n_files + 1, &watches->files_room,
	    sizeof(*watches->files));
	return watches->files[watches->n_files++] = sk_mem_copy(file);
}

static void
add_asked(struct sk_watches *watches, struct sk_watch *watch, const struct sk_asked *asked)
{
	struct sk_asked *added;

	watch->asked = sk_mem_grow(watch->asked, watch->n_asked + 1, &watch->asked_room,
	    sizeof(*watch->asked));
	added = &watch->asked[watch->n_asked++];
	*added = asked != NULL ? *asked : (struct sk_asked){0};
	added->origin.file = keep_file(watches, added->origin.file);
}

void
sk_watches_add(struct sk_watches *watches, int64_t id, const struct sk_asked *asked, int64_t due)
{
	size_t place = place_of(watches, id);
	struct sk_writeback row = {0};
	struct sk_error ignored = {0};
	struct sk_watch *watch;

	if (place < watches->n && watches->watch[place].id == id) {
		add_asked(watches, &watches->watch[place], asked);
		return;
	}
	watches->watch =
	    sk_mem_grow(watches->watch, watches->n + 1, &watches->room, sizeof(*watches->watch));
	watch = &watches->watch[place];
	memmove(watch + 1, watch, (watches->n - place) * sizeof(*watch));
	watches->n++;
	*watch = (struct sk_watch){.id = id};
	add_asked(watches, watch, asked);
	/* If the row can't be read now, it is due at once, and printed then. */
	if (sk_store_writeback_get(watches->store, id, &row, &ignored) == 1) {
		watch->told = row.result;
		if (due < 0 && !sk_watch_is_over(&row) && !is_overdue(watches, &row))
			sk_watches_schedule(watches, watch, &row);
	}
	sk_writeback_fini(&row);
}

void
sk_watches_drop(struct sk_watches *watches, struct sk_watch *watch)
{
	size_t place = (size_t)(watch - watches->watch);

	free(watch->asked);
	memmove(watch, watch + 1, (watches->n - place - 1) * sizeof(*watch));
	watches->n--;
}

static struct sk_office_times *
place_of_office(struct sk_watches *watches, const char *office_id)
{
	struct sk_office_times *times;

	for (size_t i = 0; i < watches->n_times; i++)
		if (strcmp(watches->times[i].office_id, office_id) == 0)
			return &watches->times[i];
	watches->times =
	    sk_mem_resize(watches->times, watches->n_times + 1, sizeof(*watches->times));
	times = &watches->times[watches->n_times++];
	memset(times, 0, sizeof(*times));
	times->office_id = sk_mem_copy(office_id);
	return times;
}

/* Read anew every now and then: who follows for days learns as well. */
static const struct sk_office_times *
times_of(struct sk_watches *watches, const char *office_id)
{
	struct sk_office_times *times = place_of_office(watches, office_id);
	int64_t now = sk_time_monotonic(), *durations;
	struct sk_error ignored = {0};
	size_t n;

	if (times->read_at != 0 && now - times->read_at < TIMES_LAST)
		return times;
	if (sk_store_writebacks_durations(watches->store, office_id, SAMPLES, &durations, &n,
		&ignored) != 0)
		return times;
	free(times->durations);
	times->durations = durations;
	times->n = n;
	times->read_at = now;
	return times;
}

/* When its age began. */
static int64_t
begin_of(const struct sk_writeback *row)
{
	return row->submitted_at != 0 ? row->submitted_at : row->queued_at;
}

/* How long from now until the row's next check, when it was checked just now. */
static int64_t
pause_for(struct sk_watches *watches, const struct sk_writeback *row)
{
	int64_t age = sk_time_now() - begin_of(row);
	const struct sk_office_times *times;

	if (watches->every > 0)
		return watches->every;
	if (row->result == SK_QUEUED || row->result == SK_SUBMITTING)
		return 2 * SK_SECOND;
	if (row->result == SK_UNKNOWN)
		return sk_time_now() - row->unknown_at < SK_MINUTE ? 20 * SK_SECOND : SK_LIFE_LOOK;
	times = times_of(watches, row->office_id);
	return sk_schedule_next(age, times->durations, times->n) - age;
}

/* Whether nobody has looked at a pending row when a check was due. */
static bool
is_overdue(struct sk_watches *watches, const struct sk_writeback *row)
{
	int64_t checked = row->last_checked_at != 0 ? row->last_checked_at - begin_of(row) : 0;
	const struct sk_office_times *times;

	if (watches->every > 0 || row->result != SK_PENDING)
		return false;
	times = times_of(watches, row->office_id);
	return sk_schedule_next(checked > 0 ? checked : 0, times->durations, times->n) <=
	    sk_time_now() - begin_of(row);
}

void
sk_watches_schedule(struct sk_watches *watches, struct sk_watch *watch,
    const struct sk_writeback *row)
{
	watch->due = sk_time_monotonic() + pause_for(watches, row);
}

size_t
sk_watches_due(const struct sk_watches *watches, int all, size_t most, int64_t **ids)
{
	int64_t now = sk_time_monotonic();
	size_t n = 0;

	*ids = sk_mem_zero(watches->n + 1, sizeof(**ids));
	for (size_t i = 0; i < watches->n && (n < most || all); i++)
		if (all || watches->watch[i].due <= now)
			(*ids)[n++] = watches->watch[i].id;
	if (n == 0) {
		free(*ids);
		*ids = NULL;
	}
	return n;
}

int64_t
sk_watches_next(const struct sk_watches *watches, int64_t latest)
{
	for (size_t i = 0; i < watches->n; i++)
		if (watches->watch[i].due < latest)
			latest = watches->watch[i].due;
	return latest;
}

bool
sk_watch_is_over(const struct sk_writeback *row)
{
	if (SK_MASK(row->result) & SK_ENDED)
		return true;
	return row->result == SK_UNKNOWN &&
	    (row->writeback_id != NULL || sk_time_now() - row->unknown_at > UNKNOWN_WAIT);
}
