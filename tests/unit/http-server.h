/* SPDX-License-Identifier: MIT */
/*
 * http-server: a server on loopback whose every byte a test decides. A script runs in a thread:
 * it accepts, reads requests (each is kept), writes what it likes, and ends; server_stop waits for
 * it. Nothing here waits longer than ten seconds.
 */
#ifndef SK_HTTP_SERVER_H
#define SK_HTTP_SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http.h"
#include "base/mem.h"
#include "tap.h"
#include "base/time.h"

#define SERVER_REQUESTS 32
#define SERVER_PATIENCE 60 /* seconds for what is to come: no machine is so slow */

struct server {
	int listener;
	int port;
	pthread_t thread;
	void (*script)(struct server *);
	const char *text; /* what a script may want to answer */
	size_t text_length;
	int n_requests;                  /* whole ones that arrived */
	char *requests[SERVER_REQUESTS]; /* heads and bodies */
	size_t body_lengths[SERVER_REQUESTS];
	size_t stray; /* bytes that came where none were expected */
	char url[64];
};

/* A connection within ms, or -1. */
__attribute__((unused)) static int
server_accept_within(const struct server *server, int ms)
{
	struct pollfd one = {.fd = server->listener, .events = POLLIN};
	struct timeval limit = {.tv_sec = SERVER_PATIENCE};
	int fd;

	if (poll(&one, 1, ms) != 1)
		return -1;
	fd = accept(server->listener, NULL, NULL);
	if (fd != -1)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	return fd;
}

__attribute__((unused)) static int
server_accept(const struct server *server)
{
	return server_accept_within(server, SERVER_PATIENCE * 1000);
}

__attribute__((unused)) static void
server_write(int fd, const char *bytes, size_t n)
{
	ssize_t written;

	for (; n > 0; bytes += written, n -= (size_t)written) {
		written = send(fd, bytes, n, MSG_NOSIGNAL);
		if (written <= 0)
			return;
	}
}

__attribute__((unused)) static void
server_say(int fd, const char *text)
{
	server_write(fd, text, strlen(text));
}

static size_t
server_body_length(const char *head)
{
	const char *at = strcasestr(head, "\r\nContent-Length:");

	return at == NULL ? 0 : (size_t)strtoul(at + 17, NULL, 10);
}

/* One request, head and body: 1, or 0 when the connection ended first. */
__attribute__((unused)) static int
server_read(struct server *server, int fd)
{
	size_t n = 0, wanted = 0, capacity = 4 << 20;
	char *bytes = sk_mem_alloc(capacity), *end;
	ssize_t got;

	while (wanted == 0 || n < wanted) {
		got = recv(fd, bytes + n, capacity - n - 1, 0);
		if (got <= 0) {
			server->stray += n;
			free(bytes);
			return 0;
		}
		n += (size_t)got;
		bytes[n] = '\0';
		end = strstr(bytes, "\r\n\r\n");
		if (wanted == 0 && end != NULL)
			wanted = (size_t)(end - bytes) + 4 + server_body_length(bytes);
	}
	if (server->n_requests < SERVER_REQUESTS) {
		end = strstr(bytes, "\r\n\r\n");
		server->body_lengths[server->n_requests] = n - (size_t)(end + 4 - bytes);
		server->requests[server->n_requests] = bytes;
	} else {
		free(bytes);
	}
	server->n_requests++;
	return 1;
}

/* The usual script: one request, answered with text; the connection ends. */
__attribute__((unused)) static void
server_answer_once(struct server *server)
{
	int fd = server_accept(server);

	if (fd == -1)
		return;
	if (server_read(server, fd))
		server_write(fd, server->text, server->text_length);
	close(fd);
}

static void *
server_run(void *arg)
{
	struct server *server = arg;

	server->script(server);
	return NULL;
}

static int
server_listen(int *port, int backlog)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t n = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
	    listen(fd, backlog) != 0 || getsockname(fd, (struct sockaddr *)&address, &n) != 0) {
		perror("no server");
		exit(1);
	}
	*port = ntohs(address.sin_port);
	return fd;
}

__attribute__((unused)) static void
server_start(struct server *server, void (*script)(struct server *), const char *text)
{
	memset(server, 0, sizeof *server);
	server->listener = server_listen(&server->port, 64);
	server->script = script;
	server->text = text;
	server->text_length = text == NULL ? 0 : strlen(text);
	snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d/v4/x", server->port);
	if (pthread_create(&server->thread, NULL, server_run, server) != 0)
		exit(1);
}

/* Afterwards its counts may be read; then server_fini. */
__attribute__((unused)) static void
server_stop(struct server *server)
{
	pthread_join(server->thread, NULL);
	close(server->listener);
}

__attribute__((unused)) static void
server_fini(struct server *server)
{
	int i;

	for (i = 0; i < SERVER_REQUESTS; i++)
		free(server->requests[i]);
}

/* Before main's first line that matters. */
__attribute__((unused)) static void
server_init(void)
{
	signal(SIGPIPE, SIG_IGN);
	alarm(300);
}

__attribute__((unused)) static struct sk_http *
new_http(void)
{
	static const struct sk_config config = {.connections = 8};
	struct sk_http *http = NULL;
	struct sk_error err;

	sk_error_clear(&err);
	if (sk_http_new(&config, &http, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return http;
}

__attribute__((unused)) static struct sk_http_request
get_request(const char *url)
{
	struct sk_http_request request = {.kind = SK_HTTP_READ, .method = "GET", .url = url};

	return request;
}

__attribute__((unused)) static struct sk_http_request
post_request(const char *url)
{
	struct sk_http_request request = {.kind = SK_HTTP_WRITE,
	    .method = "POST",
	    .url = url,
	    .body = "{\"a\":\"1\"}",
	    .body_length = 9};

	return request;
}

struct waiting {
	struct sk_http_answer *answer;
	int has_ended;
};

static void
note_answer(void *arg, struct sk_http_answer *answer)
{
	struct waiting *waiting = arg;

	sk_http_answer_take(answer, waiting->answer);
	waiting->has_ended = 1;
}

/* Starts one, and turns until it has ended; others go on meanwhile. The answer is the caller's. */
__attribute__((unused)) static void
wait_for(struct sk_http *http, const struct sk_http_request *request, struct sk_http_answer *answer)
{
	struct waiting waiting = {.answer = answer};
	struct sk_error err;

	sk_error_clear(&err);
	memset(answer, 0, sizeof(*answer));
	if (sk_http_start(http, request, note_answer, &waiting, &err) != 0) {
		ok(0, "started: %s", err.text);
		return;
	}
	while (!waiting.has_ended)
		sk_http_turn(http, SK_MINUTE, -1);
}

#endif
