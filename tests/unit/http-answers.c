/* SPDX-License-Identifier: MIT */
/* What http makes of answers: whole ones, broken ones, headers, compression, size. */
#include "http-server.h"

#define MANY (INT64_C(64) << 20)

/* One GET against a server that answers with these bytes and ends the connection. */
static void
get_bytes(const char *bytes, size_t n, struct sk_http_answer *answer)
{
	struct sk_http *http = new_http();
	struct sk_http_request request;
	struct server server;

	server_start(&server, server_answer_once, bytes);
	server.text_length = n;
	request = get_request(server.url);
	wait_for(http, &request, answer);
	sk_http_free(http);
	server_stop(&server);
	server_fini(&server);
}

static void
get(const char *text, struct sk_http_answer *answer)
{
	get_bytes(text, strlen(text), answer);
}

static void
test_outcome(const char *what, const char *text, enum sk_http_outcome wanted, int status,
    const char *body)
{
	struct sk_http_answer answer;

	get(text, &answer);
	if (!is_int(answer.outcome, wanted, what))
		printf("# trouble: %s\n", answer.trouble);
	is_int(answer.status, status, "  its status");
	if (wanted == SK_HTTP_ANSWERED) {
		is_str(answer.body, body, "  its body");
		is_int((long long)answer.body_length, (long long)strlen(body), "  its length");
	} else {
		ok(answer.trouble[0] != '\0', "  its trouble: %s", answer.trouble);
	}
	sk_http_answer_fini(&answer);
}

#define HEAD "HTTP/1.1 200 OK\r\n"

static void
test_whole_and_broken(void)
{
	test_outcome("a whole answer", HEAD "Content-Length: 2\r\n\r\n{}", SK_HTTP_ANSWERED, 200,
	    "{}");
	test_outcome("an empty body", HEAD "Content-Length: 0\r\n\r\n", SK_HTTP_ANSWERED, 200, "");
	test_outcome("an error is an answer", "HTTP/1.1 503 Oh\r\nContent-Length: 2\r\n\r\n{}",
	    SK_HTTP_ANSWERED, 503, "{}");
	test_outcome("chunks",
	    HEAD "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
	    SK_HTTP_ANSWERED, 200, "{}");
	test_outcome("a body that the end of the connection ends", HEAD "\r\n{}", SK_HTTP_ANSWERED,
	    200, "{}");
	test_outcome("no phrase behind the status", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
	    SK_HTTP_ANSWERED, 200, "{}");
	test_outcome("204", "HTTP/1.1 204 No Content\r\n\r\n", SK_HTTP_ANSWERED, 204, "");

	test_outcome("cut behind the status line", HEAD, SK_HTTP_UNCLEAR, 200, NULL);
	test_outcome("cut in a header's name", HEAD "Content-Le", SK_HTTP_UNCLEAR, 200, NULL);
	test_outcome("cut before the blank line", HEAD "Content-Length: 0\r\n", SK_HTTP_UNCLEAR,
	    200, NULL);
	test_outcome("cut inside the blank line", HEAD "Content-Length: 0\r\n\r", SK_HTTP_UNCLEAR,
	    200, NULL);
	test_outcome("cut behind the status line of a 204", "HTTP/1.1 204 No Content\r\n",
	    SK_HTTP_UNCLEAR, 204, NULL);
	test_outcome("cut in the status line", "HTTP/1.1 20", SK_HTTP_UNCLEAR, 0, NULL);
	test_outcome("not a byte", "", SK_HTTP_UNCLEAR, 0, NULL);
	test_outcome("a body that is short", HEAD "Content-Length: 3\r\n\r\n{}", SK_HTTP_UNCLEAR,
	    200, NULL);
	test_outcome("a chunk that is cut", HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
	    SK_HTTP_UNCLEAR, 200, NULL);
	test_outcome("chunks without an end", HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
	    SK_HTTP_UNCLEAR, 200, NULL);
	test_outcome("no HTTP", "hello\r\n\r\n", SK_HTTP_UNCLEAR, 0, NULL);
}

