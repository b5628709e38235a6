#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-doctor: what it says of whatever is broken, with what mends it; and that it changes nothing
. "$(dirname "$0")/lib.sh"

# A crontab(1) of the test's: it prints $T/crontab.
mkdir -p "$T/tools" "$T/conf"
cat >"$T/tools/crontab" <<'END'
#!/bin/sh
case $* in
-l) cat "$HOME/crontab" ;;
"-u nobody -l") echo "1 2 * * * sikka-poll" ;;
esac
END
chmod +x "$T/tools/crontab"
PATH=$T/tools:$PATH

# prints: all files that a command could change, with their contents, modes and times, those of folders too
prints() {
	find "$T/conf" "$T/state" "${SIKKA_DB%/*}" -printf '%p %m %s %T@ %U\n' 2>>"$T/gone.err" | sort
	find "$T/conf" "$T/state" "${SIKKA_DB%/*}" -type f -exec sha256sum {} + 2>>"$T/gone.err" | sort
}
# doctor CODE WHAT [ARGUMENT …]: runs it; no file may have changed afterwards, and no key may be shown
doctor() {
	wanted=$1 about=$2
	shift 2
	prints >"$T/before"
	run "$wanted" "$about" sikka-doctor "$@"
	prints >"$T/after"
	cmp -s "$T/before" "$T/after"
	ok $? "$about: no file has changed"
	diff "$T/before" "$T/after" | sed 's/^/#   /'
	is "$(cat "$T/out" "$T/err" | grep -c "sikka-sim-key\|$SECRETS")" 0 "$about: no secret is shown"
}
SECRETS=another-secret
# found CHECK SUBJECT: "VERDICT CODE TEXT" of each finding of that kind
found() { jq -r --arg check "$1" --arg subject "$2" 'select(.check == $check and (.subject | test($subject))) | "\(.verdict) \(.exit_code) \(.text)"' "$T/out"; }
# what isn't well: "CHECK SUBJECT" of each
ill() { jq -r 'select(.verdict == "warning" or .verdict == "critical") | "\(.check) \(.subject)"' "$T/out" | tr '\n' ','; }

