#!/bin/sh
# SPDX-License-Identifier: MIT
# which requests are the same: their spelling, several processes at once, and when a key is free again
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225
authorize
same() { # same WHAT: what is in the file in, one a line, is one request
	before=$(posts)
	run 0 "$1" sikka-book in
	is "$(($(posts) - before)) $(said .id | sort -u | grep -c .)" "1 1" "$1: one request"
}
# --- spelling ------------------------------------------------------------------------------------------------

{ for length in 30 30.0 3e1 3.0E+1 300e-1 '"30"'; do booking time=09:00 | sed "s/\"length\":\"30\"/\"length\":$length/"; done
  booking time=09:00 | jq -c 'to_entries | reverse | from_entries'
  booking time=09:00 | jq -c '{operation: "book_appointment", office_id, body: del(.office_id)}'
  booking time=09:00 | sed 's/check-up/\\u0063heck-\\u0075p/'
  booking time=09:00 | sed 's/":/" : /g; s/,"/ ,	"/g'
} >in
is "$(grep -c . in)" 10 "a booking in ten spellings"
same "members' order, numbers, escapes, blanks"
{ booking time=09:10 description=7; booking time=09:10 description=07; booking time=09:10 description=7.0
  booking time=09:10 'description= 7'; booking time=09:10 'description=7 '; booking time=09:10 description=+7
  booking time=09:10 description=7e0; booking time=09:10 description=true; booking time=09:10 description=True
  booking time=09:10 "description=$(printf 'caf\303\251')"; booking time=09:10 "description=$(printf 'cafe\314\201')"
  booking time=09:10 description=a; booking time=09:10 description=A
} >in
run 0 "texts that look alike" sikka-book in
is "$(said 'select(.duplicate | not).id' | grep -c .)" 13 "are never one"
{ echo '{"office_id":"D36225","method":"POST","endpoint":"/patient","practice_id":"1","firstname":"A","lastname":"B\",\"provider_id\":\"C","provider_id":"D"}'
  echo '{"office_id":"D36225","method":"POST","endpoint":"/patient","practice_id":"1","firstname":"A","lastname":"B","provider_id":"C\",\"provider_id\":\"D"}'
  echo '{"office_id":"D36225","method":"POST","endpoint":"/patient","practice_id":"1","firstname":"A","lastname":"B","provider_id":"D"}'
  echo '{"office_id":"D20006","method":"POST","endpoint":"/patient","practice_id":"1","firstname":"A","lastname":"B","provider_id":"D"}'; } >in
before=$(sim_count 'POST /patient')
run 1 "what a text holds of JSON, and two offices (whose one asks for more fields)" sikka-book --raw in
is "$(($(sim_count 'POST /patient') - before)) $(said 'select(.duplicate)')" "4 " "are told apart"

# --- one key, and several processes with a body each -----------------------------------------------------------

before=$(posts)
for p in 1 2 3 4 5 6; do booking "time=10:0$p" key=ONE >"in$p"; done
for p in 1 2 3 4 5 6; do { sikka-book "in$p" >"p$p" 2>"p$p.err"; echo $? >"p$p.code"; } & pids="${pids:-} $!"; done
# shellcheck disable=SC2086
wait $pids
is "$(cat p?.code | sort | uniq -c | tr -s ' ' | tr '\n' ',')" " 1 0, 5 65," "six processes, one key, six bodies: one is taken"
is "$(cat p? | jq -r 'select(.field).error_code' | sort | uniq -c | tr -s ' ') $(($(posts) - before))" " 5 key_reused 1" "the others are refused, and nothing of theirs is sent"

# --- a key that is held --------------------------------------------------------------------------------------------

sim_fault 'POST /appointment@1=drop-after'
booking time=11:00 key=TWO >in
run 2 "a key whose request is unknown" sikka-book in
sim_clear_faults
before=$(posts)
run 2 "the same again: as the first" sikka-book in
booking time=11:10 key=TWO >in
run 65 "with another body" sikka-book in
is "$(posts)" "$before" "nothing is sent"
run 0 "found" sikka-sweep
booking time=11:00 key=TWO >in
run 0 "withdrawn" sikka-sweep --withdraw "$(sql "SELECT id FROM pms_writebacks WHERE key = 'TWO'")"
run 1 "the same again: as the first" sikka-book in
is "$(said '[.result, .duplicate] | map(tostring) | join(" ")') $(posts)" "withdrawn true $before" "its key is held for a while"
booking time=11:00 key=THREE >other
run 65 "with another key" sikka-book other
like "$err" "looks doubled: request $(sql "SELECT id FROM pms_writebacks WHERE key = 'TWO'"), which is withdrawn and may still be carried out, has the same content" "it looks doubled"
is "$(said .error_code) $(posts)" "looks_doubled $before" "and isn't sent: the practice may have fetched the first one"
for look in 1 2; do later 1000; run 0 "look $look" sikka-sweep; done
run 0 "and then it is free" sikka-book in
is "$(said '[.result, .duplicate] | map(tostring) | join(" ")') $(posts)" "pending false $((before + 1))" "it is sent"

# --- --again -----------------------------------------------------------------------------------------------------------

before=$(posts)
booking time=12:00 >in
run 0 "one outside of all this" sikka-book --again in
run 0 "holds no key: the same without --again" sikka-book in
is "$(said .duplicate) $(posts)" "false $((before + 2))" "is sent"
run 0 "and once more" sikka-book in
is "$(said .duplicate) $(posts)" "true $((before + 2))" "is a duplicate of that one"

# --- sent again, and handed in again, at once ----------------------------------------------------------------------------

before=$(posts)
for at in 13:01 13:02 13:03; do booking "time=$at"; done >in
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >lost 2>lost.err
is "$(jq -r '.result + " " + .error_code' lost | sort -u)" "failed not_sent" "three that weren't sent"
pids=
for p in 1 2 3; do
	sikka-sweep --retry >"s$p" 2>&1 & pids="$pids $!"
	sikka-book in >"p$p" 2>&1 & pids="$pids $!"
done
# shellcheck disable=SC2086
wait $pids
is "$(($(posts) - before)) $(sql "SELECT count(*) FROM pms_writebacks WHERE request_body LIKE '%13:0%' AND result = 'pending'")" "3 3" \
    "three sweeps that retry them and three processes that are handed them: each is sent once"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE request_body LIKE '%13:0%' AND result = 'failed' AND error_code <> 'superseded'")" 0 "and the rest is superseded"
sim_post 'office?office_id=D36225&spu=online'
sikka-poll --wait=60s --every 1s >polled 2>&1
is "$(held '[.writebacks[].applied] | max')" 1 "nothing was carried out twice"
done_testing
