#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/system/run-all: the regular work without systemd and cron, its signals, its settings, and which host it is.
. "$(dirname "$0")/lib.sh"

RUN_ALL=$TOP/scripts/system/run-all
UNITS=$TOP/scripts/system/systemd
export RUN_ALL

# begin [OPTION ...]: it runs in the background. It gets SIGINT, which a shell would have it ignore.
begin() {
	: >run.err
	: >calls
	perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "$RUN_ALL" "$@" >run.out 2>run.err &
	running=$!
	sim_pids="$sim_pids $running"
}
# ends CODE WHAT: it ends by itself, or after a signal
ends() {
	wait_for has_ended "$running" || kill -9 "$running"
	wait "$running"
	is "$?" "$1" "$2 (exit $1)"
}
# rests: each task waits for its time
rests() {
	for part in $(cat "/proc/$running/task/$running/children"); do
		case $(cat "/proc/$part/comm") in
		sleep) continue ;;
		esac
		case $(cat "/proc/$part/task/$part/children") in '') return 1 ;; esac
	done 2>>gone.err
	[ "$(wc -w <"/proc/$running/task/$running/children")" -gt 2 ]
}
says() { grep -q -e "$1" run.err; }
# called COMMAND [TIMES]: so often, at least
called() { [ "$(grep -c "^$1 " calls)" -ge "${2:-1}" ]; }

# --- settings -------------------------------------------------------------------------------------

run 0 "--help" "$RUN_ALL" --help
is "$(printf '%s\n' "$out" | tail -n 1)" "manual page: sikka-fleet(7)" "names its page"
for words in '-x' '-i' '-i poll' '-i poll=x' '-i poll=1x' '-i nothing=1m' '-i poll=01' '-ipoll='; do
	# shellcheck disable=SC2086 # words
	run 64 "run-all $words" "$RUN_ALL" $words
	like "$err" '^run-all: .*--help$' "says so"
done
run 78 "no folder for the state" "$RUN_ALL"
like "$err" '^run-all: STATE_DIRECTORY ' "names the variable"
run 78 "one that isn't there" env STATE_DIRECTORY="$T/nowhere" "$RUN_ALL"
like "$err" "^run-all: $T/nowhere isn't a folder" "names it"

# --- which host this is -----------------------------------------------------------------------------

# shellcheck disable=SC2016 # the command's own
share_of() { env HOSTNAME="$1" SIKKA_HOSTS="$2" "$RUN_ALL" sh -c 'echo "$SIKKA_SHARE"'; }
for words in 'sikka-0 5 1/5' 'sikka-3 5 4/5' 'sikka-4 5 5/5' 'a-b-2 3 3/3' 'sikka-11.sikka.default.svc 1000 12/1000'; do
	# shellcheck disable=SC2086 # words
	set -- $words
	run 0 "$1 of $2" share_of "$1" "$2"
	is "$out" "$3" "is host $3"
done
run 78 "a name with too high a number" share_of sikka-5 5
like "$err" 'this is host 6 by its name, sikka-5, and SIKKA_HOSTS says that there are 5' "says why"
for name in sikka sikka- sikka-x sikka-03 3 sikka3 sikka-1000 sikka--; do
	run 78 "the name $name" share_of "$name" 5
	like "$err" "the name of this host, $name, doesn't end with" "says why"
done
for number in 0 1001 x 05 -1; do
	run 78 "SIKKA_HOSTS=$number" share_of sikka-0 "$number"
	like "$err" "SIKKA_HOSTS is \"$number\"" "says why"
done
mkdir named
printf '#!/bin/sh\necho sikka-2.example.com\n' >named/uname && chmod +x named/uname
run 0 "without HOSTNAME" env HOSTNAME= PATH="$T/named:$PATH" SIKKA_HOSTS=3 "$RUN_ALL" env
like "$out" '^SIKKA_SHARE=3/3$' "the name is asked for"
run 0 "without SIKKA_HOSTS" env SIKKA_SHARE=2/3 "$RUN_ALL" env
like "$out" '^SIKKA_SHARE=2/3$' "the setting stands"
run 78 "another share" env SIKKA_SHARE=2/3 HOSTNAME=sikka-2 SIKKA_HOSTS=3 "$RUN_ALL" env
like "$err" 'SIKKA_SHARE is 2/3, and by its name, sikka-2, this is host 3/3' "is told"
export SIKKA_SHARE=run-all
run 78 "a command past run-all, where the share says run-all" sikka-status
run 0 "by run-all" env HOSTNAME=sikka-2 SIKKA_HOSTS=3 "$RUN_ALL" sikka-status --share D36225
is "$(said '[.hosts, .this_host // empty] | join(" ")' | cut -d' ' -f1)" 3 "it has the share"
unset SIKKA_SHARE
run 5 "the exit code of a command is its own" "$RUN_ALL" sh -c 'exit 5'

