#!/bin/sh
# SPDX-License-Identifier: MIT
# An office goes from one host of a fleet to another, with its requests: sikka-fleet(7). Nothing is sent twice.
. "$(dirname "$0")/lib.sh"

# host K/N COMMAND ...: a state file each
host() {
	share=$1
	shift
	SIKKA_SHARE=$share SIKKA_DB="$T/host${share%/*}/sikka.db" "$@"
}
# give K/N OFFICE: what is written is for another host, and no record of sikka-records(5)
give() { SIKKA_KEPT='' host "$1" sikka-sweep --export-office "$2"; }
sql_of() { sqlite "$T/host$1/sikka.db" "$2"; }
systems() { for number in $(seq 10003 $((10000 + $1))); do printf -- '--pms D%s=Dentrix:G6.2 ' "$number"; done; }
renewals() { sim_get requests | jq -r --arg o "$1" '.renewals[$o] | "\(.request_key) \(.refresh_key) \(.refused)"'; }
begin() { # so that the simulator and both hosts are new
	# shellcheck disable=SC2046
	start_sim --rate-limit 100000 --delay 0:0 --offices 8 $(systems 8) --pms D20006=Dentrix:G6.2
	rm -rf "$T/host1" "$T/host2"
	host 1/1 sikka-authorize >"$T/authorize.out" 2>"$T/authorize.err"
	later 61
	host 1/1 sikka-sweep >"$T/sweep.out" 2>"$T/sweep.err"
}
# what the simulator holds of an office; the two lists of a hold go by
held_of() { sim_get state | jq -r --arg o "$1" '[.writebacks[] | select(.office_id == $o)] | length'; }
begin_host2() { host 2/2 sikka-authorize --import </dev/null >"$T/begin.out" 2>"$T/begin.err"; }

begin
for id in $(sql_of 1 "SELECT office_id FROM pms_integrations"); do
	case $(SIKKA_SHARE=1/2 sikka-status --share "$id" | jq .host) in 1) one=$id ;; *) two=$id ;; esac
done

# --- giving away ---------------------------------------------------------------------------------
spu offline "$two"
booking office_id="$two" key=a time=09:00 >a
booking office_id="$two" key=b time=10:00 >b
run 0 "sent before" host 1/1 sikka-book a
run 64 "with another option" host 1/2 sikka-sweep --export-office "$two" --retry
run 64 "in a dry run" host 1/2 sikka-sweep -n --export-office "$two"
run 65 "an office of the share" give 1/2 "$one"
like "$err" "is of this host's share" "stays"
run 65 "one that isn't known" give 1/2 D99999
run 75 "while a request is open" give 1/2 "$two"
is "$(cat out)" "" "nothing is written"
spu online "$two"
run 0 "it ends" host 1/2 sikka-poll --wait --every 1s
sim_fault 'POST /appointment@1=status:400:API1027'
run 1 "one that fails, of which nobody was told yet" host 1/1 sikka-book b
sim_clear_faults
sim_fault 'POST /appointment@1-=status:503:API2002'
booking office_id="$two" key=passes time=08:00 >in
run 75 "one that may be sent again" host 1/1 sikka-book in
sim_clear_faults
run 0 "paused" host 1/1 sikka-sweep --pause="$two"
paused=$(sql_of 1 "SELECT since FROM holds WHERE why = 'paused'")
grants=$(renewals "$two")
run 74 "its output goes nowhere" sh -c "SIKKA_SHARE=1/2 SIKKA_DB=$T/host1/sikka.db sikka-sweep --export-office $two >/dev/full"
is "$(sql_of 1 "SELECT count(*) FROM pms_integrations WHERE office_id = '$two'")" 0 "it is given away all the same"
run 0 "so it is written again" give 1/2 "$two"
like "$err" "written again, without its keys" "without its keys"
unlike "$(cat out)" '"(request|secret)_key":"' "indeed"
(umask 022; : >lost; give 1/2 "$two" >lost 2>err)
is "$(stat -c %a lost)" 600 "nobody else reads the file"
cmp -s lost out
ok $? "which is the same each time"
run 0 "whose offices are whose" host 1/2 sikka-status --share
is "$(said 'select(.given_away_at != null) | [.office_id, .host, .status, .open_requests] | map(tostring) | join(" ")')" "$two 2 null 0" "says that it was given away"

