#!/bin/sh
# SPDX-License-Identifier: MIT
# What long work shows on a terminal: what, how many of how many, why it waits; and nothing elsewhere
. "$(dirname "$0")/lib.sh"

if ! command -v script >/dev/null || ! script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	echo "1..0 # SKIP no script(1), which lends a terminal"
	exit 0
fi
export TERM=xterm
# begin COLUMNS COMMAND: on a terminal of that width, in the background; what it writes there is in $T/tty, its process
# in $T/pid
begin() {
	columns=$1
	: >"$T/tty"
	rm -f "$T/pid"
	script -qefc "stty cols $1; sh -c 'echo \$\$ >$T/pid; exec $2'; echo code \$? >$T/code" /dev/null </dev/null >"$T/tty" 2>&1 &
	pid=$!
}
seen() { "$TOP/tests/screen" "$columns" seen "$T/tty" | grep -Eq -- "$1"; }
shows() { # shows PATTERN WHAT: a line of progress like this comes
	wait_for seen "$1"
	ok $? "$2"
}
left() { "$TOP/tests/screen" "$columns" left "$T/tty"; }
ends() { # ends CODE WHAT: and its end code; nothing is left on the screen
	wait "$pid"
	is "$(cat "$T/code") $(left)" "code $1 " "$2"
}

start_sim --delay 0:0
authorize

# --- a list, and the server's limit --------------------------------------------------------------------
limit='GET /patients@2=429:40'
get='sikka-get -O D36225 patients --page-size 20'
sim_fault "$limit"
begin 100 "$get >$T/records"
shows '^reading patients: 20 of [0-9]+ records, [0-9.]+ a (second|minute), [0-9.]+ (s|min) left; limit of D36225: [0-9]+ s$' \
    "what, how many of how many, how fast, how long still, and why it waits"
later 60
ends 0 "nothing of it is left at the end"
$get >"$T/all"
ok $(cmp -s "$T/all" "$T/records"; echo $?) "and all records came"
sim_fault "$limit"
begin 40 "$get >$T/records"
shows '^reading patients: 20 of [0-9]+ records' "where there is less room, less is told"
is "$("$TOP/tests/screen" 40 seen "$T/tty" | awk 'length > 39' | wc -l | tr -d ' ')" 0 "no line reaches the last column"
later 60
ends 0 "and nothing is left"
sim_fault "$limit"
begin 100 "env TERM=dumb $get >$T/records"
shows 'limit of D36225' "a terminal that can't clear a line shows it, too"
later 60
wait "$pid"
is "$(cat "$T/code") $(left) $(grep -c "$(printf '\033')" "$T/tty")" "code 0  0" "and is left blank, without an escape sequence"

# --- beside messages and records -----------------------------------------------------------------------
sim_fault "$limit"
begin 2000 "$get -v -F jsonl | cat"
shows 'limit of D36225' "with -v"
later 60
wait "$pid"
is "$(left | grep -c '^{"')" "$(wc -l <"$T/records" | tr -d ' ')" "records stand in lines of their own"
is "$(left | grep -vc -e '^{"' -e '^sikka-get: ')" 0 "and so do messages"
sim_fault "$limit"
begin 2000 "$get -F jsonl"
shows 'limit of D36225' "stdout on the same terminal"
later 60
wait "$pid"
is "$(left | jq -c . | wc -l | tr -d ' ')" "$(wc -l <"$T/records" | tr -d ' ')" "each line of it is a record"

# --- where nothing is shown ----------------------------------------------------------------------------
quiet() { # quiet COMMAND WHAT: it waits for a limit, and the terminal shows nothing
	sim_fault "$limit"
	before=$(sim_get requests | jq .answered_429)
	begin 100 "$1"
	answered() { [ "$(sim_get requests | jq .answered_429)" -gt "$before" ]; }
	wait_for answered
	later 2
	later 60
	wait "$pid"
	is "$(cat "$T/code") $(wc -c <"$T/tty" | tr -d ' ')" "code 0 0" "$2"
}
quiet "$get -q >$T/records" "with -q nothing is"
quiet "$get >$T/records 2>$T/err" "nor where stderr is a file"
is "$(cat "$T/err")" "" "which stays empty"

# --- requests ------------------------------------------------------------------------------------------
for i in 1 2 3 4 5; do booking key=order-$i time=0$i:00; done >in
sim_fault 'POST /appointment@3=429:40'
begin 100 "sikka-book in >$T/records"
shows '^sending: [0-9]+ of 5 requests.*; limit of D36225: [0-9]+ s$' "sikka-book: how many of how many have an answer"
later 60
ends 0 "until all have"
is "$(sim_writebacks)" 5 "each was sent once"

