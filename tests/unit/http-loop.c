/* SPDX-License-Identifier: MIT */
/* http's event loop, and whom it talks to: several at once, what wakes it, redirects, proxies,
 * URLs. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "http-server.h"
#include "base/out.h"
#include "base/stop.h"

static const char ok_text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

struct tally {
	struct sk_http *http;
	const struct sk_http_request *again; /* what the first to end starts */
	int started;
	int ended;
	int answered;
};

static int
running(const struct tally *tally)
{
	return tally->started - tally->ended;
}

static void
count(void *arg, struct sk_http_answer *answer)
{
	struct tally *tally = arg;
	const struct sk_http_request *again = tally->again;
	struct sk_error err;

	tally->ended++;
	tally->answered += answer->outcome == SK_HTTP_ANSWERED;
	tally->again = NULL;
	sk_error_clear(&err);
	if (again != NULL && sk_http_start(tally->http, again, count, tally, &err) != 0)
		ok(0, "started inside done(): %s", err.text);
	tally->started += again != NULL;
}

static void
start(struct tally *tally, const struct sk_http_request *request)
{
	struct sk_error err;

	sk_error_clear(&err);
	if (sk_http_start(tally->http, request, count, tally, &err) != 0)
		ok(0, "started: %s", err.text);
	tally->started++;
}

/* --- several at once ------------------------------------------------------------------------ */

/* Answers no request before eight connections are open, and counts a ninth connection. */
static void
eight_at_once(struct server *server)
{
	struct pollfd open[8];
	int i, answered = 0;

	for (i = 0; i < 8; i++) {
		open[i] = (struct pollfd){.fd = server_accept(server), .events = POLLIN};
		server_read(server, open[i].fd);
	}
	if (server_accept_within(server, 100) != -1)
		server->stray = 1;
	for (i = 0; i < 8; i++)
		server_say(open[i].fd, ok_text);
	/* the ninth takes one of their connections, whenever it comes; the others may end before */
	while (!answered && poll(open, 8, SERVER_PATIENCE * 1000) > 0) {
		for (i = 0; i < 8; i++) {
			if (open[i].fd < 0 || open[i].revents == 0)
				continue;
			if (server_read(server, open[i].fd)) {
				server_say(open[i].fd, ok_text);
				answered = 1;
			} else {
				close(open[i].fd);
				open[i].fd = -1;
			}
		}
	}
	for (i = 0; i < 8; i++)
		if (open[i].fd >= 0)
			close(open[i].fd);
}

static void
test_several(void)
{
	struct tally tally = {.http = new_http()};
	struct sk_http_request request;
	struct server server;
	int i;

	server_start(&server, eight_at_once, NULL);
	request = post_request(server.url);
	for (i = 0; i < 8; i++)
		start(&tally, &request);
	is_int(running(&tally), 8, "eight running");
	tally.again = &request;
	for (i = 0; i < 1000 && running(&tally) > 0; i++)
		sk_http_turn(tally.http, 1000, -1);
	is_int(tally.answered, 9, "eight side by side, and one more started by the first to end");
	sk_http_free(tally.http);
	server_stop(&server);
	is_int(server.n_requests, 9, "each was sent once");
	is_int((long long)server.stray, 0, "on eight connections");
	server_fini(&server);
}

#define LARGE (40 << 20) /* two of them are more than all answers under way may have */

/* Writes n bytes of a body. */
static void
say_bytes(int fd, size_t n)
{
	static char blanks[1 << 16];

	memset(blanks, ' ', sizeof(blanks));
	while (n > 0) {
		size_t some = n < sizeof(blanks) ? n : sizeof(blanks);

		if (send(fd, blanks, some, MSG_NOSIGNAL) <= 0)
			return; /* it was given up */
		n -= some;
	}
}

/* Most of the first answer, then the second one whole, then the rest of the first. */
static void
two_large(struct server *server)
{
	char head[100];
	int one = server_accept(server), two;

	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", LARGE);
	server_read(server, one);
	two = server_accept(server);
	server_read(server, two);
	server_say(one, head);
	say_bytes(one, LARGE - 1);
	server_say(two, head);
	say_bytes(two, LARGE);
	say_bytes(one, 1);
	close(two);
	server_read(server, one);
	close(one);
}

