/* SPDX-License-Identifier: MIT */
/*
 * api: what the server says of a writeback, read from /writeback_status and from the list. Whatever
 * isn't said clearly counts as not said, so that the row stays as it is.
 */
#include "api/writeback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"

static const char *
id_of(const json_t *item, const char *name, char number[SK_API_NUMBER])
{
	const json_t *value = json_object_get(item, name);

	if (!json_is_integer(value))
		return sk_json_string(item, name);
	snprintf(number, 24, "%lld", (long long)json_integer_value(value));
	return number;
}

static bool
is_about(const json_t *item, const char *id)
{
	char number[SK_API_NUMBER];
	const char *its = id_of(item, "id", number);

	return its != NULL && strcmp(its, id) == 0;
}

json_t *
sk_api_status_item(struct sk_api_reply *reply, const char *id)
{
	struct sk_api_records records = reply->records;
	json_t *item = reply->json;

	while (json_array_size(item) == 1)
		item = json_array_get(item, 0);
	if (!records.is_list)
		return is_about(item, id) ? json_incref(item) : NULL;
	while ((item = sk_api_records_next(&records)) != NULL && !is_about(item, id))
		json_decref(item);
	reply->records.repairs = records.repairs;
	reply->records.n_unread = records.n_unread;
	return item;
}

static bool
is_word(const char *text, const char *word)
{
	return text != NULL && strcasecmp(text, word) == 0;
}

static bool
is_blank(const json_t *value)
{
	const char *text = json_string_value(value);

	return value == NULL || json_is_null(value) || (text != NULL && text[0] == '\0');
}

/* --- how it stands ------------------------------------------------------------------------------ */

/* What single members say. */
enum {
	SAYS_PENDING = 1 << 0,
	SAYS_ENDED = 1 << 1, /* well or badly */
	SAYS_WELL = 1 << 2,
	SAYS_NO_ERROR = 1 << 3, /* which it says while it is pending, too */
	SAYS_BADLY = 1 << 4,
	SAYS_NEITHER = 1 << 5, /* it was cancelled */
	SAYS_ODD = 1 << 6      /* something that nobody understands */
};
#define ANY_END (SAYS_ENDED | SAYS_WELL | SAYS_BADLY | SAYS_NEITHER)

static unsigned
said_by_word(const char *word)
{
	static const struct {
		const char *word;
		unsigned says;
	} words[] = {
	    {"pending", SAYS_PENDING},
	    {"success", SAYS_WELL},
	    {"completed", SAYS_ENDED},
	    {"failed", SAYS_BADLY},
	    {"error", SAYS_BADLY},
	    {"cancelled", SAYS_NEITHER},
	    {"canceled", SAYS_NEITHER},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_word(word, words[i].word))
			return words[i].says;
	return 0;
}

/*
 * Reads {"id":"12345","result":"pending"}, and what the list says in that dialect. A word of the other
 * dialect's status isn't clear here: it may be the text of a PMS.
 */
static enum sk_said
said_by_result(const char *result)
{
	if (is_word(result, "pending"))
		return SK_SAID_PENDING;
	if (is_word(result, "completed"))
		return SK_SAID_COMPLETED;
	if (is_word(result, "failed"))
		return SK_SAID_FAILED;
	return said_by_word(result) != 0 ? SK_SAID_ENDED : SK_SAID_NOTHING;
}

static unsigned
said_by_truth(const json_t *value, unsigned if_true, unsigned if_false)
{
	int truth = sk_json_truth(value);

	if (truth == 1)
		return if_true;
	if (truth == 0)
		return if_false;
	return is_blank(value) ? 0 : SAYS_ODD;
}

static unsigned
said_by_members(const json_t *item)
{
	const json_t *status = json_object_get(item, "status");
	unsigned says = said_by_word(json_string_value(status));

	says |= says == 0 && !is_blank(status) ? SAYS_ODD : 0;
	says |= said_by_truth(json_object_get(item, "is_completed"), SAYS_ENDED, 0);
	says |= said_by_truth(json_object_get(item, "has_error"), SAYS_BADLY, SAYS_NO_ERROR);
	return says;
}

static bool
is_twice(const json_t *item)
{
	return json_is_array(json_object_get(item, "is_completed")) ||
	    json_is_array(json_object_get(item, "has_error")) ||
	    json_is_array(json_object_get(item, "status"));
}

/*
 * Of an end that isn't told clearly, or against which something else speaks, nobody knows what became of the
 * request: sikka-api(7), Status.
 */
