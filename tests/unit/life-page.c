/* SPDX-License-Identifier: MIT */
/*
 * The tables of sikka-life(7), Transitions, against sk_life_next, in both directions. Every
 * combination of what the function looks at is tried with every happening: where the function
 * allows a step, exactly one line of the page must apply and say the same; where it refuses, none
 * may apply. A line that never applies is wrong as well, and so is a name that the page doesn't
 * explain or that the code doesn't know.
 */
#include "life/life.h"

#include <stdlib.h>

#include "base/mem.h"
#include "page.h"
#include "tap.h"
#include "base/time.h"

#define PAGE "man/sikka-life.7"
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* --- the page's words and what they mean in the code ------------------------------------------ */

#define NAME(happening) [happening] = #happening
static const char *const NAMES[SK_HAPPENINGS] = {
    NAME(SK_CLAIMED),
    NAME(SK_RUN_DIED),
    NAME(SK_RUN_GAVE_UP),
    NAME(SK_TAKEN_OVER),
    NAME(SK_PERSON_WITHDRAWS),
    NAME(SK_AGE_WITHDRAWS),
    NAME(SK_ACCEPTED),
    NAME(SK_ACCEPTED_NO_ID),
    NAME(SK_ID_TAKEN),
    NAME(SK_NOT_SENT),
    NAME(SK_REFUSED_PASSING),
    NAME(SK_REFUSED),
    NAME(SK_UNCLEAR),
    NAME(SK_FOUND),
    NAME(SK_LIST_LACKS_IT),
    NAME(SK_LIST_LACKS_IT_STILL),
    NAME(SK_SAYS_PENDING),
    NAME(SK_SAYS_COMPLETED),
    NAME(SK_SAYS_FAILED),
    NAME(SK_SAYS_ENDED),
    NAME(SK_SAYS_NOTHING),
    NAME(SK_NOT_KNOWN),
    NAME(SK_GONE),
    NAME(SK_WITHDRAWN_THERE),
    NAME(SK_LOOK_FOUND_IT_GONE),
    NAME(SK_NOT_LOOKED_AT),
    NAME(SK_RESOLVED_PENDING),
    NAME(SK_RESOLVED_COMPLETED),
    NAME(SK_RESOLVED_FAILED),
    NAME(SK_RESOLVED_WITHDRAWN),
    NAME(SK_RETRIED),
    NAME(SK_PERSON_RETRIES),
    NAME(SK_RETRY_KEY_TAKEN),
    NAME(SK_DOUBLE_SEEN),
    NAME(SK_DOUBLE_WITHDRAWN),
    NAME(SK_DOUBLE_STANDS),
    NAME(SK_RESTORED),
    NAME(SK_RESTORED_FOUND),
    NAME(SK_PERSON_ADOPTS),
};

static const struct {
	unsigned action;
	const char *word;
} ACTIONS[] = {
    {SK_DO_STAMP_SUBMITTED, "submitted_at"},
    {SK_DO_TAKE_ID, "writeback_id"},
    {SK_DO_STAMP_UNKNOWN, "unknown_at"},
    {SK_DO_STAMP_NOT_RECEIVED, "not_received_at"},
    {SK_DO_STAMP_ABSENT, "absent_at"},
    {SK_DO_TAKE_RESULT, "result texts"},
    {SK_DO_NOTE_WITHDRAWAL, "withdraw_at"},
    {SK_DO_STAMP_WITHDRAWN, "withdrawn_at"},
    {SK_DO_COUNT_LOOK, "looks"},
    {SK_DO_COUNT_GONE, "gone_looks"},
    {SK_DO_HOLD_KEY, "holds key"},
    {SK_DO_FREE_KEY, "frees key"},
    {SK_DO_TAKE_RUN, "run"},
    {SK_DO_RESTART, "restart"},
    {SK_DO_WITHDRAW_AGAIN, "DELETE again"},
    {SK_DO_NOTE_DOUBLE, "doubled_id"},
    {SK_DO_STAMP_DOUBLE, "doubled_withdrawn_at"},
    {SK_DO_STAMP_END, "completed_at"},
    {SK_DO_STAMP_RESOLVED, "resolved_at"},
};

