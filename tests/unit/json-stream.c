/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/json_stream.h"
#include "base/mem.h"
#include "tap.h"

/* What a stream gives, as one text: "1:{"a":1} 2:BAD 4:BROKEN END". */
struct told {
	char text[4096];
	char why[SK_STREAM_WHY]; /* the last fault's */
};

static void
tell(struct told *told, const char *text, size_t line)
{
	size_t n = strlen(told->text);

	if (line > 0)
		snprintf(told->text + n, sizeof told->text - n, "%zu:%s ", line, text);
	else
		snprintf(told->text + n, sizeof told->text - n, "%s", text);
}

/* Takes all that is there. 1 at the stream's end. */
static int
take(struct sk_json_stream *stream, struct told *told)
{
	json_t *value;
	size_t line;
	char *text;

	for (;;) {
		switch (sk_json_stream_next(stream, &value, &line, told->why)) {
		case SK_STREAM_MORE:
			return 0;
		case SK_STREAM_VALUE:
			text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
			tell(told, text, line);
			free(text);
			json_decref(value);
			break;
		case SK_STREAM_BAD:
			tell(told, "BAD", line);
			break;
		case SK_STREAM_BROKEN:
			tell(told, "BROKEN", line);
			break;
		case SK_STREAM_END:
			tell(told, "END", 0);
			return 1;
		}
	}
}

/* The input in pieces of the given size. */
static void
run(const char *input, size_t n, size_t piece, struct told *told)
{
	struct sk_json_stream *stream = sk_json_stream_new();
	size_t at;

	memset(told, 0, sizeof *told);
	for (at = 0; at < n; at += piece) {
		/* a copy of just that size, so that reading beyond it shows */
		size_t length = n - at < piece ? n - at : piece;
		char *copy = sk_mem_alloc(length);

		memcpy(copy, input + at, length);
		sk_json_stream_feed(stream, copy, length);
		free(copy);
		if (take(stream, told))
			break;
	}
	sk_json_stream_end(stream);
	if (strstr(told->text, "END") == NULL)
		take(stream, told);
	sk_json_stream_free(stream);
}

static void
gives_bytes(const char *input, size_t n, const char *wanted, const char *what)
{
	static const size_t pieces[] = {1, 2, 3, 7};
	struct told whole, pieced;
	size_t i, differing = 0;

	run(input, n, n > 0 ? n : 1, &whole);
	is_str(whole.text, wanted, what);
	for (i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
		run(input, n, pieces[i], &pieced);
		differing += strcmp(pieced.text, whole.text) != 0;
		differing += strcmp(pieced.why, whole.why) != 0;
	}
	is_int((long long)differing, 0, "the same in pieces");
}

#define GIVES(input, wanted, what) gives_bytes(input, sizeof(input) - 1, wanted, what)

static void
test_values(void)
{
	GIVES("", "END", "nothing");
	GIVES("\n \r\n\t", "END", "blanks");
	GIVES("{\"a\":1}\n{\"a\":2}\n", "1:{\"a\":1} 2:{\"a\":2} END", "lines");
	GIVES("{\"a\":1}\r\n\r\n{\"a\":2}", "1:{\"a\":1} 3:{\"a\":2} END", "CRLF and blank lines");
	GIVES("{\"a\":1}{\"a\":2} {\"a\":3}", "1:{\"a\":1} 1:{\"a\":2} 1:{\"a\":3} END",
	    "one behind the other");
	GIVES("{\n\"a\":\n1\n}\n{\"b\":2}", "1:{\"a\":1} 5:{\"b\":2} END", "over several lines");
	GIVES("\xEF\xBB\xBF{\"a\":1}", "1:{\"a\":1} END", "a byte order mark");
	GIVES("\xEF\xBB\xBF", "END", "only a byte order mark");
	GIVES("\xEF\xBB", "1:BAD END", "half of one");
	GIVES("{\"a\":\"}\\\"]{\"}\n1", "1:{\"a\":\"}\\\"]{\"} 2:1 END", "brackets in strings");
	GIVES("{\"a\":\"\\\\\"}\n1", "1:{\"a\":\"\\\\\"} 2:1 END", "a backslash before the end");
	GIVES("1 \"x\" null\ntrue 2.5", "1:1 1:\"x\" 1:null 2:true 2:2.5 END", "scalars");
	GIVES("1\n2", "1:1 2:2 END", "numbers");
	GIVES("{\"a\":\"J\xc3\xb6rg\"}", "1:{\"a\":\"J\xc3\xb6rg\"} END", "UTF-8");
}

