/* SPDX-License-Identifier: MIT */
/* access: reads /practice_location of each office, side by side, and tells its records in order. */
#include "commands/access.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/out.h"
#include "base/time.h"
#include "store/offices.h"
#include "store/served.h"
#include "calls/pages.h"

#define PAGE 500
#define MOST_BYTES ((size_t)4 << 20) /* of one office's list */

const struct sk_column SK_ACCESS_COLUMNS[] = {{"office_id", 1, false, 0},
    {"practice_id", 1, false, 0}, {"practice_name", 2, true, 0}, {"access", 1, false, 0},
    {"address", 4, true, 0}, {"city", 3, true, 0}, {"state", 5, false, 0}, {"zip", 6, false, 0},
    {0}};

/* What is asked of one office. */
struct asking {
	char *office_id;
	struct sk_api_parameter parameter;
	struct sk_pages pages;
	json_t *found; /* the server's objects */
};

/* --- asking ----------------------------------------------------------------------------------- */

static void
begin(struct sk_pool *pool, struct asking *asking)
{
	asking->found = json_array();
	asking->parameter = (struct sk_api_parameter){"office_id", asking->office_id};
	asking->pages = (struct sk_pages){.kind = SK_CALL_READ,
	    .path = "/practice_location",
	    .parameters = &asking->parameter,
	    .n_parameters = 1,
	    .page_size = PAGE,
	    .most = MOST_BYTES,
	    .record = sk_pages_collect,
	    .arg = asking->found};
	sk_pages_begin(pool, &asking->pages);
}

/* The ids of the offices to ask: *n texts, the caller's. NULL with err. */
static char **
choose(struct sk_session *session, size_t *n, struct sk_error *err)
{
	const struct sk_common *common = session->common;
	struct sk_office *offices;
	size_t known;
	char **ids;

	if (sk_served_refuse_named(session, err) != 0 ||
	    sk_store_offices(session->store, &offices, &known, err) != 0)
		return NULL;
	ids = sk_mem_zero(common->n_offices + known + 1, sizeof(*ids));
	*n = 0;
	for (size_t i = 0; i < common->n_offices; i++)
		ids[(*n)++] = sk_mem_copy(common->offices[i]);
	for (size_t i = 0; i < known && common->n_offices == 0; i++)
		if (offices[i].status != SK_OFFICE_REVOKED &&
		    sk_served_has(session, offices[i].office_id))
			ids[(*n)++] = sk_mem_copy(offices[i].office_id);
	sk_offices_free(offices, known);
	return ids;
}

/* --- telling ---------------------------------------------------------------------------------- */

/* "on" or "off", however it is spelled; NULL: the record doesn't say it in a way that is known. */
static const char *
access_of(const json_t *listed)
{
	static const char *const members[] = {"access", "access_status"};
	static const char *const words[][2] = {{"on", "on"}, {"true", "on"}, {"off", "off"},
	    {"false", "off"}};
	const char *found = NULL;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && found == NULL; i++) {
		char *text = sk_json_member_text(listed, members[i]);

		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]) && text != NULL; k++)
			if (strcasecmp(text, words[k][0]) == 0)
				found = words[k][1];
		free(text);
	}
	return found;
}

static void
set_member(json_t *record, const char *name, const json_t *listed)
{
	char *text = sk_json_member_text(listed, name);

	sk_json_set(record, name, text != NULL && *text != '\0' ? text : NULL);
	free(text);
}

/* Other offices may have the same. */
static void
warn(const struct asking *asking, const char *unit, const char *text)
{
	char *where = sk_mem_printf("office %s", asking->office_id);

	sk_out_warn_repeated(unit, where, ": %s", text);
	free(where);
}

static int
tell_location(const struct asking *asking, const json_t *listed, struct sk_error *err)
{
	static const char *const address[] = {"address", "city", "state", "zip"};
	const char *access = access_of(listed);
	json_t *record = json_object();
	int result;

	sk_json_set(record, "office_id", asking->office_id);
	set_member(record, "practice_id", listed);
	set_member(record, "practice_name", listed);
	sk_json_set(record, "access", access);
	for (size_t i = 0; i < sizeof(address) / sizeof(address[0]); i++)
		set_member(record, address[i], listed);
	if (access == NULL)
		warn(asking, "location",
		    "the server doesn't say of a location whether it is on: look in the vendor's "
		    "portal");
	result = sk_out_record(record, err);
	json_decref(record);
	return result;
}

/* -1 when no record can be written any more. */
static int
tell_office(const struct asking *asking, struct sk_error *err)
{
	const json_t *listed;
	size_t i;

	if (json_array_size(asking->found) == 0)
		warn(asking, "office", "the server lists no location");
	else if (!sk_api_pages_whole(&asking->pages.list))
		warn(asking, "office",
		    "the list of locations changed while it was read, so some may be missing");
	json_array_foreach(asking->found, i, listed)
	{
		if (tell_location(asking, listed, err) != 0)
			return -1;
	}
	return 0;
}

static void
note(struct sk_error *err, enum sk_exit *exit, const char *office_id, const struct sk_error *why)
{
	*exit = sk_exit_worse(*exit, why->code);
	if (err->code == 0)
		sk_error_set(err, why->code, "office %s: %s", office_id, why->text);
	else
		sk_out_tell("office %s: %s", office_id, why->text);
}

enum sk_exit
sk_access(struct sk_pool *pool, struct sk_error *err)
{
	size_t n = 0;
	char **ids = choose(sk_pool_session(pool), &n, err);
	struct asking *askings;
	enum sk_exit exit = SK_EXIT_OK;
	int result = 0;

	if (ids == NULL)
		return err->code;
	askings = sk_mem_zero(n + 1, sizeof(*askings));
	for (size_t i = 0; i < n; i++) {
		askings[i].office_id = ids[i];
		begin(pool, &askings[i]);
	}
	for (size_t i = 0; i < n; i++) {
		while (!askings[i].pages.is_done)
			sk_pool_turn(pool, SK_MINUTE, -1);
		if (askings[i].pages.error.code != 0)
			note(err, &exit, ids[i], &askings[i].pages.error);
		else if (result == 0)
			result = tell_office(&askings[i], err);
	}
	if (result != 0)
		exit = sk_exit_worse(exit, err->code);
	for (size_t i = 0; i < n; i++) {
		sk_pages_fini(&askings[i].pages);
		json_decref(askings[i].found);
		free(ids[i]);
	}
	free(askings);
	free(ids);
	return exit;
}
