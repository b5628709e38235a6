/* SPDX-License-Identifier: MIT */
/*
 * http: how a request got to the server: by which proxy, to which address, under which certificate; and at what it
 * ended. Some of it libcurl tells in its log only, which is read here and never shown.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/filter.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "http/library.h"
#include "http/transfer.h"

/* The beginnings of two lines of libcurl's log. */
static const char of_tls[] = "SSL connection using ";
static const char of_proxy[] = "Uses proxy env variable ";

/* Copies n bytes, as far as there is room. */
static void
copy(char *to, size_t room, const char *from, size_t n)
{
	n = sk_utf8_fitting(from, n < room - 1 ? n : room - 1, SIZE_MAX);
	memcpy(to, from, n);
	to[n] = '\0';
}

/* "https_proxy == 'http://user:password@host:3128'": the password is left out. */
static void
take_proxy(struct sk_http_details *details, const char *text, size_t n)
{
	char *line = sk_mem_copy_bytes(text, n), *shown;

	line[strcspn(line, "\r\n")] = '\0';
	shown = sk_filter(line);
	copy(details->proxy, sizeof(details->proxy), shown, strlen(shown));
	free(shown);
	free(line);
}

static int
on_log(CURL *easy, curl_infotype type, char *text, size_t n, void *arg)
{
	struct sk_http_details *details = arg;
	size_t end = 0;

	(void)easy;
	if (type != CURLINFO_TEXT)
		return 0;
	if (n > strlen(of_tls) && strncmp(text, of_tls, strlen(of_tls)) == 0) {
		text += strlen(of_tls);
		n -= strlen(of_tls);
		while (end < n && text[end] > ' ')
			end++;
		copy(details->tls, sizeof(details->tls), text, end);
	} else if (n > strlen(of_proxy) && strncmp(text, of_proxy, strlen(of_proxy)) == 0)
		take_proxy(details, text + strlen(of_proxy), n - strlen(of_proxy));
	return 0;
}

int
sk_http_details_ask(struct sk_http_transfer *t, struct sk_error *err)
{
	memset(t->details, 0, sizeof(*t->details));
	if (sk_curl.easy_setopt(t->easy, CURLOPT_CERTINFO, 1L) != CURLE_OK ||
	    sk_curl.easy_setopt(t->easy, CURLOPT_VERBOSE, 1L) != CURLE_OK ||
	    sk_curl.easy_setopt(t->easy, CURLOPT_DEBUGFUNCTION, on_log) != CURLE_OK ||
	    sk_curl.easy_setopt(t->easy, CURLOPT_DEBUGDATA, t->details) != CURLE_OK)
		return sk_error_set(err, SK_EXIT_BUG, "libcurl refuses to tell of a connection");
	return 0;
}

/* The server's own certificate comes first; each of its members is a line "Name:value". */
static void
take_certificate(struct sk_http_transfer *t)
{
	static const char issuer[] = "Issuer:", end[] = "Expire date:";
	struct sk_http_details *details = t->details;
	const struct curl_certinfo *certificates = NULL;
	const struct curl_slist *line;
	time_t until;

	if (sk_curl.easy_getinfo(t->easy, CURLINFO_CERTINFO, &certificates) != CURLE_OK ||
	    certificates == NULL || certificates->num_of_certs < 1)
		return;
	for (line = certificates->certinfo[0]; line != NULL; line = line->next) {
		if (strncmp(line->data, issuer, strlen(issuer)) == 0)
			copy(details->issuer, sizeof(details->issuer), line->data + strlen(issuer),
			    strlen(line->data) - strlen(issuer));
		if (strncmp(line->data, end, strlen(end)) != 0)
			continue;
		until = sk_curl.getdate(line->data + strlen(end), NULL);
		details->valid_until = until > 0 ? (int64_t)until * SK_SECOND : 0;
	}
}

/* Whether that had been done when it ended. */
static bool
has_passed(struct sk_http_transfer *t, CURLINFO what)
{
	curl_off_t when = 0;

	return sk_curl.easy_getinfo(t->easy, what, &when) == CURLE_OK && when > 0;
}

/* Whether a proxy has answered that it doesn't let the request through. */
static bool
is_refused_by_proxy(struct sk_http_transfer *t)
{
	long status = 0;

	return sk_curl.easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status) == CURLE_OK &&
	    status != 0 && (status < 200 || status > 299);
}

static enum sk_http_stage
stage_of(struct sk_http_transfer *t, CURLcode code)
{
	if (code == CURLE_COULDNT_RESOLVE_PROXY)
		return SK_HTTP_STAGE_PROXY;
	if (code == CURLE_COULDNT_RESOLVE_HOST)
		return SK_HTTP_STAGE_NAME;
	if (code == CURLE_COULDNT_CONNECT || is_refused_by_proxy(t))
		return SK_HTTP_STAGE_CONNECT;
	if (code == CURLE_SSL_CONNECT_ERROR || t->in.answer.untrusted)
		return SK_HTTP_STAGE_TLS;
	if (t->let_go > 0)
		return SK_HTTP_STAGE_ANSWER;
	if (!has_passed(t, CURLINFO_NAMELOOKUP_TIME_T))
		return SK_HTTP_STAGE_NAME;
	return has_passed(t, CURLINFO_CONNECT_TIME_T) ? SK_HTTP_STAGE_TLS : SK_HTTP_STAGE_CONNECT;
}

void
sk_http_details_take(struct sk_http_transfer *t, CURLcode code)
{
	const char *address = NULL;

	t->details->stage = stage_of(t, code);
	if (sk_curl.easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &address) == CURLE_OK &&
	    address != NULL)
		copy(t->details->address, sizeof(t->details->address), address, strlen(address));
	take_certificate(t);
}
