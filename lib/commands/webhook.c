/* SPDX-License-Identifier: MIT */
/*
 * webhook: judges a payload that anybody may have sent. First the key that it came with, then its form, then
 * whether its office is known; no message quotes what it says.
 */
#include "commands/webhook.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/config.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "store/offices.h"
#include "rules/resource_rules.h"

#define SEEN "SIKKA_CALLBACK_KEY_SEEN"
#define LARGEST 65536 /* bytes of a payload; the vendor's example has 6,615 */
#define LONGEST_ID 16 /* of an office or a practice */

/* --- the key --------------------------------------------------------------------------------- */

/* Without the blanks around it, which the line of a header may have. The caller frees with sk_secret_free. */
static char *
key_seen(void)
{
	static const char blanks[] = " \t\r\n";
	const char *value = getenv(SEEN);
	size_t n;

	if (value == NULL)
		return NULL;
	value += strspn(value, blanks);
	n = strlen(value);
	while (n > 0 && strchr(blanks, value[n - 1]) != NULL)
		n--;
	return n > 0 ? sk_mem_printf("%.*s", (int)n, value) : NULL;
}

static int
check_key(const struct sk_config *config, struct sk_error *err)
{
	char *ours, *seen;

	if (sk_config_callback_key(config, &ours, err) != 0)
		return -1;
	seen = key_seen();
	if (seen == NULL)
		sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "the webhook came without a callback-key: its receiver has to pass it on in "
		    "%s",
		    SEEN);
	else if (!sk_digest_equal(ours, seen))
		sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "the webhook's callback-key isn't the one in %s: it isn't from the vendor, or "
		    "the key was changed in the vendor's portal",
		    config->callback_key_file);
	sk_secret_free(ours);
	sk_secret_free(seen);
	return err->code != 0 ? -1 : 0;
}

/* --- the payload ----------------------------------------------------------------------------- */

/* Reads all of standard input, up to one byte too many. Returns how many there are, or -1 (66). */
static ssize_t
read_all(char text[LARGEST + 1], struct sk_error *err)
{
	struct pollfd waiting = {STDIN_FILENO, POLLIN, 0};
	size_t used = 0;

	while (used <= LARGEST) {
		ssize_t n = read(STDIN_FILENO, text + used, LARGEST + 1 - used);

		if (n == 0)
			break;
		if (n == -1 && errno == EAGAIN)
			poll(&waiting, 1, -1);
		else if (n == -1 && errno != EINTR)
			return sk_error_set(err, SK_EXIT_NO_INPUT, "can't read standard input: %s",
			    strerror(errno));
		used += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)used;
}

static json_t *
read_payload(struct sk_error *err)
{
	char *text = sk_mem_zero(LARGEST + 1, 1), why[SK_JSON_WHY];
	ssize_t n = read_all(text, err);
	json_t *payload = NULL;

	if (n > LARGEST)
		sk_error_set(err, SK_EXIT_BAD_DATA,
		    "the payload has more than %d bytes: it is no webhook of the vendor's",
		    LARGEST);
	else if (n >= 0 && (payload = sk_json_parse(text, (size_t)n, why)) == NULL)
		sk_error_set(err, SK_EXIT_BAD_DATA, "the payload isn't JSON: %s", why);
	free(text);
	if (payload != NULL && !json_is_object(payload)) {
		json_decref(payload);
		payload = NULL;
		sk_error_set(err, SK_EXIT_BAD_DATA, "the payload isn't a JSON object");
	}
	return payload;
}

/* Letters, digits and, where there are several practices, a hyphen. */
static bool
is_id(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-')
			return false;
	return n > 0 && n <= LONGEST_ID;
}

/* The resources that an event is about, as a list of names; NULL: it is none. */
static const char *
resources_of(const char *event)
{
	static const struct {
		const char *event, *resource;
	} known[] = {
	    {"appointments", "appointments"},
	    {"patient", "patients"},
	    {"transaction", "transactions"},
	};

	/* All of the office's data were loaded anew. */
	if (strcasecmp(event, "Data_Refresh") == 0)
		return sk_practice_events;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(event, known[i].event) == 0)
			return known[i].resource;
	return NULL;
}

static int
check_office(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	struct sk_office office = {0};
	int found;

	if (office_id == NULL || !is_id(office_id))
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "the payload has no office_id, or one that can't be an office's");
	found = sk_store_office_get(session->store, office_id, &office, err);
	sk_office_fini(&office);
	if (found < 0)
		return -1;
	if (found == 0)
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "the payload is of office %s, which isn't known here; if it has authorized "
		    "the application, run sikka-authorize",
		    office_id);
	return 0;
}

/* --- telling --------------------------------------------------------------------------------- */

static int
tell(const char *office_id, const char *practice_id, const char *resource, size_t n,
    const char *event, struct sk_error *err)
{
	json_t *record = json_object();
	int result;

	sk_json_set(record, "office_id", office_id);
	sk_json_set(record, "practice_id", practice_id);
	json_object_set_new(record, "resource", json_stringn(resource, n));
	sk_json_set(record, "event", event);
	result = sk_out_record(record, err);
	json_decref(record);
	return result;
}

static int
tell_all(struct sk_session *session, const json_t *payload, const char *practice_id,
    struct sk_error *err)
{
	const char *office_id = sk_json_string(payload, "office_id");
	const char *event = sk_json_string(payload, "event"), *resource;
	const char *list = event != NULL ? resources_of(event) : NULL;
	size_t n;

	if (list == NULL)
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "the payload's event is none of Data_Refresh, appointments, patient and "
		    "transaction");
	if (check_office(session, office_id, err) != 0)
		return -1;
	if (practice_id != NULL && !is_id(practice_id))
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "the payload's practice_id can't be a practice's");
	while ((resource = sk_resource_word(&list, &n)) != NULL)
		if (tell(office_id, practice_id, resource, n, event, err) != 0)
			return -1;
	return 0;
}

int
sk_webhook(struct sk_session *session, struct sk_error *err)
{
	json_t *payload;
	char *practice_id;
	int result;

	if (check_key(&session->config, err) != 0 || sk_session_need_store(session, err) != 0)
		return -1;
	payload = read_payload(err);
	if (payload == NULL)
		return -1;
	practice_id = sk_json_member_text(payload, "practice_id");
	result = tell_all(session, payload, practice_id, err);
	free(practice_id);
	json_decref(payload);
	return result;
}
