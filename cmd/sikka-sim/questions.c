/* SPDX-License-Identifier: MIT */
/*
 * Reads that are asked by POST. What they ask for is in the body, in which nothing else may be. They change
 * nothing: the same question gets the same answer.
 *
 * Of the query language only what one table needs is known: SELECT [table.field], … FROM [table]
 * WHERE [table.field] = 'value' AND …. Real servers also join up to five tables; how isn't documented.
 */
#include "questions.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "copies.h"
#include "lists.h"
#include "routes.h"

/* --- bodies -------------------------------------------------------------------------------------- */

/* Reads the body, in which only these members may be, and each is a text. false: refused. */
static bool
read_body(struct request *rq, const char *names, struct answer *an)
{
	const char *name;
	json_t *value;

	if (rq->parameter_count > 0) {
		answer_code(an, "API1026", "Invalid parameter: %s", rq->parameters[0].name);
		return false;
	}
	if (!routes_body(rq, an))
		return false;
	json_object_foreach(rq->json, name, value)
	{
		if (!list_has(names, name) || !json_is_string(value)) {
			answer_code(an, "API1026", "Invalid parameter: %s", name);
			return false;
		}
	}
	return true;
}

/* Whether each of these members is there. false: refused. */
static bool
need(const struct request *rq, const char *names, struct answer *an)
{
	while (*names != '\0') {
		size_t n = strcspn(names, ",");
		char *name = x_printf("%.*s", (int)n, names);
		bool missing = *json_text(rq->json, name) == '\0';

		if (missing)
			answer_code(an, "API1020", "Missing parameter: %s", name);
		free(name);
		if (missing)
			return false;
		names += n + (names[n] == ',');
	}
	return true;
}

/* --- queries ------------------------------------------------------------------------------------- */

static const char tables[] =
    "practices,transactions,appointments,providers,patients,guarantors_v2,veterinary_patients,"
    "treatment_plans,claims,insurance_companies,accounts_receivables,"
    "accounts_receivables_by_patients,payment_plans,contact_details,products,"
    "optometry_product_details,medical_history,medical_notes,appointments_available_slots,"
    "outside_doctors,patient_status_history,patient_extended_info,patient_treatment_history,"
    "pms_users,multiple_referrals,preregistered_patients,staging_details,payment_types,"
    "procedure_codes,patient_contract_roll_charges,patient_contracts,appointment_statuses,"
    "guarantor_patient_mapping,patient_statuses,clinical_conditions,ins_company_details,"
    "patient_addresses,provider_time_clock,patient_charts,patient_conditions,"
    "treatment_plan_statuses";

enum { NAME_MAX_LENGTH = 64, COLUMNS_MAX = 32 };

struct column {
	char table[NAME_MAX_LENGTH], field[NAME_MAX_LENGTH];
};

struct query {
	const char *at; /* in its text */
	struct column columns[COLUMNS_MAX];
	int column_count;
	char table[NAME_MAX_LENGTH];
	struct condition {
		struct column column;
		char *value;
	} conditions[COLUMNS_MAX];
	int condition_count;
};

static void
skip_blanks(struct query *q)
{
	while (isspace((unsigned char)*q->at))
		q->at++;
}

static bool
take_word(struct query *q, const char *word)
{
	size_t n = strlen(word);

	skip_blanks(q);
	if (strncasecmp(q->at, word, n) != 0 || isalnum((unsigned char)q->at[n]))
		return false;
	q->at += n;
	return true;
}

static bool
take_char(struct query *q, char c)
{
	skip_blanks(q);
	if (*q->at != c)
		return false;
	q->at++;
	return true;
}

static bool
take_name(struct query *q, char name[NAME_MAX_LENGTH])
{
	size_t n = 0;

	while (isalnum((unsigned char)q->at[n]) || q->at[n] == '_')
		n++;
	if (n == 0 || n >= NAME_MAX_LENGTH)
		return false;
	memcpy(name, q->at, n);
	name[n] = '\0';
	q->at += n;
	return true;
}

/* [table.field] */
static bool
take_column(struct query *q, struct column *column)
{
	return take_char(q, '[') && take_name(q, column->table) && *q->at == '.' && q->at++ &&
	    take_name(q, column->field) && *q->at == ']' && q->at++;
}

/* 'value', in which two quotes stand for one */
static char *
take_value(struct query *q)
{
	struct text value = {0};

	if (!take_char(q, '\''))
		return NULL;
	text_add(&value, "", 0);
	for (;; q->at++) {
		if (*q->at == '\0') {
			free(value.s);
			return NULL;
		}
		if (*q->at == '\'' && *++q->at != '\'')
			return value.s != NULL ? value.s : x_dup("");
		text_add(&value, q->at, 1);
	}
}

