/* SPDX-License-Identifier: MIT */
/* What commands print, and how they end: out, options, stop, error. Each case in a child. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/version.h"
#include "base/out.h"
#include "base/stop.h"
#include "tap.h"
#include "base/time.h"

struct outcome {
	char out[8192], err[8192];
	int code; /* 1000 + signal when one ended it */
};

typedef int body_fn(void);

/* Where the child's stdout goes. */
enum where { TO_FILE, TO_FULL, TO_CLOSED_PIPE, TO_NOWHERE };

static void
slurp(FILE *file, char text[8192])
{
	size_t n;

	rewind(file);
	n = fread(text, 1, 8191, file);
	text[n] = '\0';
	fclose(file);
}

static void
redirect(enum where where, int file)
{
	int fds[2];

	if (where == TO_FULL) {
		file = open("/dev/full", O_WRONLY);
	} else if (where == TO_CLOSED_PIPE && pipe(fds) == 0) {
		close(fds[0]);
		file = fds[1];
	}
	dup2(file, STDOUT_FILENO);
	if (where == TO_NOWHERE)
		close(STDOUT_FILENO);
}

static void
run(body_fn *body, enum where where, struct outcome *outcome)
{
	FILE *out = tmpfile(), *err = tmpfile();
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		dup2(fileno(err), STDERR_FILENO);
		redirect(where, fileno(out));
		exit(body());
	}
	waitpid(child, &status, 0);
	slurp(out, outcome->out);
	slurp(err, outcome->err);
	outcome->code = WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
prints(body_fn *body, int code, const char *out, const char *err, const char *what)
{
	struct outcome outcome;

	run(body, TO_FILE, &outcome);
	is_str(outcome.out, out, what);
	is_str(outcome.err, err, "and on stderr");
	is_int(outcome.code, code, "and its exit code");
}

static void
start(enum sk_format format, int quiet, int verbose)
{
	sk_out_init("sikka-test");
	sk_out_format(format);
	sk_out_levels(quiet, verbose);
}

/* Records from a JSON array; tells what went wrong, as commands do. */
static int
records(enum sk_format format, const char *text)
{
	json_t *array = sk_json_parse(text, strlen(text), NULL), *record;
	struct sk_error err;
	size_t i;

	sk_error_clear(&err);
	start(format, 0, 0);
	json_array_foreach(array, i, record)
	{
		if (sk_out_record(record, &err) != 0)
			break;
	}
	sk_out_finish(&err);
	json_decref(array);
	return sk_options_fail(&err);
}

/* --- formats ------------------------------------------------------------------------------ */

static int
jsonl(void)
{
	return records(SK_FORMAT_JSONL, "[{\"b\":1,\"a\":null},{\"x\":\"J\xc3\xb6rg\\n\"}]");
}

static int
array(void)
{
	return records(SK_FORMAT_JSON, "[{\"b\":1},{\"a\":[]}]");
}

static int
empty_array(void)
{
	return records(SK_FORMAT_JSON, "[]");
}

static int
table(void)
{
	return records(SK_FORMAT_TABLE,
	    "[{\"id\":\"1\",\"name\":\"J\xc3\xb6rg\",\"n\":5,\"deep\":{}},{\"id\":\"22\","
	    "\"name\":null,\"n\":1.5},{\"id\":\"3\",\"name\":\"a\\u001b[1m\\u009b\"}]");
}

static int
table_columns(void)
{
	static const struct sk_column columns[] = {{"id", 1, false, 0}, {"none", 2, false, 0},
	    {"deep", 3, false, 0}, {0}};

	sk_out_columns(columns);
	return records(SK_FORMAT_TABLE, "[{\"deep\":{\"a\":1},\"id\":true}]");
}

static int
empty_table(void)
{
	return records(SK_FORMAT_TABLE, "[]");
}

static int
text_only(void)
{
	struct sk_error err;

	sk_error_clear(&err);
	start(SK_FORMAT_JSON, 0, 0);
	sk_out_text("key\n", &err);
	sk_out_finish(&err);
	return sk_options_fail(&err);
}

