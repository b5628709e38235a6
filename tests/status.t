#!/bin/sh
# SPDX-License-Identifier: MIT
# sikka-status: overview, records, metrics, check; for a known state, and without a state file
cd "$(dirname "$0")/.." || exit 1
BIN=$(cd "${BUILD:-build}/bin" 2>/dev/null && pwd)
[ -x "$BIN/sikka-status" ] || { echo "1..0 # SKIP sikka-status is not built"; exit 0; }
for tool in jq sqlite3; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
done
T=$(mktemp -d) || exit 1
n=0
trap 'chmod -R u+rwX "$T"; rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM
DB=$T/sikka.db
mkdir "$T/kept"

is() { # got, expected, what
	n=$((n + 1))
	[ "$1" = "$2" ] && { echo "ok $n - $3"; return; }
	echo "not ok $n - $3"
	printf '%s\n' "got: $1" "expected: $2" | sed 's/^/# /'
}
has() { # text, pattern of the shell, what
	n=$((n + 1))
	# shellcheck disable=SC2254 # it is a pattern
	case $1 in
	$2) echo "ok $n - $3" ;;
	*)
		echo "not ok $n - $3"
		printf '%s\n' "got: $1" "expected: $2" | sed 's/^/# /'
		;;
	esac
}
clean() { env -i PATH="$PATH" HOME="$T" TZ=UTC LD_PRELOAD="$LD_PRELOAD" SIKKA_SHIFT="$SIKKA_SHIFT" ASAN_OPTIONS="$ASAN_OPTIONS" "$@"; }
status() { # its arguments; its exit code in $code, its output in $T/out and $T/err
	clean "$BIN/sikka-status" -D "$DB" "$@" >"$T/out" 2>"$T/err"
	code=$?
	cat "$T/out" >>"$T/kept/sikka-status.$n"
}
out() { cat "$T/out"; }
err() { cat "$T/err"; }
json() { jq -c "$1" "$T/out"; }
line() { sed -n "$1p" "$T/out"; }
sql() { sqlite3 -bail -cmd '.timeout 60000' "$DB" "$@"; }
at() { echo "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '$1 seconds')"; } # so many seconds from now
ago() { at "-$1"; }
# What the state file keeps of ended requests, as its rows show it. They were written with SQL.
count_anew() {
	sql "DELETE FROM ends WHERE is_past = 0; INSERT INTO ends SELECT office_id, 0, sum(result = 'completed'),
	    sum(result = 'failed'), sum(result = 'withdrawn'), ifnull(sum(straight), 0), sum(iif(straight, took_ms, 0)) FROM (SELECT *,
	    result = 'completed' AND unknown_at IS NULL AND withdraw_at IS NULL AND took_ms > 0 AS straight
	    FROM pms_writebacks) WHERE result IN ('completed', 'failed', 'withdrawn') GROUP BY office_id"
}
row() { # id, office, state, seconds since it was submitted, further settings: along the allowed ways
	set -- "$1" "$2" "$3" "$4" "${5-}"
	sql "INSERT INTO pms_writebacks (id, office_id, operation, method, endpoint, request_body, result, queued_at)
	    VALUES ($1, '$2', 'book_appointment', 'POST', '/appointment', '{\"firstname\":\"Ann\"}', 'queued', $(ago "$4"))"
	way=$3
	case $3 in
	queued) way= ;;
	submitting) way= ;;
	withdrawn | completed) way="submitting pending" ;;
	*) way=submitting ;;
	esac
	for state in $way $3; do
		sql "UPDATE pms_writebacks SET result = '$state', error_code = iif('$state' = 'failed', 'x', NULL),
		    submitted_at = iif('$state' = 'queued', NULL, $(ago "$4")) WHERE id = $1 AND result <> '$state'"
	done
	[ -z "$5" ] || sql "UPDATE pms_writebacks SET $5 WHERE id = $1"
}
office() { # name, status, seconds until its key ends or ""
	sql "INSERT INTO pms_integrations (office_id, status, secret_key, request_key, token_expiry)
	    VALUES ('$1', '$2', 'thesecret', 'therequestkey', $(if [ -n "$3" ]; then at "$3"; else echo NULL; fi))"
}
fresh() { # an empty state file
	rm -f "$DB" "$DB"-* "$DB".*
	clean "$BIN/sikka-authorize" -D "$DB" --import </dev/null >"$T/out" 2>"$T/err" || { echo "Bail out! no state file"; exit 1; }
}

