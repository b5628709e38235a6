/* SPDX-License-Identifier: MIT */
/*
 * refreshes: how young the server's copy of each practice's data is, as far as the server has said it
 * (data_insert_date), and what remote commands were sent to have it refreshed. The server's text has no zone: it is
 * compared with other such texts of the same practice, and never with a clock, but to see that it can't be true.
 */
#ifndef SK_STORE_REFRESHES_H
#define SK_STORE_REFRESHES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct sk_refresh {
	char *date;      /* the server's text */
	int64_t seen_at; /* when it was seen first */
};
void sk_refresh_fini(struct sk_refresh *refresh);

/* The text as if it were UTC; 0: it can't be read, or lies ahead of the clock in every zone. */
int64_t sk_refresh_moment(const char *date);

/*
 * The server says that the data of a practice were copied then. What is older than what stands there, and what lies
 * ahead of the clock, changes nothing; nor does an office that isn't in the file. In the open transaction, or in one
 * of its own.
 */
int sk_store_refresh_note(struct sk_store *store, const char *office_id, const char *practice_id,
    const char *date, struct sk_error *err);

/* 1 found, 0 nothing was ever seen, -1. */
int sk_store_refresh_get(struct sk_store *store, const char *office_id, const char *practice_id,
    struct sk_refresh *refresh, struct sk_error *err);

/* The last remote command of an office that had its data refreshed. */
struct sk_remote_command {
	char *id;         /* NULL: its answer was lost, or named none */
	int64_t sent_at;  /* noted before it left; 0: none was ever sent */
	int64_t ended_at; /* 0: it may still be carried out */
};
void sk_remote_command_fini(struct sk_remote_command *command);

/* 1 found, 0 none was ever sent, -1. */
int sk_store_command_get(struct sk_store *store, const char *office_id,
    struct sk_remote_command *command, struct sk_error *err);
/* In the open transaction. */
int sk_store_command_put(struct sk_store *store, const char *office_id,
    const struct sk_remote_command *command, struct sk_error *err);

#endif
