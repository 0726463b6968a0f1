#!/bin/sh
# The house's rules that a script can check: who may include whom, no circle among files, file names unique in the tree, public
# headers that stand alone, and the engine's size. One line for each break; exit 1.
set -eu
cd "$(dirname "$0")/.."

allowed() {
    case $1 in
    base) echo "base" ;;
    kernel) echo "base kernel" ;;
    graph) echo "base graph" ;;
    plan) echo "base kernel graph plan" ;;
    nn) echo "base kernel graph plan nn" ;;
    file) echo "base file" ;;
    data) echo "base file data" ;;
    recipe) echo "base file recipe" ;;
    game) echo "base nn recipe game" ;;
    train) echo "base kernel plan nn file data recipe game train" ;;
    run) echo "base file data recipe train run" ;;
    measure) echo "base file plan measure" ;;
    inspect) echo "base nn game train measure inspect" ;;
    look) echo "base file look" ;;
    doctor) echo "base doctor" ;;
    board) echo "base file board" ;;
    page) echo "base file page" ;;
    esac
}

breaks=$(
    for room in base kernel graph plan nn file data recipe game train run measure inspect look doctor board page; do
        may=" $(allowed $room) "
        grep -nE '^#include "' src/$room/* | while IFS= read -r line; do
            seen=$(printf '%s' "$line" | sed -E 's/.*#include "([^"]*)".*/\1/')
            case $seen in */*) ;; *) echo "$line: includes are written room/file.h"; continue ;; esac
            case $may in *" ${seen%%/*} "*) ;; *) echo "$line: $room may not see ${seen%%/*}" ;; esac
        done
    done
    grep -E '^#include "[a-z]+/' -r src --include='*.[ch]' |
        sed -E 's|^src/([^:]*):#include "([^"]*)".*|\1 \2|' | awk -f tools/includes.awk
    grep -nE '^#include "' cli/* | grep -v '"command.h"' | sed 's/$/: the program sees public headers only/'
    find src cli include -name '*.[ch]' | sed 's|.*/||' | sort | uniq -d | sed 's/$/: two files of that name/'
    for h in include/gan/*.h; do
        ${CC:-gcc} -std=c17 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c "$h" 2>/dev/null ||
            echo "$h: does not compile by itself"
    done
)
# Comments and blank lines are not code.
lines=$(cat src/graph/* src/plan/* src/kernel/* | sed -E 's#/\*.*\*/##; s#//.*##' |
    awk '/\/\*/ {inside = 1} !inside && NF {n++} /\*\// {inside = 0} END {print n}')
[ "$lines" -le 7500 ] || breaks="$breaks
graph, plan and kernels have $lines lines of code; 7500 are allowed"
[ -z "$breaks" ] || { printf '%s\n' "$breaks"; exit 1; }
echo "layers: clean; graph, plan and kernels: $lines lines of code"
