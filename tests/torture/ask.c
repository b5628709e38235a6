/* SPDX-License-Identifier: MIT */
/*
 * ask: what curl does for a test, in a tenth of its time, as a torture test asks some ten thousand
 *times.
 *
 *	ask [-X METHOD] [-H HEADER] [-d BODY] URL [URL …]
 *
 * writes the bodies of the answers to stdout, one after the other; plain http, to loopback. Exit 0
 *when each was answered by a 2xx that is whole.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
dial(const char *host, size_t n, unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	char name[64];
	int fd;

	if (n >= sizeof name)
		return -1;
	memcpy(name, host, n);
	name[n] = '\0';
	if (inet_pton(AF_INET, strcmp(name, "localhost") == 0 ? "127.0.0.1" : name,
		&address.sin_addr) != 1)
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	return -1;
}

/* The whole answer, ended by the server's closing; with a NUL behind. */
static char *
read_all(int fd, size_t *n)
{
	size_t room = 1 << 16;
	char *bytes = malloc(room + 1);
	ssize_t got;

	*n = 0;
	while (bytes != NULL && (got = read(fd, bytes + *n, room - *n)) > 0) {
		*n += (size_t)got;
		if (*n == room)
			bytes = realloc(bytes, (room *= 2) + 1);
	}
	if (bytes != NULL)
		bytes[*n] = '\0';
	return bytes;
}

static int
ask(const char *url, const char *method, const char *header, const char *body)
{
	const char *host = url + strlen("http://"), *colon, *path, *length;
	char *answer, *content;
	size_t n;
	int fd, status = 0;

	if (strncmp(url, "http://", strlen("http://")) != 0 ||
	    (colon = strchr(host, ':')) == NULL || (path = strchr(colon, '/')) == NULL)
		return -1;
	fd = dial(host, (size_t)(colon - host), (unsigned)strtoul(colon + 1, NULL, 10));
	if (fd == -1 ||
	    dprintf(fd,
		"%s %s HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\nContent-Length: "
		"%zu\r\n%s%s\r\n%s",
		method, path, (int)(path - host), host, strlen(body), header,
		*header == '\0' ? "" : "\r\n", body) < 0)
		return -1;
	answer = read_all(fd, &n);
	close(fd);
	if (answer == NULL || sscanf(answer, "HTTP/1.%*c %d", &status) != 1 ||
	    (content = strstr(answer, "\r\n\r\n")) == NULL)
		return -1;
	content += 4;
	length = strcasestr(answer, "\r\nContent-Length:");
	n -= (size_t)(content - answer);
	if (length == NULL || length > content || strtoul(length + 17, NULL, 10) != n)
		return -1;
	if (fwrite(content, 1, n, stdout) != n)
		return -1;
	free(answer);
	return status / 100 == 2 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	const char *method = NULL, *header = "", *body = NULL;
	int option, result = 0;

	while ((option = getopt(argc, argv, "X:H:d:")) != -1) {
		if (option == 'X')
			method = optarg;
		else if (option == 'H')
			header = optarg;
		else if (option == 'd')
			body = optarg;
		else
			return 64;
	}
	if (method == NULL)
		method = body == NULL ? "GET" : "POST";
	for (; optind < argc; optind++)
		if (ask(argv[optind], method, header, body == NULL ? "" : body) != 0)
			result = 1;
	return fflush(stdout) == 0 ? result : 1;
}
