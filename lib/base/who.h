/* SPDX-License-Identifier: MIT */
/*
 * who: who runs this process, for the history: a later question "who cancelled this, and when" must
 * have an answer.
 */
#ifndef SK_BASE_WHO_H
#define SK_BASE_WHO_H

#include <stdbool.h>
#include <stdint.h>

#define SK_WHO_NAME 64

struct sk_who {
	char user
	    [SK_WHO_NAME]; /* the name of the effective user in /etc/passwd; "": it has none there */
	int64_t uid;
	char host[SK_WHO_NAME];
	int64_t pid;
	char parent[SK_WHO_NAME]; /* the name of the program that started this one; "": not known */
};

/* The name of a user in /etc/passwd; "": it has none there. */
void sk_who_name_user(int64_t uid, char name[SK_WHO_NAME]);

/* Whether there is a user of that name in /etc/passwd. */
bool sk_who_has_user(const char *name);

/* Never fails: what can't be read stays empty. Allocates no memory and asks no directory service. */
void sk_who_read(struct sk_who *who);

#endif
