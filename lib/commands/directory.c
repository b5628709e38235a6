/* SPDX-License-Identifier: MIT */
/* directory: the offices and practices of the state file, by what may be meant with a request. */
#include "commands/directory.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/options.h"
#include "store/served.h"

/* The rules go by the setting pms, where there is one for the practice. */
static void
take_settings(const struct sk_config *config, struct sk_practice *practice)
{
	char *pms = sk_config_pms(config, practice->office_id, practice->practice_id);

	if (pms == NULL)
		return;
	free(practice->pms);
	free(practice->pms_version);
	practice->pms = pms;
	practice->pms_version = NULL;
	practice->has_set_pms = true;
}

int
sk_directory_read(struct sk_session *session, struct sk_directory *places, struct sk_error *err)
{
	memset(places, 0, sizeof(*places));
	places->common = session->common;
	places->session = session;
	if (session->store == NULL)
		return 0;
	if (sk_store_offices(session->store, &places->offices, &places->n_offices, err) != 0)
		return -1;
	if (sk_store_practices(session->store, NULL, &places->practices, &places->n_practices,
		err) != 0)
		return -1;
	for (size_t i = 0; i < places->n_practices; i++)
		take_settings(&session->config, &places->practices[i]);
	return 0;
}

void
sk_directory_fini(struct sk_directory *places)
{
	sk_offices_free(places->offices, places->n_offices);
	sk_practices_free(places->practices, places->n_practices);
	memset(places, 0, sizeof(*places));
}

static int
compare_office(const void *office_id, const void *office)
{
	return strcmp(office_id, ((const struct sk_office *)office)->office_id);
}

const struct sk_office *
sk_directory_office(const struct sk_directory *places, const char *office_id)
{
	return places->n_offices == 0 ? NULL
				      : bsearch(office_id, places->offices, places->n_offices,
					    sizeof(places->offices[0]), compare_office);
}

const struct sk_practice *
sk_directory_of_office(const struct sk_directory *places, const char *office_id, size_t *n)
{
	size_t from = 0, to = places->n_practices, end;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (strcmp(places->practices[middle].office_id, office_id) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (end = from;
	     end < places->n_practices && strcmp(places->practices[end].office_id, office_id) == 0;
	     end++)
		;
	*n = end - from;
	return *n > 0 ? &places->practices[from] : NULL;
}

bool
sk_directory_is_active(const struct sk_practice *practice)
{
	return practice->status == SK_OFFICE_ACTIVE;
}

/*
 * One whose keys were refused counts as well: otherwise a request that names no office would go to another
 * one for as long as that lasts.
 */
static bool
is_there(const struct sk_office *office)
{
	return office->status != SK_OFFICE_REVOKED && office->status != SK_OFFICE_HELD;
}

const struct sk_office *
sk_directory_only_office(const struct sk_directory *places, size_t *n)
{
	const struct sk_office *only = NULL;

	*n = 0;
	for (size_t i = 0; i < places->n_offices; i++) {
		const struct sk_office *office = &places->offices[i];

		if (!is_there(office) || !sk_served_has(places->session, office->office_id) ||
		    !sk_options_wants_office(places->common, office->office_id))
			continue;
		only = office;
		++*n;
	}
	return *n == 1 ? only : NULL;
}

const struct sk_practice **
sk_directory_practices(const struct sk_directory *places, const char *practice_id, size_t *n)
{
	const struct sk_practice **list = sk_mem_zero(places->n_practices + 1, sizeof(*list));

	*n = 0;
	for (size_t i = 0; i < places->n_practices; i++) {
		const struct sk_practice *practice = &places->practices[i];
		const struct sk_office *office = sk_directory_office(places, practice->office_id);

		if (office != NULL && is_there(office) && sk_directory_is_active(practice) &&
		    sk_served_has(places->session, practice->office_id) &&
		    sk_options_wants_office(places->common, practice->office_id) &&
		    (practice_id == NULL || strcmp(practice->practice_id, practice_id) == 0))
			list[(*n)++] = practice;
	}
	return list;
}
