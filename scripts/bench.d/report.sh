# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Sourced by scripts/bench. What it prints, the JSON, the pictures, and the comparison with an earlier run.

machine() {
	jq -n --arg made "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --arg cores "$(getconf _NPROCESSORS_ONLN)" \
	    --arg model "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
	    --arg memory "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)" --arg kernel "$(uname -srm)" \
	    --arg filesystem "$(df --output=fstype "$T" | tail -n 1)" --arg load "$(cut -d ' ' -f 1 /proc/loadavg)" \
	    --arg sikka "$(sikka-status --version)" --arg sqlite "$(sqlite3 --version | cut -d ' ' -f 1)" \
	    --arg curl "$(curl --version | head -n 1 | cut -d ' ' -f 2)" --arg jq "$(jq --version)" \
	    --arg nginx "$(nginx -v 2>&1 | sed -n 's/^nginx version: //p')" --arg runs "$RUNS" --arg percent "$PERCENT" '
	    {made_at: $made, cores: ($cores | tonumber), model: $model, memory_kb: ($memory | tonumber), kernel: $kernel,
		filesystem: $filesystem, load_at_start: ($load | tonumber), runs: ($runs | tonumber), size_percent: ($percent | tonumber),
		versions: {sikka: $sikka, sqlite3: $sqlite, curl: $curl, jq: $jq, nginx: $nginx}}'
}

tell_machine() {
	jq -r '"\(.cores) cores, \(.model), \(.memory_kb / 1048576 | round) GB, \(.kernel), state files on \(.filesystem), load \(.load_at_start)",
	    (.versions | "\(.sikka), SQLite \(.sqlite3), curl \(.curl), \(.jq), \(.nginx | if . == "" then "no nginx" else . end)"),
	    "medians of \(.runs), from the least to the most; sizes: \(.size_percent) percent"' "$T/machine.json"
}

tell_head() {
	printf '\n%-20s %8s %17s %8s %6s %6s %8s %8s %6s\n' row seconds 'least to most' other ratio aim requests syncs MB
}

tell_row() {
	jq -r 'def t: if . == null then "-" elif . < 0.1 then "\(. * 10000 | round / 10)m" else "\(. * 100 | round / 100)" end;
	    def r: if . == null then "-" else "\(. * 100 | round / 100)" end;
	    [.row, (.ours.mean // .ours.median | t), "\(.ours.min | t)-\(.ours.max | t)", (.theirs.median? | t), (.ratio | r), (.aim | r),
		(.requests // "-" | tostring), (.syncs // "-" | tostring), (if .kilobytes then .kilobytes / 1024 | r else "-" end)] | @tsv' "$T/row.json" |
	    awk -F '\t' '{ printf "%-20s %8s %17s %8s %6s %6s %8s %8s %6s\n", $1, $2, $3, $4, $5, $6, $7, $8, $9 }'
}

tell_growth() {
	jq -r '.row as $row | .of as $of | .points[] | [$row, "\(.n) \($of)", "\(.seconds * 1000 | round / 1000) s", "\(.kilobytes / 1024 * 10 | round / 10) MB"] | @tsv' "$T/row.json" |
	    awk -F '\t' '{ printf "%-20s %20s %12s %12s\n", $1, $2, $3, $4 }'
}

# All that was measured until now: an end in the middle loses none of it.
write_json() {
	jq -n --slurpfile machine "$T/machine.json" --slurpfile rows "$T/rows.json" --slurpfile growth "$T/growth.json" \
	    '{format: 1, machine: $machine[0], rows: $rows, growth: $growth}' >"$T/bench.json"
	cp "$T/bench.json" "$JSON.part"
	mv "$JSON.part" "$JSON"
}

# A picture for each growth, beside the JSON: FILE-ROW.svg
draw_all() {
	for row in $(jq -r '.growth[].row' "$JSON"); do
		picture="${JSON%.json}-$row.svg"
		jq -r --arg row "$row" '.growth[] | select(.row == $row) | ["title", .what, .of], (.points[] | ["point", .n, .seconds, .kilobytes / 1024]) | @tsv' "$JSON" |
		    awk -F '\t' -f "$TOP/scripts/bench.d/draw.awk" >"$picture"
		echo "drawn: $picture"
	done
}

# compare FILE: the rows that became slower by more than both runs spread. The machine may be another, or busier: so it
# is told, and no failure.
compare() {
	jq -r --slurpfile before "$1" '
	    def spread: (.max - .min) / .median;
	    def points: .growth[] | .row as $row | .points[] | {key: "\($row) \(.n)", value: {median: .seconds, min, max}};
	    def all: [(.rows[] | {key: .row, value: .ours}), points] | from_entries;
	    ($before[0] | all) as $old | all | to_entries[]
	    | $old[.key] as $was | select($was != null)
	    | (.value.median / $was.median) as $times
	    | select($times > 1 + ([(.value | spread), ($was | spread)] | max))
	    | "slower: \(.key): \($was.median * 1000 | round) ms before, \(.value.median * 1000 | round) ms now (\($times * 100 | round / 100) times)"' \
	    "$JSON" >"$T/slower"
	echo
	if [ -s "$T/slower" ]; then cat "$T/slower"; else echo "no row is slower than in $1"; fi
}
