/* SPDX-License-Identifier: MIT */
/*
 * store: the words with which an event is delivered. They are added when it is, so that what stands in
 * the file is only what has happened.
 */
#include "store/event_words.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* {id}: our number of the request; {office}. Without one of them, ID and OFFICE are left to the reader. */
/* clang-format off */
static const char *const WORDS[SK_EVENT_KINDS] = {
    [SK_EVENT_UNKNOWN] = "Nobody knows yet whether the practice has it, so don't hand it in again. sikka-sweep finds out, mostly within an hour; \"sikka-sweep -n\" shows what it could be at the server, and \"sikka-sweep --resolve {id}=OUTCOME\" says what you know.",
    [SK_EVENT_NOT_SENT] = "Surely nothing of it has left. Hand it in again, or send it again with \"sikka-sweep --retry={id}\".",
    [SK_EVENT_NOT_RECEIVED] = "The server surely never had it. Send it again with \"sikka-sweep --retry={id}\".",
    [SK_EVENT_FAILED] = "It isn't sent again by itself. \"sikka-status --writebacks {id}\" shows the reason; correct the request, and hand it in again.",
    [SK_EVENT_STUCK] = "\"sikka-sweep --refresh-data {office}\" tells its server to refresh the data, and shows whether it works. If it doesn't, call the practice and ask whether its server is switched on. \"sikka-status --writebacks --state pending -O {office}\" shows what waits; what was withdrawn because it waited too long can be handed in again.",
    [SK_EVENT_ENDED_UNCLEAR] = "The server says that it has ended, but not clearly how. Look at the practice, then say what you saw with \"sikka-sweep --resolve {id}=completed\" or \"{id}=failed\".",
    [SK_EVENT_LOST] = "The server doesn't know it any more, so only the practice can tell what became of it. Look there, then say it with \"sikka-sweep --resolve {id}=completed\" or \"{id}=failed\".",
    [SK_EVENT_CONTRADICTION] = "It was withdrawn or given up here, and ended otherwise at the practice. Look at it with \"sikka-status --writebacks {id}\", and have the practice cancel what isn't wanted.",
    [SK_EVENT_DOUBLED] = "The practice may get it twice. Look there; if it is one too many, take the second one over with \"sikka-sweep --adopt WRITEBACK\" and withdraw it with \"sikka-sweep --withdraw ID\", or have the practice cancel it.",
    [SK_EVENT_ID_TAKEN] = "Nobody can say which of the two requests has that number. Look for both at the practice, then say what became of this one with \"sikka-sweep --resolve {id}=OUTCOME\".",
    [SK_EVENT_UNPROVABLE] = "No list of the server can tell any more what became of it. Look at the practice, then say it with \"sikka-sweep --resolve {id}=completed\" or \"{id}=failed\".",
    [SK_EVENT_NOT_LOOKED_AT] = "Nobody has seen whether it stayed withdrawn, so an equal request isn't sent. Look at the practice, then say it with \"sikka-sweep --resolve {id}=withdrawn\" or \"{id}=completed\".",
    [SK_EVENT_BOOKED_ALREADY] = "So the booking isn't sent again. If that appointment is another one, book again with sikka-book.",
    [SK_EVENT_DATA_TOO_OLD] = "A later \"sikka-sweep --retry\" sends it once the practice's data were refreshed, unless the practice has the appointment; \"sikka-sweep --refresh-data {office}\" has that done now. Or look whether the practice has it; if it surely hasn't: \"sikka-sweep --retry={id} --unchecked\".",
    [SK_EVENT_APPOINTMENT_NEAR] = "The practice may not have it in its book: call there. \"sikka-poll {id}\" asks the server once more.",
    [SK_EVENT_KEY_ENDING] = "Without a request key nothing is sent or read for this office. \"sikka-token refresh -O {office}\" renews it, or says why it can't.",
    [SK_EVENT_REAUTHORIZE] = "Nothing is sent for this office until the practice has authorized the application again; then run \"sikka-authorize\".",
    [SK_EVENT_OFFICES_MISSING] = "This is probably a mistake of the server, and requests for these offices are sent as before. If \"sikka-authorize\" still says so a day later, ask the vendor. \"sikka-authorize --forget OFFICE\" removes an office that has really left.",
    [SK_EVENT_REVOKED] = "Nothing is sent for this office any more. If the practice didn't mean that, it authorizes the application again; then run \"sikka-authorize\".",
    [SK_EVENT_LOCATION_GONE] = "Requests for this practice are refused here from now on. If it still exists, ask the office's staff why the server doesn't list it; once it is listed, \"sikka-authorize -O {office}\" takes it up again.",
    [SK_EVENT_OFFICE_OFFLINE] = "Its requests wait until it is connected. Call the practice and ask whether its server is switched on; \"sikka-status --writebacks --state pending -O {office}\" shows what waits.",
    [SK_EVENT_RUN_STALLED] = "Look whether that process stands still. If it does, let it go on or end it; then \"sikka-sweep\" finishes what it left.",
    [SK_EVENT_OLDER_COPY] = "Nothing is sent until somebody says what this file is. If a copy was put back: \"sikka-sweep --after-restore\"; if the file was moved here: \"sikka-sweep --moved\".",
    [SK_EVENT_SET_ASIDE] = "So nobody has heard of it. \"sikka-status --events\" shows it; mend the command of --notify, then deliver it with \"sikka-sweep --redeliver\".",
    [SK_EVENT_CLOCK_DIFFERS] = "Set this machine's clock, or let it be kept: \"timedatectl set-ntp true\".",
    [SK_EVENT_NO_DATE] = "What is unknown can't be declared not received meanwhile. Look for a proxy that removes the header Date; \"sikka-sweep -n\" shows what is unknown.",
    [SK_EVENT_ASSUMPTION_BROKEN] = "A request may have been carried out twice, or declared not received too early. Look at it at the practice; \"sikka-status\" shows the figure under measures.",
};
/* clang-format on */

