/* SPDX-License-Identifier: MIT */
/*
 * Checks the fields of a writeback against fields_table.c, as the real server would. The first flaw
 * becomes the answer.
 */
#include "fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct asked { /* one request during its check */
	const struct operation *op;
	unsigned system;
	const char *path_id;
	const json_t *body;
	int64_t today;
	struct flaw *flaw;
};

FORMAT(3, 4)
static bool
refuse(const struct asked *a, const char *code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(a->flaw->text, sizeof(a->flaw->text), format, ap);
	va_end(ap);
	a->flaw->code = code;
	return false;
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

static bool
check_value(const struct asked *a, const struct check *check, const char *name)
{
	const struct field *f = field_find(a->op, name, strlen(name));
	const char *value;

	if (f == NULL || !(check->on & a->system) || !reads(a, f))
		return true;
	value = value_of(a, f);
	return *value == '\0' ||
	    value_passes(check, value, a->today, json_text(a->body, "tooth_number"));
}

static bool
check_field(const struct asked *a, const struct field *f)
{
	const char *value = value_of(a, f);

	if (*value == '\0' && needed(a, f) &&
	    !((f->blank & a->system) && json_is_string(json_object_get(a->body, f->name))))
		return refuse(a, "API1020", "Missing parameter: %s", f->name);
	for (int i = 0; i < CHECKS_MAX && f->checks[i].on != 0; i++)
		if (!check_value(a, &f->checks[i], f->name))
			return refuse(a, "API1026", "Invalid parameter: %s", f->name);
	if (f->in_body && strcmp(json_text(a->body, f->name), value) != 0)
		return refuse(a, "API1026", "Invalid parameter: %s is not the path's", f->name);
	return true;
}

/* Whether those of the fields that have a value have the same number of values. */
static bool
together(const struct asked *a, const struct rule *rule)
{
	const char *p = rule->fields;
	size_t given = 0, count = 0;
	bool same = true;

	while (*p != '\0') {
		size_t n = strcspn(p, ",");
		const struct field *f = field_find(a->op, p, n);
		const char *value = f != NULL && reads(a, f) ? value_of(a, f) : "";

		if (*value != '\0') {
			if (given++ == 0)
				count = value_count(value, '|');
			same = same && value_count(value, '|') == count;
		}
		p += n + (p[n] == ',');
	}
	return rule->check.what == SAME_COUNT ? same : given > 0;
}

static bool
check_rule(const struct asked *a, const struct rule *rule)
{
	if (!(rule->check.on & a->system) || (rule->when != NULL && !holds(a, rule->when)))
		return true;
	switch (rule->check.what) {
	case SAME_COUNT:
		return together(a, rule) ||
		    refuse(a, "API2019", "Not as many values: %s", rule->fields);
	case AT_LEAST_ONE:
		return together(a, rule) ||
		    refuse(a, "API2019", "Missing parameter: one of %s", rule->fields);
	default:
		return check_value(a, &rule->check, rule->fields) ||
		    refuse(a, "API2019", "Invalid parameter: %s%s%s", rule->fields,
			rule->when != NULL ? ", with " : "", rule->when != NULL ? rule->when : "");
	}
}

bool
fields_check(const struct operation *op, unsigned system, const char *path_id, const json_t *body,
    int64_t today, struct flaw *flaw)
{
	const struct asked a = {op, system, path_id, body, today, flaw};

	if (op->systems != 0 && !(op->systems & system))
		return refuse(&a, "API1027",
		    "The practice management system doesn't take this writeback");
	for (const struct field *f = op->fields; f->name != NULL; f++)
		if (!check_field(&a, f))
			return false;
	for (const struct rule *rule = op->rules; rule != NULL && rule->fields != NULL; rule++)
		if (!check_rule(&a, rule))
			return false;
	return true;
}