# Nothing is sent from the old host any more, whatever its configuration says.
run 65 "a request there, by the old settings" host 1/1 sikka-book a
is "$(said .error_code)" other_share "is refused"
like "$(said .error_message)" "was given away to another host on [-0-9]+; if that one doesn't have it: sikka-sweep --export-office $two" "and says what to type"
sent=$(posts)
run 0 "what failed" host 1/1 sikka-sweep --retry
run 65 "or by name" host 1/1 sikka-sweep --retry="$(sql_of 1 "SELECT id FROM pms_writebacks WHERE key = 'passes'")"
is "$(posts)" "$sent" "isn't sent again"
run 65 "its key" host 1/1 sikka-token print "$two"
run 65 "authorizing it" host 1/1 sikka-authorize -O "$two"
run 0 "authorizing all" host 1/1 sikka-authorize
is "$(sql_of 1 "SELECT count(*) FROM pms_integrations WHERE office_id = '$two'")" 0 "doesn't take it back"
host 1/1 sikka-sweep --notify "cat >>$T/told1" >out 2>err
is "$(jq -r 'select(.office_id == "'"$two"'") | .event' told1 2>err)" "" "nor does it deliver the office's events"
run 65 "taking it over where it was written" host 1/1 sikka-sweep --import-office lost
is "$(renewals "$two")" "$grants" "no key was asked for"

# --- taking over ---------------------------------------------------------------------------------
run 78 "without a state file" host 2/2 sikka-sweep --import-office lost
begin_host2
run 66 "no such file" host 2/2 sikka-sweep --import-office nothing
head -n 4 lost >torn
run 65 "a torn file" host 2/2 sikka-sweep --import-office torn
like "$err" "torn, so nothing of it was taken over" "is noticed"
sed 3d lost >torn
run 65 "a line is missing" host 2/2 sikka-sweep --import-office torn
is "$(sql_of 2 "SELECT count(*) FROM pms_integrations")$(sql_of 2 "SELECT count(*) FROM pms_writebacks")" 00 "nothing was taken over"
run 65 "another's share" env SIKKA_SHARE=1/2 SIKKA_DB="$T/host2/sikka.db" sikka-sweep --import-office lost
run 0 "taken over" host 2/2 sikka-sweep --import-office lost
like "$err" "lost holds keys and patients' data, and isn't needed any more: delete it" "and says what becomes of the file"
is "$(sql_of 2 "SELECT office_id, since FROM holds WHERE why = 'paused' AND ended_at IS NULL")" "$two|$paused" "it is still paused"
run 0 "and who did that is known" host 2/2 sikka-status
like "$(said '.paused[0].user')" "$(id -un)" "and who did that"
is "$(sql_of 1 "SELECT count(*) FROM holds WHERE why = 'paused' AND ended_at IS NULL")" 0 "over there it isn't any more"
host 2/2 sikka-sweep --resume="$two" >out 2>err
is "$(sql_of 2 "SELECT key, result, writeback_id IS NOT NULL FROM pms_writebacks ORDER BY id")" "$(sql_of 1 "SELECT key, result, writeback_id IS NOT NULL FROM pms_writebacks WHERE office_id = '$two' ORDER BY id")" "the requests are there"
before=$(sql_of 2 "SELECT count(*) FROM events")
run 0 "twice" host 2/2 sikka-sweep --import-office lost
like "$err" "was taken over already" "is once"
is "$(sql_of 2 "SELECT count(*) FROM pms_writebacks") $(sql_of 2 "SELECT count(*) FROM events")" "3 $before" "nothing was added"
run 0 "the past" host 2/2 sikka-status --history --key a
like "$(said .event)" "queued" "has come along"
is "$(said .command | sort -u | tr '\n' ' ')" "sikka-book sikka-poll " "and who it was"
host 2/2 sikka-sweep --notify "cat >>$T/told2" >out 2>err
is "$(jq -r 'select(.event == "failed") | .key' told2)" b "its events are delivered by the new host, once"
run 0 "then it gets keys" host 2/2 sikka-authorize
is "$(renewals "$two")" "2 0 0" "the second one, since those of the old host were lost"
sent=$(posts)
run 0 "a request that was sent by the old host" host 2/2 sikka-book a
is "$(said '[.key, .result, .duplicate] | join(" ")') $(posts)" "a completed true $sent" "isn't sent again"
booking office_id="$two" time=09:00 key=other >in
run 65 "nor under another key" host 2/2 sikka-book in
is "$(said .error_code) $(posts)" "looks_doubled $sent" "nothing is sent"
run 0 "what failed there" host 2/2 sikka-book b
is "$(posts)" "$((sent + 1))" "is sent from here"
host 2/2 sikka-poll --wait --every 1s >out 2>err
later 61
run 0 "the second list" host 2/2 sikka-sweep
is "$(sql_of 2 "SELECT count(*) FROM holds WHERE ended_at IS NULL")" 0 "shows that nobody else sends"

