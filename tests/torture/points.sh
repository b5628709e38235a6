#!/bin/sh
# SPDX-License-Identifier: MIT
# points.sh: what the torture tests share. Source tests/lib.sh first, then this:
#
#	options "$@"             # --point P …, --sample N, --seed S, --every 1
#	all_points >points       # a line each
#	try_points NAME WORKERS  # calls try_point P for each, in a folder and with a simulator of its own;
#	                         # it tells what is wrong by "wrong WHAT", and nothing when all is well
#
# The verdict is taken from the simulator's ledger and the state file together. It is in SQL, and the
# simulator is asked by a program of our own, as jq and curl would take most of the time.

# In memory where there is room: nothing here needs a disk, and syncing one is slow.
if [ "$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 + 0 }')" -gt 500000 ] 2>/dev/null &&
    quick=$(mktemp -d /dev/shm/sikka-test.XXXXXX); then
	rm -rf "$T"
	T=$quick HOME=$quick SIKKA_DB=$quick/state/sikka.db
	cd "$T" || exit 1
	begin_clocks
fi
mkdir "$T/bin"
${CC:-cc} -O1 -D_GNU_SOURCE -o "$T/bin/ask" "$TOP/tests/torture/ask.c" || exit 1
PATH=$T/bin:$PATH

# As in lib.sh, quicker.
sim_get() { ask "$SIM/$1"; }
sim_post() { ask -X POST "$SIM/$1" >/dev/null; }
sim_fault() { case $(ask -d "$1" "$SIM/faults") in *'"error"'*) wrong "the simulator refuses the rule $1" ;; esac; }
sim_clear_faults() { ask -X DELETE "$SIM/faults" >/dev/null; }
booking() {
	description=check-up date=2031-03-03 time=09:00 key=
	for member in "$@"; do
		case $member in
		description=*) description=${member#*=} ;;
		date=*) date=${member#*=} ;;
		time=*) time=${member#*=} ;;
		key=*) key=",\"key\":\"${member#*=}\"" ;;
		*) wrong "booking $member" ;;
		esac
	done
	printf '{"office_id":"D36225","practice_id":"1","patient_id":"7","date":"%s","time":"%s","length":"30","description":"%s","provider_id":"DOC1","operatory":"OP1"%s}\n' \
	    "$date" "$time" "$description" "$key"
}

sample="" seed="" only="" every="" part=""
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

# choose: of the points on stdin those to be tried. pick N: N of the lines on stdin.
pick() {
	perl -e '($n, $seed) = @ARGV; srand $seed; @all = <STDIN>;
	    for (1 .. $n) { last unless @all; print splice @all, int rand @all, 1 }' "$1" "$seed"
}
choose() {
	if [ -n "$only" ]; then
		# shellcheck disable=SC2086 # a list
		printf '%s\n' $only
	elif [ -n "$sample" ]; then
		pick "$sample"
	else
		cat
	fi
}

# list_beside: list_all in a folder, with a simulator and a state file of its own.
list_beside() {
	T=$T/list SIM_PID=
	SIKKA_DB=$T/state/sikka.db
	mkdir "$T" && cd "$T" || exit 1
	trap 'stop_sim' EXIT
	trap 'exit 1' INT TERM HUP
	list_all
}

# list: what list_all prints, in the file listed; nothing if the points are named. It runs beside this shell: a signal
# reaches a shell that waits for it, but not one that has it in the foreground, and both end their simulators then. A
# list that ended in the middle would leave points out, and nobody would notice: so its end is marked.
list() {
	: >listed
	[ -z "$only" ] || return 0
	(
		list_beside
		: >"${T%/list}/whole"
	) >listed &
	listing=$!
	sim_pids="$sim_pids $listing" # ended with it
	wait "$listing"
	[ -e whole ] || { echo "not ok $(basename "$0"): the points couldn't be listed" >&2; exit 1; }
}

# wrong WHAT: the point that is being tried doesn't hold.
wrong() { printf '%s\n' "$1" >>"$T/wrong"; }

