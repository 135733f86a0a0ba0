#!/bin/bash
# options.sh PROGRAM PAGE - the manual page has the options that --help has, and no other
set -u -o pipefail
program=$1 page=$2

help_options() {
    "$program" --help | grep -oE '^  (-., )?--[a-z0-9-]+' | sed 's/.*--//' | sort -u
}
# ".It Fl Fl check", or in the other way to write it ".It Fl -check"; they may share a line.
page_options() {
    grep -E '^\.It Fl ' "$page" | grep -oE 'Fl (Fl |-)[a-z0-9-]+' | sed -E 's/^Fl (Fl |-)//' | sort -u
}

[ -n "$(help_options)" ] || { echo "$program --help names no option"; exit 1; }
difference=$(diff <(help_options | grep -vxE 'help|version') <(page_options | grep -vxE 'help|version')) && exit 0
echo "$page (>) and $program --help (<) know different options:"
grep '^[<>]' <<<"$difference"
exit 1