static int
attempts_left(const struct sk_life *life)
{
	return life->attempts_in_run < 4;
}

static int
last_attempt(const struct sk_life *life)
{
	return life->attempts_in_run >= 4;
}

static int
once_not_received(const struct sk_life *life)
{
	return life->once_not_received;
}

static int
not_intended(const struct sk_life *life)
{
	return life->intent == SK_INTENT_NONE;
}

static int
by_a_person(const struct sk_life *life)
{
	return life->intent == SK_INTENT_PERSON;
}

static int
not_by_a_person(const struct sk_life *life)
{
	return life->intent != SK_INTENT_PERSON;
}

static int
as_stuck(const struct sk_life *life)
{
	return life->intent == SK_INTENT_STUCK;
}

static int
is_young(const struct sk_life *life)
{
	return life->age < 6 * SK_DAY;
}

static int
intended_and_old(const struct sk_life *life)
{
	return life->intent != SK_INTENT_NONE && life->age >= 6 * SK_DAY;
}

/* How long after a withdrawal a look counts: a list needs longer, for it may lag. */
static int64_t counts_after;

static int
soon_after(const struct sk_life *life)
{
	return life->since_withdrawal < counts_after;
}

static int
first_look(const struct sk_life *life)
{
	return life->since_withdrawal >= counts_after && life->looks == 0;
}

static int
second_look(const struct sk_life *life)
{
	return life->since_withdrawal >= counts_after && life->looks > 0;
}

static int
not_seen_in_time(const struct sk_life *life)
{
	return life->since_withdrawal >= 6 * SK_DAY && life->looks < 2;
}

static int
may_be_retried(const struct sk_life *life)
{
	return life->failure == SK_FAILURE_MAY_RETRY || life->failure == SK_FAILURE_NOT_RECEIVED;
}

static int
not_received(const struct sk_life *life)
{
	return life->failure == SK_FAILURE_NOT_RECEIVED;
}

static int
without_id(const struct sk_life *life)
{
	return !life->has_id;
}

static int
as_completed(const struct sk_life *life)
{
	return life->state == SK_COMPLETED;
}

static int
as_failed(const struct sk_life *life)
{
	return life->state == SK_FAILED;
}

static int
as_withdrawn(const struct sk_life *life)
{
	return life->state == SK_WITHDRAWN;
}

static int
not_as_completed(const struct sk_life *life)
{
	return life->state != SK_COMPLETED;
}

static int
no_double(const struct sk_life *life)
{
	return !life->has_double;
}

static int
key_free(const struct sk_life *life)
{
	return life->key_is_free;
}

typedef int applies_fn(const struct sk_life *life);

static const struct {
	const char *words;
	applies_fn *applies;
} CONDITIONS[] = {
    {"attempts left", attempts_left},
    {"last attempt", last_attempt},
    {"once not received", once_not_received},
    {"not intended", not_intended},
    {"intended by a person", by_a_person},
    {"not by a person", not_by_a_person},
    {"intended as stuck", as_stuck},
    {"younger than 6 days", is_young},
    {"intended and old", intended_and_old},
    {"soon after", soon_after},
    {"first look", first_look},
    {"second look", second_look},
    {"not seen within 6 days", not_seen_in_time},
    {"may be retried", may_be_retried},
    {"not received", not_received},
    {"no double", no_double},
    {"without an id", without_id},
    {"resolved as completed", as_completed},
    {"resolved as failed", as_failed},
    {"resolved as withdrawn", as_withdrawn},
    {"not as completed", not_as_completed},
    {"key free", key_free},
};

static int
is_queued(const struct sk_life *life)
{
	return life->state == SK_QUEUED;
}

static int
is_submitting(const struct sk_life *life)
{
	return life->state == SK_SUBMITTING;
}

static int
is_unknown_without_id(const struct sk_life *life)
{
	return life->state == SK_UNKNOWN && !life->has_id;
}

