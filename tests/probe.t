#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/probe: its answers are the simulator's settings; it only reads, and one booking, if asked for, is withdrawn
. "$(dirname "$0")/lib.sh"

PROBE=$TOP/scripts/probe
probe() { sh "$PROBE" --json -O D36225 -O D20006 "$@"; }
verdict() { said "select(.question == \"$1\").verdict"; }
came() { said "select(.question == \"$1\").came"; }
# written: what the simulator got beside reads and requests for keys
written() { sim_get requests | jq -c '.routes | map_values(.count) | with_entries(select(.key | test("^GET |/request_key$") | not))'; }
begin() { # OPTION …: a server with a booking that has ended
	rm -rf "$T/state"
	start_sim "$@"
	authorize
	sikka-book -q >"$T/begun" <<-END
	$(booking)
	END
}
# secrets FILE …: the lines with a key, or with what patients are called or what was written about them
secrets() {
	{
		sql "SELECT secret_key FROM pms_integrations UNION SELECT request_key FROM pms_integrations
		    UNION SELECT refresh_key FROM pms_integrations"
		echo "$SIKKA_APP_KEY"
		sikka-get -q patients | jq -r '"\(.firstname) \(.lastname)", .email, .cell | select(. and length > 4)'
		sikka-get -q appointments | jq -r '.description | select(length > 4)'
	} | sort -u >"$T/secrets"
	[ "$(wc -l <"$T/secrets")" -gt 10 ] || echo "no secrets were found"
	grep -Fn -f "$T/secrets" "$@"
}

# --- reading ------------------------------------------------------------------------------------------

begin --delay 0:0
before=$(written)
run 0 "a server that does what is documented" probe
is "$(said '.question' | tr '\n' ' ')" \
    "answers.list clock rate.headers http rate.offices rate.application rate.writebacks pages.offset pages.limit data_sync_status writebacks dialect writeback_status lists.times lists.days lists.kept " \
    "each question has an answer"
is "$(said 'select(.verdict != "as assumed").question')" lists.kept "all but one of them as assumed"
is "$(jq -r 'keys | join(" ")' "$T/out" | sort -u)" "asked came change question reading verdict" "with the members that are named"
is "$(came answers.list)" "an object with items, total_count as text" "the form of a list"
like "$(came rate.headers)" '^X-Rate-Limit-Limit X-Rate-Limit-Remaining X-Rate-Limit-Reset: 200 calls, [0-9]+ left' "the headers of the limit"
like "$(came dialect)" "^the practice's text" "the dialect"
is "$(came writeback_status)" "HTTP 200, in an array of one, is_completed true" "the form of a status"
is "$(came lists.times)" "UTC+00:00" "the zone of times"
like "$(came lists.days)" '^days are cut in a zone between UTC-12:[0-9]+ and UTC\+1[12]:[0-9]+, which the zone of the times is, too$' "where the zone of days may be"
is "$(written)" "$before" "it only reads"
is "$(secrets "$T/out" "$T/err")" "" "and shows neither keys nor patients' data"
run 0 "as a text" sh "$PROBE"
is "$(grep -cE '^(as assumed|differs   |open      )  [a-z_.]+: asked ' "$T/out")" 16 "a line for each question"
is "$(secrets "$T/out" "$T/err")" "" "which shows nothing either"

begin --delay 0:0 --dialect brief --quirk numbers=bare --quirk lists=wrapped --zone +14:00 --no-limit-headers --page-max 50 --skew 600
run 1 "a server that differs" probe
is "$(said 'select(.verdict == "differs").question' | tr '\n' ' ')" "clock rate.headers " "what differs is said"
is "$(came answers.list)" "such an object in an array of one, total_count as a number" "a wrapped list"
like "$(came clock)" '^this clock is -(59|60)[0-9] s ahead of Date$' "another clock"
is "$(came rate.headers) $(verdict rate.offices)" "none open" "no headers, and so no scope"
is "$(came pages.limit)" "limit 50" "smaller pages"
like "$(came dialect)" 'the brief form$' "the other dialect"
is "$(came lists.times)" "UTC+14:00" "another zone of times"
like "$(came lists.days)" '^days are cut in a zone between UTC\+1[12]:[0-9]+ and UTC\+14:00, which' "and of days"
sh "$PROBE" >"$T/out"
like "$(cat "$T/out")" '^differs     rate.headers: .*; change: Until then' "the text says what to change"

