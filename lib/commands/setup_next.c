/* SPDX-License-Identifier: MIT */
/* setup: what is left to do. What cron is to run stands in crontab.example alone: make puts its lines into crontab.h. */
#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/question.h"
#include "base/text.h"
#include "store/pulse.h"
#include "commands/crontab.h"
#include "commands/setup_parts.h"

/* Variables that are settings, and that cron and systemd don't have. */
static void
tell_variables(const struct sk_setup *setup)
{
	struct sk_text names = {0};
	const char *variable, *value;

	for (size_t i = 0; (variable = sk_config_variable(i)) != NULL; i++) {
		value = getenv(variable);
		/* base_url was written, and the form of records is of no weight there. */
		if (value != NULL && value[0] != '\0' && strcmp(variable, "SIKKA_BASE_URL") != 0 &&
		    strcmp(variable, "SIKKA_FORMAT") != 0)
			sk_text_add_format(&names, "%s%s", names.used > 0 ? ", " : "", variable);
	}
	if (setup->common->db != NULL)
		sk_text_add_format(&names, "%s--db", names.used > 0 ? ", " : "");
	if (names.used > 0)
		sk_out_tell("cron and systemd have another environment: write there, or into %s, "
			    "what is set here by %s",
		    setup->file, sk_text_bytes(&names));
	sk_text_fini(&names);
	if (setup->unset != NULL)
		sk_out_tell("in this shell variables are stronger than the files; run: unset %s",
		    setup->unset);
}

/* sikka-notify does what sikka-sweep does, and needs a mailer. */
static void
show_timers(void)
{
	struct sk_text text = {0};

	sk_text_add(&text,
	    "    systemctl start sikka-authorize.service\n    systemctl enable --now");
	for (int task = 0; task < SK_TASKS; task++)
		if (task != SK_TASK_NOTIFY)
			sk_text_add_format(&text, " sikka-%s.timer",
			    sk_task_name((enum sk_task)task));
	sk_text_add(&text, "\n");
	sk_question_show(sk_text_bytes(&text));
	sk_text_fini(&text);
}

void
sk_setup_next(const struct sk_setup *setup)
{
	tell_variables(setup);
	if (setup->is_service) {
		sk_out_tell("now let systemd do the regular work, and begin the state file; "
			    "sikka(7), Systemd, tells what each timer does:");
		show_timers();
		return;
	}
	sk_out_tell(
	    "the regular work is cron's; what each line does is told in crontab.example and "
	    "in sikka(7), Cron. Run crontab -e, and add:");
	sk_question_show(SK_CRONTAB);
}
