#!/bin/sh
# SPDX-License-Identifier: MIT
# What commands read and write is whole: input that can't be read, output that is the input, lines that a full disk tears
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 600:600
authorize
# book TIME …: one booking for each, in D36225
book() { for at; do booking "time=$at"; done >in; run 0 "booked: $*" sikka-book in; }

# --- input that can't be read -------------------------------------------------------------------

book 09:00
cp out records
for command in 'sikka-poll -' 'sikka-poll --wait -' 'sikka-sweep --withdraw -' 'sikka-sweep --retry=-' 'sikka-sweep --ack -' \
    'sikka-sweep --adopt -' 'sikka-sweep --not-ours -' 'sikka-authorize --import' sikka-book; do
	run 66 "$command: stdin is closed" sh -c "$command <&-"
	like "$err" 'standard input: Bad file descriptor' "and the message says so"
	run 66 "$command: stdin is a folder" sh -c "$command </"
	like "$err" 'standard input: Is a directory' "and the message says so"
done
is "$(state 1)" pending "nothing has become of it"

# slowly COMMAND …: its stdin is a pipe that doesn't block; the records come in two parts, when it has waited for each.
slowly() {
	perl -MFcntl -MIO::Handle -e '
		pipe(my $in, my $out) or die;
		fcntl($in, F_SETFL, O_NONBLOCK) or die;
		open(my $records, "<", "records") or die;
		my $text = join("", <$records>);
		my $pid = fork() // die;
		if (!$pid) { close $out; open(STDIN, "<&", $in) or die; exec @ARGV or die; }
		close $in;
		$out->autoflush(1);
		for my $part (substr($text, 0, 20), substr($text, 20)) {
			until (`cat /proc/$pid/wchan /proc/$pid/stat` =~ /poll|\) S /) { select(undef, undef, undef, 0.05); }
			select(undef, undef, undef, 0.2);
			print $out $part;
		}
		close $out;
		waitpid($pid, 0);
		exit($? >> 8);' "$@"
}
run 0 "a slow pipe that doesn't block" slowly sikka-poll -
is "$(said .id)" 1 "is read to its end"
run 0 "for sikka-sweep, too" slowly sikka-sweep --withdraw -
is "$(state 1)" withdrawn "what it names is done"

# A signal ends the wait for input.
begun=$(sql "SELECT count(*) FROM events")
mkfifo slow
exec 8<>slow
sikka-authorize --import <slow >its.out 2>its.err &
importing=$!
catches_term() { [ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$importing/status") & 0x4000)) -ne 0 ]; }
wait_for catches_term
kill -TERM "$importing"
wait "$importing"
is "$?" 75 "--import: stopped while it waits for input"
exec 8>&-
is "$(sql "SELECT count(*) FROM events")" "$begun" "and nothing is imported"

# --- the output as the input ----------------------------------------------------------------------

book 09:10
sikka-status --writebacks --state pending >records
size=$(wc -c <records)
for command in 'sikka-poll - <records >>records' 'sikka-poll --wait=1s - <records >>records' 'sikka-poll - <records 2>>records' \
    'sikka-sweep --withdraw - <records >>records' 'sikka-sweep --ack - <records >>records' 'sikka-book <records >>records' \
    'sikka-book records >>records' 'sikka-book in - <records >>records' 'sikka-authorize --import=records >>records' \
    'sikka-authorize --import <records >>records' 'ln records other; sikka-book other >>records'; do
	sh -c "$command" 2>"$T/err"
	is "$?" 64 "$command"
	case $command in
	*2\>*) cp before records ;;
	*) like "$(cat "$T/err")" ' is also what standard output is written to' "and the message says why" ;;
	esac
	cp records before
	is "$(wc -c <records)" "$size" "nothing is written to it"
done
is "$(state 2)" pending "and nothing is done"
is "$(posts)" 2 "nor sent"
mkfifo both
run 64 "a named pipe" perl -e 'open(STDIN, "+<", "both"); open(STDOUT, ">&STDIN"); exec @ARGV' sikka-poll -
run 0 "the same terminal or /dev/null is none" sh -c 'sikka-poll - </dev/null >/dev/null'

# --- UTF-16 --------------------------------------------------------------------------------------

booking time=09:20 >utf8
iconv -f UTF-8 -t UTF-16LE utf8 >plain
{ printf '\377\376'; cat plain; } >marked
for file in plain marked; do
	run 65 "UTF-16 ($file)" sikka-book "$file"
	like "$err" 'line 1: this is UTF-16.*iconv -f UTF-16' "and the message says what it is, and what to type"
	# shellcheck disable=SC2046 # the words of the command that it names
	$(printf '%s' "$err" | sed -n 's/.*convert it: //p') "$file" >converted
	cmp -s converted utf8
	ok $? "that command converts it"
done
run 65 "for sikka-sweep, too" sh -c 'sikka-sweep --withdraw - <marked'
like "$err" 'this is UTF-16' "and said so"
run 65 "and for sikka-poll" sh -c 'sikka-poll - <marked'
like "$err" 'this is UTF-16' "likewise"
{ booking time=09:30; printf '\357\273\277'; booking time=09:40; } >in
run 0 "files put together, each with a byte order mark" sikka-book in
is "$(said .result | sort | uniq -c | tr -s ' ')" " 2 pending" "are read whole"

# --- torn lines ----------------------------------------------------------------------------------

anew --rate-limit 100000 --delay 0:0
book 09:00 09:01 09:02
later 60
head -c 400000 /dev/zero | tr '\0' '\n' >changed
run 74 "a disk that becomes full" sh -c 'prlimit --fsize=400300 sikka-poll -q >>changed'
is "$(wc -c <changed)" 400000 "the torn line is cut off again"
head -c 399600 changed >begun
run 74 "one that takes some lines" sh -c 'prlimit --fsize=400300 sikka-status --writebacks >>begun'
is "$(grep -v '^$' begun | jq -r .id)" 1 "each line that is there is whole"
head -c 399600 /dev/zero | tr '\0' '\n' >begun
run 74 "the same, written from where the file ends" sh -c '
	exec 3<>begun; cat <&3 >/dev/null; prlimit --fsize=400300 sikka-status --writebacks >&3'
is "$(grep -v '^$' begun | jq -r .id)" 1 "likewise"
printf '{"id":"7' >torn
run 0 "a file that ends in a torn line" sh -c 'sikka-status --writebacks >>torn'
is "$(tail -n +2 torn | jq -r .id | tr '\n' ' ')" "1 2 3 " "goes on with a new one"
printf '{"id":"7"}\n' >sound
run 0 "one that ends in a whole line" sh -c 'sikka-status --writebacks >>sound'
is "$(wc -l <sound)" 4 "goes on behind it"
printf 'x' >keys
run 0 "what isn't a record" sh -c 'sikka-token print D36225 >>keys'
is "$(head -c 2 keys | grep -c '^x.')" 1 "is written as it is"

done_testing