# --- somebody else sends --------------------------------------------------------------------------
id=$(sim_submit "office_id=$two&path=/appointment" "$(booking time=15:00 | jq -c 'del(.office_id)')")
later 15m
sim_fault 'POST /appointment@1=drop-after'
booking office_id="$two" time=11:00 key=c >in
run 2 "a request becomes unknown, so a list is read" host 2/2 sikka-book in
sim_clear_faults
later 15m
host 2/2 sikka-sweep >out 2>err
like "$(cat err)" "another host sends for office $two, .*$id" "which shows the other's: it is told"
sent=$(posts)
booking office_id="$two" time=12:00 key=d >d
run 75 "a new request" host 2/2 sikka-book d
is "$(posts)" "$sent" "isn't sent"
like "$err" "office $two" "and says why"
run 0 "a person says what it is" host 2/2 sikka-sweep --not-ours "$id"
later 61
host 2/2 sikka-sweep >out 2>err
run 0 "then it is sent" host 2/2 sikka-book d
is "$(posts)" "$((sent + 1))" "once"
host 2/2 sikka-poll --wait --every 1s >out 2>err
host 2/2 sikka-sweep >out 2>err

# --- back again: the last host is taken away --------------------------------------------------------
run 0 "the last host gives its offices away" give 2/2 "$two"
cp out back
run 65 "a file that doesn't know what went before" host 1/1 sikka-sweep --import-office lost
run 0 "the first one takes it back" host 1/1 sikka-sweep --import-office back
is "$(sql_of 1 "SELECT key FROM pms_writebacks WHERE office_id = '$two' ORDER BY id" | tr '\n' ' ')" "$(sql_of 2 "SELECT key FROM pms_writebacks ORDER BY id" | tr '\n' ' ')" "each request is there once"
is "$(sql_of 1 "SELECT result FROM pms_writebacks WHERE key = 'b' ORDER BY id" | tr '\n' ' ')" "failed completed " "as it is now"
is "$(sql_of 1 "SELECT count(*) FROM (SELECT 1 FROM events WHERE office_id = '$two' AND row_id IS NOT NULL GROUP BY row_id, kind, happened_at HAVING count(*) > 1)")" 0 "and no event twice"
grants=$(renewals "$two")
later 61
host 1/1 sikka-sweep >out 2>err
booking office_id="$two" time=13:00 key=e >e
run 0 "it sends again" host 1/1 sikka-book e
is "$(renewals "$two")" "$grants" "with the key that came along"
run 65 "the other one doesn't" host 2/2 sikka-book e
run 0 "nor does it take over once more what it had" host 2/2 sikka-sweep --import-office lost
is "$(sql_of 2 "SELECT count(*) FROM pms_integrations WHERE office_id = '$two'")" 0 "it doesn't have the office"

# --- a command that was started before -------------------------------------------------------------
begin
host 1/1 sikka-sweep >out 2>err
mkfifo lines
host 1/1 sikka-book <lines >followed 2>follow.err &
book=$!
exec 9>lines
booking office_id="$two" key=a time=09:00 >&9
wait_for grep -q '"pending"' followed
sent=$(posts)
host 1/2 sikka-poll --wait --every 1s >out 2>err
give 1/2 "$two" >moved 2>err
is "$(grep -c '"table":"pms_writebacks"' moved)" 1 "given away while a command reads on"
booking office_id="$two" key=b time=10:00 >&9
wait_for has_ended "$book"
wait "$book"
is "$? $(posts)" "75 $sent" "it ends, and sends nothing"
exec 9>&-
like "$(cat follow.err)" "office $two went to another host while this command ran" "and says why"
begin_host2
run 0 "the keys come along" host 2/2 sikka-sweep --import-office - <moved
run 0 "and serve" host 2/2 sikka-authorize
is "$(renewals "$two")" "1 0 0" "so none is asked for"
run 65 "an office that is known" host 2/2 sikka-sweep --import-office lost
like "$err" "known here already" "is refused"