/* Of several requests of a run. */
/* clang-format off */
static const struct {
	const char *happened; /* after "40 requests of run 12 " */
	const char *means;
} SEVERAL[SK_EVENT_KINDS] = {
    [SK_EVENT_UNKNOWN] = {"are unknown", "Nobody knows yet whether the practice has them, so don't hand them in again. sikka-sweep finds out, mostly within an hour; \"sikka-sweep -n\" shows what each could be at the server, and \"sikka-sweep --resolve ID=OUTCOME\" says what you know."},
    [SK_EVENT_NOT_SENT] = {"were not sent", "\"sikka-status --writebacks --state failed\" shows them. Hand them in again, or send them again with \"sikka-sweep --retry\"."},
};
/* clang-format on */

static char *
words_of_several(const struct sk_event *event)
{
	struct sk_text words = {0};

	sk_text_add_format(&words, "%s%s%s%lld requests of run %lld %s; for each of them: %s. %s",
	    event->office_id != NULL ? "office " : "",
	    event->office_id != NULL ? event->office_id : "", event->office_id != NULL ? ": " : "",
	    (long long)event->count, (long long)event->of_run, SEVERAL[event->kind].happened,
	    event->cause, SEVERAL[event->kind].means);
	return sk_text_take(&words);
}

static bool
is_of_several(const struct sk_event *event)
{
	return event->count > 1 && event->kind > SK_EVENT_NONE && event->kind < SK_EVENT_KINDS &&
	    SEVERAL[event->kind].happened != NULL;
}

static void
add_expanded(struct sk_text *words, const char *text, const struct sk_event *event)
{
	const char *rest = text, *mark;
	char id[24] = "ID";

	if (event->row != 0)
		snprintf(id, sizeof(id), "%lld", (long long)event->row);
	while ((mark = strchr(rest, '{')) != NULL) {
		bool is_id = strncmp(mark, "{id}", 4) == 0;

		sk_text_add_bytes(words, rest, (size_t)(mark - rest));
		sk_text_add(words,
		    is_id                          ? id
			: event->office_id != NULL ? event->office_id
						   : "OFFICE");
		rest = strchr(mark, '}') + 1;
	}
	sk_text_add(words, rest);
}

/* The office and the caller's key, unless the text says them already. */
static void
add_whom(struct sk_text *words, const struct sk_event *event)
{
	const char *text = event->text != NULL ? event->text : "";
	bool has_office = event->office_id != NULL && strstr(text, event->office_id) == NULL;

	if (has_office)
		sk_text_add_format(words, "office %s", event->office_id);
	if (event->key != NULL)
		sk_text_add_format(words, "%skey %s", has_office ? ", " : "", event->key);
	if (words->used > 0)
		sk_text_add(words, ": ");
}

char *
sk_event_words(const struct sk_event *event)
{
	const char *means =
	    event->kind > SK_EVENT_NONE && event->kind < SK_EVENT_KINDS ? WORDS[event->kind] : NULL;
	struct sk_text words = {0};

	if (is_of_several(event))
		return words_of_several(event);
	if (means == NULL && event->text == NULL)
		return NULL;
	if (means != NULL)
		add_whom(&words, event);
	if (event->text != NULL)
		sk_text_add(&words, event->text);
	if (means != NULL && event->text != NULL)
		sk_text_add(&words, ". ");
	if (means != NULL)
		add_expanded(&words, means, event);
	return sk_text_take(&words);
}
