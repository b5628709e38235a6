#!/bin/sh
# SPDX-License-Identifier: MIT
# The state file: files that aren't ours, places that can't be written, full disks, closed pipes, many processes
. "$(dirname "$0")/lib.sh"

one_line() { is "$(wc -l <"$T/err" | tr -d ' ')" 1 "$1: one line on stderr"; }
mode() { stat -c %a "$1"; }
booking >"$T/booking"
# Every command as a script would run it; each of them writes something.
COMMANDS='sikka-token
sikka-token print D36225
sikka-token refresh --all
sikka-token info
sikka-get -O D36225 patients
sikka-book '"$T"'/booking
sikka-poll --all
sikka-status
sikka-authorize
sikka-authorize --export'

start_sim --delay 0:0
total() { sim_get requests | jq .total; }

# --- how it is made -----------------------------------------------------------------------------------
for mask in 000 022 077; do
	umask $mask
	run 0 "made under umask $mask" sikka-authorize --no-token -D "$T/made$mask/deeper/sikka.db"
	is "$(mode "$T/made$mask") $(mode "$T/made$mask/deeper")" "700 700" "its folders are ours alone"
	is "$(stat -c %a "$T/made$mask"/deeper/* | sort -u)" 600 "and all files in them"
done
umask 022
run 0 "a folder that is there" sh -c 'mkdir "$1" && sikka-authorize --no-token -D "$1/sikka.db"' sh "$T/there"
is "$(mode "$T/there") $(mode "$T/there/sikka.db")" "755 600" "stays as it is"
run 0 "a path without a folder" sikka-authorize --no-token -D here.db
is "$(mode here.db)" 600 "is one in this folder"
run 0 "a name that SQLite would take for something else" sikka-authorize --no-token -D :memory:
[ -f ./:memory: ]
ok $? "is a file"
run 73 "a folder that can't be made" sikka-authorize -D /dev/null/sikka/sikka.db
authorize

# --- an older file -----------------------------------------------------------------------------------------
# As version 1 left it.
ours=$SIKKA_DB
cp "$ours" "$T/first.db"
SIKKA_DB=$T/first.db
back_to_version_5
sql "ALTER TABLE pms_writebacks DROP COLUMN absent_list; DROP TABLE choices; PRAGMA user_version = 1;
    DROP VIEW keys; ALTER TABLE pms_integrations DROP COLUMN held_at;
    ALTER TABLE pms_writebacks ADD COLUMN stuck_at TEXT; ALTER TABLE pms_writebacks ADD COLUMN warned_at TEXT;
    DROP VIEW pending;
    CREATE VIEW pending AS SELECT id, writeback_id, office_id, practice_id, operation, key,
    queued_at, submitted_at, last_checked_at, check_count, stuck_at, withdraw_at
    FROM pms_writebacks WHERE result IN ('queued', 'submitting', 'pending');
    CREATE VIEW keys AS SELECT office_id, status, token_expiry, renewed_at, last_error,
    request_key IS NOT NULL AS has_request_key, refresh_key IS NOT NULL AS has_refresh_key,
    secret_key IS NOT NULL AS has_secret_key FROM pms_integrations;
    INSERT INTO pms_writebacks (office_id, operation, method, endpoint, result, queued_at)
    VALUES ('D36225', 'raw', 'POST', '/x', 'queued', '2026-01-01T00:00:00.000Z');
    UPDATE pms_writebacks SET result = 'submitting' WHERE id = last_insert_rowid();
    UPDATE pms_writebacks SET result = 'unknown', absent_at = '2026-01-01T01:00:00.000Z' WHERE id = last_insert_rowid()"
sql .schema | sort >first.schema
(umask 077 && printf '%019d\n' 1 >first.db.lock)
run 0 "an older version's is brought up to date" sikka-token list
sikka-poll >polled 2>&1
is "$(sql 'PRAGMA user_version') $(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'unknown' AND absent_at IS NULL")" "6 1" \
    "with its rows; what it noted of a list without a number begins anew"
SIKKA_DB=$ours
sql .schema | sort >now.schema
SIKKA_DB=$T/first.db
sql .schema | sort | cmp -s - now.schema
is "$?" 0 "and it is as a new one"
SIKKA_DB=$ours

