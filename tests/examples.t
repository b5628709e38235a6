#!/bin/sh
# SPDX-License-Identifier: MIT
# Every example of every manual page and of the README, as a newcomer pastes it, where only loopback answers

# A network of its own, with nothing but loopback; where that isn't allowed, a proxy that isn't there for all else.
if [ -z "${SIKKA_TEST_CLEAN:-}${SIKKA_ALONE:-}" ] && unshare -rn true 2>/dev/null; then
	export SIKKA_ALONE=1
	# SIOCSIFFLAGS: lo, up and running
	# shellcheck disable=SC2016 # perl's variables
	exec unshare -rn perl -MSocket -e '
	    socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die "socket: $!\n";
	    my $up = pack("a16s x16", "lo", 0x41);
	    ioctl($socket, 0x8914, $up) or die "lo: $!\n";
	    exec "sh", @ARGV' "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"

command -v bash >/dev/null || { echo "1..0 # SKIP bash is not installed"; exit 0; }
export https_proxy=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9 no_proxy=127.0.0.1,localhost
! curl -sS -m 5 https://api.sikkasoft.com/ >"$T/out" 2>&1
ok $? "the vendor's server can't be reached"

# What isn't run: the page, how its first line begins, and why. A block of text is listed as a whole.
# shellcheck disable=SC2016 # as the pages have it
NOT_RUN='
sikka-authorize|$ sikka-authorize --setup|it asks at a terminal: setup.t
README|$ sikka-authorize --setup|it asks at a terminal: setup.t
sikka-api|{"offset":|part of an answer
sikka-api|{"http_code":|an answer
sikka-api|{"grant_type":|the body of a request
sikka-api|{"href":|an answer
sikka-config|name = value|the form of a line
sikka-config|# the practice network|a config file
sikka-config|app_key_command =|a line of a config file
sikka-config|pms =|a line of a config file
sikka-fleet|share = 2/5|a line of a config file
sikka-fleet|podman build|it needs podman and Kubernetes: kubernetes.t runs what the container runs
sikka-fleet|for host in 1 2|it needs five hosts: system.t types it
sikka-fleet|STATE_DIRECTORY=|it goes on until it is stopped: run-all.t
sikka-fleet|sikka-authorize --import|begins the state file of another host; hand-over.t does it
sikka-fleet|sikka-sweep --export-office OFFICE|needs a second host; hand-over.t does it
sikka-get|#!/bin/sh|scripts: webhook.t runs them
sikka-sim|METHOD PATH|the form of a rule
sikka-status|SIKKA |what the command writes
sikka-status|$ sikka-status --watch|it draws on a terminal: glance.t
sikka|sending: 340 of 2000|a line on a terminal
sikka|systemd-sysusers|it needs systemd and root: system.t tries the units that it names
sikka|sikka-book: stopped by|what a command writes after a signal
sikka|sikka-book: line 1: colour|a warning
README|$ scripts/|setup is the first step of scripts/check, demo another
README|$ make|build.t builds and installs
README|$ apt install|tests/package tries the package
README|$ build/bin/sikka --sandbox|sandbox.t
README|sikka-authorize   record|a table
README|your program|a picture
README|a booking ---|a picture
README|tutorial    |a table
'
list=$(printf '%s' "$NOT_RUN" | sed '/^$/d')
: >"$T/used"
is_listed() { # PAGE FIRST-LINE
	found=$(printf '%s\n' "$list" | while IFS='|' read -r of begins why; do
		case $2 in "$begins"*) [ "$of" != "$1" ] || echo "$of|$begins|$why" ;; esac
	done | head -n 1)
	[ -n "$found" ] && printf '%s\n' "$found" >>"$T/used"
}

# --- what the pages have --------------------------------------------------------------------------

# The literal text of a page's source: a file for each block in the folder $2, numbered.
blocks_of_page() {
	awk -v folder="$2" '
	function text(line) { gsub(/\\e/, "\\", line); gsub(/\\-/, "-", line); gsub(/\\&/, "", line); return line }
	function begin() { n++; file = sprintf("%s/%03d", folder, n) }
	/^\.Bd -(literal|unfilled)/ { begin(); on = 1; next }
	/^\.Ed/ { on = 0; next }
	on && /^\./ { print "a macro in a literal block: " $0 >(folder "/macro"); next }
	on { print text($0) >file; next }
	/^\.Dl / { begin(); print text(substr($0, 5)) >file }' "$1"
}
# The same of the README: what is indented by four blanks, behind an empty line.
blocks_of_readme() {
	awk -v folder="$2" '
	/^    / && blank && !on { n++; on = 1 }
	/^    / && on { print substr($0, 5) >sprintf("%s/%03d", folder, n); next }
	{ on = 0; blank = !NF || /^-+$/ }' "$1"
}
# A block is text, or commands and lines of a crontab: a file for each, N.sh or N.cron. A command goes on over lines
# that are indented. Prints what stands before the first of them.
pieces() { # BLOCK FOLDER
	awk -v folder="$2" '
	/^\$ / { n++; kind = ".sh"; print substr($0, 3) >(file = sprintf("%s/%02d%s", folder, n, kind)); next }
	/^[*0-9][-*0-9,\/]*( +[*0-9][-*0-9,\/]*)( +[*0-9][-*0-9,\/]*)( +[*0-9][-*0-9,\/]*)( +[*0-9][-*0-9,\/]*) +[^ ]/ {
		n++; print >(file = sprintf("%s/%02d.cron", folder, n)); next }
	/^ / && n { print >file; next }
	{ print }' "$1"
}
# What a line of a crontab has to be; prints what is wrong with it.
check_crontab() {
	awk '
	function check(field, low, high,    parts, i, n, ends) {
		n = split(field, parts, ",")
		for (i = 1; i <= n; i++) {
			sub(/\/[0-9]+$/, "", parts[i])
			if (parts[i] == "*")
				continue
			split(parts[i] "-" parts[i], ends, "-")
			if (ends[1] !~ /^[0-9]+$/ || ends[2] !~ /^[0-9]+$/ || ends[1] < low || ends[2] > high)
				print "field " field
		}
	}
	{
		check($1, 0, 59); check($2, 0, 23); check($3, 1, 31); check($4, 1, 12); check($5, 0, 7)
		gsub(/\\%/, "")
		if (/%/)
			print "a percent sign without a backslash"
	}' "$1"
}

# --- where they are run ---------------------------------------------------------------------------

mkdir "$T/stubs" "$T/blocks"
for stub in mail logger sendmail; do
	printf '#!/bin/sh\necho "$@" >>%s\nexec cat >>%s\n' "$T/$stub.args" "$T/$stub" >"$T/stubs/$stub"
done
# The practices of this test answer at once.
printf '#!/bin/sh\nexec %s/bin/sikka-sim "$@" --delay 0:0\n' "$BUILD" >"$T/stubs/sikka-sim"
chmod +x "$T"/stubs/*
PATH=$T/stubs:$PATH
BARE_PATH=$T/stubs:$BUILD/bin:/usr/local/bin:/usr/bin:/bin
unset SIKKA_APP_ID SIKKA_APP_KEY SIKKA_DB
export TMPDIR="$T"

# The block that makes a sandbox, from its page: the settings, the state file and the folder are its own.
blocks_of_page "$TOP/man/sikka-sim.1" "$T/blocks"
grep -l '^export SIKKA_BASE_URL=' "$T"/blocks/* >"$T/sandbox.name"
SANDBOX=$(cat "$T/sandbox.name")
is "$(grep -c . "$T/sandbox.name")" 1 "sikka-sim(1) has a block that makes a sandbox"
cp "$SANDBOX" "$T/sandbox"

# make_sandbox: pastes it. W is its folder.
make_sandbox() {
	cd "$T" || exit 1
	. "$T/sandbox" >"$T/sandbox.out" 2>"$T/sandbox.err"
	sandbox_code=$? SIM_PID=$! W=$PWD SIM=${SIKKA_BASE_URL%/v4}/_sim
	sim_pids="$sim_pids $SIM_PID"
	export SIM
}

# What there is when an example is run: some files, and a completed request with number 1. The config file is for cron,
# whose environment is nearly empty.
prepare() { # PAGE
	make_sandbox
	mkdir -p "$W/queue" "$W/var/backups" "$W/var/lib/node_exporter" "$W/.config/sikka"
	printf '%s\n' "base_url = $SIKKA_BASE_URL" "app_id = sikka-sim-app" "app_key_file = ~/.config/sikka/key" "db = ~/sikka.db" >"$W/.config/sikka/config"
	(umask 077 && echo sikka-sim-key >"$W/.config/sikka/key")
	booking key=web-1001 >bookings.jsonl
	booking key=web-1002 time=10:00 >>bookings.jsonl
	booking time=11:00 >queue/first.json
	booking time=11:30 >booking.json
	printf '\357\273\277lastname,firstname,note\r\n"Smith","Ada","born Byron, twice"\r\n Brown ,"Zoë ""Z""",\r\n\r\n' >new.csv
	echo old >all.jsonl
	booking time=12:00 key=first | sikka-book --wait=1m >"$T/prepared" 2>&1
	case $1 in
	sikka-status)
		booking time=13:00 key=order-4711 | sikka-book --wait=1m >"$T/prepared" 2>&1
		jq -cn '{office_id: "D36225", practice_id: "1", operation: "update_appointment_status",
		    appointment_sr_no: "89", value: "Cancelled"}' | sikka-book --wait=1m >"$T/prepared" 2>&1
		;;
	esac
	case $1 in sikka-sweep | sikka-trouble) ;; *) return 0 ;; esac
	# number 2 is pending, number 3 unknown
	sim_post 'office?office_id=D20006&spu=offline'
	booking office_id=D20006 staff=1 type=1 | sikka-book >"$T/prepared"
	sim_fault 'POST /appointment@1=drop-before'
	booking time=14:00 | sikka-book >"$T/prepared" 2>&1
}

# Exit codes that an example may end with. While something is unknown a sweep ends with 2.
allowed() { # PAGE
	case $1 in
	sikka-sweep) echo "0 2" ;;
	sikka-doctor) echo "0 1" ;; # no cron runs anything here
	sikka-trouble) echo "0 1 2" ;;
	*) echo 0 ;;
	esac
}

# run_piece FILE: in a shell that reports a failure of any command in a pipeline; a line of a crontab as cron runs it.
# Nothing outside of the folder is written, and what is installed is looked for in the sources.
run_piece() {
	sed "s#\([ =>]\)/var/#\1$W/var/#g; s#/usr/local/share/doc/sikka/#$TOP/scripts/#g; s#^\(export \)\{0,1\}PATH=#: #" "$1" >"$T/piece"
	case $1 in
	*.cron)
		sed -i 's/^\([^ ]* *\)\{5\}//; s/\\%/%/g' "$T/piece"
		(cd "$W" && env -i HOME="$W" PATH="$BARE_PATH" SHELL=/bin/sh LD_PRELOAD="$LD_PRELOAD" SIKKA_SHIFT="$SIKKA_SHIFT" \
		    ASAN_OPTIONS="$ASAN_OPTIONS" timeout "$PATIENCE" sh "$T/piece" </dev/null)
		;;
	*) (cd "$W" && HOME=$W timeout "$PATIENCE" bash -o pipefail "$T/piece" </dev/null) ;;
	esac >"$T/out" 2>"$T/err"
}

try_piece() { # PAGE FILE
	first=$(head -n 1 "$2")
	what="$1: $(sed 's/^ */ /' "$2" | tr -d '\n\134' | cut -c 1-90)"
	case $2 in
	*.cron) is "$(check_crontab "$2")" "" "$what: cron understands it" ;;
	*) ! is_listed "$1" "\$ $first" || return 0 ;;
	esac
	# A pipeline has the exit code of its last command.
	unlike "$(grep -v -e ' -n' -e ' --follow' "$2" | tr '\n' ' ')" 'sikka-(book|poll|sweep) .*\| *(jq|grep|head|tail|tee) ' \
	    "$what: no exit code that matters is lost in a pipe"
	sh -n "$2" 2>"$T/err" || case $2 in *.cron) ;; *) ok 1 "$what: sh understands it" ;; esac
	# In the shell into which the sandbox was pasted.
	if [ "$first" = 'kill $!' ]; then eval "$first" >"$T/out" 2>"$T/err"; else run_piece "$2"; fi
	code=$?
	case " $(allowed "$1") " in *" $code "*) true ;; *) false ;; esac
	ok $? "$what"
	case " $(allowed "$1") " in *" $code "*) ;; *) { echo "exit $code"; cat "$T/out" "$T/err"; } | sed 's/^/#   /' ;; esac
	unlike "$(cat "$T/err")" 'Sanitizer|: not found$|parse error|[Cc]ould not resolve|unreachable|api\.sikkasoft|unbound' \
	    "$what: nothing strange on stderr"
}

