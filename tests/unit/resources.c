/* SPDX-License-Identifier: MIT */
/* What can be read, and the nearest name for a misspelt one. */
#include "rules/resource_rules.h"
#include "rules/resources.h"

#include <string.h>

#include "base/text.h"

#include "tap.h"

static void
test_resources(void)
{
	const struct sk_resource *appointments = sk_resource_find("appointments");
	const struct sk_resource *writebacks = sk_resource_find("writebacks");

	ok(appointments != NULL && appointments->auth == SK_AUTH_OFFICE, "an office's resource");
	ok(writebacks != NULL && writebacks->auth == SK_AUTH_APP, "the application's");
	ok(sk_resource_find("finance/accounts") != NULL, "one with a slash");
	ok(sk_resource_find("appointment") == NULL, "the singular can't be read");
	ok(sk_resource_find("") == NULL, "nor nothing");
	is_str(sk_resource_nearest("apointments"), "appointments", "a letter is missing");
	is_str(sk_resource_nearest("Patients"), "patients", "another case");
	is_str(sk_resource_nearest("provdiers"), "providers", "two letters changed places");
	ok(sk_resource_nearest("weather") == NULL, "nothing is near the weather");
	ok(sk_resource_nearest("") == NULL, "nor near nothing");
}

static void
test_parameters(void)
{
	const struct sk_resource *patients = sk_resource_find("patients");
	const struct sk_resource *operatories = sk_resource_find("operatories");
	char nearest[SK_RESOURCE_WORD] = "before";

	ok(sk_resource_takes(patients, "patient_id", NULL), "an optional one");
	ok(sk_resource_takes(operatories, "cust_id", NULL), "a required one");
	ok(sk_resource_takes(operatories, "loaded_startdate", nearest), "one that all take");
	is_str(nearest, "before", "a hint is given only where one is needed");
	ok(!sk_resource_takes(patients, "startdate", nearest), "dates only where they are listed");
	ok(!sk_resource_takes(patients, "patient", NULL), "the beginning of a name isn't the name");
	ok(!sk_resource_takes(patients, "offset", NULL), "offset is ours");
	ok(!sk_resource_takes(patients, "limit", NULL), "and so is limit");
	ok(!sk_resource_takes(patients, "", nearest) && nearest[0] == '\0', "nothing is none");
	sk_resource_takes(patients, "patientid", nearest);
	is_str(nearest, "patient_id", "the nearest one");
	sk_resource_takes(patients, "zzz", nearest);
	is_str(nearest, "", "or none");
}

static void
test_sorting(void)
{
	const struct sk_resource *patients = sk_resource_find("patients");
	char nearest[SK_RESOURCE_WORD] = "before";
	size_t n = 0;

	ok(sk_resource_sorts(patients, "patient_id,rowhash", 10, nearest),
	    "a field that is listed");
	is_str(nearest, "before", "needs no hint");
	ok(!sk_resource_sorts(patients, "patient_id", 9, nearest), "its beginning isn't it");
	is_str(nearest, "patient_id", "but near it");
	ok(!sk_resource_sorts(patients, "", 0, NULL), "nothing is no field");
	ok(sk_resource_sorts(sk_resource_find("kpis"), "whatever", 8, NULL),
	    "where none is documented, each may be one");
	while (sk_resource_at(n) != NULL)
		n++;
	is_int((long long)n, 137, "so many resources are known");
	ok(sk_resource_sorts(patients, "last_name", 9, NULL) &&
		sk_resource_sorts(patients, "lastname", 8, NULL),
	    "a field that the documents spell in two ways");
}

static void
test_missing(void)
{
	static const char *const names[] = {"enddate", "startdate"};
	const struct sk_resource *writebacks = sk_resource_find("writebacks");
	char first[SK_RESOURCE_WORD], second[SK_RESOURCE_WORD];

	ok(sk_resource_lacks(writebacks, NULL, 0, first), "both are missing");
	ok(sk_resource_lacks(writebacks, names + 1, 1, second), "one is");
	is_str(first, "startdate", "the first of both");
	is_str(second, "enddate", "the one");
	ok(!sk_resource_lacks(writebacks, names, 2, first) && first[0] == '\0', "none is");
	ok(!sk_resource_lacks(sk_resource_find("patients"), NULL, 0, first), "none is required");
}

static void
test_described(void)
{
	const struct sk_resource *named = sk_resource_find("datalimit");
	size_t n = 0, n_named = 0, n_objects = 0, n_bodies = 0;
	const struct sk_resource *resource;

	for (; (resource = sk_resource_at(n)) != NULL; n++) {
		n_named += resource->shape == SK_SHAPE_UNDESCRIBED;
		n_objects += resource->shape == SK_SHAPE_OBJECT;
		n_bodies += resource->ask == SK_ASK_BODY;
		ok(n == 0 || strcmp(sk_resource_at(n - 1)->name, resource->name) < 0,
		    "%s stands in its place", resource->name);
	}
	is_int((long long)(n - n_named), 128, "the documents describe so many");
	is_int((long long)n_objects, 4, "of which four are one object");
	is_int((long long)n_bodies, 3, "and three are asked with a body");
	ok(named != NULL && sk_resource_takes(named, "anything", NULL),
	    "one that they only name may take any parameter");
	ok(sk_resource_find("kpis/adjusted_collection") == sk_resource_find("kpis"),
	    "a name in the path is a form of kpis");
	ok(sk_resource_find("kpis/") == NULL && sk_resource_find("kpis/a/b") == NULL &&
		sk_resource_find("patients/7") == NULL,
	    "no other path is");
}

