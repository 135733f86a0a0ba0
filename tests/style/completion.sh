#!/bin/bash
# completion.sh PROGRAM - bash completes the verbs and options that `chatrelay help` has, and no other
set -u -o pipefail
program=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=packaging/bash-completion
. "$here/../../packaging/bash-completion"
failures=0

# completes WORD...: what is offered for the last word, a line each.
completes() {
    # shellcheck disable=SC2034 # bash's own names
    COMP_WORDS=("$program" "$@") COMP_CWORD=$#
    COMPREPLY=()
    _chatrelay
    printf '%s\n' "${COMPREPLY[@]}" | sort
}

# same WHAT WANTED OFFERED
same() {
    [ -n "$2" ] && [ "$2" = "$3" ] && return
    echo "$1: not offered (<), or offered and not in the help (>):"
    diff <(echo "$2") <(echo "$3") | grep '^[<>]'
    failures=$((failures + 1))
}

verbs=$("$program" help | sed -nE 's/^  ([a-z]+) .*/\1/p' | grep -vx chatrelay | sort)
same verbs "$(printf '%s\n' "$verbs" help | sort)" "$(completes '')"
for verb in $verbs; do
    options=$("$program" help "$verb" | sed -nE 's/^  (-., )?(--[a-z-]+).*/\2/p' | sort)
    [ "$verb" = setup ] || same "options of $verb" "$options" "$(completes "$verb" --)"
done
same 'behind an option of another verb' "$(printf '%s\n' bulk normal urgent)" "$(completes send --priority '')"
same 'what can be waited for' "$("$program" help send | sed -nE 's/.*wait for: //p' | grep -oE 'end|sent|visible')" \
    "$(completes wait --for '')"
same 'the beginning of a verb' "$(printf '%s\n' stats status)" "$(completes st)"
exit "$failures"
