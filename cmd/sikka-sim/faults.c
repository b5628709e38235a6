/* SPDX-License-Identifier: MIT */
/*
 * Reads and applies scripted faults. A rule that makes no sense is refused with a reason, so that a
 * test doesn't pass for want of its fault.
 */
#include "faults.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "near.h"
#include "pattern.h"
#include "routes.h"

enum argument {
	NO_ARGUMENT,
	NUMBER,
	NUMBER_OPTIONAL,
	SECONDS,
	SECONDS_SIGNED,
	NUMBER_SIGNED,
	STATUS,
	URL,
	CODE,
	CODE_OPTIONAL,
	EDIT,
};

/* What an action can be done to. */
enum scope { EVERYTHING, LISTS, OTHER_LISTS, THE_LIST, WITHDRAWALS, SUBMISSIONS };

static const struct action {
	const char *name;
	enum fault_kind kind;
	enum argument argument;
	bool done;
	enum scope scope;
} actions[] = {
    {"status", FAULT_STATUS, STATUS, false, EVERYTHING},
    {"429", FAULT_LIMITED, NUMBER_OPTIONAL, false, EVERYTHING},
    {"429-daily", FAULT_LIMITED_DAILY, CODE_OPTIONAL, false, EVERYTHING},
    {"drop-before", FAULT_DROP_BEFORE, NO_ARGUMENT, false, EVERYTHING},
    {"drop-after", FAULT_DROP_AFTER, NO_ARGUMENT, true, EVERYTHING},
    {"hang", FAULT_HANG, NO_ARGUMENT, false, EVERYTHING},
    {"hang-after", FAULT_HANG_AFTER, NO_ARGUMENT, true, EVERYTHING},
    {"late", FAULT_LATE, SECONDS, true, EVERYTHING},
    {"slow", FAULT_SLOW, NUMBER, true, EVERYTHING},
    {"hold", FAULT_HOLD, NO_ARGUMENT, true, EVERYTHING},
    {"cut", FAULT_CUT, NUMBER, true, EVERYTHING},
    {"reset", FAULT_RESET, NUMBER, true, EVERYTHING},
    {"html", FAULT_HTML, NO_ARGUMENT, false, EVERYTHING},
    {"html-after", FAULT_HTML_AFTER, NO_ARGUMENT, true, EVERYTHING},
    {"garbage", FAULT_GARBAGE, NO_ARGUMENT, false, EVERYTHING},
    {"empty", FAULT_EMPTY, NO_ARGUMENT, false, EVERYTHING},
    {"no-id", FAULT_NO_ID, NO_ARGUMENT, true, SUBMISSIONS},
    {"id", FAULT_ID, NUMBER, true, SUBMISSIONS},
    {"twice", FAULT_TWICE, NO_ARGUMENT, true, EVERYTHING},
    {"twice-second", FAULT_TWICE_SECOND, NO_ARGUMENT, true, EVERYTHING},
    {"twice-lost", FAULT_TWICE_LOST, NO_ARGUMENT, true, EVERYTHING},
    {"accept", FAULT_ACCEPT, CODE, true, SUBMISSIONS},
    {"lag", FAULT_LAG, SECONDS, true, THE_LIST},
    {"listed", FAULT_LISTED, SECONDS, true, SUBMISSIONS},
    {"fetched", FAULT_FETCHED, NO_ARGUMENT, true, WITHDRAWALS},
    {"lacks", FAULT_LACKS, NUMBER, true, THE_LIST},
    {"skips", FAULT_SKIPS, NUMBER, true, THE_LIST},
    {"loses", FAULT_LOSES, NUMBER, true, THE_LIST},
    {"total", FAULT_TOTAL, NUMBER_SIGNED, true, LISTS},
    {"grows", FAULT_GROWS, NUMBER, true, THE_LIST},
    {"repeats", FAULT_REPEATS, NO_ARGUMENT, true, LISTS},
    {"endless", FAULT_ENDLESS, NO_ARGUMENT, true, OTHER_LISTS},
    {"short", FAULT_SHORT, NUMBER, true, LISTS},
    {"edit", FAULT_EDIT, EDIT, true, EVERYTHING},
    {"redirect", FAULT_REDIRECT, URL, false, EVERYTHING},
    {"date", FAULT_DATE, SECONDS_SIGNED, true, EVERYTHING},
    {"no-date", FAULT_NO_DATE, NO_ARGUMENT, true, EVERYTHING},
};
enum { ACTIONS = sizeof(actions) / sizeof(actions[0]) };

static const struct action *
action_of(enum fault_kind kind)
{
	for (size_t i = 0; i < ACTIONS; i++)
		if (actions[i].kind == kind)
			return &actions[i];
	return NULL;
}

