/* SPDX-License-Identifier: MIT */
/*
 * doctor: the state file and what lies beside it, and what stands in it. The verdicts are those of sikka-status --check
 * (commands/troubles); what they don't mention is well.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/beside.h"
#include "store/ends.h"
#include "store/migrations.h"
#include "commands/doctor_parts.h"

#define SOON (30 * SK_MINUTE) /* as in troubles */

/* --- files --------------------------------------------------------------------------------------- */

/* The state file itself is told by what is in it. */
static void
tell_beside(struct sk_doctor *doctor)
{
	const char *db = doctor->session.config.db;
	struct stat st;

	for (size_t i = 0; i < SK_BESIDE_MOST; i++) {
		char *path = sk_beside_path(db, i), *fault = sk_beside_fault(db, i), *words;
		struct sk_doctor_about about = {"file", path};

		if (fault != NULL)
			sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL,
			    sk_trouble_exit(SK_TROUBLE_FILE), "%s", fault);
		else if (i > 0 && stat(path, &st) == 0) {
			words = sk_doctor_file_words(&st);
			sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0, "%s", words);
			free(words);
		}
		free(fault);
		free(path);
	}
}

static char *
version_words(const char *db)
{
	long long version = (long long)sk_store_version(db);

	if (version == SK_SCHEMA_NEWEST)
		return sk_mem_printf("version %lld", version);
	return sk_mem_printf("version %lld, which the next command brings to %d", version,
	    SK_SCHEMA_NEWEST);
}

/* Returns false if the numbers couldn't be compared with the rows. */
static bool
tell_counts(struct sk_doctor *doctor, struct sk_doctor_about about)
{
	struct sk_error why = {0};
	int match = sk_store_ends_match(doctor->session.store, &why);

	if (match < 0)
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, why.code, "%s", why.text);
	else if (match == 0)
		sk_doctor_tell(doctor, about, SK_DOCTOR_WARNING, SK_EXIT_FAILED,
		    "the stored numbers of ended requests differ from the requests themselves, "
		    "because another program has changed the state file; to count them anew, run: "
		    "sikka-sweep --backup FILE");
	return match >= 0;
}

/* Whether the file is sound, after it was read. */
static bool
tell_integrity(struct sk_doctor *doctor)
{
	const char *db = doctor->session.config.db;
	struct sk_doctor_about about = {"state file", db};
	struct sk_error why = {0};
	char *words, *version, age[SK_TIME_WORDS];
	struct stat st;
	int64_t changed;

	if (sk_store_check(doctor->session.store, &why) != 0) {
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, why.code, "%s", why.text);
		return false;
	}
	if (!tell_counts(doctor, about))
		return false;
	if (stat(db, &st) != 0)
		return true;
	changed = sk_time_machine() - (int64_t)st.st_mtime * SK_SECOND;
	words = sk_doctor_file_words(&st);
	version = version_words(db);
	sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0, "sound, %s, %s, changed %s ago", version,
	    words, sk_time_words(changed > 0 ? changed : 0, age));
	free(version);
	free(words);
	return true;
}

/* --- what stands in it ----------------------------------------------------------------------------- */

/* The files were told one by one, and of one that is damaged it was said why it can't be read. */
static bool
is_told(enum sk_trouble_kind kind, bool is_sound)
{
	return kind == SK_TROUBLE_FILE || (kind == SK_TROUBLE_UNREADABLE && !is_sound);
}

static void
tell_trouble(struct sk_doctor *doctor, enum sk_trouble_kind kind, const char *text,
    enum sk_exit reason)
{
	enum sk_exit exit = sk_trouble_exit(kind);

	sk_doctor_tell(doctor, (struct sk_doctor_about){"state", sk_trouble_name(kind)},
	    sk_trouble_is_critical(kind) ? SK_DOCTOR_CRITICAL : SK_DOCTOR_WARNING,
	    exit != SK_EXIT_OK ? exit : reason, "%s", text);
}

/* why: the state couldn't be read; also where only a file was told, which may not be the reason. */
static void
tell_troubles(struct sk_doctor *doctor, const struct sk_troubles *troubles,
    const struct sk_error *why, bool is_sound)
{
	bool is_unread = why->code != 0 && is_sound;

	for (size_t i = 0; i < troubles->n; i++) {
		enum sk_trouble_kind kind = troubles->list[i].kind;

		is_unread = is_unread && kind != SK_TROUBLE_LOST && kind != SK_TROUBLE_UNREADABLE;
		if (!is_told(kind, is_sound)) {
			char *words = sk_trouble_words(&troubles->list[i]);

			tell_trouble(doctor, kind, words, why->code);
			free(words);
		}
	}
	if (is_unread)
		tell_trouble(doctor, SK_TROUBLE_UNREADABLE, why->text, why->code);
}

