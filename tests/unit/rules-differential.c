/* SPDX-License-Identifier: MIT */
/*
 * The rules of writebacks stand in this project twice: in lib/rules, which checks before sending, and
 * in cmd/sikka-sim/fields*.c and systems.c, which refuse as the server would. Neither has seen the
 * other. Here both judge the same random requests. They have to agree on whether the request is right,
 * on every field that is to blame and whether it is missing or wrong, and on what is only remarked:
 * fields that the system doesn't read or nobody knows, and what is wrong by one of two readings of the
 * documents. Where they don't, one of them has misread the documentation.
 *
 *   rules-differential [TRIES [SEED]]
 *
 * The test also shows that a misreading would be noticed: rules-demands.h and rules-rows.h say what
 * the requests must have shown of each rule. What random requests haven't shown is aimed at in the end.
 */
#include "rules-demands.h"
#include "rules-rows.h"
#include "tap.h"

/* The sanitizers' build looks at memory, for which a tenth does; the verdicts are the other one's. */
#ifdef __SANITIZE_ADDRESS__
enum { TRIES = 10000, DEMANDS_EACH = 0 };
#else
enum { TRIES = 100000, DEMANDS_EACH = 1 };
#endif
enum { MORE = 2, SHOWN = 10, NAMES_TRIED = 20000 };

/* Today's date in the zone where it is latest: a practice there has the date of tomorrow elsewhere. */
static int64_t
today_in_days(void)
{
	return ((int64_t)time(NULL) + 14 * 3600) / 86400;
}

static void
bail_out(const char *operation, const char *field, const char *what)
{
	printf("Bail out! %s %s: %s\n", operation, field, what);
	exit(1);
}

/* --- that both know the same ------------------------------------------------------------------ */

static const struct operation *
operation_of(const struct sk_operation *known)
{
	const char *path = sk_rules_path(known);
	char pattern[64];

	snprintf(pattern, sizeof pattern, "%.*s%s", (int)strcspn(path, "{"), path,
	    strchr(path, '{') != NULL ? "{}" : "");
	return operation_find(sk_rules_method(known), pattern);
}

static const struct kind_of_request *
kind_of(const char *name)
{
	for (size_t i = 0; i < KINDS_OF_REQUEST; i++)
		if (strcmp(kinds_of_request[i].name, name) == 0)
			return &kinds_of_request[i];
	return NULL;
}

static bool
kind_has(const struct kind_of_request *kind, const char *field)
{
	for (const char *p = kind->fields; *p != '\0'; p += *p == ',') {
		if (is_spec_of(p, field))
			return true;
		p += strcspn(p, ",");
	}
	return false;
}

/* A client fills op in by itself, so no request has it. */
static void
check_fields_of(const struct sk_operation *known, const struct operation *op)
{
	const struct kind_of_request *kind = kind_of(known->name);
	size_t n = 0;

	if (op == NULL || kind == NULL)
		bail_out(known->name, "",
		    "not in fields_table.c of sikka-sim, or not in rules-requests.h");
	for (const struct field *f = op->fields; f->name != NULL; f++, n++)
		if (sk_field_find(known, f->name) == NULL)
			bail_out(known->name, f->name, "not in lib/rules/table.c");
	if (n != known->n_fields)
		bail_out(known->name, "", "has a field that isn't in fields_table.c of sikka-sim");
	for (n = 0; n < known->n_fields; n++)
		if (strcmp(known->fields[n].name, "op") != 0 &&
		    !kind_has(kind, known->fields[n].name))
			bail_out(known->name, known->fields[n].name, "not in rules-requests.h");
}

static void
check_operations(void)
{
	size_t n = 0;

	for (size_t i = 0; i < sk_operations_count; i++)
		check_fields_of(&sk_operations[i], operation_of(&sk_operations[i]));
	while (operation_at(n) != NULL)
		n++;
	if (n != sk_operations_count)
		bail_out("an operation", "", "not in lib/rules/table.c");
}

/* --- how long texts are tried ------------------------------------------------------------------ */