static void
test_arrays(void)
{
	GIVES("[]", "END", "an empty array");
	GIVES("[{\"a\":1},{\"a\":2}]", "1:{\"a\":1} 1:{\"a\":2} END", "an array");
	GIVES("[\n{\"a\":1},\n{\"a\":2}\n]\n", "2:{\"a\":1} 3:{\"a\":2} END", "over lines");
	GIVES("[{\"a\":1}\n,{\"a\":2}]", "1:{\"a\":1} 2:{\"a\":2} END", "leading commas");
	GIVES("[1,[2,[3]],{}]", "1:1 1:[2,[3]] 1:{} END", "nested ones are values");
	GIVES("[1]\n[2]\n{\"a\":3}", "1:1 2:2 3:{\"a\":3} END", "one after the other");
	GIVES("[{\"a\":1}", "1:{\"a\":1} 1:BROKEN END", "without an end");
	GIVES("\n[\n", "2:BROKEN END", "without anything");
	GIVES("[{\"a\":1},", "1:{\"a\":1} 1:BROKEN END", "ending in a comma");
	GIVES("[,1]\n2", "1:BAD 2:2 END", "beginning with a comma");
	GIVES("[1,,2]\n3", "1:1 1:BAD 2:3 END", "two commas");
	GIVES("[1\n2\n,3]\n4", "1:1 2:BAD 3:3 4:4 END", "a comma that is missing");
	GIVES("[1,\n]\n2", "1:1 2:BAD 3:2 END", "a comma too many at the end");
	GIVES("[\n{\"a\":x},\n{\"a\":2}\n]\n3", "2:BAD 3:{\"a\":2} 5:3 END", "a wrong line within");
	GIVES("[{\"a\":1},{\"a\":x},{\"a\":3}]\n{\"a\":4}\n", "1:{\"a\":1} 1:BAD 2:{\"a\":4} END",
	    "a wrong element on the only line");
	GIVES("[\n{\"a\":1},\n{\"a\":\n x},\n{\"a\":3}\n]", "2:{\"a\":1} 3:BROKEN END",
	    "a wrong element over lines");
	GIVES("[\n{\"a\":[1},\n{\"a\":2}\n]", "2:BAD 3:{\"a\":2} END",
	    "a line that was meant to be whole");
}

