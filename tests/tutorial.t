#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-tutorial(7): every line is typed in one shell, at a terminal, and what is seen is what the page shows
. "$(dirname "$0")/lib.sh"

command -v script >/dev/null || { echo "1..0 # SKIP script is not installed"; exit 0; }
command -v bash >/dev/null || { echo "1..0 # SKIP bash is not installed"; exit 0; }
PAGE=$TOP/man/sikka-tutorial.7

# --- what the page has --------------------------------------------------------------------------------------

# Of each literal block: lines that begin with "$ " and what goes on indented are typed, the rest is seen.
mkdir steps
awk '
function text(line) { gsub(/\\e/, "\\", line); gsub(/\\-/, "-", line); gsub(/\\&/, "", line); return line }
/^\.Bd -literal/ { on = 1; next }
/^\.Ed/ { on = 0; typing = 0; next }
!on { next }
/^\$ / { n++; typing = 1; print substr(text($0), 3) >sprintf("steps/%03d.typed", n); printf "" >sprintf("steps/%03d.shown", n); next }
typing && /^    / { print text($0) >sprintf("steps/%03d.typed", n); next }
{ typing = 0; print text($0) >sprintf("steps/%03d.shown", n) }' "$PAGE"
[ "$(find steps -name '*.typed' | wc -l)" -gt 50 ]
ok $? "the page has steps"
is "$(cat steps/001.typed)" "sikka --sandbox" "the first of them makes the sandbox"

# --- what is seen -------------------------------------------------------------------------------------------

# In place of the sandbox: as strict as its simulator, but its practices answer at once.
start_sim --strict --delay 0:0
export SIKKA_APP_ID SIKKA_APP_KEY SIKKA_BASE_URL SIKKA_DB
authorize
mkdir home
export T
for typed in steps/*.typed; do
	[ "$typed" != steps/001.typed ] || continue
	step=${typed%.typed}
	cat <<END
printf '\\036$step\\n'
(exit "\$code")
. "$T/$typed" 2>"$T/err"
code=\$?
cat "$T/err"
END
done >run.sh
# stderr isn't a terminal: no progress.
# shellcheck disable=SC2016 # the shell in the terminal expands it
(cd home && env HOME="$T/home" NO_COLOR=1 TERM=xterm SHELL="$(command -v bash)" script -qec 'stty cols 72 -echo; code=0; jq() { command jq -M "$@"; }; . "$T/run.sh"' /dev/null </dev/null >"$T/seen.raw")
tr -d '\r' <seen.raw | awk '/^\036/ { file = substr($0, 2) ".seen"; printf "" >file; next } file { print >file }'

# even: on one line, since the page breaks lines where a terminal may not. Moments, ages, ports and folders are no two
# times the same.
even() {
	tr -s ' \n' ' ' <"$1" | sed -E "s#http://127\.0\.0\.1:[0-9]+#URL#g; s#[^ \"]*/sikka\.db#DB#g; s/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]*Z?/MOMENT/g; s/(^| )[0-9.]+ (ms|s|min|h) /\1AGE /g; s/ 86[0-9]{3} / AGE /g"
}
for typed in steps/*.typed; do
	step=${typed%.typed}
	[ "$step" != steps/001 ] || continue
	even "$step.shown" >shown
	even "$step.seen" >seen
	# "..." stands for anything. shellcheck disable=SC2016 # perl's variables
	perl -0777 -e '
	    open(my $a, "<", "shown"); open(my $b, "<", "seen");
	    my ($shown, $seen) = (<$a> // "", <$b> // "");
	    my $pattern = join(".*", map { quotemeta } split / ?\.\.\. ?/, $shown, -1);
	    exit !($seen =~ /\A$pattern\z/)'
	same=$?
	ok $same "$(head -n 1 "$typed" | cut -c 1-80)"
	[ "$same" -eq 0 ] || diff -u "$step.shown" "$step.seen" | tail -n +3 | sed 's/^/#   /'
done
done_testing
