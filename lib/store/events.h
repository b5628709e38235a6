/* SPDX-License-Identifier: MIT */
/*
 * store_events: the append-only history, and the outbox, which is part of it. Rows are never
 * changed, except for what delivery notes in them (store/outbox).
 */
#ifndef SK_STORE_EVENTS_H
#define SK_STORE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* What happened. sikka-db(5) says what each kind means. */
enum sk_event_kind {
	SK_EVENT_NONE,             /* a kind that only a newer sikka knows */
	SK_EVENT_UNKNOWN,          /* a request may or may not have reached the practice */
	SK_EVENT_NOT_SENT,         /* its run died or gave up before sending it */
	SK_EVENT_NOT_RECEIVED,     /* the server surely never had it */
	SK_EVENT_FAILED,           /* the server or the PMS refused it */
	SK_EVENT_STUCK,            /* pending for longer than a practice takes */
	SK_EVENT_ENDED_UNCLEAR,    /* ended, and nobody can say how */
	SK_EVENT_LOST,             /* the server no longer knows it */
	SK_EVENT_CONTRADICTION,    /* withdrawn or given up, and carried out after all */
	SK_EVENT_DOUBLED,          /* the server holds a second request for it */
	SK_EVENT_ID_TAKEN,         /* accepted, with the id of another row */
	SK_EVENT_UNPROVABLE,       /* unknown for so long that no list can prove anything */
	SK_EVENT_NOT_LOOKED_AT,    /* withdrawn, and couldn't be looked at for six days */
	SK_EVENT_BOOKED_ALREADY,   /* a booking isn't sent again, as the patient has one then */
	SK_EVENT_DATA_TOO_OLD,     /* a booking waits: the practice's data are older than it */
	SK_EVENT_APPOINTMENT_NEAR, /* the appointment comes near and its booking is pending */
	SK_EVENT_KEY_ENDING,       /* a key is near its end and wasn't renewed */
	SK_EVENT_REAUTHORIZE,      /* the practice must authorize the application again */
	SK_EVENT_OFFICES_MISSING,  /* a list lacks more than half of the offices */
	SK_EVENT_REVOKED,          /* the practice has left the list of authorized ones */
	SK_EVENT_LOCATION_GONE,    /* a practice id has left the office's own list */
	SK_EVENT_OFFICE_OFFLINE,   /* the practice's server isn't connected */
	SK_EVENT_RUN_STALLED,      /* a run is alive, but its rows haven't changed */
	SK_EVENT_OLDER_COPY,       /* the state file is an older copy */
	SK_EVENT_SET_ASIDE,        /* an event couldn't be delivered */
	SK_EVENT_CLOCK_DIFFERS,    /* this machine's clock isn't the server's */
	SK_EVENT_NO_DATE,          /* a list proves no absence, as its answers have no Date */
	/* something that sikka rests on doesn't hold: store/measures */
	SK_EVENT_ASSUMPTION_BROKEN,
	SK_EVENT_QUEUED,
	SK_EVENT_SUBMITTING,
	SK_EVENT_PENDING,
	SK_EVENT_COMPLETED,
	SK_EVENT_WITHDRAWN,
	SK_EVENT_WITHDRAW_INTENDED,
	SK_EVENT_RESOLVED,
	SK_EVENT_NOT_OURS, /* a person said that an entry of the list is another program's */
	SK_EVENT_ADOPTED,  /* a person said that one is ours */
	SK_EVENT_RETRIED,
	SK_EVENT_SUPERSEDED,
	SK_EVENT_FOUND,
	SK_EVENT_REFRESH_ASKED,  /* a practice's server is to refresh its data */
	SK_EVENT_DATA_REFRESHED, /* it has done so */
	SK_EVENT_AUTHORIZED,
	SK_EVENT_RETURNED,
	SK_EVENT_IMPORTED,
	SK_EVENT_FORGOTTEN,
	SK_EVENT_RESTORED,   /* a person: an older copy was put back, and was brought up to date */
	SK_EVENT_MOVED,      /* a person: the file was moved here */
	SK_EVENT_PAUSED,     /* a person: nothing new is sent */
	SK_EVENT_RESUMED,    /* a person: it is again */
	SK_EVENT_GIVEN_AWAY, /* the office went to another host of a fleet */
	SK_EVENT_TAKEN_IN,   /* it came from one */
	SK_EVENT_ERASED,     /* a person: what a request holds of its patient is cleared */
	SK_EVENT_ARCHIVED,   /* a person: requests were written to a file and taken out */
	SK_EVENT_RENEWED,
	SK_EVENT_SUSPECT, /* the server refused an office's keys once */
	SK_EVENT_KINDS
};

