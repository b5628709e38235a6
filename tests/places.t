#!/bin/sh
# SPDX-License-Identifier: MIT
# places.t: several names of one state file mean one file, and what lies beside it; and root's files don't lock out
# whom the state file belongs to
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0
authorize
DB=$SIKKA_DB
mkdir "$T/elsewhere" "$T/shell"
ln -s ../state/sikka.db "$T/elsewhere/by-link.db"
ln -s state "$T/by-folder"
names="$T/elsewhere/by-link.db $T/by-folder/sikka.db $T/shell/../state/sikka.db ../state/sikka.db $T//state/./sikka.db"
beside() { (cd "$T/state" && echo *); }
sikka-get -q -O D36225 patients --limit 1 >out
is "$(beside)" "sikka.db sikka.db-journal sikka.db.limits sikka.db.lock" "what lies beside the state file"
cd "$T/shell" || exit

# --- one file, whatever it is called --------------------------------------------------------------------------

booking key=order-1 time=09:00 >in
i=0
for name in $names; do
	i=$((i + 1))
	run 0 "a request with a key, by ${name#"$T"}" sikka-book -D "$name" in
	is "$(sim_writebacks)" 1 "is sent once"
	run 0 "reading" sikka-get -q -D "$name" -O D36225 patients --limit 1
	run 0 "a status" sikka-status -D "$name" -F json
	is "$(jq -r '.[0].db // .db' "$T/out")" "$DB" "names the file that is meant"
	for suffix in '' -journal -wal .lock .limits; do
		run 64 "a copy onto sikka.db$suffix" sikka-sweep -D "$name" --backup "$T/by-folder/sikka.db$suffix"
	done
	run 0 "a copy" sikka-sweep -D "$name" --backup "copy$i.db"
	[ -f "copy$i.db" ]
	ok $? "is put where it was named"
done
run 64 "a copy onto a name that doesn't lead there yet" sikka-sweep -D "$T/elsewhere/by-link.db" --backup ../state/sikka.db-wal
is "$(beside)" "sikka.db sikka.db-journal sikka.db.limits sikka.db.lock" "nothing else lies beside it now"
is "$(find "$T/elsewhere" "$T/shell" -name '*.db*' | grep -vc 'copy[0-9].db$')" 1 "nor beside another name"

# The limit is counted once, whatever the names.
window() { sqlite3 "$DB.limits" "SELECT sum(used) FROM windows"; }
time_stands
used=$(window)
for name in $names; do sikka-get -q -D "$name" -O D36225 patients --limit 1 >out; done
is "$(window)" $((used + 5)) "one limit for all names"
time_runs

# A run that lives holds its lock in the file that all names lead to.
mkfifo pipe
sikka-book <pipe >booked 2>book.err &
pid=$!
exec 9>pipe
booking key=order-2 time=10:00 >&9
wait_for test -s booked
for name in $names; do
	run 75 "another one is seen, by ${name#"$T"}" sikka-sweep -D "$name" --after-restore
	like "$err" "other commands are still running .*process $pid\\)" "and named"
done
exec 9>&-
wait "$pid"

# --- a state file is begun where the name leads ----------------------------------------------------------------

run 0 "a new one, by a link to the folder" sikka-authorize -q --no-token -D "$T/by-folder/new.db"
like "$err" "began the state file $T/state/new.db$" "says where it lies"
run 0 "in a folder that is missing" sikka-authorize -q --no-token -D fresh/new.db
like "$err" "began the state file $T/shell/fresh/new.db$" "likewise"
ln -s nowhere.db "$T/dangling.db"
run 78 "a link to nothing" sikka-status -D "$T/dangling.db"
sikka-authorize -q --no-token -D "$T/dangling.db" >out 2>err
[ $? -eq 78 ] && [ ! -e nowhere.db ] && [ ! -e "$T/dangling.db.lock" ]
ok $? "begins none"
run 73 "a lock file that is a link" sh -c "ln -s '$T/elsewhere/other' '$T/elsewhere/odd.db.lock' && sikka-authorize -q --no-token -D '$T/elsewhere/odd.db'"
[ ! -e "$T/elsewhere/other" ]
ok $? "isn't followed"

# --- root ---------------------------------------------------------------------------------------------------------

