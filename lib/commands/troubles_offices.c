/* SPDX-License-Identifier: MIT */
/* troubles: offices whose requests aren't taken, or whose keys end. */
#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/troubles_parts.h"

#define SOON (30 * SK_MINUTE)
#define NAMED 3 /* how many offices are named; the others are counted */

/* What may be wrong with offices: of which, and since when one is (0: not known). */
struct judgement {
	enum sk_trouble_kind kind;
	bool (*is)(const struct sk_status_office *office, int64_t now);
	int64_t (*since)(const struct sk_status_office *office);
	const char *what, *mend;
};

static void
judge_of(struct sk_troubles *troubles, const struct sk_status *status,
    const struct judgement *judgement)
{
	struct sk_text text = {0};
	int64_t oldest = INT64_MAX;
	size_t n = 0;

	sk_text_add_format(&text, "%s: ", judgement->what);
	for (size_t i = 0; i < status->n_offices; i++) {
		const struct sk_status_office *office = &status->offices[i];

		if (!judgement->is(office, status->now))
			continue;
		if (n++ < NAMED)
			sk_text_add_format(&text, "%s%s", n > 1 ? ", " : "", office->office_id);
		if (judgement->since(office) < oldest)
			oldest = judgement->since(office);
	}
	if (n > NAMED)
		sk_text_add_format(&text, " and %zu more", n - NAMED);
	if (n > 0)
		sk_troubles_add(troubles, judgement->kind, oldest, sk_text_take(&text),
		    sk_mem_copy(judgement->mend));
	sk_text_fini(&text);
}

static bool
is_living(const struct sk_status_office *office)
{
	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		if (office->living[state].count > 0)
			return true;
	return false;
}

static bool
is_abandoned(const struct sk_status_office *office, int64_t now)
{
	bool has_key = office->token_expiry > now;

	return is_living(office) &&
	    ((office->status == SK_OFFICE_REAUTHORIZE && !has_key) ||
		office->status == SK_OFFICE_REVOKED || office->status == SK_OFFICE_NONE);
}

static bool
is_held(const struct sk_status_office *office, int64_t now)
{
	(void)now;
	return is_living(office) && office->status == SK_OFFICE_HELD;
}

/* As long as the state file doesn't say so, too. */
static bool
is_withdrawn(const struct sk_status_office *office, int64_t now)
{
	(void)now;
	return office->refused_at != 0 && office->status != SK_OFFICE_REVOKED &&
	    office->status != SK_OFFICE_REAUTHORIZE;
}

static bool
is_revoked(const struct sk_status_office *office, int64_t now)
{
	(void)now;
	return !is_living(office) && office->status == SK_OFFICE_REVOKED;
}

static bool
is_to_authorize(const struct sk_status_office *office, int64_t now)
{
	return !is_abandoned(office, now) && office->status == SK_OFFICE_REAUTHORIZE;
}

static bool
is_suspect(const struct sk_status_office *office, int64_t now)
{
	(void)now;
	return office->status == SK_OFFICE_SUSPECT;
}

/* Its keys are renewed without a person. */
static bool
is_renewed(const struct sk_status_office *office)
{
	return office->status == SK_OFFICE_ACTIVE || office->status == SK_OFFICE_SUSPECT;
}

static bool
is_expired(const struct sk_status_office *office, int64_t now)
{
	return is_renewed(office) && office->token_expiry != 0 && office->token_expiry <= now;
}

static bool
is_ending(const struct sk_status_office *office, int64_t now)
{
	return is_renewed(office) && office->token_expiry > now &&
	    office->token_expiry - now < SOON;
}

static int64_t
waits_since(const struct sk_status_office *office)
{
	int64_t oldest = INT64_MAX;

	for (int state = SK_QUEUED; state <= SK_UNKNOWN; state++)
		if (office->living[state].count > 0 && office->living[state].oldest < oldest)
			oldest = office->living[state].oldest;
	return oldest;
}

static int64_t
refused_since(const struct sk_status_office *office)
{
	return office->refused_at;
}

static int64_t
status_since(const struct sk_status_office *office)
{
	return office->status_at;
}

static int64_t
expired_since(const struct sk_status_office *office)
{
	return office->token_expiry;
}

static int64_t
ending_since(const struct sk_status_office *office)
{
	return office->token_expiry - SOON;
}

void
sk_troubles_judge_offices(const struct sk_status *status, struct sk_troubles *troubles)
{
	static const struct judgement judgements[] = {
	    {SK_TROUBLE_ABANDONED, is_abandoned, waits_since,
		.what = "requests wait for offices not authorized",
		.mend = "let them authorize the application again, then run: sikka-authorize"},
	    {SK_TROUBLE_HELD, is_held, waits_since,
		.what = "requests wait for offices whose keys were revoked here",
		.mend = "run: sikka-token -O OFFICE refresh; or end them: sikka-sweep --withdraw "
			"ID"},
	    {SK_TROUBLE_KEY_EXPIRED, is_expired, expired_since, .what = "request key expired",
		.mend = "run: sikka-token refresh"},
	    {SK_TROUBLE_WITHDREW, is_withdrawn, refused_since,
		.what = "the server refuses requests as these offices have withdrawn their "
			"authorization",
		.mend = "to compare that with the list of practices, run: sikka-authorize"},
	    {SK_TROUBLE_REVOKED, is_revoked, status_since,
		.what = "offices withdrew their authorization",
		.mend = "if that is right, run: sikka-authorize --forget OFFICE; if not, let them "
			"authorize the application again, then run: sikka-authorize"},
	    {SK_TROUBLE_REAUTHORIZE, is_to_authorize, status_since,
		.what = "offices must authorize the application again",
		.mend = "then run: sikka-authorize"},
	    {SK_TROUBLE_SUSPECT, is_suspect, status_since,
		.what = "the server refused the keys of offices once",
		.mend = "to ask it again, run: sikka-token refresh"},
	    {SK_TROUBLE_KEY_ENDING, is_ending, ending_since,
		.what = "request key expires within 30 min", .mend = "run: sikka-token refresh"}};

	for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++)
		judge_of(troubles, status, &judgements[i]);
}
