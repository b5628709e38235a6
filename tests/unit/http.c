/* SPDX-License-Identifier: MIT */
/* What http promises about sending: what is sent, how often, and what is reported. */
#include <fcntl.h>
#include <netinet/tcp.h>

#include "http-server.h"

static const char ok_text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

static void
outcome_is(const struct sk_http_answer *answer, enum sk_http_outcome wanted, const char *what)
{
	if (!is_int(answer->outcome, wanted, what))
		printf("# status %d, trouble: %s\n", answer->status, answer->trouble);
}

/* --- one attempt --------------------------------------------------------------------------- */

/*
 * Answers one request, reads a second one on the same connection, and closes it without an answer.
 * Whatever comes later is counted.
 */
static void
die_on_second(struct server *server)
{
	int fd = server_accept(server);

	if (server_read(server, fd))
		server_say(fd, ok_text);
	server_read(server, fd);
	close(fd);
	fd = server_accept_within(server, 500);
	if (fd == -1)
		return;
	if (server_read(server, fd))
		server_say(fd, ok_text);
	close(fd);
}

static void
test_one_attempt(enum sk_http_kind kind)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer first, second;
	struct server server;

	server_start(&server, die_on_second, NULL);
	request = post_request(server.url);
	request.kind = kind;
	wait_for(http, &request, &first);
	wait_for(http, &request, &second);
	server_stop(&server);
	outcome_is(&first, SK_HTTP_ANSWERED, "first request on a connection");
	if (kind == SK_HTTP_WRITE) {
		outcome_is(&second, SK_HTTP_UNCLEAR, "a write whose reused connection died");
		is_int(server.n_requests, 2, "it was sent once");
		is_int((long long)server.stray, 0, "and not a byte of it again");
		ok(strstr(second.trouble, "second time") != NULL, "and it says so");
	} else {
		outcome_is(&second, SK_HTTP_ANSWERED, "a read whose reused connection died");
		is_int(server.n_requests, 3,
		    "libcurl repeats it (so the test above proves something)");
	}
	sk_http_answer_fini(&first);
	sk_http_answer_fini(&second);
	server_fini(&server);
	sk_http_free(http);
}

/* --- what leaves --------------------------------------------------------------------------- */

static void
test_large_body(void)
{
	size_t n = 2 << 20;
	struct sk_http *http = new_http();
	char *body = sk_mem_alloc(n);
	struct sk_http_request request;
	struct sk_http_answer answer;
	struct server server;

	memset(body, 'x', n);
	server_start(&server, server_answer_once, ok_text);
	request = post_request(server.url);
	request.body = body;
	request.body_length = n;
	wait_for(http, &request, &answer);
	server_stop(&server);
	outcome_is(&answer, SK_HTTP_ANSWERED, "a body of 2 MB");
	is_int(server.n_requests, 1, "one request");
	ok(server.n_requests == 1 && strcasestr(server.requests[0], "\r\nExpect:") == NULL,
	    "no Expect");
	is_int((long long)server.body_lengths[0], (long long)n, "all of it arrived");
	sk_http_answer_fini(&answer);
	server_fini(&server);
	free(body);
	sk_http_free(http);
}

/* One line of it, for a test's name. */
static const char *
line_of(const char *text, int *n)
{
	text += strspn(text, "\r\n");
	*n = (int)strcspn(text, "\r\n");
	return text;
}

static void
has(const char *text, const char *wanted)
{
	int n;
	const char *line = line_of(wanted, &n);

	ok(text != NULL && strstr(text, wanted) != NULL, "the request has %.*s", n, line);
}

static void
lacks(const char *text, const char *unwanted)
{
	int n;
	const char *line = line_of(unwanted, &n);

	ok(text != NULL && strcasestr(text, unwanted) == NULL, "the request lacks %.*s", n, line);
}

