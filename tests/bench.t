#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/bench: its rows, its JSON and pictures, and what it finds slower; and scripts/bench-day; no times
. "$(dirname "$0")/lib.sh"

bench="$TOP/scripts/bench"
day="$TOP/scripts/bench-day"

# --- what is asked for ---------------------------------------------------------------------------------------

run 0 "the rows are listed" "$bench" --list
like "$(cat "$T/out")" '^book-2000 +sikka-book of 2,000 for 50 offices' "with what each measures"
run 64 "an unknown row" "$bench" nonsense
is "$(cat "$T/err")" "bench: no such row: nonsense; scripts/bench --list names the rows" "is named"
run 64 "an unknown option" "$bench" --fast
run 64 "a size that is no number" "$bench" --size 0
run 66 "an earlier run that isn't there" "$bench" --against "$T/none" print
run 64 "a day with less than a request a minute" "$day" 14 100
is "$err" "bench-day: 14 times 100 in a day is less than one in a minute; 1440 are needed" "is refused"
run 64 "a number that is none" "$day" 20 x

if ! command -v hyperfine >/dev/null; then
	run 69 "without hyperfine" "$bench" print
	like "$(cat "$T/err")" "bench: hyperfine is missing .apt-get install hyperfine" "the package is named"
	done_testing
	exit
fi

# --- what comes of it ----------------------------------------------------------------------------------------

# Small, and of what asks the server and the disk.
run 0 "a row and a growth, small" "$bench" --runs 1 --size 1 --most 1000 --json "$T/first.json" book-2000 grow-book
like "$(cat "$T/out")" '^[0-9]+ cores, .*state files on ' "the machine is named"
like "$(cat "$T/out")" '^book-2000 ' "a line of the row"
is "$(jq -c 'keys' "$T/first.json")" '["format","growth","machine","rows"]' "the JSON"
is "$(jq -c '.machine | keys' "$T/first.json")" '["cores","filesystem","kernel","load_at_start","made_at","memory_kb","model","runs","size_percent","versions"]' "with the machine"
is "$(jq -c '.rows[0] | keys' "$T/first.json")" '["against","aim","kilobytes","ours","ratio","requests","row","size","syncs","theirs","what"]' "and the row"
is "$(jq -c '.rows[0] | [.row, .aim, .size, .against]' "$T/first.json")" '["book-2000",3,20,"curl --parallel"]' "of the table, in the size that was wanted"
is "$(jq '.rows[0] | (.ours, .theirs) | .median > 0 and .min <= .median and .median <= .max and (.seconds | length) == 1' "$T/first.json")" "true
true" "both sides were measured"
is "$(jq '.rows[0] | .requests >= 20 and .syncs > 0 and .kilobytes > 0' "$T/first.json")" true "with requests, waits for the disk and memory"
is "$(jq -c '.growth[0] | [.row, .of, (.points | map(.n)), (.points | map(.kilobytes > 0 and .seconds > 0))]' "$T/first.json")" \
    '["grow-book","bookings",[10],[true]]' "the growth has its points"

picture="$T/first-grow-book.svg"
python3 -c 'import sys, xml.dom.minidom as m; d = m.parse(sys.argv[1]); print(d.documentElement.tagName, len(d.getElementsByTagName("polyline")), len(d.getElementsByTagName("circle")))' "$picture" >"$T/svg"
is "$(cat "$T/svg")" "svg 2 2" "the picture is well formed: a line of seconds and one of memory"
printf 'title\tA < B & C\tthings\npoint\t1000\t0.004\t10\npoint\t10000\t0.05\t11\npoint\t100000\t0.7\t200\n' |
    awk -F '\t' -f "$TOP/scripts/bench.d/draw.awk" >"$T/drawn.svg"
python3 -c 'import sys, xml.dom.minidom as m; d = m.parse(sys.argv[1]); print(d.getElementsByTagName("text")[0].firstChild.data)' "$T/drawn.svg" >"$T/svg"
is "$(cat "$T/svg")" "A < B & C, by the number of things" "whatever its title"
is "$(sed -n 's/.*class="s" points="\([^"]*\)".*/\1/p' "$T/drawn.svg" | tr ' ' '\n' | cut -d , -f 1 | tr '\n' ' ')" "70.0 300.0 530.0 " "each power of ten is as far from the next"

# --- a side that fails -----------------------------------------------------------------------------------------

curl=$(command -v curl)
mkdir "$T/fails"
printf '#!/bin/sh\ncase "$*" in *sikka-bench.*/list) exit 22 ;; esac\nexec %s "$@"\n' "$curl" >"$T/fails/curl"
chmod +x "$T/fails/curl"
run 1 "a row whose curl fails" env PATH="$T/fails:$PATH" "$bench" --runs 1 --size 1 --json "$T/failed.json" poll-10000
like "$(cat "$T/err")" '^bench: poll-10000: this failed: sh .*/theirs\.sh' "ends, whatever jq makes of it"
run 1 "such a row behind another one" env PATH="$T/fails:$PATH" "$bench" --runs 1 --size 1 --json "$T/failed.json" print poll-10000
is "$(jq -c '[.rows[].row]' "$T/failed.json")" '["print"]' "loses nothing of that one"

# --- what a row needs -----------------------------------------------------------------------------------------

if [ -x /usr/sbin/nginx ]; then
	run 0 "where /usr/sbin isn't in PATH" env PATH=/usr/bin:/bin "$bench" --runs 1 --size 1 --json "$T/get.json" get server-page
	is "$(jq -c '[.rows[] | [.row, .size]]' "$T/get.json")" '[["get",1000],["server-page",1000]]' "nginx is found"
fi

# --- a day ----------------------------------------------------------------------------------------------------

mkdir "$T/day"
run 0 "a day, small" env TMPDIR="$T/day" "$day" 20 100
is "$(echo "$out" | awk 'NF == 5 && $5 ~ /^[0-9]+$/ { print $1, $2 }' | paste -sd,)" \
    "authorize 1,book 15,poll 16,sweep 3,refresh 1,get 1,metrics 15" "each command ran so often"
like "$out" '^ended: completed.20$' "each request that was due has ended"
printf '#!/bin/sh\ncase "$*" in *BEGIN*) echo "database is locked" >&2; exit 5 ;; esac\nexec %s "$@"\n' "$(command -v sqlite3)" >"$T/fails/sqlite3"
chmod +x "$T/fails/sqlite3"
run 1 "a day whose lock isn't free" env TMPDIR="$T/day" PATH="$T/fails:$PATH" "$day" 20 100
is "$err" "bench-day: sqlite3 didn't get the write lock
database is locked" "says so"
is "$(ls "$T/day")" "" "nothing is left"

# --- against an earlier run ----------------------------------------------------------------------------------

jq '.rows[0].ours |= map_values(if type == "number" then . / 1000 else . end)' "$T/first.json" >"$T/faster.json"
run 0 "an earlier run that was faster" "$bench" --runs 1 --size 1 --json "$T/second.json" --against "$T/faster.json" book-2000
like "$(cat "$T/out")" '^slower: book-2000: .* ms before, .* ms now' "is told"
jq '.rows[0].ours |= map_values(if type == "number" then . * 1000 else . end)' "$T/first.json" >"$T/slower.json"
run 0 "one that was slower" "$bench" --runs 1 --size 1 --json "$T/second.json" --against "$T/slower.json" book-2000
like "$(cat "$T/out")" "^no row is slower than in $T/slower.json" "isn't"
done_testing
