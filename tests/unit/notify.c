/* SPDX-License-Identifier: MIT */
/*
 * Delivery: what a command gets, and which events are tried.
 */
#include "commands/notify.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/event.h"
#include "store/outbox.h"
#include "events.h"
#include "folder.h"
#include "tap.h"
#include "base/time.h"

static char folder[] = "/tmp/unit-notify-XXXXXX";

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
static bool batch;

static const char *
deliver(const char *command)
{
	static char text[100];
	struct sk_delivery delivery;
	char *whole = sk_mem_printf("cd %s && %s", folder, command);

	const struct sk_notify notify = {.store = store, .command = whole, .batch = batch};

	if (sk_notify(&notify, &delivery, &err) != 0)
		snprintf(text, sizeof(text), "%.90s", err.text);
	else
		snprintf(text, sizeof(text), "%lld %lld %lld", (long long)delivery.delivered,
		    (long long)delivery.failed, (long long)delivery.set_aside);
	free(whole);
	return text;
}

static void
test_delivery(void)
{
	char *big = sk_mem_alloc(200001);
	const char *got;

	use(folder, "delivery.db");
	is_str(deliver("false"), "0 0 0", "nothing to deliver");
	make(SK_EVENT_FAILED, "D1", 7, "line\n\"one\"");
	make(SK_EVENT_UNKNOWN, "D2", 0, NULL);
	make(SK_EVENT_QUEUED, "D1", 7, "history");
	is_str(deliver("cat >>got"), "2 0 0", "two delivered");
	got = content("got");
	ok(strstr(got,
	       "\"event\":\"failed\",\"office_id\":\"D1\",\"id\":\"7\",\"count\":1,"
	       "\"key\":null,\"text\":\"office D1: line\\n\\\"one\\\". It isn't sent again by "
	       "itself.") != NULL,
	    "as JSON, with what it means");
	ok(strstr(got, "hand it in again.\",\"run\":\"1\"}\n{\"event_id\":\"2\"") != NULL,
	    "a line each, in order");
	ok(strstr(got, "--writebacks 7") != NULL, "and with the command that mends it");
	ok(strstr(got,
	       "\"office_id\":\"D2\",\"id\":null,\"count\":0,\"key\":null,\"text\":\"office D2: "
	       "Nobody knows") != NULL,
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

	use(folder, "around.db");
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
	is_int(sk_notify(&(struct sk_notify){.store = store, .command = "true"}, &delivery, &err),
	    -1, "not inside a transaction");
	is_int(err.code, SK_EXIT_BUG, "which is a bug");
	sk_error_clear(&err);
	sk_store_rollback(store);
}

static long long
count(const char *condition)
{
	char *command =
	    sk_mem_printf("sqlite3 %s/policy.db \"SELECT count(*) FROM events WHERE %s\" >%s/n",
		folder, condition, folder);
	long long n = -1;

	if (system(command) == 0)
		n = atoll(content("n"));
	free(command);
	return n;
}

/* Nothing gets through: nothing is given up, and a sweep tries few. */
static void
test_outage(void)
{
	use(folder, "policy.db");
	for (int i = 0; i < 40; i++) {
		char *office = sk_mem_printf("D%d", i);

		make(SK_EVENT_FAILED, office, i + 1, "x");
		free(office);
	}
	for (int i = 0; i < 30; i++)
		is_str(deliver("echo >>tries; false"), "0 3 0", "three tries of forty");
	is_int((long long)strlen(content("tries")), 90, "and no more");
	is_int(count("id = 1 AND tries = 30"), 1, "the oldest each time");
	is_int(count("tries >= 1"), 40, "and others in turn");
	is_int(count("set_aside_at IS NOT NULL OR due_at IS NOT NULL"), 0, "none is put off");
	is_str(deliver("true"), "40 0 0", "then all at once");
}

/* One that fails while others get through is put off, and overtaken; also where all are of one office. */
static void
test_poison(void)
{
	use(folder, "policy.db");
	make(SK_EVENT_FAILED, "D1", 1, "poison");
	make(SK_EVENT_FAILED, "D1", 2, "x");
	is_str(deliver("! grep -q poison"), "1 1 0", "another one tells that the command is well");
	is_int(count("id = 1 AND failing_since IS NOT NULL AND due_at IS NULL"), 1,
	    "the next sweep tries once more");
	make(SK_EVENT_FAILED, "D1", 3, "x");
	is_str(deliver("! grep -q poison"), "1 1 0", "then it is put off");
	is_int(count("id = 1 AND due_at IS NOT NULL"), 1, "for a while");
	make(SK_EVENT_FAILED, "D1", 4, "x");
	is_str(deliver("! grep -q poison"), "1 0 0", "in which it isn't tried");
	make(SK_EVENT_FAILED, "D1", 5, "x");
	is_str(deliver("false"), "0 1 0", "the command fails");
	is_str(deliver("true"), "2 0 0", "and is well again: what was put off is due");
}

static void
test_batch(void)
{
	use(folder, "policy.db");
	batch = true;
	is_str(deliver("touch called"), "0 0 0", "nothing waits: the command isn't run");
	is_str(content("called"), "", "not at all");
	make(SK_EVENT_FAILED, "D1", 1, "one");
	make(SK_EVENT_FAILED, "D2", 2, "two");
	make(SK_EVENT_FAILED, "D1", 3, "three");
	is_str(deliver("echo >>calls; cat >got; false"), "0 3 0",
	    "a command that fails takes none");
	is_int((long long)strlen(content("calls")), 1, "one call");
	is_int(count("tries = 1 AND delivered_at IS NULL"), 3, "all were tried");
	is_str(deliver("echo >>calls; cat >got"), "3 0 0", "one that is well takes all");
	is_int((long long)strlen(content("calls")), 1, "in one call");
	is_int(count("delivered_at IS NOT NULL"), 3, "which is noted");
	batch = false;
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_delivery();
	test_surroundings();
	test_outage();
	test_poison();
	test_batch();
	sk_store_free(store);
	remove_folder(folder);
	return done_testing();
}
