# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# lib-pages.sh: what the tests share that type what a manual page says. Source it behind lib.sh.

# part_of PAGE TITLE: the source of that section or subsection of man/PAGE, without its title.
part_of() {
	awk -v title="$2" '/^\.S[hs] / { on = substr($0, 5) == title; next } on' "$TOP/man/$1"
}
# typed_in PAGE TITLE: the commands there, a line each.
typed_in() { part_of "$1" "$2" | sed -n 's/^\.Dl \$ //p; s/^\$ //p'; }
