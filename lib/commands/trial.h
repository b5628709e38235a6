/* SPDX-License-Identifier: MIT */
/*
 * trial: one request to the server that changes nothing, made without a state file: the list of practices, of which one
 * record is asked for. Its answer shows how far a request gets, and whether the server takes the application's
 * credentials.
 */
#ifndef SK_COMMANDS_TRIAL_H
#define SK_COMMANDS_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "http/http.h"

struct sk_trial {
	bool is_signed, has_ended;
	struct sk_http_details details;
	struct sk_http_answer answer;
	int64_t received_at; /* on this machine's clock */
};

/*
 * is_signed: with the credentials, which sk_config_need_app has checked; else without a key and to the base URL. A signal
 * that asks to stop ends it, if base/stop catches signals. 0; -1: nothing was asked, or a signal came (75). Freed with
 * sk_trial_fini in any case.
 */
int sk_trial(const struct sk_config *config, bool is_signed, struct sk_trial *trial,
    struct sk_error *err);
void sk_trial_fini(struct sk_trial *trial);

/* By how much this machine's clock is ahead of the server's, in ms; below 0: behind. 0 too if the answer has no time. */
int64_t sk_trial_clock(const struct sk_trial *trial);

#endif
