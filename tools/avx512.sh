#!/bin/sh
# The AVX-512 form on a processor that has none: an emulator (Bochs, as a Skylake-X) boots Debian's kernel with the
# program and its tests as all there is, and each training run must reach tests/cli/bytes.txt. It takes some 200 times as
# long as the processor's own forms: three minutes a recipe, a quarter of an hour for a kernel test.
# usage: avx512.sh [ROW...]    a small recipe of bytes.txt, or a test of tests/unit/kernel (test_forms, ...);
#                              no ROW: the small recipes
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- small small_other small_vae small_norm small_turns small_few
for row; do
    [ -f "tests/cli/$row.ini" ] || [ -f "tests/unit/kernel/$row.c" ] || {
        echo "avx512: $row is neither a small recipe (tests/cli/small*.ini) nor a test of tests/unit/kernel" >&2
        exit 2
    }
done
sh tools/deps.sh install "build emulate"
work=$(mktemp -d)
shown=
trap '[ -z "$shown" ] || kill "$shown" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/root/bin" "$work/root/lib64" "$work/root/proc" "$work/root/sys" "$work/root/dev" "$work/root/tmp" "$work/root/t" \
    "$work/iso/boot/grub"
cmake -S . -B build -G Ninja >/dev/null
tests=$(basename -s .c tests/unit/kernel/test_*.c)
cmake --build build --target gander digest $tests -- --quiet >/dev/null

# The kernel is fetched and unpacked, not installed.
kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" {print $2; exit}')
(cd "$work" && apt-get -o APT::Sandbox::User=root download "$kernel" >/dev/null && dpkg -x linux-image-*.deb kernel)
cp "$work"/kernel/boot/vmlinuz-* "$work/iso/boot/vmlinuz"

cp /bin/busybox "$work/root/bin"
for test in $tests; do cp "build/tests/$test" "$work/root/t"; done
cp build/gander build/digest tests/cli/small*.ini tests/cli/bytes.txt "$work/root/t"
for program in build/gander build/digest build/tests/test_forms; do ldd $program; done | grep -o '/[^ ]*' | sort -u |
    while read -r library; do cp -L "$library" "$work/root/lib64"; done
cat >"$work/root/init" <<END
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
export PATH=/bin LD_LIBRARY_PATH=/lib64 GAN_ISA=avx512
cd /t
echo BEGIN
./gander --version
for row in $*; do
    if [ -x \$row ]; then
        ./\$row >log 2>&1 && echo "\$row: passed" || { tail -n 5 log; echo "\$row: FAILED"; }
        continue
    fi
    ./gander train \$row.ini --threads 1 -q -o run --force
    set -- \$(grep "^\$row " bytes.txt)
    want="\$2 \$3"
    shift 4
    got="\$(./digest tensors run/model.safetensors \$(ls run/state/*.safetensors | tail -n 1)) \$(./digest values run/metrics.jsonl \$*)"
    [ "\$got" = "\$want" ] && echo "\$row: the same bytes" || echo "\$row: FAILED: \$got, not \$want"
done
echo END
sleep 3
poweroff -f
END
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc --quiet) >"$work/iso/boot/initrd"
# The emulator's XSAVEC says another size than the kernel finds, which would then hide AVX altogether.
cat >"$work/iso/boot/grub/grub.cfg" <<END
set timeout=0
menuentry gander {
    linux /boot/vmlinuz console=ttyS0 loglevel=1 mitigations=off tsc=reliable panic=-1 noxsaves clearcpuid=xsavec,xsaves rdinit=/init
    initrd /boot/initrd
}
END
grub-mkrescue -o "$work/disk.iso" "$work/iso" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
cat >"$work/bochsrc" <<END
megs: 1024
cpu: model=corei7_skylake_x, ips=100000000, reset_on_triple_fault=0
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path=$work/disk.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/serial
display_library: term
log: $work/bochs.log
error: action=ignore
END
echo c >"$work/commands" # Debian's build begins in its debugger: continue
: >"$work/serial"
# What comes over the serial line is shown as it comes. The emulator's screen wants a terminal, whose output nobody needs.
tail -n +1 -f "$work/serial" &
shown=$!
TERM=vt100 script -qfc "bochs -q -f $work/bochsrc -rc $work/commands" /dev/null >/dev/null 2>&1 </dev/null || true
sleep 1
grep -q '^END' "$work/serial" || { echo "avx512: the emulator ended before the runs did: $(tail -n 1 "$work/bochs.log")" >&2; exit 1; }
! grep -q 'FAILED' "$work/serial"
