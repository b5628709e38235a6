/* SPDX-License-Identifier: MIT */
/*
 * http: one request with all its libcurl options, and the verdict on it: not sent, unclear or
 * answered. An option that libcurl doesn't take is an error (70, 71) before anything is sent.
 */
#include "http/http.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/filter.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/time.h"
#include "base/version.h"
#include "http/library.h"
#include "http/transfer.h"

#define MOST_IDLE 3L /* a write takes no connection that was idle for more seconds */
#define MOST_AGE (30 * SK_SECOND)
#define USUAL_TIMEOUT SK_MINUTE

static size_t
on_header(char *bytes, size_t size, size_t n, void *arg)
{
	struct sk_http_transfer *t = arg;

	return sk_http_incoming_header(&t->in, bytes, size * n) == 0 ? size * n : 0;
}

/*
 * Whether these bytes would make the answers under way larger together than one alone may be. Then a
 * read gives way, since it can be asked again. The answer to a write is always taken: without it nobody
 * would know what became of the request.
 */
static bool
makes_too_much(const struct sk_http_transfer *t, size_t n)
{
	size_t others = t->http->body_bytes - t->in.answer.body_length;

	return t->kind == SK_HTTP_READ && others > 0 && t->http->body_bytes + n > SK_HTTP_MOST;
}

static size_t
on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct sk_http_transfer *t = arg;

	if (size * n == 0)
		return 0;
	if (makes_too_much(t, size * n)) {
		t->in.refused = "the answers under way are larger than 64 MiB together";
		return 0;
	}
	if (sk_http_incoming_body(&t->in, bytes, size * n) != 0)
		return 0;
	t->http->body_bytes += size * n;
	return size * n;
}

/*
 * libcurl calls this between connecting and the first byte of the request, each time that it is
 * about to send it.
 *
 * libcurl repeats a request silently when a reused connection dies before the first byte of the
 * answer, and it does so for POST, too. The server may have carried out the first one by then. The
 * only moment at which this can be prevented is here: attempts counts the calls, and the second one
 * for a write is aborted. The age is checked here as well, and not when the request is handed to
 * libcurl, since connecting and a stopped process (SIGSTOP) may take any time.
 */
static int
on_ready(void *arg, char *there, char *here, int port_there, int port_here)
{
	struct sk_http_transfer *t = arg;

	(void)there;
	(void)here;
	(void)port_there;
	(void)port_here;
	t->attempts++;
	if (t->attempts > 1 && t->kind == SK_HTTP_WRITE) {
		t->held = "the connection ended before an answer came; not sent a second time";
		return CURL_PREREQFUNC_ABORT;
	}
	if (t->claimed_at != 0 && sk_time_boot() - t->claimed_at > MOST_AGE) {
		t->held = "too long ago that this was decided; not sent";
		return CURL_PREREQFUNC_ABORT;
	}
	if (t->attempts == 1 &&
	    sk_curl.easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &t->sent_before) != CURLE_OK)
		t->sent_before = 0;
	sk_http_incoming_reset(&t->in);
	t->let_go++;
	return CURL_PREREQFUNC_OK;
}

/*
 * A command that we start (--notify) must not inherit the socket. Unacknowledged data is
 * retransmitted for no longer than the request may take; the kernel's default would be a quarter of
 * an hour.
 */
static int
on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	struct sk_http_transfer *t = arg;

	(void)purpose;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return CURL_SOCKOPT_ERROR;
#ifdef TCP_USER_TIMEOUT
	/* Other requests will use the connection, too: never more than the usual time-out. */
	unsigned int most = (unsigned int)(t->timeout < USUAL_TIMEOUT ? t->timeout : USUAL_TIMEOUT);

	if (setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &most, sizeof(most)) != 0 &&
	    errno != ENOPROTOOPT && errno != EOPNOTSUPP)
		return CURL_SOCKOPT_ERROR;
#else
	(void)t;
#endif
	return CURL_SOCKOPT_OK;
}

