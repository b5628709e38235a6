/* SPDX-License-Identifier: MIT */
/*
 * The rules of writebacks stand in this project twice: in lib/rules*.c, which checks before
 * sending, and in cmd/sikka-sim/fields*.c, which refuses as the server would. Neither has seen the
 * other. Here both judge the same random requests; where one says yes and the other no, one of them
 * has misread the documentation.
 *
 *   rules-differential [TRIES [SEED]]
 *
 * The test also shows that a misreading would be noticed. Each rule of the simulator is taken away,
 * one at a time, and then at least one request must be judged differently. As long as there is none
 * for some rule, more requests are tried, up to five times as many. A rule about a longest length is
 * also changed to one character more and to one less.
 */
#include "../../cmd/sikka-sim/fields.h"
#include "rules-requests.h"
#include "rules/rules.h"
#include "rules/table.h"
#include "tap.h"

/* The sanitizers' build looks at memory, for which a tenth does;
 * the verdicts are the other one's. */
#ifdef __SANITIZE_ADDRESS__
enum { TRIES = 10000, DEMANDS_EACH = 0 };
#else
enum { TRIES = 100000, DEMANDS_EACH = 1 };
#endif
enum { MORE = 5, SHOWN = 10, FIELDS_MAX = 40, RULES_MAX = 16 };

/* Today's date in the zone where it is latest: a practice there has the date of tomorrow elsewhere. */
static int64_t
today_in_days(void)
{
	return ((int64_t)time(NULL) + 14 * 3600) / 86400;
}

static void
bail_out(const char *operation, const char *what)
{
	printf("Bail out! %s: %s\n", operation, what);
	exit(1);
}

/* --- one request, judged by both -------------------------------------------------------------- */

struct verdicts {
	bool server, client;
	struct flaw flaw;
	char *said;        /* the client's objection; freed by the caller */
	bool same_request; /* the client would send what was checked */
};

static const struct operation *
operation_of(const char *name)
{
	const struct sk_operation *known = sk_rules_find(name);
	char pattern[64];
	const char *path;

	if (known == NULL)
		return NULL;
	path = sk_rules_path(known);
	if (strchr(path, '{') != NULL)
		snprintf(pattern, sizeof pattern, "%.*s{}", (int)strcspn(path, "{"), path);
	else
		snprintf(pattern, sizeof pattern, "%s", path);
	return operation_find(sk_rules_method(known), pattern);
}

static void
judge(const struct made_request *made, struct verdicts *v)
{
	const struct sk_operation *known = sk_rules_find(made->operation);
	struct sk_faults faults = {0};
	struct text said = {0};
	char *endpoint = NULL;
	json_t *body = NULL;

	memset(v, 0, sizeof *v);
	v->server = fields_check(operation_of(made->operation),
	    system_find(made->pms, made->version), made->id, made->body, today_in_days(), &v->flaw);
	v->client = sk_rules_build(&(struct sk_rules_input){.operation = known,
				       .pms = made->pms,
				       .version = made->version,
				       .fields = made->fields},
			&endpoint, &body, &faults, NULL) == 0;
	v->same_request = !v->client || json_equal(body, made->body);
	for (size_t i = 0; i < faults.n; i++)
		text_addf(&said, "%s%s", i > 0 ? "; " : "", faults.list[i].message);
	v->said = said.s;
	sk_faults_fini(&faults);
	free(endpoint);
	json_decref(body);
}

static void
show(const char *what, const struct made_request *made, const struct verdicts *v)
{
	char *fields = json_dumps(made->fields, JSON_COMPACT);

	printf("# %s: %s on \"%s\" \"%s\"\n", what, made->operation, made->pms, made->version);
	printf("#   server: %s %s\n#   client: %s\n#   %.3000s\n",
	    v->server ? "takes it" : v->flaw.code, v->server ? "" : v->flaw.text,
	    v->client ? "takes it" : v->said, fields);
	free(fields);
}

/* Ends the test if one side lacks an operation: its requests couldn't be judged by both. */
static void
check_operations(void)
{
	for (size_t i = 0; i < KINDS_OF_REQUEST; i++)
		if (sk_rules_find(kinds_of_request[i].name) == NULL)
			bail_out(kinds_of_request[i].name,
			    "not in sk_operations in lib/rules/table.c");
	for (size_t i = 0; i < sk_operations_count; i++)
		if (operation_of(sk_operations[i].name) == NULL)
			bail_out(sk_operations[i].name,
			    "not in operations in cmd/sikka-sim/fields_table.c");
}

/* --- how long texts are tried ------------------------------------------------------------------ */

/* Longer values are no texts: a document has a kind of its own. */
static void
learn_length(const struct kind_of_request *kind, const char *field, size_t longest)
{
	if (longest == 0 || longest >= LENGTH_BEYOND)
		return;
	if (!lengths_add(kind, field, longest) || !lengths_add(kind, field, longest + 1))
		bail_out(kind->name, "LENGTHS_MAX in rules-requests.h is too small");
}

