/* SPDX-License-Identifier: MIT */
/*
 * sweep: shows the entries of a list by which a person can tell whose they are. Card fields are in
 * none of it. An echo isn't escaped: what can't be parsed in it is shown as it was cut.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/sorted.h"
#include "rules/rules.h"
#include "life/ledger.h"
#include "commands/sweep_parts.h"

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
		our_text = sk_json_member_text(ours, name);
		their_text = sk_json_member_text(theirs, name);
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

/* --- the entries in order ------------------------------------------------------------------------- */

#define MOST 10 /* that are shown beside a row: nobody compares more */

/* An entry that may be shown. */
struct choice {
	const struct sk_api_listed *listed;
	char *patient; /* "": it names none */
	size_t at;     /* in the list */
};

/* Choices that are of one kind, if one of them is: same office, method and api. */
struct kind {
	const char *office_id; /* the entries' */
	size_t from, to;
};

struct sk_candidates {
	struct choice *choices; /* by kind, patient and place in the list */
	size_t n;
	struct kind *kinds; /* by office */
	size_t n_kinds;
};

static int
compare_texts(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

static int
compare_kinds(const struct choice *a, const struct choice *b)
{
	int order = strcmp(a->listed->office_id, b->listed->office_id);

	if (order == 0)
		order = compare_texts(a->listed->method, b->listed->method);
	return order != 0 ? order : compare_texts(a->listed->api_name, b->listed->api_name);
}

static int
compare_choices(const void *left, const void *right)
{
	const struct choice *a = left, *b = right;
	int order = compare_kinds(a, b);

	if (order == 0)
		order = strcmp(a->patient, b->patient);
	return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

static char *
patient_of(const json_t *fields)
{
	char *patient = sk_json_member_text(fields, "patient_id");

	return patient != NULL ? patient : sk_mem_copy("");
}

static char *
patient_of_entry(const struct sk_api_listed *listed)
{
	char *endpoint, *patient;
	json_t *fields = sk_api_listed_fields(listed, &endpoint);

	patient = patient_of(fields);
	json_decref(fields);
	free(endpoint);
	return patient;
}

static void
find_kinds(struct sk_candidates *candidates)
{
	struct choice *choices = candidates->choices;

	candidates->kinds = sk_mem_zero(candidates->n + 1, sizeof(*candidates->kinds));
	for (size_t from = 0, to; from < candidates->n; from = to) {
		to = from + 1;
		/* Without an api the echo may tell the kind. */
		while (to < candidates->n && choices[from].listed->api_name != NULL &&
		    compare_kinds(&choices[from], &choices[to]) == 0)
			to++;
		candidates->kinds[candidates->n_kinds++] =
		    (struct kind){choices[from].listed->office_id, from, to};
	}
}

struct sk_candidates *
sk_candidates_new(const struct sk_listing *list)
{
	struct sk_candidates *candidates = sk_mem_zero(1, sizeof(*candidates));

	candidates->choices = sk_mem_zero(list->n + 1, sizeof(*candidates->choices));
	for (size_t i = 0; i < list->n; i++)
		if (list->owned[i] != SK_OWNED && list->listed[i].office_id != NULL)
			candidates->choices[candidates->n++] = (struct choice){&list->listed[i],
			    patient_of_entry(&list->listed[i]), i};
	if (candidates->n > 0)
		qsort(candidates->choices, candidates->n, sizeof(*candidates->choices),
		    compare_choices);
	find_kinds(candidates);
	return candidates;
}

void
sk_candidates_free(struct sk_candidates *candidates)
{
	if (candidates == NULL)
		return;
	for (size_t i = 0; i < candidates->n; i++)
		free(candidates->choices[i].patient);
	free(candidates->choices);
	free(candidates->kinds);
	free(candidates);
}

/* --- those of a row ------------------------------------------------------------------------------- */

/* What is shown beside a row, by place in the list. */
struct shown {
	const struct choice *choices[MOST];
	size_t n;
};

static void
show(struct shown *shown, const struct choice *choice)
{
	size_t at = shown->n;

	for (size_t i = 0; i < shown->n; i++)
		if (shown->choices[i] == choice)
			return;
	for (; at > 0 && shown->choices[at - 1]->at > choice->at; at--)
		shown->choices[at] = shown->choices[at - 1];
	shown->choices[at] = choice;
	shown->n++;
}

static int
compare_patient(const void *patient, const void *choice)
{
	return strcmp(patient, ((const struct choice *)choice)->patient);
}

/* The first choice of the kind whose patient isn't before that one. */
static size_t
find_patient(const struct sk_candidates *candidates, const struct kind *kind, const char *patient)
{
	return kind->from +
	    sk_sorted_place(patient, &candidates->choices[kind->from], kind->to - kind->from,
		sizeof(*candidates->choices), compare_patient);
}

static int
compare_office(const void *office_id, const void *kind)
{
	return strcmp(office_id, ((const struct kind *)kind)->office_id);
}

/* The first kind whose office isn't before that one. */
static size_t
find_office(const struct sk_candidates *candidates, const char *office_id)
{
	return sk_sorted_place(office_id, candidates->kinds, candidates->n_kinds,
	    sizeof(*candidates->kinds), compare_office);
}

/* Those of the kinds of the row's office that are of its kind. patient: only that one's; NULL: all. */
static void
choose(const struct sk_candidates *candidates, const struct sk_writeback *row, const char *patient,
    struct shown *shown)
{
	for (size_t i = find_office(candidates, row->office_id); i < candidates->n_kinds; i++) {
		const struct kind *kind = &candidates->kinds[i];
		const struct choice *choices = candidates->choices;

		if (strcmp(kind->office_id, row->office_id) != 0)
			return;
		if (!sk_match_is_kind(row, choices[kind->from].listed))
			continue;
		for (size_t at = patient != NULL ? find_patient(candidates, kind, patient)
						 : kind->from;
		     at < kind->to && shown->n < MOST; at++) {
			if (patient != NULL && strcmp(choices[at].patient, patient) != 0)
				break;
			show(shown, &choices[at]);
		}
	}
}

json_t *
sk_candidates_of(const struct sk_candidates *candidates, const struct sk_writeback *row)
{
	json_t *list = json_array(), *ours = NULL;
	struct shown shown = {.n = 0};
	char *patient;

	if (row->request_body != NULL)
		ours = sk_writeback_body(row);
	if (ours == NULL)
		ours = json_object();
	patient = patient_of(ours);
	choose(candidates, row, patient, &shown);
	choose(candidates, row, NULL, &shown);
	for (size_t i = 0; i < shown.n; i++)
		json_array_append_new(list, show_candidate(row, ours, shown.choices[i]->listed));
	free(patient);
	json_decref(ours);
	return list;
}
