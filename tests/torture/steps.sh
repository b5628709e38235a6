#!/bin/sh
# SPDX-License-Identifier: MIT
# steps.sh: the steps of the histories of torture/edges, how a history ends, and the verdict. Source points.sh first.
#
# A step is a word: its kind, and behind colons what it takes. Where it hands in requests, they stand like this, with a
# plus between them:
#
#	LABEL[.KEY][!FAULT]
#
# LABEL is a letter for the operation (see request) and a number, and stands in the request itself, so that both sides
# know it; even numbers are of the second office. KEY is k1 or k2, the key of its caller's, or "again". FAULT is what the
# simulator does to it, with a full stop for the colon: a3.k1!late.300.

# A command may take so many seconds. After a boot sikka-book waits for two lists a minute apart, or three where a Date is in doubt.
LONGEST=200
OFFICES="D36225 D20006"
office() { if [ $(($1 % 2)) -eq 1 ]; then echo D36225; else echo D20006; fi; }

# request LABEL KEY: as JSON.
request() {
	number=${1#?}
	members="\"office_id\":\"$(office "$number")\",\"practice_id\":\"1\""
	case $2 in
	'') ;;
	again) members="$members,\"again\":true" ;;
	*) members="$members,\"key\":\"$1-$2\"" ;;
	esac
	case $1 in
	a*) operation=book_appointment
	    fields="\"patient_id\":\"7\",\"date\":\"$(printf '2031-03-%02d' $((1 + number % 28)))\",\"time\":\"$(printf '%02d:00' $((8 + number / 28)))\",\"length\":\"30\",\"description\":\"$1\",\"provider_id\":\"DOC1\",\"operatory\":\"OP1\",\"guarantor_id\":\"5\",\"type\":\"Exam\""
	    [ $((number % 2)) -eq 1 ] || fields="$fields,\"staff\":\"ST1\"" ;;
	c*) operation=create_patient
	    fields="\"firstname\":\"$1\",\"lastname\":\"Miller\",\"provider_id\":\"DOC1\"" ;;
	n*) operation=add_medical_note
	    fields="\"patient_id\":\"3\",\"type\":\"1\",\"text\":\"$1\",\"date\":\"2025-03-03\",\"provider_id\":\"DOC1\"" ;;
	p*) operation=update_patient # each of its own patient: a later one of the same makes the first one superseded
	    fields="\"patient_id\":\"$((number / 2))\",\"staff\":\"ST1\",\"firstname\":\"$1\"" ;;
	t*) operation=post_transaction
	    fields="\"patient_id\":\"3\",\"guarantor_id\":\"5\",\"provider_id\":\"DOC1\",\"procedure_code\":\"D0120\",\"procedure_description\":\"$1\",\"amount\":\"10.00\",\"transaction_date\":\"2025-03-03\"" ;;
	esac
	echo "{$members,\"operation\":\"$operation\",$fields}"
}
route() {
	case $1 in
	a*) echo 'POST /appointment' ;;
	c*) echo 'POST /patient' ;;
	n*) echo 'POST /medical_notes' ;;
	p*) echo 'PATCH /patient/*' ;;
	t*) echo 'POST /transaction' ;;
	esac
}

# as_rule FAULT: late.300 as late:300, status.503.API2002 as status:503:API2002.
as_rule() { echo "$1" | tr . :; }

# rest_of STEP: what stands behind its kind.
rest_of() { case $1 in *:*) echo "${1#*:}" ;; esac; }

# server_time: $server_now in seconds since 1970, by the simulator's clock, a second or two early. Two files are read for
# it and no process begins, as it is asked for each request.
begin_server_time() {
	read -r up_for _ </proc/uptime
	booted_at=$(($(env -u LD_PRELOAD date +%s) - ${up_for%%.*} - 1))
}
server_time() {
	read -r up_for _ </proc/uptime
	read -r _ _ _ server_shift _ <"$SIKKA_SHIFT"
	server_now=$((server_shift + booted_at + ${up_for%%.*}))
}