/* Longer values are no texts: a document has a kind of its own. */
static void
learn_length(const struct kind_of_request *kind, const char *field, size_t longest)
{
	if (longest == 0 || longest >= LENGTH_BEYOND)
		return;
	if (!lengths_add(kind, field, longest) || !lengths_add(kind, field, longest + 1))
		bail_out(kind->name, field, "LENGTHS_MAX in rules-requests.h is too small");
}

static bool
is_about_text(const struct check *check)
{
	return check->on != 0 && check->what == UP_TO && check->n < LENGTH_BEYOND;
}

static void
learn_of_server(const struct kind_of_request *kind, const struct operation *op)
{
	for (const struct field *f = op->fields; f->name != NULL; f++)
		for (int k = 0; k < CHECKS_MAX; k++)
			if (is_about_text(&f->checks[k]))
				learn_length(kind, f->name, (size_t)f->checks[k].n);
	for (const struct rule *r = op->rules; r != NULL && r->fields != NULL; r++)
		if (is_about_text(&r->check))
			learn_length(kind, r->fields, (size_t)r->check.n);
}

static void
learn_of_client(const struct kind_of_request *kind, const struct sk_operation *op)
{
	for (size_t i = 0; i < op->n_fields; i++) {
		const char *at = op->fields[i].max_for; /* "PMS=15; PMS=25" */

		learn_length(kind, op->fields[i].name, op->fields[i].max);
		while (at != NULL && (at = strchr(at, '=')) != NULL)
			learn_length(kind, op->fields[i].name, strtoul(++at, NULL, 10));
	}
	for (size_t i = 0; i < op->n_rules; i++)
		if (op->rules[i].kind == SK_RULE_MAX)
			learn_length(kind, op->rules[i].fields, op->rules[i].number);
}

static void
learn_lengths(void)
{
	for (size_t i = 0; i < sk_operations_count; i++) {
		const struct kind_of_request *kind = kind_of(sk_operations[i].name);

		learn_of_server(kind, operation_of(&sk_operations[i]));
		learn_of_client(kind, &sk_operations[i]);
	}
}

/* --- which system a name means ----------------------------------------------------------------- */

/* One of the words, which are separated by commas. */
static void
add_word(uint64_t *random, struct text *t, const char *words)
{
	size_t n = 1;

	for (const char *p = words; *p != '\0'; p++)
		n += *p == ',';
	for (n = random_next(random) % n; n > 0; n--)
		words += strcspn(words, ",") + 1;
	text_add(t, words, strcspn(words, ","));
}

static unsigned
system_of_client(const char *name, const char *version)
{
	const char *known = sk_rules_pms(name, version);

	return known != NULL ? system_find(known, "") : OTHER;
}

/* Whether they differ. */
static bool
compare_name(const char *name, const char *version)
{
	static int shown;
	unsigned client = system_of_client(name, version);

	if (client == system_find(name, version))
		return false;
	if (shown++ < SHOWN)
		printf("# the name \"%s\" \"%s\": %x for the client, %x for the server\n", name,
		    version, client, system_find(name, version));
	return true;
}

/* Names and versions of Dentrix in the forms in which they were seen, and near ones. */
static long
compare_forms(uint64_t *random)
{
	long differ = 0;

	for (int i = 0; i < NAMES_TRIED; i++) {
		struct text name = {0}, version = {0};

		add_word(random, &name, "Dentrix,DENTRIX,dentrix,Dent-rix,Dentrixx,Easy Dental");
		add_word(random, &name,
		    ",,,, Enterprise, Ascend, Core, core, Cor, Ascendant, G, G6,-G5, V16");
		add_word(random, &version, ",,Enterprise ,Ascend ,Core ,G,g ,G-,V,v ,,R,GA ");
		add_word(random, &version,
		    ",5,5.9,6,6.2,7,10,10.1,15,15.9,16,16.0.1,16.6,17.3,25,016,x6,6x,.6");
		differ += compare_name(name.s, version.s != NULL ? version.s : "");
		free(name.s);
		free(version.s);
	}
	return differ;
}

