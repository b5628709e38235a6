/* SPDX-License-Identifier: MIT */
/*
 * Plausible records for every resource that no writeback changes, made from the names of its
 * parameters.
 */
#include "seed.h"

#include <stdlib.h>
#include <string.h>

#include "resources.h"
#include "systems.h"

/* The values that a person who makes a writeback would look up: resource, category, values. */
static const struct {
	const char *type, *category, *items;
} details[] = {
    {"new_appointment", "appttype", "Exam,Cleaning,Recall,Emergency"},
    {"new_appointment", "apptdesc", "Check-up,Vaccination,Surgery"},
    {"new_appointment", "ApptProdType", "General,Hygiene"},
    {"update_appointment", "Schedule", "ASAP,Fixed"},
    {"update_appointment", "ApptType", "General,High Priority"},
    {"patch_appointment", "ApptStatusChangedBy", "Patient,Office"},
    {"patch_appointment", "CancelBy", "Patient,Office"},
    {"patch_appointment", "cancellationcodeid", "1,2,3"},
    {"new_patient", "Sex", "Male,Female,Other"},
    {"new_patient", "Country", "USA,Canada"},
    {"new_patient", "Status", "Active,Prospect"},
    {"new_patient", "Type", "Adult,Child"},
    {"new_patient", "Relationship", "Self,Parent,Spouse"},
    {"new_patient", "species", "Canine,Feline"},
    {"new_patient", "petclass", "Regular"},
    {"new_patient", "clientclass", "Regular"},
    {"update_patient", "Gender", "Male,Female"},
    {"update_patient", "Salutation", "Mr.,Mrs.,Dr."},
    {"update_patient", "Status", "Active,Inactive"},
    {"update_patient", "Type", "Adult,Child"},
    {"update_patient", "Race", "Not told"},
    {"update_patient", "Language", "English,Spanish"},
    {"update_patient", "Mail_method", "Letter,Email"},
    {"update_patient", "Gender_identifier", "He,She,They"},
    {"update_patient", "School", "Lincoln High"},
    {"claim_payment", "bank name", "First Bank,Second Bank"},
    {"Patient Payment", "Bank Name", "First Bank,Second Bank"},
    {"medical_note", "AcknowledgeType", "None,Once"},
    {"document", "DocumentType", "Letter,Consent,X-Ray"},
    {"document", "ImgType", "Document,Photo,Radiograph"},
    {"perio_chart", "Script", "Standard"},
    {"perio_chart", "Mobility", "0,1,2,3,4"},
    {"perio_chart", "Plaque", "None,Light,Moderate,Heavy"},
    {"perio_chart", "BoneLoss", "None,Mild,Moderate,Severe"},
    {"perio_chart", "Furcation", "F0: none,F1: slight,F2: deep,F3: through,F4: open"},
};

static const char *
breed_of(const char *item)
{
	if (strcmp(item, "Canine") == 0)
		return "Labrador Retriever";
	return strcmp(item, "Feline") == 0 ? "Domestic Shorthair" : "";
}

static json_t *
writeback_details(const struct office *office)
{
	json_t *all = json_array();

	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++)
		for (const char *p = details[i].items; *p != '\0';) {
			size_t n = strcspn(p, ",");
			json_t *o = json_object();

			json_put(o, "practice_id", office->practices[0].id);
			json_put(o, "writeback_type", details[i].type);
			json_put(o, "category", details[i].category);
			json_putf(o, "item", "%.*s", (int)n, p);
			json_put(o, "description", breed_of(json_text(o, "item")));
			json_array_append_new(all, o);
			p += n + (p[n] == ',');
		}
	return all;
}

static json_t *
payment_types(const struct office *office)
{
	/* code, description, adjustment, debit adjustment, insurance */
	static const char *const rows[][5] = {
	    {"1", "Cash", "false", "false", "false"},
	    {"2", "Check", "false", "false", "false"},
	    {"3", "Insurance Check", "false", "false", "true"},
	    {"4", "Direct Deposit", "false", "false", "true"},
	    {"5", "Professional Discount", "true", "false", "false"},
	    {"6", "Write-off Reversal", "true", "true", "false"},
	};
	json_t *all = json_array();

	for (int p = 0; p < office->practice_count; p++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			json_t *o = json_object();

			json_put(o, "practice_id", office->practices[p].id);
			json_put(o, "code", rows[i][0]);
			json_put(o, "description", rows[i][1]);
			json_put(o, "is_adjustment_type", rows[i][2]);
			json_put(o, "is_debit_adjustment_type", rows[i][3]);
			json_put(o, "is_insurance_type", rows[i][4]);
			json_put(o, "are_credit_card_details_required", "false");
			json_array_append_new(all, o);
		}
	return all;
}

