/* SPDX-License-Identifier: MIT */
/*
 * Events: what is kept of them, and how the outbox is delivered.
 */
#include "store/event.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/events.h"
#include "folder.h"
#include "tap.h"
#include "base/time.h"

static char folder[] = "/tmp/unit-event-XXXXXX";
static struct sk_store *store;
static struct sk_error err;

static void
use(const char *name)
{
	char *path = sk_mem_printf("%s/%s", folder, name);

	sk_store_free(store);
	sk_error_clear(&err);
	if (sk_store_create(path, 1, &store, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	free(path);
}

static int
make(enum sk_event_kind kind, const char *office, int64_t row, const char *text)
{
	int result;

	if (sk_store_begin(store, &err) != 0)
		return -1;
	result = sk_event_make(store, kind, office, row, text, &err);
	if (result == 0)
		return sk_store_commit(store, &err);
	sk_store_rollback(store);
	return result;
}

static int
make_once(enum sk_event_kind kind, const char *office, int64_t row, int64_t within)
{
	const struct sk_event_once event = {kind, office, row, within, "x"};

	return sk_event_make_once(store, &event, &err);
}

static char *
content(const char *name)
{
	char *path = sk_mem_printf("%s/%s", folder, name);
	static char text[4000];
	FILE *file = fopen(path, "r");
	size_t n = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[n] = '\0';
	if (file != NULL)
		fclose(file);
	unlink(path);
	free(path);
	return text;
}

/* Delivers with a command in which FOLDER is the test's; "delivered failed set aside". */
static const char *
deliver(const char *command)
{
	static char text[100];
	struct sk_delivery delivery;
	char *whole = sk_mem_printf("cd %s && %s", folder, command);

	if (sk_event_deliver(store, whole, &delivery, &err) != 0)
		snprintf(text, sizeof(text), "%.90s", err.text);
	else
		snprintf(text, sizeof(text), "%lld %lld %lld", (long long)delivery.delivered,
		    (long long)delivery.failed, (long long)delivery.set_aside);
	free(whole);
	return text;
}

static void
test_history(void)
{
	struct sk_event *events;
	int64_t last = 9;
	size_t n = 9;

	use("history.db");
	is_int(sk_store_events_last(store, &last, &err), 0, "the last event");
	is_int(last, 0, "is none");
	is_int(make(SK_EVENT_QUEUED, "D1", 4, "one"), 0, "for the history");
	is_int(make(SK_EVENT_FAILED, "D1", 4, "two"), 0, "for the outbox");
	is_int(make(SK_EVENT_REVOKED, NULL, 0, NULL), 0, "about none");
	is_int(make(SK_EVENT_NONE, "D1", 4, "three"), -1, "of unknown kind");
	is_int(err.code, SK_EXIT_BUG, "is a bug");
	sk_error_clear(&err);
	is_int(sk_event_make(store, SK_EVENT_FAILED, "D1", 4, "x", &err), -1,
	    "outside of a transaction");
	is_int(err.code, SK_EXIT_BUG, "is a bug");
	sk_error_clear(&err);

	is_int(sk_store_events_due(store, 10, &events, &n, &err), 0, "due");
	ok(n == 2 && events[0].kind == SK_EVENT_FAILED && events[0].outbox && events[0].row == 4 &&
		strcmp(events[0].text, "two") == 0 && events[1].office_id == NULL &&
		events[1].text == NULL && events[1].at > 0,
	    "are those of the outbox");
	sk_events_free(events, n);
	is_int(sk_store_events_since(store, 1, &events, &n, &err), 0, "since the first");
	is_int((long long)n, 2, "two");
	sk_events_free(events, n);
	is_int(sk_store_events_last(store, &last, &err), 0, "the last event");
	is_int(last, 3, "is the third");
}

static void
test_once(void)
{
	struct sk_event *events;
	size_t n = 0;

	use("once.db");
	is_int(make_once(SK_EVENT_STUCK, "D1", 4, SK_HOUR), 0, "once");
	is_int(make_once(SK_EVENT_STUCK, "D1", 4, SK_HOUR), 0, "twice");
	is_int(make_once(SK_EVENT_STUCK, "D1", 5, SK_HOUR), 0, "another row");
	is_int(make_once(SK_EVENT_STUCK, "D2", 4, SK_HOUR), 0, "another office");
	is_int(make_once(SK_EVENT_RUN_STALLED, NULL, 0, SK_HOUR), 0, "of none");
	is_int(make_once(SK_EVENT_RUN_STALLED, NULL, 0, SK_HOUR), 0, "again");
	is_int(sk_store_event_made(store, SK_EVENT_STUCK, "D1", 0, 1, &err), 1, "made, of any row");
	is_int(sk_store_event_made(store, SK_EVENT_STUCK, "D3", 0, 1, &err), 0, "not made");
	is_int(sk_store_event_made(store, SK_EVENT_STUCK, "D1", 0, sk_time_now() + SK_HOUR, &err),
	    0, "not made since");
	sk_store_begin(store, &err);
	is_int(make_once(SK_EVENT_LOST, "D1", 4, SK_HOUR), 0, "inside");
	is_int(make_once(SK_EVENT_LOST, "D1", 4, SK_HOUR), 0, "and again");
	sk_store_commit(store, &err);
	sk_store_events_since(store, 0, &events, &n, &err);
	is_int((long long)n, 5, "each once");
	sk_events_free(events, n);
	is_int(make_once(SK_EVENT_NONE, NULL, 0, 1), -1, "unknown kind");
	ok(!sk_store_in_transaction(store), "leaves no transaction open");
	sk_error_clear(&err);
}

static void
test_delivery(void)
{
	char *big = sk_mem_alloc(200001);
	const char *got;

	use("delivery.db");
	is_str(deliver("false"), "0 0 0", "nothing to deliver");
	make(SK_EVENT_FAILED, "D1", 7, "line\n\"one\"");
	make(SK_EVENT_UNKNOWN, "D2", 0, NULL);
	make(SK_EVENT_QUEUED, "D1", 7, "history");
	is_str(deliver("cat >>got"), "2 0 0", "two delivered");
	got = content("got");
	ok(strstr(got,
	       "\"event\":\"failed\",\"office_id\":\"D1\",\"id\":\"7\","
	       "\"text\":\"line\\n\\\"one\\\"\",\"run\":\"1\"}\n{\"event_id\":\"2\"") != NULL,
	    "as JSON, a line each, in order");
	ok(strstr(got, "\"office_id\":\"D2\",\"id\":null,\"text\":null,\"run\":\"1\"}\n") != NULL,
	    "null for none");
	is_str(deliver("cat >>got"), "0 0 0", "and only once");

	make(SK_EVENT_FAILED, "D1", 1, "first of D1");
	make(SK_EVENT_FAILED, "D1", 2, "second of D1");
	make(SK_EVENT_FAILED, "D2", 3, "first of D2");
	make(SK_EVENT_REVOKED, NULL, 0, "of none");
	is_str(deliver("cat >now; ! grep -q 'first of D1' now && cat now >>got"), "2 1 0",
	    "what fails holds back its office only");
	got = content("got");
	ok(strstr(got, "D1") == NULL && strstr(got, "first of D2") != NULL, "D2 has its own");
	is_str(deliver("cat >>got"), "2 0 0", "then both");
	got = content("got");
	ok(strstr(got, "first of D1") < strstr(got, "second of D1"), "in order");

	memset(big, 'x', 200000);
	big[200000] = '\0';
	make(SK_EVENT_FAILED, "D1", 1, big);
	is_str(deliver("true"), "1 0 0", "a command that reads nothing");
	make(SK_EVENT_FAILED, "D1", 1, big);
	is_str(deliver("wc -c >got"), "1 0 0", "and one that reads much");
	ok(atoi(content("got")) > 200000, "gets it all");
	free(big);
	make(SK_EVENT_FAILED, "D1", 1, "x");
	is_str(deliver("kill -9 $$"), "0 1 0", "one that dies by a signal has not taken it");
	is_str(deliver("exec /no/such/command 2>/dev/null"), "0 1 0", "nor one that isn't there");
	is_str(deliver("true"), "1 0 0", "at last");
}

static void
test_surroundings(void)
{
	struct sk_delivery delivery;
	int fd = open("/dev/null", O_RDONLY), saved, null;

	use("around.db");
	make(SK_EVENT_FAILED, "D1", 1, "x");
	saved = dup(STDERR_FILENO);
	null = open(folder, O_RDONLY);
	is_str(deliver("ls /dev/fd/ >got && cat got | wc -l >count"), "1 0 0", "descriptors");
	/* ls and its own folder: 0 1 2 3 */
	ok(atoi(content("count")) <= 4, "none is inherited");
	close(null);
	close(saved);
	close(fd);

	make(SK_EVENT_FAILED, "D1", 1, "x");
	signal(SIGPIPE, SIG_DFL);
	is_str(deliver("exec <&-; sleep 0.1; true"), "1 0 0", "a closed pipe ends nobody");
	make(SK_EVENT_FAILED, "D1", 1, "x");
	is_str(deliver("trap >traps; yes 2>/dev/null | head -1 >got; true"), "1 0 0",
	    "SIGPIPE is as usual for the command");
	sk_store_begin(store, &err);
	is_int(sk_event_deliver(store, "true", &delivery, &err), -1, "not inside a transaction");
	is_int(err.code, SK_EXIT_BUG, "which is a bug");
	sk_error_clear(&err);
	sk_store_rollback(store);
	is_int(sk_event_deliver(NULL, "true", &delivery, &err), 0, "no store, nothing to do");
}

static void
test_setting_aside(void)
{
	struct sk_event *events;
	size_t n;

	use("aside.db");
	make(SK_EVENT_FAILED, "D1", 8, "poison");
	make(SK_EVENT_FAILED, "D1", 9, "behind it");
	for (int i = 0; i < 9; i++)
		is_str(deliver("! grep -q poison"), "0 1 0", "a try");
	is_str(deliver("! grep -q poison"), "1 0 1", "the tenth sets it aside, the next goes on");
	sk_store_events_due(store, 9, &events, &n, &err);
	ok(n == 1 && events[0].kind == SK_EVENT_SET_ASIDE && events[0].row == 8 &&
		strcmp(events[0].office_id, "D1") == 0,
	    "and an event tells of it");
	sk_events_free(events, n);
	for (int i = 0; i < 9; i++)
		deliver("false");
	is_str(deliver("false"), "0 0 1", "which is set aside too");
	sk_store_events_due(store, 9, &events, &n, &err);
	is_int((long long)n, 0, "without one that tells of that");
	sk_events_free(events, n);
	is_int(sk_store_event_failed(store, 1, 10, 5, &err), 0, "one set aside stays as it is");
	is_int(err.code, 0, "no error");
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_history();
	test_once();
	test_delivery();
	test_surroundings();
	test_setting_aside();
	sk_store_free(store);
	remove_folder(folder);
	return done_testing();
}