begin --delay 0:0 --quirk limits=shared --no-writeback-status
run 1 "one limit for all" probe
is "$(came rate.offices); $(came rate.application)" \
    "calls of the one take 2 of 2 from the other; calls of the one take 2 of 2 from the other" "it is seen"
is "$(verdict rate.offices) $(verdict rate.application) $(verdict rate.writebacks)" "differs differs as assumed" "and said"
is "$(came writeback_status)" "401 API2004" "a plan without the status"
later 7d
sim_post "writeback?id=$(row 1 writeback_id)&state=forgotten"
run 1 "a week later" probe
is "$(verdict lists.kept)" "as assumed" "requests are kept for six days"
like "$(came lists.kept)" "one of ours that is 7 days old isn't shown" "and no longer"
sikka-book -q >"$T/begun" <<END
$(booking date=2031-03-04)
END
later 40m
sim_post "writeback?id=$(row 2 writeback_id)&hidden=list"
run 1 "a list that forgets at once" probe
is "$(verdict lists.kept)" "differs" "is told"
sim_post 'options?writeback-list=off'
run 1 "a plan without the list" probe
is "$(verdict writebacks) $(verdict lists.days)" "differs " "nothing more is asked of it"

run 64 "a booking without a terminal" probe --book D36225 7 2031-03-05 </dev/null
run 64 "so soon" probe --book D36225 7 "$(date -u +%Y)-12-31" </dev/null
run 64 "a renewal without a terminal" probe --refresh </dev/null
is "$(said .question)" "" "asks nothing"

# --- what a person has to say yes to ------------------------------------------------------------------

if ! command -v script >/dev/null || ! script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	ok 0 "the rest # SKIP no script(1)"
	done_testing
fi
# typed ANSWER CODE WHAT OPTION …: a probe on a terminal, on which somebody types ANSWER.
typing() {
	answer=$1
	shift
	printf '%s\n' "$answer" | PROBE=$PROBE script -qec "sh -c 'echo \$\$ >pid; exec sh \$PROBE --json -O D36225 -O D20006 $* >out 2>err'" /dev/null >"$T/tty" 2>&1
	echo $? >"$T/code"
}
typed() {
	answer=$1 want=$2 what=$3
	shift 3
	typing "$answer" "$@"
	is "$(cat "$T/code")" "$want" "$what (exit $want)"
}

begin --delay 0:0
typed no 64 "a renewal that isn't wanted" --refresh
is "$(sim_count 'POST /request_key')" 2 "isn't made"
typed yes 0 "a renewal" --refresh
is "$(came refresh.rotates)" "another refresh key" "rotates"
is "$(came refresh.old_key)" "it is still good" "and the old request key goes on"
is "$(sim_count 'POST /request_key') $(written)" '3 {"POST /appointment":1}' "one renewal, and no other write"
is "$(secrets out err tty)" "" "without showing a key"
begin --delay 0:0 --rotation off
typed yes 0 "with a server that doesn't rotate" --refresh
is "$(came refresh.rotates)" "the same refresh key" "it is said"

begin --delay 0:0
typed no 64 "a booking that isn't wanted" --book D36225 7 2031-03-05 practice_id=1
is "$(written)" '{"POST /appointment":1}' "isn't made"
typed yes 65 "a time that is taken" --book D36225 7 2031-03-03 09:15 practice_id=1
is "$(written)" '{"POST /appointment":1}' "isn't booked either"
typed yes 3 "a practice that is faster" --book D36225 7 2031-03-05 practice_id=1
like "$(came book.stands)" "^the booking, as appointment [0-9]+. Cancel it there, or type" "it says what is there, and what to type"
like "$(cat err)" "at the practice D36225: the booking" "on standard error, too"

# --- a booking that is followed and withdrawn ---------------------------------------------------------

