#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-runbook(7): each of its accidents and tasks happens, and its commands are typed as the page has them
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/lib-pages.sh
. "$TOP/tests/lib-pages.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
mkdir backups new
night() { for minute in 1 2 3; do booking "date=2031-05-0$1" "time=10:0$minute" "key=$1-$minute"; done; }
hand_in() { night "$1" | sikka-book >booked 2>booked.err; }
each_once() { sim_get state | jq -r '[.writebacks[].body | .date + .time] | (length - (unique | length)), length' | paste -sd' '; }

steps() { typed_in sikka-runbook.7 "$1"; } # steps TITLE: the commands of that part of the page
# step: runs $STEP as it stands there, but for folders outside of this test. The minute between two lists passes.
line_of() { sed "s#/var/backups#$T/backups#g; s#/mnt/new#$T/new#g; s#/mnt/standby#$T/standby#g"; }
step() {
	line=$(printf '%s\n' "$STEP" | line_of)
	sh -c "$line" &
	restoring=$!
	wait_for awaits_its_second_list "$restoring"
	later 61
	wait "$restoring"
}
# take TITLE NUMBER: that command is in $STEP.
take() {
	STEP=$(steps "$1" | sed -n "$2p")
	ok "$([ -n "$STEP" ]; echo $?)" "$1: $STEP"
	printf '%s\n' "$STEP" >>"$T/typed"
}
# does TITLE NUMBER [CODE]: that line. Where the command says when to run it again, that is done.
does() {
	take "$1" "$2"
	step >"$T/out" 2>"$T/err"
	code=$?
	if [ $code -eq 75 ] && grep -q 'run the command again after' "$T/err"; then
		later 36m
		step >"$T/out" 2>"$T/err"
		code=$?
	fi
	is "$code" "${3:-0}" "it ends with ${3:-0}"
	[ "$code" -eq "${3:-0}" ] || sed 's/^/#   /' "$T/err"
}
# types TITLE NUMBER [CODE]: that line, of which nothing waits for a second list.
types() {
	take "$1" "$2"
	run "${3:-0}" "it ends with ${3:-0}" sh -c "$(printf '%s\n' "$STEP" | line_of)"
}
# again N: the night's import is handed in again, and then one that is new.
again() {
	night "$1" >in
	before=$(sim_writebacks)
	run 0 "what was handed in since is handed in again" sikka-book in
	is "$(jq -r .duplicate out | sort | uniq -c | tr -s ' ')" " 3 true" "each is a duplicate"
	is "$(sim_writebacks)" "$before" "nothing is sent"
	HANDED=$((${HANDED:-0} + 1))
	booking "date=2031-06-01" "time=11:0$HANDED" >in
	run 0 "a new one" sikka-book in
	is "$(each_once)" "0 $((before + 1))" "is sent, and none twice"
}
is "$(sed -n '/^\.Sh RESTORING/,/^\.Sh SEE/s/^\.Ss //p' "$TOP/man/sikka-runbook.7" | wc -l | tr -d ' ')" 5 "the page has five accidents"

hand_in 1
sikka-sweep --backup backups/sikka.db >backup.out
hand_in 2
head -c 9000 /dev/urandom | dd of="$SIKKA_DB" bs=1 seek=4096 conv=notrunc 2>dd.err
name="A lost or damaged state file"
booking >in
sikka-book in >booked 2>booked.err
like "$(cat booked.err)" "is damaged" "the state file is damaged"
does "$name" 1
does "$name" 2
does "$name" 3
is "$(jq -r .would out | sort | uniq -c | tr -s ' ')" " 3 take over
 1 take this file for the right one" "it shows what would be done"
run 75 "until then nothing is sent" sikka-book in
does "$name" 4
is "$(steps "$name" | wc -l | tr -d ' ')" 4 "(these were all)"
again 2

name="Another machine"
does "$name" 1
SIKKA_DB=$T/new/sikka.db
hand_in 3
is "$(jq -r .result booked | sort -u)" pending "moved together, they go on"
again 3
rm "$SIKKA_DB.lock"
run 75 "the lock file wasn't moved" sikka-book in
does "$name" 2
again 3

name="A new disk without the lock file"
sikka-sweep --backup backups/sikka.db >backup.out
hand_in 4
rm -f "$SIKKA_DB" "$SIKKA_DB.lock"
does "$name" 1
does "$name" 2 75
does "$name" 3
is "$(steps "$name" | wc -l | tr -d ' ')" 3 "(these were all)"
again 4

name="Two machines by mistake"
mkdir -m 700 other
cp "$SIKKA_DB" "$SIKKA_DB.lock" other/
hand_in 5
(SIKKA_DB=$T/other/sikka.db && hand_in 6)
rm -r other
does "$name" 1
again 6

name="A machine put back from a snapshot"
mkdir -m 700 snapshot
cp "$SIKKA_DB" "$SIKKA_DB.lock" snapshot/
hand_in 7
cp snapshot/sikka.db snapshot/sikka.db.lock "${SIKKA_DB%/*}/"
reboot
does "$name" 1
again 7

# --- tasks ---------------------------------------------------------------------------------------------------------