/* The options of every transfer. Those that depend on the request follow in set_request. */
static const struct {
	CURLoption option;
	long value;
	const char *name;
} always[] = {
    {CURLOPT_NOSIGNAL, 1, "NOSIGNAL"},
    {CURLOPT_NOPROGRESS, 1, "NOPROGRESS"},
    {CURLOPT_FOLLOWLOCATION, 0, "FOLLOWLOCATION"},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED, "NETRC"},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1, "DISALLOW_USERNAME_IN_URL"},
    {CURLOPT_SSL_VERIFYPEER, 1, "SSL_VERIFYPEER"},
    {CURLOPT_SSL_VERIFYHOST, 2, "SSL_VERIFYHOST"},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2, "SSLVERSION"},
    {CURLOPT_CONNECTTIMEOUT_MS, 10 * 1000, "CONNECTTIMEOUT_MS"},
    /* Otherwise a proxy's own answer would look like the server's. */
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1, "SUPPRESS_CONNECT_HEADERS"},
#if LIBCURL_VERSION_NUM < 0x075500
    {CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS, "PROTOCOLS"},
    {CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTPS, "REDIR_PROTOCOLS"},
#endif
};

static int
option_failed(struct sk_error *err, const char *name, CURLcode code)
{
	return sk_error_set(err, code == CURLE_OUT_OF_MEMORY ? SK_EXIT_NO_RESOURCE : SK_EXIT_BUG,
	    "libcurl refuses the option %s: %s", name, sk_curl.easy_strerror(code));
}

/* libcurl reads a long where the option is a number: anything narrower would be read wrong. */
#define IS_PASSED_RIGHT(option, value) \
	((option) >= CURLOPTTYPE_OBJECTPOINT || _Generic((value), long : 1, default : 0))

/* Returns -1 from the function in which it is used. */
#define SET(option, value)                                                                   \
	do {                                                                                 \
		_Static_assert(IS_PASSED_RIGHT(CURLOPT_##option, value), "not a long");      \
		CURLcode set_code = sk_curl.easy_setopt(t->easy, CURLOPT_##option, (value)); \
		if (set_code != CURLE_OK)                                                    \
			return option_failed(err, #option, set_code);                        \
	} while (0)

static int
set_general(struct sk_http_transfer *t, struct sk_error *err)
{
	CURLcode code;

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		code = sk_curl.easy_setopt(t->easy, always[i].option, always[i].value);
		if (code != CURLE_OK)
			return option_failed(err, always[i].name, code);
	}
#if LIBCURL_VERSION_NUM >= 0x075500
	SET(PROTOCOLS_STR, "http,https");
	SET(REDIR_PROTOCOLS_STR, "https");
#endif
	SET(USERAGENT, "sikka/" SK_VERSION);
	SET(ACCEPT_ENCODING, "gzip, deflate");
	SET(PRIVATE, t);
	SET(ERRORBUFFER, t->error);
	SET(HEADERFUNCTION, on_header);
	SET(HEADERDATA, t);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, t);
	SET(PREREQFUNCTION, on_ready);
	SET(PREREQDATA, t);
	SET(SOCKOPTFUNCTION, on_socket);
	SET(SOCKOPTDATA, t);
	SET(TIMEOUT_MS, (long)t->timeout);
	if (t->http->trust.file != NULL) {
		SET(CAINFO, t->http->trust.file);
		SET(CAPATH, NULL);
	} else if (t->http->trust.folder != NULL) {
		SET(CAPATH, t->http->trust.folder);
		SET(CAINFO, NULL);
	}
	return t->details != NULL ? sk_http_details_ask(t, err) : 0;
}

static int
set_request(struct sk_http_transfer *t, const struct sk_http_request *request, int loopback,
    struct sk_error *err)
{
	int has_body = request->body != NULL || request->method[0] == 'P'; /* POST, PUT, PATCH */

	SET(URL, t->url);
	SET(HTTPHEADER, t->headers);
	/* "" means no proxy, whatever the environment says. */
	if (loopback)
		SET(PROXY, "");
	if (has_body) {
		SET(POSTFIELDSIZE_LARGE, (curl_off_t)t->body_length);
		SET(POSTFIELDS, t->body == NULL ? "" : t->body);
	} else {
		SET(HTTPGET, 1L);
	}
	SET(CUSTOMREQUEST, request->method);
	if (t->kind == SK_HTTP_WRITE) {
		SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
		SET(MAXAGE_CONN, MOST_IDLE);
	} else {
		SET(HTTP_VERSION, t->http->read_version);
	}
	return 0;
}

/* A line end in a value would begin another header, written by somebody else. */
static bool
is_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static int
add_line(struct sk_http_transfer *t, const char *name, const char *value, struct sk_error *err)
{
	struct curl_slist *longer;
	char *line;

	if (!is_clean(name) || !is_clean(value) || strpbrk(name, ":; ") != NULL || *name == '\0')
		return sk_error_set(err, SK_EXIT_BUG,
		    "the header %s contains a character that can't be sent", name);
	/* "Name:" would remove the header; "Name;" is how libcurl sends an empty one. */
	line = sk_mem_printf(*value == '\0' ? "%s;%s" : "%s: %s", name, value);
	longer = sk_curl.slist_append(t->headers, line);
	sk_secret_free(line);
	if (longer == NULL)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "libcurl has no memory");
	t->headers = longer;
	return 0;
}

/* Removes one of the headers that libcurl adds itself. */
static int
drop_line(struct sk_http_transfer *t, const char *name_colon, struct sk_error *err)
{
	struct curl_slist *longer = sk_curl.slist_append(t->headers, name_colon);

	if (longer == NULL)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "libcurl has no memory");
	t->headers = longer;
	return 0;
}

