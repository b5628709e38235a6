/* SPDX-License-Identifier: MIT */
/*
 * sweep: has an office's server refresh the data that reads show (--refresh-data): a remote command, which is no
 * writeback and never stands in the journal. It is noted before it leaves. One whose answer was lost isn't sent again
 * at once, and one that the server still has is followed instead of sending a second one: each keeps the practice's
 * server busy for minutes.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/time.h"
#include "store/event.h"
#include "store/offices.h"
#include "store/refreshes.h"
#include "calls/freshness.h"
#include "calls/pages.h"
#include "commands/sweep_parts.h"

#define LOST_FOR (15 * SK_MINUTE) /* in the documents' example a command takes ten minutes */
#define FOLLOWED_FOR SK_DAY       /* then the server has forgotten it */
#define FIRST_PAUSE (2 * SK_SECOND)
#define LONGEST_PAUSE (30 * SK_SECOND)

struct refreshing {
	struct sk_sweep *sweep;
	const char *office_id;
	struct sk_remote_command command;
};

/* What the server says of a command. */
enum told { TOLD_ERROR = -1, TOLD_PENDING, TOLD_DONE, TOLD_FAILED, TOLD_NOTHING };

/* --- asking -------------------------------------------------------------------------------------- */

struct utility {
	const char *office_id;
	char *id;
};

static int
take_utility(void *arg, json_t *record, struct sk_error *err)
{
	struct utility *utility = arg;
	char *office_id = sk_json_member_text(record, "office_id");

	(void)err;
	if (utility->id == NULL && sk_text_both_equal(office_id, utility->office_id))
		utility->id = sk_json_member_text(record, "spc_id");
	free(office_id);
	return 0;
}

/* The number of the office's utility; the caller's. NULL with err. */
static char *
find_utility(struct refreshing *refreshing, struct sk_error *err)
{
	struct utility utility = {.office_id = refreshing->office_id};
	const struct sk_api_parameter office = {"office_id", refreshing->office_id};
	struct sk_pages pages = {.kind = SK_CALL_READ,
	    .path = "/health_check",
	    .parameters = &office,
	    .n_parameters = 1,
	    .page_size = 500,
	    .record = take_utility,
	    .arg = &utility};
	int result = sk_pages_read(refreshing->sweep->pool, &pages, err);

	sk_pages_fini(&pages);
	if (result == 0 && utility.id != NULL && *utility.id != '\0')
		return utility.id;
	free(utility.id);
	if (result == 0)
		sk_error_set(err, SK_EXIT_FAILED,
		    "the data of %s can't be refreshed: the server knows no utility (spc_id) of it",
		    refreshing->office_id);
	return NULL;
}

struct status {
	const char *id;
	enum told told;
	char *word;
};

static int
take_status(void *arg, json_t *record, struct sk_error *err)
{
	struct status *status = arg;
	char *id = sk_json_member_text(record, "id"),
	     *executed = sk_json_member_text(record, "command_executed_time");

	(void)err;
	if (sk_text_both_equal(id, status->id)) {
		free(status->word);
		status->word = sk_json_member_text(record, "status");
		status->told = status->word != NULL && strcasecmp(status->word, "Success") == 0
		    ? TOLD_DONE
		    : executed != NULL && *executed != '\0' ? TOLD_FAILED
							    : TOLD_PENDING;
	}
	free(id);
	free(executed);
	return 0;
}

/* word: the server's; the caller's. */
static enum told
ask_status(struct refreshing *refreshing, char **word, struct sk_error *err)
{
	struct status status = {.id = refreshing->command.id, .told = TOLD_NOTHING};
	const struct sk_api_parameter id = {"id", status.id};
	struct sk_pages pages = {.kind = SK_CALL_POLL,
	    .path = "/remote_command_status",
	    .parameters = &id,
	    .n_parameters = 1,
	    .page_size = 50,
	    .record = take_status,
	    .arg = &status};
	int result = sk_pages_read(refreshing->sweep->pool, &pages, err);

	sk_pages_fini(&pages);
	/* A command that was just accepted may not show yet. */
	if (status.told == TOLD_NOTHING && sk_time_now() - refreshing->command.sent_at < LOST_FOR)
		status.told = TOLD_PENDING;
	*word = status.word;
	return result == 0 ? status.told : TOLD_ERROR;
}

/* --- what is noted ------------------------------------------------------------------------------- */

static int
note(struct refreshing *refreshing, enum sk_event_kind kind, const char *text, struct sk_error *err)
{
	struct sk_store *store = refreshing->sweep->session->store;
	int result;

	if (sk_store_begin(store, err) != 0)
		return -1;
	result = sk_store_command_put(store, refreshing->office_id, &refreshing->command, err);
	if (result == 0 && kind != SK_EVENT_NONE)
		result = sk_event_make(store, kind, refreshing->office_id, 0, text, err);
	if (result == 0)
		return sk_store_commit(store, err);
	sk_store_rollback(store);
	return -1;
}