# missed: it wasn't reached, as the number of calls varies by what is waited for; tried three times, then told of.
missed() { is_missed=1; }

# try_all POINT[,ACTION …]: points that share a state, together; when that doesn't hold, each alone.
try_all() {
	[ ! -e wrong ] || rm wrong
	for again in 1 2 3; do
		: >log
		is_missed=
		try_point "$1"
		[ -n "$is_missed" ] || break
	done
	if [ -n "$is_missed" ] && [ ! -s wrong ]; then
		echo "missed $1" >>results
		return
	fi
	if [ ! -s wrong ]; then
		case $1 in
		*,*) printf '%s\n' "$1" | tr , '\n' | sed 's/^/ok /' >>results ;;
		*) echo "ok $1" >>results ;;
		esac
		return
	fi
	{
		echo "not ok $1"
		sed 's/^/#   /' wrong
		[ -z "$only" ] || sed 's/^/#   | /' log
		echo "#   again: tests/torture/$part --point '$1'"
	} >failure
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

# work FOLDER: tries the points in FOLDER/points; its own temp folder, home, clocks and state file.
work() {
	T=$1 HOME=$1 SIKKA_DB=$1/state/sikka.db SIM_PID=
	cd "$T" || exit 1
	begin_clocks
	trap 'stop_sim' EXIT
	trap 'exit 1' INT TERM HUP
	while read -r point; do
		try_all "$point" </dev/null
	done <points
}

# try_points NAME WORKERS
try_points() {
	part=$1 worker=0 workers=
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
	tried=$(grep -c '^ok\|^not ok' results) held=$(grep -c '^ok' results) unreached=$(grep -c '^missed' results)
	# A worker that died has left points out.
	missing=$(($(tr , '\n' <points | wc -l) - tried - unreached))
	[ "$tried" -eq "$held" ] || grep -v '^ok\|^missed' results
	[ "$missing" -le 0 ] || echo "not ok: $missing points weren't tried"
	[ -z "$sample" ] || echo "# $part: seed $seed"
	echo "$part: $tried points tried, $held held$([ "$unreached" -eq 0 ] || echo "; $unreached not reached")"
	[ "$tried" -gt 0 ] && [ "$tried" -eq "$held" ] && [ "$missing" -le 0 ]
}

# --- one simulator ------------------------------------------------------------------------------------------

# fresh_sim [OPTION …]: a new one in place of the last one, and no state file.
fresh_sim() {
	stop_sim
	[ ! -e state ] || rm -rf state
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

# open_rows [STATES]: how many haven't ended.
open_rows() {
	[ -e "$SIKKA_DB" ] || { echo 0; return; }
	sql "SELECT count(*) FROM pms_writebacks WHERE result IN (${1:-'queued', 'submitting', 'pending', 'unknown'})"
}

# settle: what is unknown, by the list; where that lacks it, by two of them after more than half an hour.
settle() {
	does sikka-sweep
	[ "$(open_rows "'unknown'")" -gt 0 ] || return 0
	later 2200
	does sikka-sweep
	[ "$(open_rows "'unknown'")" -gt 0 ] || return 0
	later 61
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
		later 130
		does sikka-sweep --retry
		does sikka-poll
		round=$((round + 1))
	done
}

# --- the verdict --------------------------------------------------------------------------------------------

# What the verdicts are about: "there", the simulator's requests as $ledger has them, and "here", the rows; each
# with the label of its request, which is its description or first name. A state file without tables is an empty one.
ledger=ledger
both_sides() {
	printf '%s\n' "CREATE TEMP TABLE there AS SELECT value->>'id' AS id, value->>'state' AS state, value->>'applied' AS applied,
	    value->>'created_id' AS created_id, coalesce(value->'body'->>'description', value->'body'->>'firstname') AS label
	    FROM json_each(CAST(readfile('$ledger') AS TEXT), '\$.writebacks');
	CREATE TEMP TABLE here (id, writeback_id, result, error_code, created_id, attempts, label);
	INSERT INTO here SELECT id, writeback_id, result, error_code, created_id, attempts,
	    coalesce(request_body->>'description', request_body->>'firstname') FROM pms_writebacks;"
}

# judge FILE: SQL on stdin about both sides, which writes a line for all that is wrong, and "judged" at last.
judge() {
	file=$1
	[ -e "$file" ] || file=:memory:
	sqlite "$file" >verdict.out 2>verdict.err
	verdict=
	while read -r line; do
		case $line in
		judged) verdict=given ;;
		*) wrong "$line" ;;
		esac
	done <verdict.out
	while read -r line; do
		case $line in
		*"no such table: "*) ;;
		*) verdict= ;;
		esac
	done <verdict.err
	[ -n "$verdict" ] || wrong "the verdict itself: $(sed 3q verdict.err)"
}