static void
test_formats(void)
{
	prints(jsonl, 0, "{\"b\":1,\"a\":null}\n{\"x\":\"J\xc3\xb6rg\\n\"}\n", "", "JSON Lines");
	prints(array, 0, "[\n{\"b\":1},\n{\"a\":[]}\n]\n", "", "an array");
	prints(empty_array, 0, "[]\n", "", "an empty array");
	prints(table, 0,
	    "id  name              n\n"
	    "1   J\xc3\xb6rg              5\n"
	    "22                    1.5\n"
	    "3   a\\x1b[1m\\xc2\\x9b\n",
	    "", "a table");
	prints(table_columns, 0, "id    none  deep\ntrue        {\"a\":1}\n", "",
	    "a table with its columns named");
	prints(empty_table, 0, "", "", "an empty table");
	prints(text_only, 0, "key\n", "", "text is no record");
}

static int
many(enum sk_format format, int buffered)
{
	struct sk_error err;
	int i;

	sk_error_clear(&err);
	start(format, 0, 0);
	sk_out_buffered(buffered);
	for (i = 0; i < 2500; i++) {
		json_t *record = json_pack("{s:i}", "n", i);

		sk_out_record(record, &err);
		json_decref(record);
	}
	sk_out_finish(&err);
	return sk_options_fail(&err);
}

static int
many_rows(void)
{
	return many(SK_FORMAT_TABLE, 1);
}

static int
many_lines(void)
{
	return many(SK_FORMAT_JSONL, 1);
}

static void
test_many(void)
{
	struct outcome outcome;

	run(many_rows, TO_FILE, &outcome);
	is_int(outcome.code, 0, "2500 rows");
	ok(strncmp(outcome.out, "n\n0\n1\n", 6) == 0 && strstr(outcome.out, "1001\n") != NULL,
	    "with one header");
	ok(strstr(outcome.out + 1, "n") == NULL, "and no second one");
	run(many_lines, TO_FULL, &outcome);
	is_int(outcome.code, SK_EXIT_CANT_WRITE, "2500 lines into a full disk, buffered: 74");
	run(many_lines, TO_CLOSED_PIPE, &outcome);
	is_int(outcome.code, 0, "into a closed pipe: quiet");
	is_str(outcome.err, "", "without a word");
}

/* --- trouble with stdout ------------------------------------------------------------------ */

static int
after_closing(void)
{
	struct sk_error err;
	json_t *record = json_pack("{s:i}", "n", 1);
	int first, second;

	sk_error_clear(&err);
	start(SK_FORMAT_JSONL, 0, 0);
	first = sk_out_record(record, &err);
	second = sk_out_record(record, &err);
	json_decref(record);
	return first == 0 && second == 0 && sk_out_is_closed() && sk_out_finish(&err) == 0 ? 0 : 1;
}

/* The next file that is opened must not become the stdout that was closed. */
static int
opens_a_file(void)
{
	int fd;

	start(SK_FORMAT_JSONL, 0, 0);
	fd = open("/dev/null", O_WRONLY);
	return fd > 2 ? 0 : 1;
}

static int
nothing(void)
{
	return records(SK_FORMAT_JSONL, "[]");
}

static void
test_trouble(void)
{
	struct outcome outcome;

	run(jsonl, TO_FULL, &outcome);
	is_int(outcome.code, SK_EXIT_CANT_WRITE, "a full disk: 74");
	is_str(outcome.err, "sikka-test: can't write to standard output: No space left on device\n",
	    "and said once");
	run(empty_array, TO_FULL, &outcome);
	is_int(outcome.code, SK_EXIT_CANT_WRITE, "even for an empty array");
	run(table, TO_FULL, &outcome);
	is_int(outcome.code, SK_EXIT_CANT_WRITE, "and for a table");
	run(text_only, TO_FULL, &outcome);
	is_int(outcome.code, SK_EXIT_CANT_WRITE, "and for a text");
	run(jsonl, TO_NOWHERE, &outcome);
	is_int(outcome.code, SK_EXIT_CANT_WRITE, "a stdout that was closed: 74");
	run(nothing, TO_NOWHERE, &outcome);
	is_int(outcome.code, 0, "unless nothing is to be written");
	run(opens_a_file, TO_NOWHERE, &outcome);
	is_int(outcome.code, 0, "and nobody gets its number");
	run(after_closing, TO_CLOSED_PIPE, &outcome);
	is_int(outcome.code, 0, "a closed pipe is remembered");
	is_str(outcome.err, "", "and quiet");
}

/* --- stderr ------------------------------------------------------------------------------- */

