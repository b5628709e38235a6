#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-book: each record says which request it answers, good or bad, sent or not, now or when it has ended; --in-order
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize

# answers: line, file, key and outcome of each record, in the order of the lines
answers() { said '[.line, .file, .key, .result // .error_code, .duplicate] | map(tostring) | join(" ")' | sort -n | tr '\n' ','; }

# --- each line of a file -----------------------------------------------------------------------------
{
	booking key=a time=09:00
	booking key=b time=25:00
	booking time=09:01
	booking key=a time=09:00
	echo '{"office_id": "D36225", "key": "e",,}'
	booking key=a time=09:02
	echo '"hello"'
	booking key=f office_id=D99999
} >in.jsonl
run 77 "good lines and bad ones" sikka-book in.jsonl
is "$(answers)" "1 in.jsonl a pending false,2 in.jsonl b invalid false,3 in.jsonl null pending false,4 in.jsonl a pending true,5 in.jsonl null syntax false,6 in.jsonl a key_reused false,7 in.jsonl null invalid false,8 in.jsonl f not_authorized false," \
    "each has a record with its line, its file and its key"
is "$(said 'select(.line == 2) | [.office_id, .practice_id, .operation, .method] | join(" ")')" "D36225 1 book_appointment POST" "of a bad one it tells what is known"
is "$(said 'select(.line == 8).office_id')" D99999 "also an office that isn't there"
is "$(said 'del(.field, .faults, .other_id) | keys_unsorted | join(",")' | sort -u | wc -l)" 1 "the names are the same for all"
jq -cn '{office_id: 7, practice_id: [1], key: {}}' >odd
run 77 "what is no text" sikka-book odd
is "$(said '[.office_id, .practice_id, .key] | map(tostring) | join(" ")')" "7 null null" "is told as far as it is a text or a number"

run 0 "once more" sh -c 'head -n 1 in.jsonl | sikka-book'
is "$(answers)" "1 - a pending true," "standard input is called -, and a duplicate tells its own line"

# --- several files -----------------------------------------------------------------------------------
booking key=g time=09:10 >one
booking key=h time=09:11 >two
{ booking key=i time=09:12; booking length=x; } >three
run 65 "two files and standard input" sh -c 'sikka-book one - two <three'
is "$(answers)" "1 - i pending false,1 one g pending false,1 two h pending false,2 - null invalid false," "each record names its file"
like "$err" '^sikka-book: standard input: line 2: length: ' "a message says it in words"

# --- what would be sent --------------------------------------------------------------------------------
run 0 "-n" sh -c 'sikka-book -n one two'
is "$(said '[.line, .file, .key] | map(tostring) | join(" ")' | tr '\n' ',')" "1 one g,1 two h," "has line, file and key"

# --- when they have ended ------------------------------------------------------------------------------
sim_post 'office?office_id=D36225&delay=20'
{ booking key=k time=09:20; booking key=l time=09:21; booking key=k time=09:20; booking key=l time=25:00; } >wait.jsonl
run 65 "--wait" sikka-book --wait=10m wait.jsonl
is "$(answers)" "1 wait.jsonl k completed false,2 wait.jsonl l completed false,3 wait.jsonl k completed true,4 wait.jsonl l invalid false," "the records say the same at the end"
sed 's/09:2/09:3/; s/"k"/"m"/; s/"l"/"n"/' wait.jsonl >pipe.jsonl
run 65 "sikka-book | sikka-poll --wait" sh -c 'sikka-book pipe.jsonl | sikka-poll --wait=10m -'
is "$(answers)" "1 pipe.jsonl m completed false,2 pipe.jsonl n completed false,3 pipe.jsonl m completed true,4 pipe.jsonl n invalid false," "and through a pipe"
run 0 "a row by its number" sikka-poll "$(said 'select(.line == 1).id')"
is "$(said '[.key, has("line"), has("file")] | map(tostring) | join(" ")')" "m false false" "is from no input"

spu offline
{ booking key=o time=09:40; booking key=p time=09:41; } >stay.jsonl
sikka-book --wait stay.jsonl >out 2>err &
pid=$!
both_pend() { [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'pending' AND key IN ('o', 'p')")" -eq 2 ]; }
wait_for both_pend
signal TERM "$pid"
wait "$pid"
is "$? $(answers)" "75 1 stay.jsonl o pending false,2 stay.jsonl p pending false," "who stops it gets them as they are then"