static int
note_end(struct refreshing *refreshing, struct sk_error *err)
{
	refreshing->command.ended_at = sk_time_now();
	return note(refreshing, SK_EVENT_NONE, NULL, err);
}

/* --- sending ------------------------------------------------------------------------------------- */

/* Why a command wasn't accepted; err isn't touched where it was. */
static void
read_refusal(const struct sk_api_submission *said, const char *office_id, struct sk_error *err)
{
	const struct sk_api_code *code = sk_api_code_find(said->code);
	const char *blank = said->code[0] != '\0' ? " " : "";

	if (said->verdict == SK_WRITE_ACCEPTED)
		return;
	if (said->not_sent || said->verdict == SK_WRITE_UNCLEAR)
		sk_error_set(err, SK_EXIT_UNAVAILABLE,
		    "%s: it isn't known whether the server has the command to refresh the data%s",
		    office_id,
		    said->not_sent ? ", as it can't be reached"
				   : "; it isn't sent again for 15 minutes");
	else
		sk_error_set(err,
		    said->verdict == SK_WRITE_REFUSED_PASSING ? SK_EXIT_TRY_LATER
			: said->verdict == SK_WRITE_REFUSED_KEY ||
			    (code != NULL && code->class == SK_API_CONFIG)
			? SK_EXIT_NOT_AUTHORIZED
			: SK_EXIT_FAILED,
		    "%s: the server refused to have the data refreshed: %s%s%s", office_id,
		    said->code, blank, said->text);
}

/* One attempt: 0 it is accepted, or nobody knows; -1 surely not. err says what isn't well. */
static int
post(struct refreshing *refreshing, const char *utility, struct sk_error *err)
{
	json_t *body = json_pack("{s:s, s:s, s:s}", "office_id", refreshing->office_id, "spc_id",
	    utility, "command_name", "refresh_data");
	char *text = json_dumps(body, JSON_COMPACT);
	struct sk_call call = {.kind = SK_CALL_SUBMISSION,
	    .method = "POST",
	    .path = "/remote_command",
	    .body = text};
	const struct sk_api_submission *said;
	int result = sk_pool_call(refreshing->sweep->pool, &call, err);

	if (result == 0) {
		said = &call.result->said;
		read_refusal(said, refreshing->office_id, err);
		if (said->verdict == SK_WRITE_ACCEPTED && said->id[0] != '\0')
			sk_mem_replace(&refreshing->command.id, said->id);
		result = said->not_sent ||
			(said->verdict != SK_WRITE_ACCEPTED && said->verdict != SK_WRITE_UNCLEAR)
		    ? -1
		    : 0;
	}
	sk_call_fini(&call);
	free(text);
	json_decref(body);
	return result;
}

static int
send_command(struct refreshing *refreshing, struct sk_error *err)
{
	char *utility = find_utility(refreshing, err), *text;
	struct sk_error sent = {0};
	int result;

	if (utility == NULL)
		return -1;
	sk_remote_command_fini(&refreshing->command);
	refreshing->command.sent_at = sk_time_now();
	result = note(refreshing, SK_EVENT_NONE, NULL, err);
	if (result != 0) {
		free(utility);
		return -1;
	}
	result = post(refreshing, utility, &sent);
	free(utility);
	if (result != 0)
		note_end(refreshing, err);
	if (sent.code != 0) {
		*err = sent;
		return -1;
	}
	text = sk_mem_printf("the practice's server is to refresh its data: command %s",
	    refreshing->command.id != NULL ? refreshing->command.id : "without a number");
	sk_out_verbose("%s: %s", refreshing->office_id, text);
	result = note(refreshing, SK_EVENT_REFRESH_ASKED, text, err);
	free(text);
	return result;
}

static int
take_end(struct refreshing *refreshing, enum told told, const char *word, struct sk_error *err)
{
	char *text;
	int result;

	if (told != TOLD_DONE)
		sk_error_set(err, SK_EXIT_FAILED,
		    "%s: the practice's server didn't refresh its data: command %s is %s",
		    refreshing->office_id, refreshing->command.id,
		    word != NULL ? word : "not known to the server");
	refreshing->command.ended_at = sk_time_now();
	text = sk_mem_printf("command %s: the practice's server has refreshed its data; reads show "
			     "them within minutes",
	    refreshing->command.id);
	result = told == TOLD_DONE ? note(refreshing, SK_EVENT_DATA_REFRESHED, text, err)
				   : note_end(refreshing, &(struct sk_error){0});
	free(text);
	return err->code != 0 ? -1 : result;
}

/* --- one that was sent before ---------------------------------------------------------------------- */

/* What an earlier command leaves to do; with err where that can't be known, or nothing may be done. */
enum left { LEFT_ERROR = -1, LEFT_NOTHING, LEFT_SEND, LEFT_FOLLOW };

