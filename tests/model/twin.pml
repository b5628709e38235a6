/* SPDX-License-Identifier: MIT */
/*
 * twin.pml: the state file and the lock file beside it both count what is handed in and claimed; so an
 * older copy of the state file is noticed before anything is sent from it.
 *
 * Modelled: RUNS processes, each of which hands one of two requests in (or meets it there), claims it and
 * sends it, and then begins anew as another process. Each commit is one step, each write of the lock file
 * another one. A process may crash before any step, or be stopped there for any time. Copies of both
 * files are kept, and one is put back at any moment, under living runs: by cp (what is open changes its
 * content) or by mv (what is open is no longer what the path names). NEW_DISK: instead a copy of the
 * state file is put on an empty disk, without a lock file, which is mounted where the old one was, under
 * living runs, too. A person runs --after-restore; its lists are perfect here (restore.pml has the
 * others). No step of time.
 *
 * Properties: no request leaves twice. What was told to be handed in isn't missing without an alarm. No
 * alarm unless a state file was put back.
 *
 * Rules that can be taken away, and what goes wrong then:
 *   NO_SECTION        every commit that counts, and the write of the lock file that follows, is one
 *                     section under one byte of the lock file. Otherwise, when a copy is put back between
 *                     the two, another run counts to the same number, and the file seems to be up to
 *                     date.
 *   NO_LOOK           within the section, before the commit, the two counts are compared. The copy may
 *                     have been put back since the process began.
 *   NO_PATHS          (with NEW_DISK) and the paths are compared with what is open. A run that goes on
 *                     with the files of the old disk, which agree, claims what nobody else sees.
 *   LOCK_FIRST        the commit comes before the lock file's write. Otherwise a crash between them is an
 *                     alarm, though nothing was put back.
 *   FILE_READ_FIRST   who only asks reads the lock file before the state file. Otherwise both count on in
 *                     between, which is an alarm, too.
 *   SENT_BEFORE_LOCK  the lock file is written before anything leaves. Otherwise a crash leaves a
 *                     departure that it doesn't count.
 *   HAND_IN_UNCOUNTED handing in counts, not only claiming. Otherwise what was accepted is missing in a
 *                     copy, and nobody hears of it.
 *   BESIDE_RUNS       --after-restore refuses while a run lives. That run may have claimed, and not yet
 *                     sent.
 *   NO_MARK           (with two copies) a random mark goes with each count. After a crash and a copy put
 *                     back, two histories count to the same number.
 *   NO_TWIN_IS_FINE   (with NEW_DISK) a file without a twin is an older copy, too.
 *   EMPTY_IS_FINE     (with NEW_DISK) whether it has rows or not. A copy of the file's first minute has
 *                     none.
 * TOLD_UNCHECKED leaves the second property out, so that a variant shows that something is sent twice,
 * too.
 * What it assumes, and fails without:
 *   BOTH              the two files aren't both put back within one boot. (Both with the whole machine:
 *                     gap.pml.)
 *
 * What it can't hold: the lock file's record stands twice, against a write that a power cut tears; here a
 * write is one step. In a section the look and the commit are one step, too: who copies a file over one
 * that SQLite has open within a transaction destroys more than this.
 */
#ifndef RUNS
#define RUNS 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef COPIES
#define COPIES 1   /* of the state file, which may be made */
#endif
#ifndef PUT_BACK
#define PUT_BACK 1 /* how often one is put back */
#endif
#define REQUESTS 2
#define NOBODY 0   /* a run that has ended: its number is never used again, and its byte is free */
#define NO_PAIR 0

/* CLAIMED: submitting, unknown or known; whatever it is, it isn't sent again by this file. */
mtype = { NO_ROW, QUEUED, CLAIMED };

typedef StateFile {
	byte pair = 1;             /* the random number that the two files share */
	byte count, mark;
	mtype row[REQUESTS] = NO_ROW;
	byte owner[REQUESTS];
};
typedef LockFile {
	byte pair = 1;
	byte count, mark;
	byte section;              /* who holds the byte of the section */
};