bool
fault_is_done(enum fault_kind kind)
{
	const struct action *action = action_of(kind);

	return action == NULL || action->done;
}

static bool
tears_lists(enum fault_kind kind)
{
	return kind == FAULT_LACKS || kind == FAULT_SKIPS || kind == FAULT_LOSES ||
	    kind == FAULT_TOTAL || kind == FAULT_GROWS || kind == FAULT_REPEATS ||
	    kind == FAULT_ENDLESS;
}

static const char *
parse_status(struct fault *fault, const char *argument)
{
	size_t n = strcspn(argument, ":");
	char *digits = x_new(n + 1);
	long status = 0;
	bool ok;

	memcpy(digits, argument, n);
	ok = number_parse(digits, 200, 599, &status);
	free(digits);
	if (!ok)
		return "the status is no number from 200 to 599";
	fault->number = status;
	free(fault->text);
	fault->text = x_dup(argument[n] == ':' ? argument + n + 1 : "");
	return NULL;
}

/* Reads one of the API's codes; it must be one that this action can use. */
static const char *
parse_code(struct fault *fault, const char *code)
{
	int status = answer_status(code);

	if (fault->kind == FAULT_ACCEPT
		? status < 200 || status > 202
		: strcmp(code, "API2011") != 0 && strcmp(code, "API2012") != 0)
		return "this action can't be used with this code";
	free(fault->text);
	fault->text = x_dup(code);
	return NULL;
}

/* The text between two of the edit's separators; its end, or NULL. */
static const char *
edit_end(const char *from, char separator)
{
	return *from != '\0' && separator != '\0' ? strchr(from, separator) : NULL;
}

/* "/FROM/TO/", with any separator. */
static const char *
parse_edit(struct fault *fault, const char *argument)
{
	const char *middle = edit_end(argument + (*argument != '\0'), *argument);
	const char *end = middle != NULL ? edit_end(middle + 1, *argument) : NULL;

	if (end == NULL || end[1] != '\0')
		return "an edit is /FROM/TO/";
	free(fault->text);
	fault->text = x_dup(argument);
	return NULL;
}

static const char *
parse_argument(struct fault *fault, const struct action *action, const char *argument)
{
	long number = -1;
	bool negative;

	if (action->argument == NO_ARGUMENT)
		return argument == NULL ? NULL : "this action takes no argument";
	if (argument == NULL)
		return action->argument == NUMBER_OPTIONAL || action->argument == CODE_OPTIONAL
		    ? NULL
		    : "this action needs an argument";
	switch (action->argument) {
	case CODE:
	case CODE_OPTIONAL:
		return parse_code(fault, argument);
	case STATUS:
		return parse_status(fault, argument);
	case URL:
		free(fault->text);
		fault->text = x_dup(argument);
		return *argument ? NULL : "this action needs a URL";
	case EDIT:
		return parse_edit(fault, argument);
	case SECONDS:
		return seconds_parse(argument, &fault->number) ? NULL : "no number of seconds";
	case SECONDS_SIGNED:
		return seconds_signed(argument, &fault->number) ? NULL : "no number of seconds";
	default:
		negative = action->argument == NUMBER_SIGNED && *argument == '-';
		if (!number_parse(argument + negative, 0, 1L << 30, &number))
			return "the argument is no number";
		fault->number = negative ? -number : number;
		return NULL;
	}
}

/* Returns NULL, or what is wrong. */
static char *
parse_action(struct fault *fault, const char *text)
{
	size_t n = strcspn(text, ":");
	char *name = x_printf("%.*s", (int)n, text), *said = NULL;
	struct near near = {.word = name};
	const struct action *action = NULL;
	const char *wrong;

	for (size_t i = 0; i < ACTIONS; i++)
		if (strcmp(actions[i].name, name) == 0)
			action = &actions[i];
	for (size_t i = 0; action == NULL && i < ACTIONS; i++)
		near_add(&near, actions[i].name);
	if (action == NULL)
		said = near_say(&near, "no such action");
	free(name);
	if (action == NULL)
		return said;
	fault->kind = action->kind;
	fault->of_lists = tears_lists(fault->kind);
	fault->number = -1;
	fault->text = x_dup(action->name);
	wrong = parse_argument(fault, action, text[n] == ':' ? text + n + 1 : NULL);
	return wrong != NULL ? x_dup(wrong) : NULL;
}

static bool
is_in(enum scope scope, const struct route_view *route)
{
	bool reads = strcmp(route->method, "GET") == 0;
	bool writebacks = strcmp(route->path, "/writebacks") == 0;

	switch (scope) {
	case LISTS:
		return reads;
	case OTHER_LISTS:
		return reads && !writebacks;
	case THE_LIST:
		return reads && writebacks;
	case WITHDRAWALS:
		return !reads && writebacks;
	case SUBMISSIONS:
		return route->submits;
	default:
		return true;
	}
}