static int
is_unknown_with_id(const struct sk_life *life)
{
	return life->state == SK_UNKNOWN && life->has_id;
}

static int
is_pending(const struct sk_life *life)
{
	return life->state == SK_PENDING;
}

static int
is_stuck(const struct sk_life *life)
{
	return life->state == SK_FAILED && life->failure == SK_FAILURE_STUCK;
}

static int
is_resolved(const struct sk_life *life)
{
	return life->is_resolved && (SK_MASK(life->state) & SK_ENDED) != 0;
}

static int
is_withdrawn(const struct sk_life *life)
{
	return !is_resolved(life) &&
	    (is_stuck(life) || (life->state == SK_WITHDRAWN && life->has_id));
}

static int
is_failed(const struct sk_life *life)
{
	return life->state == SK_FAILED && !is_stuck(life) && !is_resolved(life);
}

static int
is_any(const struct sk_life *life)
{
	(void)life;
	return 1;
}

static const struct {
	const char *title;
	applies_fn *applies;
} TABLES[] = {
    {"From queued", is_queued},
    {"From submitting", is_submitting},
    {"From unknown without an id", is_unknown_without_id},
    {"From unknown with an id", is_unknown_with_id},
    {"From pending", is_pending},
    {"From withdrawn", is_withdrawn},
    {"From failed", is_failed},
    {"From resolved", is_resolved},
    {"From any state", is_any},
};

/* --- the lines of the page -------------------------------------------------------------------- */

struct line {
	struct page_item *item;
	applies_fn *table;
	applies_fn *conditions[4];
	size_t n_conditions;
	int is_same; /* the state stays */
	enum sk_state to;
	unsigned actions;
	const char *error_code; /* these two point into the item's last cell */
	const char *event;
};

static struct line LINES[200];
static size_t n_lines;
static size_t of_happening[SK_HAPPENINGS][20], n_of_happening[SK_HAPPENINGS];

/* The next part of a list with commas, without the blanks in front; NULL at its end. */
static char *
next_part(char **rest)
{
	char *part = strsep(rest, ",");

	return part != NULL ? part + strspn(part, " ") : NULL;
}

static int
take_condition(struct line *line, const char *words)
{
	for (size_t i = 0; i < COUNT(CONDITIONS); i++)
		if (strcmp(CONDITIONS[i].words, words) == 0 &&
		    line->n_conditions < COUNT(line->conditions)) {
			line->conditions[line->n_conditions++] = CONDITIONS[i].applies;
			return 1;
		}
	return 0;
}

static int
take_action(struct line *line, const char *word)
{
	if (strcmp(word, "nothing") == 0)
		return 1;
	if (strncmp(word, "code ", 5) == 0) {
		line->error_code = word + 5;
		return 1;
	}
	if (strncmp(word, "event ", 6) == 0) {
		line->event = word + 6;
		return 1;
	}
	for (size_t i = 0; i < COUNT(ACTIONS); i++)
		if (strcmp(ACTIONS[i].word, word) == 0) {
			line->actions |= ACTIONS[i].action;
			return 1;
		}
	return 0;
}

/* "when CONDITION, CONDITION: ACTION, ACTION", or the actions alone. */
static int
take_last_cell(struct line *line, char *cell)
{
	char *actions = cell, *part;
	int known = 1;

	if (strncmp(cell, "when ", 5) == 0) {
		char *conditions = cell + 5;

		actions = strchr(cell, ':');
		if (actions == NULL)
			return 0;
		*actions++ = '\0';
		while ((part = next_part(&conditions)) != NULL)
			known &= take_condition(line, part);
	}
	while ((part = next_part(&actions)) != NULL)
		known &= take_action(line, part);
	return known;
}

static int
find_name(const char *name)
{
	for (int what = 0; what < SK_HAPPENINGS; what++)
		if (NAMES[what] != NULL && strcmp(NAMES[what], name) == 0)
			return what;
	return -1;
}

