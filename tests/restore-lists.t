#!/bin/sh
# SPDX-License-Identifier: MIT
# --after-restore: when it may begin, the two lists, what they can't show, crashes, and what is never withdrawn by itself
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0 --spu-offline D36225
authorize_unlisted # the other program is no sign of a lost file
hand() {
	booking "$@" >in
	sikka-book in >booked 2>booked.err
	jq -r .writeback_id booked
}
back() { rm -f "$SIKKA_DB" && cp "${1:-copy.db}" "$SIKKA_DB"; }
journal() { sql "SELECT writeback_id, operation, result, unclaimed, adopted, only_named FROM pms_writebacks ORDER BY writeback_id, operation"; }
dump() { sql "SELECT * FROM pms_writebacks; SELECT * FROM facts WHERE name = 'lists_begun'; SELECT * FROM twin; SELECT * FROM events"; }

# --- the copy: a request that was sent, one whose answer was lost, one that may be sent again; then the lost history --------

own=$(hand time=08:00)
booking time=08:20 >in
SIKKA_BASE_URL=http://127.0.0.1:1/v4 sikka-book in >lost 2>lost.err
sim_fault 'POST /appointment@1=drop-after'
hand time=08:10 >lost
sim_clear_faults
cp "$SIKKA_DB" copy.db
is "$(sql "SELECT group_concat(result) FROM pms_writebacks")" pending,failed,unknown "a copy"
first=$(hand time=09:00 key=A)
second=$(hand time=09:10 key=B)
other=$(sim_submit 'office_id=D36225&path=/patient' '{"firstname":"Ann"}')
run 0 "the one that failed is sent again, the lost one is found" sikka-sweep --retry
retried=$(sql "SELECT writeback_id FROM pms_writebacks WHERE id = 2")
run 0 "and a person withdraws it" sikka-sweep --withdraw 2
sent=$(posts) withdrawn=$(deletes)

# --- who else runs ---------------------------------------------------------------------------------------------------------

mkfifo pipe
sikka-book pipe >running 2>running.err &
pid=$!
exec 9>pipe
booking time=09:20 key=C >&9
wait_for test -s running
third=$(jq -r .writeback_id running)
sent=$((sent + 1))
back
later 36m
run 75 "while another command runs" sikka-sweep --after-restore
like "$err" "other commands are still running .*process $pid\\)" "it is named, although the copy doesn't know it"
exec 9>&-
wait "$pid"

# --- too early ---------------------------------------------------------------------------------------------------------------

run 75 "cron comes by" sikka-sweep --retry --stuck-after 10m
is "$(posts) $(deletes)" "$sent $withdrawn" "and sends nothing, withdraws nothing"
rm -f "$SIKKA_DB.lock"
run 75 "where the lock file is gone, too" sikka-sweep
later 34m
run 75 "nobody knows what left last" sikka-sweep --after-restore
like "$err" "run the command again after 20[0-9T:.-]+Z" "so it is half an hour from the first command that met the copy"
later 2m

# --- torn lists ----------------------------------------------------------------------------------------------------------------

dumped=$(dump)
sim_fault 'GET /writebacks=total:1'
run 75 "the first list is torn" after_restore
like "$err" "the server's list changed while it was read: run the command again" "which is said"
sim_clear_faults
BETWEEN="sim_fault 'GET /writebacks=total:1'"
run 75 "the second list is torn" after_restore
BETWEEN=
sim_clear_faults
is "$(journal; posts; deletes)" "$(sqlite copy.db "SELECT writeback_id, operation, result, unclaimed, adopted, only_named FROM pms_writebacks ORDER BY writeback_id, operation"; echo "$sent"; echo "$withdrawn")" \
    "nothing has changed"
sim_fault 'GET /writebacks=no-date'
run 75 "a server without a clock" sikka-sweep --after-restore
like "$err" "have no Date; so what was sent .*D20006, D36225.*--accept-gap" "it can't be known"
sim_clear_faults
sim_fault 'GET /writebacks=status:401:API2004'
run 75 "a plan without lists" sikka-sweep --after-restore
like "$err" "API2004.*so what was sent .*D20006, D36225.*--accept-gap" "nor there"
sim_clear_faults
run 64 "--accept-gap alone" sikka-sweep --accept-gap

# --- what is shown ---------------------------------------------------------------------------------------------------------