# noted LABEL KEY AT: a handing in. One that was killed may have left no row.
noted() { echo "INSERT INTO hands (label, key, at, killed) VALUES ('$1', '$2', $3, '$under' <> '');" >>hands.sql; }

# prepare_hand REQUESTS FILE: writes them, and the rules for what happens to them. What a stopped process has in its queue
# would be waited for, for ten minutes: that process goes on before.
prepare_hand() {
	hand_routes=''
	for spec in $(echo "$1" | tr + ' '); do
		[ -z "$stopped" ] || ! grep -q "\"${spec%%[.!]*}\"" in.stopped || do_go
	done
	for spec in $(echo "$1" | tr + ' '); do
		hand_fault='' hand_key=''
		case $spec in *!*) hand_fault=${spec#*!} spec=${spec%%!*} ;; esac
		case $spec in *.*) hand_key=${spec#*.} spec=${spec%%.*} ;; esac
		request "$spec" "$hand_key"
		hand_routes="$hand_routes$(route "$spec")
"
		[ -z "$hand_fault" ] ||
		    sim_fault "$(route "$spec")@$(echo "$hand_routes" | grep -cxF "$(route "$spec")")=$(as_rule "$hand_fault")"
		server_time
		noted "$spec" "$hand_key" "$server_now"
		case $hand_fault in twice*) : >proxied ;; esac
		case $hand_key in k*) echo "$spec $hand_key" >>keyed ;; esac
	done >"$2"
}

# judge_command CODE ERR COMMAND …: what no command may say, whatever happens around it.
judge_command() {
	command_code=$1 command_err=$2
	shift 2
	echo "exit $command_code: $*" >>log
	case $command_code in
	0 | 1 | 2 | 3) ;;
	65) [ "$1" = sikka-book ] || wrong "exit 65: $*" ;;
	69 | 75 | 76) ;; # by an answer that was lost or garbled, or beside a process that was stopped
	77) [ -n "$plan_is_less" ] || wrong "exit 77: $*: $(tail -n 1 "$command_err")" ;;
	124) wrong "it took more than $LONGEST s: $*" ;;
	137) [ -n "$under" ] || wrong "exit 137: $*" ;;
	*) wrong "exit $command_code: $*: $(tail -n 1 "$command_err")" ;;
	esac
	[ -s "$command_err" ] || return 0
	cat "$command_err" >>log
	if grep -iE 'locked|Sanitizer' "$command_err" >said; then wrong "$*: $(head -n 1 said)"; fi
	# Where nobody may read lists, a boot leaves the question open, and that is no alarm.
	[ -n "$restored" ] || ! grep 'older copy' "$command_err" | grep -v 'maybe from an older copy of itself' >said || wrong "a false alarm of $*: $(head -n 1 said)"
	sed -n 's/.*: request \([0-9]*\) has the same content as .*it is sent, since its key is another one$/\1/p' "$command_err" >warned
	while read -r row; do
		sql "SELECT printf('INSERT INTO warned VALUES (%Q);', key) FROM pms_writebacks WHERE id = $row" >>warned.sql
	done <warned
}

# minutes_pass PID ERRS UNTIL: while what that process sends waits for lists, the minute after each of them passes at once;
# until UNTIL PID is true.
minutes_pass() {
	seen=none
	until "$3" "$1"; do
		# shellcheck disable=SC2086 # a pattern
		if grep -qs 'requests wait: ' $2; then
			looked=$(sql "SELECT 'at ' || max(looked_at) FROM holds WHERE ended_at IS NULL" 2>>log)
			[ "$looked" = "$seen" ] || [ -z "$looked" ] || later 61
			seen=$looked
		fi
		sleep 0.02
	done
}

# runs COMMAND …: under strace where it is to be killed.
runs() {
	# shellcheck disable=SC2086 # a list
	case "$*" in
	sikka-book* | *--retry*)
		$under timeout -k 5 "$LONGEST" "$@" >>out 2>err &
		running=$!
		minutes_pass "$running" err has_ended
		wait "$running"
		;;
	*) $under timeout -k 5 "$LONGEST" "$@" >>out 2>err ;;
	esac
	judge_command "$?" err "$@"
}

