/* SPDX-License-Identifier: MIT */
/*
 * sikka-sim: a stand-in for the Sikka ONE API. Starts, and waits for its end. What it can't get,
 * such as its port, ends it with 69, and nothing on standard output.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "http.h"
#include "options.h"

/* Whoever reaches the port can do everything: a person who opens it to others should know. */
static void
warn_of_others(const struct settings *set)
{
	if (strncmp(set->listen, "127.", 4) != 0 && strcmp(set->listen, "::1") != 0)
		fprintf(stderr,
		    "sikka-sim: warning: it listens on %s: whoever reaches this port can read and "
		    "change "
		    "everything in it; send no real data to it\n",
		    set->listen);
}

static int
start_and_wait(struct sim *sim)
{
	struct MHD_Daemon *daemon;
	sigset_t ends;
	int stop[2], number;

	/* Blocked before the first thread is made, so that only sigwait below gets them. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (pipe(stop) != 0) {
		perror("sikka-sim: pipe");
		return EX_OSERR;
	}
	sim->stop_fd = stop[0];
	pthread_mutex_lock(&sim->lock); /* no request is served before the base URL is known */
	daemon = http_start(sim);
	pthread_mutex_unlock(&sim->lock);
	if (daemon == NULL) {
		fprintf(stderr, "sikka-sim: can't listen on port %ld: %s\n", sim->set.port,
		    errno != 0 ? strerror(errno) : "are the TLS files right?");
		close(stop[0]);
		close(stop[1]);
		return EX_UNAVAILABLE;
	}
	warn_of_others(&sim->set);
	number = printf("%s\n", sim->base) < 0 || fflush(stdout) != 0 ? EX_IOERR : 0;
	if (number == 0) {
		int got;

		sigwait(&ends, &got);
	} else {
		fprintf(stderr, "sikka-sim: stdout: %s\n", strerror(errno));
	}
	close(stop[1]); /* wakes all threads that wait */
	http_stop(daemon);
	close(stop[0]);
	return number;
}

int
main(int argc, char **argv)
{
	static struct sim sim;
	char *wrong;
	int code;

	x_json();
	options_read(&sim, argc, argv, SIKKA_VERSION "\n");
	wrong = state_init(&sim);
	options_check(&sim);
	if (wrong != NULL) {
		fprintf(stderr, "sikka-sim: %s\n", wrong);
		free(wrong);
		return EX_DATAERR;
	}
	code = start_and_wait(&sim);
	state_fini(&sim);
	return code;
}
