#!/bin/sh
# SPDX-License-Identifier: MIT
# The arrows of the design: who may include, call and link what
. "$(dirname "$0")/lib.sh"

# rows MAKEFILE: "module row", the rows numbered from the bottom up, as the Makefile has them
rows() {
	sed -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' "$1" | awk '
		/^(BASE|ENGINE|VOCAB|LIFE|TOKEN|FOLLOW|DOING)[ \t]*=/ {
			for (i = 3; i <= NF; i++) print $i, row
			row++
		}' row=0
}
rows "$TOP/Makefile" >"$T/rows"
is "$(awk '{print $2}' "$T/rows" | sort -un | tr '\n' ' ')" "0 1 2 3 4 5 6 " "the Makefile has seven rows"
is "$(awk '{print $1}' "$T/rows" | sort | uniq -d)" "" "and each module in one of them"
is "$(cd "$TOP/lib" && ls *.c | sed 's/\.c$//' | sort | tr '\n' ' ')" "$(awk '{print $1}' "$T/rows" | sort | tr '\n' ' ')" "all of lib/ is in a row"

# --- by the sources -----------------------------------------------------------------------------------
# upwards ROWS FOLDER: each include of a header that stands in a higher row. A header without a module of
# its name (http_parts.h) belongs to the module whose name begins its own.
upwards() {
	grep -n '^#include "' "$2"/*.c "$2"/*.h | awk -v rows="$1" '
		BEGIN { while ((getline line < rows) > 0) { split(line, f, " "); row[f[1]] = f[2] } }
		function row_of(name) {
			while (!(name in row) && sub(/_[^_]*$/, "", name));
			return name in row ? row[name] : "none"
		}
		{
			file = $0; sub(/:.*/, "", file); n = split(file, p, "/"); from = p[n]; sub(/\.[ch]$/, "", from)
			to = $0; sub(/^[^"]*"/, "", to); sub(/\.h".*/, "", to)
			a = row_of(from); b = row_of(to)
			if (a == "none" || b == "none" || b > a) print p[n] " (" a ") includes " to ".h (" b ")"
		}'
}
is "$(upwards "$T/rows" "$TOP/lib")" "" "no file of a lower row includes one of a higher"
mkdir "$T/wrong"
echo '#include "book.h"' >"$T/wrong/json.c"
echo '#include "json.h"' >"$T/wrong/book_parts.h"
is "$(upwards "$T/rows" "$T/wrong" | wc -l | tr -d ' ')" 1 "(a wrong one would be seen)"