# --- the steps ----------------------------------------------------------------------------------------------

row_of() { sql "SELECT max(id) FROM pms_writebacks WHERE $LABEL_HERE = '$1'"; }

# The label of a row, and of a request at the practice. Those by which a list grows have none of ours.
LABEL_HERE="coalesce(request_body->>'description', request_body->>'firstname', request_body->>'text', request_body->>'procedure_description', 'grown')"
LABEL_THERE="coalesce(value->'body'->>'description', value->'body'->>'firstname', value->'body'->>'text', value->'body'->>'procedure_description', 'grown')"

do_book() {
	prepare_hand "$1" in
	runs sikka-book in
}

do_both() {
	prepare_hand "$1" in
	sikka-book in >>out 2>err.1 &
	first=$!
	sikka-book in >>out 2>err.2 &
	second=$!
	minutes_pass "$second" 'err.[12]' has_ended # what the first one has handed in, the second one waits for
	wait "$second"
	judge_command "$?" err.2 sikka-book in
	minutes_pass "$first" err.1 has_ended
	wait "$first"
	judge_command "$?" err.1 sikka-book in
}

do_withdraw() {
	label=${1%%!*} id=$(row_of "${1%%!*}")
	[ -n "$id" ] || return 0
	case $1 in *!*) sim_fault "DELETE /writebacks@1=$(as_rule "${1#*!}")" ;; esac
	runs sikka-sweep --withdraw "$id"
}

# What a person finds who looks at the practice, when nothing can arrive any more.
do_resolve() {
	sim_get requests >asked
	count_in asked late_now
	[ "$number" = 0 ] && [ -z "$stopped" ] || return 0
	sim_get state >ledger
	{
		both_sides
		echo "SELECT here.id || '=' || coalesce((SELECT iif(applied > 0 AND here.id % 2, 'completed', there.id) FROM there
			WHERE there.label = here.label AND NOT foreign_one AND state <> 'withdrawn'
			AND there.id NOT IN (SELECT writeback_id FROM here WHERE writeback_id IS NOT NULL)), 'failed')
		    FROM here WHERE label = '$1' AND result = 'unknown' AND writeback_id IS NULL
		    AND (SELECT count(*) FROM here AS others WHERE others.label = here.label AND others.result IN ('queued', 'submitting', 'unknown')) = 1"
	} | sqlite "$SIKKA_DB" >decided 2>>log
	[ ! -s decided ] || runs sikka-sweep --resolve "$(cat decided)"
}

# kill:CALL.COUNT:STEP
do_kill() {
	call=${1%%.*} count=${1#*.}
	count=${count%%:*}
	under="strace -f -qq -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$count"
	do_step "${1#*:}"
	under=
}

# stop:PLACE:REQUESTS; where it keeps others out it goes on at once.
do_stop() {
	[ -z "$stopped" ] || return 0
	prepare_hand "${1#*:}" in.stopped
	SIKKA_STOP=${1%%:*} sikka-book in.stopped >>out 2>err.stopped &
	stopped=$!
	minutes_pass "$stopped" err.stopped stands_still
	wait_for stands_still "$stopped" || wrong "the harness: sikka-book doesn't stop"
	if has_ended "$stopped" || keeps_others_out "$stopped"; then do_go; fi
}
do_go() {
	[ -n "$stopped" ] || return 0
	kill -CONT "$stopped" 2>>log
	minutes_pass "$stopped" err.stopped has_ended
	wait "$stopped"
	judge_command "$?" err.stopped sikka-book in.stopped
	stopped=
}
drop_stopped() {
	[ -n "$stopped" ] || return 0
	kill -9 "$stopped" 2>>log
	wait "$stopped" 2>>log
	stopped=
}

do_read() {
	case ${1%%.*} in
	status) read_route='GET /writeback_status' ;;
	delete) read_route='DELETE /writebacks' ;;
	list) read_route='GET /writebacks' ;;
	esac
	sim_fault "$read_route@1=$(as_rule "${1#*.}")"
}

