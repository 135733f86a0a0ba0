#!/bin/bash
# teeth.sh - each check of this folder passes a good tree and fails one with a known fault
# shellcheck disable=SC2016 # what we plant is not to expand here
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
failures=0

# plant PATH TEXT: one file of the made-up tree.
plant() {
    mkdir -p "$(dirname "$tree/$1")" && printf '%s' "$2" >"$tree/$1"
}

# A small house without a fault. The made-up tree is no git repository.
good_tree() {
    rm -rf "${tree:?}"/* && plant base/word.h '/*
 * word.h - a word
 */
#ifndef CHATRELAY_BASE_WORD_H
#define CHATRELAY_BASE_WORD_H
int word(void);
#endif
' && plant queue/line.c '#include "base/word.h"

#include <sqlite3.h>

int line(void)
{
    if (word() > 9) {
        fputs("no room for more words\n", stderr);
        abort();
    }
    return word();
}
' && plant tests/unit/queue/test_line.c '#include "tests/fakes/pen.h"

#include <criterion/criterion.h>
' && plant client/exit_code.h '/*
 * exit_code.h - two of them
 */
#ifndef CHATRELAY_CLIENT_EXIT_CODE_H
#define CHATRELAY_CLIENT_EXIT_CODE_H
enum exit_code {
    EXIT_CODE_DONE = 0,
    EXIT_CODE_UNKNOWN = 12, /* no answer */
};
#endif
' && plant daemon/journal.c 'static const struct kind kinds[] = {
    { "sent", "0123456789abcdef0123456789abcdef" },
};
' && plant systemd/chatrelay.catalog '-- 0123456789abcdef0123456789abcdef
Subject: It was sent
' && plant README.md 'See [how](CONTRIBUTING.md#how).

| code | meaning |
|---|---|
| 0 | done |
| 12 | unknown |

| 13 | of another table |
' && plant CONTRIBUTING.md '# How
' && plant docs/man/word.1 '.Dd November 21, 2026
.Dt WORD 1
.Os
.Sh NAME
.Nm word
.Nd say a word
' && plant scripts/say '#!/bin/sh
echo "$1"
' && cp "$here/../../.clang-format" "$tree"
}

# bites CHECK WORDS: the check fails on the tree as it is now and says WORDS.
bites() {
    local check=$1 words=$2 said
    said=$("$here/$check.sh" "$tree" 2>&1)
    case $? in
    0) echo "$check passes a tree that it should fail: $words" ;;
    77) return 0 ;;
    *) grep -qF -- "$words" <<<"$said" && return 0
       echo "$check does not say \"$words\" but: $said" ;;
    esac
    failures=$((failures + 1))
}

# fault CHECK WORDS PATH TEXT: with that one file changed the check bites.
fault() {
    good_tree && plant "$3" "$4" && bites "$1" "$2"
}

good_tree
for check in documents floors format manual shell text; do
    said=$("$here/$check.sh" "$tree" 2>&1) || [ $? = 77 ] ||
        { echo "$check fails a tree without a fault: $said"; failures=$((failures + 1)); }
done

fault documents '> 13' README.md '| code |
| 0 |
| 12 |
| 13 |
'
fault documents '< 12' README.md '| code |
| 0 |
'
fault documents '> fedcba9876543210fedcba9876543210' systemd/chatrelay.catalog '-- fedcba9876543210fedcba9876543210
'
fault floors 'base/word.c:1: base may not include "queue/line.h"' base/word.c '#include "queue/line.h"
'
fault floors 'client may not include "chat/http.h"' client/main.c '#include "chat/http.h"
'
fault floors 'sandbox may not include "wire/answer.h"' sandbox/main.c '#include "wire/answer.h"
'
fault floors 'setup may not include "daemon/relay.h"' setup/main.c '#include "daemon/relay.h"
'
fault floors 'without its folder' queue/line.c '#include "line.h"
'
fault floors 'it knows nothing of sockets' queue/line.c '#include <sys/socket.h>
'
fault floors 'it knows nothing of libevent' queue/line.c '#  include <event2/event.h>
'
fault floors 'it knows nothing of libcurl' queue/line.c '#include <curl/curl.h>
'
fault floors 'it knows nothing of libsystemd' queue/line.c '#include <systemd/sd-journal.h>
'
fault floors 'it knows nothing of sqlite' client/main.c '#include <sqlite3.h>
'
fault floors 'tests/unit/base/test_word.c:1: base may not include' tests/unit/base/test_word.c '#include "wire/answer.h"
'
fault floors 'queue/line.c:1: prints or logs' queue/line.c 'int x = fprintf(stderr, "x");
int y;
'
fault format 'code should be clang-formatted' queue/line.c 'int  line ( void ) ;
'
fault manual 'WARNING' docs/man/word.1 '.Dt WORD 1
.Os
.Sh NAME
'
fault shell 'SC2086' scripts/say '#!/bin/sh
echo $1
'
fault text 'has blanks at its end' queue/line.c $'int line; \n'
fault text 'has a tab' queue/line.c '	int line;
'
fault text 'has a carriage return' README.md $'line\r\n'
fault text 'names a path of one machine' README.md "see /$(printf root)/notes
"
fault text 'leaves something undone' queue/line.c "/* $(printf TO)DO */
"
fault text 'does not begin with' base/word.h '#ifndef CHATRELAY_BASE_WORD_H
'
fault text 'is not guarded by CHATRELAY_BASE_WORD_H' base/word.h '/*
 * word.h - a word
 */
'
fault text 'has no newline at its end' README.md 'end'
fault text "names NOTES.m""d, which is not here" queue/line.c "/* NOTES.m""d says why */
"
fault text 'links to docs/gone.html, which is not here' README.md '[gone](docs/gone.html)
'
fault text 'refers to docs/man/chatrelay-gone.7' queue/line.c '/* see chatrelay-gone(7) */
'
fault text 'refers to docs/man/chatrelayx.8' docs/man/word.1 '.Xr chatrelayx 8
'

"$here/links.sh" /bin/sh libcurl.so || { echo "links fails a program without libcurl"; failures=$((failures + 1)); }
"$here/links.sh" /bin/sh libc.so >/dev/null && { echo "links overlooks libc"; failures=$((failures + 1)); }

# Criterion, unittest, a plain test, a skipped one, and a leak behind tests that all passed.
counted=$("$here/../count" <<'LOG'
1: [====] Synthesis: Tested: 3 | Passing: 1 | Failing: 2 | Crashing: 1
1/6 Test  #1: unit.a ....***Failed   0.10 sec
2: Ran 30 tests in 1.445s
2: OK
2/6 Test  #2: daemon.b ..   Passed   1.45 sec
3: Ran 5 tests in 1.445s
3: FAILED (failures=1, errors=1, skipped=1)
3/6 Test  #3: daemon.c ..***Failed   1.45 sec
4/6 Test  #4: style.d ...***Skipped  0.01 sec
5/6 Test  #5: style.e ...   Passed   0.01 sec
6: [====] Synthesis: Tested: 3 | Passing: 3 | Failing: 0 | Crashing: 0
6/6 Test  #6: unit.f ....***Failed   0.10 sec
LOG
)
[ "$counted" = '37 passed, 5 failed' ] || { echo "count says: $counted"; failures=$((failures + 1)); }

[ "$failures" = 0 ]