static void
test_one_line(void)
{
	GIVES("{\"a\":1}\noops\n{\"a\":2}\n", "1:{\"a\":1} 2:BAD 3:{\"a\":2} END", "no JSON");
	GIVES("{oops}\n1", "1:BAD 2:1 END", "no member");
	GIVES("{\"a\":1,}\n1", "1:BAD 2:1 END", "a comma too many");
	GIVES("{\"a\":1,\"a\":2}\n1", "1:BAD 2:1 END", "a member twice");
	GIVES("{\"a\":1]\n1", "1:BAD 2:1 END", "the wrong bracket");
	GIVES("{\"a\":[1}\n1", "1:BAD 2:1 END", "a bracket that is missing inside");
	GIVES("{\"a\":\"x}\n1", "1:BAD 2:1 END", "a quote that is missing");
	GIVES("\"abc\n1", "1:BAD 2:1 END", "a string that doesn't end");
	GIVES("{\"a\":x} {\"a\":2}\n3", "1:BAD 2:3 END", "the rest of the line goes with it");
	GIVES("{\"a\":1} x {\"a\":2}\n3", "1:{\"a\":1} 1:BAD 2:3 END", "behind a value");
	GIVES("{\"a\":1},\n{\"a\":2}", "1:{\"a\":1} 1:BAD 2:{\"a\":2} END", "commas, no array");
	GIVES("}\n1", "1:BAD 2:1 END", "a bracket that closes nothing");
	GIVES("\"a\":1\n1", "1:\"a\" 1:BAD 2:1 END", "a member outside of an object");
	GIVES("{\"a\":\0}\n1", "1:BAD 2:1 END", "a NUL");
	GIVES("{\"a\":\"\0\"}\n1", "1:BAD 2:1 END", "a NUL in a string");
	GIVES("\0\n1", "1:BAD 2:1 END", "a NUL alone");
	GIVES("{\"a\":\"\\u0000\"}\n1", "1:BAD 2:1 END", "a NUL written out");
	GIVES("{\"a\":\"\xff\"}\n1", "1:BAD 2:1 END", "no UTF-8");
	GIVES("\xff\n1", "1:BAD 2:1 END", "no UTF-8 outside");
	GIVES("1\n{\"a\":1", "1:1 2:BAD END", "the last line ends too early");
	GIVES("1\n{\"a\":1\n", "1:1 2:BAD END", "with a newline");
	GIVES("1\n{\"a\":1\n\n \n", "1:1 2:BAD END", "with several");
	GIVES("nul", "1:BAD END", "half a word");
	GIVES("\"ab", "1:BAD END", "half a string");
}

static void
test_broken(void)
{
	GIVES("{oops\n{\"a\":2}\n", "1:BAD 2:{\"a\":2} END", "a garbled line of JSON Lines");
	GIVES("{\"a\":oops\n {\"a\":2}\n", "1:BAD 2:BROKEN END", "an indented rest isn't a value");
	GIVES("{\"a\":oops,\n{\"a\":2}\n", "1:BROKEN END", "a line that goes on");
	GIVES("{\"a\":1,\n\"b\":oops\n}\n{\"a\":2}", "1:BROKEN END", "on a later line");
	GIVES("{\"a\":1\n{\"a\":2}\n{\"a\":3}", "1:BROKEN END", "a bracket that is missing");
	GIVES("1\n{\"a\":\n{\"b\":1,\n\"c\":\"x\ny\"}}\n2", "1:1 2:BROKEN END",
	    "a string over two lines, later");
	GIVES("{\"a\":1,\n\"b\":2\n", "1:BROKEN END", "the end inside a value");
	GIVES("{\"a\":1,\n\"b\":x}\n1", "1:BROKEN END", "on its last line");
	GIVES("{\"a\":1 \"b\":\n{\"c\":1}\n}\n", "1:BROKEN END", "a value that goes on");
	GIVES("{\n\"a\":[\n1}\n]\n}\n", "1:BROKEN END", "the wrong bracket, later");
}

static void
test_reasons(void)
{
	struct told told;
	static const char input[] = "{\n\"a\":1,\n\"b\":Ann\n}";

	run(input, sizeof input - 1, 100, &told);
	is_str(told.why, "invalid token (line 3)", "names the line, and nobody");
	run("{\"a\":1", 6, 100, &told);
	is_str(told.why, "the input ends inside a value", "the end");
}

static void
is_utf16(const char *input, size_t n, const char *text, const char *encoding, const char *what)
{
	struct told told;
	char wanted[SK_STREAM_WHY];

	gives_bytes(input, n, text, what);
	run(input, n, n, &told);
	snprintf(wanted, sizeof(wanted),
	    "this is UTF-16, not UTF-8; convert it: iconv -f %s -t UTF-8", encoding);
	is_str(told.why, wanted, "and it is said what it is");
}

