#!/bin/sh
# SPDX-License-Identifier: MIT
# lib.sh: what the end-to-end tests share. Source it first:
#
#	. "$(dirname "$0")/lib.sh"
#	start_sim --delay 0:0
#	authorize
#	is "$(…)" "…" "what it shows"
#	done_testing
#
# Each test runs in an environment of its own: a temp folder outside the tree (also HOME), TZ=UTC, no
# variables of the caller's. Nothing sleeps a fixed time: wait_for waits on a condition, and later lets time
# pass, for the simulator and for every process.

set -u
if [ -z "${SIKKA_TEST_CLEAN:-}" ]; then
	# A shell ignores SIGINT for what it runs in the background, a program inherits that, and sh can't undo it.
	exec env -i PATH="$PATH" BUILD="${BUILD:-$PWD/build}" SIKKA_TEST_CLEAN=1 TZ=UTC LC_ALL=C \
	    ASAN_OPTIONS="${ASAN_OPTIONS:-}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-}" \
	    perl -e '$SIG{$_} = "DEFAULT" for qw(INT QUIT TERM HUP PIPE); exec @ARGV; die "sh: $!\n"' sh "$0" "$@"
fi
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
# The folder of the repository, whichever folder below it the test lies in.
TOP=$(cd "$(dirname "$0")" && until [ -e Makefile ] || [ "$PWD" = / ]; do cd ..; done && pwd)
PATH=$BUILD/bin:$PATH
T=$(mktemp -d "${TMPDIR:-/tmp}/sikka-test.XXXXXX") || exit 1
HOME=$T
export PATH HOME TOP T
unset SIKKA_FORMAT NO_COLOR
export SIKKA_APP_ID=sikka-sim-app SIKKA_APP_KEY=sikka-sim-key SIKKA_DB="$T/state/sikka.db"
cd "$T" || exit 1

# What is expected to come is waited for so many seconds at most: no machine is so slow, and nobody waits when it comes.
PATIENCE=120

test_count=0
test_failed=0
sim_pids=

clean_up() {
	for pid in $sim_pids; do kill "$pid" 2>/dev/null; done
	for pid in $sim_pids; do wait "$pid" 2>/dev/null; done
	cd / && rm -rf "$T"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

# --- time -----------------------------------------------------------------------------------------

# All that a test runs has this library, and so its clocks by the file $SIKKA_SHIFT: see shift-clock.c.
CLOCKS=$BUILD/tests/shift-clock.so
[ "$CLOCKS" -nt "$TOP/tests/shift-clock.c" ] ||
    MAKEFLAGS='' make -s -C "$TOP" BUILD="$BUILD" shim >"$T/make.out" 2>&1 ||
    { echo "Bail out! the library that moves clocks: $(cat "$T/make.out")"; exit 1; }
# AddressSanitizer wants to be the first library of all.
export ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0"
# LeakSanitizer doesn't work beneath another tracer.
under_strace() { env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" strace -f -qq "$@"; }

# set_clocks WALL BOOT MONOTONIC SERVER BOOTS STOOD UP. Not truncated, and a reader compares the lines.
set_clocks() { printf '%12d %12d %12d %12d %6d %14d %14d\n' "$@" "$@" 1<>"$SIKKA_SHIFT"; }

# move_clocks WALL BOOT MONOTONIC SERVER: each by so many seconds.
move_clocks() {
	read -r clock_wall clock_boot clock_monotonic clock_server clock_boots clock_stood clock_up <"$SIKKA_SHIFT"
	set_clocks $(($1 + clock_wall)) $(($2 + clock_boot)) $(($3 + clock_monotonic)) $(($4 + clock_server)) \
	    "$clock_boots" "$clock_stood" "$clock_up"
}

# begin_clocks: in $T. It is noon when a test begins: it speaks of days, and a limit of the server's is one of a day.
begin_clocks() {
	unset LD_PRELOAD
	set -- $(((129600 - $(date +%s) % 86400) % 86400))
	export SIKKA_SHIFT="$T/.clocks"
	set_clocks "$1" 0 0 "$1" 0 0 0
	case $0 in *.t) mkdir -p "$T/.kept" && export SIKKA_KEPT="$T/.kept" ;; esac
	export LD_PRELOAD="$CLOCKS"
}

seconds_of() { # seconds_of 90 | 90s | 20m | 6h | 3d
	case $1 in
	*s) echo "${1%s}" ;;
	*m) echo $((${1%m} * 60)) ;;
	*h) echo $((${1%h} * 3600)) ;;
	*d) echo $((${1%d} * 86400)) ;;
	*) echo "$1" ;;
	esac
}