static int
add_headers(struct sk_http_transfer *t, const struct sk_http_request *request, struct sk_error *err)
{
	const struct sk_http_header *header;
	int has_type = 0, has_accept = 0;

	for (int i = 0; i < SK_HTTP_HEADERS; i++) {
		header = &request->headers[i];
		if (header->name == NULL || header->value == NULL)
			continue;
		has_type |= strcasecmp(header->name, "Content-Type") == 0;
		has_accept |= strcasecmp(header->name, "Accept") == 0;
		/* App-Key, Request-Key, Refresh-Key: an error's text may repeat them. */
		if (strcasestr(header->name, "-Key") != NULL)
			sk_filter_know(header->value);
		if (add_line(t, header->name, header->value, err) != 0)
			return -1;
	}
	if (!has_accept && add_line(t, "Accept", "application/json", err) != 0)
		return -1;
	if (!has_type && request->body != NULL &&
	    add_line(t, "Content-Type", "application/json", err) != 0)
		return -1;
	if (!has_type && request->body == NULL && drop_line(t, "Content-Type:", err) != 0)
		return -1;
	/*
	 * For a body above 1 MB libcurl would send Expect, and repeat the request when the answer
	 * is 417.
	 */
	return drop_line(t, "Expect:", err);
}

static void
copy_request(struct sk_http_transfer *t, const struct sk_http_request *request)
{
	t->kind = request->kind;
	t->url = sk_mem_copy(request->url);
	if (request->body != NULL) {
		t->body = sk_mem_copy_bytes(request->body, request->body_length);
		t->body_length = request->body_length;
	}
	t->claimed_at = request->claimed_at;
	t->timeout = request->timeout > 0 ? request->timeout : USUAL_TIMEOUT;
	if (t->timeout > SK_DAY)
		t->timeout = SK_DAY;
	t->details = request->details;
	sk_http_incoming_reset(&t->in);
}

int
sk_http_transfer_prepare(struct sk_http_transfer *t, const struct sk_http_request *request,
    int loopback, struct sk_error *err)
{
	copy_request(t, request);
	if (add_headers(t, request, err) != 0 || set_general(t, err) != 0)
		return -1;
	return set_request(t, request, loopback, err);
}

