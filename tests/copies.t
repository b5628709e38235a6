#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-sweep --backup: copies through links, what killed runs left, and --keep
. "$(dirname "$0")/lib.sh"

start_sim --rate-limit 100000 --delay 0:0
authorize
later 1h
run 0 "what there is" sikka-sweep
rows() { sqlite "$1" 'SELECT count(*) FROM pms_writebacks'; }
nth=0
one_more() { nth=$((nth + 1)); booking "time=09:$((nth + 9))" >in; sikka-book -q in >"$T/booked"; }

# --- links --------------------------------------------------------------------------------------

mkdir disk2 open
run 0 "a copy on another disk" sikka-sweep --backup disk2/copy.db
one_more
ln -s disk2/copy.db copy.db
ln -s ../copy.db open/copy.db
chmod 755 . open
run 0 "a link to it" sikka-sweep --backup copy.db
is "$(readlink copy.db) $(rows disk2/copy.db)" "disk2/copy.db 1" "stays, and the copy there is new"
one_more
run 0 "a link to a link" sikka-sweep --backup "$T/open/copy.db"
is "$(readlink open/copy.db) $(readlink copy.db) $(rows disk2/copy.db)" "../copy.db disk2/copy.db 2" "likewise"
is "$(find . -name '*.tmp-*') $(stat -c %a disk2/copy.db)" " 600" "nothing else is left, and nobody else can read it"
one_more
for mode in 777 775; do
	chmod "$mode" open
	run 77 "a link in a folder that others may write (mode $mode)" sikka-sweep --backup open/copy.db
	like "$err" 'open/copy.db is a link, and other users may write to its folder: chmod go-w open' "says what to do"
done
chmod 755 open
if [ "$(id -u)" = 0 ]; then
	chown -h 12345 open/copy.db
	run 77 "a link of another user" sikka-sweep --backup open/copy.db
	chown -h 0 open/copy.db
fi
is "$(rows disk2/copy.db)" 2 "nothing is written then"
mv disk2 away
run 73 "a link to a disk that isn't mounted" sikka-sweep --backup copy.db
like "$err" "copy.db is a link to disk2/copy.db, which isn't there \(is its disk mounted\?\)" "is told"
mkdir disk2
run 73 "the folder on which it would be mounted" sikka-sweep --backup copy.db
is "$(ls disk2) $(readlink copy.db)" " disk2/copy.db" "gets no copy"
rmdir disk2
mv away disk2
ln -s loop loop
run 73 "a link to itself" sikka-sweep --backup loop
ln -s "$SIKKA_DB" state.link
run 64 "a link to the state file" sikka-sweep --backup state.link

# --- what killed runs left -----------------------------------------------------------------------------

sh -c 'exit 0' &
gone=$!
wait "$gone"
for name in "copy.db.tmp-$gone" "copy.db.tmp-$gone-journal" "copy.db.tmp-$$" "copy.db.tmp-x" "copy.db.tmp-" "other.db.tmp-$gone"; do
	cp disk2/copy.db "disk2/$name"
done
run 0 "the next copy" sikka-sweep --backup copy.db
is "$(cd disk2 && echo *)" "copy.db copy.db.tmp- copy.db.tmp-$$ copy.db.tmp-x other.db.tmp-$gone" \
    "removes the parts of its own copy of which no process runs"