# --- a caller's key that two offices have ------------------------------------------------------------
begin
other=$(sql_of 1 "SELECT office_id FROM pms_integrations WHERE office_id <> '$two'" | while read -r office; do
	[ "$(SIKKA_SHARE=1/2 sikka-status --share "$office" | jq .host)" = 1 ] || echo "$office"
done | head -n 1)
booking office_id="$two" key=same time=09:00 >in
host 1/1 sikka-book in >out 2>err
host 1/1 sikka-poll --wait --every 1s >out 2>err
give 1/2 "$two" >moved 2>err
give 1/2 "$other" >moved2 2>err
begin_host2
run 0 "an office without requests" host 2/2 sikka-sweep --import-office moved2
booking office_id="$other" key=same time=09:00 >in
later 61
host 2/2 sikka-book in >out 2>err
host 2/2 sikka-poll --wait --every 1s >out 2>err
is "$(said '[.office_id, .result] | join(" ")')" "$other completed" "which gets one"
run 65 "the same key" host 2/2 sikka-sweep --import-office moved
like "$err" 'has the key "same"' "is told"
is "$(sql_of 2 "SELECT count(*) FROM pms_integrations WHERE office_id = '$two'")" 0 "nothing was taken over"
run 0 "unless a person knows better" host 2/2 sikka-sweep --unchecked --import-office moved
sent=$(posts)
booking office_id="$two" key=same time=09:00 >in
run 65 "then the key is the other office's" host 2/2 sikka-book in
is "$(said .error_code) $(posts)" "key_reused $sent" "and nothing is sent for it"

# --- what was archived ----------------------------------------------------------------------------------------
begin
booking office_id="$two" key=ancient time=09:00 >ancient
booking office_id="$other" key=another time=09:30 >in
run 0 "booked" host 1/1 sikka-book --wait=60s ancient
run 0 "so is one of another office" host 1/1 sikka-book --wait=60s in
host 1/1 sikka-sweep --notify true >out 2>err
later 31d
host 1/1 sikka-authorize >out 2>err
run 0 "archived" host 1/1 sikka-sweep --archive-after 30d old.jsonl
is "$(sql_of 1 "SELECT key FROM archived ORDER BY key" | paste -sd' ') $(sql_of 1 "SELECT count(*) FROM pms_writebacks")" "ancient another 0" "only the keys have stayed"
give 1/2 "$two" >moved 2>err
begin_host2
run 0 "taken over" host 2/2 sikka-sweep --import-office moved
is "$(sql_of 2 "SELECT key, office_id, result, id FROM archived")" "ancient|$two|completed|1" "the key has come along"
later 61
sent=$(posts)
run 0 "the same request" host 2/2 sikka-book ancient
is "$(said '[.key, .result, .duplicate, .id] | map(tostring) | join(" ")') $(posts)" "ancient completed true 1 $sent" "is a duplicate, and isn't sent"
booking office_id="$two" key=newer time=11:00 >in
run 0 "a new one" host 2/2 sikka-book --wait=60s in
is "$(said '[.result, .id] | map(tostring) | join(" ")') $(posts)" "completed 2 $((sent + 1))" "is sent, under the next number"
give 2/3 "$two" >back 2>err
run 0 "it comes back" host 1/1 sikka-sweep --import-office back
is "$(sql_of 1 "SELECT key FROM archived ORDER BY key" | paste -sd' ')" "ancient another" "with nothing twice"
give 1/2 "$other" >moved 2>err
rm -rf "$T/host2"
begin_host2
give 1/2 "$two" >other 2>err
sed 's/"key":"ancient"/"key":"another"/' other >clash
run 0 "one with a key" host 2/2 sikka-sweep --import-office clash
run 65 "and one of another office with the same" env SIKKA_SHARE=1/1 SIKKA_DB="$T/host2/sikka.db" sikka-sweep --import-office moved
like "$err" 'has the key "another"' "is told"
done_testing