/* Each system's name, whole, cut off at each place, and with something behind it. */
static long
compare_cut_names(void)
{
	static const char *const versions[] = {"", "6.2", "22.1", "G6", "V16", "Ascend",
	    "Enterprise", "Management 6", "WebV2.0", "WebV3.0", "3.0"};
	long differ = 0;

	for (size_t i = 0; i < SYSTEMS_CALLED; i++) {
		for (size_t n = strlen(systems_called[i].pms); n > 0; n--) {
			char *name = x_printf("%.*s", (int)n, systems_called[i].pms);
			char *longer = x_printf("%s Plus", name);

			for (size_t k = 0; k < sizeof versions / sizeof versions[0]; k++)
				differ += compare_name(name, versions[k]) +
				    compare_name(longer, versions[k]);
			free(longer);
			free(name);
		}
	}
	return differ;
}

/* --- requests, judged by both ------------------------------------------------------------------ */

static struct {
	long tried, taken, differ, blame_differs, remarks_differ, other_request;
	uint64_t random;
} run;

static bool
same_flaws(const struct verdict *a, const struct verdict *b)
{
	uint64_t least = saying_of(FINDING_DOUBTED);
	size_t x = 0, y = 0;

	while (x < a->n && y < b->n && a->said[x] == b->said[y])
		x++, y++;
	return (x == a->n || a->said[x] >= least) && (y == b->n || b->said[y] >= least);
}

static void
show(const char *what, const struct made_request *made)
{
	const struct sk_operation *known = sk_rules_find(made->operation);
	char *fields = json_dumps(made->fields, JSON_COMPACT);
	struct text server_words = {0}, client_words = {0};
	struct verdict server = {.words = &server_words}, client = {.words = &client_words};

	judge_as_server(operation_of(known), made, &server);
	judge_as_client(known, made, &client);
	printf("# %s: %s on \"%s\" \"%s\"\n", what, made->operation, made->pms, made->version);
	printf("#   server: %s%s\n#   client: %s%s\n#   %.3000s\n",
	    server.takes ? "takes it" : "no:", server_words.s != NULL ? server_words.s : "",
	    client.takes ? "takes it" : "no:", client_words.s != NULL ? client_words.s : "",
	    fields);
	free(server_words.s);
	free(client_words.s);
	free(fields);
}

static void
compare(const struct made_request *made, const struct verdict *server, const struct verdict *client)
{
	if (server->takes != client->takes) {
		if (run.differ++ < SHOWN)
			show("they differ", made);
	} else if (!same_flaws(server, client)) {
		if (run.blame_differs++ < SHOWN)
			show("other fields are blamed", made);
	} else if (!verdict_is(server, client)) {
		if (run.remarks_differ++ < SHOWN)
			show("other things are remarked", made);
	}
}

static void
try_request(const struct aim *aim)
{
	const struct sk_operation *known;
	const struct operation *op;
	struct verdict server = {0}, client = {0};
	struct made_request made;
	bool same_request;

	make_request(&run.random, today_in_days(), aim, &made);
	known = sk_rules_find(made.operation);
	op = operation_of(known);
	judge_as_server(op, &made, &server);
	same_request = judge_as_client(known, &made, &client);
	if (!verdict_is(&server, &client) && made.day != today_in_days()) {
		made.day = today_in_days(); /* midnight fell between the two */
		judge_as_server(op, &made, &server);
	}
	compare(&made, &server, &client);
	if (!same_request && run.other_request++ < SHOWN)
		show("another request is sent", &made);
	run.tried++;
	run.taken += server.takes;
	meet_demands(op, &made, &server);
	meet_row_demands(known, &made, &client);
	made_fini(&made);
}

/* --- what wasn't shown by chance ---------------------------------------------------------------- */

/* The field to spoil: the first, or any that a rule or the field's own condition names. */
static void
aim_at_field(const char *fields, const char *when, char *to, size_t room)
{
	const char *names = when != NULL && random_next(&run.random) % 3 == 0 ? when : fields;

	for (size_t n = random_next(&run.random) % 4; n > 0; n--)
		if (strpbrk(names, ",|") != NULL)
			names = strpbrk(names, ",|") + 1;
	snprintf(to, room, "%.*s", (int)strcspn(names, ",|=!<"), names);
}

