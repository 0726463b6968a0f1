#!/bin/sh
# Every command and option that the program has stands in its man page, and in its --help.
. "$(dirname "$0")/lib.sh"
page=$source_dir/docs/gander.1
for command in $("$gander" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
    grep -q "^.SS $command$" "$page" && ok || bad "the man page has no $command"
    "$gander" help "$command" >a
    "$gander" "$command" --help >b
    cmp -s a b && ok || bad "help $command and $command --help differ"
    for option in $(grep -oE -- '--[a-z-]+' a | grep -v help | sort -u); do
        grep -qF -- "$(echo "$option" | sed 's/-/\\-/g')" "$page" && ok || bad "the man page has no $command $option"
    done
done
# Every layer and activation of the tables.
"$gander" recipes --layers | sed -n 's/^  \([a-z].*[^ ]\)   *[^ ].*/\1/p' | sed 's/  .*//' >words
[ "$(grep -c . words)" -gt 8 ] && ok || bad "the list of layers was not read"
while IFS= read -r word; do
    grep -qxF -- ".B $word" "$page" && ok || bad "the man page has no $word"
done <words
[ $passed -gt 20 ] || bad "only $passed checks: the list of commands was not read"
finish
