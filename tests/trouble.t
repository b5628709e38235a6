#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-trouble(7): its messages are those of the sources, it lacks none, and its cures cure: accidents happen here, and
# what the page says is typed
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/lib-pages.sh
. "$TOP/tests/lib-pages.sh"

PAGE=$TOP/man/sikka-trouble.7

# --- its messages ------------------------------------------------------------------------------------------

# messages: the items of the diagnostic lists of a page, as they are printed. This page has the explanation below each.
messages() {
	awk '/^\.Bl -(diag|tag -width Ds)$/ { on = 1 } /^\.El/ { on = 0 } on && sub(/^\.It /, "")' "$@" | sed 's/\\(dq/"/g; s/\\&//g'
}
messages "$PAGE" >"$T/messages"
[ "$(wc -l <"$T/messages")" -gt 100 ]
ok $? "the page has messages"

# What the sources say: the literals, those that stand behind each other joined; a conversion is a byte of its own.
# shellcheck disable=SC2016 # perl's variables
find "$TOP/lib" "$TOP/cmd" -name '*.c' -exec cat {} + | perl -0777 -pe '
    s/\n#define [A-Z_]+ *\\\n//g; s/"\s*\\?\n\s*"//g; s/\\"/"/g; s/%[-0-9.*]*(ll|l|z)?[a-z]/\001/g' >"$T/said"