static void
test_large(const char *method, int answered, const char *what)
{
	struct tally tally = {.http = new_http()};
	struct sk_http_request request;
	struct server server;

	server_start(&server, two_large, NULL);
	request = strcmp(method, "GET") == 0 ? get_request(server.url) : post_request(server.url);
	start(&tally, &request);
	/* so that it is surely the first */
	for (int i = 0; i < 5; i++)
		sk_http_turn(tally.http, 20, -1);
	start(&tally, &request);
	for (int i = 0; i < 100000 && running(&tally) > 0; i++)
		sk_http_turn(tally.http, 1000, -1);
	is_int(tally.answered, answered, what);
	sk_http_free(tally.http);
	server_stop(&server);
	server_fini(&server);
}

/* The first is held until the second was answered. */
static void
second_first(struct server *server)
{
	int one = server_accept(server), two;

	server_read(server, one);
	two = server_accept(server);
	server_read(server, two);
	server_say(two, ok_text);
	server_say(one, ok_text);
	close(one);
	close(two);
}

static void
test_wait_beside_others(void)
{
	struct tally tally = {.http = new_http()};
	struct sk_http_request request;
	struct sk_http_answer answer;
	struct server server;
	int i;

	server_start(&server, second_first, NULL);
	request = get_request(server.url);
	start(&tally, &request);
	/* so that this one surely comes first */
	for (i = 0; i < 5; i++)
		sk_http_turn(tally.http, 20, -1);
	wait_for(tally.http, &request, &answer);
	is_int(answer.outcome, SK_HTTP_ANSWERED, "one that is waited for, beside another");
	sk_http_answer_fini(&answer);
	for (i = 0; i < 100 && running(&tally) > 0; i++)
		sk_http_turn(tally.http, 1000, -1);
	is_int(tally.answered, 1, "the other went on");
	sk_http_free(tally.http);
	server_stop(&server);
	server_fini(&server);
}

static void
answer_none(struct server *server)
{
	int fd = server_accept(server);

	server_read(server, fd);
	server_read(server, fd);
	close(fd);
}

/* So long that what ends before half of it was woken, on any machine. */
#define LONG_TURN 60000

static void
test_wakes(void)
{
	struct tally tally = {.http = new_http()};
	struct sk_http_request request;
	struct server server;
	int64_t begun;
	int fds[2], i;

	if (pipe(fds) != 0)
		exit(1);
	begun = sk_time_monotonic();
	is_int(sk_http_turn(tally.http, 50, fds[0]), 0, "an fd with nothing on it");
	ok(sk_time_monotonic() - begun >= 40, "the turn lasts its time, with nothing running");

	server_start(&server, answer_none, NULL);
	request = get_request(server.url);
	start(&tally, &request);
	for (i = 0; i < 10; i++)
		sk_http_turn(tally.http, 20, fds[0]);
	if (write(fds[1], "x", 1) != 1)
		exit(1);
	begun = sk_time_monotonic();
	is_int(sk_http_turn(tally.http, LONG_TURN, fds[0]), 1, "an fd with a byte");
	ok(sk_time_monotonic() - begun < LONG_TURN / 2, "wakes the turn");
	close(fds[1]);
	if (read(fds[0], &i, 1) != 1)
		exit(1);
	begun = sk_time_monotonic();
	is_int(sk_http_turn(tally.http, LONG_TURN, fds[0]), 1, "an fd at its end");
	ok(sk_time_monotonic() - begun < LONG_TURN / 2, "wakes it too");
	close(fds[0]);

	if (sk_stop_init() != 0)
		exit(1);
	raise(SIGTERM);
	begun = sk_time_monotonic();
	for (i = 0; sk_time_monotonic() - begun < 1000; i++)
		sk_http_turn(tally.http, 1000, -1);
	ok(i < 20, "after a stop was asked for, waiting goes on without spinning (%d turns)", i);
	is_int(running(&tally), 1, "it is still running");
	sk_http_free(tally.http);
	is_int(tally.ended, 0, "what is dropped has no end");
	server_stop(&server);
	server_fini(&server);
}