#define IS_UTF16(input, text, encoding, what) \
	is_utf16(input, sizeof(input) - 1, text, encoding, what)

/* What Windows writes, and what stands there when files were put together. */
static void
test_encodings(void)
{
	IS_UTF16("\xFF\xFE{\0}\0\n\0{\0}\0", "1:BROKEN END", "UTF-16", "UTF-16 with a mark");
	IS_UTF16("\xFE\xFF\0{\0}\0\n", "1:BROKEN END", "UTF-16", "the other way round");
	IS_UTF16("{\0}\0\n\0", "1:BROKEN END", "UTF-16LE", "without a mark");
	IS_UTF16("\0{\0}\0\n", "1:BROKEN END", "UTF-16BE", "the other way round");
	IS_UTF16("{}\n\xFF\xFE{\0}\0", "1:{} 2:BROKEN END", "UTF-16", "behind lines of UTF-8");
	GIVES("{\"a\":1}\n\xEF\xBB\xBF{\"a\":2}\n", "1:{\"a\":1} 2:{\"a\":2} END",
	    "a byte order mark between lines");
	GIVES("1\xEF\xBB\xBF", "1:BAD END", "one directly behind a number is part of it");
	GIVES("{}\xEF\xBB\xBF[1,\xEF\xBB\xBF 2]\xEF\xBB\xBF", "1:{} 1:1 1:2 END",
	    "and wherever else a value may begin");
	GIVES("\xEF\xBB\xBF\xEF\xBB\xBF 1", "1:1 END", "two of them");
	GIVES("oops \xEF\xBB\xBF\n2", "1:BAD 2:2 END", "one in a line that is skipped");
}

/* A fault is found as soon as its line is complete, not only at the end of the input. */
static void
test_at_once(void)
{
	struct sk_json_stream *stream = sk_json_stream_new();
	struct told told;

	memset(&told, 0, sizeof told);
	sk_json_stream_feed(stream, "{\"a\":1,\n", 8);
	take(stream, &told);
	is_str(told.text, "", "an open value waits");
	sk_json_stream_feed(stream, "oops\n", 5);
	take(stream, &told);
	is_str(told.text, "1:BROKEN END", "and is given up without the end");
	sk_json_stream_feed(stream, "{}\n", 3);
	take(stream, &told);
	is_str(told.text, "1:BROKEN ENDEND", "for good");
	sk_json_stream_free(stream);
	stream = sk_json_stream_new();
	memset(&told, 0, sizeof told);
	sk_json_stream_feed(stream, "{\"a\":1}", 7);
	take(stream, &told);
	is_str(told.text, "1:{\"a\":1} ", "a value needs no newline behind it");
	sk_json_stream_free(stream);
	sk_json_stream_free(NULL);
}

static void
test_large(void)
{
	struct sk_json_stream *stream = sk_json_stream_new();
	size_t line = 0, i;
	json_t *value = NULL;
	char why[SK_STREAM_WHY] = "";
	clock_t begin = clock();

	/* 8 MB of short lines in one value: testing each newline anew would take minutes */
	sk_json_stream_feed(stream, "{\"a\":[\n", 7);
	for (i = 0; i < 1000000; i++) {
		sk_json_stream_feed(stream, "123456,\n", 8);
		if (sk_json_stream_next(stream, &value, &line, why) != SK_STREAM_MORE)
			break;
	}
	is_int((long long)i, 1000000, "a large value waits");
	sk_json_stream_feed(stream, "1]}", 3);
	is_int(sk_json_stream_next(stream, &value, &line, why), SK_STREAM_VALUE, "and is whole");
	is_int((long long)json_array_size(json_object_get(value, "a")), 1000001, "as sent");
	json_decref(value);
	ok((double)(clock() - begin) / CLOCKS_PER_SEC < 20, "in reasonable time (%.1f s)",
	    (double)(clock() - begin) / CLOCKS_PER_SEC);
	sk_json_stream_free(stream);
}