static void
add_sentence(void *text, const char *sentence)
{
	sk_text_add(text, sentence);
	sk_text_add(text, "|");
}

/* Asks with at most four parameters, and returns how many rules are broken. */
static int
broken(const char *name, const struct sk_api_parameter parameters[4], struct sk_text *told)
{
	struct sk_resource_asked asked = {sk_resource_find(name), name, parameters, 0};
	int n = 0;

	while (asked.n < 4 && parameters[asked.n].name != NULL)
		asked.n++;
	sk_text_fini(told);
	*told = (struct sk_text){0};
	sk_resource_rules_check(&asked, add_sentence, told);
	for (const char *c = sk_text_bytes(told); *c != '\0'; c++)
		n += *c == '|';
	return n;
}

static void
test_rules(void)
{
	static const struct {
		const char *name;
		struct sk_api_parameter parameters[4];
		int n;
		const char *says;
	} cases[] = {
	    {"kpis", {{NULL, NULL}}, 0, ""},
	    {"kpis", {{"kpi_name", "a"}}, 0, ""},
	    {"kpis", {{"kpi_name", "a"}, {"startdate", "2026-01-01"}}, 2,
		"needs the parameter practice_id"},
	    {"kpis", {{"practice_id", "1"}, {"startdate", "2026-01-01"}, {"enddate", "2026-01-02"}},
		1, "needs the parameter kpi_name"},
	    {"kpis/a", {{NULL, NULL}}, 3, "needs the parameter practice_id"},
	    {"kpis/a",
		{{"practice_id", "1"}, {"startdate", "2026-01-01"}, {"enddate", "2026-01-02"}}, 0,
		""},
	    {"practice_events", {{"events", "patients,lab_panels"}, {"interval", "1440"}}, 0, ""},
	    {"practice_events", {{"events", "patients,appointment"}}, 1,
		"\"appointment\"; did you mean appointments?"},
	    {"practice_events", {{"events", "drugs"}}, 1, "no known event \"drugs\""},
	    {"practice_events", {{"events", "claims"}, {"interval", "1441"}}, 1, "from 1 to 1440"},
	    {"practice_events", {{"events", "claims"}, {"interval", "0"}}, 1, "from 1 to 1440"},
	    {"practice_events", {{"events", "claims"}, {"interval", "5m"}}, 1, "from 1 to 1440"},
	    {"practice_events", {{"interval", "5"}, {"loaded_enddate", "2026-01-01"}}, 1,
		"passes over loaded_startdate"},
	    {"practice_events",
		{{"loaded_startdate", "2026-01-01"}, {"loaded_enddate", "2026-01-01"}}, 0, ""},
	    {"practice_events", {{"status", "current"}}, 0, ""},
	    {"practice_events", {{"status", "all"}, {"lightweight", "true"}}, 2,
		"status=current only"},
	    {"writebacks", {{"startdate", "2026-01-01"}, {"enddate", "2026-01-07"}}, 0, ""},
	    {"writebacks", {{"startdate", "2026-01-01"}, {"enddate", "2026-01-08"}}, 1,
		"7 days at the most, and from 2026-01-01 to 2026-01-08 it is 8"},
	    {"writebacks", {{"startdate", "2026-01-02"}, {"enddate", "2026-01-01"}}, 1,
		"enddate is before startdate"},
	    {"writebacks", {{"startdate", "soon"}, {"enddate", "2026-01-01"}}, 0, ""},
	    {"payment/transactions", {{"patient_id", "7"}}, 1, "the last 30 days"},
	    {"payment/transactions", {{"startdate", "2026-01-01"}}, 0, ""},
	    {"supported_pmses", {{"payment_writeback", "available"}}, 0, ""},
	    {"supported_pmses", {{"payment_writeback", "true"}}, 1,
		"payment_writeback=available only"},
	    {"patients", {{"interval", "0"}}, 0, ""},
	};
	struct sk_text told = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int n = broken(cases[i].name, cases[i].parameters, &told);

		ok(n == cases[i].n, "%s, case %zu: %d rules are broken", cases[i].name, i, n);
		ok(strstr(sk_text_bytes(&told), cases[i].says) != NULL, "%s, case %zu: %s",
		    cases[i].name, i, sk_text_bytes(&told));
	}
	sk_text_fini(&told);
}

int
main(void)
{
	test_resources();
	test_parameters();
	test_sorting();
	test_missing();
	test_described();
	test_rules();
	return done_testing();
}
