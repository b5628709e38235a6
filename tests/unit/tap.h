/* SPDX-License-Identifier: MIT */
/*
 * tap: what a unit test in C needs to speak TAP. Include in one file per program; end main with
 * "return done_testing();".
 */
#ifndef SK_TAP_H
#define SK_TAP_H

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

/* A shell ignores SIGINT for what it runs in the background, and a program inherits that. Each test
 * begins as if it had been started in the foreground. */
__attribute__((constructor)) static void
take_signals(void)
{
	static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE};

	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		signal(signals[i], SIG_DFL);
}

__attribute__((format(printf, 2, 3), unused)) static int
ok(int condition, const char *format, ...)
{
	va_list args;

	tap_count++;
	tap_failed += !condition;
	printf("%sok %d - ", condition ? "" : "not ", tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	return condition;
}

__attribute__((unused)) static int
is_str(const char *found, const char *wanted, const char *what)
{
	int same = found == NULL || wanted == NULL ? found == wanted : strcmp(found, wanted) == 0;

	ok(same, "%s", what);
	if (!same)
		printf("#  found: %s\n# wanted: %s\n", found != NULL ? found : "(NULL)",
		    wanted != NULL ? wanted : "(NULL)");
	return same;
}

__attribute__((unused)) static int
is_int(long long found, long long wanted, const char *what)
{
	ok(found == wanted, "%s", what);
	if (found != wanted)
		printf("#  found: %lld\n# wanted: %lld\n", found, wanted);
	return found == wanted;
}

__attribute__((unused)) static int
done_testing(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed == 0 ? 0 : 1;
}

#endif
