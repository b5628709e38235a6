/* SPDX-License-Identifier: MIT */
/*
 * known: compares the values of a request with the practice's lists. A list that can't be had is warned of
 * and refuses nothing.
 */
#include "commands/known.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/out.h"
#include "base/text.h"
#include "base/time.h"
#include "store/choices.h"
#include "rules/describe.h"
#include "commands/choices_list.h"

#define LOOK_EVERY SK_MINUTE       /* at the state file, which others write, too */
#define ASK_EVERY (10 * SK_MINUTE) /* the server, for the same list */
#define MOST_LISTS 4               /* of one field */

/* A list, as it is known. */
struct list {
	char *office_id; /* NULL: of the application */
	char *source;
	json_t *items;     /* [value, text], at least one; NULL: it isn't known */
	json_t *values;    /* an object whose members are the values */
	int64_t read_at;   /* when the server said so */
	int64_t looked_at; /* when it was looked for in the state file; 0: never */
	int64_t asked_at;  /* when the server was asked, whatever came of it; 0: never */
};

struct sk_known {
	struct sk_session *session;
	struct sk_pool *pool;
	struct list **lists; /* in their order; each stays where it is in memory */
	size_t n, room;
};

/* A request that is being checked. */
struct checking {
	struct sk_known *known;
	const struct sk_rules_input *input;
	const struct sk_practice *practice;
	struct sk_faults *faults, *warnings;
};

struct sk_known *
sk_known_new(struct sk_session *session, struct sk_pool *pool)
{
	struct sk_known *known = sk_mem_zero(1, sizeof(*known));

	known->session = session;
	known->pool = pool;
	return known;
}

void
sk_known_free(struct sk_known *known)
{
	if (known == NULL)
		return;
	for (size_t i = 0; i < known->n; i++) {
		free(known->lists[i]->office_id);
		free(known->lists[i]->source);
		json_decref(known->lists[i]->items);
		json_decref(known->lists[i]->values);
		free(known->lists[i]);
	}
	free(known->lists);
	free(known);
}

/* --- lists ------------------------------------------------------------------------------------ */

/* The application's lists come first, then each office's. */
static int
compare(const struct list *list, const char *office_id, const char *source)
{
	int order = strcmp(list->office_id != NULL ? list->office_id : "",
	    office_id != NULL ? office_id : "");

	return order != 0 ? order : strcmp(list->source, source);
}

static struct list *
find(struct sk_known *known, const char *office_id, const char *source)
{
	size_t from = 0, to = known->n;
	struct list *list;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = compare(known->lists[middle], office_id, source);

		if (order == 0)
			return known->lists[middle];
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	known->lists = sk_mem_grow(known->lists, known->n + 1, &known->room, sizeof(*known->lists));
	memmove(known->lists + from + 1, known->lists + from,
	    (known->n++ - from) * sizeof(*known->lists));
	list = known->lists[from] = sk_mem_zero(1, sizeof(*list));
	list->office_id = sk_mem_copy(office_id);
	list->source = sk_mem_copy(source);
	return list;
}

static const char *
value_of(const json_t *item)
{
	return json_string_value(json_array_get(item, 0));
}

/* Takes the items (taken; may be NULL) as the list's. What is no list of values, or empty, is unknown. */
static void
take(struct list *list, json_t *items, int64_t read_at)
{
	json_t *item;
	size_t i;

	json_decref(list->items);
	json_decref(list->values);
	list->items = NULL;
	list->values = json_object();
	list->read_at = read_at;
	json_array_foreach(items, i, item) if (value_of(item) != NULL)
	    json_object_set_new(list->values, value_of(item), json_true());
	if (json_array_size(items) > 0 && i == json_array_size(items) &&
	    json_object_size(list->values) > 0)
		list->items = items;
	else
		json_decref(items);
}

/* Looks for it in the state file. */
static void
look(struct sk_known *known, struct list *list)
{
	struct sk_kept_choices kept = {0};
	struct sk_error err = {0};
	int64_t now = sk_time_now();
	int found;

	if (list->looked_at != 0 && now >= list->looked_at && now - list->looked_at < LOOK_EVERY)
		return;
	list->looked_at = now;
	found = list->office_id != NULL
	    ? sk_store_choices_get(known->session->store, list->office_id, list->source, 1, &kept,
		  &err)
	    : sk_store_choices_get_latest(known->session->store, list->source, 1, &kept, &err);
	if (found == 1)
		take(list, sk_json_parse(kept.items, strlen(kept.items), NULL), kept.read_at);
	else if (found < 0)
		sk_out_verbose("%s", err.text);
	free(kept.items);
}