# what the simulator holds of it: sent, withdrawn, carried out
stood() { echo "$(sim_count 'POST /appointment') $(sim_count 'DELETE /writebacks') $(sim_applied)"; }
looked() { [ "$(sim_count 'GET /writebacks')" -ge "$1" ]; }
look_again() { wait_for looked $(($(sim_count 'GET /writebacks') + 3)); }
# A list's parts of one look, of which the first may have been on its way.
is_handed_in() { [ "$(sql "SELECT count(*) FROM pms_writebacks WHERE key LIKE 'sikka-probe-%' AND result = 'pending'" 2>&1)" = 1 ]; }
begin_waiting() {
	rm -rf "$T/state"
	start_sim --spu-offline D36225 "$@"
	authorize
}

begin_waiting --list-lag 120 --zone -05:00 --dialect brief
typing yes --book D36225 7 2031-03-05 practice_id=1 &
probing=$!
wait_for is_handed_in && look_again
later 60
look_again
later 61
wait "$probing"
is "$(cat "$T/code")" 0 "a list that lags, in another zone (exit 0)"
is "$(stood)" "1 1 0" "one POST, one DELETE, and nothing was carried out"
is "$(held '.writebacks[0].state')" withdrawn "it is withdrawn"
like "$(came book.accepted)" 'the brief form' "the form of the answer"
like "$(came book.listed)" '^not after ([0-9]{1,2}|1[01][0-9]) s, listed after (1[2-9]|[2-9][0-9])[0-9] s$' "how late the list is"
is "$(came book.times)" "UTC-05:00" "the zone of times"
like "$(came book.days)" '^days are cut in a zone between UTC-12:[0-9]+ and UTC\+1[12]:' "and of days"
is "$(came book.echo)" "added: apiname request_key; missing: nothing; spelled otherwise: nothing" "the echo"
is "$(came book.api)" "POST appointment" "and what the path is called"
is "$(came book.withdrawn)" "HTTP 200 API4006; the list doesn't show it any more" "it is gone"
like "$(came book.stands)" "^nothing: it is withdrawn" "and it is said"
is "$(secrets out err tty)" "" "neither keys nor patients' data"

begin_waiting --list-lag 100000
typing yes --book D36225 7 2031-03-05 practice_id=1 &
probing=$!
wait_for is_handed_in && look_again
kill -TERM "$(cat pid)"
wait "$probing"
is "$(cat "$T/code")" 143 "a signal in between"
is "$(stood)" "1 1 0" "withdraws it as well"
like "$(came book.stands)" "^nothing: it is withdrawn" "and that is said"

begin_waiting --fault 'POST /appointment=drop-after'
typed yes 0 "an answer that is lost" --book D36225 7 2031-03-05 practice_id=1
is "$(stood)" "1 1 0" "it is found in the list, and withdrawn"

begin_waiting --fault 'POST /appointment=status:400:API1020'
typed yes 0 "a booking that is refused" --book D36225 7 2031-03-05 practice_id=1
is "$(came book.stands)" "nothing: the booking was refused (API1020)" "it is said"
begin_waiting --fault 'POST /appointment=429-daily'
typed yes 2 "a booking that is put off" --book D36225 7 2031-03-05 practice_id=1
like "$(came book.stands)" "^nothing yet: .*API2012.*sikka-sweep --retry.* type: sikka-sweep --withdraw 1$" "it is said what may send it yet"
like "$(cat err)" "at the practice D36225: nothing yet" "on standard error, too"
sim_clear_faults
run 0 "what cron may run" sikka-sweep --retry
is "$(row 1 result) $(held '.writebacks | length')" "pending 1" "sends it"
run 0 "and what was said" sikka-sweep --withdraw 1
is "$(row 1 result) $(held '.writebacks[0].state')" "withdrawn withdrawn" "withdraws it"

begin_waiting --fault 'DELETE /writebacks=status:500'
typed yes 3 "a withdrawal that fails" --book D36225 7 2031-03-05 practice_id=1
like "$(came book.stands)" "Type: sikka-sweep --withdraw 1$" "it says what to type"
done_testing
