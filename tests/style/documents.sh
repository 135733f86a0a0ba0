#!/bin/bash
# documents.sh [ROOT] - what texts say of the program is what the program says of itself
#
# README's exit codes are those of client/exit_code.h; the journal's catalog explains
# the kinds of entries that daemon/journal.c has.
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}" || exit 2

header_codes() {
    sed -nE 's/^ *EXIT_CODE_[A-Z_]+ = ([0-9]+),.*/\1/p' client/exit_code.h | sort -n
}
readme_codes() {
    sed -nE '/^\| code \|/,/^$/s/^\| ([0-9]+) \|.*/\1/p' README.md | sort -n
}

journal_kinds() {
    sed -nE 's/^ *\{ "[a-z-]+", "([0-9a-f]{32})" \},.*/\1/p' daemon/journal.c | sort
}
catalog_kinds() {
    sed -nE 's/^-- ([0-9a-f]{32})$/\1/p' systemd/chatrelay.catalog | sort
}

failures=0
# hold ONE OTHER WHAT: two functions above give the same lines.
hold() {
    local difference
    difference=$(diff <("$1") <("$2")) && return
    echo "$3:"
    grep '^[<>]' <<<"$difference"
    failures=$((failures + 1))
}

hold header_codes readme_codes 'README.md (>) and client/exit_code.h (<) know different exit codes'
hold journal_kinds catalog_kinds \
    'systemd/chatrelay.catalog (>) and daemon/journal.c (<) know different kinds of entries'
exit "$failures"
