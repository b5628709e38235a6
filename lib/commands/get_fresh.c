/* SPDX-License-Identifier: MIT */
/*
 * get: how old the data are that would be read: told with -v, and with --fresher-than older data aren't read. It is
 * asked before the data, so that they can only have become younger meanwhile.
 */
#include "base/out.h"
#include "base/time.h"
#include "calls/freshness.h"
#include "commands/get.h"

static void
tell_age(const char *office_id, const struct sk_freshness_age *age)
{
	char least[SK_TIME_WORDS], most[SK_TIME_WORDS];

	sk_time_words(age->least, least);
	sk_time_words(age->most, most);
	if (age->date[0] == '\0')
		sk_out_verbose("%s: the server doesn't say how old its data are", office_id);
	else if (age->most == 0)
		sk_out_verbose("%s: its data were copied more than %s ago (data_insert_date %s)",
		    office_id, least, age->date);
	else
		sk_out_verbose("%s: its data were copied %s to %s ago (data_insert_date %s)",
		    office_id, least, most, age->date);
}

static int
refuse_old(struct sk_pool *pool, const char *office_id, int64_t most, struct sk_error *err)
{
	char date[SK_FRESHNESS_DATE], words[SK_TIME_WORDS];

	sk_time_words(most, words);
	switch (sk_freshness_since(pool, office_id, NULL, sk_time_now() - most, date, err)) {
	case SK_FRESH_YOUNGER:
		return 0;
	case SK_FRESH_OLDER:
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "%s: its data aren't surely younger than %s (data_insert_date %s), so they "
		    "aren't read; sikka-sweep --refresh-data %s has them refreshed",
		    office_id, words, date, office_id);
	case SK_FRESH_UNSAID:
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "%s: the server doesn't say how old its data are, so they aren't read; without "
		    "--fresher-than they are",
		    office_id);
	case SK_FRESH_ERROR:
		break;
	}
	return -1;
}

int
sk_get_check_age(struct sk_pool *pool, const struct sk_get_options *options, const char *office_id,
    struct sk_error *err)
{
	struct sk_freshness_age age;
	struct sk_error ignored = {0};

	/*
	 * What is only told mustn't keep anything from being read. Whoever wants to see the requests (-vv) wants
	 * to see those for the records, and no others.
	 */
	if (sk_pool_session(pool)->common->verbose == 1 &&
	    sk_freshness_age(pool, office_id, &age, &ignored) == 0)
		tell_age(office_id, &age);
	return options->fresher_than > 0 ? refuse_old(pool, office_id, options->fresher_than, err)
					 : 0;
}