name=UPGRADING
types "$name" 1
back_to_version_5
is "$(sql 'PRAGMA user_version')" 5 "an older version of the state file"
types "$name" 2
is "$(sql 'PRAGMA user_version')" 6 "is converted"
again 7

name="TWO HOSTS"
mkdir -m 700 standby
types "$name" 1
is "$(sqlite standby/sikka.db 'SELECT count(*) FROM pms_writebacks')" "$(sql 'SELECT count(*) FROM pms_writebacks')" "the other host has a copy"

# visit FIELD=VALUE ...: a booking at the office of the page; ID is its number.
visit() {
	booking office_id=D20006 staff=1 type=1 "$@" >in
	run 0 "a booking there" sikka-book in
	ID=$(jq -r .id out)
}
numbered() { sed "s/ 2$/ $ID/; s/ 2=/ $ID=/"; }
# ends TITLE NUMBER [CODE]: types it, with the number of the last booking in place of the example's.
ends() {
	take "$1" "$2"
	run "${3:-0}" "it ends with ${3:-0}" sh -c "$(printf '%s\n' "$STEP" | numbered)"
}
offices() { sikka-token | jq -r '.office_id + "=" + .status' | tr '\n' ' '; }

name="AN OFFICE IS ADDED"
anew --delay 0:0 --rate-limit 100000
sikka-token revoke D20006 >revoke.out
sikka-authorize --forget D20006 2>forget.err
is "$(offices)" "D36225=active " "there is one office"
types "$name" 1
is "$(offices)" "D20006=active D36225=active " "there are two"
types "$name" 2
like "$out" DOC1 "its providers are there"
types "$name" 3
like "$out" operatory "and what a booking needs"
visit
sikka-poll --wait >poll.out
is "$(row "$ID" result)" completed "it is booked"
types DESCRIPTION 1
types DESCRIPTION 2
like "$out" "^SIKKA OK" "all is well"

name="WE END THE WORK FOR AN OFFICE"
sim_post 'office?office_id=D20006&spu=offline'
visit time=10:00
take "$name" 1
(exec sh -c "$STEP" >poll.out 2>poll.err) &
polling=$!
wait_for [ "$(sim_count 'GET /writeback_status')" -gt 0 ]
later 11m
wait "$polling"
is $? 3 "it is still pending"
types "$name" 2
is "$(jq -r .id out)" "$ID" "which the list shows"
ends "$name" 3
later 36m
types "$name" 4
later 61
types "$name" 4
types "$name" 5
types "$name" 6
types "$name" 7
is "$(offices)" "D36225=active " "it isn't there any more"
run 0 "the next morning" sikka-authorize -q
is "$(offices)" "D36225=active " "and doesn't come back"

name="A PRACTICE HAS LEFT"
types "AN OFFICE IS ADDED" 1
visit time=11:00
sim_post 'office?office_id=D20006&authorized=false'
sikka-authorize -q >authorize.out
later 11m
sikka-authorize -q >authorize.out
is "$(offices)" "D20006=revoked D36225=active " "the practice has withdrawn its authorization"
types "$name" 1
is "$(jq -r .id out)" "$ID" "a request is pending"
ends "$name" 2
is "$(sim_get state | jq -r '.writebacks[-1].state')" withdrawn "it is withdrawn at the server"
take "$name" 4
run 75 "it is too early" sh -c "$STEP"
later 6d
later 1h
sikka-sweep >sweep.out 2>sweep.err
like "$(cat sweep.out)" not_looked_at "six days later the sweep tells that nobody has looked"
ends "$name" 3
types "$name" 4
is "$(offices)" "D36225=active " "the office is forgotten"

name="ERASE A PATIENT"
types "$name" 1
types "$name" 2
is "$(jq -r 'select(.patient_id) | .left | length' out)" 0 "nothing is left"
types "$name" 3

name="THE APPLICATION KEY IS ROTATED"
kill "$SIM_PID"
wait "$SIM_PID"
start_sim --app-key rotated
mkdir -p .config/sikka
printf '%s\n' "app_id = $SIKKA_APP_ID" "app_key_file = ~/.config/sikka/app_key" "base_url = $SIKKA_BASE_URL" "db = $T/rotated.db" >.config/sikka/config
(umask 077 && echo sikka-sim-key >.config/sikka/app_key)
at_home() { (unset SIKKA_APP_ID SIKKA_APP_KEY SIKKA_CONFIG SIKKA_BASE_URL SIKKA_DB && HOME=$T && export HOME && "$@"); }
run 77 "the old key is refused" at_home sikka-authorize
like "$err" "$T/.config/sikka/app_key" "and the message names its file"
take "$name" 1
echo rotated | at_home sh -c "$STEP"
is "$(stat -c %a .config/sikka/app_key.new)" 600 "nobody else can read the new one"
take "$name" 2
run 0 "it takes the place" at_home sh -c "$STEP"
take "$name" 3
run 0 "the new one" at_home sh -c "$STEP"
like "$out" 'D36225 .*active' "is taken"

name="STOP AND START"
take "$name" 1
is "$(sh -c "$STEP" | grep -c "$T")" 0 "no command of this test runs any more"

sort -u typed >typed.once
sed -n 's/^\$ //p' "$TOP/man/sikka-runbook.7" | sort -u >all
is "$(comm -13 typed.once all)" "" "each command of the page was typed"
done_testing