static void
test_interim(void)
{
	struct sk_http_answer answer;

	get("HTTP/1.1 100 Continue\r\n\r\n"
	    "HTTP/1.1 103 Early Hints\r\nX-Rate-Limit-Limit: 1\r\nRetry-After: 9\r\n\r\n"
	    "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
	    &answer);
	is_int(answer.outcome, SK_HTTP_ANSWERED, "after interim answers");
	is_int(answer.status, 201, "the final status counts");
	is_int(answer.limit, -1, "what an interim one said is forgotten");
	is_int(answer.retry_after, -1, "all of it");
	sk_http_answer_fini(&answer);
	test_outcome("an interim answer alone", "HTTP/1.1 100 Continue\r\n\r\n", SK_HTTP_UNCLEAR,
	    100, NULL);
	test_outcome("cut behind an interim answer",
	    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n", SK_HTTP_UNCLEAR, 201, NULL);
}

static void
test_headers(void)
{
	struct sk_http_answer answer;
	int64_t before = sk_time_boot();

	get("HTTP/1.1 200 OK\r\nDATE: Sat, 07 Feb 2026 15:30:00 GMT\r\n"
	    "content-TYPE: application/json; charset=utf-8\r\nData-Insert:completed \r\n"
	    "Request-Key-Expires: Sun, 08 Feb 2026 15:30:00 GMT\r\n"
	    "x-rate-limit-limit: 200\r\nX-Rate-Limit-Remaining: 7\r\nX-RATE-LIMIT-RESET: 42\r\n"
	    "Retry-After: 3\r\nContent-Length: 2\r\n\r\n{}",
	    &answer);
	is_str(answer.content_type, "application/json; charset=utf-8", "Content-Type");
	is_str(answer.data_insert, "completed", "Data-Insert, without the blank behind");
	is_int(answer.date, INT64_C(1770478200000), "Date");
	is_int(answer.key_expires, INT64_C(1770564600000), "Request-Key-Expires");
	is_int(answer.limit, 200, "X-Rate-Limit-Limit");
	is_int(answer.remaining, 7, "X-Rate-Limit-Remaining");
	is_int(answer.reset, 42000, "X-Rate-Limit-Reset in ms");
	is_int(answer.retry_after, 3000, "Retry-After in ms");
	ok(answer.sent >= before && answer.received >= answer.sent &&
		answer.received <= sk_time_boot(),
	    "when it was sent and received");
	sk_http_answer_fini(&answer);

	get("HTTP/1.1 429 No\r\nDate: Sat, 07 Feb 2026 15:30:00 GMT\r\n"
	    "X-Rate-Limit-Limit: many\r\nX-Rate-Limit-Remaining: -1\r\n"
	    "X-Rate-Limit-Reset: 99999999999999999999\r\n"
	    "Retry-After: Sat, 07 Feb 2026 15:31:30 GMT\r\nContent-Length: 0\r\n\r\n",
	    &answer);
	is_int(answer.limit, -1, "a limit that is no number");
	is_int(answer.remaining, -1, "a negative one");
	is_int(answer.reset, -1, "an endless one");
	is_int(answer.retry_after, 90000, "Retry-After as a date, by the server's clock");
	sk_http_answer_fini(&answer);

	get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
	    "X-Rate-Limit-Limit: 5\r\n\r\n",
	    &answer);
	is_int(answer.outcome, SK_HTTP_ANSWERED, "an answer with trailers");
	is_int(answer.limit, -1, "trailers mean nothing");
	is_int(answer.remaining, -1, "a header that isn't there: a number");
	ok(answer.date == 0 && answer.key_expires == 0, "a moment");
	ok(answer.content_type == NULL && answer.data_insert == NULL, "a text");
	sk_http_answer_fini(&answer);
}

/* --- gzip: the least of an encoder --------------------------------------------------------- */

static unsigned long
crc32_of(const unsigned char *bytes, size_t n)
{
	unsigned long crc = 0xffffffffUL;
	int bit;

	while (n-- > 0) {
		crc ^= *bytes++;
		for (bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320UL : 0);
	}
	return crc ^ 0xffffffffUL;
}

static size_t
put_little(unsigned char *to, unsigned long value, int n)
{
	int i;

	for (i = 0; i < n; i++)
		to[i] = (unsigned char)(value >> (8 * i));
	return (size_t)n;
}

static const unsigned char gzip_head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};

/* One stored block. */
static size_t
gzip_stored(const char *text, unsigned char *to)
{
	size_t length = strlen(text), n = sizeof gzip_head;
	unsigned char copy[1000];

	memcpy(copy, text, length);
	memcpy(to, gzip_head, n);
	to[n++] = 1;
	n += put_little(to + n, length, 2);
	n += put_little(to + n, ~length & 0xffff, 2);
	memcpy(to + n, text, length);
	n += length;
	n += put_little(to + n, crc32_of(copy, length), 4);
	return n + put_little(to + n, length, 4);
}

