#!/bin/sh
# SPDX-License-Identifier: MIT
# Upgrading: a state file that version 0.1.0 made, the copy of it, and commands that run meanwhile
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-sim.sh"

mode() { stat -c %a "$1"; }
copies() { ls "$T/state" | grep -c '^sikka\.db\.version-'; }
no_leftovers() { ls "$T/state" | grep -c 'tmp-'; }
copy() { ls "$T/state"/sikka.db.version-*; }

# put_0_1_0: what that version has left, as it stood at the moment of its last write.
DATA=$TOP/tests/data/0.1.0
put_0_1_0() {
	rm -rf "$T/state" && mkdir -m 700 "$T/state"
	for file in sikka.db sikka.db.lock sikka.db.limits; do
		cp "$DATA/$file" "$T/state" && chmod 600 "$T/state/$file"
	done
}
put_0_1_0
last=$(sql "SELECT CAST(strftime('%s', max(happened_at)) AS INTEGER) FROM events")
back=$((last - $(date +%s)))
move_clocks "$back" 0 0 "$back"

# The server has what it had then, under the same ids.
start_sim --delay 0:0 --pms D20006=OpenDental:22.1
sim_post 'office?office_id=D20006&spu=offline'
while read -r entry; do
	office=$(echo "$entry" | jq -r .office_id)
	id=$(sim_submit "office_id=$office&path=$(echo "$entry" | jq -r .api)" "$(echo "$entry" | jq -c .body)")
	case $(echo "$entry" | jq -r .state) in
	failed | completed) sim_post "writeback?id=$id&state=$(echo "$entry" | jq -r .state)" ;;
	withdrawn) app -X DELETE "$SIKKA_BASE_URL/writebacks?id=$id" >"$T/withdrawn" ;;
	esac
done <"$DATA/server.jsonl"
is "$(held '[.writebacks[] | [.id, .state]] | tojson')" "$(jq -sc 'map([.id, .state])' "$DATA/server.jsonl")" "the server has what it had"
later 2h

# --- all that stands in it ---------------------------------------------------------------------------------
ROWS="SELECT id, writeback_id, office_id, operation, request_body, key, result, error_code, created_id, attempts,
    queued_at, submitted_at, completed_at, withdrawn_at FROM pms_writebacks ORDER BY id"
EVENTS="SELECT id, happened_at, kind, office_id, row_id, text, outbox, delivered_at FROM events WHERE id <= 30 ORDER BY id"
RUNS="SELECT run, command, started_at, ended_at FROM runs WHERE run <= 6 ORDER BY run"
OFFICES="SELECT office_id, request_key, refresh_key, token_expiry, status FROM pms_integrations ORDER BY office_id"
rows=$(sql "$ROWS") events=$(sql "$EVENTS") runs=$(sql "$RUNS") offices=$(sql "$OFFICES")
sql .dump >"$T/was"
is "$(sql 'PRAGMA user_version') $(sql "SELECT group_concat(result) FROM (SELECT result FROM pms_writebacks ORDER BY id)")" \
    "4 completed,completed,failed,pending,withdrawn,unknown,unknown" "a state file of 0.1.0"
run 0 "a command opens it" sikka-token list
like "$err" "converted the state file $SIKKA_DB from version 4 to 6; a copy of it as it was is kept in $SIKKA_DB\.version-4-[0-9]{8}T[0-9]{6}Z\$" \
    "it says what it has done, and where the copy is"
is "$(echo "$err" | wc -l | tr -d ' ')" 1 "in one line"
is "$(sql 'PRAGMA user_version') $(sql 'PRAGMA integrity_check')" "6 ok" "the file is converted, and sound"
is "$(sql "SELECT sql LIKE '%CHECK (result = ''queued'' OR %', sql LIKE '%result IN (%' FROM sqlite_schema WHERE name = 'pms_writebacks'")" "1|0" \
    "a state is checked as in a new file"