static bool
may_ask(const struct sk_known *known, const struct list *list)
{
	int64_t now = sk_time_now();

	return known->pool != NULL &&
	    (list->asked_at == 0 || now < list->asked_at || now - list->asked_at >= ASK_EVERY) &&
	    (list->items == NULL || now < list->read_at || now - list->read_at >= ASK_EVERY);
}

/* Other practices may have the same. */
static void
warn_of_unread(const struct sk_practice *practice, const char *resource, const char *why)
{
	char *where = sk_mem_printf("%s, practice %s", practice->office_id, practice->practice_id);

	sk_out_warn_repeated("practice", where,
	    ": %s can't be read, so values aren't compared with it: %s", resource, why);
	free(where);
}

/* Reads it from the server, which keeps it in the state file, too; choices is taken. */
static void
ask(struct checking *checking, struct list *list, struct sk_choices *choices)
{
	const struct sk_practice *practice = checking->practice;
	struct sk_choices_list reading = {.practice = practice, .choices = *choices, .anew = true};
	struct sk_error err = {0};

	memset(choices, 0, sizeof(*choices));
	list->asked_at = sk_time_now();
	sk_choices_list_begin(checking->known->pool, &reading);
	if (sk_choices_list_finish(&reading, &err) != 0)
		warn_of_unread(practice, reading.choices.resource, err.text);
	else if (reading.is_whole)
		take(list, json_incref(reading.items), sk_time_now());
	sk_choices_list_fini(&reading);
}

/* The list that choices (taken) describes; anew: as the server has it now, if it may be asked. */
static const struct list *
get(struct checking *checking, struct sk_choices *choices, bool anew)
{
	struct list *list;
	bool is_of_all = sk_choices_is_of_application(choices->resource);
	char *source;

	if (!is_of_all)
		sk_choices_restrict(choices, checking->practice->practice_id);
	source = sk_choices_source(choices);
	list = find(checking->known, is_of_all ? NULL : checking->practice->office_id, source);
	free(source);
	look(checking->known, list);
	if ((anew || list->items == NULL) && may_ask(checking->known, list))
		ask(checking, list, choices);
	sk_choices_fini(choices);
	return list;
}

/* Replaces "{…}" in a parameter; false: what stands for it isn't known. */
static bool
resolve(struct checking *checking, char **text)
{
	char *name = sk_mem_copy_bytes(*text + 1, strlen(*text) - 2);
	const char *found = NULL;

	if (strchr(name, '.') != NULL) {
		struct sk_choices own;

		sk_choices_of_practice(&own, name, checking->practice->practice_id);
		found = value_of(json_array_get(get(checking, &own, false)->items, 0));
	} else {
		found = sk_json_string(checking->input->fields, name);
	}
	if (found != NULL)
		sk_mem_replace(text, found);
	free(name);
	return found != NULL;
}

/* The list that choices (taken) describes, with what stands for its parameters; NULL: not known. */
static const struct list *
get_resolved(struct checking *checking, struct sk_choices *choices, bool anew)
{
	const struct list *list;

	for (size_t i = 0; i < choices->n; i++)
		if (choices->values[i][0] == '{' && !resolve(checking, &choices->values[i])) {
			sk_choices_fini(choices);
			return NULL;
		}
	list = get(checking, choices, anew);
	return list->items != NULL ? list : NULL;
}

/* --- a field ---------------------------------------------------------------------------------- */

/* The lists of which any may have a field's values. */
struct search {
	const struct list *lists[MOST_LISTS];
	size_t n;
	bool lacks_list;     /* one of them isn't known */
	int64_t read_at;     /* the oldest of them */
	const char *between; /* what stands between several values */
};