# LIST.ACTION.NUMBER
do_tear() {
	for rule in $(echo "$1" | tr + ' '); do
		tear_list=${rule%%.*} number=${rule##*.} action=${rule#*.}
		action=${action%.*}
		case $action in
		lacks | skips | loses) number=$((275495 + number)) ;;
		*) number=$((number + 1)) ;;
		esac
		sim_fault "GET /writebacks@$tear_list=$action:$number"
	done
}

do_lacks() {
	sim_get state >ledger
	sim_fault "GET /writebacks@1=lacks:$(jq '[.writebacks[].id | tonumber] | max // 0' ledger)"
}

do_spu() { sim_post "office?office_id=$(office "${1%%.*}")&spu=$([ "${1#*.}" = on ] && echo online || echo offline)"; }

do_foreign() {
	foreign=$((foreign + 1))
	ask -d "{\"practice_id\":\"1\",\"patient_id\":\"4\",\"text\":\"foreign $foreign\"}" \
	    "$SIM/submit?office_id=$(office "$1")&path=/medical_notes" >>log
}

# What a proxy has repeated, and no list has shown before a boot, counts as what the machine sent that was put back.
do_boot() {
	[ ! -e proxied ] || return 0
	drop_stopped
	reboot
}

do_backup() {
	runs sikka-sweep --backup copy.new
	[ -e copy.new ] || return 0
	mv copy.new copy.db
	cp "$SIKKA_DB.lock" copy.lock
	sqlite copy.db "SELECT unixepoch(max(at)) FROM (SELECT max(happened_at) AS at FROM events UNION ALL SELECT max(succeeded_at) FROM heartbeats)" >copy.at
	[ -e first.db ] || { cp copy.db first.db; cp copy.at first.at; }
}

# The server's lists prove nothing of what is older than five days: of an older copy a person has to know what it lacks.
do_restore() {
	case $1 in older) source=first ;; *) source=copy ;; esac
	[ -e "$source.db" ] || return 0
	read -r made_at <"$source.at"
	server_time
	[ $((server_now - made_at)) -lt 345600 ] || return 0
	drop_stopped
	rm -f "$SIKKA_DB" "$SIKKA_DB-journal" "$SIKKA_DB-wal" "$SIKKA_DB-shm"
	cp "$source.db" "$SIKKA_DB"
	case $1 in
	nolock) rm -f "$SIKKA_DB.lock" ;;
	# What left in the half hour before may not be listed yet, and isn't noticed: sikka-life(7), Holds.
	gap) cp copy.lock "$SIKKA_DB.lock"; later 36m; reboot ;;
	esac
	restored=$1 after_is_due=1
}

# passes STEP SECONDS: time passes, unless a person has to bring an older copy up to date before that.
passes() {
	server_time
	[ -z "$after_is_due" ] || [ $((server_now + $2 - made_at)) -lt 410000 ] || return 0
	"$1" "$2"
}

# What the run-book says: where the command says to run it again, or when, that is done; so it is where no answer came.
# The minute between its two lists passes.
do_after() {
	for try in 1 2 3 4; do
		[ -n "$after_is_due" ] || return 0
		runs_after_restore
		case $command_code in
		0 | 1 | 2 | 3) after_is_due= ;;
		69 | 76) ;;
		*) grep -q 'run the command again' err || return 0 ;;
		esac
		if grep -q 'run the command again after' err; then later 36m; fi
	done
}
runs_after_restore() {
	timeout -k 5 "$LONGEST" sikka-sweep --after-restore >>out 2>err &
	restoring=$!
	wait_for awaits_its_second_list "$restoring"
	later 61
	wait "$restoring"
	judge_command "$?" err sikka-sweep --after-restore
}

