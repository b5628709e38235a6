#!/bin/sh
# SPDX-License-Identifier: MIT
# The arrows between the folders of lib/: who may include, call and link what
. "$(dirname "$0")/lib.sh"

# Each folder of lib/, and the folders that it may include and call. A folder always may use itself.
cat >"$T/may" <<'END'
base
http base
store base
api http base
rules api http base
calls api http store base
life rules calls api http store base
commands life rules calls api http store base
END

(cd "$TOP/lib" && ls */*.c) | sed 's/\.c$//' >"$T/modules"
is "$(cd "$TOP/lib" && ls -d */ | tr -d / | sort | tr '\n' ' ')" "$(awk '{ print $1 }' "$T/may" | sort | tr '\n' ' ')" "lib/ has these folders and no others"
is "$(cd "$TOP/lib" && ls *.[ch] 2>/dev/null)" "" "no source lies outside of them"

# --- by the sources -----------------------------------------------------------------------------------
# upwards MAY LIB: each include that goes to a folder which the including folder may not use.
upwards() {
	(cd "$2" && grep -n '^#include "' */*.[ch]) | awk -v may="$1" '
		BEGIN { while ((getline line < may) > 0) { n = split(line, f, " "); for (i = 1; i <= n; i++) ok[f[1] "/" f[i]] = 1 } }
		{
			from = $0; sub(/\/.*/, "", from)
			file = $0; sub(/:.*/, "", file)
			to = $0; sub(/^[^"]*"/, "", to); sub(/".*/, "", to)
			folder = to; sub(/\/.*/, "", folder)
			if (!((from "/" folder) in ok)) print file " includes " to
		}'
}
is "$(upwards "$T/may" "$TOP/lib")" "" "no include points upwards"
mkdir -p "$T/wrong/base" "$T/wrong/commands"
echo '#include "commands/book.h"' >"$T/wrong/base/json.c"
echo '#include "base/json.h"' >"$T/wrong/commands/book_parts.h"
is "$(upwards "$T/may" "$T/wrong")" "base/json.c includes commands/book.h" "(a wrong one would be seen)"

with() { (cd "$TOP" && grep -lE "^[[:space:]]*#[[:space:]]*include [<\"]($1)[>\"]" lib/*/*.[ch] cmd/*.c) | sort | tr '\n' ' '; }
strangers() { # strangers HEADERS ALLOWED WHAT
	is "$(with "$1" | tr ' ' '\n' | grep -vE "^($2)$" | grep .)" "" "$3"
	[ -n "$(with "$1")" ]
	ok $? "(and somebody does)"
}
strangers 'curl/.*|http/parts\.h|http/transfer\.h' 'lib/http/.*' "only http sees libcurl"
strangers 'sqlite3\.h|store/statements\.h' 'lib/store/.*' "only the store sees SQLite"
strangers 'rules/table\.h' 'lib/rules/.*' "only rules sees what each system wants"
is "$(grep -l microhttpd "$TOP"/lib/*/*.[ch] "$TOP"/cmd/*.c)" "" "only the simulator sees libmicrohttpd"
for header in $(grep -h '^#include "' "$TOP"/cmd/sikka-sim/*.[ch] | sed 's/.*"\(.*\)".*/\1/' | sort -u); do
	[ -f "$TOP/cmd/sikka-sim/$header" ] || echo "$header"
done >"$T/shared"
is "$(cat "$T/shared")" "" "the simulator shares no header with lib/"

# --- by the compiler ------------------------------------------------------------------------------------
if command -v cc >/dev/null; then
	flags=$(pkg-config --cflags libcurl jansson sqlite3 2>/dev/null)
	for header in "$TOP"/lib/*/*.h; do
		printf '#include "%s"\n#include "%s"\ntypedef int not_empty;\n' "${header#"$TOP/lib/"}" "${header#"$TOP/lib/"}" >"$T/alone.c"
		cc -std=c11 -D_GNU_SOURCE -iquote "$TOP/lib" $flags -fsyntax-only "$T/alone.c" >>"$T/alone" 2>&1 ||
		    echo "${header#"$TOP/lib/"}"
	done >"$T/failed"
	is "$(cat "$T/failed")" "" "each header compiles alone, and twice"
else
	ok 0 "each header compiles alone # SKIP no compiler"
fi

# --- by the objects -------------------------------------------------------------------------------------
if ! command -v nm >/dev/null || [ ! -f "$BUILD/lib/base/mem.o" ]; then
	ok 0 "the objects # SKIP no nm(1), or no objects"
	done_testing
fi
while read -r module; do
	nm "$BUILD/lib/$module.o" | awk -v m="$module" 'NF == 2 && $1 == "U" { print m, "U", $2 } NF == 3 && $2 ~ /[TDBRCV]/ { print m, "T", $3 }'
done <"$T/modules" | sed 's/@.*//' >"$T/symbols"
# users PATTERN: the modules that need such a symbol
users() { awk -v p="^($1)\$" '$2 == "U" && $3 ~ p { print $1 }' "$T/symbols" | sort -u | tr '\n' ' '; }
# others PATTERN MODULES: the modules that need such a symbol, without these
others() { users "$1" | tr ' ' '\n' | grep -vE "^($2)?\$"; }
is "$(users 'curl_.*')" "" "curl_* is needed by none: http opens it (library.t)"
is "$(users 'dlopen|dlsym')" "http/library " "and nobody else opens a library"
like "$(users 'sqlite3_.*')" "^(store/[a-z_]* )+$" "sqlite3_* by the store alone"
is "$(others 'exit|abort|quick_exit' 'base/(mem|options)')" "" "the process ends in mem and options alone"
is "$(others '_exit' 'base/(mem|stop|child|program)')" "" "or in a child, or when memory is out ($(users '_exit'))"
is "$(others 'stdout|printf|vprintf|puts|putchar|putc|__printf_chk|__vprintf_chk|putchar_unlocked' 'base/out')" "" "stdout belongs to out"
is "$(others 'stderr|perror|__fprintf_chk|warnx?|errx?' 'base/(mem|out|options|stop)')" "" "stderr to out"
is "$(users 'system|popen|strcpy|strcat|sprintf|vsprintf|__sprintf_chk|__strcpy_chk|__strcat_chk|gets|mktemp|tmpnam|strtok|rand|srand')" "" "nobody needs what is unsafe"
is "$(awk -v may="$T/may" '
    BEGIN { while ((getline line < may) > 0) { n = split(line, f, " "); for (i = 1; i <= n; i++) ok[f[1] "/" f[i]] = 1 } }
    function folder(module) { sub(/\/.*/, "", module); return module }
    NR == FNR { if ($2 == "T") in_[$3] = $1; next }
    $2 == "U" && ($3 in in_) && !((folder($1) "/" folder(in_[$3])) in ok) { print $1 " needs " $3 " of " in_[$3] }' "$T/symbols" "$T/symbols")" "" \
    "no object needs one of a folder above its own"
# circles: the modules below the commands that need one another in a circle, as tsort(1) finds them. A file without a
# header of its own is a part of the module whose name begins its own (pool_choose of pool).
(cd "$TOP/lib" && ls */*.h | sed 's/\.h$//') >"$T/headers"
circles() {
	awk -v headers="$T/headers" '
	    BEGIN { while ((getline line < headers) > 0) has[line] }
	    function module(name) { if (!(name in has)) sub(/_[^_\/]*$/, "", name); return name }
	    NR == FNR { if ($2 == "T") in_[$3] = $1; next }
	    $2 == "U" && ($3 in in_) && module(in_[$3]) != module($1) && !/^commands/ { print module($1), module(in_[$3]) }' "$1" "$1" |
	    sort -u | tsort 2>&1 >/dev/null
}
is "$(circles "$T/symbols")" "" "no modules need one another in a circle"
printf 'store/a U sk_b\nstore/b T sk_b\nstore/b U sk_a\nstore/a T sk_a\n' >"$T/circle"
like "$(circles "$T/circle")" 'store/a' "(one would be seen)"
is "$(awk '$2 == "T" && $3 !~ /^(sk_|SK_|_|\.|DW\.)/ { print $1, $3 }' "$T/symbols")" "" "all that is shared begins with sk_"
is "$(awk '$2 == "T" && $3 ~ /^sk_/ { print $3 }' "$T/symbols" | sort | uniq -d)" "" "and is there once"

if command -v readelf >/dev/null && [ -x "$BUILD/bin/sikka-status" ]; then
	needed() { readelf -d "$BUILD/bin/$1" | sed -n 's/.*NEEDED.*\[\(lib[a-z0-9]*\).*/\1/p' | grep -vE '^lib(c|m|dl|rt|pthread|asan|ubsan|gcc|stdc)$' | sort | tr '\n' ' '; }
	for command in authorize token get book poll sweep status doctor; do
		is "$(needed sikka-$command)" "libjansson libsqlite3 " "sikka-$command needs two libraries when it starts"
	done
	is "$(needed sikka | grep -c curl)" 0 "sikka doesn't need libcurl, either"
else
	ok 0 "what the programs load # SKIP no readelf(1), or no sikka-status"
fi
done_testing