dumped=$(dump)
run 0 "with -n" after_restore -n
is "$(jq -r 'select(.operation) | [.would, (if .would == "adopt" then .id else .writeback_id end), .operation] | join(" ")' out | sort)" "$(printf '%s\n' "adopt 3 book_appointment" "take over $first book_appointment" "take over $second book_appointment" \
    "take over $third book_appointment" "take over $other create_patient" | sort)" "all of it is shown"
is "$(dump)" "$dumped" "and nothing changed"

# --- each list lacks one ---------------------------------------------------------------------------------------------------

cp "$SIKKA_DB" met.db
cp "$SIKKA_DB.lock" met.lock
sim_fault "GET /writebacks=lacks:$first"
BETWEEN="sim_clear_faults; sim_fault 'GET /writebacks=lacks:$second'"
run 0 "each list lacks another one" after_restore
BETWEEN=
sim_clear_faults
like "$err" "0 requests are unknown now, 4 were added" "what either of them shows is taken over"
is "$(sql "SELECT group_concat(writeback_id) FROM (SELECT writeback_id FROM pms_writebacks WHERE unclaimed = 1 ORDER BY writeback_id)")" \
    "$(printf '%s\n' "$first" "$second" "$third" "$other" | sort | paste -sd,)" "and nothing else"
is "$(row 3 'result, adopted, unclaimed')" "pending|1|0" "the copy's own row has got its request first"
is "$(row 1 'result, adopted, unclaimed')" "pending|0|0" "(and another one had it from an answer)"
is "$(posts) $(deletes)" "$sent $withdrawn" "nothing was sent for it"
run 0 "cron's --retry" sikka-sweep --retry
is "$(posts)" "$sent" "doesn't send what a person had withdrawn in the lost history ($retried)"
like "$err" "1 requests of the copy .*\\(2\\).*sikka-sweep --retry=ID sends what is still wanted" "which is told"
booking time=09:10 key=B >in
run 0 "the import of that night" sikka-book in
is "$(jq -r '.duplicate, .writeback_id' out | paste -sd' ') $(posts)" "true $second $sent" "is a duplicate"

# --- nothing of it is withdrawn by itself -------------------------------------------------------------------------------------

later 7h
run 1 "--stuck-after" sikka-sweep --stuck-after 6h
is "$(deletes) $(sql "SELECT group_concat(writeback_id) FROM pms_writebacks WHERE error_code = 'stuck'")" "$((withdrawn + 1)) $own" \
    "withdraws what this file has sent, by an answer that it has"
is "$(sql "SELECT count(*) FROM pms_writebacks WHERE result = 'pending'")" 5 "and nothing else"
run 0 "a person may" sikka-sweep --withdraw "$(sql "SELECT id FROM pms_writebacks WHERE writeback_id = '$other'")"
is "$(deletes)" $((withdrawn + 2)) "withdraw it"

# --- crashes -----------------------------------------------------------------------------------------------------------------

if strace -o /dev/null true 2>/dev/null; then
	killed() { # killed WHEN: at that one of its commits
		strace -f -qq -o trace -P "$SIKKA_DB" -e trace=fdatasync -e "inject=fdatasync:signal=KILL:when=$1" sikka-sweep --after-restore &
		restoring=$!
		wait_for awaits_its_second_list "$restoring"
		later 61
		wait "$restoring"
	}
	sim_post 'office?office_id=D36225&spu=offline'
	for point in 1 2 3 4 5 6 7 8 9; do
		back met.db
		cp met.lock "$SIKKA_DB.lock"
		later 36m
		killed $point >out 2>err
		code=$?
		[ $code -eq 137 ] || break
		if ! sikka-book /dev/null >booked 2>&1; then
			later 36m
			run 0 "killed at commit $point, and run again" after_restore
		fi
		is "$(sql "SELECT group_concat(writeback_id) FROM (SELECT writeback_id FROM pms_writebacks WHERE unclaimed = 1 ORDER BY writeback_id)")" \
		    "$(printf '%s\n' "$first" "$second" "$third" | sort | paste -sd,)" "it is the same"
		is "$(row 3 'result, adopted') $(row 2 'result, only_named') $(posts)" "pending|1 failed|1 $sent" "of each row"
	done
	[ "$point" -gt 4 ]
	ok $? "it was killed at each of its commits ($point)"
else
	ok 0 "kill points # SKIP no strace"
fi
done_testing