# do_step STEP
do_step() {
	what=$(rest_of "$1")
	echo "# $1" >>log
	case ${1%%:*} in
	sim) ;; # by begin_history
	book) do_book "$what" ;;
	both) do_both "$what" ;;
	poll) runs sikka-poll ;;
	sweep) runs sikka-sweep ;;
	retry) runs sikka-sweep --retry ;;
	stuck) runs sikka-sweep --stuck-after 6h ;;
	withdraw) do_withdraw "$what" ;;
	resolve) do_resolve "$what" ;;
	kill) do_kill "$what" ;;
	stop) do_stop "$what" ;;
	go) do_go ;;
	boot) do_boot ;;
	later | asleep) passes "${1%%:*}" "$what" ;;
	clock) clock_off "$what" ;;
	date) sim_fault "* /*@1=date:$(echo "$what" | sed 's/^p/+/;s/^m/-/')" ;;
	nodate) sim_fault 'GET /writebacks@1=no-date' ;;
	lag) sim_post "options?list-lag=$what" ;;
	tear) do_tear "$what" ;;
	lacks) do_lacks ;;
	read) do_read "$what" ;;
	keys) sim_post "office?office_id=$(office "$what")&drop_keys=true" ;;
	plan) plan_is_less=1; sim_post "options?writeback-${what%%.*}=${what#*.}" ;;
	spu) do_spu "$what" ;;
	foreign) do_foreign "$what" ;;
	backup) do_backup ;;
	restore) do_restore "$what" ;;
	after) do_after ;;
	*) wrong "the harness: no such step: $1" ;;
	esac
}

# --- the beginning and the end ------------------------------------------------------------------------------

# Beside the simulator's end, as in points.sh, that of what was stopped.
stop_sim() {
	drop_stopped
	[ -n "$SIM_PID" ] || return 0
	kill "$SIM_PID" 2>/dev/null
	wait "$SIM_PID" 2>/dev/null
	SIM_PID=
}

# begin_history STEPS: the first step says what kind of a simulator it is.
under='' stopped='' restored='' after_is_due='' made_at='' plan_is_less='' looked_at='' foreign=0
begin_history() {
	under='' restored='' after_is_due='' plan_is_less='' looked_at='' foreign=0
	rm -f copy.* first.* keyed proxied err*
	: >out
	: >keyed
	: >log
	: >warned.sql
	echo "CREATE TEMP TABLE hands (n INTEGER PRIMARY KEY, label, key, at, killed);" >hands.sql
	begin_clocks
	begin_server_time
	rm -f .clocks.boot_id
	# What another program sends would show that the state file is an older copy: its operator has said that it sends.
	case $1 in
	*/foreign:* | *.grows.*) export SIKKA_SHARED_OFFICES='*' ;;
	*) unset SIKKA_SHARED_OFFICES ;;
	esac
	options_of_sim=
	case $1 in
	sim:*)
		for option in $(echo "${1%%/*}" | sed 's/^sim://' | tr + ' '); do
			option_value=${option#*=}
			case $option in
			delay=*) option_value=$(echo "$option_value" | tr . :) ;;
			zone=*) option_value=$(echo "$option_value" | sed 's/^p/+/;s/^m/-/;s/..$/:&/') ;;
			esac
			options_of_sim="$options_of_sim --${option%%=*} $option_value"
		done
		;;
	esac
	# shellcheck disable=SC2086 # a list
	fresh_sim $options_of_sim
	authorize
	# The second list of a file that was begun: what would come before it counts as what a lost file has sent.
	later 61
	runs sikka-sweep
}

# unended: as in points.sh, but without what only a person sends again.
unended() {
	sql "SELECT count(*) FROM pms_writebacks WHERE result IN ('queued', 'submitting', 'pending', 'unknown')
	    OR (result = 'failed' AND error_code IN ('not_sent', 'not_received') AND NOT only_named)"
}

