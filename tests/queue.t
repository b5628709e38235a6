#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/queue.example: what becomes of each file in the folder, whatever fails; nothing is lost, nothing goes twice
. "$(dirname "$0")/lib.sh"

command -v flock >/dev/null || { echo "1..0 # SKIP flock is not installed"; exit 0; }
queue() { "$TOP/scripts/queue.example" "$@"; }
# put NAME [NAME=VALUE …]: as another program does: written under another name, then renamed.
put() {
	name=$1
	shift
	booking "$@" >"queue/$name.tmp"
	mv "queue/$name.tmp" "queue/$name"
}
left() { (cd queue && for file in *.json *.jsonl done/* look/*; do [ ! -e "$file" ] || echo "$file"; done) | tr '\n' ' ' | sed 's/ $//'; }
keys() { held '[.writebacks[].body.time] | join(" ")'; }
journal() { sql "SELECT ifnull(group_concat(key || ' ' || result, ', '), '') FROM (SELECT key, result FROM pms_writebacks ORDER BY id)"; }
empty_folder() { rm -rf queue && mkdir queue; }

start_sim --delay 0:0 --rate-limit 100000
authorize
mkdir queue
run 0 "an empty folder" queue queue
is "$out$err $(left)" " " "is silent"

# --- taken over -------------------------------------------------------------------------------------
put a.json key=order-1
put b.json time=10:00
printf '%s\n' '{"office_id": "D36225"' >queue/c.json.tmp
run 0 "two files" queue queue
is "$out$err" "" "nothing is told"
is "$(left)" "done/a.json done/a.json.out done/b.json done/b.json.out" "both are done, with their records"
is "$(journal)" "order-1 pending, b.json:1 pending" "a request without a key has one now"
is "$(jq -r .key queue/done/b.json.out)" "b.json:1" "which the record tells"
is "$(ls queue/*.tmp)" "queue/c.json.tmp" "a file that is being written isn't touched"
run 0 "once more" queue queue
is "$out$err $(sim_writebacks)" " 2" "there is nothing to do"
(cd queue && mv done/a.json done/b.json .)
run 0 "as if the script had ended between sending and moving" queue queue
is "$(sim_writebacks) $(left)" "2 done/a.json done/a.json.out done/b.json done/b.json.out" "nothing is sent twice"
later 3d
sikka-poll --wait=1m >polled 2>&1
(cd queue && mv done/b.json .)
run 0 "and days later" queue queue
is "$(sim_writebacks)" 2 "it isn't, either"
put b.json time=10:30
run 1 "another file of the same name, without keys" queue queue
is "$(sim_writebacks) $(left) $err" "2 done/a.json done/a.json.out done/b.json done/b.json.out look/b.json look/b.json.out queue: queue/look/b.json: there was a file of this name before, and its requests have no keys" "isn't taken for the old one"
put a.json key=order-2 time=11:30
run 0 "with keys" queue queue
is "$(sim_writebacks) $(jq -r .key queue/done/a.json.2) $(jq -r .key queue/done/a.json)" "3 order-2 order-1" "it is another one, and the old one stays"

# --- again later -------------------------------------------------------------------------------------
empty_folder
put c.json time=12:00
put d.json time=12:30
(unset SIKKA_APP_KEY && queue queue) >out 2>err
is "$? $(left)" "78 c.json d.json" "without an application key, both files stay"
is "$(grep -c . err) $(sed 's/no app.*/no app/' err)" "1 queue: queue: files stay for the next run: no app" "and one line says why"
(SIKKA_BASE_URL=http://127.0.0.1:1/v4 && export SIKKA_BASE_URL && queue queue) >out 2>err
is "$? $(left)" "69 c.json d.json" "without the server, too"
is "$(sql "SELECT group_concat(DISTINCT error_code) FROM pms_writebacks WHERE result = 'failed'")" not_sent "the journal says that nothing was sent"
(SIKKA_DB=$T/none/sikka.db && export SIKKA_DB && queue queue) >out 2>err
is "$? $(left)" "78 c.json d.json" "without the state file"
(PATH=/usr/bin:/bin && queue queue) >out 2>err
is "$? $(left)" "69 c.json d.json" "without sikka-book in PATH"
before=$(sim_writebacks)
sim_fault 'POST /appointment@1-4=status:503:API2002'
run 75 "a server that is overloaded" queue queue
is "$(left)" "c.json done/d.json done/d.json.out" "only the file stays whose request wasn't sent"
like "$err" '^queue: queue: files stay for the next run: Scripted fault$' "and the line says why"
sim_clear_faults
run 0 "when all is there again" queue queue
is "$(left) $(($(sim_writebacks) - before))" "done/c.json done/c.json.out done/d.json done/d.json.out 2" "each was sent once"

# --- somebody has to look ----------------------------------------------------------------------------
empty_folder
put wrong.json time=25:00
put right.json time=13:30 key=d
run 1 "a wrong request" queue queue
is "$(left)" "done/right.json done/right.json.out look/wrong.json look/wrong.json.err look/wrong.json.out" "is put aside, and others are handed in"
like "$err" '^queue: queue/look/wrong.json: .*time' "and told"
run 0 "the next run" queue queue
is "$err" "" "doesn't tell it again"
jq -c '.time = "13:00"' queue/look/wrong.json >mended && mv mended queue/look/wrong.json && mv queue/look/wrong.json queue/
run 0 "corrected and moved back" queue queue
is "$(journal | tr ',' '\n' | grep -c 'wrong.json:1 pending')" 1 "it is handed in"
sim_fault 'POST /appointment=status:400:API1026'
put e.json time=14:00
run 1 "a request that the server refuses" queue queue
is "$(cd queue && ls look/e*)" "look/e.json
look/e.json.out" "is put aside"
like "$err" '^queue: queue/look/e.json: .*API1026|400|Scripted' "with what the server said"
sim_clear_faults

# --- several requests in a file ----------------------------------------------------------------------
empty_folder
before=$(sim_writebacks)
{ booking time=15:00; booking time=25:00; booking time=15:30 key=third; } >queue/f.jsonl
run 1 "one of three is wrong" queue queue
is "$(left) $(($(sim_writebacks) - before))" "look/f.jsonl look/f.jsonl.err look/f.jsonl.out 2" "the others are sent"
sed 's/25:00/16:00/' queue/look/f.jsonl >queue/f.jsonl && rm queue/look/f.jsonl
run 0 "corrected" queue queue
is "$(($(sim_writebacks) - before)) $(jq -r '.duplicate // false' queue/done/f.jsonl.out | sort | uniq -c | tr -s ' ' | tr '\n' ' ')" "3  1 false  2 true " "only that one is sent"
before=$(sim_writebacks)
{ booking time=15:00 date=2031-03-04; booking time=15:30 date=2031-03-04; } >queue/g.jsonl
sim_fault 'POST /appointment@2-5=status:503:API2002'
run 75 "the second of two isn't sent" queue queue
is "$(left | grep -o '^g.jsonl') $(($(sim_writebacks) - before))" "g.jsonl 1" "the file stays"
sim_clear_faults
later 2d
sikka-poll --wait=1m >polled 2>&1
run 0 "two days later" queue queue
is "$(($(sim_writebacks) - before))" 2 "only the second one is sent"
before=$(sim_writebacks)
{ booking time=15:00 date=2031-03-05; booking time=25:00; } >queue/h.jsonl
sim_fault 'POST /appointment@1=drop-after'
run 1 "an answer is lost, and another request is wrong" queue queue
is "$(cd queue && ls look/h.jsonl) $(($(sim_writebacks) - before))" "look/h.jsonl 1" "somebody has to look"
sim_clear_faults
jq -s '.' queue/look/h.jsonl | sed 's/25:00/17:00/' >queue/h.jsonl && rm queue/look/h.jsonl
run 0 "corrected, as one array" queue queue
is "$(($(sim_writebacks) - before)) $(cd queue && ls done/h.jsonl)" "2 done/h.jsonl" "the unknown one isn't sent again"
sikka-sweep >swept 2>&1
put i.json time=18:00
sim_fault 'POST /appointment@1=drop-after'
run 0 "the outcome of a request isn't known" queue queue
is "$(cd queue && ls done/i.json) $(sql "SELECT result FROM pms_writebacks WHERE key = 'i.json:1'")" "done/i.json unknown" "its file is done: sikka-sweep finds out"
sim_clear_faults
sikka-sweep >swept 2>&1

# --- a file that isn't whole, though it has its name -------------------------------------------------
empty_folder
before=$(sim_writebacks)
booking time=19:00 | head -c 40 >queue/j.json
: >queue/k.json
run 75 "half a request, and an empty file" queue queue
is "$(left) $(($(sim_writebacks) - before))" "j.json k.json 0" "they may still be being written"
like "$err" "k.json isn't whole; is it still being written\?$" "which is said"
booking time=19:00 >queue/j.json
run 1 "the next run" queue queue
is "$(left) $(($(sim_writebacks) - before))" "done/j.json done/j.json.out look/k.json look/k.json.out 1" "takes what is whole now, and puts the other aside"
booking time=19:30 patient_id=x | jq -c '.patient_id = 12345678901234567890' >queue/l.json
run 1 "a long number without a key" queue queue
is "$(cd queue && ls look/l.json) $(($(sim_writebacks) - before))" "look/l.json 1" "isn't changed by jq"
put 'm m.json' time=20:00
put '-n.json' time=20:30
run 0 "odd names" queue queue
is "$(cd queue && ls done/*m.json ./done/-n.json) $(($(sim_writebacks) - before))" "./done/-n.json
done/m m.json 3" "are names"

# --- two runs, and a run that is killed --------------------------------------------------------------
empty_folder
before=$(sim_writebacks)
for minute in 10 11 12 13; do put "p$minute.json" "time=21:$minute"; done
sim_fault 'POST /appointment@1=hold'
queue queue >one.out 2>one.err &
one=$!
wait_for sim_holds 1
run 0 "a second run" queue queue
is "$out$err $(left)" " p10.json p11.json p12.json p13.json" "does nothing"
kill -KILL "$one"
sim_clear_faults
wait_for flock -n queue true
run 0 "after the first one was killed" queue queue
is "$(($(sim_writebacks) - before)) $(left)" "4 done/p10.json done/p10.json.out done/p11.json done/p11.json.out done/p12.json done/p12.json.out done/p13.json done/p13.json.out" "each was sent once, and all are done"
is "$(cd queue && echo .[a-z]* ./*) $(stat -c %a queue/done/p10.json.out)" ".seen ./done ./look 600" "records are for nobody else, and nothing else is left"

# --- usage -------------------------------------------------------------------------------------------
run 64 "an empty argument" queue ""
run 64 "two folders" queue queue queue
run 66 "no such folder" queue nowhere
done_testing
