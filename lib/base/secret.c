/* SPDX-License-Identifier: MIT */
/*
 * secret: masks what -v shows, by a list of members that are harmless, and wipes memory. A member
 * that isn't on the list, or whose value has an unexpected form, is masked.
 */
#include "base/secret.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/text.h"

#define MASK "***"
#define LONGEST_SHOWN 100

static const char letters_and_digits[] = "0123456789"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "abcdefghijklmnopqrstuvwxyz";

/* The form that a value must have to be shown: even a harmless member may hold anything. */
enum shape {
	SHAPE_WORD,    /* ids, codes, counts, days: no blanks */
	SHAPE_TEXT,    /* printable ASCII */
	SHAPE_PATH,    /* printable ASCII without a query */
	SHAPE_RESULT,  /* a state of ours */
	SHAPE_STATUS,  /* a status of the server's */
	SHAPE_MESSAGE, /* only "Id:275495": other messages name patients */
};

struct permission {
	const char *name;
	enum shape shape;
};

/* Sorted by name, for bsearch. */
static const struct permission allowed[] = {
    {"api", SHAPE_PATH},
    {"api_name", SHAPE_PATH},
    {"command_time", SHAPE_TEXT},
    {"completed_time", SHAPE_TEXT},
    {"enddate", SHAPE_TEXT},
    {"endpoint", SHAPE_PATH},
    {"error_code", SHAPE_WORD},
    {"execution_time", SHAPE_TEXT},
    {"expires_in", SHAPE_TEXT},
    {"grant_type", SHAPE_WORD},
    {"has_error", SHAPE_WORD},
    {"http_code", SHAPE_WORD},
    {"http_code_desc", SHAPE_TEXT},
    {"id", SHAPE_WORD},
    {"is_completed", SHAPE_WORD},
    {"limit", SHAPE_WORD},
    {"long_message", SHAPE_MESSAGE},
    {"method", SHAPE_WORD},
    {"office_id", SHAPE_WORD},
    {"offset", SHAPE_WORD},
    {"operation", SHAPE_WORD},
    {"practice_id", SHAPE_WORD},
    {"practice_management_system", SHAPE_TEXT},
    {"request_time", SHAPE_TEXT},
    {"result", SHAPE_RESULT},
    {"show", SHAPE_WORD},
    {"startdate", SHAPE_TEXT},
    {"status", SHAPE_STATUS},
    {"total_count", SHAPE_WORD},
    {"writeback_id", SHAPE_WORD},
};

static const char *const results[] = {"completed", "failed", "pending", NULL};
static const char *const statuses[] = {"Pending", "Success", "Failed", "Error", "active", "refresh",
    "not_refresh", NULL};

void
sk_secret_wipe(void *bytes, size_t n)
{
	if (n == 0)
		return;
	memset(bytes, 0, n);
	/*
	 * Nobody reads them any more, so a compiler might leave out that they are overwritten. For all that it knows,
	 * this reads them. (Not every system declares explicit_bzero.)
	 */
	__asm__ __volatile__("" : : "r"(bytes) : "memory");
}

void
sk_secret_free(char *secret)
{
	if (secret != NULL)
		sk_secret_wipe(secret, strlen(secret));
	free(secret);
}

/* What sk_secret_plain() makes of it; '\0': it is left out. */
static char
plain_character(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '\0';
}

char *
sk_secret_plain(const char *name)
{
	char *plain = sk_mem_zero(strlen(name) + 1, 1), *end = plain;

	for (; *name != '\0'; name++) {
		*end = plain_character(*name);
		end += *end != '\0';
	}
	return plain;
}

static int
compare_names(const void *name, const void *row)
{
	const struct permission *permission = row;

	return strcasecmp(name, permission->name);
}

static const struct permission *
permission_of(const char *name)
{
	return bsearch(name, allowed, sizeof(allowed) / sizeof(allowed[0]), sizeof(allowed[0]),
	    compare_names);
}

static bool
is_among(const char *value, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strcasecmp(value, *words) == 0)
			return true;
	}
	return false;
}

static bool
is_word(const char *value)
{
	value += strspn(value, letters_and_digits);
	while (*value != '\0' && strchr("-_.:", *value) != NULL)
		value += 1 + strspn(value + 1, letters_and_digits);
	return *value == '\0';
}

static bool
is_printable(const char *value)
{
	while (*value >= 0x20 && *value < 0x7F)
		value++;
	return *value == '\0';
}