# --- the work is that of the units -------------------------------------------------------------------

# The stubs note how they are called. One waits while block.NAME is there, and notes its signals; code.NAME is its exit
# code.
mkdir stubs
cat >stubs/stub <<'END'
#!/bin/sh
name=${0##*/}
trap 'echo TERM >>"$T/signals.$name"' TERM
trap 'echo HUP >>"$T/signals.$name"' HUP
echo "$name $*" >>"$T/calls"
echo "$name writes this"
while [ -e "$T/block.$name" ]; do sleep 0.05; done
[ ! -e "$T/leave.$name" ] || { sleep 0.1 & }
[ ! -e "$T/code.$name" ] || exit "$(cat "$T/code.$name")"
END
chmod +x stubs/stub
for name in authorize token poll sweep status; do ln -s stub "stubs/sikka-$name"; done
REAL=$PATH
PATH=$T/stubs:$PATH
mkdir state run
export STATE_DIRECTORY="$T/state" RUNTIME_DIRECTORY="$T/run"
often='-ipoll=1 -irefresh=1 -isweep=1 -inotify=1 -ibackup=1 -imetrics=1 -iauthorize=1'

# of TASK UNIT NAME: a setting, as systemd reads it
of() { sed -n "s/^$3=//p" "$UNITS/sikka-$1.$2"; }
# The command of a unit as run-all is to call it.
command_of() {
	of "$1" service ExecStart | sed "s#.*/\(sikka-[a-z]* [^']*\).*#\1#; s# *>>.*##; s#%S/sikka#$T/state#g; s#%t/sikka-metrics#$T/run#; s#\${SIKKA_NOTIFY}#$T/hook#"
}
# EVERY AT LATER PERSISTENT CODES, from the units
timing_of() {
	case $(of "$1" timer OnCalendar) in
	'*:*') echo 60 0 ;;
	'*:0/5') echo 300 0 ;;
	'*:'[0-9][0-9]) of "$1" timer OnCalendar | awk -F: '{ print 3600, $2 * 60 }' ;;
	[0-9][0-9]:[0-9][0-9]) of "$1" timer OnCalendar | awk -F: '{ print 86400, $1 * 3600 + $2 * 60 }' ;;
	esac
	case $(of "$1" timer RandomizedDelaySec) in '') echo any ;; *) seconds_of "$(of "$1" timer RandomizedDelaySec)" ;; esac
	case $(of "$1" timer Persistent) in yes) echo persistent ;; *) echo - ;; esac
	echo "0 $(of "$1" service SuccessExitStatus)" | sed 's/ *$//; s/ /,/g'
}
for unit in "$UNITS"/*.timer; do
	task=${unit##*/sikka-} task=${task%.timer}
	want=$(timing_of "$task" | paste -sd' ')
	got=$(sed -n "s/^\(TASKS='\)\{0,1\}$task \([0-9].*[0-9]\)'\{0,1\}$/\2/p" "$RUN_ALL")
	case $want in *any*) got=$(echo "$got" | awk '$3 < $1 / 2 { $3 = "any" } 1') ;; esac
	is "$got" "$want" "$task: when its timer is due, and the same exit codes are well"
done
like "$(cat "$TOP/scripts/system/logrotate/sikka")" "rotate $(sed -n 's/^KEEPS=\([0-9]*\).*/\1/p' "$RUN_ALL")\$" "what poll gathers is kept as long as logrotate does"
like "$(grep '^rotate ' "$RUN_ALL")" "^rotate $((7 * 86400)) " "and each week"

for hook in "" "$T/hook"; do
	# shellcheck disable=SC2086 # options
	SIKKA_NOTIFY=$hook begin $often
	wait_for called sikka-poll 2
	wait_for called sikka-sweep 4
	wait_for called sikka-token 2
	wait_for called sikka-status 2
	wait_for called sikka-authorize 2
	signal TERM "$running"
	ends 0 "SIGTERM ends it"
	case $hook in '') unused=notify ;; *) unused=sweep ;; esac
	is "$(sort -u calls)" "$(for unit in "$UNITS"/*.service; do
		task=${unit##*/sikka-} task=${task%.service}
		[ "$task" = $unused ] || command_of "$task"
	done | sort -u)" "the commands are those of the units, without $unused"
	is "$(cat run.out run.err)" "" "and it writes nothing, nor their records"
