#!/bin/sh
# A run's event file, read by TensorBoard itself (board_read.py): all figures, pictures and histograms, and that it goes on to a
# newer file.
# usage: board_test.sh GANDER SOURCE_DIR WRITE_BOARD
# TensorBoard is at home in bench/.peers (sh bench/install_peers.sh BOARD). Under CI it is put there; nobody else's machine gets what it
# did not ask for.
write_board=$3
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
"$write_board" run board 2>err || got=$?
[ $got != 77 ] || skip "$(cat err)"
[ $got = 0 ] && ok || bad "write_board: $(cat err)"
cp -r board first
"$write_board" run board && cmp -s board/* first/* && ok || bad "written again, other bytes"

# The run goes on while TensorBoard looks.
cp -r run older
"$gander" train --resume run -q --iterations 60
"$write_board" older board
if timeout 120 "$python" "$source_dir/tests/cli/board_read.py" board older run "$write_board" >out 2>&1; then
    passed=$((passed + $(grep -c '^ok' out)))
else
    bad "$(tail -n 5 out)"
fi
[ "$(ls board | wc -l)" = 1 ] && ok || bad "more than one file: $(ls board)"
finish
