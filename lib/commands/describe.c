/* SPDX-License-Identifier: MIT */
/*
 * describe: which practice's rules are meant, and printing them. Needs no server; without a state
 * file the general rules are printed.
 */
#include "commands/describe.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"
#include "rules/describe.h"
#include "commands/known.h"
#include "commands/request.h"

const struct sk_practice **
sk_describe_practices(const struct sk_directory *places, const char *practice_id, size_t *n,
    struct sk_error *err)
{
	const struct sk_practice **list = sk_directory_practices(places, practice_id, n);

	if (*n > 0 || (practice_id == NULL && places->common->n_offices == 0))
		return list;
	free(list);
	list = sk_directory_practices(places, NULL, n);
	if (*n > 0)
		sk_error_set(err, SK_EXIT_USAGE,
		    "there is no practice %s: sikka-authorize shows those that there are",
		    practice_id);
	else if (places->common->n_offices > 0)
		sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "office %s isn't authorized: run sikka-authorize", places->common->offices[0]);
	else
		sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "no office is authorized: run sikka-authorize");
	free(list);
	return NULL;
}

/* The practices that are described. practice: whose rules hold for all of them; NULL: the general rules. */
struct chosen {
	const struct sk_practice **list;
	size_t n;
	const struct sk_practice *practice;
};

static int
choose(const struct sk_directory *places, const struct sk_describe_options *options,
    struct chosen *chosen, struct sk_error *err)
{
	const struct sk_practice **list;

	chosen->list = list = sk_describe_practices(places, options->practice_id, &chosen->n, err);
	if (list == NULL)
		return -1;
	chosen->practice = chosen->n > 0 ? list[0] : NULL;
	for (size_t i = 1; i < chosen->n && chosen->practice != NULL; i++)
		if (!sk_text_equal(sk_rules_pms(list[0]->pms, list[0]->pms_version),
			sk_rules_pms(list[i]->pms, list[i]->pms_version))) {
			sk_out_warn(
			    "the practices have different systems, so these are the general rules; "
			    "choose a practice with --office and practice_id=ID");
			chosen->practice = NULL;
		}
	return 0;
}

static void
warn_of_refusal(const struct sk_operation *operation, const struct sk_practice *practice)
{
	char *refusal = practice != NULL
	    ? sk_rules_refusal(operation, practice->pms, practice->pms_version)
	    : NULL;

	if (refusal != NULL)
		sk_out_warn("%s", refusal);
	free(refusal);
}

/* Prints each record of an array (taken). */
static int
tell_all(json_t *rows, struct sk_error *err)
{
	json_t *row;
	size_t i;
	int result = 0;

	json_array_foreach(rows, i, row) if (result == 0) result = sk_out_record(row, err);
	json_decref(rows);
	return result;
}

static json_t *
summaries(void)
{
	size_t n;
	const char *const *names = sk_rules_names(&n);
	json_t *rows = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(rows, sk_rules_summary(sk_rules_find(names[i])));
	return rows;
}

/* Which rules these are: the server's name of the system isn't always the rules'. */
static void
tell_system(const struct sk_session *session, const struct sk_practice *practice)
{
	const char *name, *version;

	if (practice == NULL || practice->pms == NULL)
		return;
	name = sk_rules_pms(practice->pms, practice->pms_version);
	version = practice->pms_version != NULL ? practice->pms_version : "";
	sk_out_warn("practice %s of office %s is judged %s%s: %s calls its system \"%s%s%s\"",
	    practice->practice_id, practice->office_id,
	    name != NULL ? "as " : "by the general rules", name != NULL ? name : "",
	    practice->has_set_pms ? sk_config_source(&session->config, "pms") : "the server",
	    practice->pms, *version != '\0' ? " " : "", version);
}

/* What the vendor's own list of systems says of it, where that is known. */
static void
tell_supported(const struct sk_describe_options *options, const struct sk_practice *practice)
{
	struct sk_rules_input input = {.operation = options->operation};
	struct sk_supported supported;
	char *words;

	if (practice == NULL || practice->pms == NULL)
		return;
	input.pms = practice->pms;
	input.version = practice->pms_version;
	if (sk_known_supported(options->known, &input, practice, &supported)) {
		words = sk_known_supported_words(&supported, input.pms, input.version);
		sk_out_warn("%s", words);
		free(words);
	}
	sk_supported_fini(&supported);
}

