/* SPDX-License-Identifier: MIT */
/*
 * The few resources that the documents describe otherwise than the rest: figures with a name, all of a
 * patient in one object, payers in an array without an object around it, and payments, of which the last
 * 30 days are listed where no day is given.
 */
#include "shapes.h"

#include <stdlib.h>
#include <string.h>

#include "copies.h"
#include "lists.h"

/* --- kpis --------------------------------------------------------------------------------------- */

static const char *const kpis[] = {"adjusted_collection", "gross_production", "new_patients"};
enum { KPIS = sizeof(kpis) / sizeof(kpis[0]) };

static void
list_kpis(struct sim *sim, struct request *rq, const struct page *page, struct answer *an)
{
	json_t *all = json_array(), *some;

	for (size_t i = 0; i < KPIS; i++) {
		json_t *o = json_object();

		json_put(o, "kpi_name", kpis[i]);
		json_put(o, "description", kpis[i]);
		json_put(o, "fields", kpis[i]);
		json_put(o, "parameters", "practice_id,startdate,enddate");
		json_array_append_new(all, o);
	}
	some = lists_filter(sim, rq, resource_find("kpis"), all);
	lists_answer(sim, rq, page, some, an);
	json_decref(some);
	json_decref(all);
}

static json_t *
figures(const struct office *office, const char *kpi, const char *practice_id)
{
	json_t *all = json_array();

	for (int p = 0; p < office->practice_count; p++) {
		json_t *o;

		if (strcmp(office->practices[p].id, practice_id) != 0)
			continue;
		o = json_object();
		json_put(o, "practice_id", office->practices[p].id);
		json_put(o, "practice_name", office->practices[p].name);
		json_putf(o, kpi, "%d.50", 1000 * (p + 1));
		json_array_append_new(all, o);
	}
	return all;
}

static bool
is_kpi(const char *name)
{
	for (size_t i = 0; i < KPIS; i++)
		if (strcmp(kpis[i], name) == 0)
			return true;
	return false;
}

/* Figures need a name, a practice and both days. The name may stand in the path. */
void
shapes_kpis(struct sim *sim, struct request *rq, struct answer *an)
{
	static const char *const needed[] = {"practice_id", "startdate", "enddate"};
	const char *kpi =
	    rq->segment_count == 2 ? rq->segment[1] : request_parameter(rq, "kpi_name");
	bool has_figures = rq->segment_count == 2;
	struct page page;
	json_t *all;

	if (!lists_parameters(sim, rq, resource_find("kpis"), &page, an))
		return;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		has_figures |= request_parameter(rq, needed[i]) != NULL;
	if (!has_figures) {
		list_kpis(sim, rq, &page, an);
		return;
	}
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (request_parameter(rq, needed[i]) == NULL) {
			answer_code(an, "API1020", "Missing parameter: %s", needed[i]);
			return;
		}
	if (kpi == NULL || !is_kpi(kpi)) {
		answer_code(an, kpi == NULL ? "API1020" : "API1026", "%s parameter: kpi_name",
		    kpi == NULL ? "Missing" : "Invalid");
		return;
	}
	all = figures(&sim->offices[rq->office], kpi, request_parameter(rq, "practice_id"));
	lists_answer(sim, rq, &page, all, an);
	json_decref(all);
}

/* --- patient360 --------------------------------------------------------------------------------- */

void
shapes_patient(struct sim *sim, struct request *rq, struct answer *an)
{
	static const char *const parts[] = {"patients", "appointments", "transactions",
	    "treatment_plans", "claims", "accounts_receivables", "medical_notes"};
	const struct resource *resource = resource_find("patient360");
	json_t *o = json_object();
	struct page page;

	if (!lists_parameters(sim, rq, resource, &page, an)) {
		json_decref(o);
		return;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		json_object_set_new(o, parts[i],
		    lists_filter(sim, rq, resource, copies_records(sim, rq->office, parts[i])));
	if (json_array_size(json_object_get(o, "patients")) == 0) {
		json_decref(o);
		answer_empty(an);
		return;
	}
	answer_json(an, 200, o);
}

/* --- patient_eligibility_payers ------------------------------------------------------------------- */

/* All of them at once, whatever page is asked for. */
void
shapes_payers(struct sim *sim, struct request *rq, struct answer *an)
{
	const char *name = rq->path + 1;
	struct page page;

	if (!lists_parameters(sim, rq, resource_find(name), &page, an))
		return;
	answer_json(an, 200, json_deep_copy(state_records(sim, rq->office, name)));
}

/* --- payment/transactions ------------------------------------------------------------------------- */

enum { PAYMENT_DAYS = 30 };
static const int64_t day_ms = (int64_t)86400 * 1000;

void
shapes_payments(struct sim *sim, struct request *rq, struct answer *an)
{
	const struct resource *resource = resource_find(rq->path + 1);
	const char *from = request_parameter(rq, "startdate"),
		   *to = request_parameter(rq, "enddate");
	json_t *all = json_array(), *some, *record;
	char days_ago[TIME_TEXT];
	const char *oldest = from;
	struct page page;
	size_t i;

	day_text(days_ago, state_now(sim) / day_ms - PAYMENT_DAYS);
	if (from == NULL)
		oldest = to == NULL ? days_ago : "";
	if (lists_parameters(sim, rq, resource, &page, an)) {
		json_array_foreach(state_records(sim, rq->office, resource->name), i, record)
		{
			const char *day = json_text(record, "transaction_date");

			if (strcmp(day, oldest) >= 0 && (to == NULL || strcmp(day, to) <= 0))
				json_array_append(all, record);
		}
		some = lists_filter(sim, rq, resource, all);
		lists_answer(sim, rq, &page, some, an);
		json_decref(some);
	}
	json_decref(all);
}
