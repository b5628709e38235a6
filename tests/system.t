#!/bin/sh
# SPDX-License-Identifier: MIT
# What other programs of the system read: units, crontab, logrotate, alarms, check_sikka, hooks. They are tried as
# "make install" puts them.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/lib-pages.sh"

P=$T/prefix
run 0 "make install" env MAKEFLAGS= make -s -C "$TOP" BUILD="$BUILD" PREFIX="$P" install
UNITS=$P/lib/systemd/system HOOKS=$P/share/sikka/hooks RULES=$P/share/sikka/prometheus
TASKS='authorize backup metrics notify poll refresh sweep'
is "$(grep -rlE '/usr/local/(bin|share)/' "$P/lib" "$P/share/sikka" "$P/share/doc/sikka" "$P/etc")" "" \
    "what is installed names the place where it was put"

# --- systemd -------------------------------------------------------------------------------------------

is "$(cd "$UNITS" && ls -- *.service | sed 's/sikka-//; s/\.service//' | paste -sd' ')" "$TASKS" "a service for each task"
is "$(cd "$UNITS" && ls -- *.timer | sed 's/sikka-//; s/\.timer//' | paste -sd' ')" "$TASKS" "a timer for each"
for task in $TASKS; do
	command=$(sed -n 's/^ExecStart=//p' "$UNITS/sikka-$task.service")
	like "$command" "$P/bin/sikka-" "$task: a command of the toolkit"
done

grep -o 'sikka-[a-z]*\.\(timer\|service\)' "$TOP/man/sikka.7" | sort -u >named
is "$(while read -r unit; do [ -e "$UNITS/$unit" ] || echo "$unit"; done <named)" "" "sikka(7) names units that there are"

