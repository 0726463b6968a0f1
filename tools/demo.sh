#!/bin/sh
# The two chapters of the article, on real images: its GAN to the letter, and `steady`.
set -eu
cd "$(dirname "$0")/.."
gander=build/gander
set=mnist

if ! $gander data fetch mnist; then
    echo
    echo "MNIST cannot be had here; taking Fashion-MNIST from Debian's package instead: the pictures"
    echo "will be clothes, not digits."
    set=fashion-mnist
    tools/apt.sh dataset-fashion-mnist
    $gander data fetch fashion-mnist
fi

for recipe in article steady; do
    echo
    echo "== $recipe =="
    $gander train $recipe --data $set --seed 1 -o runs/demo-$recipe --force
    $gander sample runs/demo-$recipe -n 25 -o runs/demo-$recipe.png --force
done

# Both grids, side by side: each as wide as half a line, in colour where the terminal has any.
half=38
[ ! -t 1 ] || export CLICOLOR_FORCE=1
for recipe in article steady; do
    COLUMNS=$half $gander sample runs/demo-$recipe -n 25 >runs/demo-$recipe.txt
done
echo
printf "%-${half}s %s\n" article steady
paste -d ' ' runs/demo-article.txt runs/demo-steady.txt | sed 's/\t/  /'

# One line under each, from the last line of its metrics.
number() { tail -n 1 "runs/demo-$1/metrics.jsonl" | sed -n "s/.*\"$2\":\([^,}]*\).*/\1/p" | cut -c1-5; }
for recipe in article steady; do
    spread=$(number $recipe spread)
    what=$(awk -v s="$spread" 'BEGIN {print s < 0.3 ? "collapsed: D wins, G draws the same over and over" : s < 0.8 ? "less varied than the data" : "as varied as the data"}')
    printf '%-8s spread %s (data: 1), loss of D %s, of G %s: %s\n' $recipe "$spread" \
        "$(number $recipe loss_d)" "$(number $recipe loss_g)" "$what"
done
cat <<END

pictures: $PWD/runs/demo-article.png
          $PWD/runs/demo-steady.png     and every 1,000 iterations in runs/demo-*/samples/
next:     build/gander sample runs/demo-steady -n 100 --seed 7
          build/gander train --resume runs/demo-steady --iterations 20000
          build/gander recipes steady > mine.ini && build/gander train mine.ini --data $set
END