# try_blocks PAGE: each in the folder $T/blocks.
try_blocks() {
	for block in "$T"/blocks/*; do
		[ -e "$block" ] || continue
		rm -rf "$T/pieces"
		mkdir "$T/pieces"
		pieces "$block" "$T/pieces" >"$T/text"
		if [ -s "$T/text" ] && ! cmp -s "$block" "$T/sandbox"; then
			first=$(head -n 1 "$T/text")
			is_listed "$1" "$first" || case $(cat "$T/text") in *'export SIKKA_BASE_URL='*) true ;; *) false ;; esac
			ok $? "$1: $first: it is run, or listed here with the reason"
		fi
		for piece in "$T"/pieces/*; do [ ! -e "$piece" ] || try_piece "$1" "$piece"; done
	done
}

# answer_of WORDS: what the example of the current page with these words answers.
answer_of() {
	sed 's/^\$ //' "$(grep -l -e "$1" "$T"/blocks/* | head -n 1)" >"$T/asked.sh"
	sh "$T/asked.sh"
}

for page in "$TOP"/man/*.[0-9]; do
	name=${page##*/} name=${name%.*}
	case $name in sikka-runbook | sikka-tutorial) continue ;; esac # runbook.t and tutorial.t type them
	rm -rf "$T/blocks"
	mkdir "$T/blocks"
	blocks_of_page "$page" "$T/blocks"
	prepare "$name"
	try_blocks "$name"
	case $name in
	sikka-authorize)
		is "$(sql 'SELECT group_concat(DISTINCT office_id) FROM pms_integrations')" D36225 "$name: the forgotten office is gone"
		is "$(SIKKA_DB=$W/other/sikka.db sikka-token | jq -r .status | sort -u)" active "$name: the keys were taken along"
		;;
	sikka-book)
		is "$(sql "SELECT result FROM pms_writebacks WHERE key = 'order-4711'")" completed "$name: it was booked"
		is "$(sikka-get -O D36225 appointments appointment_sr_no=87 | jq -r .status)" Cancelled "$name: it was cancelled"
		is "$(sikka-get -O D36225 patients 'find=patient_id=gt_40' | jq -r '.firstname + "/" + .lastname' | sort)" 'Ada/Smith
