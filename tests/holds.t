#!/bin/sh
# SPDX-License-Identifier: MIT
# Holds: after another boot, and in a file or for an office that was begun just now, lists come first; an older copy is found by them
. "$(dirname "$0")/lib.sh"

# hand_in TIME: hands one request in, for that time of the day.
hand_in() { booking "time=$1" >"$T/in-$1" && sikka-book "$T/in-$1" >"$T/booked-$1" 2>"$T/booked-$1.err"; }
# hand_in_beside TIME: the same, beside; its process is BESIDE.
hand_in_beside() {
	booking "time=$1" >"$T/in-$1"
	sikka-book "$T/in-$1" >"$T/booked-$1" 2>"$T/booked-$1.err" &
	BESIDE=$!
}
lists() { sim_count 'GET /writebacks'; }
lists_are() { [ "$(lists)" -ge "$1" ]; }
posts_are() { [ "$(posts)" -ge "$1" ]; }
posts() { sim_count 'POST /appointment'; }
holds() { sql "SELECT why || coalesce(' ' || office_id, '') || ' ' || lists_clean FROM holds WHERE ended_at IS NULL ORDER BY id" | tr '\n' ';'; }
ended() { sql "SELECT why || ' by ' || ended_by FROM holds WHERE ended_at IS NOT NULL ORDER BY id" | tr '\n' ';'; }
gaps() { sql "SELECT count(*) FROM holds WHERE why = 'gap'"; }
is_noted() { [ -n "$(holds)" ]; }
copies() { sql "SELECT count(*) FROM events WHERE kind = 'older_copy'"; }
# begin_anew: a new server and a new state file, for which lists have been read, and one request.
begin_anew() {
	rm -rf "$T/state"
	start_sim --delay 0:0 "$@"
	authorize
	hand_in 08:00
	later 2m
	sikka-sweep >"$T/swept" 2>&1
}
# snapshot, put_back: of the whole machine, as far as it is ours.
snapshot() { rm -rf "$T/kept" && cp -a "$T/state" "$T/kept"; }
put_back() { rm -rf "$T/state" && cp -a "$T/kept" "$T/state" && reboot; }

# --- a plain reboot ------------------------------------------------------------------------------------------

begin_anew
is "$(holds)" "" "nothing holds"
sim_post 'office?office_id=D36225&spu=offline'
hand_in 08:30
reboot
before=$(lists)
hand_in_beside 09:00
wait_for lists_are $((before + 1))
wait_for grep -q "wait: " "$T/booked-09:00.err"
is "$(posts) $(row 3 result)" "2 queued" "after a reboot a request is journaled, and doesn't leave"
like "$(cat "$T/booked-09:00.err")" "1 requests wait: this machine was booted .*until a list .* at the earliest" "it is said once until when"
run 0 "sikka-status" sikka-status
like "$(said .waits)" "^this machine was booted.* at the earliest" "says so, too"
run 0 "also to people" sikka-status -F table
like "$out" "nothing is sent: this machine was booted" "in words"
like "$(holds)" "^gap [01];" "a gap is noted"
run 0 "reading goes on" sikka-get -O D36225 patients --limit 1
run 0 "and so does withdrawing" sikka-sweep --withdraw 2
sim_post 'office?office_id=D36225&spu=online'
like "$(holds)" "^gap [01];" "the gap is still there"
later 61
wait "$BESIDE"
is "$? $(posts) $(row 3 result)" "0 3 pending" "a minute later, after another list, it leaves"
is "$(holds) $(ended | sed 's/.*gap/gap/')" " gap by lists;" "and the gap is over"
is "$(gaps)" 1 "it was noted once"
run 0 "the next one" hand_in 09:30
is "$(posts)" 4 "leaves at once"

# --- what is no gap ------------------------------------------------------------------------------------------

asleep 8h
run 0 "a machine that slept" hand_in 10:00
booking time=10:15 >in
sim_fault 'POST /appointment@1=hang-after'
sikka-book in >out 2>err &
KILLED=$!
wait_for posts_are 6
kill -9 $KILLED
wait $KILLED 2>/dev/null
sim_clear_faults
run 0 "a process that was killed" hand_in 10:30
later 1d
run 0 "cron that stood still for a day" hand_in 11:00
is "$(gaps) $(copies)" "1 0" "none of them is a gap, or an older copy"

