/* SPDX-License-Identifier: MIT */
/* sweep_parts: what the files of sweep share. Inside sweep. */
#ifndef SK_COMMANDS_SWEEP_PARTS_H
#define SK_COMMANDS_SWEEP_PARTS_H

#include "base/time.h"
#include "store/writebacks.h"
#include "commands/sweep.h"

#define SK_SWEEP_RETRIES 10           /* so often a row is queued again at the most */
#define SK_SWEEP_REPEAT (6 * SK_HOUR) /* the same report isn't made again within */

struct sk_sweep {
	struct sk_session *session;
	struct sk_wire wire;
	int is_online; /* wire is open */
	const struct sk_sweep_options *options;
	sk_tell_fn *tell;
	void *arg;
	int exit;
	struct sk_error trouble; /* the first */
	struct sk_error told;    /* the last of the others */
};

/* Rows in these states, of the offices that -O names. */
struct sk_filter sk_sweep_filter(const struct sk_sweep *sweep, unsigned states);

/* When a row was sent, or was queued if it hasn't been sent yet. */
int64_t sk_sweep_sent_at(const struct sk_writeback *row);

/* Opens the wire when something needs it. 0 or -1 with trouble. */
int sk_sweep_go_online(struct sk_sweep *sweep);

/* Notes an error: the first is told at the end, others at once, but none again and again, as when
   each part meets the same dead disk. Its code counts. */
void sk_sweep_note(struct sk_sweep *sweep, const struct sk_error *err);

/* A state has changed: counts in the exit code. Of type sk_changed_fn, arg a struct sk_sweep. */
void sk_sweep_changed(void *sweep, const struct sk_writeback *row);

/* With -n: a line of what would be done. candidates (may be NULL) moves in. */
void sk_sweep_would(struct sk_sweep *sweep, const char *what, const struct sk_writeback *row,
    json_t *candidates);

/* sweep_settle.c */
void sk_sweep_settle(struct sk_sweep *sweep);
void sk_sweep_report_unlooked(struct sk_sweep *sweep);

/* sweep_act.c */
void sk_sweep_resolve(struct sk_sweep *sweep);
void sk_sweep_withdraw_named(struct sk_sweep *sweep);
void sk_sweep_withdraw_open(struct sk_sweep *sweep);
void sk_sweep_retry(struct sk_sweep *sweep);

/* sweep_stuck.c */
void sk_sweep_stuck(struct sk_sweep *sweep);

/* sweep_warn.c */
void sk_sweep_warn(struct sk_sweep *sweep);

#endif
