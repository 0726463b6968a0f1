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
# The lists of layers, activations, first weights and metrics are those of the tables.
sh "$source_dir/tools/man.sh" --lists "$gander" >lists
[ "$(grep -c '^\.TP' lists)" -gt 30 ] && ok || bad "the lists were not read"
sed -n '/^\.SS Layers$/,/^\.SH FILES$/p' "$page" | sed '$d' >written
cmp -s lists written && ok || bad "the man page's lists are not the program's: run tools/man.sh build/gander"
[ $passed -gt 20 ] || bad "only $passed checks: the list of commands was not read"
finish
