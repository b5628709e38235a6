/* SPDX-License-Identifier: MIT */
/*
 * taken.pml: an entry that was taken over as a row of its own, beside an unknown row whose request it may
 * be.
 *
 * Modelled: one unknown row without an id, and the one entry of its request, which can't be compared
 * (there is an & in a value). --after-restore or --adopt takes the entry over as a row of its own. Lists
 * are read, whole and in time; after two that lack the row it is declared not received, and cron's
 * --retry sends it again. No step of time: lists are as late as they have to be.
 *
 * Property: what has an entry isn't sent again.
 *
 * Rule that can be taken away, and what goes wrong then:
 *   OWNED_IS_EXPLAINED  where absence is judged, an entry counts as unowned while its row was taken over
 *                     and no request has claimed it. Otherwise the unknown row's own entry seems to be
 *                     another's.
 * What it can't hold: a caller whose request is another one claims the row by a strict match, which an
 * entry that can't be compared never is; so no claim is modelled.
 */
byte lists_that_lack_it, times_sent = 1;
bool is_taken_over;

#ifdef OWNED_IS_EXPLAINED
#define IS_UNOWNED (!is_taken_over)
#else
#define IS_UNOWNED true /* taken over or not: nobody has claimed it */
#endif

active proctype All()
{
end:	do
	:: atomic { !is_taken_over -> is_taken_over = true; printf("the entry is taken over as a row of its own\n") }
	:: atomic {
		lists_that_lack_it < 2 && times_sent == 1 ->
		if
		:: IS_UNOWNED -> lists_that_lack_it = 0
		:: else -> lists_that_lack_it++; printf("a list lacks any unowned request of its kind\n")
		fi
	   }
	:: atomic {
		lists_that_lack_it == 2 && times_sent == 1 ->
		times_sent++;
		printf("not received; sent again\n");
		assert(times_sent == 1)
	   }
	od
}
