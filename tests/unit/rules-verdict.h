/* SPDX-License-Identifier: MIT */
/*
 * rules-verdict: what the simulator's rules and the library's say of one random request, in a form
 * that can be compared: which fields each of them blames and why, and what each only remarks.
 */
#ifndef RULES_VERDICT_H
#define RULES_VERDICT_H

#include "../../cmd/sikka-sim/fields.h"
#include "rules-requests.h"
#include "rules/rules.h"
#include "rules/table.h"

/*
 * A set of sayings. A saying is a kind and the names of the fields concerned, whose order doesn't
 * matter: it is kept as a number that is the same for the same kind and names.
 */
enum { SAYINGS_MAX = 128 };
struct verdict {
	bool takes; /* the request is accepted */
	size_t flaws, n;
	uint64_t said[SAYINGS_MAX]; /* ascending, each once: first call verdict_close */
	struct text *words;         /* the sayings for people, too; NULL: not wanted */
};

static uint64_t
number_of(const char *word, size_t length)
{
	uint64_t h = 14695981039346656037ULL;

	for (size_t i = 0; i < length; i++)
		h = (h ^ (unsigned char)word[i]) * 1099511628211ULL;
	return h ^ (h >> 29);
}

/* The least number of a saying of that kind. */
static uint64_t
saying_of(enum finding_kind kind)
{
	return ((uint64_t)kind + 1) << 56;
}

static void
verdict_add(struct verdict *v, enum finding_kind kind, const char *names)
{
	static const char *const kinds[] = {[FINDING_SYSTEM] = "system",
	    [FINDING_MISSING] = "missing",
	    [FINDING_WRONG] = "wrong",
	    [FINDING_DOUBTED] = "doubted",
	    [FINDING_IGNORED] = "ignored",
	    [FINDING_UNKNOWN] = "unknown"};
	uint64_t number = 0;

	v->flaws += kind <= FINDING_WRONG;
	if (v->words != NULL)
		text_addf(v->words, " %s(%s)", kinds[kind], names);
	while (*names != '\0') {
		size_t n = strcspn(names, ",|");

		number += number_of(names, n);
		names += n + (names[n] != '\0');
	}
	if (v->n < SAYINGS_MAX)
		v->said[v->n++] = saying_of(kind) | number >> 8;
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Where the system doesn't take the operation at all, nothing else matters. */
static void
verdict_close(struct verdict *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		if (v->said[i] == saying_of(FINDING_SYSTEM))
			v->said[0] = v->said[i], v->n = 1;
	qsort(v->said, v->n, sizeof v->said[0], by_number);
	for (size_t i = 0; i < v->n; i++)
		if (n == 0 || v->said[i] != v->said[n - 1])
			v->said[n++] = v->said[i];
	v->n = n;
}

static bool
verdict_is(const struct verdict *a, const struct verdict *b)
{
	return a->takes == b->takes && a->n == b->n &&
	    memcmp(a->said, b->said, a->n * sizeof a->said[0]) == 0;
}

/* --- the simulator's -------------------------------------------------------------------------- */

static void
take_finding(void *with, const struct finding *finding)
{
	verdict_add(with, finding->kind, finding->fields);
}

/* op may be a changed one. */
static void
judge_as_server(const struct operation *op, const struct made_request *made, struct verdict *v)
{
	const struct asked asked = {op, made->system, made->id, made->body, made->day};

	v->flaws = v->n = 0;
	fields_review(&asked, take_finding, v);
	v->takes = v->flaws == 0;
	verdict_close(v);
}

/* --- the library's ---------------------------------------------------------------------------- */

static void
add_fault(struct verdict *v, const struct sk_fault *fault)
{
	if (strcmp(fault->rule, "pms") == 0)
		verdict_add(v, FINDING_SYSTEM, "");
	else if (strcmp(fault->rule, "required") == 0 || strcmp(fault->rule, "at_least_one") == 0)
		verdict_add(v, FINDING_MISSING, fault->fields);
	else
		verdict_add(v, FINDING_WRONG, fault->fields);
}

/* That a day has passed is no matter of the documents. */
static void
add_warning(struct verdict *v, const struct sk_fault *warning)
{
	if (strcmp(warning->rule, "unused") == 0)
		verdict_add(v, FINDING_IGNORED, warning->fields);
	else if (strcmp(warning->rule, "unknown") == 0)
		verdict_add(v, FINDING_UNKNOWN, warning->fields);
	else if (strcmp(warning->rule, "past") != 0)
		verdict_add(v, FINDING_DOUBTED, warning->fields);
}

/* op may be a changed one. Returns whether what would be sent is what the server was asked. */
static bool
judge_as_client(const struct sk_operation *op, const struct made_request *made, struct verdict *v)
{
	const struct sk_rules_input input = {.operation = op,
	    .pms = made->pms,
	    .version = made->version,
	    .fields = made->fields};
	struct sk_faults faults = {0}, warnings = {0};
	char *endpoint = NULL;
	json_t *body = NULL;
	bool same;

	v->flaws = v->n = 0;
	v->takes = sk_rules_build(&input, &endpoint, &body, &faults, &warnings) == 0;
	same = !v->takes || json_equal(body, made->body);
	for (size_t i = 0; i < faults.n; i++)
		add_fault(v, &faults.list[i]);
	for (size_t i = 0; i < warnings.n; i++)
		add_warning(v, &warnings.list[i]);
	verdict_close(v);
	sk_faults_fini(&faults);
	sk_faults_fini(&warnings);
	free(endpoint);
	json_decref(body);
	return same;
}

#endif
