#!/bin/bash
# shell.sh [ROOT] - shellcheck finds nothing in the scripts
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}" || exit 2
# shellcheck source=tests/style/files.sh
. "$here/files.sh"

command -v shellcheck >/dev/null ||
    { echo "skipped: shellcheck is not installed (scripts/dependencies test)"; exit 77; }
# SC2317 takes functions that a trap calls for unreachable.
list_scripts | sort -u | xargs -r -d '\n' shellcheck -x -P SCRIPTDIR -e SC2317