Zoë "Z"/Brown' "$name: the patients of the list were created as they are called"
		is "$(cd queue && echo ./*.json done/*)" "./web-1001.json done/first.json done/first.json.out" "$name: the queue was worked off, and another file was put into it"
		;;
	sikka-get)
		is "$(wc -l <all.jsonl | tr -d ' ')" 99 "$name: the export has replaced the older one"
		;;
	sikka-sweep)
		is "$(row 2 result) $(row 3 result)" "withdrawn failed" "$name: withdrawn, resolved"
		[ -s "sikka-$(date +%a).db" ]
		ok $? "$name: a copy was made"
		like "$(cat "$T/mail.args")" '^-s sikka root$' "$name: mail was called"
		like "$(cat "$T/mail")" '"event": *"[a-z_]*"' "$name: with the events"
		;;
	sikka-status)
		is "$(answer_of --key | jq -r '"\(.id) \(.appointment_sr_no) \(.body.time)"')" "2 89 13:00" "$name: what was sent for order 4711"
		like "$(answer_of '--appointment 89')" "3 .*queued .*sikka-book .*$(id -un)" "$name: who cancelled appointment 89, and when"
		is "$(answer_of '--patient 7' | jq -r '.[0]' | tr '\n' ' ')" "1 2 " "$name: the patient is booked twice"
		;;
	sikka-sim)
		wait "$SIM_PID"
		is "$?" 0 "$name: the simulator has ended"
		continue
		;;
	esac
	kill "$SIM_PID"
