/* SPDX-License-Identifier: MIT */
/*
 * setup: the questions, and the trial of the answers. A signal ends it at each question and while the server is asked;
 * from then on the files are written within a moment.
 */
#include "commands/setup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/clock.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/stop.h"
#include "base/question.h"
#include "base/text.h"
#include "base/time.h"
#include "api/api.h"
#include "commands/setup_parts.h"
#include "commands/trial.h"

/* --- secrets ------------------------------------------------------------------------------- */

/* Where the limit can't be set, it is the one of the shell. */
static void
forbid_core(struct sk_setup *setup)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) == 0) {
		limit.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &limit);
	}
#ifdef __linux__
	/* A core that goes to a program instead of a file has no limit. */
	setup->was_dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* What was typed is wiped; and such a process can't open its own files below /proc. */
static void
allow_dump(const struct sk_setup *setup)
{
#ifdef __linux__
	if (setup->was_dumpable == 1)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
#else
	(void)setup;
#endif
}

/* --- before the server is asked ------------------------------------------------------------ */

/*
 * What is typed here is meant to hold, so these variables count no more in this process. sk_setup_next tells that they are
 * stronger in the shell.
 */
static void
unset_stronger(struct sk_setup *setup)
{
	static const char *const names[] = {"SIKKA_APP_ID", "SIKKA_APP_KEY", "SIKKA_APP_KEY_FILE"};
	struct sk_text unset = {0};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value == NULL)
			continue;
		if (value[0] != '\0')
			sk_text_add_format(&unset, "%s%s", unset.used > 0 ? " " : "", names[i]);
		unsetenv(names[i]);
	}
	if (setup->url != NULL)
		unsetenv("SIKKA_BASE_URL");
	setup->unset = unset.used > 0 ? sk_text_take(&unset) : NULL;
}

/* false: no. */
static bool
may_replace(const struct sk_setup *setup, struct sk_error *err)
{
	char *answer;
	bool is_yes;

	if (!sk_setup_tell_earlier(setup))
		return true;
	if (sk_question_ask("Replace this? All other lines of the config file stay. [y/N] ", false,
		&answer, err) != 0)
		return false;
	is_yes = strcmp(answer, "y") == 0 || strcmp(answer, "Y") == 0 || strcmp(answer, "yes") == 0;
	sk_secret_free(answer);
	if (!is_yes)
		sk_out_tell("nothing was changed");
	return is_yes;
}

static int
ask_for(const char *what, const char *prompt, bool is_hidden, char **answer, struct sk_error *err)
{
	if (sk_question_ask(prompt, is_hidden, answer, err) != 0)
		return -1;
	if (**answer != '\0')
		return 0;
	return sk_error_set(err, SK_EXIT_NO_INPUT, "no %s was typed", what);
}

/* What was typed, into the settings. */
static int
ask_credentials(struct sk_setup *setup, struct sk_error *err)
{
	char *id = NULL, *key = NULL;
	int result = -1;

	sk_out_tell("the vendor's developer portal shows the application's id and its key. They "
		    "are tried at %s, and then written to %s and %s",
	    setup->config.base_url, setup->file, setup->key_file);
	if (ask_for("id", "Application id: ", false, &id, err) == 0 &&
	    ask_for("key", "Application key (it isn't shown): ", true, &key, err) == 0) {
		sk_config_type_app(&setup->config, id, key);
		result = sk_config_need_app(&setup->config, err);
	}
	sk_secret_free(id);
	sk_secret_free(key);
	return result;
}

/* --- the trial ----------------------------------------------------------------------------- */

/* By a clock that is wrong keys would be renewed too late, or each time. */
static int
refuse_clock(const struct sk_trial *trial, struct sk_error *err)
{
	int64_t off = sk_trial_clock(trial);
	char words[SK_TIME_WORDS];

	if (off >= -SK_CLOCK_JUMP && off <= SK_CLOCK_JUMP)
		return 0;
	return sk_error_set(err, SK_EXIT_CONFIG,
	    "this machine's clock is %s %s the server's; run: timedatectl set-ntp true",
	    sk_time_words(off < 0 ? -off : off, words), off < 0 ? "behind" : "ahead of");
}