# rounds N: as many times, or until all has ended, what cron does in about half an hour. The pauses between two sendings
# of a row grow, so time passes faster and faster.
rounds() {
	round=0
	while [ "$round" -lt "$1" ] && [ "$(unended)" -gt 0 ]; do
		round=$((round + 1))
		later $((1000 * round))
		runs sikka-sweep --retry
		later 61
		runs sikka-sweep
		later 130
		runs sikka-poll
	done
}

# look_at_list: a request whose answer is lost makes the next sweep read the list.
look_at_list() {
	do_book 'n999!drop-after'
	later 61
	runs sikka-sweep
	server_time
	looked_at=$server_now
}

# A row of a copy that may have been sent in the history that is lost isn't sent again by itself. --retry says so, and that
# a person names what is still wanted: here, what the practice hasn't carried out.
hand_in_named() {
	sql "WITH labelled AS (SELECT *, $LABEL_HERE AS label FROM pms_writebacks)
	    SELECT min(id) FROM labelled WHERE only_named AND result = 'failed' AND error_code IN ('not_sent', 'not_received')
	    AND label NOT IN (SELECT label FROM labelled WHERE result = 'completed' AND label IS NOT NULL) GROUP BY label" >named
	[ -s named ] || return 0
	runs sikka-sweep --retry
	grep -q 'sikka-sweep --retry=ID sends what is still wanted' err || wrong "--retry doesn't say what it leaves"
	set --
	while read -r id; do set -- "$@" "--retry=$id"; done <named
	runs sikka-sweep "$@"
}

# A caller hands in again what it has given a key: it can't know what became of it.
hand_in_again() {
	sort -u keyed | while read -r label key; do
		request "$label" "$key"
	done >in.last
	server_time
	while read -r label key; do noted "$label" "$key" "$server_now"; done <keyed
	[ -s in.last ] || return 0
	sikka-book in.last >last 2>err &
	running=$!
	minutes_pass "$running" err has_ended
	wait "$running"
	judge_command "$?" err sikka-book in.last
	case $command_code in 0 | 1 | 2 | 3 | 65) ;; *) wrong "exit $command_code: the keyed ones handed in again" ;; esac
	[ "$(grep -c . last)" -eq "$(grep -c . in.last)" ] ||
	    wrong "$(grep -c . last) answers to $(grep -c . in.last) requests that were handed in again"
	if grep -E '"result":"(queued|submitting)"' last >said; then wrong "told as it is sent: $(head -n 1 said)"; fi
}

end_history() {
	echo "# the end" >>log
	sim_clear_faults
	do_go
	sim_post 'options?list-lag=0&writeback-status=on&writeback-list=on'
	plan_is_less=
	for office in $OFFICES; do sim_post "office?office_id=$office&spu=online"; done
	do_after
	rounds 6
	hand_in_again
	# What was taken over keeps a row from being absent until a caller has claimed it: so some turn up the second time.
	for try in 1 2; do
		hand_in_named
		rounds 4
	done
	[ ! -e proxied ] || look_at_list
	# What was fetched before it was withdrawn; what turns up late.
	later 2d
	runs sikka-sweep
	later 61
	runs sikka-sweep
	rounds 3
}

# --- the verdict --------------------------------------------------------------------------------------------

both_sides() {
	printf '%s\n' "CREATE TEMP TABLE there AS SELECT value->>'id' AS id, value->>'state' AS state, value->>'applied' AS applied,
	    unixepoch(value->>'request_time') AS came, unixepoch(nullif(value->>'completed_time', '')) AS done, value->>'foreign' AS foreign_one, $LABEL_THERE AS label
	    FROM json_each(CAST(readfile('ledger') AS TEXT), '\$.writebacks');
	CREATE TEMP TABLE here AS SELECT id, writeback_id, doubled_id, result, error_code, key, again, $LABEL_HERE AS label,
	    (SELECT group_concat(kind, ' ') FROM events WHERE row_id = w.id) AS kinds FROM pms_writebacks AS w;"
}

