#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual pages: each command has one, its options are those of --help, its exit codes are known ones,
# and every example is run against the simulator: what begins with "$ ", and lines of a crontab.
. "$(dirname "$0")/lib.sh"

command -v mandoc >/dev/null || { echo "1..0 # SKIP mandoc is not installed"; exit 0; }
MAN=$TOP/man
export SIKKA_CONFIG=/dev/null

# --- what the pages say ---------------------------------------------------------------------------

# The lines of a section of a page's source.
section() { # PAGE NAME
	awk -v name="$2" '/^\.Sh / { on = $0 == ".Sh " name; next } on' "$1"
}

# From --help: each line that begins with an option, up to the two blanks in front of its text.
options_of_help() {
	"$1" --help | sed -n 's/^ *\(-.*\)$/\1/p' | sed 's/  .*//' |
	    grep -Eo '(^|[ ,])--?[A-Za-z][a-z-]*' | tr -d ' ,' | sort -u
}

# From the page: ".It Fl q , Fl -quiet".
options_of_page() {
	section "$1" DESCRIPTION | grep '^\.It Fl ' | grep -Eo 'Fl [-A-Za-z]+' | sed 's/^Fl /-/' | sort -u
}

KNOWN='0 1 2 3 64 65 66 69 70 71 73 74 75 76 77 78'

for program in "$BUILD"/bin/sikka-*; do
	name=${program##*/} page=$MAN/${program##*/}.1
	[ -f "$page" ]
	ok $? "$name has a page"
	[ -f "$page" ] || continue
	is "$(options_of_page "$page")" "$(options_of_help "$name")" "$name: the page has the options of --help"
	codes=$(section "$page" 'EXIT STATUS' | sed -n 's/^\.It \([0-9]*\)$/\1/p')
	unknown=
	for code in $codes; do
		case " $KNOWN " in *" $code "*) ;; *) unknown="$unknown $code" ;; esac
	done
	is "$unknown" "" "$name: exit codes are known ones"
	codes=$(echo "$codes" | tr '\n' ' ')
	like "$codes" '^0 (.* )?64( |$)' "$name: among them 0 and 64"
done

# The forms of a synopsis, a line each, in lower case: of the page, and of --help, whose lines are broken.
even() { tr '[:upper:]' '[:lower:]' | sed 's/ *| */|/g; s/  */ /g; s/^ //; s/ $//'; }
forms_of_page() {
	mandoc -T ascii -O width=1000 "$1" | sed "s/.$(printf '\b')//g" |
	    awk '/^[A-Z]/ { on = /^SYNOPSIS/; next } on && NF' | even
}
forms_of_help() { # PROGRAM
	"$1" --help | awk -v name=" ${1##*/} " '
		NF == 0 { print form; exit }
		index($0, name) == 7 { if (NR > 1) print form; form = substr($0, 8); next }
		{ form = form " " $0 }' | even
}
# The options of --help that its synopsis lacks, with their arguments. -h and -V never stand there.
options_without_form() { # PROGRAM
	forms=$(forms_of_help "$1")
	"$1" --help | sed -n '/^options:/,$s/^  *\(-.*\)$/\1/p' | sed 's/  .*//' | grep -v '^-[hV],' | even |
	    while read -r option; do
		letter=$(echo "$option" | cut -c 2) argument=$(echo "$option" | sed -n 's/^-., --[^ ]* //p')
		case $option in
		--*) printf '%s\n' "$forms" | grep -qF -e "$option" ;;
		*) printf '%s\n' "$forms" | grep -q "\[-[a-z]*$letter${argument:+ $argument}[]a-z]" ;;
		esac || echo "$option"
	done
}
for name in sikka-authorize sikka-token sikka-get sikka-book sikka-poll sikka-sweep sikka-status; do
	is "$(forms_of_help "$BUILD/bin/$name")" "$(forms_of_page "$MAN/$name.1")" "$name: the page and --help have the same synopsis"
	is "$(options_without_form "$BUILD/bin/$name")" "" "$name: its synopsis has each option"