# --- a power cut while sending ---------------------------------------------------------------------------------

later 40m
sikka-sweep >out 2>&1
sim_fault 'POST /appointment@1=drop-after'
run 2 "an answer is lost" hand_in 12:00
sim_clear_faults
reboot
before=$(lists)
hand_in_beside 12:30
wait_for lists_are $((before + 1))
later 61
wait "$BESIDE"
is "$? $(copies) $(gaps)" "0 0 2" "an entry that an unknown row explains is no older copy"

# --- the whole machine is put back ------------------------------------------------------------------------------

begin_anew
snapshot
hand_in 13:00
is "$(posts)" 2 "a request leaves after the snapshot"
later 40m
put_back
before=$(posts)
hand_in_beside 13:00
wait "$BESIDE"
is "$? $(posts)" "75 $before" "put back, the same request isn't sent again"
like "$(cat "$T/booked-13:00.err")" "older copy.*--after-restore.*--moved.*--not-ours" "it is an older copy, and what a person may type is named"
is "$(copies) $(row 2 result)" "1 queued" "there is one event of it, and the row stays as it is"
run 75 "sikka-sweep" sikka-sweep
run 75 "and sikka-poll refuse" sikka-poll
run 0 "sikka-status" sikka-status
like "$err" "an older copy" "warns"
run 2 "sikka-status --check" sikka-status --check
run 0 "keys are renewed" sikka-token refresh --all
is "$(copies)" 1 "and it is told once"
run 0 "a person says what it is" sikka-sweep --after-restore
is "$(holds)" "" "nothing holds any more"
run 0 "the same request" hand_in 13:00
is "$(posts)" "$before" "is one that was sent"

# --- what another program sends ------------------------------------------------------------------------------------

begin_anew
sim_submit 'office_id=D20006&path=/patient' '{"firstname":"Ann"}' >submitted
sim_fault 'POST /appointment@1=drop-after'
hand_in 13:30
sim_clear_faults
later 61
sikka-sweep >out 2>&1
is "$(sql "SELECT count(*) FROM unowned")" 1 "a list shows another program's request"
reboot
sikka-poll >out 2>&1
later 61
sikka-sweep >out 2>&1
later 61
sikka-sweep >out 2>&1
is "$(holds) $(copies)" " 0" "what was listed before a gap is no older copy"

# --- who notes it, and when --------------------------------------------------------------------------------------

begin_anew
snapshot
hand_in 13:00
later 40m
put_back
run 0 "poll beats first" sikka-poll
like "$(holds)" "^gap " "and has noted the gap before"
run 75 "so a request" hand_in 13:00
is "$(posts)" 2 "doesn't leave"

begin_anew
reboot
sikka-poll >out 2>&1
is "$(holds)" "gap 0;" "a gap is noted"
sikka-sweep >out 2>&1
is "$(holds)" "gap 1;" "a list was clean"
reboot
sikka-poll >out 2>&1
is "$(holds) $(ended | sed 's/.*gap by/gap by/')" "gap 0; gap by another boot;" "another boot begins it anew"
sim_fault 'GET /writebacks@1-=total:1'
sikka-sweep >out 2>&1
sim_clear_faults
is "$(holds)" "gap 0;" "a list that isn't whole doesn't count"
later 61
sikka-sweep >out 2>&1
later 30
sikka-sweep >out 2>&1
is "$(holds)" "gap 1;" "nor does a second one within a minute"
later 31
sim_fault 'GET /writebacks@1-=total:1'
sikka-sweep >out 2>&1
sim_clear_faults
later 61
sikka-sweep >out 2>&1
is "$(holds)" "gap 1;" "nor one that doesn't follow"
later 61
sikka-sweep >out 2>&1
is "$(holds)" "" "the next one does"

reboot
sikka-poll >out 2>&1
run 0 "nothing was put back, says a person" sikka-sweep --moved
is "$(holds) $(ended | sed 's/.*gap by/gap by/')" " gap by a person;" "which ends it"
SIKKA_BOOTS=many
export SIKKA_BOOTS
reboot
run 0 "boots = many" hand_in 14:00
is "$(holds) $(posts)" " 2" "another boot is no gap"
SIKKA_BOOTS=none
run 78 "another word" sikka-poll
like "$err" 'boots \(SIKKA_BOOTS\) must be "one" or "many", not "none"' "is refused"
unset SIKKA_BOOTS
done_testing
