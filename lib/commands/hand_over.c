/* SPDX-License-Identifier: MIT */
/*
 * hand_over: what a command line asks for. A hand-over begins and ends with a line of its own, so that a torn one is
 * noticed before anything of it is written.
 */
#include "commands/hand_over.h"

#include <string.h>
#include <unistd.h>

#include "base/out.h"
#include "store/session.h"
#include "commands/hand_over_parts.h"

bool
sk_hand_over_is_asked(const struct sk_hand_over_asked *asked)
{
	return asked->exported != NULL || asked->imported != NULL;
}

int
sk_hand_over_check(const struct sk_hand_over_asked *asked, const struct sk_common *common,
    struct sk_error *err)
{
	int allowed = asked->imported != NULL && asked->unchecked ? 2 : 1;

	if (asked->n_options != allowed || common->dry_run || common->n_offices > 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--export-office and --import-office stand alone, but for --unchecked with the "
		    "latter");
	if (asked->exported != NULL && isatty(STDOUT_FILENO))
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--export-office writes keys and patients' data: send them to a file or a "
		    "pipe");
	return asked->imported == NULL || strcmp(asked->imported, "-") == 0
	    ? 0
	    : sk_out_refuse_input_file(asked->imported, err);
}

int
sk_hand_over_run(struct sk_session *session, const struct sk_hand_over_asked *asked,
    struct sk_error *err)
{
	if (sk_copy_guard(session, err) != 0)
		return -1;
	return asked->exported != NULL ? sk_hand_over_export(session, asked->exported, err)
				       : sk_hand_over_import(session, asked, err);
}
