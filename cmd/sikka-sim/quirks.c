/* SPDX-License-Identifier: MIT */
/*
 * Respells answers as some deployments do. An unknown quirk or value is refused with a reason.
 */
#include "quirks.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "near.h"

/* The first value is the default; the order is that of the enums in state.h. */
static const struct {
	const char *name, *values;
} quirks[QUIRKS] = {
    [Q_LISTS] = {"lists", "usual,plain,wrapped,array,data,summary"},
    [Q_NUMBERS] = {"numbers", "text,bare"},
    [Q_BOOLEANS] = {"booleans", "usual,True,true,TRUE,bare"},
    [Q_PENDING] = {"pending", "usual,False,empty"},
    [Q_IDS] = {"ids", "both,long_message,more_information,none"},
    [Q_CREATED] = {"created", "201,200"},
    [Q_EXPIRES_IN] = {"expires_in", "usual,seconds,text,number"},
    [Q_REFRESH_KEY] = {"refresh_key", "given,absent"},
    [Q_ERROR_TEXT] = {"error_text", "long_message,log_message"},
    [Q_MEMBERS] = {"members", "known,more"},
    [Q_DATA_INSERT] = {"data_insert", "completed,in-progress,absent"},
    [Q_INSERT_DATE] = {"insert_date", "present,absent,ahead"},
    [Q_RETRY_AFTER] = {"retry_after", "absent,present"},
    [Q_DATE] = {"date", "present,absent"},
    [Q_LIMITS] = {"limits", "each,shared"},
    [Q_TOTAL] = {"total", "present,absent"},
    [Q_LINKS] = {"links", "own,foreign"},
    [Q_ZONE] = {"zone", "absent,told,name,offset,sync,health,odd"},
    [Q_LOCATIONS] = {"locations", "none,both,first,empty"},
};

static char *
set_value(int *quirk, const char *values, const char *wanted)
{
	struct near near = {.word = wanted};
	const char *p = values;
	size_t width;

	for (int value = 0; *p != '\0'; value++, p += width + (p[width] == ',')) {
		width = strcspn(p, ",");
		if (strlen(wanted) == width && strncmp(p, wanted, width) == 0) {
			*quirk = value;
			return NULL;
		}
	}
	near_add_all(&near, values);
	return near_say(&near, "this quirk has no such value");
}

char *
quirks_set(struct settings *set, const char *text)
{
	size_t n = strcspn(text, "=");
	char *name = x_printf("%.*s", (int)n, text), *wrong = NULL;
	struct near near = {.word = name};
	int i = 0;

	while (i < QUIRKS && strcmp(quirks[i].name, name) != 0)
		near_add(&near, quirks[i++].name);
	if (i < QUIRKS)
		wrong =
		    set_value(&set->quirk[i], quirks[i].values, text[n] == '=' ? text + n + 1 : "");
	else
		wrong = near_say(&near, "no such quirk");
	free(near.name);
	free(name);
	return wrong;
}

json_t *
quirks_list(const struct settings *set)
{
	json_t *all = json_object();

	for (int i = 0; i < QUIRKS; i++) {
		const char *p = quirks[i].values;

		for (int n = set->quirk[i]; n > 0; n--)
			p += strcspn(p, ",") + 1;
		json_putf(all, quirks[i].name, "%.*s", (int)strcspn(p, ","), p);
	}
	return all;
}

void
quirks_clear(struct settings *set)
{
	memset(set->quirk, 0, sizeof(set->quirk));
}

/* A whole number as a person would write it: 007 isn't one, nor are the digits of a key. */
static bool
is_number(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 15 && strspn(s, "0123456789") == n && (n == 1 || *s != '0');
}

/* The respelled value, or NULL to leave it as it is. */
static json_t *
respelled(const struct settings *set, const json_t *value)
{
	static const char *const words[][2] = {[BOOLEANS_TITLE] = {"False", "True"},
	    [BOOLEANS_LOWER] = {"false", "true"},
	    [BOOLEANS_UPPER] = {"FALSE", "TRUE"}};
	const char *s = json_string_value(value);
	int spelling = set->quirk[Q_BOOLEANS];
	bool yes;

	if (s == NULL)
		return NULL;
	if (set->quirk[Q_NUMBERS] == NUMBERS_BARE && is_number(s))
		return json_integer(atoll(s));
	yes = strcasecmp(s, "true") == 0;
	if (spelling == BOOLEANS_USUAL || (!yes && strcasecmp(s, "false") != 0))
		return NULL;
	return spelling == BOOLEANS_BARE ? json_boolean(yes) : json_string(words[spelling][yes]);
}

static void
put_more(json_t *object)
{
	json_object_set_new(object, "a_member_of_tomorrow", json_string("read me not"));
	json_object_set_new(object, "another", json_pack("{s:[i,n,{}],s:b}", "of", 1, "yes", 1));
}

/* Whether the message object is a refusal: only then is its text moved. */
static bool
refuses(const json_t *object)
{
	static const char with_200[] = "API0005,API0008,API4002,API4003,API4004,API4005";

	return atoi(json_text(object, "http_code")) >= 400 ||
	    list_has(with_200, json_text(object, "error_code"));
}

static void
dress(const struct settings *set, json_t *value)
{
	const char *name;
	json_t *member, *other;
	size_t i;
	void *next;

	json_array_foreach(value, i, member)
	{
		dress(set, member);
	}
	if (!json_is_object(value))
		return;
	if (set->quirk[Q_ERROR_TEXT] == ERROR_TEXT_LOG && refuses(value)) {
		json_object_set(value, "log_message", json_object_get(value, "long_message"));
		json_object_del(value, "long_message");
	}
	json_object_foreach_safe(value, next, name, member)
	{
		dress(set, member);
		other = respelled(set, member);
		if (other != NULL)
			json_object_set_new(value, name, other);
	}
	if (set->quirk[Q_MEMBERS] == MEMBERS_MORE)
		put_more(value);
}

void
quirks_dress(const struct settings *set, struct answer *an)
{
	json_t *body;

	if (set->quirk[Q_NUMBERS] == 0 && set->quirk[Q_BOOLEANS] == 0 &&
	    set->quirk[Q_ERROR_TEXT] == 0 && set->quirk[Q_MEMBERS] == 0)
		return;
	if (an->body == NULL)
		return;
	body = json_loadb(an->body, an->length, 0, NULL);
	if (body == NULL) /* it comes from a fault, which wants no body */
		return;
	dress(set, body);
	answer_json(an, an->status, body);
}
