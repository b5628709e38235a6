/* SPDX-License-Identifier: MIT */
/*
 * Answers that go wrong on the way: bytes written past the HTTP library, waiting, closing.
 */
#ifndef _GNU_SOURCE /* vasprintf, strcasestr, POLLRDHUP */
#define _GNU_SOURCE
#endif
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef POLLRDHUP /* only Linux reports a client that has gone while its request is unread */
#define POLLRDHUP 0
#endif

bool
wire_wait(int fd, int stop_fd, int64_t ms)
{
	struct pollfd p[] = {{.fd = fd, .events = POLLRDHUP}, {.fd = stop_fd, .events = POLLIN}};
	int n;

	do
		n = poll(p, 2, (int)ms);
	while (n < 0 && errno == EINTR);
	return n == 0;
}

static void
head(struct text *t, const struct answer *an)
{
	text_addf(t, "HTTP/1.1 %d %s\r\n", an->status, answer_reason(an->status));
	if (an->status != 204)
		text_addf(t, "Content-Length: %zu\r\n", an->length);
	if (an->type != NULL)
		text_addf(t, "Content-Type: %s\r\n", an->type);
	for (int i = 0; i < an->header_count; i++)
		text_addf(t, "%s: %s\r\n", an->headers[i].name, an->headers[i].value);
	text_addf(t, "\r\n");
}

size_t
wire_head_length(const struct answer *an)
{
	struct text t = {0};

	head(&t, an);
	free(t.s);
	return t.length;
}

void
wire_cut(int fd, int stop_fd, const struct answer *an, size_t bytes)
{
	struct pollfd p[] = {{.fd = fd, .events = POLLOUT}, {.fd = stop_fd, .events = POLLIN}};
	struct text t = {0};
	size_t sent = 0;

	head(&t, an);
	if (an->length > 0)
		text_add(&t, an->body, an->length);
	if (bytes >= t.length)
		bytes = t.length - 1; /* what is cut never arrives whole */
	while (sent < bytes) {
		ssize_t n = send(fd, t.s + sent, bytes - sent, MSG_NOSIGNAL);

		if (n >= 0)
			sent += (size_t)n;
		else if (errno == EAGAIN && poll(p, 2, 10000) > 0 && p[1].revents == 0)
			continue;
		else if (errno != EINTR)
			break;
	}
	free(t.s);
}

/*
 * The HTTP library shuts a connection down before it closes it, which sends a FIN first. So another
 * socket takes over the descriptor: that closes the connection at once and, with an SO_LINGER of 0,
 * by a RST.
 */
void
wire_reset(int fd)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};
	int other = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	if (other < 0)
		return;
	dup2(other, fd);
	close(other);
}