/* Who gets to know of events of a kind. */
enum sk_event_reach {
	SK_EVENT_HISTORY, /* readers of the history: the journal says the same */
	SK_EVENT_SWEEP,   /* also readers of what the sweep prints that made it */
	SK_EVENT_OUTBOX   /* also a person: it is delivered */
};

const char *sk_event_kind_name(enum sk_event_kind kind); /* "unknown" …; NULL for NONE */
enum sk_event_kind sk_event_kind_find(const char *name); /* NONE: no such kind */
enum sk_event_reach sk_event_kind_reach(enum sk_event_kind kind);

/* Whether an event of that kind is of no interest once its request has ended well. */
bool sk_event_kind_may_drop(enum sk_event_kind kind);

struct sk_event {
	int64_t id;
	int64_t at;
	enum sk_event_kind kind;
	char *office_id; /* NULL: about none */
	int64_t row;     /* the row's number; 0: about none */
	char *text;      /* a line for a person, without patients' data */
	int outbox;      /* it is to be delivered */
	int64_t delivered_at;
	int tries;
	int64_t set_aside_at;
	int64_t due_at;        /* no try before; 0: it is due */
	int64_t failing_since; /* since when it fails while others get through; 0: it doesn't */
	int64_t dropped_at;    /* its request has ended well before anybody was told; 0: no */
	char *key;             /* the caller's, as the row has it now; NULL: none */
	int64_t run;           /* the run that made it; 0: an older version did */
	/* What befell this whole run is told once, for cause. 0: it is about one request alone. */
	int64_t of_run;
	char *cause;
	int64_t leader; /* the event that is delivered for this one, too; 0: none */
	/* Read only. Of several requests row is 0, key NULL, and office_id NULL if they have several offices. */
	int64_t count; /* how many it is about; 0: about none */
	int64_t last;  /* the latest event that was counted */
};

void sk_event_fini(struct sk_event *event);
void sk_events_free(struct sk_event *events, size_t n);

/*
 * Appends in the caller's transaction and sets event->id and event->run, this process's. If one of the same
 * kind, run and cause waits to be delivered, that becomes its leader, and it is history.
 */
int sk_store_event_add(struct sk_store *store, struct sk_event *event, struct sk_error *err);

/* Events with an id above after, by id: those that a command has made since. */
int sk_store_events_since(struct sk_store *store, int64_t after, struct sk_event **events,
    size_t *n, struct sk_error *err);
int sk_store_events_last(struct sk_store *store, int64_t *id, struct sk_error *err);

/*
 * Whether an event of this kind about this office (and row; 0: any) was made since that moment: 1,
 * 0, -1.
 */
int sk_store_event_made(struct sk_store *store, enum sk_event_kind kind, const char *office_id,
    int64_t row, int64_t since, struct sk_error *err);

/* Whether such an event with that text was ever made about a row: 1, 0, -1. */
int sk_store_event_told(struct sk_store *store, enum sk_event_kind kind, int64_t row,
    const char *text, struct sk_error *err);

/* The outbox as a whole, or only what concerns n_offices offices (0: all). */
struct sk_outbox {
	int64_t undelivered;     /* and not set aside */
	int64_t oldest;          /* when the oldest of these happened; 0: none */
	int64_t set_aside;       /* set aside and not acknowledged since */
	int64_t set_aside_since; /* when the first of these was set aside; 0: none */
	int is_used;             /* the delivery of some event was tried, whichever it was */
};
int sk_store_outbox(struct sk_store *store, const char *const *offices, size_t n_offices,
    struct sk_outbox *outbox, struct sk_error *err);

#endif
