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

#define MOST 10           /* that are shown beside a row: nobody compares more */
#define MOST_COMPARED 500 /* of one subject: so that thousands of its rows don't take minutes */

/* An entry that may be shown. */
struct choice {
	const struct sk_api_listed *listed;
	char *subject; /* what it is about; "": it doesn't say */
	size_t at;     /* in the list */
};

/* Choices that are of one kind, if one of them is: same office, method and api. */
struct kind {
	const char *office_id; /* the entries' */
	size_t from, to;
};

struct sk_candidates {
	struct choice *choices; /* by kind, subject and place in the list */
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
		order = strcmp(a->subject, b->subject);
	return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

/* What the request is about: what its path names (an appointment that is moved), else the patient. */
static char *
subject_of(const char *endpoint, const json_t *fields)
{
	char *subject = sk_rules_path_id(endpoint);

	if (subject == NULL)
		subject = sk_json_member_text(fields, "patient_id");
	return subject != NULL ? subject : sk_mem_copy("");
}

static char *
subject_of_entry(const struct sk_api_listed *listed)
{
	char *endpoint, *subject;
	json_t *fields = sk_api_listed_fields(listed, &endpoint);

	subject = subject_of(endpoint, fields);
	json_decref(fields);
	free(endpoint);
	return subject;
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
			    subject_of_entry(&list->listed[i]), i};
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
		free(candidates->choices[i].subject);
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
compare_subject(const void *subject, const void *choice)
{
	return strcmp(subject, ((const struct choice *)choice)->subject);
}

/* Those of a kind that are about the subject: from, and before to. */
static void
find_subject(const struct sk_candidates *candidates, const struct kind *kind, const char *subject,
    size_t *from, size_t *to)
{
	const struct choice *choices = candidates->choices;

	*from = kind->from +
	    sk_sorted_place(subject, &choices[kind->from], kind->to - kind->from, sizeof(*choices),
		compare_subject);
	for (*to = *from; *to < kind->to && strcmp(choices[*to].subject, subject) == 0; ++*to)
		;
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

/* A row, and which entries are shown beside it. */
struct asked {
	const struct sk_candidates *candidates;
	const struct sk_writeback *row;
	char *subject;
	struct shown shown;
};

static void
show_equal(struct asked *asked, const struct kind *kind)
{
	size_t from, to;

	find_subject(asked->candidates, kind, asked->subject, &from, &to);
	to = to - from > MOST_COMPARED ? from + MOST_COMPARED : to;
	for (; from < to && asked->shown.n < MOST; from++)
		if (sk_match_is_strict(asked->row, asked->candidates->choices[from].listed))
			show(&asked->shown, &asked->candidates->choices[from]);
}

static void
show_of_subject(struct asked *asked, const struct kind *kind)
{
	size_t from, to;

	find_subject(asked->candidates, kind, asked->subject, &from, &to);
	for (; from < to && asked->shown.n < MOST; from++)
		show(&asked->shown, &asked->candidates->choices[from]);
}

static void
show_any(struct asked *asked, const struct kind *kind)
{
	for (size_t at = kind->from; at < kind->to && asked->shown.n < MOST; at++)
		show(&asked->shown, &asked->candidates->choices[at]);
}

/* Shows by each kind of the row's office that is the row's. */
static void
choose(struct asked *asked, void (*show_some)(struct asked *, const struct kind *))
{
	const struct sk_candidates *candidates = asked->candidates;
	const struct sk_writeback *row = asked->row;

	for (size_t i = find_office(candidates, row->office_id); i < candidates->n_kinds; i++) {
		const struct kind *kind = &candidates->kinds[i];

		if (strcmp(kind->office_id, row->office_id) != 0)
			return;
		if (sk_match_is_kind(row, candidates->choices[kind->from].listed))
			show_some(asked, kind);
	}
}

json_t *
sk_candidates_of(const struct sk_candidates *candidates, const struct sk_writeback *row)
{
	json_t *list = json_array(), *ours = NULL;
	struct asked asked = {.candidates = candidates, .row = row};

	if (row->request_body != NULL)
		ours = sk_writeback_body(row);
	if (ours == NULL)
		ours = json_object();
	asked.subject = subject_of(row->endpoint, ours);
	choose(&asked, show_equal);
	choose(&asked, show_of_subject);
	choose(&asked, show_any);
	for (size_t i = 0; i < asked.shown.n; i++)
		json_array_append_new(list,
		    show_candidate(row, ours, asked.shown.choices[i]->listed));
	free(asked.subject);
	json_decref(ours);
	return list;
}
