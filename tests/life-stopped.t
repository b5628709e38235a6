#!/bin/sh
# SPDX-License-Identifier: MIT
# A process that was stopped for an hour, at any point, doesn't act on what it knew before
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
bail_out() { echo "Bail out! it doesn't stop: $(cat its.err)"; exit 1; }
# stops_at WHERE COMMAND …: in the background, as $pid, until it stops there ("": nowhere); stdout and stderr in
# its.out and its.err
stops_at() {
	where=$1
	shift
	env SIKKA_STOP="$where" "$@" >its.out 2>its.err &
	pid=$!
	[ -z "$where" ] || { wait_for stands_still "$pid" && ! has_ended "$pid"; } || bail_out
}
# go_on CODE …: the stopped process continues, and ends with one of these
go_on() {
	kill -CONT "$pid"
	wait "$pid"
	code=$?
	case " $* " in *" $code "*) ok 0 "it ends ($code)" ;; *) ok 1 "it ends ($code)"; sed 's/^/#   /' its.err ;; esac
}
asked() { [ "$(sim_count "$1")" -ge "$2" ]; }
settled() { # all that is open ends, and nothing is there twice
	sikka-sweep >swept 2>&1
	run 0 "all end" sikka-poll --wait=60s --every 1s
	is "$(held '[.writebacks[].applied] | max')" 1 "nothing was carried out twice"
	is "$(held '[.writebacks[] | .body | tojson] | length - (unique | length)')" 0 "and no request stands twice at the server"
}

# --- sikka-book, between the claim and the sending ----------------------------------------------------------

n=0
for asleep in no yes; do
	n=$((n + 1))
	[ "$asleep" = yes ] && how="asleep with the machine" || how="stopped"
	booking "time=09:0$n" >in
	before=$(posts)
	stops_at connect sikka-book in
	is "$(state "$n") $(posts)" "submitting $before" "$how between the claim and the sending: claimed, and not a byte has left"
	if [ "$asleep" = yes ]; then asleep 1h; else later 1h; fi
	run 0 "$how: an hour later, a sweep" sikka-sweep
	is "$(state "$n")" submitting "$how: leaves alone what a living run has"
	[ "$asleep" = yes ] || is "$(said .event)" run_stalled "$how: but tells that it doesn't move"
	run 75 "$how: the same, handed in to another process" sikka-book in
	is "$(said '[.result, .duplicate] | map(tostring) | join(" ")') $(posts)" "submitting true $before" "$how: isn't sent"
	go_on 0
	is "$(row "$n" "result || ' ' || attempts") $(event_kinds "$n")" "pending 2 queued submitting submitting pending" \
	    "$how: what was claimed an hour ago isn't sent; it is claimed anew"
	is "$(posts)" "$((before + 1))" "$how: sent once"
done
settled

# --- while it waits for the answer ----------------------------------------------------------------------------

for arrived in yes no; do
	n=$((n + 1))
	booking "time=09:0$n" >in
	before=$(posts)
	if [ "$arrived" = yes ]; then
		stops_at recv sikka-book in
	else
		sim_fault 'POST /appointment=hang'
		stops_at '' sikka-book in
		wait_for asked 'POST /appointment' $((before + 1))
		freeze "$pid" || bail_out
		sim_clear_faults
	fi
	later 1h
	run 0 "waiting for its answer, which has come ($arrived): a sweep" sikka-sweep
	run 1 "a person who withdraws it" sikka-sweep --withdraw "$n"
	is "$(state "$n")" submitting "it stays its run's"
	run 75 "the same again" sikka-book in
	is "$(said .duplicate) $(posts)" "true $((before + 1))" "isn't sent"
	go_on 0 2
	[ "$arrived" = yes ] || is "$code $(state "$n")" "2 unknown unclear" "no answer for an hour: unknown"
	is "$(posts)" "$((before + 1))" "it isn't sent again"
	sikka-sweep >swept 2>&1
	if [ "$arrived" = yes ]; then
		run 0 "it ends" sikka-poll --wait=60s --every 1s
		is "$(state "$n")" completed "well"
	else
		later 2200
		sikka-sweep >swept 2>&1
		later 61
		sikka-sweep >swept 2>&1
		is "$(state "$n")" "failed not_received" "two lists tell that it didn't arrive"
		run 0 "so it is sent again" sikka-sweep --retry
	fi
done

# --- with some waiting in its queue, which others change ----------------------------------------------------------

before=$(posts) first=$((n + 1)) i=0
while [ "$i" -lt 12 ]; do booking "time=$(printf '10:%02d' "$i")"; i=$((i + 1)); done >in
stops_at recv sikka-book in
is "$(sql "SELECT group_concat(n || result, ' ') FROM (SELECT count(*) AS n, result FROM pms_writebacks WHERE id >= $first GROUP BY result)")" \
    "8queued 4submitting" "claimed is what is on the wire, and no more"
later 1h
last=$((first + 11))
run 0 "a person withdraws one that is queued" sikka-sweep --withdraw "$last"
is "$(state "$last")" withdrawn "it is"
go_on 1 2
is "$(state "$last") $(jq -r "select(.id == \"$last\").result" its.out)" "withdrawn withdrawn" "what another did meanwhile stands, and is told"
is "$(held '[.writebacks[] | select(.body.time == "10:11")] | length') $(($(posts) - before))" "0 11" "it wasn't sent; the others were, once"
settled