static bool
is_harmless(const char *name, const char *value)
{
	const struct permission *permission = permission_of(name);

	if (permission == NULL || strlen(value) > LONGEST_SHOWN)
		return false;
	switch (permission->shape) {
	case SHAPE_WORD:
		return is_word(value);
	case SHAPE_TEXT:
		return is_printable(value);
	case SHAPE_PATH:
		return is_printable(value) && strpbrk(value, "?#@") == NULL;
	case SHAPE_RESULT:
		return is_among(value, results);
	case SHAPE_STATUS:
		return is_among(value, statuses);
	case SHAPE_MESSAGE:
		return strncmp(value, "Id:", 3) == 0 && value[3] != '\0' &&
		    value[3 + strspn(value + 3, "0123456789")] == '\0';
	}
	return false;
}

static bool
may_be_number(const char *name)
{
	const struct permission *permission = permission_of(name);

	return permission != NULL &&
	    (permission->shape == SHAPE_WORD || permission->shape == SHAPE_TEXT);
}

/* name is the member that holds the value; "" for elements of arrays and for the whole document. */
static json_t *
masked(const char *name, const json_t *value)
{
	json_t *copy, *element;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		copy = json_object();
		/* jansson's iterators take a pointer without const, but change nothing. */
		for (void *at = json_object_iter((json_t *)(uintptr_t)value); at != NULL;
		     at = json_object_iter_next((json_t *)(uintptr_t)value, at)) {
			const char *member = json_object_iter_key(at);

			element = json_object_iter_value(at);
			json_object_set_new_nocheck(copy, member, masked(member, element));
		}
		return copy;
	case JSON_ARRAY:
		copy = json_array();
		json_array_foreach(value, i, element)
		    json_array_append_new(copy, masked("", element));
		return copy;
	case JSON_NULL:
		return json_null();
	case JSON_STRING:
		return json_string(
		    is_harmless(name, json_string_value(value)) ? json_string_value(value) : MASK);
	default: /* numbers and booleans say little */
		if (!may_be_number(name))
			return json_string(MASK);
		return json_incref((json_t *)(uintptr_t)value);
	}
}

char *
sk_secret_mask_json(const char *text, size_t n)
{
	json_t *value, *copy;
	char *shown = NULL;

	value = text != NULL ? json_loadb(text, n, JSON_DECODE_ANY, NULL) : NULL;
	if (value != NULL) {
		copy = masked("", value);
		shown = sk_json_dump(copy);
		json_decref(copy);
		json_decref(value);
	}
	return shown != NULL ? shown : sk_mem_printf("(%zu bytes)", n);
}

/* Appends n bytes at end; the buffer is large enough. */
static char *
append(char *end, const char *text, size_t n)
{
	memcpy(end, text, n);
	end[n] = '\0';
	return end + n;
}

/*
 * Appends one name=value of a query. A parameter without a name may be a value, and is masked
 * completely.
 */
static char *
append_parameter(char *end, const char *parameter, size_t n)
{
	const char *equals = memchr(parameter, '=', n);
	char *name, *value;
	int harmless;

	if (equals == NULL)
		return append(end, MASK, strlen(MASK));
	name = sk_mem_copy_bytes(parameter, (size_t)(equals - parameter));
	value = sk_mem_copy_bytes(equals + 1, n - (size_t)(equals - parameter) - 1);
	/*
	 * Single words only: "id=1;name=Bob" is one value for us, but two parameters for some
	 * servers.
	 */
	harmless = is_word(value) && is_harmless(name, value);
	end = append(end, parameter, (size_t)(equals - parameter) + 1);
	end = harmless ? append(end, value, strlen(value)) : append(end, MASK, strlen(MASK));
	free(name);
	sk_secret_free(value);
	return end;
}

/* Appends the URL up to its query; a user and password before the host are masked. */
static char *
append_address(char *end, const char *url, size_t n)
{
	const char *host = strstr(url, "://");
	size_t scheme, authority;
	const char *at = NULL;

	if (host == NULL || (size_t)(host - url) >= n)
		return append(end, url, n);
	scheme = (size_t)(host - url) + 3;
	authority = scheme + strcspn(url + scheme, "/?#");
	for (size_t i = scheme; i < authority; i++) {
		if (url[i] == '@')
			at = url + i;
	}
	if (at == NULL)
		return append(end, url, n);
	end = append(end, url, scheme);
	end = append(end, MASK, strlen(MASK));
	return append(end, at, n - (size_t)(at - url));
}

char *
sk_secret_mask_url(const char *url)
{
	/*
	 * Each masked piece had at least one character, its separator; so four times the length is
	 * enough.
	 */
	char *masked_url = sk_mem_zero(strlen(url) + 4, 4);
	char *end = masked_url;
	size_t n = strcspn(url, "?#");

	end = append_address(end, url, n);
	url += n;
	while (*url == '?' || *url == '&') {
		end = append(end, url++, 1);
		n = strcspn(url, "&#");
		end = append_parameter(end, url, n);
		url += n;
	}
	if (*url == '#')
		append(end, "#" MASK, 1 + strlen(MASK));
	return masked_url;
}

