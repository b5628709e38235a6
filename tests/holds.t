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
lists_are() { [ "$(lists)" -ge "$1" ]; }
posts_are() { [ "$(posts)" -ge "$1" ]; }
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
like "$(cat "$T/booked-09:00.err")" "1 requests wait: this machine was booted .*until a list .* at the earliest" "it is said until when"
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
is "$(grep -c "requests wait: " "$T/booked-09:00.err")" 1 "and said once"
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
there=$(held '.writebacks[-1].id')
run 1 "that row may have been sent after the snapshot, so it is no other program's" sikka-sweep --not-ours "$there"
like "$err" "writeback $there may be request 2, which is queued .*--after-restore.*--unchecked" "and the row is named"
is "$(sql "SELECT count(*) FROM not_ours") $(sql "SELECT count(*) FROM pms_writebacks")" "0 2" "nothing is noted"
run 75 "sikka-sweep" sikka-sweep
run 75 "and sikka-poll refuse" sikka-poll
run 0 "sikka-status" sikka-status
like "$err" "an older copy" "warns"
run 2 "sikka-status --check" sikka-status --check
run 0 "keys are renewed" sikka-token refresh --all
is "$(copies)" 1 "and it is told once"
run 75 "a person says what it is" sikka-sweep --after-restore
like "$err" "may not be in the server's list yet" "too early: the machine booted just now"
later 36m
run 0 "and half an hour later" after_restore
is "$(holds)" "" "nothing holds any more"
run 0 "the same request" hand_in 13:00
is "$(posts)" "$before" "is one that was sent"

# what was noted counts, not the boot: many boots say nothing, and a gap may be noted late
begin_anew
later 40m
export SIKKA_BOOTS=many
reboot
run 0 "boots = many: a boot just now keeps --after-restore from nothing" after_restore
unset SIKKA_BOOTS
begin_anew
reboot
later 30m
sikka-poll >out 2>&1
later 10m
run 75 "a gap that was noted half an hour after the boot" after_restore
like "$err" "may not be in the server's list yet" "counts from when it was noted"
later 26m
run 0 "35 minutes after that" after_restore
is "$(holds)" "" "--after-restore ends a gap in a file that is no older copy"
run 0 "a request" hand_in 09:00
is "$(posts)" 2 "leaves"

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
later 61
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

# --- a state file that was begun just now ---------------------------------------------------------------------------

rm -rf "$T/state"
start_sim --delay 0:0
run 0 "sikka-authorize" sikka-authorize
is "$(holds) $(lists)" "begun 1; 2" "begins a file, and reads the list at once, in two parts"
run 0 "a request" hand_in 08:00
is "$(posts) $(lists) $(cat "$T/booked-08:00.err")" "1 2 " "leaves at once, without a word, and after no other list"
is "$(holds)" "begun 1;" "a second list is due"
later 61
run 0 "a minute later" sikka-poll
is "$(holds) $(ended)" " begun by lists;" "whatever runs reads it"

# where nothing but sikka-book runs, it reads the second list itself, once the request has left
rm -rf "$T/state"
start_sim --delay 0:0
sikka-authorize >out 2>&1
later 61
run 0 "a request after a minute" hand_in 08:00
is "$(posts) $(holds) $(cat "$T/booked-08:00.err")" "1  " "leaves, and a second list is read"
before=$(lists)
later 61
run 0 "the next one" hand_in 08:30
is "$(lists)" "$before" "reads no list any more"
rm -rf "$T/state"
start_sim --delay 0:0
sikka-authorize >out 2>&1
sim_submit 'office_id=D20006&path=/patient' '{"firstname":"Ann"}' >submitted
later 61
run 0 "something turns up in the second list" hand_in 08:00
is "$(posts) $(row 1 result) $(copies)" "1 pending 1" "the request has left; the file is an older copy"
like "$(cat "$T/booked-08:00.err")" "older copy.*--after-restore" "which is said"
run 75 "another request" hand_in 08:30
is "$(posts)" 1 "doesn't leave"
rm -rf "$T/state"
start_sim --delay 0:0
sikka-authorize >out 2>&1
later 61
sim_fault 'GET /writebacks@1-=status:500:API2010'
run 0 "the second list can't be read" hand_in 08:00
sim_clear_faults
is "$(posts) $(holds) $(cat "$T/booked-08:00.err")" "1 begun 1; " "that holds nothing back, and isn't worth a word"

