/* SPDX-License-Identifier: MIT */
/*
 * rules: fields of cards and bank accounts: which they are, bodies without them, and hiding them in an answer
 * that repeats them.
 *
 * A field that the documents don't have is sent as it is given, and may be spelled in any way. Rather one field
 * too many is taken for a secret than one too few: then it isn't stored, and the request isn't sent again.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/secret.h"
#include "rules/rules.h"

/*
 * The documents mark card_holder_name, card_number and cvv as secret; the date of expiry belongs to the card, too.
 * account_number and routing_number are those of a payment by bank transfer. All in the spelling of
 * sk_secret_plain(). What one of these is in, wherever, is secret …
 */
static const char *const parts[] = {"cardnumber", "cardholder", "cardcode", "cardsecurity",
    "cardverification", "cardexp", "nameoncard", "ccnumber", "securitycode", "expirationmonth",
    "expirationyear", "expirymonth", "expiryyear", "expmonth", "expyear", "trackdata",
    "accountnumber", "acctnumber", "bankaccount", "routingnumber", "abanumber", NULL};

/* … and what ends with one of these, a number behind it or not: an account_no is one, account_notes aren't … */
static const char *const ends[] = {"cardno", "cardnr", "cardnum", "ccno", "ccnr", "ccnum", "cvv",
    "cvc", "csc", "accountno", "accountnr", "accountnum", "acctno", "acctnr", "acctnum",
    "routingno", "routingnr", "routingnum", "abano", "iban", NULL};

/* … and these names alone. What is in an object with one of these names is secret, too. */
static const char *const names[] = {"card", "creditcard", "debitcard", "paymentcard", "cc", "pan",
    "ach", "aba", "routing", NULL};

static bool
has_part(const char *plain)
{
	for (size_t i = 0; parts[i] != NULL; i++)
		if (strstr(plain, parts[i]) != NULL)
			return true;
	return false;
}

static bool
has_end(const char *plain, size_t length)
{
	while (length > 0 && isdigit((unsigned char)plain[length - 1]))
		length--;
	if (length > 0 && plain[length - 1] == 's')
		length--;
	for (size_t i = 0; ends[i] != NULL; i++) {
		size_t n = strlen(ends[i]);

		if (length >= n && memcmp(plain + length - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

static bool
is_name(const char *plain)
{
	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(plain, names[i]) == 0)
			return true;
	return false;
}

bool
sk_rules_is_secret(const char *field)
{
	char *plain = sk_secret_plain(field);
	bool is_secret = has_part(plain) || has_end(plain, strlen(plain)) || is_name(plain);

	sk_secret_free(plain);
	return is_secret;
}

static bool
is_empty(const json_t *value)
{
	const char *text = json_string_value(value);

	return json_is_null(value) || (text != NULL && text[0] == '\0');
}

/* jansson's iterators take a pointer without const, but change nothing. */
static bool
has_secret(json_t *value)
{
	bool is_found = false;
	json_t *member;
	const char *name;
	size_t i;

	json_array_foreach(value, i, member) is_found |= has_secret(member);
	json_object_foreach(value, name, member) is_found |=
	    has_secret(member) || (sk_rules_is_secret(name) && !is_empty(member));
	return is_found;
}

bool
sk_rules_is_card_payment(const json_t *body)
{
	return has_secret((json_t *)(uintptr_t)body);
}

static json_t *
stripped(json_t *value, size_t *n)
{
	json_t *copy, *member;
	const char *name;
	size_t i;

	if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach(value, i, member)
		    json_array_append_new(copy, stripped(member, n));
		return copy;
	}
	if (!json_is_object(value))
		return json_incref(value);
	copy = json_object();
	json_object_foreach(value, name, member)
	{
		if (sk_rules_is_secret(name))
			(*n)++;
		else
			json_object_set_new(copy, name, stripped(member, n));
	}
	return copy;
}

json_t *
sk_rules_without_secrets(const json_t *body, size_t *n)
{
	*n = 0;
	return stripped((json_t *)(uintptr_t)body, n);
}

static void
hide(const json_t *value, char *text)
{
	char *secret = sk_json_text(value);
	size_t n = secret != NULL ? strlen(secret) : 0;
	char *at = n > 0 ? strstr(text, secret) : NULL;

	/* From behind it on: it may be made of asterisks itself. */
	for (; at != NULL; at = strstr(at + n, secret))
		memset(at, '*', n);
	sk_secret_free(secret);
}

/* is_secret: what is in it, too. */
static void
hide_all(json_t *value, bool is_secret, char *text)
{
	const char *name;
	json_t *member;
	size_t i;

	if (is_secret)
		hide(value, text);
	json_array_foreach(value, i, member) hide_all(member, is_secret, text);
	json_object_foreach(value, name, member)
	    hide_all(member, is_secret || sk_rules_is_secret(name), text);
}

void
sk_rules_hide_secrets(const json_t *body, char *text)
{
	hide_all((json_t *)(uintptr_t)body, false, text);
}
