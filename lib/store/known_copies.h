/* SPDX-License-Identifier: MIT */
/*
 * known_copies: the files to which commands have written what the state file holds (table copies): its copies, and
 * archives. No purge reaches them, so a person is told of them.
 */
#ifndef SK_STORE_KNOWN_COPIES_H
#define SK_STORE_KNOWN_COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct sk_known_copy {
	char *file;
	char *kind;      /* "copy", "archive" */
	int64_t made_at; /* when it was last written; not there: as far as is known */
	bool is_there;   /* if not, it was moved or deleted, or its disk isn't mounted */
};

enum sk_written {
	SK_WRITTEN_COPY,
	SK_WRITTEN_KEPT /* a copy that is kept under its time */,
	SK_WRITTEN_ARCHIVE
};

/*
 * Notes that it was written to target, as a person has named it. Those that somebody has deleted are forgotten. If the
 * caller has no transaction, in one of its own.
 */
int sk_store_copy_note(struct sk_store *store, const char *target, enum sk_written what,
    struct sk_error *err);

/* All of them, with each copy that is kept, and those that were made before an upgrade. The caller's. */
int sk_store_copies_known(struct sk_store *store, struct sk_known_copy **copies, size_t *n,
    struct sk_error *err);
void sk_known_copies_free(struct sk_known_copy *copies, size_t n);

#endif
