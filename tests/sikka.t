#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka: the list of commands, running them as if they had been called themselves, and help on topics
# shellcheck disable=SC2016 # what other shells expand
. "$(dirname "$0")/lib.sh"

# --- the list -------------------------------------------------------------------------------------------------

run 0 "sikka alone" sikka
cp out list
is "$err" "" "without a word on stderr"
like "$out" "book  *hand in" "shows the commands, each with a line (man.t compares them with the pages)"
run 0 "sikka help" sikka help
cmp -s out list
ok $? "is the same"
run 0 "sikka --" sikka --
cmp -s out list
ok $? "so is --"
run 74 "sikka on a full disk" sh -c 'sikka >/dev/full'
is "$(grep -c . err)" 1 "one line says so"

# --- options of its own ---------------------------------------------------------------------------------------

run 0 "sikka --version" sikka --version
is "$out" "sikka $(sed -n 's/^.define SK_VERSION "\(.*\)"$/\1/p' "$TOP/lib/base/version.h")" "the version of all"
for help in '-h' '--help' '--help book' 'help --help'; do
	# shellcheck disable=SC2086 # words
	run 0 "sikka $help" sikka $help
	like "$out" '^usage: sikka' "is its own help"
	unlike "$out" '--db' "which has no options that it doesn't have"
done
for wrong in --hlep -x '--db=secret book' '-D' 'help --hlep'; do
	# shellcheck disable=SC2086 # words
	run 64 "sikka $wrong" sikka $wrong
	is "$(grep -c . err)" 1 "one line"
	unlike "$err" secret "without the value"
done
like "$err" 'did you mean --help\?' "and a guess"
for blank in '' ' '; do
	run 64 "sikka '$blank'" sikka "$blank"
	is "$err" "sikka: an argument is empty (is a variable unset?)" "says so"
done

# --- running --------------------------------------------------------------------------------------------------

start_sim --delay 0:0
run 0 "sikka authorize" sikka authorize -F json
is "$(jq -r '.[].office_id' out | sort -u | wc -l)" 2 "does the work of sikka-authorize"
booking key=front >in
run 0 "sikka book, its input a pipe" sh -c 'cat in | sikka book --wait=1m -F json'
is "$(jq -r '.[].result' out)" completed "books"
is "$(sim_applied)" 1 "at the practice"
run 65 "its exit code is that of the command" sh -c 'echo "{" | sikka book'
like "$err" '^sikka-book: ' "its messages, too"
run 64 "sikka book --hlep" sikka book --hlep
is "$err" "sikka-book: unknown option --hlep; did you mean --help?" "an option behind the command is the command's"
run 0 "sikka -- token" sikka -- token -F json
is "$(jq -r '.[0].status' out)" active "-- is allowed"

# What is run sees what it would have seen: a program of one's own, in PATH, that tells it.
mkdir own
cat >own/sikka-tell <<'END'
#!/usr/bin/perl
$| = 1;
print join("|", map { "<$_>" } @ARGV), "\n", "pid $$\n", "in ", scalar(<STDIN>) // "nothing\n";
print map { "$_ " } grep { /^(SigIgn|SigBlk|SigCgt)/ } map { s/\s+/ /r } do { open my $s, "<", "/proc/self/status"; <$s> };
print "\nclosed ", (-e "/proc/self/fd/7" ? "no" : "yes"), " ", (-e "/proc/self/fd/2" ? "no" : "yes"), "\n";
exit 42;
END
chmod +x own/sikka-tell
try_tell() { PATH=$T/own:$PATH sh -c "echo \$\$; exec $1 '' ' a  b' -- -x --help '*' \"\$(printf 'x\\ny')\" 2>&-" <in | sed '1h; 1d; s/^pid //; /^[0-9]*$/ { G; s/^\(.*\)\n\1$/same/ }'; }
try_tell own/sikka-tell >direct
try_tell 'sikka tell' >through
grep -qx same direct
ok $? "(a program that tells what it was given)"
is "$(cat through)" "$(cat direct)" "a command sees the same arguments, pid, input, signals and files as without sikka"
PATH=$T/own:$PATH
run 42 "its exit code" sikka tell
for signal in TERM INT KILL; do
	printf '#!/bin/sh\nkill -%s $$\n' "$signal" >own/sikka-die
	chmod +x own/sikka-die
	sh -c 'trap - INT TERM; exec own/sikka-die' 2>/dev/null
	direct=$?
	sikka die 2>/dev/null
	is "$?" "$direct" "SIG$signal ends it as without sikka"
done

# --- what is run ----------------------------------------------------------------------------------------------

