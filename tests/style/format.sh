#!/bin/bash
# format.sh [ROOT [--write]] - every C file is as clang-format 14 would write it, or is made so
# Another version formats differently: without 14 the check says so and is skipped (status 77).
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}" || exit 2
# shellcheck source=tests/style/files.sh
. "$here/files.sh"

formatter=$(command -v clang-format-14 || command -v clang-format) ||
    { echo "skipped: clang-format 14 is not installed (scripts/dependencies test)"; exit 77; }
"$formatter" --version | grep -q 'version 14\.' ||
    { echo "skipped: $formatter is not version 14"; exit 77; }
if [ "${2-}" = --write ]; then how=(-i); else how=(--dry-run -Werror); fi
list_files '*.[ch]' | xargs -r -d '\n' "$formatter" "${how[@]}"