# --- files that aren't ours ----------------------------------------------------------------------------
before=$(total)
refused() { # refused CODE WHAT PATTERN: by one command of each kind, with SIKKA_DB as it is
	sum=$(cksum <"$SIKKA_DB")
	for command in "sikka-token list" "sikka-token print D36225" "sikka-authorize" "sikka-get patients" "sikka-book $T/booking" \
	    "sikka-poll" "sikka-sweep" "sikka-status"; do
		run "$1" "$2, $command" $command
		like "$err" "$3" "$2, $command: the line says why"
		one_line "$2, $command"
	done
	is "$(cksum <"$SIKKA_DB")" "$sum" "$2: it stays as it is"
}
ours=$SIKKA_DB
SIKKA_DB=$T/foreign.db
umask 077
sqlite "$SIKKA_DB" 'CREATE TABLE notes (text); INSERT INTO notes VALUES (1)'
refused 78 "another program's database" "$T/foreign.db"
SIKKA_DB=$T/text.db
printf 'Dear diary, this is not a database, but it is long enough to be looked at.\n%0600d' 0 >"$SIKKA_DB"
refused 78 "a text" "$T/text.db"
cp "$ours" "$T/newer.db"
SIKKA_DB=$T/newer.db
sql 'PRAGMA user_version = 99'
refused 78 "a newer version's" "99|newer"
cp "$ours" "$T/open.db"
SIKKA_DB=$T/open.db
chmod 640 "$SIKKA_DB"
refused 77 "readable by the group" "chmod 600 $T/open.db"
chmod 602 "$SIKKA_DB"
refused 77 "writable by others" "chmod 600 $T/open.db"
chmod 600 "$SIKKA_DB"
run 0 "after that chmod" sikka-token print D36225
mkdir "$T/common" && chmod 777 "$T/common" && cp "$ours" "$T/common/sikka.db"
SIKKA_DB=$T/common/sikka.db
refused 77 "in a folder that everybody may write to" "chmod o-w $T/common"
SIKKA_DB=$T/folder.db
mkdir "$SIKKA_DB"
run 78 "a folder" sikka-token
SIKKA_DB=$ours
is "$(total)" "$before" "nothing was sent meanwhile"

# --- where it can't be written ---------------------------------------------------------------------------
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
if [ "$(id -u)" -eq 0 ] && as_nobody test -x "$BUILD/bin/sikka-book" 2>/dev/null; then
	mkdir "$T/theirs" && cp "$ours" "$T/theirs/sikka.db" && cp "$ours.lock" "$T/theirs/sikka.db.lock"
	chmod 711 "$T" && chmod 644 "$T/booking" && chown -R 65534:65534 "$T/theirs"
	SIKKA_DB=$T/theirs/sikka.db
	before=$(total)
	chmod 400 "$SIKKA_DB"
	run 74 "a read-only file, sikka-book" as_nobody sikka-book "$T/booking"
	like "$err" "chmod u\\+w $SIKKA_DB" "the line says what mends it"
	one_line "read-only file"
	run 74 "a read-only file, sikka-authorize" as_nobody sikka-authorize
	run 0 "a read-only file, sikka-token list" as_nobody sikka-token
	run 0 "a read-only file, sikka-status" as_nobody sikka-status
	run 0 "a read-only file, sikka-token print" as_nobody sikka-token print D36225
	is "$out" "$(sqlite "$ours" "SELECT request_key FROM pms_integrations WHERE office_id = 'D36225'")" "prints the key that lives"
	is "$err" "" "without a word"
	run 77 "of an office that isn't known" as_nobody sikka-token print D1
	chmod 600 "$SIKKA_DB"
	expiry=$(sql "SELECT token_expiry FROM pms_integrations WHERE office_id = 'D36225'")
	key_ends() { chmod 600 "$SIKKA_DB" && sql "UPDATE pms_integrations SET token_expiry = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '$1 seconds'), renewed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 day')" && chmod 400 "$SIKKA_DB"; }
	key_ends 30
	run 0 "of a key within its last minute" as_nobody sikka-token print D36225
	like "$err" "chmod u\\+w .*old request key is printed" "with a warning"
	key_ends -30
	run 74 "of a key that has ended" as_nobody sikka-token print D36225
	is "$out" "" "none is printed"
	chmod 600 "$SIKKA_DB"
	sql "UPDATE pms_integrations SET token_expiry = '$expiry'"
	chmod 600 "$SIKKA_DB"
	chmod 500 "$T/theirs"
	run 74 "a read-only folder, sikka-book" as_nobody sikka-book "$T/booking"
	like "$err" "$T/theirs" "the line names it"
	run 0 "a read-only folder, sikka-token list" as_nobody sikka-token
	run 0 "a read-only folder, sikka-token print" as_nobody sikka-token print D36225
	chmod 000 "$SIKKA_DB"
	run 77 "a file that can't be read" as_nobody sikka-token
	chmod 700 "$T/theirs"
	rm "$SIKKA_DB"
	chmod 500 "$T/theirs"
	run 73 "no file, and none can be made" as_nobody sikka-book "$T/booking"
	is "$(total)" "$before" "nothing was sent"
	SIKKA_DB=$ours
	chmod 700 "$T"
