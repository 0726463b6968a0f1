#!/bin/sh
# The man page's lists of layers, activations, first weights and metrics, made from the program's own tables.
# usage: tools/man.sh build/gander          rewrites docs/gander.1
#        tools/man.sh --lists build/gander  prints the lists alone
set -eu
lists() {
    { "$1" recipes --layers && "$1" recipes --metrics; } | sed 's/-/\\-/g' | awk '
        /^[A-Z][a-z ]*:$/ { sub(":", ""); print ".SS " $0; next }
        /^  [^ ]/ { print ".TP\n.B " substr($0, 3); next }
        /^      / { print substr($0, 7) }'
}
if [ "$1" = --lists ]; then
    lists "$2"
    exit
fi
page=$(dirname "$0")/../docs/gander.1
lists "$1" >"$page.lists"
awk -v lists="$page.lists" '
    /^\.SS Layers$/ { while ((getline line < lists) > 0) print line; skip = 1 }
    /^\.SH FILES$/ { skip = 0 }
    !skip' "$page" >"$page.new"
rm "$page.lists"
mv "$page.new" "$page"