# How many of a label may be carried out: one, and one more for each later handing in that may be another one: it said
# so (again), or all before it did, which hold neither key nor content; it is a note or a payment with a key of its own, or it was sent with a warning, as the one before has
# another key or lost its key in a restore, or one before it, under another key, was sent again with that warning; the
# one before it was done, so long ago that it no longer holds its content, and under another key; or the practice had
# refused one, and none that was carried out held the key or the content (one that was meant as another one holds
# neither).
MAY_BE="1 + (SELECT count(*) FROM hands AS h WHERE h.label = l.label AND n > (SELECT min(n) FROM hands AS f WHERE f.label = h.label)
    AND (key = 'again'
	OR NOT EXISTS (SELECT 1 FROM hands AS e WHERE e.label = h.label AND e.n < h.n AND e.key <> 'again')
	OR (l.label GLOB '[nt]*' AND key <> '' AND NOT EXISTS (SELECT 1 FROM hands AS e WHERE e.label = h.label AND e.n < h.n AND e.key = h.key AND NOT killed))
	OR (n = (SELECT max(n) FROM hands AS e WHERE e.label = h.label AND e.key = h.key)
	    AND h.label GLOB '[nt]*' AND EXISTS (SELECT 1 FROM hands AS e WHERE e.label = h.label AND e.n <= h.n
		AND (e.n = h.n OR e.key <> h.key) AND h.label || '-' || e.key IN (SELECT key FROM warned)))
	OR EXISTS (SELECT 1 FROM there WHERE there.label = h.label AND applied > 0
	    AND done < h.at + 60 - iif(h.label GLOB 'p*', 0, 86400)
	    AND (h.key = '' OR there.id NOT IN (SELECT writeback_id FROM here WHERE here.key = h.label || '-' || h.key AND writeback_id IS NOT NULL)))
	OR (EXISTS (SELECT 1 FROM there JOIN here ON writeback_id = there.id WHERE there.label = h.label
		AND state = 'failed' AND result = 'failed' AND done < h.at + 60)
	    AND NOT EXISTS (SELECT 1 FROM there LEFT JOIN here ON writeback_id = there.id WHERE there.label = h.label
		AND applied > 0 AND came < h.at AND NOT coalesce(again, 0)
		AND (done > h.at - 86400 OR here.key = h.label || '-' || h.key)))))"