struct bits {
	unsigned char *bytes;
	size_t n;
};

/* Huffman codes go in from their highest bit. */
static void
put_code(struct bits *bits, unsigned int code, int length)
{
	for (; length > 0; length--, bits->n++)
		if ((code >> (length - 1) & 1) != 0)
			bits->bytes[bits->n / 8] |= (unsigned char)(1U << (bits->n % 8));
}

/* As many zeros as asked for, in a block with fixed codes: 13 bits for 258 of them. */
static size_t
gzip_bomb(int64_t zeros, unsigned char *to)
{
	struct bits bits = {to, sizeof gzip_head * 8};

	memcpy(to, gzip_head, sizeof gzip_head);
	put_code(&bits, 6, 3);    /* last block, fixed codes */
	put_code(&bits, 0x30, 8); /* the first zero */
	for (zeros -= 1; zeros > 0; zeros -= 258) {
		put_code(&bits, 0xc5, 8); /* 258 again, */
		put_code(&bits, 0, 5);    /* from one before */
	}
	put_code(&bits, 0, 7);
	return (bits.n + 7) / 8 + 8;
}

static size_t
with_head(const unsigned char *body, size_t n, char *to)
{
	int head =
	    snprintf(to, 100, HEAD "Content-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", n);

	memcpy(to + head, body, n);
	return (size_t)head + n;
}

static void
test_gzip(void)
{
	size_t room = 1 << 20, n;
	unsigned char *packed = sk_mem_zero(room, 1);
	char *bytes = sk_mem_alloc(room + 1000);
	struct sk_http_answer answer;

	n = with_head(packed, gzip_stored("{\"x\":\"compressed\"}", packed), bytes);
	get_bytes(bytes, n, &answer);
	is_int(answer.outcome, SK_HTTP_ANSWERED, "a compressed answer");
	is_str(answer.body, "{\"x\":\"compressed\"}", "is decoded");
	sk_http_answer_fini(&answer);

	memset(packed, 0, room);
	n = with_head(packed, gzip_bomb(MANY + 300, packed), bytes);
	ok(n < room, "a bomb of %zu bytes", n);
	get_bytes(bytes, n, &answer);
	is_int(answer.outcome, SK_HTTP_UNCLEAR, "more than 64 MiB after decompression");
	is_str(answer.trouble, "the answer is larger than 64 MiB", "and why");
	ok((int64_t)answer.body_length <= MANY, "no more than that is kept");
	sk_http_answer_fini(&answer);
	free(bytes);
	free(packed);
}

static void
test_size(int64_t size, enum sk_http_outcome wanted, const char *what)
{
	char *bytes = sk_mem_zero((size_t)size + 100, 1);
	struct sk_http_answer answer;
	int n = snprintf(bytes, 100, HEAD "Content-Length: %lld\r\n\r\n", (long long)size);

	get_bytes(bytes, (size_t)n + (size_t)size, &answer);
	is_int(answer.outcome, wanted, what);
	if (wanted == SK_HTTP_ANSWERED)
		is_int((long long)answer.body_length, size, "all of it");
	sk_http_answer_fini(&answer);
	free(bytes);
}

static void
test_header_flood(void)
{
	size_t n = 0, room = 4 << 20;
	char *bytes = sk_mem_alloc(room);
	struct sk_http_answer answer;

	n += (size_t)snprintf(bytes, 100, HEAD);
	while (n < room - 100)
		n += (size_t)snprintf(bytes + n, 100,
		    "X-%zu: 0123456789012345678901234567890123456789\r\n", n);
	get_bytes(bytes, n, &answer);
	is_int(answer.outcome, SK_HTTP_UNCLEAR, "headers without an end");
	sk_http_answer_fini(&answer);
	free(bytes);
}

int
main(void)
{
	server_init();
	test_whole_and_broken();
	test_interim();
	test_headers();
	test_gzip();
	test_size(MANY, SK_HTTP_ANSWERED, "64 MiB");
	test_size(MANY + 1, SK_HTTP_UNCLEAR, "a byte more");
	test_header_flood();
	return done_testing();
}
