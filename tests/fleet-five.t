#!/bin/sh
# SPDX-License-Identifier: MIT
# Five hosts with 500 offices become six under load, and one of them dies: each request is sent once, each office is
# served by one host, no host takes another's keys away, and the limit of the application is kept.
. "$(dirname "$0")/lib.sh"

OFFICES=500
systems() { for number in $(seq 10003 $((10000 + OFFICES))); do printf -- '--pms D%s=Dentrix:G6.2 ' "$number"; done; }
# host K/N COMMAND ...: a state file each
host() {
	share=$1
	shift
	SIKKA_SHARE=$share SIKKA_DB="$T/host${share%/*}/sikka.db" "$@"
}
sql_of() { sqlite "$T/host$1/sikka.db" "$2"; }
# at_once HOSTS N WHAT COMMAND ...: on each of these hosts of N, at the same time; "%" in a word is the host's number
at_once() {
	hosts=$1 of=$2 what=$3 pids='' codes=''
	shift 3
	for k in $hosts; do
		# shellcheck disable=SC2046 # words without blanks
		host "$k/$of" $(echo "$*" | sed "s/%/$k/g") >"out$k" 2>"err$k" &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid"
		codes="$codes$?"
	done
	is "$codes" "$(echo "$hosts" | tr -d ' ' | tr 1-9 0)" "$what"
}
# requests WHAT TIME: one for each office on stdin
requests() { jq -R -c --arg what "$1" --argjson base "$(booking time="$2")" '$base + {office_id: ., key: "\(.)/\($what)"}'; }
# offices PROGRAM: of those in the table "office, host of 5, host of 6", which this awk program wants
offices() { awk "$1 { print \$1 }" table; }
settle() { at_once "$1" "$2" "the practices answer" sikka-poll -q --wait --every 1s; }

# shellcheck disable=SC2046
start_sim --rate-limit 150 --rate-window 5 --delay 0:0 --offices "$OFFICES" $(systems) --pms D20006=Dentrix:G6.2
SIKKA_SHARED_OFFICES='*'
export SIKKA_SHARED_OFFICES
all=$(sim_get requests | jq -r '.renewals | keys[]')
for of in 5 6; do
	# shellcheck disable=SC2086
	SIKKA_SHARE=1/$of sikka-status --share $all 2>err | jq -r '"\(.office_id) \(.host)"' | sort >"of$of"
done
join of5 of6 >table
is "$(wc -l <table) $(awk '$3 != $2 && $3 != 6' table | wc -l)" "$OFFICES 0" "from five hosts to six an office stays, or goes to the new one"
moved=$(offices '$3 == 6' | wc -l)

# --- what the application's list costs: the page's table --------------------------------------------
sed -n 's/^\.It \([0-9,]*\) Ta \([0-9,]*\) Ta \([0-9,]*\) Ta \([0-9,]*\) Ta \([0-9,]*\)$/\1 \2 \3 \4 \5/p' "$TOP/man/sikka-fleet.7" | tr -d , >costs
is "$(awk 'function pages(days) { return int((days * $1 + 4999) / 5000) } END { print (NR > 2) } { if ($2 != pages(2) || $3 != pages(6) || $4 != 5 * 6 * pages(2) || $5 != 20 * 6 * pages(2)) print }' costs)" 1 "the page's numbers are computed"

# --- five hosts ----------------------------------------------------------------------------------
at_once '1 2 3 4 5' 5 "five hosts begin at the same time" sikka-authorize
is "$(for k in 1 2 3 4 5; do sql_of $k "SELECT office_id || ' $k' FROM pms_integrations"; done | sort)" "$(cat of5)" "each office has its host"
for k in 1 2 3 4 5; do offices "\$2 == $k" | requests a 09:00 >"a$k"; done
at_once '1 2 3 4 5' 5 "each host sends one request for each of its offices" sikka-book a%
settle '1 2 3 4 5' 5
is "$(posts)" "$OFFICES" "all were sent"

# --- from five to six ----------------------------------------------------------------------------
# The old hosts have their new shares, and send for the offices that stay, while the others move.
for k in 1 2 3 4 5; do offices "\$2 == $k && \$3 != 6" | requests b 10:00 >"b$k"; done
offices '$3 == 6' >moving
host 6/6 sikka-authorize --import </dev/null >out 2>err
for k in 1 2 3 4 5; do
	host "$k/6" sikka-book "b$k" >"sent$k" 2>"sent.err$k" &
	eval "load$k=$!"
