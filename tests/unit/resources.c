/* SPDX-License-Identifier: MIT */
/* What can be read, and the nearest name for a misspelt one. */
#include "rules/resources.h"

#include <string.h>

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
	is_int((long long)n, 124, "so many resources are known");
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

int
main(void)
{
	test_resources();
	test_parameters();
	test_sorting();
	test_missing();
	return done_testing();
}
