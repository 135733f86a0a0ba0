#!/bin/bash
# text.sh [ROOT] - small manners of text files, and references that lead somewhere
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}" || exit 2
# shellcheck source=tests/style/files.sh
. "$here/files.sh"

# Fuzzing corpora are foreign bytes on purpose.
ours() {
    list_files "$@" | grep -v '/corpus/'
}

# complain WHAT PATTERN GLOB...: every line of those files that matches, with what is wrong.
complain() {
    local what=$1 pattern=$2
    shift 2
    ours "$@" | xargs -r -d '\n' grep -IHnE -- "$pattern" | sed "s|^\([^:]*:[0-9]*\):.*|\1: $what|"
}

# A C file says in its first lines what it is, and a header guards itself by its path.
headers_introduce_themselves() {
    local file guard
    ours '*.h' | while IFS= read -r file; do
        [ "$(sed -n '1p' "$file")" = '/*' ] &&
            sed -n '2p' "$file" | grep -qF " * $(basename "$file") - " ||
            echo "$file:1: does not begin with /* and \" * $(basename "$file") - what it is\""
        guard=CHATRELAY_$(printf '%s' "${file%.h}" | tr 'a-z/-' 'A-Z__')_H
        grep -qx "#ifndef $guard" "$file" || echo "$file:1: is not guarded by $guard"
    done
}

ends_with_newline() {
    local file
    ours '*.[ch]' '*.sh' '*.md' '*.txt' '*.cmake' | while IFS= read -r file; do
        [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ] && echo "$file: has no newline at its end"
    done
}

# A document named in a comment or linked from a page has to exist.
documents_exist() {
    local place name
    ours '*.[ch]' '*.sh' '*.md' '*.txt' '*.cmake' 'docs/*' 'scripts/*' |
        xargs -r -d '\n' grep -IHnoE '[A-Za-z0-9_./-]*[A-Za-z0-9_]\.md\b' |
        while IFS= read -r place; do
            name=${place##*:}
            [ -n "$(list_files "${name#./}" "*/${name##*/}")" ] ||
                echo "${place%:*}: names $name, which is not here"
        done
    ours '*.md' | xargs -r -d '\n' grep -HnoE '\]\([^)#:]+[)#]' | while IFS= read -r place; do
        name=${place##*\](}
        name=${name%[)#]}
        [ -e "$(dirname "${place%%:*}")/$name" ] || echo "${place%:*}: links to $name, which is not here"
    done
}

# A page of ours that a text or another page refers to has to exist.
manual_pages_exist() {
    local place name
    ours '*.[ch]' '*.md' '*.conf' 'docs/*' 'scripts/*' |
        xargs -r -d '\n' grep -IHnoE '\bchatrelay[a-z.-]*\([1-8]\)|^\.Xr chatrelay[a-z.-]* [1-8]' |
        while IFS= read -r place; do
            name=${place##*:}
            name=${name#.Xr }
            name=${name//[ (]/.}
            name=${name%)}
            [ -e "docs/man/$name" ] || echo "${place%:*}: refers to docs/man/$name, which is not here"
        done
}

violations=$(
    complain 'has blanks at its end' '[[:blank:]]$' '*'
    complain 'has a tab' $'\t' '*.[ch]' '*.cmake' '*CMakeLists.txt' '*.md'
    complain 'has a carriage return' $'\r' '*'
    complain 'names a path of one machine' '(^|[^A-Za-z0-9_.-])/(wor[k]|root|home|Users)/[a-z]' '*'
    complain 'leaves something undone' '\b(TO[D]O|FIX[M]E|XX[X])\b' '*'
    headers_introduce_themselves
    ends_with_newline
    documents_exist
    manual_pages_exist
)
[ -z "$violations" ] && exit 0
printf '%s\n' "$violations"
exit 1