# the state file and its lock file were lost: a disk that isn't mounted
rm -rf "$T/state"
start_sim --delay 0:0
authorize
hand_in 08:00
rm -rf "$T/state"
run 0 "another one is begun" sikka-authorize
like "$err" "the server has 1 requests that the state file doesn't have" "which stands for one that is lost"
is "$(copies)" 1 "it is an older copy"
run 75 "a request" hand_in 09:00
is "$(posts)" 1 "doesn't leave"
like "$(cat "$T/booked-09:00.err")" "--after-restore.*--not-ours.*shared_offices" "a person may say what it is"
later 36m
run 0 "this machine sent them" after_restore
run 0 "so a request" hand_in 09:00
is "$(posts) $(holds)" "2 " "leaves"

# what a proxy has repeated is a double, and no older copy
begin_with_a_double() { # RULE
	rm -rf "$T/state"
	start_sim --delay 0:0
	sikka-authorize >"$T/out" 2>&1
	sim_fault "POST /appointment@1=$1"
	hand_in 08:00
	sim_clear_faults
	later 61
}
begin_with_a_double twice
run 0 "of a file that was begun, a list shows a request twice" sikka-sweep
is "$(sim_writebacks) $(copies) $(event_kinds 1)" "2 0 queued submitting pending doubled" "a proxy has repeated it, which is told, and is no older copy"
run 0 "a request" hand_in 09:00
is "$(posts) $(holds)" "2 " "leaves"
begin_with_a_double twice-lost
run 0 "the same where the answer was lost" sikka-sweep
is "$(sim_writebacks) $(copies) $(event_kinds 1)" "2 0 queued submitting unknown found doubled" "is no older copy"

# but what came before this file sent the same may be a lost file's
rm -rf "$T/state"
start_sim --delay 0:0
authorize
hand_in 08:00
rm -rf "$T/state"
sim_post 'options?list-lag=600'
run 0 "a file is begun in place of one that is lost, whose request isn't listed yet" sikka-authorize
run 0 "a caller hands the same in again" hand_in 08:00
sim_post 'options?list-lag=0'
later 61
run 75 "the next list shows both" sikka-sweep
is "$(sim_writebacks) $(copies)" "2 1" "the file is an older copy"

# what such a list shows was another program's, says a person
stands() { sql '.dump holds' '.dump pms_writebacks' '.dump events' '.dump facts' '.dump not_ours' '.dump twin' '.dump heartbeats'; }
begin_beside_another() {
	rm -rf "$T/state"
	start_sim --delay 0:0
	for name in Ann Bob; do sim_submit 'office_id=D20006&path=/patient' "{\"firstname\":\"$name\"}"; done >submitted
	later 40m
	run 0 "a file that is begun beside another program's requests" sikka-authorize
	is "$(copies)" 1 "is an older copy"
	like "$err" "if another program sent .*: sikka-sweep -n \| sikka-sweep --not-ours -; if it goes on doing so: shared_offices" \
	    "and what to type is said"
}
begin_beside_another
run 75 "a request" hand_in 09:00
stood=$(stands)
run 75 "sikka-sweep -n" sikka-sweep -n
is "$(said '[.holds, .writeback_id, .office_id, .method, .endpoint] | join(" ")' | tr '\n' ';')" \
    "$(sed 's|.*|begun & D20006 POST /patient;|' submitted | tr -d '\n')" "shows what the server has"
like "$err" "older copy" "and that nothing is sent"
is "$(stands)" "$stood" "nothing is changed by it"
run 75 "one of them was another program's" sikka-sweep --not-ours "$(head -n 1 submitted)"
like "$err" "still has 1 requests that the state file doesn't have: sikka-sweep -n" "the other one is left"
run 75 "so a request" hand_in 09:00
sikka-sweep -n >shown 2>&1
run 0 "both were" sh -c 'sikka-sweep -n | sikka-sweep --not-ours -'
like "$err" "what the server's list has is explained" "says what follows"
is "$(holds) $(sql "SELECT count(*) FROM not_ours")" "begun 0; 2" "the hold waits for its list again"
run 0 "a request" hand_in 09:00
is "$(posts) $(holds)" "1 begun 1;" "reads it and leaves"
begin_beside_another
run 75 "the other program goes on, but at another office" env SIKKA_SHARED_OFFICES=D36225 sikka-sweep
like "$err" "still has 2 requests" "that explains nothing"
export SIKKA_SHARED_OFFICES=D20006
run 0 "at this one" sikka-sweep
run 0 "a request" hand_in 09:00
is "$(posts) $(holds)" "1 begun 1;" "leaves"
unset SIKKA_SHARED_OFFICES