# --- a settler, between reading the list and writing ------------------------------------------------------------------

# hold: another process writes to the state file until release
mkfifo holder
hold() {
	sqlite "$SIKKA_DB" <holder >holding 2>&1 &
	holding=$!
	exec 8>holder
	printf '%s\n' 'BEGIN IMMEDIATE;' "SELECT 'held';" >&8
	wait_for grep -q held holding
}
release() {
	echo 'COMMIT;' >&8
	exec 8>&-
	wait "$holding"
}
# with_list_in_hand COMMAND …: stops it when it has read the list, but written nothing
with_list_in_hand() {
	stops_at recv "$@" -v
	hold
	kill -CONT "$pid"
	wait_for grep -q 'from the list' its.err
	freeze "$pid" || bail_out
	release
}

for settler in sikka-sweep sikka-poll; do
	at=11
	[ "$settler" = sikka-sweep ] || at=12
	# a list that lacks it, the second one; meanwhile it was declared not received, sent again, and lost again
	lose before "$at:00"
	later 2200
	sikka-sweep >swept 2>&1
	is "$(row "$id" 'absent_at IS NOT NULL')" 1 "a first list lacks it"
	later 61
	with_list_in_hand "$settler"
	is "$(state "$id")" "unknown unclear" "$settler is stopped with the second one in hand"
	run 2 "another one reads a third one: nobody knows what the second one showed" sikka-sweep
	is "$(state "$id")" "unknown unclear" "so it is the first one again"
	later 61
	run 1 "and the one after it settles it" sikka-sweep
	is "$(state "$id")" "failed not_received" "not received"
	sim_fault 'POST /appointment@1=drop-after'
	sikka-sweep --retry >swept 2>&1
	sim_clear_faults
	is "$(row "$id" "result || attempts")" unknown2 "sent again, and that answer is lost too"
	go_on 0 2
	is "$(row "$id" "result || attempts || (absent_at IS NULL)")" unknown21 "$settler goes on: its list says nothing of what was sent since"
	run 0 "the next list" sikka-sweep
	is "$(state "$id") $(held "[.writebacks[] | select(.body.time == \"$at:00\")] | length")" "pending 1" "has it"

	# a list that shows it; meanwhile another found it, and one that is the same was lost on its way
	lose after "$at:10" --again
	first=$id
	with_list_in_hand "$settler"
	run 0 "another one finds it" sikka-sweep
	lose before "$at:10" --again
	is "$(state "$first"), $(state "$id")" "pending, unknown unclear" "and one that is the same but for --again is lost"
	go_on 0 2
	is "$(state "$first"), $(state "$id")" "pending, unknown unclear" "$settler goes on: what has an owner by now isn't the other one's"
	sikka-sweep --unchecked --resolve "$id=failed" >swept 2>&1
done

# --- a sweep that waits for the list of another one -------------------------------------------------------------------

# The list is read, and not settled by yet, when the next one could begin: that would make it prove nothing.
lose before 12:20
later 2200
sikka-sweep >swept 2>&1
is "$(row "$id" 'absent_at IS NOT NULL')" 1 "a first list lacks it"
later 61
with_list_in_hand sikka-sweep
before=$(sim_count 'GET /writebacks')
: >second
sikka-sweep -v >second.out 2>second &
second=$!
wait_for grep -q 'until another process has settled' second
is $? 0 "one has read the second list; another sweep waits until it has settled by that"
kill -STOP "$second" # it would wait for 5 seconds only
go_on 1 2
kill -CONT "$second"
wait "$second"
is "$(($(sim_count 'GET /writebacks') - before)) $(state "$id")" "0 failed not_received" "and reads none itself: two lists are enough"

# --- an answer that the state file can't take -------------------------------------------------------------------------

booking time=12:30 >in
stops_at recv sikka-book in
id=$(sql 'SELECT max(id) FROM pms_writebacks')
hold
kill -CONT "$pid"
seconds=0
while kill -0 "$pid" 2>gone.err && [ "$seconds" -lt 200 ]; do # its patience with a lock ends
	seconds=$((seconds + 4))
	later 4
	sleep 0.2
done
wait "$pid"
is "$?" 2 "an answer that can't be recorded (exit 2)"
there=$(held '.writebacks[] | select(.body.time == "12:30").id')
is "$(jq -r '[.id, .writeback_id, .result, .error_code] | join(" ")' its.out)" "$id $there unknown not_recorded" "its id is said on stdout"
like "$(cat its.err)" "request $id .*writeback $there.*don't send it again" "and on stderr"
release
run 0 "when the file can be written again" sikka-sweep
is "$(row "$id" "result || ' ' || writeback_id")" "pending $there" "it is found in the list"

# --- an answer about an id, and what a person did before it was read ---------------------------------------------------

sim_post 'office?office_id=D36225&spu=offline'
booking time=13:00 >in
run 0 "one pending" sikka-book in
id=$(said .id) there=$(said .writeback_id)
sim_post "writeback?id=$there&state=forgotten"
stops_at recv sikka-poll "$id"
sim_post "writeback?id=$there&state=pending"
run 0 "withdrawn, while sikka-poll is stopped with the answer that the server doesn't know it" sikka-sweep --withdraw "$id"
later 1h
go_on 1
is "$(row "$id" "result || looks || gone_looks")" withdrawn00 "that answer is older than the withdrawal: no look after it"
sim_post 'office?office_id=D36225&spu=online'

settled
done_testing