static int
speak(int quiet, int verbose)
{
	start(SK_FORMAT_JSONL, quiet, verbose);
	sk_out_warn("warn %d", 1);
	sk_out_tell("tell a\nb\r\033[2J\x7f %s", "J\xc3\xb6rg \xff \xc2\x9b");
	sk_out_verbose("verbose");
	sk_out_debug("debug");
	return sk_out_debugs();
}

static int
speak_plain(void)
{
	return speak(0, 0);
}

static int
speak_quiet(void)
{
	return speak(1, 0);
}

static int
speak_much(void)
{
	return speak(0, 2);
}

#define TOLD "sikka-test: tell a b \\x1b[2J\\x7f J\xc3\xb6rg \\xff \\xc2\\x9b\n"

static void
test_stderr(void)
{
	prints(speak_plain, 0, "", "sikka-test: warn 1\n" TOLD, "lines");
	prints(speak_quiet, 0, "", TOLD, "lines with -q");
	prints(speak_much, 1, "",
	    "sikka-test: warn 1\n" TOLD "sikka-test: verbose\nsikka-test: debug\n",
	    "lines with -vv");
}

/* --- options ------------------------------------------------------------------------------ */

static const struct sk_option own_options[] = {
    {'w', "wait", "[=DURATION]", "wait for the end of all; with a duration, for so long at most"},
    {300, "stuck-after-a-long-time", "DURATION", "withdraw what is older"},
    {301, "again", NULL, "even if it was there"},
    {302, "forgotten", NULL, "has no case"},
    {0, NULL, NULL, NULL},
};

static const char *const test_forms[] = {
    "[--wait[=DURATION]] [--stuck-after-a-long-time DURATION] [--again] [FILE ...]",
    "--again another form, which is long enough to need a second line in the help",
    NULL,
};
static const struct sk_command test_command = {.name = "sikka-test",
    .synopsis = test_forms,
    .summary = "Tests what all commands share.",
    .options = own_options,
    .examples = (const char *const[]){"sikka-test a", "sikka-test --wait b | wc -l", NULL},
    .has_dry_run = 1,
    .has_office = 1};

static const char *const bare_forms[] = {"", NULL};
static const struct sk_command bare_command = {.name = "sikka-bare",
    .synopsis = bare_forms,
    .summary = "Bare.",
    .examples = (const char *const[]){NULL}};

static char told[200];

static int
take_own(void *arg, int letter, const char *value, struct sk_error *err)
{
	size_t n = strlen(told);

	(void)arg;
	snprintf(told + n, sizeof told - n, "%d=%s ", letter, value != NULL ? value : "-");
	if (letter == 300) {
		int64_t duration;

		return sk_options_duration("--stuck-after-a-long-time", value, 0, &duration, err);
	}
	return letter == 302 ? sk_options_unhandled(letter, err) : 0;
}

