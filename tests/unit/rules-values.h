/* SPDX-License-Identifier: MIT */
/*
 * rules-values: the values of random requests, a part of rules-requests.h: mostly good ones, and what is
 * nearly good.
 */
#ifndef RULES_VALUES_H
#define RULES_VALUES_H

static size_t
below(struct maker *m, size_t n)
{
	return (size_t)(random_next(m->random) % n);
}

static int
chance(struct maker *m, size_t percent)
{
	return below(m, 100) < percent;
}

/* Whether the value is to be wrong this time. */
static int
spoils(struct maker *m)
{
	return chance(m, m->wrong);
}

#define PICK(m, list) ((list)[below(m, sizeof(list) / sizeof(list)[0])])

static int
is_called(const struct maker *m, const char *begin)
{
	return strncasecmp(systems_called[m->system].pms, begin, strlen(begin)) == 0;
}

static void
make_date(struct maker *m, struct text *t)
{
	static const char *const wrong[] = {"2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31",
	    "26-02-07", "2026-2-7", "2026/02/07", "07-02-2026", "2026-02-07T09:00:00", "tomorrow",
	    "2026-02-00", "1900-02-29", "2026-02-07 ", "2026-O2-07", "0000-01-01", "+026-02-07",
	    "0001-01-01", "2026-02-07\n"};
	static const char *const good[] = {"2024-02-29", "2000-02-29", "1999-12-31", "2020-01-01",
	    "1987-06-30"};

	if (spoils(m))
		text_addf(t, "%s", PICK(m, wrong));
	else if (chance(m, 2) || spoils(m))
		text_addf(t, "%s", chance(m, 50) ? m->today : m->tomorrow);
	else if (spoils(m))
		text_addf(t, "%s", "2199-02-28");
	else
		text_addf(t, "%s", PICK(m, good));
}

/*
 * The lengths that a field's texts have beside short ones: its longest lengths, as the tables of
 * both sides say them, and one character more. The test adds them before it makes requests. Any text
 * may also be longer than all of them.
 */
enum { LENGTHS_MAX = 200, LENGTH_BEYOND = 10000, LONG_ONES = 20 };
static struct {
	const struct kind_of_request *kind;
	const char *field;
	size_t length;
} text_lengths[LENGTHS_MAX];
static size_t n_text_lengths;

/* false: there are too many. */
static bool
lengths_add(const struct kind_of_request *kind, const char *field, size_t length)
{
	for (size_t i = 0; i < n_text_lengths; i++)
		if (text_lengths[i].kind == kind && text_lengths[i].length == length &&
		    strcmp(text_lengths[i].field, field) == 0)
			return true;
	if (n_text_lengths == LENGTHS_MAX)
		return false;
	text_lengths[n_text_lengths].kind = kind;
	text_lengths[n_text_lengths].field = field;
	text_lengths[n_text_lengths++].length = length;
	return true;
}

/* One of the lengths of the field that is being made; 0: it has none. */
static size_t
make_length(struct maker *m)
{
	size_t of_field[LENGTHS_MAX], n = 0;

	for (size_t i = 0; i < n_text_lengths; i++)
		if (text_lengths[i].kind == m->kind && strcmp(text_lengths[i].field, m->field) == 0)
			of_field[n++] = text_lengths[i].length;
	return n > 0 ? of_field[below(m, n)] : 0;
}

static void
make_text(struct maker *m, struct text *t)
{
	static const char *const letters[] = {"x", "é", "漢", "😀", " ", "%", "\""};
	static const char *const wrong[] = {"<", ">", "&", "\n", "\t", "\x7f", "\x01", "\xc2\x85",
	    "\xc2\x9f"};
	int spoilt = spoils(m), odd = spoilt && chance(m, 40);
	size_t long_one = make_length(m);
	size_t n = 1 + below(m, 9);
	const char *letter = PICK(m, letters);

	if (long_one > 0 && chance(m, spoilt && !odd ? 95 : LONG_ONES))
		n = long_one;
	else if ((spoilt && !odd) || chance(m, 1))
		n = LENGTH_BEYOND;
	text_addf(t, "a");
	for (size_t i = 1; i < n; i++)
		text_addf(t, "%s", letter);
	if (odd)
		text_addf(t, "%s", PICK(m, wrong));
}

static void
make_list(struct maker *m, struct text *t, void (*one)(struct maker *, struct text *), size_t n)
{
	if (spoils(m))
		n += n > 1 && chance(m, 50) ? (size_t)-1 : 1;
	for (size_t i = 0; i < n; i++) {
		text_addf(t, "%s", i > 0 ? "|" : "");
		one(m, t);
	}
}

static void
one_text(struct maker *m, struct text *t)
{
	text_addf(t, "%c%zu", (int)('a' + below(m, 26)), below(m, 1000));
}

