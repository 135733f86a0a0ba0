#!/bin/bash
# installed.sh BUILD - what is installed of the documents leads to what is installed
set -u -o pipefail
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
DESTDIR=$folder cmake --install "$1" >"$folder/log" || { cat "$folder/log"; exit 2; }

documents=$(find "$folder" -type d -path '*/doc/chatrelay')
cd "$documents" || exit 2
status=0
for name in README.md CHANGELOG.md readers.md recipes.md; do
    [ -s "$name" ] || { echo "$name is not installed"; status=1; }
done
while IFS= read -r place; do
    link=${place#*\](}
    [ -e "${link%[)#]}" ] || { echo "$place leads to nothing that is installed"; status=1; }
done < <(grep -HoE '\]\([^)#:]+[)#]' ./*.md)
exit "$status"
