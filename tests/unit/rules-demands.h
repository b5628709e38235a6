/* SPDX-License-Identifier: MIT */
/*
 * rules-demands: what the requests of the differential test must have shown before its verdict counts
 * for anything. Each demand is a change of one rule; it is met by a request of which the changed rules
 * say something else than the true ones.
 *
 * The simulator's rules are changed for one system at a time: a rule that holds there is taken away,
 * which a request must show that breaks it; and one that doesn't hold there is added, which a request
 * must show that would break it and doesn't. So each rule of each system is met from both sides. A
 * number in a rule is also changed by one, up and down. And each field that a system reads must stand in
 * a request that is taken.
 */
#ifndef RULES_DEMANDS_H
#define RULES_DEMANDS_H

#include "rules-verdict.h"

enum { FIELDS_MAX = 48, RULES_MAX = 24 };

enum part { /* of the simulator's tables */
	PART_SYSTEMS,
	PART_MUST,
	PART_READ,
	PART_BLANK,
	PART_UNLESS,
	PART_WHEN,
	PART_CHECK,
	PART_RULE,
	PART_DOUBT,
	PART_GIVEN /* nothing is changed: a request that has the field is taken */
};

struct demand {
	const struct operation *op;
	unsigned system; /* one bit */
	enum part part;
	int row, check; /* of the fields or rules */
	int by;         /* what is added to the number; 0: the rule is taken away or added */
};
static struct demand *demands;
static size_t n_demands, n_met;

/* A copy of the operation's tables, in which one thing is changed. */
static struct changed {
	struct operation op;
	struct field fields[FIELDS_MAX];
	struct rule rules[RULES_MAX], doubts[RULES_MAX];
} changed;

/* --- which changes can be seen at all --------------------------------------------------------- */

static unsigned
readers(const struct operation *op, const char *name, size_t length)
{
	for (const struct field *f = op->fields; f->name != NULL; f++)
		if (strlen(f->name) == length && strncmp(f->name, name, length) == 0)
			return f->read != 0 ? f->read : EVERY;
	return 0;
}

/* The systems where a condition can be true. */
static unsigned
where(const struct operation *op, const char *condition)
{
	unsigned on = 0;

	while (condition != NULL && *condition != '\0') {
		on |= readers(op, condition, strcspn(condition, "="));
		condition += strcspn(condition, "|");
		condition += *condition == '|';
	}
	return on;
}

/* How many of the rule's fields the system reads. */
static int
readable(const struct operation *op, const struct rule *rule, unsigned system)
{
	int n = 0;

	for (const char *p = rule->fields; *p != '\0';) {
		size_t length = strcspn(p, ",");

		n += (readers(op, p, length) & system) != 0;
		p += length + (p[length] == ',');
	}
	return n;
}

/* Whether each word of some is one of all. */
static bool
are_among(const char *some, const char *all)
{
	while (*some != '\0') {
		size_t n = strcspn(some, ",");
		char *word = x_printf("%.*s", (int)n, some);
		bool is = list_has(all, word);

		free(word);
		if (!is)
			return false;
		some += n + (some[n] == ',');
	}
	return true;
}

/* Whether each number that one check allows in a chart is allowed by the other, too. */
static bool
allows_less(const struct check *narrow, const struct check *wide)
{
	for (int i = 0; i < 200; i++) {
		char *number = x_printf(wide->what == SIX_NUMBERS ? "%d|%d|%d|%d|%d|%d" : "%d", i,
		    i, i, i, i, i);
		bool one = value_passes(narrow, number, 0, "1");
		bool other = value_passes(wide, number, 0, "1");

		free(number);
		if (one && !other)
			return false;
	}
	return true;
}