/* Parses words (split at blanks) and prints what came of it. */
static int
parse(const struct sk_command *command, const char *words)
{
	struct sk_common common;
	char *text = sk_mem_copy(words), *argv[20], *word;
	int argc = 0, first, i;

	for (word = strtok(text, " "); word != NULL && argc < 19; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	first = sk_options_parse(command, argc, argv, &common, take_own, NULL);
	printf("%sdb=%s offices=%zu format=%d q%d v%d n%d wants=%d:", told,
	    common.db != NULL ? common.db : "-", common.n_offices, (int)common.format, common.quiet,
	    common.verbose, common.dry_run, sk_options_wants_office(&common, "D1"));
	for (i = first; i < argc; i++)
		printf(" %s", argv[i]);
	printf("\n");
	sk_options_fini(&common);
	free(text);
	return 0;
}

static const char *words;

static int
parse_words(void)
{
	return parse(&test_command, words);
}

static int
parse_bare(void)
{
	return parse(&bare_command, words);
}

static void
gives(const char *arguments, const char *wanted)
{
	words = arguments;
	prints(parse_words, 0, wanted, "", arguments);
}

static void
refuses(const char *arguments, const char *wanted)
{
	words = arguments;
	prints(parse_words, SK_EXIT_USAGE, "", wanted, arguments);
}

#define SEE "; see sikka-test --help\n"

static void
test_options(void)
{
	gives("x", "db=- offices=0 format=0 q0 v0 n0 wants=1:\n");
	gives("x -D f -O D1 --office=D2 -F json -qvvn a b",
	    "db=f offices=2 format=1 q1 v2 n1 wants=1: a b\n");
	gives("x a --db f -O D2 - -- -q", "db=f offices=1 format=0 q0 v0 n0 wants=0: a - -q\n");
	gives("x --wait a", "119=- db=- offices=0 format=0 q0 v0 n0 wants=1: a\n");
	gives("x --wait=5m -w6h --agai --stuck 90",
	    "119=5m 119=6h 301=- 300=90 db=- offices=0 format=0 q0 v0 n0 wants=1:\n");
	refuses("x --foo", "sikka-test: unknown option --foo" SEE);
	refuses("x --foo=secret", "sikka-test: unknown option --foo" SEE);
	refuses("x -x", "sikka-test: unknown option -x" SEE);
	refuses("x --quiet -xq", "sikka-test: unknown option -x" SEE);
	refuses("x -qx", "sikka-test: unknown option -x" SEE);
	refuses("x --quiet=3", "sikka-test: option --quiet takes no argument" SEE);
	refuses("x --db", "sikka-test: option --db needs an argument" SEE);
	refuses("x --quiet -D", "sikka-test: option -D needs an argument" SEE);
	refuses("x --ver", "sikka-test: ambiguous option --ver" SEE);
	refuses("x -F xml",
	    "sikka-test: --format: there is no format 'xml'; the formats are jsonl, json, "
	    "table and csv\n");
	refuses("x --office=", "sikka-test: --office: the value is empty (is a variable unset?)\n");
	refuses("x --stuck 5x",
	    "sikka-test: --stuck-after-a-long-time: '5x' isn't a duration (90, "
	    "90s, 15m, 6h, 30d)\n");
	words = "x --forgotten";
	prints(parse_words, SK_EXIT_BUG, "", "sikka-test: option 302 isn't handled\n",
	    "an option without a case is a bug");
	words = "x -n";
	prints(parse_bare, SK_EXIT_USAGE, "",
	    "sikka-bare: unknown option -n; see sikka-bare "
	    "--help\n",
	    "an option that the command doesn't have");
}

static void
test_help(void)
{
	static const char help[] =
	    "usage: sikka-test [--wait[=DURATION]] [--stuck-after-a-long-time DURATION]\n"
	    "           [--again] [FILE ...]\n"
	    "       sikka-test --again another form, which is long enough to need a second\n"
	    "           line in the help\n"
	    "\n"
	    "Tests what all commands share.\n"
	    "\n"
	    "options:\n"
	    "  -w, --wait[=DURATION]    wait for the end of all; with a duration, for so\n"
	    "                           long at most\n"
	    "      --stuck-after-a-long-time DURATION\n"
	    "                           withdraw what is older\n"
	    "      --again              even if it was there\n"
	    "      --forgotten          has no case\n"
	    "  -D, --db FILE            the state file\n"
	    "  -O, --office OFFICE      only this office; may be given several times\n"
	    "  -F, --format FORMAT      jsonl, json, table or csv\n"
	    "  -q, --quiet              no warnings and no progress\n"
	    "  -v, --verbose            report what is decided; twice: requests and answers\n"
	    "                           too, masked\n"
	    "  -n, --dry-run            show what would be done, and do nothing\n"
	    "  -h, --help               show this help\n"
	    "  -V, --version            show the version\n"
	    "\nexamples:\n"
	    "  sikka-test a\n"
	    "  sikka-test --wait b | wc -l\n"
	    "\nmanual page: sikka-test(1)\n";
	struct outcome outcome;

	gives("x -q --help --foo", help);
	gives("x -F json -h", help);
	gives("x -V", "sikka-test " SK_VERSION "\n");
	words = "x --help";
	run(parse_words, TO_FULL, &outcome);
	is_int(outcome.code, SK_EXIT_CANT_WRITE, "help on a full disk: 74");
	run(parse_words, TO_CLOSED_PIPE, &outcome);
	is_int(outcome.code, 0, "help into a closed pipe: 0");
}

/* --- stop --------------------------------------------------------------------------------- */

static int
stop_once(void)
{
	char c;

	if (sk_stop_fd() != -1 || sk_stop_init() != 0 || sk_stop_init() != 0)
		return 1;
	if (sk_stop_asked() != 0 || read(sk_stop_fd(), &c, 1) != -1 || errno != EAGAIN)
		return 2;
	raise(SIGTERM);
	if (sk_stop_asked() != SIGTERM || read(sk_stop_fd(), &c, 1) != 1)
		return 3;
	return (fcntl(sk_stop_fd(), F_GETFD) & FD_CLOEXEC) != 0 ? 0 : 4;
}

static int
stop_twice(void)
{
	sk_stop_init();
	raise(SIGTERM);
	raise(SIGINT);
	return 0;
}

static int
stop_ignored(void)
{
	signal(SIGINT, SIG_IGN);
	sk_stop_init();
	raise(SIGINT);
	return sk_stop_asked();
}

static void
test_stop(void)
{
	prints(stop_once, 0, "", "", "asked to stop");
	prints(stop_twice, 1000 + SIGINT, "", "", "twice: the second signal ends it");
	prints(stop_ignored, 0, "", "", "a signal that was ignored stays so");
}

/* --- error and mem ------------------------------------------------------------------------ */

static void
test_error(void)
{
	static const enum sk_exit ranks[] = {2, 1, 3, 77, 78, 71, 70, 73, 74, 76, 69, 75, 66, 65,
	    64, 0};
	size_t i, k, wrong = 0, n = sizeof ranks / sizeof ranks[0];
	struct sk_error err;
	char *name = sk_mem_alloc(901);

	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++)
			wrong += sk_exit_worse(ranks[i], ranks[k]) != ranks[i < k ? i : k];
	}
	is_int((long long)wrong, 0, "each pair of exit codes");
	is_int(sk_exit_worse(99, 73), 99, "an unknown one is as bad as a bug");
	is_int(sk_exit_worse(99, 71), 71, "and no worse");
	sk_error_clear(&err);
	is_int(sk_error_set(&err, SK_EXIT_BAD_DATA, "line %d", 3), -1, "set");
	sk_error_set(&err, SK_EXIT_BUG, "later");
	is_int(sk_error_context(&err, "%s", "in"), -1, "the first stays");
	is_str(err.text, "in: line 3", "with context in front");
	is_int(err.code, SK_EXIT_BAD_DATA, "and its code");
	is_int(sk_error_set(NULL, SK_EXIT_BUG, "nobody"), -1, "nobody to tell");
	is_int(sk_error_context(NULL, "nobody"), -1, "nor here");
	sk_error_clear(NULL);
	for (i = 0; i < 450; i++)
		memcpy(name + 2 * i, "\xc3\xb6", 2);
	name[900] = '\0';
	sk_error_clear(&err);
	sk_error_set(&err, SK_EXIT_BUG, "%s", name);
	is_int((long long)strlen(err.text), 498, "a text that is cut keeps whole characters");
	sk_error_clear(&err);
	sk_error_set(&err, SK_EXIT_OK, "well?");
	is_int(err.code, SK_EXIT_BUG, "a failure is never well");
	free(name);
}

