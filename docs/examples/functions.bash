# functions.bash - for scripts: `. functions.bash`, then `tell "backup done"`, or just fail
# shellcheck shell=bash

# tell TEXT...: post it, or what is on standard input. THREAD in the environment says where to.
tell() {
    chatrelay send ${THREAD:+--to "$THREAD"} --title "$(basename "$0") on $(uname -n)" "$@"
}

# From here on a command that fails ends the script, and the chat is told where it was.
tell_of_failures() {
    set -E -e
    trap 'tell --priority urgent "line $LINENO: $BASH_COMMAND failed with $?"' ERR
}