printf '#!/bin/sh\necho mine\n' >own/sikka-status
chmod +x own/sikka-status
run 0 "sikka status" sikka status -F json
unlike "$out" mine "the commands beside sikka come before those of PATH"
ln -s "$BUILD/bin/sikka" own/sikka
run 0 "through a link" own/sikka status -F json
unlike "$out" mine "beside is where it lies"
rm own/sikka
mkdir here && printf '#!/bin/sh\necho here >>%s/ran\n' "$T" >here/sikka-here
chmod +x here/sikka-here && cp here/sikka-here . && cp here/sikka-here own/tool && cp here/sikka-here own/sikka-UP
mkdir own/sikka-folder && cp here/sikka-here own/sikka-folder/tool && : >own/sikka-plain
for command in here tool ../here/sikka-here /tool ../own/tool folder folder/tool plain UP . -; do
	run 64 "sikka $command" env PATH="here:.::$PATH" sikka "$command"
	is "$(grep -c '^sikka: there is no command' err)" 1 "is no command"
done
[ ! -e ran ]
ok $? "nothing was run but what is called sikka-..., in an absolute folder"
mkdir alone && cp "$BUILD/bin/sikka" alone/sikka
run 71 "a command that isn't installed" env PATH=/nowhere alone/sikka sim
is "$err" "sikka: sikka-sim isn't installed: it is neither beside sikka nor in a folder of PATH" "says so"
printf '#!/nowhere/sh\n' >own/sikka-broken && chmod +x own/sikka-broken
run 71 "a command that can't be started" sikka broken
is "$err" "sikka: $T/own/sikka-broken can't be started: No such file or directory" "says why"

# --- did you mean ---------------------------------------------------------------------------------------------

guess() { # guess WHAT-IS-MEANT ARGUMENT …
	meant=$1
	shift
	run 64 "sikka $*" sikka "$@"
	like "$err" "; did you mean $meant\?$" "means $meant"
	is "$(grep -c . err)" 1 "one line"
}
guess book bok
guess authorize authorise
guess status sikka-status
guess help hlep
guess 'sikka help life' life
guess 'sikka help book_appointment' book_appointment
guess 'sikka help appointments' appointments
guess sweep help sweeep
guess life help lief
guess book_appointment help book_apointment
guess appointments help apointments
run 64 "what is near nothing" sikka xyzzy
is "$err" "sikka: there is no command 'xyzzy'; sikka alone lists the commands" "gets none"
run 64 "nor does a topic" sikka help xyzzy
is "$err" "sikka: there is no help on 'xyzzy'; sikka help lists the topics" "likewise"
run 64 "two topics" sikka help life db
is "$err" "sikka: help takes one topic" "are one too many"

# --- help -----------------------------------------------------------------------------------------------------

for topic in book_appointment add_perio_chart; do
	run 0 "sikka help $topic" sikka help "$topic"
	sikka-book --describe "$topic" >want 2>want.err
	cmp -s out want
	ok $? "is sikka-book --describe"
done
for topic in appointments payment/transactions kpis/collections; do
	run 0 "sikka help $topic" sikka help "$topic"
	sikka-get --list "$topic" >want
	cmp -s out want
	ok $? "is sikka-get --list"
done
printf '#!/bin/sh\necho "man $*"\n' >own/man
chmod +x own/man
for page in "$TOP"/man/*.[157]; do
	name=${page##*/} section=${name##*.} name=${name%.*}
	[ "$section$name" != 1sikka ] || continue
	for topic in "${name#sikka-}" "$name" "$name($section)"; do
		run 0 "sikka help $topic" sikka help "$topic"
		like "$out" "^man /.*/man/$name\.$section$" "is its page in the sources"
	done
done
run 0 "installed without pages" env PATH="$T/own:$PATH" alone/sikka help life
is "$out" "man 7 sikka-life" "man(1) looks for it"
mkdir -p root/bin root/share/man/man7 && cp "$BUILD/bin/sikka" root/bin
: >root/share/man/man7/sikka-life.7.gz
run 0 "a page that is installed and packed" root/bin/sikka help life
like "$out" "^man .*/share/man/man7/sikka-life\.7\.gz$" "is the one beside sikka"
run 0 "without man(1)" env PATH=/nowhere "$BUILD/bin/sikka" help life
like "$out" '^The page is sikka-life\(7\), in /.*/man/sikka-life\.7\. There is no man\(1\) here to show it\.$' "the page is named"
run 0 "with neither" env PATH=/nowhere alone/sikka help life
is "$out" "The page is sikka-life(7). There is no man(1) here to show it." "likewise"
run 0 "a command without man(1)" env PATH=/nowhere "$BUILD/bin/sikka" help poll
is "$(tail -n 1 out)" "manual page: sikka-poll(1)" "shows its help, which names the page"

done_testing
