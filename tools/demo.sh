#!/bin/sh
# The two chapters of the article, on real digits: its GAN to the letter, which collapses, and `steady`.
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
    $gander sample runs/demo-$recipe -n 25 -o runs/demo-$recipe/grid.png --force
done
for recipe in article steady; do
    echo
    echo "== $recipe: 25 samples =="
    $gander sample runs/demo-$recipe -n 25
done
cat <<'END'

`article` does what the article's text says, and collapses: D wins, G draws one picture over and over.
`steady` has nets of the same sizes, the same batch and iterations, and draws them all.
The pictures: runs/demo-article/grid.png, runs/demo-steady/grid.png, and runs/demo-*/samples/.
Next: build/gander --help
END
