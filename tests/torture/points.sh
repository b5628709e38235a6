#!/bin/sh
# SPDX-License-Identifier: MIT
# points.sh: what the torture tests kill and network share. Source tests/lib.sh first, then this:
#
#	options "$@"             # --point P …, --sample N, --seed S, --every 1
#	all_points >points       # a line each
#	try_points NAME WORKERS  # calls try_point P for each, in a folder and with a simulator of its own;
#	                         # it tells what is wrong by "wrong WHAT", and nothing when all is well
#
# The verdict is taken from the simulator's ledger and the state file together.

TOP=$(cd "$TOP/.." && pwd)

sample="" seed="" only="" every=""
options() {
	while [ $# -gt 0 ]; do
		[ $# -ge 2 ] || { echo "usage: $(basename "$0") [--sample N] [--seed S] [--point P] …" >&2; exit 64; }
		case $1 in
		--sample) sample=$2 ;;
		--seed) seed=$2 ;;
		--every) every=$2 ;;
		--point) only="$only $2" ;;
		*) echo "no such option: $1" >&2; exit 64 ;;
		esac
		shift 2
	done
	seed=${seed:-$(date +%s)}
}

# choose: of the points on stdin those to be tried.
choose() {
	if [ -n "$only" ]; then
		# shellcheck disable=SC2086 # a list
		printf '%s\n' $only
	elif [ -n "$sample" ]; then
		perl -e '($n, $seed) = @ARGV; srand $seed; @all = <STDIN>;
		    for (1 .. $n) { last unless @all; print splice @all, int rand @all, 1 }' "$sample" "$seed"
	else
		cat
	fi
}

# wrong WHAT: the point that is being tried doesn't hold.
wrong() { printf '%s\n' "$1" >>"$T/wrong"; }

# try_all POINT[,ACTION …]: points that share a state, together; when that doesn't hold, each alone.
try_all() {
	rm -rf state wrong log
	try_point "$1"
	if [ ! -s wrong ]; then
		printf '%s\n' "$1" | tr , '\n' | sed 's/^/ok /' >>results
		return
	fi
	{ echo "not ok $1"; sed 's/^/#   /' wrong; [ -z "$only" ] || sed 's/^/#   | /' log; } >failure
	case $1 in
	*,*)
		mv failure together
		scenario=${1%%:*} alone=0
		for action in $(printf '%s\n' "${1#*:}" | tr , ' '); do
			try_all "$scenario:$action"
			[ ! -s wrong ] || alone=1
		done
		# Only together.
		[ "$alone" -eq 1 ] || { rm -f wrong; cat together >>results; }
		;;
	*) cat failure >>results ;;
	esac
}

# work FOLDER: tries the points in FOLDER/points; its own temp folder, home and state file.
work() {
	T=$1 HOME=$1 SIKKA_DB=$1/state/sikka.db SIM_PID=
	cd "$T" || exit 1
	trap 'stop_sim' EXIT
	trap 'exit 1' INT TERM HUP
	while read -r point; do
		try_all "$point" </dev/null
	done <points
}

# try_points NAME WORKERS
try_points() {
	worker=0 workers=
	while [ "$worker" -lt "$2" ]; do
		mkdir "$T/$worker"
		awk -v n="$2" -v mine="$worker" 'NR % n == mine' points >"$T/$worker/points"
		: >"$T/$worker/results"
		(work "$T/$worker") &
		workers="$workers $!"
		worker=$((worker + 1))
	done
	sim_pids="$sim_pids $workers" # ended with it
	# shellcheck disable=SC2086 # a list
	wait $workers
	cat "$T"/[0-9]*/results >results
	tried=$(grep -c '^ok\|^not ok' results) held=$(grep -c '^ok' results)
	# A worker that died has left points out.
	missing=$(($(tr , '\n' <points | wc -l) - tried))
	[ "$tried" -eq "$held" ] || grep -v '^ok' results
	[ "$missing" -le 0 ] || echo "not ok: $missing points weren't tried"
	[ "$tried" -eq "$held" ] || echo "# seed $seed; repeat with: tests/torture/$1 --point POINT"
	unreached=$(cat "$T"/[0-9]*/missed 2>/dev/null | wc -l)
	[ "$unreached" -eq 0 ] || echo "# $unreached weren't reached: the number of calls varies a little"
	echo "$1: $tried points tried, $held held"
	[ "$tried" -gt 0 ] && [ "$tried" -eq "$held" ] && [ "$missing" -le 0 ]
}

# --- one simulator ------------------------------------------------------------------------------------------

# fresh_sim [OPTION …]: a new one in place of the last one.
fresh_sim() {
	stop_sim
	[ -p url ] || mkfifo url
	sikka-sim --port 0 --rate-limit 1000000 --delay 0:0 "$@" >url 2>>sim.err &
	SIM_PID=$!
	read -r SIKKA_BASE_URL <url
	SIM=${SIKKA_BASE_URL%/v4}/_sim
	export SIKKA_BASE_URL SIM
}

stop_sim() {
	[ -n "$SIM_PID" ] || return 0
	kill "$SIM_PID" 2>/dev/null
	wait "$SIM_PID" 2>/dev/null
	SIM_PID=
}

# --- afterwards ---------------------------------------------------------------------------------------------

