/* SPDX-License-Identifier: MIT */
/*
 * store_offices: offices with their keys (pms_integrations), and practices. Keys are stored nowhere
 * else; _fini wipes what was read.
 */
#ifndef SK_STORE_OFFICES_H
#define SK_STORE_OFFICES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/zone.h"
#include "store/store.h"

/* What an office's keys are good for. A practice is only active or revoked. */
enum sk_office_status {
	SK_OFFICE_NONE,   /* no office was read */
	SK_OFFICE_NEW,    /* it has no key yet */
	SK_OFFICE_ACTIVE, /* it has a key, or can get one */
	SK_OFFICE_HELD,   /* a person revoked its keys: it gets one only when named */
	SK_OFFICE_SUSPECT, /* the server has refused its keys once: asked again before it is blamed */
	SK_OFFICE_REAUTHORIZE, /* the practice must authorize the application again */
	SK_OFFICE_REVOKED,     /* it has left the list of authorized practices */
	SK_OFFICE_STATUSES
};

const char *sk_office_status_name(enum sk_office_status status); /* "new" …; NULL for NONE */
enum sk_office_status sk_office_status_find(const char *name);   /* NONE: no such status */

struct sk_office {
	int64_t number; /* the row's number, also that of its lock */
	char *office_id;
	char *secret_key;
	char *request_key; /* NULL: none */
	char *refresh_key;
	int64_t token_expiry;
	enum sk_office_status status;
	char *domain;
	char *last_error; /* NULL: the last renewal went well */
	int64_t renewed_at;
	int64_t renewal_tried_at;
	int64_t renewal_refused_at; /* by the server, the last time */
	int64_t missing_at;         /* of the first complete list that lacked it, or 0 */
	int64_t suspect_at;         /* of the first refusal since a renewal went well, or 0 */
	int64_t held_at; /* when its keys were revoked here; 0: not, or it has new ones */
};

struct sk_practice {
	char *office_id;
	char *practice_id;
	char *practice_name;
	char *pms;
	char *pms_version;
	bool has_set_pms; /* by the setting pms: then pms has the version, too. Not stored */
	char *domain;
	char *time_zone;              /* as the server tells it, "Eastern Standard Time" */
	char *utc_offset;             /* "-05:00"; with both NULL, _put keeps what is recorded */
	enum sk_office_status status; /* SK_OFFICE_ACTIVE or SK_OFFICE_REVOKED */
	int64_t missing_at;           /* as an office's */
	bool is_location; /* only the office's own list has it, not that of the authorized ones */
};

void sk_office_fini(struct sk_office *office);
void sk_practice_fini(struct sk_practice *practice);

/* 1 found, 0 not found, -1 error. */
int sk_store_office_get(struct sk_store *store, const char *office_id, struct sk_office *office,
    struct sk_error *err);

/* All offices, by office_id. The array of *n is the caller's: sk_offices_free. */
int sk_store_offices(struct sk_store *store, struct sk_office **offices, size_t *n,
    struct sk_error *err);
void sk_offices_free(struct sk_office *offices, size_t n);

/*
 * Inserts or updates by office_id. Writes all columns but number, which a new row gets. In the
 * caller's transaction.
 */
int sk_store_office_put(struct sk_store *store, const struct sk_office *office,
    struct sk_error *err);

/*
 * Deletes an office with its practices; its writebacks stay. It stays forgotten, though the server lists it,
 * until a person names it: then it is remembered. In the caller's transaction.
 */
int sk_store_office_forget(struct sk_store *store, const char *office_id, struct sk_error *err);
int sk_store_office_remember(struct sk_store *store, const char *office_id, struct sk_error *err);

/* 1 a person has had it forgotten, 0 not, -1 error. */
int sk_store_office_is_forgotten(struct sk_store *store, const char *office_id,
    struct sk_error *err);

/*
 * Practices of one office or (NULL) of all, by office_id and practice_id; revoked ones are
 * included.
 */
int sk_store_practices(struct sk_store *store, const char *office_id,
    struct sk_practice **practices, size_t *n, struct sk_error *err);

/* Sets the zone of one that is recorded, where it has none. In the caller's transaction. */
int sk_store_practice_zone(struct sk_store *store, const struct sk_practice *practice,
    struct sk_error *err);

struct sk_zone sk_practice_zone(const struct sk_practice *practice);

/*
 * The zone of a practice of an office, among n practices of any offices, in the order of sk_store_practices; with
 * practice_id NULL one that holds for each of the office's.
 */
struct sk_zone sk_practices_zone(const struct sk_practice *practices, size_t n,
    const char *office_id, const char *practice_id);

void sk_practices_free(struct sk_practice *practices, size_t n);
int sk_store_practice_put(struct sk_store *store, const struct sk_practice *practice,
    struct sk_error *err);

#endif