done
like "$(sort -u state/changed.jsonl)" "^sikka-poll writes this$" "what poll writes is gathered"
is "$(stat -c %a state/changed.jsonl state/backups | paste -sd' ')" "600 700" "for its user only"

# --- one at a time, signals ------------------------------------------------------------------------------

: >block.sikka-poll
# shellcheck disable=SC2086 # options
begin $often
wait_for called sikka-token 3
is "$(grep -c '^sikka-poll ' calls)" 1 "a command that takes longer than its interval isn't begun again"
signal INT "$running"
wait_for test -s signals.sikka-poll
before=$(grep -c '^sikka-token ' calls)
wait_for grep -q HUP signals.sikka-poll
! has_ended "$running"
ok $? "after SIGINT it waits for the command"
is "$(grep -c '^sikka-token ' calls)" "$before" "and begins no other"
signal TERM "$running"
rm block.sikka-poll
ends 0 "then it ends"
is "$(grep -c TERM signals.sikka-poll)" 1 "the command got SIGTERM once: a second one would end it at once"
is "$(cat run.err)" "" "without a word"

: >block.sikka-authorize
begin
wait_for called sikka-authorize
signal TERM "$running"
wait_for test -s signals.sikka-authorize
rm block.sikka-authorize
ends 0 "the first command gets the signal, too"
is "$(sort -u calls)" "sikka-authorize -q" "and nothing else begins"

# --- failures ---------------------------------------------------------------------------------------------

echo 75 >code.sikka-token
echo 2 >code.sikka-poll
echo 1 >code.sikka-sweep
echo 1 >code.sikka-status
# shellcheck disable=SC2086 # options
begin $often
wait_for called sikka-sweep 3
wait_for called sikka-poll 2
wait_for called sikka-token 3
wait_for says '^run-all: metrics: ended with 1$'
signal TERM "$running"
ends 0 "commands that fail"
is "$(sort -u run.err | grep -v 'metrics: ended with 1$')" "run-all: refresh: ended with 75" "are told with task and exit code, unless the code is well"
echo 78 >code.sikka-token
: >block.sikka-token
: >block.sikka-poll
rm -f signals.sikka-poll
# shellcheck disable=SC2086 # options
begin $often
# If refresh had ended before poll began, poll would never begin.
wait_for called sikka-poll
rm block.sikka-token
wait_for test -s signals.sikka-poll
rm block.sikka-poll
ends 78 "a setting that is missing later"
like "$(cat run.err)" '^run-all: refresh: ended with 78$' "is told; the other commands were asked to end"
rm code.*
echo 78 >code.sikka-authorize
begin
ends 78 "a setting that is missing at once"
is "$(sort -u calls)" "sikka-authorize -q" "begins nothing else"
if command -v bash >>gone.err; then
	# It forgets now and then how what it had started ended.
	for try in 1 2 3; do
		run 78 "nor does it where bash is the shell, try $try" timeout 60 bash "$RUN_ALL"
	done
fi
echo 69 >code.sikka-authorize
begin -i poll=1
wait_for called sikka-poll
signal TERM "$running"
ends 0 "a server that can't be reached at first"
is "$(cat run.err)" "run-all: authorize: ended with 69" "is told, and the work begins"
rm code.*
# shellcheck disable=SC2086 # options
begin $often
wait_for called sikka-poll
part=$(tr ' ' '\n' <"/proc/$running/task/$running/children" | head -n 1)
kill -9 "$part"
later 10 # nobody tells of such an end: it looks every ten seconds
ends 70 "a process of its own that was killed"
like "$(cat run.err)" '^run-all: a process of its own was killed$' "is told"
begin -i poll=1 -i authorize=0
wait_for called sikka-poll
parts=$(cat "/proc/$running/task/$running/children")
kill -9 "$running"
wait "$running" 2>>gone.err
have_ended() { for part in $parts; do has_ended "$part" || return 1; done; }
later 30
wait_for have_ended
ok $? "when it is killed itself, its tasks end at their next turn"
# shellcheck disable=SC2086 # a list
have_ended || kill -9 $parts