# --- tables --------------------------------------------------------------------------------------------
run 0 "as a table" sikka-book -F table stay.jsonl
is "$(head -n 1 out | awk '{ print $1, $2, $3 }') $(awk 'NR > 1 { print $2, $3 }' out | tr '\n' ' ')" "id key duplicate o true p true " "key and duplicate are in it"

# --- --in-order ----------------------------------------------------------------------------------------
spu online
lines() { wc -l <"$1" | tr -d ' '; }
# places: the lines that the records name, in the order in which these were written
places() { jq -r .line held.out | tr '\n' ' '; }
# hold_up HOUR [OPTION …]: hands in 20 requests. One of those that are sent isn't answered; the seventh is wrong.
hold_up() {
	hour=$1
	for nth in $(seq 20); do booking "key=$1-$nth" "time=$1:$((nth + 10))" "length=$([ "$nth" -eq 7 ] && echo x || echo 30)"; done >"$1.jsonl"
	shift
	sim_fault "POST /appointment@3=hold"
	sikka-book "$@" "$hour.jsonl" >held.out 2>held.err &
	pid=$!
	wait_for others_are_answered
	held_up=$(sql "SELECT substr(key, 4) FROM pms_writebacks WHERE key LIKE '$hour-%' AND result = 'submitting'")
}
others_are_answered() { [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE key LIKE '$hour-%' AND result = 'pending'")" -eq 18 ]; }
everything="1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 "
before_it() { seq $((held_up - 1)) | tr '\n' ' '; }

hold_up 11
all_but_one() { [ "$(lines held.out)" -eq 19 ]; }
wait_for all_but_one
ok $? "without it a request that isn't answered delays no record"
sim_clear_faults
wait "$pid"
hold_up 12 --in-order
is "$(places)" "$(before_it)" "with it those behind wait"
sim_clear_faults
wait "$pid"
is "$? $(places)" "65 $everything" "and then stand in the order of the input, also the wrong one"

hold_up 13 --in-order
signal TERM "$pid"
sim_clear_faults
wait "$pid"
is "$? $(places)" "75 $everything" "after a signal, too"
before=$(posts)
hold_up 14 --in-order
kill -KILL "$pid"
wait "$pid" 2>gone.err
is "$(places)" "$(before_it)" "who kills it loses those that wait"
sim_clear_faults
all_have_come() { [ "$(posts)" -eq $((before + 19)) ]; }
wait_for all_have_come
sikka-book --in-order 14.jsonl >held.out 2>held.err
is "$? $(places) $(posts)" "2 $everything $((before + 19))" "and gets them from the file, which sends nothing again"
is "$(jq -r '[.result, .duplicate] | map(tostring) | join(" ")' held.out | sort | uniq -c | tr -s ' ' | tr '\n' ',')" " 1 null false, 18 pending true, 1 unknown true," "as duplicates"

spu offline
hold_up 15 --in-order --wait
sim_clear_faults
spu online
sim_post 'office?office_id=D36225&delay=0'
later 2m
wait "$pid"
is "$? $(places)" "65 $everything" "those that are followed stand in order when they have ended"
is "$(jq -r '.result' held.out | sort | uniq -c | tr -s ' ' | tr '\n' ',')" " 19 completed, 1 null," "each as it ended"

# --- how many wait --------------------------------------------------------------------------------------
sim_fault "POST /appointment=hold"
booking time=16:00 >many.jsonl
booking "length=$(head -c 100 /dev/zero | tr '\0' x)" >wrong
for nth in $(seq 400); do cat wrong; done >some_wrong
for nth in $(seq 60); do cat some_wrong; done >>many.jsonl
sikka-book --in-order many.jsonl >held.out 2>held.err &
pid=$!
stands() { [ "$(lines held.err)" -ge 10000 ] && read_before=$(lines held.err) && sleep 0.3 && [ "$(lines held.err)" -eq "$read_before" ]; }
wait_for stands
[ "$(lines held.err)" -lt 12000 ]
ok $? "while 10,000 records wait nothing more is read"
is "$(lines held.out)" 0 "nor written"
sim_clear_faults
wait "$pid"
is "$? $(lines held.out) $(places | tr ' ' '\n' | grep . | sort -nc 2>&1)" "65 24001 " "then all are, in order"
done_testing