done

for page in "$MAN"/*.[0-9]; do
	is "$(mandoc -T lint -W warning "$page" 2>&1)" "" "${page##*/} is clean"
done

for name in sikka-authorize sikka-token sikka-get sikka-book sikka-poll sikka-sweep; do
	is "$(sed -n 's/^\.Sh //p' "$MAN/$name.1" | tr '\n' ',')" \
	    "NAME,SYNOPSIS,DESCRIPTION,INPUT AND OUTPUT,ENVIRONMENT,FILES,EXIT STATUS,EXAMPLES,DIAGNOSTICS,SEE ALSO,SECURITY CONSIDERATIONS," \
	    "$name: its sections"
	like "$(section "$MAN/$name.1" EXAMPLES)" '^[*0-9/]+( [*0-9]+){4}  ' "$name: a crontab line among the examples"
	like "$(section "$MAN/$name.1" EXAMPLES)" '^[$ ].* \|( |$)' "$name: a pipeline among the examples"
done

# --- the examples ---------------------------------------------------------------------------------

# Numbered files in folder $2: N.sh is a command, N.cron a line of a crontab. Reads literal text, indented
# by $1 blanks; a command goes on over lines that are indented further.
extract() {
	awk -v blanks="$1" -v folder="$2" '
	function flush() { if (text != "") { n++; print text >(folder "/" sprintf("%02d", n) kind) } text = "" }
	BEGIN { margin = sprintf("%" blanks "s", "") }
	blanks > 0 && substr($0, 1, blanks) != margin { flush(); next }
	{ line = substr($0, blanks + 1) }
	line ~ /^\$ / { flush(); kind = ".sh"; text = substr(line, 3); next }
	line ~ /^[*0-9][-*0-9,\/]*( +[*0-9][-*0-9,\/]*)(( +[*0-9][-*0-9,\/]*)( +[*0-9][-*0-9,\/]*)( +[*0-9][-*0-9,\/]*)) +[^ ]/ {
		flush(); kind = ".cron"; text = line; flush(); next
	}
	line ~ /^ / && text != "" { text = text "\n" line; next }
	{ flush() }
	END { flush() }'
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

mkdir "$T/stubs"
for stub in mail logger; do
	printf '#!/bin/sh\nexec cat >/dev/null\n' >"$T/stubs/$stub"
	chmod +x "$T/stubs/$stub"
done

# What there is when an example is run: a state file, requests, and a completed one with number 1.
prepare() {
	W=$T/work.$1
	mkdir -m 700 "$W" "$W/queue" "$W/done" "$W/examples"
	mkdir -p "$W/var/backups" "$W/var/lib/node_exporter"
	cd "$W" || exit 1
	SIKKA_DB=$W/sikka.db
	start_sim --delay 0:0
	authorize
	booking key=web-1001 >bookings.jsonl
	booking key=web-1002 time=10:00 >>bookings.jsonl
	booking time=11:00 >queue/first.json
	printf 'Ada,Smith\nZoë,Brown\n' >new.csv
	booking time=12:00 key=first | sikka-book --wait=1m >"$T/prepared" || echo "# the first one isn't completed"
	[ "$1" = sikka-sweep ] || return 0
	# number 2 is pending, number 3 unknown
	sim_post 'office?office_id=D20006&spu=offline'
	booking office_id=D20006 staff=1 type=1 | sikka-book >"$T/prepared"
	sim_fault 'POST /appointment@1=drop-before'
	booking time=14:00 | sikka-book >"$T/prepared" 2>&1
}

# A shell that reports a failure of any command in a pipeline, where there is one.
SHELL_OF_EXAMPLES='bash -o pipefail'
command -v bash >/dev/null || SHELL_OF_EXAMPLES=sh

# Exit codes that an example may end with. While something is unknown a sweep ends with 2.
allowed() {
	case $1 in
	sikka-sweep) echo "0 2" ;;
	*) echo 0 ;;
	esac
}

