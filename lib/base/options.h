/* SPDX-License-Identifier: MIT */
/*
 * options: one table per command drives getopt_long, the usage line, --help, and the tests that
 * compare them with the man page. The options that all commands share are here.
 *
 * This is one of the few modules that may print and exit: --help and --version end with 0, a wrong
 * option ends with 64 and one line on stderr.
 */
#ifndef SK_BASE_OPTIONS_H
#define SK_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/out.h"

struct sk_option {
	int letter; /* a character, or a number from 256 on for a long-only option */
	const char *name;
	const char *argument; /* NULL: none; "DURATION"; "[=DURATION]" when it is optional */
	const char *help;
};

struct sk_command {
	const char *name;                /* "sikka-book" */
	const char *const *synopsis;     /* what follows the name, a form a line; ends with NULL */
	const char *summary;             /* one sentence */
	const struct sk_option *options; /* the command's own; the last row has no name */
	const char *const *examples;     /* command lines, as its page has them; ends with NULL */
	/*
	 * Whether the command reads stdin when it has no operand. arg is that of sk_option_fn, and
	 * says what was parsed. If it does and stdin is a terminal, the help is shown. NULL: it
	 * never does.
	 */
	bool (*reads_stdin)(const void *arg);
	int has_dry_run; /* the command has -n */
	int has_office;  /* the command has -O */
	bool has_html;   /* its -F may be html */
	bool is_bare;    /* of the options that all commands share it only has -h and -V */
};

struct sk_common {
	const char *db;       /* -D, or NULL */
	const char **offices; /* values of -O, borrowed from argv; the array is freed by fini */
	size_t n_offices;
	enum sk_format format;
	int has_format; /* -F was given */
	int quiet;
	int verbose; /* how often -v was given */
	int dry_run;
	/* The operand behind an option whose value must be attached, and the option; see below. */
	const char *detached, *detached_from;
	char **paths; /* values that were paths beneath the home folder; freed by fini */
	size_t n_paths;
};

/*
 * Called for each of the command's own options. 0, or -1 with err (64). It has a case for each
 * option; what is in the table and has none is a bug (70), as sk_options_unhandled sets it.
 */
typedef int sk_option_fn(void *arg, int letter, const char *value, struct sk_error *err);
int sk_options_unhandled(int letter, struct sk_error *err);

/*
 * Parses argv, starts the library (mem, out), and returns the index of the first operand. Options
 * and operands may stand in any order; the operands come to stand at the end of argv. In the value
 * of an option that names a FILE or a DIR a leading "~/" is the home folder. Doesn't return after
 * --help, --version, a wrong option, or an argument that is empty.
 */
int sk_options_parse(const struct sk_command *command, int argc, char **argv,
    struct sk_common *common, sk_option_fn *own, void *arg);
void sk_options_fini(struct sk_common *common);

/* Whether no -O was given, or office_id is among its values. */
bool sk_options_wants_office(const struct sk_common *common, const char *office_id);

/*
 * Reads the value of an option that takes a duration of at least that many ms; 64 for a wrong one.
 * name as in "--wait". A number without a unit counts seconds.
 */
int sk_options_duration(const char *name, const char *value, int64_t least, int64_t *duration,
    struct sk_error *err);

/* The same for how old or how far away something may be: the unit must be given. */
int sk_options_age(const char *name, const char *value, int64_t least, int64_t *age,
    struct sk_error *err);

/*
 * Reads since when: an age as above, a date or a time, of this machine's zone unless it says another one. *moment
 * is what is meant, and *duration the age (0: it was a date or a time); 64 for a wrong one, or one ahead.
 */
int sk_options_when(const char *name, const char *value, int64_t *duration, int64_t *moment,
    struct sk_error *err);

/*
 * For a message about an operand that makes no sense: "; did you mean --wait=10m?" if it stands
 * behind an option whose value must be attached to it, otherwise "". Returns text.
 */
#define SK_OPTIONS_HINT 96
const char *sk_options_attached_hint(const struct sk_common *common, const char *operand,
    char text[SK_OPTIONS_HINT]);

/* Prints err on stderr (once) and returns its exit code. */
enum sk_exit sk_options_fail(const struct sk_error *err);

/*
 * The end of a command: prints err, if it is set, finishes stdout, and returns the exit code for
 * exit, err and a failure to write (74) together. Frees what sk_options_parse made.
 */
enum sk_exit sk_options_end(struct sk_common *common, enum sk_exit exit,
    const struct sk_error *err);

#endif