# --- all is well ---------------------------------------------------------------------------------------
start_sim --delay 0:0 --rate-limit 100000
URL=$SIKKA_BASE_URL
printf 'app_id = sikka-sim-app\napp_key_file = %s/conf/key\nbase_url = %s\n' "$T" "$URL" >conf/config
echo sikka-sim-key >conf/key
chmod 600 conf/config conf/key
unset SIKKA_APP_ID SIKKA_APP_KEY SIKKA_BASE_URL
export SIKKA_CONFIG="$T/conf/config"
authorize
booking key=order-1 >in
sikka-book --wait=1m -q in >"$T/work"
# upkeep: what cron runs
upkeep() {
	sikka-authorize -q && sikka-token -q refresh && sikka-poll -q && sikka-sweep -q --notify true --backup "$T/copy.db"
} >"$T/work"
upkeep
cp "$TOP/scripts/system/cron/crontab.example" crontab
keys=$(sim_count 'POST /request_key') practices=$(sim_count 'GET /authorized_practices') total=$(sim_get requests | jq .total)
SECRETS="another-secret\|$(sql "SELECT group_concat(request_key || '\|' || refresh_key || '\|' || secret_key, '\|') FROM pms_integrations")"
[ "${#SECRETS}" -gt 100 ]
ok $? "(there are keys to be shown)"
doctor 0 "all is well"
is "$(ill)" "" "nothing is to be mended"
is "$err" "" "it is silent on stderr"
is "$(jq -r .verdict out | sort -u)" ok "each line is ok"
is "$(found setting '^base_url$')" "ok 0 $URL, from $T/conf/config:3" "where a setting comes from"
is "$(found setting '^db$')" "ok 0 $SIKKA_DB, from SIKKA_DB" "and another"
is "$(sikka-doctor --offline -D "$SIKKA_DB" | jq -r 'select(.subject == "db").text')" "$SIKKA_DB, from --db" "an option is stronger"
like "$(found file conf/key)" '^ok 0 app_key_file: mode 0600, owner ' "the mode of the key's file"
like "$(found file 'db.lock$')" '^ok 0 mode 0600, owner ' "the mode of the lock file"
like "$(found file '/state$')" '^ok 0 mode 0700, owner ' "and of the folder"
like "$(found 'state file' .)" '^ok 0 sound, version 6, mode 0600, owner .*, changed .* ago$' "the state file"
like "$(found office D36225)" '^ok 0 active, its request key is valid until 20' "until when an office has a key"
is "$(found task . | cut -d' ' -f1-3 | sort | uniq -c | tr -s ' ')" " 6 ok 0 it" "each task has succeeded"
is "$(found timer '^backup$')" "ok 0 crontab -l:$(grep -n -e --backup crontab | cut -d: -f1)" "what runs the backup"
is "$(found timer . | grep -c '^ok 0 crontab -l:')" 6 "and all other tasks"
like "$(found disk "^$T")" '^ok 0 .* are free$' "room on the disk"
is "$(found name .)" "ok 0 it is 127.0.0.1" "the server's name"
like "$(found clock .)" '^ok 0 it differs by 0 s' "the clock"
is "$(found credentials .)" "ok 0 the server takes app_id ($T/conf/config:1) and the app key ($T/conf/key)" "the credentials"
is "$(sim_count 'POST /request_key')" "$keys" "no key was renewed"
is "$(($(sim_count 'GET /authorized_practices') - practices)) $(($(sim_get requests | jq .total) - total))" "1 1" "one request was sent"
doctor 0 "offline" --offline
is "$(jq -r .check out | grep -cE '^(name|connection|credentials|clock)$')" 0 "the server isn't looked at"
is "$(($(sim_get requests | jq .total) - total))" 1 "nor asked"
doctor 0 "one office only" -O D36225
is "$(found office . | wc -l)" 1 "the other one isn't told"
doctor 77 "an office that isn't known" -O D99999
like "$(found state office_not_known)" '^critical 77 office D99999 .*sikka-status shows' "is told"
run 64 "an operand" sikka-doctor now
like "$err" "no operands: 'now'" "isn't one"
run 64 "an age of a task that isn't there" sikka-doctor --max-age bakup=1d
like "$err" "did you mean backup" "says which there are"

