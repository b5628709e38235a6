/* SPDX-License-Identifier: MIT */
/*
 * What the simulated server knows: its settings, the offices with their records, the keys that it
 * gave out, the writebacks, and its own clock. One struct sim for each program. Everything in it
 * except the settings changes only while `lock` is held.
 */
#ifndef SIM_STATE_H
#define SIM_STATE_H

#include <pthread.h>
#include "util.h"

#define NEVER INT64_MAX

struct fault;     /* faults.h */
struct kept;      /* lists_filter.c */
struct late;      /* late.c */
struct operation; /* fields.h */
struct span;      /* listing.c */

struct practice {
	const char *id, *pms, *version;
	unsigned system; /* for the rules of writebacks: see systems.h */
	const char *domain;
	char name[48];
	char *chosen; /* holds pms and version where they were chosen; else NULL */
};

struct window { /* one rate limit */
	int64_t start;
	long used;
};

struct office {
	char id[16];
	char secret[33];
	struct practice practices[2];
	int practice_count;
	bool has_locations; /* its practices 1-1 and 1-3 are authorized as one, 1 */
	bool online, authorized;
	int64_t last_seen; /* when its SPU last reported; used while it is offline */
	bool is_seeded;    /* it has its first records: it gets them when they are first needed */
	json_t *records;   /* object: resource -> array of records */
	json_t *events;    /* object: resource -> what happened to its records, and when */
	json_t *places;    /* practice|operatory|date|time -> number of appointments */
	json_t *copy;      /* of the records, as reads show them; NULL: as they are. See copies.h */
	int64_t copied_at, copy_due;
	long next_appointment, next_patient, next_other;
	struct window window, day;
	long long day_bytes; /* bytes sent on that day */
	long renewed_by_secret, renewed_by_refresh, renewals_refused;
};

struct request_key {
	char value[33];
	int office;
	int64_t start, end;
	long used;
	bool ended;
};

struct refresh_key {
	char value[33];
	int office;
	bool ended;
};

struct command { /* a remote command */
	long id;
	int office;
	bool refreshes;
	int64_t received, delay, due;
	int64_t executed; /* 0: not yet */
};

enum writeback_state { PENDING, COMPLETED, FAILED, WITHDRAWN, FORGOTTEN };

struct writeback {
	long id;
	int office;
	const struct practice *practice;
	const struct operation *operation;
	char *path_id; /* NULL where the path has none */
	json_t *body;
	enum writeback_state state;
	char *result;                 /* the PMS's text; "" until there is one */
	int applied;                  /* how often the PMS carried it out */
	bool foreign;                 /* another program's */
	bool no_status, no_entry;     /* what the server doesn't show of it */
	int64_t requested, completed; /* as they were noted */
	int64_t queued, due;          /* these move with a clock that is set */
	size_t queue_place;           /* where it is in the queue, counted from 1; 0: it isn't */
	int64_t list_lag;             /* ms after queued until lists show it, at least */
	char *created_id, *appointment_sr_no, *patient_id; /* "" where there is none */
};

/* How answers are spelled, where several ways were seen; the names are in quirks.c. */
enum quirk {
	Q_LISTS,
	Q_NUMBERS,
	Q_BOOLEANS,
	Q_PENDING,
	Q_IDS,
	Q_CREATED,
	Q_EXPIRES_IN,
	Q_REFRESH_KEY,
	Q_ERROR_TEXT,
	Q_MEMBERS,
	Q_DATA_INSERT,
	Q_RETRY_AFTER,
	Q_INSERT_DATE,
	Q_DATE,
	Q_LIMITS,
	Q_TOTAL,
	Q_LINKS,
	Q_ZONE,
	Q_LOCATIONS,
	QUIRKS
};
enum { LISTS_USUAL, LISTS_PLAIN, LISTS_WRAPPED, LISTS_ARRAY, LISTS_DATA, LISTS_SUMMARY };
enum { NUMBERS_TEXT, NUMBERS_BARE };
enum { BOOLEANS_USUAL, BOOLEANS_TITLE, BOOLEANS_LOWER, BOOLEANS_UPPER, BOOLEANS_BARE };
enum { PENDING_USUAL, PENDING_FALSE, PENDING_EMPTY };
enum { IDS_BOTH, IDS_LONG, IDS_MORE, IDS_NONE };
enum { CREATED_201, CREATED_200 };
enum { EXPIRES_USUAL, EXPIRES_SECONDS, EXPIRES_TEXT, EXPIRES_NUMBER };
enum { REFRESH_KEY_GIVEN, REFRESH_KEY_ABSENT };
enum { ERROR_TEXT_LONG, ERROR_TEXT_LOG };
enum { MEMBERS_KNOWN, MEMBERS_MORE };
enum { DATA_INSERT_COMPLETED, DATA_INSERT_IN_PROGRESS, DATA_INSERT_ABSENT };
enum { INSERT_DATE_PRESENT, INSERT_DATE_ABSENT, INSERT_DATE_AHEAD };
enum { RETRY_AFTER_ABSENT, RETRY_AFTER_PRESENT };
enum { DATE_PRESENT, DATE_ABSENT };
enum { LIMITS_EACH, LIMITS_SHARED };
enum { TOTAL_PRESENT, TOTAL_ABSENT };
enum { LINKS_OWN, LINKS_FOREIGN };
enum { ZONE_ABSENT, ZONE_TOLD, ZONE_NAME, ZONE_OFFSET, ZONE_SYNC, ZONE_HEALTH, ZONE_ODD };
enum { LOCATIONS_NONE, LOCATIONS_BOTH, LOCATIONS_FIRST, LOCATIONS_EMPTY };