/* Adds one record for each practice and each word of a list. */
static void
add_words(const struct office *office, json_t *all, const char *name, const char *words,
    const char *category)
{
	for (int p = 0; p < office->practice_count; p++)
		for (const char *w = words; *w != '\0';) {
			size_t n = strcspn(w, ",");
			json_t *o = json_object();

			json_put(o, "practice_id", office->practices[p].id);
			if (category != NULL)
				json_put(o, "category", category);
			json_putf(o, name, "%.*s", (int)n, w);
			json_array_append_new(all, o);
			w += n + (w[n] == ',');
		}
}

/* The kinds of notes in the first practice's system. */
static json_t *
note_types(const struct office *office)
{
	static const struct {
		unsigned systems;
		const char *types;
	} kinds[] = {
	    {OPENDENTAL, "Patient Note,Appointment Note,Group Note"},
	    {ORTHOTRAC, "Medical Alert,Medical Note,Treatment Note"},
	    {ENTERPRISE, "Medications,Allergies,MedicalAlert,JournalNote"},
	    {EVERY, "Patient Note,Appointment Note"},
	};
	json_t *all = json_array();
	size_t i = 0;

	while (!(kinds[i].systems & office->practices[0].system))
		i++;
	add_words(office, all, "type", kinds[i].types, NULL);
	return all;
}

/* Laboratories, their templates, and under each template's name its tests. */
static json_t *
lab_test_details(const struct office *office)
{
	static const char *const rows[][2] = {{"labname", "Antech,IDEXX"},
	    {"labtemplate", "Chemistry,Hematology"}, {"Chemistry", "ALT,BUN,GLU"},
	    {"Hematology", "RBC,WBC"}};
	json_t *all = json_array();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		add_words(office, all, "item", rows[i][1], rows[i][0]);
	return all;
}

static bool
ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && strcmp(name + n - m, end) == 0;
}

/* Adds a plausible value for a field of that name. */
static void
put_plausible(const struct office *office, json_t *o, const char *name, long i)
{
	static const char *const providers[] = {"DOC1", "DOC2", "HYG1"};

	if (strcmp(name, "practice_id") == 0)
		json_put(o, name, office->practices[(i - 1) % office->practice_count].id);
	else if (strcmp(name, "provider_id") == 0)
		json_put(o, name, providers[i % 3]);
	else if (strcmp(name, "status") == 0)
		json_put(o, name, "active");
	else if (strcmp(name, "email") == 0)
		json_putf(o, name, "someone%ld@example.com", i);
	else if (strcmp(name, "procedure_code") == 0)
		json_putf(o, name, "D%04ld", 100 + i * 20);
	else if (ends_in(name, "date"))
		json_putf(o, name, "2025-01-%02ld", i % 28 + 1);
	else if (strncmp(name, "is_", 3) == 0)
		json_put(o, name, "false");
	else if (ends_in(name, "phone") || strcmp(name, "cell") == 0)
		json_putf(o, name, "408-555-%04ld", i % 10000);
	else if (ends_in(name, "amount") || ends_in(name, "balance"))
		json_putf(o, name, "%ld.50", i * 10);
	else if (ends_in(name, "id") || ends_in(name, "no") || ends_in(name, "number"))
		json_putf(o, name, "%ld", i);
	else
		json_putf(o, name, "%s %ld", name, i);
}

static void
put_all(const struct office *office, json_t *o, const char *list, long i)
{
	/* These parameters choose records, but aren't members of them. */
	static const char choosers[] = "startdate,enddate,date_filter_on,search,interval,events,"
				       "loaded_startdate,loaded_enddate,customer_id,sort_order";

	while (*list != '\0') {
		size_t n = strcspn(list, ",");
		char *name = x_printf("%.*s", (int)n, list);

		if (strcmp(name, "startdate") == 0)
			put_plausible(office, o, "date", i);
		else if (!list_has(choosers, name))
			put_plausible(office, o, name, i);
		free(name);
		list += n + (list[n] == ',');
	}
}

/* The latest ones are a few days old, for the last days are listed where no day is given. */
static json_t *
payments(const struct sim *sim, json_t *all)
{
	static const int days_ago[] = {5, 20, 45};
	const int64_t today = state_now(sim) / 86400000;
	json_t *record;
	size_t i;

	json_array_foreach(all, i, record)
	{
		char day[TIME_TEXT];

		day_text(day, today - days_ago[i % 3]);
		json_put(record, "transaction_date", day);
		json_object_del(record, "date");
		json_object_del(record, "enddate");
	}
	return all;
}