# Each example of what is read from stdin.
run_examples() { # NAME INDENT
	extract "$2" "$W/examples"
	for example in "$W"/examples/*; do
		[ -e "$example" ] || continue
		what="$1: $(sed 's/^ */ /' "$example" | tr -d '\n\\' | cut -c 1-90)"
		case $example in
		*.cron)
			is "$(check_crontab "$example")" "" "$what: cron understands it"
			sed -i 's/^\([^ ]* *\)\{5\}//; s/\\%/%/g' "$example"
			;;
		esac
		# nothing outside of the folder
		sed -i "s#\([ =>]\)/var/#\1$W/var/#g" "$example"
		(cd "$W" && HOME=$W PATH=$PATH:$T/stubs timeout "$PATIENCE" $SHELL_OF_EXAMPLES "$example" </dev/null >"$T/out" 2>"$T/err")
		code=$?
		case " $(allowed "$1") " in *" $code "*) false ;; esac
		[ $? -eq 1 ]
		ok $? "$what"
		case " $(allowed "$1") " in
		*" $code "*) ;;
		*) { echo "exit $code"; cat "$T/out" "$T/err"; } | sed 's/^/#   /' ;;
		esac
		unlike "$(cat "$T/err")" 'Sanitizer|: not found$|parse error' "$what: nothing strange on stderr"
	done
}

for page in "$MAN"/*.[0-9]; do
	name=${page##*/}
	name=${name%.*}
	prepare "$name"
	mandoc -T utf8 -O width=200 "$page" | sed "s/.$(printf '\b')//g" >"$T/rendered"
	# runbook.t goes through the steps of a restore.
	sed '/^RESTORING$/,/^EXAMPLES$/{/^EXAMPLES$/!d}' "$T/rendered" >"$T/examples"
	run_examples "$name" 11 <"$T/examples"
	case $name in
	sikka-authorize)
		is "$(sql 'SELECT office_id FROM pms_integrations')" D36225 "$name: the forgotten office is gone"
		is "$(SIKKA_DB=$W/other/sikka.db sikka-token | jq -r .status | sort -u)" active "$name: the keys were taken along"
		;;
	sikka-book)
		is "$(sql "SELECT result FROM pms_writebacks WHERE key = 'order-4711'")" completed "$name: it was booked"
		is "$(sikka-get -O D36225 appointments appointment_sr_no=87 | jq -r .status)" Cancelled "$name: it was cancelled"
		is "$(sikka-get -O D36225 patients lastname=Brown firstname=Zoë | wc -l | tr -d ' ')" 1 "$name: the patient was created"
		is "$(echo queue/* done/*)" "queue/first.json.out done/first.json" "$name: the queue was worked off"
		;;
	sikka-sweep)
		is "$(row 2 result) $(row 3 result)" "withdrawn failed" "$name: withdrawn, resolved"
		[ -s "sikka-$(date +%a).db" ]
		ok $? "$name: a copy was made"
		;;
	sikka)
		is "$(sql "SELECT result FROM pms_writebacks WHERE key = 'order-4711'")" completed "$name: it was booked"
		;;
	esac
	kill "$SIM_PID"
done

# --- what isn't a page ----------------------------------------------------------------------------

prepare crontab
run_examples "crontab.example" 0 <"$TOP/scripts/crontab.example"
is "$(echo "$W"/examples/*.cron | wc -w | tr -d ' ')" 4 "crontab.example: its lines were seen"
kill "$SIM_PID"

prepare readme
# only our own commands, and the lines that go on with them
awk '/^    \$ / { on = /^    \$ (sikka-|echo )/ } /^    ([^ $]|$)/ || !/^    / { on = 0 } on { print; next } { print "" }
    /^    [*0-9].*  / { print }' "$TOP/README" >"$T/rendered"
run_examples README 4 <"$T/rendered"

done_testing
