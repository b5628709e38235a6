#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/completions: what bash, zsh and fish offer behind the commands, each asked in its own way; nothing is written,
# and no server is asked
. "$(dirname "$0")/lib.sh"

U=$T/usr/share
unset MAKEFLAGS MAKELEVEL MFLAGS
run 0 "make install-completions" make -s -C "$TOP" BUILD="$BUILD" PREFIX="$T/usr" install-completions
COMMANDS=$(cd "$TOP/man" && printf '%s\n' sikka*.1 | sed 's/\.1$//' | LC_ALL=C sort)
is "$(cd "$U/bash-completion/completions" && printf '%s\n' sikka*)" "$COMMANDS" "a file for each command in bash"
is "$(cd "$U/fish/vendor_completions.d" && printf '%s\n' sikka*.fish | sed 's/\.fish$//' | LC_ALL=C sort)" "$COMMANDS" "and in fish"
is "$(head -n 1 "$U/zsh/site-functions/_sikka" | cut -d' ' -f2- | tr ' ' '\n' | LC_ALL=C sort)" "$COMMANDS" "one for all in zsh"
candidates() { "$U/sikka/complete" "$@"; }

# On a machine that is slow, a command may take longer than anybody waits for at a prompt.
mkdir "$T/patient" "$T/bin"
# shellcheck disable=SC2016 # what the script expands
printf '#!/bin/sh\nshift\nexec "$@"\n' >"$T/patient/timeout"
chmod +x "$T/patient/timeout"
QUICK=$PATH
PATH=$T/patient:$PATH

# --- the shells -----------------------------------------------------------------------------------------------

# offers_SHELL LINE ...: the words that the shell offers behind each LINE; in front of them the line "> LINE".

