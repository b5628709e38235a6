/* SPDX-License-Identifier: MIT */
/*
 * hand_over: gives an office away. What is written of it is read in the commit that forgets the office, so that nothing
 * of it is missing, and is written to stdout when that commit stands. Whoever asks again gets it once more.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"
#include "base/twin.h"
#include "store/event.h"
#include "store/hand_over.h"
#include "store/migrations.h"
#include "store/offices.h"
#include "store/served.h"
#include "commands/hand_over_parts.h"

static int
refuse_open(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	size_t open, watched;

	if (sk_served_count_followed(session, office_id, &open, &watched, err) != 0)
		return -1;
	if (open + watched == 0)
		return 0;
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "office %s has %zu requests that haven't ended, and %zu withdrawn ones that may still "
	    "be carried out: sikka-poll --wait and sikka-sweep follow them; then export the office",
	    office_id, open, watched);
}

static int
begin_hand_over(struct sk_session *session, const char *office_id, struct sk_hand_over *over,
    struct sk_error *err)
{
	int64_t a, b;

	if (sk_twin_random(&a, err) != 0 || sk_twin_random(&b, err) != 0)
		return -1;
	snprintf(over->name, sizeof(over->name), "%016llx%016llx", (unsigned long long)a,
	    (unsigned long long)b);
	over->office_id = sk_mem_copy(office_id);
	over->at = sk_time_now();
	return sk_store_newest_id(session->store, &over->newest, err);
}

/* The lines of a hand-over: the first one, what is in between, and the last one. *text is the caller's. */
static int
compose(struct sk_session *session, const struct sk_hand_over *over, char **text,
    struct sk_error *err)
{
	struct sk_text all = {0};
	json_t *lines = NULL, *names = NULL, *ends, *line;
	char at[SK_TIME_TEXT], *end;
	size_t i;

	if (sk_store_hand_over_names(session->store, over->office_id, &names, err) != 0 ||
	    sk_store_hand_over_read(session->store, over, &lines, err) != 0) {
		json_decref(names);
		json_decref(lines);
		return -1;
	}
	ends = json_pack("{s: s, s: s, s: s*, s: s, s: i, s: I, s: o}", "hand_over", over->name,
	    "office_id", over->office_id, "newest", over->newest, "at",
	    sk_time_format(over->at, at), "version", SK_SCHEMA_NEWEST, "lines",
	    (json_int_t)json_array_size(lines), "past", names);
	end = sk_json_dump(ends);
	sk_text_add_format(&all, "%s\n", end);
	json_array_foreach(lines, i, line)
	    sk_text_add_format(&all, "%s\n", json_string_value(line));
	sk_text_add_format(&all, "{\"end\":\"%s\"}\n", over->name);
	free(end);
	json_decref(ends);
	json_decref(lines);
	*text = sk_text_take(&all);
	return 0;
}

/* In a section, with the office's lock. */
static int
give_away(struct sk_session *session, const char *office_id, char **text, struct sk_error *err)
{
	struct sk_store *store = session->store;
	struct sk_hand_over over = {0};
	int result;

	if (sk_section_raise(session, SK_SECTION_KEEPS, err) != 0 ||
	    refuse_open(session, office_id, err) != 0)
		return -1;
	result = begin_hand_over(session, office_id, &over, err);
	if (result == 0)
		result = sk_store_hand_over_note(store, SK_HAND_OVER_OUT, &over, err);
	if (result == 0)
		result = compose(session, &over, text, err);
	if (result == 0)
		result = sk_store_office_forget(store, office_id, err);
	if (result == 0)
		result = sk_event_make(store, SK_EVENT_GIVEN_AWAY, office_id, 0,
		    "given away to another host by sikka-sweep --export-office", err);
	sk_hand_over_fini(&over);
	return result;
}

/* It was given away; whoever asks again has lost what was written. */
static int
give_again(struct sk_session *session, const struct sk_hand_over *over, char **text,
    struct sk_error *err)
{
	char day[SK_TIME_DAY];
	int result;

	sk_out_warn("office %s was given away on %s: written again, without its keys",
	    over->office_id, sk_time_day(over->at, day));
	if (sk_store_begin(session->store, err) != 0)
		return -1;
	result = compose(session, over, text, err);
	sk_store_rollback(session->store);
	return result;
}

static int
give_with_lock(struct sk_session *session, const char *office_id, char **text, struct sk_error *err)
{
	int64_t number;
	int result = -1;

	if (sk_session_lock_office(session, office_id, SK_EXIT_BAD_DATA, &number, err) != 0)
		return -1;
	if (sk_section_begin(session, err) == 0)
		result = sk_section_end(session, give_away(session, office_id, text, err), err);
	sk_lock_release(session->lock, SK_LOCK_OFFICE, number);
	return result;
}

/* Only the last host of a fleet is taken away: it gives away what is of its share. */
static bool
stays_here(const struct sk_session *session, const char *office_id)
{
	const struct sk_share *share = &session->config.share;

	return share->number < share->of && sk_served_has(session, office_id);
}

/* The output holds keys: if it is a file, nobody else reads it. */
static int
hide_output(struct sk_error *err)
{
	struct stat status;

	if (fstat(STDOUT_FILENO, &status) != 0 || !S_ISREG(status.st_mode) ||
	    (status.st_mode & 07777) == 0600 || fchmod(STDOUT_FILENO, 0600) == 0)
		return 0;
	return sk_error_set(err, SK_EXIT_CANT_CREATE,
	    "the output holds keys, and the file can't get the mode 0600: %s; nothing was given "
	    "away",
	    strerror(errno));
}

int
sk_hand_over_export(struct sk_session *session, const char *office_id, struct sk_error *err)
{
	struct sk_hand_over over = {0};
	char *text = NULL;
	int out, result;

	if (stays_here(session, office_id))
		return sk_error_set(err, SK_EXIT_BAD_DATA,
		    "office %s is of this host's share (%s): first every host gets the new number "
		    "of hosts, see sikka-fleet(7)",
		    office_id, sk_config_source(&session->config, "share"));
	if (hide_output(err) != 0)
		return -1;
	out = sk_store_handed_out(session->store, office_id, &over, err);
	if (out < 0)
		return -1;
	result = out ? give_again(session, &over, &text, err)
		     : give_with_lock(session, office_id, &text, err);
	sk_hand_over_fini(&over);
	if (result == 0)
		result = sk_out_text(text, err);
	sk_secret_free(text);
	return result;
}
