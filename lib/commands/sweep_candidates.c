/* SPDX-License-Identifier: MIT */
/*
 * sweep: shows the entries of a list by which a person can tell whose they are. Card fields are in
 * none of it. An echo isn't escaped: what can't be parsed in it is shown as it was cut.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "rules/rules.h"
#include "life/ledger.h"
#include "commands/sweep_parts.h"

/* The text of a field that counts; NULL: there is none, or it is empty. The caller frees. */
static char *
text_of(const json_t *fields, const char *name)
{
	char *text = sk_json_member_text(fields, name);

	if (text != NULL && *text == '\0') {
		free(text);
		return NULL;
	}
	return text;
}

static void
compare_field(json_t *differences, const char *name, const char *ours, const char *theirs)
{
	json_t *difference;

	if (ours == theirs || (ours != NULL && theirs != NULL && strcmp(ours, theirs) == 0))
		return;
	difference = json_object();
	sk_json_set(difference, "field", name);
	sk_json_set(difference, "ours", ours);
	sk_json_set(difference, "theirs", theirs);
	json_array_append_new(differences, difference);
}

/* The fields of names, in which ours and theirs differ; those that theirs has too only once. */
static void
compare_fields(json_t *differences, json_t *names, const json_t *ours, const json_t *theirs)
{
	const char *name;
	json_t *value;

	json_object_foreach(names, name, value)
	{
		char *our_text, *their_text;

		/* The list doesn't show it. */
		if (strcmp(name, "check_spu") == 0)
			continue;
		our_text = text_of(ours, name);
		their_text = text_of(theirs, name);
		compare_field(differences, name, our_text, their_text);
		free(our_text);
		free(their_text);
	}
}

static json_t *
differences_of(const struct sk_writeback *row, const json_t *ours, const json_t *theirs,
    const char *their_endpoint)
{
	json_t *differences = json_array(), *names = json_copy((json_t *)(uintptr_t)ours);
	char *our_id = sk_rules_path_id(row->endpoint),
	     *their_id = sk_rules_path_id(their_endpoint);

	json_object_update_missing(names, (json_t *)(uintptr_t)theirs);
	compare_field(differences, "id", our_id, their_id);
	compare_fields(differences, names, ours, theirs);
	json_decref(names);
	free(our_id);
	free(their_id);
	return differences;
}

static json_t *
show_candidate(const struct sk_writeback *row, const json_t *ours,
    const struct sk_api_listed *listed)
{
	json_t *candidate = json_object(), *all, *theirs;
	size_t n_secrets;
	char *endpoint;

	all = sk_api_listed_fields(listed, &endpoint);
	theirs = sk_rules_without_secrets(all, &n_secrets);
	sk_json_set(candidate, "writeback_id", listed->id);
	sk_json_set(candidate, "command_time", listed->command_time);
	json_object_set_new(candidate, "strict", json_boolean(sk_match_is_strict(row, listed)));
	sk_ledger_json_known(candidate, theirs);
	json_object_set_new(candidate, "differs", differences_of(row, ours, theirs, endpoint));
	json_decref(all);
	json_decref(theirs);
	free(endpoint);
	return candidate;
}

json_t *
sk_sweep_candidates(const struct sk_writeback *row, const struct sk_listing *list)
{
	json_t *candidates = json_array(), *ours = NULL;

	if (row->request_body != NULL)
		ours = sk_writeback_body(row);
	if (ours == NULL)
		ours = json_object();
	for (size_t i = 0; i < list->n; i++)
		if (list->owned[i] != SK_OWNED && sk_match_is_kind(row, &list->listed[i]))
			json_array_append_new(candidates,
			    show_candidate(row, ours, &list->listed[i]));
	json_decref(ours);
	return candidates;
}
