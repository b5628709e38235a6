/* SPDX-License-Identifier: MIT */
/*
 * Requests whose client has given them up, and which arrive all the same. Nobody gets their answer.
 */
#include "late.h"

#include <stdlib.h>

#include "routes.h"
#include "spu.h"
#include "writebacks.h"

struct late {
	int64_t arrives;
	struct request *rq;
};

void
late_put(struct sim *sim, struct request *rq, int64_t ms)
{
	sim->late = x_grow(sim->late, (sim->late_count + 1) * sizeof(*sim->late));
	sim->late[sim->late_count].arrives = state_now(sim) + ms;
	sim->late[sim->late_count++].rq = rq;
}

/* The first to arrive; of several at the same time, the first that was sent. */
static size_t
first(const struct sim *sim)
{
	size_t best = 0;

	for (size_t i = 1; i < sim->late_count; i++)
		if (sim->late[i].arrives < sim->late[best].arrives)
			best = i;
	return best;
}

static struct late
take(struct sim *sim, size_t index)
{
	struct late late = sim->late[index];

	sim->late_count--;
	for (size_t i = index; i < sim->late_count; i++)
		sim->late[i] = sim->late[i + 1];
	return late;
}

void
late_run(struct sim *sim)
{
	int64_t now = state_now(sim);

	while (sim->late_count > 0 && sim->late[first(sim)].arrives <= now) {
		struct late late = take(sim, first(sim));
		struct answer an = {0};

		/* The clock may have been moved far ahead: it happens at its own moment. */
		sim->moment = late.arrives;
		spu_run(sim);
		routes_run(sim, late.rq, &an);
		sim->moment = 0;
		answer_free(&an);
		request_free(late.rq);
	}
	spu_run(sim);
}

void
late_set_clock(struct sim *sim, int64_t ms)
{
	for (size_t i = 0; i < sim->late_count; i++)
		sim->late[i].arrives += ms;
}

void
late_fini(struct sim *sim)
{
	for (size_t i = 0; i < sim->late_count; i++)
		request_free(sim->late[i].rq);
	free(sim->late);
	sim->late = NULL;
	sim->late_count = 0;
}
