# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Sourced by scripts/bench. How a row is measured: both sides in turn, so many times; then, each in a run of its own,
# what it asks the server, how often it waits for the disk, and how much memory it takes.

need() { # PROGRAM PACKAGE
	command -v "$1" >/dev/null || {
		echo "bench: $1 is missing (apt-get install $2)" >&2
		exit 69
	}
}

# What the rows need that were chosen. nginx serves the pages of two of them: see static_pages.
need_tools() {
	for tool in hyperfine sqlite3 curl jq strace; do
		need "$tool" "$tool"
	done
	for row in $ROWS; do
		case $row in get | grow-get) need nginx nginx ;; esac
	done
	need /usr/bin/time time
	[ -x "$BIN/sikka-sim" ] || {
		echo "bench: $BIN has no commands: run make first" >&2
		exit 69
	}
}

# sized N: so many, or as many as --size wants
sized() {
	n=$(($1 * PERCENT / 100))
	echo $((n > 0 ? n : 1))
}

fail() { # COMMAND LOG
	echo "bench: $ROW: this failed: $1" >&2
	tail -n 5 "$2" >&2
	exit 1
}

# seconds COMMAND: the median of HITS runs. What takes milliseconds has many.
seconds() {
	hyperfine --shell=none --style none --warmup "${WARMUP:-0}" --runs "${HITS:-1}" \
	    --export-json "$T/time.json" "$1" >"$T/hyperfine" 2>&1 || fail "$1" "$T/hyperfine"
	jq '.results[0].median' "$T/time.json"
}

# As a command that is run without a shell. Of a pipeline, sh sees only whether its last command fails.
script() { # NAME COMMAND
	printf 'set -e\n%s\n' "$2" >"$T/$1.sh"
	echo "sh $T/$1.sh"
}

# What curl and jq make of the pages that FILE names. When one of them isn't served, the script ends by a signal.
pages_as_lines() { # FILE
	script theirs "{ curl -sS --fail --fail-early -K '$1' || kill \$\$; } | jq -c '.items[]'"
}

kilobytes() { # COMMAND
	# shellcheck disable=SC2086 # words
	/usr/bin/time -f %M -o "$T/memory" $1 >"$T/out" 2>"$T/err" || fail "$1" "$T/err"
	tail -n 1 "$T/memory"
}

# how often it waits until the disk has what was written
syncs() { # COMMAND
	# shellcheck disable=SC2086 # words
	strace -f -qq -c -e trace=fdatasync,fsync -o "$T/strace" $1 >"$T/out" 2>"$T/err" || fail "$1" "$T/err"
	awk '$NF ~ /^f(data)?sync$/ { n += $4 } END { print n + 0 }' "$T/strace"
}

# What a row sets: READY (a function that prepares a run of both sides), OURS and THEIRS (commands without a shell;
# THEIRS may be empty), N (its size, to divide by), HITS and WARMUP.
measure() {
	OURS='' THEIRS='' N=1 HITS=1 WARMUP=0 READY=:
	"row_$(echo "$1" | tr - _)"
	: >"$T/ours"
	: >"$T/theirs"
	for _ in $(seq "$RUNS"); do
		$READY
		seconds "$OURS" >>"$T/ours"
		[ -z "$THEIRS" ] || seconds "$THEIRS" >>"$T/theirs"
	done
	$READY
	before=$(requests)
	MEMORY=$(kilobytes "$OURS")
	REQUESTS=$(($(requests) - before))
	$READY
	SYNCS=$(syncs "$OURS")
}

# measure_row NAME: measures it, and tells it
measure_row() {
	case $1 in
	grow-*)
		measure_growth "$1"
		return
		;;
	follow*)
		measure_follow "$1"
		return
		;;
	esac
	measure "$1"
	jq -cn --arg row "$1" --arg what "$(column "$1" 4)" --arg against "$(column "$1" 3)" --arg aim "$(column "$1" 2)" \
	    --argjson n "$N" --argjson requests "$REQUESTS" --argjson syncs "$SYNCS" --argjson kilobytes "$MEMORY" \
	    --slurpfile ours "$T/ours" --slurpfile theirs "$T/theirs" '
	    def median: sort | .[length / 2 | floor];
	    def side: if length == 0 then null else {median: median, min: min, max: max, seconds: .} end;
	    {row: $row, what: $what, against: $against, aim: ($aim | tonumber? // null), size: $n,
		ours: ($ours | side), theirs: ($theirs | side),
		ratio: (if $theirs == [] then null else ($ours | median) / ($theirs | median) end),
		requests: $requests, syncs: $syncs, kilobytes: $kilobytes}' >"$T/row.json"
	cat "$T/row.json" >>"$T/rows.json"
	tell_row
}