# A booking that comes second is refused by the practice, as its time is taken: that counts as carried out.
#
# Where a proxy has repeated what two rows wait for, more entries than rows match: the rows stay unknown, and a person is
# told that.
#
# What a proxy has sent besides is seen only in a list, and one is read only where a row needs it. So it must be told if a
# list has shown it that was read after the row's answer, or if it came within the day before the list that end_history
# brings about.
judge_history() {
	sim_get state >ledger
	# Where the tools can't prevent it they tell it.
	told='' proxied=0
	[ ! -e proxied ] || proxied=1
	[ ! -e proxied ] || told='*doubled*'
	{
		both_sides
		cat hands.sql
		echo 'CREATE TEMP TABLE warned (key);'
		cat warned.sql
		cat <<-END
		CREATE TEMP TABLE unseen AS SELECT id FROM there WHERE $proxied AND NOT foreign_one AND came < ${looked_at:-0} - 86400
		    AND id NOT IN (SELECT writeback_id FROM unowned WHERE NOT EXISTS (SELECT 1 FROM here JOIN events ON row_id = here.id
			    WHERE label = there.label AND kind = 'pending' AND happened_at > first_seen_at)
			UNION SELECT coalesce(writeback_id, '') FROM here
			UNION SELECT coalesce(doubled_id, '') FROM here);
		CREATE TEMP TABLE once AS SELECT l.label, $MAY_BE AS may_be, (SELECT coalesce(sum(applied + (state = 'failed' AND label GLOB 'a*')), 0)
			FROM there WHERE there.label = l.label AND NOT foreign_one AND id NOT IN (SELECT id FROM unseen)) AS was
		    FROM (SELECT DISTINCT label FROM hands) AS l;
		SELECT 'twice: ' || label || ' was carried out ' || was || ' times, and may be ' || may_be || ' times; rows: ' ||
		    (SELECT group_concat(id || ' ' || result || coalesce(' ' || error_code, ''), ', ') FROM here WHERE here.label = once.label)
		    FROM once WHERE was > may_be AND NOT EXISTS (SELECT 1 FROM here
			WHERE here.label = once.label AND (kinds GLOB '$told' OR ($proxied AND result = 'unknown')));
		SELECT 'lost: row ' || id || ' of ' || label || ' is ' || result || ' at the end' FROM here
		    WHERE result NOT IN ('completed', 'failed', 'withdrawn', 'unknown') OR (result = 'unknown' AND kinds IS NULL);
		SELECT 'lost: ' || label || ' wasn''t carried out; rows: ' || group_concat(id || ' ' || result || coalesce(' ' || error_code, ''), ', ')
		    FROM here JOIN once USING (label) WHERE was = 0 GROUP BY label HAVING sum(result IN ('unknown', 'withdrawn')
			OR kinds GLOB '*withdraw*' OR coalesce(error_code, 'superseded') NOT IN ('superseded', 'not_sent', 'not_received')) = 0;
		SELECT 'false: row ' || id || ' of ' || label || ' is completed; there: ' || coalesce((SELECT state || ' ' || there.label
			FROM there WHERE there.id = here.writeback_id), 'nothing') FROM here WHERE result = 'completed'
		    AND NOT EXISTS (SELECT 1 FROM there WHERE there.label = here.label AND applied > 0
			AND there.id = coalesce(here.writeback_id, there.id));
		SELECT 'false: row ' || here.id || ' of ' || here.label || ' is ' || result || coalesce(' ' || error_code, '') || ', and there it is done'
		    FROM here JOIN there ON there.id = writeback_id WHERE result IN ('failed', 'withdrawn') AND applied > 0
			AND coalesce(kinds, '') NOT GLOB '*contradiction*' AND coalesce(kinds, '') NOT GLOB '*doubled*';
		SELECT 'false: ' || there.id || ' of ' || label || ' is done there, and no row has it' FROM there
		    WHERE NOT foreign_one AND applied > 0 AND id NOT IN (SELECT id FROM unseen)
		    AND NOT EXISTS (SELECT 1 FROM here WHERE there.id IN (writeback_id, doubled_id)
			OR (here.label = there.label AND writeback_id IS NULL AND (result = 'unknown' OR kinds GLOB '*resolved*')))
		    AND NOT EXISTS (SELECT 1 FROM here JOIN events AS e ON e.row_id = here.id WHERE here.label = there.label
			AND e.kind GLOB '$told' AND e.text GLOB '*writeback ' || there.id || '[ ,:]*');
		SELECT 'false: rows ' || group_concat(id, ' and ') || ' both have ' || writeback_id FROM here
		    WHERE writeback_id IS NOT NULL GROUP BY writeback_id HAVING count(*) > 1;
		SELECT 'a false alarm: row ' || id || ' of ' || label || ' is doubled' FROM here WHERE kinds GLOB '*doubled*'
		    AND (SELECT count(*) FROM there WHERE there.label = here.label) < 2;
		SELECT 'a false alarm: row ' || here.id || ' of ' || here.label || ' is a contradiction' FROM here JOIN there ON there.id = writeback_id
		    WHERE kinds GLOB '*contradiction*' AND applied = 0 AND state <> 'failed';
		SELECT 'integrity_check: ' || integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok';
		SELECT 'judged';
		END
	} >verdict.sql
	judge "$SIKKA_DB" <verdict.sql
	[ ! -s wrong ] || {
		sql "SELECT happened_at, row_id, kind, text FROM events"
		sql "SELECT id, $LABEL_HERE, key, result, error_code, writeback_id, attempts FROM pms_writebacks"
		jq -c '.writebacks[] | [.id, .office_id, .state, .applied, .request_time, .completed_time, (.body | (.description // .firstname // .text // .procedure_description))]' ledger
	} >>log 2>&1
}
