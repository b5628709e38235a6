/* SPDX-License-Identifier: MIT */
#include "rules_check.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mem.h"

static const char dentrix_g[] = "Dentrix G";
static const char dentrix_g6[] = "Dentrix G6";

/* A PMS as far as we know it: not told at all, or told, and then maybe none that a row names. */
struct pms {
	const char *told;
	const char *name;
};

/* What was cut to fit mustn't end in half a character: it goes into JSON records. */
static void
mend_end(char *text, size_t size)
{
	size_t n = strlen(text);

	if (n + 1 < size)
		return;
	while (n > 0 && ((unsigned char)text[n - 1] & 0xC0) == 0x80)
		n--;
	if (n > 0 && (unsigned char)text[n - 1] >= 0xC0)
		n--;
	text[n] = '\0';
}

void
sk_faults_add(struct sk_faults *to, const char *field, const char *format, ...)
{
	va_list args;

	if (to->n < to->most) {
		struct sk_fault *fault = &to->faults[to->n];

		snprintf(fault->field, sizeof(fault->field), "%s", field);
		va_start(args, format);
		vsnprintf(fault->message, sizeof(fault->message), format, args);
		va_end(args);
		mend_end(fault->field, sizeof(fault->field));
		mend_end(fault->message, sizeof(fault->message));
	}
	to->n++;
}

static int
is_skipped(char c)
{
	return c == ' ' || c == '.' || c == '-';
}

/*
 * Where text goes on behind name, both read without case, blanks, dots and hyphens; NULL when it
 * doesn't begin with it. *length counts what was compared.
 */
static const char *
behind(const char *text, const char *name, size_t *length)
{
	*length = 0;
	for (;;) {
		while (is_skipped(*name))
			name++;
		if (*name == '\0')
			return text;
		while (is_skipped(*text))
			text++;
		if (tolower((unsigned char)*text) != tolower((unsigned char)*name))
			return NULL;
		text++;
		name++;
		(*length)++;
	}
}

/* The longest name that text begins with; Dentrix G7 and later are, to the rows, Dentrix G6. */
static const char *
longest_name(const char *text, size_t *longest)
{
	const char *found = NULL, *rest;
	size_t length, i;

	for (i = 0; sk_pms_names[i] != NULL; i++) {
		const char *name = sk_pms_names[i];

		if (strcmp(name, dentrix_g6) == 0)
			continue;
		if (behind(text, name, &length) != NULL && length > *longest) {
			*longest = length;
			found = name;
		}
	}
	rest = behind(text, dentrix_g, &length);
	while (rest != NULL && is_skipped(*rest))
		rest++;
	if (rest != NULL && strtol(rest, NULL, 10) >= 6 && length + 1 > *longest) {
		*longest = length + 1;
		found = dentrix_g6;
	}
	return found;
}

const char *
sk_rules_pms(const char *pms, const char *version)
{
	const char *name, *both_name;
	size_t longest = 0;
	char *both;

	if (pms == NULL)
		return NULL;
	name = longest_name(pms, &longest);
	if (version == NULL)
		return name;
	both = sk_mem_printf("%s %s", pms, version);
	both_name = longest_name(both, &longest);
	free(both);
	return both_name != NULL ? both_name : name;
}

/* Whether word stands in a list with '|' between. */
static int
is_among(const char *word, const char *list)
{
	size_t n;

	if (word == NULL || list == NULL)
		return 0;
	for (;;) {
		n = strcspn(list, "|");
		if (strlen(word) == n && strncasecmp(word, list, n) == 0)
			return 1;
		if (list[n] == '\0')
			return 0;
		list += n + 1;
	}
}

/* A value that says something, or NULL. */
static const char *
given(const json_t *fields, const char *name)
{
	const char *text = json_string_value(json_object_get(fields, name));

	return text != NULL && text[strspn(text, " \t\r\n")] != '\0' ? text : NULL;
}

static int
is_read(const struct sk_field *field, const struct pms *pms)
{
	if (pms->told == NULL)
		return 1;
	if (field->only_for != NULL && !is_among(pms->name, field->only_for))
		return 0;
	return !is_among(pms->name, field->unused_for);
}

static const struct sk_field *
find_field(const struct sk_operation *operation, const char *name)
{
	size_t i;

	for (i = 0; i < operation->n_fields; i++) {
		if (strcmp(operation->fields[i].name, name) == 0)
			return &operation->fields[i];
	}
	return NULL;
}

static int
is_required(const struct sk_operation *operation, const struct sk_field *field,
    const struct pms *pms, const json_t *fields)
{
	const struct sk_field *condition;
	const char *value;

	if (is_among(pms->name, field->required_for))
		return 1;
	if (!(field->is & SK_FIELD_REQUIRED) || is_among(pms->name, field->optional_for))
		return 0;
	if (field->unless == NULL)
		return 1;
	/* a condition on a field that this PMS doesn't read doesn't count */
	condition = find_field(operation, field->unless);
	value = given(fields, field->unless);
	return value == NULL || strcasecmp(value, "true") != 0 || !is_read(condition, pms);
}