# the list fails while the file is begun
rm -rf "$T/state"
start_sim --delay 0:0
sim_fault 'GET /writebacks@1-=status:500:API2010'
run 0 "the list can't be read now" sikka-authorize
is "$(holds)" "begun 0;" "so nothing leaves yet"
sim_clear_faults
run 0 "whoever sends the first request" hand_in 08:00
is "$(holds) $(posts)" "begun 1; 1" "reads it"

# the application's window is full
rm -rf "$T/state"
start_sim --delay 0:0 --rate-limit 5 --rate-window 3600
run 0 "no room for the list within an hour" sikka-authorize
like "$err" "the limit of the application is used up .*the next command that sends reads it" "is said, and nobody waits for it"
is "$(holds) $(posts)" "begun 0; 0" "so nothing leaves yet"
later 1h
run 0 "when there is room" hand_in 08:00
is "$(holds) $(posts)" "begun 1; 1" "whoever sends reads it"

rm -rf "$T/state"
start_sim --delay 0:0 --no-writeback-list
run 0 "an application that may not read lists" sikka-authorize
like "$err" "doesn't let this application read its list" "is told so, once"
is "$(holds) $(ended)" " begun by refused;" "nothing holds"
run 0 "a request" hand_in 08:00
is "$(posts)" 1 "leaves"
reboot
run 75 "after another boot" hand_in 09:00
like "$(cat "$T/booked-09:00.err")" "--moved --unchecked" "a person has to say that nothing was put back"
is "$(posts)" 1 "nothing leaves before"
run 0 "a person does" sikka-sweep --moved --unchecked
run 0 "then" hand_in 09:15
is "$(posts)" 2 "it does"

# --- a clock that was wrong, and the purge -----------------------------------------------------------------------------------

