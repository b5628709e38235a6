/* SPDX-License-Identifier: MIT */
/* options: what --help writes, made of a command's table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/options_parts.h"
#include "base/text.h"

#define HELP_COLUMN 27
#define SYNOPSIS_INDENT 11
#define WIDTH 78

/* Appends words, which begin in the given column, and breaks lines before WIDTH. */
static void
add_wrapped(struct sk_text *text, const char *words, size_t column, size_t indent)
{
	size_t at = column;

	while (*words != '\0') {
		size_t n = strcspn(words, " ");

		if (at > indent && at + n > WIDTH) {
			sk_text_add_format(text, "\n%*s", (int)indent, "");
			at = indent;
		}
		sk_text_add_bytes(text, words, n);
		at += n;
		words += n;
		if (*words == ' ') {
			words += strspn(words, " ");
			if (at + 1 + strcspn(words, " ") <= WIDTH)
				sk_text_add(text, " ");
			at++;
		}
	}
	sk_text_add(text, "\n");
}

static void
add_option(struct sk_text *text, const struct sk_option *option)
{
	char letter[] = "-x, ";
	const char *argument = option->argument != NULL ? option->argument : "";
	char *left;

	letter[1] = (char)(option->letter < 256 ? option->letter : 'x');
	left = sk_mem_printf("  %s--%s%s%s", option->letter < 256 ? letter : "    ", option->name,
	    argument[0] != '\0' && argument[0] != '[' ? " " : "", argument);
	if (strlen(left) > HELP_COLUMN - 2)
		sk_text_add_format(text, "%s\n%*s", left, HELP_COLUMN, "");
	else
		sk_text_add_format(text, "%-*s", HELP_COLUMN, left);
	free(left);
	add_wrapped(text, option->help, HELP_COLUMN, HELP_COLUMN);
}

/* Command lines aren't broken: they are there to be copied. */
static void
add_examples(struct sk_text *text, const struct sk_command *command)
{
	sk_text_add(text, "\nexamples:\n");
	for (size_t i = 0; command->examples[i] != NULL; i++)
		sk_text_add_format(text, "  %s\n", command->examples[i]);
	sk_text_add_format(text, "\nmanual page: %s(1)\n", command->name);
}

char *
sk_options_help(const struct sk_command *command, const struct sk_option *const *rows, size_t n)
{
	struct sk_text text = {0};

	for (size_t i = 0; command->synopsis[i] != NULL; i++) {
		char *start = sk_mem_printf("%s %s ", i == 0 ? "usage:" : "      ", command->name);

		sk_text_add(&text, start);
		add_wrapped(&text, command->synopsis[i], strlen(start), SYNOPSIS_INDENT);
		free(start);
	}
	sk_text_add(&text, "\n");
	add_wrapped(&text, command->summary, 0, 0);
	sk_text_add(&text, "\noptions:\n");
	for (size_t i = 0; i < n; i++)
		add_option(&text, rows[i]);
	add_examples(&text, command);
	return sk_text_take(&text);
}
