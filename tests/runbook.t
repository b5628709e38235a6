#!/bin/sh
# SPDX-License-Identifier: MIT
# The run-book of sikka(7), Restoring: each of its accidents happens, and its commands are typed as the page has them
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
mkdir backups new
night() { for minute in 1 2 3; do booking "date=2031-05-0$1" "time=10:0$minute" "key=$1-$minute"; done; }
hand_in() { night "$1" | sikka-book >booked 2>booked.err; }
each_once() { sim_get state | jq -r '[.writebacks[].body | .date + .time] | (length - (unique | length)), length' | paste -sd' '; }

# steps TITLE: the commands of that part of the page.
steps() {
	awk -v title="$1" '
	/^\.S[hs] / { on = $1 == ".Ss" && substr($0, 5) == title }
	on && /^\$ / { print substr($0, 3) }' "$TOP/man/sikka.7"
}
# step: runs $STEP as it stands there, but for folders outside of this test. The minute between two lists passes.
step() {
	line=$(printf '%s\n' "$STEP" | sed "s#/var/backups#$T/backups#g; s#/mnt/new#$T/new#g")
	sh -c "$line" &
	restoring=$!
	wait_for awaits_its_second_list "$restoring"
	later 61
	wait "$restoring"
}
# does TITLE NUMBER [CODE]: that line. Where the command says when to run it again, that is done.
does() {
	STEP=$(steps "$1" | sed -n "$2p")
	ok "$([ -n "$STEP" ]; echo $?)" "$1: $STEP"
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
is "$(sed -n '/^\.Sh RESTORING/,/^\.Sh EXAMPLES/s/^\.Ss //p' "$TOP/man/sikka.7" | wc -l | tr -d ' ')" 5 "the page has five accidents"

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
done_testing
