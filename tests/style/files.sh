# files.sh - sourced by the checks of this folder: which files are ours
# shellcheck shell=bash

# list_files PATTERN...: the project's files whose path matches one of the shell patterns, sorted.
# In a clone those that git knows or would add; anywhere else all but builds.
list_files() {
    local file pattern
    { git ls-files --cached --others --exclude-standard 2>/dev/null ||
        find . \( -name .git -o -path ./build \) -prune -o -type f -print | sed 's|^\./||'; } |
        sort -u | while IFS= read -r file; do
        [ -f "$file" ] || continue # deleted, and not yet committed
        for pattern in "$@"; do
            # shellcheck disable=SC2053 # the right-hand side is a pattern
            if [[ $file == $pattern ]]; then
                printf '%s\n' "$file"
                break
            fi
        done
    done
}

# list_scripts: every shell script, by its ending or its first line.
list_scripts() {
    local file line
    list_files '*.sh'
    list_files '*' | while IFS= read -r file; do
        [[ $file == *.* && $file != .ci/* ]] && continue
        IFS= read -r line <"$file" || true
        case $line in '#!/bin/sh'* | '#!/bin/bash'* | '#!/usr/bin/env bash'*) printf '%s\n' "$file" ;; esac
    done
}
