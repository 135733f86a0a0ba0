#!/bin/bash
# manual.sh [ROOT] - the manual pages are clean mdoc
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}" || exit 2
# shellcheck source=tests/style/files.sh
. "$here/files.sh"

command -v mandoc >/dev/null ||
    { echo "skipped: mandoc is not installed (scripts/dependencies test)"; exit 77; }
list_files 'docs/man/*.[1-8]' | xargs -r -d '\n' mandoc -T lint -W warning