/* In a child, since a stop is asked for only once in a process. */
static void
test_stop_wakes(void)
{
	struct sk_http *http;
	int64_t begun, first;
	pid_t child;
	int status = 0;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (sk_stop_init() != 0)
			_exit(3);
		http = new_http();
		/* before the turn: only the pipe can wake it */
		raise(SIGTERM);
		begun = sk_time_monotonic();
		sk_http_turn(http, LONG_TURN, -1);
		first = sk_time_monotonic() - begun;
		sk_http_turn(http, 500, -1);
		sk_http_free(http);
		_exit(first > LONG_TURN / 2                         ? 1
			: sk_time_monotonic() - begun - first < 400 ? 2
								    : 0);
	}
	waitpid(child, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) != 1, "a stop wakes the turn");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "and only one");
}

/* --- whom it talks to ----------------------------------------------------------------------- */

static void
test_redirect(void)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer answer;
	struct server server;
	char text[200];
	int port, other = server_listen(&port, 8);
	struct pollfd one = {.fd = other, .events = POLLIN};

	snprintf(text, sizeof text,
	    "HTTP/1.1 307 Elsewhere\r\nLocation: http://localhost:%d/\r\nContent-Length: 0\r\n\r\n",
	    port);
	server_start(&server, server_answer_once, text);
	request = post_request(server.url);
	request.headers[0].name = "Request-Key";
	request.headers[0].value = "secret";
	wait_for(http, &request, &answer);
	is_int(answer.outcome, SK_HTTP_ANSWERED, "a redirect is an answer");
	is_int(answer.status, 307, "with its own status");
	is_int(poll(&one, 1, 100), 0, "nobody asked where it points to");
	sk_http_answer_fini(&answer);
	sk_http_free(http);
	server_stop(&server);
	server_fini(&server);
	close(other);
}

static void
test_no_proxy_to_loopback(void)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer answer;
	struct server server;
	char proxy[64];
	int port, other = server_listen(&port, 8);
	struct pollfd one = {.fd = other, .events = POLLIN};

	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", port);
	setenv("http_proxy", proxy, 1);
	setenv("all_proxy", proxy, 1);
	server_start(&server, server_answer_once, ok_text);
	request = post_request(server.url);
	request.timeout = 60000;
	wait_for(http, &request, &answer);
	is_int(answer.outcome, SK_HTTP_ANSWERED, "a request to loopback goes past the proxy");
	is_int(poll(&one, 1, 0), 0, "which hears nothing");
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	sk_http_answer_fini(&answer);
	sk_http_free(http);
	server_stop(&server);
	server_fini(&server);
	close(other);
}

/* A proxy that refuses: libcurl has sent something, but nothing of the request. */
static void
test_proxy_refuses(void)
{
	struct sk_http *http = new_http();
	struct sk_http_request request = post_request("https://api.invalid/v4/appointment");
	struct sk_http_answer answer;
	struct server server;
	char proxy[64];

	server_start(&server, server_answer_once,
	    "HTTP/1.1 502 No\r\nContent-Length: 0\r\nX-Rate-Limit-Limit: 3\r\n\r\n");
	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server.port);
	setenv("https_proxy", proxy, 1);
	request.headers[0].name = "Request-Key";
	request.headers[0].value = "secret";
	request.timeout = 60000;
	wait_for(http, &request, &answer);
	unsetenv("https_proxy");
	server_stop(&server);
	is_int(answer.outcome, SK_HTTP_NOT_SENT, "a proxy refuses the tunnel: not sent");
	is_int(answer.status, 0, "its status isn't the server's");
	is_int(answer.limit, -1, "nor are its headers");
	is_int(server.n_requests, 1, "the proxy was asked");
	ok(server.n_requests == 1 && strstr(server.requests[0], "secret") == NULL,
	    "without the key");
	sk_http_answer_fini(&answer);
	server_fini(&server);
	sk_http_free(http);
}

static void
refuses(struct sk_http *http, const struct sk_http_request *request, int code, const char *what)
{
	struct tally tally = {.http = http};
	struct sk_error err;

	sk_error_clear(&err);
	is_int(sk_http_start(http, request, count, &tally, &err), -1, what);
	is_int(err.code, code, "  the exit code");
	is_int(running(&tally), 0, "  nothing runs");
}

