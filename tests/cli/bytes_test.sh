#!/bin/sh
# Same bytes everywhere: every number of threads, every form that this processor has, with and without
# fusion, against digests that another machine made. PNGs depend on libpng's version, so they are left out.
. "$(dirname "$0")/lib.sh"
expected=$source_dir/tests/cli/bytes.txt
export GAN_CROWDED=1 # threads that the machine has no processors for
digests=$3

# check NAME DIGEST-NAME ENV... -- arguments of gander train
check() {
    name=$1
    shift
    want=$(awk -v n="$name" '$1 == n {print $2, $3, $4}' "$expected")
    keys=$(sed -n "s/^$name //p" "$expected" | cut -d' ' -f4-)
    settings=
    while [ "$1" != -- ]; do
        settings="$settings $1"
        shift
    done
    shift
    rm -rf run
    if ! env $settings "$gander" train "$@" -o run -q; then
        bad "$name with$settings $*: did not run"
    elif got=$(echo $(facts run $keys)) && [ "$got" = "$want" ]; then
        ok
    else
        bad "$name with$settings $*: $got, not $want"
    fi
}

# SHORT=1: the small nets alone, fused by two threads and plain by one (as ever in the portable form), and the picture nets once.
long="--set data.set=strokes --set train.log_every=100 --set train.checkpoint_every=1000 --iterations ${ITERATIONS:-500}"
for recipe in ${SHORT:-article steady vae}; do
    [ $recipe != 1 ] || break
    for threads in 1 2 3 4; do
        check $recipe X=1 -- $recipe $long --threads $threads
    done
    check $recipe GAN_PLAIN=1 -- $recipe $long --threads 2
done
small=$source_dir/tests/cli/small.ini
for form in portable avx2 avx512; do
    if GAN_ISA=$form "$gander" --version | grep -q none; then
        echo "SKIP: this processor has no $form"
        continue
    fi
    for plain in 0 1; do
        for threads in 1 2; do
            # SHORT or portable: 02 and 11
            case ${SHORT:-$form}-$plain$threads in [1p]*-01 | [1p]*-12) continue ;; esac
            for recipe in small small_other small_vae small_norm small_turns small_few; do
                check $recipe GAN_ISA=$form GAN_PLAIN=$plain -- "$source_dir/tests/cli/$recipe.ini" --threads $threads
            done
        done
    done
done
# The picture nets. The portable form takes minutes for the larger two: BYTES_ALL=1 asks for them.
make_pictures 40 pictures.idx
for recipe in $picture_nets; do
    for form in avx2 avx512; do
        if GAN_ISA=$form "$gander" --version | grep -q none; then continue; fi
        check $recipe GAN_ISA=$form -- $(pictures_of $recipe) --threads 2
        [ -z "${SHORT:-}" ] || continue
        check $recipe GAN_ISA=$form -- $(pictures_of $recipe) --threads 3
        check $recipe GAN_ISA=$form GAN_PLAIN=1 -- $(pictures_of $recipe) --threads 1
    done
    case $recipe${SHORT:-0}${BYTES_ALL:-0} in
    dcgan00 | conditional00 | pictures00 | *1) check $recipe GAN_ISA=portable -- $(pictures_of $recipe) --threads 2 ;;
    esac
done
for objective in minimax nonsaturating; do
    check small-$objective X=1 -- "$small" --set train.objective=$objective --set train.r2=0 --threads 2
done
finish
