/* SPDX-License-Identifier: MIT */
/*
 * pulse: what each command finds and leaves behind in the state file: the server's time, when each
 * task succeeded last, what was refused to the whole application (tables clock, heartbeats, refusals).
 *
 * It is collected while the command works, and written once, in a commit that there is anyhow, or in
 * one at the end. A command that got no answer and did no task has nothing to write.
 */
#ifndef SK_STORE_PULSE_H
#define SK_STORE_PULSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/boot.h"
#include "base/clock.h"
#include "base/error.h"
#include "store/store.h"

/* What is done again and again, so that somebody should hear when it hasn't succeeded for long. */
enum sk_task {
	SK_TASK_AUTHORIZE, /* the list of practices was read */
	SK_TASK_REFRESH,   /* keys near their end were renewed */
	SK_TASK_POLL,
	SK_TASK_SWEEP,
	SK_TASK_NOTIFY, /* what is in the outbox was delivered */
	SK_TASK_BACKUP,
	SK_TASKS
};

const char *sk_task_name(enum sk_task task); /* "authorize" … */
enum sk_task sk_task_find(const char *name); /* SK_TASKS: no such task */

/* A fact: when the last whole list was begun that requests were looked for in (life/watch). */
#define SK_PULSE_LIST_WATCHED "list_watched_at"

struct sk_pulse {
	struct sk_clock clock;
	struct sk_clock_kept kept; /* as it stands in the state file … */
	bool has_kept;             /* … or there is none */
	char boot_id[SK_BOOT_ID];
	bool has_many_boots; /* the setting boots: another boot is no gap */
	bool has_seen;       /* a Date, in this process */
	bool has_jumped; /* the clock was set far ahead, and what it has left isn't mended yet */
	int64_t beats[SK_TASKS]; /* when each task succeeded, not written yet; 0: it didn't */
	char refused[64];        /* a code, not written yet; "": none */
	int64_t refused_at;
	bool is_app_accepted;    /* the refusal that may stand in the state file is over */
	int64_t list_watched_at; /* when the last whole list was begun, not written yet; 0: none */
};

/*
 * Takes the server's time from the state file, for this process (sk_time_now). Until then, and with
 * a NULL store, it is this machine's.
 */
int sk_pulse_begin(struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err);

/* A whole answer in JSON had this Date; sent and received: sk_time_boot(). */
void sk_pulse_see(struct sk_pulse *pulse, int64_t sent, int64_t received, int64_t date);

/* The server refused a call because of the application, not of an office. */
void sk_pulse_refused(struct sk_pulse *pulse, const char *code);

/* The server accepted the application's key: an earlier refusal is over. */
void sk_pulse_accepted(struct sk_pulse *pulse);

/* The task has succeeded now. */
void sk_pulse_beat(struct sk_pulse *pulse, enum sk_task task);

/* Whether there is anything to write. */
bool sk_pulse_has_news(const struct sk_pulse *pulse, struct sk_store *store);

/*
 * Writes it, in the open transaction. Tells, once a day, of a clock of this machine that differs from
 * the server's by more than two minutes; and mends moments that lie ahead of it.
 */
int sk_pulse_write(struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err);

/*
 * Whether the latest heartbeat was under another boot: 1, 0 (also when there is none), -1. To be asked
 * in the same transaction, before a heartbeat is written.
 */
int sk_pulse_meets_new_boot(const struct sk_pulse *pulse, struct sk_store *store,
    struct sk_error *err);

/*
 * Notes a gap when it was, in the open transaction (store/holds). sk_pulse_write does so before it writes a
 * heartbeat; who claims writes, or begins a list, does so in that commit.
 */
int sk_pulse_note_gap(const struct sk_pulse *pulse, struct sk_store *store, struct sk_error *err);

/* When each task succeeded last; 0: never. */
int sk_store_heartbeats(struct sk_store *store, int64_t succeeded_at[SK_TASKS],
    struct sk_error *err);

/*
 * What was refused last to the whole application, which has been accepted in no call since. 1 with *code,
 * the caller's; 0 nothing was; -1.
 */
int sk_store_refusal(struct sk_store *store, char **code, int64_t *at, struct sk_error *err);

#endif