/* Offices whose keys must be seen to are among the troubles. */
static void
tell_offices(struct sk_doctor *doctor)
{
	const struct sk_status *status = &doctor->status;
	char until[SK_TIME_TEXT], left[SK_TIME_WORDS];

	for (size_t i = 0; i < status->n_offices; i++) {
		const struct sk_status_office *office = &status->offices[i];
		struct sk_doctor_about about = {"office", office->office_id};

		if (office->status == SK_OFFICE_ACTIVE &&
		    office->token_expiry - status->now >= SOON)
			sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0,
			    "active, its request key is valid until %s (%s)",
			    sk_time_format(office->token_expiry, until),
			    sk_time_words(office->token_expiry - status->now, left));
		else if (office->status == SK_OFFICE_HELD)
			sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0,
			    "held: its keys were revoked here");
		else if (office->status == SK_OFFICE_NEW ||
		    (office->status == SK_OFFICE_ACTIVE && office->token_expiry == 0))
			sk_doctor_tell(doctor, about, SK_DOCTOR_WARNING, SK_EXIT_NOT_AUTHORIZED,
			    "it has no request key yet; run: sikka-token refresh");
	}
	if (status->n_offices == 0 && status->stranger == NULL)
		sk_doctor_tell(doctor, (struct sk_doctor_about){"office", "none"},
		    SK_DOCTOR_WARNING, SK_EXIT_NOT_AUTHORIZED,
		    "no office is known; run: sikka-authorize");
}

static void
tell_tasks(struct sk_doctor *doctor)
{
	const struct sk_status *status = &doctor->status;
	char age[SK_TIME_WORDS];

	for (int i = 0; i < SK_TASKS; i++) {
		int64_t at = status->succeeded_at[i];

		if (at != 0 &&
		    !sk_max_age_is_over(&doctor->options->ages, (enum sk_task)i, at, status->now))
			sk_doctor_tell(doctor,
			    (struct sk_doctor_about){"task", sk_task_name((enum sk_task)i)},
			    SK_DOCTOR_OK, 0, "it succeeded %s ago",
			    sk_time_words(status->now > at ? status->now - at : 0, age));
	}
}

static void
tell_holds(struct sk_doctor *doctor)
{
	static const struct sk_doctor_about about = {"state", "holds"};

	if (doctor->status.holds == NULL)
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0,
		    "nothing keeps requests from being sent");
	else
		sk_doctor_tell(doctor, about, SK_DOCTOR_WARNING, SK_EXIT_TRY_LATER,
		    "requests wait: %s; to have the list read, run: sikka-sweep",
		    doctor->status.holds);
}

static void
tell_copy(struct sk_doctor *doctor)
{
	if (doctor->session.copy == SK_COPY_NONE)
		sk_doctor_tell(doctor, (struct sk_doctor_about){"state", "copy"}, SK_DOCTOR_OK, 0,
		    "it is what its lock file saw last, and no older copy");
}

/* Opens the state, with the settings that the session has. */
static bool
look(struct sk_doctor *doctor, struct sk_troubles *troubles, struct sk_error *why)
{
	struct sk_config config = doctor->session.config;

	sk_session_look(&doctor->session, doctor->common, &config, why);
	return sk_troubles_judge(&doctor->session, &doctor->options->ages, &doctor->status,
	    troubles, why);
}

void
sk_doctor_state(struct sk_doctor *doctor)
{
	struct sk_troubles troubles = {0};
	struct sk_error why = {0};
	bool is_sound = true;

	if (!doctor->has_db) {
		sk_doctor_tell(doctor, (struct sk_doctor_about){"state file", "unknown"},
		    SK_DOCTOR_SKIPPED, 0,
		    "not looked at, as the settings say where it is; -D names it");
		return;
	}
	doctor->is_read = look(doctor, &troubles, &why);
	tell_beside(doctor);
	if (doctor->session.store != NULL)
		is_sound = tell_integrity(doctor);
	tell_troubles(doctor, &troubles, &why, is_sound);
	sk_troubles_fini(&troubles);
	if (!doctor->is_read)
		return;
	tell_copy(doctor);
	tell_holds(doctor);
	tell_offices(doctor);
	tell_tasks(doctor);
}
