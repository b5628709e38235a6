/* SPDX-License-Identifier: MIT */
/*
 * front: the tables of commands and pages, and what a name or a topic leads to. A name that leads
 * nowhere is an error with the nearest one that does.
 */
#include "commands/front.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/place.h"
#include "base/text.h"
#include "rules/resources.h"
#include "rules/rules.h"

struct entry {
	const char *name;
	const char *section; /* of its page */
	const char *line;
};

static const struct entry commands[] = {
    {"authorize", "1", "record who has authorized the application"},
    {"token", "1", "keep the keys of the offices valid"},
    {"get", "1", "read appointments, patients and everything else"},
    {"book", "1", "hand in bookings and other writes"},
    {"poll", "1", "follow each write until it has ended"},
    {"sweep", "1", "clean up what went wrong"},
    {"status", "1", "show the whole state"},
    {"doctor", "1", "look at all that sikka rests on, and say what mends it"},
    {"sim", "1", "a simulated server, to try all this"},
};

static const struct entry pages[] = {
    {"sikka", "7", "promises, a request's life, exit codes"},
    {"config", "5", "settings"},
    {"db", "5", "the state file"},
    {"records", "5", "the records that the commands write"},
    {"life", "7", "all rules by which a write is sent once"},
    {"fleet", "7", "more than one host for many offices"},
    {"api", "7", "what the server does"},
    {"tutorial", "7", "an hour with a simulated server"},
    {"glossary", "7", "the words of the field, and of these pages"},
    {"trouble", "7", "what is wrong, what to type, what to look at afterwards"},
    {"runbook", "7", "restoring, upgrading, moving, rotating keys, step by step"},
    {"changes", "7", "what has changed, and what an upgrade asks of you"},
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))
#define N_PAGES (sizeof(pages) / sizeof(pages[0]))

static const struct entry *
find_entry(const struct entry *entries, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(entries[i].name, name) == 0)
			return &entries[i];
	}
	return NULL;
}

static void
add_entries(struct sk_text *text, const struct entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_text_add_format(text, "  %-11s %s\n", entries[i].name, entries[i].line);
}

char *
sk_front_list(void)
{
	struct sk_text text = {0};

	sk_text_add(&text, "The commands, as in sikka book or sikka-book:\n\n");
	add_entries(&text, commands, N_COMMANDS);
	sk_text_add(&text,
	    "\nsikka COMMAND --help shows a command's options. sikka help TOPIC shows the page\n"
	    "of a command or one of these, the fields of an operation such as\n"
	    "book_appointment, or the parameters of a resource such as appointments:\n\n");
	add_entries(&text, pages, N_PAGES);
	return sk_text_take(&text);
}

/* --- finding programs --------------------------------------------------------------------- */

/* The folder that contains this program, wherever a link to it stands. The caller frees. */
static char *
own_folder(void)
{
	char *program = sk_place_real("/proc/self/exe");
	char *folder = sk_place_folder(program);

	free(program);
	return folder;
}