else
	ok 0 "where it can't be written # SKIP not root, no setpriv(1), or nobody may not run the programs"
fi

# --- a full disk --------------------------------------------------------------------------------------
for i in $(seq 10 59); do booking time="$(printf %02d $((i / 6))):$((i % 6))0" date=2032-01-02 description="$(printf '%01000d' "$i")"; done >"$T/many"
journaled() { # whatever the server has stands in the file as sent, or as something that a person is told of
	is "$(sim_get state | jq -r '.writebacks[].id' | sort | comm -23 - "$T/recorded" | grep -c .)" "$(sql "SELECT count(*) FROM pms_writebacks WHERE result IN ('submitting','unknown')")" \
	    "$1: each booking at the server is in the file, by its id or as unknown"
	[ "$(sim_writebacks)" -le "$(sql 'SELECT count(*) FROM pms_writebacks WHERE attempts > 0')" ]
	ok $? "$1: nothing was submitted that isn't journaled"
	is "$(sql 'PRAGMA integrity_check')" ok "$1: the file is whole"
}
recorded() { sql 'SELECT writeback_id FROM pms_writebacks WHERE writeback_id IS NOT NULL' | sort >"$T/recorded"; }
# a limit on the size of files: the state file can't grow
blocks=$((($(stat -c %s "$SIKKA_DB") + 20000) / 512))
(trap '' XFSZ && ulimit -f $blocks && exec sikka-book "$T/many") >"$T/out" 2>"$T/err"
code=$?
recorded
[ $code -eq 74 ] || [ $code -eq 2 ]
ok $? "a state file that can't grow: $code"
[ "$(sim_writebacks)" -lt 50 ]
ok $? "not all were sent ($(sim_writebacks))"
like "$(cat "$T/err")" "full|write|large|disk" "the line says why"
journaled "a state file that can't grow"
# (the same again, with room: what was sent isn't sent again)
before=$(sim_writebacks)
sikka-book "$T/many" >"$T/out" 2>"$T/err"
is "$(sim_writebacks)" 50 "the same input with room: each is at the server once (after $before)"
is "$(sim_get state | jq '[.writebacks[].body | .date + .time] | length - (unique | length)')" 0 "none twice"

mkdir "$T/small"
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=384k,mode=700 tmpfs "$T/small" 2>/dev/null; then
	unmount() { umount "$T/small" 2>/dev/null || umount -l "$T/small"; }
	trap 'unmount; clean_up' EXIT
	start_sim --delay 0:0
	SIKKA_DB=$T/small/sikka.db
	authorize
	dd if=/dev/zero of="$T/small/filler" bs=4096 2>/dev/null
	run 74 "a full disk, sikka-book" sikka-book "$T/booking"
	like "$err" "full|space" "the line says why"
	is "$(sim_writebacks)" 0 "nothing is submitted"
	run 0 "a full disk, sikka-token list" sikka-token
	run 0 "a full disk, sikka-token print, where the key lives" sikka-token print D36225
	run 0 "a full disk, sikka-get" sikka-get -O D36225 appointments
	rm "$T/small/filler"
	dd if=/dev/zero of="$T/small/filler" bs=4096 count=$(($(df -k --output=avail "$T/small" | tail -n 1) / 4 - 8)) 2>/dev/null
	sikka-book "$T/many" >"$T/out" 2>"$T/err"
	code=$?
	recorded
	[ $code -eq 74 ] || [ $code -eq 2 ]
	ok $? "a disk that fills up on the way: $code"
	[ "$(sim_writebacks)" -lt 50 ]
	ok $? "not all were sent ($(sim_writebacks))"
	journaled "a disk that fills up"
	rm "$T/small/filler"
	umount "$T/small" && mount -t tmpfs -o size=4k tmpfs "$T/small"
	dd if=/dev/zero of="$T/small/filler" bs=4096 2>/dev/null
	sikka-authorize >"$T/out" 2>"$T/err"
	code=$?
	[ $code -eq 73 ] || [ $code -eq 74 ]
	ok $? "a disk that was full before the file was made: $code"
	unmount
	trap clean_up EXIT
else
	ok 0 "a full disk # SKIP tmpfs can't be mounted here"
fi

