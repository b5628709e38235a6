#!/bin/sh
# SPDX-License-Identifier: MIT
# What sources, tests, scripts and pages refer to is in the repository: no papers from elsewhere, and every
# section that is cited, as "sikka-life(7), Settling", stands in that page under this title.
. "$(dirname "$0")/lib.sh"

cd "$TOP" || exit 1
# But this file, which has to name what it looks for.
find lib cmd tests scripts man README Makefile .ci -type f ! -name papers.t 2>/dev/null | sort >"$T/files"
[ "$(grep -cE '^(lib/|man/|tests/|README)' "$T/files")" -gt 100 ]
ok $? "there is something to look at"

# --- papers that aren't here ------------------------------------------------------------------------------
PAPERS='[A-Za-z0-9_-]+\.md([^A-Za-z]|$)|§|(writebacks|errors|resources)\.json|the (design|contract)([^A-Za-z_]|$)'
PAPERS=$PAPERS'|design, [A-Z]|(first|second) edition|[Ii]ssues? #?[0-9]|\.\./shared|/shared/'

is "$(xargs grep -nE "$PAPERS" <"$T/files")" "" "nobody refers to a paper from elsewhere"
cat >"$T/wrong" <<'END'
/* by life.md, Sending */
 * as the server spells them (contract §1)
# the rows of writebacks.json, of errors.json
an exit code of the design
(design, Polling)
see issue 9
../shared/review
in the first edition
END
is "$(grep -cE "$PAPERS" "$T/wrong")" "$(wc -l <"$T/wrong" | tr -d ' ')" "(each such reference would be seen)"

# --- sections ---------------------------------------------------------------------------------------------
# sections PAGE: the titles, in small letters
sections() { sed -n 's/^\.S[hs] //p' "$1" | tr '[:upper:]' '[:lower:]'; }

# citations FILE …: "FILE PAGE<tab>what follows", one a line. A citation may go on in the next line of a comment.
citations() {
	awk '
	function tell(    rest, at, page) {
		rest = text
		while (match(rest, /sikka(-[a-z]+)?\([157]\), [A-Z]/)) {
			at = substr(rest, RSTART)
			page = at
			sub(/\),.*/, "", page)
			sub(/\(/, ".", page)
			sub(/^[^)]*\), /, "", at)
			print file " " page "\t" tolower(substr(at, 1, 80))
			rest = substr(rest, RSTART + RLENGTH)
		}
		text = ""
	}
	FNR == 1 { tell(); file = FILENAME }
	{
		line = $0
		sub(/^[ \t]*(\/\*+|\*+\/?|#+)?[ \t]*/, "", line)
		if (sub(/^\.Dq /, "\"", line)) {
			sub(/ [.,;:]$/, "", line)
			line = line "\""
		}
		text = text line " "
	}
	END { tell() }' "$@"
}

# missing FILE …: the citations of a section that the page doesn't have
missing() {
	citations "$@" | while IFS="$(printf '\t')" read -r where what; do
		page=man/${where##* }
		[ -f "$page" ] || { echo "$where: no such page"; continue; }
		sections "$page" | awk -v what="$what" '
			substr(what, 1, length($0)) == $0 && substr(what, length($0) + 1) ~ /^([].,;:)"]|\*\/| *$)/ { found = 1 }
			END { exit !found }' || echo "$where, $what"
	done
}

is "$(missing $(cat "$T/files"))" "" "each section that is cited stands in its page"
for page in sikka-life.7 sikka-api.7; do
	[ "$(citations $(grep '^lib/' "$T/files") | grep -c " $page	")" -ge 10 ]
	ok $? "(and the library cites $page)"
done
cat >"$T/wrong.h" <<'END'
/*
 * well: sikka-life(7), Settling. Well over two lines (sikka-life(7),
 * After a withdrawal). And sikka-life(7) alone, sikka-api(7), which isn't a section.
 * wrong: sikka-life(7), Settling all; (sikka-api(7), Nothing
 * like it), sikka-nothing(7), Listing.
 */
END
is "$(missing "$T/wrong.h" | wc -l | tr -d ' ')" 3 "(one that doesn't would be seen)"

for page in man/*.[157]; do
	sed -n 's/^\.Sx \(.*[^ .,;:)]\).*/\1/p' "$page" | tr '[:upper:]' '[:lower:]' | sort -u >"$T/used"
	sections "$page" | sort -u >"$T/titles"
	is "$(comm -23 "$T/used" "$T/titles")" "" "${page##*/}: the sections that it names are its own"
done

# --- the rules of the models ------------------------------------------------------------------------------
# rules MODEL: the last flag of each variant that fails, as MODEL FLAG
rules() {
	awk -v model="$1" '$1 == model && $3 == "fails"' tests/model/variants |
	    sed "s/ *|.*//; s/.* -D\\([A-Z0-9_]*\\)[^ ]*$/$1 \\1/" | sort -u
}
models=$(ls tests/model/*.pml | sed 's|.*/||; s/\.pml$//')
is "$(awk '!/^#/ && NF { print $1 }' tests/model/variants | sort -u | tr '\n' ' ')" \
    "$(echo "$models" | sort | tr '\n' ' ')" "each model has variants"

rules life | sed 's/.* //' >"$T/taken"
awk '/^\.Ss / { on = $0 == ".Ss The main rules" || $0 == ".Ss Rules that the model found" } /^\.Sh / { on = 0 }
    on && /^\.It / { print $2 }' man/sikka-life.7 | sort >"$T/explained"
is "$(cat "$T/explained")" "$(cat "$T/taken")" "sikka-life.7 explains each rule that life.pml takes away, and no other"

for model in $models; do
	[ "$model" = life ] || rules "$model"
done | sort >"$T/taken"
[ "$(grep -c . "$T/taken")" -ge 40 ]
ok $? "(the other models take rules away)"
awk '/^The rule  / { on = 1; next } on && /^[^ ]/ && $NF ~ /^[A-Z0-9_]+$/ && $(NF - 1) ~ /^[a-z]+$/ { print $(NF - 1), $NF }' \
    tests/model/README | sort >"$T/explained"
is "$(cat "$T/explained")" "$(cat "$T/taken")" "tests/model/README lists each of them, and no other"
is "$(while read -r model flag; do
	sed '/^ \*\//q' "tests/model/$model.pml" | sed 1d | grep -qw "$flag" || echo "$model $flag"
done <"$T/taken")" "" "the head of the model explains it"

done_testing
