/* SPDX-License-Identifier: MIT */
/*
 * Checks the fields of a writeback against fields_table.c. All that there is to say of them is told;
 * the server's answer is the first flaw.
 */
#include "fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct review { /* one request during its check */
	const struct asked *asked;
	void (*found)(void *with, const struct finding *finding);
	void *with;
};

/* code NULL: the server says nothing of it, and text isn't needed. */
FORMAT(5, 6)
static void
tell(const struct review *r, enum finding_kind kind, const char *fields, const char *code,
    const char *format, ...)
{
	struct finding finding = {.kind = kind, .code = code};
	va_list ap;

	snprintf(finding.fields, sizeof(finding.fields), "%s", fields);
	va_start(ap, format);
	vsnprintf(finding.text, sizeof(finding.text), format, ap);
	va_end(ap);
	r->found(r->with, &finding);
}

static const struct field *
field_find(const struct operation *op, const char *name, size_t length)
{
	const struct field *f;

	for (f = op->fields; f->name != NULL; f++)
		if (strlen(f->name) == length && strncmp(f->name, name, length) == 0)
			return f;
	return NULL;
}

static bool
reads(const struct asked *a, const struct field *f)
{
	return f->read == 0 || (f->read & a->system) != 0;
}

/* A field's value; "" when it is absent, or is blank, with or without quotes. */
static const char *
value_of(const struct asked *a, const struct field *f)
{
	const char *value = f->in_path ? a->path_id : json_text(a->body, f->name);

	return value != NULL && value[strspn(value, " \t\r\n")] != '\0' ? value : "";
}

static bool
one_holds(const struct asked *a, const char *term, size_t length)
{
	size_t name = strcspn(term, "=");
	const struct field *f = field_find(a->op, term, name);
	const char *value, *wanted = term + name + 1;
	size_t n = length - name - 1;

	if (f == NULL || !reads(a, f))
		return false;
	value = value_of(a, f);
	if (n == 1 && *wanted == '*')
		return *value != '\0';
	if (n == 1 && *wanted == '-')
		return value_has_negative(value);
	return strlen(value) == n && strncasecmp(value, wanted, n) == 0;
}

static bool
holds(const struct asked *a, const char *condition)
{
	while (condition != NULL && *condition != '\0') {
		size_t n = strcspn(condition, "|");

		if (one_holds(a, condition, n))
			return true;
		condition += n + (condition[n] == '|');
	}
	return false;
}

static bool
needed(const struct asked *a, const struct field *f)
{
	if (!reads(a, f) || holds(a, f->unless))
		return false;
	if (f->must & a->system)
		return true;
	return (f->when_on == 0 || (f->when_on & a->system)) && holds(a, f->when);
}

static const char *
value_named(const struct asked *a, const char *name)
{
	const struct field *f = field_find(a->op, name, strlen(name));

	return f != NULL && reads(a, f) ? value_of(a, f) : "";
}

static bool
value_is_right(const struct asked *a, const struct check *check, const char *value)
{
	return *value == '\0' || !(check->on & a->system) ||
	    value_passes(check, value, a->today, value_named(a, "tooth_number"));
}

static void
review_value(const struct review *r, const struct field *f, const char *value)
{
	const struct asked *a = r->asked;

	for (int i = 0; i < CHECKS_MAX && f->checks[i].on != 0; i++) {
		if (!value_is_right(a, &f->checks[i], value))
			tell(r, FINDING_WRONG, f->name, "API1026", "Invalid parameter: %s",
			    f->name);
		else if (f->checks[i].what == IS_PLAIN && strpbrk(value, "<>&") != NULL)
			tell(r, FINDING_DOUBTED, f->name, NULL, "allowed here, forbidden there");
	}
	if (f->in_body && strcmp(json_text(a->body, f->name), value) != 0)
		tell(r, FINDING_WRONG, f->name, "API1026",
		    "Invalid parameter: %s is not the path's", f->name);
}

static void
review_field(const struct review *r, const struct field *f)
{
	const struct asked *a = r->asked;
	const char *value = value_of(a, f);

	if (*value != '\0' && reads(a, f))
		review_value(r, f, value);
	else if (*value != '\0')
		tell(r, FINDING_IGNORED, f->name, NULL, "not read");
	else if (needed(a, f) &&
	    !((f->blank & a->system) && json_is_string(json_object_get(a->body, f->name))))
		tell(r, FINDING_MISSING, f->name, "API1020", "Missing parameter: %s", f->name);
}

/* --- several fields --------------------------------------------------------------------------- */

/* The next of a rule's fields that this system reads; NULL after the last. */
static const struct field *
next_field(const struct asked *a, const char **names)
{
	while (**names != '\0') {
		size_t n = strcspn(*names, ",");
		const struct field *f = field_find(a->op, *names, n);

		*names += n + ((*names)[n] == ',');
		if (f != NULL && reads(a, f))
			return f;
	}
	return NULL;
}