# --- a judge of Prometheus's text format: "" or what is wrong -----------------------------------
judge() {
	awk '
	function bad(why) { print NR ": " why ": " $0; wrong = 1 }
	function family_of(name) {
		if (type[current] == "summary" && (name == current "_sum" || name == current "_count")) return current
		return name
	}
	/^$/ { bad("an empty line"); next }
	/^# HELP / {
		if ($3 in help) bad("a second HELP")
		if (NF < 4) bad("no text")
		help[$3] = 1; current = $3; typed = 0; next
	}
	/^# TYPE / {
		if ($3 != current) bad("TYPE without its HELP")
		if ($3 in type) bad("a second TYPE")
		if ($4 !~ /^(counter|gauge|summary)$/ || NF != 4) bad("no such type")
		if (($4 == "counter") != ($3 ~ /_total$/)) bad("_total is for counters")
		if ($3 ~ /_(count|sum|bucket|info_total)$/) bad("a name of a summary")
		if ($3 ~ /_(ms|msec|millis|milliseconds|sec|secs|minutes|hours|days|kb|mb|percent)(_|$)/) bad("not the base unit")
		if ($3 ~ /timestamp/ && $3 !~ /_timestamp_seconds$/) bad("not in seconds since 1970")
		type[$3] = $4; typed = 1; next
	}
	/^#/ { bad("a comment"); next }
	{
		rest = $0
		if (!match(rest, /^[a-zA-Z_:][a-zA-Z0-9_:]*/)) { bad("no name"); next }
		name = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1)
		if (!typed || family_of(name) != current) bad("outside of its family")
		if (substr(rest, 1, 1) == "{") {
			rest = substr(rest, 2); split("", seen)
			while (match(rest, /^[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\[\\"n])*"/)) {
				label = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1)
				sub(/=.*/, "", label)
				if (label in seen) bad("a label twice")
				seen[label] = 1
				if (label == "quantile" && type[current] != "summary") bad("a quantile")
				if (substr(rest, 1, 1) == ",") rest = substr(rest, 2)
			}
			if (substr(rest, 1, 1) != "}") { bad("labels"); next }
			rest = substr(rest, 2)
		}
		if (rest !~ /^ (NaN|[+-]Inf|[+-]?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?)$/) bad("no value")
		if (type[current] == "counter" && rest ~ /^ (-|NaN)/) bad("no value of a counter")
		if (name ~ /_timestamp_seconds$/ && rest !~ /^ [0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]$/)
			bad("no time of these years")
		if (type[current] == "summary") part[current, name] = 1
		series = substr($0, 1, length($0) - length(rest))
		if (series in known) bad("a series twice")
		known[series] = 1
	}
	END {
		for (name in type)
			if (type[name] == "summary" && !((name, name "_sum") in part && (name, name "_count") in part))
				bad("no sum or no count of " name)
		if (!wrong && NR == 0) print "nothing"
	}' "$@"
}
judged() { judge "$1" | head -n 1; }

i=0
while IFS= read -r text; do
	i=$((i + 1))
	printf '%b' "$text" >"$T/bad"
	has "$(judged "$T/bad")" "?*" "the judge refuses example $i"
done <<'EOF'
a 1\n
# HELP a b\n# TYPE a gauge\nb 1\n
# HELP a b\n# TYPE a gauge\na 1\na 2\n
# HELP a b\n# TYPE a gauge\na{x="\\q"} 1\n
# HELP a b\n# TYPE a gauge\na{x="y" 1\n
# HELP a b\n# TYPE a gauge\na one\n
# HELP a b\n# TYPE a counter\na 1\n
# HELP a b\n# TYPE a gauge\na{quantile="0.5"} 1\n
# TYPE a gauge\na 1\n
# HELP a b\n# TYPE a summary\na{quantile="0.5"} 1\na_sum 1\n
# HELP a_count b\n# TYPE a_count gauge\na_count 1\n
# HELP a_ms b\n# TYPE a_ms gauge\na_ms 1\n
# HELP a_timestamp b\n# TYPE a_timestamp gauge\na_timestamp 1795898783\n
# HELP a_timestamp_seconds b\n# TYPE a_timestamp_seconds gauge\na_timestamp_seconds 30000\n
# HELP a b\n# TYPE a gauge\n# HELP b b\n# TYPE b gauge\nb 1\na 1\n
EOF