# --- on a terminal -------------------------------------------------------------------------------------
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	TERM=xterm script -qec "stty cols 80 && sikka-doctor 2>progress" /dev/null </dev/null | tr -d '\r' >seen
	esc=$(printf '\033')
	like "$(cat seen)" "$esc\[32mok$esc\[0m" "on a terminal it is a table, and what is well is green"
	is "$(sed "s/$esc\[[0-9;]*[mK]//g" seen | awk 'length > 80' | wc -l)" 0 "which fits it"
	is "$(TERM=xterm NO_COLOR=1 script -qec 'sikka-doctor 2>progress' /dev/null </dev/null | grep -c "$esc")" 0 "NO_COLOR: no colour"
else
	ok 0 "a terminal # SKIP no script(1)"
fi

# --- settings ------------------------------------------------------------------------------------------
cp -p conf/config config.well
echo 'basurl = x' >>conf/config
doctor 78 "a setting that isn't there"
like "$(found setting config)" "^critical 78 $T/conf/config:4: there is no setting 'basurl'; did you mean base_url" "is told, with its line"
like "$(found 'state file' .)" '^ok 0 sound' "the state file that SIKKA_DB names is looked at all the same"
is "$(found answer .)" "skipped 0 not asked, as the settings say where it is" "the server isn't"
SIKKA_DB= doctor 78 "where the config file could name the state file"
is "$(found 'state file' . | cut -c 1-12)" "skipped 0 no" "that isn't guessed"
cp -p config.well conf/config
SIKKA_CONFIG=$T/nowhere doctor 78 "a config file that isn't there"
like "$(found setting config)" "^critical 78 there is no config file $T/nowhere, which SIKKA_CONFIG names" "is told"
SIKKA_CONFIG=$T/conf doctor 78 "a folder in its place"
like "$(found setting config)" "^critical 78 can't read the config file $T/conf: Is a directory" "is told"
echo 'app_key = another-secret' >>conf/config
chmod 640 conf/config
doctor 77 "a config file with a key, which others can read"
like "$(found setting config)" "^critical 77 $T/conf/config contains the app key.*: chmod 600 $T/conf/config" "with what mends it"
cp -p config.well conf/config
chmod 666 conf/config
doctor 77 "a config file that others can write to"
like "$(found file conf/config)" "^warning 77 .*run: chmod go-w $T/conf/config" "with what mends it"
chmod 600 conf/config
SIKKA_APP_KEY=another-secret SIKKA_CONFIG= doctor 78 "no app id" --offline
like "$(found key application)" "^critical 78 no app id: run sikka-authorize --setup, or set app_id" "is told, with what mends it"
chmod 644 conf/key
doctor 77 "a key that others can read"
like "$(found key application)" "^critical 77 $T/conf/key contains the app key.*: chmod 600 $T/conf/key" "with what mends it"
like "$(found credentials .)" "^skipped 0 " "the server isn't asked about it"
like "$(found connection .)" "^ok 0 " "but whether it is there"
chmod 600 conf/key
mv conf/key conf/elsewhere
doctor 78 "a key file that isn't there"
like "$(found file conf/key)" "^critical 78 app_key_file: the file can't be read: No such file.*; correct app_key_file" "is told"
mv conf/elsewhere conf/key
printf 'app_id = sikka-sim-app\nbase_url = %s\napp_key_command = touch %s/ran; echo sikka-sim-key; : another-secret\n' "$URL" "$T" >conf/config
doctor 0 "a key that a command prints, offline" --offline
like "$(found key application)" "^skipped 0 app_key_command isn't run by --offline" "isn't asked for"
[ ! -e ran ]
ok $? "the command wasn't run"
doctor 0 "a key that a command prints"
like "$(found setting app_key_command)" "^ok 0 set, and not shown, from $T/conf/config:3" "its line isn't shown"
cp -p config.well conf/config

# --- another user --------------------------------------------------------------------------------------
if [ "$(id -u)" = 0 ] && chmod 711 "$T" && setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$BUILD/bin/sikka-doctor" 2>/dev/null; then
	chmod a+rw "$SIKKA_SHIFT"
	SIKKA_KEPT='' run 77 "another user's" setpriv --reuid=65534 --regid=65534 --clear-groups sikka-doctor
	like "$(found setting config)" "^critical 78 can't read the config file $T/conf/config: Permission denied; it belongs to the user root: .*chown 65534 $T/conf/config" \
	    "a config file that can't be read"
	like "$(found state .)" "Permission denied" "and a state file"
	SIKKA_KEPT='' run 77 "another user's state file" env SIKKA_CONFIG= SIKKA_APP_ID=a SIKKA_APP_KEY=b setpriv --reuid=65534 --regid=65534 --clear-groups sikka-doctor --offline
	like "$(found state state_unreadable)" "^critical 77 .*$SIKKA_DB" "alone"
	cp -rp state nobodys
	chown -R nobody nobodys
	SIKKA_DB=$T/nobodys/sikka.db run 0 "another user's, for root" sikka-doctor --offline
	is "$(found timer '^poll$')" "ok 0 crontab -u nobody -l:1" "with that user's crontab"
else
	ok 0 "another user # SKIP not root, no setpriv(1), or nobody may not run the programs"
fi

# --- the state file ------------------------------------------------------------------------------------
SIKKA_DB=$T/none/sikka.db doctor 78 "no state file"
like "$(found state state_unreadable)" "^critical 78 $T/none/sikka.db: there is no state file there .*only sikka-authorize begins" "is told, with what begins one"
[ ! -e "$T/none" ]
ok $? "none was begun, nor its folder"
like "$(found credentials .)" "^ok 0 " "the server is asked all the same"
mkdir lost
cp -p "$SIKKA_DB.lock" lost/sikka.db.lock
SIKKA_DB=$T/lost/sikka.db doctor 78 "a state file that is lost"
like "$(found state state_file_lost)" "^critical 78 .*mount its disk, or put its last copy there and run: sikka-sweep --after-restore" "is told, with what mends it"

cp -rp state damaged
size=$(stat -c %s damaged/sikka.db)
perl -e 'open F, "+<", $ARGV[0]; seek F, 4096 * 8, 0; print F "x" x ($ARGV[1] - 4096 * 8)' damaged/sikka.db "$size"
SIKKA_DB=$T/damaged/sikka.db doctor 74 "a damaged state file"
like "$(jq -r 'select(.verdict == "critical") | .text' out)" "$T/damaged/sikka.db.*damaged.*restore the last copy.*sikka-sweep --after-restore" "is told, with what mends it"
is "$(jq -r 'select(.verdict == "critical") | .text' out | grep -c damaged)" 1 "once"
mkdir other
echo 'This is no database at all, but a text.' >other/sikka.db
chmod 600 other/sikka.db
SIKKA_DB=$T/other/sikka.db doctor 78 "a file of another program's"
like "$(found state state_unreadable)" "^critical 78 .*is not a sikka database" "is told"

chmod 644 "$SIKKA_DB"
doctor 77 "a state file that others can read"
like "$(found state state_unreadable)" "^critical 77 other users may read or write $SIKKA_DB.*: chmod 600 $SIKKA_DB" "with what mends it"
chmod 600 "$SIKKA_DB"
chmod 666 "$SIKKA_DB.limits"
doctor 77 "limits that others can use"
is "$(found file limits)" "critical 77 $SIKKA_DB.limits can be used by other users; run: chmod 600 $SIKKA_DB.limits" "with what mends it"
is "$(found state file_unusable)" "" "once"
chmod 600 "$SIKKA_DB.limits"
chmod 777 state
doctor 77 "a folder to which others can write"
like "$(found state state_unreadable)" "^critical 77 all users may write to the folder $T/state: chmod o-w $T/state" "with what mends it"
chmod 700 state

cp -rp state older
SIKKA_DB=$T/older/sikka.db back_to_version_5
SIKKA_DB=$T/older/sikka.db doctor 1 "a state file of an earlier version" --offline
like "$(found 'state file' .)" "^ok 0 sound, version 5, which the next command brings to 6" "is as it was"
SIKKA_DB=$T/older/sikka.db
sql 'PRAGMA user_version = 7'
doctor 78 "one of a newer version" --offline
like "$(found state state_unreadable)" "^critical 78 .*was written by a newer sikka .*install that one again" "is told"
SIKKA_DB=$T/state/sikka.db

cp -rp state interrupted
sqlite3 -batch interrupted/sikka.db "PRAGMA journal_mode = TRUNCATE" "PRAGMA cache_size = 1" "PRAGMA cache_spill = 1" \
    "BEGIN IMMEDIATE" "CREATE TABLE junk (bytes)" \
    "INSERT INTO junk SELECT randomblob(3000) FROM generate_series(1, 400)" ".shell kill -9 \$PPID" >"$T/work" 2>&1
[ -s interrupted/sikka.db-journal ]
ok $? "(a writer was killed in the middle)"
chmod 600 interrupted/*
SIKKA_DB=$T/interrupted/sikka.db doctor 74 "a write that was interrupted" --offline
like "$(found state state_unreadable)" "^critical 74 .*a write was interrupted and has to be rolled back.*run sikka-status" "is left to the next command"
SIKKA_DB=$T/interrupted/sikka.db run 0 "sikka-status rolls it back" sikka-status
SIKKA_DB=$T/interrupted/sikka.db doctor 0 "which mends it" --offline
cp -rp state wal
sqlite3 -batch wal/sikka.db "PRAGMA journal_mode = WAL" >"$T/work"
SIKKA_DB=$T/wal/sikka.db doctor 75 "another journal mode" --offline
like "$(found state state_unreadable)" "^critical 75 .*run: sikka-sweep" "is told, with what changes it back"

cp -p "$SIKKA_DB" earlier.db
booking key=order-2 time=10:00 >in
sikka-book --wait=1m -q in >"$T/work"
cp -rp state copied
cp -p earlier.db copied/sikka.db
SIKKA_DB=$T/copied/sikka.db doctor 75 "an older copy" --offline
like "$(found state older_copy)" "^critical 75 .*sikka-sweep --after-restore" "is told, with what says what it is"

# --- the disk ----------------------------------------------------------------------------------------------
long=$T/$(printf '%0200d' 0)/$(printf '%0200d' 0)/$(printf '%0100d' 0).db
SIKKA_DB=$long doctor 78 "a path that is too long" --offline
like "$(found disk names)" "^critical 78 the path of the state file is too long: .*choose a shorter one" "is told"
long=$T/state/$(printf '%0250d' 0)
SIKKA_DB=$long doctor 78 "a name that is too long" --offline
like "$(found disk names)" "^critical 78 the name of the state file is too long: .*choose a shorter one" "is told"
mkdir small
if unshare -rm sh -c "mount -t tmpfs -o size=2m none '$T/small'" 2>"$T/unshare.err"; then
	export SIKKA_DB="$T/small/sikka.db"
	run 74 "a disk with little room" unshare -rm sh -c "mount -t tmpfs -o size=2m,mode=700 none '$T/small' && cp -p '$T'/state/* '$T/small' && sikka-doctor --offline"
	like "$(found disk small)" "^warning 74 .* are free, and 64.0 MiB should be; make room: df -h $T/small" "is told"
	run 74 "a disk that is full" unshare -rm sh -c "mount -t tmpfs -o size=2m,mode=700 none '$T/small' && cp -p '$T'/state/* '$T/small' && { cat /dev/zero >'$T/small/fill'; sikka-doctor --offline; }"
	like "$(found disk small)" "^critical 74 0 bytes are free" "is told"
	run 77 "a disk that can't be written" unshare -rm sh -c "mount -t tmpfs -o size=200m,mode=700 none '$T/small' && cp -p '$T'/state/* '$T/small' && mount -o remount,ro '$T/small' && sikka-doctor --offline"
	like "$(found disk small)" "^critical 74 it is mounted read-only; .*remount,rw" "is told"
	like "$(found file 'db.lock')" "^critical 77 .*Read-only file system; .*remount,rw" "and is why files can't be written"
	SIKKA_DB=$T/state/sikka.db
else
	ok 0 "disks # SKIP no unshare(1), or it may not mount"
fi
# --- requests, keys and tasks: the verdicts of sikka-status --check --------------------------------------
# Without the list: sikka-book itself reads one where something is held for it, and would find the request there.
sim_fault 'POST /appointment=drop-after'
sim_post 'options?writeback-list=off'
booking key=order-3 time=11:00 >in
sikka-book -q in >"$T/work" 2>&1
sim_clear_faults
sim_post 'options?writeback-list=on'
doctor 2 "a request whose outcome is unknown"
like "$(found state '^unknown$')" "^warning 2 1 request unknown; run: sikka-sweep" "is told, with what finds it out"
later 2h
sikka-sweep -q >"$T/work" 2>&1
later 25h
doctor 77 "keys that have ended" --offline
like "$(found state '^key_expired$')" "^critical 77 request key expired: D20006, D36225; run: sikka-token refresh" "are told, with what renews them"
sikka-token -q refresh >"$T/work"
doctor 1 "which mends it" --offline
is "$(found state key_expired)" "" "but not that the sweep has stopped"
upkeep
doctor 0 "once it runs again" --offline
later 4d
sikka-authorize -q >"$T/work"
sikka-token -q refresh >"$T/work"
sikka-poll -q >"$T/work"
sikka-sweep -q --notify true >"$T/work"
doctor 1 "a backup that is late" --offline
like "$(found state '^task_late$')" "^warning 1 no good backup for .*; look whether cron runs it, and run: sikka-sweep --backup FILE" "is told, with what makes one"
doctor 0 "not where it may be" --offline --max-age backup=30d
mv crontab crontab.well
doctor 1 "nothing that runs them" --offline --max-age backup=1d
like "$(found timer '^backup$')" "^warning 1 nothing runs it: .*crontab -e$" "is told, with what does"
like "$(found timer '^refresh$')" "^ok 0 .* but something runs it" "but not of what runs nevertheless"
mkdir -p .config/systemd/user/timers.target.wants
: >.config/systemd/user/sikka-backup.timer
doctor 1 "a timer that isn't enabled" --offline
like "$(found timer '^backup$')" "^warning 1 nothing runs it; without systemd copy its line from crontab.example; with it run: systemctl enable --now sikka-backup.timer" "is told, with what does it"
ln -s ../sikka-backup.timer .config/systemd/user/timers.target.wants/sikka-backup.timer
doctor 1 "one that is enabled" --offline
is "$(found timer '^backup$')" "ok 0 $T/.config/systemd/user/timers.target.wants/sikka-backup.timer" "runs it"
printf '# 1 2 * * * sikka-poll\n1 2 * * * sikka-pollen\n1 2 * * * SIKKA_APP_KEY=another-secret sikka poll -q\n' >crontab
doctor 1 "a crontab with a key in it" --offline
is "$(found timer '^poll$')" "ok 0 crontab -l:3" "is told by file and line alone"
mv tools/crontab tools/crontab.well
printf '#!/bin/sh\n: >"$HOME/asked"\nexec sleep 600\n' >tools/crontab
chmod +x tools/crontab
sikka-doctor --offline --max-age backup=30d >out 2>err &
looking=$!
wait_for test -e asked
later 6
wait "$looking"
is "$?" 0 "a crontab(1) that hangs"
like "$(found timer '^poll$')" "^ok 0 .* but something runs it" "is waited for 5 seconds only"
mv tools/crontab.well tools/crontab
timers() { found timer '^(sweep|notify)$' | sed "s|$T/.config/systemd/user/timers.target.wants/||"; }
cp -rp state timers
SIKKA_DB=$T/timers/sikka.db
sql "DELETE FROM heartbeats WHERE task IN ('sweep', 'notify')"
doctor 1 "no sweep, and nothing that runs one" --offline
is "$(timers | sed 's/nothing.* enable/enable/' | sort | uniq -c | sed 's/^ *//')" "2 warning 1 enable --now sikka-notify.timer (or sikka-sweep.timer, where nobody is to be told of events)" "one timer mends that, and that no event is delivered"
ln -s ../sikka-notify.timer .config/systemd/user/timers.target.wants/sikka-notify.timer
doctor 1 "the timer of sweeps that deliver events" --offline
is "$(timers)" "ok 0 sikka-notify.timer
ok 0 sikka-notify.timer" "needs no other one"
mv .config/systemd/user/timers.target.wants/sikka-notify.timer .config/systemd/user/timers.target.wants/sikka-sweep.timer
doctor 1 "the timer of sweeps that don't" --offline
is "$(timers)" "ok 0 sikka-sweep.timer
ok 0 left out: sikka-sweep is run without --notify, so nobody is told of events" "needs none either, and it is told what is left out"
sikka-sweep -q --notify true >"$T/work" 2>&1
later 1h
doctor 1 "where events were delivered once" --offline --max-age notify=1s
like "$(timers | tail -n 1)" "^warning 1 nothing runs it; .* sikka-notify.timer " "that nothing does so any more is told"
rm .config/systemd/user/timers.target.wants/sikka-sweep.timer
SIKKA_DB=$T/state/sikka.db
mv crontab.well crontab
upkeep

# --- the way to the server -------------------------------------------------------------------------------
sed 's/^app_id.*/app_id = somebody/' config.well >conf/config
doctor 77 "an app id that the server refuses"
like "$(found credentials application)" "^critical 77 .*API2003.*; check app_id \($T/conf/config:1\) and the app key" "is told, with where it stands"
is "$(sikka-status --metrics | grep -c 'kind="application_refused"')" 0 "and isn't noted"
cp -p config.well conf/config
clock_off 3h
doctor 1 "a clock that is ahead"
is "$(found clock .)" "warning 1 it is 3 h ahead of the server's; run: timedatectl set-ntp true" "is told, with what sets it"
clock_off -6h
doctor 1 "a clock that is behind"
like "$(found clock .)" "^warning 1 it is (2.9|3) h behind the server's" "too"
clock_off 3h
sim_fault 'GET /authorized_practices=status:503'
doctor 69 "a server in trouble"
like "$(found credentials .)" "^critical 69 /authorized_practices: .*; try again later: sikka-doctor" "is told"
sim_clear_faults
sim_fault 'GET /authorized_practices=drop-after'
doctor 69 "an answer that is lost"
like "$(found answer .)" "^critical 69 .*; try: curl -v $URL" "is told"
sim_clear_faults
sim_fault 'GET /authorized_practices=hold'
sikka-doctor >out 2>err &
looking=$!
wait_for sim_holds 1
later 31
wait "$looking"
is "$?" 69 "a server that doesn't answer"
like "$(found answer .)" "^critical 69 .*[Tt]imed? ?out.*; try: curl -v $URL" "is waited for half a minute"
sim_clear_faults
sim_fault 'GET /authorized_practices=status:429:API2011'
sikka-authorize >"$T/work" 2>&1
sim_clear_faults
total=$(sim_get requests | jq .total) practices=$(sim_count 'GET /authorized_practices')
doctor 75 "no calls left for the day"
like "$(found state daily_limit)" "^critical 75 the application has used up its calls for the day" "is told"
is "$(found credentials .)" "skipped 0 the server isn't asked whether it takes them: the calls for the day are used up" "the server isn't asked for more"
is "$(($(sim_get requests | jq .total) - total)) $(($(sim_count 'GET /authorized_practices') - practices))" "1 0" "but whether it is there"
later 61m
upkeep

# elsewhere URL CODE WHAT: the same settings, another server
elsewhere() {
	sed "s|^base_url.*|base_url = $1|" config.well >conf/config
	doctor "$2" "$3"
	cp -p config.well conf/config
}
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
elsewhere "http://127.0.0.1:$port/v4" 69 "a port that nobody listens on"
like "$(found connection .)" "^critical 69 .*[Cc]onnect.*; ask whoever runs the network.*, then try: curl -v http://127.0.0.1:$port/v4" "is told"
is "$(found credentials .)$(found clock .)" "" "and no more"
name=$(printf '%070d' 0 | tr 0 a).test # longer than a name can be: nobody is asked
elsewhere "https://$name/v4" 69 "a name that can't be found"
like "$(found name .)" "^critical 69 .*resolve.*; correct base_url, or mend the network.*: getent hosts $name" "is told"
is "$(found connection .)" "" "and no more"
https_proxy=http://me:another-secret@127.0.0.1:$port elsewhere https://api.example.test/v4 69 "a proxy that isn't there"
like "$(found proxy .)" "^ok 0 https_proxy.*@127.0.0.1:$port" "it is named, without its password"
like "$(found connection .)" "^critical 69 .*; ask whoever runs the proxy" "and told"
https_proxy=http://$name:80 elsewhere https://api.example.test/v4 69 "a proxy whose name can't be found"
like "$(found proxy .)" "^critical 69 https_proxy.*resolve.*; correct or unset that variable" "is told"
start_canned "$T/answer"
CANNED=$SIKKA_BASE_URL
unset SIKKA_BASE_URL
canned 'not for you' '' '403 Forbidden'
https_proxy=${CANNED%/v4} elsewhere https://api.example.test/v4 69 "a proxy that lets nothing through"
like "$(found connection .)" "^critical 69 .*403; ask whoever runs the proxy" "is told"
like "$(head -n 1 canned.log)" "^CONNECT api.example.test:443" "(it was asked)"
is "$(grep -ci 'app-key\|app-id' canned.log)" 0 "and got no credentials"
canned '<html><head><title>Hotel Wi-Fi: log in</title></head></html>' 'Content-Type: text/html'
elsewhere "$CANNED" 76 "a page in which one has to log in"
like "$(found answer .)" "^critical 76 it isn't the server's: HTTP 200, not JSON, but a page of HTML: Hotel Wi-Fi: log in; .*log in to the network" "is told"
canned '' 'Location: http://login.example.test/' '302 Found'
elsewhere "$CANNED" 76 "a redirect to one"
like "$(found answer .)" "^critical 76 it isn't the server's: HTTP 302, a redirect" "is told"

if command -v openssl >/dev/null; then
	certify() { # certify NAME DAYS
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$2" -subj "/CN=$1" -addext subjectAltName=IP:127.0.0.1 \
		    -keyout "$T/$1.key" -out "$T/$1.pem" 2>>"$T/openssl"
	}
	certify long 90
	certify short 3
	start_sim --tls "$T/long.pem:$T/long.key"
	TLS=$SIKKA_BASE_URL
	unset SIKKA_BASE_URL
	elsewhere "$TLS" 69 "a certificate that nobody vouches for"
	like "$(found tls .)" "^critical 69 .*certificate.*; if the network has a certificate authority of its own, name its file with ca_file" "is told"
	like "$(found connection .)" "^ok 0 it is open" "the connection is well"
	is "$(sim_get requests | jq .total)" 0 "nothing was asked"
	SIKKA_CA_FILE=$T/long.pem elsewhere "$TLS" 0 "one that ca_file vouches for"
	like "$(found tls .)" "^ok 0 TLSv?1\.[23], certificate of .*long.*, valid until 20[0-9]{2}-" "with its version, and until when"
	like "$(found setting ca_file)" "^ok 0 $T/long.pem, from SIKKA_CA_FILE" "where ca_file comes from"
	like "$(found file long.pem)" "^ok 0 ca_file: mode" "and its mode"
	clock_off 100d
	SIKKA_CA_FILE=$T/long.pem elsewhere "$TLS" 69 "a clock by which the certificate has ended"
	like "$(found tls .)" "^critical 69 .*expired.*look whether base_url and this machine's clock are right: date -u" "is told"
	clock_off -100d
	SIKKA_CA_FILE=$T/missing.pem elsewhere "$TLS" 78 "a ca_file that isn't there"
	like "$(found file missing.pem)" "^critical 78 ca_file: the file can't be read: .*correct ca_file" "is told"
	elsewhere "http${TLS#https}" 69 "https, spoken to in plain http"
	start_sim --tls "$T/short.pem:$T/short.key"
	TLS=$SIKKA_BASE_URL
	unset SIKKA_BASE_URL
	SIKKA_CA_FILE=$T/short.pem elsewhere "$TLS" 1 "a certificate that ends soon"
	like "$(found tls .)" "^warning 1 the certificate ends at .*; tell whoever runs 127.0.0.1" "is told"
else
	ok 0 "TLS # SKIP no openssl(1)"
fi

done_testing
