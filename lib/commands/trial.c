/* SPDX-License-Identifier: MIT */
/* trial: asks with http alone, since a pool counts limits in a state file, which needn't be there. */
#include "commands/trial.h"

#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "base/stop.h"
#include "base/time.h"
#include "api/api.h"

#define TIMEOUT (30 * SK_SECOND)
#define TURN (5 * SK_SECOND)

static void
on_answer(void *arg, struct sk_http_answer *answer)
{
	struct sk_trial *trial = arg;

	trial->received_at = sk_time_machine();
	trial->has_ended = true;
	sk_http_answer_take(answer, &trial->answer);
}

/* Waits for the answer, or for a signal. */
static int
wait_for(struct sk_http *http, const struct sk_trial *trial, struct sk_error *err)
{
	while (!trial->has_ended) {
		if (sk_stop_asked() != 0)
			return sk_stop_error(err);
		sk_http_turn(http, TURN, -1);
		sk_progress_draw(NULL, 0);
	}
	return 0;
}

int
sk_trial(const struct sk_config *config, bool is_signed, struct sk_trial *trial,
    struct sk_error *err)
{
	static const struct sk_api_parameter one[] = {{"limit", "1"}, {"offset", "0"}};
	struct sk_http_request request = {.kind = SK_HTTP_READ,
	    .method = "GET",
	    .timeout = TIMEOUT,
	    .details = &trial->details};
	char *url = sk_api_url(config, is_signed ? "/authorized_practices" : "", one,
	    is_signed ? sizeof(one) / sizeof(one[0]) : 0);
	struct sk_http *http = NULL;
	int result = -1;

	memset(trial, 0, sizeof(*trial));
	trial->is_signed = is_signed;
	request.url = url;
	if (is_signed)
		sk_api_sign_app(&request, config);
	sk_progress_begin(NULL, "asking %s", config->base_url);
	if (sk_http_new(config, &http, err) == 0 &&
	    sk_http_start(http, &request, on_answer, trial, err) == 0)
		result = wait_for(http, trial, err);
	sk_progress_end();
	sk_http_free(http);
	free(url);
	return result;
}

void
sk_trial_fini(struct sk_trial *trial)
{
	sk_http_answer_fini(&trial->answer);
}

int64_t
sk_trial_clock(const struct sk_trial *trial)
{
	return trial->answer.date != 0 ? trial->received_at - trial->answer.date : 0;
}
