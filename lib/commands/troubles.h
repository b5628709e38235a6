/* SPDX-License-Identifier: MIT */
/*
 * troubles: what is wrong with the state, and which command mends it. sikka-status --check shows them, and
 * --metrics counts them.
 */
#ifndef SK_COMMANDS_TROUBLES_H
#define SK_COMMANDS_TROUBLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/options.h"
#include "store/session.h"
#include "commands/max_age.h"
#include "commands/status.h"

/* The worst first. */
enum sk_trouble_kind {
	SK_TROUBLE_LOST, /* the state file is gone or empty, and its lock file shows that it was used */
	SK_TROUBLE_OLDER_COPY,
	SK_TROUBLE_FILE, /* a file that commands can't use */
	SK_TROUBLE_APP_REFUSED,
	SK_TROUBLE_DAILY_LIMIT,
	SK_TROUBLE_UNKNOWN_LONG,
	SK_TROUBLE_SUBMITTING_LONG,
	SK_TROUBLE_ABANDONED, /* requests wait for an office that isn't authorized */
	SK_TROUBLE_HELD,      /* or whose keys were revoked here */
	SK_TROUBLE_KEY_EXPIRED,
	SK_TROUBLE_SET_ASIDE,
	SK_TROUBLE_UNREADABLE,
	SK_TROUBLE_STRANGER, /* -O names an office that isn't known */
	SK_TROUBLE_PAUSED,   /* a person lets nothing new be sent */
	SK_TROUBLE_UNKNOWN,
	SK_TROUBLE_SUBMITTING,
	SK_TROUBLE_PENDING_LONG,
	SK_TROUBLE_WITHDREW, /* a request was refused because the office has withdrawn */
	SK_TROUBLE_REVOKED,  /* an office has left the list of authorized ones */
	SK_TROUBLE_REAUTHORIZE,
	SK_TROUBLE_SUSPECT, /* its keys were refused once */
	SK_TROUBLE_TASK_LATE,
	SK_TROUBLE_KEY_ENDING,
	SK_TROUBLE_UNDELIVERED,
	SK_TROUBLES
};

struct sk_trouble {
	enum sk_trouble_kind kind;
	int64_t since; /* when it began; 0: not known */
	char *what;    /* what is wrong */
	char *mend;    /* what to do, with the command; NULL: nothing can be said */
};

struct sk_troubles {
	struct sk_trouble *list; /* the worst first */
	size_t n, room;
};

const char *sk_trouble_name(enum sk_trouble_kind kind); /* "state_file_lost" … */
enum sk_monitor_code sk_trouble_severity(enum sk_trouble_kind kind);

/* For people, who are shown two severities: what a monitor can't judge is as bad as what is critical. */
bool sk_trouble_is_critical(enum sk_trouble_kind kind);

/* The exit code of a command that ends because of it. 0: that of the error which is its reason. */
enum sk_exit sk_trouble_exit(enum sk_trouble_kind kind);

/* What is wrong and what mends it, in one line; the caller frees. */
char *sk_trouble_words(const struct sk_trouble *trouble);

/* The oldest first: before them those whose beginning isn't known, as they may be older. */
void sk_troubles_sort_by_age(struct sk_troubles *troubles);

/* Whether the task is late; one that has nothing to do at present never is. */
bool sk_troubles_task_is_late(const struct sk_status *status, const struct sk_max_age *ages,
    enum sk_task task);

/*
 * Opens the session for reading, reads the state, and finds what is wrong with it; session, status and
 * troubles are the caller's to close. False: the state couldn't be read, as *why says, and so do the
 * troubles.
 */
bool sk_troubles_look(struct sk_session *session, const struct sk_common *common,
    const struct sk_max_age *ages, struct sk_status *status, struct sk_troubles *troubles,
    struct sk_error *why);

/* The same where the session was opened before; *why says why it couldn't be, or is empty. */
bool sk_troubles_judge(struct sk_session *session, const struct sk_max_age *ages,
    struct sk_status *status, struct sk_troubles *troubles, struct sk_error *why);

void sk_troubles_fini(struct sk_troubles *troubles);

#endif