static void
one_amount(struct maker *m, struct text *t)
{
	static const char *const wrong[] = {"x", "1,5", "--1", "1e3", "$5", "1.2.3", "0x10", "-",
	    "+1", ".5", "5.", " 5", "5 ", "", "", "007", "-.5", "1.", "9999999999999999999999"};
	static const char *const zeros[] = {"0", "0.00", "-0"};

	if (spoils(m) && chance(m, 50))
		text_addf(t, "%s", PICK(m, wrong));
	else if (chance(m, 10) || spoils(m))
		text_addf(t, "%s", PICK(m, zeros));
	else
		text_addf(t, "%s%zu%s", chance(m, 4) || spoils(m) ? "-" : "", 1 + below(m, 200),
		    chance(m, 30) ? ".50" : "");
}

static void
one_whole(struct maker *m, struct text *t)
{
	text_addf(t, "%zu%s", below(m, 200), spoils(m) ? ".5" : "");
}

static void
make_deductible(struct maker *m, struct text *t)
{
	int ascend = is_called(m, "Dentrix Ascend");
	size_t n = m->values;

	if (is_called(m, "Dentrix") && !spoils(m))
		n = ascend ? 4 : chance(m, 70) ? 3 : chance(m, 70) ? n : 4;
	make_list(m, t, ascend ? one_whole : one_amount, n);
}

/* Six values for each tooth, of these words or blank. */
static void
make_six(struct maker *m, struct text *t, const char *const *words, size_t n)
{
	size_t teeth = m->teeth + (spoils(m) && chance(m, 30));

	for (size_t i = 0; i < teeth; i++) {
		size_t values = spoils(m) && chance(m, 30) ? 5 + 2 * below(m, 2) : 6;

		text_addf(t, "%s", i > 0 ? "$" : "");
		for (size_t k = 0; k < values; k++)
			text_addf(t, "%s%s", k > 0 ? "|" : "",
			    chance(m, 40) ? "" : words[below(m, n)]);
	}
}

/* One value for each tooth. */
static void
make_each(struct maker *m, struct text *t, const char *const *words, size_t n)
{
	size_t teeth = m->teeth + (spoils(m) && chance(m, 30));

	for (size_t i = 0; i < teeth; i++)
		text_addf(t, "%s%s", i > 0 ? "$" : "", words[below(m, n)]);
}

static void
make_chart(struct maker *m, struct text *t, const char *kind)
{
	static const char *const depths[] = {"0", "3", "7", "19"},
				 *const far[] = {"20", "100", "101", "119", "120", "x", "3", "03",
				     " 3", "-1", "1.0"};
	static const char *const ones[] = {"1"}, *const others[] = {"0", "2", "1", "20"};
	static const char *const loose[] = {"0", "1", "4", "03"},
				 *const looser[] = {"5", "19", "20", "x", "2", "", " 1", "-1"};
	static const char *const plaque[] = {"None", "Light", "Moderate", "Heavy"};
	static const char *const bone[] = {"None", "Mild", "Moderate", "Severe"},
				 *const odd[] = {"Much", "None", "none", "", " None"};
	static const char *const forks[] = {"F0: none", "F4: through"},
				 *const no_fork[] = {"F5: all", "F1: some", "F1", "f1: some",
				     "F1:", " F1: x"};
	int odd_one = spoils(m);

#define SOME(make, usual, rare)                                       \
	((odd_one) ? make(m, t, rare, sizeof(rare) / sizeof(rare)[0]) \
		   : make(m, t, usual, sizeof(usual) / sizeof(usual)[0]))
	if (strcmp(kind, "six") == 0)
		SOME(make_six, depths, far);
	else if (strcmp(kind, "ones") == 0)
		SOME(make_six, ones, others);
	else if (strcmp(kind, "mobility") == 0)
		SOME(make_each, loose, looser);
	else if (strcmp(kind, "bone") == 0)
		SOME(make_each, bone, odd);
	else if (strcmp(kind, "plaque") == 0 && is_called(m, "Dentrix"))
		SOME(make_each, plaque, odd);
	else if (strcmp(kind, "plaque") == 0 ||
	    (strcmp(kind, "calculus") == 0 && !is_called(m, "Dentrix")))
		SOME(make_six, ones, others);
	else if (strcmp(kind, "calculus") == 0)
		SOME(make_six, depths, far);
	else if (is_called(m, "Dentrix"))
		SOME(make_six, forks, no_fork);
	else
		SOME(make_six, depths, far);
#undef SOME
}

static void
make_teeth(struct maker *m, struct text *t)
{
	static const char *const wrong[] = {"0", "33", "x", "1|2", "", "-1", "01", " 1", "32 ",
	    "1.0", "4294967297"};

	for (size_t i = 0; i < m->teeth; i++) {
		text_addf(t, "%s", i > 0 ? "$" : "");
		if (spoils(m))
			text_addf(t, "%s", PICK(m, wrong));
		else
			text_addf(t, "%zu", 1 + below(m, 32));
	}
}