static void
read_line(struct page_item *item, applies_fn *table)
{
	struct line *line = &LINES[n_lines];
	char *text = sk_mem_printf("%s, %s", item->title, item->cells[0]);
	int what = find_name(item->cells[0]), well = what >= 0 && item->n_cells == 3;

	if (well) {
		line->item = item;
		line->table = table;
		line->is_same = strcmp(item->cells[1], "same") == 0;
		line->to = sk_state_find(item->cells[1]);
		well =
		    (line->is_same || line->to != SK_NONE) && take_last_cell(line, item->cells[2]);
	}
	ok(well, "%s: the line is in the words of the page", text);
	free(text);
	if (well && n_lines + 1 < COUNT(LINES) && n_of_happening[what] < COUNT(of_happening[what]))
		of_happening[what][n_of_happening[what]++] = n_lines++;
}

static void
read_tables(const struct page *page)
{
	for (size_t i = 0; i < page->n; i++)
		for (size_t j = 0; j < COUNT(TABLES); j++)
			if (strcmp(page->items[i].title, TABLES[j].title) == 0)
				read_line(&page->items[i], TABLES[j].applies);
}

/* --- page and code ---------------------------------------------------------------------------- */

static int
applies(const struct line *line, const struct sk_life *life)
{
	int all = line->table(life);

	for (size_t i = 0; i < line->n_conditions && all; i++)
		all = line->conditions[i](life);
	return all;
}

static int
is_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int
says_the_same(const struct line *line, const struct sk_life *life, const struct sk_step *step)
{
	return step->to == (line->is_same ? life->state : line->to) &&
	    step->actions == line->actions && is_text(sk_code_name(step->code), line->error_code) &&
	    is_text(sk_event_kind_name(step->event), line->event);
}

/* What a happening met: the first case in which page and code differ, if any. */
struct difference {
	const char *what;
	struct sk_life life;
	struct sk_step step;
};

static void
compare(const struct sk_life *life, enum sk_happening what, struct difference *difference)
{
	struct sk_step step = sk_life_next(life, what);
	const struct line *found = NULL;
	const char *wrong = NULL;

	for (size_t i = 0; i < n_of_happening[what]; i++) {
		struct line *line = &LINES[of_happening[what][i]];

		if (!applies(line, life))
			continue;
		line->item->used = 1;
		if (found != NULL)
			wrong = "two lines of the page apply";
		found = line;
	}
	if (step.allowed && found == NULL)
		wrong = "the code allows it, and the page has no line for it";
	if (!step.allowed && found != NULL)
		wrong = "the code refuses it, and the page has a line for it";
	if (step.allowed && found != NULL && !says_the_same(found, life, &step))
		wrong = "the page says something else than the code";
	if (wrong != NULL && difference->what == NULL)
		*difference = (struct difference){wrong, *life, step};
}

static void
tell(const struct difference *difference)
{
	const struct sk_life *life = &difference->life;
	const struct sk_step *step = &difference->step;

	printf("# %s: a row that is %s, id %d, attempts %d, failure %d, intent %d, once not "
	       "received %d, double %d, key free %d, looks %d, age %lld min, withdrawn for %lld "
	       "min\n",
	    difference->what, sk_state_name(life->state), life->has_id, life->attempts_in_run,
	    life->failure, life->intent, life->once_not_received, life->has_double,
	    life->key_is_free, life->looks, (long long)(life->age / SK_MINUTE),
	    (long long)(life->since_withdrawal / SK_MINUTE));
	printf("# the code: %s", step->allowed ? sk_state_name(step->to) : "refused");
	for (size_t i = 0; i < COUNT(ACTIONS); i++)
		if (step->actions & ACTIONS[i].action)
			printf(", %s", ACTIONS[i].word);
	printf(", code %s, event %s\n",
	    step->code != SK_CODE_NONE ? sk_code_name(step->code) : "none",
	    step->event != SK_EVENT_NONE ? sk_event_kind_name(step->event) : "none");
}

/* The next digit of a number in a mixed system. */
static size_t
take_digit(size_t *rest, size_t base)
{
	size_t digit = *rest % base;

	*rest /= base;
	return digit;
}

