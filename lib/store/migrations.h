/* SPDX-License-Identifier: MIT */
/* migrations: what brings a state file from each version to the next one; sikka-db(5) describes the result. */
#ifndef SK_STORE_MIGRATIONS_H
#define SK_STORE_MIGRATIONS_H

#define SK_SCHEMA_APPLICATION 0x534b4b41 /* "SKKA" */
#define SK_SCHEMA_NEWEST 6               /* the version that this program writes */

struct sk_migration {
	int version;
	const char *const *sql; /* statements, one after the other; NULL ends them */
};

/* By version; those of one version in the order in which they run. The last one has the version 0. */
extern const struct sk_migration SK_MIGRATIONS[];

/* migrations_kept.c: parts of it. */
extern const char *const SK_MIGRATION_CHECKS[];
extern const char *const SK_MIGRATION_CHOICES[];
extern const char *const SK_MIGRATION_ENDS[];
extern const char *const SK_MIGRATION_INDEXES[];

#endif