/*
 * The route that was probably meant. A method that is a pattern is taken as it is; a path is often
 * written with the /v4 of the base URL.
 */
static char *
say_route(const struct fault *fault)
{
	bool any_method = strpbrk(fault->method, "*?[") != NULL;
	const char *path = strncmp(fault->path, "/v4/", 4) == 0 ? fault->path + 3 : fault->path;
	char *word = x_printf("%s %s", fault->method, path), *said;
	struct near near = {.word = word};
	struct route_view route;

	for (size_t i = 0; routes_view(i, &route); i++) {
		const char *hole = strstr(route.path, "{}");
		char *name = x_printf("%s %.*s%s", any_method ? fault->method : route.method,
		    (int)(hole != NULL ? hole - route.path : (long)strlen(route.path)), route.path,
		    hole != NULL ? "*" : "");

		near_add(&near, name);
		free(name);
	}
	said = near_say(&near, "no route has this method and path");
	free(word);
	return said;
}

/* Whether a request can come that meets the rule. Returns NULL, or what is wrong. */
static char *
check_routes(const struct fault *fault)
{
	const struct action *action = action_of(fault->kind);
	bool found = false;
	struct route_view route;

	for (size_t i = 0; routes_view(i, &route); i++) {
		if (fnmatch(fault->method, route.method, 0) != 0 ||
		    !pattern_meets(fault->path, route.path))
			continue;
		if (action == NULL || is_in(action->scope, &route))
			return NULL;
		found = true;
	}
	return found ? x_dup("this action can't be used with this method and path")
		     : say_route(fault);
}

/* Reads "2", "2-4" or "3-". */
static bool
parse_occurrences(struct fault *fault, char *text)
{
	char *dash = strchr(text, '-');

	if (dash != NULL)
		*dash++ = '\0';
	if (!number_parse(text, 1, LONG_MAX, &fault->first))
		return false;
	if (dash == NULL)
		fault->last = fault->first;
	else if (*dash != '\0')
		return number_parse(dash, fault->first, LONG_MAX, &fault->last);
	return true;
}

static char *
parse_rule(struct fault *fault, char *rule)
{
	char *path = strchr(rule, ' '), *action, *at;

	if (path == NULL || path == rule)
		return x_dup("a rule begins with METHOD and a blank");
	*path++ = '\0';
	path += strspn(path, " ");
	action = strchr(path, '=');
	if (action == NULL)
		return x_dup("a rule needs =ACTION");
	*action++ = '\0';
	at = strchr(path, '@');
	if (at != NULL)
		*at++ = '\0';
	if (*path != '/' && *path != '*')
		return x_dup("the path begins with / or *");
	fault->first = 1;
	fault->last = LONG_MAX;
	if (at != NULL && !parse_occurrences(fault, at))
		return x_dup("occurrences are N, N-M or N-");
	fault->method = x_dup(rule);
	fault->path = x_dup(path);
	return parse_action(fault, action);
}

static void
fault_fini(struct fault *fault)
{
	free(fault->method);
	free(fault->path);
	free(fault->text);
	free(fault->rule);
}

char *
faults_add(struct sim *sim, const char *rule)
{
	struct fault fault = {0};
	char *copy = x_dup(rule), *wrong = parse_rule(&fault, copy);

	free(copy);
	if (wrong == NULL)
		wrong = check_routes(&fault);
	if (wrong != NULL) {
		fault_fini(&fault);
		return wrong;
	}
	fault.rule = x_dup(rule);
	sim->faults = x_grow(sim->faults, (sim->fault_count + 1) * sizeof(*sim->faults));
	sim->faults[sim->fault_count++] = fault;
	return NULL;
}

void
faults_clear(struct sim *sim)
{
	for (size_t i = 0; i < sim->fault_count; i++)
		fault_fini(&sim->faults[i]);
	free(sim->faults);
	sim->faults = NULL;
	sim->fault_count = 0;
	sim->clearings++;
}

json_t *
faults_list(const struct sim *sim)
{
	json_t *all = json_array();

	for (size_t i = 0; i < sim->fault_count; i++) {
		const struct fault *fault = &sim->faults[i];

		json_array_append_new(all,
		    json_pack("{s:s,s:I,s:I}", "rule", fault->rule, "seen", (json_int_t)fault->seen,
			"hits", (json_int_t)fault->hits));
	}
	return all;
}

static bool
is_first_page(const struct request *rq)
{
	const char *offset = request_parameter(rq, "offset");

	return offset == NULL || strcmp(offset, "0") == 0;
}