static bool
take_condition(struct query *q)
{
	struct condition *condition = &q->conditions[q->condition_count];

	if (q->condition_count == COLUMNS_MAX || !take_column(q, &condition->column) ||
	    !take_char(q, '='))
		return false;
	condition->value = take_value(q);
	q->condition_count += condition->value != NULL;
	return condition->value != NULL;
}

static bool
parse(struct query *q)
{
	if (!take_word(q, "SELECT"))
		return false;
	do {
		if (q->column_count == COLUMNS_MAX ||
		    !take_column(q, &q->columns[q->column_count++]))
			return false;
	} while (take_char(q, ','));
	if (!take_word(q, "FROM") || !take_char(q, '[') || !take_name(q, q->table) ||
	    !take_char(q, ']'))
		return false;
	if (take_word(q, "WHERE")) {
		do {
			if (!take_condition(q))
				return false;
		} while (take_word(q, "AND"));
	}
	skip_blanks(q);
	return *q->at == '\0';
}

static bool
is_known(const struct query *q, const struct column *column, const json_t *record)
{
	return strcmp(column->table, q->table) == 0 &&
	    (record == NULL || json_object_get(record, column->field) != NULL);
}

/* Whether its table can be queried, and has the fields. All records of a table have the same. */
static bool
knows_names(const struct query *q, const json_t *record)
{
	bool good = true;

	for (int i = 0; i < q->column_count; i++)
		good &= is_known(q, &q->columns[i], record);
	for (int i = 0; i < q->condition_count; i++)
		good &= is_known(q, &q->conditions[i].column, record);
	return good;
}

static bool
fits(const struct query *q, const json_t *record)
{
	for (int i = 0; i < q->condition_count; i++)
		if (strcasecmp(json_text(record, q->conditions[i].column.field),
			q->conditions[i].value) != 0)
			return false;
	return true;
}

static json_t *
row_of(const struct query *q, const json_t *record)
{
	json_t *row = json_object();

	for (int i = 0; i < q->column_count; i++)
		json_object_set(row, q->columns[i].field,
		    json_object_get(record, q->columns[i].field));
	return row;
}

/* The rows of a page. *total: how many there are on all pages. */
static json_t *
rows_of(const struct query *q, json_t *records, const struct page *page, size_t *total)
{
	size_t from = (size_t)page->offset * (size_t)page->limit, i;
	json_t *items = json_array(), *record;

	*total = 0;
	json_array_foreach(records, i, record)
	{
		if (!fits(q, record))
			continue;
		if (*total >= from && *total < from + (size_t)page->limit)
			json_array_append_new(items, row_of(q, record));
		++*total;
	}
	return items;
}

/* offset counts pages, as that of a list does. */
static bool
read_page(const struct sim *sim, const struct request *rq, struct page *page, struct answer *an)
{
	const char *offset = json_text(rq->json, "offset"), *limit = json_text(rq->json, "limit");

	if (!number_parse(*offset != '\0' ? offset : "0", 0, 1L << 30, &page->offset)) {
		answer_code(an, "API1026", "Invalid parameter: offset");
		return false;
	}
	if (!number_parse(*limit != '\0' ? limit : "50", 1, 5000, &page->limit)) {
		answer_code(an, "API1026", "Invalid parameter: limit");
		return false;
	}
	if (page->limit > sim->set.page_max)
		page->limit = sim->set.page_max;
	return true;
}

void
questions_query(struct sim *sim, struct request *rq, struct answer *an)
{
	struct query *q = x_new(sizeof(*q));
	json_t *records, *items;
	struct page page;
	size_t total;

	if (!read_body(rq, "pql,offset,limit", an) || !need(rq, "pql", an) ||
	    !read_page(sim, rq, &page, an))
		goto out;
	q->at = json_text(rq->json, "pql");
	if (!parse(q) || !list_has(tables, q->table)) {
		answer_code(an, "API1026", "Invalid parameter: pql");
		goto out;
	}
	records = copies_records(sim, rq->office, q->table);
	if (!knows_names(q, json_array_get(records, 0))) {
		answer_code(an, "API1026", "Invalid parameter: pql names an unknown field");
		goto out;
	}
	items = rows_of(q, records, &page, &total);
	lists_envelope(sim, rq, &page, total, items, false, an);
out:
	for (int i = 0; i < q->condition_count; i++)
		free(q->conditions[i].value);
	free(q);
}

/* --- eligibility --------------------------------------------------------------------------------- */

#define REQUIRED "firstname,lastname,birthdate,subscriber_id,npi,payer_id"
#define DEPENDENT                                                                             \
	"dependent_firstname,dependent_lastname,dependent_birthdate,dependent_subscriber_id," \
	"dependent_group_number"

static bool
is_boolean(const char *s)
{
	return *s == '\0' || strcasecmp(s, "true") == 0 || strcasecmp(s, "false") == 0;
}

