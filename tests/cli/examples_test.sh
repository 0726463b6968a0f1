#!/bin/sh
# The examples, built against the installed package through pkg-config, and run.
. "$(dirname "$0")/lib.sh"
build=$3
cmake --install "$build" --prefix "$work/root" >/dev/null
pc=$(find "$work/root" -name gander.pc)
export PKG_CONFIG_PATH=${pc%/gander.pc}
lib=${pc%/pkgconfig/gander.pc}

"$gander" train "$source_dir/tests/cli/small.ini" --iterations 1 -q -o run
for link in shared static; do
    for example in sample ring; do
        flags=$(pkg-config --cflags --libs gander)
        if [ $link = static ]; then # our library alone: Debian has not got every static one below it
            needs=$(sed -n 's/^Requires.private: //p' "$pc")
            flags="$(echo "$flags" | sed 's/-lgander/-l:libgander.a/') $(pkg-config --libs $needs) -pthread"
        fi
        if ${CC:-cc} -std=c17 -O2 -Wall -Wextra -Werror "$source_dir/examples/$example.c" $flags -lm -o $example-$link 2>log
        then ok; else bad "$example does not build ($link): $(head -5 log)"; fi
    done
done
export LD_LIBRARY_PATH=$lib
./sample-shared run/model.safetensors shared.png && [ -s shared.png ] && ok || bad "sample draws nothing"
./sample-static run/model.safetensors static.png && cmp -s shared.png static.png && ok || bad "static and shared differ"
./sample-shared nothing.safetensors x.png 2>err && bad "no error for a missing model" || ok
[ "$(grep -c . err)" = 1 ] && ok || bad "not one line: $(cat err)"
./ring-shared | tee ring.txt
grep -qE "^8 of 8 spots, [89]. %" ring.txt && ok || bad "ring: $(cat ring.txt)"
# Hidden by default: nothing but gan_ leaves the library.
foreign=$(nm -D --defined-only "$lib/libgander.so" | awk '{print $3}' | grep -v '^gan_' || true)
[ -z "$foreign" ] && ok || bad "symbols that should be hidden: $foreign"
[ "$(wc -l <"$source_dir/examples/ring.c")" -le 80 ] && [ "$(wc -l <"$source_dir/examples/sample.c")" -le 40 ] && ok || bad "the examples have grown"
finish