static void
test_refused_requests(void)
{
	static const char *const urls[] = {"http://example.com/v4", "ftp://127.0.0.1/", "127.0.0.1",
	    "http://127.0.0.1@example.com/", "http://127.example.com/", "https://u:p@localhost/",
	    "http://localhost.example.com/", "http://127.0.0.1:80\r\nX: y/", "file:///etc/passwd",
	    "https://", ""};
	struct sk_http *http = new_http();
	struct sk_http_request request;
	size_t i;

	for (i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		request = get_request(urls[i]);
		refuses(http, &request, SK_EXIT_CONFIG, i == 7 ? "a line end in a URL" : urls[i]);
	}
	request = get_request("https://localhost/");
	request.headers[0].name = "App-Id";
	request.headers[0].value = "x\r\nHost: y";
	refuses(http, &request, SK_EXIT_BUG, "a header with a line end in it");
	request = get_request("https://localhost/");
	request.method = "GET / HTTP/1.1\r\nX: y";
	refuses(http, &request, SK_EXIT_BUG, "a method with a line end in it");
	sk_http_free(http);
}

static void
test_ca_file(void)
{
	struct sk_config config;
	struct sk_http *http = NULL;
	struct sk_error err;

	memset(&config, 0, sizeof config);
	config.ca_file = sk_mem_copy("/nowhere/ca.pem");
	sk_error_clear(&err);
	is_int(sk_http_new(&config, &http, &err), -1, "a ca_file that isn't there");
	is_int(err.code, SK_EXIT_CONFIG, "is a matter of configuration");
	ok(strstr(err.text, "/nowhere/ca.pem") != NULL, "and named");
	free(config.ca_file);
	config.ca_file = sk_mem_copy("/");
	sk_error_clear(&err);
	is_int(sk_http_new(&config, &http, &err), -1, "nor may it be a folder");
	free(config.ca_file);
	ok(http == NULL, "nothing is handed out");
}

/* --- -vv ------------------------------------------------------------------------------------- */

static void
test_trace(void)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct sk_http_answer answer;
	struct server server;
	char text[4096], url[128];
	int fds[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	if (saved == -1 || pipe(fds) != 0 || dup2(fds[1], STDERR_FILENO) == -1)
		exit(1);
	sk_out_init("test");
	sk_out_levels(0, 2);
	server_start(&server, server_answer_once,
	    "HTTP/1.1 201 Created\r\nX-Rate-Limit-Limit: 17\r\nSet-Cookie: cookie1\r\n"
	    "Content-Length: 27\r\n\r\n{\"request_key\":\"topsecret1\"}");
	snprintf(url, sizeof url, "%s?patient_id=Zoe", server.url);
	request = post_request(url);
	request.body = "{\"firstname\":\"Zoe\"}";
	request.body_length = strlen(request.body);
	request.headers[0].name = "Request-Key";
	request.headers[0].value = "topsecret2";
	wait_for(http, &request, &answer);
	sk_out_levels(0, 0);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[1]);
	n = read(fds[0], text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	ok(strstr(text, "> POST http://127.0.0.1") != NULL, "-vv shows the request");
	ok(strstr(text, "(19 bytes)") != NULL && strstr(text, "firstname") != NULL, "its body");
	ok(strstr(text, "< 201 in ") != NULL, "the answer");
	ok(strstr(text, "X-Rate-Limit-Limit: 17") != NULL, "harmless headers");
	ok(strstr(text, "Request-Key: ***") != NULL, "the names of the others");
	ok(strstr(text, "Zoe") == NULL, "no patient's data");
	ok(strstr(text, "topsecret") == NULL && strstr(text, "cookie1") == NULL, "no secret");
	sk_http_answer_fini(&answer);
	sk_http_free(http);
	server_stop(&server);
	server_fini(&server);
}

int
main(void)
{
	server_init();
	test_several();
	test_large("GET", 1, "of two reads that are too large together, one gives way");
	test_large("POST", 2, "the answer to a write is always taken");
	test_wait_beside_others();
	test_stop_wakes();
	test_redirect();
	test_no_proxy_to_loopback();
	test_proxy_refuses();
	test_refused_requests();
	test_ca_file();
	test_trace();
	test_wakes();
	return done_testing();
}
