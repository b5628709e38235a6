/* SPDX-License-Identifier: MIT */
/* status: the events that are told to a person, and what became of that. */
#include "base/out.h"
#include "store/event.h"
#include "store/outbox.h"
#include "commands/status.h"

#define AT_ONCE 1000 /* events in each read */

const struct sk_column SK_STATUS_EVENT_COLUMNS[] = {{"event_id", 1, false, 8}, {"at", 2, false, 24},
    {"event", 1, false, 18}, {"office_id", 3, false, 9}, {"id", 4, false, 6}, {"key", 6, false, 16},
    {"delivery", 3, false, 9}, {"tries", 5, false, 5}, {"text", 1, true, 24}, {0}};

int
sk_status_events(struct sk_session *session, int64_t since, struct sk_error *err)
{
	struct sk_events_wanted wanted = {.offices = session->common->offices,
	    .n_offices = session->common->n_offices,
	    .since = since,
	    .most = AT_ONCE};
	int result = 0;
	size_t n;

	do {
		struct sk_event *events;

		if (sk_store_events_page(session->store, &wanted, &events, &n, err) != 0)
			return -1;
		for (size_t i = 0; i < n && result == 0; i++) {
			json_t *record = sk_event_record_delivery(&events[i]);

			result = sk_out_record(record, err);
			json_decref(record);
			wanted.after = events[i].id;
		}
		sk_events_free(events, n);
	} while (n == AT_ONCE && result == 0 && !sk_out_is_closed());
	return result;
}
