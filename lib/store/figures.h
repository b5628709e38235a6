/* SPDX-License-Identifier: MIT */
/* figures: what has ended since a moment, one by one, for whoever draws pictures of it. */
#ifndef SK_STORE_FIGURES_H
#define SK_STORE_FIGURES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"
#include "store/writebacks.h"

/* A request that has ended. Its texts are the caller's: sk_end_fini. */
struct sk_end {
	int64_t id;
	int64_t at;
	enum sk_state result;
	char *office_id;
	char *operation;
	char *error_code; /* NULL: none */
	int64_t
	    took; /* ms that the practice took; 0: not known, or it was unknown or withdrawn in between */
};
void sk_end_fini(struct sk_end *end);

/*
 * Calls take for each request that ended at or after since, of n_offices offices (0: of all), the oldest first. What
 * take gets is its own from then on.
 */
int sk_store_figures_ends(struct sk_store *store, const char *const *offices, size_t n_offices,
    int64_t since, void (*take)(void *arg, struct sk_end *end), void *arg, struct sk_error *err);

#endif