done

# --- what isn't a page ----------------------------------------------------------------------------

prepare crontab
rm -rf "$T/blocks"
mkdir "$T/blocks"
grep -v -e '^#' -e '^$' -e '^[A-Z]*=' "$TOP/scripts/system/cron/crontab.example" >"$T/blocks/1"
try_blocks crontab
is "$(wc -l <"$T/blocks/1" | tr -d ' ')" "$(echo "$T"/pieces/*.cron | wc -w | tr -d ' ')" "crontab.example: its lines were seen"
kill "$SIM_PID"

prepare README
rm -rf "$T/blocks"
mkdir "$T/blocks"
blocks_of_readme "$TOP/README" "$T/blocks"
try_blocks README
is "$(sql "SELECT result FROM pms_writebacks WHERE key = 'order-4711'")" completed "README: it was booked"

# --- the script that sends mail ---------------------------------------------------------------------

sim_fault 'POST /appointment@1=drop-after'
booking date=2031-03-05 | sikka-book >"$T/out" 2>"$T/err"
sikka-sweep -q --notify "$TOP/scripts/system/hooks/notify-mail" >"$T/swept" 2>"$T/err"
is "$?" 0 "notify-mail: each event is taken"
is "$(sort -u "$T/sendmail.args")" "-t" "by sendmail, which reads the address"
like "$(cat "$T/sendmail")" '^To: root$' "of root"
like "$(cat "$T/sendmail")" '^Subject: sikka: [a-z_]+ D36225$' "with a subject"
sim_clear_faults