# later TIME: so much time passes, for the simulator and for all processes.
later() {
	set -- "$(seconds_of "$1")"
	move_clocks "$1" "$1" "$1" "$1"
}

# asleep TIME: this machine sleeps so long, the server doesn't.
asleep() {
	set -- "$(seconds_of "$1")"
	move_clocks "$1" "$1" 0 "$1"
}

# clock_off TIME: somebody sets the wall clock of this machine so much ahead; "-20m": back.
clock_off() { move_clocks "$(seconds_of "$1")" 0 0 0; }

# reboot: what runs from now on runs under another boot id, ten seconds after the machine was booted. Whatever ran on
# it must have ended.
reboot() {
	# shellcheck disable=SC2046 # a list of numbers
	set -- $(head -n 1 "$SIKKA_SHIFT") $((10 - $(true_seconds)))
	printf '00000000-0000-4000-8000-%012d\n' $(($5 + 1)) >"$SIKKA_SHIFT.boot_id"
	set_clocks "$1" "$8" "$8" "$4" $(($5 + 1)) 0 0
}

# time_stands: until time_runs nothing passes, however slow the machine is; but what waits goes on waiting. What is
# later is later all the same.
time_stands() {
	# shellcheck disable=SC2046 # a list of numbers
	set -- $(head -n 1 "$SIKKA_SHIFT") "$(env -u LD_PRELOAD date +%s%3N)" "$(tr -d . </proc/uptime | cut -d' ' -f1)0"
	set_clocks "$1" "$2" "$3" "$4" "$5" "$8" "$9"
}
time_runs() {
	# shellcheck disable=SC2046 # a list of numbers
	set -- $(head -n 1 "$SIKKA_SHIFT")
	set_clocks "$1" "$2" "$3" "$4" "$5" 0 0
}

begin_clocks

# --- TAP ------------------------------------------------------------------------------------------

