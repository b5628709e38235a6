/* SPDX-License-Identifier: MIT */
/*
 * status: the largest figures of what sikka rests on, as an object, as a line for people, and as
 * metrics.
 */
#include "base/json.h"
#include "base/time.h"
#include "commands/status_parts.h"

/* A figure that was never taken is null. */
static json_t *
measure_json(const struct sk_largest *largest, enum sk_measure what)
{
	json_t *record = json_object();
	char text[SK_TIME_TEXT];

	json_object_set_new(record, "largest",
	    largest->at != 0 ? json_integer(largest->value) : json_null());
	json_object_set_new(record, "bound", json_integer(sk_measure_bound(what)));
	sk_json_set(record, "unit", sk_measure_unit(what));
	sk_json_set(record, "measured_at",
	    largest->at != 0 ? sk_time_format(largest->at, text) : NULL);
	return record;
}

json_t *
sk_status_measures_json(const struct sk_status *status)
{
	json_t *record = json_object();

	for (int i = 0; i < SK_MEASURES; i++)
		json_object_set_new(record, sk_measure_name((enum sk_measure)i),
		    measure_json(&status->largest[i], (enum sk_measure)i));
	return record;
}

void
sk_status_measures_words(const struct sk_status *status, struct sk_text *words)
{
	for (int i = 0; i < SK_MEASURES; i++) {
		enum sk_measure what = (enum sk_measure)i;

		if (status->largest[i].value > sk_measure_bound(what))
			sk_text_add_format(words, "%s%s %lld %s (at most %lld)",
			    words->used > 0 ? ", " : "", sk_measure_name(what),
			    (long long)status->largest[i].value, sk_measure_unit(what),
			    (long long)sk_measure_bound(what));
	}
}

static void
add_family(struct sk_text *draft, const char *name, const char *help)
{
	sk_text_add_format(draft, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void
add_sample(struct sk_text *draft, const char *name, enum sk_measure what, int64_t value)
{
	sk_text_add_format(draft, "%s{measure=\"%s\",unit=\"%s\"} %lld\n", name,
	    sk_measure_name(what), sk_measure_unit(what), (long long)value);
}

void
sk_status_measures_metrics(const struct sk_status *status, struct sk_text *draft)
{
	add_family(draft, "sikka_measure_largest",
	    "The largest figure ever of what the server is relied on for.");
	for (int i = 0; i < SK_MEASURES; i++)
		if (status->largest[i].at != 0)
			add_sample(draft, "sikka_measure_largest", (enum sk_measure)i,
			    status->largest[i].value);
	add_family(draft, "sikka_measure_bound",
	    "The largest figure that the rules of the toolkit allow for.");
	for (int i = 0; i < SK_MEASURES; i++)
		add_sample(draft, "sikka_measure_bound", (enum sk_measure)i,
		    sk_measure_bound((enum sk_measure)i));
}