# As the first process of a container it gets the children of all who have died.
if [ "$(id -u)" -eq 0 ] && unshare --pid --fork true 2>>gone.err; then
	: >leave.sikka-poll
	: >calls
	unshare --pid --fork "$RUN_ALL" -i poll=1 2>run.err &
	outside=$!
	sim_pids="$sim_pids $outside"
	wait_for called sikka-poll 3
	inside=$(tr -d ' ' <"/proc/$outside/task/$outside/children")
	dead() { for pid in $(cat "/proc/$inside/task/$inside/children"); do process_state "$pid"; done | grep -c Z; }
	few_dead() { [ "$(dead)" -eq 0 ]; }
	wait_for few_dead
	ok $? "the first process of a container: nobody stays dead"
	rm leave.sikka-poll
	kill -TERM "$inside"
	wait "$outside"
	is $? 0 "and it ends at SIGTERM"
else
	echo "# no namespaces here: not tried as the first process"
fi

# --- what was missed ------------------------------------------------------------------------------------------

rm -rf state && mkdir state
begin
wait_for sh -c 'ls "$1"/.run-all.backup "$1"/.run-all.refresh "$1"/.run-all.rotate "$1"/.run-all.authorize' sh state >>gone.err 2>&1
signal TERM "$running"
ends 0 "the first start"
is "$(cat calls)" "sikka-authorize -q" "does nothing that isn't due"
begin -i poll=0 -i metrics=0 -i sweep=0
wait_for rests
signal TERM "$running"
ends 0 "a second one"
is "$(cat calls)" "sikka-authorize -q" "neither"
later 2d
begin -i poll=0 -i metrics=0 -i sweep=0
wait_for called sikka-sweep
wait_for called sikka-token
signal TERM "$running"
ends 0 "after two days"
is "$(sort -u calls)" "$(printf '%s\n' "$(command_of authorize)" "$(command_of backup)" "$(command_of refresh)" | sort)" "what was missed is made up for"
is "$(grep -c '^sikka-sweep ' calls) $(grep -c '^sikka-token ' calls)" "1 1" "once"
echo "99999999999 3600" >state/.run-all.refresh
begin -i backup=0 -i poll=0 -i metrics=0 -i sweep=0
wait_for called sikka-token
ok $? "a clock that was far ahead once delays nothing for good"
signal TERM "$running"
ends 0 "that ends"

seq 1 9 | while read -r n; do echo "$n" >"state/changed.jsonl.$n"; done
rm state/changed.jsonl.9
echo new >state/changed.jsonl
begin -i rotate=1 -i poll=0 -i metrics=0 -i sweep=0
wait_for test -s state/changed.jsonl.1 -a ! -e state/changed.jsonl
signal TERM "$running"
ends 0 "what poll gathers begins anew"
is "$(cat state/changed.jsonl.? | paste -sd' ')" "new 1 2 3 4 5 6 7" "and the oldest part is gone"

# --- the commands themselves ------------------------------------------------------------------------------------

PATH=$REAL
rm -rf state run && mkdir state run
unset SIKKA_DB
start_sim --rate-limit 100000 --delay 0:0
run 78 "no application id" env SIKKA_APP_ID= "$RUN_ALL"
like "$err" '^sikka-authorize: no app id' "is told"
printf '#!/bin/sh\ncat >>"%s/told"\n' "$T" >hook
chmod +x hook
SIKKA_NOTIFY=$T/hook begin -i poll=1 -i notify=1 -i metrics=1 -i backup=1 -i refresh=1
wait_for test -s state/sikka.db -a -s run/sikka.prom -a -e state/backups/sikka.db
ok $? "it begins the state file, copies it, and writes numbers"
authorized() { [ "$(sqlite state/sikka.db "SELECT count(*) FROM pms_integrations WHERE request_key IS NOT NULL")" -ge 1 ]; }
wait_for authorized
booking | sikka-book -q >booked
wait_for test -s state/changed.jsonl
is "$(head -n 1 state/changed.jsonl | jq -r .result)" completed "poll finds out what became of a booking"
sim_fault 'POST /appointment@1=drop-before'
booking date=2031-03-05 | sikka-book -q >booked 2>&1
sim_clear_faults
wait_for test -s told
is "$(head -n 1 told | jq -r .event)" unknown "an event is delivered"
SIKKA_KEPT='' sikka-status --runs | jq -r .program >ran 2>>gone.err
sim_fault 'GET /authorized_practices@1-=hold'
signal TERM "$running"
ends 0 "SIGTERM"
is "$(sqlite state/sikka.db "PRAGMA integrity_check") $(sim_applied)" "ok 1" "leaves a whole state file, and each booking once"
begin
wait_for sim_holds 1
signal TERM "$running"
! has_ended "$running"
ok $? "it waits for a request that is on its way"
sim_clear_faults
ends 0 "and then ends"

done_testing