static void
test_request_lines(void)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer answer;
	struct server server;

	server_start(&server, server_answer_once, ok_text);
	request = post_request(server.url);
	request.method = "PATCH";
	request.headers[0].name = "Request-Key";
	request.headers[0].value = "0123";
	request.headers[2].name = "X-Empty";
	request.headers[2].value = "";
	wait_for(http, &request, &answer);
	server_stop(&server);
	has(server.requests[0], "PATCH /v4/x HTTP/1.1\r\n");
	has(server.requests[0], "\r\nRequest-Key: 0123\r\n");
	has(server.requests[0], "\r\nX-Empty:\r\n");
	has(server.requests[0], "\r\nContent-Type: application/json\r\n");
	has(server.requests[0], "\r\nContent-Length: 9\r\n");
	has(server.requests[0], "\r\nUser-Agent: sikka/");
	has(server.requests[0], "\r\nAccept-Encoding: gzip, deflate\r\n");
	has(server.requests[0], "\r\n\r\n{\"a\":\"1\"}");
	sk_http_answer_fini(&answer);
	server_fini(&server);

	server_start(&server, server_answer_once, "HTTP/1.1 204 No Content\r\n\r\n");
	request = get_request(server.url);
	request.method = "DELETE";
	wait_for(http, &request, &answer);
	server_stop(&server);
	outcome_is(&answer, SK_HTTP_ANSWERED, "a DELETE answered with 204");
	is_int(answer.status, 204, "its status");
	is_str(answer.body, "", "its body is empty, not NULL");
	has(server.requests[0], "DELETE /v4/x HTTP/1.1\r\n");
	lacks(server.requests[0], "Content-");
	sk_http_answer_fini(&answer);
	server_fini(&server);
	sk_http_free(http);
}

static void
test_post_without_body(void)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer answer;
	struct server server;

	server_start(&server, server_answer_once, ok_text);
	request = post_request(server.url);
	request.body = NULL;
	wait_for(http, &request, &answer);
	server_stop(&server);
	outcome_is(&answer, SK_HTTP_ANSWERED, "a POST without a body");
	has(server.requests[0], "POST /v4/x HTTP/1.1\r\n");
	has(server.requests[0], "\r\nContent-Length: 0\r\n");
	lacks(server.requests[0], "Content-Type");
	sk_http_answer_fini(&answer);
	server_fini(&server);
	sk_http_free(http);
}

/* --- not sent, or unclear ------------------------------------------------------------------- */

static void
test_refused(void)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer answer;
	char url[64];
	int port, fd = server_listen(&port, 1);

	close(fd);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/v4?patient=Zoe", port);
	request = post_request(url);
	wait_for(http, &request, &answer);
	outcome_is(&answer, SK_HTTP_NOT_SENT, "connection refused");
	ok(answer.trouble[0] != '\0' && strstr(answer.trouble, "Zoe") == NULL,
	    "its trouble is told without the query");
	sk_http_answer_fini(&answer);
	sk_http_free(http);
}

static void
hold(struct server *server)
{
	int fd = server_accept(server);

	if (server_read(server, fd))
		server_read(server, fd); /* until the client goes */
	close(fd);
}

static void
test_time_out_after_sending(void)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer answer;
	struct server server;
	int64_t begun = sk_time_monotonic();

	server_start(&server, hold, NULL);
	request = post_request(server.url);
	request.timeout = 3000; /* time enough to send it, on any machine */
	wait_for(http, &request, &answer);
	outcome_is(&answer, SK_HTTP_UNCLEAR, "a time-out after sending");
	ok(sk_time_monotonic() - begun < 30000, "after its own time");
	is_int(answer.untrusted, 0, "that says nothing of certificates");
	sk_http_answer_fini(&answer);
	sk_http_free(http);
	server_stop(&server);
	server_fini(&server);
}

/* A backlog that is full takes no more connections: the kernel lets SYNs drop. */
static void
test_time_out_before_connecting(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer answer;
	char url[64];
	int fds[4], port, listener = server_listen(&port, 0), i;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((uint16_t)port);
	for (i = 0; i < 4; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fds[i], (struct sockaddr *)&address, sizeof address);
	}
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
	request = post_request(url);
	request.timeout = 300;
	wait_for(http, &request, &answer);
	outcome_is(&answer, SK_HTTP_NOT_SENT, "a time-out before connecting");
	sk_http_answer_fini(&answer);
	for (i = 0; i < 4; i++)
		close(fds[i]);
	close(listener);
	sk_http_free(http);
}

