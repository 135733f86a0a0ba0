#!/bin/bash
# links.sh PROGRAM LIBRARY... - the program does not need any of these libraries, itself or through others
set -u -o pipefail
program=$1
shift
needed=$(ldd "$program") || exit 2
status=0
for library in "$@"; do
    if grep -qF "$library" <<<"$needed"; then
        echo "$program needs $library"
        status=1
    fi
done
exit $status
