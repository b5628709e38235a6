/* SPDX-License-Identifier: MIT */
/*
 * doctor: what runs the regular work: lines of cron's tables, and timers of systemd that are enabled. They are looked for
 * by their files, and what can't be read is passed over: a task that succeeds is run by something.
 */
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/mem.h"
#include "base/place.h"
#include "base/text.h"
#include "base/time.h"
#include "base/who.h"
#include "commands/doctor_parts.h"

#define PATIENCE (5 * SK_SECOND) /* with crontab(1) */
#define MOST_BYTES 65536         /* of its output */

struct found {
	char *where[SK_TASKS]; /* "FILE:LINE", or a timer's file; NULL: nowhere */
	bool is_installed;     /* there are timers, enabled or not */
};

/* What a line has to have, so that it runs the task; other is NULL, or has to stand in it, too. */
static const struct {
	enum sk_task task;
	const char *command, *other;
} marks[] = {
    {SK_TASK_AUTHORIZE, "authorize", NULL},
    {SK_TASK_REFRESH, "token", "refresh"},
    {SK_TASK_POLL, "poll", NULL},
    {SK_TASK_SWEEP, "sweep", NULL},
    {SK_TASK_NOTIFY, "sweep", "--notify"},
    {SK_TASK_BACKUP, "sweep", "--backup"},
};

/* --- cron ------------------------------------------------------------------------------------------ */

/* "sikka-poll" or "sikka poll", with nothing more of a name behind it. */
static bool
has_command(const char *line, const char *command)
{
	size_t n = strlen(command);

	for (const char *at = line; (at = strstr(at, "sikka")) != NULL; at += strlen("sikka")) {
		const char *rest = at + strlen("sikka") + 1;

		if ((rest[-1] == '-' || rest[-1] == ' ') && strncmp(rest, command, n) == 0 &&
		    (rest[n] == '\0' || strchr(" \t;|&>)\"'", rest[n]) != NULL))
			return true;
	}
	return false;
}

/* Takes note of one line. It isn't shown: it may hold a password. */
static void
take_line(struct found *found, const char *line, const char *path, int number)
{
	line += strspn(line, " \t");
	if (*line == '#')
		return;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		char **where = &found->where[marks[i].task];

		if (*where == NULL && has_command(line, marks[i].command) &&
		    (marks[i].other == NULL || strstr(line, marks[i].other) != NULL))
			*where = sk_mem_printf("%s:%d", path, number);
	}
}

static void
take_lines(struct found *found, char *text, const char *path)
{
	int number = 1;

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		bool is_last = text[n] == '\0';

		text[n] = '\0';
		take_line(found, text, path, number++);
		text += n + (is_last ? 0 : 1);
	}
}

static void
read_table(struct found *found, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	if (file == NULL)
		return;
	for (int number = 1; getline(&line, &room, file) > 0; number++) {
		line[strcspn(line, "\n")] = '\0';
		take_line(found, line, path, number);
	}
	free(line);
	fclose(file);
}

/* Cron passes over names with a dot, such as those of editors' copies. */
static void
read_tables(struct found *found, const char *folder)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);

	if (dir == NULL)
		return;
	/* Nobody else reads this stream. */
	/* cppcheck-suppress readdirCalled */
	while ((entry = readdir(dir)) != NULL) {
		char *path = sk_mem_printf("%s/%s", folder, entry->d_name);

		if (strchr(entry->d_name, '.') == NULL)
			read_table(found, path);
		free(path);
	}
	closedir(dir);
}

/* What it prints until it ends, or until it takes too long. */
static void
read_output(struct sk_child *child, struct sk_text *text)
{
	int64_t end = sk_time_monotonic() + PATIENCE;
	char bytes[4096];
	ssize_t n = 1;

	while (n > 0 && text->used < MOST_BYTES) {
		struct pollfd waiting = {child->fd, POLLIN, 0};
		int64_t left = end - sk_time_monotonic();

		if (left <= 0 || poll(&waiting, 1, (int)left) <= 0)
			break;
		n = read(child->fd, bytes, sizeof(bytes));
		if (n > 0)
			sk_text_add_bytes(text, bytes, (size_t)n);
	}
}

