/* SPDX-License-Identifier: MIT */
/*
 * clock: decides what an answer's Date says of the server's time. What can't be true at once is
 * believed when a second answer shows it; nothing here fails.
 */
#include "base/clock.h"

#include <stdlib.h>

#define SLOW SK_SECOND /* an answer that took longer than that */

/*
 * Under another boot CLOCK_BOOTTIME has begun anew, and this machine's clock is all that went on
 * meanwhile. It may be as wrong as it was, or it was set: of the two times the earlier one is taken,
 * as it holds back. A machine without a clock of its own starts in the past; the server's time
 * doesn't lie before what was known of it.
 */
static int64_t
guess_after_boot(const struct sk_clock_kept *kept, int64_t machine)
{
	int64_t mended = machine + (kept->server_at - kept->machine_at);
	int64_t earlier = mended < machine ? mended : machine;

	return earlier > kept->server_at ? earlier : kept->server_at;
}

/*
 * A doubted time goes on by this machine's clock: where each command runs under a boot of its own, it
 * is believed all the same when the next one is shown it.
 */
static void
doubt_after_boot(struct sk_clock *clock, const struct sk_clock_kept *kept, int64_t boot,
    int64_t machine)
{
	int64_t doubted = machine + (kept->server_at + kept->jump - kept->machine_at);
	int64_t seen = kept->machine_at - (kept->server_at - kept->jump_seen_at);

	clock->jump = doubted - boot - clock->offset;
	clock->jump_seen = boot - (machine - seen);
}

void
sk_clock_begin(struct sk_clock *clock, const struct sk_clock_kept *kept, int64_t boot,
    int64_t machine)
{
	*clock = (struct sk_clock){.offset = machine - boot};
	if (kept == NULL)
		return;
	if (!kept->is_of_this_boot) {
		clock->offset = guess_after_boot(kept, machine) - boot;
		if (kept->jump != 0)
			doubt_after_boot(clock, kept, boot, machine);
		return;
	}
	clock->is_known = kept->is_known;
	clock->offset = kept->server_at - kept->boot;
	clock->jump = kept->jump;
	clock->jump_seen = kept->jump != 0 ? kept->jump_seen_at - clock->offset : 0;
}

void
sk_clock_keep(const struct sk_clock *clock, int64_t boot, int64_t machine,
    struct sk_clock_kept *kept)
{
	*kept = (struct sk_clock_kept){.is_of_this_boot = true,
	    .is_known = clock->is_known,
	    .boot = boot,
	    .server_at = boot + clock->offset,
	    .machine_at = machine,
	    .jump = clock->jump,
	    .jump_seen_at = clock->jump != 0 ? clock->jump_seen + clock->offset : 0};
}

static void
believe(struct sk_clock *clock, int64_t offset)
{
	clock->offset = offset;
	clock->is_known = true;
	clock->has_answer = true;
	clock->takes_first = false;
	clock->jump = 0;
	clock->jump_seen = 0;
}

/*
 * One wrong Date, of a proxy or of one server of many, must make nothing pass: a far jump would let
 * waiting times end that have only begun. So it counts when an answer a minute or more later shows
 * the same one, and none in between has shown the time that was believed.
 */
static enum sk_clock_saw
doubt(struct sk_clock *clock, int64_t received, int64_t differs)
{
	bool is_the_same = clock->jump != 0 && llabs(differs - clock->jump) <= SK_CLOCK_JUMP;

	if (is_the_same && received - clock->jump_seen >= SK_CLOCK_CONFIRM) {
		believe(clock, clock->offset + differs);
		return SK_CLOCK_CORRECTED;
	}
	if (!is_the_same) {
		clock->jump = differs;
		clock->jump_seen = received;
	}
	return SK_CLOCK_DOUBTED;
}

/*
 * Where the clock belongs by an answer that it doesn't agree with. The Date was made at some moment
 * between sending and receiving: of a quick answer in the middle, which is good enough. Of one that was
 * slow (the machine has slept meanwhile) nobody knows at which, and the clock moves as little as it must.
 */
static int64_t
nearest(int64_t offset, int64_t least, int64_t most)
{
	int64_t half = (most - least) / 2, within = half < SLOW ? half : SLOW;

	return offset < least ? least + within : most - within;
}

enum sk_clock_saw
sk_clock_see(struct sk_clock *clock, int64_t sent, int64_t received, int64_t date)
{
	/*
	 * The Date has lost up to a second. Within these bounds nothing is corrected: so times that
	 * follow one another stay in their order, although a slow answer says little about the time.
	 */
	int64_t least = date - received, most = date + SK_SECOND - sent, found;

	if (clock->offset >= least && clock->offset <= most) {
		believe(clock, clock->offset);
		return SK_CLOCK_AGREES;
	}
	found = nearest(clock->offset, least, most);
	if (!clock->takes_first && llabs(found - clock->offset) > SK_CLOCK_JUMP)
		return doubt(clock, received, found - clock->offset);
	believe(clock, found);
	return SK_CLOCK_CORRECTED;
}
