#!/bin/sh
# Makes the README's pictures: 25 samples each of article, steady and digits, MNIST, seed 1.
# usage: pictures.sh build/gander DATA
set -eu
gander=$1
data=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for recipe in article steady digits; do
    "$gander" train $recipe --data "$data" --seed 1 -o "$work/$recipe" -q
    "$gander" sample "$work/$recipe" -n 25 -o "docs/$recipe.png" --force
done