/* Whether what breaks the one check also breaks the other. */
static bool
covers(const struct check *other, const struct check *one)
{
	if (other->what != one->what)
		return (other->what == ONE_OF && (one->what == IS_BOOLEAN || one->what == NOT)) ||
		    (other->what == IS_AMOUNTS && one->what == IS_AMOUNTS_AND_BLANKS);
	switch (one->what) {
	case UP_TO:
		return other->n <= one->n;
	case ONE_OF:
		return are_among(other->text, one->text);
	case SIX_NUMBERS:
	case TOOTH_NUMBERS:
		return allows_less(other, one);
	default:
		return true;
	}
}

static bool
is_covered(const struct field *f, int check, unsigned system)
{
	for (int i = 0; i < CHECKS_MAX && f->checks[i].on != 0; i++)
		if (i != check && (f->checks[i].on & system) &&
		    covers(&f->checks[i], &f->checks[check]))
			return true;
	return false;
}

/* A client fills these in by itself. */
static bool
is_filled_in(const struct operation *op, const struct field *f)
{
	return strcmp(op->method, "PATCH") == 0 && list_has("op,path", f->name);
}

/* --- the list --------------------------------------------------------------------------------- */

static void
demand(const struct demand *d)
{
	demands = x_grow(demands, (n_demands + 1) * sizeof *demands);
	demands[n_demands++] = *d;
}

static bool
has_number(const struct check *check)
{
	return (check->what == UP_TO && check->n < LENGTH_BEYOND) || check->what == FROM ||
	    check->what == WITH_DIGITS || check->what == IS_WHOLE || check->what == COUNT;
}

static void
demand_numbers(struct demand d, const struct check *check)
{
	if (!(check->on & d.system) || !has_number(check))
		return;
	for (d.by = -1; d.by <= 1; d.by += 2)
		demand(&d);
}

static void
demand_of_field(struct demand d, const struct field *f)
{
	d.part = PART_READ;
	demand(&d);
	if (f->read != 0 && !(f->read & d.system))
		return;
	d.part = PART_GIVEN;
	if (strcmp(f->name, "op") != 0)
		demand(&d);
	d.part = PART_MUST;
	if (!is_filled_in(d.op, f))
		demand(&d);
	d.part = PART_BLANK;
	if (f->blank != 0 && (f->must & d.system))
		demand(&d);
	d.part = PART_UNLESS;
	if (f->unless != NULL && (f->must & d.system) && (where(d.op, f->unless) & d.system))
		demand(&d);
	d.part = PART_WHEN;
	if (f->when != NULL && !(f->must & d.system) && (where(d.op, f->when) & d.system))
		demand(&d);
	d.part = PART_CHECK;
	for (d.check = 0; d.check < CHECKS_MAX && f->checks[d.check].on != 0; d.check++) {
		/* a list of texts is any text: nothing can break that */
		if (f->checks[d.check].what == IS_LIST || is_covered(f, d.check, d.system) ||
		    strcmp(f->name, "op") == 0)
			continue;
		demand(&d);
		demand_numbers(d, &f->checks[d.check]);
	}
}

static void
demand_of_rules(struct demand d, const struct rule *rules)
{
	for (d.row = 0; rules != NULL && rules[d.row].fields != NULL; d.row++) {
		const struct rule *rule = &rules[d.row];
		bool several = rule->check.what == SAME_COUNT || rule->check.what == NOT_BOTH_TRUE;

		if (readable(d.op, rule, d.system) < 1 + several ||
		    (rule->when != NULL && !(where(d.op, rule->when) & d.system)))
			continue;
		demand(&d);
		demand_numbers(d, &rule->check);
	}
}

/* On a system that doesn't take the operation, nothing else is of interest. */
static void
demand_of_operation(const struct operation *op)
{
	for (unsigned system = 1; system & EVERY; system <<= 1) {
		struct demand d = {.op = op, .system = system, .part = PART_SYSTEMS};

		demand(&d);
		if (op->systems != 0 && !(op->systems & system))
			continue;
		for (d.row = 0; op->fields[d.row].name != NULL; d.row++)
			demand_of_field(d, &op->fields[d.row]);
		d.part = PART_RULE;
		demand_of_rules(d, op->rules);
		d.part = PART_DOUBT;
		demand_of_rules(d, op->doubts);
	}
}

