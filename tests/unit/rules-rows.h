/* SPDX-License-Identifier: MIT */
/*
 * rules-rows: the same as rules-demands for the library's table: each thing that a row says is taken
 * away, and some request must show it. On which systems, rules-demands has asked already.
 */
#ifndef RULES_ROWS_H
#define RULES_ROWS_H

#include "rules-verdict.h"
#include "rules/pms.h"

/* The members of a row that are texts: NULL takes them away. */
#define MEMBER(name)                                   \
	{                                              \
#name, offsetof(struct sk_field, name) \
	}
static const struct {
	const char *name;
	size_t at;
} members[] = {MEMBER(format_for), MEMBER(max_for), MEMBER(digits_for), MEMBER(values),
    MEMBER(values_for), MEMBER(parts), MEMBER(parts_for), MEMBER(required_if),
    MEMBER(required_if_for), MEMBER(unless), MEMBER(required_for), MEMBER(optional_for),
    MEMBER(wanted), MEMBER(wanted_for), MEMBER(blank_for), MEMBER(unused_for), MEMBER(only_for)};
enum { MEMBERS = sizeof members / sizeof members[0] };

enum { ROWS_MAX = 48, SETS_MAX = 24 };

enum row_part {
	ROW_MEMBER,
	ROW_REQUIRED,
	ROW_PLAIN,
	ROW_FORMAT,
	ROW_MIN,
	ROW_MIN_LENGTH,
	ROW_MAX,
	ROW_PMS, /* of the operation */
	SET_ALL,
	SET_PMS,
	SET_WHEN,
	SET_NUMBER,
	SET_DOUBT
};

struct row_demand {
	const struct sk_operation *op;
	enum row_part part;
	size_t row, member;
};
static struct row_demand *row_demands;
static size_t n_row_demands, n_row_met;

static struct {
	struct sk_operation op;
	struct sk_field fields[ROWS_MAX];
	struct sk_rule rules[SETS_MAX];
} changed_rows;

static const char **
member_of(struct sk_field *field, size_t member)
{
	return (const char **)(void *)((char *)field + members[member].at);
}

static const char *
member_in(const struct sk_field *field, size_t member)
{
	return *(const char *const *)(const void *)((const char *)field + members[member].at);
}

static void
demand_row(struct row_demand d, enum row_part part, bool if_said)
{
	if (!if_said)
		return;
	d.part = part;
	row_demands = x_grow(row_demands, (n_row_demands + 1) * sizeof *row_demands);
	row_demands[n_row_demands++] = d;
}

/* --- what can be seen at all ------------------------------------------------------------------- */

static bool
is_read_by(const struct sk_field *f, const struct sk_pms *pms)
{
	return sk_pms_is_among(pms, f->only_for) &&
	    (f->unused_for == NULL || !sk_pms_is_among(pms, f->unused_for));
}

static bool
is_required_by(const struct sk_field *f, const struct sk_pms *pms)
{
	if (f->required_for != NULL && sk_pms_is_among(pms, f->required_for))
		return true;
	return (f->is & SK_FIELD_REQUIRED) &&
	    (f->optional_for == NULL || !sk_pms_is_among(pms, f->optional_for));
}

/* The i-th system, the last of which no rule names. */
static bool
system_at(size_t i, struct sk_pms *pms)
{
	bool is_last = i > 0 && sk_pms_names[i - 1] == NULL;

	if (!is_last)
		*pms = sk_pms_of(sk_pms_names[i] != NULL ? sk_pms_names[i] : "Abacus", "");
	return !is_last;
}

/* Whether the list of systems leaves none out that reads the field and doesn't always require it. */
static bool
leaves_none_out(const struct sk_field *f, const char *list)
{
	struct sk_pms pms;

	for (size_t i = 0; system_at(i, &pms); i++)
		if (is_read_by(f, &pms) && !is_required_by(f, &pms) && !sk_pms_is_among(&pms, list))
			return false;
	return true;
}

static bool
is_said_twice(const struct sk_field *f, size_t member)
{
	return list_has("required_if_for,wanted_for", members[member].name) &&
	    leaves_none_out(f, member_in(f, member));
}

/* How many of the fields of a list, or of a condition, the system reads. */
static size_t
read_of(const struct sk_operation *op, const char *list, const struct sk_pms *pms)
{
	size_t n = 0, length;

	for (const char *p = list; *p != '\0';) {
		char *name;

		p += *p == '!';
		length = strcspn(p, "=<|");
		name = x_printf("%.*s", (int)length, p);
		n += is_read_by(sk_field_find(op, name), pms);
		free(name);
		p += strcspn(p, "|");
		p += *p == '|';
	}
	return n;
}

/* Whether the rule could be met on a system that it doesn't name. */
static bool
is_elsewhere(const struct sk_operation *op, const struct sk_rule *rule)
{
	struct sk_pms pms;

	for (size_t i = 0; rule->pms != NULL && system_at(i, &pms); i++)
		if (!sk_pms_is_among(&pms, rule->pms) &&
		    read_of(op, rule->fields, &pms) > (rule->kind == SK_RULE_SAME_COUNT) &&
		    (rule->when == NULL || read_of(op, rule->when, &pms) > 0))
			return true;
	return false;
}

