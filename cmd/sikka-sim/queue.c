/* SPDX-License-Identifier: MIT */
/*
 * A heap of the writebacks' indexes: the children of place n are 2n+1 and 2n+2. Each writeback knows its place, so that
 * one that is withdrawn isn't searched for.
 */
#include "queue.h"

static bool
is_before(const struct sim *sim, size_t a, size_t b)
{
	const struct writeback *x = &sim->writebacks[a], *y = &sim->writebacks[b];

	return x->due != y->due ? x->due < y->due : a < b;
}

static void
put(struct sim *sim, size_t place, size_t index)
{
	sim->queue[place] = index;
	sim->writebacks[index].queue_place = place + 1;
}

static void
move_up(struct sim *sim, size_t place)
{
	size_t index = sim->queue[place];

	while (place > 0 && is_before(sim, index, sim->queue[(place - 1) / 2])) {
		put(sim, place, sim->queue[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	put(sim, place, index);
}

static void
move_down(struct sim *sim, size_t place)
{
	size_t index = sim->queue[place], child;

	while ((child = 2 * place + 1) < sim->queue_count) {
		if (child + 1 < sim->queue_count &&
		    is_before(sim, sim->queue[child + 1], sim->queue[child]))
			child++;
		if (!is_before(sim, sim->queue[child], index))
			break;
		put(sim, place, sim->queue[child]);
		place = child;
	}
	put(sim, place, index);
}

void
queue_add(struct sim *sim, size_t index)
{
	if (sim->queue_count == sim->queue_room) {
		sim->queue_room = sim->queue_room ? sim->queue_room * 2 : 64;
		sim->queue = x_grow(sim->queue, sim->queue_room * sizeof(*sim->queue));
	}
	sim->queue[sim->queue_count++] = index;
	move_up(sim, sim->queue_count - 1);
}

void
queue_remove(struct sim *sim, size_t index)
{
	size_t place = sim->writebacks[index].queue_place;

	if (place == 0)
		return;
	sim->writebacks[index].queue_place = 0;
	if (place == sim->queue_count--)
		return; /* it was the last */
	put(sim, place - 1, sim->queue[sim->queue_count]);
	move_up(sim, place - 1);
	move_down(sim, place - 1);
}

void
queue_order(struct sim *sim)
{
	for (size_t place = sim->queue_count; place > 0; place--)
		move_down(sim, place - 1);
}

int64_t
queue_next_due(const struct sim *sim)
{
	return sim->queue_count > 0 ? sim->writebacks[sim->queue[0]].due : NEVER;
}