/* The text says 2011-01-31, the example 01/31/2011. */
static bool
is_birthdate(const char *s)
{
	int64_t days;
	char *day;
	bool good;

	if (strlen(s) != 10 || s[2] != '/' || s[5] != '/')
		return day_parse(s, &days);
	day = x_printf("%s-%.2s-%.2s", s + 6, s, s + 3);
	good = day_parse(day, &days);
	free(day);
	return good;
}

static bool
check_values(const struct request *rq, struct answer *an)
{
	static const char *const dates[] = {"birthdate", "dependent_birthdate"};
	static const char *const booleans[] = {"is_dependent", "is_clear_coverage"};

	for (int i = 0; i < 2; i++) {
		const char *date = json_text(rq->json, dates[i]);

		if (*date != '\0' && !is_birthdate(date)) {
			answer_code(an, "API1026", "Invalid parameter: %s", dates[i]);
			return false;
		}
		if (!is_boolean(json_text(rq->json, booleans[i]))) {
			answer_code(an, "API1026", "Invalid parameter: %s", booleans[i]);
			return false;
		}
	}
	return true;
}

static json_t *
person(const char *first, const char *last, const char *born, const char *member)
{
	json_t *o = json_object();

	json_put(o, "member_id", member);
	json_putf(o, "name", "%s %s", first, last);
	json_put(o, "first_name", first);
	json_put(o, "last_name", last);
	json_put(o, "dob", born);
	json_object_set_new(o, "coverage",
	    json_pack("{s:s,s:s}", "effective_date", "01/01/2025", "status", "active"));
	return o;
}

/* One object, in the words of the payers' own service. */
static void
tell_eligibility(const struct request *rq, struct answer *an)
{
	bool depends = strcasecmp(json_text(rq->json, "is_dependent"), "true") == 0;
	json_t *o = json_object();
	json_t *subscriber =
	    person(json_text(rq->json, "firstname"), json_text(rq->json, "lastname"),
		json_text(rq->json, "birthdate"), json_text(rq->json, "subscriber_id"));
	const char *first = json_text(rq->json, "dependent_firstname");

	json_put(o, "payer_uuid", json_text(rq->json, "payer_id"));
	json_object_set_new(o, "patient",
	    depends && *first != '\0' ? person(first, json_text(rq->json, "dependent_lastname"),
					    json_text(rq->json, "dependent_birthdate"),
					    json_text(rq->json, "dependent_subscriber_id"))
				      : json_deep_copy(subscriber));
	json_object_set_new(o, "subscriber", subscriber);
	json_object_set_new(o, "plan",
	    json_pack("{s:s,s:s,s:s}", "name", "DENTAL", "number", "12345", "period", "calendar"));
	json_object_set_new(o, "maximums",
	    json_pack("[{s:s,s:s,s:s,s:s}]", "network", "in_network", "category", "orthodontics",
		"plan_period", "lifetime", "amount", "1500.00"));
	json_object_set_new(o, "limitations",
	    json_pack("[{s:s,s:s,s:i}]", "category", "preventive", "limitation",
		"2 per calendar year", "services_remaining", 1));
	answer_json(an, 200, o);
}

static bool
has_payer(struct sim *sim, int office, const char *id)
{
	json_t *payers = copies_records(sim, office, "patient_eligibility_payers"), *payer;
	size_t i;

	json_array_foreach(payers, i,
	    payer) if (strcmp(json_text(payer, "id"), id) == 0) return true;
	return false;
}

void
questions_eligibility(struct sim *sim, struct request *rq, struct answer *an)
{
	if (!read_body(rq, REQUIRED "," DEPENDENT ",is_dependent,is_clear_coverage", an) ||
	    !need(rq, REQUIRED, an) || !check_values(rq, an))
		return;
	if (strcasecmp(json_text(rq->json, "is_dependent"), "true") == 0 &&
	    !need(rq, DEPENDENT, an))
		return;
	if (has_payer(sim, rq->office, json_text(rq->json, "payer_id")))
		tell_eligibility(rq, an);
	else
		answer_code(an, "API1026", "Invalid parameter: payer_id");
}

void
questions_sandbox(struct sim *sim, struct request *rq, struct answer *an)
{
	static const char payers[] = "PRINCIPAL,AETNA_DENTAL_PLANS,DD_CALIFORNIA,METLIFE";

	(void)sim;
	if (!read_body(rq, REQUIRED ",is_dependent", an) || !need(rq, REQUIRED, an) ||
	    !check_values(rq, an))
		return;
	if (list_has(payers, json_text(rq->json, "payer_id")))
		tell_eligibility(rq, an);
	else
		answer_code(an, "API1026", "Invalid parameter: payer_id");
}
