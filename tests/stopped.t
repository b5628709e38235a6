#!/bin/sh
# SPDX-License-Identifier: MIT
# A signal: each command that takes long says in one line what remains, and what to type
. "$(dirname "$0")/lib.sh"

# stopped HOLDS CODE COMMAND …: gets SIGTERM while the server keeps so many of its requests; its line is in $line
stopped() {
	holds=$1
	shift
	"$@" >out 2>err &
	pid=$!
	wait_for sim_holds "$holds"
	signal TERM "$pid"
	sim_clear_faults
	wait "$pid"
	code=$?
	line=$(cat err)
}
lines() { wc -l <err | tr -d ' '; }

start_sim --delay 0:0 --offices 3
authorize
for minute in 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29; do booking key=o-$minute time=09:$minute; done >in

# --- sikka-book ----------------------------------------------------------------------------------------
sim_fault 'POST /appointment@3-=hold'
stopped 2 sikka-book in
sent=$(sim_writebacks)
is "$code $(lines)" "75 1" "sikka-book: one line, not one for each request"
is "$line" "sikka-book: stopped by a signal; the server has $sent of 20 requests; $((20 - sent)) remain; run the same command again: it sends these, and none twice" \
    "how many the server has, how many remain, and what to type"
is "$(wc -l <out | tr -d ' ')" 20 "a record tells of each"
run 0 "the same command" sikka-book in
is "$(sim_writebacks) $(jq -r .key out | sort -u | wc -l | tr -d ' ')" "20 20" "books the rest, and none twice"
mkfifo pipe
sim_fault 'POST /appointment=hold'
sed 's/09:/10:/; s/"o-/"p-/' in >others
exec 8<>pipe
head -n 5 others >&8
stopped 4 sikka-book pipe
exec 8>&-
like "$line" "; the server has 4 of 5 requests; 1 and what follows in the input remain; run the same command again" "so is input that wasn't read"
sim_post 'office?office_id=D36225&spu=offline'
booking key=late time=12:00 >late
sikka-book late >out
looks=$(sim_count 'GET /writeback_status')
sikka-book --wait=1h late >out 2>err &
pid=$!
looked() { [ "$(sim_count 'GET /writeback_status')" -gt "$looks" ]; }
wait_for looked
signal TERM "$pid"
wait "$pid"
is "$? $(cat err)" "75 sikka-book: stopped by a signal; 1 requests are still being followed: the same command, or sikka-poll --wait, goes on" "while it waits for the practice"
sim_post 'office?office_id=D36225&spu=online'
run 0 "sikka-poll --wait" sikka-poll --wait=10m

# --- sikka-get -----------------------------------------------------------------------------------------
sikka-get patients --page-size 10 | sort >all
sim_fault 'GET /patients@6-=hold'
stopped 1 sikka-get patients --page-size 10
is "$code $(lines)" "75 1" "sikka-get: one line for all offices"
cp out parts
like "$line" '^sikka-get: stopped by a signal; [012] of 3 offices were read; get the rest with -O D[0-9]+ ' "which options read the rest"
is "$(printf '%s\n' "$line" | sed 's/.*; \([0-9]\) of 3 .*/\1/')" "$((3 - $(printf '%s\n' "$line" | grep -o -e '-O' | wc -l)))" "of each office that wasn't read, and how many were"
printf '%s\n' "$line" | sed 's/.*get the rest with //; s/, and with /\n/g' >rest
while read -r options; do
	# shellcheck disable=SC2086 # options
	case $options in
	*--from-page*) sikka-get patients $options >>parts ;;
	*) sikka-get patients $options --page-size 10 >>parts ;;
	esac
done <rest
sort parts >parts.sorted
ok "$(cmp -s all parts.sorted; echo $?)" "and do so"

# --- sikka-poll --follow, sikka-sweep --backup ---------------------------------------------------------
sim_post 'office?office_id=D36225&spu=offline'
booking key=later time=12:30 | sikka-book >out
sikka-poll --follow --every 1s >out 2>err &
pid=$!
looks=$(sim_count 'GET /writeback_status')
wait_for looked
signal TERM "$pid"
wait "$pid"
is "$? $(cat err)" "0 sikka-poll: stopped by a signal; 1 requests haven't ended: the next sikka-poll goes on with them" "sikka-poll --follow ends well, and says what remains"
sim_post 'office?office_id=D36225&spu=online'
run 0 "the next one" sikka-poll --wait=10m
sql 'CREATE TABLE large (of); INSERT INTO large VALUES (zeroblob(4000000))' # it isn't copied in one step
SIKKA_STOP=copy sikka-sweep --backup copy.db >out 2>err &
pid=$!
wait_for stands_still "$pid"
kill -TERM "$pid"
kill -CONT "$pid"
wait "$pid"
is "$? $(cat err) $(ls copy.db* 2>/dev/null)" "75 sikka-sweep: stopped by a signal; no copy was written; run the same command again, or leave the rest to the next sweep " "sikka-sweep --backup"

# --- keys ----------------------------------------------------------------------------------------------
sim_fault 'POST /request_key=hold'
stopped 1 env SIKKA_CONNECTIONS=1 sikka-token refresh --all
is "$code $(lines) $(jq .refreshed out | tr '\n' ' ')" "75 1 true false false " "sikka-token refresh"
like "$line" "^sikka-token: stopped by a signal; the keys of 2 of 3 offices weren't renewed; run the same command again$" "says what remains"
sim_fault 'GET /authorized_practices=hold'
stopped 1 sikka-authorize
is "$code $line" "75 sikka-authorize: stopped by a signal; of the 3 offices found so far, 3 have a request key; run the same command again" "sikka-authorize"
sim_fault 'GET /request_key_info=hold'
stopped 1 env SIKKA_CONNECTIONS=1 sikka-token info
is "$code $line" "75 sikka-token: stopped by a signal; run the same command again" "another command that asks the server"

# --- sikka-sweep ---------------------------------------------------------------------------------------
sed 's/09:/13:/; s/"o-/"q-/' in >others
sim_fault 'POST /appointment=hold'
stopped 1 sikka-book others
sim_fault 'POST /appointment=hold'
later 100
stopped 1 sikka-sweep --retry
left=$(sql "SELECT count(*) FROM pms_writebacks WHERE error_code = 'not_sent'")
is "$code $(grep -c 'stopped by' err)" "75 1" "sikka-sweep --retry"
like "$line" "stopped by a signal; $left requests weren't sent again; run the same command again, or leave the rest to the next sweep" "says what remains"
later 1h
run 0 "which the next one does" sikka-sweep --retry
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE error_code = 'not_sent'")" 0 "nothing is left"

# --- more offices than a line can name -----------------------------------------------------------------
rm -rf "$T/state"
start_sim --delay 0:0 --offices 60
authorize
sim_fault 'GET /patients=hold'
stopped 1 sikka-get patients
like "$line" "^sikka-get: stopped by a signal; [0-9]+ of 60 offices were read; run the same command again to read all, or with -O for the others$" "sikka-get of many offices"
done_testing