static volatile size_t too_many = SIZE_MAX / 2;

static int
no_memory(void)
{
	free(sk_mem_resize(NULL, too_many, 4));
	return 0;
}

static int
no_memory_on_the_wire(void)
{
	sk_mem_exit_with(SK_EXIT_UNKNOWN);
	free(sk_mem_resize(NULL, too_many, 4));
	return 0;
}

static void
test_mem(void)
{
	char *text = sk_mem_printf("%s-%d", "a", 5);

	is_str(text, "a-5", "printed");
	sk_mem_replace(&text, text + 2);
	is_str(text, "5", "replaced by a part of itself");
	sk_mem_replace(&text, NULL);
	ok(text == NULL && sk_mem_copy(NULL) == NULL, "NULL stays NULL");
	free(sk_mem_alloc(0));
	free(sk_mem_zero(0, 0));
	free(sk_mem_resize(sk_mem_alloc(5), 0, 1));
	prints(no_memory, SK_EXIT_NO_RESOURCE, "", "sikka: out of memory\n", "no memory: 71");
	prints(no_memory_on_the_wire, SK_EXIT_UNKNOWN, "", "sikka: out of memory\n",
	    "with a request on the wire: 2");
}

int
main(void)
{
	sk_mem_init();
	test_formats();
	test_many();
	test_trouble();
	test_stderr();
	test_options();
	test_help();
	test_stop();
	test_error();
	test_mem();
	return done_testing();
}