# --- no state file ------------------------------------------------------------------------------
missing="sikka-status: $DB: there is no state file there*"
for arguments in "" "-F table" "--writebacks" "--writebacks 3"; do
	# shellcheck disable=SC2086 # words are wanted
	status $arguments
	has "$code $(out)$(err)" "78 $missing" "a missing database is missed: $arguments"
done
[ -e "$DB" ] || [ -e "$DB.lock" ]
is $? 1 "and none is made, nor a lock file"
status --metrics
has "$code $(err)" "78 $missing" "a missing database is missed: --metrics"
has "$(judged "$T/out") $(out)" " *
sikka_troubles{trouble=\"state_unreadable\",severity=\"unknown\"} 1
*" "and the metrics say so"
is "$(grep -c office_id "$T/out")" 0 "with nothing of what can't be known"
status --check
has "$code $(out)" "3 SIKKA UNKNOWN - $DB: there is no state file there*" "the check can't know"
: >"$DB"
chmod 600 "$DB"
status
has "$code $(err)" "78 *: the state file is empty*" "an empty one is missed as well"
fresh
rm "$DB"
status --check
has "$code $(out)" "2 SIKKA CRITICAL - $DB is missing or empty, and $DB.lock *run: sikka-sweep --after-restore" "one that was there is gone"
status --metrics
has "$code $(out)" "78 *
sikka_troubles{trouble=\"state_file_lost\",severity=\"critical\"} 1
*" "as the metrics say"
rm -f "$DB".*
DB=$T/no/such/folder/sikka.db
status
has "$code $(err)" "78 *$DB: there is no state file there*" "nor is its folder"
DB=$T/sikka.db

# --- usage --------------------------------------------------------------------------------------
for wrong in "--writebacks --metrics" "--metrics --check" "--writebacks --check" "--state pending" \
	"--since 1h" "--with-body" "3" "--check 3" "--writebacks --state lost" "--writebacks --since long" \
	"--writebacks x" "--writebacks 0" "--writebacks -- -1" "--writebacks 1x" "--writebacks 99999999999999999999" \
	"--max-age poll=1h" "--check --max-age poll" "--check --max-age poll=1" "--check --max-age poll=long" \
	"--check --max-age pol=1h" "--check --max-age =1h" "--doctor" "-n" "-F xml"; do
	# shellcheck disable=SC2086 # words are wanted
	status $wrong
	is "$code $(wc -l <"$T/err" | tr -d ' ') $(out)" "64 1 " "wrong usage: $wrong"
done
status --help
has "$code $(out)" "0 usage: sikka-status *--check*" "help"
status --version
is "$code $(out)" "0 sikka-status $(sed -n 's/^#define SK_VERSION "\(.*\)"/\1/p' lib/base/version.h)" "version"

# --- a known state ------------------------------------------------------------------------------
fresh
office D1 active 20000
office D2 active 30000
office D3 revoked ""
sql "UPDATE pms_integrations SET last_error = 'no' || char(27) || '[31m|luck' WHERE office_id = 'D2';
	INSERT INTO practices (office_id, practice_id, status) VALUES
	    ('D1', '1', 'active'), ('D1', '2', 'active'), ('D2', '1', 'revoked')"
row 1 D1 pending 5
row 2 D1 pending 300
row 3 D1 pending 1800
row 4 D2 pending 7200
row 5 D2 pending 30000
row 6 D1 queued 1
row 7 D1 submitting 2
row 8 D2 unknown 60 "unknown_at = $(ago 50)"
row 9 D1 completed 3600 "writeback_id = 'w9', took_ms = 10000, completed_at = strftime('%Y-%m-%dT%H:%M:%fZ', submitted_at, '+10 seconds')"
row 10 D1 completed 3600 "writeback_id = 'w10', took_ms = 20000, completed_at = strftime('%Y-%m-%dT%H:%M:%fZ', submitted_at, '+20 seconds')"
row 11 D1 completed 3600 "writeback_id = 'w11', took_ms = 30000, completed_at = strftime('%Y-%m-%dT%H:%M:%fZ', submitted_at, '+30 seconds')"
row 12 D2 completed 3600 "writeback_id = 'w12', took_ms = 60000, completed_at = strftime('%Y-%m-%dT%H:%M:%fZ', submitted_at, '+60 seconds')"
row 13 D1 completed 90000 "writeback_id = 'w13', took_ms = 70000, completed_at = strftime('%Y-%m-%dT%H:%M:%fZ', submitted_at, '+70 seconds')"
row 14 D1 completed 3600 "writeback_id = 'w14', took_ms = 999000, unknown_at = $(ago 3000), completed_at = $(ago 9)"
row 15 D1 failed 3600 "error_code = 'API4001', completed_at = $(ago 3599)"
row 16 D2 withdrawn 3600 "withdraw_reason = 'person', withdrawn_at = $(ago 99), completed_at = $(ago 99)"
count_anew
cp "$DB" "$T/known"
cp "$DB.lock" "$T/known.lock"

status
is "$code $(json '[.offices[] | [.office_id, .status, .practices, .expires_in > 19000, .token_expiry != null]]')" \
	'0 [["D1","active",2,true,true],["D2","active",0,true,true],["D3","revoked",0,false,false]]' "the offices"
is "$(json '.offices[2] | [.expires_in, .last_error]')" "[null,null]" "no key is null"
is "$(json .writebacks)" '{"queued":1,"submitting":1,"pending":5,"unknown":1}' "what lives"
is "$(json .pending_by_age)" '{"under_1m":1,"under_10m":1,"under_1h":1,"under_6h":1,"over_6h":1}' "by age, each once"
is "$(json .last_day)" \
	'{"completed":5,"failed":1,"withdrawn":1,"median_seconds":25,"slowest_seconds":60}' \
	"the last day: times without what was in doubt"
is "$(json .outbox)" '{"undelivered":0,"set_aside":0}' "the outbox"
is "$(wc -l <"$T/out" | tr -d ' ')" 1 "all in one line"
is "$(grep -c 'thesecret\|therequestkey\|Ann' "$T/out")" 0 "and neither keys nor patients in it"
status -F json
is "$code $(json '[length, (.[0].offices | length)]')" "0 [1,3]" "json is an array of it"
status -O D2
is "$code $(json '[(.offices | map(.office_id)), .writebacks.pending, .last_day.completed, .last_day.slowest_seconds]')" \
	'0 [["D2"],2,1,60]' "one office"
status -O D1 -O D2
is "$code $(json '[(.offices | length), .writebacks.pending]')" '0 [2,5]' "two offices"
status -O D9
is "$code $(json .offices) $(err)" "0 [] sikka-status: office D9 isn't known here: sikka-status shows those that are" "an office that isn't known is told of"
status -q -O D9
is "$code $(err)" "0 " "unless -q"

status -F table
is "$code $(err)" "0 " "a table"
has "$(out)" "*D1      active       5.* h left          2          not known
*D2      active       8.* h left          0          not known      no\\\\x1b\[31m|luck
*D3      revoked      no key              0          not known
*" "aligned, and what others wrote can't drive the terminal"
has "$(out)" "*  pending              5
  unknown              1
*  over 6 h             1
*  median time       25 s
  slowest           60 s
*" "with the numbers"
is "$(grep -c "$(printf '\033')" "$T/out")" 0 "no colours into a file"
if script -qec true /dev/null >"$T/tty" 2>&1 </dev/null; then
	run="TERM=xterm '$BIN/sikka-status' -D '$DB' -F table"
	clean script -qec "$run" /dev/null >"$T/tty" </dev/null
	is "$(grep -c "$(printf '\033\\[1mOffices\033\\[0m')" "$T/tty")" 1 "colours on a terminal"
	clean script -qec "NO_COLOR=1 $run" /dev/null >"$T/tty" </dev/null
	is "$(grep -c "$(printf '\033')" "$T/tty")" 0 "none with NO_COLOR"
fi

# --- records ------------------------------------------------------------------------------------
ids() { jq -r .id "$T/out" | tr '\n' ' '; }
status --writebacks
is "$code $(ids)" "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 " "all records, newest last"
is "$(jq -r 'select(.id == "9") | keys_unsorted | join(" ")' "$T/out")" \
	"id key duplicate writeback_id office_id practice_id operation method endpoint result error_code error_message created_id appointment_sr_no submitted_at completed_at last_checked_at check_count attempts" \
	"the members of a record"
is "$(grep -c Ann "$T/out")" 0 "no body unless asked for"
status --writebacks --with-body 9
is "$code $(json '[.id, .writeback_id, .result, .body.firstname]')" '0 ["9","w9","completed","Ann"]' "one with its body"
status --writebacks --state unknown --state failed
is "$code $(ids)" "0 8 15 " "two states"
status --writebacks --state completed
is "$code $(ids)" "0 9 10 11 12 13 14 " "completed ones"
status --writebacks --since 10m
is "$code $(ids)" "0 1 2 6 7 8 " "lately"
status --writebacks --since 1s
is "$code $(ids)" "0 " "within a second"
status --writebacks --since 2h --state completed -O D2
is "$code $(ids)" "0 12 " "all conditions hold together"
status --writebacks -O D2
is "$code $(ids)" "0 4 5 8 12 16 " "those of an office"
status --writebacks 12 99 3 12 98
is "$code $(ids)" "65 3 12 " "named ones, each once; those that aren't there are 65"
is "$(err)" "sikka-status: there is no request 99 in the state file: sikka-status --writebacks shows those that it has
sikka-status: there is no request 98 in the state file: sikka-status --writebacks shows those that it has" "and are named"
status --writebacks --state pending 9
is "$code $(ids)$(err)" "0 " "one that another condition leaves out is there all the same"
status --writebacks -F table 8
is "$code $(line 1)" \
	"0 id  key  duplicate  writeback_id  office_id  operation         result   error_code  error_message  created_id  appointment_sr_no  submitted_at" \
	"as a table"
sql "INSERT INTO pms_writebacks (office_id, operation, method, endpoint, result, queued_at)
	WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2500)
	SELECT 'D1', 'raw', 'POST', '/x', 'queued', $(ago 1) FROM c"
status --writebacks
is "$code $(wc -l <"$T/out" | tr -d ' ') $(jq -s 'map(.id | tonumber) | . == (sort | unique)' "$T/out")" "0 2516 true" \
	"more than are read at once"

# --- metrics ------------------------------------------------------------------------------------
cp "$T/known" "$DB"
cp "$T/known.lock" "$DB.lock"
office "D\"4\\" new ""
metric() { grep -v '^#' "$T/out" | grep -F "$1 " | sed 's/.* //'; }
status --metrics
is "$code $(judged "$T/out") $(err)" "0  " "the metrics are well-formed"
is "$(metric 'sikka_writebacks{office_id="D1",result="pending"}')" 3 "living ones"
is "$(metric 'sikka_writebacks{office_id="D2",result="unknown"}')" 1 "unknown ones"
is "$(metric 'sikka_writebacks{office_id="D3",result="unknown"}')" 0 "0 where there are none"
is "$(metric 'sikka_writebacks_ended_total{office_id="D1",result="completed"}')" 5 "ended ones of all time"
is "$(metric 'sikka_writebacks_ended_total{office_id="D1",result="failed"}')" 1 "failed"
is "$(metric 'sikka_writebacks_ended_total{office_id="D2",result="withdrawn"}')" 1 "withdrawn"
# since METRIC SECONDS: the moment is that many seconds ago, or ahead, give or take a minute
since() { [ $(($(metric "$1") - $(date +%s) - $2)) -ge -60 ] && [ $(($(metric "$1") - $(date +%s) - $2)) -le 60 ] && echo at_that_time; }
is "$(since 'sikka_oldest_pending_timestamp_seconds{office_id="D2"}' -30000)" at_that_time "when the oldest was sent"
is "$(grep -c 'sikka_oldest_pending_timestamp_seconds{office_id="D3"}' "$T/out")" 0 "none where none is pending"
is "$(since 'sikka_token_expiry_timestamp_seconds{office_id="D1"}' 20000)" at_that_time "when a key ends"
is "$(grep -c 'sikka_token_expiry_timestamp_seconds{office_id="D3"}' "$T/out")" 0 "none where there is no key"
is "$(since sikka_written_timestamp_seconds 0)" at_that_time "when this was written"
is "$(metric 'sikka_max_age_seconds{task="sweep"}') $(metric 'sikka_max_age_seconds{task="backup"}')" "900 259200" "when tasks are late"
is "$(grep -c '^sikka_max_age_seconds' "$T/out")" 5 "those that are judged"
is "$(metric 'sikka_troubles{trouble="unknown",severity="warning"}')" 1 "a trouble"
is "$(metric 'sikka_troubles{trouble="older_copy",severity="critical"}')" 0 "one that there isn't"
is "$(metric 'sikka_office_status{office_id="D3",status="revoked"}')" 1 "a status"
is "$(metric 'sikka_office_status{office_id="D\"4\\",status="new"}')" 1 "an awkward name is escaped"
is "$(metric 'sikka_completion_seconds{quantile="0.5"}')" 25.000 "the median"
is "$(metric 'sikka_completion_seconds{quantile="0.9"}')" 51.000 "the 0.9-quantile"
is "$(metric 'sikka_completion_seconds{quantile="0.99"}')" 59.100 "the 0.99-quantile"
is "$(metric sikka_completion_seconds_sum) $(metric sikka_completion_seconds_count)" "190.000 5" "their sum and count, ever"
is "$(metric sikka_outbox_events) $(metric sikka_outbox_set_aside)" "0 0" "the outbox"
is "$(grep -c '^sikka_build_info{version="[0-9.]*"} 1$' "$T/out")" 1 "the version"
is "$(grep -c 'thesecret\|therequestkey\|Ann\|luck' "$T/out")" 0 "no secrets"
status --metrics -O D2 --max-age sweep=1h --max-age notify=2d
is "$code $(judged "$T/out") $(grep -c 'D1' "$T/out")" "0  0" "of one office"
is "$(metric sikka_completion_seconds_sum) $(metric sikka_completion_seconds_count)" "60.000 1" "with the times of its own"
is "$(metric 'sikka_max_age_seconds{task="sweep"}') $(metric 'sikka_max_age_seconds{task="notify"}')" "3600 172800" "ages that were named"
status --metrics -F json
is "$code $(judged "$T/out")" "0 " "whatever the format"

# into a file
mkdir "$T/node"
(umask 077; clean "$BIN/sikka-status" -D "$DB" --metrics="$T/node/sikka.prom" >"$T/out" 2>"$T/err")
is "$? $(out)$(err) $(judged "$T/node/sikka.prom") $(stat -c %a "$T/node/sikka.prom") $(ls -A "$T/node")" "0   644 sikka.prom" "a file that all may read"
ln "$T/node/sikka.prom" "$T/earlier"
status --metrics="$T/node/sikka.prom" -O D1
is "$code $(grep -c D2 "$T/earlier" | sed 's/[1-9][0-9]*/some/') $(grep -c D2 "$T/node/sikka.prom") $(ls -A "$T/node")" "0 some 0 sikka.prom" "who reads the earlier one has all of it"
mv "$DB" "$T/away"
status --metrics="$T/node/sikka.prom"
has "$code $(cat "$T/node/sikka.prom")" "78 *
sikka_troubles{trouble=\"state_file_lost\",severity=\"critical\"} 1
*" "it also tells that the state file is gone"
mv "$T/away" "$DB"
ln -s node/sikka.prom "$T/link.prom"
status --metrics="$T/link.prom"
has "$code $(err) $(ls -A "$T/node") $(readlink "$T/link.prom")" "73 *link.prom is a link: name a plain file sikka.prom node/sikka.prom" "no link is replaced"
status --metrics="$T/node"
has "$code $(err)" "73 *is no plain file: *" "nor a folder"
status --metrics="$T/none/sikka.prom"
has "$code $(err)" "73 *can't write beside *" "nor is a folder made"
status --metrics "$T/node/sikka.prom"
has "$code $(err)" "64 *; did you mean --metrics=*" "the file is part of the option"
status --metrics=
is "$code" 64 "and has a name"

# Ends that no row shows any more: of requests that were sent again, or taken out.
sql "INSERT INTO ends VALUES ('D1', 1, 2, 3, 4, 1, 500)"
status --metrics
is "$(metric 'sikka_writebacks_ended_total{office_id="D1",result="completed"}') $(metric 'sikka_writebacks_ended_total{office_id="D1",result="failed"}')" \
	"7 4" "they count as well"
is "$(metric sikka_completion_seconds_sum) $(metric sikka_completion_seconds_count)" "190.500 6" "with their times"

# --- the check ----------------------------------------------------------------------------------
check() { # exit code, pattern of the line, what
	status --check
	has "$code $(out)" "$1 $2" "check: $3"
	is "$(line 1 | tr -cd '|') $(tr -cd '|' <"$T/out") $(err)" "| | " "check: the first line has the only bar"
	is "$(sed 1d "$T/out" | grep -cvE '^(CRITICAL|WARNING|UNKNOWN) - ')" 0 "check: each other line is a trouble"
}
event() { # kind, seconds ago, set aside, delivered
	sql "INSERT INTO events (happened_at, kind, office_id, outbox, set_aside_at, delivered_at)
	    VALUES ($(ago "$2"), '$1', 'D1', 1, ${3:-NULL}, ${4:-NULL})"
}
fresh
office D1 active 20000
check 0 "SIKKA OK - 1 office, 0 requests pending, none unknown | pending=0;;;0 unknown=0;;;0 *" "all is well"
row 1 D1 pending 100
check 0 "SIKKA OK - 1 office, 1 request pending* oldest_pending=1[0-9][0-9]s;21600;;0 *" "a pending one"
cp "$DB" "$T/well"
cp "$DB.lock" "$T/well.lock"
row 2 D1 pending 30000
check 1 "SIKKA WARNING - 1 request pending for over 6 h; run: sikka-sweep*sikka-status --writebacks --state pending |*" "pending for long"
cp "$T/well" "$DB"
row 2 D1 unknown 9000 "unknown_at = $(ago 3000)"
check 1 "SIKKA WARNING - 1 request unknown; run: sikka-sweep; * |*unknown=1;*oldest_unknown=3[0-5][0-9][0-9]s;*" "unknown of late"
row 3 D1 unknown 9000 "unknown_at = $(ago 3700)"
check 2 "SIKKA CRITICAL - 2 troubles, the worst: 1 request unknown for over 1 h; run: sikka-sweep; * |*
WARNING - 1 request unknown; *" "unknown for long"
cp "$T/well" "$DB"
row 2 D1 submitting 300
check 0 "SIKKA OK *" "submitting"
row 3 D1 submitting 700
check 1 "SIKKA WARNING - 1 request submitting for over 10 min; run: sikka-sweep; * |*" "left by a process that died"
row 4 D1 submitting 4000
check 2 "SIKKA CRITICAL - 2 troubles, the worst: 1 request submitting for over 1 h; * |*
WARNING - 1 request submitting for over 10 min; *" "and nobody came"
for gone in reauthorize revoked; do
	cp "$T/well" "$DB"
	office D2 $gone ""
	case $gone in
	reauthorize) words="offices must authorize the application again: D2; then run: sikka-authorize" ;;
	*) words="offices withdrew their authorization: D2; * sikka-authorize --forget OFFICE; *" ;;
	esac
	check 1 "SIKKA WARNING - $words |*" "$gone with nothing to do"
	row 2 D2 pending 100
	check 2 "SIKKA CRITICAL - requests wait for offices not authorized: D2; * run: sikka-authorize |*" "$gone with a request"
	status --check -O D1
	has "$code $(out)" "0 SIKKA OK - 1 office, 1 request *" "check: another office is well"
