/* SPDX-License-Identifier: MIT */
/*
 * status: the state in Prometheus's text format.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/options.h"
#include "base/text.h"
#include "base/time.h"
#include "base/version.h"
#include "commands/status_parts.h"

/* A label's value: must be UTF-8, with three characters escaped. */
static char *
label(const char *text)
{
	struct sk_text draft = {0};
	json_t *value = json_string(text);
	char *own = value == NULL ? sk_text_shown(text) : sk_mem_copy(text);

	for (const char *at = own; *at != '\0'; at++) {
		if (*at == '\n')
			sk_text_add(&draft, "\\n");
		else
			sk_text_add_format(&draft, "%s%c", *at == '\\' || *at == '"' ? "\\" : "",
			    *at);
	}
	json_decref(value);
	free(own);
	return sk_text_take(&draft);
}

/* Begins a metric: all of its samples must follow its head directly. */
static void
family(struct sk_text *draft, const char *name, const char *type, const char *help)
{
	sk_text_add_format(draft, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
sample(struct sk_text *draft, const char *name, int64_t value)
{
	sk_text_add_format(draft, "%s %lld\n", name, (long long)value);
}

static void
sample_of(struct sk_text *draft, const char *name, const char *office_id, const char *other,
    const char *other_value, int64_t value)
{
	char *id = label(office_id), *text = label(other_value != NULL ? other_value : "");

	sk_text_add_format(draft, "%s{office_id=\"%s\"", name, id);
	if (other != NULL)
		sk_text_add_format(draft, ",%s=\"%s\"", other, text);
	sk_text_add_format(draft, "} %lld\n", (long long)value);
	free(text);
	free(id);
}

/* Series with the value 0 are printed, too, so that a monitor sees them from the start. */
static void
add_writebacks(struct sk_text *draft, const struct sk_status *status)
{
	family(draft, "sikka_writebacks", "gauge", "Requests that have not ended, by state.");
	for (size_t i = 0; i < status->n_offices; i++)
		for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
			sample_of(draft, "sikka_writebacks", status->offices[i].office_id, "result",
			    sk_state_name((enum sk_state)state),
			    status->offices[i].living[state].count);
	family(draft, "sikka_writebacks_ended_total", "counter",
	    "Requests that ever ended in this state.");
	for (size_t i = 0; i < status->n_offices; i++)
		for (int state = SK_COMPLETED; state < SK_STATES; state++)
			sample_of(draft, "sikka_writebacks_ended_total",
			    status->offices[i].office_id, "result",
			    sk_state_name((enum sk_state)state), status->offices[i].ends[state]);
	family(draft, "sikka_oldest_pending_seconds", "gauge",
	    "Age of the oldest pending request, 0 if none is pending.");
	for (size_t i = 0; i < status->n_offices; i++) {
		int64_t oldest = status->offices[i].living[SK_PENDING].oldest;
		int64_t age = oldest != 0 && oldest < status->now ? status->now - oldest : 0;

		sample_of(draft, "sikka_oldest_pending_seconds", status->offices[i].office_id, NULL,
		    NULL, age / SK_SECOND);
	}
}

static void
add_offices(struct sk_text *draft, const struct sk_status *status)
{
	family(draft, "sikka_token_expiry_seconds", "gauge",
	    "Seconds until the office's request key expires, negative if it has expired.");
	for (size_t i = 0; i < status->n_offices; i++)
		if (status->offices[i].token_expiry != 0)
			sample_of(draft, "sikka_token_expiry_seconds", status->offices[i].office_id,
			    NULL, NULL,
			    (status->offices[i].token_expiry - status->now) / SK_SECOND);
	family(draft, "sikka_office_status", "gauge", "1 for the current status of the office.");
	for (size_t i = 0; i < status->n_offices; i++)
		if (status->offices[i].status != SK_OFFICE_NONE)
			sample_of(draft, "sikka_office_status", status->offices[i].office_id,
			    "status", sk_office_status_name(status->offices[i].status), 1);
}

/*
 * Quantiles of the last day. _sum and _count would have to be sums of all time, so they are left
 * out.
 */
static void
add_times(struct sk_text *draft, const struct sk_ended *day)
{
	static const double quantiles[] = {0.5, 0.9, 0.99};

	family(draft, "sikka_completion_seconds", "summary",
	    "Time that the practices took for the requests that completed within the last day.");
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
		sk_text_add_format(draft, "sikka_completion_seconds{quantile=\"%g\"} ",
		    quantiles[i]);
		if (day->n_durations > 0)
			sk_text_add_format(draft, "%.3f\n", sk_status_seconds(day, quantiles[i]));
		else
			sk_text_add(draft, "NaN\n");
	}
}

/* A task that never succeeded has no series. */
static void
add_tasks(struct sk_text *draft, const struct sk_status *status)
{
	family(draft, "sikka_last_success_timestamp_seconds", "gauge",
	    "When the task last succeeded, by the server's clock.");
	for (int task = 0; task < SK_TASKS; task++)
		if (status->succeeded_at[task] != 0)
			sk_text_add_format(draft,
			    "sikka_last_success_timestamp_seconds{task=\"%s\"} %lld\n",
			    sk_task_name((enum sk_task)task),
			    (long long)(status->succeeded_at[task] / SK_SECOND));
}

char *
sk_status_metrics(const struct sk_status *status)
{
	struct sk_text draft = {0};

	add_writebacks(&draft, status);
	add_offices(&draft, status);
	add_times(&draft, &status->day);
	family(&draft, "sikka_outbox_events", "gauge",
	    "Events of the outbox that are not delivered yet.");
	sample(&draft, "sikka_outbox_events", status->outbox.undelivered);
	family(&draft, "sikka_outbox_set_aside", "gauge",
	    "Events that could not be delivered and that nobody has acknowledged.");
	sample(&draft, "sikka_outbox_set_aside", status->outbox.set_aside);
	add_tasks(&draft, status);
	sk_status_measures_metrics(status, &draft);
	family(&draft, "sikka_build_info", "gauge", "The version of sikka-status.");
	sk_text_add_format(&draft, "sikka_build_info{version=\"%s\"} 1\n", SK_VERSION);
	return sk_text_take(&draft);
}
