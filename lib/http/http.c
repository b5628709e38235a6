/* SPDX-License-Identifier: MIT */
/*
 * http: the event loop over libcurl's multi interface. If libcurl as a whole fails, each running
 * request ends with what is known of it: not sent, or unclear.
 */
#include "http/http.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/filter.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/time.h"
#include "http/library.h"
#include "http/transfer.h"

#define LONGEST_TURN (10 * SK_MINUTE)
#define MOST_EXTRA 2 /* what a turn waits for beside the transfers */

static bool
set_multi(CURLM *multi, long connections)
{
	return sk_curl.multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections) ==
	    CURLM_OK &&
	    sk_curl.multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections) == CURLM_OK &&
	    sk_curl.multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections) == CURLM_OK;
}

int
sk_http_new(const struct sk_config *config, struct sk_http **http, struct sk_error *err)
{
	struct sk_http *h = sk_mem_zero(1, sizeof(*h));

	h->connections = config->connections;
	if (sk_http_trust_configured(config, &h->trust, err) != 0) {
		sk_http_free(h);
		return -1;
	}
	*http = h;
	return 0;
}

int
sk_http_open(struct sk_http *http, struct sk_error *err)
{
	const curl_version_info_data *about;

	if (http->multi != NULL)
		return 0;
	if (sk_http_library_open(err) != 0)
		return -1;
	if (!http->is_begun && sk_curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "libcurl can't start");
	http->is_begun = 1;
	sk_filter_know_proxies();
	about = sk_curl.version_info(CURLVERSION_NOW);
	http->read_version = (about->features & CURL_VERSION_HTTP2) != 0 ? CURL_HTTP_VERSION_2TLS
									 : CURL_HTTP_VERSION_1_1;
	sk_http_trust_find(about->ssl_version, about->capath, &http->trust);
	http->multi = sk_curl.multi_init();
	if (http->multi != NULL && set_multi(http->multi, http->connections))
		return 0;
	if (http->multi != NULL)
		sk_curl.multi_cleanup(http->multi);
	http->multi = NULL;
	return sk_error_set(err, SK_EXIT_NO_RESOURCE, "libcurl has no memory");
}

static void
free_list(struct sk_http_transfer *t, CURLM *multi)
{
	struct sk_http_transfer *next;

	for (; t != NULL; t = next) {
		next = t->next;
		if (multi != NULL)
			sk_curl.multi_remove_handle(multi, t->easy);
		sk_http_transfer_free(t);
	}
}

void
sk_http_free(struct sk_http *http)
{
	if (http == NULL)
		return;
	free_list(http->running, http->multi);
	free_list(http->spare, NULL);
	if (http->multi != NULL)
		sk_curl.multi_cleanup(http->multi);
	sk_http_trust_fini(&http->trust);
	if (http->is_begun)
		sk_curl.global_cleanup();
	free(http);
}

static struct sk_http_transfer *
get_transfer(struct sk_http *http, struct sk_error *err)
{
	struct sk_http_transfer *t = http->spare;
	CURL *easy;

	if (t != NULL) {
		http->spare = t->next;
		easy = t->easy;
		sk_curl.easy_reset(easy);
		memset(t, 0, sizeof(*t));
	} else {
		easy = sk_curl.easy_init();
		if (easy == NULL) {
			sk_error_set(err, SK_EXIT_NO_RESOURCE, "libcurl has no memory");
			return NULL;
		}
		t = sk_mem_zero(1, sizeof(*t));
	}
	t->easy = easy;
	t->http = http;
	return t;
}

static bool
method_is_known(const char *method)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(method, methods[i]) == 0)
			return true;
	return false;
}

