#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep: withdraws, resolves, sends again, sees what is stuck
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
there() { held ".writebacks[] | select(.id == \"$(row "$1" writeback_id)\") | .state + \" \" + (.applied | tostring)"; }
# book TIME [NAME=VALUE …]: its id in $id
book() {
	at=$1
	shift
	booking "time=$at" "$@" >in
	run 0 "$at booked" sikka-book in
	id=$(said .id)
}

# --- --withdraw --------------------------------------------------------------------------------------

spu offline
book 09:00
run 0 "--withdraw" sikka-sweep --withdraw "$id"
is "$(state "$id") $(there "$id")" "withdrawn withdrawn 0" "withdrawn, here and there"
is "$(event_kinds "$id")" "queued submitting pending withdraw_intended withdrawn" "its history"
run 1 "withdrawing it again" sikka-sweep --withdraw "$id"
booking time=09:00 >in
run 1 "its key isn't free yet" sikka-book in
is "$(said '[.result, .duplicate] | map(tostring) | join(" ")')" "withdrawn true" "the practice's server may have fetched it"
later 800
run 0 "a look before 15 minutes are over" sikka-sweep
is "$(row "$id" looks)" 0 "proves nothing"
later 110
run 0 "a look" sikka-sweep
is "$(row "$id" "looks || ' ' || holds_key")" "1 1" "one that found it gone isn't enough"
later 61
run 0 "and another" sikka-sweep
is "$(row "$id" looks)" 2 "two looks, that found it gone"
is "$(sim_count 'GET /writeback_status')" 2 "which its status told: a list may be torn"
run 0 "after 15 minutes and two looks" sikka-book in
is "$(said '[.result, .duplicate] | map(tostring) | join(" ")')" "pending false" "it is"
id=$(said .id)
spu online
run 1 "--withdraw of what was carried out meanwhile" sikka-sweep --withdraw "$id"
is "$(state "$id") $(there "$id")" "completed completed 1" "too late: completed"
like "$err" "request $id was carried out" "which is told"
run 65 "--withdraw of what isn't there" sikka-sweep --withdraw 4711
is "$(deletes)" 2 "two were asked for, no more"

sim_fault 'POST /appointment@1=drop-before'
booking time=09:10 >in
run 2 "one unknown" sikka-book in
id=$(said .id)
sim_clear_faults
run 2 "--withdraw of what is unknown is refused" sikka-sweep --withdraw "$id"
is "$(state "$id") $(deletes)" "unknown unclear 2" "it stays unknown"
like "$err" 'settle it first' "with the reason"
run 0 "a person settles it" sikka-sweep --resolve "$id=failed" --unchecked

spu offline
{ booking time=09:20; booking time=09:30; } >in
run 0 "two more" sh -c 'sikka-book in >records'
run 0 "--withdraw - takes records" sikka-sweep --withdraw - <records
is "$(for id in $(jq -r .id records); do state "$id"; done | sort | uniq -c | awk '{print $1 $2}')" 2withdrawn "both are withdrawn"
book 09:40
sim_fault 'DELETE /writebacks=drop-after'
run 69 "the answer to the DELETE is lost" sikka-sweep --withdraw "$id"
is "$(state "$id")" pending "it stays pending, with the intention noted"
sim_clear_faults
run 3 "sent again, and it isn't there any more" sikka-sweep
for look in 1 2 3; do later 61; sikka-poll >polled 2>&1; done
is "$(state "$id") $(there "$id")" "withdrawn withdrawn 0" "three looks and the list see it through"

# withdrawn, and carried out all the same
book 09:50
run 0 "--withdraw" sikka-sweep --withdraw "$id"
sim_post "writeback?id=$(row "$id" writeback_id)&state=completed"
later 61
run 0 "seen as done by a later look" sikka-sweep
is "$(state "$id")" completed "completed, for that is what it is"
like "$(event_kinds "$id")" 'withdrawn contradiction$' "and a person must hear of it"

# --- --resolve ----------------------------------------------------------------------------------------

i=0
for outcome in completed failed there; do
	i=$((i + 1))
	[ "$outcome" = there ] && done=after || done=before
	sim_fault "POST /appointment@1=drop-$done"
	booking "time=10:0$i" >in
	run 2 "one unknown" sikka-book in
	id=$(said .id)
	sim_clear_faults
	[ "$outcome" = there ] && outcome=$(held '.writebacks[-1].id')
	run 0 "--resolve $id=$outcome" sikka-sweep --unchecked --resolve "$id=$outcome"
	case $outcome in
	completed) is "$(state "$id")" completed "completed" ;;
	failed) is "$(state "$id")" "failed resolved" "failed" ;;
	*) is "$(state "$id") $(row "$id" writeback_id)" "pending $outcome" "pending, under that id" ;;
	esac
	like "$(sql "SELECT text FROM events WHERE row_id = $id AND kind = 'resolved'")" "by $(id -un) .*uid $(id -u)" "the event names who"
done
run 1 "--resolve of what isn't unknown" sikka-sweep --resolve "$id=completed"
like "$err" "only an unknown request can be resolved" "is refused"
run 64 "--resolve without an outcome" sikka-sweep --resolve "$id"
before=$(posts)
sikka-sweep --retry >swept 2>&1
is "$(posts)" "$before" "what a person has settled isn't sent again"