sql "BEGIN; DROP TRIGGER pms_writebacks_transition; UPDATE pms_writebacks SET result = 'none' WHERE id = 1" >"$T/none" 2>&1
like "$(cat "$T/none")" "CHECK constraint failed: result = 'queued' OR" "and one that there isn't is refused"
is "$(copies) $(mode "$(copy)") $(no_leftovers)" "1 600 0" "there is one copy, readable by nobody else"
sqlite "$(copy)" .dump | cmp -s - "$T/was"
is $? 0 "which is what the file was"
is "$(sql "$ROWS")" "$rows" "all requests are there"
is "$(sql "$EVENTS")" "$events" "all events"
is "$(sql "$RUNS")" "$runs" "all runs"
is "$(sql "$OFFICES")" "$offices" "both offices, with their keys"
run 0 "the next command" sikka-token list
is "$err $(copies)" " 1" "converts nothing, and copies nothing"
run 0 "what happened to a request then" sikka-status --history 5
like "$out" '"withdrawn"' "is told"

# --- and goes on -------------------------------------------------------------------------------------------
# The simulator's keys follow from its seed: in this order each office gets the key that it had then.
B=$SIKKA_BASE_URL
for office in D20006 D36225; do
	secret=$(sql "SELECT secret_key FROM pms_integrations WHERE office_id = '$office'")
	grant "\"grant_type\":\"request_key\",\"office_id\":\"$office\",\"secret_key\":\"$secret\"" >"$T/granted"
	is "$(json .request_key)" "$(sql "SELECT request_key FROM pms_integrations WHERE office_id = '$office'")" "$office has its key of then"
done
run 0 "authorized" sikka-authorize
booking "key=order-1" | jq -c '.date = "2031-03-03"' >"$T/first"
run 0 "a key of then, handed in once more" sikka-book "$T/first"
is "$(echo "$out" | jq -c '[.duplicate, .writeback_id, .result]')" '[true,"275495","completed"]' "is known"
is "$(sim_count 'POST /appointment')" 0 "nothing is sent"
sim_post 'office?office_id=D20006&spu=online'
sikka-sweep --notify 'cat >>"$T/told"' >swept 2>&1
later 36m
sikka-sweep --notify 'cat >>"$T/told"' >swept 2>&1
later 3m
sikka-poll --wait=2m 4 6 >polled 2>&1
sikka-sweep --notify 'cat >>"$T/told"' >swept 2>&1
is "$(row 4 result) $(row 5 result)" "completed withdrawn" "what was pending has completed; what was withdrawn stays so"
is "$(row 6 "result || ' ' || writeback_id")" "completed 275500" "what had arrived is found"
is "$(row 7 "result || ' ' || error_code")" "failed not_received" "what hadn't is known not to have arrived"
is "$(jq -r 'select(.row_id == 3 or .id == "3") | .kind // .event' "$T/told" | head -n 1)" "failed" "what nobody was told then is told"
booking key=order-8 date=2031-03-09 >"$T/new"
run 0 "a new one" sikka-book --wait "$T/new"
is "$(echo "$out" | jq -r .result) $(sim_count 'POST /appointment') $(row 8 key)" "completed 1 order-8" "is booked"
is "$(held '[.writebacks[] | [.office_id, .body.date]] | length - (unique | length)')" 0 "and nothing twice"

# Version 0.1.0 compares the first line of the lock file with the highest row that the state file has.
is "$(head -c 20 "$SIKKA_DB.lock") $(sqlite "$(copy)" "SELECT seq FROM sqlite_sequence WHERE name = 'pms_writebacks'")" \
    "0000000000000000008 7" "that version would see that its copy lacks what was sent since"

# --- several at the same time, a damaged file, a full disk ---------------------------------------------------
put_0_1_0
for one in 1 2 3 4 5 6; do sikka-token list >"$T/out.$one" 2>"$T/err.$one" & eval "pid$one=\$!"; done
codes=
for one in 1 2 3 4 5 6; do eval "wait \$pid$one"; codes="$codes$?"; done
is "$codes $(cat "$T"/err.? | grep -c 'converted the state file') $(copies) $(sql 'PRAGMA user_version')" "000000 1 1 6" \
    "of six commands one converts it, and makes the one copy"