# setting NAME TASK: its values, as systemd reads them: the unit, and then what is beside it.
setting() {
	more=
	[ ! -d "$UNITS/sikka-$2.service.d" ] || more=$(echo "$UNITS/sikka-$2.service.d"/*.conf)
	# shellcheck disable=SC2086 # a list
	sed -n "s/^$1=//p" "$UNITS/sikka-$2.service" "$UNITS"/sikka-.service.d/*.conf $more
}
for task in $TASKS; do
	is "$(setting User $task) $(setting StateDirectory $task) $(setting StateDirectoryMode $task) $(setting UMask $task) $(setting ProtectSystem $task)" \
	    "sikka sikka 0700 0077 strict" "$task: for the user sikka, in its folder only"
	[ "$(setting TimeoutStopSec $task)" -gt 60 ]
	ok $? "$task: one request may take as long as it can"
	case $task in
	metrics) is "$(setting LoadCredential $task)" "" "$task: without the application key" ;;
	*) is "$(setting LoadCredential $task)" "sikka_app_key:/etc/sikka/app_key" "$task: with the application key" ;;
	esac
	case $task in
	poll | sweep | notify | backup) is "$(setting SuccessExitStatus $task)" "1 2 3" "$task: what became of a request is no failure of the unit" ;;
	*) is "$(setting SuccessExitStatus $task)" "" "$task: only 0 is well" ;;
	esac
done

# Those of systemd.exec(5) that take new privileges from who is started.
for name in NoNewPrivileges LockPersonality MemoryDenyWriteExecute PrivateDevices PrivateUsers ProtectClock ProtectHostname \
    ProtectKernelLogs ProtectKernelModules ProtectKernelTunables RestrictNamespaces RestrictRealtime RestrictSUIDSGID \
    DynamicUser RestrictAddressFamilies SystemCallArchitectures SystemCallFilter SystemCallLog; do
	echo "$name=$(setting "$name" notify | tail -n 1)"
done | grep -v '=no$\|=$' >taking
is "$(cat taking)" "" "notify: a mailer may get the privileges of its group"
is "$(setting CapabilityBoundingSet notify | tail -n 1)" "~" "notify: and those of root"

if command -v systemd-analyze >/dev/null; then
	verify() { env -u LD_PRELOAD MANPATH="$P/share/man" systemd-analyze verify "$UNITS"/*.service "$UNITS"/*.timer; }
	run 0 "systemd-analyze verify" verify
	is "$out$err" "" "is silent"
	for task in $TASKS; do
		[ $task != notify ] || continue
		run 0 "$task: exposed at most by 2.0" env -u LD_PRELOAD systemd-analyze security --offline=true --threshold=20 "$UNITS/sikka-$task.service"
	done
	when() { env -u LD_PRELOAD systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' "$UNITS/sikka-$1.timer")" | sed -n 's/.*Normalized form: //p'; }
	is "$(for task in $TASKS; do when $task; done | sort -u | paste -sd,)" \
	    "*-*-* *:*:00,*-*-* *:00/5:00,*-*-* *:17:00,*-*-* 03:40:00,*-*-* 05:50:00" "the timers are those of the crontab"
else
	echo "# systemd-analyze isn't installed: units aren't verified"
fi

# --- the commands of the units, one after the other --------------------------------------------------------

start_sim --rate-limit 100000 --delay 0:0
mkdir -p lib/sikka run/sikka-metrics
chmod 700 lib/sikka
# start TASK: as its unit does, as far as that can be done without systemd.
start() {
	{ setting ExecStartPre "$1"; setting ExecStart "$1"; } |
	    sed "s#%S#$T/lib#g; s#%t#$T/run#g; s#\\\$\\\$#\$#g; s#\\\${SIKKA_NOTIFY}#'$T/hook'#" >"$1.sh"
	env -u SIKKA_DB STATE_DIRECTORY="$T/lib/sikka" sh -e -c "umask 077; . '$T/$1.sh'"
}
printf '#!/bin/sh\ncat >>%s\n' "$T/told" >hook
chmod +x hook
run 0 "authorize" start authorize
like "$err" "^sikka-authorize: began the state file $T/lib/sikka/sikka.db\$" "in the folder that systemd makes"
for task in authorize refresh sweep poll; do
	run 0 "$task" start $task
	is "$err" "" "$task: without a word"
done
SIKKA_DB=$T/lib/sikka/sikka.db
booking | sikka-book >booked
sim_fault 'POST /appointment@1=drop-before'
booking date=2031-03-05 | sikka-book >booked 2>&1
sim_clear_faults
run 2 "poll, while a request is unknown" start poll
is "$(jq -r .result lib/sikka/changed.jsonl)" completed "poll: the record is kept"
is "$(stat -c %a lib/sikka/changed.jsonl)" 600 "poll: only for its user"
run 2 "notify, while a request is unknown" start notify
is "$(jq -r .event told)" unknown "notify: the hook got the event"
run 2 "backup" start backup
is "$(sqlite lib/sikka/backups/sikka.db 'SELECT count(*) FROM pms_writebacks') $(stat -c %a lib/sikka/backups)" "2 700" "backup: there is a copy"
run 0 "metrics" start metrics
like "$(cat run/sikka-metrics/sikka.prom)" '^sikka_writebacks\{office_id="D36225",result="unknown"\} 1$' "metrics: they are written"
is "$(stat -c %a run/sikka-metrics/sikka.prom)" 644 "metrics: for all to read"

# --- what systemd keeps from them -------------------------------------------------------------------------

# Units don't run as root, and root needs other calls. Whoever runs the test runs them as nobody, where that can be done.
as_nobody() { env SIKKA_KEPT= "$@"; }
if [ "$(id -u)" -eq 0 ]; then
	as_nobody() { SIKKA_KEPT='' setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
	chmod 711 "$T" && chmod 644 "$T/.clocks"* && chown -R 65534:65534 lib run
	chmod 666 told
fi
if command -v systemd-analyze >/dev/null && command -v strace >/dev/null && strace -o traced true 2>>gone.err; then
	for task in $TASKS; do
		[ "$task" != notify ] || continue
		: >"$task.calls" && chmod 666 "$task.calls"
		(umask 077 && unset SIKKA_DB && STATE_DIRECTORY=$T/lib/sikka && export STATE_DIRECTORY && as_nobody strace -f -o "$task.calls" sh "$T/$task.sh") >out 2>err
	done
	# A set has names of calls and of sets.
	env -u LD_PRELOAD systemd-analyze syscall-filter --no-pager 2>>gone.err | perl -ne '
	    $set = $1 if /^([\@]\S+)/;
	    push @{$in{$set}}, $1 if /^\s+([\@a-z_0-9-]+)\s*$/;
	    END {
	        sub calls { map { /^[\@]/ ? calls($_) : $_ } @{$in{$_[0]}} }
	        %may = map { $_ => 1 } calls(q(@system-service));
	        delete @may{calls(q(@privileged)), calls(q(@resources))};
	        print "$_\n" for keys %may;
	    }' >may
	sed -n 's/^[0-9]* *\([a-z_0-9]*\)(.*/\1/p' ./*.calls | sort -u >calls
	[ "$(wc -l <calls)" -gt 30 ] && [ "$(wc -l <may)" -gt 200 ]
	ok $? "the system calls of the commands were seen"
	is "$(setting SystemCallFilter sweep | paste -sd' ')" "@system-service ~@privileged @resources" "the units' filter"
	is "$(grep -vxFf may calls)" "" "lets through all that the commands call"
else
	echo "# systemd-analyze or strace can't be used: the units' filter isn't compared"
fi

# A mailer like postfix's: sendmail starts a program that is setgid, and only its group may write to the spool.
if [ "$(id -u)" -eq 0 ]; then
	mkdir mailer spool
	cp "$(command -v tee)" mailer/postdrop
	chgrp mail mailer/postdrop spool && chmod 2755 mailer/postdrop && chmod 730 spool
	printf '#!/bin/sh\nexec "%s/mailer/postdrop" "%s/spool/$$" >/dev/null\n' "$T" "$T" >mailer/sendmail
	chmod 755 mailer mailer/sendmail
	deliver() { PATH=$T/mailer:$PATH as_nobody "$@" sikka-sweep -q -D "$T/lib/sikka/sikka.db" --redeliver="$(jq -r .event_id told)" --notify "$HOOKS/notify-mail"; }
	run 2 "without new privileges" deliver setpriv --no-new-privs
	like "$err" "1 events couldn't be delivered" "no mail gets out"
	run 2 "with them, as in the unit for it" deliver env
	like "$(cat spool/*)" '^Subject: sikka: unknown D36225$' "the mail lies in the spool"
else
	echo "# this isn't root: no setgid mailer"
fi

# --- logrotate ------------------------------------------------------------------------------------------

gathered() { grep -rhoE '>>[^ ]+\.jsonl|>>changed' "$TOP/man" "$TOP/scripts/system" | sed 's#^>>##; s#.*/##; s#"$##' | sort -u; }
is "$(gathered | paste -sd' ')" "changed changed.jsonl sikka-changed.jsonl" "recipes gather records in these files"
is "$(gathered | while read -r name; do grep -q "^/var/.*/$name\$" "$P/etc/logrotate.d/sikka" || echo "$name"; done)" "" "each of them is rotated"
if command -v logrotate >/dev/null || [ -x /usr/sbin/logrotate ]; then
	mkdir -p "$T/spool/sikka"
	echo '{"result":"completed"}' | tee "$T/lib/sikka/sikka-changed.jsonl" >"$T/spool/sikka/changed"
	sed "s#/var/lib/sikka#$T/lib/sikka#; s#/var/spool/sikka#$T/spool/sikka#; s/su sikka sikka/su $(id -un) $(id -gn)/; s/0600 sikka sikka/0600/" "$P/etc/logrotate.d/sikka" >rotate
	chmod 600 rotate
	run 0 "logrotate" env PATH="$PATH:/usr/sbin" logrotate --force --state "$T/rotated" rotate
	is "$(jq -r .result lib/sikka/changed.jsonl.1) $(stat -c '%s %a' lib/sikka/changed.jsonl)" "completed 0 600" "it begins a new file, which is as private"
	is "$(cat lib/sikka/sikka-changed.jsonl.1 spool/sikka/changed.1 | jq -r .result | paste -sd' ')" "completed completed" "the others as well"
else
	echo "# logrotate isn't installed"
fi

# --- alarms ---------------------------------------------------------------------------------------------

metrics_used() { sed -n '/expr:/,/labels:/p' "$RULES/sikka.rules.yml" | grep -o 'sikka_[a-z_]*' | sort -u; }
sikka-status --metrics | sed -n 's/^# TYPE \(sikka_[a-z_]*\) .*/\1/p' | sort -u >written
is "$(metrics_used | grep -vxFf written)" "" "each number that the rules use is one that sikka-status writes"
[ "$(metrics_used | wc -l)" -ge 5 ]
ok $? "which are several"
sikka-status --metrics | grep -o 'severity="[a-z]*"' | sort -u >severities
is "$(grep -o 'sikka_troubles{[^}]*}' "$RULES/sikka.rules.yml" | grep -o 'severity="[a-z]*"' | sort -u)" "$(cat severities)" "the rules have each severity"
sed -n 's/.*- alert: //p' "$RULES/sikka.rules.yml" | sort >alarms
awk '/alertname:/ { name = $NF } /exp_labels:/ { print name }' "$RULES/sikka.test.yml" | sort -u >ringing
is "$(cat ringing)" "$(cat alarms)" "each alarm comes in a test"
if command -v promtool >/dev/null; then
	run 0 "promtool check rules" env -u LD_PRELOAD promtool check rules "$RULES/sikka.rules.yml"
	run 0 "promtool test rules" env -u LD_PRELOAD promtool test rules "$RULES/sikka.test.yml"
	run 0 "promtool takes the numbers" sh -c 'unset LD_PRELOAD; promtool check metrics <run/sikka-metrics/sikka.prom'
else
	echo "# promtool isn't installed: scripts/setup all brings it"
fi

# --- check_sikka ------------------------------------------------------------------------------------------

check_sikka() { "$P/lib/nagios/plugins/check_sikka" "$@"; }
run 1 "check_sikka: a request is unknown" check_sikka
# some of the numbers grow meanwhile
is "$(printf '%s\n' "$out" | sed 's/[0-9][0-9]*/N/g')" "$(sikka-status --check | sed 's/[0-9][0-9]*/N/g')" "it says what sikka-status says"
run 2 "its own bound" check_sikka -c unknown=0 -w pending=5
like "$out" '^SIKKA CRITICAL - 1 request unknown.* \| pending=0;5;;0 unknown=1;;0;0 ' "the verdict gets worse, the bounds stand behind the numbers"
is "$(echo "$out" | sed -n '$p')" "CRITICAL - unknown is 1, outside of 0" "a line for it"
run 1 "a bound that holds" check_sikka -c unknown=1
anew --rate-limit 100000 --delay 3600:3600
run 0 "check_sikka: all is well" check_sikka -w pending=0 -c pending=3 -O D36225
like "$out" '^SIKKA OK - 1 office, 0 requests pending, none unknown \| pending=0;0;3;0 unknown=0;;;0 .* set_aside=0;;0;0$' "one line with numbers"
booking date=2031-04-01 | sikka-book >booked
for bound in pending=0 pending=2: pending=~:0 pending=5:9 pending=@1:3; do
	run 1 "one pending, and -w $bound" check_sikka -w $bound
	like "$out" "^SIKKA WARNING - pending is 1, outside of ${bound#*=}; .* 1 request pending" "which is what it begins with"
	run 2 "-c, beside it" check_sikka "--warning=$bound" --critical "$bound"
done
for bound in pending=1 pending=1: pending=~:1 pending=0:9 pending=@2:3; do
	run 0 "one pending, and -w $bound" check_sikka "-w$bound" "-c$bound"
done
run 3 "an office that isn't there" check_sikka -w pending=0 -O D99999
run 3 "a number that isn't there" check_sikka -w nothing=3
like "$out" '^SIKKA UNKNOWN - there is no number nothing for -w' "is told"
for words in '-w' '-w pending' '-w pending=x' '-c pending=1;2' '--no-such-option' '-D /nowhere/x'; do
	# shellcheck disable=SC2086 # words
	run 3 "check_sikka $words" check_sikka $words
	like "$out" '^SIKKA UNKNOWN - ' "has the word"
	is "$(wc -l <out) $err" "1 " "in one line"
done
run 3 "without the programs" env PATH=/usr/bin:/bin "$P/lib/nagios/plugins/check_sikka"
check_sikka --help | sed -n '/^examples:$/,/^$/s/^  check_sikka//p' | sed "s#/var/lib/sikka/sikka.db#$SIKKA_DB#" >said
is "$(wc -l <said)" 2 "--help has two examples"
sikka-sweep -q >out 2>err
while read -r words; do
	# shellcheck disable=SC2086 # words
	run 0 "check_sikka $words" check_sikka $words
done <said
SIKKA_DB=$T/lib/sikka/sikka.db

# --- hooks ------------------------------------------------------------------------------------------------

# Its text would do something in a shell, in a mail's head, in JSON and in a line of the log.
cat >event <<'END'
{"event_id":"7","at":"2031-03-03T09:00:00.000Z","event":"failed","office_id":"D36225","id":"4","count":1,"key":null,"text":"a \"quote\" $(touch stolen) `touch stolen` <b> & 'x'\nBcc: all@example.com","run":"9"}
END
mkdir stubs
for stub in sendmail logger; do
	printf '#!/bin/sh\nprintf "%%s\\n" "$@" >%s.args\ncat >%s.in\nexit "${STUB_EXIT:-0}"\n' "$T/$stub" "$T/$stub" >stubs/$stub
done
# curl is the real one, and tells its arguments.
printf '#!/bin/sh\nprintf "%%s\\n" "$@" >>%s\nexec %s "$@"\n' "$T/curl.args" "$(command -v curl)" >stubs/curl
chmod +x stubs/*
PATH=$T/stubs:$PATH
hook() { "$HOOKS/notify-$1" <event; }

run 0 "mail" hook mail
is "$(cat sendmail.args)" "-t" "mail: nothing of the event is an argument"
is "$(sed '/^$/q' sendmail.in)" "$(printf 'To: root\nSubject: sikka: failed D36225\nContent-Type: text/plain; charset=UTF-8\n')" "mail: its head"
like "$(cat sendmail.in)" '^a "quote" \$\(touch stolen\)' "mail: the text"
run 75 "mail that can't be sent" env STUB_EXIT=75 "$HOOKS/notify-mail" <event

run 0 "syslog" hook syslog
is "$(paste -sd' ' logger.args)" "-t sikka -p daemon.warning" "syslog: nothing of the event is an argument"
is "$(wc -l <logger.in)" 1 "syslog: one line"
like "$(cat logger.in)" '^failed D36225 request 4 a "quote" \$\(touch stolen\) .* Bcc: all@example.com$' "syslog: with the text"
cat event event >events
run 0 "syslog, a batch" sh -c '"$1" <events' sh "$HOOKS/notify-syslog"
is "$(wc -l <logger.in)" 2 "syslog: a line for each"
run 1 "syslog that isn't there" env STUB_EXIT=1 "$HOOKS/notify-syslog" <event
run 65 "syslog, without an event" sh -c '"$1" </dev/null' sh "$HOOKS/notify-syslog"

start_canned answer
canned ok
printf '%s/T000?secret=1\n' "$SIKKA_BASE_URL" >url
export SIKKA_HOOK_URL_FILE="$T/url"
run 0 "http" hook http
is "$out$err" "" "http: without a word"
like "$(head -n 1 canned.log)" '^POST /v4/T000\?secret=1 HTTP' "http: to the URL"
like "$(cat canned.log)" 'Content-Type: application/json' "http: as JSON"
is "$(sed '1,/^.$/d' canned.log | jq -r .text)" "$(printf '*sikka: failed* D36225\na "quote" $(touch stolen) `touch stolen` &lt;b&gt; &amp; '"'x'"'\nBcc: all@example.com')" "http: in Slack's form"
is "$(cat curl.args)" "$(printf '%s\n' --config /dev/fd/3)" "http: nothing of the event or the URL is an argument"
[ ! -e stolen ]
ok $? "http: and no shell reads it"
printf '{id: .event_id, what: .event}\n' >mine.jq
: >canned.log
run 0 "http, a template of one's own" env SIKKA_HOOK_TEMPLATE="$T/mine.jq" "$HOOKS/notify-http" <event
is "$(sed '1,/^.$/d' canned.log)" '{"id":"7","what":"failed"}' "http: makes what is sent"
unset SIKKA_HOOK_URL_FILE
mkdir credentials
mv url credentials/sikka_hook_url
run 0 "http, a URL of systemd's" env CREDENTIALS_DIRECTORY="$T/credentials" "$HOOKS/notify-http" <event
run 78 "http, without a URL" hook http
export SIKKA_HOOK_URL_FILE="$T/credentials/sikka_hook_url"
canned no '' '500 Internal Server Error'
run 22 "http, a server that refuses" hook http
echo '{"a":' >bad
run 65 "http, no JSON" "$HOOKS/notify-http" <bad
for url in http://example.com/x ftp://example.com/x 'https://x" -o /etc/passwd' ''; do
	echo "$url" >credentials/sikka_hook_url
	run 78 "http, the URL $url" hook http
done

# --- systemd on five hosts, as sikka-fleet(7) says ------------------------------------------------------------

part_of sikka-fleet.7 "SYSTEMD ON FIVE HOSTS" | sed '/^\.Ss/,$d' | sed -n '/^\.Bd/,/^\.Ed/{/^\./d; s/\\e/\\/g; s/KEY-FILE/key/g; s/app_id = ID/app_id = sikka-sim-app/; p;}' >typed
# shellcheck disable=SC2046 # words
start_sim --rate-limit 100000 --delay 0:0 --offices 30 $(for number in $(seq 10003 10030); do printf -- '--pms D%s=Dentrix:G6.2 ' "$number"; done)
sim_get requests | jq -r '.renewals | keys[]' >offices
printf 'sikka-sim-key\n' >key
for task in $TASKS; do
	{ setting ExecStartPre "$task"; setting ExecStart "$task"; } |
	    sed "s#%S#@HOST@/lib#g; s#\\\$\\\$#\$#g; s#\\\${SIKKA_NOTIFY}#'$T/hook'#" >"$task.unit"
done
# A host is a folder. What its systemctl starts does what the unit says, with its config file and its key.
cat >stubs/ssh <<'END'
#!/bin/sh
export HOST="$T/${1#root@}"
mkdir -p "$HOST/lib/sikka" "$HOST/credentials"
exec sh -c "$(printf '%s' "$2" | sed "s#/etc/sikka#$HOST/etc#g")"
END
cat >stubs/systemctl <<'END'
#!/bin/sh
case $1 in
start)
	task=${2#sikka-} task=${task%.service}
	ln -sf "$HOST/etc/app_key" "$HOST/credentials/sikka_app_key"
	sed "s#@HOST@#$HOST#g" "$T/$task.unit" >"$HOST/unit"
	exec env -u SIKKA_APP_ID -u SIKKA_APP_KEY -u SIKKA_DB SIKKA_CONFIG="$HOST/etc/config" SIKKA_SHARED_OFFICES='*' \
	    CREDENTIALS_DIRECTORY="$HOST/credentials" STATE_DIRECTORY="$HOST/lib/sikka" sh -e "$HOST/unit"
	;;
enable) shift 2 && printf '%s\n' "$@" >"$HOST/timers" ;;
esac
END
printf '#!/bin/sh\n' >stubs/systemd-sysusers
chmod +x stubs/*
export T
run 0 "the lines for five hosts" sh -e ./typed
is "$(cat sikka-?/timers | sort | uniq -c | awk '{ print $1, $2 }' | paste -sd,)" \
    "5 sikka-authorize.timer,5 sikka-backup.timer,5 sikka-notify.timer,5 sikka-poll.timer,5 sikka-refresh.timer" "each has its timers"
is "$(stat -c '%a' sikka-?/etc/app_key sikka-?/etc/config | sort | uniq -c | awk '{ print $1, $2 }' | paste -sd,)" "5 600,5 644" "only root reads the key"
all_hosts() { for host in 1 2 3 4 5; do "$@" "sikka-$host" || return; done; }
offices_of() { sqlite "$1/lib/sikka/sikka.db" "SELECT office_id FROM pms_integrations WHERE request_key IS NOT NULL"; }
is "$(all_hosts offices_of | sort)" "$(cat offices)" "each office is one host's"
turn() {
	while read -r timer; do
		HOST=$T/$1 systemctl start "${timer%.timer}.service" || return
	done <"$1/timers"
}
run 0 "all timers of all hosts" all_hosts turn
is "$(sim_count 'POST /request_key')" "$(wc -l <offices)" "no host has taken a key from another"
done_testing