static int
digits(const char *text, size_t n)
{
	size_t i;
	int number = 0;

	for (i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

static int
is_date(const char *text)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day, leap;

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
		return 0;
	year = digits(text, 4);
	month = digits(text + 5, 2);
	day = digits(text + 8, 2);
	if (year < 1 || month < 1 || month > 12 || day < 1)
		return 0;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return day <= days[month - 1] + (month == 2 && leap);
}

static int
is_time(const char *text)
{
	int hour, minute;

	if (strlen(text) != 5 || text[2] != ':')
		return 0;
	hour = digits(text, 2);
	minute = digits(text + 3, 2);
	return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
}

/* More digits than a long has are more than any smallest number. */
static int
is_integer(const char *text, long min)
{
	return text[strspn(text, "0123456789")] == '\0' && strtol(text, NULL, 10) >= min;
}

static void
check_values(const struct sk_field *field, const char *text, struct sk_faults *faults)
{
	char list[200];
	size_t used = 0;
	const char *at;

	if (field->values == NULL || is_among(text, field->values))
		return;
	for (at = field->values; *at != '\0' && used + 3 < sizeof(list); at++) {
		list[used++] = *at == '|' ? ',' : *at;
		if (*at == '|')
			list[used++] = ' ';
	}
	list[used] = '\0';
	sk_faults_add(faults, field->name, "one of these is needed: %s", list);
}

static void
check_format(const struct sk_field *field, const char *text, struct sk_faults *faults)
{
	switch (field->format) {
	case SK_FORMAT_TEXT:
		return;
	case SK_FORMAT_DATE:
		if (!is_date(text))
			sk_faults_add(faults, field->name,
			    "yyyy-mm-dd, a real calendar day, is needed");
		return;
	case SK_FORMAT_TIME:
		if (!is_time(text))
			sk_faults_add(faults, field->name, "HH:MM, 00:00 to 23:59, is needed");
		return;
	case SK_FORMAT_INTEGER:
		if (!is_integer(text, field->min))
			sk_faults_add(faults, field->name,
			    "a whole number from %ld on, digits only, is needed", field->min);
		return;
	case SK_FORMAT_BOOLEAN:
		if (!is_among(text, "true|false"))
			sk_faults_add(faults, field->name, "true or false is needed");
		return;
	}
}

static void
check_field(const struct sk_operation *operation, const struct sk_field *field,
    const struct pms *pms, const json_t *fields, struct sk_faults *faults)
{
	const char *text = given(fields, field->name);

	if (!is_read(field, pms))
		return;
	if (text != NULL) {
		check_format(field, text, faults);
		check_values(field, text, faults);
		return;
	}
	if (!is_required(operation, field, pms, fields))
		return;
	if (is_among(pms->name, field->required_for))
		sk_faults_add(faults, field->name, "is missing: %s needs it for %s", pms->name,
		    operation->name);
	else
		sk_faults_add(faults, field->name, "is missing: %s needs it", operation->name);
}

static void
check_at_least_one(const struct sk_operation *operation, const json_t *fields,
    struct sk_faults *faults)
{
	const char *set = operation->at_least_one;
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < operation->n_fields; i++) {
		const struct sk_field *field = &operation->fields[i];
		int counts = strcmp(set, "*") == 0
		    ? !(field->is & SK_FIELD_REQUIRED) && strcmp(field->name, "check_spu") != 0
		    : is_among(field->name, set);

		if (counts && given(fields, field->name) != NULL)
			return;
	}
	if (strcmp(set, "*") == 0)
		sk_faults_add(faults, "",
		    "nothing to change: at least one optional field is needed");
	else
		sk_faults_add(faults, "", "at least one of these is needed: %s", set);
}

/* Texts, all of them: numbers and booleans were turned into text before. */
static void
check_types(const json_t *fields, struct sk_faults *faults)
{
	/* jansson's iterators want an object that isn't const, and don't change it */
	json_t *object = (json_t *)(uintptr_t)fields;
	void *at;

	for (at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
		if (!json_is_string(json_object_iter_value(at)))
			sk_faults_add(faults, json_object_iter_key(at),
			    "a text, a number, true or false is needed");
	}
}

static int
can_be_addressed(const char *id)
{
	const char *at;

	if (strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
		return 0;
	for (at = id; *at != '\0'; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f || strchr(":#?/\\%+=", *at) != NULL)
			return 0;
	}
	return 1;
}

void
sk_rules_check_path(const struct sk_operation *operation, const json_t *fields,
    struct sk_faults *faults)
{
	size_t i;

	for (i = 0; i < operation->n_fields; i++) {
		const struct sk_field *field = &operation->fields[i];
		const char *id;

		if (!(field->is & SK_FIELD_IN_PATH))
			continue;
		id = given(fields, field->name);
		if (id == NULL)
			sk_faults_add(faults, field->name, "is missing: it is part of the path %s",
			    operation->path);
		else if (!can_be_addressed(id))
			sk_faults_add(faults, field->name,
			    "can't stand in a path: an id without : # ? / \\ %% + = is needed");
	}
}

void
sk_rules_check_fields(const struct sk_operation *operation, const char *pms, const char *version,
    const json_t *fields, struct sk_faults *faults)
{
	struct pms it = {NULL, NULL};
	size_t i;

	if (pms != NULL && pms[0] != '\0') {
		it.told = pms;
		it.name = sk_rules_pms(pms, version);
	}
	if (operation->pms != NULL && it.told != NULL && !is_among(it.name, operation->pms))
		sk_faults_add(faults, "", "%s doesn't take %s: only %s", pms, operation->name,
		    operation->pms);
	check_types(fields, faults);
	for (i = 0; i < operation->n_fields; i++) {
		if (!(operation->fields[i].is & SK_FIELD_IN_PATH))
			check_field(operation, &operation->fields[i], &it, fields, faults);
	}
	check_at_least_one(operation, fields, faults);
}