bool
faults_match(struct sim *sim, const struct request *rq, struct fault *out)
{
	bool found = false;

	for (size_t i = 0; i < sim->fault_count; i++) {
		struct fault *fault = &sim->faults[i];

		if (fnmatch(fault->method, rq->method, 0) != 0 ||
		    fnmatch(fault->path, rq->path, 0) != 0)
			continue;
		if (!fault->of_lists || is_first_page(rq))
			fault->seen++;
		if (found || fault->seen < fault->first || fault->seen > fault->last)
			continue;
		fault->hits++;
		*out = *fault;
		out->text = x_dup(fault->text);
		out->rule = x_dup(fault->rule);
		found = true;
	}
	return found;
}

bool
faults_has(const struct request *rq, enum fault_kind kind)
{
	return rq->fault != NULL && rq->fault->kind == kind;
}

int64_t
faults_number(const struct request *rq, enum fault_kind kind)
{
	return faults_has(rq, kind) ? rq->fault->number : 0;
}

static void
answer_limited(const struct sim *sim, const struct fault *fault, struct answer *an)
{
	char *reset = x_printf("%ld", fault->number >= 0 ? (long)fault->number : 60);
	char *limit = x_printf("%ld", sim->set.rate_limit);

	answer_message(an, 429, "", "Too many requests, please try again later", "");
	if (sim->set.limit_headers) {
		answer_header(an, "X-Rate-Limit-Limit", limit);
		answer_header(an, "X-Rate-Limit-Remaining", "0");
		answer_header(an, "X-Rate-Limit-Reset", reset);
	}
	/* When a reset time is given, it is also sent in the standard's way. */
	if (fault->number >= 0 || sim->set.quirk[Q_RETRY_AFTER] == RETRY_AFTER_PRESENT)
		answer_header(an, "Retry-After", reset);
	free(reset);
	free(limit);
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c != '\0' ? strchr(digits, c | 0x20) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* Adds what stands up to end; \xHH is a byte. */
static void
add_unescaped(struct text *to, const char *from, const char *end)
{
	for (; from < end; from++) {
		char byte = *from;

		if (end - from >= 4 && from[0] == '\\' && from[1] == 'x' &&
		    hex_digit(from[2]) >= 0 && hex_digit(from[3]) >= 0) {
			byte = (char)(hex_digit(from[2]) << 4 | hex_digit(from[3]));
			from += 3;
		}
		text_add(to, &byte, 1);
	}
}

void
faults_edit(const struct fault *fault, struct answer *an)
{
	const char *from = fault->text + 1, *middle = strchr(from, *fault->text);
	const char *end = strchr(middle + 1, *fault->text);
	char *wanted = x_printf("%.*s", (int)(middle - from), from);
	char *at = an->body != NULL ? strstr(an->body, wanted) : NULL;
	struct text edited = {0};

	if (an->body == NULL && *wanted == '\0') {
		/* An answer without a body, as of an empty list, has no beginning. */
	} else if (at == NULL) {
		answer_message(an, 501, "", "The text to be edited isn't in the answer", "");
	} else {
		text_add(&edited, an->body, (size_t)(at - an->body));
		add_unescaped(&edited, middle + 1, end);
		at += strlen(wanted);
		text_add(&edited, at, an->length - (size_t)(at - an->body));
		free(an->body);
		an->body = edited.s;
		an->length = edited.length;
	}
	free(wanted);
}

void
faults_answer(const struct sim *sim, const struct fault *fault, struct answer *an)
{
	static const char page[] =
	    "<html><head><title>502 Bad Gateway</title></head>\n"
	    "<body><center><h1>502 Bad Gateway</h1></center></body></html>\n";

	switch (fault->kind) {
	case FAULT_STATUS:
		if (fault->number == 204)
			answer_empty(an);
		else
			answer_message(an, (int)fault->number, fault->text, "Scripted fault", "");
		break;
	case FAULT_LIMITED:
		answer_limited(sim, fault, an);
		break;
	case FAULT_LIMITED_DAILY:
		answer_daily(an, strcmp(fault->text, "API2011") == 0 ? "API2011" : "API2012");
		break;
	case FAULT_HTML:
	case FAULT_HTML_AFTER:
		answer_text(an, 502, "text/html", page);
		break;
	case FAULT_GARBAGE:
		answer_text(an, 200, "application/json; charset=UTF-8",
		    "{\"id\":\"27\x01<<no json");
		break;
	case FAULT_EMPTY:
		answer_text(an, 200, "application/json; charset=UTF-8", "");
		break;
	case FAULT_REDIRECT:
		answer_text(an, 302, "text/html", "<html>Found</html>\n");
		answer_header(an, "Location", fault->text);
		break;
	default:
		break;
	}
}