static json_t *
payers(long n)
{
	json_t *all = json_array();

	for (long i = 1; i <= n; i++) {
		json_t *o =
		    json_pack("{s:[s],s:[s]}", "alt_payer_ids", "01901", "features", "eligibility");

		json_putf(o, "id", "%05ld", 94275 + i);
		json_putf(o, "name", "Payer %ld", i);
		json_put(o, "status", "ACTIVE");
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *
by_parameters(const struct office *office, const struct resource *resource, long n)
{
	json_t *all = json_array();

	for (long i = 1; i <= n; i++) {
		json_t *o = json_object();

		put_all(office, o, resource->required, i);
		put_all(office, o, resource->optional, i);
		json_put(o, "description", resource->name);
		json_array_append_new(all, o);
	}
	return all;
}

/* Three of each; none where a practice wouldn't have such records. */
static long
how_many(const struct sim *sim, int office, const char *resource)
{
	static const char none[] = "animal_vital_signs,hearing_aid_products,"
				   "hearing_care_product_details,shelter_patients,pet_documents,"
				   "pet_nutrition,veterinary_clinics,veterinary_patients,"
				   "veterinary_product_details,veterinary_product_inventory,"
				   "optometry_product_details";
	json_t *n = office == 0 ? json_object_get(sim->set.records, resource) : NULL;

	if (n != NULL)
		return (long)json_integer_value(n);
	return list_has(none, resource) ? 0 : 3;
}

bool
seed_is_kept(const char *resource)
{
	static const char derived[] =
	    "practice_events,request_key_info,writeback_status,kpis,patient360";
	const struct resource *r = resource_find(resource);

	return r != NULL && r->auth == AUTH_KEY && !list_has(derived, resource);
}

bool
seed_is_countable(const char *resource)
{
	/* Lists of a practice's own settings. */
	static const char settings[] =
	    "providers,guarantors,operatories,appointment_statuses,practices,"
	    "practice_variables,appointments_available_slots,"
	    "writeback_details,payment_types,note_types,lab_test_details";

	return seed_is_kept(resource) && !list_has(settings, resource);
}

json_t *
seed_generic(const struct sim *sim, int office, const char *resource)
{
	const struct resource *r = resource_find(resource);
	const struct office *its = &sim->offices[office];

	if (strcmp(resource, "writeback_details") == 0)
		return writeback_details(its);
	if (strcmp(resource, "payment_types") == 0)
		return payment_types(its);
	if (strcmp(resource, "note_types") == 0)
		return note_types(its);
	if (strcmp(resource, "lab_test_details") == 0)
		return lab_test_details(its);
	if (strcmp(resource, "patient_eligibility_payers") == 0)
		return payers(how_many(sim, office, resource));
	if (strcmp(resource, "payment/transactions") == 0)
		return payments(sim, by_parameters(its, r, how_many(sim, office, resource)));
	return r != NULL ? by_parameters(its, r, how_many(sim, office, resource)) : json_array();
}

/* What the list of systems may say of each: "available", or nothing. */
static const char writebacks_listed[] =
    "appointment_status_writeback,payment_writeback,new_appointment_writeback,new_patient_"
    "writeback,"
    "note_writeback,claim_notes_status_writeback,insurance_payment_writeback,lab_result_writeback";

/* Adds a system to the list. available: the columns, separated by commas. */
static void
add_system(json_t *all, const char *domain, const char *pms, const char *version,
    const char *available)
{
	json_t *o = json_object();

	json_put(o, "specialty", "");
	json_put(o, "domain", domain);
	json_put(o, "practice_management_system", pms);
	json_put(o, "practice_management_system_version", version);
	json_put(o, "display_practice_management_system_name", "");
	for (const char *p = writebacks_listed; *p != '\0';) {
		size_t n = strcspn(p, ",");
		char *name = x_printf("%.*s", (int)n, p);

		json_put(o, name, list_has(available, name) ? "available" : "");
		free(name);
		p += n + (p[n] == ',');
	}
	json_array_append_new(all, o);
}

/* The documents' two, some versions of Dentrix, and what the practices have. */
static json_t *
supported_pmses(const struct sim *sim)
{
	json_t *all = json_array();

	add_system(all, "Animal Shelter", "Test PMS", "V1.0", "");
	add_system(all, "Animal Shelter", "Test PMS", "Web", "");
	add_system(all, "Dental", "Dentrix", "V15.1",
	    "appointment_status_writeback,new_appointment_writeback,new_patient_writeback,note_"
	    "writeback");
	add_system(all, "Dental", "Dentrix", "V17.3", writebacks_listed);
	add_system(all, "Dental", "Dentrix", "V16.6", writebacks_listed);
	for (int i = 0; i < sim->office_count; i++)
		for (int p = 0; p < sim->offices[i].practice_count; p++) {
			const struct practice *its = &sim->offices[i].practices[p];

			add_system(all, its->domain, its->pms, its->version, writebacks_listed);
		}
	return all;
}

json_t *
seed_application(const struct sim *sim, const char *resource)
{
	json_t *all, *o;

	if (strcmp(resource, "supported_pmses") == 0)
		return supported_pmses(sim);
	all = json_array();
	if (strcmp(resource, "applications") == 0) {
		o = json_object();
		json_put(o, "application_id", sim->set.app_id);
		json_put(o, "application_name", "Simulated application");
		json_array_append_new(all, o);
	}
	return all;
}