# bash: the words as readline splits them, and the function that "complete" has for the command.
cat >"$T/offers.bash" <<'END'
for line; do
	echo "> $line"
	split=$(sed 's/\([=:]\)/ \1 /g' <<<"$line")
	read -ra COMP_WORDS <<<"$split"
	[[ $line != *" " ]] || COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line}
	command=${COMP_WORDS[0]} front=
	[[ ${line##* } != *[=:]* ]] || front=${line##* } front=${front%"${front##*[=:]}"}
	. "$U/bash-completion/completions/$command"
	function=$(complete -p "$command") function=${function##*-F } function=${function%% *}
	COMPREPLY=()
	"$function" "$command" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	for reply in "${COMPREPLY[@]}"; do printf '%s\n' "$front$reply"; done
done
END
offers_bash() { U=$U bash --norc "$T/offers.bash" "$@" 2>>"$T/shell.err"; }

# zsh: an interactive one in a terminal, in which Tab writes what its completion adds.
cat >"$T/offers.rc" <<'END'
fpath=($U/zsh/site-functions $fpath)
autoload -Uz compinit && compinit -u -D
compadd() {
	local -a found folder
	if [[ ${(j: :)@[1,(i)(-|--)]} != *-[OAD]\ * ]]; then
		builtin compadd -O found "$@"
		zparseopts -E p:=folder
		(( $#found )) && print -rl -- "${(@)found/#/$IPREFIX${folder[2]}}" >>$T/zsh.found
	fi
	builtin compadd "$@"
}
offer() { _main_complete; compstate[insert]=; compstate[list]=; mv $T/zsh.found $T/zsh.done }
zle -C offer complete-word offer
bindkey '^I' offer
PS1=
: >$T/zsh.ready
END
cat >"$T/offers.zsh" <<'END'
zmodload zsh/zpty
waits() { while [[ ! -e $1 ]]; do zpty -r -t z rest; sleep 0.05; (( tries++ < 2400 )) || exit 1; done }
zpty z zsh -f -i
zpty -w z ". $T/offers.rc"
waits $T/zsh.ready
for line; do
	print -r -- "> $line"
	: >$T/zsh.found
	zpty -w -n z $'\C-u'"$line"$'\t'
	waits $T/zsh.done
	cat $T/zsh.done
	rm $T/zsh.done
done
zpty -d z
END
offers_zsh() { rm -f "$T/zsh.ready" "$T/zsh.done" && U=$U TERM=dumb zsh -f "$T/offers.zsh" "$@" 2>>"$T/shell.err"; }

# fish finds the files by itself.
# shellcheck disable=SC2016 # fish expands them
offers_fish() {
	XDG_DATA_DIRS=$U fish -c 'for line in $argv; echo "> $line"; complete -C $line | string replace -r "\t.*" ""; end' "$@" \
	    2>>"$T/shell.err"
}

# offered LINE: what stands behind it in $T/offered, sorted, as one line.
offered() {
	last=$1 awk '/^> / { on = substr($0, 3) == ENVIRON["last"]; next } on' "$T/offered" | LC_ALL=C sort -u | paste -sd' ' -
}
sorted() { tr ' ' '\n' | grep . | LC_ALL=C sort | paste -sd' ' -; }
options_of() {
	"$1" --help | sed '/^usage:/,/^$/d' | sed -n 's/^ *\(-.*\)/\1/p' | sed 's/  .*//' |
	    grep -oE '(^|, )--?[a-zA-Z][-a-z]*(\[=)?' | sed 's/^, //; s/\(.*\)\[=/\1 \1=/' | sorted
}
members() { grep -o "\"$1\":\"[^\"]*\"" | cut -d'"' -f4; }

# --- all shells -------------------------------------------------------------------------------------------------

start_sim --delay 0:0
authorize
booking >in
sikka-book -q in >/dev/null
mkdir -p "$T/files/folder" && : >"$T/files/one.json"
total=$(sim_get requests | jq .total)
# A setting that runs a command: none is run.
export SIKKA_APP_KEY_COMMAND="touch $T/asked"
unset SIKKA_APP_KEY
state() { (cd "$T/state" && find . -type f -exec stat -c '%n %i %Y %s' {} + -exec cksum {} + | sort); }
state >"$T/before"

STATES=$(sikka-status --writebacks --state '?' 2>&1 | sed 's/.* are //; s/,//g; s/ and / /' | sorted)
TASKS=$(sikka-status --check --max-age '?=1h' 2>&1 | sed 's/.* are //; s/,//g; s/ and / /' | sorted)
FORMATS=$(sikka-get -F '?' 2>&1 | sed 's/.* are //; s/,//g; s/ and / /' | sorted)
OPERATIONS=$(sikka-book --describe -F jsonl | members operation | sorted)
TOPICS=$(sikka | sed -n 's/^  \([a-z]*\) .*/\1/p' | sorted)
RESOURCES=$(sikka-get --list -F jsonl | members resource | sorted)
PARAMETERS=$(sikka-get --list patients -F jsonl | grep -v '"parameter":null' | members name | sed 's/$/=/' | sorted)
ORDERS=$(sikka-get --list patients -F jsonl | grep '"sort_by":true' | members name | sed 's/^/sort_by=/' | sorted)
FIELDS=$(sikka-book -q --describe create_patient -F jsonl | grep '"choices":true' | members field | sorted)
[ -n "$STATES" ] && [ -n "$TASKS" ] && [ -n "$FORMATS" ] && [ -n "$PARAMETERS" ] && [ -n "$ORDERS" ] && [ -n "$FIELDS" ]
ok $? "there is something to offer"

set --
for command in $COMMANDS; do set -- "$@" "$command -"; done
for shell in bash zsh fish; do
	if ! command -v "$shell" >/dev/null; then
		ok 0 "$shell # SKIP it isn't installed"
		continue
	fi
	"offers_$shell" "$@" "sikka-token " "sikka-token re" "sikka-token print D2" "sikka-token -q revoke " "sikka-token refresh " \
	    "sikka-poll -O " "sikka-poll -F json " "sikka-poll --office=D3" "sikka-get -D $T/none -O " "sikka-get -qO " "sikka-get -F " "sikka-get --format=" "sikka-status -F h" \
	    "sikka-status --state " "sikka-status --writebacks --state=p" "sikka-status --check --max-age " \
	    "sikka-get " "sikka-get --list pay" "sikka-get patients " "sikka-get patients practice_id=1 sort_by=" \
	    "sikka-get --parameters x -F json patients prac" "sikka-book -p " "sikka-book --describe " \
	    "sikka-book --choices f=" "sikka-book --operation create_patient --choices " "sikka-book --describe create_patient " \
	    "sikka-book $T/files/" "sikka-book --files $T/files/" "sikka-status --metrics=$T/files/o" "sikka-book -- --des" \
	    "sikka-sweep --resolve " "sikka-sweep --resolve 1=" "sikka-sweep --stuck-after " "sikka-sweep --notify tru" \
	    "sikka " "sikka s" "sikka help " "sikka help li" "sikka help life " "sikka token print D2" "sikka get --format=" "sikka book -p " \
	    "sikka-sim --dialect " "sikka-sim --rotation " "sikka-sim " >"$T/offered"
	for command in $COMMANDS; do
		is "$(offered "$command -")" "$(options_of "$command")" "$shell: each option of $command --help"
	done
	is "$(offered "sikka-token ")" "info list print refresh revoke" "$shell: subcommands"
	is "$(offered "sikka-token re")" "refresh revoke" "$shell: those that begin so"
	is "$(offered "sikka-token print D2")" D20006 "$shell: offices behind a subcommand"
	is "$(offered "sikka-token -q revoke ")" "D20006 D36225" "$shell: also with options in front"
	is "$(offered "sikka-token refresh ")" "" "$shell: but not where none may stand"
	is "$(offered "sikka-poll -O ")" "D20006 D36225" "$shell: offices of -O"
	is "$(offered "sikka-poll -F json ")" "" "$shell: nothing where an id may stand"
	is "$(offered "sikka-get -qO ")" "D20006 D36225" "$shell: of -qO"
	is "$(offered "sikka-poll --office=D3")" "--office=D36225" "$shell: of --office="
	is "$(offered "sikka-get -D $T/none -O ")" "" "$shell: of the state file that is named"
	is "$(offered "sikka-get -F ")" "$FORMATS" "$shell: formats of -F"
	is "$(offered "sikka-get --format=")" "$(echo "$FORMATS" | sed 's/[^ ]*/--format=&/g')" "$shell: of --format="
	is "$(offered "sikka-status -F h")" html "$shell: a page, where there is one"
	is "$(offered "sikka-status --state ")" "$STATES" "$shell: states"
	is "$(offered "sikka-status --writebacks --state=p")" "--state=pending" "$shell: that begin so"
	is "$(offered "sikka-status --check --max-age ")" "$(echo "$TASKS " | sed 's/ /= /g; s/ $//')" "$shell: tasks"
	is "$(offered "sikka-get ")" "$RESOURCES" "$shell: resources"
	is "$(offered "sikka-get --list pay")" "$(echo "$RESOURCES" | tr ' ' '\n' | grep ^pay | paste -sd' ' -)" "$shell: of --list, too"
	is "$(offered "sikka-get patients ")" "$PARAMETERS" "$shell: a resource's parameters"
	is "$(offered "sikka-get --parameters x -F json patients prac")" "practice_id=" "$shell: behind options with values"
	is "$(offered "sikka-get patients practice_id=1 sort_by=")" "$ORDERS" "$shell: and its orders"
	is "$(offered "sikka-book -p ")" "$OPERATIONS" "$shell: operations of -p"
	is "$(offered "sikka-book --describe ")" "$OPERATIONS" "$shell: of --describe"
	is "$(offered "sikka-book --describe create_patient ")" "practice_id=" "$shell: and what may follow"
	is "$(offered "sikka-book --operation create_patient --choices ")" "$FIELDS" "$shell: fields of an operation"
	is "$(offered "sikka-book $T/files/" | sed "s|$T/files/||g; s|/||g")" "folder one.json" "$shell: files"
	is "$(offered "sikka-book --files $T/files/" | sed "s|$T/files/||g; s|/||g")" "folder" "$shell: folders"
	is "$(offered "sikka-status --metrics=$T/files/o")" "--metrics=$T/files/one.json" "$shell: files behind an option's ="
	is "$(offered "sikka-book -- --des")" "" "$shell: no options behind --"
	is "$(offered "sikka-sweep --resolve ")" "" "$shell: nothing where anything may stand"
	is "$(offered "sikka-sweep --resolve 1=")" "1=completed 1=failed 1=withdrawn" "$shell: outcomes"
	is "$(offered "sikka-sweep --stuck-after ")" auto "$shell: a word that the help names"
	like " $(offered "sikka-sweep --notify tru") " ' true ' "$shell: programs"
	is "$(offered "sikka ")" "$(echo "$COMMANDS" help | sed '/^sikka$/d; s/sikka-//g' | sorted)" "$shell: commands behind sikka"
	is "$(offered "sikka s")" "$(offered "sikka " | tr ' ' '\n' | grep ^s | paste -sd' ' -)" "$shell: those that begin so"
	is "$(offered "sikka help ")" "$(echo "$TOPICS $OPERATIONS $RESOURCES" | sorted | tr ' ' '\n' | uniq | paste -sd' ' -)" "$shell: topics of help"
	is "$(offered "sikka help li")" "life" "$shell: that begin so"
	is "$(offered "sikka help life ")" "" "$shell: and no second one"
	is "$(offered "sikka token print D2")" D20006 "$shell: behind sikka and a command what that command takes"
	is "$(offered "sikka get --format=")" "$(offered "sikka-get --format=")" "$shell: its values"
	is "$(offered "sikka book -p ")" "$OPERATIONS" "$shell: its operations"
	is "$(offered "sikka-sim --dialect ")" "brief documented" "$shell: values of the simulator's options"
	is "$(offered "sikka-sim --rotation ")" "off on" "$shell: in both of its ways"
done
is "$(cat "$T/shell.err")" "" "no shell has complained"
state | diff "$T/before" - >"$T/changed"
is "$(cat "$T/changed")" "" "no file beside the state file has changed, nor the state file"
is "$(sim_get requests | jq .total)" "$total" "the server was asked nothing"
[ ! -e "$T/asked" ]
ok $? "and no command that has the application's key"

# --- what is new, and what is wrong -------------------------------------------------------------------------

cat >"$T/bin/sikka-poll" <<'END'
#!/bin/sh
sed '1,/^exit/d' "$0"
exit
usage: sikka-poll [-x FILE] [--brand-new[=STATE]] [--into DIR|none]
           [ID ...]
       sikka-poll --mode OFFICE

Does something.

options:
  -x, --examine FILE       a file
      --brand-new[=STATE]  red, green (the
                           default) or blue
      --into DIR|none
                           a folder
      --mode               another one

examples:
    sikka-poll --brand-new
END
# shellcheck disable=SC2016 # what a shell would expand, and nobody does
printf '#!/bin/sh\nprintf "%%s\\n" "{\\"office_id\\":\\"\\$(id)\\"}" "{\\"office_id\\":\\"D1;id\\"}" "{\\"office_id\\":\\"D1\\",\\"status\\":\\"active\\"}"\n' >"$T/bin/sikka-token"
chmod +x "$T/bin/sikka-poll" "$T/bin/sikka-token"
PATH=$T/bin:$PATH
is "$(candidates sikka-poll - | cut -f1 | paste -sd' ' -)" "-x --examine --brand-new --brand-new= --into --mode" "an option that is new in --help is offered"
is "$(candidates sikka-poll --brand-new=)" "--brand-new=red
--brand-new=green
--brand-new=blue" "and its values"
is "$(candidates sikka-poll --into '')" ":folders
none" "a folder and a word"
is "$(candidates sikka-poll --mode '')" "D1	active" "operands are those of the form that an option chooses; what isn't a plain word is left out"
printf '#!/bin/sh\nexec sleep 600\n' >"$T/bin/sikka-token"
run 0 "a command that doesn't end" env PATH="$T/bin:$QUICK" "$U/sikka/complete" sikka-poll --mode ''
is "$out$err" "" "is given up soon"
PATH=${PATH#*:}
for db in "$T/none/sikka.db" "$T" /dev/null; do
	run 0 "without a state file ($db)" env SIKKA_DB="$db" "$U/sikka/complete" sikka-poll -O ''
	is "$out$err" "" "nothing is said"
done
run 0 "with settings that are wrong" env SIKKA_CONFIG="$T/in" "$U/sikka/complete" sikka-poll -O ''
is "$out$err" "" "likewise"
[ ! -e "$T/none" ]
ok $? "nothing is made"
run 0 "without the commands" env PATH=/usr/bin:/bin "$U/sikka/complete" sikka-poll -
is "$out$err" "" "likewise"
run 0 "an option that there isn't" "$U/sikka/complete" sikka-poll --nothing=
is "$out$err" "" "likewise"
run 0 "a resource that there isn't" "$U/sikka/complete" sikka-get nothing ''
is "$out$err" "" "likewise"
run 0 "make uninstall" make -s -C "$TOP" BUILD="$BUILD" PREFIX="$T/usr" uninstall
is "$(find "$T/usr" -type f)" "" "removes them"
done_testing
