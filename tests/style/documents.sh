#!/bin/bash
# documents.sh [ROOT] - what README says of exit codes is what client/exit_code.h says
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}" || exit 2

header_codes() {
    sed -nE 's/^ *EXIT_CODE_[A-Z_]+ = ([0-9]+),.*/\1/p' client/exit_code.h | sort -n
}
readme_codes() {
    sed -nE '/^\| code \|/,/^$/s/^\| ([0-9]+) \|.*/\1/p' README.md | sort -n
}

difference=$(diff <(header_codes) <(readme_codes)) && exit 0
echo "README.md (>) and client/exit_code.h (<) know different exit codes:"
grep '^[<>]' <<<"$difference"
exit 1
