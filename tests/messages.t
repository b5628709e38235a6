#!/bin/sh
# SPDX-License-Identifier: MIT
# Messages say what is wrong, where, and which command mends it; none of them blames what is well
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0
authorize
booking >in
run 0 "a booking" sikka-book in
RESTORE="restore the last copy that sikka-sweep --backup made, then run sikka-sweep --after-restore"

# --- descriptors -------------------------------------------------------------------------------------------------

# What can't be opened for want of descriptors isn't a matter of permissions.
told=0
for n in 4 5 6 7 8 9 10; do
	booking "time=10:0$n" >"in$n"
	(ulimit -n "$n" && exec sikka-book "in$n") >out 2>err
	code=$?
	grep -q 'check the permissions\|chmod' err
	is $? 1 "with $n descriptors: no word of permissions"
	! grep -q 'Too many open files; this process may have .* files open: raise that with ulimit -n' err || told=$((told + 1))
	[ "$code" != 70 ]
	ok $? "nor is it a bug ($code)"
done
[ "$told" -ge 2 ]
ok $? "but of descriptors, and what raises them ($told times)"

# --- the state file -------------------------------------------------------------------------------------------------

mkfifo input
sikka-book <input >out 2>err &
pid=$!
exec 3>input
booking time=11:00 >&3
answered() { [ -s out ]; }
wait_for answered
cp "$SIKKA_DB" moved.db
mv "$SIKKA_DB" "$SIKKA_DB.away"
cp moved.db "$SIKKA_DB"
booking time=11:10 >&3
exec 3>&-
wait "$pid"
code=$?
grep -q 'chmod' err
is "$? $code" "1 75" "a state file that was replaced while it was open isn't one with wrong permissions"
like "$(cat err)" "replaced while .* open.*run the command again" "the message says that it was replaced"
mv "$SIKKA_DB.away" "$SIKKA_DB"

cp "$SIKKA_DB" good.db
dd if=/dev/urandom of="$SIKKA_DB" bs=100 count=1 conv=notrunc 2>dd.err
run 78 "a state file whose beginning was overwritten" sikka-sweep
like "$err" "$SIKKA_DB is not a sikka database: it is another file, or its beginning was overwritten.*--db.*$RESTORE" "may be damaged, or another file"
cp good.db "$SIKKA_DB"
pages=$(($(stat -c %s "$SIKKA_DB") / 4096))
dd if=/dev/urandom of="$SIKKA_DB" bs=4096 seek=$((pages / 2)) count=$((pages / 2)) conv=notrunc 2>dd.err
run 74 "a damaged page" sikka-sweep --backup "$T/copy.db"
like "$err" "$SIKKA_DB is damaged.*: $RESTORE" "says what mends it"
unlike "$err" '\*\*\*|x0a' "in words for people"
rm "$SIKKA_DB"
run 78 "a state file that is gone" sikka-poll
like "$err" "there is no state file there, but the lock file beside it has seen [0-9]* requests.*$RESTORE" "isn't a new one: the lock file knows it"
cp good.db "$SIKKA_DB"
sqlite other.db "CREATE TABLE t (x)"
chmod 600 other.db
run 78 "another program's database" sikka-poll -D "$T/other.db"
like "$err" "another program's; name the right file with --db" "isn't taken for a damaged one"

# --- JSON ----------------------------------------------------------------------------------------------------------------

printf '{"office_id":"D36225","description":"a\\u0000b"}\n' >zero
run 65 "a character that no text can have" sikka-book zero
like "$err" "u0000 isn't allowed in a text" "is named"
unlike "$err" "JSON_" "without the library's words"

# --- what isn't there ---------------------------------------------------------------------------------------------------------

run 65 "a request that isn't there" sikka-sweep --withdraw 999
like "$err" "there is no request 999 in the state file: sikka-status --writebacks" "says where to look"
run 77 "an office that nobody knows" sikka-token -O D9 refresh
like "$err" "D9.*: .*sikka-" "says which command tells of those that there are"

done_testing
