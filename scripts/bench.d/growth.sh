# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Sourced by scripts/bench. What commands take when they have more to do: each is measured with 1,000, 10,000 and so on,
# up to --most, of what the table names. And how late sikka-poll --follow tells of requests that end one by one.

row_grow_get() {
	static_pages "$N"
	OURS="sikka-get -O D36225 appointments"
}
row_grow_book() { READY=ready_book OURS="sikka-book -q $T/bookings"; }
row_grow_poll() { READY=ready_pending OURS=$(script ours "$POLL_PENDING"); }
grow_rows() { # COMMAND
	many_rows "$N"
	HITS=5 WARMUP=1
	OURS=$(script ours "$1 || [ \$? -lt 3 ]")
}
row_grow_status() { grow_rows "sikka-status -D '$T/many-$N/sikka.db'"; }
row_grow_check() { grow_rows "sikka-status -D '$T/many-$N/sikka.db' --check"; }
row_grow_metrics() { grow_rows "sikka-status -D '$T/many-$N/sikka.db' --metrics"; }
row_grow_sweep() { grow_rows "sikka-sweep -D '$T/many-$N/sikka.db'"; }
row_grow_history() {
	grow_rows "sikka-status -D '$T/many-$N/sikka.db' --history"
	HITS=1
}
row_grow_backup() {
	grow_rows "rm -f '$T/copy.db'; sikka-sweep -q -D '$T/many-$N/sikka.db' --backup '$T/copy.db'"
	HITS=1
}
row_grow_authorize() { FAR='' READY=ready_new_offices OURS="sikka-authorize -q"; }
row_grow_refresh() { FAR='' READY=ready_offices OURS="sikka-token -q refresh --all"; }
ready_import() {
	world
	jq -cn --argjson n "$N" 'range($n) | {officeId: "D\(10000 + .)", secretKey: "s\(.)", requestKey: "r\(.)"}' >"$T/import"
}
row_grow_import() { READY=ready_import OURS="sikka-authorize -q --import=$T/import"; }
row_grow_offices_check() {
	FAR='' HITS=5
	ready_offices
	OURS=$(script ours 'sikka-status --check || [ $? -lt 3 ]')
}

# One point: the median of the runs, and the memory of one more.
measure_point() { # ROW N
	N=$2 OURS='' HITS=1 WARMUP=0 READY=:
	"row_$(echo "$1" | tr - _)"
	: >"$T/ours"
	for _ in $(seq "$RUNS"); do
		$READY
		seconds "$OURS" >>"$T/ours"
	done
	$READY
	jq -cn --argjson n "$2" --argjson kilobytes "$(kilobytes "$OURS")" --slurpfile ours "$T/ours" '
	    {n: $n, seconds: ($ours | sort | .[length / 2 | floor]), min: ($ours | min), max: ($ours | max), kilobytes: $kilobytes}'
}

measure_growth() { # ROW
	: >"$T/points"
	at=1000
	while [ "$at" -le "$MOST" ]; do
		measure_point "$1" "$(sized "$at")" >>"$T/points"
		at=$((at * 10))
	done
	jq -cs --arg row "$1" --arg of "$(column "$1" 3)" --arg what "$(column "$1" 4)" \
	    '{row: $row, what: $what, of: $of, points: .}' "$T/points" >"$T/row.json"
	cat "$T/row.json" >>"$T/growth.json"
	tell_growth
}

# --- sikka-poll --follow ------------------------------------------------------------------------------------

# How long after its end each is known, and what that costs. Once: it takes a minute and a half.
measure_follow() { # ROW
	N=$(sized 800)
	offices_world 50 --delay 15:60
	bookings 04 "$N" >"$T/bookings"
	[ "$1" = follow ] || printf 'GET /writebacks=slow:5000\n' | curl -sS --fail --data-binary @- "$SIM/faults" >"$T/out"
	quiet sikka-book "$T/bookings"
	before=$(requests)
	# Empty at once: what follows must not find those of the row before.
	: >"$T/told"
	: >"$T/followed"
	sikka-poll --follow >>"$T/followed" 2>"$T/err" &
	FOLLOW_PID=$!
	# The moment at which each is told, beside its id.
	tail -n +1 -f --pid="$FOLLOW_PID" "$T/followed" | jq -c --unbuffered '[.writeback_id, now]' >"$T/told" &
	READ_PID=$!
	give_up=$(($(date +%s) + 600))
	while [ "$(wc -l <"$T/told")" -lt "$N" ]; do
		kill -0 "$FOLLOW_PID" || fail "sikka-poll --follow" "$T/err"
		[ "$(date +%s)" -lt "$give_up" ] || fail "sikka-poll --follow: after ten minutes not all have ended" "$T/err"
		sleep 0.2
	done
	after=$(requests)
	stop "$FOLLOW_PID"
	stop "$READ_PID"
	FOLLOW_PID='' READ_PID=''
	curl -sS "$SIM/state" | jq '[.writebacks[] | {key: .id, value: (.completed_time + "Z" | fromdate)}] | from_entries' >"$T/ended.json"
	# The server tells whole seconds: half a second of them had passed, on average.
	jq -cs --arg row "$1" --arg what "$(column "$1" 4)" --argjson n "$N" --argjson requests $((after - before)) --slurpfile ended "$T/ended.json" '
	    def median: sort | .[length / 2 | floor];
	    map(.[1] - $ended[0][.[0]] - 0.5) as $late
	    | {row: $row, what: $what, against: "-", aim: null, size: $n,
		ours: {median: ($late | median), min: ($late | min), max: ($late | max), mean: ($late | add / length), seconds: []},
		theirs: null, ratio: null, requests: $requests, syncs: null, kilobytes: null}' "$T/told" >"$T/row.json"
	cat "$T/row.json" >>"$T/rows.json"
	tell_row
}