static void
gather(struct checking *checking, const char *field, bool anew, struct search *search)
{
	const struct sk_rules_input *input = checking->input;
	struct sk_choices choices;

	memset(search, 0, sizeof(*search));
	for (size_t nth = 0; nth < MOST_LISTS; nth++) {
		const struct list *list;

		if (!sk_rules_choices(input->operation, field, input->pms, input->version, nth,
			&choices))
			return;
		search->between = choices.between;
		if (choices.is_ruled || sk_choices_is_of_people(choices.resource)) {
			sk_choices_fini(&choices);
			return;
		}
		list = get_resolved(checking, &choices, anew);
		if (list == NULL) {
			search->lacks_list = true;
			continue;
		}
		if (search->n == 0 || list->read_at < search->read_at)
			search->read_at = list->read_at;
		search->lists[search->n++] = list;
	}
}

/* What the lists say of a value. */
enum found { FOUND, OTHERWISE_SPELT, MISSING };

/* What was found of all values of a field; hint: what was probably meant, or NULL. The caller frees it. */
struct verdict {
	enum found found;
	char *hint;
};

/* An item for people: its value, and what that means. */
static char *
item_words(const json_t *item)
{
	const char *text = json_string_value(json_array_get(item, 1));

	return text != NULL ? sk_mem_printf("%s (%s)", value_of(item), text)
			    : sk_mem_copy(value_of(item));
}

/* The item whose value or text this is, in another letter case; NULL: none. */
static const json_t *
alike(const struct list *list, const char *value, size_t member)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list->items, i, item)
	{
		const char *text = json_string_value(json_array_get(item, member));

		if (text != NULL && strcasecmp(text, value) == 0)
			return item;
	}
	return NULL;
}

/* The item that is nearest to a value that no list has: by its text, or else by its spelling. */
static char *
nearest(const struct search *search, const char *value)
{
	struct sk_near near = {.word = value};
	const json_t *item;
	size_t i;

	for (size_t k = 0; k < search->n; k++) {
		item = alike(search->lists[k], value, 1);
		if (item != NULL)
			return item_words(item);
		json_array_foreach(search->lists[k]->items, i, item)
		    sk_near_add(&near, value_of(item), strlen(value_of(item)));
	}
	return near.name != NULL ? sk_mem_copy_bytes(near.name, near.length) : NULL;
}

static void
judge_value(const struct search *search, const char *value, struct verdict *verdict)
{
	const json_t *item = NULL;

	for (size_t k = 0; k < search->n; k++)
		if (json_object_get(search->lists[k]->values, value) != NULL)
			return;
	for (size_t k = 0; k < search->n && item == NULL; k++)
		item = alike(search->lists[k], value, 0);
	if (item != NULL && verdict->found != FOUND)
		return;
	verdict->found = item != NULL ? OTHERWISE_SPELT : MISSING;
	free(verdict->hint);
	verdict->hint = item != NULL ? sk_mem_copy(value_of(item)) : nearest(search, value);
}

/* Judges each value of a text. The worst counts: the first that is missing, or else one that is spelt otherwise. */
static struct verdict
judge(const struct search *search, const char *text)
{
	struct verdict verdict = {FOUND, NULL};

	while (*text != '\0' && verdict.found != MISSING) {
		bool is_single = *search->between == '\0';
		size_t n = is_single ? strlen(text) : strcspn(text, search->between);
		size_t blank = strspn(text, " \t\r\n"), to = n;
		size_t from = is_single && blank < n ? 0 : blank;
		char *value;

		while (!is_single && to > from && text[to - 1] == ' ')
			to--;
		value = from < to ? sk_mem_copy_bytes(text + from, to - from) : NULL;
		if (value != NULL)
			judge_value(search, value, &verdict);
		free(value);
		text += n + (text[n] != '\0');
	}
	return verdict;
}

static void
tell(struct checking *checking, const char *field, const struct search *search,
    const struct verdict *verdict)
{
	int64_t age = sk_time_now() - search->read_at;
	bool is_sure = age < SK_CHOICES_KEPT && !search->lacks_list;
	char words[SK_TIME_WORDS];

	sk_time_words(age > 0 ? age : 0, words);
	if (verdict->found == OTHERWISE_SPELT)
		sk_faults_add(checking->warnings, field, "choices",
		    "the practice spells it otherwise: %s", verdict->hint);
	else if (verdict->found == MISSING)
		sk_faults_add(is_sure ? checking->faults : checking->warnings, field, "choices",
		    "%s in the practice's list%s, which was read %s ago%s%s%s%s",
		    *search->between != '\0' ? "has a value that isn't" : "isn't",
		    search->lacks_list ? " (another list may have it)" : "", words,
		    verdict->hint != NULL ? "; did you mean " : "",
		    verdict->hint != NULL ? verdict->hint : "", verdict->hint != NULL ? "?" : "",
		    checking->known->pool != NULL ? ""
			: verdict->hint != NULL   ? " --check-choices reads it again"
						  : "; --check-choices reads it again");
}

