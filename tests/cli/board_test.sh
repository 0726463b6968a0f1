#!/bin/sh
# A run's event file, read by TensorBoard itself (board_read.py): all figures, pictures and histograms, and that it goes on to a
# newer file.
# usage: board_test.sh GANDER SOURCE_DIR
# TensorBoard is at home in bench/.peers (sh bench/install_peers.sh BOARD). Under CI it is put there; nobody else's machine gets what it
# did not ask for.
. "$(dirname "$0")/lib.sh"
python=$source_dir/bench/.peers/bin/python
skip() {
    echo "SKIP ALL: $*"
    exit 0
}
there() { "$python" -c 'import tensorboard' 2>/dev/null; }
there || [ "${CI:-}" != true ] || timeout 300 sh "$source_dir/bench/install_peers.sh" BOARD >log 2>&1 || tail -n 1 log
there || skip "no TensorBoard to compare with: sh bench/install_peers.sh BOARD"

train() { # iterations, words...
    n=$1
    shift
    "$gander" train "$source_dir/tests/cli/small.ini" --iterations "$n" -q "$@"
}
train 40 --set train.log_every=10 --set train.grid_every=20 --set train.checkpoint_every=20 --set train.spread_every=20 -o run
got=0
"$gander" look run --tensorboard board >out 2>err || got=$?
! grep -q 'built without' err || skip "$(cat err)"
[ $got = 0 ] && grep -q "tensorboard --logdir 'board'" out && ok || bad "look --tensorboard: $(cat err)"
cp -r board first
"$gander" look run --tensorboard board >out && cmp -s board/* first/* && ok || bad "written again, other bytes"

# The run goes on while TensorBoard looks.
cp -r run older
"$gander" train --resume run -q --iterations 60
"$gander" look older --tensorboard board >out
if timeout 120 "$python" "$source_dir/tests/cli/board_read.py" board older run "$gander" >out 2>&1; then
    passed=$((passed + $(grep -c '^ok' out)))
else
    bad "$(tail -n 5 out)"
fi
[ "$(ls board | wc -l)" = 1 ] && ok || bad "more than one file: $(ls board)"
finish