with() { grep -lE "^[[:space:]]*#[[:space:]]*include [<\"]($1)[>\"]" "$TOP"/lib/*.[ch] "$TOP"/cmd/*.c | sed 's/.*\///' | sort | tr '\n' ' '; }
strangers() { # strangers HEADERS ALLOWED WHAT
	is "$(with "$1" | tr ' ' '\n' | grep -vE "^($2)$" | grep .)" "" "$3"
	[ -n "$(with "$1")" ]
	ok $? "(and somebody does)"
}
strangers 'curl/.*|http_parts\.h|http_transfer\.h' 'http(_[a-z]+)?\.[ch]' "only http sees libcurl"
strangers 'sqlite3\.h|store_statements\.h' 'store(_[a-z]+)?\.[ch]' "only the store sees SQLite"
strangers 'rules_table\.h' 'rules(_[a-z]+)?\.[ch]' "only rules sees what each system wants"
is "$(grep -l microhttpd "$TOP"/lib/*.[ch] "$TOP"/cmd/*.c)" "" "only the simulator sees libmicrohttpd"
for header in $(grep -h '^#include "' "$TOP"/cmd/sikka-sim/*.[ch] | sed 's/.*"\(.*\)".*/\1/' | sort -u); do
	[ -f "$TOP/cmd/sikka-sim/$header" ] || echo "$header"
done >"$T/shared"
is "$(cat "$T/shared")" "" "the simulator shares no header with lib/"

# --- by the compiler ------------------------------------------------------------------------------------
if command -v cc >/dev/null; then
	flags=$(pkg-config --cflags libcurl jansson sqlite3 2>/dev/null)
	for header in "$TOP"/lib/*.h; do
		printf '#include "%s"\n#include "%s"\ntypedef int not_empty;\n' "${header##*/}" "${header##*/}" >"$T/alone.c"
		cc -std=c11 -D_GNU_SOURCE -iquote "$TOP/lib" $flags -fsyntax-only "$T/alone.c" >>"$T/alone" 2>&1 ||
		    echo "${header##*/}"
	done >"$T/failed"
	is "$(cat "$T/failed")" "" "each header compiles alone, and twice"
else
	ok 0 "each header compiles alone # SKIP no compiler"
fi

# --- by the objects -------------------------------------------------------------------------------------
if ! command -v nm >/dev/null || [ ! -f "$BUILD/lib/mem.o" ]; then
	ok 0 "the objects # SKIP no nm(1), or no objects"
	done_testing
fi
while read -r module row; do
	nm "$BUILD/lib/$module.o" | awk -v m="$module" -v r="$row" 'NF == 2 && $1 == "U" { print m, r, "U", $2 } NF == 3 && $2 ~ /[TDBRCV]/ { print m, r, "T", $3 }'
done <"$T/rows" | sed 's/@.*//' >"$T/symbols"
# users PATTERN: the modules that need such a symbol
users() { awk -v p="^($1)\$" '$3 == "U" && $4 ~ p { print $1 }' "$T/symbols" | sort -u | tr '\n' ' '; }
like "$(users 'curl_.*')" "^(http[a-z_]* )+$" "curl_* is needed by http alone"
like "$(users 'sqlite3_.*')" "^(store[a-z_]* )+$" "sqlite3_* by the store alone"
is "$(users 'exit|abort|quick_exit' | tr ' ' '\n' | grep -vE '^(mem|options)?$')" "" "the process ends in mem and options alone"
is "$(users '_exit' | tr ' ' '\n' | grep -vE '^(mem|stop|config_key|event)?$')" "" "or in a child, or when memory is out ($(users '_exit'))"
is "$(users 'stdout|printf|vprintf|puts|putchar|putc|__printf_chk|__vprintf_chk|putchar_unlocked' | tr ' ' '\n' | grep -vE '^(out)?$')" "" "stdout belongs to out"
is "$(users 'stderr|perror|__fprintf_chk|warnx?|errx?' | tr ' ' '\n' | grep -vE '^(mem|out|options|stop)?$')" "" "stderr to out"
is "$(users 'system|popen|strcpy|strcat|sprintf|vsprintf|__sprintf_chk|__strcpy_chk|__strcat_chk|gets|mktemp|tmpnam|strtok|rand|srand')" "" "nobody needs what is unsafe"
is "$(awk 'NR == FNR { if ($3 == "T") { row[$4] = $2; in_[$4] = $1 } next }
    $3 == "U" && ($4 in row) && row[$4] > $2 { print $1 " needs " $4 " of " in_[$4] }' "$T/symbols" "$T/symbols")" "" \
    "no object of a lower row needs one of a higher"
is "$(awk '$3 == "T" && $4 !~ /^(sk_|SK_|_|\.|DW\.)/ { print $1, $4 }' "$T/symbols")" "" "all that is shared begins with sk_"
is "$(awk '$3 == "T" && $4 ~ /^sk_/ { print $4 }' "$T/symbols" | sort | uniq -d)" "" "and is there once"

if command -v readelf >/dev/null && [ -x "$BUILD/bin/sikka-status" ]; then
	needed() { readelf -d "$BUILD/bin/$1" | sed -n 's/.*NEEDED.*\[\(lib[a-z0-9]*\).*/\1/p' | grep -vE '^lib(c|m|dl|rt|pthread|asan|ubsan|gcc|stdc)$' | sort | tr '\n' ' '; }
	is "$(needed sikka-status)" "libjansson libsqlite3 " "sikka-status doesn't load libcurl"
	for command in authorize token get book poll sweep; do
		is "$(needed sikka-$command)" "libcurl libjansson libsqlite3 " "sikka-$command needs three libraries"
	done
else
	ok 0 "what the programs load # SKIP no readelf(1), or no sikka-status"
fi
done_testing