struct settings {
	long port, seed, token_life, rate_limit, rate_window, offices, page_max, auth_status;
	long daily_requests, daily_bytes; /* for each office; 0: no such limit */
	int64_t skew; /* ms that the server's clock is ahead of this machine's */
	int64_t zone; /* ms that its days and times in texts are ahead of UTC */
	int quirk[QUIRKS];
	int64_t delay_min, delay_max, list_lag, arrival_lag; /* ms */
	int64_t
	    refresh_every; /* ms between two copies of a practice's data; 0: reads show what is */
	bool strict;       /* practices refuse what they would look up and not find */
	bool brief, rotation, limit_headers, verbose;
	bool writeback_permission, writeback_status, writeback_list; /* parts of the plan */
	long list_bytes; /* a larger page of the list of writebacks isn't served; 0: no limit */
	enum { LARGE_REFUSED, LARGE_CUT, LARGE_HANGS } list_large; /* but what becomes of it */
	const char *app_id, *app_key;
	char *certificate, *key; /* the contents of the PEM files; NULL without TLS */
	json_t *records;         /* resource -> how many in the first office */
	json_t *offline;         /* the offices that start offline */
	json_t *systems;         /* OFFICE/PRACTICE -> NAME[:VERSION], where chosen */
	json_t *rules;           /* the fault rules of the command line, in their order */
	const char *listen;      /* the address that it listens on */
	char *fixtures;          /* the lines of --fixtures; NULL: none */
	json_t *snapshot;        /* of --snapshot; NULL: none */
	long log;                /* how many requests the list of requests keeps */
};

struct ledger { /* what was requested, for /_sim/requests */
	json_t *routes;
	long total, answered_429, secrets_in_urls, gzip_answers, connections, renewals_unknown;
	long lists_now, lists_max;
	long held_now;
	long long looked_at; /* records, practices and writebacks, for lists */
};

struct logged; /* log.c */
struct log {   /* the latest requests */
	struct logged *ring;
	size_t first, count, room, bytes;
	long last; /* the number of the latest one */
};

struct sim {
	struct settings set;
	struct settings
	    first; /* what was set at the start: the texts and objects are those of set */
	pthread_mutex_t lock;
	int stop_fd; /* becomes readable when the program is to end */
	char *base;  /* http://127.0.0.1:PORT/v4 */
	int64_t began_real, began_boot, offset;
	int64_t began;  /* by its own clock */
	int64_t moment; /* now, while something happens whose time was before; else 0 */
	uint64_t random_keys,
	    random_delays; /* separate, so that one renewal more doesn't change the delays */
	struct office *offices;
	int office_count;
	json_t *office_places; /* office_id -> index */
	struct request_key *keys;
	size_t key_count;
	json_t *key_places; /* value -> index, of keys and of refreshes below */
	struct refresh_key *refreshes;
	size_t refresh_count;
	json_t *refresh_places;
	struct writeback *writebacks; /* id = FIRST_WRITEBACK + index, unless it came again */
	size_t writeback_count, writeback_room;
	struct span *spans; /* what lists need to know of each so many writebacks: see listing.c */
	size_t span_room;
	bool ids_came_again;
	struct command *commands;
	size_t command_count;
	size_t *queue; /* indexes of pending writebacks: see queue.h */
	size_t queue_count, queue_room;
	unsigned long changes; /* counts whenever a practice's records change */
	struct kept *kept;     /* lists that were chosen from them */
	size_t kept_next;
	int copy_count; /* how many offices have a copy of their records */
	struct window app_window;
	struct late *late; /* requests on their way, in the order in which they were sent */
	size_t late_count;
	struct fault *faults;
	size_t fault_count;
	unsigned long clearings; /* how often the faults were cleared: ends what they hold */
	struct ledger ledger;
	struct log log;
};

enum { FIRST_WRITEBACK = 275495 };

/* From sim->set, once. Returns NULL, or what is wrong with its snapshot or its fixtures, which the caller frees. */
char *state_init(struct sim *sim);
void state_fini(struct sim *sim);
/* As after the start with the same options; only the address and the numbers of requests stay. */
void state_reset(struct sim *sim);
void state_drop_writebacks(struct sim *sim); /* frees them, and empties the queue */
/*
 * The simulator's own clock, in ms. Everything that has to do with time asks here, except what a
 * fault keeps waiting.
 */
int64_t state_now(const struct sim *sim);
void state_set_clock(struct sim *sim, int64_t ms); /* sets it ahead by ms: no time has passed */
int state_office(const struct sim *sim, const char *id); /* its index, -1 if there is none */
struct request_key *state_key(const struct sim *sim, const char *value); /* NULL: there is none */
struct refresh_key *state_refresh(const struct sim *sim, const char *value);
void state_index_keys(struct sim *sim); /* from now on these two find the keys that are new */
const struct practice *state_practice(const struct office *office, const char *id);
/*
 * The writeback with this id, NULL if there is none. If several have it: the latest that the server
 * still shows, of this office (-1: of any).
 */
struct writeback *state_writeback(struct sim *sim, const char *id, int office);
bool state_gone(const struct writeback *w); /* the server shows it no more */
const char *state_name(enum writeback_state state);
json_t *state_records(struct sim *sim, int office, const char *resource); /* borrowed array */
/* How many appointments, or patients: doesn't make those of an office that nobody has asked for. */
size_t state_count(struct sim *sim, int office, const char *resource);
/* Gives the office its first records, if it hasn't got them. */
void state_seed(struct sim *sim, int office);

#endif