U=65534
as_user() { setpriv --reuid=$U --regid=$U --clear-groups "$@"; }
cd "$T" || exit
mkdir -p home/state
chmod 711 "$T"
chmod a+rw "$SIKKA_SHIFT"
chown -R $U:$U home 2>"$T/chown.err"
if [ "$(id -u)" -ne 0 ] || ! as_user sikka-token --version >out 2>err; then
	ok 0 "files of root's # SKIP not root, or no setpriv(1), or another user may not run the programs"
	done_testing
fi
export SIKKA_DB="$T/home/state/sikka.db"
# The file that was begun above has sent requests to the same offices.
export SIKKA_SHARED_OFFICES='*'
run 0 "a user begins a state file" as_user env HOME="$T/home" sikka-authorize
rm -f "$SIKKA_DB.limits"
run 0 "root reads" sikka-get -q -O D36225 patients --limit 1
run 0 "root sweeps" sikka-sweep
is "$(stat -c %u home/state/* | sort -u)" "$U" "all files still belong to the user"
is "$(stat -c %a "$SIKKA_DB.limits")" 600 "who alone may read them"
run 0 "the user goes on" as_user sikka-get -q -O D36225 patients --limit 1
booking time=12:00 >in
chmod a+r in
run 0 "and books" as_user sikka-book in
run 0 "a check" as_user sikka-status --check
for suffix in .lock .limits -journal; do
	chown 0:0 "$SIKKA_DB$suffix"
	run 2 "sikka.db$suffix of root's is found by a check" as_user sikka-status --check
	like "$out" "^SIKKA CRITICAL - $SIKKA_DB$suffix can't be used; it belongs to the user root: .*chown $U $SIKKA_DB$suffix" "with what mends it"
	run 2 "of root's too" sikka-status --check
	like "$out" "^SIKKA CRITICAL - $SIKKA_DB$suffix can't be used by the user $U; .*chown $U $SIKKA_DB$suffix" "with what mends it"
	chown $U:$U "$SIKKA_DB$suffix"
done
chmod 644 "$SIKKA_DB.limits"
run 2 "limits that others can use" as_user sikka-status --check
like "$out" "run: chmod 600 $SIKKA_DB.limits" "with what mends it"
chmod 400 "$SIKKA_DB.limits"
run 2 "limits that can't be written" as_user sikka-status --check
like "$out" "limits can't be written: .*; run: chmod 600 $SIKKA_DB.limits" "with what mends it"
chmod 600 "$SIKKA_DB.limits"
chown 0 home/state
run 2 "a folder that can't be written" as_user sikka-status --check
like "$out" "the folder $T/home/state can't be " "with what mends it"
chown $U home/state
run 0 "nothing is wrong" as_user sikka-status --check
rm -f "$SIKKA_DB.lock"
sikka-sweep -q >out 2>err
is "$(stat -c %u "$SIKKA_DB.lock")" "$U" "so does the lock file"
# The user plants a link where root would make a file.
echo untouched >roots
chmod 600 roots
for suffix in lock limits; do
	as_user rm -f "$SIKKA_DB.$suffix"
	as_user ln -s "$T/roots" "$SIKKA_DB.$suffix"
	sikka-get -q -O D36225 patients --limit 1 >out 2>err
	is "$(stat -c %u roots) $(cat roots)" "0 untouched" "a link .$suffix gives nothing of root's away"
	as_user rm -f "$SIKKA_DB.$suffix"
done
# What root made beside it by hand, or an earlier version did.
rm -f "$SIKKA_DB.lock"
: >"$SIKKA_DB.lock"
chmod 600 "$SIKKA_DB.lock"
run 73 "a lock file of root's" as_user sikka-sweep
like "$err" "belongs to the user root: .*chown $U $SIKKA_DB.lock" "whose it is, and what mends it"
rm "$SIKKA_DB.lock"
chown 0 "$SIKKA_DB"
run 2 "a state file of root's is found by a check" as_user sikka-status --check
like "$out" "^SIKKA CRITICAL - $SIKKA_DB can't be used; .*chown $U $SIKKA_DB" "with what mends it"
run 77 "a state file of root's" as_user sikka-status
like "$err" "belongs to the user root: .*chown $U $SIKKA_DB\$" "likewise"
done_testing