int
sk_http_start(struct sk_http *http, const struct sk_http_request *request, sk_http_done_fn *done,
    void *arg, struct sk_error *err)
{
	struct sk_http_transfer *t;
	int loopback;

	if (!method_is_known(request->method))
		return sk_error_set(err, SK_EXIT_BUG, "no such method: %s", request->method);
	if (sk_http_open(http, err) != 0 || sk_http_check_url(request->url, &loopback, err) != 0)
		return -1;
	t = get_transfer(http, err);
	if (t == NULL)
		return -1;
	t->done = done;
	t->arg = arg;
	if (sk_http_transfer_prepare(t, request, loopback, err) != 0)
		goto out;
	sk_http_trace_request(request);
	t->begun_at = sk_time_monotonic();
	t->in.answer.sent = sk_time_boot();
	if (sk_curl.multi_add_handle(http->multi, t->easy) != CURLM_OK) {
		sk_error_set(err, SK_EXIT_NO_RESOURCE, "libcurl can't take another request");
		goto out;
	}
	t->next = http->running;
	http->running = t;
	return 0;
out:
	sk_http_transfer_free(t);
	return -1;
}

/* Removes the transfer from libcurl before it calls done(), which may start the next request. */
static void
finish(struct sk_http_transfer *t, CURLcode code)
{
	struct sk_http *http = t->http;
	struct sk_http_transfer **at = &http->running;

	t->in.answer.received = sk_time_boot();
	sk_http_transfer_judge(t, code);
	sk_curl.multi_remove_handle(http->multi, t->easy);
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	http->body_bytes -= t->in.answer.body_length;
	sk_http_trace_answer(&t->in.answer, t->url, &t->in.shown,
	    sk_time_monotonic() - t->begun_at);
	t->done(t->arg, &t->in.answer);
	sk_http_transfer_drop(t);
	t->next = http->spare;
	http->spare = t;
}

/* Lets libcurl work on all transfers. Returns how many have ended. */
static int
perform(struct sk_http *http)
{
	CURLMcode code;
	CURLMsg *message;
	void *private;
	int running, left, ended = 0;

	if (http->multi == NULL)
		return 0;
	code = sk_curl.multi_perform(http->multi, &running);
	while ((message = sk_curl.multi_info_read(http->multi, &left)) != NULL) {
		CURLcode result = message->data.result;

		if (message->msg != CURLMSG_DONE ||
		    sk_curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private) !=
			CURLE_OK)
			continue;
		finish(private, result);
		ended++;
	}
	/* libcurl as a whole has failed (no memory): each request ends with what is known of it. */
	while (code != CURLM_OK && http->running != NULL) {
		finish(http->running, CURLE_OUT_OF_MEMORY);
		ended++;
	}
	return ended;
}

static bool
is_readable(int fd)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};

	return fd != -1 && poll(&one, 1, 0) > 0;
}

/* Before the first request there is nothing of libcurl's to wait for. */
static void
wait_without_libcurl(int timeout, const struct curl_waitfd *extra, nfds_t n)
{
	struct pollfd fds[MOST_EXTRA];

	for (nfds_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){.fd = extra[i].fd, .events = POLLIN};
	poll(fds, n, timeout);
}

static void
wait_for_something(struct sk_http *http, int64_t timeout, int fd)
{
	struct curl_waitfd extra[MOST_EXTRA];
	unsigned int n = 0;
	int stop = sk_stop_fd(), most;

	memset(extra, 0, sizeof(extra));
	if (fd != -1) {
		extra[n].fd = fd;
		extra[n++].events = CURL_WAIT_POLLIN;
	}
	/*
	 * The stop pipe stays readable. It may wake one turn only, as later turns still wait for
	 * what is on the wire.
	 */
	if (stop != -1 && !http->stop_seen) {
		extra[n].fd = stop;
		extra[n++].events = CURL_WAIT_POLLIN;
	}
	most = (int)(timeout > LONGEST_TURN ? LONGEST_TURN : timeout > 0 ? timeout : 0);
	if (http->multi == NULL)
		wait_without_libcurl(most, extra, n);
	else if (sk_curl.multi_poll(http->multi, extra, n, most, NULL) != CURLM_OK)
		poll(NULL, 0, most > 0 && most < 100 ? most : 100);
}

bool
sk_http_turn(struct sk_http *http, int64_t timeout, int fd)
{
	if (http->turning)
		return false;
	http->turning = 1;
	if (perform(http) == 0) {
		wait_for_something(http, timeout, fd);
		perform(http);
	}
	http->turning = 0;
	http->stop_seen = is_readable(sk_stop_fd());
	return is_readable(fd);
}