# ok STATUS WHAT: STATUS 0 is well.
ok() {
	test_count=$((test_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $test_count - $2"
	else
		test_failed=$((test_failed + 1))
		echo "not ok $test_count - $2"
	fi
}

# is GOT WANT WHAT
is() {
	[ "$1" = "$2" ]
	ok $? "$3"
	if [ "$1" != "$2" ]; then
		printf '%s\n' "got:  $1" "want: $2" | sed 's/^/#   /'
	fi
}

# like GOT PATTERN WHAT: an extended regular expression, somewhere in GOT.
like() {
	printf '%s\n' "$1" | grep -Eq -e "$2"
	ok $? "$3"
	printf '%s\n' "$1" | grep -Eq -e "$2" || printf '%s\n' "got:  $1" "want: /$2/" | sed 's/^/#   /'
}

unlike() {
	! printf '%s\n' "$1" | grep -Eq -e "$2"
	ok $? "$3"
}

# run CODE WHAT COMMAND …: runs it; stdout in $out, stderr in $err (files out and err). Death by a
# signal is a crash, whatever CODE says.
# shellcheck disable=SC2034
run() {
	want=$1 what=$2
	shift 2
	"$@" >"$T/out" 2>"$T/err"
	code=$?
	out=$(cat "$T/out") err=$(cat "$T/err")
	[ "$code" -eq "$want" ]
	ok $? "$what (exit $want)"
	[ "$code" -eq "$want" ] || printf '%s\n' "exit $code" "$err" | sed 's/^/#   /'
	case $err in *Sanitizer*) ok 1 "$what: no sanitizer speaks" ;; esac
}

# hold_records: all records that the commands have written are as sikka-records(5) says. What the library that moves
# clocks has kept is looked at; SIKKA_KEPT= in front of a command leaves its records out.
hold_records() {
	[ -n "$(ls "$SIKKA_KEPT")" ] || return 0
	"$TOP/tests/hold-records" "$TOP/man/schemas" "$SIKKA_KEPT" >"$T/records.held" 2>&1
	ok $? "the records of its commands are those of sikka-records(5)"
	sed 's/^/#   /' "$T/records.held"
}

# hold_counts: in each state file the numbers of ended requests that it keeps are those that its rows show. A test that
# changes rows with SQL calls count_anew before it goes on.
ENDS_SHOWN="SELECT office_id, sum(result = 'completed') AS completed, sum(result = 'failed') AS failed,
    sum(result = 'withdrawn') AS withdrawn, count(took) AS straight, ifnull(sum(took), 0) AS took_ms
    FROM (SELECT *, iif(result = 'completed' AND unknown_at IS NULL AND withdraw_at IS NULL AND took_ms > 0, took_ms,
    NULL) AS took FROM pms_writebacks) WHERE result IN ('completed', 'failed', 'withdrawn') GROUP BY office_id"
ENDS_KEPT="SELECT office_id, completed, failed, withdrawn, straight, took_ms FROM ends
    WHERE is_past = 0 AND (completed <> 0 OR failed <> 0 OR withdrawn <> 0)"
count_anew() { # count_anew [FILE]
	sqlite "${1:-$SIKKA_DB}" "DELETE FROM ends WHERE is_past = 0;
	    INSERT INTO ends (office_id, completed, failed, withdrawn, straight, took_ms, is_past)
	    SELECT *, 0 FROM ($ENDS_SHOWN)"
}
hold_counts() {
	find "$T" -maxdepth 3 -type f -name '*.db' -readable >"$T/state.files"
	while read -r file; do
		[ "$(sqlite "$file" "SELECT count(*) FROM sqlite_schema WHERE name = 'ends'" 2>>"$T/counts.err")" = 1 ] ||
		    continue
		sqlite "$file" "SELECT 'kept', * FROM ($ENDS_KEPT EXCEPT $ENDS_SHOWN);
		    SELECT 'shown', * FROM ($ENDS_SHOWN EXCEPT $ENDS_KEPT)" >"$T/counts" 2>>"$T/counts.err" ||
		    continue
		[ -s "$T/counts" ] || continue
		ok 1 "$file: the numbers of ended requests that it keeps are those that its rows show"
		sed 's/^/#   /' "$T/counts"
	done <"$T/state.files"
	grep 'no such\|syntax error' "$T/counts.err" >"$T/counts" 2>>"$T/gone.err" || return 0
	ok 1 "the numbers of ended requests can be compared"
	sed 's/^/#   /' "$T/counts"
}

done_testing() {
	case $0 in *.t) hold_records; hold_counts ;; esac
	echo "1..$test_count"
	[ "$test_failed" -eq 0 ]
	exit
}

# wait_for COMMAND …: until the command succeeds. It fails after PATIENCE seconds, whatever the test's clocks say.
true_seconds() { cut -d. -f1 /proc/uptime; }
wait_for() {
	deadline=$(($(true_seconds) + PATIENCE))
	until "$@"; do
		[ "$(true_seconds)" -lt "$deadline" ] || { echo "#   waited in vain for: $*"; return 1; }
		sleep 0.05
	done
}

# --- processes that are stopped -------------------------------------------------------------------

# process_state PID: T when it is stopped; Z, or nothing, when it has ended.
process_state() { sed 's/.*) //' "/proc/$1/stat" 2>>"$T/gone.err" | cut -c1; }
has_ended() { case $(process_state "$1") in '' | Z) ;; *) return 1 ;; esac; }
stands_still() { case $(process_state "$1") in '' | Z | T) ;; *) return 1 ;; esac; }

# signal NAME PID: sends it, and waits until it has arrived: the process has ended, or its handler has run.
has_taken() { has_ended "$1" || grep -qs '^ShdPnd:[[:space:]]*0*$' "/proc/$1/status"; }
signal() { kill -"$1" "$2" && wait_for has_taken "$2"; }