static void
make_demands(void)
{
	const struct operation *op;

	for (size_t i = 0; (op = operation_at(i)) != NULL; i++)
		demand_of_operation(op);
}

/* --- changes ---------------------------------------------------------------------------------- */

static void
copy_rules(const struct rule *from, struct rule *to, const struct rule **at)
{
	size_t n = 0;

	*at = from != NULL ? to : NULL;
	for (; from != NULL && from[n].fields != NULL && n < RULES_MAX - 1; n++)
		to[n] = from[n];
	to[n].fields = NULL;
}

static void
copy_tables(const struct operation *op)
{
	size_t n = 0;

	changed.op = *op;
	for (; op->fields[n].name != NULL && n < FIELDS_MAX - 1; n++)
		changed.fields[n] = op->fields[n];
	changed.fields[n].name = NULL;
	changed.op.fields = changed.fields;
	copy_rules(op->rules, changed.rules, &changed.op.rules);
	copy_rules(op->doubts, changed.doubts, &changed.op.doubts);
}

/* Without any system left it is still a set, not "all". */
static void
turn(unsigned *on, unsigned system)
{
	*on = ((*on != 0 ? *on : EVERY) ^ system) | 1U << 31;
}

static void
change_check(struct check *check, const struct demand *d)
{
	if (d->by != 0)
		check->n += d->by;
	else
		turn(&check->on, d->system);
}

static void
change(const struct demand *d)
{
	struct field *f = &changed.fields[d->row];

	switch (d->part) {
	case PART_SYSTEMS:
		turn(&changed.op.systems, d->system);
		break;
	case PART_MUST:
		f->must ^= d->system;
		break;
	case PART_READ:
		turn(&f->read, d->system);
		break;
	case PART_BLANK:
		f->blank ^= d->system;
		break;
	case PART_UNLESS:
		f->unless = NULL;
		break;
	case PART_WHEN:
		turn(&f->when_on, d->system);
		break;
	case PART_CHECK:
		change_check(&f->checks[d->check], d);
		break;
	case PART_RULE:
		change_check(&changed.rules[d->row].check, d);
		break;
	case PART_DOUBT:
		change_check(&changed.doubts[d->row].check, d);
		break;
	case PART_GIVEN:
		break;
	}
}

/* The names of the field or fields that the demand is about. */
static const char *
fields_of(const struct demand *d)
{
	switch (d->part) {
	case PART_SYSTEMS:
		return "";
	case PART_RULE:
		return d->op->rules[d->row].fields;
	case PART_DOUBT:
		return d->op->doubts[d->row].fields;
	default:
		return d->op->fields[d->row].name;
	}
}

static bool
is_met(const struct demand *d, const struct made_request *made, const struct verdict *was)
{
	const char *value = d->part == PART_GIVEN ? json_text(made->fields, fields_of(d)) : "";
	struct verdict v = {0};

	if (d->part == PART_GIVEN)
		return was->takes && value[strspn(value, " \t\r\n")] != '\0';
	copy_tables(d->op);
	change(d);
	judge_as_server(&changed.op, made, &v);
	return !verdict_is(&v, was);
}

/* The demands that the request meets are swapped to the front. */
static void
meet_demands(const struct operation *op, const struct made_request *made, const struct verdict *was)
{
	for (size_t i = n_met; i < n_demands; i++) {
		struct demand one = demands[i];

		if (one.op != op || one.system != made->system || !is_met(&one, made, was))
			continue;
		demands[i] = demands[n_met];
		demands[n_met++] = one;
	}
}

static void
show_demand(const struct demand *d)
{
	static const char *const parts[] = {"systems", "must", "read", "blank", "unless", "when",
	    "check", "rule", "doubt", "given and taken"};

	printf("# never shown: %s %s on system %x: %s of %s, number %d, by %d\n", d->op->method,
	    d->op->path, d->system, parts[d->part], fields_of(d),
	    d->part == PART_CHECK ? d->check : d->row, d->by);
}

#endif