# agrees LABEL=END …: of each request the server has one and the state file one that ended so (completed, stuck
# or withdrawn); both say the same, and there are no others.
agrees() {
	sim_get state >ledger
	ledger=ledger
	{
		both_sides
		echo "CREATE TEMP TABLE wanted (label, ending);"
		for pair in "$@"; do echo "INSERT INTO wanted VALUES ('${pair%%=*}', '${pair#*=}');"; done
		cat <<-'END'
		SELECT label || ': the server has ' || coalesce(has, 'nothing') || ', not ' || wants FROM (
		    SELECT label, iif(ending = 'completed', 'completed 1', 'withdrawn 0') AS wants,
			(SELECT group_concat(state || ' ' || applied) FROM there WHERE there.label = wanted.label) AS has
		    FROM wanted) WHERE has IS NOT wants;
		DELETE FROM here WHERE error_code = 'superseded';
		SELECT label || ': ' || count(id) || ' rows: ' || coalesce(group_concat(result || ' ' || coalesce(error_code, '')), '')
		    FROM wanted LEFT JOIN here USING (label) GROUP BY label HAVING count(id) <> 1;
		SELECT label || ': the row is ' || result || ' ' || coalesce(error_code, '') FROM wanted JOIN here USING (label)
		    WHERE NOT iif(ending = 'stuck', result = 'failed' AND error_code IS 'stuck', result = ending);
		SELECT label || ': the row has writeback ' || coalesce(here.writeback_id, 'none') || ', the server ' || there.id
		    FROM here JOIN there USING (label) WHERE here.writeback_id IS NOT there.id;
		SELECT label || ': created ' || coalesce(here.created_id, 'nothing') || ', and there ' || there.created_id
		    FROM here JOIN there USING (label) JOIN wanted USING (label)
		    WHERE ending = 'completed' AND here.created_id IS NOT there.created_id;
		SELECT coalesce(label, 'something') || ': nobody asked for that' FROM (SELECT label FROM there UNION SELECT label FROM here)
		    WHERE coalesce(label, '') NOT IN (SELECT label FROM wanted);
		SELECT 'judged';
		END
	} >verdict.sql
	judge "$SIKKA_DB" <verdict.sql
	[ ! -s wrong ] || [ ! -e "$SIKKA_DB" ] || sql "SELECT row_id, kind, text FROM events" >>log 2>&1
}

# count_in FILE NAME: sets $number to the one behind "NAME": in an answer of the simulator; no process for it.
count_in() {
	read -r line <"$1"
	line=${line#*\""$2"\":}
	number=${line%%[,\}]*}
}

# is_sound OFFICE …: the file is whole, each office's key is one that the server takes, no secret was in a URL.
is_sound() {
	found=$(sql "PRAGMA integrity_check; PRAGMA foreign_key_check")
	[ "$found" = ok ] || wrong "integrity_check: $found"
	for office in "$@"; do
		key=$(sikka-token print "$office" 2>>log) || wrong "no key of $office"
		answer=$(ask -H "Request-Key: $key" "$SIKKA_BASE_URL/providers?limit=1")
		case $answer in *'"items"'*) ;; *) wrong "the key of $office isn't taken: $answer" ;; esac
	done
	sim_get requests >asked
	count_in asked secrets_in_urls
	[ "$number" = 0 ] || wrong "a secret in a URL"
}