# keeps_others_out PID: it has a lock that others need: any but that of its run and of a teller (the bytes from 2^41 and
# from 6 * 2^40 on of the lock file, see lock.c), which it has as long as it lives, and that of who settles by a list (the
# byte 3 * 2^40 + 1), for which others wait 5 seconds only.
keeps_others_out() {
	cat "/proc/$1/fdinfo/"* 2>>"$T/gone.err" | awk '
	    function is_run(at) { return at >= 2 * 2 ^ 40 && at < 3 * 2 ^ 40 }
	    function is_settling(at) { return at == 3 * 2 ^ 40 + 1 }
	    function is_teller(at) { return at >= 6 * 2 ^ 40 && at < 7 * 2 ^ 40 }
	    function is_harmless(at) { return is_run(at) || is_settling(at) || is_teller(at) }
	    $1 == "lock:" && !($3 == "OFDLCK" && is_harmless($(NF - 1))) { found = 1 }
	    END { exit !found }'
}

# freeze PID: stops it, where it keeps nobody out: with a lock of the state file, if only for reading, it would do so
# for as long as it stands still. Where it has one it goes on, and is stopped again a little later. kill -CONT ends it.
# Fails when the process has ended.
freeze() {
	freeze_until=$(($(true_seconds) + PATIENCE))
	while [ "$(true_seconds)" -lt "$freeze_until" ]; do
		kill -STOP "$1" 2>>"$T/gone.err" || return 1
		until stands_still "$1"; do sleep 0.01; done
		! has_ended "$1" || return 1
		keeps_others_out "$1" || return 0
		kill -CONT "$1"
		sleep 0.01
	done
	return 1
}

# --- the simulator --------------------------------------------------------------------------------

# start_sim [OPTION …]: a simulator on a free port; SIKKA_BASE_URL and SIM point to it, SIM_PID is its
# process. A second call starts a second one.
start_sim() {
	lists_before=0
	: >"$T/sim.out"
	sikka-sim --port 0 "$@" >"$T/sim.out" 2>>"$T/sim.err" &
	SIM_PID=$!
	sim_pids="$sim_pids $SIM_PID"
	wait_for test -s "$T/sim.out" || { echo "Bail out! the simulator doesn't start"; exit 1; }
	SIKKA_BASE_URL=$(head -n 1 "$T/sim.out")
	SIM=${SIKKA_BASE_URL%/v4}/_sim
	export SIKKA_BASE_URL SIM
}

sim_get() { curl -ksS "$SIM/$1"; }                              # sim_get state
sim_post() { curl -ksS -X POST "$SIM/$1" >/dev/null; }          # sim_post 'office?office_id=D36225&spu=offline'
# A rule that the simulator refuses is a failure: the test would pass for want of its fault.
sim_fault() { case $(curl -ksS --data-binary "$1" "$SIM/faults") in *'"error"'*) ok 1 "the simulator takes the rule $1" ;; esac; }
sim_clear_faults() { curl -ksS -X DELETE "$SIM/faults" >/dev/null; }
sim_submit() { curl -ksS --data-binary "$2" "$SIM/submit?$1" | jq -r .id; } # sim_submit 'office_id=D36225&path=/patient' BODY
sim_advance() { sim_post "advance?seconds=$1"; }

# What it holds: the number of writebacks, and how often the practices' systems carried one out.
sim_writebacks() { sim_get state | jq '.writebacks | length'; }
sim_applied() { sim_get state | jq '.applied_total'; }
# sim_count 'POST /appointment': how often the simulator got this request.
sim_count() { sim_get requests | jq --arg r "$1" '.routes[$r].count // 0'; }

# start_canned FILE: a server that answers each request with the bytes of FILE as they are then, and
# keeps what it was asked in $T/canned.log. SIKKA_BASE_URL points to it. (prove is perl: it is there.)
start_canned() {
	: >"$T/canned.url"
	: >"$T/canned.log"
	perl -MIO::Socket::INET -e '
		my ($answer, $log) = @ARGV;
		my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 20) or die;
		$| = 1;
		print "http://127.0.0.1:", $listener->sockport, "/v4\n";
		while (my $client = $listener->accept) {
			my ($head, $length, $body) = ("", 0, "");
			while (my $line = <$client>) {
				$head .= $line;
				$length = $1 if $line =~ /^content-length: *(\d+)/i;
				last if $line =~ /^\r?\n$/;
			}
			read($client, $body, $length) if $length;
			open(my $f, ">>", $log) or die;
			print $f $head, $body, "\n";
			close $f;
			open($f, "<", $answer) or die;
			local $/;
			print {$client} <$f>;
			close $client;
		}' "$1" "$T/canned.log" >"$T/canned.url" 2>>"$T/sim.err" &
	sim_pids="$sim_pids $!"
	wait_for test -s "$T/canned.url" || { echo "Bail out! the canned server doesn't start"; exit 1; }
	SIKKA_BASE_URL=$(head -n 1 "$T/canned.url")
	export SIKKA_BASE_URL
}