# --- --retry --------------------------------------------------------------------------------------------

booking time=11:00 >in
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >records 2>records.err
id=$(jq -r .id records)
is "$(state "$id")" "failed not_sent" "a row that wasn't sent"
booking time=11:10 >in
sim_fault 'POST /appointment@1=status:400:API1027'
run 1 "one that the server refuses" sikka-book in
refused=$(said .id)
sim_clear_faults
sikka-sweep -n --retry >would 2>would.err
is "$(jq -r 'select(.would == "send again").id' would)" "$id" "-n --retry shows what it would send"
is "$(posts)" "$((before + 1))" "and sends nothing"
run 0 "--retry" sikka-sweep --retry
is "$(state "$id") $(row "$id" retries)" "pending 1" "sends what wasn't sent"
is "$(state "$refused") $(posts)" "failed API1027 $((before + 2))" "and not what was refused"
like "$(event_kinds "$id")" 'not_sent retried submitting pending$' "its history"
booking time=11:20 >in
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >records 2>records.err
id=$(jq -r .id records)
run 0 "the same, handed in anew" sikka-book in
before=$(posts)
run 0 "--retry where its key is taken by another" sikka-sweep --retry
is "$(state "$id") $(posts)" "failed superseded $before" "superseded, nothing is sent"
booking time=11:30 >in
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >records 2>records.err
for p in 1 2 3 4; do sikka-sweep --retry >"p$p" 2>&1 & pids="${pids:-} $!"; done
for pid in $pids; do wait "$pid"; done
is "$(posts) $(state "$(jq -r .id records)")" "$((before + 1)) pending" "four sweeps at once send it once"
run 0 "all end" sh -c 'sikka-sweep --withdraw - <records >swept'
is "$(held "[.writebacks[].applied] | max")" 1 "nothing was carried out twice"

# --- stuck -------------------------------------------------------------------------------------------------

start_sim --rate-limit 100000 --delay 1000000:1000000 --spu-offline D20006
SIKKA_DB=$T/stuck/sikka.db
authorize
reports() { jq -r 'select(.event == "stuck" or .event == "office_offline") | .office_id + " " + .event' swept | sort | tr '\n' ' '; }
book 12:00
dental=$id
echo '{"office_id":"D20006","operation":"update_patient","patient_id":"3","staff":"ST1","firstname":"A"}' >in
run 0 "and one of an office that is off" sikka-book in
ortho=$(said .id)
later 20000
run 0 "before 6 hours" sh -c 'sikka-sweep >swept'
is "$(reports)" "" "nothing is reported"
later 2000
run 0 "after 6 hours" sh -c 'sikka-sweep >swept'
is "$(reports)" "D20006 office_offline D36225 stuck " "there is a report for each office"
like "$(jq -r 'select(.event == "stuck").text' swept)" 'pending.*oldest for 6.* h.*likely cause: the requests themselves .*its server is online.*sikka-sweep --refresh-data' "with number, age, cause and what may help"
is "$(wc -l <err)" 2 "stderr tells it too"
is "$(state "$dental") $(state "$ortho")" "pending pending" "age alone is no failure"
run 0 "the next sweep" sh -c 'sikka-sweep >swept'
is "$(reports)" "" "makes no second event of it"
run 0 "--stuck-after with more than their age" sikka-sweep --stuck-after 7h
is "$(state "$dental") $(state "$ortho") $(deletes)" "pending pending 0" "withdraws nothing"
sikka-sweep -n --stuck-after 6h >would 2>would.err
is "$(jq -r 'select(.would == "withdraw").id' would | sort -n | tr '\n' ' ')$(deletes)" "$dental $ortho 0" "-n shows what it would withdraw"
run 1 "--stuck-after auto" sikka-sweep --stuck-after auto
is "$(state "$dental") $(there "$dental")" "failed stuck withdrawn 0" "withdraws where the practice was alive meanwhile, and then it has failed"
is "$(state "$ortho") $(there "$ortho")" "pending pending 0" "leaves what an offline practice has"
run 1 "--stuck-after 6h" sikka-sweep --stuck-after 6h
is "$(state "$ortho") $(there "$ortho")" "failed stuck withdrawn 0" "goes by age"
like "$(event_kinds "$ortho")" 'pending withdraw_intended stuck$' "its history"
asked=$(posts)
sikka-sweep --retry >swept 2>&1
is "$(state "$dental") $(posts)" "failed stuck $asked" "what was stuck isn't sent again"
sim_post "writeback?id=$(row "$dental" writeback_id)&state=completed"
later 61
run 0 "carried out after all, seen by a later look" sikka-sweep
is "$(state "$dental")" completed "completed"
like "$(event_kinds "$dental")" 'stuck contradiction$' "and a person must hear of it"
# --- who it was ---------------------------------------------------------------------------------------

# Only --resolve needs the user's name. Looking it up may take long, and crashes glibc without memory.
if command -v strace >"$T/found"; then
	strace -f -qq -o trace -e trace=openat sikka-sweep >swept 2>&1
	is "$(grep -c passwd trace)" 0 "a sweep without --resolve asks for nobody's name"
fi

done_testing