begin_anew
clock_off 3d
reboot
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-sweep --backup "$T/copy.db" >out 2>&1
is "$(holds)" "gap 0;" "a gap is noted by a clock that is three days ahead"
clock_off -3d
before=$(lists)
hand_in_beside 09:00
is_clean() { [ "$(holds)" = "gap 1;" ]; }
wait_for is_clean
later 61
wait "$BESIDE"
is "$? $(holds)" "0 " "when the clock is set, it lasts no longer than another one"
is "$(sql "SELECT count(*) FROM holds WHERE since > (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', max(submitted_at), '+3 minutes') FROM pms_writebacks)")" 0 "and it lies ahead no more"
later 40d
run 0 "the purge" sikka-sweep --purge-after 30d
is "$(sql "SELECT group_concat(why) FROM holds")" gap "leaves of those that have ended the gap of this boot"

# --- offices to which another program writes -------------------------------------------------------------------------------

rm -rf "$T/state"
start_sim --delay 0:0
sim_submit 'office_id=D20006&path=/patient' '{"firstname":"Ann"}' >submitted
later 40m
run 0 "another program has written to an office" env SIKKA_SHARED_OFFICES='D99999, D20006' sikka-authorize
is "$err $(holds) $(copies)" "sikka-authorize: began the state file $SIKKA_DB begun 1; 0" "that is shared: no older copy"
reboot
SIKKA_SHARED_OFFICES='D20006' sikka-poll >out 2>&1
run 75 "--moved, after another boot" sikka-sweep --moved
like "$err" "the server has 1 requests" "is refused because of what the other program sent"
run 0 "but not if it is said to do so" env SIKKA_SHARED_OFFICES=D20006 sikka-sweep --moved
is "$(holds)" "" "so nothing holds"
rm -rf "$T/state"
run 0 "to one" env SIKKA_SHARED_OFFICES=D36225 sikka-authorize
is "$(copies)" 1 "that isn't: it is one"

# --- an office that was added ---------------------------------------------------------------------------------------------

begin_anew
sikka-authorize --forget D20006 >out 2>&1
is "$(holds)" "" "an office is forgotten"
run 0 "and added" sikka-authorize -O D20006
is "$(holds)" "added D20006 1;" "the list is read at once"
later 61
sikka-poll >out 2>&1
is "$(holds)" "" "and another one later"
sikka-authorize --forget D20006 >out 2>&1
sim_submit 'office_id=D20006&path=/patient' '{"firstname":"Ann"}' >submitted
later 40m
run 0 "added again" sikka-authorize -O D20006
like "$err" "the server has 1 requests of office D20006" "when something was sent for it"
is "$(copies)" 0 "it isn't the whole file that is an older copy"
before=$(sim_writebacks)
{ booking time=09:00; booking office_id=D20006 practice_id=1 time=09:00 staff=1 type=Cleaning; } >in
run 75 "one request for each office" sikka-book in
like "$err" "the server has requests of office D20006 that" "names the office that waits for a person"
is "$(sql "SELECT office_id || ' ' || result FROM pms_writebacks WHERE id > 1 ORDER BY id" | tr '\n' ';')" "D36225 pending;D20006 failed;" "the other office's leaves"
is "$(sim_writebacks)" $((before + 1)) "and only that one"
run 0 "sikka-sweep -n" sikka-sweep -n
is "$(said '[.holds, .writeback_id] | join(" ")')" "added $(cat submitted)" "shows what the server has for it"
run 0 "another program sent it" sh -c 'sikka-sweep -n | sikka-sweep --not-ours -'
later 61
run 0 "then" sikka-book in
is "$(sim_writebacks)" $((before + 2)) "its own leaves, too"
begin_anew
sikka-authorize --forget D20006 >out 2>&1
run 0 "added, and its first request is repeated by a proxy" sikka-authorize -O D20006
booking office_id=D20006 practice_id=1 time=10:00 staff=1 type=Cleaning >in
sim_fault 'POST /appointment@1=twice'
run 0 "a request" sikka-book in
sim_clear_faults
later 61
run 0 "the next list" sikka-sweep
is "$(holds) $(copies)" " 0" "shows nothing against the office"

# a batch that goes from one such office to the other and back
rm -rf "$T/state"
start_sim --delay 0:0
authorize
later 2m
sikka-sweep >out 2>&1
sikka-authorize --forget D20006 >out 2>&1
sikka-authorize --forget D36225 >>out 2>&1
for office in D20006 D36225; do sim_submit "office_id=$office&path=/patient" '{"firstname":"Eve"}'; done >submitted
later 40m
sikka-authorize -O D20006 >out 2>&1
sikka-authorize -O D36225 >>out 2>&1
for minute in 1 2 3; do
	booking "time=11:0$minute"
	booking office_id=D20006 practice_id=1 "time=11:0$minute" staff=1 type=Cleaning
done >in
run 75 "requests for both offices by turns" sikka-book in
like "$err" "the server has requests of office D20006, D36225 that .*--not-ours -" "name each office once, and what to type"

# --- --after-restore, where something is held ---------------------------------------------------------------------------

begin_anew
run 0 "an office is forgotten" sikka-authorize --forget D20006
there=$(sim_submit 'office_id=D20006&path=/patient' '{"firstname":"Bob"}')
later 40m
run 0 "an office is added, for which this machine has sent something" sikka-authorize -O D20006
run 75 "at once" after_restore
later 36m
run 0 "later" after_restore
is "$(holds) $(sql "SELECT office_id || ' ' || operation FROM pms_writebacks WHERE writeback_id = '$there'")" " D20006 create_patient" "it is taken over, and the hold ends"

# no whole list can be had: --accept-gap serves for whatever is held
rm -rf "$T/state"
start_sim --delay 0:0 --no-writeback-list
authorize
run 0 "a request" hand_in 08:00
reboot
sikka-poll >out 2>&1
is "$(holds)" "gap 0;" "a gap, and no list may be read"
later 36m
run 75 "--after-restore" after_restore
like "$err" "can't be known: D20006, D36225.*--accept-gap" "names what can't be known"
run 0 "--accept-gap" after_restore --accept-gap
is "$(holds)" "" "goes on without"
rm -rf "$T/state"
start_sim --delay 0:0
sim_submit 'office_id=D20006&path=/patient' '{"firstname":"Ann"}' >submitted
later 40m
authorize
sim_fault 'GET /writebacks@1-=total:7'
later 36m
run 75 "a file that was begun, and a list that is never whole" after_restore
like "$err" "if its count is never right, add --accept-gap" "says what helps"
run 0 "--accept-gap" after_restore --accept-gap
sim_clear_faults
is "$(holds) $(sql "SELECT writeback_id FROM pms_writebacks")" " $(cat submitted)" "goes on with what could be read"
run 0 "a request" hand_in 08:00
is "$(posts)" 1 "leaves"
done_testing
