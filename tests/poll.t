#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-poll: one pass, waiting, following, and records that are passed on
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 30:30
authorize
# book TIME …: one booking for each, in D36225
book() { for at; do booking "time=$at"; done >in; run 0 "booked: $*" sikka-book in; }

# --- one pass -----------------------------------------------------------------------------------

run 0 "nothing is pending" sikka-poll
is "$out$(statuses)$(lists)" "02" "nothing is said, nothing asked but the list for the file that was begun"
book 09:00 09:10
time_stands
run 0 "a pass while they are pending" sikka-poll
is "$out" "" "nothing has changed: no record"
is "$(statuses) $(lists)" "2 2" "one question each"
run 0 "another, within 5 seconds" sikka-poll --all
is "$out$(statuses)" "2" "asks nobody"
time_runs
later 31
run 0 "a pass after they ended" sikka-poll
is "$(said '[.id, .result, .check_count] | map(tostring) | join(" ")' | sort | tr '\n' ',')" "1 completed 2,2 completed 2," "a record for each that changed"
is "$(statuses)" 4 "one more question each"
run 0 "and another" sikka-poll --all
is "$out$(statuses)" "4" "what has ended isn't asked about"
book 09:20
later 6
run 0 "--all" sikka-poll --all
is "$(said '.id + " " + .result')" "3 pending" "writes a record for each look"
later 6
run 0 "-O another office" sikka-poll -O D20006 --all
is "$out" "" "looks at none of this one"

# --- ids, and records on stdin --------------------------------------------------------------------

run 0 "one that has ended, by its id" sikka-poll 1
is "$(said '.id + " " + .result')" "1 completed" "its record"
run 0 "a pending one, by its id" sikka-poll --with-body 3
is "$(said '.result + " " + .body.time')" "pending 09:20" "its record, with the body when asked for"
run 65 "an id that isn't there" sikka-poll 1 4711
is "$(said .id) $(told 4711) $(wc -l <err)" "1 1 1" "is told, the others are answered"
run 64 "no id at all" sikka-poll x1
run 64 "--wait with --follow" sikka-poll --wait --follow
run 64 "--for without --follow" sikka-poll --for 1s

booking time=09:30 >in
sikka-book in >pending
id=$(jq -r .id pending)
later 31
{ jq -cn '{id: "1", result: "completed", mine: true}'
  cat pending
  jq -cn '{line: 7, error_code: "invalid", error_message: "is missing", field: "time"}'; } >records
run 65 "- with a record that ended, a pending one and a bad line" env SIKKA_KEPT= sikka-poll --wait=60s - <records
is "$(said 'select(.mine) | tojson')" '{"id":"1","result":"completed","mine":true}' "what has ended goes through unchanged"
is "$(said 'select(.line == 7) | tojson')" '{"line":7,"error_code":"invalid","error_message":"is missing","field":"time"}' "the bad line too"
is "$(said "select(.id == \"$id\").result")" completed "the pending one is followed"
run 1 "a failed one counts" env SIKKA_KEPT= sikka-poll --wait - <<END
{"id":"1","result":"failed","error_code":"x"}
{"line":1,"error_code":"syntax","error_message":"x","field":null}
END
run 77 "a line that wasn't authorized counts as that" env SIKKA_KEPT= sikka-poll - <<END
{"line":1,"error_code":"not_authorized","error_message":"x","field":"office_id"}
END
run 0 "no record at all" sh -c 'sikka-poll --wait - </dev/null'
run 65 "what is no record" sh -c 'echo "{\"a\":1}" | SIKKA_KEPT= sikka-poll --wait -'
jq -c '.duplicate = true' pending | cat - pending >records
run 0 "the same twice, one a duplicate" sikka-poll - <records
is "$(said '.duplicate // false' | sort | tr '\n' ' ')" "false true " "both are told, as what they are"

# --- --wait ----------------------------------------------------------------------------------------