/* Whether the field is one of those that are to blame when the rule is broken. */
static bool
concerns(const struct asked *a, const struct rule *rule, const struct field *f)
{
	switch (rule->check.what) {
	case SAME_COUNT:
		return *value_of(a, f) != '\0';
	case AT_LEAST_ONE:
		return !(f->must & a->system);
	default:
		return true;
	}
}

/* Whether the field is one of those that a rule of several fields counts. */
static bool
has_it(const struct asked *a, const struct rule *rule, const struct field *f)
{
	const char *value = value_of(a, f);

	return rule->check.what == NOT_BOTH_TRUE ? strcasecmp(value, "true") == 0 : *value != '\0';
}

static bool
is_broken(const struct asked *a, const struct rule *rule)
{
	const char *names = rule->fields;
	const struct field *f;
	size_t having = 0, count = 0;
	bool same = true, right = true;

	while ((f = next_field(a, &names)) != NULL) {
		size_t n;

		right = right && value_is_right(a, &rule->check, value_of(a, f));
		if (!concerns(a, rule, f) || !has_it(a, rule, f))
			continue;
		n = value_count(value_of(a, f), '|');
		same = same && (having == 0 || n == count);
		count = n;
		having++;
	}
	switch (rule->check.what) {
	case SAME_COUNT:
		return !same;
	case AT_LEAST_ONE:
		return having == 0;
	case NOT_BOTH_TRUE:
		return having > 1;
	default:
		return !right;
	}
}

/* How the answer to a broken rule begins. */
static const char *
beginning(enum what what)
{
	switch (what) {
	case AT_LEAST_ONE:
		return "Missing parameter: one of ";
	case SAME_COUNT:
		return "Not as many values: ";
	case NOT_BOTH_TRUE:
		return "Not together: ";
	default:
		return "Invalid parameter: ";
	}
}

static void
tell_of_rule(const struct review *r, const struct rule *rule, enum finding_kind kind)
{
	char fields[sizeof(((struct finding *)0)->fields)] = "";
	const char *names = rule->fields, *when = rule->when;
	const struct field *f;

	while ((f = next_field(r->asked, &names)) != NULL) {
		size_t n = strlen(fields);

		if (concerns(r->asked, rule, f))
			snprintf(fields + n, sizeof(fields) - n, "%s%s", n > 0 ? "," : "", f->name);
	}
	if (strchr(rule->fields, ',') != NULL || when == NULL)
		when = "";
	tell(r, kind, fields, kind == FINDING_DOUBTED ? NULL : "API2019", "%s%s%s%s",
	    beginning(rule->check.what), rule->fields, *when != '\0' ? ", with " : "", when);
}

static void
review_rules(const struct review *r, const struct rule *rule, bool doubted)
{
	for (; rule != NULL && rule->fields != NULL; rule++)
		if ((rule->check.on & r->asked->system) &&
		    (rule->when == NULL || holds(r->asked, rule->when)) &&
		    is_broken(r->asked, rule))
			tell_of_rule(r, rule,
			    doubted                                ? FINDING_DOUBTED
				: rule->check.what == AT_LEAST_ONE ? FINDING_MISSING
								   : FINDING_WRONG);
}

static void
review_unknown(const struct review *r)
{
	const char *name;
	json_t *value;

	/* jansson's iterators take an object without const, but don't change it. */
	json_object_foreach((json_t *)(uintptr_t)r->asked->body, name, value)
	{
		if (field_find(r->asked->op, name, strlen(name)) == NULL)
			tell(r, FINDING_UNKNOWN, name, NULL, "not known");
	}
}

void
fields_review(const struct asked *asked, void (*found)(void *with, const struct finding *finding),
    void *with)
{
	const struct review r = {asked, found, with};
	const struct operation *op = asked->op;

	if (op->systems != 0 && !(op->systems & asked->system))
		tell(&r, FINDING_SYSTEM, "", "API1027",
		    "The practice management system doesn't take this writeback");
	for (const struct field *f = op->fields; f->name != NULL; f++)
		review_field(&r, f);
	review_rules(&r, op->rules, false);
	review_rules(&r, op->doubts, true);
	review_unknown(&r);
}

static void
take_first_flaw(void *with, const struct finding *finding)
{
	struct finding *flaw = with;

	if (flaw->code == NULL && finding->code != NULL)
		*flaw = *finding;
}

bool
fields_check(const struct asked *asked, struct finding *flaw)
{
	flaw->code = NULL;
	fields_review(asked, take_first_flaw, flaw);
	return flaw->code == NULL;
}