sim_post 'office?office_id=D36225&spu=offline'
booking key=order-6 time=10:00 >in
begin 100 "sikka-book --wait=2h in >$T/records"
shows "^waiting: 0 of 1 requests; the practice hasn't answered yet; next look: [0-9.]+ (s|min)$" "sikka-book --wait: a practice that is silent"
signal TERM "$(cat "$T/pid")"
wait "$pid"
begin 100 "sikka-poll --wait=2h 6 >$T/records"
shows "^waiting: 0 of 1 requests; the practice hasn't answered yet; next look: [0-9.]+ (s|min)$" "so does sikka-poll"
sim_post 'office?office_id=D36225&spu=online'
later 10m
wait_for has_ended "$pid"
ends 0 "until it isn't"

# --- request keys --------------------------------------------------------------------------------------
sim_fault 'POST /request_key=hold'
begin 100 "sikka-token refresh --all >$T/records"
wait_for sim_holds 2
later 5
shows '^renewing request keys: 0 of 2 offices; the request key of D[0-9]* and 1 other is being renewed$' "sikka-token refresh: how many of how many keys"
sim_clear_faults
ends 0 "until it has them all"
later 25h
sim_fault 'POST /request_key=hold'
sikka-token -q -O D36225 refresh --all >"$T/other" 2>&1 &
other=$!
wait_for sim_holds 1
begin 100 "sikka-token -O D36225 refresh --all >$T/records"
shows 'another process is renewing the request key of D36225$' "a lock that another process has"
sim_clear_faults
wait "$other"
ends 0 "until that is done"

# --- a server in trouble -------------------------------------------------------------------------------
sim_fault 'GET /patients=hold'
begin 100 "$get >$T/records"
wait_for sim_holds 1
later 5
shows '^reading patients: 0 records; no answer for [0-9.]+ (s|min)$' "a server that doesn't answer"
sim_clear_faults
ends 0 "until it does"
rm -rf "$T/new" && mkdir "$T/new"
sim_fault 'GET /authorized_practices=hold'
begin 100 "env SIKKA_DB=$T/new/sikka.db sikka-authorize >$T/records"
wait_for sim_holds 1
later 5
shows '^reading /authorized_practices: 0 records; no answer for' "sikka-authorize"
sim_clear_faults
wait "$pid"
unlike "$(left)" "no answer|reading" "until it does, and its messages stand alone"

# --- the state file ------------------------------------------------------------------------------------
mkfifo go
sqlite "$SIKKA_DB" <go >"$T/sqlite.out" 2>&1 &
writer=$!
exec 8>go
echo "BEGIN IMMEDIATE; SELECT 'has it';" >&8
wait_for grep -q 'has it' "$T/sqlite.out"
begin 100 "sikka-sweep --retry >$T/records"
shows '; another process writes to the state file$' "a process that keeps the state file"
echo 'ROLLBACK;' >&8
exec 8>&-
wait "$writer"
wait "$pid"
unlike "$(left)" "another process" "until it lets go"

begin 100 "env SIKKA_STOP=copy sikka-sweep --backup $T/copy.db >$T/records"
stands() { [ -s "$T/pid" ] && stands_still "$(cat "$T/pid")"; }
wait_for stands
later 5
kill -CONT "$(cat "$T/pid")"
wait "$pid"
is "$(cat "$T/code") $(left | grep -c copying)" "code 0 0" "sikka-sweep --backup"
like "$("$TOP/tests/screen" 100 seen "$T/tty")" '^copying the state file: [0-9]+ of [0-9]+ pages' "how many of how many pages"
is "$(sqlite "$T/copy.db" 'SELECT count(*) FROM pms_writebacks')" "$(sql 'SELECT count(*) FROM pms_writebacks')" "which are all there"

# --- many requests, of which a list tells ---------------------------------------------------------------
anew --rate-limit 100000 --delay 20:20
spu offline
many 11 40
run 0 "forty requests" sikka-book in
sql "INSERT OR REPLACE INTO facts (name, value) VALUES ('list_pages', 1), ('list_page_took', 50)"
time_stands
begin 100 "sikka-poll --wait=2h >$T/records"
shows "^waiting: 0 of 40 requests; the practice hasn't answered yet; next look: [12][0-9] s$" "forty requests: the first look of one is shown"
later 16
shows "^waiting: 0 of 40 requests; the practice hasn't answered yet; next look: [0-4](\.[0-9])? s$" \
    "when a list can tell of them, the next list, which comes earlier"
time_runs
signal TERM "$(cat "$T/pid")"
wait "$pid"
done_testing