static void
test_too_large(void)
{
	struct sk_json_stream *stream = sk_json_stream_new();
	size_t line = 0, i, n = 65536;
	json_t *value = NULL;
	char why[SK_STREAM_WHY] = "";
	char *zeros = sk_mem_alloc(n);
	enum sk_stream_result result = SK_STREAM_MORE;

	memset(zeros, 'x', n);
	sk_json_stream_feed(stream, "{\"a\":\"", 6);
	for (i = 0; i < 300 && result == SK_STREAM_MORE; i++) {
		sk_json_stream_feed(stream, zeros, n);
		result = sk_json_stream_next(stream, &value, &line, why);
	}
	is_int(result, SK_STREAM_BROKEN, "more than 16 MiB without an end");
	ok(i == 256 || i == 257, "are refused there");
	is_str(why, "a value of more than 16 MiB", "for that");
	free(zeros);
	sk_json_stream_free(stream);
}

/* Any input, in pieces of any size: parsing ends, and gives the same values. */
static void
test_random(void)
{
	static const char *const parts[] = {"{", "}", "[", "]", ",", ":", "\"a\"", "1", "\n", " ",
	    "\"", "\\", "x", "{\"a\":1}", "{\"a\":1}\n", "\xff"};
	size_t differing = 0, endless = 0, i;

	srand(42);
	for (i = 0; i < 20000; i++) {
		char input[200] = "";
		struct told whole, pieced;
		int n = rand() % 20;

		while (n-- > 0) {
			const char *part = parts[(size_t)rand() % (sizeof parts / sizeof parts[0])];
			size_t used = strlen(input);

			snprintf(input + used, sizeof input - used, "%s", part);
		}
		run(input, strlen(input), 200, &whole);
		run(input, strlen(input), 1 + (size_t)rand() % 5, &pieced);
		endless += strstr(whole.text, "END") == NULL;
		if (strcmp(whole.text, pieced.text) != 0) {
			printf("# differs: %s\n# %s\n# %s\n", input, whole.text, pieced.text);
			differing++;
		}
	}
	is_int((long long)endless, 0, "20000 random inputs (seed 42) end");
	is_int((long long)differing, 0, "and give the same in pieces");
}

static void
test_descriptor(void)
{
	struct sk_json_stream *stream = sk_json_stream_new();
	struct sk_error err = {0};
	char why[160];
	json_t *value;
	size_t line;
	int ends[2];

	ok(pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0, "a pipe");
	is_int(sk_json_stream_read(stream, ends[0], "in", &err), 0, "nothing is there yet");
	is_int(sk_json_stream_next(stream, &value, &line, why), SK_STREAM_MORE, "more may come");
	is_int(write(ends[1], "{}\n[", 4), 4, "written");
	is_int(sk_json_stream_read(stream, ends[0], "in", &err), 0, "read");
	is_int(sk_json_stream_next(stream, &value, &line, why), SK_STREAM_VALUE, "is a value");
	json_decref(value);
	is_int(sk_json_stream_next(stream, &value, &line, why), SK_STREAM_MORE, "and more");
	close(ends[1]);
	is_int(sk_json_stream_read(stream, ends[0], "in", &err), 0, "the end");
	is_int(sk_json_stream_next(stream, &value, &line, why), SK_STREAM_BROKEN,
	    "comes inside of a value");
	close(ends[0]);
	is_int(sk_json_stream_read(stream, ends[0], "in", &err), -1, "one that is closed");
	is_int(err.code, SK_EXIT_NO_INPUT, "is 66");
	ok(strncmp(err.text, "in: ", 4) == 0, "and named: %s", err.text);
	sk_json_stream_free(stream);
}

int
main(void)
{
	sk_mem_init();
	test_descriptor();
	test_values();
	test_arrays();
	test_one_line();
	test_broken();
	test_reasons();
	test_encodings();
	test_at_once();
	test_large();
	test_too_large();
	test_random();
	return done_testing();
}