done
cp "$T/well" "$DB"
office D2 new ""
sql "UPDATE pms_integrations SET held_at = $(ago 9) WHERE office_id = 'D2'"
check 0 "SIKKA OK - 2 offices*" "keys that a person has revoked, with nothing to do"
row 2 D2 pending 100
check 2 "SIKKA CRITICAL - requests wait for offices whose keys were revoked here: D2; run: sikka-token -O OFFICE refresh; * |*" "and with a request"
cp "$T/well" "$DB"
row 2 D7 pending 100
check 2 "SIKKA CRITICAL - requests wait for offices not authorized: D7; * |*" "an office that was forgotten"
cp "$T/well" "$DB"
office D2 active 1000
check 1 "SIKKA WARNING - request key expires within 30 min: D2; run: sikka-token refresh |*" "a key near its end"
for i in 3 4 5 6 7; do office D$i active -10; done
check 2 "SIKKA CRITICAL - 2 troubles, the worst: request key expired: D3, D4, D5 and 2 more; run: sikka-token refresh |*
WARNING - request key expires within 30 min: D2; *" "keys that have ended"
cp "$T/well" "$DB"
event failed 100000
check 0 "SIKKA OK *undelivered=1;*" "an outbox that nobody uses"
sql "UPDATE events SET tries = 1"
check 1 "SIKKA WARNING - 1 event undelivered, the oldest for 27.* h; run: sikka-sweep --notify COMMAND |*" "one whose command never got anything through"
cp "$T/well" "$DB"
event failed 3700
event failed 100000 NULL "$(ago 9)"
check 1 "SIKKA WARNING - 1 event undelivered, *" "one that is used, and stands still for an hour"
cp "$T/well" "$DB"
event failed 100 NULL "$(ago 9)"
event failed 100
check 0 "SIKKA OK *undelivered=1;*" "an event that waits since a minute"
event failed 100 "$(ago 5)" "$(ago 1)"
check 0 "SIKKA OK *set_aside=0;*" "one that was set aside and acknowledged"
event failed 100 "$(ago 5)"
check 2 "SIKKA CRITICAL - 1 event set aside, *; *sikka-sweep --redeliver --notify COMMAND; *sikka-sweep --ack ID |*set_aside=1;*" "one that was set aside"
status --check -O D9
is "$code $(out)" "3 SIKKA UNKNOWN - office D9 isn't known here: sikka-status shows those that are" "check: of nothing known nothing is well"
cp "$T/well" "$DB"
office 'D|
2' active 500
status --check
is "$code $(out | sed 's/ | .*//')" "1 SIKKA WARNING - request key expires within 30 min: D/\\x0a2; run: sikka-token refresh" "check: an awkward name breaks no line"