run 0 "--wait for what is left" sikka-poll --wait=60s --every 1s
sim_post 'office?office_id=D36225&spu=offline'
book 10:00
run 3 "--wait=2s, the office offline" sikka-poll --wait=2s
is "$(said .result)" pending "its record tells that it is pending"
run 3 "the same for an id" sikka-poll --wait=1s "$(said .id)"
run 3 "sikka-book --wait=1s" sh -c 'echo "$1" | sikka-book --wait=1s' sh "$(booking time=10:10)"
is "$(said .result)" pending "likewise"
before=$(statuses)
sikka-poll --wait --every 1s >out 2>err &
pid=$!
more() { [ "$(statuses)" -gt "$before" ]; }
wait_for more
sim_post 'office?office_id=D36225&spu=online'
later 31
wait "$pid"
is "$? $(jq -r .result out | sort | uniq -c | awk '{print $1 $2}' | tr '\n' ' ')" "0 2completed " "--wait ends when the last one has" 
run 0 "--wait with nothing to wait for" sikka-poll --wait
{ booking time=10:20; booking time=bad; } >in
sim_fault 'POST /appointment@1=slow:200'
sikka-book in 2>book.err | { sikka-poll --wait=60s --every 1s - >out 2>err; echo $? >code; } &
pid=$!
held_it() { [ "$(held '[.writebacks[] | select(.body.time == "10:20")] | length')" = 1 ]; }
wait_for held_it
later 31
wait "$pid"
is "$(cat code) $(jq -r '.result // .field' out | sort | tr '\n' ' ')" "65 completed time " "sikka-book | sikka-poll --wait -"
sim_clear_faults

# --- --follow --------------------------------------------------------------------------------------

sikka-poll --follow --every 1s >out 2>err &
pid=$!
booking time=10:30 | sikka-book >book.out
id=$(jq -r .id book.out)
later 31
wait_for grep -q completed out
ok $? "--follow sees what comes later to its end"
kill -TERM "$pid"
wait "$pid"
is "$? $(jq -r '.id + .result' out)" "0 ${id}completed" "SIGTERM ends it well; one record, for the change"
booking time=10:40 | sikka-book >book.out
run 0 "--follow --for 1s ends" timeout "$PATIENCE" sikka-poll --follow --for 1s
later 31

# --- what the practice refuses ---------------------------------------------------------------------------

booking time=10:30 patient_id=8 >in
run 1 "a place that is taken" sh -c 'sikka-book in >pending && curl -sX POST "$SIM/advance?seconds=31" >adv && sikka-poll --wait=60s - <pending' 
is "$(said '[.result, .error_code, .error_message] | join(",")')" "failed,pms_refused,appointment already scheduled" "failed, in the practice's words"
is "$(event_kinds "$(said .id)")" "queued submitting pending failed" "its history"
run 1 "it isn't retried" sh -c 'sikka-sweep --retry >swept; sikka-poll "$1"' sh "$(said .id)"

# --- forgotten by the server --------------------------------------------------------------------------

run 0 "all end" sikka-poll --wait=60s
sim_post 'office?office_id=D36225&spu=offline'
book 11:00
id=$(said .id)
sim_post "writeback?id=$(said .writeback_id)&state=forgotten"
for look in 1 2 3; do
	time_stands
	later 6
	run 0 "look $look doesn't find it" sikka-poll
	run 0 "another one at once" sikka-poll "$id"
	time_runs
	is "$(row "$id" "result || gone_looks")" "pending$look" "counts one a minute"
	later 61
done
run 2 "the list lacks it too" sikka-poll
is "$(said '.id + " " + .result')" "$id unknown" "unknown"
is "$(event_kinds "$id")" "queued submitting pending lost" "with the event"
run 2 "a later pass" sh -c 'sikka-poll --wait=1s'
is "$(event_kinds "$id")" "queued submitting pending lost" "which comes once"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE id = $id AND not_received_at IS NOT NULL")" 0 "what had an id is never declared absent"
is "$(held '[.writebacks[].applied] | max')" 1 "nothing was carried out twice"
done_testing