/*
 * Whether any byte of the request may have left. libcurl's error code doesn't tell: a time-out
 * happens before sending and after it.
 */
static bool
may_have_left(struct sk_http_transfer *t)
{
	curl_off_t body = 0;
	long request = 0;

	if (t->let_go == 0)
		return false;
	/*
	 * The second attempt was stopped in on_ready. What became of the first one can't be known,
	 * so it may have left.
	 */
	if (t->attempts > 1 || t->in.header_bytes > 0 || t->in.answer.body_length > 0)
		return true;
	if (sk_curl.easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &request) != CURLE_OK ||
	    sk_curl.easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &body) != CURLE_OK)
		return true;
	return request != t->sent_before || body > 0;
}

static bool
is_whole(struct sk_http_transfer *t)
{
	long status = 0;

	return t->in.headers_end && t->held == NULL && t->in.refused == NULL &&
	    sk_curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
	    status == t->in.answer.status;
}

static bool
is_untrusted(CURLcode code)
{
	switch ((int)code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_USE_SSL_FAILED:
		return true;
	default:
		return false;
	}
}

static const char *
find_trouble(const struct sk_http_transfer *t, CURLcode code)
{
	if (t->held != NULL)
		return t->held;
	if (t->in.refused != NULL)
		return t->in.refused;
	if (code == CURLE_OK)
		return "the answer ended before its headers did";
	return t->error[0] != '\0' ? t->error : sk_curl.easy_strerror(code);
}

/*
 * libcurl says after how many ms it failed to connect, so that the same trouble has another text each time. These words
 * tell nobody anything.
 */
static void
drop_duration(char *text)
{
	const char *before = " after ", *behind = " ms:";
	char *at = strstr(text, before), *end;

	if (at == NULL)
		return;
	end = at + strlen(before);
	end += strspn(end, "0123456789");
	if (strncmp(end, behind, strlen(behind)) == 0)
		memmove(at, end + strlen(behind) - 1, strlen(end + strlen(behind) - 1) + 1);
}

void
sk_http_transfer_judge(struct sk_http_transfer *t, CURLcode code)
{
	struct sk_http_answer *answer = &t->in.answer;
	char *trouble;
	size_t n;

	sk_http_incoming_end(&t->in);
	answer->untrusted = is_untrusted(code);
	if (t->details != NULL)
		sk_http_details_take(t, code);
	if (code == CURLE_OK && is_whole(t)) {
		answer->outcome = SK_HTTP_ANSWERED;
		return;
	}
	answer->outcome = may_have_left(t) ? SK_HTTP_UNCLEAR : SK_HTTP_NOT_SENT;
	answer->no_memory |= code == CURLE_OUT_OF_MEMORY;
	answer->timed_out = code == CURLE_OPERATION_TIMEDOUT;
	trouble = sk_filter(find_trouble(t, code));
	drop_duration(trouble);
	n = sk_utf8_fitting(trouble, sizeof(answer->trouble) - 1, SIZE_MAX);
	memcpy(answer->trouble, trouble, n);
	answer->trouble[n] = '\0';
	free(trouble);
}

/* Wipes and frees the parts of the request, which may hold keys and patients' data. */
void
sk_http_transfer_drop(struct sk_http_transfer *t)
{
	struct curl_slist *at;

	for (at = t->headers; at != NULL; at = at->next)
		sk_secret_wipe(at->data, strlen(at->data));
	sk_curl.slist_free_all(t->headers);
	t->headers = NULL;
	if (t->body != NULL)
		sk_secret_wipe(t->body, t->body_length);
	free(t->body);
	t->body = NULL;
	sk_secret_free(t->url);
	t->url = NULL;
	sk_http_answer_fini(&t->in.answer);
	sk_text_fini(&t->in.shown);
}

void
sk_http_transfer_free(struct sk_http_transfer *t)
{
	sk_http_transfer_drop(t);
	sk_curl.easy_cleanup(t->easy);
	free(t);
}