static void
make_base64(struct maker *m, struct text *t)
{
	static const char *const good[] = {"aGVsbG8=", "aGVsbG9v", "aA==", "+/+/"};
	static const char *const wrong[] = {"aGVsbG8", "aGVs!G8=", "a===", "=aaa", "aG Vs", "_-_-",
	    "aGVs\nbG8=", "aGVsbG8=aGVs", "ab=c", "====", "aGVsbG9="};

	/* Only sometimes at the limit: checking 2 MiB takes a good part of a second. */
	if (spoils(m) && chance(m, 8)) {
		size_t n = (2 << 20) + (chance(m, 50) ? 4 : 0);
		char *many = x_new(n + 1);

		memset(many, 'A', n);
		text_add(t, many, n);
		free(many);
	} else {
		text_addf(t, "%s", spoils(m) ? PICK(m, wrong) : PICK(m, good));
	}
}

/* "(a|b||c)" */
static void
make_words(struct maker *m, struct text *t, const char *words)
{
	const char *p = words + 1;
	size_t n = 1;

	for (const char *s = p; *s != ')'; s++)
		n += *s == '|';
	for (size_t wanted = below(m, n); wanted > 0; wanted--)
		p += strcspn(p, "|") + 1;
	text_add(t, p, strcspn(p, "|)"));
}

static void
make_simple(struct maker *m, struct text *t, const char *kind)
{
	static const char *const times[] = {"09:00", "00:00", "23:59", "17:30"};
	static const char *const no_times[] = {"24:00", "9:00", "09:60", "09:00:00", "0900",
	    "ab:cd", "09.00"};
	static const char *const lengths[] = {"30", "1", "120"},
				 *const no_lengths[] = {"0", "30.5", "-30", "x", "00", "3 0", "030",
				     " 30", "+30", "99999999999999999999"};
	static const char *const yes[] = {"true", "false", "true", "false", "True", "FALSE"},
				 *const no[] = {"yes", "1", "0", "maybe", "tru"};
	static const char *const mails[] = {"a@b.de", "a.b@c.d.ef", "a+b@example.com"};
	static const char *const no_mails[] = {"a", "a@b", "a@b@c.de", "a b@c.de", "a.b@c", "@",
	    "@b.c", "a@b.", "a@.b", "a@b.c ", "a\t@b.c", "a@b.c\n"};
	static const char *const phones[] = {"408-555-1234", "(408) 555-1234", "+1 408.555.1234",
	    "5551234", "408 555-1234 x 12", "4085551234"};
	static const char *const no_phones[] = {"555-123", "call me 5551234", "408/555/1234",
	    "5551234 X 5", "555\t1234", "555 1234\n", "5551234 ext 5", "５５５1234", "------------",
	    "408-555-1234#1", "408555123", "408-555-1234-12", "408-5551234567", "40855512345"};
	static const char *const numbers[] = {"123", "1234", "12", "1"},
				 *const no_numbers[] = {"12345", "12a", "1.2", "-12"};
	static const char *const no_paths[] = {"1:2", "1#", "1?", "1/2", "1\\2", "1%2", "1+2", ".",
	    "..", "1 2", "a\nb", "\x7f", "é", "1&2", "1;2", "1=2"};
	int wrong = spoils(m);

	if (strcmp(kind, "time") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no_times) : PICK(m, times));
	else if (strcmp(kind, "minutes") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no_lengths) : PICK(m, lengths));
	else if (strcmp(kind, "boolean") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no) : PICK(m, yes));
	else if (strcmp(kind, "email") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no_mails) : PICK(m, mails));
	else if (strcmp(kind, "phone") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no_phones) : PICK(m, phones));
	else if (strcmp(kind, "digits") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no_numbers) : PICK(m, numbers));
	else if (strcmp(kind, "path") == 0 && wrong)
		text_addf(t, "%s", PICK(m, no_paths));
	else
		text_addf(t, "%zu", 1 + below(m, 500));
}

static char *
make_value(struct maker *m, const char *kind)
{
	struct text t = {0};

	if (*kind == '(')
		make_words(m, &t, kind);
	else if (strcmp(kind, "date") == 0)
		make_date(m, &t);
	else if (strcmp(kind, "text") == 0)
		make_text(m, &t);
	else if (strcmp(kind, "list") == 0)
		make_list(m, &t, one_text, m->values);
	else if (strcmp(kind, "amounts") == 0)
		make_list(m, &t, one_amount, m->values);
	else if (strcmp(kind, "deductible") == 0)
		make_deductible(m, &t);
	else if (strcmp(kind, "base64") == 0)
		make_base64(m, &t);
	else if (strcmp(kind, "teeth") == 0)
		make_teeth(m, &t);
	else if (list_has("six,ones,mobility,plaque,bone,furcation,calculus", kind))
		make_chart(m, &t, kind);
	else
		make_simple(m, &t, kind);
	return t.s != NULL ? t.s : x_dup("");
}

#endif