static void
check_field(struct checking *checking, const char *field, const char *text)
{
	struct search search;
	struct verdict verdict;

	gather(checking, field, false, &search);
	if (search.n == 0)
		return;
	verdict = judge(&search, text);
	if (verdict.found == MISSING && checking->known->pool != NULL) {
		free(verdict.hint);
		gather(checking, field, true, &search);
		verdict = judge(&search, text);
	}
	tell(checking, field, &search, &verdict);
	free(verdict.hint);
}

json_t *
sk_known_values(struct sk_known *known, const struct sk_rules_input *input,
    const struct sk_practice *practice, const char *field, const char **between)
{
	struct checking checking = {known, input, practice, NULL, NULL};
	struct search search;
	json_t *all, *item, *values;
	size_t i;

	gather(&checking, field, true, &search);
	if (search.n == 0 || search.lacks_list)
		return NULL;
	*between = search.between;
	all = json_object();
	values = json_array();
	for (size_t k = 0; k < search.n; k++)
		json_array_foreach(search.lists[k]->items, i, item)
		{
			if (json_object_get(all, value_of(item)) != NULL)
				continue;
			json_object_set_new(all, value_of(item), json_true());
			json_array_append(values, json_array_get(item, 0));
		}
	json_decref(all);
	return values;
}

/* --- the system ------------------------------------------------------------------------------- */

static bool
find_supported(struct checking *checking, struct sk_supported *supported)
{
	const char *column = sk_supported_column(checking->input->operation);
	struct sk_choices choices;
	const struct list *list;

	memset(supported, 0, sizeof(*supported));
	if (column == NULL || checking->input->pms == NULL)
		return false;
	sk_supported_choices(&choices);
	list = get(checking, &choices, false);
	if (list->items == NULL)
		return false;
	sk_supported_find(list->items, column, checking->input->pms, checking->input->version,
	    supported);
	return true;
}

bool
sk_known_supported(struct sk_known *known, const struct sk_rules_input *input,
    const struct sk_practice *practice, struct sk_supported *supported)
{
	struct checking checking = {known, input, practice, NULL, NULL};

	return find_supported(&checking, supported);
}

char *
sk_known_supported_words(const struct sk_supported *supported, const char *pms, const char *version)
{
	bool has_version = version != NULL && *version != '\0';
	char *system =
	    sk_mem_printf("%s%s%s", pms, has_version ? " " : "", has_version ? version : "");
	/* That a system takes it since its own version isn't worth saying. */
	bool has_first = supported->first != NULL &&
	    !(supported->is_available && has_version && strcmp(supported->first, version) == 0);
	char *words;

	if (!supported->is_listed)
		words = sk_mem_printf("the vendor's list of systems doesn't have %s", system);
	else
		words = sk_mem_printf("the vendor's list of systems %s that %s takes this%s%s",
		    supported->is_available ? "says" : "doesn't say", system,
		    has_first ? "; its first version that does is " : "",
		    has_first ? supported->first : "");
	free(system);
	return words;
}

/* The list may lag behind what the vendor does, so that it only warns. */
static void
check_system(struct checking *checking)
{
	struct sk_supported supported;
	char *words;

	if (find_supported(checking, &supported) && supported.is_listed &&
	    !supported.is_available) {
		words = sk_known_supported_words(&supported, checking->input->pms,
		    checking->input->version);
		sk_faults_add(checking->warnings, "operation", "supported", "%s", words);
		free(words);
	}
	sk_supported_fini(&supported);
}

void
sk_known_check(struct sk_known *known, const struct sk_rules_input *input,
    const struct sk_practice *practice, struct sk_faults *faults, struct sk_faults *warnings)
{
	struct checking checking = {known, input, practice, faults, warnings};
	/* jansson's iterators take an object without const, but don't change it. */
	json_t *fields = (json_t *)(uintptr_t)input->fields, *value;
	const char *name;

	check_system(&checking);
	json_object_foreach(fields, name, value) if (strcmp(name, "practice_id") != 0 &&
	    json_is_string(value)) check_field(&checking, name, json_string_value(value));
}