/* It was carried out, perhaps long ago. */
static enum left
meet_done(struct refreshing *refreshing, struct sk_error *err)
{
	char date[SK_FRESHNESS_DATE];

	if (take_end(refreshing, TOLD_DONE, NULL, err) != 0)
		return LEFT_ERROR;
	switch (sk_freshness_since(refreshing->sweep->pool, refreshing->office_id, NULL,
	    sk_time_now() - LOST_FOR, date, err)) {
	case SK_FRESH_ERROR:
		return LEFT_ERROR;
	case SK_FRESH_YOUNGER:
		return LEFT_NOTHING;
	default:
		return LEFT_SEND;
	}
}

static enum left
meet_earlier(struct refreshing *refreshing, struct sk_error *err)
{
	struct sk_remote_command *command = &refreshing->command;
	int64_t age = sk_time_now() - command->sent_at;
	char words[SK_TIME_WORDS], *word = NULL;
	enum told told;

	if (command->sent_at == 0 || command->ended_at != 0)
		return LEFT_SEND;
	sk_time_words(age, words);
	if (command->id == NULL && age < LOST_FOR)
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "%s: a command to refresh the data was sent %s ago, and its answer was lost; "
		    "it isn't sent again before 15 minutes are over",
		    refreshing->office_id, words);
	if (command->id == NULL || age >= FOLLOWED_FOR)
		return LEFT_SEND;
	told = ask_status(refreshing, &word, err);
	free(word);
	if (told == TOLD_PENDING)
		sk_out_warn("%s: command %s was sent %s ago and still waits, so no second one is "
			    "sent",
		    refreshing->office_id, command->id, words);
	if (told == TOLD_DONE)
		return meet_done(refreshing, err);
	return told == TOLD_ERROR ? LEFT_ERROR : told == TOLD_PENDING ? LEFT_FOLLOW : LEFT_SEND;
}

/* --- following -------------------------------------------------------------------------------------- */

static int
follow(struct refreshing *refreshing, struct sk_error *err)
{
	int64_t until = sk_time_boot() + refreshing->sweep->options->refresh_wait,
		pause = FIRST_PAUSE;

	while (!sk_stop_asked()) {
		char *word = NULL;
		enum told told = ask_status(refreshing, &word, err);
		int result = -1;

		if (told == TOLD_DONE || told == TOLD_FAILED || told == TOLD_NOTHING)
			result = take_end(refreshing, told, word, err);
		free(word);
		if (told != TOLD_PENDING)
			return result;
		if (sk_time_boot() + pause > until)
			return sk_error_set(err, SK_EXIT_PENDING,
			    "%s: the practice's server hasn't carried out command %s yet; "
			    "sikka-sweep --refresh-data %s follows it further",
			    refreshing->office_id, refreshing->command.id, refreshing->office_id);
		sk_progress_waits("the practice's server hasn't answered; asking again",
		    sk_time_monotonic() + pause);
		if (sk_pool_sleep(refreshing->sweep->pool, pause, err) != 0)
			break;
		pause = 2 * pause < LONGEST_PAUSE ? 2 * pause : LONGEST_PAUSE;
	}
	return -1;
}

static int
refresh(struct refreshing *refreshing, struct sk_error *err)
{
	enum left left;

	if (sk_store_command_get(refreshing->sweep->session->store, refreshing->office_id,
		&refreshing->command, err) < 0)
		return -1;
	left = meet_earlier(refreshing, err);
	if (left == LEFT_ERROR || left == LEFT_NOTHING)
		return left;
	if (left == LEFT_SEND && send_command(refreshing, err) != 0)
		return -1;
	if (refreshing->command.id == NULL)
		return sk_error_set(err, SK_EXIT_PENDING,
		    "%s: the server accepted the command and named no number, so it can't be "
		    "followed",
		    refreshing->office_id);
	return follow(refreshing, err);
}

void
sk_sweep_refresh_data(struct sk_sweep *sweep)
{
	const struct sk_sweep_options *options = sweep->options;

	for (size_t i = 0; i < options->n_refreshed && !sk_stop_asked(); i++) {
		struct refreshing refreshing = {.sweep = sweep, .office_id = options->refreshed[i]};
		struct sk_error err = {0};

		if (sweep->session->rehearses) {
			sk_sweep_rehearse_upkeep(sweep, "refresh the data",
			    json_pack("{s: s}", "office_id", refreshing.office_id));
			continue;
		}
		if (sk_sweep_go_online(sweep) != 0)
			return;
		sk_progress_begin(NULL, "refreshing the data of %s", refreshing.office_id);
		refresh(&refreshing, &err);
		sk_progress_end();
		sk_remote_command_fini(&refreshing.command);
		sk_sweep_note(sweep, &err);
	}
}

bool
sk_sweep_knows_offices(struct sk_sweep *sweep)
{
	const struct sk_sweep_options *options = sweep->options;
	bool are_known = true;

	for (size_t i = 0; i < options->n_refreshed; i++)
		are_known = sk_sweep_knows_office(sweep, "--refresh-data", options->refreshed[i]) &&
		    are_known;
	return are_known;
}