/* What the two paths name, one after the other: each mv makes a new one. */
#define FILES (PUT_BACK + 1)
StateFile file[FILES], copy[COPIES];
LockFile lock[FILES], lock_copy;
byte file_now, lock_now;
byte file_of[RUNS + 1], lock_of[RUNS + 1];   /* what each has open */
bool is_alive[RUNS + 1], is_about_to_send[RUNS + 1];

byte copies_made, to_put_back = PUT_BACK, crashes = CRASHES;
bool lock_copied, file_was_put_back, lock_was_put_back;
byte next_mark = 1;
byte times_sent[REQUESTS];
bool was_told[REQUESTS];                     /* that it is handed in */

#define HAS_ROWS(f) (file[f].row[0] != NO_ROW || file[f].row[1] != NO_ROW)
#ifdef NO_MARK
#define IS_OTHER_HISTORY(f, counted, marked) false
#else
#define IS_OTHER_HISTORY(f, counted, marked) (file[f].count == counted && file[f].mark != marked)
#endif
#define COUNTS_BEHIND(f, counted, marked) (file[f].count < counted || IS_OTHER_HISTORY(f, counted, marked))
#if defined(NO_TWIN_IS_FINE)
#define IS_STRANGER(f, paired) false
#elif defined(EMPTY_IS_FINE)
#define IS_STRANGER(f, paired) (file[f].pair != paired && HAS_ROWS(f))
#else
#define IS_STRANGER(f, paired) (file[f].pair != paired)
#endif
#define IS_OLDER(f, paired, counted, marked) \
	(IS_STRANGER(f, paired) || (file[f].pair == paired && COUNTS_BEHIND(f, counted, marked)))
#define IS_OLDER_THAN(f, l) IS_OLDER(f, lock[l].pair, lock[l].count, lock[l].mark)

#ifdef NO_PATHS
#define PATHS_ARE_SAME true
#else
#define PATHS_ARE_SAME (file_of[me] == file_now && lock_of[me] == lock_now)
#endif
#ifdef NO_LOOK
#define MAY_COMMIT PATHS_ARE_SAME
#else
#define MAY_COMMIT (PATHS_ARE_SAME && !IS_OLDER_THAN(f, l))
#endif

/* Whether a run lives is asked of the byte that it holds, in the lock file that one has open oneself. */
#define SEEMS_DEAD(run) (run == NOBODY || lock_of[run] != l)

inline alarm()
{
	printf("run %d: an older copy\n", me);
	assert(file_was_put_back)
}

#define MAY_CRASH if :: crashes > 0 -> crashes--; printf("run %d crashes\n", me); goto ended :: true fi

inline count_in_file()
{
	file[f].count++;
	file[f].mark = next_mark;
	next_mark++;
	count = file[f].count;
	mark = file[f].mark
}

inline count_in_lock() /* never lowered */
{
	if
	:: lock[l].count < count || lock[l].pair != file[f].pair ->
		lock[l].count = count; lock[l].mark = mark; lock[l].pair = file[f].pair
	:: else
	fi
}

inline enter_section()
{
#ifndef NO_SECTION
	lock[l].section == NOBODY -> lock[l].section = me;
#endif
	skip
}

inline leave_section()
{
	if
	:: lock[l].section == me -> lock[l].section = NOBODY
	:: else
	fi
}

/* The process is gone: its bytes are free, its rows are nobody's, in whatever file they stand. */
inline let_go()
{
	leave_section();
	is_alive[me] = false; is_about_to_send[me] = false;
	i = 0;
	do
	:: i < FILES -> disown(file[i]); i++
	:: else -> break
	od;
	i = 0;
	do
	:: i < COPIES -> disown(copy[i]); i++
	:: else -> break
	od;
	file_of[me] = 0; lock_of[me] = 0;
	f = 0; l = 0; r = 0; i = 0; count = 0; mark = 0; pair = 0
}