# does COMMAND …: one that meets no trouble; its exit code is one of those that speak of requests.
does() {
	"$@" >>log 2>&1
	code=$?
	echo "exit $code: $*" >>log
	[ "$code" -le 3 ] || wrong "exit $code: $*"
}

# shift_times SECONDS [WHERE]: age of lib.sh, by one process.
shift_times() {
	sets=
	for column in queued_at submitted_at unknown_at not_received_at absent_at completed_at \
	    last_checked_at withdraw_at withdrawn_at looked_at gone_at; do
		sets="$sets${sets:+, }$column = strftime('%Y-%m-%dT%H:%M:%fZ', $column, '-$1 seconds')"
	done
	sql "UPDATE pms_writebacks SET $sets WHERE ${2:-1}"
}

# open_rows [STATES]: how many haven't ended.
open_rows() {
	[ -e "$SIKKA_DB" ] || { echo 0; return; }
	sql "SELECT count(*) FROM pms_writebacks WHERE result IN (${1:-'queued', 'submitting', 'pending', 'unknown'})"
}

# settle: what is unknown, by the list; where that lacks it, by two of them after a quarter of an hour.
settle() {
	does sikka-sweep
	[ "$(open_rows "'unknown'")" -gt 0 ] || return 0
	shift_times 1000
	does sikka-sweep
	[ "$(open_rows "'unknown'")" -gt 0 ] || return 0
	shift_times 61
	does sikka-sweep
}

# unended: how many rows live, or wait until they may be sent again (the second time not before a pause).
unended() {
	[ -e "$SIKKA_DB" ] || { echo 0; return; }
	sql "SELECT count(*) FROM pms_writebacks WHERE result IN ('queued', 'submitting', 'pending', 'unknown')
	    OR (result = 'failed' AND error_code IN ('not_sent', 'not_received'))"
}

# to_the_end: until every row has ended, and as many looks as the longest way takes.
to_the_end() {
	does sikka-poll
	round=0
	while [ "$(unended)" -gt 0 ] && [ "$round" -lt 6 ]; do
		shift_times 130
		does sikka-sweep --retry
		does sikka-poll
		round=$((round + 1))
	done
}

# --- the verdict --------------------------------------------------------------------------------------------

# agrees LABEL=END …: of each request, which its description or first name tells, the server has one and
# the state file one that ended so (completed, stuck or withdrawn); both say the same, and there are no others.
agrees() {
	sql -json "SELECT id, writeback_id, result, error_code, created_id, request_body FROM pms_writebacks" >rows
	sim_get state >ledger
	# shellcheck disable=SC2016 # jq's own
	jq -rn --slurpfile rows rows --slurpfile ledger ledger --args '
	    def tag: .description // .firstname;
	    [($rows[0] // [])[] | . + {label: (.request_body | fromjson | tag)}] as $rows
	    | [$ledger[0].writebacks[] | . + {label: (.body | tag)}] as $there
	    | [$ARGS.positional[] | split("=") | {label: .[0], end: .[1]}] as $wanted
	    | ($wanted[] | . as $w
		| [$there[] | select(.label == $w.label)] as $t
		| [$rows[] | select(.label == $w.label and .error_code != "superseded")] as $r
		| (if $w.end == "completed" then ["completed", 1] else ["withdrawn", 0] end) as $state
		| ($t | map([.state, .applied])) as $is
		| (if $is != [$state] then "\($w.label): the server has \($is | tojson), not \([$state] | tojson)" else empty end),
		  (if ($r | length) != 1 then "\($w.label): \($r | length) rows: \($r | map(.result + " " + (.error_code // "")) | tojson)"
		   elif ($r[0] | if $w.end == "stuck" then .result == "failed" and .error_code == "stuck" else .result == $w.end end) | not then
		       "\($w.label): the row is \($r[0].result) \($r[0].error_code)"
		   elif $t != [] and $r[0].writeback_id != $t[0].id then "\($w.label): the row has writeback \($r[0].writeback_id), the server \($t[0].id)"
		   elif $w.end == "completed" and $t != [] and $r[0].created_id != $t[0].created_id then "\($w.label): created \($r[0].created_id), and there \($t[0].created_id)"
		   else empty end)),
	      ([$there[], $rows[]] | map(.label) - ($wanted | map(.label)) | unique[] | "\(.): nobody asked for that")' \
	    "$@" >disagree 2>&1 || wrong "the verdict itself: $(cat disagree)"
	while read -r line; do wrong "$line"; done <disagree
	[ ! -s disagree ] || sql "SELECT row_id, kind, text FROM events" >>log
}

# is_sound OFFICE …: the file is whole, each office's key is one that the server takes, no secret was in a URL.
is_sound() {
	found=$(sql "PRAGMA integrity_check; PRAGMA foreign_key_check")
	[ "$found" = ok ] || wrong "integrity_check: $found"
	for office in "$@"; do
		key=$(sikka-token print "$office" 2>>log) || wrong "no key of $office"
		printf 'Request-Key: %s\n' "$key" |
		    curl -ksS -H @- "$SIKKA_BASE_URL/providers?limit=1" >answer
		grep -q '"items"' answer || wrong "the key of $office isn't taken: $(cat answer)"
	done
	sim_get requests >asked
	[ "$(jq .secrets_in_urls asked)" = 0 ] || wrong "a secret in a URL"
}