# canned BODY [HEADER [STATUS]]: sets the answer of that server from now on.
canned() {
	{
		printf 'HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n' "${3:-200 OK}" ${#1}
		[ -z "${2:-}" ] || printf '%s\r\n' "$2"
		printf '\r\n%s' "$1"
	} >"$T/answer"
}

# sim_holds N: the fault "hold" keeps so many requests, at least. They go on with sim_clear_faults.
sim_holds() { [ "$(sim_get requests | jq .held_now)" -ge "$1" ]; }

# --- the state file -------------------------------------------------------------------------------

# Whatever reads or writes a SQLite file in a test does so with this: it waits for locks.
sqlite() { sqlite3 -batch -cmd '.timeout 60000' "$@"; } # sqlite FILE "SELECT …"

# authorize: runs sikka-authorize, so that the offices have keys. One request at a time: the simulator gives its keys
# out in the order of the requests, so each office has the same key each time.
authorize() {
	SIKKA_CONNECTIONS=1 sikka-authorize >"$T/authorize.out" 2>"$T/authorize.err" || {
		echo "Bail out! sikka-authorize: $(cat "$T/authorize.err")"
		exit 1
	}
}

# authorize_unlisted: the same, while the server lets nobody read its list. So the file that is begun doesn't wait for
# one, and whatever list is read from now on is read for rows; lists counts these alone.
authorize_unlisted() {
	sim_post 'options?writeback-list=off'
	authorize
	sim_post 'options?writeback-list=on'
	sql "DELETE FROM facts WHERE name = 'list_begun_at'"
	lists_before=$(sim_count 'GET /writebacks')
}

# anew [OPTION …]: another simulator, and another state file, with keys. A test that counts lists says before:
# AUTHORIZES=authorize_unlisted
AUTHORIZES=authorize
states_begun=0
anew() {
	start_sim "$@"
	states_begun=$((states_begun + 1))
	SIKKA_DB=$T/state$states_begun/sikka.db
	"$AUTHORIZES"
}

# begin_state: begins an empty state file, as the first sikka-authorize does. No server is asked.
begin_state() {
	sikka-authorize --import </dev/null >"$T/begin.out" 2>"$T/begin.err" || {
		echo "Bail out! no state file: $(cat "$T/begin.err")"
		exit 1
	}
}

# after_restore [OPTION …]: sikka-sweep --after-restore, for run; the minute between its two lists passes. What left
# last was 35 minutes ago: say "later 36m" before. $BETWEEN is done between the lists.
BETWEEN=
after_restore() {
	sikka-sweep --after-restore "$@" &
	restoring=$!
	wait_for awaits_its_second_list "$restoring"
	eval "$BETWEEN"
	later 61
	wait "$restoring"
}
awaits_its_second_list() { has_ended "$1" || grep -q 'it is read again in a minute' "$T/err"; }

# counted: what the lock file counts. here COLUMN: what the state file has beside it.
counted() { [ ! -e "$SIKKA_DB.lock" ] || tr -d '\000' <"$SIKKA_DB.lock" | sed -n 's/^twin 1 //p' | sort -k 7 | awk 'END { print $2 + 0 }'; } # nothing but 0: no record
here() { sql "SELECT $1 FROM twin"; }

sql() { sqlite "$SIKKA_DB" "$@"; } # sql "SELECT …"
row() { sql "SELECT $2 FROM pms_writebacks WHERE id=$1"; }      # row 1 result
event_kinds() { sql "SELECT kind FROM events WHERE row_id=$1 ORDER BY id" | tr '\n' ' ' | sed 's/ $//'; }

# copies N ID ENDPOINT BODY: so many more rows that have ended as the row with that number has
copies() {
	sql "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
	    INSERT INTO pms_writebacks (office_id, practice_id, operation, method, endpoint, request_body, attempts, queued_at, submitted_at, completed_at, result)
	    SELECT office_id, practice_id, operation, method, '$3', '$4', attempts, queued_at, submitted_at, completed_at, 'queued' FROM n, pms_writebacks WHERE id = $2;
	    UPDATE pms_writebacks SET result = 'submitting' WHERE result = 'queued';
	    UPDATE pms_writebacks SET result = 'pending' WHERE result = 'submitting';
	    UPDATE pms_writebacks SET result = 'completed' WHERE result = 'pending'"
	count_anew
}

# back_to_version_5: takes out of the state file, and of its lock file, what version 6 brought, so that the next command brings it up to date.
back_to_version_5() {
	sql "DROP INDEX pms_writebacks_accepted; DROP INDEX pms_writebacks_resolved;
	    DELETE FROM transitions WHERE from_state IN ('failed', 'withdrawn') AND to_state = 'unknown';
	    DROP INDEX pms_writebacks_content; DROP INDEX pms_writebacks_unclaimed; DROP INDEX pms_writebacks_failed;
	    CREATE INDEX pms_writebacks_queued ON pms_writebacks (queued_at);
	    CREATE INDEX pms_writebacks_submitted ON pms_writebacks (office_id, submitted_at);
	    ALTER TABLE pms_writebacks DROP COLUMN took_ms;
	    ALTER TABLE pms_writebacks DROP COLUMN adopted; ALTER TABLE pms_writebacks DROP COLUMN only_named;
	    ALTER TABLE pms_writebacks DROP COLUMN holds_content; ALTER TABLE pms_writebacks DROP COLUMN unclaimed;
	    UPDATE pms_writebacks SET content_key = iif(key IS NULL, 'as a text ' || id, NULL);
	    CREATE UNIQUE INDEX pms_writebacks_content_key ON pms_writebacks (content_key)
	    WHERE content_key IS NOT NULL AND holds_key = 1;
	    DROP VIEW history; DROP TRIGGER events_fixed;
	    ALTER TABLE events DROP COLUMN run;
	    DROP INDEX events_of_run; DROP INDEX events_led;
	    ALTER TABLE events DROP COLUMN of_run; ALTER TABLE events DROP COLUMN cause; ALTER TABLE events DROP COLUMN leader;
	    DROP INDEX events_outbox;
	    ALTER TABLE events DROP COLUMN due_at; ALTER TABLE events DROP COLUMN failing_since;
	    ALTER TABLE events DROP COLUMN dropped_at;
	    CREATE INDEX events_outbox ON events (id) WHERE outbox = 1 AND delivered_at IS NULL AND set_aside_at IS NULL;
	    ALTER TABLE runs DROP COLUMN user; ALTER TABLE runs DROP COLUMN uid; ALTER TABLE runs DROP COLUMN host;
	    ALTER TABLE runs DROP COLUMN pid; ALTER TABLE runs DROP COLUMN parent;
	    CREATE TRIGGER events_fixed BEFORE UPDATE OF id ON events BEGIN SELECT RAISE(ABORT, 'as it was'); END;
	    CREATE VIEW history AS SELECT id FROM events;
	    DROP TABLE hand_overs; DROP TABLE handed_rows; DROP TABLE copies; DROP TABLE archived; DROP TABLE ends; DROP INDEX events_used; DROP TABLE refreshes; DROP TABLE remote_commands; DROP TABLE holds; DROP TABLE untold; DROP TABLE not_ours; DROP TABLE twin; DROP TABLE clock; DROP TABLE heartbeats; DROP TABLE refusals; DROP TABLE unowned; DROP TABLE measures; DROP TABLE not_listed;
	    DROP INDEX pms_writebacks_latest; DROP INDEX pms_integrations_latest;
	    DROP INDEX choices_by_source;
	    ALTER TABLE pms_writebacks DROP COLUMN resolved_at;
	    DROP TABLE forgotten; DROP INDEX practices_missing; ALTER TABLE practices DROP COLUMN missing_at;
	    ALTER TABLE practices DROP COLUMN is_location;
	    ALTER TABLE practices DROP COLUMN time_zone; ALTER TABLE practices DROP COLUMN utc_offset;
	    DROP VIEW keys; ALTER TABLE pms_integrations DROP COLUMN suspect_at;
	    ALTER TABLE pms_integrations DROP COLUMN missing_at;
	    ALTER TABLE pms_integrations RENAME COLUMN status TO status_6;
	    ALTER TABLE pms_integrations ADD COLUMN status TEXT NOT NULL DEFAULT 'new'
	    CHECK (status IN ('new', 'active', 'reauthorize', 'revoked'));
	    UPDATE pms_integrations SET status = iif(status_6 = 'suspect', 'active', status_6);
	    ALTER TABLE pms_integrations DROP COLUMN status_6;
	    CREATE VIEW keys AS SELECT office_id,
	    CASE WHEN status = 'new' AND held_at IS NOT NULL THEN 'held' ELSE status END AS status,
	    token_expiry, renewed_at, last_error, held_at, request_key IS NOT NULL AS has_request_key,
	    refresh_key IS NOT NULL AS has_refresh_key, secret_key IS NOT NULL AS has_secret_key FROM pms_integrations;
	    PRAGMA user_version = 5"
	rm -f "$SIKKA_DB.lock"
	(umask 077 && sql "SELECT printf('%019d', seq) FROM sqlite_sequence WHERE name = 'pms_writebacks'" >"$SIKKA_DB.lock")
}

# booking [NAME=VALUE …]: a request that validates, with members replaced or added.
booking() {
	jq -cn --args '
	    {office_id: "D36225", practice_id: "1", patient_id: "7", date: "2031-03-03", time: "09:00",
	     length: "30", description: "check-up", provider_id: "DOC1", operatory: "OP1"}
	    + ([$ARGS.positional[] | capture("^(?<key>[^=]+)=(?<value>(.|\n)*)$")] | from_entries)' "$@"
}

# state ROW: its result, and its error code if it has one.
state() { row "$1" "result || ifnull(' ' || error_code, '')"; }

# How often the simulator got one of these; a list counts with each of its parts and pages.
# How many requests the simulator got, but for the lists of writebacks: those are read when they are due, whatever a command
# is given.
asked_beside_lists() { sim_get requests | jq '.total - (.routes["GET /writebacks"].count // 0)'; }
posts() { sim_count 'POST /appointment'; }
lists() { echo $(($(sim_count 'GET /writebacks') - lists_before)); }
statuses() { sim_count 'GET /writeback_status'; }
deletes() { sim_count 'DELETE /writebacks'; }

# spu online|offline [OFFICE]: the practice's server.
spu() { sim_post "office?office_id=${2:-D36225}&spu=$1"; }

# many HOUR COUNT: so many bookings, a minute apart, in the file in.
many() {
	for nth in $(seq 0 $(($2 - 1))); do booking "time=$(printf '%02d:%02d' "$1" "$nth")"; done >in
}

# lose WHEN TIME [NAME=VALUE …]
# lose WHEN TIME --OPTION …
# A booking whose answer is lost, before or after the server had it; its row in $id, what was handed in in the file in.
lose() {
	lost_when=$1 lost_at=$2
	shift 2
	case ${1:-} in
	--*) booking "time=$lost_at" >in ;;
	*)
		booking "time=$lost_at" "$@" >in
		set --
		;;
	esac
	sim_fault "POST /appointment@1=drop-$lost_when"
	run 2 "$lost_at: an answer lost, $lost_when" sikka-book "$@" in
	# shellcheck disable=SC2034
	id=$(said .id)
	sim_clear_faults
}

# turn_up [JQ]: the request of row $id reaches the server, as if it had been under way, or once more; as jq changes it.
turn_up() {
	row "$id" request_body | jq -c "${1:-.}" >turning_up
	curl -sS -X "$(row "$id" method)" -H "Request-Key: $(sikka-token print "$(row "$id" office_id)")" \
	    -H 'Content-Type: application/json' --data-binary @turning_up "$SIKKA_BASE_URL$(row "$id" endpoint)" >turned_up
}

# said FILTER: what jq makes of the last run's stdout. held FILTER: of the simulator's state, as one line each.
said() { jq -r "$1" "$T/out"; }
held() { sim_get state | jq -r "$1"; }
# told PATTERN: how many lines on stderr of the last run match.
told() { grep -Ec -e "$1" "$T/err"; }