static bool
is_about_text(const struct check *check)
{
	return check->on != 0 && check->what == UP_TO && check->n < LENGTH_BEYOND;
}

static void
learn_of_server(const struct kind_of_request *kind)
{
	const struct operation *op = operation_of(kind->name);

	for (const struct field *f = op->fields; f->name != NULL; f++)
		for (int k = 0; k < CHECKS_MAX; k++)
			if (is_about_text(&f->checks[k]))
				learn_length(kind, f->name, (size_t)f->checks[k].n);
	for (const struct rule *r = op->rules; r != NULL && r->fields != NULL; r++)
		if (is_about_text(&r->check))
			learn_length(kind, r->fields, (size_t)r->check.n);
}

static void
learn_of_client(const struct kind_of_request *kind)
{
	const struct sk_operation *op = sk_rules_find(kind->name);

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
	for (size_t i = 0; i < KINDS_OF_REQUEST; i++) {
		learn_of_server(&kinds_of_request[i]);
		learn_of_client(&kinds_of_request[i]);
	}
}

/* --- rules taken away ------------------------------------------------------------------------- */

struct mutant {
	struct operation op;
	struct field fields[FIELDS_MAX];
	struct rule rules[RULES_MAX];
	char what[96];
	bool noticed;
};
static struct mutant *mutants;
static size_t mutant_count;

static struct mutant *
new_mutant(const struct operation *op, const char *field, const char *what, int number)
{
	struct mutant *m;
	size_t n = 0;

	mutants = x_grow(mutants, (mutant_count + 1) * sizeof *mutants);
	m = &mutants[mutant_count++];
	memset(m, 0, sizeof *m);
	m->op = *op;
	while (op->fields[n].name != NULL && n < FIELDS_MAX - 1) {
		m->fields[n] = op->fields[n];
		n++;
	}
	for (n = 0; op->rules != NULL && op->rules[n].fields != NULL && n < RULES_MAX - 1; n++)
		m->rules[n] = op->rules[n];
	snprintf(m->what, sizeof m->what, "%s %s: %s: %s %d", op->method, op->path, field, what,
	    number);
	return m;
}

/* The systems that read a field of that name; none where there is no such field. */
static unsigned
readers(const struct operation *op, const char *name, size_t length)
{
	for (const struct field *f = op->fields; f->name != NULL; f++)
		if (strlen(f->name) == length && strncmp(f->name, name, length) == 0)
			return f->read != 0 ? f->read : EVERY;
	return 0;
}

/* The systems where a condition can be true. */
static unsigned
where(const struct operation *op, const char *condition)
{
	unsigned on = 0;

	while (condition != NULL && *condition != '\0') {
		on |= readers(op, condition, strcspn(condition, "="));
		condition += strcspn(condition, "|");
		condition += *condition == '|';
	}
	return on;
}

/* The systems on which a condition of another field, or a rule, asks for the field. */
static unsigned
asked_for(const struct operation *op, const char *name)
{
	char *term = x_printf("%s=", name);
	unsigned on = 0;

	for (const struct field *f = op->fields; f->name != NULL; f++)
		if ((f->when && strstr(f->when, term)) || (f->unless && strstr(f->unless, term)))
			on |= f->read == 0 ? EVERY : f->read;
	for (const struct rule *r = op->rules; r != NULL && r->fields != NULL; r++)
		if (list_has(r->fields, name) || (r->when && strstr(r->when, term)))
			on |= r->check.on;
	free(term);
	return on;
}

/*
 * Whether a difference could be seen if all systems read the field. There is none where any text is
 * right and no condition asks for it.
 */
static bool
reading_matters(const struct operation *op, const struct field *f)
{
	unsigned on = f->must | asked_for(op, f->name);

	for (int k = 0; k < CHECKS_MAX && f->checks[k].on != 0; k++)
		if (f->checks[k].what != IS_LIST)
			on |= f->checks[k].on;
	if (f->when != NULL)
		on |= (f->when_on != 0 ? f->when_on : EVERY) & where(op, f->when);
	return (on & ~f->read) != 0;
}

/*
 * Fields whose absence can't be seen, because of something else: a client fills op and path in by
 * itself; and the one system that doesn't read a note's transaction_sr_no takes none of the notes
 * that need it.
 */
static bool
is_hidden(const struct operation *op, const struct field *f)
{
	if (strcmp(op->path, "/medical_notes") == 0)
		return strcmp(f->name, "transaction_sr_no") == 0;
	return strcmp(op->method, "PATCH") == 0 && list_has("op,path", f->name);
}