static enum sk_said
said_by_status(const json_t *item)
{
	int is_completed = sk_json_truth(json_object_get(item, "is_completed"));
	unsigned says = said_by_members(item);
	/* The text of the PMS may be any. Only one that is a single word of these can speak against an end. */
	unsigned all = says | said_by_word(sk_json_string(item, "result"));
	unsigned against_well = SAYS_PENDING | SAYS_BADLY | SAYS_NEITHER;
	unsigned against_badly = SAYS_PENDING | SAYS_WELL | SAYS_NO_ERROR | SAYS_NEITHER;

	/* One of them stands there twice, and says two things. */
	if (is_twice(item))
		return SK_SAID_NOTHING;
	if (json_object_get(item, "is_completed") == NULL &&
	    json_object_get(item, "has_error") == NULL && json_object_get(item, "status") == NULL)
		return said_by_result(sk_json_string(item, "result"));
	if (is_completed == 1 && (says & (SAYS_WELL | SAYS_NO_ERROR)) != 0 &&
	    (all & against_well) == 0)
		return SK_SAID_COMPLETED;
	if ((says & SAYS_BADLY) != 0 && (all & against_badly) == 0)
		return SK_SAID_FAILED;
	if ((all & ANY_END) != 0)
		return SK_SAID_ENDED;
	if ((says & SAYS_ODD) != 0)
		return SK_SAID_NOTHING;
	if ((says & SAYS_PENDING) != 0 || json_object_get(item, "is_completed") != NULL)
		return SK_SAID_PENDING;
	return SK_SAID_NOTHING;
}

/*
 * What a person should read of it: the text of the PMS. Where that is only a word of how it stands, there may
 * be more in another member.
 */
static const char *
text_of(const json_t *item)
{
	static const char *const others[] = {"error_message", "current_status"};
	const char *result = sk_json_string(item, "result"), *other;

	if (result != NULL && said_by_word(result) == 0)
		return result;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		other = sk_json_string(item, others[i]);
		if (other != NULL && (i == 0 || result == NULL))
			return other;
	}
	return result;
}

/* The seconds of a time in a body: 2020-09-23T04:00:28, 2020-12-04 13:51:34. Its zone is left out. */
static int
read_seconds(const char *text, int64_t *moment)
{
	char whole[] = "2020-09-23T04:00:28Z";
	size_t n = sizeof(whole) - 2;

	if (strlen(text) < n || (text[10] != 'T' && text[10] != ' '))
		return -1;
	memcpy(whole, text, n);
	whole[10] = 'T';
	return sk_time_parse(whole, moment);
}

/*
 * How long it took, by two times of the same record: whatever their zone is, it is the same. Nothing is told
 * by our own clock, which only knows when we looked.
 */
static int64_t
time_between(const json_t *item, const char *from, const char *to)
{
	const char *began = sk_json_string(item, from), *ended = sk_json_string(item, to);
	int64_t first, last;

	if (began == NULL || ended == NULL || read_seconds(began, &first) != 0 ||
	    read_seconds(ended, &last) != 0 || last < first)
		return 0;
	return last > first ? last - first : 1;
}

void
sk_api_read_status(const json_t *item, struct sk_api_status *status)
{
	memset(status, 0, sizeof(*status));
	if (!json_is_object(item))
		return;
	status->said = said_by_status(item);
	status->id = id_of(item, "id", status->numbers[0]);
	status->text = text_of(item);
	/* Where it says nothing else of an unclear end, this is what contradicts. */
	if (status->text == NULL && status->said == SK_SAID_ENDED)
		status->text = sk_json_string(item, "status");
	status->created_id = id_of(item, "created_id", status->numbers[1]);
	status->appointment_sr_no = id_of(item, "appointment_sr_no", status->numbers[2]);
	status->patient_id = id_of(item, "patient_id", status->numbers[3]);
	status->took = time_between(item, "request_time", "completed_time");
}

/*
 * The text is the PMS's own. With a completed_time the request has ended; how it ended is for writeback_status
 * to say. So it is for a time beside "pending", which contradict each other.
 */
static enum sk_said
said_by_entry(const json_t *item)
{
	const char *result = sk_json_string(item, "result");
	enum sk_said said = said_by_result(result), more = SK_SAID_NOTHING;
	bool has_time = sk_json_string(item, "completed_time") != NULL;

	/* The documents have these in writeback_status only. */
	if (json_object_get(item, "is_completed") != NULL)
		more = said_by_status(item);
	if (more != SK_SAID_NOTHING && more != SK_SAID_PENDING)
		return more;
	if (result != NULL && has_time && (said == SK_SAID_NOTHING || said == SK_SAID_PENDING))
		return SK_SAID_ENDED;
	return said;
}

int
sk_api_read_listed(const json_t *item, struct sk_api_listed *listed)
{
	const char *echo;

	memset(listed, 0, sizeof(*listed));
	listed->id = id_of(item, "id", listed->numbers[0]);
	if (listed->id == NULL)
		return -1;
	echo = sk_json_string(item, "api_request_body");
	listed->echo = echo != NULL ? echo : "";
	listed->office_id = id_of(item, "office_id", listed->numbers[1]);
	listed->method = sk_json_string(item, "method");
	listed->api_name = sk_json_string(item, "api_name");
	listed->text = text_of(item);
	listed->command_time = sk_json_string(item, "command_time");
	listed->took = time_between(item, "command_time", "completed_time");
	listed->said = said_by_entry(item);
	return 0;
}

static size_t
room_for(const char *text)
{
	return text != NULL ? strlen(text) + 1 : 0;
}

/* The copy of the text at *at, behind which the next one goes. */
static const char *
put_text(char **at, const char *text)
{
	size_t room = room_for(text);
	char *put = *at;

	if (text == NULL)
		return NULL;
	memcpy(put, text, room);
	*at += room;
	return put;
}

