/* SPDX-License-Identifier: MIT */
/*
 * pool-world: what a unit test of the engine for calls lives in. A state file of its own with the
 * offices D1 to D4 and their keys, a pool, and a server on loopback that answers by rules, which a
 * test sets. The server closes each connection after its answer, and serves one request at a time.
 *
 * A witness is an owner of calls that notes in said[] what it was asked, and does what the test says.
 */
#ifndef SK_POOL_WORLD_H
#define SK_POOL_WORLD_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "folder.h"
#include "http-server.h"
#include "moved-clock.h"
#include "calls/engine.h"
#include "calls/rate.h"
#include "store/event.h"
#include "store/limits.h"
#include "store/offices.h"

#define LONG_TURN \
	(5 * SK_MINUTE) /* longer than the alarm of server_init: only what wakes it ends it */
#define MOST_RULES 8
#define MOST_HELD 16

struct said_by_server {
	const char *status;
	const char *headers; /* each with its end of line */
	const char *body;
};

static const struct said_by_server accepted = {"201 Created", "",
    "{\"id\":\"77\",\"result\":\"pending\"}"};
static const struct said_by_server empty_list = {"200 OK", "", "{\"items\":[]}"};
static const struct said_by_server new_key = {"200 OK", "",
    "{\"request_key\":\"fresh\",\"refresh_key\":\"next\",\"expires_in\":\"86400\"}"};
struct rule {
	const char *match; /* a part of the request */
	const struct said_by_server *answer;
	int left;  /* for so many requests; below 0: for all */
	int holds; /* the answer waits for release_held() */
};

static struct {
	char folder[64];
	struct sk_common common;
	struct sk_session session;
	struct sk_pool *pool;
	struct sk_error err;
	struct server server;
	pthread_mutex_t mutex; /* of rules and held */
	struct rule rules[MOST_RULES];
	int n_rules;
	struct {
		int fd;
		const struct said_by_server *answer;
	} held[MOST_HELD];
	int n_held;
	atomic_int seen; /* requests that have arrived whole */
	atomic_int is_over;
	/* what a request finds in the state file when it arrives */
	atomic_int events_at_arrival;
} world = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* --- the server ---------------------------------------------------------------------------------- */

static int
count_events(void)
{
	char path[96];
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	int n = -1;

	snprintf(path, sizeof(path), "%s/sikka.db", world.folder);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_busy_timeout(db, 60000) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT count(*) FROM events", -1, &statement, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		n = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return n;
}

static void
say_without_end(int fd, const struct said_by_server *answer)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    "HTTP/1.1 %s\r\nConnection: close\r\nX-Rate-Limit-Limit: 200\r\n"
	    "Content-Length: %zu\r\n%s\r\n%s",
	    answer->status, strlen(answer->body), answer->headers, answer->body);
	server_say(fd, text);
}

static void
say(int fd, const struct said_by_server *answer)
{
	say_without_end(fd, answer);
	close(fd);
}

static void
answer_one(const char *request, int fd)
{
	const struct said_by_server *answer = &empty_list;
	int holds = 0;

	pthread_mutex_lock(&world.mutex);
	for (int i = world.n_rules - 1; i >= 0; i--) {
		struct rule *rule = &world.rules[i];

		if (rule->left == 0 || strstr(request, rule->match) == NULL)
			continue;
		rule->left -= rule->left > 0;
		answer = rule->answer;
		holds = rule->holds;
		break;
	}
	if (holds) {
		world.held[world.n_held].fd = fd;
		world.held[world.n_held++].answer = answer;
	}
	pthread_mutex_unlock(&world.mutex);
	/* Before its client has the answer: who has it finds the request among those that arrived. */
	world.seen++;
	if (!holds)
		say(fd, answer);
}

static void
serve(struct server *server)
{
	while (!world.is_over) {
		int fd = server_accept_within(server, 20);

		if (fd == -1)
			continue;
		if (!server_read(server, fd)) {
			close(fd);
			continue;
		}
		world.events_at_arrival = count_events();
		answer_one(server->requests[server->n_requests - 1], fd);
	}
}

/* Later rules go before earlier ones. */
static void
add_rule(struct rule rule)
{
	pthread_mutex_lock(&world.mutex);
	world.rules[world.n_rules++] = rule;
	pthread_mutex_unlock(&world.mutex);
}

static void
answer_with(const char *match, const struct said_by_server *answer)
{
	add_rule((struct rule){.match = match, .answer = answer, .left = -1});
}

__attribute__((unused)) static void
hold(const char *match, const struct said_by_server *answer)
{
	add_rule((struct rule){.match = match, .answer = answer, .left = -1, .holds = 1});
}

/* All held answers are written; those of later requests aren't held any more. */
__attribute__((unused)) static void
release_held(void)
{
	pthread_mutex_lock(&world.mutex);
	for (int i = 0; i < world.n_rules; i++)
		world.rules[i].holds = 0;
	for (int i = 0; i < world.n_held; i++)
		if (world.held[i].fd != -1)
			say(world.held[i].fd, world.held[i].answer);
	world.n_held = 0;
	pthread_mutex_unlock(&world.mutex);
}