/* The path of a program in a folder; NULL: it isn't there. The caller frees. */
static char *
program_in(const char *folder, size_t n, const char *program)
{
	char *path = sk_mem_printf("%.*s/%s", (int)n, folder, program);
	struct stat info;

	if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* A folder of PATH that isn't absolute depends on where somebody stands, and is left out. */
static char *
program_of_path(const char *program)
{
	const char *folder = getenv("PATH");
	char *path = NULL;

	if (folder == NULL)
		folder = "/usr/local/bin:/usr/bin:/bin";
	while (path == NULL && *folder != '\0') {
		size_t n = strcspn(folder, ":");

		if (folder[0] == '/')
			path = program_in(folder, n, program);
		folder += n + (folder[n] == ':');
	}
	return path;
}

/* The caller frees. NULL: it is nowhere. */
static char *
find_program(const char *program)
{
	char *folder = own_folder();
	char *path = program_in(folder, strlen(folder), program);

	free(folder);
	return path != NULL ? path : program_of_path(program);
}

/* What can be a part of a program's name: it leads out of no folder. */
static bool
is_name(const char *name)
{
	return name[0] >= 'a' && name[0] <= 'z' &&
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* execv or execl has returned. Frees the path. */
static int
not_started(char *path, struct sk_error *err)
{
	sk_error_set(err, SK_EXIT_NO_RESOURCE, "%s can't be started: %s", path, strerror(errno));
	free(path);
	return -1;
}

/* --- topics ------------------------------------------------------------------------------- */

/* "life" of "sikka-life(7)", and "sikka" of "sikka(7)". The caller frees. */
static char *
bare_topic(const char *topic)
{
	size_t n;

	if (strncmp(topic, "sikka-", 6) == 0)
		topic += 6;
	n = strlen(topic);
	if (n > 3 && topic[n - 3] == '(' && topic[n - 1] == ')')
		n -= 3;
	return sk_mem_copy_bytes(topic, n);
}

static void
add_names(struct sk_near *near, const struct entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sk_near_add(near, entries[i].name, strlen(entries[i].name));
}

static void
add_topics(struct sk_near *near)
{
	const struct sk_resource *resource;
	size_t n;
	const char *const *operations = sk_rules_names(&n);

	add_names(near, commands, N_COMMANDS);
	add_names(near, pages, N_PAGES);
	for (size_t i = 0; i < n; i++)
		sk_near_add(near, operations[i], strlen(operations[i]));
	for (size_t i = 0; (resource = sk_resource_at(i)) != NULL; i++)
		sk_near_add(near, resource->name, strlen(resource->name));
}

static bool
is_topic(const char *name)
{
	return find_entry(pages, N_PAGES, name) != NULL || sk_rules_find(name) != NULL ||
	    sk_resource_find(name) != NULL;
}

static void
refuse_program(const char *name, struct sk_error *err)
{
	sk_error_set(err, SK_EXIT_NO_RESOURCE,
	    "sikka-%s isn't installed: it is neither beside sikka nor in a folder of PATH", name);
}

static int
refuse_command(const char *name, struct sk_error *err)
{
	char *bare = bare_topic(name);
	struct sk_near near = {.word = bare};
	char hint[SK_NEAREST_HINT];

	if (find_entry(commands, N_COMMANDS, name) != NULL)
		refuse_program(name, err);
	else if (is_topic(name))
		sk_error_set(err, SK_EXIT_USAGE,
		    "there is no command '%s'; did you mean sikka help %s?", name, name);
	else {
		add_names(&near, commands, N_COMMANDS);
		sk_near_add(&near, "help", strlen("help"));
		sk_error_set(err, SK_EXIT_USAGE, "there is no command '%s'%s", name,
		    near.name != NULL ? sk_nearest_hint(near.name, hint)
				      : "; sikka alone lists the commands");
	}
	free(bare);
	return -1;
}

char *
sk_front_find(const char *name, struct sk_error *err)
{
	char *program = sk_mem_printf("sikka-%s", name);
	char *path = find_program(program);

	free(program);
	if (path == NULL)
		refuse_program(name, err);
	return path;
}

int
sk_front_run(const char *name, char **argv, struct sk_error *err)
{
	char *program = sk_mem_printf("sikka-%s", name);
	char *path = is_name(name) ? find_program(program) : NULL;
	int result;

	if (path != NULL) {
		argv[0] = program;
		execv(path, argv);
		result = not_started(path, err);
	} else
		result = refuse_command(name, err);
	free(program);
	return result;
}

/* The same with one or two arguments; topic may be NULL. */
static int
show_by(const char *name, const char *option, const char *topic, struct sk_error *err)
{
	char *program = sk_mem_printf("sikka-%s", name);
	char *path = find_program(program);
	int result;

	if (path != NULL) {
		execl(path, program, option, topic, (char *)NULL);
		result = not_started(path, err);
	} else
		result = refuse_command(name, err);
	free(program);
	return result;
}

/* The page's file as it is installed, or as it stands in the sources; NULL: it is in neither. */
static char *
find_page(const char *page, const char *section)
{
	/* Seen from the folder of the programs, which in the sources is build/bin, or build/NAME/bin. */
	static const struct {
		const char *folder;
		bool has_sections;
		const char *end;
	} places[] = {{"../share/man/man", true, ""}, {"../share/man/man", true, ".gz"},
	    {"../../man", false, ""}, {"../../../man", false, ""}};
	char *folder = own_folder(), *path = NULL;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && path == NULL; i++) {
		path = sk_mem_printf("%s/%s%s/%s.%s%s", folder, places[i].folder,
		    places[i].has_sections ? section : "", page, section, places[i].end);
		if (access(path, R_OK) == 0)
			continue;
		free(path);
		path = NULL;
	}
	free(folder);
	return path;
}

/* Returns only if it can't. Frees the path of man(1). */
static int
show_by_man(char *man, const char *page, const char *section, struct sk_error *err)
{
	char *file = find_page(page, section);

	if (file != NULL)
		execl(man, "man", file, (char *)NULL);
	else
		execl(man, "man", section, page, (char *)NULL);
	free(file);
	return not_started(man, err);
}

static char *
name_page(const char *page, const char *section)
{
	char *file = find_page(page, section);
	char *text = sk_mem_printf("The page is %s(%s)%s%s. There is no man(1) here to show it.\n",
	    page, section, file != NULL ? ", in " : "", file != NULL ? file : "");

	free(file);
	return text;
}

/* Without man(1) a command shows its own help, which ends with the page's name. */
static int
show_page(const struct entry *entry, char **text, struct sk_error *err)
{
	bool is_whole = strcmp(entry->name, "sikka") == 0;
	char *page = sk_mem_printf("sikka%s%s", is_whole ? "" : "-", is_whole ? "" : entry->name);
	char *man = program_of_path("man");
	int result = 0;

	if (man != NULL)
		result = show_by_man(man, page, entry->section, err);
	else if (strcmp(entry->section, "1") == 0)
		result = show_by(entry->name, "--help", NULL, err);
	else
		*text = name_page(page, entry->section);
	free(page);
	return result;
}

static int
refuse_topic(const char *topic, struct sk_error *err)
{
	struct sk_near near = {.word = topic};
	char hint[SK_NEAREST_HINT];

	add_topics(&near);
	return sk_error_set(err, SK_EXIT_USAGE, "there is no help on '%s'%s", topic,
	    near.name != NULL ? sk_nearest_hint(near.name, hint) : "; sikka help lists the topics");
}

int
sk_front_help(const char *topic, char **text, struct sk_error *err)
{
	char *bare = bare_topic(topic);
	const struct entry *entry = find_entry(commands, N_COMMANDS, bare);
	int result;

	if (entry == NULL)
		entry = find_entry(pages, N_PAGES, bare);
	if (entry != NULL)
		result = show_page(entry, text, err);
	else if (sk_rules_find(bare) != NULL)
		result = show_by("book", "--describe", bare, err);
	else if (sk_resource_find(bare) != NULL)
		result = show_by("get", "--list", bare, err);
	else
		result = refuse_topic(bare, err);
	free(bare);
	return result;
}