rm disk2/*.tmp-*
# A process of another machine, or of another container, isn't seen. But SQLite's lock is.
there=disk2/copy.db.tmp-$gone
cp disk2/copy.db "$there"
{ printf 'BEGIN IMMEDIATE;\n.shell touch writes\n'; wait_for test -e free; echo 'COMMIT;'; } | sqlite "$there" &
writer=$!
wait_for test -e writes
run 0 "a copy while another machine writes one" sikka-sweep --backup copy.db
ls "$there" >left
touch free
wait "$writer"
is "$(cat left)" "$there" "leaves what that one writes"
run 0 "and when it has ended" sikka-sweep --backup copy.db
is "$(cd disk2 && echo *)" "copy.db" "removes it"
# Real ones: killed while they write, where that can be met.
writes() { has_ended "$copying" || [ -e "disk2/copy.db.tmp-$copying" ]; }
for _ in 1 2 3 4; do
	sikka-sweep --backup copy.db >killed 2>&1 &
	copying=$!
	wait_for writes
	kill -9 "$copying" 2>>"$T/gone.err"
	wait "$copying" 2>>"$T/gone.err"
done
is "$(find disk2 -type f -perm /077)" "" "what a killed run leaves can't be read by others"
run 0 "the copy after them" sikka-sweep --backup copy.db
is "$(cd disk2 && echo *)" "copy.db" "removes it"

# --- --keep ----------------------------------------------------------------------------------------------

mkdir kept
: >kept/all.db-20250101T000000
: >kept/all.db-20250101T000000Z.old
: >kept/all.dbx-20250101T000000Z
: >kept/all.db-2025010aT000000Z
others=$(cd kept && echo *)
named() { (cd kept && printf '%s\n' * | grep -Ec '^all\.db-[0-9]{8}T[0-9]{6}Z$'); }
for i in 1 2 3 4; do
	one_more
	run 0 "--keep 3, copy $i" sikka-sweep --backup kept/all.db --keep 3
	is "$(named) $(rows kept/all.db)" "$((i < 3 ? i : 3)) $nth" "so many are there, and FILE is the newest"
	later 60
done
like "$(readlink kept/all.db)" '^all\.db-[0-9]{8}T[0-9]{6}Z$' "a link to it, in the same folder"
is "$(find kept -type f -size +0 -printf '%m\n' | sort -u)" 600 "all of them readable by nobody else"
is "$(cd kept && for name in $others; do [ -e "$name" ] && echo "$name"; done | tr '\n' ' ')" "$others " "other names are left alone"
run 0 "fewer" sikka-sweep --backup kept/all.db --keep 1
is "$(named) $(rows kept/all.db)" "1 $nth" "the newest is left"
clock_off -2d
sql "UPDATE clock SET jump_ms = 0"
: >kept/all.db-20990101T000000Z
run 0 "one of a time ahead" sikka-sweep --backup kept/all.db --keep 2
is "$(named) $(rows kept/all.db)" "2 $nth" "FILE is the one that was made last"
clock_off 2d
ln -s "$T/kept/all.db" by-link.db
run 0 "through a link" sikka-sweep --backup by-link.db --keep 2
is "$(readlink by-link.db) $(named)" "$T/kept/all.db 2" "the copies are where it leads"
run 0 "without --keep" sikka-sweep --backup kept/all.db
is "$(named) $(rows kept/all.db)" "2 $nth" "the newest is replaced"
rm "kept/$(readlink kept/all.db)"
run 0 "the newest was removed" sikka-sweep --backup kept/all.db --keep 2
is "$(rows kept/all.db)" "$nth" "the next one takes its place"
for value in 0 -1 x 3x '' 99999999999999999999; do run 64 "--keep=$value" sikka-sweep --backup kept/all.db --keep="$value"; done
run 64 "--keep alone" sikka-sweep --keep 3
# A person may have gone on with a copy as it was, without putting it back.
mkdir used
used=$T/used/all.db-20250102T000000Z
cp "$SIKKA_DB" "$used"
cp "$SIKKA_DB.lock" "$used.lock"
run 64 "--keep where the database itself has a copy's name" env SIKKA_DB="$used" sikka-sweep --backup used/all.db --keep 1
like "$err" "the database $used has the name of a copy, and --keep deletes the older ones" "is refused"
is "$(rows "$used")" "$nth" "it isn't deleted as one"
run 0 "beside copies of another name" env SIKKA_DB="$used" sikka-sweep --backup used/other.db --keep 1

# --- a copy that was kept is put back --------------------------------------------------------------------

one_more
cp kept/all.db "$SIKKA_DB"
run 75 "a copy that was kept, put back" sikka-sweep
like "$err" 'older copy' "is an older copy"
later 36m
run 0 "--after-restore" after_restore
is "$(sql 'SELECT count(*) FROM pms_writebacks')" "$nth" "brings it up to date"

done_testing