/*
 * Where all requests so far are held: writes the answer to the one that has such a part, and waits until its client
 * has read it. In a thread of its own, as the client has to turn meanwhile.
 */
__attribute__((unused)) static void
release_one(const char *match)
{
	int i = 0, fd;
	char byte;

	pthread_mutex_lock(&world.mutex);
	while (i + 1 < world.n_held && strstr(world.server.requests[i], match) == NULL)
		i++;
	fd = world.held[i].fd;
	world.held[i].fd = -1;
	pthread_mutex_unlock(&world.mutex);
	say_without_end(fd, world.held[i].answer);
	while (recv(fd, &byte, 1, 0) > 0)
		;
	close(fd);
}

/* Method and path of the requests that have arrived, each followed by a blank. */
__attribute__((unused)) static const char *
asked(void)
{
	static char text[4096];
	int seen = world.seen;

	text[0] = '\0';
	for (int i = 0; i < seen && i < SERVER_REQUESTS; i++) {
		const char *request = world.server.requests[i];
		const char *path = strstr(request, "/v4/") + 4, *method = request;
		size_t n = strlen(text);

		snprintf(text + n, sizeof(text) - n, "%.*s %.*s ", (int)strcspn(method, " "),
		    method, (int)strcspn(path, " ?"), path);
	}
	return text;
}

/* --- state file and pool ------------------------------------------------------------------------- */

__attribute__((noreturn)) static void
bail_out(const char *what)
{
	printf("Bail out! %s: %s\n", what, world.err.text);
	exit(1);
}

/* An office whose key lives for so many ms. Its refresh key contains its id. */
static void
put_office(const char *office_id, int64_t life)
{
	struct sk_office office = {0};
	int64_t now = sk_time_now();

	if (sk_store_office_get(world.session.store, office_id, &office, &world.err) < 0)
		bail_out(office_id);
	sk_mem_replace(&office.office_id, office_id);
	sk_mem_replace(&office.request_key, "old");
	free(office.refresh_key);
	office.refresh_key = sk_mem_printf("refresh-%s", office_id);
	sk_mem_replace(&office.secret_key, "secret");
	office.token_expiry = now + life;
	office.renewed_at = now - SK_DAY;
	office.status = SK_OFFICE_ACTIVE;
	if (sk_store_begin(world.session.store, &world.err) != 0 ||
	    sk_store_office_put(world.session.store, &office, &world.err) != 0 ||
	    sk_store_commit(world.session.store, &world.err) != 0)
		bail_out(office_id);
	sk_office_fini(&office);
}

static void
open_session(const char *connections)
{
	char url[64], db[96];

	snprintf(world.folder, sizeof(world.folder), "/tmp/unit-pool-XXXXXX");
	if (mkdtemp(world.folder) == NULL)
		bail_out("mkdtemp");
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/v4", world.server.port);
	snprintf(db, sizeof(db), "%s/sikka.db", world.folder);
	setenv("HOME", world.folder, 1);
	setenv("SIKKA_APP_ID", "app", 1);
	setenv("SIKKA_APP_KEY", "key", 1);
	setenv("SIKKA_BASE_URL", url, 1);
	setenv("SIKKA_DB", db, 1);
	setenv("SIKKA_CONNECTIONS", connections, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("SIKKA_CONFIG");
	if (sk_session_open_or_begin(&world.session, &world.common, &world.err) != 0)
		bail_out("session");
}

/* A new world, in which nothing has happened. */
static void
begin_world(const char *what, const char *connections)
{
	static const char *const offices[] = {"D1", "D2", "D3", "D4"};

	printf("# %s\n", what);
	sk_error_clear(&world.err);
	world.n_rules = world.n_held = 0;
	world.seen = world.is_over = world.events_at_arrival = 0;
	seconds_ahead = 0;
	server_start(&world.server, serve, NULL);
	open_session(connections);
	for (size_t i = 0; i < sizeof(offices) / sizeof(offices[0]); i++)
		put_office(offices[i], SK_DAY);
	if (sk_engine_new(&world.session, &world.pool, &world.err) != 0)
		bail_out("pool");
	answer_with("POST /v4/appointment", &accepted);
	answer_with("POST /v4/request_key", &new_key);
}

static void
end_world(void)
{
	sk_pool_free(world.pool);
	sk_session_close(&world.session);
	world.is_over = 1;
	server_stop(&world.server);
	server_fini(&world.server);
	remove_folder(world.folder);
}

/* What the limit of an office counts now. */
__attribute__((unused)) static struct sk_window
window_of(const char *office_id)
{
	struct sk_limits *limits = NULL;
	struct sk_window window = {0};

	if (sk_limits_open(world.session.config.db, &limits, &world.err) != 0 ||
	    sk_limits_begin(limits, &world.err) != 0 ||
	    sk_limits_get(limits, office_id, &window, &world.err) != 0)
		bail_out("limits");
	sk_limits_rollback(limits);
	sk_limits_free(limits);
	return window;
}

/* --- witnesses ----------------------------------------------------------------------------------- */

static char said[4096];

struct witness {
	struct sk_call_owner owner;
	int may_not_enter;
	int times_asked;               /* may_enter */
	const char *cross_out;         /* the name of the call that may not leave */
	int fail_leaving, fail_record; /* so often */
	int forbid_again;
	int was_in_turn; /* what sk_pool_call returned inside of ended() … */
	struct sk_call *inner;
	struct sk_error unrecorded; /* as ended() got it last */
};

/* A call's name is the last part of its path. */
static const char *
name_of(const struct sk_call *call)
{
	return strrchr(call->path, '/') + 1;
}

/* "what:a,b " behind what was said before. */
static void
note(const char *what, struct sk_call **calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(said);

		snprintf(said + length, sizeof(said) - length, "%s%s%s", i == 0 ? what : ",",
		    name_of(calls[i]), i + 1 == n ? " " : "");
	}
}

