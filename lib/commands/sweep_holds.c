/* SPDX-License-Identifier: MIT */
/*
 * sweep: what keeps requests from being sent although nobody has put a copy back: entries of the server's
 * list that neither a row nor a person explains. They are shown, and judged again when a person has spoken.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/out.h"
#include "base/time.h"
#include "rules/rules.h"
#include "life/check_list.h"
#include "life/holds.h"
#include "life/ledger.h"
#include "life/life.h"
#include "commands/sweep_parts.h"

/* Without "would": --not-ours - and --adopt - take such a record for the writeback itself. */
static void
show_entry(void *sweep_arg, enum sk_hold_why why, const struct sk_api_listed *listed)
{
	struct sk_sweep *sweep = sweep_arg;
	json_t *record = json_object(), *all, *fields;
	size_t n_secrets;
	char *endpoint;

	all = sk_api_listed_fields(listed, &endpoint);
	fields = sk_rules_without_secrets(all, &n_secrets);
	sk_json_set(record, "holds", sk_hold_why_name(why));
	sk_json_set(record, "writeback_id", listed->id);
	sk_json_set(record, "office_id", listed->office_id);
	sk_json_set(record, "method", listed->method);
	sk_json_set(record, "endpoint", endpoint);
	sk_json_set(record, "command_time", listed->command_time);
	sk_ledger_json_known(record, fields);
	sk_out_record(record, &sweep->trouble);
	json_decref(record);
	json_decref(all);
	json_decref(fields);
	free(endpoint);
}

/* A list of all that the server keeps; nothing is settled by it. */
static int
read_list(struct sk_sweep *sweep, struct sk_listing *list, struct sk_error *err)
{
	if (sk_sweep_go_online(sweep) != 0) {
		*err = sweep->trouble;
		return -1;
	}
	return sk_check_list_show(sweep->pool, sk_time_now() - SK_LIFE_FORGETS, list, err);
}

void
sk_sweep_show_holds(struct sk_sweep *sweep)
{
	struct sk_error err = {0};
	int any = sk_store_holds_any(sweep->session->store, &err);
	struct sk_listing list;

	if (any == 1 && read_list(sweep, &list, &err) == 0) {
		sk_holds_show(sweep->session, &list, show_entry, sweep, &err);
		sk_listing_fini(&list);
	}
	sk_sweep_note(sweep, &err);
}

void
sk_sweep_review_holds(struct sk_sweep *sweep)
{
	struct sk_error err = {0};
	struct sk_listing list;
	size_t n_left = 0;

	if (read_list(sweep, &list, &err) == 0) {
		if (sk_holds_review(sweep->session, &list, &n_left, &err) == 0 && n_left > 0)
			sk_error_set(&err, SK_EXIT_TRY_LATER,
			    "the server still has %zu requests that the state file doesn't have: "
			    "sikka-sweep -n shows them",
			    n_left);
		sk_listing_fini(&list);
	}
	sk_sweep_note(sweep, &err);
}
