/* SPDX-License-Identifier: MIT */
/*
 * doctor: its findings as records, and their exit code. A check that fails ends nothing: the next ones are made as far as
 * they can be.
 */
#include "commands/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/filter.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/who.h"
#include "commands/doctor_parts.h"

const struct sk_column SK_DOCTOR_COLUMNS[] = {{"verdict", 1, false, 8}, {"check", 2, false, 10},
    {"subject", 1, true, 24}, {"text", 1, true, 60}, {NULL, 0, false, 0}};

static const char *const verdicts[] = {"ok", "skipped", "warning", "critical"};

void
sk_doctor_tell(struct sk_doctor *doctor, struct sk_doctor_about about,
    enum sk_doctor_verdict verdict, enum sk_exit exit, const char *format, ...)
{
	json_t *record = json_object();
	enum sk_exit *worst = &doctor->worst[verdict == SK_DOCTOR_CRITICAL];
	char *text, *shown;
	va_list arguments;

	va_start(arguments, format);
	text = sk_mem_vprintf(format, arguments);
	va_end(arguments);
	shown = sk_filter(text);
	if (verdict >= SK_DOCTOR_WARNING)
		*worst = sk_exit_worse(*worst, exit);
	sk_json_set(record, "verdict", verdicts[verdict]);
	sk_json_set(record, "check", about.check);
	sk_json_set(record, "subject", about.subject);
	sk_json_set(record, "text", shown);
	json_object_set_new(record, "exit_code", json_integer(exit));
	sk_out_record(record, doctor->err);
	json_decref(record);
	free(shown);
	free(text);
}

char *
sk_doctor_size_words(unsigned long long bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
	double size = (double)bytes;
	size_t unit = 0;

	while (size >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		size /= 1024;
		unit++;
	}
	return sk_mem_printf(unit == 0 || size >= 100 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}

char *
sk_doctor_file_words(const struct stat *st)
{
	char owner[SK_WHO_NAME];
	char *size = sk_doctor_size_words((unsigned long long)st->st_size), *words;

	sk_who_name_user((int64_t)st->st_uid, owner);
	if (owner[0] == '\0')
		snprintf(owner, sizeof(owner), "%lld", (long long)st->st_uid);
	words =
	    sk_mem_printf("mode %04o, owner %s, %s", (unsigned)(st->st_mode & 07777), owner, size);
	free(size);
	return words;
}

enum sk_exit
sk_doctor(const struct sk_common *common, const struct sk_doctor_options *options,
    struct sk_error *err)
{
	struct sk_doctor doctor = {.common = common, .options = options, .err = err};
	enum sk_exit exit;

	sk_doctor_settings(&doctor);
	sk_doctor_state(&doctor);
	sk_doctor_timers(&doctor);
	sk_doctor_disk(&doctor);
	if (!options->is_offline)
		sk_doctor_server(&doctor);
	exit = doctor.worst[1] != SK_EXIT_OK ? doctor.worst[1] : doctor.worst[0];
	sk_status_fini(&doctor.status);
	sk_session_close(&doctor.session);
	return exit;
}