static void
aim_at_demand(const struct demand *d)
{
	const struct rule *rules = d->part == PART_RULE ? d->op->rules : d->op->doubts;
	bool of_field = d->part != PART_RULE && d->part != PART_DOUBT;
	char field[64];
	struct aim aim = {.system = d->system, .field = field};

	aim_at_field(fields_of(d), of_field ? d->op->fields[d->row].when : rules[d->row].when,
	    field, sizeof field);
	for (size_t i = 0; i < sk_operations_count; i++)
		if (operation_of(&sk_operations[i]) == d->op)
			aim.kind = kind_of(sk_operations[i].name);
	try_request(&aim);
}

static void
aim_at_row(const struct row_demand *d)
{
	bool of_set = d->part >= SET_ALL;
	char field[64];
	struct aim aim = {.kind = kind_of(d->op->name), .field = field};

	aim_at_field(of_set ? d->op->rules[d->row].fields : d->op->fields[d->row].name,
	    of_set ? d->op->rules[d->row].when : d->op->fields[d->row].required_if, field,
	    sizeof field);
	try_request(&aim);
}

/* As many more requests as were tried already, at most. */
static void
meet_the_rest(void)
{
	long most = run.tried * MORE;

	while (run.tried < most && (n_met < n_demands || n_row_met < n_row_demands)) {
		for (size_t i = n_met; i < n_demands; i++)
			aim_at_demand(&demands[i]);
		for (size_t i = n_row_met; i < n_row_demands; i++)
			aim_at_row(&row_demands[i]);
	}
	for (size_t i = n_met; i < n_demands && i < n_met + SHOWN; i++)
		show_demand(&demands[i]);
	for (size_t i = n_row_met; i < n_row_demands && i < n_row_met + SHOWN; i++)
		show_row_demand(&row_demands[i]);
}

/* --- all of it ------------------------------------------------------------------------------- */

static long
number(const char *s, long otherwise)
{
	long n;

	return s != NULL && number_parse(s, 0, 1L << 60, &n) ? n : otherwise;
}

int
main(int argc, char **argv)
{
	long count = number(argc > 1 ? argv[1] : NULL, TRIES), by_chance;
	long seed = number(argc > 2 ? argv[2] : NULL, 1);
	const struct aim anywhere = {NULL, 0, NULL};

	setenv("TZ", "UTC", 1);
	run.random = (uint64_t)seed;
	check_operations();
	learn_lengths();
	make_demands();
	make_row_demands();
	for (long i = 0; i < count; i++)
		try_request(&anywhere);
	by_chance = (long)(n_met + n_row_met);
	if (DEMANDS_EACH && run.differ + run.blame_differs + run.remarks_differ == 0)
		meet_the_rest();
	printf("# %ld requests tried with seed %ld: %ld taken, %ld refused; %ld aimed at what %ld "
	       "hadn't "
	       "shown\n",
	    run.tried, seed, run.taken, run.tried - run.taken, run.tried - count, count);
	printf("# shown by chance: %ld of %zu\n", by_chance, n_demands + n_row_demands);
	ok(run.differ == 0, "the client's check and the server's agree on %ld requests", run.tried);
	ok(run.blame_differs == 0, "and blame the same fields for the same");
	ok(run.remarks_differ == 0, "and remark the same where they don't refuse");
	ok(run.other_request == 0, "and what was checked is what would be sent");
	ok(compare_forms(&run.random) + compare_cut_names() == 0,
	    "both know the same system by a name and a version");
	ok(run.taken > run.tried / 10 && run.taken < run.tried - run.tried / 10,
	    "good ones and bad ones, many of each");
	if (DEMANDS_EACH) {
		ok(n_met == n_demands, "each of %zu demands on a rule of a system is met",
		    n_demands);
		ok(n_row_met == n_row_demands,
		    "each of %zu things that the library's rows say, taken away, is noticed",
		    n_row_demands);
	}
	free(demands);
	free(row_demands);
	return done_testing();
}