/* --- keys in records ---------------------------------------------------------------------------- */

/* Whether the name ends like this in the spelling of sk_secret_plain(). Each member of each record is looked at. */
static bool
ends_like(const char *name, size_t length, const char *end)
{
	size_t left = strlen(end);

	while (left > 0 && length > 0) {
		char c = plain_character(name[--length]);

		if (c == end[left - 1])
			left--;
		else if (c != '\0')
			return false;
	}
	return left == 0;
}

/* Names that end like this are those of keys. */
static bool
is_key(const char *name)
{
	static const char *const ends[] = {"appkey", "applicationkey", "secretkey", "practicekey",
	    "requestkey", "refreshkey", "callbackkey", "accesskey", "apikey", "accesskeyid",
	    "secret", "token", "password", "passwd", "signature", "credential"};
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_like(name, length, ends[i]))
			return true;
	return false;
}

/*
 * The text, in which links may stand, with *** for the values of their parameters that hold keys, which are added to
 * *n. The caller frees.
 */
static char *
link_without_keys(const char *text, size_t *n)
{
	static const char ends[] = "?&#; \t\r\n\"<>";
	struct sk_text shown = {0};
	const char *at = text + strcspn(text, ends);

	sk_text_add_bytes(&shown, text, (size_t)(at - text));
	while (*at != '\0') {
		size_t name = 1 + strcspn(at + 1, "=?&#; \t\r\n\"<>"), value;
		char *copy = sk_mem_copy_bytes(at + 1, name - 1);
		bool has_value = at[name] == '=';

		name += has_value;
		value = has_value ? strcspn(at + name, ends) : 0;
		sk_text_add_bytes(&shown, at, name);
		if (value > 0 && is_key(copy)) {
			sk_text_add(&shown, MASK);
			++*n;
		} else {
			sk_text_add_bytes(&shown, at + name, value);
		}
		free(copy);
		at += name + value;
	}
	return sk_text_take(&shown);
}

static json_t *
text_without_keys(const json_t *value, bool is_secret, size_t *n)
{
	const char *text = json_string_value(value);
	json_t *copy;
	char *shown;

	if (text != NULL && *text != '\0' && !is_secret && strchr(text, '=') != NULL) {
		shown = link_without_keys(text, n);
		copy = json_string_nocheck(shown);
		sk_secret_free(shown);
		return copy;
	}
	if (!is_secret || json_is_null(value) || (text != NULL && *text == '\0'))
		return json_incref((json_t *)(uintptr_t)value);
	++*n;
	return json_string(MASK);
}

/* is_secret: a member that it is in is named like a key. */
static json_t *
without_keys(json_t *value, bool is_secret, size_t *n)
{
	json_t *copy, *member;
	const char *name;
	size_t i;

	if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach(value, i, member)
		    json_array_append_new(copy, without_keys(member, is_secret, n));
		return copy;
	}
	if (!json_is_object(value))
		return text_without_keys(value, is_secret, n);
	copy = json_object();
	json_object_foreach(value, name, member) json_object_set_new_nocheck(copy, name,
	    without_keys(member, is_secret || is_key(name), n));
	return copy;
}

/* Whether a key may stand in it. Hardly any record has one, and to copy each would take longer than to read it. */
static bool
may_have_keys(json_t *value)
{
	const char *name, *text = json_string_value(value);
	json_t *member;
	size_t i;

	if (text != NULL)
		return strchr(text, '=') != NULL;
	if (json_is_array(value))
		json_array_foreach(value, i, member) if (may_have_keys(member)) return true;
	if (json_is_object(value))
		json_object_foreach(value, name,
		    member) if (is_key(name) || may_have_keys(member)) return true;
	return false;
}

json_t *
sk_secret_without_keys(const json_t *record, size_t *n)
{
	/* jansson's iterators take a pointer without const, but change nothing. */
	json_t *value = (json_t *)(uintptr_t)record;

	return may_have_keys(value) ? without_keys(value, false, n) : json_incref(value);
}

bool
sk_secret_header_is_harmless(const char *name, size_t n)
{
	static const char *const harmless[] = {
	    "accept",
	    "accept-encoding",
	    "age",
	    "cache-control",
	    "connection",
	    "content-encoding",
	    "content-length",
	    "content-type",
	    "data-insert",
	    "date",
	    "expires",
	    "host",
	    "keep-alive",
	    "last-modified",
	    "request-key-expires",
	    "retry-after",
	    "server",
	    "transfer-encoding",
	    "user-agent",
	    "vary",
	    "x-rate-limit-limit",
	    "x-rate-limit-remaining",
	    "x-rate-limit-reset",
	};

	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		if (strlen(harmless[i]) == n && strncasecmp(harmless[i], name, n) == 0)
			return true;
	}
	return false;
}