done
move_of() { # K: all offices that this host loses
	offices "\$2 == $1 && \$3 == 6" | while read -r office; do
		SIKKA_KEPT='' host "$1/6" sikka-sweep --export-office "$office" 2>>"give.err$1"
	done | host 6/6 sikka-sweep --import-office - >"take$1" 2>"take.err$1"
}
pids=
for k in 1 2 3 4 5; do
	move_of $k &
	pids="$pids $!"
done
codes=
for pid in $pids "$load1" "$load2" "$load3" "$load4" "$load5"; do
	wait "$pid"
	codes="$codes$?"
done
is "$codes" 0000000000 "$moved offices move while the hosts send"
is "$(cat give.err?)" "" "nothing is said"
is "$(for k in 1 2 3 4 5 6; do sql_of $k "SELECT office_id || ' $k' FROM pms_integrations"; done | sort)" "$(cut -d' ' -f1,3 table)" "each office has its host again"

# What was handed in to an old host is handed in again to the new one, with what is new.
requests a 09:00 <moving >a6
requests b 10:00 <moving >b6
sent=$(posts)
run 0 "the same requests on the new host" host 6/6 sikka-book a6
is "$(said '[.result, .duplicate] | join(" ")' | sort | uniq -c | sed 's/^ *//') $(posts)" "$moved completed true $sent" "are duplicates, and none is sent"
head -n 1 b6 >one
k=$(awk -v office="$(head -n 1 moving)" '$1 == office { print $2 }' table)
run 65 "a host that was forgotten, with its old share" host "$k/5" sikka-book one
is "$(said .error_code) $(posts)" "other_share $sent" "sends nothing for what it gave away"
run 0 "new ones" host 6/6 sikka-book b6
settle '1 2 3 4 5 6' 6
is "$(posts)" "$((2 * OFFICES))" "are sent"

# --- one host dies ---------------------------------------------------------------------------------
# It is replaced from its copy, under its number.
run 0 "a copy" host 3/6 sikka-sweep --backup copy
for k in 1 3; do offices "\$3 == $k" | requests c 11:00 >"c$k"; done
sent=$(posts)
# With exec, so that its number is the command's and not a shell's: the command would outlive that one.
(SIKKA_SHARE=3/6 SIKKA_DB=$T/host3/sikka.db exec sikka-book c3) >killed.out 2>killed.err &
killed=$!
host 1/6 sikka-book c1 >sent1 2>sent.err1 &
other=$!
on_its_way() { [ "$(sql_of 3 "SELECT count(*) FROM pms_writebacks WHERE submitted_at > (SELECT max(completed_at) FROM pms_writebacks)")" -ge 10 ] || has_ended "$killed"; }
wait_for on_its_way
kill -KILL "$killed"
wait "$killed" 2>gone.err
wait "$other"
is "$?" 0 "the others go on"
rm -rf host3
mkdir host3 && cp copy host3/sikka.db
restore() { host 3/6 after_restore --accept-gap; }
run 75 "the dead one is replaced; what it sent last may be missing in lists" restore
later 36m
run 0 "so that is waited for" restore
run 0 "and gets the same requests again" host 3/6 sikka-book c3
settle '1 3' 6

# --- what the server saw ---------------------------------------------------------------------------
expected=$((2 * OFFICES + $(cat c1 c3 | wc -l)))
sim_get state | jq -r '.writebacks[] | select(.applied > 0) | "\(.office_id) \(.body.time)"' | sort | uniq -c >booked
is "$(wc -l <booked) $(awk '$1 != 1' booked | wc -l)" "$expected 0" "each request was carried out once"
is "$(posts)" "$expected" "and was sent once"
is "$(sim_get requests | jq '[.renewals[] | .refused] | add')" 0 "no host was refused for a key that another one had renewed"
is "$(sim_get requests | jq '[.renewals[] | select(.request_key != 1)] | length')" 0 "each office got its first key once"
# A host learns from an answer what the others have used; meanwhile it has some calls on their way.
refused=$(sim_get requests | jq .answered_429) calls=$(sim_get requests | jq '.total')
ok $((refused * 10 > calls)) "the limit of the application is kept ($refused of $calls calls were one too many, and were made again)"
is "$(for k in 1 2 3 4 5 6; do sql_of $k "SELECT office_id || ' $k' FROM pms_integrations"; done | sort)" "$(cut -d' ' -f1,3 table)" "each office is served by one host"

done_testing