static int
judge(const struct sk_setup *setup, const struct sk_trial *trial, struct sk_error *err)
{
	struct sk_api_reply reply;
	int result = 0;

	if (trial->answer.outcome != SK_HTTP_ANSWERED)
		return sk_error_set(err, SK_EXIT_UNAVAILABLE, "%s: %s", setup->config.base_url,
		    trial->answer.trouble);
	sk_api_read(&trial->answer, &reply);
	if (reply.class == SK_API_CONFIG)
		result = sk_error_set(err, SK_EXIT_NOT_AUTHORIZED,
		    "the server refuses this id with this key: %s (%s); copy both once more from "
		    "the vendor's portal, and run the command again",
		    reply.text, reply.code);
	else if (reply.class != SK_API_OK && reply.class != SK_API_EMPTY)
		result = sk_api_fail(&reply, "/authorized_practices", err);
	else if (!reply.records.is_list)
		result = sk_error_set(err, SK_EXIT_PROTOCOL,
		    "%s: the answer isn't that of the vendor's server", setup->config.base_url);
	else
		result = refuse_clock(trial, err);
	sk_api_reply_fini(&reply);
	return result;
}

static int
try_credentials(const struct sk_setup *setup, struct sk_error *err)
{
	struct sk_trial trial;
	int result = sk_trial(&setup->config, true, &trial, err);

	if (result == 0)
		result = judge(setup, &trial, err);
	sk_trial_fini(&trial);
	return result;
}

/* --- all of it ----------------------------------------------------------------------------- */

/* 1 there are credentials that the server takes, 0 the person has said no, -1. */
static int
ask(struct sk_setup *setup, struct sk_error *err)
{
	if (sk_setup_find(setup, err) != 0)
		return -1;
	if (!may_replace(setup, err))
		return err->code != 0 ? -1 : 0;
	if (ask_credentials(setup, err) != 0 || try_credentials(setup, err) != 0)
		return -1;
	return 1;
}

static int
ask_and_write(struct sk_setup *setup, struct sk_error *err)
{
	int result = ask(setup, err);

	if (result == 1 && sk_setup_write(setup, err) != 0)
		result = -1;
	if (result == -1)
		return sk_error_context(err,
		    setup->has_key_written ? "only the key file was written"
					   : "nothing was written");
	if (result == 1)
		sk_out_tell("the server takes them; wrote %s and %s", setup->file, setup->key_file);
	return result;
}

int
sk_setup(const struct sk_common *common, const char *url, struct sk_setup **setup,
    struct sk_error *err)
{
	int result;

	*setup = sk_mem_zero(1, sizeof(**setup));
	(*setup)->common = common;
	(*setup)->url = url;
	if (!sk_question_is_possible())
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--setup asks for the application's key, and there is no terminal: write "
		    "app_id and app_key_file into the config file (sikka-config(5)), then run "
		    "sikka-authorize");
	if (sk_stop_init() != 0)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no pipe for signals");
	forbid_core(*setup);
	unset_stronger(*setup);
	result = ask_and_write(*setup, err);
	sk_config_fini(&(*setup)->config);
	allow_dump(*setup);
	if (result == 1 && (*setup)->is_service) {
		sk_setup_next(*setup);
		result = 0;
	}
	return result;
}

void
sk_setup_free(struct sk_setup *setup)
{
	if (setup == NULL)
		return;
	sk_config_fini(&setup->config);
	sk_secret_free(setup->text);
	free(setup->file);
	free(setup->key_file);
	free(setup->named_file);
	free(setup->named_key_file);
	free(setup->unset);
	free(setup);
}