# --- an export whose list is torn -------------------------------------------------------------------

grep -h 'sikka-get .* && mv ' "$TOP/man/sikka-get.1" >"$T/export.cron"
echo old >all.jsonl
sim_fault 'GET /appointments=short:1'
run_piece "$T/export.cron"
is "$? $(cat all.jsonl)" "76 old" "the export of sikka-get(1) keeps the old file where the list is torn"
sim_clear_faults
run_piece "$T/export.cron"
is "$? $(wc -l <all.jsonl | tr -d ' ')" "0 $(sikka-get -q appointments | wc -l | tr -d ' ')" "and replaces it when it is whole"

# --- a list in CSV that can't be read to its end ----------------------------------------------------

blocks_of_page "$TOP/man/sikka-book.1" "$T/blocks"
recipe=$(grep -l 'csv.DictReader' "$T"/blocks/*)
sed '1s/^\$ //' "$recipe" >"$T/csv.sh"
before=$(sim_writebacks)
printf 'firstname,lastname\nAda,Byron\nJ\374rgen,Byron\n' >new.csv
run_piece "$T/csv.sh"
is "$? $(($(sim_writebacks) - before))" "1 0" "a list in another encoding: nobody is created"
printf 'Firstname;Lastname\nAda;Byron\n' >new.csv
run_piece "$T/csv.sh"
is "$? $(($(sim_writebacks) - before))" "1 0" "other names of columns"
printf 'firstname,lastname\nAda,Byron\nAda\n' >new.csv
run_piece "$T/csv.sh"
is "$? $(($(sim_writebacks) - before))" "1 0" "a row that is too short"

is "$(printf '%s\n' "$list" | sort | uniq | grep -vxF -f "$T/used")" "" "what is listed here as not run is in the pages"
done_testing
