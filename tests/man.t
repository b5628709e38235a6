#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual pages: each command has one, its options and examples are those of --help, its exit codes are known ones.
# examples.t runs the examples.
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

for program in "$BUILD"/bin/sikka*; do
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
for name in sikka sikka-authorize sikka-token sikka-get sikka-book sikka-poll sikka-sweep sikka-status sikka-doctor; do
	is "$(forms_of_help "$BUILD/bin/$name")" "$(forms_of_page "$MAN/$name.1")" "$name: the page and --help have the same synopsis"
	is "$(options_without_form "$BUILD/bin/$name")" "" "$name: its synopsis has each option"
done

# What --help says at its end: two examples, which examples.t runs as they stand in the page, and the page.
examples_of_help() { "$1" --help | sed -n '/^examples:$/,/^$/s/^  //p'; }
# The same lines of a page, without what shows that they are typed.
examples_of_page() { section "$1" EXAMPLES | sed 's/^\.Dl //; s/^[$] //; s/\\e/\\/g'; }
for program in "$BUILD"/bin/sikka*; do
	name=${program##*/}
	is "$(examples_of_help "$program" | wc -l)" 2 "$name: --help has two examples"
	examples_of_page "$MAN/$name.1" >"$T/examples"
	is "$(examples_of_help "$program" | grep -vxF -f "$T/examples")" "" "$name: and they are those of the page"
	is "$("$program" --help | tail -n 1)" "manual page: $name(1)" "$name: --help ends with the page's name"
done

# So do the scripts that have --help. Their examples name them.
grep -rlE -- '(-h \| )?--help\)' "$TOP/scripts" | grep -v /completions/ | sort >"$T/helpful"
is "$(sed 's/.*\///' "$T/helpful" | paste -sd' ')" "probe check_sikka run-all" "scripts with --help"
while read -r script; do
	name=${script##*/}
	is "$(examples_of_help "$script" | wc -l) $(examples_of_help "$script" | grep -vc "$name")" "2 0" "$name: --help has two examples"
	page=$("$script" --help | sed -n '$s/^manual page: \(.*\)(\([0-9]\))$/\1.\2/p')
	grep -q "$name" "$MAN/${page:-none}"
	ok $? "$name: --help ends with the name of the page that tells of it"
done <"$T/helpful"

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

# sikka(7) has a line for each command, and sikka lists each command and each page.
sikka >"$T/list"
for file in "$BUILD"/bin/sikka-* "$MAN"/*.[57]; do
	name=${file##*/} name=${name%.[57]}
	is "$(grep -cE "^  ${name#sikka-} +[a-z]" "$T/list")" 1 "sikka lists $name (lib/commands/front.c)"
done
for program in "$BUILD"/bin/sikka-*; do
	name=${program##*/}
	is "$(awk -v it=".It Xr $name 1" 'found { print; exit } $0 == it { found = 1 }' "$MAN/sikka.7")" \
	    "$(sed -n "s/^  ${name#sikka-}  *//p" "$T/list")" "$name: sikka has the words of sikka(7)"
done
is "$(awk 'length > 80' "$T/list")" "" "in 80 columns"

done_testing