/* --- the list --------------------------------------------------------------------------------- */

static void
demand_rows_of(struct row_demand d, const struct sk_field *f)
{
	bool in_path = (f->is & SK_FIELD_IN_PATH) != 0;

	for (d.member = 0; d.member < MEMBERS; d.member++)
		demand_row(d, ROW_MEMBER,
		    member_in(f, d.member) != NULL && !is_said_twice(f, d.member));
	d.member = 0;
	demand_row(d, ROW_REQUIRED,
	    (f->is & SK_FIELD_REQUIRED) && !in_path && !list_has("op,path", f->name));
	demand_row(d, ROW_PLAIN, f->is & SK_FIELD_PLAIN);
	demand_row(d, ROW_FORMAT, f->format != SK_VALUE_TEXT && f->format != SK_VALUE_LIST);
	demand_row(d, ROW_MIN, f->min != 0);
	demand_row(d, ROW_MIN_LENGTH, f->min_length != 0);
	demand_row(d, ROW_MAX, f->max != 0 && f->max < LENGTH_BEYOND);
}

static void
make_row_demands(void)
{
	for (size_t i = 0; i < sk_operations_count; i++) {
		struct row_demand d = {.op = &sk_operations[i]};

		demand_row(d, ROW_PMS, d.op->pms != NULL);
		for (d.row = 0; d.row < d.op->n_fields; d.row++)
			if (strcmp(d.op->fields[d.row].name, "op") != 0)
				demand_rows_of(d, &d.op->fields[d.row]);
		for (d.row = 0; d.row < d.op->n_rules; d.row++) {
			const struct sk_rule *rule = &d.op->rules[d.row];

			demand_row(d, SET_ALL, true);
			demand_row(d, SET_PMS, is_elsewhere(d.op, rule));
			demand_row(d, SET_WHEN, rule->when != NULL);
			demand_row(d, SET_NUMBER, rule->number != 0);
			demand_row(d, SET_DOUBT, true);
		}
	}
}

/* --- changes ---------------------------------------------------------------------------------- */

static void
change_set(struct sk_rule *rule, enum row_part part)
{
	switch (part) {
	case SET_ALL: /* NULL would be all systems */
		rule->pms = "none";
		if (rule->kind == SK_RULE_ONLY_ON)
			rule->values = "";
		break;
	case SET_PMS:
		rule->pms = rule->kind == SK_RULE_ONLY_ON ? "none" : NULL;
		break;
	case SET_WHEN:
		rule->when = NULL;
		break;
	case SET_NUMBER:
		rule->number++;
		break;
	default:
		rule->is_doubtful = !rule->is_doubtful;
	}
}

static void
change_row(struct sk_field *f, const struct row_demand *d)
{
	switch (d->part) {
	case ROW_MEMBER:
		*member_of(f, d->member) = NULL;
		break;
	case ROW_REQUIRED:
		f->is &= ~(unsigned)SK_FIELD_REQUIRED;
		break;
	case ROW_PLAIN:
		f->is &= ~(unsigned)SK_FIELD_PLAIN;
		break;
	case ROW_FORMAT:
		f->format = SK_VALUE_TEXT;
		break;
	case ROW_MIN:
		f->min = 0;
		break;
	case ROW_MIN_LENGTH:
		f->min_length = 0;
		break;
	default:
		f->max = 0;
	}
}

static void
change_table(const struct row_demand *d)
{
	const struct sk_operation *op = d->op;

	changed_rows.op = *op;
	changed_rows.op.fields = changed_rows.fields;
	changed_rows.op.rules = changed_rows.rules;
	memcpy(changed_rows.fields, op->fields, op->n_fields * sizeof op->fields[0]);
	if (op->n_rules > 0)
		memcpy(changed_rows.rules, op->rules, op->n_rules * sizeof op->rules[0]);
	if (d->part == ROW_PMS)
		changed_rows.op.pms = NULL;
	else if (d->part >= SET_ALL)
		change_set(&changed_rows.rules[d->row], d->part);
	else
		change_row(&changed_rows.fields[d->row], d);
}

static void
meet_row_demands(const struct sk_operation *op, const struct made_request *made,
    const struct verdict *was)
{
	for (size_t i = n_row_met; i < n_row_demands; i++) {
		struct row_demand one = row_demands[i];
		struct verdict v = {0};

		if (one.op != op)
			continue;
		change_table(&one);
		judge_as_client(&changed_rows.op, made, &v);
		if (verdict_is(&v, was))
			continue;
		row_demands[i] = row_demands[n_row_met];
		row_demands[n_row_met++] = one;
	}
}

static void
show_row_demand(const struct row_demand *d)
{
	bool of_set = d->part >= SET_ALL;

	printf("# never shown: %s: %s: %s %d\n", d->op->name,
	    of_set ? d->op->rules[d->row].fields : d->op->fields[d->row].name,
	    d->part == ROW_MEMBER ? members[d->member].name : "part", (int)d->part);
}

#endif