put_0_1_0
sqlite "$SIKKA_DB" 'PRAGMA writable_schema = ON; PRAGMA page_size' >"$T/size"
page=$(($(sql "SELECT rootpage FROM sqlite_schema WHERE name = 'commits'") - 1))
head -c 64 /dev/zero | tr '\000' x | dd of="$SIKKA_DB" bs=1 seek=$((page * $(tail -n 1 "$T/size"))) conv=notrunc 2>"$T/dd.err"
sum=$(cksum <"$SIKKA_DB")
run 74 "a damaged file" sikka-token list
like "$err" "stays as it is, of version 4, .*damaged" "isn't converted, and why"
is "$(cksum <"$SIKKA_DB") $(ls "$T/state" | grep -c 'version-')" "$sum 0" "it stays as it is, and no copy is left"

# Of so many kilobytes: too few for a copy, and then enough for the copy, but not for the journal of the conversion.
for room in 220 288; do
	mkdir -p "$T/small"
	if ! mount -t tmpfs -o size="${room}k",mode=700 tmpfs "$T/small" 2>/dev/null; then
		ok 0 "a full disk # SKIP tmpfs can't be mounted here"
		break
	fi
	put_0_1_0
	cp -p "$T/state/"* "$T/small"
	sum=$(cksum <"$T/small/sikka.db")
	run 74 "a disk with too little room ($room KB)" sikka-token list -D "$T/small/sikka.db"
	like "$err" "the disk is full" "says so"
	[ "$room" -gt 250 ] || like "$err" "stays as it is, of version 4, since it can't be copied before it is converted" "and what follows from it"
	[ "$room" -lt 250 ] || unlike "$err" "can't be copied" "it was room enough for the copy"
	is "$(cksum <"$T/small/sikka.db")" "$sum" "the file stays as it is"
	is "$(ls "$T/small" | grep -c 'version-')" 0 "and no copy is left, which would fill it further"
	umount "$T/small"
done

# A rehearsal converts its copy in memory.
put_0_1_0
run 0 "a rehearsal" sikka-sweep -n
is "$(copies) $(sql 'PRAGMA user_version')" "0 4" "converts nothing, and copies nothing"

# --- commands that run while a newer version converts the file --------------------------------------------------
# The next version's conversion, as far as it is seen by this one.
upgrade() { sql 'PRAGMA user_version = 7'; }
downgrade() { sql 'PRAGMA user_version = 6'; }
anew --delay 0:0 --pms D20006=OpenDental:22.1
sikka-poll --follow --every 1s >"$T/followed" 2>"$T/follow.err" &
follower=$!
sim_post 'office?office_id=D36225&spu=offline'
booking key=a >"$T/a"
sikka-book "$T/a" >booked 2>booked.err
asked() { [ "$(sim_count 'GET /writeback_status')" -ge 1 ]; }
wait_for asked
ok $? "a follower follows"
upgrade
wait_for has_ended "$follower"
ok $? "it ends by itself when the file is converted under it"
wait "$follower"
is "$?" 75 "with 75"
like "$(cat "$T/follow.err")" "was converted by another version of sikka while this command had it open .*7 now, this command knows 6.*run the command again" "and says why"
is "$(wc -l <"$T/follow.err" | tr -d ' ')" 1 "in one line"
downgrade

sim_fault 'POST /appointment=hold'
booking key=b time=10:00 >"$T/b"
sikka-book "$T/b" >booked 2>"$T/book.err" &
booker=$!
wait_for sim_holds 1
upgrade
before=$(sql "$ROWS")
sim_clear_faults
wait_for has_ended "$booker"
wait "$booker"
is "$?" 2 "a booking whose answer comes after the conversion ends with 2: its outcome isn't known"
like "$(cat "$T/book.err")" "was converted by another version of sikka" "says why"
is "$(sql "$ROWS")" "$before" "and writes nothing of a version that it doesn't know"
run 78 "a command of the older version" sikka-poll
like "$err" "written by a newer sikka \(its version is 7, this one knows 6\): install that one again, or .*UPGRADING" "is refused, and says what to do"
downgrade
later 36m
sikka-sweep >swept 2>&1
later 3m
sikka-sweep >swept 2>&1
is "$(sql "SELECT result FROM pms_writebacks WHERE key = 'b'") $(held '[.writebacks[] | select(.body.time == "10:00")] | length')" \
    "pending 1" "the version that goes on finds it in the list: it was sent once"
done_testing