int
sk_describe(struct sk_session *session, const struct sk_describe_options *options,
    struct sk_error *err)
{
	const struct sk_practice *practice;
	struct sk_directory places = {0};
	struct chosen chosen = {0};
	int result = -1;

	if (options->operation == NULL)
		return tell_all(summaries(), err);
	if (sk_directory_read(session, &places, err) == 0 &&
	    choose(&places, options, &chosen, err) == 0) {
		practice = chosen.practice;
		tell_system(session, practice);
		warn_of_refusal(options->operation, practice);
		tell_supported(options, practice);
		result = tell_all(sk_rules_describe(options->operation,
				      practice != NULL ? practice->pms : NULL,
				      practice != NULL ? practice->pms_version : NULL),
		    err);
	}
	free(chosen.list);
	sk_directory_fini(&places);
	return result;
}

/* The schema, with what is known of the practices. The caller's; NULL with err. */
static json_t *
schema_of(const struct sk_describe_options *options, const struct sk_directory *places,
    const struct chosen *chosen, struct sk_error *err)
{
	const struct sk_practice *practice = chosen->practice;
	const struct sk_rules_input input = {.operation = options->operation,
	    .pms = practice != NULL ? practice->pms : NULL,
	    .version = practice != NULL ? practice->pms_version : NULL};
	json_t *schema;

	if (options->with_choices && chosen->n != 1) {
		sk_error_set(err, SK_EXIT_USAGE,
		    "--with-choices shows the lists of one practice: choose it with --office and "
		    "practice_id=ID");
		return NULL;
	}
	schema = sk_rules_schema(options->operation, input.pms, input.version);
	if (practice != NULL)
		sk_describe_places(schema, places, chosen->list, chosen->n);
	if (options->with_choices)
		sk_describe_values(schema, options->known, &input, practice);
	return schema;
}

int
sk_describe_schema(struct sk_session *session, const struct sk_describe_options *options,
    struct sk_error *err)
{
	struct sk_directory places = {0};
	struct chosen chosen = {0};
	json_t *schema = NULL;
	char *text, *line;
	int result = -1;

	if (sk_directory_read(session, &places, err) == 0 &&
	    choose(&places, options, &chosen, err) == 0) {
		warn_of_refusal(options->operation, chosen.practice);
		tell_supported(options, chosen.practice);
		schema = schema_of(options, &places, &chosen, err);
	}
	if (schema != NULL) {
		text = json_dumps(schema, JSON_INDENT(2));
		line = sk_mem_printf("%s\n", text);
		result = sk_out_text(line, err);
		free(line);
		free(text);
	}
	json_decref(schema);
	free(chosen.list);
	sk_directory_fini(&places);
	return result;
}

/* The example's envelope (office, practice, operation) before its fields. */
static json_t *
example_of(const struct sk_operation *operation, const struct sk_practice *practice)
{
	json_t *request = json_object();
	json_t *fields = sk_rules_example(operation, practice != NULL ? practice->pms : NULL,
	    practice != NULL ? practice->pms_version : NULL);

	if (practice != NULL) {
		sk_json_set(request, "office_id", practice->office_id);
		sk_json_set(fields, "practice_id", practice->practice_id);
	}
	sk_json_set(request, "operation", sk_rules_name(operation));
	json_object_update(request, fields);
	json_decref(fields);
	return request;
}

int
sk_describe_example(struct sk_session *session, const struct sk_describe_options *options,
    struct sk_error *err)
{
	const struct sk_practice **list = NULL, *practice;
	struct sk_directory places = {0};
	json_t *request;
	char *refusal;
	size_t n = 0;
	int result = -1;

	if (sk_directory_read(session, &places, err) == 0)
		list = sk_describe_practices(&places, options->practice_id, &n, err);
	if (list == NULL)
		goto out;
	practice = n > 0 ? list[0] : NULL;
	refusal = practice != NULL
	    ? sk_rules_refusal(options->operation, practice->pms, practice->pms_version)
	    : NULL;
	if (refusal != NULL) {
		sk_error_set(err, SK_EXIT_BAD_DATA, "%s", refusal);
	} else {
		request = example_of(options->operation, practice);
		result = sk_out_record(request, err);
		json_decref(request);
	}
	free(refusal);
out:
	free(list);
	sk_directory_fini(&places);
	return result;
}