# --- what can't be read, what can't be written --------------------------------------------------
cp "$T/well" "$DB"
chmod 644 "$DB"
for mode in "" --writebacks --metrics; do
	# shellcheck disable=SC2086 # may be none
	status $mode
	has "$code $(grep -v '^#\|^sikka_[tmwb]' "$T/out")$(err)" "77 sikka-status: *chmod 600 $DB" "others can read it: 77 ${mode:-overview}"
done
status --check
has "$code $(out)" "3 SIKKA UNKNOWN - other users may read*chmod 600 *" "check: 3"
is "$(err)" "" "check: and nothing else is said"
chmod 600 "$DB"
DB=$T/foreign
sql "CREATE TABLE t (x)"
chmod 600 "$DB"
for mode in "" --writebacks --metrics; do
	# shellcheck disable=SC2086 # may be none
	status $mode
	is "$code $(grep -v '^#\|^sikka_[tmwb]' "$T/out")$(err)" "78 sikka-status: $DB is not a sikka database: it is another program's; name the right file with --db" "not ours: 78 ${mode:-overview}"
done
status --check
has "$code $(out)" "3 SIKKA UNKNOWN - $DB is not a sikka database: *" "check: 3"
printf 'nonsense\n' >"$T/config"
DB=$T/sikka.db
clean SIKKA_CONFIG="$T/config" "$BIN/sikka-status" -D "$DB" >"$T/out" 2>"$T/err"
is "$?" 78 "a wrong configuration: 78"
clean SIKKA_CONFIG="$T/config" "$BIN/sikka-status" -D "$DB" --check >"$T/out" 2>"$T/err"
has "$? $(out)" "3 SIKKA UNKNOWN - *config*" "check: 3"
cp "$T/known" "$DB"
cp "$T/known.lock" "$DB.lock"
for mode in "" "-F table" --writebacks --metrics; do
	if [ -c /dev/full ]; then
		# shellcheck disable=SC2086 # words are wanted
		clean "$BIN/sikka-status" -D "$DB" $mode >/dev/full 2>"$T/err"
		is "$? $(wc -l <"$T/err" | tr -d ' ')" "74 1" "a full disk: 74 ${mode:-overview}"
	fi
	rm -f "$T/pipe"
	mkfifo "$T/pipe"
	# shellcheck disable=SC2094 # so that a writer doesn't wait for a reader, nor has one
	exec 4<>"$T/pipe" 3>"$T/pipe" 4<&-
	# shellcheck disable=SC2086
	clean "$BIN/sikka-status" -D "$DB" $mode >&3 2>"$T/err"
	is "$? $(err)" "0 " "a closed pipe is quiet: ${mode:-overview}"
	exec 3>&-
done
[ ! -c /dev/full ] || {
	cp "$T/well" "$DB"
	cp "$T/well.lock" "$DB.lock"
	clean "$BIN/sikka-status" -D "$DB" --check >/dev/full 2>"$T/err"
	is $? 74 "check: a full disk"
}

# --- no network ---------------------------------------------------------------------------------
if command -v ldd >/dev/null; then
	is "$(ldd "$BIN/sikka-status" | grep -c curl)" 0 "libcurl isn't loaded"
fi

# --- sikka-records(5) -----------------------------------------------------------------------------
is "$(tests/hold-records man/schemas "$T/kept" 2>&1; echo "$?")" 0 "the records are those of sikka-records(5)"
echo "1..$n"