/* The name is one that a shell takes as it is. */
static bool
is_plain(const char *name)
{
	return name[0] != '\0' && name[0] != '-' &&
	    name[strspn(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0';
}

/* How to print the table of whose commands use the state file; the caller's. Only root may ask for another user's. */
static char *
crontab_command(const struct sk_doctor *doctor)
{
	char owner[SK_WHO_NAME] = "";
	struct stat st;

	if (geteuid() == 0 && doctor->has_db && stat(doctor->session.config.db, &st) == 0 &&
	    st.st_uid != 0)
		sk_who_name_user((int64_t)st.st_uid, owner);
	return is_plain(owner) ? sk_mem_printf("crontab -u %s -l", owner)
			       : sk_mem_copy("crontab -l");
}

/* A user's own table, which only crontab(1) may read. */
static void
ask_crontab(struct found *found, const char *command)
{
	char *line = sk_mem_printf("exec %s 2>/dev/null", command), *lines;
	struct sk_error ignored = {0};
	struct sk_text text = {0};
	struct sk_child child;
	int started = sk_child_start(line, SK_CHILD_WRITES, &child, &ignored);

	free(line);
	if (started != 0)
		return;
	read_output(&child, &text);
	sk_child_close(&child);
	sk_child_kill(&child);
	lines = sk_text_take(&text);
	if (lines != NULL)
		take_lines(found, lines, command);
	free(lines);
}

/* --- systemd --------------------------------------------------------------------------------------- */

/* The task that a timer of ours runs: "sikka-poll.timer"; SK_TASKS: none. */
static enum sk_task
task_of(const char *name)
{
	static const char begin[] = "sikka-", end[] = ".timer";
	size_t n = strlen(name);
	enum sk_task task;
	char *middle;

	if (n <= strlen(begin) + strlen(end) || strncmp(name, begin, strlen(begin)) != 0 ||
	    strcmp(name + n - strlen(end), end) != 0)
		return SK_TASKS;
	middle = sk_mem_copy_bytes(name + strlen(begin), n - strlen(begin) - strlen(end));
	task = sk_task_find(middle);
	free(middle);
	return task;
}

/* A timer is enabled by a link in this folder. */
static void
read_timers(struct found *found, const char *folder, bool is_enabled)
{
	char *path = sk_mem_printf("%s%s", folder, is_enabled ? "/timers.target.wants" : "");
	const struct dirent *entry;
	DIR *dir = opendir(path);

	/* cppcheck-suppress readdirCalled */
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		enum sk_task task = task_of(entry->d_name);

		if (task == SK_TASKS)
			continue;
		found->is_installed = true;
		if (is_enabled && found->where[task] == NULL)
			found->where[task] = sk_mem_printf("%s/%s", path, entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	free(path);
}

static void
look_at_systemd(struct found *found)
{
	static const char *const folders[] = {"/etc/systemd/system", "/run/systemd/system",
	    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
	    "/etc/systemd/user", "/usr/lib/systemd/user", "~/.config/systemd/user"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *folder = sk_place_expanded(folders[i]);

		if (folder != NULL) {
			read_timers(found, folder, true);
			read_timers(found, folder, false);
		}
		free(folder);
	}
}

/* --- both ------------------------------------------------------------------------------------------ */

static bool
succeeds(const struct sk_doctor *doctor, enum sk_task task)
{
	int64_t at = doctor->is_read ? doctor->status.succeeded_at[task] : 0;

	return at != 0 && !sk_max_age_is_over(&doctor->options->ages, task, at, doctor->status.now);
}

/* A sweep needn't deliver events. But where one did so once, somebody counts on it. */
static bool
is_left_out(const struct sk_doctor *doctor, const struct found *found, enum sk_task task)
{
	return task == SK_TASK_NOTIFY &&
	    (found->where[SK_TASK_SWEEP] != NULL || succeeds(doctor, SK_TASK_SWEEP)) &&
	    (!doctor->is_read || doctor->status.succeeded_at[SK_TASK_NOTIFY] == 0);
}

static void
tell(struct sk_doctor *doctor, const struct found *found, enum sk_task task)
{
	struct sk_doctor_about about = {"timer", sk_task_name(task)};
	/* One timer for both: a second one would only do the same work again. */
	bool is_sweep = task == SK_TASK_SWEEP || task == SK_TASK_NOTIFY;

	if (found->where[task] != NULL)
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0, "%s", found->where[task]);
	else if (succeeds(doctor, task))
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0,
		    "no line of cron and no timer was found, but something runs it");
	else if (is_left_out(doctor, found, task))
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0,
		    "left out: sikka-sweep is run without --notify, so nobody is told of events");
	else if (found->is_installed)
		sk_doctor_tell(doctor, about, SK_DOCTOR_WARNING, SK_EXIT_FAILED,
		    "nothing runs it; without systemd copy its line from crontab.example; with it "
		    "run: systemctl enable --now sikka-%s.timer%s",
		    sk_task_name(is_sweep ? SK_TASK_NOTIFY : task),
		    is_sweep ? " (or sikka-sweep.timer, where nobody is to be told of events)"
			     : "");
	else
		sk_doctor_tell(doctor, about, SK_DOCTOR_WARNING, SK_EXIT_FAILED,
		    "nothing runs it: copy its line from crontab.example (sikka(7), Cron) with: "
		    "crontab -e");
}

void
sk_doctor_timers(struct sk_doctor *doctor)
{
	struct found found = {0};
	char *command = crontab_command(doctor);

	ask_crontab(&found, command);
	free(command);
	read_table(&found, "/etc/crontab");
	read_tables(&found, "/etc/cron.d");
	look_at_systemd(&found);
	/* sikka-sweep --notify does a whole sweep first. */
	if (found.where[SK_TASK_SWEEP] == NULL && found.where[SK_TASK_NOTIFY] != NULL)
		found.where[SK_TASK_SWEEP] = sk_mem_copy(found.where[SK_TASK_NOTIFY]);
	for (int i = 0; i < SK_TASKS; i++)
		tell(doctor, &found, (enum sk_task)i);
	for (int i = 0; i < SK_TASKS; i++)
		free(found.where[i]);
}
