#!/bin/bash
# floors.sh [ROOT] - folders are floors: each includes only what lies below it
#
#            daemon                      client      sandbox     setup
#       ┌──────┼───────┬────────┐          │            │          │
#     chat     │       │        │          │            │      chat, config
#       └─> queue   config    wire <───────┘            │
#              └───────┴────┬───┘                       │
#                         base <────────────────────────┘
#
# The drawing as a table, with the libraries that a floor may know. What it does
# not name, it does not include: queue stays free of sockets, HTTP and event
# loops because the row has none of them.
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}" || exit 2
# shellcheck source=tests/style/files.sh
. "$here/files.sh"

#     floor    | floors below it               | libraries it may include
house='
      base     |                               |
      wire     | base                          | jansson
      config   | base                          | inih sockets
      queue    | base                          | sqlite jansson libcrypto
      chat     | queue base                    | sockets libevent libcurl jansson libcrypto
      daemon   | chat queue config wire base   | sockets libevent jansson libsystemd
      client   | wire base                     | sockets jansson
      setup    | chat queue config base        | libevent jansson
      sandbox  | base                          | sockets libevent jansson libcrypto
'
# Which library a system header belongs to; a header not listed is the C library's.
libraries='
      event2/ libevent    ev    libevent    curl/    libcurl     sqlite3   sqlite
      jansson jansson     ini.h inih        systemd/ libsystemd  openssl/  libcrypto
      sys/socket.h sockets  sys/un.h sockets  sys/epoll.h sockets
      netinet/ sockets      arpa/ sockets     netdb.h sockets
'
# Floors that are called and answer; only programs print and log.
silent='wire config queue chat'

# Every include of a floor, and of a floor's unit tests, as "file:line:include".
includes() {
    list_files '*.[ch]' | grep -E '^(tests/unit/)?[a-z]+/' |
        xargs -r -d '\n' grep -HnE '^[[:space:]]*#[[:space:]]*include' || true
}

# Calls that print or log, in the floors that must not. Last words before an abort are neither.
voices() {
    local floor
    for floor in $silent; do
        list_files "$floor/*.c"
    done | xargs -r -d '\n' awk '
        said && !/^ *abort\(\);/ { print said ": prints or logs; only programs do" }
        { said = "" }
        /(^|[^a-z_])(v?printf|puts|putchar|perror|syslog|sd_journal_[a-z]+) *\(|(^|[^a-z_])(stdout|stderr)([^a-z_]|$)/ {
            said = FILENAME ":" FNR
        }'
}

check_includes() {
    awk -F: -v house="$house" -v libraries="$libraries" '
        BEGIN {
            rows = split(house, row, "\n")
            for (r = 1; r <= rows; r++) {
                if (split(row[r], column, "|") < 3) continue
                floor = column[1]; gsub(/ /, "", floor)
                exists[floor] = 1
                allowed[floor, floor] = 1
                n = split(column[2], word, " "); for (i = 1; i <= n; i++) allowed[floor, word[i]] = 1
                n = split(column[3], word, " "); for (i = 1; i <= n; i++) knows[floor, word[i]] = 1
            }
            headers = split(libraries, header, " ")
        }
        {
            floor = $1; in_test = sub(/^tests\/unit\//, "", floor); sub(/\/.*/, "", floor)
            if (!(floor in exists)) next
            where = $1 ":" $2 ": "
            name = $0; sub(/^[^"<]*/, "", name)
            kind = substr(name, 1, 1); name = substr(name, 2); sub(/[">].*/, "", name)
            if (kind == "\"") {
                below = name; sub(/\/.*/, "", below)
                if (in_test && below == "tests") next
                if (below == name) print where "includes \"" name "\" without its folder"
                else if (!((floor, below) in allowed))
                    print where floor " may not include \"" name "\": " below " is not below it"
            } else if (!in_test) {
                for (i = 1; i < headers; i += 2)
                    if (index(name, header[i]) == 1 && !((floor, header[i + 1]) in knows)) {
                        print where floor " may not include <" name ">: it knows nothing of " header[i + 1]
                        break
                    }
            }
        }'
}

violations=$(includes | check_includes && voices) || exit 2
[ -z "$violations" ] && exit 0
printf '%s\n' "$violations"
exit 1