static bool
witness_may_enter(void *arg, int64_t *retry_in)
{
	struct witness *witness = arg;

	witness->times_asked++;
	*retry_in = 10;
	return !witness->may_not_enter;
}

/* An event for each call: it is there when the transaction is. */
static int
write_events(struct sk_call **calls, size_t n, struct sk_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (sk_event_make(world.session.store, SK_EVENT_QUEUED, "D1", 0, name_of(calls[i]),
			err) != 0)
			return -1;
	return 0;
}

static int
witness_leaving(void *arg, struct sk_call **calls, size_t n, struct sk_error *err)
{
	struct witness *witness = arg;

	note("leaving:", calls, n);
	if (write_events(calls, n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (witness->cross_out != NULL &&
		    strcmp(name_of(calls[i]), witness->cross_out) == 0)
			calls[i]->crossed_out = 1;
	if (witness->fail_leaving == 0)
		return 0;
	witness->fail_leaving--;
	return sk_error_set(err, SK_EXIT_CANT_WRITE, "leaving failed");
}

static int
witness_record(void *arg, struct sk_call **calls, size_t n, struct sk_error *err)
{
	struct witness *witness = arg;

	note("record:", calls, n);
	if (write_events(calls, n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (calls[i]->again)
			strcat(said, "again ");
		if (witness->forbid_again)
			calls[i]->again = 0;
	}
	if (witness->fail_record == 0)
		return 0;
	witness->fail_record--;
	return sk_error_set(err, SK_EXIT_CANT_WRITE, "recording failed");
}

static void
witness_ended(void *arg, struct sk_call **calls, size_t n, const struct sk_error *unrecorded)
{
	struct witness *witness = arg;

	note(unrecorded != NULL ? "lost:" : "ended:", calls, n);
	if (unrecorded != NULL)
		witness->unrecorded = *unrecorded;
	if (witness->inner != NULL)
		witness->was_in_turn = sk_pool_call(world.pool, witness->inner, &world.err);
}

__attribute__((unused)) static void
witness_init(struct witness *witness)
{
	memset(witness, 0, sizeof(*witness));
	witness->owner = (struct sk_call_owner){.may_enter = witness_may_enter,
	    .leaving = witness_leaving,
	    .record = witness_record,
	    .ended = witness_ended,
	    .owner_arg = witness};
	said[0] = '\0';
}

__attribute__((unused)) static struct sk_call
call_of(enum sk_call_kind kind, const char *office_id, const char *path, struct witness *witness)
{
	static const char *const methods[SK_CALL_KINDS] = {[SK_CALL_SUBMISSION] = "POST",
	    [SK_CALL_WITHDRAWAL] = "DELETE",
	    [SK_CALL_READ] = "GET",
	    [SK_CALL_POLL] = "GET"};

	return (struct sk_call){.kind = kind,
	    .method = methods[kind],
	    .path = path,
	    .body = kind == SK_CALL_SUBMISSION ? "{}" : NULL,
	    .office_id = office_id,
	    .owner = witness != NULL ? &witness->owner : NULL};
}

__attribute__((unused)) static void
finish_calls(struct sk_call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_call_fini(&calls[i]);
}

static int
all_ended(const struct sk_call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!sk_call_has_ended(&calls[i]))
			return 0;
	return 1;
}

/* Nothing but the pool itself wakes these turns. */
__attribute__((unused)) static void
turn_until_ended(const struct sk_call *calls, size_t n)
{
	while (!all_ended(calls, n))
		sk_pool_turn(world.pool, LONG_TURN, -1);
}

__attribute__((unused)) static void
turn_until_seen(int requests)
{
	while (world.seen < requests)
		sk_pool_turn(world.pool, 10, -1);
}

#endif
