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
#include "commands/max_age.h"
#include "commands/status_parts.h"
#include "commands/troubles.h"

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
	family(draft, "sikka_oldest_pending_timestamp_seconds", "gauge",
	    "When the oldest pending request was sent; absent if none is pending.");
	for (size_t i = 0; i < status->n_offices; i++)
		if (status->offices[i].living[SK_PENDING].oldest != 0)
			sample_of(draft, "sikka_oldest_pending_timestamp_seconds",
			    status->offices[i].office_id, NULL, NULL,
			    status->offices[i].living[SK_PENDING].oldest / SK_SECOND);
}

static void
add_offices(struct sk_text *draft, const struct sk_status *status)
{
	family(draft, "sikka_token_expiry_timestamp_seconds", "gauge",
	    "When the office's request key expires; absent if it has none.");
	for (size_t i = 0; i < status->n_offices; i++)
		if (status->offices[i].token_expiry != 0)
			sample_of(draft, "sikka_token_expiry_timestamp_seconds",
			    status->offices[i].office_id, NULL, NULL,
			    status->offices[i].token_expiry / SK_SECOND);
	family(draft, "sikka_office_status", "gauge", "1 for the current status of the office.");
	for (size_t i = 0; i < status->n_offices; i++)
		if (status->offices[i].status != SK_OFFICE_NONE)
			sample_of(draft, "sikka_office_status", status->offices[i].office_id,
			    "status", sk_office_status_name(status->offices[i].status), 1);
}

/* Quantiles of the last day; the sum and the count are counters, and so of all time. */
static void
add_times(struct sk_text *draft, const struct sk_status *status)
{
	static const double quantiles[] = {0.5, 0.9, 0.99};
	const struct sk_ended *day = &status->day;

	family(draft, "sikka_completion_seconds", "summary",
	    "Time that the practices took: quantiles of the last day, sum and count ever.");
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
		sk_text_add_format(draft, "sikka_completion_seconds{quantile=\"%g\"} ",
		    quantiles[i]);
		if (day->n_durations > 0)
			sk_text_add_format(draft, "%.3f\n", sk_status_seconds(day, quantiles[i]));
		else
			sk_text_add(draft, "NaN\n");
	}
	sk_text_add_format(draft,
	    "sikka_completion_seconds_sum %lld.%03d\nsikka_completion_seconds_count %lld\n",
	    (long long)(status->straight_ms / SK_SECOND), (int)(status->straight_ms % SK_SECOND),
	    (long long)status->straight_count);
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

static void
add_ages(struct sk_text *draft, const struct sk_max_age *ages)
{
	family(draft, "sikka_max_age_seconds", "gauge",
	    "How old the last success of the task may be before it is late.");
	for (int task = 0; task < SK_TASKS; task++)
		if (ages->most[task] != 0)
			sk_text_add_format(draft, "sikka_max_age_seconds{task=\"%s\"} %lld\n",
			    sk_task_name((enum sk_task)task),
			    (long long)(ages->most[task] / SK_SECOND));
}

static void
add_refusals(struct sk_text *draft, const struct sk_status *status)
{
	family(draft, "sikka_application_refused_timestamp_seconds", "gauge",
	    "When the server last refused the application's key; absent if it doesn't now.");
	if (status->refused != NULL)
		sample(draft, "sikka_application_refused_timestamp_seconds",
		    status->refused_at / SK_SECOND);
	family(draft, "sikka_daily_limit_until_timestamp_seconds", "gauge",
	    "Until when nothing is read, as the calls for the day are used up (no office: by the "
	    "application).");
	for (size_t i = 0; i < status->n_buckets; i++)
		if (status->buckets[i].daily_until != 0)
			sample_of(draft, "sikka_daily_limit_until_timestamp_seconds",
			    status->buckets[i].name, NULL, NULL,
			    status->buckets[i].daily_until / SK_SECOND);
}

static void
add_pauses(struct sk_text *draft, const struct sk_status *status)
{
	family(draft, "sikka_paused_since_timestamp_seconds", "gauge",
	    "Since when a person lets nothing new be sent (no office: of any); absent if it is.");
	for (size_t i = 0; i < status->n_pauses; i++)
		sample_of(draft, "sikka_paused_since_timestamp_seconds",
		    status->pauses[i].office_id != NULL ? status->pauses[i].office_id : "", NULL,
		    NULL, status->pauses[i].since / SK_SECOND);
}

static void
add_outbox(struct sk_text *draft, const struct sk_outbox *outbox)
{
	family(draft, "sikka_outbox_events", "gauge",
	    "Events of the outbox that are not delivered yet.");
	sample(draft, "sikka_outbox_events", outbox->undelivered);
	family(draft, "sikka_outbox_oldest_timestamp_seconds", "gauge",
	    "When the oldest of these happened; absent if there is none.");
	if (outbox->undelivered > 0)
		sample(draft, "sikka_outbox_oldest_timestamp_seconds", outbox->oldest / SK_SECOND);
	family(draft, "sikka_outbox_set_aside", "gauge",
	    "Events that could not be delivered and that nobody has acknowledged.");
	sample(draft, "sikka_outbox_set_aside", outbox->set_aside);
}

/* Each kind has a series, so that an alert sees it change. */
static void
add_troubles(struct sk_text *draft, const struct sk_troubles *troubles)
{
	static const char *const severities[] = {[SK_MONITOR_WARNING] = "warning",
	    [SK_MONITOR_CRITICAL] = "critical",
	    [SK_MONITOR_UNKNOWN] = "unknown"};
	int n[SK_TROUBLES] = {0};

	for (size_t i = 0; i < troubles->n; i++)
		n[troubles->list[i].kind]++;
	family(draft, "sikka_troubles", "gauge",
	    "What sikka-status --check reports: so many troubles of this kind.");
	for (int i = 0; i < SK_TROUBLES; i++) {
		enum sk_trouble_kind kind = (enum sk_trouble_kind)i;

		sk_text_add_format(draft, "sikka_troubles{trouble=\"%s\",severity=\"%s\"} %d\n",
		    sk_trouble_name(kind), severities[sk_trouble_severity(kind)], n[i]);
	}
}

char *
sk_status_metrics(const struct sk_status *status, const struct sk_troubles *troubles,
    const struct sk_max_age *ages)
{
	struct sk_text draft = {0};

	if (status != NULL) {
		add_writebacks(&draft, status);
		add_offices(&draft, status);
		add_times(&draft, status);
		add_outbox(&draft, &status->outbox);
		add_tasks(&draft, status);
		add_refusals(&draft, status);
		add_pauses(&draft, status);
		sk_status_measures_metrics(status, &draft);
	}
	add_ages(&draft, ages);
	add_troubles(&draft, troubles);
	family(&draft, "sikka_written_timestamp_seconds", "gauge",
	    "When these metrics were written.");
	sample(&draft, "sikka_written_timestamp_seconds", sk_time_now() / SK_SECOND);
	family(&draft, "sikka_build_info", "gauge", "The version of sikka-status.");
	sk_text_add_format(&draft, "sikka_build_info{version=\"%s\"} 1\n", SK_VERSION);
	return sk_text_take(&draft);
}
