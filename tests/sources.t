#!/bin/sh
# SPDX-License-Identifier: MIT
# The sources: the head of each file, the order of its includes, the version, and its line in lib/README
. "$(dirname "$0")/lib.sh"

cd "$TOP" || exit 1
find lib cmd -name '*.c' | sort >"$T/sources"
[ "$(wc -l <"$T/sources")" -gt 100 ]
ok $? "the sources were found"

# --- heads -------------------------------------------------------------------------------------------
# headless FILE …: the files that don't begin with the SPDX line and a comment of 40 characters or more.
headless() {
	awk '
	function judge() { if (file != "" && (!spdx || length(head) < 40)) print file }
	FNR == 1 { judge(); file = FILENAME; head = ""; state = "before"; spdx = $0 == "/* SPDX-License-Identifier: MIT */"; next }
	state == "before" { state = /^\/\*/ ? "in" : "behind" }
	state == "in" {
		line = $0
		if (line ~ /\*\/$/) state = "behind"
		gsub(/^[ \t]*\/?\*+\/?|\*\/$/, "", line)
		gsub(/^ +| +$/, "", line)
		head = head line
	}
	END { judge() }' "$@"
}
# shellcheck disable=SC2046 # file names
is "$(headless $(cat "$T/sources"))" "" "each file says at its beginning what it is"
printf '/* SPDX-License-Identifier: MIT */\n#include <stdio.h>\n' >"$T/one.c"
printf '/* SPDX-License-Identifier: MIT */\n/* one */\n/* what follows is a comment on the first line of code */\n' >"$T/two.c"
printf '/* one: what it is, and what it does when something fails */\n' >"$T/three.c"
is "$(headless "$T/one.c" "$T/two.c" "$T/three.c" | wc -l | tr -d ' ')" 3 "(a file without a head would be seen)"

# --- includes ----------------------------------------------------------------------------------------
# disordered FILE …: the includes that don't follow the order: the file's own header, system headers, then the
# folders of lib/ from base to commands. Own is a header of the same folder that stands before all system headers.
disordered() {
	awk '
	BEGIN { n = split("base http store api rules calls life commands", folders); for (i = 1; i <= n; i++) floor[folders[i]] = i + 1 }
	FNR == 1 { last = 0; count = 0; mine = FILENAME; sub(/^.*lib\//, "", mine); sub(/\/.*/, "", mine) }
	/^#include </ { count++; rank = 1; judge() }
	/^#include "/ {
		folder = $2
		gsub(/^"|\/.*/, "", folder)
		rank = ++count == 1 && folder == mine ? 0 : floor[folder]
		judge()
	}
	function judge() { if (rank < last) print FILENAME ": " $2; last = rank }' "$@"
}
# Without the simulator, which has no folders.
is "$(disordered lib/*/*.[ch] cmd/*.c)" "" "includes stand in the order: own, system, base to commands"
mkdir -p "$T/lib/store"
cat >"$T/lib/store/wrong.c" <<'END_OF_FILE'
#include "store/wrong.h"
#include <stdio.h>
#include "store/store.h"
#include "base/mem.h"
#include <errno.h>
END_OF_FILE
is "$(disordered "$T/lib/store/wrong.c" | wc -l | tr -d ' ')" 2 "(another order would be seen)"

# --- the version -------------------------------------------------------------------------------------
version=$(sed -n 's/^#define SK_VERSION "\(.*\)"/\1/p' lib/base/version.h)
like "$version" '^[0-9]+\.[0-9]+\.[0-9]+$' "version.h has a version"
is "$(grep -rlF "\"$version\"" Makefile lib cmd)" lib/base/version.h "no other source"
run 0 "sikka-sim --version" "$BUILD/bin/sikka-sim" --version
is "$out" "sikka-sim $version" "the simulator has the same version"

# --- lib/README --------------------------------------------------------------------------------------
# listed: "folder/file" for each file in the section Files of lib/README
listed() {
	awk '
	/^Files$/ { on = 1 }
	/^Words$/ { on = 0 }
	on && /^[a-z]+\/$/ { folder = $1 }
	on && /^    [a-z_]+\.[ch] / { for (i = 1; i <= NF && $i ~ /^[a-z_]+\.[ch]$/; i++) print folder $i }' lib/README
}
is "$(listed | sort)" "$(cd lib && find . -name '*.[ch]' | sed 's|^\./||' | sort)" "lib/README has a line for each file"
is "$(listed | sort | uniq -d)" "" "and each once"
is "$(listed | sed 's|/.*||' | uniq | tr '\n' ' ')" "base http store api rules calls life commands " "by folder, from the bottom to the top"
words() { awk '/^Words$/ { on = 1 } /^How to/ { on = 0 } on' lib/README | sed -n 's/^\([a-zA-Z][a-zA-Z'"'"' -]*[a-z.A-Z]\)   *[A-Z].*/\1/p'; }
[ "$(words | wc -l)" -gt 60 ]
ok $? "and a glossary"
is "$(words)" "$(words | sort -f)" "in the order of the alphabet"
for file in $(awk '/^How to/ { on = 1 } on' lib/README | grep -oE '^    (lib|cmd|tests|man)/[a-z/_.0-9-]*\.[a-z0-9]+' | tr -d ' ' | sort -u); do
	[ -f "$file" ] || echo "$file"
done >"$T/missing"
is "$(cat "$T/missing")" "" "the files that its instructions name exist"
done_testing