inline disown(which)
{
	if :: which.owner[0] == me -> which.owner[0] = NOBODY :: else fi;
	if :: which.owner[1] == me -> which.owner[1] = NOBODY :: else fi
}

/* Nothing that somebody was told is missing in a file that counts as up to date. */
inline check_told()
{
#ifndef TOLD_UNCHECKED
	assert(IS_OLDER_THAN(file_now, lock_now) || !was_told[0] || file[file_now].row[0] != NO_ROW);
	assert(IS_OLDER_THAN(file_now, lock_now) || !was_told[1] || file[file_now].row[1] != NO_ROW)
#endif
	skip
}

active [RUNS] proctype Run()
{
	byte me = _pid + 1;
	byte f, l, r, i, pair, count, mark;

	/* It opens both files, and looks: the lock file first. */
end:	atomic {
		is_alive[me] = true;
		f = file_now; l = lock_now;
		file_of[me] = f; lock_of[me] = l;
		if :: r = 0 :: r = 1 fi;
#ifdef FILE_READ_FIRST
		count = file[f].count
	};
	atomic {
		if
		:: file[f].pair == lock[l].pair && count < lock[l].count -> alarm(); goto ended
		:: else
		fi;
#else
		pair = lock[l].pair; count = lock[l].count; mark = lock[l].mark
	};
	atomic {
		if
		:: IS_OLDER(f, pair, count, mark) -> alarm(); goto ended
		:: else
		fi;
#endif
		check_told();
		pair = 0; count = 0; mark = 0
	};

	/* Handed in; or it is there, of a run that is dead. */
	atomic {
		MAY_CRASH;
		if
		:: file[f].row[r] == NO_ROW -> enter_section()
		:: file[f].row[r] == QUEUED && SEEMS_DEAD(file[f].owner[r]) -> file[f].owner[r] = me; goto claim
		:: else -> goto ended
		fi
	};
	atomic {
		MAY_CRASH;
		if
		:: !MAY_COMMIT || file[f].row[r] != NO_ROW -> goto ended
		:: else ->
			file[f].row[r] = QUEUED; file[f].owner[r] = me;
#ifndef HAND_IN_UNCOUNTED
			count_in_file()
#endif
		fi
	};
#ifndef HAND_IN_UNCOUNTED
	atomic { MAY_CRASH; count_in_lock(); leave_section() };
#else
	atomic { MAY_CRASH; leave_section() };
#endif
	/* Where the paths name other files by now, its claim will find that, and it tells so instead. */
	atomic { MAY_CRASH; was_told[r] = was_told[r] || PATHS_ARE_SAME; count = 0; mark = 0 };

claim:	atomic { MAY_CRASH; enter_section() };
#ifdef LOCK_FIRST
	atomic { MAY_CRASH; if :: MAY_COMMIT -> lock[l].count = file[f].count + 1; lock[l].mark = next_mark :: else -> goto ended fi };
#endif
	atomic {
		MAY_CRASH;
		if
#ifndef LOCK_FIRST
		:: !MAY_COMMIT -> goto ended
#endif
		:: file[f].row[r] != QUEUED || file[f].owner[r] != me -> goto ended
		:: else -> file[f].row[r] = CLAIMED; is_about_to_send[me] = true; count_in_file()
		fi
	};
#ifndef SENT_BEFORE_LOCK
	atomic { MAY_CRASH; count_in_lock(); leave_section() };
#endif
	atomic {
		MAY_CRASH;
		times_sent[r]++; is_about_to_send[me] = false;
		printf("run %d: request %d leaves, count %d\n", me, r, count);
		assert(times_sent[r] == 1)
	};
#ifdef SENT_BEFORE_LOCK
	atomic { MAY_CRASH; count_in_lock(); leave_section() };
#endif
ended:	atomic { let_go(); goto end }
}

inline keep(to, from)
{
	to.pair = from.pair; to.count = from.count; to.mark = from.mark;
	to.row[0] = from.row[0]; to.owner[0] = from.owner[0];
	to.row[1] = from.row[1]; to.owner[1] = from.owner[1]
}