# --- stdout that can't be written, or isn't wanted ----------------------------------------------------------
start_sim --delay 0:0
SIKKA_DB=$T/out.db
authorize
sikka-book "$T/booking" >/dev/null
printf '%s\n' "$COMMANDS" >"$T/commands"
something() { # something to poll
	days=$((${days:-0} + 1))
	booking date="$(printf '2033-%02d-%02d' $((days / 28 + 1)) $((days % 28 + 1)))" | sikka-book >/dev/null
}
while read -r command; do
	something
	$command >/dev/full 2>"$T/err"
	is "$?" 74 "$command >/dev/full (exit 74)"
	one_line "$command >/dev/full"
	something
	perl -e 'pipe(R, W); close R; open(STDOUT, ">&W"); exec @ARGV' $command 2>"$T/err"
	is "$? $(cat "$T/err")" "0 " "$command into a closed pipe: quiet"
	$command >&- 2>"$T/err" <&-
	code=$?
	[ $code -eq 74 ] || [ $code -eq 0 ]
	ok $? "$command with stdin and stdout closed: $code"
done <"$T/commands"
for command in sikka-authorize sikka-token sikka-get sikka-book sikka-poll sikka-sweep sikka-status; do
	$command --help >/dev/full 2>"$T/err"
	is "$?" 74 "$command --help >/dev/full (exit 74)"
done
is "$(sql 'PRAGMA integrity_check')" ok "the state file is whole"
start_sim --delay 0:0
SIKKA_DB=$T/book.db
authorize
sikka-book "$T/many" >/dev/full 2>"$T/err"
is "$?" 74 "sikka-book >/dev/full (exit 74)"
recorded
is "$(wc -l <"$T/recorded" | tr -d ' ')" "$(sim_writebacks)" "what it had begun it sees through and records ($(sim_writebacks))"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result IN ('queued','submitting','unknown')")" 0 "and leaves nothing in between"
run 0 "the same input again" sikka-book "$T/many"
is "$(sim_writebacks)" 50 "each is at the server once"
for i in $(seq 10 29); do booking time="$(printf %02d $((i / 6))):$((i % 6))0" date=2032-02-02; done >"$T/more"
perl -e 'pipe(R, W); close R; open(STDOUT, ">&W"); exec @ARGV' sikka-book "$T/more" 2>"$T/err"
is "$? $(sim_writebacks)" "0 70" "into a closed pipe, too"

# --- thirty at once on a fresh file -------------------------------------------------------------------------
start_sim --delay 0:0
SIKKA_DB=$T/fresh/state/sikka.db
ls "$T/fresh" >/dev/null 2>&1 && echo "# it isn't fresh"
for i in 1 2 3 4 5 6 7 8 9 10; do
	for command in "sikka-authorize" "sikka-token list" "sikka-status"; do
		name=$i-${command%% *}
		{ $command >"$T/p.$name.out" 2>"$T/p.$name.err"; echo $? >"$T/p.$name.code"; } &
		pids="${pids:-} $!"
	done
done
wait $pids
is "$(cat "$T"/p.*-sikka-authorize.code | sort | uniq -c | tr -s ' ')" " 10 0" "ten that begin a file which isn't there yet: all well"
is "$(cat "$T"/p.*-sikka-authorize.err)" "sikka-authorize: began the state file $SIKKA_DB" "one of them says so"
is "$(cat "$T"/p.*.code | grep -cvE '^(0|78)$')" 0 "others find it, or miss it"
is "$(cat "$T"/p.*.err | grep -cvE 'began the state file|: there is no state file there|: the state file is empty')" 0 "which they say"
is "$(sql "SELECT count(*) FROM events WHERE kind='authorized'") $(sim_count 'POST /request_key')" "2 2" "each office was recorded once, and got one key"
pids=
for i in 1 2 3 4 5; do
	booking time="1$i:00" >"$T/b.$i"
	for command in "sikka-book $T/b.$i" "sikka-token refresh --all" "sikka-get -O D36225 patients" "sikka-poll --all" "sikka-sweep" "sikka-status"; do
		name=$i-${command%% *}
		{ $command >"$T/q.$name.out" 2>"$T/q.$name.err"; echo $? >"$T/q.$name.code"; } &
		pids="${pids:-} $!"
	done
done
wait $pids
is "$(cat "$T"/q.*.code | sort | uniq -c | tr -s ' ')" " 30 0" "thirty of every kind: all well"
is "$(cat "$T"/q.*.err)" "" "without a word: no lock was met for good"
is "$(sim_writebacks) $(sql 'SELECT count(*) FROM pms_writebacks WHERE writeback_id IS NOT NULL')" "5 5" "the bookings are there and here"
is "$(sql 'PRAGMA integrity_check')" ok "the file is whole"
done_testing