# missing: the messages on stdin of which a piece isn't in the sources. "..." stands for a value, and so do numbers and
# some names. A message is put together here and there, so a piece may consist of some parts, of three words on average.
missing() {
	perl -e '
	open(my $file, "<", shift) or die;
	my $said = join("", <$file>);
	while (my $message = <STDIN>) {
		chomp $message;
		for my $piece (split /\.\.\.|[0-9]+|FILE|[:;] |[("]/, $message) {
			my @words = grep { length } split / +/, $piece;
			my ($parts, $most) = (0, 1 + @words / 3);
			while (@words) {
				my $n = @words;
				while ($n > 1 && index($said, ($_ = join(" ", @words[0 .. $n - 1])) =~ s/^[.,;)]+|[.,;)]+$//gr) < 0) { $n-- }
				splice(@words, 0, $n);
				$parts++;
			}
			if ($parts > ($most < 3 ? 3 : $most)) { print "$message\n"; last }
		}
	}' "$T/said"
}
is "$(missing <"$T/messages")" "" "each of its messages is in the sources"
is "$(echo 'line ...: the moon is in the way of request 12' | missing)" "line ...: the moon is in the way of request 12" "(another one would be seen)"

# Those of the sections DIAGNOSTICS. The others have no cure, or are no trouble.
even() { sed -E "s/FILE|D36225/.../g; s/[0-9]+/.../g; s/(\.\.\.[ .;:,]*)+$//"; }
NO_CURE='
There is nothing to do|changed since ...: asking for the changes of the last ... minutes, with a margin of half an hour
There is nothing to do|changed since ...: asking for records loaded since ...
There is nothing to do|...: there are more changes than one page holds; asking for records loaded since ... instead
There is nothing to do|...: /practice_events: ...; asking for records loaded since ... instead
There is nothing to do|... keys in what was read are masked: --show-secrets shows them
It says what to type|there is no command '\''bok'\''; did you mean book?
It says what to type|there is no command '\''appointments'\''; did you mean sikka help appointments?
It says what to type|there is no help on '\''lief'\''; did you mean life?
It says what to do|sikka-sim isn'\''t installed: it is neither beside sikka nor in a folder of PATH
'
printf '%s' "$NO_CURE" | sed -n 's/^[^|]*|//p' | even >"$T/uncured"
even <"$T/messages" >"$T/even"
for page in "$TOP"/man/*.[15]; do
	case $page in */sikka-sim.1) continue ;; esac
	awk '/^\.Sh / { on = $0 == ".Sh DIAGNOSTICS" } on' "$page" >"$T/diagnostics"
	messages "$T/diagnostics" | even | while IFS= read -r message; do
		awk -v message="$message" 'BEGIN { gsub(/\\/, "\\\\", message) } index($0, message) == 1 { found = 1 } END { exit !found }' \
		    "$T/even" "$T/uncured" || echo "$message"
	done >"$T/lacking"
	is "$(cat "$T/lacking")" "" "${page##*/}: each message of its DIAGNOSTICS is there"
done

# What sikka-status --check tells, and the events that are delivered.
sed -n '/\.what = "[^"]*"$/{ N; s/"\n[[:space:]]*"//; }; s/^.*\.what = "\([^"]*\)",.*/\1/p' "$TOP"/lib/commands/troubles*.c >"$T/offices"
[ "$(wc -l <"$T/offices")" -ge 8 ]
ok $? "the troubles of offices were read"
is "$(while IFS= read -r words; do grep -qF -e "$words: " "$T/messages" || echo "$words"; done <"$T/offices")" "" "each stands there"
sed -n 's/^    \[SK_EVENT_[A-Z_]*\] = {"\([a-z_]*\)", SK_EVENT_OUTBOX.*/\1/p' "$TOP/lib/store/events.c" | sort >"$T/events"
[ "$(wc -l <"$T/events")" -gt 20 ]
ok $? "the events were read"
part_of sikka-trouble.7 EVENTS | sed -n 's/^\.It Cm //p' | tr -d ',' | xargs -n 1 | sort >"$T/there"
is "$(cat "$T/there")" "$(cat "$T/events")" "each event that is delivered has its part"

# --- its cures ----------------------------------------------------------------------------------------------

# named TITLE: the last command's words on stderr and in $out have a message of this part of the page.
named() {
	part_of sikka-trouble.7 "$1" >"$T/part"
	messages "$T/part" | sed -E 's/[][*^$+?{}|()\\]/\\&/g; s/\.\.\./@/g; s/\./\\./g; s/@/.*/g; s/FILE/.*/g; s/[0-9]+/[0-9]+/g' >"$T/patterns"
	printf '%s\n%s\n' "$err" "$out" | grep -qE -f "$T/patterns"
	ok $? "it is in the part \"$1\""
	printf '%s\n%s\n' "$err" "$out" | grep -qE -f "$T/patterns" || printf '%s\n' "$err" | sed 's/^/#   /'
}
# type_in TITLE NUMBER CODE: that command of this part, with the number of the last request in place of the example's.
type_in() {
	line=$(typed_in sikka-trouble.7 "$1" | sed -n "$2p" | sed -E "s/(--withdraw|--history) [0-9]+/\1 $ID/")
	run "$3" "$1: $line" sh -c "$line"
}
hand_in() { # CODE WHAT [FIELD=VALUE …]: a booking that nobody has handed in before
	code=$1 what=$2 count=$((${count:-0} + 1))
	shift 2
	booking "key=order-$count" "time=$(printf '%02d:%02d' $((8 + count / 6)) $((count % 6 * 10)))" "$@" >in
	run "$code" "$what" sikka-book in
	ID=$(sql "SELECT max(id) FROM pms_writebacks")
}
result() { row "$ID" result; }

start_sim --delay 0:0 --rate-limit 100000
authorize

hand_in 0 "a booking"
url=$SIKKA_BASE_URL SIKKA_BASE_URL=http://127.0.0.1:1/v4
hand_in 69 "the server can't be reached"
named "The server can't be reached"
run 69 "nor read" sikka-get -O D36225 patients
named "The server can't be reached"
SIKKA_BASE_URL=$url
type_in "The server can't be reached" 1 0
is "$(result)" pending "what was not sent is sent"
type_in "The server can't be reached" 2 0
is "$out" "" "and nothing is failed with not_sent"

sim_fault 'POST /appointment@1=status:503:{}'
hand_in 2 "the server answers 503"
named "The server answers 503 or 500"
sim_clear_faults
run 2 "a sweep" sikka-sweep
later 50m
run 2 "a list half an hour later" sikka-sweep
later 61
run 1 "and another one" sikka-sweep
is "$(result) $(row "$ID" error_code)" "failed not_received" "settle it by themselves"

sim_fault 'GET /patients@1=429-daily'
run 75 "a daily limit" sikka-get -O D36225 patients
named "A limit of the server is used up"
run 2 "and --check" sikka-status --check
named "A limit of the server is used up"
later 25h

clock_off 3h
hand_in 0 "a clock that is ahead"
named "The clock of this machine is wrong"
clock_off -3h
type_in "The clock of this machine is wrong" 1 0
unlike "$err" clock "it is right again"

good=$SIKKA_APP_KEY
SIKKA_APP_KEY=wrong
run 77 "a wrong application key" sikka-authorize
named "The application key is wrong"
run 2 "and --check" sikka-status --check
named "The application key is wrong"
SIKKA_APP_KEY=$good
type_in "The application key is wrong" 1 0

sim_post 'office?office_id=D36225&authorized=false'
sikka-authorize -q >"$T/out"
later 11m
sikka-authorize -q >"$T/out"
hand_in 77 "a practice has withdrawn its authorization"
named "A practice has withdrawn its authorization"
run 1 "and --check" sikka-status --check
named "A practice has withdrawn its authorization"
sim_post 'office?office_id=D36225&authorized=true'
type_in "A practice has withdrawn its authorization" 1 0
type_in "A practice has withdrawn its authorization" 2 0
is "$(echo "$out" | grep -c 'D36225 .*active')" 1 "the office is active again"

sikka-token revoke D20006 >"$T/out"
run 77 "keys were revoked" sikka-get -O D20006 patients
named "Keys were revoked by us"
run 0 "new ones" sikka-token -O D20006 refresh

hand_in 77 "an office that isn't known" office_id=D9
named "The office isn't known here"

sim_post 'office?office_id=D36225&spu=offline'
hand_in 0 "a practice's server is off"
later 7h
run 0 "a sweep" sikka-sweep
named "A request stays pending"
run 1 "and --check" sikka-status --check
named "A request stays pending"
type_in "A request stays pending" 1 0
type_in "A request stays pending" 2 0
is "$(result)" withdrawn "it is withdrawn"
sim_post 'office?office_id=D36225&spu=online'

sim_fault 'POST /appointment@1=drop-after'
hand_in 2 "an answer is lost"
named "The outcome is unknown"
type_in "The outcome is unknown" 1 0
is "$(result)" pending "the sweep finds it"
type_in "The outcome is unknown" 2 0
like "$out" found "its history says so"

jq -c '.key = "another"' in >another
mv another in
run 65 "another key, the same content" sikka-book in
named "A double booking is suspected"
type_in "A double booking is suspected" 1 0
like "$out" "order-$count" "what was sent for the patient"
type_in "A double booking is suspected" 2 0

sikka-sweep --backup copy.db >"$T/out"
hand_in 0 "a booking behind the copy"
chmod 644 "$SIKKA_DB"
run 77 "a file that others can read" sikka-poll
named "Other users can read a file"
chmod 600 "$SIKKA_DB"
cp "$SIKKA_DB" good.db
head -c 9000 /dev/urandom | dd of="$SIKKA_DB" bs=1 seek=4096 conv=notrunc 2>dd.err
run 74 "a damaged file" sikka-poll
named "The state file is damaged"
rm "$SIKKA_DB"
run 78 "none at all" sikka-poll
named "The state file is gone"
run 2 "and --check" sikka-status --check
named "The state file is gone"
cp copy.db "$SIKKA_DB"
run 75 "an older copy" sikka-book in
named "The state file is an older copy"
run 75 "to be taken too early" sikka-sweep --after-restore
named "The state file is an older copy"
cp good.db "$SIKKA_DB"
rm "$SIKKA_DB.lock"
run 75 "a lock file that was removed" sikka-book in
named "The state file is an older copy"
run 0 "nothing was sent since" sikka-sweep --moved

later 5m
run 75 "a command that can't deliver" sikka-sweep --notify false
named "Nobody is told of events"
type_in "Nobody is told of events" 1 0
like "$out" "not_received .*waiting" "the events that wait"
run 0 "one that can" sikka-sweep --notify true

sim_fault 'GET /patients=repeats'
run 76 "a list that makes no sense" sikka-get -O D36225 patients --page-size 5
named "THE SERVER'S ANSWER MAKES NO SENSE"
sim_clear_faults

booking operatory= >in
run 65 "a request that is refused here" sikka-book in
type_in "A REQUEST IS REFUSED" 1 0
type_in "A REQUEST IS REFUSED" 2 0

SIKKA_BASE_URL=https://api.example.invalid
run 78 "a wrong setting" sikka-poll
named SETTINGS

done_testing