inline keep_lock(to, from) { to.pair = from.pair; to.count = from.count; to.mark = from.mark }

/*
 * A run that has another lock file open can't be seen. But --after-restore also waits for 35 minutes, and what is
 * claimed leaves within 30 seconds or never.
 */
#define IS_SEEN(run) (is_alive[run] && lock_of[run] == lock_now)
#ifdef BESIDE_RUNS
#define IS_ALONE true
#else
#define IS_ALONE (!IS_SEEN(1) && !IS_SEEN(RUNS) && !is_about_to_send[1] && !is_about_to_send[RUNS])
#endif

inline any_copy()
{
	if
	:: c = 0
	:: copies_made > 1 -> c = copies_made - 1
	fi
}

/* What a list shows, the file gets; what was handed in, and isn't in any list, a person heard of. */
inline take_over(q)
{
	was_told[q] = false;
	if
	:: times_sent[q] > 0 -> file[file_now].row[q] = CLAIMED
	:: else
	fi
}

#ifdef BOTH
#define FILE_MAY_BE_PUT_BACK (to_put_back > 0)
#define LOCK_MAY_BE_PUT_BACK (to_put_back > 0)
#else
#define FILE_MAY_BE_PUT_BACK (to_put_back > 0 && !lock_was_put_back)
#define LOCK_MAY_BE_PUT_BACK (to_put_back > 0 && !file_was_put_back)
#endif

active proctype World()
{
	byte c;

end:	do
	:: atomic {
		copies_made < COPIES ->
		keep(copy[copies_made], file[file_now]); copies_made++;
		printf("a copy is made at count %d\n", file[file_now].count)
	   }
	:: atomic { /* cp */
		FILE_MAY_BE_PUT_BACK && copies_made > 0 ->
		to_put_back--; file_was_put_back = true;
		any_copy(); keep(file[file_now], copy[c]);
		printf("cp puts count %d back\n", copy[c].count); c = 0
	   }
	:: atomic { /* mv */
		FILE_MAY_BE_PUT_BACK && copies_made > 0 ->
		to_put_back--; file_was_put_back = true;
		any_copy(); file_now++; keep(file[file_now], copy[c]);
		printf("mv puts count %d back\n", copy[c].count); c = 0
	   }
#ifdef NEW_DISK
	:: atomic {
		FILE_MAY_BE_PUT_BACK && copies_made > 0 ->
		to_put_back--; file_was_put_back = true;
		any_copy(); file_now++; keep(file[file_now], copy[c]);
		lock_now++; lock[lock_now].pair = NO_PAIR;
		printf("count %d is put on a new disk\n", copy[c].count); c = 0
	   }
#else
	:: atomic { !lock_copied -> lock_copied = true; keep_lock(lock_copy, lock[lock_now]) }
	:: atomic { /* cp */
		LOCK_MAY_BE_PUT_BACK && lock_copied ->
		to_put_back--; lock_was_put_back = true;
		keep_lock(lock[lock_now], lock_copy); printf("cp puts the lock file of count %d back\n", lock_copy.count)
	   }
	:: atomic { /* mv */
		LOCK_MAY_BE_PUT_BACK && lock_copied ->
		to_put_back--; lock_was_put_back = true;
		lock_now++; keep_lock(lock[lock_now], lock_copy); printf("mv puts the lock file of count %d back\n", lock_copy.count)
	   }
#endif
	:: atomic { /* --after-restore */
		file_was_put_back && IS_OLDER_THAN(file_now, lock_now) && IS_ALONE ->
		take_over(0); take_over(1);
		file[file_now].count = lock[lock_now].count + 1; file[file_now].mark = next_mark; next_mark++;
		if
		:: lock[lock_now].pair != file[file_now].pair -> file[file_now].pair++
		:: else
		fi;
		lock[lock_now].pair = file[file_now].pair; lock[lock_now].count = file[file_now].count;
		lock[lock_now].mark = file[file_now].mark;
		printf("--after-restore, count %d\n", file[file_now].count)
	   }
	od
}