void
sk_api_keep_listed(const struct sk_api_listed *listed, struct sk_api_listed *kept)
{
	char *at = sk_mem_alloc(room_for(listed->id) + room_for(listed->office_id) +
	    room_for(listed->method) + room_for(listed->api_name) + room_for(listed->echo) +
	    room_for(listed->text) + room_for(listed->command_time) + 1);

	*kept = (struct sk_api_listed){.said = listed->said, .took = listed->took, .kept = at};
	kept->id = put_text(&at, listed->id);
	kept->office_id = put_text(&at, listed->office_id);
	kept->method = put_text(&at, listed->method);
	kept->api_name = put_text(&at, listed->api_name);
	kept->echo = put_text(&at, listed->echo);
	kept->text = put_text(&at, listed->text);
	kept->command_time = put_text(&at, listed->command_time);
}

void
sk_api_listed_fini(struct sk_api_listed *listed)
{
	free(listed->kept);
	memset(listed, 0, sizeof(*listed));
}

/* Part of a text. */
struct span {
	const char *text;
	size_t n;
};

/*
 * The bare name of an api, without method, slashes and plural s: "PATCH appointments" and
 * "/appointments/374" both give "appointment".
 */
static struct span
stem(const char *name, size_t n)
{
	struct span stem = {name, n};
	size_t i;

	for (i = 0; i < n; i++) {
		if (name[i] == ' ') {
			stem.text = name + i + 1;
			stem.n = n - i - 1;
		}
	}
	if (stem.n > 0 && stem.text[0] == '/') {
		stem.text++;
		stem.n--;
	}
	i = 0;
	while (i < stem.n && stem.text[i] != '/' && stem.text[i] != '?')
		i++;
	stem.n = i;
	/* a segment "s" isn't the plural of nothing */
	if (stem.n > 1 && (stem.text[stem.n - 1] == 's' || stem.text[stem.n - 1] == 'S'))
		stem.n--;
	return stem;
}

static bool
same(struct span a, struct span b)
{
	return a.n > 0 && a.n == b.n && strncasecmp(a.text, b.text, a.n) == 0;
}

bool
sk_api_is_same_kind(const char *endpoint, const char *other)
{
	return same(stem(endpoint, strlen(endpoint)), stem(other, strlen(other)));
}

/*
 * The value of the next "apiname=" in an echo. A '&' in the echo may also be part of what somebody
 * wrote.
 */
static struct span
next_api_name(const char *echo, const char *from)
{
	static const char name[] = "apiname=";
	struct span value = {NULL, 0};
	const char *at;

	for (at = from; (at = strstr(at, name)) != NULL; at++) {
		if (at != echo && at[-1] != '&')
			continue;
		value.text = at + sizeof(name) - 1;
		value.n = strcspn(value.text, "&");
		break;
	}
	return value;
}

/* Whether the method precedes the name, as in "PATCH appointments". */
static bool
has_method(struct span api_name, const char *method)
{
	size_t n = strlen(method);

	return api_name.n > n && strncasecmp(api_name.text, method, n) == 0 &&
	    api_name.text[n] == ' ';
}

bool
sk_api_listed_is_call(const struct sk_api_listed *listed, const char *method, const char *endpoint)
{
	struct span ours = stem(endpoint, strlen(endpoint)), echoed;
	int is_method = is_word(listed->method, method);

	if (listed->method != NULL && !is_method)
		return false;
	if (is_method && listed->api_name != NULL &&
	    same(stem(listed->api_name, strlen(listed->api_name)), ours))
		return true;
	echoed = next_api_name(listed->echo, listed->echo);
	for (; echoed.text != NULL; echoed = next_api_name(listed->echo, echoed.text)) {
		if (same(stem(echoed.text, echoed.n), ours) &&
		    (is_method || has_method(echoed, method)))
			return true;
	}
	return false;
}

/* The path behind "PATCH " in an apiname. */
static const char *
path_of(const char *api_name)
{
	const char *blank = strchr(api_name, ' ');

	return blank != NULL ? blank + 1 : api_name;
}

json_t *
sk_api_listed_fields(const struct sk_api_listed *listed, char **endpoint)
{
	json_t *fields = json_object();
	char *echo = sk_mem_copy(listed->echo), *rest = echo, *pair;
	const char *api = listed->api_name != NULL ? listed->api_name : "", *id = NULL;

	while ((pair = strsep(&rest, "&")) != NULL) {
		char *equals = strchr(pair, '=');

		if (equals == NULL)
			continue;
		*equals = '\0';
		if (strcmp(pair, "apiname") == 0)
			api = path_of(equals + 1);
		else if (strcmp(pair, "id") == 0)
			id = equals + 1;
		else if (strcmp(pair, "request_key") != 0)
			json_object_set_new(fields, pair, json_string(equals + 1));
	}
	*endpoint =
	    sk_mem_printf("/%s%s%s", api, id != NULL && *id ? "/" : "", id != NULL ? id : "");
	free(echo);
	return fields;
}