static void
test_time_out_in_handshake(void)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer answer;
	char url[64];
	int port, listener = server_listen(&port, 8);

	snprintf(url, sizeof url, "https://127.0.0.1:%d/", port);
	request = post_request(url);
	request.timeout = 300;
	wait_for(http, &request, &answer);
	outcome_is(&answer, SK_HTTP_NOT_SENT, "a TLS handshake that nobody takes up");
	sk_http_answer_fini(&answer);
	close(listener);
	sk_http_free(http);
}

static void
test_age(int64_t age, enum sk_http_outcome wanted, const char *what)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer answer;
	struct server server;

	server_start(&server, server_answer_once, ok_text);
	request = post_request(server.url);
	request.claimed_at = sk_time_boot() - age;
	wait_for(http, &request, &answer);
	sk_http_free(http);
	server_stop(&server);
	outcome_is(&answer, wanted, what);
	is_int(server.n_requests, wanted == SK_HTTP_ANSWERED, "requests that arrived");
	is_int((long long)server.stray, 0, "bytes besides");
	sk_http_answer_fini(&answer);
	server_fini(&server);
}

/* --- connections ---------------------------------------------------------------------------- */

static void
two_connections(struct server *server)
{
	int one = server_accept(server), two = -1;
	struct pollfd both[2];

	if (server_read(server, one))
		server_say(one, ok_text);
	both[0] = (struct pollfd){.fd = one, .events = POLLIN};
	both[1] = (struct pollfd){.fd = server->listener, .events = POLLIN};
	poll(both, 2, SERVER_PATIENCE * 1000);
	/* the old one is either closed by the client or carries the request */
	if (server_read(server, one)) {
		server_say(one, ok_text);
	} else {
		two = server_accept(server);
		if (server_read(server, two))
			server_say(two, ok_text);
		server->stray = 1;
	}
	close(one);
	if (two != -1)
		close(two);
}

/* The client's end of a connection to port, or -1. */
static int
find_socket(int port)
{
	struct sockaddr_in address;
	socklen_t n;
	int fd;

	for (fd = 3; fd < 256; fd++) {
		n = sizeof address;
		memset(&address, 0, sizeof address);
		if (getpeername(fd, (struct sockaddr *)&address, &n) == 0 &&
		    ntohs(address.sin_port) == port)
			return fd;
	}
	return -1;
}

static void
test_connection(int64_t pause, int wanted_fresh, const char *what)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer answer;
	struct server server;
	int64_t idle_since;
	int fd;

	server_start(&server, two_connections, NULL);
	request = post_request(server.url);
	request.timeout = 20000;
	wait_for(http, &request, &answer);
	idle_since = sk_time_monotonic();
	sk_http_answer_fini(&answer);
	fd = find_socket(server.port);
	ok(fd != -1 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "no child inherits the socket");
#ifdef TCP_USER_TIMEOUT
	unsigned int most = 0;
	socklen_t n = sizeof most;

	getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &most, &n);
	is_int(most, 20000, "nothing is retransmitted past the request's time");
#endif
	poll(NULL, 0, (int)pause);
	wait_for(http, &request, &answer);
	outcome_is(&answer, SK_HTTP_ANSWERED, what);
	sk_http_answer_fini(&answer);
	sk_http_free(http);
	server_stop(&server);
	/* Whoever was kept from running for so long takes a fresh connection, and is right. */
	if (!wanted_fresh && sk_time_monotonic() - idle_since >= 2 * SK_SECOND)
		ok(1, "on a fresh connection # SKIP the machine is too slow to tell");
	else
		is_int((long long)server.stray, wanted_fresh, "on a fresh connection");
	server_fini(&server);
}

int
main(void)
{
	server_init();
	test_one_attempt(SK_HTTP_WRITE);
	test_one_attempt(SK_HTTP_READ);
	test_large_body();
	test_request_lines();
	test_post_without_body();
	test_refused();
	test_time_out_after_sending();
	test_time_out_before_connecting();
	test_time_out_in_handshake();
	test_age(31000, SK_HTTP_NOT_SENT, "a write claimed 31 s ago");
	test_age(15000, SK_HTTP_ANSWERED, "a write claimed 15 s ago");
	test_connection(0, 0, "a second write at once");
	test_connection(4200, 1, "a second write after four idle seconds");
	return done_testing();
}