static void
without_parts_of(const struct operation *op, int i)
{
	const struct field *f = &op->fields[i];

	if (is_hidden(op, f))
		return;
	if (f->must)
		new_mutant(op, f->name, "must", 0)->fields[i].must = 0;
	if (f->read && reading_matters(op, f))
		new_mutant(op, f->name, "read", 0)->fields[i].read = 0;
	if (f->unless)
		new_mutant(op, f->name, "unless", 0)->fields[i].unless = NULL;
	if (f->when)
		new_mutant(op, f->name, "when", 0)->fields[i].when = NULL;
	if (f->when_on && (readers(op, f->name, strlen(f->name)) & ~f->when_on & ~f->must))
		new_mutant(op, f->name, "when_on", 0)->fields[i].when_on = 0;
	for (int k = 0; k < CHECKS_MAX && f->checks[k].on != 0; k++) {
		struct mutant *m;

		/* a list of texts is any text: nothing to notice */
		if (f->checks[k].what == IS_LIST)
			continue;
		m = new_mutant(op, f->name, "check", k);
		m->fields[i].checks[k].what = IS_LIST;
		if (!is_about_text(&f->checks[k]))
			continue;
		new_mutant(op, f->name, "one longer than", (int)f->checks[k].n)
		    ->fields[i]
		    .checks[k]
		    .n++;
		new_mutant(op, f->name, "one shorter than", (int)f->checks[k].n)
		    ->fields[i]
		    .checks[k]
		    .n--;
	}
}

static void
without_rule_of(const struct operation *op, int i)
{
	const struct rule *r = &op->rules[i];

	new_mutant(op, r->fields, "rule", i)->rules[i].check.on = 1U << 31;
	if (!is_about_text(&r->check))
		return;
	new_mutant(op, r->fields, "one longer than", (int)r->check.n)->rules[i].check.n++;
	new_mutant(op, r->fields, "one shorter than", (int)r->check.n)->rules[i].check.n--;
}

static void
make_mutants(void)
{
	const struct operation *op;

	for (size_t n = 0; (op = operation_at(n)) != NULL; n++) {
		for (int i = 0; op->fields[i].name != NULL; i++)
			without_parts_of(op, i);
		for (int i = 0; op->rules != NULL && op->rules[i].fields != NULL; i++)
			without_rule_of(op, i);
		if (op->systems)
			new_mutant(op, "", "systems", 0)->op.systems = 0;
	}
	for (size_t i = 0; i < mutant_count; i++) { /* only now, as the array no longer moves */
		mutants[i].op.fields = mutants[i].fields;
		if (mutants[i].op.rules != NULL)
			mutants[i].op.rules = mutants[i].rules;
	}
}

static void
try_mutants(const struct made_request *made, bool verdict)
{
	const struct operation *op = operation_of(made->operation);
	struct flaw flaw;

	for (size_t i = 0; i < mutant_count; i++) {
		struct mutant *m = &mutants[i];

		if (m->noticed || strcmp(m->op.path, op->path) != 0 ||
		    strcmp(m->op.method, op->method) != 0)
			continue;
		m->noticed = fields_check(&m->op, system_find(made->pms, made->version), made->id,
				 made->body, today_in_days(), &flaw) != verdict;
	}
}

static size_t
unnoticed(void)
{
	size_t n = 0;

	for (size_t i = 0; i < mutant_count; i++)
		n += !mutants[i].noticed;
	return n;
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
	long count = number(argc > 1 ? argv[1] : NULL, TRIES), taken = 0, differ = 0, other = 0;
	long seed = number(argc > 2 ? argv[2] : NULL, 1), tried = 0;
	uint64_t random = (uint64_t)seed;
	char today[TIME_TEXT], tomorrow[TIME_TEXT];

	setenv("TZ", "UTC", 1);
	check_operations();
	learn_lengths();
	make_mutants();
	for (; tried < count || (DEMANDS_EACH && tried < count * MORE && unnoticed() > 0);
	     tried++) {
		struct made_request made;
		struct verdicts v;

		day_text(today, today_in_days());
		day_text(tomorrow, today_in_days() + 1);
		make_request(&random, today, tomorrow, &made);
		judge(&made, &v);
		if (v.server != v.client) { /* unless midnight fell between the two */
			free(v.said);
			judge(&made, &v);
		}
		taken += v.server;
		if (v.server != v.client && differ++ < SHOWN)
			show("they differ", &made, &v);
		if (!v.same_request && other++ < SHOWN)
			show("another request is sent", &made, &v);
		try_mutants(&made, v.server);
		free(v.said);
		made_fini(&made);
	}
	for (size_t i = 0; i < mutant_count && DEMANDS_EACH; i++)
		if (!mutants[i].noticed)
			printf("# never noticed without it: %s\n", mutants[i].what);
	printf("# %ld requests tried with seed %ld: %ld taken, %ld refused\n", tried, seed, taken,
	    tried - taken);
	ok(differ == 0, "the client's check and the server's agree on %ld requests", tried);
	ok(other == 0, "and what was checked is what would be sent");
	ok(taken > tried / 10 && taken < tried - tried / 10,
	    "good ones and bad ones, many of each");
	if (DEMANDS_EACH)
		ok(unnoticed() == 0, "each of %zu rules, taken away, is noticed", mutant_count);
	free(mutants);
	return done_testing();
}