/*
 * The combination number n of the values at which the function may decide otherwise, each number of
 * the page and the one before it among them. 0 when there are no more.
 */
static int
make_life(size_t n, struct sk_life *life)
{
	static const int attempts[] = {1, 3, 4};
	static const int64_t ages[] = {0, 6 * SK_DAY - 1, 6 * SK_DAY};
	static const int64_t since[] = {-1, 15 * SK_MINUTE - 1, 15 * SK_MINUTE, 35 * SK_MINUTE - 1,
	    35 * SK_MINUTE, 6 * SK_DAY - 1, 6 * SK_DAY};

	life->state = (enum sk_state)(SK_QUEUED + take_digit(&n, SK_STATES - SK_QUEUED));
	life->has_id = (int)take_digit(&n, 2);
	life->attempts_in_run = attempts[take_digit(&n, COUNT(attempts))];
	life->failure = (enum sk_failure)take_digit(&n, SK_FAILURE_STUCK + 1);
	life->intent = (enum sk_intent)take_digit(&n, SK_INTENT_STUCK + 1);
	life->once_not_received = (int)take_digit(&n, 2);
	life->has_double = (int)take_digit(&n, 2);
	life->is_resolved = (int)take_digit(&n, 2);
	life->key_is_free = (int)take_digit(&n, 2);
	life->looks = (int)take_digit(&n, 3);
	life->age = ages[take_digit(&n, COUNT(ages))];
	life->since_withdrawal = since[take_digit(&n, COUNT(since))];
	return n == 0;
}

static void
test_happening(enum sk_happening what)
{
	struct difference difference = {0};
	struct sk_life life;

	counts_after = (what == SK_LOOK_FOUND_IT_GONE ? 35 : 15) * SK_MINUTE;
	for (size_t n = 0; make_life(n, &life); n++)
		compare(&life, what, &difference);
	if (!ok(difference.what == NULL, "%s: page and code say the same in every case",
		NAMES[what]))
		tell(&difference);
}

/* A line that never applies says something that the code doesn't do. */
static void
test_lines(void)
{
	for (size_t i = 0; i < n_lines; i++)
		ok(LINES[i].item->used, "%s, %s to %s: happens", LINES[i].item->title,
		    LINES[i].item->cells[0], LINES[i].item->cells[1]);
}

/* --- the words that the page explains --------------------------------------------------------- */

/* Each item of a section is one of the names, and each name is there. */
static void
test_words(const struct page *page, const char *title, const char *const *names, size_t n)
{
	size_t explained = 0;

	for (size_t i = 0; i < n; i++)
		ok(page_find(page, title, names[i]) != NULL, "%s: %s is explained", title,
		    names[i]);
	for (size_t i = 0; i < page->n; i++)
		explained += strcmp(page->items[i].title, title) == 0;
	is_int((long long)explained, (long long)n, "and nothing else is");
}

static void
test_explanations(const struct page *page)
{
	const char *words[COUNT(CONDITIONS) + COUNT(ACTIONS) + SK_STATES + 3];
	size_t n = 0;

	test_words(page, "WHAT HAPPENS", NAMES, SK_HAPPENINGS);
	for (int state = SK_QUEUED; state < SK_STATES; state++)
		words[n++] = sk_state_name((enum sk_state)state);
	test_words(page, "STATES", words, n);
	n = 0;
	for (size_t i = 0; i < COUNT(CONDITIONS); i++)
		words[n++] = CONDITIONS[i].words;
	test_words(page, "Conditions", words, n);
	n = 0;
	for (size_t i = 0; i < COUNT(ACTIONS); i++)
		words[n++] = ACTIONS[i].word;
	words[n++] = "code";
	words[n++] = "event";
	words[n++] = "nothing";
	test_words(page, "What is written", words, n);
}

int
main(void)
{
	struct page page;

	sk_mem_init();
	page_read(&page, PAGE);
	test_explanations(&page);
	read_tables(&page);
	for (int what = 0; what < SK_HAPPENINGS; what++)
		test_happening((enum sk_happening)what);
	test_lines();
	page_free(&page);
	return done_testing();
}
