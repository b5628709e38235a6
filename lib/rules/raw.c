/* SPDX-License-Identifier: MIT */
/*
 * rules: method and endpoint of a request that is sent as it is given (--raw). Whatever the documents describe
 * and isn't a writeback is refused, however it is spelled: its answer would be thrown away, and the journal
 * would take it for a request whose outcome nobody knows.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "rules/rules.h"

/* By the first segment of the path. */
static const struct {
	const char *segment;
	const char *message;
} no_writebacks[] = {
    {"payment",
	"the payment gateway charges at once, and isn't a writeback: sikka doesn't use it; what it "
	"has charged can be read with sikka-get payment/transactions"},
    {"patient_eligibility", "this is a read, and no writeback: use sikka-get patient_eligibility"},
    {"patient_eligibility_payers",
	"this is a read, and no writeback: use sikka-get patient_eligibility_payers"},
    {"sandbox", "this is a read, and no writeback: use sikka-get sandbox/patient_eligibility"},
    {"practice_query", "this is a read, and no writeback: use sikka-get practice_query"},
    {"mcp", "this is a read, and no writeback: use sikka-get practice_query"},
    {"remote_command",
	"a command to a practice's server isn't a writeback: use sikka-sweep --refresh-data"},
    {"remote_command_status",
	"this is a read, and no writeback: use sikka-get remote_command_status"},
    {"practice_location",
	"each location that is on is charged, and switching it isn't a writeback: use the vendor's "
	"portal; sikka-authorize --locations lists which are on"},
    {"request_key", "keys aren't writebacks: use sikka-token"},
    {"request_keys", "keys aren't writebacks: use sikka-token"},
    {"request_key_info", "keys aren't writebacks: use sikka-token"},
    {"refresh_key", "keys aren't writebacks: use sikka-token"},
    {"authorized_practices", "this is a read, and no writeback: use sikka-authorize"},
    {"writebacks",
	"this is about a request that was sent: use sikka-sweep --withdraw, which records what "
	"becomes of it"},
    {"writeback_status", "this is a read, and no writeback: use sikka-poll"},
};

/* The endpoint as it is after all decoding, also where it was encoded more than once. The caller frees. */
static char *
decoded(const char *endpoint)
{
	char *plain = sk_mem_copy(endpoint);

	while (sk_text_unescape(plain))
		;
	return plain;
}

/* The base URL of the server's, or only its version, may stand in front. */
static const char *
without_address(const char *path)
{
	const char *host = strstr(path, "://");

	if (host == NULL)
		return path;
	return host + 3 + strcspn(host + 3, "/\\");
}

/* The next segment of the path, without what isn't part of a name; "" at its end. The caller frees. */
static char *
next_segment(const char **path)
{
	struct sk_text segment = {0};
	size_t n;

	*path += strspn(*path, "/\\");
	n = strcspn(*path, "/\\?#");
	for (size_t i = 0; i < n && (*path)[i] != ';'; i++)
		if (isgraph((unsigned char)(*path)[i]))
			sk_text_add_bytes(&segment, *path + i, 1);
	*path += n;
	return sk_text_take(&segment);
}

/* The first segment that says something; "" when there is none. The caller frees. */
static char *
first_segment(const char *endpoint)
{
	char *plain = decoded(endpoint), *segment;
	const char *rest = without_address(plain);

	for (;;) {
		segment = next_segment(&rest);
		if (strcmp(segment, ".") != 0 && strcmp(segment, "..") != 0 &&
		    strcasecmp(segment, "v4") != 0 &&
		    (*segment != '\0' || strchr("?#", *rest) != NULL))
			break;
		free(segment);
	}
	free(plain);
	return segment;
}

const char *
sk_rules_no_writeback(const char *endpoint)
{
	char *segment = first_segment(endpoint);
	const char *message = NULL;

	for (size_t i = 0; i < sizeof(no_writebacks) / sizeof(no_writebacks[0]); i++)
		if (strcasecmp(segment, no_writebacks[i].segment) == 0)
			message = no_writebacks[i].message;
	free(segment);
	return message;
}

static bool
is_method(const char *method)
{
	return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
	    strcmp(method, "PATCH") == 0 || strcmp(method, "DELETE") == 0;
}

/* Whether a path begins with a slash, and has no segment that is resolved or left out. */
static bool
is_plain_path(const char *path)
{
	size_t length = strlen(path);

	return length >= 2 && path[0] == '/' && strstr(path, "..") == NULL &&
	    strstr(path, "//") == NULL && strstr(path, "/./") == NULL &&
	    strcmp(path + length - 2, "/.") != 0;
}

/*
 * A path that libcurl or a server would change (by resolving dots, say, which may be encoded) is refused: what is
 * sent must be exactly what is in the journal.
 */
static bool
is_endpoint(const char *endpoint)
{
	char *plain = decoded(endpoint);
	bool is_good = is_plain_path(endpoint) && is_plain_path(plain);

	for (const char *at = endpoint; *at != '\0'; at++)
		is_good &= (unsigned char)*at > ' ' && *at != 0x7f && strchr("?#\\", *at) == NULL;
	free(plain);
	return is_good;
}

size_t
sk_rules_check_raw(const char *method, const char *endpoint, struct sk_faults *faults)
{
	const char *message = endpoint != NULL ? sk_rules_no_writeback(endpoint) : NULL;

	if (message != NULL)
		sk_faults_add(faults, "endpoint", "endpoint", "%s", message);
	else if (method == NULL || !is_method(method))
		sk_faults_add(faults, "method", "method", "POST, PUT, PATCH or DELETE is needed");
	else if (endpoint == NULL || !is_endpoint(endpoint))
		sk_faults_add(faults, "endpoint", "endpoint",
		    "a path like /appointments/7 is needed, without .. // ? # \\ and blanks");
	else
		return 0;
	return 1;
}
